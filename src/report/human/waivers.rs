//! Waivers: what excuses a gate, and what has to be done about waivers.

use super::super::facts::days_left;
use super::super::layout::{Column, Page, Paint, Side, Table, cell};
use super::super::values::instant_text;
use super::plural;
use crate::source::SourceMap;
use crate::verdict::{GateResult, GateRun, WaiverOutcome, WaiverStatus};

/// Waivers shown; the JSON report has all of them.
const SHOWN: usize = 50;

/// Under a gate: who excuses it, why, and what it would be otherwise.
pub(super) fn write_uses(page: &mut Page, gate: &GateResult, run: &GateRun) {
    for used in gate.waivers.iter().filter(|u| u.outcome == WaiverOutcome::Applied) {
        let waiver = &used.waiver;
        let without = gate.would_be.map(|v| format!(" (else {})", v.word())).unwrap_or_default();
        let text = used.reason.as_deref().unwrap_or_default();
        page.paragraph((&format!("  waived by {}{without}: ", waiver.id), Paint::Doubt), text, Paint::Plain, 4);
        let facts = [
            format!("approver {}", waiver.approver),
            format!("owner {}", waiver.owner),
            format!("ticket {}", waiver.ticket),
            format!("until {} ({})", instant_text(waiver.expires), days_left(waiver, run.as_of)),
        ];
        page.paragraph(("    ", Paint::Plain), &facts.join(" · "), Paint::Faint, 4);
    }
}

/// All waivers of the policy, and what is to be done about them.
pub(super) fn write(page: &mut Page, run: &GateRun, sources: &SourceMap) {
    if run.waivers.is_empty() {
        return;
    }
    page.heading("Waivers");
    let mut table = Table::new(&[
        Column { title: "status", side: Side::Left, limit: 14 },
        Column { title: "waiver", side: Side::Left, limit: 40 },
        Column { title: "gate", side: Side::Left, limit: 40 },
        Column { title: "until", side: Side::Left, limit: 24 },
        Column { title: "left", side: Side::Right, limit: 16 },
    ]);
    for result in run.waivers.iter().take(SHOWN) {
        let waiver = &result.waiver;
        let paint = match (&result.finding, result.status) {
            (Some(finding), _) if finding.is_error => Paint::Bad,
            (Some(_), _) | (None, WaiverStatus::Applied) => Paint::Doubt,
            (None, _) => Paint::Plain,
        };
        table.row(vec![
            cell(result.status.word().replace('_', " "), paint),
            cell(waiver.id.as_str(), Paint::Strong),
            cell(waiver.gate.as_str(), Paint::Plain),
            cell(instant_text(waiver.expires), Paint::Plain),
            cell(days_left(waiver, run.as_of), Paint::Plain),
        ]);
    }
    table.write(page);
    let more = run.waivers.len().saturating_sub(SHOWN);
    if more > 0 {
        page.line(&[(&format!("  and {}", plural(more as u64, "more waiver", "more waivers")), Paint::Faint)]);
    }
    for finding in run.waivers.iter().take(SHOWN).filter_map(|w| w.finding.as_ref()) {
        let (word, paint) = if finding.is_error { ("error", Paint::Bad) } else { ("warning", Paint::Doubt) };
        let place = finding.reason.span.map(|s| sources.place(s)).map(|(file, line, _)| format!("{file}:{line}: "));
        let text = format!("{}{} [{}]", place.unwrap_or_default(), finding.reason.message, finding.reason.code);
        page.paragraph((&format!("  {word}  "), paint), &text, Paint::Plain, 4);
    }
}
