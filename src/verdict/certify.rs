//! Certainty of one limit: which rows miss it, how many may, and how many more rows it takes.
//!
//! A limit on a quantile or on a share is a limit on the share of rows that miss it; see `stats`.

use super::{AppliedLimit, Bound, Bounds, Certified, FigureValue, Miss, compare::figure_value};
use crate::data::Num;
use crate::engine::{BoundTally, MetricTally, Standing};
use crate::model::{CompareOp, Decide};
use crate::stats::{Certainty, Level, certainty, few, least_rows, many};

/// The bounds of a figure, where the gate decides by them.
pub(super) fn bounds(decide: Decide, tally: &MetricTally) -> Option<Bounds> {
    let Decide::Certified { confidence } = decide else { return None };
    let bound = |b: &BoundTally| match figure_value(&b.figure) {
        FigureValue::Missing => None,
        value => Some(Bound { rank: b.rank, value }),
    };
    let found = tally.bounds.as_ref()?;
    Some(Bounds {
        confidence,
        lower: found.lower.as_ref().and_then(bound),
        upper: found.upper.as_ref().and_then(bound),
    })
}

/// What a sample of `n` values says of a limit, where the gate decides by bounds.
pub(super) fn certified(decide: Decide, limit: &AppliedLimit, n: u64, standing: Option<Standing>) -> Option<Certified> {
    let Decide::Certified { confidence } = decide else { return None };
    let AppliedLimit::Compare { op, value } = limit else { return None };
    let level = Level::of(confidence)?;
    let standing = standing?;
    let (miss, misses, allowed) = misses(*op, value.as_num(), n, standing)?;
    let certainty = without_rows(*op, allowed, standing).unwrap_or_else(|| certainty(misses, n, allowed, level));
    let allowed = allowed.clamp(Num::ZERO, Num::ONE);
    Some(Certified {
        confidence,
        certainty,
        miss,
        misses,
        allowed,
        most_misses: few(n, allowed, level),
        least_misses: many(n, allowed, level),
        rows_needed: match certainty {
            Certainty::Open => least_rows(misses, n, allowed, level),
            Certainty::Meets | Certainty::Misses => None,
        },
    })
}

/// What is certain whatever the rows are: a share lies between 0% and 100%.
fn without_rows(op: CompareOp, allowed: Num, standing: Standing) -> Option<Certainty> {
    let Standing::Ratio { .. } = standing else { return None };
    let strict = matches!(op, CompareOp::Less | CompareOp::Greater);
    if allowed > Num::ONE || (allowed == Num::ONE && !strict) {
        Some(Certainty::Meets)
    } else if allowed.is_negative() || (allowed.is_zero() && strict) {
        Some(Certainty::Misses)
    } else {
        None
    }
}

/// What a miss is, how many there are, and what share of all rows may be one.
fn misses(op: CompareOp, limit: Option<Num>, n: u64, standing: Standing) -> Option<(Miss, u64, Num)> {
    // What leaves 128 bits lies far below nought.
    let rest = |share: Num| Num::ONE.sub(share).unwrap_or(Num::int(2));
    Some(match (standing, op) {
        (Standing::Quantile { share, at_most, .. }, CompareOp::AtMost) => {
            (Miss::Above, n.saturating_sub(at_most), rest(share))
        }
        (Standing::Quantile { share, less, .. }, CompareOp::Less) => {
            (Miss::NotBelow, n.saturating_sub(less), rest(share))
        }
        (Standing::Quantile { share, less, .. }, CompareOp::AtLeast) => (Miss::Below, less, share),
        (Standing::Quantile { share, at_most, .. }, CompareOp::Greater) => (Miss::NotAbove, at_most, share),
        (Standing::Ratio { hits }, CompareOp::AtLeast | CompareOp::Greater) => {
            (Miss::Untrue, n.saturating_sub(hits), rest(limit?))
        }
        (Standing::Ratio { hits }, CompareOp::AtMost | CompareOp::Less) => (Miss::True, hits, limit?),
        (_, CompareOp::Equal | CompareOp::NotEqual) => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Value;

    fn ratio(op: CompareOp, limit: (i128, i128), hits: u64, n: u64) -> Certified {
        let decide = Decide::Certified { confidence: Num::new(95, 100).unwrap() };
        let value = Value::Num(Num::new(limit.0, limit.1).unwrap());
        certified(decide, &AppliedLimit::Compare { op, value }, n, Some(Standing::Ratio { hits })).unwrap()
    }

    #[test]
    fn limits_beyond_every_share_are_certain_without_rows() {
        use CompareOp::{AtLeast, AtMost, Greater, Less};
        for (op, limit, due) in [
            (AtLeast, (0, 1), Certainty::Meets),
            (AtLeast, (-1, 20), Certainty::Meets),
            (AtLeast, (101, 100), Certainty::Misses),
            (AtLeast, (1, 1), Certainty::Open),
            (Greater, (1, 1), Certainty::Misses),
            (Greater, (-1, 20), Certainty::Meets),
            (AtMost, (1, 1), Certainty::Meets),
            (AtMost, (-1, 20), Certainty::Misses),
            (Less, (0, 1), Certainty::Misses),
            (Less, (2, 1), Certainty::Meets),
        ] {
            let hits = if matches!(op, AtLeast | Greater) { 3 } else { 0 };
            assert_eq!(ratio(op, limit, hits, 3).certainty, due, "{op:?} {limit:?}");
        }
        // One row settles a strict limit at the end.
        assert_eq!(ratio(Greater, (0, 1), 1, 3).certainty, Certainty::Meets);
        assert_eq!(ratio(Greater, (0, 1), 0, 3).certainty, Certainty::Open);
        assert_eq!(ratio(Less, (1, 1), 2, 3).certainty, Certainty::Meets);
    }

    #[test]
    fn the_largest_element_bounds_the_largest_of_all_rows_from_below_alone() {
        let decide = Decide::Certified { confidence: Num::new(95, 100).unwrap() };
        let of = |op, less, at_most| {
            let limit = AppliedLimit::Compare { op, value: Value::int(7) };
            let standing = Standing::Quantile { share: Num::ONE, less, at_most };
            certified(decide, &limit, 100, Some(standing)).unwrap().certainty
        };
        assert_eq!(of(CompareOp::AtLeast, 99, 99), Certainty::Meets);
        assert_eq!(of(CompareOp::AtLeast, 100, 100), Certainty::Open);
        assert_eq!(of(CompareOp::AtMost, 99, 100), Certainty::Open);
        assert_eq!(of(CompareOp::Less, 100, 100), Certainty::Open);
        assert_eq!(of(CompareOp::Less, 99, 100), Certainty::Misses);
    }

    #[test]
    fn an_open_limit_says_how_many_rows_would_do() {
        let told = ratio(CompareOp::AtLeast, (95, 100), 20, 20);
        assert_eq!((told.certainty, told.misses, told.rows_needed), (Certainty::Open, 0, Some(59)));
        assert_eq!((told.most_misses, told.least_misses), (None, Some(4)));
        let told = ratio(CompareOp::AtLeast, (1, 1), 20, 20);
        assert_eq!((told.certainty, told.rows_needed, told.least_misses), (Certainty::Open, None, Some(1)));
        let told = ratio(CompareOp::AtMost, (5, 100), 3, 100);
        assert_eq!((told.misses, told.most_misses, told.rows_needed), (3, Some(1), Some(153)));
    }
}
