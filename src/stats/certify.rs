//! Ranks, shares and numbers of rows that bounds are made of.
//!
//! Sources: W. J. Conover, *Practical Nonparametric Statistics* (1999), section 3.2, for bounds
//! of quantiles; C. J. Clopper and E. S. Pearson (1934) for bounds of shares; S. S. Wilks (1941)
//! for the least number of rows. All bounds are one-sided: each holds at the level by itself.

use super::{Level, tails};
use crate::data::Num;

/// The place of the `q`-quantile among `n` sorted elements, from 1: `ceil(q n)`, at least 1 and
/// at most `n`. `None` when `n` is 0 or `q n` does not fit.
pub fn nearest_rank(q: Num, n: u64) -> Option<u64> {
    let rank = q.mul(Num::int(i128::from(n)))?.ceil()?;
    (n > 0).then(|| u64::try_from(rank).unwrap_or(0).clamp(1, n))
}

/// The greatest count of hits among `n` rows that is so low that a share of `p` or more is ruled
/// out; `None` where not even no hit at all is.
pub fn few(n: u64, p: Num, level: Level) -> Option<u64> {
    let rules_out = |k: u64| level.rules_out(tails(n, k, p).at_most);
    // Below it everything is ruled out, from it on nothing.
    first(0, n, |k| !rules_out(k)).unwrap_or(n).checked_sub(1).filter(|_| n > 0)
}

/// The least count of hits among `n` rows that is so high that a share of `p` or less is ruled
/// out; `None` where not even `n` is.
pub fn many(n: u64, p: Num, level: Level) -> Option<u64> {
    first(0, n, |k| level.rules_out(tails(n, k, p).at_least)).filter(|_| n > 0)
}

/// The place, from 1, of the element among `n` sorted ones that the `q`-quantile of all rows does
/// not lie above: `min{u : B(u - 1) >= 1 - risk}`, where `B` is the distribution function of
/// Binomial(n, q). `None`: so few elements have no upper bound.
pub fn upper_rank(q: Num, n: u64, level: Level) -> Option<u64> {
    many(n, q, level)
}

/// The place, from 1, of the element among `n` sorted ones that the `q`-quantile of all rows does
/// not lie below: `max{l : B(l - 1) <= risk}`. `None`: so few elements have no lower bound.
pub fn lower_rank(q: Num, n: u64, level: Level) -> Option<u64> {
    few(n, q, level).map(|k| k + 1)
}

/// Bounds of shares are told in steps of one to a thousand million.
const STEPS: u64 = 1_000_000_000;

/// The share of all rows that is not lower than this, given `hits` among `n`: Clopper and
/// Pearson's lower bound, rounded down.
pub fn lower_share(hits: u64, n: u64, level: Level) -> Num {
    // A share of nought is ruled out by any hit; what is told is the last step ruled out.
    let open = first(0, STEPS, |step| !level.rules_out(tails(n, hits, share(step)).at_least));
    share(open.unwrap_or(STEPS).saturating_sub(1))
}

/// The share of all rows that is not higher than this, given `hits` among `n`: Clopper and
/// Pearson's upper bound, rounded up.
pub fn upper_share(hits: u64, n: u64, level: Level) -> Num {
    share(first(0, STEPS, |step| level.rules_out(tails(n, hits, share(step)).at_most)).unwrap_or(STEPS))
}

fn share(step: u64) -> Num {
    Num::new(i128::from(step), i128::from(STEPS)).unwrap_or(Num::ZERO)
}

/// What a sample says of a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Certainty {
    /// So few rows miss that the limit is met.
    Meets,
    /// So many rows miss that the limit is missed.
    Misses,
    /// It could be either.
    Open,
}

/// Whether `misses` among `n` rows certify that at most the share `allowed` of all rows misses,
/// or that more do.
pub fn certainty(misses: u64, n: u64, allowed: Num, level: Level) -> Certainty {
    if n == 0 {
        return Certainty::Open;
    }
    let chance = tails(n, misses, allowed);
    if level.rules_out(chance.at_most) {
        Certainty::Meets
    } else if level.rules_out(chance.at_least) {
        Certainty::Misses
    } else {
        Certainty::Open
    }
}

/// More rows than this nobody collects.
const MOST_ROWS: u64 = 1_000_000_000_000_000;

/// The least number of rows, at least `from`, of which `misses` misses certify that at most the
/// share `allowed` of all rows misses. `None` where no number of rows does: a share of nought is
/// never certain.
pub fn least_rows(misses: u64, from: u64, allowed: Num, level: Level) -> Option<u64> {
    if allowed <= Num::ZERO {
        return None;
    }
    let enough = |n: u64| level.rules_out(tails(n, misses, allowed).at_most);
    let from = from.max(misses).max(1);
    let mut most = from;
    while !enough(most) {
        most = most.checked_mul(2).filter(|n| *n <= MOST_ROWS)?;
    }
    first(from.max(most / 2), most, enough)
}

/// The first number from `low` to `high` of which `holds` is true, where it stays true from
/// there on.
fn first(mut low: u64, mut high: u64, holds: impl Fn(u64) -> bool) -> Option<u64> {
    if !holds(high) {
        return None;
    }
    while low < high {
        let middle = low + (high - low) / 2;
        if holds(middle) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    Some(low)
}
