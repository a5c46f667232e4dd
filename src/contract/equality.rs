//! Comparisons of one place with what is known.

use super::formula::{Formula, Test};
use super::numbers::{self, Limit, Written, counted, counts};
use super::sym::Spot;
use super::texts::{self, Words};
use super::{Keywords, Said, Writer, keyword, unsayable};
use crate::data::Value;
use crate::model::{CompareOp, EnumReading, Shape, TextReading};

impl<'p> Writer<'p> {
    /// A shape without its names and conditions.
    pub(super) fn underneath(&self, shape: &'p Shape) -> &'p Shape {
        let mut shape = shape;
        // Shapes do not contain themselves; the bound is for a policy that was not checked.
        for _ in 0..256 {
            shape = match shape {
                Shape::Named(id) => match self.policy.policy.shapes.get(id.index()) {
                    Some(named) => &named.shape,
                    None => return shape,
                },
                Shape::Refined(refinement) => &refinement.base,
                Shape::Optional(inner) => inner,
                _ => return shape,
            };
        }
        shape
    }

    /// What is done to a text at a place before it is a value.
    pub(super) fn reading_of(&self, spot: &Spot<'p>) -> Option<TextReading> {
        match self.underneath(spot.shape) {
            Shape::Text(how) => {
                Some(TextReading { trim: how.trim || spot.after.trim, fold: how.fold || spot.after.fold })
            }
            _ => None,
        }
    }

    /// `spot op known`, of a value that is there.
    pub(super) fn compared(&self, op: CompareOp, spot: &Spot<'p>, known: &Value) -> Said<Formula> {
        let at = |test: Test| Formula::at(&spot.place, test);
        let there = || Formula::there(&spot.place);
        let signed = |equal: Formula| match op {
            CompareOp::Equal => Ok(equal),
            CompareOp::NotEqual => Ok(Formula::all([there(), equal.not()])),
            _ => unsayable("texts are compared by size, and a schema cannot do that"),
        };
        let shape = self.underneath(spot.shape);
        match (shape, known) {
            (Shape::Bool, Value::Bool(known)) => signed(at(Test::OneOf(vec![(*known).into()], 2))),
            (Shape::Enum(how), Value::Enum(word)) => signed(Self::word(spot, how, &|member| member == word.member)?),
            (Shape::Text(_), Value::Text(text)) => {
                let reading = self.reading_of(spot).unwrap_or_default();
                if reading.apply(text) != **text {
                    return signed(Formula::Known(false));
                }
                if text.is_empty() && op == CompareOp::NotEqual && texts::plain(reading) {
                    return Ok(at(Test::Meets(keyword("minLength", 1))));
                }
                signed(match texts::plain(reading) {
                    true => at(Test::OneOf(vec![text.to_string().into()], 0)),
                    false => at(Test::Meets(texts::reads_as(&[text], reading)?)),
                })
            }
            (Shape::List(_), Value::List(items)) if items.is_empty() => signed(at(Test::Meets(keyword("maxItems", 0)))),
            (Shape::Map(..), Value::List(items)) if items.is_empty() => {
                signed(at(Test::Meets(keyword("maxProperties", 0))))
            }
            (shape, Value::Num(known)) => match Written::of(shape) {
                Some(written) => Ok(match numbers::limit(op, written, *known)? {
                    Limit::Known(true) => there(),
                    Limit::Known(false) => Formula::Known(false),
                    Limit::Test(test) => at(test),
                    Limit::Not(test) => Formula::all([there(), at(test).not()]),
                }),
                None => unsayable("numbers and instants that are rounded or written as texts are not compared"),
            },
            (Shape::Version, _) => unsayable("versions are compared by their parts, and a schema cannot do that"),
            _ => unsayable("records and lists are compared as wholes"),
        }
    }

    /// A word of an enum is one of these members.
    pub(super) fn word(spot: &Spot<'p>, how: &EnumReading, members: &dyn Fn(u32) -> bool) -> Said<Formula> {
        Ok(match texts::words(how, members)? {
            Words::Any => Formula::there(&spot.place),
            Words::Are(words) => Formula::at(&spot.place, Test::OneOf(words, texts::spellings(how))),
            Words::Meet(keywords) => Formula::at(&spot.place, Test::Meets(keywords)),
        })
    }

    /// `length(spot) op known`
    pub(super) fn length(&self, op: CompareOp, spot: &Spot<'p>, known: &Value) -> Said<Formula> {
        if !self.reading_of(spot).is_some_and(texts::plain) {
            return unsayable("the length of a text that is trimmed or folded");
        }
        Self::sized(op, known, &|range| Formula::at(&spot.place, Test::Meets(counted("minLength", "maxLength", range))))
    }

    /// `how many op known`: `within` says that a number is in a range.
    pub(super) fn sized(op: CompareOp, known: &Value, within: &dyn Fn((u64, Option<u64>)) -> Formula) -> Said<Formula> {
        let Some(known) = known.as_num() else { return unsayable("a number is compared with something else") };
        let in_range = match counts(op, known) {
            Some((0, None)) => Formula::Known(true),
            Some(range) => within(range),
            None => Formula::Known(false),
        };
        Ok(if op == CompareOp::NotEqual { in_range.not() } else { in_range })
    }

    /// A pattern that a text at a place matches.
    pub(super) fn matched(&self, spot: &Spot<'p>, pattern: String) -> Said<Formula> {
        match self.reading_of(spot).is_some_and(texts::plain) {
            true => Ok(Formula::at(&spot.place, Test::Meets(keyword("pattern", pattern)))),
            false => unsayable("a pattern over a text that is trimmed or folded"),
        }
    }

    /// A value at a place is there and neither blank nor empty.
    pub(super) fn filled(&self, spot: &Spot<'p>) -> Formula {
        let keywords = match self.underneath(spot.shape) {
            Shape::Text(_) => texts::not_blank(),
            Shape::List(_) => keyword("minItems", 1),
            Shape::Map(..) => keyword("minProperties", 1),
            Shape::Json => {
                let mut all = super::shapes::not_null();
                all.extend(texts::not_blank());
                all.extend(keyword("minItems", 1));
                all.extend(keyword("minProperties", 1));
                all
            }
            _ => Keywords::new(),
        };
        Formula::at(&spot.place, Test::Meets(keywords))
    }
}
