//! Numbers of a document compared with numbers that are known.

use super::formula::Test;
use super::{Keywords, Said, keyword, unsayable};
use crate::data::{Num, print};
use crate::model::{CompareOp, DurationUnit, InstantEncoding, Shape};
use serde_json::Value as Out;

/// How a number is written.
#[derive(Debug, Clone, Copy)]
pub(super) struct Written {
    /// What one is worth, in base units.
    scale: Num,
    /// Only whole numbers are.
    whole: bool,
}

impl Written {
    /// As a shape reads it; `None` when it reads no number that can be compared exactly.
    pub(super) fn of(shape: &Shape) -> Option<Self> {
        let of = |unit: &DurationUnit| (!unit.round).then(|| Self { scale: Num::from(unit.scale), whole: true });
        match shape {
            Shape::Int | Shape::Bytes => Some(Self { scale: Num::ONE, whole: true }),
            Shape::Decimal | Shape::Ratio { percent: false } => Some(Self { scale: Num::ONE, whole: false }),
            Shape::Ratio { percent: true } => Some(Self { scale: Num::new(1, 100)?, whole: false }),
            Shape::Duration(unit) | Shape::Instant(InstantEncoding::Epoch(unit)) => of(unit),
            _ => None,
        }
    }
}

/// What a written number has to be for its value to compare so with a known one.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Limit {
    /// Nothing: every one does, or none.
    Known(bool),
    /// This.
    Test(Test),
    /// Anything else.
    Not(Test),
}

/// `number op known`, in what is written.
///
/// # Errors
/// A limit that does not end as a decimal.
pub(super) fn limit(op: CompareOp, written: Written, known: Num) -> Said<Limit> {
    let Some(at) = known.div(written.scale) else {
        return unsayable("a limit has more digits than can be written");
    };
    let (op, at) = match (op, written.whole && at.as_int().is_none()) {
        (op, false) => (op, at),
        (CompareOp::Equal, true) => return Ok(Limit::Known(false)),
        (CompareOp::NotEqual, true) => return Ok(Limit::Known(true)),
        (CompareOp::Less | CompareOp::AtMost, true) => (CompareOp::AtMost, Num::int(at.floor())),
        (CompareOp::Greater | CompareOp::AtLeast, true) => match at.ceil() {
            Some(above) => (CompareOp::AtLeast, Num::int(above)),
            None => return unsayable("a limit has more digits than can be written"),
        },
    };
    let number = json(at)?;
    let whole = written.whole;
    // Of whole numbers, the next one is what people write.
    let next = |step: i64| at.add(Num::from(step)).filter(|_| whole);
    Ok(match op {
        CompareOp::Equal => Limit::Test(Test::OneOf(vec![number], 0)),
        CompareOp::NotEqual => Limit::Not(Test::OneOf(vec![number], 0)),
        CompareOp::AtMost => Limit::Test(Test::Meets(keyword("maximum", number))),
        CompareOp::AtLeast => Limit::Test(Test::Meets(keyword("minimum", number))),
        CompareOp::Less => Limit::Test(Test::Meets(match next(-1) {
            Some(below) => keyword("maximum", json(below)?),
            None => keyword("exclusiveMaximum", number),
        })),
        CompareOp::Greater => Limit::Test(Test::Meets(match next(1) {
            Some(above) => keyword("minimum", json(above)?),
            None => keyword("exclusiveMinimum", number),
        })),
    })
}

/// A number as JSON, exactly.
///
/// # Errors
/// A number that does not end as a decimal.
pub(super) fn json(n: Num) -> Said<Out> {
    let number = print::decimal(n).and_then(|text| serde_json::from_str(&text).ok());
    match number {
        Some(number) => Ok(number),
        None => unsayable(format!("{}/{} does not end as a decimal", n.numerator(), n.denominator())),
    }
}

/// Which counts compare so with a known number: at least, at most. `None`: none does.
pub(super) fn counts(op: CompareOp, known: Num) -> Option<(u64, Option<u64>)> {
    let below = known.floor();
    let whole = known.as_int().is_some();
    let natural = |n: i128| u64::try_from(n.max(0)).ok();
    match op {
        CompareOp::Equal | CompareOp::NotEqual => {
            let n = known.as_int().and_then(|n| u64::try_from(n).ok())?;
            Some((n, Some(n)))
        }
        CompareOp::AtLeast => Some((natural(known.ceil()?)?, None)),
        CompareOp::Greater => Some((natural(below.checked_add(1)?)?, None)),
        CompareOp::AtMost if below < 0 => None,
        CompareOp::AtMost => Some((0, Some(natural(below)?))),
        CompareOp::Less => {
            let most = if whole { below.checked_sub(1)? } else { below };
            if most < 0 { None } else { Some((0, Some(natural(most)?))) }
        }
    }
}

/// Keywords for how many there are, such as `minItems` and `maxItems`.
pub(super) fn counted(least: &str, most: &str, range: (u64, Option<u64>)) -> Keywords {
    let mut out = Keywords::new();
    if range.0 > 0 {
        out.insert(least.to_owned(), range.0.into());
    }
    if let Some(n) = range.1 {
        out.insert(most.to_owned(), n.into());
    }
    out
}
