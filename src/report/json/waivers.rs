//! Waivers in the machine report.

use super::{Place, ReasonJson, marked, one_line, place, reason};
use crate::model::Covers;
use crate::report::values::instant_text;
use crate::source::SourceMap;
use crate::verdict::{GateResult, GateRun, WaiverOutcome, WaiverResult, WaiverStatus};
use serde::Serialize;

#[derive(Serialize)]
pub(super) struct WaiverJson<'a> {
    id: &'a str,
    gate_id: &'a str,
    status: &'static str,
    digest: String,
    r#for: &'a str,
    covers: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    bound: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    at_most_rows: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    when: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    approver: &'a str,
    owner: &'a str,
    ticket: &'a str,
    opened: String,
    expires: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    would_be: Option<&'static str>,
    evidence: Vec<ReadJson<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    finding: Option<FindingJson<'a>>,
    place: Place,
}

/// Evidence that a waiver's condition or reason rests on.
#[derive(Serialize)]
struct ReadJson<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    sha256: Option<String>,
}

#[derive(Serialize)]
struct FindingJson<'a> {
    severity: &'static str,
    #[serde(flatten)]
    reason: ReasonJson<'a>,
}

pub(super) fn waivers<'a>(run: &'a GateRun, sources: &SourceMap) -> Vec<WaiverJson<'a>> {
    run.waivers.iter().map(|w| waiver(w, run, sources)).collect()
}

fn waiver<'a>(result: &'a WaiverResult, run: &'a GateRun, sources: &SourceMap) -> WaiverJson<'a> {
    let waiver = &result.waiver;
    // A clause as it is written, without its first word.
    let clause = |word: &str| {
        let text = one_line(sources.slice(*waiver.clauses.get(word)?));
        Some(text.strip_prefix(word).unwrap_or(&text).trim().to_owned())
    };
    // Gates are in the order of their ids.
    let gate = run.gates.binary_search_by(|g| g.gate_id.cmp(&waiver.gate)).ok().and_then(|at| run.gates.get(at));
    WaiverJson {
        id: waiver.id.as_str(),
        gate_id: waiver.gate.as_str(),
        status: result.status.word(),
        digest: marked(result.digest),
        r#for: &waiver.digest,
        covers: clause("covers").unwrap_or_default(),
        bound: clause("bound"),
        at_most_rows: match waiver.covers {
            Covers::Each { at_most, .. } => Some(at_most),
            Covers::Threshold { .. } => None,
        },
        when: clause("when"),
        reason: result.reason.as_deref(),
        approver: &waiver.approver,
        owner: &waiver.owner,
        ticket: &waiver.ticket,
        opened: instant_text(waiver.opened),
        expires: instant_text(waiver.expires),
        would_be: match result.status {
            WaiverStatus::Applied => gate.and_then(|g| g.would_be).map(|v| v.word()),
            _ => None,
        },
        evidence: result
            .evidence
            .iter()
            .map(|(name, digest)| ReadJson { name, sha256: digest.map(|d| d.to_string()) })
            .collect(),
        finding: result.finding.as_ref().map(|f| FindingJson {
            severity: if f.is_error { "error" } else { "warning" },
            reason: reason(&f.reason, sources),
        }),
        place: place(waiver.span, sources),
    }
}

/// The waivers that excuse a gate or groups of it.
pub(super) fn waived_by(gate: &GateResult) -> Vec<&str> {
    let applied = gate.waivers.iter().filter(|u| u.outcome == WaiverOutcome::Applied);
    applied.map(|u| u.waiver.id.as_str()).collect()
}
