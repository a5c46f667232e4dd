//! Aggregates of truth values: `any`, `all`, `ratio`.

use super::BASE;
use super::arguments::{internal, same};
use super::columns::each;
use crate::data::{Column, Fault, Num, Value};
use crate::registry::{
    Accumulator, Aggregate, AggregateMemory, Body, Certify, Counted, Example, Extreme, Figure, Function, Start,
};
use std::any::Any;

/// The family.
pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        name: "any",
        phrase: "whether there are any {0}",
        family: "aggregates",
        signature: "(bs: list<bool>) -> bool",
        doc: "Whether at least one element is true. Of nothing: false.",
        examples: &[
            Example { expression: "any([false, true])", prints: "true" },
            Example { expression: "any([1, 2] where this > 5 select this > 0)", prints: "false" },
        ],
        body: share(|_, _| Ok(Box::new(Share::new(Question::Any))), Certify::No, false),
        ..BASE
    },
    Function {
        name: "all",
        phrase: "whether all are {0}",
        family: "aggregates",
        signature: "(bs: list<bool>) -> bool",
        doc: "Whether every element is true. Of nothing: true; a gate that must not be satisfied by nothing says \
              `expect count(..) > 0` as well.",
        examples: &[
            Example { expression: "all([true, false])", prints: "false" },
            Example { expression: "all([1, 2] select this > 0)", prints: "true" },
        ],
        body: share(|_, _| Ok(Box::new(Share::new(Question::All))), Certify::No, false),
        ..BASE
    },
    Function {
        name: "ratio",
        phrase: "the share of {0}",
        family: "aggregates",
        signature: "(bs: list<bool>) -> ratio?",
        doc: "The exact share of elements that are true. Missing when there are no elements.",
        examples: &[
            Example { expression: "ratio([true, true, true, false])", prints: "75%" },
            Example { expression: "ratio([1, 2, 3] select this > 1)", prints: "2/3" },
        ],
        body: share(|_, _| Ok(Box::new(Share::new(Question::Ratio))), Certify::Ratio, true),
        ..BASE
    },
];

const fn share(start: Start, certify: Certify, extremes: bool) -> Body {
    Body::Aggregate(Aggregate { start, extremes, memory: AggregateMemory::Constant, certify })
}

#[derive(Debug, Clone, Copy)]
enum Question {
    Any,
    All,
    Ratio,
}

/// Counts true elements and all elements.
#[derive(Debug, Clone)]
struct Share {
    question: Question,
    hits: u64,
    total: u64,
}

impl Share {
    fn new(question: Question) -> Self {
        Self { question, hits: 0, total: 0 }
    }

    fn take(&mut self, hit: bool) {
        self.hits += u64::from(hit);
        self.total += 1;
    }
}

impl Accumulator for Share {
    fn push(&mut self, value: &Value, _: u64) -> Result<(), Fault> {
        self.take(value.as_bool().ok_or_else(|| internal("a share of what is neither true nor false"))?);
        Ok(())
    }

    fn push_column(&mut self, column: &Column, rows: &[u32], first: u64) -> Result<(), Fault> {
        match column {
            Column::Bool { values, valid } => each(values, valid, rows, |hit, _| self.take(hit)),
            _ => rows.iter().try_for_each(|row| self.push(&column.value(*row as usize), first)),
        }
    }

    fn push_extreme(&mut self, extreme: Extreme) -> bool {
        self.take(extreme == Extreme::Above);
        true
    }

    fn merge(&mut self, other: Box<dyn Accumulator>) -> Result<(), Fault> {
        let other = same::<Self>(other)?;
        self.hits += other.hits;
        self.total += other.total;
        Ok(())
    }

    fn finish(&self) -> Result<Figure, Fault> {
        Ok(Figure::Value(match self.question {
            Question::Any => Value::Bool(self.hits > 0),
            Question::All => Value::Bool(self.hits == self.total),
            Question::Ratio => {
                Num::new(i128::from(self.hits), i128::from(self.total)).map_or(Value::Missing, Value::Num)
            }
        }))
    }

    fn count(&self) -> u64 {
        self.total
    }

    fn held(&self) -> u64 {
        0
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        self
    }

    fn counted(&self) -> Option<Counted<'_>> {
        let ratio = Counted::Ratio { hits: self.hits, total: self.total };
        matches!(self.question, Question::Ratio).then_some(ratio)
    }
}
