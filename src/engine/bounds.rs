//! What exact bounds are made of, for gates that say `decide certified`: how a sample stands to
//! its limits, and the elements at the ranks of the bounds.

use super::{BoundTally, BoundsTally, GroupTally, Standing};
use crate::data::{Fault, Num, Value};
use crate::model::{Decide, ExprKind, GateDefinition};
use crate::plan::RowsPlan;
use crate::registry::{Accumulator, Counted, Figure};
use crate::stats::{Level, lower_rank, lower_share, upper_rank, upper_share};

/// Adds them to the tally of one group, whose figures and limits are known.
pub(super) fn certify(
    gate: &GateDefinition,
    rows: &RowsPlan,
    accumulators: &[Box<dyn Accumulator>],
    tally: &mut GroupTally,
) -> Result<(), Fault> {
    let Decide::Certified { confidence } = gate.decide else { return Ok(()) };
    let level = Level::of(confidence).ok_or_else(|| internal("a confidence that is none"))?;
    for (number, metric) in tally.metrics.iter_mut().enumerate() {
        if let Some(counted) = counted(gate, rows, accumulators, number).filter(|_| metric.n > 0) {
            metric.bounds = Some(bounds(&counted, metric.n, level));
        }
    }
    for (threshold, limit) in gate.thresholds.iter().zip(&tally.limits) {
        let measured = tally.metrics.get(threshold.metric).is_some_and(|m| m.n > 0);
        let standing = match limit.as_slice() {
            [limit] if measured && !limit.is_missing() => {
                let counted = counted(gate, rows, accumulators, threshold.metric);
                Some(standing(&counted.ok_or_else(|| internal("a figure that has no bound"))?, limit))
            }
            _ => None,
        };
        tally.standings.push(standing);
    }
    Ok(())
}

/// What was counted for a metric that is one aggregate and nothing else.
fn counted<'a>(
    gate: &GateDefinition,
    rows: &RowsPlan,
    accumulators: &'a [Box<dyn Accumulator>],
    metric: usize,
) -> Option<Counted<'a>> {
    let ExprKind::Local(figure) = &*gate.metrics.get(metric)?.figure.kind else { return None };
    let place = rows.aggregates.iter().position(|a| a.local == *figure)?;
    accumulators.get(place)?.counted()
}

fn bounds(counted: &Counted<'_>, n: u64, level: Level) -> BoundsTally {
    match counted {
        Counted::Quantile(elements) => {
            let bound = |rank: Option<u64>| rank.and_then(|k| Some(BoundTally { rank, figure: elements.kth(k)? }));
            let q = elements.share();
            BoundsTally { lower: bound(lower_rank(q, n, level)), upper: bound(upper_rank(q, n, level)) }
        }
        Counted::Ratio { hits, total } => {
            let bound = |share: Num| Some(BoundTally { rank: None, figure: Figure::Value(Value::Num(share)) });
            BoundsTally {
                lower: bound(lower_share(*hits, *total, level)),
                upper: bound(upper_share(*hits, *total, level)),
            }
        }
    }
}

fn standing(counted: &Counted<'_>, limit: &Value) -> Standing {
    match counted {
        Counted::Quantile(elements) => Standing::Quantile {
            share: elements.share(),
            less: elements.less_than(limit),
            at_most: elements.at_most(limit),
        },
        Counted::Ratio { hits, .. } => Standing::Ratio { hits: *hits },
    }
}

fn internal(what: &str) -> Fault {
    Fault::Internal { what: what.into() }
}
