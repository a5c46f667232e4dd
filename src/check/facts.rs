//! What conditions prove about paths of fields and bound names: that they are present, that they
//! can be read as a type, that a list is not empty.

use crate::data::Type;
use crate::model::{EvidenceId, GateId, LetId, LocalId, ParamId, Shape};
use std::sync::Arc;

/// Marks the clause that a fact comes from, such as the number of an `each`.
pub(super) type Tag = usize;

/// Where a path begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Root {
    Local(LocalId),
    Let(LetId),
    Param(ParamId),
    Evidence(EvidenceId),
    Candidate,
    Result(GateId),
}

/// A bound name or declaration and the fields taken from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Path {
    pub(super) root: Root,
    pub(super) fields: Vec<Arc<str>>,
}

/// What is known of a path.
#[derive(Debug, Clone)]
pub(super) enum Proof {
    /// It is there.
    Present,
    /// It is there and can be read as this.
    Is(Arc<Shape>, Type),
    /// It is there and is a list that holds something.
    Nonempty,
}

/// One thing that is known.
#[derive(Debug, Clone)]
pub(super) struct Fact {
    pub(super) path: Path,
    pub(super) proof: Proof,
    /// The clause that proves it, if somebody asks.
    pub(super) tag: Option<Tag>,
}

/// What a condition proves where it holds.
#[derive(Debug, Clone, Default)]
pub(super) struct Facts(pub(super) Vec<Fact>);

impl Facts {
    /// Both sets.
    pub(super) fn and(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }
}
