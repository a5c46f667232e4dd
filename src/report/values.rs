//! Figures, limits and instants as reports show them: exact, under their types.

use crate::data::{Num, Type, Value, print};
use crate::units::Dimension;
use crate::verdict::{AppliedLimit, FigureValue};
use serde::Serialize;

/// A value of a report: as printed, and for numbers as an exact fraction in base units.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Exact {
    /// In its shortest exact form.
    text: String,
    /// Upper part of the fraction.
    #[serde(skip_serializing_if = "Option::is_none")]
    num: Option<i128>,
    /// Lower part; at least 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    den: Option<i128>,
    /// What is counted: `ns`, `bytes`, a compound of both; left out for plain numbers.
    #[serde(skip_serializing_if = "Option::is_none")]
    unit: Option<String>,
}

impl Exact {
    /// A value under its type.
    pub(super) fn of(value: &Value, ty: &Type) -> Self {
        let number = value.as_num();
        Self {
            text: value_text(value, ty),
            num: number.map(Num::numerator),
            den: number.map(Num::denominator),
            unit: number.and_then(|_| unit_of(ty)),
        }
    }
}

fn unit_of(ty: &Type) -> Option<String> {
    match ty.present() {
        Type::Instant => Some("ns since 1970-01-01T00:00:00Z".into()),
        Type::Quantity(Dimension { time: 0, data: 0 }) => None,
        Type::Quantity(d) => Some(d.to_string().replace("duration", "ns")),
        _ => None,
    }
}

/// A value in its shortest exact form.
pub(super) fn value_text(value: &Value, ty: &Type) -> String {
    print::value(value, ty)
}

/// An instant, RFC 3339 in UTC.
pub(super) fn instant_text(ns: Num) -> String {
    print::instant(ns)
}

/// The type of the distance between two values of a type: of instants, a duration.
pub(super) fn number_type(ty: &Type) -> Type {
    match ty.present() {
        Type::Instant => Type::DURATION,
        other => other.clone(),
    }
}

/// For a figure that rows counted as worst took beyond every value: which way.
pub(super) fn beyond_word(value: &FigureValue) -> Option<&'static str> {
    match value {
        FigureValue::Value(_) | FigureValue::Missing => None,
        FigureValue::Above => Some("above"),
        FigureValue::Below => Some("below"),
    }
}

/// A number for people: exact where that is short, else cut to a few digits and marked with `~`.
/// Cutting goes towards zero, so `~99.99%` is never shown as `100%`.
pub(crate) fn brief(value: &Value, ty: &Type) -> String {
    let exact = value_text(value, ty);
    let Some(n) = value.as_num().filter(|_| exact.contains('/') || exact.chars().count() > BRIEF_CHARS) else {
        return exact;
    };
    let cut = |scale: i128| {
        let digits = n.numerator().checked_mul(scale)? / n.denominator();
        Num::new(digits, scale)
    };
    let short = match ty.present() {
        Type::Int | Type::Decimal | Type::Ratio => cut(10_000),
        Type::Quantity(d) if *d == Dimension::TIME || *d == Dimension::DATA => cut(1),
        _ => None,
    };
    match short {
        Some(short) if short.is_zero() && n.is_negative() => format!("~-{}", value_text(&Value::Num(short), ty)),
        Some(short) if short != n => format!("~{}", value_text(&Value::Num(short), ty)),
        _ => exact,
    }
}

/// A number longer than this is shown cut.
const BRIEF_CHARS: usize = 12;

/// A figure for people.
pub(super) fn figure_text(value: &FigureValue, ty: &Type) -> String {
    match value {
        FigureValue::Value(value) => brief(value, ty),
        FigureValue::Missing => "none".into(),
        FigureValue::Above => "above all".into(),
        FigureValue::Below => "below all".into(),
    }
}

/// A limit for people: `<= 120ms`, `in 1..5`.
pub(super) fn limit_text(limit: &AppliedLimit, ty: &Type) -> String {
    match limit {
        AppliedLimit::Compare { op, value } => format!("{} {}", op.sign(), value_text(value, ty)),
        AppliedLimit::Range { low, high } => format!("in {}..{}", value_text(low, ty), value_text(high, ty)),
    }
}

/// A duration for the eye, in its two largest units; the JSON report has it exactly.
pub(crate) fn coarse(ns: Num) -> String {
    let seconds = ns.floor() / 1_000_000_000;
    let (d, h, m, s) = (seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60, seconds % 60);
    let two =
        |a: i128, ua: &str, b: i128, ub: &str| if b == 0 { format!("{a}{ua}") } else { format!("{a}{ua}{b}{ub}") };
    match (d, h, m) {
        (0, 0, 0) => format!("{s}s"),
        (0, 0, m) => two(m, "m", s, "s"),
        (0, h, m) => two(h, "h", m, "m"),
        (d, h, _) => two(d, "d", h, "h"),
    }
}
