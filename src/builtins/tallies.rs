//! Aggregates that ask only how many there are: `count`, `unique`.

use super::BASE;
use super::arguments::same;
use crate::data::{Column, Fault, Num, Value};
use crate::registry::{Accumulator, Aggregate, AggregateMemory, Body, Certify, Example, Extreme, Figure, Function};
use std::any::Any;
use std::collections::HashSet;

/// The family.
pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        name: "count",
        phrase: "the number of {0}",
        family: "aggregates",
        signature: "(xs: list<T?>) -> int",
        doc: "How many elements there are, missing ones included. To count those that meet a condition, filter: \
              `count(xs where c)`.",
        examples: &[
            Example { expression: "count([\"a\", \"b\"])", prints: "2" },
            Example { expression: "count([1, 2, 3] where this > 1)", prints: "2" },
            Example { expression: "count({\"a\": 1})", prints: "1" },
        ],
        body: Body::Aggregate(Aggregate {
            start: |_, _| Ok(Box::new(Count(0))),
            extremes: false,
            memory: AggregateMemory::Constant,
            certify: Certify::No,
        }),
        ..BASE
    },
    Function {
        name: "unique",
        phrase: "{0} holds no value twice",
        family: "aggregates",
        signature: "(xs: list<T?>) -> bool",
        doc: "Whether no two elements are equal; two missing ones are. Of nothing: true.",
        examples: &[
            Example { expression: "unique([\"a\", \"b\"])", prints: "true" },
            Example { expression: "unique([1, 2, 1])", prints: "false" },
            Example { expression: "unique([none, 1, none])", prints: "false" },
        ],
        body: Body::Aggregate(Aggregate {
            start: |_, _| Ok(Box::new(Unique::default())),
            extremes: false,
            memory: AggregateMemory::DistinctValues,
            certify: Certify::No,
        }),
        ..BASE
    },
];

struct Count(u64);

impl Accumulator for Count {
    fn push(&mut self, _: &Value, _: u64) -> Result<(), Fault> {
        self.0 += 1;
        Ok(())
    }

    fn push_column(&mut self, _: &Column, rows: &[u32], _: u64) -> Result<(), Fault> {
        self.0 += rows.len() as u64;
        Ok(())
    }

    fn push_extreme(&mut self, _: Extreme) -> bool {
        false
    }

    fn merge(&mut self, other: Box<dyn Accumulator>) -> Result<(), Fault> {
        self.0 += same::<Self>(other)?.0;
        Ok(())
    }

    fn finish(&self) -> Result<Figure, Fault> {
        Ok(Figure::Value(Value::Num(Num::int(i128::from(self.0)))))
    }

    fn count(&self) -> u64 {
        self.0
    }

    fn held(&self) -> u64 {
        0
    }

    fn reads_elements(&self) -> bool {
        false
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        self
    }
}

/// Holds every value met, until one is met twice.
#[derive(Default)]
struct Unique {
    seen: HashSet<Value>,
    repeated: bool,
    total: u64,
    bytes: u64,
}

impl Unique {
    fn take(&mut self, value: Value) {
        if self.repeated {
            return;
        }
        // A place of the set and its control byte, and the text.
        self.bytes += size_of::<Value>() as u64 + 1 + value.as_text().map_or(0, |t| t.len() as u64);
        if !self.seen.insert(value) {
            self.repeated = true;
            self.seen = HashSet::new();
            self.bytes = 0;
        }
    }
}

impl Accumulator for Unique {
    fn push(&mut self, value: &Value, _: u64) -> Result<(), Fault> {
        self.total += 1;
        self.take(value.clone());
        Ok(())
    }

    fn push_extreme(&mut self, _: Extreme) -> bool {
        false
    }

    fn merge(&mut self, other: Box<dyn Accumulator>) -> Result<(), Fault> {
        let other = same::<Self>(other)?;
        self.total += other.total;
        if other.repeated {
            self.repeated = true;
            self.seen = HashSet::new();
            self.bytes = 0;
        }
        other.seen.into_iter().for_each(|value| self.take(value));
        Ok(())
    }

    fn finish(&self) -> Result<Figure, Fault> {
        Ok(Figure::Value(Value::Bool(!self.repeated)))
    }

    fn count(&self) -> u64 {
        self.total
    }

    fn held(&self) -> u64 {
        self.bytes
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        self
    }
}
