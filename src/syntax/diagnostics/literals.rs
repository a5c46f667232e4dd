//! Numbers, instants, versions, texts and records.

use super::{
    BARE_DATE, IMPOSSIBLE_INSTANT, NUMBER_DOT, RECORD_COLON, SINGLE_QUOTES, UNEXPECTED, UNIT_GAP, UNKNOWN_ESCAPE,
    UNKNOWN_UNIT, VERSION_PRERELEASE, shown,
};
use crate::diag::Diagnostic;
use crate::source::Span;
use crate::syntax::keywords;

/// A date where an instant is due.
pub(in crate::syntax) fn bare_date(span: Span, text: &str) -> Diagnostic {
    let day = text.split(['T', 't']).next().unwrap_or(text);
    let whole = day.len() == 10;
    if text.len() > day.len() {
        let mut diagnostic = Diagnostic::error(
            BARE_DATE,
            format!("`{}` is no whole instant", shown(text)),
            span,
            "a time without its offset",
        );
        diagnostic = diagnostic.help(
            "an instant is a date, `T`, hours, minutes and seconds, then `Z` or an offset, as in `2026-03-31T08:00:00Z`",
        );
        let bytes = text.as_bytes();
        let plain = text.len() == 19 && bytes.get(10) == Some(&b'T') && bytes.get(13) == Some(&b':');
        return if plain { diagnostic.fix(span, format!("{text}Z")) } else { diagnostic };
    }
    let diagnostic = Diagnostic::error(
        BARE_DATE,
        format!("`{text}` is a day, not an instant: whose midnight?"),
        span,
        "a date without time and offset",
    );
    if whole {
        diagnostic
            .help(format!("write `{text}T00:00:00Z` for midnight in UTC; for a subtraction put blanks around `-`"))
            .fix(span, format!("{text}T00:00:00Z"))
    } else {
        diagnostic.help("write an instant such as `2026-03-31T00:00:00Z`; for a subtraction put blanks around `-`")
    }
}

/// An instant that no calendar has.
pub(in crate::syntax) fn impossible_instant(span: Span, text: &str, why: String) -> Diagnostic {
    Diagnostic::error(IMPOSSIBLE_INSTANT, format!("there is no instant `{}`", shown(text)), span, why)
}

/// `800 ms`
pub(in crate::syntax) fn unit_gap(span: Span, number: &str, unit: &str) -> Diagnostic {
    let together = format!("{number}{unit}");
    Diagnostic::error(UNIT_GAP, "a blank stands between a number and its unit", span, "number and unit are one word")
        .help(format!("write `{together}`"))
        .fix(span, together)
}

/// `120sec`
pub(in crate::syntax) fn unknown_unit(span: Span, text: &str) -> Diagnostic {
    let split = text.find(|c: char| !(c.is_ascii_digit() || c == '_' || c == '.')).unwrap_or(text.len());
    let (number, unit) = text.split_at_checked(split).unwrap_or((text, ""));
    let number = number.trim_end_matches('_');
    let meant = match unit.to_ascii_lowercase().as_str() {
        "sec" | "secs" | "second" | "seconds" => Some("s"),
        "min" | "mins" | "minute" | "minutes" => Some("m"),
        "hr" | "hrs" | "hour" | "hours" => Some("h"),
        "day" | "days" => Some("d"),
        "msec" | "msecs" | "millis" => Some("ms"),
        "usec" | "micros" => Some("us"),
        "nanos" => Some("ns"),
        "kb" | "k" => Some("kB"),
        "mb" => Some("MB"),
        "gb" | "g" => Some("GB"),
        "kib" => Some("KiB"),
        "mib" => Some("MiB"),
        "gib" => Some("GiB"),
        "b" | "byte" | "bytes" => Some("B"),
        "pct" | "percent" => Some("%"),
        lower => keywords::UNITS.into_iter().find(|u| u.eq_ignore_ascii_case(lower)),
    };
    let diagnostic = Diagnostic::error(
        UNKNOWN_UNIT,
        format!("`{}` is neither a number nor a quantity", shown(text)),
        span,
        format!("`{}` is no unit", shown(unit)),
    );
    match meant {
        Some(unit) => diagnostic.help(format!("write `{number}{unit}`")).fix(span, format!("{number}{unit}")),
        None if unit.starts_with(['e', 'E', 'x', 'X']) => {
            diagnostic.help("numbers are written out in decimal digits; `_` may group them, as in `1_000_000`")
        }
        None => {
            diagnostic.help("units are ns, us, ms, s, m, h, d for time, B, kB, MB, GB, KiB, MiB, GiB for size, and %")
        }
    }
}

/// `v1.2.0-rc1`
pub(in crate::syntax) fn version_prerelease(span: Span, text: &str) -> Diagnostic {
    let repair = format!("version(\"{text}\")");
    Diagnostic::error(
        VERSION_PRERELEASE,
        format!("`{}` reads as a version and something taken away from it", shown(text)),
        span,
        "a version with a pre-release or build part",
    )
    .help(format!("write `{repair}`"))
    .fix(span, repair)
}

/// `1.s`
pub(in crate::syntax) fn number_dot(span: Span, number: &str, member: &str) -> Diagnostic {
    let diagnostic = Diagnostic::error(
        NUMBER_DOT,
        format!("`{}.{}` asks a number for a field", shown(number), shown(member)),
        span,
        "a number has no fields",
    );
    if keywords::UNITS.contains(&member) {
        diagnostic.help(format!("write `{number}{member}`")).fix(span, format!("{number}{member}"))
    } else {
        diagnostic
    }
}

/// `'x'`
pub(in crate::syntax) fn single_quotes(span: Span, text: &str) -> Diagnostic {
    let inner = text.trim_matches('\'');
    let repair = format!("\"{}\"", inner.replace('\\', "\\\\").replace('"', "\\\""));
    Diagnostic::error(SINGLE_QUOTES, "a text stands in double quotes", span, "single quotes")
        .help(format!("write `{}`", shown(&repair)))
        .fix(span, repair)
}

/// `\q`
pub(in crate::syntax) fn unknown_escape(span: Span, escape: &str) -> Diagnostic {
    Diagnostic::error(UNKNOWN_ESCAPE, format!("`{}` is no escape", shown(escape)), span, "not known in a text").help(
        "escapes are `\\\"`, `\\\\`, `\\n`, `\\t` and `\\u{1F600}`; a backslash is `\\\\`; braces are `{{` and `}}`",
    )
}

/// `{ a: 1 }`
pub(in crate::syntax) fn record_colon(key: Span, colon: Span, name: &str) -> Diagnostic {
    Diagnostic::error(RECORD_COLON, "this reads as a map, and its key as the value of a name", colon, "a record takes `=`")
        .label(key, "a bare name")
        .help(format!(
            "for a record write `{{ {name} = .. }}`; for a map with this text as its key `{{ \"{name}\": .. }}`; for a map whose key is the value of `{name}`, `{{ ({name}): .. }}`"
        ))
        .fix(colon, " =")
}

/// `R { a: 1 }`
pub(in crate::syntax) fn field_sign(span: Span, sign: &str) -> Diagnostic {
    let code = if sign == ":" { RECORD_COLON } else { UNEXPECTED };
    Diagnostic::error(
        code,
        format!("a field of a record takes `=`, not `{sign}`"),
        span,
        "between a field and its value",
    )
    .help("write `=`")
    .fix(span, if sign == ":" { " =" } else { "=" })
}

/// `enum E { a: "x" }`
pub(in crate::syntax) fn member_sign(span: Span, sign: &str) -> Diagnostic {
    let message = format!("a member takes `=` before its spelling in data, not `{}`", shown(sign));
    Diagnostic::error(UNEXPECTED, message, span, "not expected here").help("write `=`").fix(span, " =")
}
