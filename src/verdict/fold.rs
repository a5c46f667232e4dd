//! The fold of one gate: from what the engine found to its verdict.
//!
//! The order of weight is that of [`Verdict`]. Anything violated is a fail; then emptiness is
//! what the gate says of it; then a sample too small, or a figure that cannot be compared,
//! decides nothing.

use super::certify::{bounds, certified};
use super::compare::{applied, compare, figure_value, slack};
use super::{
    AppliedLimit, Certified, Comparison, FigureValue, GroupResult, Ledger, MetricResult, NamedRow, Reason,
    SampleResult, ThresholdResult, Verdict, Violation, ViolationKind, WorstRow, reasons,
};
use crate::data::{Num, Type, Value, print};
use crate::engine::{ExpectTally, GroupTally, MetricTally, RowClause, RowViolation};
use crate::model::{CompareOp, EmptyPolicy, GateDefinition, Metric, MissingPolicy};

/// How much of one value a message repeats, in characters.
const SHOWN: usize = 120;

/// The result of one group.
pub(super) fn group(gate: &GateDefinition, tally: &GroupTally) -> GroupResult {
    let ledger = Ledger {
        read: tally.in_scope,
        in_scope: tally.in_scope,
        broken: tally.broken,
        missing: tally.missing,
        excluded: tally.excluded,
        worst: tally.worst,
        sample: tally.sample,
    };
    let mut found = Found { violations: Vec::new(), count: tally.violation_count, reasons: Vec::new() };
    found.violations.extend(tally.violations.iter().map(|v| of_row(gate, v)));
    for (number, expect) in tally.expects.iter().enumerate() {
        if let (ExpectTally::Broken(message), Some(clause)) = (expect, gate.expect.get(number)) {
            let message = message.clone().unwrap_or_else(|| "the expectation does not hold".to_owned());
            found.violation(ViolationKind::Expect(number), message, clause.span);
        }
    }
    cap(gate, tally, &mut found);

    let metrics: Vec<MetricResult> = gate.metrics.iter().zip(&tally.metrics).map(|(m, t)| metric(gate, m, t)).collect();
    let samples = samples(gate, tally);
    let short = samples.as_ref().is_some_and(|s| !s.reached);
    let thresholds = thresholds(gate, tally, &metrics);
    if !short {
        for (number, threshold) in thresholds.iter().enumerate() {
            if threshold.is_missed() {
                let message = missed(gate, &metrics, number, threshold);
                found.violation(ViolationKind::Threshold(number), message, threshold.span);
            }
        }
    }

    let no_figure = metrics.iter().any(|m| m.value == FigureValue::Missing);
    let nothing = gate.scope.is_some() && tally.in_scope == 0;
    let empty = (nothing || (no_figure && found.count == 0)).then_some(gate.when_empty);
    let written = gate.clauses.get("when empty").copied();
    if let Some(policy) = empty {
        let reason = reasons::empty(policy, written, tally.in_scope);
        if policy == EmptyPolicy::Fail {
            found.violation(ViolationKind::Empty, reason.message.clone(), written.unwrap_or(gate.span));
        }
        found.reasons.push(reason);
    }
    if let (true, Some(clause), None) = (short, &gate.samples, empty) {
        found.reasons.push(reasons::few_samples(tally.weight, clause.least, clause.span));
    }
    let undecided = undecided(&metrics, &thresholds);
    if empty.is_none() {
        found.reasons.extend(undecided.iter().cloned());
    }

    let besides = match empty {
        Some(EmptyPolicy::Pass) => Verdict::Pass,
        Some(EmptyPolicy::Fail) => Verdict::Fail,
        Some(EmptyPolicy::Inconclusive) => Verdict::Inconclusive,
        None if short || !undecided.is_empty() => Verdict::Inconclusive,
        None => Verdict::Pass,
    };
    let verdict = if found.count > 0 { Verdict::Fail } else { besides };
    let key = tally.key.iter().cloned().zip(gate.per.iter().map(|k| k.value.ty.clone())).collect();
    GroupResult {
        key,
        verdict,
        reasons: found.reasons,
        ledger,
        metrics,
        thresholds,
        samples,
        violation_count: found.count,
        violations: found.violations,
        empty,
        besides,
        waiver: None,
    }
}

/// Violations and reasons of a group as they are found.
struct Found {
    violations: Vec<Violation>,
    count: u64,
    reasons: Vec<Reason>,
}

impl Found {
    fn violation(&mut self, kind: ViolationKind, message: String, span: crate::source::Span) {
        self.count += 1;
        // Those of the whole sample are few; they are kept beyond the limit of rows.
        self.violations.push(Violation { kind, message, row: None, span });
    }
}

fn of_row(gate: &GateDefinition, found: &RowViolation) -> Violation {
    let (kind, span, words) = match found.clause {
        RowClause::Each(n) => {
            let span = gate.each.get(n).map_or(gate.span, |e| e.span);
            (ViolationKind::Each(n), span, "the condition does not hold".to_owned())
        }
        RowClause::Missing(n) => {
            let (label, span) = gate.metrics.get(n).map_or(("", gate.span), |m| (&*m.label, m.span));
            (ViolationKind::MissingValue(n), span, format!("the row has no value for `{label}`"))
        }
    };
    Violation {
        kind,
        message: found.message.clone().unwrap_or(words),
        row: Some(NamedRow { ordinal: found.ordinal, origin: found.origin.clone() }),
        span,
    }
}

/// More rows left out than `missing exclude at most` allows.
fn cap(gate: &GateDefinition, tally: &GroupTally, found: &mut Found) {
    let Some(MissingPolicy::Exclude { at_most }) = &gate.missing else {
        return;
    };
    let judged = tally.sample + tally.excluded;
    let Some(share) = Num::new(i128::from(tally.excluded), i128::from(judged)) else {
        return;
    };
    if share > *at_most {
        let share = print::value(&Value::Num(share), &Type::Ratio);
        let limit = print::value(&Value::Num(*at_most), &Type::Ratio);
        let message = format!(
            "{} of {judged} rows ({share}) have no value and were left out, at most {limit} may be",
            tally.excluded
        );
        let span = gate.clauses.get("missing").copied().unwrap_or(gate.span);
        found.violation(ViolationKind::ExcludedTooMany, message, span);
    }
}

fn metric(gate: &GateDefinition, metric: &Metric, tally: &MetricTally) -> MetricResult {
    MetricResult {
        label: metric.label.clone(),
        formula: metric.source.clone(),
        ty: metric.figure.ty.present().clone(),
        value: figure_value(&tally.figure),
        bounds: bounds(gate.decide, tally),
        n: tally.n,
        shown: metric.shown,
        span: metric.span,
        worst_rows: tally
            .worst_rows
            .iter()
            .map(|w| WorstRow {
                row: NamedRow { ordinal: w.ordinal, origin: w.origin.clone() },
                value: figure_value(&w.value),
            })
            .collect(),
    }
}

fn samples(gate: &GateDefinition, tally: &GroupTally) -> Option<SampleResult> {
    let samples = gate.samples.as_ref()?;
    let reached = tally.weight.is_some_and(|w| w >= Num::int(i128::from(samples.least)));
    Some(SampleResult { found: tally.weight.unwrap_or(Num::ZERO), least: samples.least, reached })
}

fn thresholds(gate: &GateDefinition, tally: &GroupTally, metrics: &[MetricResult]) -> Vec<ThresholdResult> {
    gate.thresholds
        .iter()
        .zip(&tally.limits)
        .enumerate()
        .filter_map(|(number, (threshold, values))| {
            let metric = metrics.get(threshold.metric)?;
            let limit = applied(&threshold.limit, values);
            let standing = tally.standings.get(number).copied().flatten();
            Some(ThresholdResult {
                figure: metric.label.clone(),
                comparison: compare(&metric.value, &limit),
                certified: certified(gate.decide, &limit, metric.n, standing),
                slack: slack(&metric.value, &limit),
                limit,
                span: threshold.span,
            })
        })
        .collect()
}

fn undecided(metrics: &[MetricResult], thresholds: &[ThresholdResult]) -> Vec<Reason> {
    thresholds
        .iter()
        .filter(|t| t.comparison == Comparison::NoFigure || t.is_open())
        .map(|t| {
            let metric = metrics.iter().find(|m| m.label == t.figure);
            if let (Some(metric), Some(certified)) = (metric, &t.certified) {
                return reasons::uncertified(metric, t, certified);
            }
            let of_limit = match &t.limit {
                AppliedLimit::Compare { value, .. } => value.is_missing(),
                AppliedLimit::Range { low, high } => low.is_missing() || high.is_missing(),
            };
            reasons::no_figure(&t.figure, of_limit, t.span)
        })
        .collect()
}

/// What a missed threshold says: `p95 is 121ms, 1ms over the limit <= 120ms`.
fn missed(gate: &GateDefinition, metrics: &[MetricResult], number: usize, threshold: &ThresholdResult) -> String {
    let metric = gate.thresholds.get(number).and_then(|t| metrics.get(t.metric));
    let ty = metric.map_or(Type::Decimal, |m| m.ty.clone());
    let shown = |value: &Value| print::short(value, &ty, SHOWN);
    let figure = match metric.map(|m| &m.value) {
        Some(FigureValue::Value(value)) => shown(value),
        Some(FigureValue::Above) => "above every limit, because rows without a value count as the worst".to_owned(),
        Some(FigureValue::Below) => "below every limit, because rows without a value count as the worst".to_owned(),
        Some(FigureValue::Missing) | None => print::MISSING.to_owned(),
    };
    let by = threshold.slack.filter(|s| s.is_negative()).and_then(Num::neg).map(|n| shown(&Value::Num(n)));
    match (&threshold.limit, by) {
        (AppliedLimit::Compare { op, value }, by) => {
            let sure = match (metric, &threshold.certified) {
                (Some(metric), Some(certified)) => sure(metric, certified, *op, shown),
                _ => String::new(),
            };
            let side = match (op, by) {
                (CompareOp::AtMost | CompareOp::Less, Some(by)) => format!("{by} over the limit"),
                (CompareOp::AtLeast | CompareOp::Greater, Some(by)) => format!("{by} short of the limit"),
                (CompareOp::Equal, Some(by)) => format!("{by} away from the limit"),
                _ => "not within the limit".to_owned(),
            };
            format!("{} is {figure}, {side} {} {}{sure}", threshold.figure, op.sign(), shown(value))
        }
        (AppliedLimit::Range { low, high }, by) => {
            let away = by.map_or_else(|| "not within".to_owned(), |by| format!("{by} outside"));
            format!("{} is {figure}, {away} {}..{}", threshold.figure, shown(low), shown(high))
        }
    }
}

/// How certain a miss is: `; with a confidence of 95% it is at least 125ms (8 of 20 rows are over
/// the limit)`.
fn sure(metric: &MetricResult, certified: &Certified, op: CompareOp, shown: impl Fn(&Value) -> String) -> String {
    let confidence = print::value(&Value::Num(certified.confidence), &Type::Ratio);
    let (way, bound) = match op {
        CompareOp::AtMost | CompareOp::Less => ("at least", metric.bounds.as_ref().and_then(|b| b.lower.as_ref())),
        _ => ("at most", metric.bounds.as_ref().and_then(|b| b.upper.as_ref())),
    };
    let bound = match bound.map(|b| &b.value) {
        Some(FigureValue::Value(value)) => format!("it is {way} {}", shown(value)),
        _ => "it is missed".to_owned(),
    };
    format!("; with a confidence of {confidence} {bound} ({})", reasons::held(certified, metric.n))
}
