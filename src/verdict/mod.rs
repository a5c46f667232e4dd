//! From figures to a verdict: GateResult, GateRun, the fold to one answer.
//!
//! Waivers: `waive` decides which failing groups are excused and what became of each waiver,
//! `waivers` holds that as data and says it in words.
//!
//! Job: what a run found, as plain values, and `evaluate`, the one road from a checked policy
//! and its evidence to a [`GateRun`]. May import: `engine`, `plan`, `model`, `stats`, `data`.
//! Deliberately absent: formats (see `report`), files, clocks.

mod certify;
mod compare;
mod conclude;
mod context;
mod evaluate;
mod fold;
mod reasons;
mod record;
mod result;
mod run_id;
mod waive;
mod waivers;

pub use crate::stats::Certainty;
pub use context::{Candidate, Context};
pub use evaluate::{EvaluateError, evaluate};
pub use reasons::CODES;
pub use result::{
    AppliedLimit, ArtifactDocument, ArtifactFile, ArtifactOutcome, ArtifactResult, ArtifactStatus, AsOfOrigin, Bound,
    Bounds, Certified, Comparison, EvidenceArtifact, FigureValue, GateResult, GateRun, GroupResult, Ledger,
    MetricResult, Miss, NamedRow, Reason, RunStatus, SampleResult, ThresholdResult, Verdict, Violation, ViolationKind,
    WorstRow,
};
pub use waivers::{CODES as WAIVER_CODES, Finding, WaiverOutcome, WaiverResult, WaiverStatus, WaiverUse};
