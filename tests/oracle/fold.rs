//! The oracle's fold of one gate: the steps of the language reference, one after the other.

use crate::certain::{self, Element};
use crate::eval::{Made, Names, World, bound, compare, list_of};
use rspp_gates::data::{Num, Value};
use rspp_gates::model::{CompareOp, Decide, EmptyPolicy, GateDefinition, Limit, MissingPolicy};
use std::collections::BTreeMap;

/// What the oracle says of a gate.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    pub verdict: &'static str,
    pub groups: Vec<Group>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    pub key: Vec<Value>,
    pub verdict: &'static str,
    pub in_scope: usize,
    pub broken: usize,
    pub excluded: usize,
    pub missing: usize,
    pub sample: usize,
    /// Value (missing, a value, or beyond everything) and n of each metric.
    pub metrics: Vec<(Figure, u64)>,
    /// Met, not met, or no figure, of each threshold.
    pub met: Vec<Option<bool>>,
    /// What is certain of each threshold, where the gate asks for that.
    pub certain: Vec<Option<&'static str>>,
    /// Kind and row of each violation, in order.
    pub violations: Vec<(String, Option<usize>)>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Figure {
    Missing,
    Value(Value),
    Above,
    Below,
}

pub fn judge(world: &World<'_>, gate: &GateDefinition) -> Answer {
    match groups(world, gate) {
        Ok(groups) => {
            let verdict = groups.iter().map(|g| g.verdict).max_by_key(|v| weight(v)).unwrap_or("inconclusive");
            Answer { verdict, groups }
        }
        Err(_) => Answer { verdict: "error", groups: Vec::new() },
    }
}

fn weight(v: &str) -> usize {
    ["pass", "waived", "inconclusive", "blocked", "error", "fail"].iter().position(|w| *w == v).expect("a verdict")
}

/// A key of `per` and its rows with their positions in the scope.
type Split = (Vec<Value>, Vec<(usize, Value)>);

fn groups(world: &World<'_>, gate: &GateDefinition) -> Made<Vec<Group>> {
    let Some(scope) = &gate.scope else {
        return Ok(vec![group(world, gate, Vec::new(), Vec::new())?]);
    };
    let rows = list_of(world.eval(&scope.list, &Names::new())?);
    let mut split: Vec<Split> = Vec::new();
    for (i, row) in rows.into_iter().enumerate() {
        let names = Names::from([(scope.row, row.clone())]);
        let key = gate.per.iter().map(|k| world.eval(&k.value, &names)).collect::<Made<Vec<_>>>()?;
        match split.iter_mut().find(|(k, _)| *k == key) {
            Some((_, rows)) => rows.push((i, row)),
            None => split.push((key, vec![(i, row)])),
        }
    }
    if gate.per.is_empty() && split.is_empty() {
        split.push((Vec::new(), Vec::new()));
    }
    split.sort_by(|a, b| Value::list(a.0.clone()).order(&Value::list(b.0.clone())));
    if split.is_empty() {
        // No row in scope, no group: `when empty` speaks for the gate.
        return Ok(vec![group(world, gate, Vec::new(), Vec::new())?]);
    }
    split.into_iter().map(|(key, rows)| group(world, gate, key, rows)).collect()
}

fn group(world: &World<'_>, gate: &GateDefinition, key: Vec<Value>, rows: Vec<(usize, Value)>) -> Made<Group> {
    let in_scope = rows.len();
    let row_name = gate.scope.as_ref().map(|s| s.row);
    let mut violations: Vec<(String, Option<usize>)> = Vec::new();
    // Step 3.
    let mut broken = 0;
    let mut sample: Vec<(usize, Value)> = Vec::new();
    for (i, row) in rows {
        let names = Names::from([(row_name.expect("a scope"), row.clone())]);
        let mut failed: Vec<usize> = Vec::new();
        let mut silent: Vec<usize> = Vec::new();
        for (n, each) in gate.each.iter().enumerate() {
            if each.leans_on.iter().any(|l| failed.contains(l) || silent.contains(l)) {
                silent.push(n);
            } else if !world.truth(&each.condition, &names)? {
                failed.push(n);
                violations.push(("each".to_owned(), Some(i)));
            }
        }
        if failed.is_empty() { sample.push((i, row)) } else { broken += 1 }
    }
    // Step 4.
    let (mut excluded, mut missing, judged) = (0, 0, sample.len());
    let mut kept: Vec<(usize, Value)> = Vec::new();
    let mut missing_rows: Vec<(usize, String)> = Vec::new();
    for (i, row) in sample {
        let names = Names::from([(row_name.expect("a scope"), row.clone())]);
        let mut absent = false;
        for metric in &gate.metrics {
            for a in &metric.row_aggregates {
                absent |= world.eval(&a.value, &names)? == Value::Missing && !takes_missing(a.function.name);
            }
        }
        match (&gate.missing, absent) {
            (Some(MissingPolicy::Fail), true) => {
                missing += 1;
                missing_rows.push((i, "missing".to_owned()));
            }
            (Some(MissingPolicy::Exclude { .. }), true) => excluded += 1,
            _ => kept.push((i, row)),
        }
    }
    for (i, kind) in missing_rows {
        let at = violations.iter().take_while(|(_, r)| r.is_some_and(|r| r < i)).count();
        violations.insert(at, (kind, Some(i)));
    }
    let over_cap = match &gate.missing {
        Some(MissingPolicy::Exclude { at_most }) => {
            judged > 0 && Num::new(excluded as i128, judged as i128).expect("a share") > *at_most
        }
        _ => false,
    };
    let rows_value = Value::list(kept.iter().map(|(_, r)| r.clone()).collect::<Vec<_>>());
    let mut names = Names::from([(gate.rows, rows_value)]);
    for (k, v) in gate.per.iter().zip(&key) {
        names = bound(&names, k.local, v.clone());
    }
    // Step 5.
    let mut failed_expects: Vec<usize> = Vec::new();
    for (n, expect) in gate.expect.iter().enumerate() {
        if expect.leans_on.iter().any(|l| failed_expects.contains(l)) {
            failed_expects.push(n);
        } else if !world.truth(&expect.condition, &names)? {
            failed_expects.push(n);
            violations.push(("expect".to_owned(), None));
        }
    }
    if over_cap {
        violations.push(("exclude".to_owned(), None));
    }
    // Step 6.
    let mut metrics = Vec::new();
    let mut elements: Vec<(String, Num, Vec<Element>)> = Vec::new();
    for (number, metric) in gate.metrics.iter().enumerate() {
        let mut figures = Vec::new();
        let mut n = kept.len() as u64;
        let mut beyond = None;
        for a in &metric.row_aggregates {
            let mut values = Vec::new();
            let mut worst = 0;
            for (_, row) in &kept {
                let v = world.eval(&a.value, &Names::from([(row_name.expect("a scope"), row.clone())]))?;
                if v == Value::Missing && !takes_missing(a.function.name) { worst += 1 } else { values.push(v) }
            }
            n = (values.len() + worst) as u64;
            let mut args = world.constants(a)?;
            if elements.len() == number {
                let beyond = if upper_limit(gate, number) { Element::Above } else { Element::Below };
                let all = values.iter().cloned().map(Element::Value).chain(std::iter::repeat_n(beyond, worst));
                elements.push((a.function.name.to_owned(), share_of(a.function.name, &args), all.collect()));
            }
            if worst > 0 {
                beyond = worst_figure(gate, number, a.function.name, &mut values, worst, &args);
            }
            args.push(Value::list(values));
            figures.push(if beyond.is_some() {
                Value::Missing
            } else {
                crate::functions::call(a.function.name, &args)?
            });
        }
        elements.resize(number + 1, (String::new(), Num::ZERO, Vec::new()));
        let value = match beyond {
            Some(figure) => figure,
            None => match world.eval_in(&metric.figure, &names, &figures)? {
                Value::Missing => Figure::Missing,
                v => Figure::Value(v),
            },
        };
        metrics.push((value, n));
    }
    // Step 6 still: emptiness.
    let no_rows = gate.scope.is_some() && in_scope == 0;
    let no_figure = metrics.iter().any(|(m, _)| *m == Figure::Missing);
    let empty = no_rows || (no_figure && violations.is_empty());
    // Step 7.
    let mut short = false;
    if let Some(samples) = &gate.samples {
        let found = match &samples.weight {
            Some(w) => world.eval(w, &names)?.as_num(),
            None => Some(Num::int(kept.len() as i128)),
        };
        short = found.is_none_or(|f| f < Num::int(i128::from(samples.least)));
    }
    // Step 8.
    let (mut met, mut certain) = (Vec::new(), Vec::new());
    for t in &gate.thresholds {
        let value = |e| world.eval(e, &names);
        let outcome = match (&metrics[t.metric].0, &t.limit) {
            (Figure::Missing, _) => None,
            (figure, Limit::Compare { op, value: limit }) => match (figure, value(limit)?) {
                (_, Value::Missing) => None,
                (Figure::Value(v), l) => Some(compare(*op, v, &l)),
                (Figure::Above, _) => Some(matches!(op, CompareOp::AtLeast | CompareOp::Greater | CompareOp::NotEqual)),
                (_, _) => Some(matches!(op, CompareOp::AtMost | CompareOp::Less | CompareOp::NotEqual)),
            },
            (figure, Limit::Range { low, high }) => {
                let (low, high) = (value(low)?, value(high)?);
                match figure {
                    _ if low == Value::Missing || high == Value::Missing => None,
                    Figure::Value(v) => Some(v.order(&low).is_ge() && v.order(&high).is_le()),
                    _ => Some(false),
                }
            }
        };
        let sure = match (&t.limit, gate.decide) {
            (Limit::Compare { op, value: limit }, Decide::Certified { confidence }) if outcome.is_some() => {
                let (function, share, elements) = &elements[t.metric];
                let limit = value(limit)?;
                Some(if function == "ratio" {
                    let hits = elements.iter().filter(|e| **e == Element::Value(Value::Bool(true))).count();
                    certain::of_ratio(hits, elements.len(), *op, limit.as_num().unwrap(), confidence)
                } else {
                    certain::of_quantile(*share, elements.clone(), *op, &limit, confidence)
                })
            }
            _ => None,
        };
        if sure.map_or(outcome == Some(false), |s| s == "misses") && !short {
            violations.push(("threshold".to_owned(), None));
        }
        certain.push(sure);
        met.push(outcome);
    }
    if empty && gate.when_empty == EmptyPolicy::Fail {
        violations.push(("empty".to_owned(), None));
    }
    // Step 9.
    let undecided = (met.contains(&None) || certain.contains(&Some("open"))) && !empty;
    let verdict = if !violations.is_empty() {
        "fail"
    } else if empty {
        match gate.when_empty {
            EmptyPolicy::Pass => "pass",
            EmptyPolicy::Fail => "fail",
            EmptyPolicy::Inconclusive => "inconclusive",
        }
    } else if short || undecided {
        "inconclusive"
    } else {
        "pass"
    };
    Ok(Group {
        key,
        verdict,
        in_scope,
        broken,
        excluded,
        missing,
        sample: kept.len(),
        metrics,
        met,
        certain,
        violations,
    })
}

/// Aggregates for which a missing element is a value like others.
fn takes_missing(name: &str) -> bool {
    matches!(name, "count" | "unique" | "first" | "last")
}

/// Whether a metric's limit is one that large values miss.
fn upper_limit(gate: &GateDefinition, metric: usize) -> bool {
    let limit = gate.thresholds.iter().find(|t| t.metric == metric).map(|t| &t.limit);
    matches!(limit, Some(Limit::Compare { op: CompareOp::AtMost | CompareOp::Less, .. }))
}

fn share_of(function: &str, args: &[Value]) -> Num {
    match function {
        "p50" => Num::new(1, 2).unwrap(),
        "p95" => Num::new(95, 100).unwrap(),
        "p99" => Num::new(99, 100).unwrap(),
        "quantile" => args[0].as_num().unwrap(),
        _ => Num::ZERO,
    }
}

/// The figure when `worst` rows count as beyond every other, or nothing where an ordinary
/// figure still comes out (then `values` has been completed).
fn worst_figure(
    gate: &GateDefinition,
    metric: usize,
    function: &str,
    values: &mut Vec<Value>,
    worst: usize,
    args: &[Value],
) -> Option<Figure> {
    let op = gate.thresholds.iter().find(|t| t.metric == metric).map(|t| match &t.limit {
        Limit::Compare { op, .. } => *op,
        Limit::Range { .. } => CompareOp::AtMost,
    });
    let above = matches!(op, Some(CompareOp::AtMost | CompareOp::Less));
    let beyond = if above { Figure::Above } else { Figure::Below };
    let q = match function {
        "ratio" => {
            values.extend(std::iter::repeat_n(Value::Bool(above), worst));
            return None;
        }
        "p50" => Num::new(50, 100).unwrap(),
        "p95" => Num::new(95, 100).unwrap(),
        "p99" => Num::new(99, 100).unwrap(),
        "quantile" => args[0].as_num().unwrap(),
        "max" if !above => Num::ONE,
        "min" if above => Num::ZERO,
        _ => return Some(beyond),
    };
    let n = (values.len() + worst) as i128;
    let k = (1..=n).find(|k| Num::int(*k) >= q.mul(Num::int(n)).unwrap()).unwrap();
    let mut all: BTreeMap<Num, usize> = BTreeMap::new();
    for v in values.iter() {
        *all.entry(v.as_num().unwrap()).or_default() += 1;
    }
    let ordered: Vec<Num> = all.into_iter().flat_map(|(v, c)| std::iter::repeat_n(v, c)).collect();
    let place = if above { k as usize } else { (k as usize).saturating_sub(worst) };
    if place == 0 || place > ordered.len() {
        return Some(beyond);
    }
    Some(Figure::Value(Value::Num(ordered[place - 1])))
}
