//! How sure is sure: what `decide certified` can be asked of.
//!
//! A bound is exact for one quantile or share of independent rows against a limit that is no
//! figure of these rows itself. Everything else is refused here, so that no run promises a
//! confidence that it does not have.

use super::clauses::Found;
use super::figures::{MetricCheck, ThresholdCheck, bare_aggregate};
use super::rows::Population;
use crate::check::checker::{Checker, Memo, Node};
use crate::check::diagnostics::gates as say;
use crate::data::{Num, Type, Value};
use crate::model::{
    CompareOp, Decide, EvidenceId, EvidenceShape, Expr, ExprKind, Limit, LocalId, Metric, RowAggregate, Threshold,
};
use crate::registry::{Body, CallTypes, Certify, Counted};
use crate::stats::Level;
use crate::syntax::tree::{DecideClause, GateClauseKind as Kind};
use std::collections::BTreeSet;

impl Checker<'_> {
    pub(super) fn decide(
        &mut self,
        found: &Found<'_>,
        population: Option<&Population>,
        rows: LocalId,
        metrics: &[MetricCheck],
        thresholds: &[ThresholdCheck],
    ) -> Decide {
        let Some(clause) = found.get("decide") else { return Decide::Point };
        let Kind::Decide(DecideClause::Certified(share)) = &clause.kind else { return Decide::Point };
        let half = Num::new(1, 2).unwrap_or(Num::ZERO);
        let confidence = match self.constant(share, &Type::Ratio) {
            Some((expr, Value::Num(n))) => {
                if Level::of(n).is_none() {
                    self.report(say::confidence(expr.span));
                }
                n
            }
            _ => half,
        };
        let decide = Decide::Certified { confidence };
        if thresholds.is_empty() && !found.may_be_broken("threshold") && !found.may_be_broken("metric") {
            self.report(say::certified_nothing(clause.span));
        }
        let of_scope =
            population.and_then(|p| p.scope.as_ref()).map(|s| self.row_evidence(&s.list)).unwrap_or_default();
        for threshold in thresholds.iter().filter_map(|t| t.threshold.as_ref()) {
            let Some(judged) = metrics.get(threshold.metric).filter(|m| m.sound()) else { continue };
            let Some(aggregate) = bare_aggregate(&judged.metric).filter(|a| has_bound(a)) else {
                self.report(say::certified_figure(&judged.metric.label, judged.value, clause.span));
                continue;
            };
            if names(&aggregate.value, rows) {
                self.report(say::certified_row(&judged.metric.label, judged.value, clause.span));
                continue;
            }
            match &threshold.limit {
                Limit::Compare {
                    op: CompareOp::AtMost | CompareOp::Less | CompareOp::AtLeast | CompareOp::Greater,
                    value,
                } => {
                    if names(value, rows) || !self.row_evidence(value).is_disjoint(&of_scope) {
                        self.report(say::certified_by_rows(value.span, clause.span));
                    }
                }
                _ => self.report(say::certified_limit(threshold.span, clause.span)),
            }
        }
        for (number, judged) in metrics.iter().enumerate() {
            let its = thresholds.iter().filter_map(|t| t.threshold.as_ref()).filter(|t| t.metric == number);
            let its: Vec<&Threshold> = its.collect();
            self.check_certainty(&judged.metric, &its, decide, true);
        }
        decide
    }

    /// Reports limits that no sample can certify, however large. With `fixed` only those that are
    /// the same in every profile.
    pub(in crate::check) fn check_certainty(
        &mut self,
        metric: &Metric,
        thresholds: &[&Threshold],
        decide: Decide,
        fixed: bool,
    ) {
        let Decide::Certified { .. } = decide else { return };
        let Some(of) = bare_aggregate(metric).and_then(|a| self.certified_share(a)) else { return };
        for threshold in thresholds {
            let Limit::Compare { op, value } = &threshold.limit else { continue };
            // The share of rows that may be on the wrong side.
            let allowed = match (of, op) {
                (Share::Quantile(q), CompareOp::AtMost | CompareOp::Less) => Num::ONE.sub(q),
                (Share::Quantile(q), _) => Some(q),
                (Share::Ratio, CompareOp::AtMost) => self.limit_number(value, fixed),
                (Share::Ratio, CompareOp::AtLeast) => self.limit_number(value, fixed).and_then(|n| Num::ONE.sub(n)),
                (Share::Ratio, _) => None,
            };
            if allowed.is_some_and(Num::is_zero) {
                self.report(say::never_certain(&metric.label, threshold.span, metric.span));
            }
        }
    }

    /// What share an aggregate speaks of.
    fn certified_share(&self, aggregate: &RowAggregate) -> Option<Share> {
        let Body::Aggregate(body) = &aggregate.function.body else { return None };
        let values: Vec<Value> = aggregate.arguments.iter().filter_map(|a| self.fold(a)).collect();
        let mut types: Vec<Type> = aggregate.arguments.iter().map(|a| a.ty.clone()).collect();
        types.push(Type::list(aggregate.value.ty.present().clone()));
        let accumulator = (body.start)(&CallTypes { arguments: &types, result: &aggregate.ty }, &values).ok()?;
        Some(match accumulator.counted()? {
            Counted::Quantile(elements) => Share::Quantile(elements.share()),
            Counted::Ratio { .. } => Share::Ratio,
        })
    }

    /// Tables of rows that an expression reads, through lets, defs and results of gates.
    fn row_evidence(&self, expr: &Expr) -> BTreeSet<EvidenceId> {
        let mut open: Vec<Node> = Vec::new();
        expr.visit(&mut |e| match &*e.kind {
            ExprKind::Evidence(id) => open.push(Node::Evidence(*id)),
            ExprKind::Let(id) => open.push(Node::Let(*id)),
            ExprKind::CallDef { def, .. } => open.push(Node::Def(*def)),
            ExprKind::Result(gate) => open.push(Node::Gate(gate.clone())),
            _ => {}
        });
        let mut seen: BTreeSet<Node> = open.iter().cloned().collect();
        let mut found = BTreeSet::new();
        while let Some(node) = open.pop() {
            if let Node::Evidence(id) = &node {
                let definition = self.evidence.get(id.index()).and_then(Memo::done);
                if definition.is_some_and(|d| matches!(d.shape, EvidenceShape::Rows(_))) {
                    found.insert(*id);
                }
                continue;
            }
            for next in self.reads.get(&node).into_iter().flat_map(|r| r.keys()) {
                if seen.insert(next.clone()) {
                    open.push(next.clone());
                }
            }
        }
        found
    }
}

#[derive(Clone, Copy)]
enum Share {
    Quantile(Num),
    Ratio,
}

fn has_bound(aggregate: &RowAggregate) -> bool {
    matches!(aggregate.function.body, Body::Aggregate(a) if a.certify != Certify::No)
}

fn names(expr: &Expr, local: LocalId) -> bool {
    let mut found = false;
    expr.visit(&mut |e| found |= matches!(&*e.kind, ExprKind::Local(l) if *l == local));
    found
}
