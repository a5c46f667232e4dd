//! Sample-level expressions of one group: expectations, figures, limits, the weight of the
//! sample. What the pass has answered is bound by name.

use super::bounds::certify;
use super::rows::ScopeGroup;
use super::session::Session;
use super::{ExpectTally, GroupTally, MetricTally, WorstValue};
use crate::data::{Fault, Num, Value};
use crate::eval::{Bound, Env, Interpreter, bind_witness};
use crate::model::{Expr, ExprKind, GateDefinition, Limit, MissingPolicy, Quantifier};
use crate::plan::{GatePlan, RowAggregatePlan, RowsPlan};
use crate::registry::{Accumulator, Figure};

/// The tally of one group; without rows, of a gate without a scope.
pub(super) fn tally(
    session: &Session<'_>,
    plan: &GatePlan,
    rows: Option<(&RowsPlan, ScopeGroup)>,
) -> Result<GroupTally, Fault> {
    let mut sample = Sample {
        gate: &plan.gate,
        interpreter: Interpreter::new(session),
        env: Env::new(),
        keyless: false,
        metrics: vec![Measured::default(); plan.gate.metrics.len()],
    };
    let mut out = GroupTally {
        key: Vec::new(),
        in_scope: 0,
        broken: 0,
        missing: 0,
        excluded: 0,
        worst: 0,
        sample: 0,
        violation_count: 0,
        violations: Vec::new(),
        excused: Vec::new(),
        expects: Vec::new(),
        metrics: Vec::new(),
        limits: Vec::new(),
        standings: Vec::new(),
        weight: None,
    };
    let mut counted = None;
    if let Some((rows, mut group)) = rows {
        sample.bind(rows, &mut group)?;
        let state = &group.state;
        out.in_scope = state.in_scope;
        out.broken = state.broken;
        out.missing = state.missing;
        out.excluded = state.excluded;
        out.worst = state.worst;
        out.sample = state.sample;
        out.violation_count = state.violation_count;
        out.excused = group
            .state
            .excused
            .iter()
            .map(|e| match &e.fault {
                Some((_, fault)) => Err(fault.clone()),
                None => Ok(e.rows),
            })
            .collect();
        out.violations = group.violations();
        out.key = group.key;
        counted = Some((rows, group.state.accumulators));
    }
    out.expects = sample.expects()?;
    out.metrics = sample.figures(out.sample)?;
    out.weight = match plan.gate.samples.as_ref().and_then(|s| s.weight.as_ref()) {
        Some(weight) => sample.eval(weight)?.as_num(),
        None => Some(Num::int(i128::from(out.sample))),
    };
    out.limits = sample.limits(&out.metrics)?;
    if let Some((rows, accumulators)) = counted {
        certify(&plan.gate, rows, &accumulators, &mut out)?;
    }
    Ok(out)
}

/// What the pass says of one metric.
#[derive(Clone, Default)]
struct Measured {
    /// The figure, where rows that count as worst took it beyond everything.
    beyond: Option<Figure>,
    n: Option<u64>,
    worst: Vec<WorstValue>,
}

struct Sample<'s> {
    gate: &'s GateDefinition,
    interpreter: Interpreter<'s>,
    env: Env<'s>,
    /// `per` met no row: what names a key cannot be judged.
    keyless: bool,
    metrics: Vec<Measured>,
}

impl Sample<'_> {
    fn bind(&mut self, rows: &RowsPlan, group: &mut ScopeGroup) -> Result<(), Fault> {
        self.keyless = group.key.len() < self.gate.per.len();
        for (key, value) in self.gate.per.iter().zip(&group.key) {
            self.env.bind(key.local, value.clone());
        }
        if rows.collect {
            self.env.bind(self.gate.rows, group.rows());
        }
        let (of_rows, of_sample) = group.state.accumulators.split_at_mut(rows.aggregates.len());
        for (plan, accumulator) in rows.sample_aggregates.iter().zip(of_sample) {
            match accumulator.finish()? {
                Figure::Value(value) => self.env.bind(plan.local, value),
                Figure::Above | Figure::Below => {
                    return Err(Fault::Internal { what: "an infinite figure of a sample".into() });
                }
            }
        }
        for (plan, decided) in rows.sample_quantifiers.iter().zip(&group.state.quantifiers) {
            let settled = decided.finish()?;
            self.env.bind(plan.local, Value::Bool(settled == (plan.quantifier == Quantifier::Exists)));
        }
        let mut worst = Vec::new();
        for (number, (plan, accumulator)) in rows.aggregates.iter().zip(of_rows).enumerate() {
            if plan.over_sample {
                let place = rows.aggregates.iter().take(number).filter(|a| a.metric == plan.metric).count();
                self.feed_from_sample(plan, place, accumulator.as_mut())?;
            }
            let figure = accumulator.finish()?;
            let n = accumulator.count();
            let value = match &figure {
                Figure::Value(value) => value.clone(),
                Figure::Above | Figure::Below => Value::Missing,
            };
            self.env.bind(plan.local, value);
            if let Some(measured) = self.metrics.get_mut(plan.metric) {
                measured.n = Some(n);
                if !matches!(figure, Figure::Value(_)) {
                    measured.beyond = Some(figure);
                }
            }
            if let Some(bad) = plan.worst {
                worst.push((number, plan.metric, bad));
            }
        }
        for (number, metric, bad) in worst {
            if let Some(measured) = self.metrics.get_mut(metric) {
                measured.worst = group.worst_rows(number, bad);
            }
        }
        Ok(())
    }

    /// An aggregate of values that depend on the sample as a whole.
    fn feed_from_sample(
        &mut self,
        plan: &RowAggregatePlan,
        place: usize,
        accumulator: &mut dyn Accumulator,
    ) -> Result<(), Fault> {
        let gate = self.gate;
        let value = gate.metrics.get(plan.metric).and_then(|m| m.row_aggregates.get(place)).map(|a| &a.value);
        let (Some(value), Some(scope)) = (value, &gate.scope) else { return Ok(()) };
        let Some(Value::List(rows)) = self.env.get(gate.rows).map(Bound::value) else { return Ok(()) };
        let depth = self.env.depth();
        for (ordinal, row) in rows.iter().enumerate() {
            self.env.bind(scope.row, row.clone());
            let value = self.interpreter.eval(value, &mut self.env);
            self.env.truncate(depth);
            let value = value?;
            if !value.is_missing() || plan.takes_missing {
                accumulator.push(&value, ordinal as u64)?;
            } else if !matches!(gate.missing, Some(MissingPolicy::Worst)) || !accumulator.push_extreme(plan.extreme) {
                // Who is in the sample cannot depend on what is computed of the sample.
                return Err(Fault::Internal {
                    what: "a row without a value for what is computed of its sample".into(),
                });
            }
        }
        Ok(())
    }

    /// Whether an expression names a key that is not there.
    fn lacks_key(&self, expr: &Expr) -> bool {
        let mut names = false;
        if self.keyless {
            let is_key =
                |e: &Expr| matches!(&*e.kind, ExprKind::Local(l) if self.gate.per.iter().any(|k| k.local == *l));
            expr.visit(&mut |e| names |= is_key(e));
        }
        names
    }

    fn eval(&mut self, expr: &Expr) -> Result<Value, Fault> {
        if self.lacks_key(expr) { Ok(Value::Missing) } else { self.interpreter.eval(expr, &mut self.env) }
    }

    fn expects(&mut self) -> Result<Vec<ExpectTally>, Fault> {
        let gate = self.gate;
        let mut out: Vec<ExpectTally> = Vec::new();
        for clause in &gate.expect {
            let leans = clause.leans_on.iter().any(|l| out.get(*l).is_some_and(|e| *e != ExpectTally::Holds));
            if leans || self.lacks_key(&clause.condition) {
                out.push(ExpectTally::Skipped);
                continue;
            }
            if self.interpreter.holds(&clause.condition, &mut self.env)? {
                out.push(ExpectTally::Holds);
                continue;
            }
            let message = clause.message.as_ref().map(|message| {
                let depth = self.env.depth();
                bind_witness(&self.interpreter, &clause.condition, message, &mut self.env);
                let text = self.interpreter.message(message, &mut self.env);
                self.env.truncate(depth);
                text
            });
            out.push(ExpectTally::Broken(message));
        }
        Ok(out)
    }

    fn figures(&mut self, sample: u64) -> Result<Vec<MetricTally>, Fault> {
        let gate = self.gate;
        let mut out = Vec::new();
        for (number, metric) in gate.metrics.iter().enumerate() {
            let measured = self.metrics.get_mut(number).map(std::mem::take).unwrap_or_default();
            let figure = match measured.beyond {
                Some(figure) => figure,
                None => Figure::Value(self.eval(&metric.figure)?),
            };
            let n = measured.n.unwrap_or(sample);
            out.push(MetricTally { figure, n, worst_rows: measured.worst, bounds: None });
        }
        Ok(out)
    }

    fn limits(&mut self, metrics: &[MetricTally]) -> Result<Vec<Vec<Value>>, Fault> {
        let gate = self.gate;
        let mut out = Vec::new();
        for threshold in &gate.thresholds {
            let exprs: Vec<&Expr> = match &threshold.limit {
                Limit::Compare { value, .. } => vec![value],
                Limit::Range { low, high } => vec![low, high],
            };
            // Without a figure the limit is only shown, and its faults decide nothing.
            let idle = metrics.get(threshold.metric).is_none_or(|m| m.figure == Figure::Value(Value::Missing));
            let mut values = Vec::new();
            for expr in exprs {
                values.push(match self.eval(expr) {
                    Err(_) if idle => Value::Missing,
                    value => value?,
                });
            }
            out.push(values);
        }
        Ok(out)
    }
}
