//! `sum` and `mean`, exact in any order.
//!
//! Sums are kept apart by denominator and go over to unbounded integers where 128 bits do not
//! hold them, so a sum overflows only when its result does not fit.

use super::BASE;
use super::arguments::{internal, same};
use super::columns::each;
use crate::data::{Column, Fault, Num, Type, Value};
use crate::registry::{
    Accumulator, Aggregate, AggregateMemory, Body, Certify, Example, Extreme, Figure, Function, Start,
};
use num_bigint::BigInt;
use std::any::Any;
use std::collections::BTreeMap;

/// The family.
pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        name: "sum",
        phrase: "the sum of {0}",
        family: "aggregates",
        signature: "(xs: list<N>) -> N",
        doc: "The sum of all elements. Of nothing: 0. It is exact, and overflows only when the result itself is too \
              large.",
        examples: &[
            Example { expression: "sum([1, 2, 3])", prints: "6" },
            Example { expression: "sum([1.5s, 500ms])", prints: "2s" },
            Example { expression: "sum([0.1, 0.2])", prints: "0.3" },
        ],
        typing: Some(|arguments| {
            Ok(match arguments.first().and_then(Type::element) {
                Some(Type::Never) | None => Type::Int,
                Some(element) => element,
            })
        }),
        body: aggregate(|_, _| Ok(Box::new(Sum::new(Question::Sum)))),
        ..BASE
    },
    Function {
        name: "mean",
        phrase: "the mean of {0}",
        family: "aggregates",
        signature: "(xs: list<N>) -> N?",
        doc: "The exact arithmetic mean; of `int` elements it is a `decimal`. Missing when there are no elements. For \
              limits on times, a quantile says more: one long wait hides in a mean.",
        examples: &[
            Example { expression: "mean([1, 2])", prints: "1.5" },
            Example { expression: "mean([100ms, 300ms])", prints: "200ms" },
        ],
        typing: Some(|arguments| {
            Ok(match arguments.first().and_then(Type::element) {
                Some(Type::Never | Type::Int) | None => Type::Decimal.optional(),
                Some(element) => element.optional(),
            })
        }),
        body: aggregate(|_, _| Ok(Box::new(Sum::new(Question::Mean)))),
        ..BASE
    },
];

const fn aggregate(start: Start) -> Body {
    Body::Aggregate(Aggregate { start, extremes: true, memory: AggregateMemory::Constant, certify: Certify::No })
}

#[derive(Debug, Clone, Copy)]
enum Question {
    Sum,
    Mean,
}

struct Sum {
    question: Question,
    /// The sum of whole numbers; what does not fit goes to `parts`.
    whole: i128,
    /// Sums of numerators by denominator.
    parts: BTreeMap<i128, BigInt>,
    taken: u64,
    above: u64,
    below: u64,
}

impl Sum {
    fn new(question: Question) -> Self {
        Self { question, whole: 0, parts: BTreeMap::new(), taken: 0, above: 0, below: 0 }
    }

    fn take_whole(&mut self, n: i128) {
        match self.whole.checked_add(n) {
            Some(sum) => self.whole = sum,
            None => {
                *self.parts.entry(1).or_default() += n;
            }
        }
    }

    fn take(&mut self, n: Num) {
        self.taken += 1;
        match n.as_int() {
            Some(n) => self.take_whole(n),
            None => *self.parts.entry(n.denominator()).or_default() += n.numerator(),
        }
    }

    /// The sum, divided by `by`, if it fits.
    fn over(&self, by: u64) -> Option<Num> {
        if self.parts.is_empty() {
            return Num::new(self.whole, i128::from(by));
        }
        let (mut num, mut den) = (BigInt::from(self.whole), BigInt::from(1));
        for (part_den, part_num) in &self.parts {
            num = num * part_den + part_num * &den;
            den *= *part_den;
            let common = gcd(num.clone(), den.clone());
            (num, den) = (num / &common, den / common);
        }
        den *= by;
        let common = gcd(num.clone(), den.clone());
        Num::new(i128::try_from(num / &common).ok()?, i128::try_from(den / common).ok()?)
    }
}

impl Accumulator for Sum {
    fn push(&mut self, value: &Value, _: u64) -> Result<(), Fault> {
        self.take(value.as_num().ok_or_else(|| internal("a sum of what is no number"))?);
        Ok(())
    }

    fn push_column(&mut self, column: &Column, rows: &[u32], first: u64) -> Result<(), Fault> {
        match column {
            Column::Int { values, valid } => {
                // No sum of 2^32 numbers of 64 bits leaves 128 bits.
                let mut sum = 0;
                each(values, valid, rows, |n, _| sum += i128::from(n))?;
                self.taken += rows.len() as u64;
                self.take_whole(sum);
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
        self.take_whole(other.whole);
        for (den, num) in other.parts {
            *self.parts.entry(den).or_default() += num;
        }
        self.taken += other.taken;
        self.above += other.above;
        self.below += other.below;
        Ok(())
    }

    fn finish(&self) -> Result<Figure, Fault> {
        match (self.above, self.below) {
            (0, 0) => {}
            (_, 0) => return Ok(Figure::Above),
            (0, _) => return Ok(Figure::Below),
            _ => return Err(internal("elements beyond every other on both sides")),
        }
        let (by, what) = match self.question {
            Question::Sum => (1, "a sum"),
            Question::Mean if self.taken == 0 => return Ok(Figure::Value(Value::Missing)),
            Question::Mean => (self.taken, "a mean"),
        };
        self.over(by).map(|n| Figure::Value(Value::Num(n))).ok_or(Fault::Overflow { what })
    }

    fn count(&self) -> u64 {
        self.taken + self.above + self.below
    }

    fn held(&self) -> u64 {
        // A key, a big number and its digits; rarely more than one.
        self.parts.len() as u64 * 96
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        self
    }
}

/// At least 1.
fn gcd(mut a: BigInt, mut b: BigInt) -> BigInt {
    let zero = BigInt::from(0);
    while b != zero {
        let rest = &a % &b;
        a = std::mem::replace(&mut b, rest);
    }
    if a == zero { BigInt::from(1) } else { BigInt::from(a.magnitude().clone()) }
}
