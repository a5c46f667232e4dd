//! How much is enough, what is missing, what is empty.

use super::GateClauses;
use super::clauses::Found;
use super::figures::{MetricCheck, ThresholdCheck, bare_aggregate};
use super::rows::Sample;
use crate::check::checker::Checker;
use crate::check::diagnostics::gates as say;
use crate::data::{Num, Type, Value};
use crate::model::{CompareOp, EmptyPolicy, Limit, MissingPolicy, RowAggregate, Samples};
use crate::registry::{Body, CallTypes, Certify, Extreme};
use crate::source::Span;
use crate::syntax::tree::{GateClauseKind as Kind, MissingClause};

impl Checker<'_> {
    pub(super) fn samples(&mut self, found: &Found<'_>, sample: &Sample) -> Option<Samples> {
        let clause = found.get("samples")?;
        let Kind::Samples { weight, least } = &clause.kind else { return None };
        let weight = weight.as_ref().map(|w| self.infer(&sample.scope, w, None));
        if let Some(weight) = &weight {
            match &weight.ty {
                Type::Unknown | Type::Int | Type::Decimal => {}
                Type::Optional(inner) if inner.is_number() => self.report(say::weight_may_be_missing(weight.span)),
                other => {
                    let other = other.clone();
                    self.report(say::weight_type(&other, weight.span));
                }
            }
        }
        let number = least.text.replace('_', "").parse::<u64>();
        match number {
            Ok(n) if n > 0 => Some(Samples { weight, least: n, span: clause.span }),
            _ => {
                self.report(say::samples_number(&least.text, least.span));
                None
            }
        }
    }

    /// `missing ..`: due exactly where a value of a row may be missing. That it lacks is told
    /// where the value stands.
    pub(super) fn missing(
        &mut self,
        found: &Found<'_>,
        metrics: &[MetricCheck],
        thresholds: &[ThresholdCheck],
    ) -> Option<MissingPolicy> {
        let clause = found.get("missing")?;
        let Kind::Missing(written) = &clause.kind else { return None };
        let partial = |m: &MetricCheck| m.metric.row_aggregates.iter().any(|r| r.value.ty.is_optional());
        let clear = metrics.iter().all(MetricCheck::sound) && !found.may_be_broken("metric");
        if clear && !metrics.iter().any(partial) {
            self.report(say::nothing_is_missing(clause.span));
        }
        Some(match written {
            MissingClause::Fail => MissingPolicy::Fail,
            MissingClause::Worst => {
                for judged in metrics.iter().filter(|m| partial(m) && m.sound()) {
                    self.check_worst(judged, thresholds, clause.span);
                }
                MissingPolicy::Worst
            }
            MissingClause::Exclude(share) => {
                let share = self.constant(share, &Type::Ratio);
                let at_most = match share {
                    Some((_, Value::Num(n))) if !n.is_negative() && n <= Num::ONE => n,
                    Some((expr, _)) => {
                        self.report(say::excluded_share(expr.span));
                        Num::ZERO
                    }
                    None => Num::ZERO,
                };
                MissingPolicy::Exclude { at_most }
            }
        })
    }

    /// A missing value can count as the worst only where the limit says which way is worse.
    fn check_worst(&mut self, judged: &MetricCheck, thresholds: &[ThresholdCheck], span: Span) {
        let Some(aggregate) = bare_aggregate(&judged.metric) else {
            self.report(say::worst_of_a_formula(&judged.metric.label, judged.value, span));
            return;
        };
        let its = thresholds.iter().filter_map(|t| t.threshold.as_ref()).filter(|t| t.metric == judged.number);
        let ways: Vec<Option<Extreme>> = its.map(|t| worse(&t.limit)).collect();
        let way = match ways.split_first() {
            Some((Some(first), rest)) if rest.iter().all(|w| *w == Some(*first)) => *first,
            _ => {
                self.report(say::worst_without_direction(&judged.metric.label, judged.value, span));
                return;
            }
        };
        if !takes_extreme(self, aggregate, way) {
            self.report(say::worst_not_taken(aggregate.function.name, judged.value, span));
        }
    }

    pub(super) fn when_empty(&mut self, gate: &GateClauses<'_>, found: &Found<'_>, required: bool) -> EmptyPolicy {
        match found.kind("when empty") {
            Some(Kind::WhenEmpty(word)) => match word.text.as_str() {
                "pass" => EmptyPolicy::Pass,
                "fail" => EmptyPolicy::Fail,
                _ => EmptyPolicy::Inconclusive,
            },
            _ => {
                if required
                    && let Some(scope) = found.get("scope")
                    && !found.may_be_broken("when empty")
                {
                    let last = gate
                        .clauses
                        .iter()
                        .map(|c| c.span)
                        .filter(|s| s.source == gate.id.span.source)
                        .max_by_key(|s| s.end);
                    self.report(say::when_empty_unsaid(&gate.id.text, gate.id.span, scope.span, last));
                }
                EmptyPolicy::Inconclusive
            }
        }
    }

    pub(super) fn effective_from(&mut self, found: &Found<'_>) -> Option<Num> {
        let Some(Kind::EffectiveFrom(instant)) = found.kind("effective from") else { return None };
        match self.constant(instant, &Type::Instant) {
            Some((_, Value::Num(n))) => Some(n),
            _ => None,
        }
    }
}

/// Which way is worse for a limit.
fn worse(limit: &Limit) -> Option<Extreme> {
    match limit {
        Limit::Compare { op: CompareOp::AtMost | CompareOp::Less, .. } => Some(Extreme::Above),
        Limit::Compare { op: CompareOp::AtLeast | CompareOp::Greater, .. } => Some(Extreme::Below),
        Limit::Compare { op: CompareOp::Equal | CompareOp::NotEqual, .. } | Limit::Range { .. } => None,
    }
}

/// Whether an aggregate has a place for an element beyond every other.
fn takes_extreme(checker: &Checker<'_>, aggregate: &RowAggregate, way: Extreme) -> bool {
    let Body::Aggregate(body) = &aggregate.function.body else { return false };
    // Of shares the worst element is a false one, which is worse only where more is better.
    if body.certify == Certify::Ratio {
        return way == Extreme::Below;
    }
    let values: Vec<Value> = aggregate.arguments.iter().filter_map(|a| checker.fold(a)).collect();
    let mut types: Vec<Type> = aggregate.arguments.iter().map(|a| a.ty.clone()).collect();
    types.push(Type::list(aggregate.value.ty.present().clone()));
    let types = CallTypes { arguments: &types, result: &aggregate.ty };
    (body.start)(&types, &values).is_ok_and(|mut a| a.push_extreme(way))
}
