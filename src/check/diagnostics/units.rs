//! Units: what is added to or compared with what.

use super::a;
use crate::data::{Num, Type};
use crate::diag::{Code, Diagnostic};
use crate::source::Span;
use crate::units::Dimension;

const MISMATCH: Code = Code("rspp::units::mismatch");
const RATIO_AND_COUNT: Code = Code("rspp::units::ratio-and-count");

pub(in crate::check) const CODES: &[Code] = &[MISMATCH, RATIO_AND_COUNT];

/// One side of an operator.
#[derive(Debug, Clone, Copy)]
pub(in crate::check) struct Operand<'d> {
    /// As written.
    pub(in crate::check) words: &'d str,
    /// Its type.
    pub(in crate::check) ty: &'d Type,
    /// Where it stands.
    pub(in crate::check) span: Span,
}

impl Operand<'_> {
    /// `120ms` is a duration
    pub(in crate::check) fn is(&self) -> String {
        format!("`{}` is {}", self.words, a(self.ty))
    }
}

/// Both sides with their types under an operator.
pub(in crate::check) fn sides(
    code: Code,
    message: String,
    op_span: Span,
    label: &str,
    left: Operand<'_>,
    right: Operand<'_>,
) -> Diagnostic {
    Diagnostic::error(code, message, op_span, label).label(left.span, left.is()).label(right.span, right.is())
}

/// Arithmetic on kinds that it means nothing for.
pub(in crate::check) fn no_arithmetic(sign: &str, op_span: Span, left: Operand<'_>, right: Operand<'_>) -> Diagnostic {
    let message = match sign {
        "+" => format!("{} cannot be added to {}", a(right.ty), a(left.ty)),
        "-" => format!("{} cannot be subtracted from {}", a(right.ty), a(left.ty)),
        "*" => format!("{} cannot be multiplied by {}", a(left.ty), a(right.ty)),
        _ => format!("{} cannot be divided by {}", a(left.ty), a(right.ty)),
    };
    let label = match sign {
        "+" | "-" => "both sides must measure the same",
        _ => "needs numbers or quantities",
    };
    let diagnostic = sides(MISMATCH, message, op_span, label, left, right);
    match arithmetic_help(sign, left, right) {
        Some(help) => diagnostic.help(help),
        None => diagnostic,
    }
}

fn arithmetic_help(sign: &str, left: Operand<'_>, right: Operand<'_>) -> Option<String> {
    let additive = matches!(sign, "+" | "-");
    Some(match (left.ty, right.ty) {
        (Type::String, _) | (_, Type::String) if sign == "+" => {
            format!("texts are joined by writing values into one: `\"{}{}\"`", inside(left.words), inside(right.words))
        }
        (Type::List(_), Type::List(_)) if sign == "+" => {
            format!("lists are joined by `concat({}, {})`", left.words, right.words)
        }
        (Type::List(_), _) | (_, Type::List(_)) => {
            "arithmetic is for single values: `xs select a - b` computes it for each element".to_owned()
        }
        (Type::Instant, Type::Instant) => "the difference of two instants is a duration: use `-`".to_owned(),
        (Type::Instant, ty) | (ty, Type::Instant) if ty.is_number() && additive => {
            "say which unit: an instant moves by a duration such as `5m`".to_owned()
        }
        (ty, Type::Quantity(d)) | (Type::Quantity(d), ty) if ty.is_number() && additive => unit_help(ty, *d),
        _ => return None,
    })
}

/// A value as a part of a text.
fn inside(words: &str) -> String {
    match words.strip_prefix('"').and_then(|w| w.strip_suffix('"')) {
        Some(text) => text.to_owned(),
        None => format!("{{{words}}}"),
    }
}

/// How a bare number, or a share, gets the dimension of the other side.
fn unit_help(number: &Type, due: Dimension) -> String {
    match (number, due) {
        (Type::Ratio, _) => "a share of something is written as a product: `x * (1 + 5%)`".to_owned(),
        (_, Dimension::TIME) => "say which unit: `120ms`, `2s`, `5m`".to_owned(),
        (_, Dimension::DATA) => "say which unit: `512B`, `64kB`, `1MiB`".to_owned(),
        _ => format!("a {due} is due on both sides"),
    }
}

/// A comparison of kinds that cannot be compared.
pub(in crate::check) fn no_comparison(sign: &str, op_span: Span, left: Operand<'_>, right: Operand<'_>) -> Diagnostic {
    let message = format!("{} cannot be compared with {}", a(left.ty), a(right.ty));
    let label = if sign == "in" { "the ends measure something else" } else { "both sides must measure the same" };
    let diagnostic = sides(MISMATCH, message, op_span, label, left, right);
    let help = match (left.ty, right.ty) {
        (number, Type::Quantity(d)) | (Type::Quantity(d), number) if number.is_number() => match number {
            Type::Ratio => Some(format!(
                "a share and {} have nothing in common; was another figure meant?",
                a(&Type::Quantity(*d))
            )),
            _ => Some(unit_help(number, *d)),
        },
        (Type::Quantity(a), Type::Quantity(b)) => factor(*a, *b),
        _ => None,
    };
    match help {
        Some(help) => diagnostic.help(help),
        None => diagnostic,
    }
}

/// The one factor that is missing, if there is one.
fn factor(a: Dimension, b: Dimension) -> Option<String> {
    let quotient = a.per(b)?;
    let name = |d: Dimension| match d {
        Dimension::TIME => Some("duration"),
        Dimension::DATA => Some("size in bytes"),
        _ => None,
    };
    if let Some(name) = name(quotient) {
        return Some(format!("the left side divided by a {name} would measure the same"));
    }
    let name = name(b.per(a)?)?;
    Some(format!("the right side divided by a {name} would measure the same"))
}

/// A value of another dimension than the one due.
pub(in crate::check) fn other_due(words: &str, found: &Type, due: &Type, span: Span) -> Diagnostic {
    let diagnostic = Diagnostic::error(
        MISMATCH,
        format!("{} is due here, not {}", a(due), a(found)),
        span,
        format!("`{words}` is {}", a(found)),
    );
    match due.dimension() {
        Some(dimension) if found.is_number() => diagnostic.help(unit_help(found, dimension)),
        _ => diagnostic,
    }
}

/// A share compared with a count.
pub(in crate::check) fn ratio_and_count(
    op_span: Span,
    share: Operand<'_>,
    count: Operand<'_>,
    figure: Option<Num>,
) -> Diagnostic {
    let diagnostic = Diagnostic::error(
        RATIO_AND_COUNT,
        "a ratio is a share from 0% to 100%, so comparing it with a count decides nothing",
        op_span,
        "a share on one side, a count on the other",
    )
    .label(share.span, share.is())
    .label(count.span, count.is());
    match figure.and_then(Num::as_int) {
        Some(n) if (2..=100).contains(&n) => {
            diagnostic.help(format!("if percent is meant, write `{n}%`")).fix(count.span, format!("{n}%"))
        }
        _ => diagnostic.help("compare with a share such as `99.5%`, or count with `count(..)`"),
    }
}
