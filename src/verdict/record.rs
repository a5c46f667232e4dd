//! The record that `result(g)` reads, laid out as [`crate::model::result_type`] says.

use super::{FigureValue, GateResult, GroupResult, MetricResult, Violation, WaiverOutcome, WaiverUse};
use crate::data::{EnumValue, Value};
use crate::model::{CompareOp, GateDefinition, Limit, VERDICT_WORDS};

/// The result of a gate as a value.
pub(super) fn record(gate: &GateDefinition, result: &GateResult) -> Value {
    let mut fields = verdict(result.verdict);
    let violations: Vec<Value> = result.groups.iter().flat_map(|g| g.violations.iter().map(violation)).collect();
    fields.push(Value::list(violations));
    if gate.per.is_empty() {
        match result.groups.first() {
            Some(group) => fields.extend(metrics(gate, group)),
            None => fields.extend(gate.metrics.iter().map(|_| no_figure())),
        }
    } else {
        let slices: Vec<Value> = result
            .groups
            .iter()
            .map(|group| {
                let key = group.key.iter().map(|(v, _)| v.clone()).collect();
                let mut slice = vec![Value::record(key)];
                slice.extend(verdict(group.verdict));
                slice.push(Value::int(i64::try_from(group.violation_count).unwrap_or(i64::MAX)));
                slice.extend(metrics(gate, group));
                Value::record(slice)
            })
            .collect();
        fields.push(Value::list(slices));
    }
    if gate.waivable {
        let applied = result.waivers.iter().find(|w| w.outcome == WaiverOutcome::Applied);
        fields.push(applied.map_or(Value::Missing, waiver));
    }
    Value::record(fields)
}

fn waiver(applied: &WaiverUse) -> Value {
    let waiver = &applied.waiver;
    Value::record(vec![
        Value::text(waiver.id.as_str()),
        Value::text(applied.reason.as_deref().unwrap_or("")),
        Value::Text(waiver.approver.clone()),
        Value::Text(waiver.owner.clone()),
        Value::Text(waiver.ticket.clone()),
        Value::Num(waiver.opened),
        Value::Num(waiver.expires),
    ])
}

fn verdict(verdict: super::Verdict) -> Vec<Value> {
    let position = VERDICT_WORDS.iter().position(|w| *w == verdict.word()).unwrap_or(0);
    let member = u32::try_from(position).unwrap_or(0);
    vec![Value::Enum(EnumValue { member, word: None }), Value::Bool(verdict.satisfies())]
}

fn violation(violation: &Violation) -> Value {
    let origin = violation.row.as_ref().and_then(|r| r.origin.as_ref());
    let text = |t: Option<&std::sync::Arc<str>>| t.cloned().map_or(Value::Missing, Value::Text);
    Value::record(vec![
        Value::text(violation.kind.word()),
        Value::text(violation.message.as_str()),
        text(origin.and_then(|o| o.key.as_ref())),
        text(origin.map(|o| &o.file)),
        origin.map_or(Value::Missing, |o| Value::int(i64::try_from(o.line).unwrap_or(i64::MAX))),
    ])
}

fn metrics(gate: &GateDefinition, group: &GroupResult) -> Vec<Value> {
    let limit_of = |number: usize| {
        let compared = |limit: &Limit| matches!(limit, Limit::Compare { .. });
        let place = gate.thresholds.iter().position(|t| t.metric == number && compared(&t.limit))?;
        match &group.thresholds.get(place)?.limit {
            super::AppliedLimit::Compare { op, value } => Some((*op, value.clone())),
            super::AppliedLimit::Range { .. } => None,
        }
    };
    let bound_of = |metric: &MetricResult, op: CompareOp| {
        let bounds = metric.bounds.as_ref()?;
        let bound = match op {
            CompareOp::AtMost | CompareOp::Less => bounds.upper.as_ref(),
            CompareOp::AtLeast | CompareOp::Greater => bounds.lower.as_ref(),
            CompareOp::Equal | CompareOp::NotEqual => None,
        };
        Some(plain(&bound?.value))
    };
    let one = |(number, metric): (usize, &MetricResult)| {
        let n = Value::int(i64::try_from(metric.n).unwrap_or(i64::MAX));
        let limit = limit_of(number);
        let bound = limit.as_ref().and_then(|(op, _)| bound_of(metric, *op)).unwrap_or(Value::Missing);
        Value::record(vec![plain(&metric.value), limit.map_or(Value::Missing, |(_, l)| l), n, bound])
    };
    group.metrics.iter().enumerate().map(one).collect()
}

/// What is beyond every value is missing to a policy.
fn plain(value: &FigureValue) -> Value {
    match value {
        FigureValue::Value(value) => value.clone(),
        FigureValue::Missing | FigureValue::Above | FigureValue::Below => Value::Missing,
    }
}

fn no_figure() -> Value {
    Value::record(vec![Value::Missing, Value::Missing, Value::int(0), Value::Missing])
}
