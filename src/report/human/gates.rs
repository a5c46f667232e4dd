//! Tables over all gates: verdicts and figures, worst rows, what happened to the rows.

use super::super::facts::is_counted;
use super::super::layout::{Cell, Column, Page, Paint, Side, Table, cell, empty};
use super::super::values::{brief, figure_text, instant_text, limit_text, number_type, value_text};
use super::{plural, thousands, verdict_cell};
use crate::data::{Num, Origin, Type, Value};
use crate::model::{Decide, EmptyPolicy};
use crate::verdict::{
    Certainty, Comparison, FigureValue, GateResult, GateRun, GroupResult, MetricResult, NamedRow, ThresholdResult,
    Verdict,
};
use std::collections::BTreeMap;

/// Groups of one gate that are shown, worst first.
const GROUPS_SHOWN: usize = 8;
/// Worst rows shown for a figure of a gate that passes; a gate that fails shows more.
const WORST_ROWS_SHOWN: usize = 1;
/// Worst rows shown in all.
const WORST_FIGURES_SHOWN: usize = 20;

const COLUMNS: &[Column] = &[
    Column { title: "verdict", side: Side::Left, limit: 12 },
    Column { title: "gate", side: Side::Left, limit: 40 },
    Column { title: "figure", side: Side::Left, limit: 28 },
    Column { title: "limit", side: Side::Left, limit: 24 },
    Column { title: "n", side: Side::Right, limit: 16 },
    Column { title: "slack", side: Side::Right, limit: 16 },
    Column { title: "on", side: Side::Left, limit: 40 },
];

/// Every gate of the run: those that count, then the others with why they do not.
pub(super) fn write(page: &mut Page, run: &GateRun) {
    let select = |keep: &dyn Fn(&GateResult) -> bool| -> Vec<&GateResult> {
        let mut gates: Vec<&GateResult> = run.gates.iter().filter(|g| keep(g)).collect();
        gates.sort_by(|a, b| (b.verdict, &a.gate_id).cmp(&(a.verdict, &b.gate_id)));
        gates
    };
    let counted = select(&is_counted);
    let advisory = select(&|g| !g.required && g.via_needs.is_none() && g.not_before.is_none());
    let later = select(&|g| g.via_needs.is_none() && g.not_before.is_some());
    let needed = select(&|g| g.via_needs.is_some());
    let numbers = evidence_numbers(run);
    section(page, "Required gates", &counted, &numbers, |_| None);
    section(page, "Advisory gates: shown, not counted", &advisory, &numbers, |_| None);
    section(page, "Not in force yet: shown, not counted", &later, &numbers, |g| {
        g.not_before.map(|t| format!("from {}", instant_text(t)))
    });
    section(page, "Only needed by other gates (via needs): counted through `blocked` alone", &needed, &numbers, |g| {
        g.via_needs.as_ref().map(|by| format!("needed by {by}"))
    });
}

/// The number of each evidence in the table at the end, by name. Names of several would not fit
/// beside a figure.
fn evidence_numbers(run: &GateRun) -> BTreeMap<&str, usize> {
    run.evidence.iter().enumerate().map(|(i, e)| (&*e.name, i + 1)).collect()
}

fn section(
    page: &mut Page,
    title: &str,
    gates: &[&GateResult],
    numbers: &BTreeMap<&str, usize>,
    note: impl Fn(&GateResult) -> Option<String>,
) {
    if gates.is_empty() {
        return;
    }
    page.heading(title);
    let mut table = Table::new(COLUMNS);
    for gate in gates {
        gate_rows(&mut table, gate, numbers);
        if let Some(note) = note(gate) {
            table.note(4, note, Paint::Faint);
        }
    }
    table.write(page);
}

fn gate_rows(table: &mut Table, gate: &GateResult, numbers: &BTreeMap<&str, usize>) {
    let rests_on: Vec<String> = gate
        .evidence_refs
        .iter()
        .map(|name| numbers.get(&**name).map_or_else(|| name.to_string(), |n| format!("[{n}]")))
        .collect();
    let rests_on = rests_on.join(" ");
    let (word, paint) = verdict_cell(gate.verdict);
    let mut head = vec![cell(word, paint), cell(gate.gate_id.as_str(), Paint::Strong)];
    if gate.group_keys.is_empty() {
        let rows = match gate.groups.first() {
            Some(only) => figure_rows(only),
            None => vec![[cell("not judged", Paint::Faint), empty(), empty(), empty()]],
        };
        for (i, figures) in rows.into_iter().enumerate() {
            let mut row = if i == 0 { std::mem::take(&mut head) } else { vec![empty(), empty()] };
            row.extend(figures);
            row.push(if i == 0 { cell(&rests_on, Paint::Faint) } else { empty() });
            table.row(row);
        }
        return;
    }
    let groups = match gate.groups.len() {
        0 => "not judged".to_owned(),
        n => plural(n as u64, "group", "groups"),
    };
    head.extend([cell(groups, Paint::Plain), empty(), empty(), empty(), cell(&rests_on, Paint::Faint)]);
    table.row(head);
    group_rows(table, gate);
    if let Decide::Certified { confidence } = gate.decide {
        let confidence = value_text(&Value::Num(confidence), &Type::Ratio);
        let text = format!("{confidence} sure of each group by itself, not corrected for how many there are");
        table.note(4, text, Paint::Faint);
    }
}

/// The worst groups, each with its figures.
fn group_rows(table: &mut Table, gate: &GateResult) {
    let mut order: Vec<&GroupResult> = gate.groups.iter().collect();
    // A stable sort: groups of one verdict stay in the order of their keys.
    order.sort_by_key(|g| std::cmp::Reverse(g.verdict));
    for group in order.iter().take(GROUPS_SHOWN) {
        let (word, paint) = verdict_cell(group.verdict);
        for (i, figures) in figure_rows(group).into_iter().enumerate() {
            let mut row = match i {
                0 => vec![cell(word, paint), cell(format!("  {}", group_name(gate, group)), Paint::Plain)],
                _ => vec![empty(), empty()],
            };
            row.extend(figures);
            row.push(empty());
            table.row(row);
        }
    }
    let rest = order.get(GROUPS_SHOWN..).unwrap_or_default();
    if !rest.is_empty() {
        let mut counts: Vec<(Verdict, usize)> = Vec::new();
        for group in rest {
            match counts.iter_mut().find(|(v, _)| *v == group.verdict) {
                Some((_, n)) => *n += 1,
                None => counts.push((group.verdict, 1)),
            }
        }
        let counts: Vec<String> = counts.iter().map(|(v, n)| format!("{n} {}", v.word())).collect();
        let text = format!("and {} more: {}", rest.len(), counts.join(", "));
        table.note(4, text, Paint::Faint);
    }
}

/// `region eu, tier gold`
pub(super) fn group_name(gate: &GateResult, group: &GroupResult) -> String {
    let values = group.key.iter().map(|(value, ty)| value_text(value, ty));
    gate.group_keys.iter().zip(values).map(|(key, value)| format!("{key} {value}")).collect::<Vec<_>>().join(", ")
}

/// Figure, limit, n, slack: a row for each limit, and one for violations of other clauses.
fn figure_rows(group: &GroupResult) -> Vec<[Cell; 4]> {
    let mut rows = Vec::new();
    let n = |metric: &MetricResult| match &group.samples {
        Some(s) if !s.reached => cell(format!("{} of {}", thousands(metric.n), thousands(s.least)), Paint::Doubt),
        _ => cell(thousands(metric.n), Paint::Plain),
    };
    for metric in &group.metrics {
        let figure = format!("{} {}", metric.label, figure_text(&metric.value, &metric.ty));
        // What an empty population meant is never left to be guessed.
        let figure = match (&metric.value, group.empty) {
            (FigureValue::Missing, Some(empty)) => format!("{figure} (empty: {})", empty_word(empty)),
            _ => figure,
        };
        let limits: Vec<&ThresholdResult> = group.thresholds.iter().filter(|t| t.figure == metric.label).collect();
        if limits.is_empty() {
            let limit = cell(if metric.shown { "(shown)" } else { "" }, Paint::Faint);
            rows.push([cell(&figure, Paint::Plain), limit, n(metric), empty()]);
        }
        for (i, limit) in limits.into_iter().enumerate() {
            let paint = match limit.comparison {
                Comparison::NoFigure => Paint::Doubt,
                _ if limit.is_open() => Paint::Doubt,
                _ if limit.is_missed() => Paint::Bad,
                Comparison::Met | Comparison::NotMet => Paint::Plain,
            };
            let slack = limit.slack.map(|s| brief(&Value::Num(s), &number_type(&metric.ty))).unwrap_or_default();
            rows.push([
                if i == 0 { cell(&figure, paint) } else { empty() },
                cell(limit_text(&limit.limit, &metric.ty), Paint::Plain),
                if i == 0 { n(metric) } else { empty() },
                cell(slack, paint),
            ]);
            rows.extend(bound_row(metric, limit, paint));
        }
    }
    let missed = group.thresholds.iter().filter(|t| t.is_missed()).count() as u64;
    let others = group.violation_count.saturating_sub(missed);
    if others > 0 {
        rows.push([cell(plural(others, "violation", "violations"), Paint::Bad), empty(), population(group), empty()]);
    } else if rows.is_empty() {
        rows.push([clean(group), empty(), population(group), empty()]);
    }
    rows
}

/// The bound that a limit is decided by, where a gate decides by bounds: that on the limit's side,
/// or for a limit that is certainly missed the other one.
fn bound_row(metric: &MetricResult, limit: &ThresholdResult, paint: Paint) -> Option<[Cell; 4]> {
    let (certified, bounds) = (limit.certified.as_ref()?, metric.bounds.as_ref()?);
    let missed = certified.certainty == Certainty::Misses;
    let (sign, bound, name) = match limit.asks_upper() == missed {
        true => (">=", &bounds.lower, "lower"),
        false => ("<=", &bounds.upper, "upper"),
    };
    let confidence = value_text(&Value::Num(certified.confidence), &Type::Ratio);
    let bound_text = match bound.as_ref().map(|b| &b.value) {
        Some(FigureValue::Value(value)) => format!("{sign} {}", brief(&outwards(value, sign), &metric.ty)),
        _ => format!("no {name} bound"),
    };
    let said = match certified.certainty {
        Certainty::Meets => "certified",
        Certainty::Misses => "certainly missed",
        Certainty::Open => "not certain",
    };
    let rank = bound
        .as_ref()
        .and_then(|b| b.rank)
        .map_or_else(empty, |rank| cell(format!("rank {}", thousands(rank)), Paint::Faint));
    Some([cell(format!("  {confidence} sure {bound_text}"), paint), cell(said, paint), rank, empty()])
}

/// A bound that is no value of the sample has nine digits; six are enough to look at. It may only
/// get wider.
fn outwards(bound: &Value, sign: &str) -> Value {
    const SCALE: i128 = 1_000_000;
    let cut = |n: Num| {
        let scaled = n.mul(Num::int(SCALE))?;
        let whole = if sign == ">=" { scaled.floor() } else { scaled.ceil()? };
        Num::new(whole, SCALE)
    };
    let short = bound.as_num().filter(|n| n.denominator() > SCALE).and_then(cut);
    short.map_or_else(|| bound.clone(), Value::Num)
}

fn empty_word(empty: EmptyPolicy) -> &'static str {
    match empty {
        EmptyPolicy::Pass => "pass",
        EmptyPolicy::Fail => "fail",
        EmptyPolicy::Inconclusive => "inconclusive",
    }
}

/// What stands in place of a figure where a gate has none and nothing is violated.
fn clean(group: &GroupResult) -> Cell {
    match group.empty {
        Some(EmptyPolicy::Pass) => cell("empty: pass", Paint::Plain),
        Some(EmptyPolicy::Fail) => cell("empty: fail", Paint::Bad),
        Some(EmptyPolicy::Inconclusive) => cell("empty: inconclusive", Paint::Doubt),
        None if group.verdict == Verdict::Error => cell("not judged", Paint::Faint),
        None => cell("no violation", Paint::Plain),
    }
}

fn population(group: &GroupResult) -> Cell {
    if group.ledger.in_scope == 0 { empty() } else { cell(thousands(group.ledger.in_scope), Paint::Plain) }
}

/// How a row is found again: `file:line`, then its key or the place inside the document.
pub(super) fn row_place(row: &NamedRow) -> (String, Option<String>) {
    match row.origin.as_deref() {
        Some(Origin { file, line, key, pointer, .. }) => {
            (format!("{file}:{line}"), key.as_ref().or(pointer.as_ref()).map(|k| k.to_string()))
        }
        None => (format!("row {} of the scope", thousands(row.ordinal + 1)), None),
    }
}

/// The rows nearest to the limit of each figure that meets it.
pub(super) fn write_worst_rows(page: &mut Page, run: &GateRun) {
    let mut table = Table::new(&[
        Column { title: "gate", side: Side::Left, limit: 40 },
        Column { title: "figure", side: Side::Left, limit: 16 },
        Column { title: "value", side: Side::Right, limit: 24 },
        Column { title: "row", side: Side::Path, limit: 60 },
    ]);
    let mut shown = 0;
    let mut left = 0;
    for gate in run.gates.iter().filter(|g| g.verdict == Verdict::Pass) {
        for group in &gate.groups {
            for metric in group.metrics.iter().filter(|m| !m.worst_rows.is_empty()) {
                if shown == WORST_FIGURES_SHOWN {
                    left += 1;
                    continue;
                }
                shown += 1;
                for worst in metric.worst_rows.iter().take(WORST_ROWS_SHOWN) {
                    let (place, key) = row_place(&worst.row);
                    let place = key.map_or(place.clone(), |k| format!("{place} ({k})"));
                    table.row(vec![
                        cell(gate.gate_id.as_str(), Paint::Plain),
                        cell(&metric.label, Paint::Plain),
                        cell(figure_text(&worst.value, &metric.ty), Paint::Plain),
                        cell(place, Paint::Plain),
                    ]);
                }
            }
        }
    }
    if shown > 0 {
        page.heading("Worst rows of figures that meet their limits");
        table.write(page);
    }
    if left > 0 {
        page.line(&[(&format!("  and {left} more figures"), Paint::Faint)]);
    }
}

/// The attrition ledger of every gate that looks at rows.
pub(super) fn write_ledgers(page: &mut Page, run: &GateRun) {
    let right = |title| Column { title, side: Side::Right, limit: 16 };
    let mut table = Table::new(&[
        Column { title: "gate", side: Side::Left, limit: 40 },
        right("read"),
        right("in scope"),
        right("broken"),
        right("missing"),
        right("excluded"),
        right("as worst"),
        right("sample"),
    ]);
    let mut any = false;
    for gate in run.gates.iter().filter(|g| g.ledger.read > 0 || g.ledger.in_scope > 0) {
        any = true;
        let l = &gate.ledger;
        // A column of noughts alone says nothing and is left out by the table.
        let loss = |n: u64| if n == 0 { empty() } else { cell(thousands(n), Paint::Plain) };
        let count = |n: u64| cell(thousands(n), Paint::Plain);
        table.row(vec![
            cell(gate.gate_id.as_str(), Paint::Plain),
            count(l.read),
            count(l.in_scope),
            loss(l.broken),
            loss(l.missing),
            loss(l.excluded),
            loss(l.worst),
            count(l.sample),
        ]);
    }
    if any {
        page.heading("Rows");
        table.write(page);
    }
}
