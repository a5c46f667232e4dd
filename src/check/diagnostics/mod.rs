//! Every diagnostic of the checker, one function a code, and the words they share.

pub(super) mod artifacts;
pub(super) mod calls;
pub(super) mod clauses;
pub(super) mod evidence;
pub(super) mod gates;
pub(super) mod lints;
pub(super) mod lists;
pub(super) mod missing;
pub(super) mod names;
pub(super) mod profiles;
pub(super) mod shapes;
pub(super) mod types;
pub(super) mod units;
pub(super) mod waivers;

use crate::data::Type;
use crate::diag::Code;

/// All codes of this layer, by topic.
pub const CODES: &[&[Code]] = &[
    names::CODES,
    types::CODES,
    units::CODES,
    missing::CODES,
    lists::CODES,
    calls::CODES,
    shapes::CODES,
    evidence::CODES,
    gates::CODES,
    profiles::CODES,
    artifacts::CODES,
    clauses::CODES,
    waivers::CODES,
    lints::CODES,
];

/// A type with its article: `a duration`, `an int`, ``a list of `Phase` ``.
pub(super) fn a(ty: &Type) -> String {
    match ty {
        Type::Unknown => "something".to_owned(),
        Type::Never => "nothing".to_owned(),
        Type::Int => "an int".to_owned(),
        Type::Instant => "an instant".to_owned(),
        Type::Quantity(d) if *ty == Type::BYTES => d.to_string(),
        Type::Quantity(_) | Type::Bool | Type::Decimal | Type::Ratio | Type::String | Type::Version | Type::Json => {
            format!("a {ty}")
        }
        Type::Enum(e) if e.name.contains(' ') => format!("a {ty}"),
        Type::Enum(_) => format!("a word of `{ty}`"),
        Type::Record(r) if r.name.is_some() => format!("a `{ty}`"),
        Type::Record(_) => "a record".to_owned(),
        Type::List(e) => match &**e {
            Type::Never => "an empty list".to_owned(),
            element => format!("a list of {}", many(element)),
        },
        Type::Map(k, v) => format!("a map from {} to {}", many(k), many(v)),
        Type::Optional(t) => match &**t {
            Type::Never => "`none`".to_owned(),
            t => format!("{} that may be missing", a(t)),
        },
    }
}

/// The plural: `durations`, `` `Turn` records ``.
fn many(ty: &Type) -> String {
    match ty {
        Type::Record(r) => match &r.name {
            Some(name) => format!("`{name}` records"),
            None => "records".to_owned(),
        },
        Type::Enum(_) => format!("`{ty}` words"),
        Type::Quantity(_) if *ty == Type::BYTES => "byte counts".to_owned(),
        Type::Quantity(_) => format!("{ty}s"),
        Type::List(e) => format!("lists of {}", many(e)),
        Type::Map(..) => "maps".to_owned(),
        Type::Json => "json values".to_owned(),
        Type::Optional(t) => format!("{} that may be missing", many(t)),
        Type::Unknown | Type::Never => "values".to_owned(),
        Type::Bool | Type::Int | Type::Decimal | Type::Ratio | Type::Instant | Type::String | Type::Version => {
            format!("{ty}s")
        }
    }
}

/// Names in backticks with commas, at most `most` of them.
pub(super) fn listed<'n>(names: impl IntoIterator<Item = &'n str>, most: usize) -> String {
    let names: Vec<String> = names.into_iter().map(|n| format!("`{n}`")).collect();
    let shown = names.iter().take(most).cloned().collect::<Vec<_>>().join(", ");
    match names.len().checked_sub(most) {
        Some(more) if more > 0 => format!("{shown} and {more} more"),
        _ => shown,
    }
}
