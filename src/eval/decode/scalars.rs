//! Single values: numbers, texts, times, words. Nothing passes through a float.

use super::{Reading, Said, expected};
use crate::data::read::{self, ReadError};
use crate::data::{EnumType, EnumValue, Json, JsonKind, Num, Value, Version};
use crate::model::{DurationUnit, EnumReading, InstantEncoding, Shape};
use std::sync::Arc;

/// The longest piece of evidence that a message repeats, in characters.
const SHOWN: usize = 60;

/// Reads a single value. Shapes with parts are the decoder's.
pub(super) fn read(json: &Json, shape: &Shape, reading: &mut Reading<'_>) -> Value {
    match shape {
        Shape::Bool => match json.kind {
            JsonKind::Bool(b) => Value::Bool(b),
            _ => wrong(json, "true or false", reading),
        },
        Shape::Int => int(json, "a whole number", reading).map_or(Value::Missing, Value::Num),
        Shape::Bytes => int(json, "a whole number of bytes", reading).map_or(Value::Missing, Value::Num),
        Shape::Decimal => number(json, "a number", reading).map_or(Value::Missing, Value::Num),
        Shape::Ratio { percent } => {
            let Some(n) = number(json, "a number", reading) else {
                return Value::Missing;
            };
            let n = if *percent { n.div(Num::int(100)) } else { Some(n) };
            fit(n, json, reading)
        }
        Shape::Duration(unit) => counted(json, *unit, "a duration", reading),
        Shape::Instant(InstantEncoding::Epoch(unit)) => counted(json, *unit, "an instant", reading),
        Shape::Instant(InstantEncoding::Rfc3339) => match &json.kind {
            JsonKind::Text(text) => match read::instant(text) {
                Ok(ns) => Value::Num(ns),
                Err(why) => {
                    let message = format!("{} {why}", shown(json));
                    let help = "an instant looks like 2026-03-31T14:05:00Z, with an offset or Z".to_owned();
                    let said = Said::new("rspp::evidence::unreadable-value", json.at, message);
                    reading.lose(Said { expected: Some(help.clone()), help: Some(help), ..said })
                }
            },
            _ => wrong(json, "an RFC 3339 instant in quotes", reading),
        },
        Shape::Text(how) => match &json.kind {
            JsonKind::Text(text) => Value::text(how.apply(text)),
            _ => wrong(json, "a text", reading),
        },
        Shape::Version => match &json.kind {
            JsonKind::Text(text) => match Version::parse(text) {
                Some(version) => Value::Version(Arc::new(version)),
                None => {
                    let message = format!("{} is no version", shown(json));
                    let said = Said::new("rspp::evidence::unreadable-value", json.at, message);
                    let expected = Some("a version looks like v1.2.0".to_owned());
                    reading.lose(Said { expected, ..said })
                }
            },
            _ => wrong(json, "a version in quotes", reading),
        },
        Shape::Enum(how) => word(json, how, reading),
        Shape::Json
        | Shape::Record(_)
        | Shape::List(_)
        | Shape::Map(..)
        | Shape::Named(_)
        | Shape::Refined(_)
        | Shape::Optional(_) => wrong(json, "a single value", reading),
    }
}

/// Says that something else is there.
pub(super) fn wrong(json: &Json, expected: &str, reading: &mut Reading<'_>) -> Value {
    let help = match json.kind {
        JsonKind::Number(_) if expected.contains("text") || expected.contains("quotes") => {
            Some("quote it, so that it is a text".to_owned())
        }
        _ => None,
    };
    let message = format!("expected {expected}, found {}", shown(json));
    reading.lose(Said { help, ..Said::new("rspp::evidence::wrong-type", json.at, message) })
}

/// A value in a few words: what it is and, for single values, its text, cut and printable.
pub(super) fn shown(json: &Json) -> String {
    match &json.kind {
        JsonKind::Null => "null".to_owned(),
        JsonKind::Bool(b) => b.to_string(),
        JsonKind::Number(n) => format!("the number {}", cut(n)),
        JsonKind::Text(t) => format!("the text \"{}\"", cut(t)),
        JsonKind::List(items) => format!("a list of {}", items.len()),
        JsonKind::Object(_) => "an object".to_owned(),
    }
}

/// Text of evidence for a message: one line, no control characters, not too long.
pub(super) fn cut(text: &str) -> String {
    cut_to(text, SHOWN)
}

/// The same with a length of its own.
pub(super) fn cut_to(text: &str, most: usize) -> String {
    let printable = super::printable(text);
    if printable.chars().count() <= most {
        return printable;
    }
    printable.chars().take(most).chain("..".chars()).collect()
}

fn text_of<'j>(json: &'j Json, expected: &str, reading: &mut Reading<'_>) -> Option<&'j str> {
    match &json.kind {
        JsonKind::Number(text) => Some(text),
        _ => {
            wrong(json, expected, reading);
            None
        }
    }
}

fn number(json: &Json, expected: &str, reading: &mut Reading<'_>) -> Option<Num> {
    let text = text_of(json, expected, reading)?;
    match read::decimal(text) {
        Ok(number) => Some(number),
        Err(why) => {
            unreadable(json, why, reading);
            None
        }
    }
}

/// A whole number, written as one: `1.0` and `1e3` are refused.
fn int(json: &Json, expected: &str, reading: &mut Reading<'_>) -> Option<Num> {
    let text = text_of(json, expected, reading)?;
    match read::int(text) {
        Ok(number) => Some(number),
        Err(ReadError::TooLarge) => {
            unreadable(json, ReadError::TooLarge, reading);
            None
        }
        Err(_) => {
            wrong(json, expected, reading);
            None
        }
    }
}

fn fit(number: Option<Num>, json: &Json, reading: &mut Reading<'_>) -> Value {
    match number {
        Some(number) => Value::Num(number),
        None => unreadable(json, ReadError::TooLarge, reading),
    }
}

/// A number of some unit, in ns.
fn counted(json: &Json, unit: DurationUnit, what: &str, reading: &mut Reading<'_>) -> Value {
    let expected = if unit.round { format!("{what} as a number") } else { format!("{what} as a whole number") };
    let Some(text) = text_of(json, &expected, reading) else {
        return Value::Missing;
    };
    match read::counted(text, unit.scale, unit.round) {
        Ok(ns) => Value::Num(ns),
        Err(why) => unreadable(json, why, reading),
    }
}

fn unreadable(json: &Json, why: ReadError, reading: &mut Reading<'_>) -> Value {
    let help = match why {
        ReadError::Fraction => {
            Some("write `round` in the encoding, such as `duration(ms, round)`, to take fractions".to_owned())
        }
        _ => None,
    };
    let said = Said::new("rspp::evidence::unreadable-value", json.at, format!("{} {why}", shown(json)));
    reading.lose(Said { help, ..said })
}

fn word(json: &Json, how: &EnumReading, reading: &mut Reading<'_>) -> Value {
    let JsonKind::Text(text) = &json.kind else {
        let words = expected::listed(&how.ty);
        let message = format!("expected a word of `{}`, found {}", how.ty.name, shown(json));
        let said = Said::new("rspp::evidence::wrong-type", json.at, message);
        return reading.lose(Said { expected: Some(format!("its words are {words}")), ..said });
    };
    if let Some(member) = member(text, how) {
        return Value::Enum(EnumValue { member, word: None });
    }
    if let Some(member) = how.ty.otherwise {
        return Value::Enum(EnumValue { member, word: Some(text.clone()) });
    }
    let message = format!("{} is no word of `{}`", shown(json), how.ty.name);
    let words = how.ty.members.iter().flat_map(|m| m.spellings.iter().map(|s| &**s).chain([&*m.name]));
    let near = super::nearest(text, words);
    let all = format!("expected one of {}", expected::listed(&how.ty));
    let (help, expected) = match near {
        Some(near) => (format!("did the recorder mean `{near}`?"), format!("did you mean `{near}`? {all}")),
        None => (format!("its words are {}", listed(&how.ty)), all),
    };
    let said = Said::new("rspp::evidence::unknown-word", json.at, message);
    reading.lose(Said { expected: Some(expected), help: Some(help), ..said })
}

/// The member that a text of the data stands for.
fn member(text: &str, how: &EnumReading) -> Option<u32> {
    let found = how.reading.apply(text);
    let same = |spelling: &str| {
        if how.reading.fold { spelling.to_lowercase() == *found } else { spelling == found }
    };
    let position = how
        .ty
        .members
        .iter()
        .position(|m| if m.spellings.is_empty() { same(&m.name) } else { m.spellings.iter().any(|s| same(s)) })?;
    u32::try_from(position).ok()
}

fn listed(ty: &EnumType) -> String {
    let mut names: Vec<String> = ty.members.iter().take(12).map(|m| format!("`{}`", m.name)).collect();
    if ty.members.len() > 12 {
        names.push(format!("{} more", ty.members.len() - 12));
    }
    names.join(", ")
}
