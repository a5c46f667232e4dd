//! Quantiles by nearest rank: the `ceil(q n)`-th smallest element, in integers.
//!
//! Nearest rank, not interpolation: a threshold must be met by an element that happened.

use super::BASE;
use super::arguments::{internal, num, same};
use super::columns::{each, missing_element};
use super::counting::Counts;
use crate::data::{Column, Fault, Num, Value};
use crate::registry::{
    Accumulator, Aggregate, AggregateMemory, Body, Certify, Constant, Counted, Example, Extreme, Figure, Function,
    InOrder,
};
use crate::stats::nearest_rank;
use std::any::Any;

/// The family.
pub(super) const FUNCTIONS: &[Function] = &[
    percentile(
        "p50",
        "the median of {0}",
        "The median: the smallest element that at least half of all elements do not exceed.",
        &[
            Example { expression: "p50([30ms, 10ms, 20ms])", prints: "20ms" },
            Example { expression: "p50([1, 2, 3, 4])", prints: "2" },
        ],
        |_, _| start(1, 2),
    ),
    percentile(
        "p95",
        "the 95th percentile (nearest rank) of {0}",
        "The 95th percentile by nearest rank: the smallest element that at least 95% of all elements do not exceed.",
        &[
            Example { expression: "p95([120ms, 80ms])", prints: "120ms" },
            Example { expression: "p95([1, 2, 3] where this > 5)", prints: "(missing)" },
        ],
        |_, _| start(95, 100),
    ),
    percentile(
        "p99",
        "the 99th percentile (nearest rank) of {0}",
        "The 99th percentile by nearest rank: the smallest element that at least 99% of all elements do not exceed.",
        &[Example { expression: "p99([1, 2, 3])", prints: "3" }],
        |_, _| start(99, 100),
    ),
    Function {
        name: "quantile",
        phrase: "the {0} quantile (nearest rank) of {1}",
        family: "aggregates",
        signature: "(q: ratio, xs: list<O>) -> O?",
        doc: "The `q`-quantile by nearest rank: the `ceil(q n)`-th smallest of `n` elements, without interpolation. \
              `q` is constant, above 0% and at most 100%. Missing when there are no elements.",
        examples: &[
            Example { expression: "quantile(90%, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10])", prints: "9" },
            Example { expression: "quantile(99.9%, [5ms, 7ms])", prints: "7ms" },
        ],
        constants: &[Constant { argument: 0, check: |q| share(q).map(|_| ()) }],
        body: Body::Aggregate(Aggregate {
            start: |_, arguments| {
                let q = num(arguments, 0)?;
                share(&Value::Num(q)).map_err(|_| internal("a quantile got a share out of range"))?;
                Ok(Box::new(Quantile::new(q)))
            },
            extremes: true,
            memory: AggregateMemory::DistinctValues,
            certify: Certify::Quantile,
        }),
        ..BASE
    },
];

const fn percentile(
    name: &'static str,
    phrase: &'static str,
    doc: &'static str,
    examples: &'static [Example],
    start: crate::registry::Start,
) -> Function {
    Function {
        name,
        phrase,
        family: "aggregates",
        signature: "(xs: list<O>) -> O?",
        doc,
        examples,
        body: Body::Aggregate(Aggregate {
            start,
            extremes: true,
            memory: AggregateMemory::DistinctValues,
            certify: Certify::Quantile,
        }),
        ..BASE
    }
}

fn start(part: i128, of: i128) -> Result<Box<dyn Accumulator>, Fault> {
    let q = Num::new(part, of).ok_or_else(|| internal("a share that is none"))?;
    Ok(Box::new(Quantile::new(q)))
}

fn share(q: &Value) -> Result<Num, String> {
    match q.as_num() {
        Some(q) if Num::ZERO < q && q <= Num::ONE => Ok(q),
        Some(q) if q.is_zero() => Err("a quantile is above 0%; the smallest element is `min`".to_owned()),
        _ => Err("a quantile is above 0% and at most 100%".to_owned()),
    }
}

/// Counts elements by value and finds order statistics.
#[derive(Debug, Clone)]
pub(super) struct Quantile {
    q: Num,
    counts: Counts,
    above: u64,
    below: u64,
}

impl Quantile {
    /// An empty one for the share `q`.
    pub(super) fn new(q: Num) -> Self {
        Self { q, counts: Counts::default(), above: 0, below: 0 }
    }
}

impl InOrder for Quantile {
    fn share(&self) -> Num {
        self.q
    }

    fn at_most(&self, limit: &Value) -> u64 {
        let (below, equal) = self.counts.below_and_equal(limit);
        self.below + below + equal
    }

    fn less_than(&self, limit: &Value) -> u64 {
        self.below + self.counts.below_and_equal(limit).0
    }

    fn kth(&self, k: u64) -> Option<Figure> {
        if k == 0 || k > self.count() {
            return None;
        }
        match k.checked_sub(self.below) {
            None | Some(0) => Some(Figure::Below),
            Some(k) => Some(self.counts.kth(k).map_or(Figure::Above, Figure::Value)),
        }
    }
}

impl Accumulator for Quantile {
    fn push(&mut self, value: &Value, _: u64) -> Result<(), Fault> {
        if value.is_missing() {
            return Err(missing_element());
        }
        self.counts.push(value);
        Ok(())
    }

    fn push_column(&mut self, column: &Column, rows: &[u32], first: u64) -> Result<(), Fault> {
        match column {
            Column::Int { values, valid } => each(values, valid, rows, |n, _| self.counts.push_int(n)),
            _ => rows.iter().try_for_each(|row| self.push(&column.value(*row as usize), first)),
        }
    }

    fn push_extreme(&mut self, extreme: Extreme) -> bool {
        match extreme {
            Extreme::Above => self.above += 1,
            Extreme::Below => self.below += 1,
            Extreme::False => return false,
        }
        true
    }

    fn merge(&mut self, other: Box<dyn Accumulator>) -> Result<(), Fault> {
        let other = same::<Self>(other)?;
        self.counts.merge(other.counts);
        self.above += other.above;
        self.below += other.below;
        Ok(())
    }

    fn finish(&self) -> Result<Figure, Fault> {
        let n = self.count();
        if n == 0 {
            return Ok(Figure::Value(Value::Missing));
        }
        let rank = nearest_rank(self.q, n).ok_or(Fault::Overflow { what: "the rank of a quantile" })?;
        self.kth(rank).ok_or_else(|| internal("a quantile without an element"))
    }

    fn count(&self) -> u64 {
        self.counts.total() + self.above + self.below
    }

    fn held(&self) -> u64 {
        self.counts.held()
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        self
    }

    fn counted(&self) -> Option<Counted<'_>> {
        Some(Counted::Quantile(self))
    }
}
