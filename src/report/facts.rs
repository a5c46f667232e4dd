//! Counts and summaries that several formats tell, worked out in one place.

use crate::data::{EvidenceStatus, Num};
use crate::model::{SourceKind, Waiver};
use crate::verdict::{EvidenceArtifact, GateResult, GateRun, Verdict};
use serde::Serialize;

/// Whether the status of the run depends on a gate: it is required, in the profile itself, and
/// in force.
pub(super) fn is_counted(gate: &GateResult) -> bool {
    gate.required && gate.via_needs.is_none() && gate.not_before.is_none()
}

/// How many gates there are, and verdicts of those that count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub(super) struct Counts {
    /// All gates of the run.
    pub gates: usize,
    /// Those that the status depends on.
    pub counted: usize,
    /// Counted gates by verdict.
    pub pass: usize,
    /// See `pass`.
    pub waived: usize,
    /// See `pass`.
    pub inconclusive: usize,
    /// See `pass`.
    pub blocked: usize,
    /// See `pass`.
    pub error: usize,
    /// See `pass`.
    pub fail: usize,
}

impl Counts {
    /// Counts the gates of a run.
    pub(super) fn of(run: &GateRun) -> Self {
        let mut counts = Self { gates: run.gates.len(), ..Self::default() };
        for gate in run.gates.iter().filter(|g| is_counted(g)) {
            counts.counted += 1;
            *match gate.verdict {
                Verdict::Pass => &mut counts.pass,
                Verdict::Waived => &mut counts.waived,
                Verdict::Inconclusive => &mut counts.inconclusive,
                Verdict::Blocked => &mut counts.blocked,
                Verdict::Error => &mut counts.error,
                Verdict::Fail => &mut counts.fail,
            } += 1;
        }
        counts
    }

    /// Counted gates by verdict, worst first.
    pub(super) fn by_verdict(&self) -> [(Verdict, usize); 6] {
        [
            (Verdict::Fail, self.fail),
            (Verdict::Error, self.error),
            (Verdict::Blocked, self.blocked),
            (Verdict::Inconclusive, self.inconclusive),
            (Verdict::Waived, self.waived),
            (Verdict::Pass, self.pass),
        ]
    }
}

/// The weakest kind of source among the evidence that gates have used. Evidence that does not say its
/// kind counts as the weakest of all; `None` when none was used.
pub(super) fn weakest_source(run: &GateRun) -> Option<&str> {
    let strength = |kind: &str| SourceKind::KINDS.iter().position(|k| *k == kind).unwrap_or(0);
    run.evidence
        .iter()
        .filter(|e| e.status == EvidenceStatus::Usable && !only_told(e, run))
        .map(|e| e.source.as_deref().unwrap_or(SourceKind::KINDS[0]))
        .min_by_key(|kind| strength(kind))
}

/// Whether only artifacts read an evidence: it decides nothing.
fn only_told(evidence: &EvidenceArtifact, run: &GateRun) -> bool {
    evidence.read_by.is_empty() && run.artifacts.iter().any(|a| a.evidence_refs.contains(&evidence.name))
}

/// The evidence that a gate rests on and that cannot be used.
pub(super) fn unusable_evidence<'a>(gate: &GateResult, run: &'a GateRun) -> Vec<&'a EvidenceArtifact> {
    let unusable = run.evidence.iter().filter(|e| e.status == EvidenceStatus::Unusable);
    unusable.filter(|e| gate.evidence_refs.contains(&e.name)).collect()
}

/// Nanoseconds of a day.
const DAY: i128 = 86_400_000_000_000;

/// How long a waiver has still to go, in whole days.
pub(crate) fn days_left(waiver: &Waiver, as_of: Num) -> String {
    if as_of >= waiver.expires {
        return "over".to_owned();
    }
    let days = waiver.expires.sub(as_of).and_then(|n| n.div(Num::int(DAY))).map_or(0, Num::floor);
    match days {
        0 => "less than a day left".to_owned(),
        1 => "1 day left".to_owned(),
        days => format!("{days} days left"),
    }
}
