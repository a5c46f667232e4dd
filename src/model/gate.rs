//! Gates as checked: the fold of one gate, clause by clause.

use super::{CompareOp, Expr, GateId, LocalId, Message, SiteId};
use crate::data::{Num, Type};
use crate::registry::Function;
use crate::source::Span;
use std::collections::BTreeMap;
use std::sync::Arc;

/// One `gate` declaration.
///
/// **Rows in scope.** Row-level expressions (`each`, `per`, the values of row aggregates) see one
/// element of the scope as `scope.row`. Sample-level expressions (`expect`, metric figures, limits,
/// samples) see the list of the sample as `rows`, and the keys of `per` as their locals.
#[derive(Debug, Clone)]
pub struct GateDefinition {
    /// Its id.
    pub id: GateId,
    /// Its id's place.
    pub span: Span,
    /// The whole declaration.
    pub whole: Span,
    /// Its `##` lines.
    pub doc: Option<Arc<str>>,
    /// What it is called in reports.
    pub title: Option<Arc<str>>,
    /// Who answers for it.
    pub owner: Option<Arc<str>>,
    /// Requirement ids it stands for.
    pub refs: Vec<Arc<str>>,
    /// What to do when it fails.
    pub fix: Option<Arc<str>>,
    /// Stages that take it.
    pub stage: Vec<Arc<str>>,
    /// Whether a run depends on it.
    pub required: bool,
    /// Gates that must pass before it can count.
    pub needs: Vec<GateId>,
    /// Its population; without one it judges documents by `expect` alone.
    pub scope: Option<Scope>,
    /// The sample as a list, for sample-level expressions.
    pub rows: LocalId,
    /// Keys that split the population.
    pub per: Vec<GroupKey>,
    /// Conditions on each row, in order.
    pub each: Vec<EachClause>,
    /// Figures, in order.
    pub metrics: Vec<Metric>,
    /// Limits, in order.
    pub thresholds: Vec<Threshold>,
    /// Conditions on the sample or on documents, in order.
    pub expect: Vec<ExpectClause>,
    /// The least sample that decides.
    pub samples: Option<Samples>,
    /// What a missing row value means.
    pub missing: Option<MissingPolicy>,
    /// What an empty population means.
    pub when_empty: EmptyPolicy,
    /// How figures are compared.
    pub decide: Decide,
    /// Whether a waiver may excuse it.
    pub waivable: bool,
    /// Rows that waivers excuse: conditions over `scope.row`. Empty in a policy; the planner hangs
    /// those of a run on its gates.
    pub excused: Vec<Expr>,
    /// The instant (ns since 1970) before which its verdict does not count.
    pub effective_from: Option<Num>,
    /// Each written clause's place, by its keyword (`title`, `when empty`, ..); repeatable
    /// clauses are in their own lists.
    pub clauses: BTreeMap<Arc<str>, Span>,
}

/// The population of a gate.
#[derive(Debug, Clone)]
pub struct Scope {
    /// The list; its filters are in the pipeline.
    pub list: Expr,
    /// One element of it.
    pub row: LocalId,
    /// Where the clause stands.
    pub span: Span,
}

/// One key of `per`.
#[derive(Debug, Clone)]
pub struct GroupKey {
    /// Its name: the field's, or a text of the expression.
    pub name: Arc<str>,
    /// The key of a row.
    pub value: Expr,
    /// The group's key in sample-level expressions.
    pub local: LocalId,
}

/// `each condition else ".."`
#[derive(Debug, Clone)]
pub struct EachClause {
    /// What must hold of the row.
    pub condition: Expr,
    /// What to say when it does not. Where the condition is a `no` or an `every`, it may read the
    /// variable: the first element that decides.
    pub message: Option<Arc<Message>>,
    /// Earlier `each` clauses (by number) that its typing leans on: where one of these is
    /// broken, this one is not judged.
    pub leans_on: Vec<usize>,
    /// Where the clause stands.
    pub span: Span,
}

/// `expect condition else ".."`
#[derive(Debug, Clone)]
pub struct ExpectClause {
    /// What must hold.
    pub condition: Expr,
    /// What to say when it does not. Where the condition is a `no` or an `every`, it may read the
    /// variable: the first element that decides.
    pub message: Option<Arc<Message>>,
    /// Earlier `expect` clauses (by number) that its typing leans on.
    pub leans_on: Vec<usize>,
    /// Where the clause stands.
    pub span: Span,
}

/// `metric formula as label shown`
#[derive(Debug, Clone)]
pub struct Metric {
    /// Its label: written, or the aggregate's name.
    pub label: Arc<str>,
    /// The formula over the sample; [`super::ExprKind::RowAggregate`] stands for the
    /// aggregates of each row.
    pub figure: Expr,
    /// Aggregates of a value of each row of the sample.
    pub row_aggregates: Vec<RowAggregate>,
    /// A figure without a threshold, on purpose.
    pub shown: bool,
    /// The formula as written.
    pub source: Arc<str>,
    /// Where the clause stands.
    pub span: Span,
}

/// An aggregate of a value of each row: `p95(a - b)`.
#[derive(Debug, Clone)]
pub struct RowAggregate {
    /// Its site.
    pub site: SiteId,
    /// The aggregate.
    pub function: Arc<Function>,
    /// Arguments before the value; constant.
    pub arguments: Vec<Expr>,
    /// The value of a row, over `scope.row`; may be missing where the gate says `missing ..`.
    pub value: Expr,
    /// The type of its result.
    pub ty: Type,
}

/// `threshold figure <= limit`
#[derive(Debug, Clone)]
pub struct Threshold {
    /// Which metric, by number.
    pub metric: usize,
    /// The limit; sample-level expressions.
    pub limit: Limit,
    /// Where the clause stands.
    pub span: Span,
}

/// What a figure is compared with.
#[derive(Debug, Clone)]
pub enum Limit {
    /// `<= x`
    Compare {
        /// The sign.
        op: CompareOp,
        /// The limit.
        value: Expr,
    },
    /// `in low..high`, both ends included.
    Range {
        /// Lower end.
        low: Expr,
        /// Upper end.
        high: Expr,
    },
}

/// `samples weight >= n`
#[derive(Debug, Clone)]
pub struct Samples {
    /// The weight of the sample; the number of its rows when none is written.
    pub weight: Option<Expr>,
    /// The least that decides.
    pub least: u64,
    /// Where the clause stands.
    pub span: Span,
}

/// What a missing value of a row means for the figures.
#[derive(Debug, Clone)]
pub enum MissingPolicy {
    /// A violation; the row leaves the sample.
    Fail,
    /// It counts as the worst value for the threshold's direction.
    Worst,
    /// The row leaves the sample; more than this share of it is a violation.
    Exclude {
        /// The greatest share.
        at_most: Num,
    },
}

/// What an empty population means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EmptyPolicy {
    /// Nothing to look at is fine.
    Pass,
    /// Something had to be there.
    Fail,
    /// It cannot be told (also when nothing is written).
    Inconclusive,
}

/// How a figure is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decide {
    /// The figure itself.
    Point,
    /// Its exact bound at this confidence.
    Certified {
        /// Between 0 and 1.
        confidence: Num,
    },
}
