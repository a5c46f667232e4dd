//! One block for each gate that is not satisfied: which rule, which rows, why, what to do.

use super::super::facts::{is_counted, unusable_evidence};
use super::super::layout::{Page, Paint};
use super::super::values::{figure_text, instant_text};
use super::gates::{group_name, row_place};
use super::{names, plural, verdict_cell};
use crate::source::{SourceMap, Span};
use crate::verdict::{
    GateResult, GateRun, GroupResult, Ledger, MetricResult, NamedRow, Reason, Verdict, Violation, ViolationKind,
};
use std::collections::BTreeMap;

/// The code of a gate's reason that it waits for others.
const BLOCKED: &str = "rspp::verdict::blocked";
/// The code of a gate's reason that evidence cannot be used.
const UNUSABLE: &str = "rspp::verdict::unusable-evidence";
/// Blocks shown; the tables above have every gate.
const GATES_SHOWN: usize = 25;
/// Clauses shown for one gate or group.
const CLAUSES_SHOWN: usize = 12;
/// Rows shown for one clause.
const ROWS_SHOWN: usize = 5;
/// Worst rows shown for a figure that misses its limit.
const WORST_ROWS_SHOWN: usize = 3;
/// Groups shown for one gate.
const GROUPS_SHOWN: usize = 5;
/// Characters of a message that are shown.
const MESSAGE_SHOWN: usize = 400;
/// Characters of a clause's text that are shown.
const CLAUSE_SHOWN: usize = 160;

/// Writes the blocks: gates that count first, worst first.
pub(super) fn write(page: &mut Page, run: &GateRun, sources: &SourceMap) {
    let mut gates: Vec<&GateResult> = run
        .gates
        .iter()
        .filter(|g| !g.verdict.satisfies() || g.verdict == Verdict::Waived)
        .filter(|g| !told_with_evidence(g, run))
        .collect();
    gates.sort_by(|a, b| (is_counted(b), b.verdict, &a.gate_id).cmp(&(is_counted(a), a.verdict, &b.gate_id)));
    for gate in gates.iter().take(GATES_SHOWN) {
        block(page, gate, run, sources);
    }
    let more = gates.len().saturating_sub(GATES_SHOWN);
    if more > 0 {
        page.blank();
        page.line(&[(&format!("and {more} more gates that are not satisfied"), Paint::Faint)]);
    }
}

/// Whether all there is to say of a gate is said once, with the evidence it cannot use.
fn told_with_evidence(gate: &GateResult, run: &GateRun) -> bool {
    gate.verdict == Verdict::Error
        && gate.groups.is_empty()
        && gate.reasons.iter().all(|r| r.code == UNUSABLE)
        && !unusable_evidence(gate, run).is_empty()
}

fn block(page: &mut Page, gate: &GateResult, run: &GateRun, sources: &SourceMap) {
    let (word, paint) = verdict_cell(gate.verdict);
    page.blank();
    let title = gate.title.as_deref().map(|t| format!("  {t}")).unwrap_or_default();
    page.paragraph((&format!("{word}  "), paint), &format!("{}{title}", gate.gate_id), Paint::Strong, 6);
    let mut facts = vec![place(gate.span, sources)];
    facts.extend(gate.owner.as_deref().map(|o| format!("owner {o}")));
    facts.extend((!gate.refs.is_empty()).then(|| format!("refs {}", names(gate.refs.iter().map(|r| &**r), 8))));
    facts.extend((!gate.required).then(|| "advisory: not counted".to_owned()));
    facts.extend(gate.via_needs.as_ref().map(|by| format!("only needed by {by}")));
    facts.extend(gate.not_before.map(|t| format!("in force from {}", instant_text(t))));
    page.paragraph(("  ", Paint::Plain), &facts.join(" · "), Paint::Faint, 2);
    super::waivers::write_uses(page, gate, run);
    // What a gate waits for is told below, with the verdicts.
    for reason in gate.reasons.iter().filter(|r| gate.blocked_by.is_empty() || r.code != BLOCKED) {
        write_reason(page, reason, sources, 2);
    }
    if !gate.blocked_by.is_empty() {
        let waits: Vec<String> = gate
            .blocked_by
            .iter()
            .map(|id| match run.gates.iter().find(|g| g.gate_id == *id) {
                Some(g) => format!("{id} ({})", g.verdict.word()),
                None => id.to_string(),
            })
            .collect();
        page.paragraph(("  ", Paint::Plain), &format!("waits for {}", waits.join(", ")), Paint::Plain, 4);
    }
    if gate.group_keys.is_empty() {
        for group in &gate.groups {
            part(page, gate, group, sources, 2);
        }
    } else {
        groups(page, gate, sources);
    }
    if gate.ledger != Ledger::default() {
        page.paragraph(("  rows: ", Paint::Faint), &ledger(&gate.ledger), Paint::Plain, 8);
    }
    if !gate.evidence_refs.is_empty() {
        let text = names(gate.evidence_refs.iter().map(|e| &**e), 12);
        page.paragraph(("  rests on: ", Paint::Faint), &text, Paint::Plain, 12);
    }
    if let Some(fix) = &gate.fix {
        page.paragraph(("  fix: ", Paint::Faint), fix, Paint::Plain, 7);
    }
}

fn groups(page: &mut Page, gate: &GateResult, sources: &SourceMap) {
    let mut bad: Vec<&GroupResult> = gate.groups.iter().filter(|g| g.verdict != Verdict::Pass).collect();
    bad.sort_by_key(|g| std::cmp::Reverse(g.verdict));
    for group in bad.iter().take(GROUPS_SHOWN) {
        let (word, paint) = verdict_cell(group.verdict);
        let by = group.waiver.as_ref().map(|w| format!(" (by {w})")).unwrap_or_default();
        page.paragraph((&format!("  {word}  "), paint), &format!("{}{by}", group_name(gate, group)), Paint::Strong, 6);
        part(page, gate, group, sources, 4);
    }
    let more = bad.len().saturating_sub(GROUPS_SHOWN);
    if more > 0 {
        page.line(&[(
            &format!("  and {} not satisfied", plural(more as u64, "more group", "more groups")),
            Paint::Faint,
        )]);
    }
}

/// What is wrong in one group, or in the whole of a gate without groups.
fn part(page: &mut Page, gate: &GateResult, group: &GroupResult, sources: &SourceMap, indent: usize) {
    let margin = " ".repeat(indent);
    for reason in group.reasons.iter().filter(|r| !gate.reasons.contains(r)) {
        write_reason(page, reason, sources, indent);
    }
    // A limit that is not certain has no violation; the rows that miss it are what to look at.
    for threshold in group.thresholds.iter().filter(|t| t.is_open()) {
        let misses = threshold.certified.as_ref().map_or(0, |c| c.misses);
        let metric = group.metrics.iter().find(|m| m.label == threshold.figure);
        if let Some(metric) = metric.filter(|_| misses > 0) {
            write_worst(page, metric, usize::try_from(misses).unwrap_or(WORST_ROWS_SHOWN), indent + 4);
        }
    }
    let mut clauses: BTreeMap<(ViolationKind, Span), Vec<&Violation>> = BTreeMap::new();
    for violation in &group.violations {
        clauses.entry((violation.kind, violation.span)).or_default().push(violation);
    }
    let mut worst_told: Vec<&NamedRow> = Vec::new();
    for ((kind, span), violations) in clauses.iter().take(CLAUSES_SHOWN) {
        let text = shorten(&one_line(sources.slice(*span)), CLAUSE_SHOWN);
        page.paragraph(
            (&format!("{margin}{}: ", place(*span, sources)), Paint::Faint),
            &text,
            Paint::Strong,
            indent + 4,
        );
        for violation in violations.iter().take(ROWS_SHOWN) {
            write_violation(page, violation, indent + 4);
        }
        let more = violations.len().saturating_sub(ROWS_SHOWN);
        if more > 0 {
            page.line(&[(&format!("{margin}    and {}", plural(more as u64, "more row", "more rows")), Paint::Faint)]);
        }

        if let ViolationKind::Threshold(n) = kind {
            let metric = group.thresholds.get(*n).and_then(|t| group.metrics.iter().find(|m| m.label == t.figure));
            let rows = metric.map(|m| m.worst_rows.as_slice()).unwrap_or_default();
            let named: Vec<&NamedRow> = rows.iter().take(WORST_ROWS_SHOWN).map(|w| &w.row).collect();
            // Two limits on the same values have the same worst rows: once is enough.
            if let Some(metric) = metric.filter(|_| worst_told != named) {
                write_worst(page, metric, WORST_ROWS_SHOWN, indent + 4);
                worst_told = named;
            }
        }
    }
    let more = clauses.len().saturating_sub(CLAUSES_SHOWN);
    if more > 0 {
        page.line(&[(&format!("{margin}and {}", plural(more as u64, "more clause", "more clauses")), Paint::Faint)]);
    }
    let kept = group.violations.len() as u64;
    if group.violation_count > kept {
        let text = format!(
            "{margin}{} in all; the first {} are kept, in the JSON report too",
            plural(group.violation_count, "violation", "violations"),
            super::thousands(kept)
        );
        page.line(&[(&text, Paint::Faint)]);
    }
}

fn write_violation(page: &mut Page, violation: &Violation, indent: usize) {
    let margin = " ".repeat(indent);
    let message = shorten(&violation.message, MESSAGE_SHOWN);
    let Some(row) = &violation.row else {
        page.paragraph((&margin, Paint::Plain), &message, Paint::Plain, indent + 2);
        return;
    };
    let (place, key) = row_place(row);
    let place = match key {
        // A message that names the row does not need its key again.
        Some(key) if !message.contains(&key) => format!("{place} ({key})"),
        _ => place,
    };
    page.paragraph((&format!("{margin}{place}: "), Paint::Faint), &message, Paint::Plain, indent + 2);
}

fn write_worst(page: &mut Page, metric: &MetricResult, most: usize, indent: usize) {
    for worst in metric.worst_rows.iter().take(most.min(WORST_ROWS_SHOWN)) {
        let (place, key) = row_place(&worst.row);
        let key = key.map(|k| format!(" ({k})")).unwrap_or_default();
        let text = format!("worst {}  {place}{key}", figure_text(&worst.value, &metric.ty));
        page.paragraph((&" ".repeat(indent), Paint::Plain), &text, Paint::Faint, indent + 2);
    }
}

fn write_reason(page: &mut Page, reason: &Reason, sources: &SourceMap, indent: usize) {
    let margin = " ".repeat(indent);
    let lead = match reason.span {
        Some(span) => format!("{margin}{}: ", place(span, sources)),
        None => margin,
    };
    let text = format!("{} [{}]", shorten(&reason.message, MESSAGE_SHOWN), reason.code);
    page.paragraph((&lead, Paint::Faint), &text, Paint::Plain, indent + 4);
}

fn ledger(ledger: &Ledger) -> String {
    let mut parts = vec![
        format!("{} read", super::thousands(ledger.read)),
        format!("{} in scope", super::thousands(ledger.in_scope)),
    ];
    for (n, what) in [
        (ledger.broken, "broke an `each`"),
        (ledger.missing, "without a value"),
        (ledger.excluded, "excluded"),
        (ledger.worst, "counted as worst"),
    ] {
        if n > 0 {
            parts.push(format!("{} {what}", super::thousands(n)));
        }
    }
    parts.push(format!("{} in the sample", super::thousands(ledger.sample)));
    parts.join(", ")
}

fn place(span: Span, sources: &SourceMap) -> String {
    let (file, line, _) = sources.place(span);
    format!("{file}:{line}")
}

/// A clause as written, on one line.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn shorten(text: &str, limit: usize) -> String {
    if text.chars().count() <= limit {
        return text.to_owned();
    }
    text.chars().take(limit.saturating_sub(1)).chain(['…']).collect()
}
