//! Figures of a gate and the limits they are judged by.

use super::clauses::Found;
use super::rows::Sample;
use crate::check::checker::Checker;
use crate::check::diagnostics::gates as say;
use crate::check::expr::unknown;
use crate::data::Type;
use crate::diag::did_you_mean;
use crate::model::{self, ExprKind as Model, Limit, Metric, Threshold};
use crate::registry::Body;
use crate::source::Span;
use crate::syntax::tree::{self, ExprKind, GateClause, GateClauseKind as Kind};
use std::sync::Arc;

/// A metric, and how far it can be judged.
pub(super) struct MetricCheck {
    pub(super) metric: Metric,
    /// Its number.
    pub(super) number: usize,
    /// Place of the formula.
    pub(super) value: Span,
    shown: Option<Span>,
}

impl MetricCheck {
    /// Whether its type is known.
    pub(super) fn sound(&self) -> bool {
        !self.metric.figure.ty.is_unknown()
    }
}

/// A threshold, and how far it can be judged.
pub(super) struct ThresholdCheck {
    /// Unset after a mistake.
    pub(super) threshold: Option<Threshold>,
    /// Which metric it was written for, if that could be told.
    metric: Option<usize>,
    span: Span,
}

impl Checker<'_> {
    pub(super) fn metrics(&mut self, found: &Found<'_>, sample: &Sample) -> Vec<MetricCheck> {
        let missing_allowed = found.get("missing").is_some() || found.may_be_broken("missing");
        let mut out: Vec<MetricCheck> = Vec::new();
        for clause in &found.metrics {
            let Kind::Metric { value, label, shown } = &clause.kind else { continue };
            let written = label.as_ref().map(|l| (Arc::from(l.text.as_str()), l.span));
            let label = written.or_else(|| self.own_label(value).map(|l| (l, value.span)));
            let (label, at) = label.unwrap_or_else(|| {
                if self.can_be_a_figure(value) {
                    self.report(say::unnamed_figure(value.span));
                }
                ("".into(), value.span)
            });
            let twin = out.iter().find(|m| m.metric.label == label && !label.is_empty());
            if let Some(first) = twin {
                let first = first.value;
                self.report(say::repeated_label(&label, first, at));
            }
            let (figure, row_aggregates) = self.figure(value, sample, missing_allowed);
            let metric = Metric {
                label,
                figure,
                row_aggregates,
                shown: shown.is_some(),
                source: self.one_line(value.span).into(),
                span: clause.span,
            };
            out.push(MetricCheck { metric, number: out.len(), value: value.span, shown: *shown });
        }
        out
    }

    fn figure(
        &mut self,
        value: &tree::Expr,
        sample: &Sample,
        missing_allowed: bool,
    ) -> (model::Expr, Vec<model::RowAggregate>) {
        let poison = || (unknown(value.span), Vec::new());
        if let ExprKind::Compare { left, op, right, .. } = &*value.bare().kind
            && self.can_be_a_figure(left)
        {
            let (left, right) = (self.words(left.span), self.words(right.span));
            self.report(say::comparison_as_figure(&left, op.sign(), &right, value.span));
            return poison();
        }
        if !self.can_be_a_figure(value) {
            if !mentions_mistake(value) {
                let words = self.words(value.span);
                self.report(say::not_an_aggregate(&words, value.span));
            }
            return poison();
        }
        let outer = std::mem::take(&mut self.row_aggregates);
        let scope = sample.scope.clone().metric(sample.row.clone(), missing_allowed);
        let figure = self.infer(&scope, value, None);
        let row_aggregates = std::mem::replace(&mut self.row_aggregates, outer);
        let ty = figure.ty.present().clone();
        if !figure.ty.is_unknown() && ty.dimension().is_none() {
            self.report(say::figure_type(&ty, value.span));
            return poison();
        }
        (figure, row_aggregates)
    }

    /// The name of the aggregate that a formula is a call of.
    pub(in crate::check) fn own_label(&self, value: &tree::Expr) -> Option<Arc<str>> {
        match &*value.bare().kind {
            // A function that is not there has been reported; its name stands in for the one meant.
            ExprKind::Call { name, .. } if self.is_aggregate(&name.text) || !self.is_known(&name.text) => {
                Some(name.text.as_str().into())
            }
            ExprKind::Compare { left, .. } => self.own_label(left),
            _ => None,
        }
    }

    fn is_aggregate(&self, name: &str) -> bool {
        self.registry.function(name).is_some_and(|(f, _)| matches!(f.body, Body::Aggregate(_)))
    }

    fn is_known(&self, name: &str) -> bool {
        self.registry.function(name).is_some() || self.declared.def(name).is_some()
    }

    /// Whether a formula holds an aggregate, or a call that may hold one. A name of a function
    /// that is not there counts: that is a mistake of its own.
    fn can_be_a_figure(&self, value: &tree::Expr) -> bool {
        let mut found = false;
        value.visit(&mut |e| {
            if let ExprKind::Call { name, .. } = &*e.kind {
                found |= self.is_aggregate(&name.text) || self.registry.function(&name.text).is_none();
            }
        });
        found
    }

    pub(super) fn thresholds(
        &mut self,
        found: &Found<'_>,
        metrics: &[MetricCheck],
        sample: &Sample,
    ) -> Vec<ThresholdCheck> {
        let mut out = Vec::new();
        for clause in &found.thresholds {
            let Kind::Threshold { figure, limit } = &clause.kind else { continue };
            let metric = self.judged_metric(found, clause, figure.as_ref(), metrics);
            let threshold = metric.and_then(|i| {
                let judged = metrics.get(i)?;
                let limit = self.limit(limit, judged, sample)?;
                Some(Threshold { metric: i, limit, span: clause.span })
            });
            out.push(ThresholdCheck { threshold, metric, span: clause.span });
        }
        self.check_judged(found, metrics, &out);
        let sound: Vec<Threshold> = out.iter().filter_map(|t| t.threshold.clone()).collect();
        for (i, judged) in metrics.iter().enumerate().filter(|(_, m)| m.sound()) {
            let its: Vec<&Threshold> = sound.iter().filter(|t| t.metric == i).collect();
            self.check_limits(&judged.metric, &its, true);
        }
        out
    }

    /// Which metric a threshold judges.
    fn judged_metric(
        &mut self,
        found: &Found<'_>,
        clause: &GateClause,
        figure: Option<&tree::Name>,
        metrics: &[MetricCheck],
    ) -> Option<usize> {
        let labels: Vec<Arc<str>> = metrics.iter().map(|m| m.metric.label.clone()).collect();
        let broken = found.may_be_broken("metric") || labels.iter().any(|l| l.is_empty());
        match figure {
            Some(name) => {
                let index = labels.iter().position(|l| **l == *name.text);
                if index.is_none() && !broken {
                    if labels.is_empty() {
                        self.report(say::threshold_without_metric(clause.keyword));
                    } else {
                        let names: Vec<&str> = labels.iter().map(|l| &**l).collect();
                        let nearest = did_you_mean(&name.text, names.iter().copied());
                        self.report(say::unknown_figure(&name.text, nearest, &names, name.span));
                    }
                }
                index
            }
            None if labels.len() == 1 => Some(0),
            None => {
                if !broken {
                    let names: Vec<&str> = labels.iter().map(|l| &**l).collect();
                    self.report(if names.is_empty() {
                        say::threshold_without_metric(clause.keyword)
                    } else {
                        say::which_figure(&names, clause.keyword)
                    });
                }
                None
            }
        }
    }

    /// Every figure is judged, or says that it is only shown.
    fn check_judged(&mut self, found: &Found<'_>, metrics: &[MetricCheck], thresholds: &[ThresholdCheck]) {
        let unclear = found.may_be_broken("threshold") || thresholds.iter().any(|t| t.metric.is_none());
        for (i, judged) in metrics.iter().enumerate() {
            // A second figure of the same name cannot be judged by it; that has been told.
            if metrics.iter().take(i).any(|m| m.metric.label == judged.metric.label) {
                continue;
            }
            let threshold = thresholds.iter().find(|t| t.metric == Some(i));
            match (judged.shown, threshold) {
                (Some(shown), Some(threshold)) => {
                    self.report(say::shown_and_judged(&judged.metric.label, shown, threshold.span));
                }
                (None, None) if !unclear && judged.sound() => {
                    self.report(say::figure_not_judged(&judged.metric.label, metrics.len() > 1, judged.value));
                }
                _ => {}
            }
        }
    }

    fn limit(&mut self, limit: &tree::Limit, judged: &MetricCheck, sample: &Sample) -> Option<Limit> {
        match limit {
            tree::Limit::Compare { op, value, .. } => {
                let value = self.limit_value(value, judged, sample)?;
                Some(Limit::Compare { op: compare_op(*op), value })
            }
            tree::Limit::Range { low, high } => {
                let low = self.limit_value(low, judged, sample);
                let high = self.limit_value(high, judged, sample);
                Some(Limit::Range { low: low?, high: high? })
            }
        }
    }

    fn limit_value(&mut self, value: &tree::Expr, judged: &MetricCheck, sample: &Sample) -> Option<model::Expr> {
        let limit = self.infer(&sample.scope, value, None);
        if limit.ty.is_unknown() || !judged.sound() {
            return (!limit.ty.is_unknown()).then_some(limit);
        }
        let figure = judged.metric.figure.ty.present();
        if let Type::Optional(inner) = &limit.ty {
            self.report(say::limit_may_be_missing(inner, limit.span));
            return None;
        }
        if comparable(figure, &limit.ty) {
            return Some(limit);
        }
        let words = self.words(value.span);
        let bare = matches!(&*value.bare().kind, ExprKind::Number(_));
        let diagnostic = say::limit_type(figure, judged.value, &limit.ty, value.span, bare.then_some(&*words));
        self.report(diagnostic);
        None
    }
}

/// Whether a figure of one type can be compared with a limit of the other. A count is never
/// compared with a share.
pub(in crate::check) fn comparable(figure: &Type, limit: &Type) -> bool {
    match (figure, limit) {
        (Type::Int, Type::Ratio) => false,
        _ => figure.dimension().is_some() && figure.dimension() == limit.dimension(),
    }
}

/// Whether a part could not be read and was reported.
fn mentions_mistake(value: &tree::Expr) -> bool {
    let mut found = false;
    value.visit(&mut |e| found |= matches!(*e.kind, ExprKind::Broken));
    found
}

pub(in crate::check) fn compare_op(op: tree::CompareOp) -> model::CompareOp {
    match op {
        tree::CompareOp::Equal => model::CompareOp::Equal,
        tree::CompareOp::NotEqual => model::CompareOp::NotEqual,
        tree::CompareOp::AtMost => model::CompareOp::AtMost,
        tree::CompareOp::AtLeast => model::CompareOp::AtLeast,
        tree::CompareOp::Less => model::CompareOp::Less,
        tree::CompareOp::Greater => model::CompareOp::Greater,
    }
}

/// The row aggregate that a figure is, when it is nothing else.
pub(super) fn bare_aggregate(metric: &Metric) -> Option<&model::RowAggregate> {
    match &*metric.figure.kind {
        Model::RowAggregate(i) => metric.row_aggregates.get(*i),
        _ => None,
    }
}
