//! Texts, names in quotes, instants, quantities.

use super::{Lower, Pair, find};
use crate::source::Span;
use crate::syntax::diagnostics as say;
use crate::syntax::grammar::Rule;
use crate::syntax::tree::{Expr, ExprKind, Name, StringLit, StringPart, Text};

impl Lower<'_> {
    /// A text with values in braces.
    pub fn string(&mut self, pair: &Pair<'_>) -> StringLit {
        let mut parts = Vec::new();
        let mut text = String::new();
        for part in pair.clone().into_inner() {
            match part.as_rule() {
                Rule::chars => text.push_str(part.as_str()),
                Rule::escape => match part.as_str() {
                    "{{" => text.push('{'),
                    "}}" => text.push('}'),
                    escape => {
                        let span = self.span(&part);
                        text.push(self.escape(escape, span));
                    }
                },
                Rule::hole => {
                    if !text.is_empty() {
                        parts.push(StringPart::Text(std::mem::take(&mut text)));
                    }
                    let span = self.span(&part);
                    let value = match find(&part, Rule::expr) {
                        Some(expr) => self.expr(&expr),
                        None => self.broken(span),
                    };
                    let format = find(&part, Rule::hole_format).and_then(|f| f.into_inner().next());
                    let format = format.map(|f| self.word_or_text(&f));
                    parts.push(StringPart::Value { value, format });
                }
                _ => {}
            }
        }
        if !text.is_empty() {
            parts.push(StringPart::Text(text));
        }
        StringLit { parts, span: self.span(pair) }
    }

    /// A text without values, its escapes resolved; the span has the quotes.
    pub fn plain(&mut self, pair: &Pair<'_>) -> Text {
        let span = self.span(pair);
        let raw = pair.as_str();
        let inner = raw.strip_prefix('"').and_then(|r| r.strip_suffix('"')).unwrap_or(raw);
        let mut text = String::with_capacity(inner.len());
        let mut rest = inner;
        while let Some(at) = rest.find('\\') {
            text.push_str(rest.get(..at).unwrap_or(""));
            let tail = rest.get(at..).unwrap_or("");
            let length = match tail.strip_prefix("\\u{").and_then(|t| t.find('}')) {
                Some(close) => 3 + close + 1,
                None => tail.chars().take(2).map(char::len_utf8).sum(),
            };
            let start = span.start as usize + 1 + (inner.len() - rest.len()) + at;
            let place = self.range(start, start + length);
            text.push(self.escape(tail.get(..length).unwrap_or(tail), place));
            rest = tail.get(length..).unwrap_or("");
        }
        text.push_str(rest);
        Name { text, span }
    }

    /// A word as written, or a text in quotes without them.
    pub fn word_or_text(&mut self, pair: &Pair<'_>) -> Name {
        match pair.as_rule() {
            Rule::plain => self.plain(pair),
            _ => self.name(pair),
        }
    }

    /// The parts of `a.b."odd key"`.
    pub fn path(&mut self, pair: &Pair<'_>) -> Vec<Name> {
        let parts = pair.clone().into_inner().filter(|p| matches!(p.as_rule(), Rule::word | Rule::plain));
        parts.map(|p| self.word_or_text(&p)).collect()
    }

    fn escape(&mut self, escape: &str, span: Span) -> char {
        let found = match escape {
            "\\\"" => Some('"'),
            "\\\\" => Some('\\'),
            "\\n" => Some('\n'),
            "\\t" => Some('\t'),
            _ => escape
                .strip_prefix("\\u{")
                .and_then(|e| e.strip_suffix('}'))
                .filter(|hex| (1..=6).contains(&hex.len()) && hex.bytes().all(|b| b.is_ascii_hexdigit()))
                .and_then(|hex| u32::from_str_radix(hex, 16).ok())
                .and_then(char::from_u32),
        };
        found.unwrap_or_else(|| {
            self.report(say::unknown_escape(span, escape));
            char::REPLACEMENT_CHARACTER
        })
    }

    /// An instant, or what was written in its place.
    pub fn moment(&mut self, pair: &Pair<'_>) -> Expr {
        let inner = pair.clone().into_inner().next();
        let pair = inner.as_ref().unwrap_or(pair);
        self.instant(pair)
    }

    /// An `instant` or `slip_date` pair.
    pub fn instant(&mut self, pair: &Pair<'_>) -> Expr {
        let span = self.span(pair);
        let text = pair.as_str();
        if pair.as_rule() != Rule::instant {
            self.report(say::bare_date(span, text));
            return self.broken(span);
        }
        if let Some(why) = impossible(text) {
            self.report(say::impossible_instant(span, text, why));
            return self.broken(span);
        }
        Expr { kind: Box::new(ExprKind::Instant(text.to_owned())), span }
    }

    /// A quantity, or a number with its unit apart.
    pub fn quantity(&mut self, pair: &Pair<'_>) -> Expr {
        let span = self.span(pair);
        let text = pair.as_str();
        let split = text.find(|c: char| !(c.is_ascii_digit() || c == '_' || c == '.')).unwrap_or(text.len());
        let (number, rest) = text.split_at_checked(split).unwrap_or((text, ""));
        let unit = rest.trim();
        if pair.as_rule() == Rule::slip_gap {
            self.report(say::unit_gap(span, number, unit));
        }
        let kind = ExprKind::Quantity { number: number.to_owned(), unit: unit.to_owned() };
        Expr { kind: Box::new(kind), span }
    }

    /// A share: a quantity, or a number that the checker will refuse.
    pub fn share(&mut self, pair: &Pair<'_>) -> Expr {
        match pair.clone().into_inner().next() {
            Some(p) if p.as_rule() == Rule::number => {
                Expr { kind: Box::new(ExprKind::Number(p.as_str().to_owned())), span: self.span(&p) }
            }
            Some(p) => self.quantity(&p),
            None => self.broken(self.span(pair)),
        }
    }
}

/// What is wrong with an instant of the right shape, if anything.
fn impossible(text: &str) -> Option<String> {
    let number = |range: std::ops::Range<usize>| text.get(range).and_then(|t| t.parse::<u32>().ok()).unwrap_or(0);
    let (year, month, day) = (number(0..4), number(5..7), number(8..10));
    if !(1..=12).contains(&month) {
        return Some(format!("there is no month {month:02}; months run from 01 to 12"));
    }
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    if !(1..=days).contains(&day) {
        return Some(format!("month {month:02} of {year:04} has {days} days"));
    }
    for (range, limit, what) in [(11..13, 23, "hours"), (14..16, 59, "minutes"), (17..19, 59, "seconds")] {
        if number(range) > limit {
            return Some(format!("{what} run from 00 to {limit}"));
        }
    }
    if !text.ends_with('Z') {
        let hours = number(text.len() - 5..text.len() - 3);
        let minutes = number(text.len() - 2..text.len());
        if hours > 23 || minutes > 59 {
            return Some("an offset runs from -23:59 to +23:59".to_owned());
        }
    }
    None
}
