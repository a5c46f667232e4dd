//! What a run found. Plain values; `report` turns them into text and JSON.

use super::{WaiverResult, WaiverUse};
use crate::data::{Digest, EvidenceFault, EvidenceFile, EvidenceStatus, Json, Num, Origin, Type, Value};
use crate::model::{CompareOp, Decide, EmptyPolicy, EvidenceId, GateId, ProfileId, WaiverId};
use crate::source::Span;
use crate::stats::Certainty;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The verdict of a gate, a part of one, or a run. In order of weight: the worst of several is
/// the greatest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// All that is demanded holds.
    Pass,
    /// It failed, and a valid waiver covers all of it.
    Waived,
    /// The sample cannot tell.
    Inconclusive,
    /// A needed gate is not satisfied.
    Blocked,
    /// It could not be judged: unusable evidence or a fault of evaluation.
    Error,
    /// Something demanded does not hold.
    Fail,
}

impl Verdict {
    /// As in reports and policies.
    pub fn word(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Waived => "waived",
            Self::Inconclusive => "inconclusive",
            Self::Blocked => "blocked",
            Self::Error => "error",
            Self::Fail => "fail",
        }
    }

    /// Whether a required gate is satisfied by it.
    pub fn satisfies(self) -> bool {
        matches!(self, Self::Pass | Self::Waived)
    }
}

/// The answer of a whole run; its exit code is `cli`'s.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunStatus {
    /// All required gates in force pass or are waived, and there is at least one.
    Pass,
    /// A required gate failed.
    Fail,
    /// Nothing failed, but it cannot be told: a required gate is inconclusive, blocked or in
    /// error, no gate is in force, or `expect gates` is not met.
    Unknown,
}

/// One orchestrated run of a profile.
#[derive(Debug, Clone)]
pub struct GateRun {
    /// The first 128 bits of SHA-256 over policy digest, profile, candidate, `as_of`, evidence
    /// digests and engine version, as 32 hexadecimal digits.
    pub run_id: Arc<str>,
    /// The policy's name.
    pub policy: Arc<str>,
    /// Digest of what the policy asks ([`crate::model::digest::PolicyDigests::policy`]).
    pub policy_digest: Digest,
    /// Digest of the policy's files: SHA-256 over their sorted lines `sha256  path`.
    pub policy_files: Digest,
    /// The profile that was run.
    pub profile: ProfileId,
    /// The instant of evaluation, ns since 1970.
    pub as_of: Num,
    /// Where `as_of` comes from.
    pub as_of_origin: AsOfOrigin,
    /// The release candidate given, if any: its fields as texts.
    pub candidate: Option<BTreeMap<Arc<str>, Arc<str>>>,
    /// Kinds of source that count.
    pub sources: Vec<Arc<str>>,
    /// The answer.
    pub status: RunStatus,
    /// Why the status is what it is, beyond the gates: `expect gates` unmet, nothing in force.
    pub reasons: Vec<Reason>,
    /// Results by gate id.
    pub gates: Vec<GateResult>,
    /// Evidence read, by name.
    pub evidence: Vec<EvidenceArtifact>,
    /// Artifacts that were asked for, by name.
    pub artifacts: Vec<ArtifactResult>,
    /// Every waiver of the policy, by id.
    pub waivers: Vec<WaiverResult>,
}

/// An artifact: what is to be written, and what became of it.
#[derive(Debug, Clone)]
pub struct ArtifactResult {
    /// Its name.
    pub name: Arc<str>,
    /// Its name's place.
    pub span: Span,
    /// Its path, where there is one file and its name is known.
    pub path: Option<Arc<str>>,
    /// Its path with `*` for each value.
    pub pattern: Arc<str>,
    /// Whether it has a file for each row.
    pub many: bool,
    /// Whether there is a page beside each document.
    pub page: bool,
    /// Fields that each of its documents has: by them those of earlier runs are told from other files.
    pub fields: Vec<Arc<str>>,
    /// Names of the evidence it rests on.
    pub evidence_refs: Vec<Arc<str>>,
    /// Its documents, or why there are none.
    pub outcome: ArtifactOutcome,
    /// Its files, once somebody has written them; a document's page follows it.
    pub files: Vec<ArtifactFile>,
}

/// The documents of an artifact.
#[derive(Debug, Clone)]
pub enum ArtifactOutcome {
    /// They were made.
    Made(Vec<ArtifactDocument>),
    /// What it is made of cannot be used, so it is not written.
    Withheld(Reason),
    /// It could not be made.
    Failed(Reason),
}

/// One document.
#[derive(Debug, Clone)]
pub struct ArtifactDocument {
    /// Where it goes, below the root of artifacts.
    pub path: Arc<str>,
    /// The heading of its page.
    pub title: String,
    /// What the last line of its page says, if there is a page.
    pub passed: Option<bool>,
    /// What is written.
    pub document: Arc<Json>,
}

/// One file of an artifact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArtifactFile {
    /// Its path below the root of artifacts; a pattern where no file of many was made.
    pub path: Arc<str>,
    /// What became of it.
    pub status: ArtifactStatus,
    /// SHA-256 of what was written.
    pub sha256: Option<Digest>,
    /// Why it was not written.
    pub reason: Option<Reason>,
}

/// What became of a file of an artifact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ArtifactStatus {
    /// It was written.
    Written,
    /// It was not, because what it is made of cannot be used.
    Withheld,
    /// It should have been and could not.
    Failed,
    /// It is of an earlier run and was removed, because this run has none in its place.
    Removed,
}

impl ArtifactStatus {
    /// In reports.
    pub fn word(self) -> &'static str {
        match self {
            Self::Written => "written",
            Self::Withheld => "withheld",
            Self::Failed => "failed",
            Self::Removed => "removed",
        }
    }
}

/// Where the instant of evaluation comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AsOfOrigin {
    /// `--as-of`.
    Flag,
    /// The run file.
    RunFile,
    /// The clock, once at start.
    Clock,
}

/// A sentence with a code that says why something is as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// A stable code.
    pub code: &'static str,
    /// In words.
    pub message: String,
    /// Where in the policy, if somewhere.
    pub span: Option<Span>,
}

/// An evidence as judged.
#[derive(Debug, Clone)]
pub struct EvidenceArtifact {
    /// Its name in the policy.
    pub name: Arc<str>,
    /// Its number in the policy.
    pub id: EvidenceId,
    /// Usable, absent and excused, or unusable.
    pub status: EvidenceStatus,
    /// Path or pattern as the policy (or an override) says it.
    pub path: Arc<str>,
    /// Files judged.
    pub files: Vec<EvidenceFile>,
    /// Digest of the whole (see [`crate::data::ReadReport::digest`]).
    pub digest: Option<Digest>,
    /// Rows read (1 for a document).
    pub rows: u64,
    /// Schema version found.
    pub schema_version: Option<Arc<str>>,
    /// The instant its freshness goes by, ns since 1970.
    pub fresh_at: Option<Num>,
    /// `as_of` minus that instant, ns.
    pub age: Option<Num>,
    /// The greatest age allowed, ns; `None` for `fresh any`.
    pub max_age: Option<Num>,
    /// Kind of source (the weakest found).
    pub source: Option<Arc<str>>,
    /// Values of `lenient` fields that could not be read, by field.
    pub unreadable: BTreeMap<Arc<str>, u64>,
    /// Why it cannot be used: the first hundred.
    pub faults: Vec<EvidenceFault>,
    /// How many faults there are in all.
    pub fault_count: u64,
    /// Gates of the run that read it, by id.
    pub read_by: Vec<GateId>,
}

/// The result of one gate.
#[derive(Debug, Clone)]
pub struct GateResult {
    /// Which gate.
    pub gate_id: GateId,
    /// Digest of what it asks, as the profile makes it effective.
    pub gate_digest: Digest,
    /// Its title, if it has one.
    pub title: Option<Arc<str>>,
    /// Its owner, if it has one.
    pub owner: Option<Arc<str>>,
    /// Requirement ids.
    pub refs: Vec<Arc<str>>,
    /// What to do when it fails.
    pub fix: Option<Arc<str>>,
    /// Where it is declared.
    pub span: Span,
    /// Whether the run depends on it.
    pub required: bool,
    /// Only evaluated because this gate needs it.
    pub via_needs: Option<GateId>,
    /// Not counted before this instant, ns since 1970; set only while it lies ahead of `as_of`.
    pub not_before: Option<Num>,
    /// How its figures are compared. A confidence is that of each group and each threshold by
    /// itself; it is not corrected for how many there are.
    pub decide: Decide,
    /// Its verdict.
    pub verdict: Verdict,
    /// Why, beyond violations and thresholds: unusable evidence, faults, empty population, too
    /// few samples, gates it waits for.
    pub reasons: Vec<Reason>,
    /// Needed gates that are not satisfied.
    pub blocked_by: Vec<GateId>,
    /// Names of the evidence it rests on, through views, by name.
    pub evidence_refs: Vec<Arc<str>>,
    /// Names of the keys of `per`; empty without.
    pub group_keys: Vec<Arc<str>>,
    /// One part for each group by key order; exactly one without `per`. Empty when the gate
    /// could not be judged at all.
    pub groups: Vec<GroupResult>,
    /// Rows of its scope before splitting and all that happened to them.
    pub ledger: Ledger,
    /// All violations counted exactly, over all groups.
    pub violation_count: u64,
    /// What it would be without waivers, where that is something else.
    pub would_be: Option<Verdict>,
    /// The waivers that could have excused it, by id, and what came of each.
    pub waivers: Vec<WaiverUse>,
}

/// The part of a gate's result that belongs to one group.
#[derive(Debug, Clone)]
pub struct GroupResult {
    /// The group's keys with their types; empty without `per`.
    pub key: Vec<(Value, Type)>,
    /// The group's verdict.
    pub verdict: Verdict,
    /// Why, beyond violations and thresholds.
    pub reasons: Vec<Reason>,
    /// What happened to the group's rows.
    pub ledger: Ledger,
    /// The figures, in clause order.
    pub metrics: Vec<MetricResult>,
    /// The comparisons, in clause order.
    pub thresholds: Vec<ThresholdResult>,
    /// `samples`, if written.
    pub samples: Option<SampleResult>,
    /// All violations counted exactly.
    pub violation_count: u64,
    /// The first 1,000 in evidence order (then clause order), rows first, then `expect`, the
    /// cap of `missing exclude`, figures, in clause order.
    pub violations: Vec<Violation>,
    /// What an empty population meant, if it was empty.
    pub empty: Option<EmptyPolicy>,
    /// What it would be if none of its violations were there.
    pub besides: Verdict,
    /// The waiver that excuses it, where it is waived.
    pub waiver: Option<WaiverId>,
}

/// Attrition: what happened to the rows, each counted once. `read = filtered + in_scope` when
/// the scope filters rows of evidence; `in_scope = broken + missing + excluded + sample`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Ledger {
    /// Elements of the list before the filters of the scope's own pipeline; for a part of `per`
    /// the same as `in_scope`.
    pub read: u64,
    /// Elements in scope.
    pub in_scope: u64,
    /// Rows that broke an `each`.
    pub broken: u64,
    /// Rows whose metric value is missing, where `missing fail` says so.
    pub missing: u64,
    /// Rows left out by `missing exclude`.
    pub excluded: u64,
    /// Rows that count as worst by `missing worst` (they are in the sample).
    pub worst: u64,
    /// Rows in the sample.
    pub sample: u64,
}

/// A figure of a metric.
#[derive(Debug, Clone)]
pub struct MetricResult {
    /// Its label.
    pub label: Arc<str>,
    /// The formula as written.
    pub formula: Arc<str>,
    /// The type of the figure, without `?`.
    pub ty: Type,
    /// The figure.
    pub value: FigureValue,
    /// Its exact bounds, where the gate decides by them and there is a figure.
    pub bounds: Option<Bounds>,
    /// How many values it is made of.
    pub n: u64,
    /// Only shown, without a threshold.
    pub shown: bool,
    /// Where the clause stands.
    pub span: Span,
    /// The rows with the worst values (at most 20, worst first), where the figure is one
    /// aggregate of a value of each row and a threshold gives the direction.
    pub worst_rows: Vec<WorstRow>,
}

/// Exact bounds of the figure of all the rows that a sample was drawn from. Each is one-sided:
/// it is wrong with the rest of the confidence at most.
#[derive(Debug, Clone)]
pub struct Bounds {
    /// Between 1/2 and 1.
    pub confidence: Num,
    /// The figure of all rows is at least this; `None`: so few rows have no such bound.
    pub lower: Option<Bound>,
    /// The figure of all rows is at most this.
    pub upper: Option<Bound>,
}

/// One bound.
#[derive(Debug, Clone)]
pub struct Bound {
    /// For quantiles: the place of its value among the sorted ones of the sample, from 1.
    pub rank: Option<u64>,
    /// Its value; that of a ratio is rounded outwards, to nine digits.
    pub value: FigureValue,
}

/// The value of a figure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FigureValue {
    /// It could be computed.
    Value(Value),
    /// There was nothing to compute it from.
    Missing,
    /// Rows that count as worst took it above everything.
    Above,
    /// Rows that count as worst took it below everything.
    Below,
}

/// A row and its value in a metric.
#[derive(Debug, Clone)]
pub struct WorstRow {
    /// The row.
    pub row: NamedRow,
    /// Its value.
    pub value: FigureValue,
}

/// How to find a row again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedRow {
    /// Position among the rows of the scope, from 0, in evidence order.
    pub ordinal: u64,
    /// Where it comes from, if it is or derives from a row of evidence.
    pub origin: Option<Arc<Origin>>,
}

/// One comparison of a figure with a limit.
#[derive(Debug, Clone)]
pub struct ThresholdResult {
    /// Label of the figure.
    pub figure: Arc<str>,
    /// The limit with its values filled in.
    pub limit: AppliedLimit,
    /// The outcome for the figure itself.
    pub comparison: Comparison,
    /// What is certain, where the gate decides by bounds and there is a figure and a limit.
    pub certified: Option<Certified>,
    /// How far the figure is on the good side (negative: on the bad side), in the figure's
    /// type; for a range the distance to the nearer end. Missing when it cannot be computed.
    pub slack: Option<Num>,
    /// Where the clause stands.
    pub span: Span,
}

impl ThresholdResult {
    /// Whether it is missed, as the gate decides.
    pub fn is_missed(&self) -> bool {
        match &self.certified {
            Some(certified) => certified.certainty == Certainty::Misses,
            None => self.comparison == Comparison::NotMet,
        }
    }

    /// Whether an upper bound certifies that it is met (and a lower one that it is missed).
    pub fn asks_upper(&self) -> bool {
        matches!(&self.limit, AppliedLimit::Compare { op: CompareOp::AtMost | CompareOp::Less, .. })
    }

    /// Whether the sample cannot tell, though there is a figure.
    pub fn is_open(&self) -> bool {
        self.certified.as_ref().is_some_and(|c| c.certainty == Certainty::Open)
    }
}

/// What a sample says of a limit, beyond its figure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certified {
    /// Between 1/2 and 1.
    pub confidence: Num,
    /// The outcome.
    pub certainty: Certainty,
    /// What a miss is.
    pub miss: Miss,
    /// Rows of the sample that are on the wrong side of the limit.
    pub misses: u64,
    /// The share of all rows that may be there.
    pub allowed: Num,
    /// With so many misses at most, a sample of this size certifies that the limit is met;
    /// `None`: it is too small even without one.
    pub most_misses: Option<u64>,
    /// With so many misses at least, it certifies that the limit is missed.
    pub least_misses: Option<u64>,
    /// How many rows in all would certify that the limit is met, if none of those to come is a
    /// miss. Set where the outcome is open; `None` there: no number of rows would.
    pub rows_needed: Option<u64>,
}

/// On which side of a limit a row is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Miss {
    /// Of `<=`.
    Above,
    /// Of `<`.
    NotBelow,
    /// Of `>=`.
    Below,
    /// Of `>`.
    NotAbove,
    /// A share that should be high: what it asks is not true of the row.
    Untrue,
    /// A share that should be low: what it asks is true of the row.
    True,
}

/// A limit with its values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AppliedLimit {
    /// `<= value`
    Compare {
        /// The sign.
        op: CompareOp,
        /// The limit; missing where it could not be computed.
        value: Value,
    },
    /// `in low..high`
    Range {
        /// Lower end.
        low: Value,
        /// Upper end.
        high: Value,
    },
}

/// The outcome of a comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// The figure meets the limit.
    Met,
    /// It does not.
    NotMet,
    /// There is no figure or no limit.
    NoFigure,
}

/// What `samples` asked and found.
#[derive(Debug, Clone)]
pub struct SampleResult {
    /// What there was: rows, or the weight's value.
    pub found: Num,
    /// The least that decides.
    pub least: u64,
    /// Whether it was reached.
    pub reached: bool,
}

/// One thing demanded that does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// What kind of thing.
    pub kind: ViolationKind,
    /// In words: the clause's message with its values, or words of ours.
    pub message: String,
    /// The row, for violations of a row.
    pub row: Option<NamedRow>,
    /// The clause that demands it.
    pub span: Span,
}

/// What kind of thing does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ViolationKind {
    /// An `each`, by number.
    Each(usize),
    /// A missing row value under `missing fail`, by the metric's number.
    MissingValue(usize),
    /// An `expect`, by number.
    Expect(usize),
    /// More rows excluded than `missing exclude at most` allows.
    ExcludedTooMany,
    /// A `threshold`, by number.
    Threshold(usize),
    /// `when empty fail`.
    Empty,
}

impl ViolationKind {
    /// In JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Each(_) => "each",
            Self::MissingValue(_) => "missing",
            Self::Expect(_) => "expect",
            Self::ExcludedTooMany => "exclude",
            Self::Threshold(_) => "threshold",
            Self::Empty => "empty",
        }
    }
}
