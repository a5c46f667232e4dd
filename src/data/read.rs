//! Reading single values from their text, exactly: literals of policies and numbers of evidence.
//!
//! Job: text to [`Num`] in base units (ns, bytes). May import: `units`. Deliberately absent:
//! floats, rounding that nobody asked for, and knowledge of where a text stands.

use super::{Num, Type};
use crate::units::{Dimension, unit};
use std::fmt;

pub use super::time::{read_instant as instant, read_offset as offset};

/// Why a text is not the value that is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReadError {
    /// It has another form.
    Malformed {
        /// What is due, with its article: `a whole number`.
        due: &'static str,
    },
    /// A fraction where a whole number is due.
    Fraction,
    /// Not a whole number of the smallest unit.
    NotWhole {
        /// The smallest unit: `ns`, `B`.
        unit: &'static str,
    },
    /// More digits than exact arithmetic holds.
    TooLarge,
    /// No unit of this language.
    UnknownUnit,
    /// A date without a time.
    DateOnly,
    /// A date and a time without an offset.
    NoOffset,
    /// Second 60.
    LeapSecond,
    /// A month, day, hour, minute or second that does not exist, or a year out of range.
    NoSuchDate,
}

impl fmt::Display for ReadError {
    /// What is wrong with it, to follow the text in a sentence: `is not a whole number`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed { due } => write!(f, "is not {due}"),
            Self::Fraction => f.write_str("is not written as a whole number"),
            Self::NotWhole { unit } => write!(f, "is not a whole number of {unit}"),
            Self::TooLarge => f.write_str("has more digits than exact arithmetic holds"),
            Self::UnknownUnit => f.write_str("has no unit that is known here"),
            Self::DateOnly => f.write_str("is a date without a time and an offset: whose midnight?"),
            Self::NoOffset => f.write_str("has no offset: end it with `Z` or one such as `+02:00`"),
            Self::LeapSecond => f.write_str("is a leap second, which has no place in a count of nanoseconds"),
            Self::NoSuchDate => f.write_str("does not exist in the calendar of the years 0000 to 9999"),
        }
    }
}

/// A number literal of a policy, such as `1_000` or `0.5`: `int` or `decimal`.
///
/// # Errors
/// Text of another form, too many digits.
pub fn literal(text: &str) -> Result<(Type, Num), ReadError> {
    let plain = without_underscores(text)?;
    let ty = if plain.contains('.') { Type::Decimal } else { Type::Int };
    Ok((ty, unsigned(&plain)?))
}

/// A quantity literal of a policy in two parts, such as `1.5` and `s`: its type and its size in
/// base units. `%` gives a `ratio`.
///
/// # Errors
/// Text of another form, an unknown unit, parts of a nanosecond or byte, too many digits.
pub fn quantity(number: &str, unit_name: &str) -> Result<(Type, Num), ReadError> {
    let number = unsigned(&without_underscores(number)?)?;
    if unit_name == "%" {
        let share = number.div(Num::int(100)).ok_or(ReadError::TooLarge)?;
        return Ok((Type::Ratio, share));
    }
    let unit = unit(unit_name).ok_or(ReadError::UnknownUnit)?;
    let size = number.mul(Num::from(unit.scale)).ok_or(ReadError::TooLarge)?;
    if size.as_int().is_none() {
        return Err(ReadError::NotWhole { unit: smallest(unit.dimension) });
    }
    Ok((Type::Quantity(unit.dimension), size))
}

/// A whole quantity with its sign, such as `-1.5s`.
///
/// # Errors
/// As [`quantity`].
pub fn signed_quantity(text: &str) -> Result<(Type, Num), ReadError> {
    let (negative, text) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.' && c != '_').ok_or(ReadError::UnknownUnit)?;
    let (number, unit_name) = text.split_at_checked(end).ok_or(ReadError::UnknownUnit)?;
    let (ty, size) = quantity(number, unit_name)?;
    let size = if negative { size.neg().ok_or(ReadError::TooLarge)? } else { size };
    Ok((ty, size))
}

/// A whole number of evidence, in the form of JSON; `1.0` and `1e3` are refused.
///
/// # Errors
/// Text of another form, a fraction, too many digits.
pub fn int(text: &str) -> Result<Num, ReadError> {
    if !is_number(text) {
        return Err(ReadError::Malformed { due: "a whole number" });
    }
    if text.contains(['.', 'e', 'E']) {
        return Err(ReadError::Fraction);
    }
    text.parse().map(Num::int).map_err(|_| ReadError::TooLarge)
}

/// A number of evidence, in the form of JSON.
///
/// # Errors
/// Text of another form, too many digits.
pub fn decimal(text: &str) -> Result<Num, ReadError> {
    if !is_number(text) {
        return Err(ReadError::Malformed { due: "a number" });
    }
    Num::parse_decimal(text).ok_or(ReadError::TooLarge)
}

/// A share of evidence that is written in percent.
///
/// # Errors
/// As [`decimal`].
pub fn percent(text: &str) -> Result<Num, ReadError> {
    decimal(text)?.div(Num::int(100)).ok_or(ReadError::TooLarge)
}

/// A count of units of `scale` base units each, such as epoch milliseconds (`scale` 1,000,000).
/// Without `round` it must be written as a whole number; with it, fractions are read to the
/// nearest base unit, halves to the even one.
///
/// # Errors
/// As [`int`] or [`decimal`].
pub fn counted(text: &str, scale: i64, round: bool) -> Result<Num, ReadError> {
    let count = if round { decimal(text)? } else { int(text)? };
    let exact = count.mul(Num::from(scale)).ok_or(ReadError::TooLarge)?;
    exact.round_half_even().map(Num::int).ok_or(ReadError::TooLarge)
}

fn unsigned(text: &str) -> Result<Num, ReadError> {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    if !digits(whole) || !digits(fraction) {
        return Err(ReadError::Malformed { due: "a number" });
    }
    Num::parse_decimal(text).ok_or(ReadError::TooLarge)
}

/// Underscores may stand between digits only.
fn without_underscores(text: &str) -> Result<String, ReadError> {
    let well_placed = text.split('_').all(|part| {
        let ends = [part.bytes().next(), part.bytes().last()];
        ends.iter().all(|end| end.is_some_and(|b| b.is_ascii_digit()))
    });
    if well_placed { Ok(text.replace('_', "")) } else { Err(ReadError::Malformed { due: "a number" }) }
}

/// Whether a text is a number in the form of JSON:
/// `-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?`
pub fn is_number(text: &str) -> bool {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let text = text.strip_prefix('-').unwrap_or(text);
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.strip_prefix(['+', '-']).unwrap_or(exponent)),
        None => (text, "0"),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, "0"));
    digits(whole) && digits(fraction) && digits(exponent) && (whole == "0" || !whole.starts_with('0'))
}

fn smallest(dimension: Dimension) -> &'static str {
    if dimension == Dimension::DATA { "B" } else { "ns" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_are_whole_numbers_of_the_smallest_unit() {
        assert_eq!(quantity("1.5", "s"), Ok((Type::DURATION, Num::int(1_500_000_000))));
        assert_eq!(quantity("1_000", "ms"), Ok((Type::DURATION, Num::int(1_000_000_000))));
        assert_eq!(quantity("0.5", "KiB"), Ok((Type::BYTES, Num::int(512))));
        assert_eq!(quantity("99.9", "%").unwrap(), (Type::Ratio, Num::new(999, 1000).unwrap()));
        assert_eq!(quantity("1.5", "ns"), Err(ReadError::NotWhole { unit: "ns" }));
        assert_eq!(quantity("0.3", "B"), Err(ReadError::NotWhole { unit: "B" }));
        assert_eq!(quantity("1", "parsec"), Err(ReadError::UnknownUnit));
        assert_eq!(quantity("99999999999999999999999999999999999999", "d"), Err(ReadError::TooLarge));
        assert_eq!(signed_quantity("-1.5s"), Ok((Type::DURATION, Num::int(-1_500_000_000))));
        for bad in ["", "1.", ".5", "1_", "_1", "1__0", "1_.5", "-1", "+1", "1e3", "٣"] {
            assert!(matches!(quantity(bad, "ms"), Err(ReadError::Malformed { .. })), "{bad}");
        }
    }

    #[test]
    fn literals_know_whole_numbers_from_others() {
        assert_eq!(literal("1_000"), Ok((Type::Int, Num::int(1000))));
        assert_eq!(literal("0.50"), Ok((Type::Decimal, Num::new(1, 2).unwrap())));
        assert_eq!(literal("1.0"), Ok((Type::Decimal, Num::ONE)));
    }

    #[test]
    fn whole_numbers_of_evidence_are_written_as_such() {
        assert_eq!(int("-12"), Ok(Num::int(-12)));
        assert_eq!(int("-0"), Ok(Num::ZERO));
        for fraction in ["1.0", "1e3", "0.5"] {
            assert_eq!(int(fraction), Err(ReadError::Fraction), "{fraction}");
        }
        for bad in ["", "-", "007", "+1", " 1", "1 ", "0x10", "NaN", "1_000", "--1", "1e", "1.e3"] {
            assert!(matches!(int(bad), Err(ReadError::Malformed { .. })), "{bad}");
            assert!(matches!(decimal(bad), Err(ReadError::Malformed { .. })), "{bad}");
        }
        assert_eq!(int("999999999999999999999999999999999999999999"), Err(ReadError::TooLarge));
        assert_eq!(decimal("1e999999999999"), Err(ReadError::TooLarge));
        assert_eq!(decimal("1E+2"), Ok(Num::int(100)));
        assert_eq!(percent("99.5"), Ok(Num::new(199, 200).unwrap()));
    }

    #[test]
    fn counted_units_refuse_fractions_unless_told_to_round() {
        assert_eq!(counted("1500", 1_000_000, false), Ok(Num::int(1_500_000_000)));
        assert_eq!(counted("1.5", 1_000_000, false), Err(ReadError::Fraction));
        assert_eq!(counted("1.5", 1_000_000, true), Ok(Num::int(1_500_000)));
        assert_eq!(counted("0.0000005", 1_000_000, true), Ok(Num::ZERO));
        assert_eq!(counted("0.0000015", 1_000_000, true), Ok(Num::int(2)));
        assert_eq!(counted("-0.0000015", 1_000_000, true), Ok(Num::int(-2)));
        assert_eq!(counted("1e38", 1_000_000, true), Err(ReadError::TooLarge));
    }
}
