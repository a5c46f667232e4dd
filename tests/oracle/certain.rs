//! The oracle's certainty: whole numbers of any length, and the definitions word by word.

use num_bigint::BigUint;
use rspp_gates::data::{Num, Value};
use rspp_gates::model::CompareOp;
use std::cmp::Ordering;

/// An element of a figure: a value, or a row that counts as beyond all of them.
#[derive(Clone, PartialEq)]
pub enum Element {
    Below,
    Value(Value),
    Above,
}

impl Element {
    fn order(&self, other: &Value) -> Ordering {
        match self {
            Self::Below => Ordering::Less,
            Self::Value(v) => v.order(other),
            Self::Above => Ordering::Greater,
        }
    }

    fn among(&self, other: &Self) -> Ordering {
        match (self, other) {
            (a, Self::Value(v)) => a.order(v),
            (Self::Value(v), b) => b.order(v).reverse(),
            (a, b) if a == b => Ordering::Equal,
            (Self::Below, _) => Ordering::Less,
            _ => Ordering::Greater,
        }
    }
}

/// What a quantile of these elements says of a limit: by the elements at the ranks of its bounds.
pub fn of_quantile(q: Num, mut elements: Vec<Element>, op: CompareOp, limit: &Value, sure: Num) -> &'static str {
    elements.sort_by(Element::among);
    let n = elements.len();
    // u is the least number with B(u - 1) >= 1 - risk, l the greatest with B(l - 1) <= risk.
    let hits = chances(n, q);
    let u = (1..=n).find(|u| rare(&at_least(&hits, *u), n, q, sure));
    let l = (1..=n).rev().find(|l| rare(&at_most(&hits, *l - 1), n, q, sure));
    let upper = |holds: fn(Ordering) -> bool| u.is_some_and(|u| holds(elements[u - 1].order(limit)));
    let lower = |holds: fn(Ordering) -> bool| l.is_some_and(|l| holds(elements[l - 1].order(limit)));
    let (met, missed) = match op {
        CompareOp::AtMost => (upper(Ordering::is_le), lower(Ordering::is_gt)),
        CompareOp::Less => (upper(Ordering::is_lt), lower(Ordering::is_ge)),
        CompareOp::AtLeast => (lower(Ordering::is_ge), upper(Ordering::is_lt)),
        CompareOp::Greater => (lower(Ordering::is_gt), upper(Ordering::is_le)),
        CompareOp::Equal | CompareOp::NotEqual => panic!("a limit without a direction"),
    };
    word(met, missed)
}

/// What so many hits say of a limit on their share: whether the limit lies outside of all shares
/// that could give them.
pub fn of_ratio(hits: usize, n: usize, op: CompareOp, limit: Num, sure: Num) -> &'static str {
    let strict = matches!(op, CompareOp::Less | CompareOp::Greater);
    let (low, high) = match limit {
        l if l < Num::ZERO || (l.is_zero() && strict && op == CompareOp::Less) => (true, false),
        l if l.is_zero() && op == CompareOp::AtLeast => (true, false),
        l if l > Num::ONE || (l == Num::ONE && (op == CompareOp::Greater || op == CompareOp::AtMost)) => (false, true),
        // The lower bound of the share lies above the limit; the upper bound lies below it.
        l => {
            let all = chances(n, l);
            (rare(&at_least(&all, hits), n, l, sure), rare(&at_most(&all, hits), n, l, sure))
        }
    };
    match op {
        CompareOp::AtLeast | CompareOp::Greater => word(low, high),
        _ => word(high, low),
    }
}

fn word(met: bool, missed: bool) -> &'static str {
    match (met, missed) {
        (true, false) => "meets",
        (false, true) => "misses",
        (false, false) => "open",
        (true, true) => panic!("certain of both"),
    }
}

fn parts(p: Num) -> (BigUint, BigUint, BigUint) {
    let whole = |n: i128| BigUint::from(u128::try_from(n).unwrap());
    let (num, den) = (whole(p.numerator()), whole(p.denominator()));
    let rest = &den - &num;
    (num, rest, den)
}

/// The chance of each number of hits among `n`, times `den^n`: one row after the other.
fn chances(n: usize, p: Num) -> Vec<BigUint> {
    let (hit, miss, _) = parts(p);
    let mut out = vec![BigUint::from(1u32)];
    for _ in 0..n {
        let mut next = vec![BigUint::from(0u32); out.len() + 1];
        for (k, chance) in out.iter().enumerate() {
            next[k] += chance * &miss;
            next[k + 1] += chance * &hit;
        }
        out = next;
    }
    out
}

fn at_most(chances: &[BigUint], k: usize) -> BigUint {
    chances[..=k].iter().sum()
}

fn at_least(chances: &[BigUint], k: usize) -> BigUint {
    chances[k..].iter().sum()
}

/// Whether a chance is below the risk by a millionth of a millionth at least.
fn rare(chance: &BigUint, n: usize, p: Num, sure: Num) -> bool {
    let (_, _, den) = parts(p);
    let (_, risk, of) = parts(sure);
    let fine = BigUint::from(1_000_000_000_000u64);
    chance * &fine * &of + den.pow(n as u32) * &of <= den.pow(n as u32) * risk * fine
}
