//! What kind of figure a metric of a report is, so that its rank or its count can be told.

use super::Against;
use super::saved::Metric;
use crate::data::{Num, Value};
use crate::explain::fields::constant;
use crate::model::{EffectiveProfile, Expr, ExprKind, GateDefinition};
use crate::registry::{Body, CallTypes, Certify, Counted, Function, Registry};

/// Kinds of figures that are derived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Figure {
    /// The element at the nearest rank of this share.
    Quantile(Num),
    /// So many of so many.
    Ratio,
    /// Anything else.
    Other,
}

/// The figure of a metric: as the policy says it, where that still has this very formula; else as
/// the formula itself does.
pub(super) fn figure(
    label: &str,
    metric: &Metric,
    registry: &Registry,
    against: Option<(Against<'_>, Option<&EffectiveProfile>, &GateDefinition)>,
) -> Figure {
    if let Some((against, profile, gate)) = against
        && let Some(declared) = gate.metrics.iter().find(|m| *m.label == *label && *m.source == *metric.formula)
    {
        let value = |e: &Expr| constant(against.checked, profile, e);
        let call = match &*declared.figure.kind {
            ExprKind::RowAggregate(n) => declared.row_aggregates.get(*n).map(|a| (&a.function, a.arguments.as_slice())),
            ExprKind::Call { function, arguments, .. } => {
                arguments.split_last().map(|(_, constants)| (function, constants))
            }
            _ => None,
        };
        let Some((function, constants)) = call else { return Figure::Other };
        let constants: Option<Vec<Value>> = constants.iter().map(value).collect();
        return constants.map_or(Figure::Other, |constants| of(function, &constants));
    }
    // One call that is the whole formula: `p95(..)`, and not `p95(a) - p95(b)`.
    let Some((name, rest)) = metric.formula.split_once('(') else { return Figure::Other };
    if !closes_at_its_end(rest) {
        return Figure::Other;
    }
    registry.function(name.trim()).map_or(Figure::Other, |(function, _)| of(function, &[]))
}

fn closes_at_its_end(rest: &str) -> bool {
    let mut open = 1_usize;
    let mut left = rest.chars();
    for c in left.by_ref() {
        match c {
            '(' => open = open.saturating_add(1),
            ')' => open = open.saturating_sub(1),
            // A quoted parenthesis would be counted.
            '"' => return false,
            _ => {}
        }
        if open == 0 {
            break;
        }
    }
    open == 0 && left.as_str().trim().is_empty()
}

fn of(function: &Function, constants: &[Value]) -> Figure {
    let Body::Aggregate(aggregate) = function.body else { return Figure::Other };
    match aggregate.certify {
        Certify::Ratio => Figure::Ratio,
        Certify::Quantile => {
            let types = CallTypes { arguments: &[], result: &crate::data::Type::Unknown };
            let empty = (aggregate.start)(&types, constants).ok();
            match empty.as_ref().and_then(|e| e.counted()) {
                Some(Counted::Quantile(elements)) => Figure::Quantile(elements.share()),
                _ => Figure::Other,
            }
        }
        Certify::No => Figure::Other,
    }
}
