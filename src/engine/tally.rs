//! What the engine found out about one gate, before anything is decided.
//!
//! The engine evaluates every expression of a gate; `verdict` compares and folds. Nothing here is
//! a verdict.

use crate::data::{EvidenceOutcome, Fault, Json, Num, Origin, ReadReport, Value};
use crate::model::{EvidenceId, GateDefinition, GateId, WaiverId};
use crate::registry::Figure;
use std::collections::BTreeMap;
use std::sync::Arc;

/// How many violations of a group are kept, in evidence order. All are counted.
pub const KEPT_VIOLATIONS: usize = 1_000;

/// How many of the worst rows of a metric are kept.
pub const KEPT_WORST: usize = 20;

/// Everything the engine found in one run.
#[derive(Debug)]
pub struct EngineRun {
    /// Each evidence that was read, by number.
    pub evidence: BTreeMap<EvidenceId, ReadReport>,
    /// Each gate of the run.
    pub gates: BTreeMap<GateId, GateTally>,
    /// Each artifact that was asked for.
    pub artifacts: BTreeMap<Arc<str>, ArtifactTally>,
    /// The condition of each waiver of the run: its one `expect` is broken where the condition
    /// holds, and its message is the waiver's reason.
    pub waivers: BTreeMap<WaiverId, GateTally>,
}

impl EngineRun {
    /// Which of some evidence cannot be used.
    pub fn unusable(&self, of: &[EvidenceId]) -> Vec<EvidenceId> {
        let bad = |id: &&EvidenceId| {
            self.evidence.get(*id).is_some_and(|r| matches!(r.outcome, EvidenceOutcome::Unusable { .. }))
        };
        of.iter().filter(bad).copied().collect()
    }
}

/// What became of one artifact's documents.
#[derive(Debug)]
pub struct ArtifactTally {
    /// Evidence it rests on: read by it, or by gates whose results it reads, ascending.
    pub reads: Vec<EvidenceId>,
    /// Its path, where there is one file and its name is known.
    pub path: Option<Arc<str>>,
    /// Its documents: one, or one for each row. Or why there is none.
    pub made: Result<Vec<MadeDocument>, ArtifactFault>,
}

/// One document.
#[derive(Debug, Clone)]
pub struct MadeDocument {
    /// Where it goes.
    pub path: Arc<str>,
    /// The heading of its page, if the policy says one.
    pub title: Option<String>,
    /// What the last line of its page says, if there is one.
    pub passed: Option<bool>,
    /// What is written.
    pub document: Arc<Json>,
}

/// Why an artifact has no documents.
#[derive(Debug)]
pub enum ArtifactFault {
    /// Evidence that it rests on cannot be used.
    Unusable,
    /// It reads `candidate`, and none was given.
    NoCandidate,
    /// A fault of evaluation.
    Fault(Fault),
    /// Two rows would write one file.
    SamePath {
        /// The file.
        path: Arc<str>,
        /// The first row.
        first: String,
        /// The second.
        second: String,
    },
    /// A value in the path names no file.
    NoName {
        /// The row; empty where there is none.
        row: String,
    },
    /// More rows than files are written.
    TooMany {
        /// How many there are.
        rows: usize,
        /// How many there may be.
        limit: usize,
    },
}

/// What was found about one gate.
#[derive(Debug)]
pub struct GateTally {
    /// Evidence it reads, through views, params and defs, ascending.
    pub reads: Vec<EvidenceId>,
    /// Elements of its scope's list before the scope's own filters; 0 without a scope.
    pub read: u64,
    /// One part for each group in key order; exactly one without `per` (also when the scope is
    /// empty), and one with an empty key when `per` met no row. Or why there is none: unusable
    /// evidence is told by [`Fault::EvidenceUnusable`].
    pub groups: Result<Vec<GroupTally>, Fault>,
}

/// What was found about one group of rows.
#[derive(Debug)]
pub struct GroupTally {
    /// The values of `per`; empty without.
    pub key: Vec<Value>,
    /// Rows in scope.
    pub in_scope: u64,
    /// Rows that broke an `each`.
    pub broken: u64,
    /// Rows whose metric value is missing under `missing fail`.
    pub missing: u64,
    /// Rows left out by `missing exclude`.
    pub excluded: u64,
    /// Rows that count as worst.
    pub worst: u64,
    /// Rows in the sample.
    pub sample: u64,
    /// Violations of rows, all of them.
    pub violation_count: u64,
    /// The first [`KEPT_VIOLATIONS`] of them, by row and then by clause.
    pub violations: Vec<RowViolation>,
    /// One for each waiver that excuses rows ([`crate::plan::Plan::excused`]): how many of the rows
    /// that broke an `each` it means, or why it cannot be told.
    pub excused: Vec<Result<u64, Fault>>,
    /// One for each `expect`.
    pub expects: Vec<ExpectTally>,
    /// One for each metric.
    pub metrics: Vec<MetricTally>,
    /// One for each threshold: its limit's values. One value for a comparison, low and high for
    /// a range; missing where it could not be computed.
    pub limits: Vec<Vec<Value>>,
    /// One for each threshold of a gate that decides by bounds: nothing where there is no figure
    /// or no limit.
    pub standings: Vec<Option<Standing>>,
    /// What `samples` weighs: the sample's rows, or the written weight (`None`: missing).
    pub weight: Option<Num>,
}

/// One row that does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowViolation {
    /// Position of the row among the rows of the scope, from 0, in evidence order.
    pub ordinal: u64,
    /// Which clause.
    pub clause: RowClause,
    /// Where the row comes from.
    pub origin: Option<Arc<Origin>>,
    /// The clause's message with its values; `None` where no message is written.
    pub message: Option<String>,
}

/// A clause that a row can break.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RowClause {
    /// An `each`, by number.
    Each(usize),
    /// The value of a metric, by number, is missing.
    Missing(usize),
}

/// What became of one `expect`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExpectTally {
    /// It holds.
    Holds,
    /// It does not; its message, where one is written.
    Broken(Option<String>),
    /// Not judged, because one that it leans on does not hold.
    Skipped,
}

/// One figure.
#[derive(Debug, Clone)]
pub struct MetricTally {
    /// Its value.
    pub figure: Figure,
    /// How many values it is made of.
    pub n: u64,
    /// The worst rows, worst first, where the figure is one aggregate of a value of each row
    /// and a threshold gives the direction.
    pub worst_rows: Vec<WorstValue>,
    /// Its exact bounds, where the gate decides by them.
    pub bounds: Option<BoundsTally>,
}

/// Exact bounds of a figure, each one-sided at the gate's confidence.
#[derive(Debug, Clone)]
pub struct BoundsTally {
    /// The figure of all rows is hardly lower; `None`: so few rows have no such bound.
    pub lower: Option<BoundTally>,
    /// The figure of all rows is hardly higher.
    pub upper: Option<BoundTally>,
}

/// One bound.
#[derive(Debug, Clone)]
pub struct BoundTally {
    /// For quantiles: the place of its element among the sorted ones, from 1.
    pub rank: Option<u64>,
    /// Its value.
    pub figure: Figure,
}

/// How the elements of a figure stand to a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Elements of a quantile.
    Quantile {
        /// The share that the quantile speaks of.
        share: Num,
        /// How many are less than the limit.
        less: u64,
        /// How many are at most the limit.
        at_most: u64,
    },
    /// Elements of a share.
    Ratio {
        /// How many are true.
        hits: u64,
    },
}

/// A row with its value in a metric.
#[derive(Debug, Clone)]
pub struct WorstValue {
    /// Position of the row among the rows of the scope, from 0.
    pub ordinal: u64,
    /// Where the row comes from.
    pub origin: Option<Arc<Origin>>,
    /// Its value.
    pub value: Figure,
}

/// Turns what was found about a gate into the record that `result(g)` reads. Called once for
/// each gate whose result another gate reads, in dependency order.
pub trait Judge: Sync {
    /// The record, laid out as `model::result_type` says.
    ///
    /// # Errors
    /// A gate that could not be judged makes those that read its result faults too.
    fn result(&self, gate: &GateDefinition, tally: &GateTally, run: &EngineRun) -> Result<Value, Fault>;

    /// The same record for artifacts, which tell of gates in error too.
    fn told(&self, gate: &GateDefinition, tally: &GateTally, run: &EngineRun) -> Value;
}
