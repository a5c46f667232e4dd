//! Patterns of the language as patterns of ECMA-262, which JSON Schema asks for.
//!
//! A pattern is taken apart by the very crate that matches it here, so that classes, flags and
//! anchors are known for what they are; and put together from what both dialects read alike.

use super::texts::{escaped, push_in_class};
use super::{Said, unsayable};
use regex_syntax::hir::{Class, Hir, HirKind, Look};

/// Ranges of one class that are still written out. `\d` of the language is every digit of Unicode.
const MAX_RANGES: usize = 40;
/// The longest pattern that is written.
const MAX_LENGTH: usize = 4_000;

/// A pattern that means the same in ECMA-262, under the flag `u` that JSON Schema asks for.
///
/// # Errors
/// Word boundaries, lines, large classes, repetitions of nothing.
pub(super) fn ecma(pattern: &str) -> Said<String> {
    if is_common(pattern) {
        return Ok(pattern.to_owned());
    }
    let Ok(hir) = regex_syntax::parse(pattern) else { return unsayable("its pattern cannot be taken apart") };
    let mut out = String::new();
    write(&hir, &mut out)?;
    if out.len() > MAX_LENGTH {
        return unsayable(format!("its pattern would come to more than {MAX_LENGTH} characters"));
    }
    Ok(out)
}

fn write(hir: &Hir, out: &mut String) -> Said<()> {
    match hir.kind() {
        HirKind::Empty => out.push_str("(?:)"),
        HirKind::Literal(literal) => match std::str::from_utf8(&literal.0) {
            Ok(text) => out.push_str(&escaped(text)),
            Err(_) => return unsayable("its pattern speaks of bytes"),
        },
        HirKind::Class(class) => self::class(class, out)?,
        HirKind::Look(Look::Start) => out.push('^'),
        HirKind::Look(Look::End) => out.push('$'),
        HirKind::Look(Look::StartLF | Look::EndLF | Look::StartCRLF | Look::EndCRLF) => {
            return unsayable("its pattern speaks of lines");
        }
        HirKind::Look(_) => return unsayable("its pattern speaks of the edges of words, which are other ones there"),
        HirKind::Repetition(repetition) => {
            if matches!(repetition.sub.kind(), HirKind::Look(_) | HirKind::Empty) {
                return unsayable("its pattern repeats a place");
            }
            group(&repetition.sub, out)?;
            match (repetition.min, repetition.max) {
                (0, None) => out.push('*'),
                (1, None) => out.push('+'),
                (0, Some(1)) => out.push('?'),
                (min, None) => out.push_str(&format!("{{{min},}}")),
                (min, Some(max)) if min == max => out.push_str(&format!("{{{min}}}")),
                (min, Some(max)) => out.push_str(&format!("{{{min},{max}}}")),
            }
        }
        HirKind::Capture(capture) => {
            out.push('(');
            write(&capture.sub, out)?;
            out.push(')');
        }
        HirKind::Concat(parts) => {
            for part in parts {
                match part.kind() {
                    HirKind::Alternation(_) => group(part, out)?,
                    _ => write(part, out)?,
                }
            }
        }
        HirKind::Alternation(parts) => {
            for (i, part) in parts.iter().enumerate() {
                if i > 0 {
                    out.push('|');
                }
                write(part, out)?;
            }
        }
    }
    Ok(())
}

/// A part that something follows which speaks of all of it.
fn group(hir: &Hir, out: &mut String) -> Said<()> {
    let one = match hir.kind() {
        HirKind::Literal(literal) => std::str::from_utf8(&literal.0).is_ok_and(|t| t.chars().count() == 1),
        HirKind::Class(_) | HirKind::Capture(_) => true,
        _ => false,
    };
    if one {
        return write(hir, out);
    }
    out.push_str("(?:");
    write(hir, out)?;
    out.push(')');
    Ok(())
}

fn class(class: &Class, out: &mut String) -> Said<()> {
    let ranges: Vec<(char, char)> = match class {
        Class::Unicode(class) => class.iter().map(|r| (r.start(), r.end())).collect(),
        Class::Bytes(class) if class.is_ascii() => {
            class.iter().map(|r| (char::from(r.start()), char::from(r.end()))).collect()
        }
        Class::Bytes(_) => return unsayable("its pattern speaks of bytes"),
    };
    if ranges.is_empty() {
        return unsayable("its pattern has a class that nothing is in");
    }
    // What everything but a few characters is in, is told by these.
    let outside = negated(&ranges);
    let (ranges, sign) = if outside.len() < ranges.len() { (outside, "^") } else { (ranges, "") };
    if ranges.len() > MAX_RANGES {
        return unsayable(
            "its pattern has a class of Unicode, such as `\\d` or `\\w`, which is another one there; write `[0-9]`",
        );
    }
    if ranges.is_empty() {
        // Every character.
        out.push_str("[\\s\\S]");
        return Ok(());
    }
    out.push('[');
    out.push_str(sign);
    for (start, end) in ranges {
        push_in_class(start, out);
        if end > start {
            if end as u32 > start as u32 + 1 {
                out.push('-');
            }
            push_in_class(end, out);
        }
    }
    out.push(']');
    Ok(())
}

/// The characters that are in none of the ranges, which are sorted.
fn negated(ranges: &[(char, char)]) -> Vec<(char, char)> {
    let after = |c: char| match c {
        '\u{d7ff}' => Some('\u{e000}'),
        c => char::from_u32(c as u32 + 1),
    };
    let before = |c: char| match c {
        '\u{e000}' => Some('\u{d7ff}'),
        c => (c as u32).checked_sub(1).and_then(char::from_u32),
    };
    let mut out = Vec::new();
    let mut next = Some('\0');
    for (start, end) in ranges {
        if let (Some(from), Some(to)) = (next, before(*start))
            && from <= to
        {
            out.push((from, to));
        }
        next = after(*end);
    }
    if let Some(from) = next {
        out.push((from, char::MAX));
    }
    out
}

/// Whether a pattern is made of nothing but what both dialects read alike, so that it can stay as
/// people wrote it.
fn is_common(pattern: &str) -> bool {
    let mut chars = pattern.chars().peekable();
    let (mut in_class, mut repeated) = (false, false);
    while let Some(c) = chars.next() {
        let next = chars.peek().copied();
        if in_class {
            match c {
                ']' => in_class = false,
                '\\' if matches!(next, Some('\\' | ']' | '[' | '^' | '-' | '.' | '/' | '$' | '+' | '*')) => {
                    chars.next();
                }
                '-' if next == Some('-') => return false,
                '-' | ' ' | '_' | '.' | ':' | '/' | '@' | '+' | ',' | '%' | '=' => {}
                c if c.is_ascii_alphanumeric() => {}
                _ => return false,
            }
            continue;
        }
        let repeats = matches!(c, '*' | '+' | '?' | '{');
        if repeats && repeated {
            return false;
        }
        repeated = repeats;
        match c {
            '[' => {
                if next == Some('^') {
                    chars.next();
                }
                if matches!(chars.peek(), Some(']' | '[' | '-')) {
                    return false;
                }
                in_class = true;
            }
            '\\' if matches!(
                next,
                Some('.' | '\\' | '/' | '(' | ')' | '[' | ']' | '+' | '*' | '?' | '|' | '$' | '^')
            ) =>
            {
                chars.next();
            }
            '(' if next == Some('?') => {
                chars.next();
                if chars.next() != Some(':') {
                    return false;
                }
            }
            '{' => {
                let body: String = chars.by_ref().take_while(|c| *c != '}').collect();
                let number = |t: &str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit());
                let (least, most) = body.split_once(',').unwrap_or((&body, "1"));
                if !number(least) || !(most.is_empty() || number(most)) {
                    return false;
                }
            }
            '^' | '$' | '|' | '(' | ')' | '*' | '+' | '?' => {}
            '-' | ' ' | '_' | ':' | '/' | '@' | ',' | '%' | '=' | '#' | '!' | '<' | '>' | '"' | '\'' | ';' => {}
            c if c.is_ascii_alphanumeric() => {}
            _ => return false,
        }
    }
    !in_class
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_both_dialects_read_alike_stays_as_it_is_written() {
        for same in
            [r"^v[0-9]+\.[0-9]+(\.[0-9]+)?$", "^[0-9a-fA-F]{64}$", "^(?:a|b)-[a-z0-9._-]+$", "^[a-z]{2,5}$", "a/b"]
        {
            assert_eq!(ecma(same).as_deref(), Ok(same));
        }
    }

    #[test]
    fn what_means_something_else_is_written_anew_or_refused() {
        for (pattern, due) in [
            ("a.c", r"a[^\u000a]c"),
            ("(?s)a.c", r"a[\s\S]c"),
            ("(?i)ab", "[Aa][Bb]"),
            (r"[\t-\r]+", r"[\u0009-\u000d]+"),
            (r"x(?P<n>[0-9])??y", r"x([0-9])?y"),
            (r"[a&&[^b]]", "a"),
            (r"[\x26~]", r"[\u0026\u007e]"),
            ("é{2}", "é{2}"),
            (r"\A[^/]*\z", r"^[^/]*$"),
            ("[😀-😃]x", "[😀-😃]x"),
        ] {
            assert_eq!(ecma(pattern).as_deref(), Ok(due), "{pattern}");
        }
        for refused in [r"\d+", r"\w", r"\bx", "(?m)^a$"] {
            assert!(ecma(refused).is_err(), "{refused}");
        }
    }
}
