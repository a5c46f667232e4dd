//! The formats of `{x : ms}`: a unit, a few words, or a quoted pattern of digits.

use super::number::{in_unit, percent, plain};
use super::{json, value};
use crate::data::{Digest, Num, Type, Value, time};
use crate::units::{Unit, unit};

/// How a value is to be printed, known to suit its type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// In this unit.
    Unit(&'static Unit),
    /// A number times 100, with `%`.
    Percent,
    /// A share as a plain number: `0.992`.
    Number,
    /// A number as a fraction: `124/125`.
    Fraction,
    /// Rounded to so many digits after the point, halves to the even one, in this unit.
    Digits {
        /// Digits after the point.
        digits: u8,
        /// In which unit.
        unit: Option<&'static Unit>,
        /// In percent.
        percent: bool,
    },
    /// The day of an instant in UTC: `2026-03-31`.
    Date,
    /// Fit to be the name of a file.
    FileName,
    /// Compact JSON.
    Json,
}

/// A word that may follow the colon, units apart.
#[derive(Debug, Clone, Copy)]
pub struct FormatWord {
    /// The word.
    pub word: &'static str,
    /// What it does.
    pub doc: &'static str,
    format: Format,
    suits: fn(&Type) -> bool,
}

/// All words that may follow the colon, units apart.
pub const FORMAT_WORDS: &[FormatWord] = &[
    FormatWord {
        word: "percent",
        doc: "a number times 100, followed by `%`",
        format: Format::Percent,
        suits: Type::is_number,
    },
    FormatWord { word: "number", doc: "a share as a plain number", format: Format::Number, suits: Type::is_number },
    FormatWord { word: "fraction", doc: "a number as a fraction", format: Format::Fraction, suits: Type::is_number },
    FormatWord {
        word: "date",
        doc: "the day of an instant in UTC",
        format: Format::Date,
        suits: |ty| matches!(ty, Type::Instant),
    },
    FormatWord {
        word: "file_name",
        doc: "fit to be the name of a file: slashes, backslashes, colons and blanks become `_`; other bytes than \
              letters, digits, `.`, `_` and `-` become `%2A` and the like; long names end in a digest",
        format: Format::FileName,
        suits: |ty| matches!(ty, Type::String | Type::Enum(_) | Type::Version | Type::Int | Type::Instant | Type::Bool),
    },
    FormatWord { word: "json", doc: "compact JSON", format: Format::Json, suits: |_| true },
];

/// The format that a word, or a quoted pattern such as `0.00`, `0.0%` or `0.0ms`, asks for;
/// `None` when there is none, or when it does not suit the type.
pub fn format_for(word: &str, ty: &Type) -> Option<Format> {
    let ty = ty.present();
    if let Some(known) = FORMAT_WORDS.iter().find(|f| f.word == word) {
        return (ty.is_unknown() || (known.suits)(ty)).then_some(known.format);
    }
    if let Some(unit) = unit(word) {
        return suits_unit(unit, ty).then_some(Format::Unit(unit));
    }
    let (digits, ending) = pattern(word)?;
    let (unit, percent) = match ending {
        "" => (None, false),
        "%" => (None, true),
        name => (Some(unit(name)?), false),
    };
    let suits = match unit {
        Some(unit) => suits_unit(unit, ty),
        None => ty.is_unknown() || ty.is_number(),
    };
    suits.then_some(Format::Digits { digits, unit, percent })
}

/// The words and units that suit a type, for suggestions.
pub fn format_words(ty: &Type) -> Vec<&'static str> {
    let ty = ty.present();
    let units = crate::units::UNITS.iter().filter(|u| suits_unit(u, ty)).map(|u| u.name);
    units.chain(FORMAT_WORDS.iter().filter(|f| (f.suits)(ty)).map(|f| f.word)).collect()
}

/// A value in a format; a missing one, or one that the format cannot hold, as without.
pub fn formatted(value: &Value, ty: &Type, format: Format) -> String {
    let text = match (format, value) {
        (_, Value::Missing) => None,
        (Format::Unit(unit), Value::Num(n)) => in_unit(*n, unit),
        (Format::Percent, Value::Num(n)) => percent(*n),
        (Format::Number, Value::Num(n)) => Some(plain(*n)),
        (Format::Fraction, Value::Num(n)) => Some(format!("{}/{}", n.numerator(), n.denominator())),
        (Format::Digits { digits, unit, percent }, Value::Num(n)) => rounded(*n, digits, unit, percent),
        (Format::Date, Value::Num(n)) => time::day(n.floor(), 0),
        (Format::FileName, value) => Some(file_name(&self::value(value, ty))),
        (Format::Json, value) => Some(json::to_json(value, ty).to_string()),
        _ => None,
    };
    text.unwrap_or_else(|| self::value(value, ty))
}

fn suits_unit(unit: &Unit, ty: &Type) -> bool {
    ty.is_unknown() || *ty == Type::Quantity(unit.dimension)
}

/// `0`, `0.00`, with what follows.
fn pattern(text: &str) -> Option<(u8, &str)> {
    let rest = text.strip_prefix('0')?;
    let Some(after) = rest.strip_prefix('.') else { return Some((0, rest)) };
    let ending = after.trim_start_matches('0');
    match u8::try_from(after.len() - ending.len()) {
        Ok(digits @ 1..=18) => Some((digits, ending)),
        _ => None,
    }
}

fn rounded(n: Num, digits: u8, unit: Option<&Unit>, percent: bool) -> Option<String> {
    let scale = unit.map_or(Num::ONE, |u| Num::from(u.scale));
    let shown = n.div(scale)?.mul(Num::int(if percent { 100 } else { 1 }))?;
    let power = 10i128.checked_pow(u32::from(digits))?;
    let parts = shown.mul(Num::int(power))?.round_half_even()?;
    let sign = if parts < 0 { "-" } else { "" };
    let (parts, power) = (parts.unsigned_abs(), power.unsigned_abs());
    let point =
        if digits == 0 { String::new() } else { format!(".{:0width$}", parts % power, width = usize::from(digits)) };
    let ending = if percent { "%" } else { unit.map_or("", |u| u.name) };
    Some(format!("{sign}{}{point}{ending}", parts / power))
}

/// A name is never empty, hidden, `.` or `..`. Texts that differ only in what separates their parts
/// give the same name: who needs names that differ compares them.
fn file_name(text: &str) -> String {
    /// Most file systems take 255 bytes; the rest is for endings.
    const LONGEST: usize = 200;
    /// What is kept of a longer name, before its digest.
    const KEPT: usize = 160;
    let mut out = String::new();
    for (i, byte) in text.bytes().enumerate() {
        if byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-' || (byte == b'.' && i > 0) {
            out.push(char::from(byte));
        } else if matches!(byte, b'/' | b'\\' | b':') || byte.is_ascii_whitespace() {
            out.push('_');
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    if out.is_empty() {
        return "%".to_owned();
    }
    if out.len() > LONGEST {
        let kept: String = out.chars().take(KEPT).collect();
        let digest: String = Digest::of(text.as_bytes()).to_string().chars().take(32).collect();
        return format!("{kept}%{digest}");
    }
    out
}
