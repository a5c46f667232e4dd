//! Aggregates that choose one element: `min`, `max`, `first`, `last`, `only`.

use super::BASE;
use super::arguments::same;
use super::columns::{each, missing_element};
use crate::data::{Column, Fault, Num, Origin, Value};
use crate::registry::{
    Accumulator, Aggregate, AggregateMemory, Body, Certify, Example, Extreme, Figure, Function, Start,
};
use std::any::Any;
use std::cmp::Ordering;
use std::sync::Arc;

/// The family.
pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        name: "min",
        phrase: "the smallest {0}",
        family: "aggregates",
        signature: "(xs: list<O>) -> O?",
        doc: "The smallest element: of numbers, quantities, instants, texts (by bytes) or versions. Missing when there \
              are no elements.",
        examples: &[
            Example { expression: "min([3, 1, 2])", prints: "1" },
            Example { expression: "min([120ms, 1.5s])", prints: "120ms" },
            Example { expression: "min([1] where this > 5)", prints: "(missing)" },
        ],
        body: choice(|_, _| Ok(Box::new(Extremum { wins: Ordering::Less, ..Extremum::EMPTY })), true),
        ..BASE
    },
    Function {
        name: "max",
        phrase: "the largest {0}",
        family: "aggregates",
        signature: "(xs: list<O>) -> O?",
        doc: "The largest element: of numbers, quantities, instants, texts (by bytes) or versions. Missing when there \
              are no elements.",
        examples: &[
            Example { expression: "max([3, 1, 2])", prints: "3" },
            Example { expression: "max([v1.9, v1.10])", prints: "v1.10.0" },
        ],
        body: choice(|_, _| Ok(Box::new(Extremum { wins: Ordering::Greater, ..Extremum::EMPTY })), true),
        ..BASE
    },
    Function {
        name: "first",
        phrase: "the first of {0}",
        family: "aggregates",
        signature: "(xs: list<T?>) -> T?",
        doc: "The first element in row order. Missing when there are no elements, or when the first one is.",
        examples: &[
            Example { expression: "first([3, 1, 2])", prints: "3" },
            Example { expression: "first([3, 1, 2] sort by this)", prints: "1" },
        ],
        body: choice(|_, _| Ok(Box::new(End { wins: Ordering::Less, ..End::EMPTY })), false),
        ..BASE
    },
    Function {
        name: "last",
        phrase: "the last of {0}",
        family: "aggregates",
        signature: "(xs: list<T?>) -> T?",
        doc: "The last element in row order. Missing when there are no elements, or when the last one is.",
        examples: &[Example { expression: "last([3, 1, 2])", prints: "2" }],
        body: choice(|_, _| Ok(Box::new(End { wins: Ordering::Greater, ..End::EMPTY })), false),
        ..BASE
    },
    Function {
        name: "only",
        phrase: "the only one of {0}",
        family: "aggregates",
        signature: "(xs: list<T>) -> T?",
        doc: "The one element of a list that must not hold two: a look-up by `only(xs where key == ..)`. Missing when \
              there are no elements. Two or more make the gate an `error` that names the first two.",
        examples: &[
            Example { expression: "only([1, 2, 3] where this > 2)", prints: "3" },
            Example { expression: "only([1, 2, 3] where this > 3)", prints: "(missing)" },
        ],
        body: choice(|_, _| Ok(Box::new(Only::default())), false),
        ..BASE
    },
];

const fn choice(start: Start, extremes: bool) -> Body {
    Body::Aggregate(Aggregate { start, extremes, memory: AggregateMemory::Constant, certify: Certify::No })
}

/// `min`, `max`: the element whose comparison with every other gives `wins`.
struct Extremum {
    wins: Ordering,
    best: Option<Value>,
    taken: u64,
    above: u64,
    below: u64,
}

impl Extremum {
    const EMPTY: Self = Self { wins: Ordering::Less, best: None, taken: 0, above: 0, below: 0 };

    fn take(&mut self, value: &Value) {
        if self.best.as_ref().is_none_or(|best| value.order(best) == self.wins) {
            self.best = Some(value.clone());
        }
    }
}

impl Accumulator for Extremum {
    fn push(&mut self, value: &Value, _: u64) -> Result<(), Fault> {
        if value.is_missing() {
            return Err(missing_element());
        }
        self.taken += 1;
        self.take(value);
        Ok(())
    }

    fn push_column(&mut self, column: &Column, rows: &[u32], first: u64) -> Result<(), Fault> {
        match column {
            Column::Int { values, valid } => {
                let mut best: Option<i64> = None;
                each(values, valid, rows, |n, _| {
                    if best.is_none_or(|best| n.cmp(&best) == self.wins) {
                        best = Some(n);
                    }
                })?;
                self.taken += rows.len() as u64;
                if let Some(best) = best {
                    self.take(&Value::Num(Num::from(best)));
                }
                Ok(())
            }
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
        self.taken += other.taken;
        self.above += other.above;
        self.below += other.below;
        if let Some(best) = &other.best {
            self.take(best);
        }
        Ok(())
    }

    fn finish(&self) -> Result<Figure, Fault> {
        let (outer, inner) = match self.wins {
            Ordering::Less => ((self.below, Figure::Below), (self.above, Figure::Above)),
            _ => ((self.above, Figure::Above), (self.below, Figure::Below)),
        };
        Ok(match &self.best {
            _ if outer.0 > 0 => outer.1,
            Some(best) => Figure::Value(best.clone()),
            None if inner.0 > 0 => inner.1,
            None => Figure::Value(Value::Missing),
        })
    }

    fn count(&self) -> u64 {
        self.taken + self.above + self.below
    }

    fn held(&self) -> u64 {
        0
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        self
    }
}

/// `first`, `last`: the element whose ordinal wins.
struct End {
    wins: Ordering,
    end: Option<(u64, Value)>,
    taken: u64,
}

impl End {
    const EMPTY: Self = Self { wins: Ordering::Less, end: None, taken: 0 };

    fn take(&mut self, ordinal: u64, value: impl FnOnce() -> Value) {
        if self.end.as_ref().is_none_or(|(end, _)| ordinal.cmp(end) == self.wins) {
            self.end = Some((ordinal, value()));
        }
    }
}

impl Accumulator for End {
    fn push(&mut self, value: &Value, ordinal: u64) -> Result<(), Fault> {
        self.taken += 1;
        self.take(ordinal, || value.clone());
        Ok(())
    }

    fn push_column(&mut self, column: &Column, rows: &[u32], first: u64) -> Result<(), Fault> {
        self.taken += rows.len() as u64;
        for row in rows {
            self.take(first + u64::from(*row), || column.value(*row as usize));
        }
        Ok(())
    }

    fn push_extreme(&mut self, _: Extreme) -> bool {
        false
    }

    fn merge(&mut self, other: Box<dyn Accumulator>) -> Result<(), Fault> {
        let other = same::<Self>(other)?;
        self.taken += other.taken;
        if let Some((ordinal, value)) = other.end {
            self.take(ordinal, || value);
        }
        Ok(())
    }

    fn finish(&self) -> Result<Figure, Fault> {
        Ok(Figure::Value(self.end.as_ref().map_or(Value::Missing, |(_, value)| value.clone())))
    }

    fn count(&self) -> u64 {
        self.taken
    }

    fn held(&self) -> u64 {
        0
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        self
    }
}

/// Keeps the first two elements by ordinal, to name them.
#[derive(Default)]
struct Only {
    first_two: Vec<(u64, Value)>,
    taken: u64,
}

impl Only {
    fn take(&mut self, ordinal: u64, value: impl FnOnce() -> Value) {
        if self.first_two.len() == 2 && self.first_two.iter().all(|(kept, _)| *kept < ordinal) {
            return;
        }
        let place = self.first_two.partition_point(|(kept, _)| *kept < ordinal);
        self.first_two.insert(place, (ordinal, value()));
        self.first_two.truncate(2);
    }
}

impl Accumulator for Only {
    fn push(&mut self, value: &Value, ordinal: u64) -> Result<(), Fault> {
        if value.is_missing() {
            return Err(missing_element());
        }
        self.taken += 1;
        self.take(ordinal, || value.clone());
        Ok(())
    }

    fn push_extreme(&mut self, _: Extreme) -> bool {
        false
    }

    fn merge(&mut self, other: Box<dyn Accumulator>) -> Result<(), Fault> {
        let other = same::<Self>(other)?;
        self.taken += other.taken;
        for (ordinal, value) in other.first_two {
            self.take(ordinal, || value);
        }
        Ok(())
    }

    fn finish(&self) -> Result<Figure, Fault> {
        match self.first_two.as_slice() {
            [] => Ok(Figure::Value(Value::Missing)),
            [(_, value)] => Ok(Figure::Value(value.clone())),
            several => {
                let place = |(_, value): &(u64, Value)| value.origin().cloned();
                let places: Vec<Arc<Origin>> = several.iter().filter_map(place).collect();
                Err(Fault::OnlyFoundMany { places })
            }
        }
    }

    fn count(&self) -> u64 {
        self.taken
    }

    fn held(&self) -> u64 {
        0
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        self
    }
}
