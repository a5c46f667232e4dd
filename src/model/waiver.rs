//! Waivers as checked: what they excuse, how far, for how long, and who says so.

use super::{Expr, GateId, Limit, LocalId, Message, WaiverId};
use crate::data::{Num, Type};
use crate::source::Span;
use std::collections::BTreeMap;
use std::sync::Arc;

/// One `waiver` declaration.
#[derive(Debug, Clone)]
pub struct Waiver {
    /// Its id.
    pub id: WaiverId,
    /// Its id's place.
    pub span: Span,
    /// The whole declaration.
    pub whole: Span,
    /// Its `##` lines.
    pub doc: Option<Arc<str>>,
    /// The gate that it excuses.
    pub gate: GateId,
    /// The digest of that gate as a profile makes it effective (`sha256:..`): a gate that asks
    /// something else is not excused.
    pub digest: Arc<str>,
    /// What it excuses.
    pub covers: Covers,
    /// What has to hold of evidence besides.
    pub when: Option<Expr>,
    /// Why, with values of evidence.
    pub reason: Arc<Message>,
    /// Who allows it.
    pub approver: Arc<str>,
    /// Who works on it.
    pub owner: Arc<str>,
    /// Where that is tracked.
    pub ticket: Arc<str>,
    /// From when on it holds, ns since 1970, included.
    pub opened: Num,
    /// Until when it holds, ns since 1970, not included.
    pub expires: Num,
    /// Each clause's place, by its keyword.
    pub clauses: BTreeMap<Arc<str>, Span>,
}

/// What a waiver excuses. Everything else that a gate demands has to hold.
#[derive(Debug, Clone)]
pub enum Covers {
    /// `covers each where ..  at most n rows`
    Each {
        /// Which rows; all of them without.
        rows: Option<RowChoice>,
        /// How many rows of the whole gate at most.
        at_most: u64,
    },
    /// `covers threshold where ..  bound figure <= limit`
    Threshold {
        /// Which groups; all of them without.
        groups: Option<GroupChoice>,
        /// The figures, each with the worst that is excused.
        bounds: Vec<WaiverBound>,
    },
}

/// A condition on a row of the gate's scope. It reads the row, params and constants alone.
#[derive(Debug, Clone)]
pub struct RowChoice {
    /// The row.
    pub row: LocalId,
    /// The type of a row, as the gate is declared.
    pub ty: Type,
    /// What holds of the rows that are meant.
    pub condition: Expr,
}

/// A condition on the keys of a group. It reads the keys, params and constants alone.
#[derive(Debug, Clone)]
pub struct GroupChoice {
    /// The keys: their names, what stands for them, their types.
    pub keys: Vec<(Arc<str>, LocalId, Type)>,
    /// What holds of the groups that are meant.
    pub condition: Expr,
}

/// `p95 <= 2s`: the worst figure that is excused.
#[derive(Debug, Clone)]
pub struct WaiverBound {
    /// The figure's label.
    pub figure: Arc<str>,
    /// Its type, as the gate is declared.
    pub ty: Type,
    /// The bound; constants.
    pub limit: Limit,
    /// Where it stands.
    pub span: Span,
}
