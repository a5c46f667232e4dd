//! The names in force at one place, what is known of them, and what the place allows.

use super::facts::{Fact, Facts, Tag, blurred};
use crate::data::Type;
use crate::model::LocalId;
use crate::source::Span;
use std::sync::Arc;

/// The row whose fields bare names are.
#[derive(Debug, Clone)]
pub(super) struct Row {
    pub(super) local: LocalId,
    pub(super) ty: Type,
}

/// A bound name.
#[derive(Debug, Clone)]
pub(super) struct Bound {
    pub(super) name: Arc<str>,
    pub(super) local: LocalId,
    pub(super) ty: Type,
    /// Where it was bound, if somewhere in the text.
    pub(super) span: Option<Span>,
}

/// What kind of place an expression stands in: decides what it may read and what help says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// Anywhere without a rule of its own.
    Free,
    /// A rule of a record or the condition of a type: judged where data enters, reads no evidence.
    Rule,
    /// A param, limit or default: a constant.
    Constant,
    /// A stage of a pipeline.
    Stage,
    /// A cell of a table whose column has no type of its own.
    Cell,
    /// An `each` of a gate.
    Each,
    /// An `expect` of a gate.
    Expect,
    /// What a waiver covers: said by the policy's own text, so nothing from outside is read.
    Excused,
}

impl Place {
    /// Whether evidence must not be read here.
    pub(super) fn without_evidence(self) -> bool {
        matches!(self, Self::Rule | Self::Constant | Self::Excused)
    }

    /// Whether nothing may be read here that is known only in a run.
    pub(super) fn before_the_run(self) -> bool {
        matches!(self, Self::Constant | Self::Excused)
    }
}

/// The sample of a gate while a metric is checked: aggregates of a value of each row.
#[derive(Debug, Clone)]
pub(super) struct Sample {
    /// Names in force for the value of a row.
    pub(super) row: Box<Scope>,
    /// Whether the gate says what a missing value means (`missing ..`).
    pub(super) missing_allowed: bool,
}

/// The names in force at one place.
#[derive(Debug, Clone)]
pub(super) struct Scope {
    pub(super) row: Option<Row>,
    /// A row further out that an unnamed stage hides, and the stage's place: only for help.
    pub(super) hidden: Option<Row>,
    pub(super) bound: Vec<Bound>,
    pub(super) facts: Vec<Fact>,
    pub(super) place: Place,
    pub(super) sample: Option<Sample>,
    /// A condition that holds here has a mistake: what it proves is not known.
    pub(super) unsure: bool,
    /// What is written here is a document: `null` means something.
    pub(super) document: bool,
    /// Evidence must not be read, here and inside.
    pub(super) no_evidence: Option<Place>,
}

impl Scope {
    /// No names but the declarations.
    pub(super) fn top() -> Self {
        Self {
            row: None,
            hidden: None,
            bound: Vec::new(),
            facts: Vec::new(),
            place: Place::Free,
            sample: None,
            unsure: false,
            document: false,
            no_evidence: None,
        }
    }

    /// The same scope in another kind of place.
    pub(super) fn at(mut self, place: Place) -> Self {
        self.place = place;
        if place.without_evidence() {
            self.no_evidence = Some(place);
        }
        self
    }

    /// With this row as "the row".
    pub(super) fn with_row(&self, local: LocalId, ty: Type) -> Self {
        let mut inner = self.clone();
        inner.hidden = inner.row.take().or(inner.hidden);
        inner.row = Some(Row { local, ty });
        inner
    }

    /// Binds a name.
    pub(super) fn bind(&mut self, name: &str, local: LocalId, ty: Type, span: Option<Span>) {
        self.bound.push(Bound { name: name.into(), local, ty, span });
    }

    /// The bound name, innermost first.
    pub(super) fn bound(&self, name: &str) -> Option<&Bound> {
        self.bound.iter().rev().find(|b| &*b.name == name)
    }

    /// A scope for a metric's formula: names of `self`, and aggregates of a value of each row
    /// see `row`.
    pub(super) fn metric(mut self, row: Self, missing_allowed: bool) -> Self {
        self.sample = Some(Sample { row: Box::new(row), missing_allowed });
        self
    }

    /// From here on these facts hold; `tag` marks where they come from.
    pub(super) fn assume(&mut self, facts: &Facts, tag: Option<Tag>) {
        self.facts.extend(facts.0.iter().map(|f| Fact { tag: tag.or(f.tag), ..f.clone() }));
        if facts.1 {
            self.unsure = true;
            self.row.iter_mut().for_each(|row| row.ty = blurred(&row.ty));
            self.bound.iter_mut().for_each(|bound| bound.ty = blurred(&bound.ty));
        }
    }

    /// The same scope where these facts hold.
    #[must_use]
    pub(super) fn knowing(&self, facts: &Facts) -> Self {
        let mut inner = self.clone();
        inner.assume(facts, None);
        inner
    }
}
