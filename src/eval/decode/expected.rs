//! What should stand in a place of the data, in words for whoever wrote the data.

use crate::data::EnumType;
use crate::diag::printable;
use crate::model::{DurationUnit, InstantEncoding, Policy, Shape};
use crate::units::UNITS;

/// Words of an enum that are told.
const MOST_WORDS: usize = 50;
/// Shapes inside of shapes that are followed. They do not contain themselves.
const MOST_LEVELS: usize = 64;

/// What a value of this shape looks like: `a whole number where `this >= 1``.
pub fn expected(shape: &Shape, policy: &Policy) -> String {
    words(shape, policy, 0)
}

fn words(shape: &Shape, policy: &Policy, level: usize) -> String {
    if level > MOST_LEVELS {
        return "a value".to_owned();
    }
    match shape {
        Shape::Bool => "true or false".to_owned(),
        Shape::Int => "a whole number".to_owned(),
        Shape::Decimal | Shape::Ratio { .. } => "a number".to_owned(),
        Shape::Duration(unit) => format!("a duration as {}", counted(*unit)),
        Shape::Instant(InstantEncoding::Epoch(unit)) => format!("an instant as {} since 1970", counted(*unit)),
        Shape::Instant(InstantEncoding::Rfc3339) => "an instant such as \"2026-03-31T14:05:00Z\"".to_owned(),
        Shape::Bytes => "a whole number of bytes".to_owned(),
        Shape::Text(_) => "a text".to_owned(),
        Shape::Version => "a version such as \"v1.2.0\"".to_owned(),
        Shape::Json => "a value".to_owned(),
        Shape::Enum(reading) => format!("one of {}", listed(&reading.ty)),
        Shape::Record(_) | Shape::Map(..) => "an object".to_owned(),
        Shape::List(_) => "a list".to_owned(),
        Shape::Optional(inner) => words(inner, policy, level + 1),
        Shape::Refined(refinement) => {
            format!("{} where `{}`", words(&refinement.base, policy, level + 1), refinement.source)
        }
        Shape::Named(id) => match policy.shapes.get(id.index()) {
            Some(named) => words(&named.shape, policy, level + 1),
            None => "a value".to_owned(),
        },
    }
}

/// `a whole number of ms`
fn counted(unit: DurationUnit) -> String {
    let time = UNITS.iter().find(|u| u.dimension == crate::units::Dimension::TIME && u.scale == unit.scale);
    let number = if unit.round { "a number" } else { "a whole number" };
    format!("{number} of {}", time.map_or("ns", |u| u.name))
}

/// The words of an enum as data may spell them.
pub(super) fn listed(ty: &EnumType) -> String {
    let spelt = ty
        .members
        .iter()
        .flat_map(|m| if m.spellings.is_empty() { std::slice::from_ref(&m.name) } else { &m.spellings[..] }.iter());
    let mut words: Vec<String> = spelt.map(|word| format!("`{}`", printable(word))).collect();
    let more = words.len().saturating_sub(MOST_WORDS);
    words.truncate(MOST_WORDS);
    if more > 0 {
        words.push(format!("{more} more"));
    }
    words.join(", ")
}
