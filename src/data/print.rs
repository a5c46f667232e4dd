//! Printing values under their types, exactly: for messages, for texts made in policies, for JSON.
//!
//! Job: the shortest exact form of each value, the formats of `{x : ms}`, cutting to length.
//! May import: `units`. Deliberately absent: making text safe for a terminal, which whoever
//! shows it does; and rounding, unless a format asks for it.

mod document;
mod format;
mod json;
mod number;

pub use document::document;
pub use format::{FORMAT_WORDS, Format, FormatWord, format_for, format_words, formatted};
pub use json::{from_json, to_json};
pub use number::{decimal, number};

use super::{EnumType, EnumValue, Num, Type, Value, time};
use std::borrow::Cow;

/// What a missing value prints as.
pub const MISSING: &str = "(missing)";

/// A value in its shortest exact form: `118ms`, `64MiB`, `99.2%`, `997/1003`,
/// `2026-03-31T00:00:00Z`, `[a, b]`, `{id = t1, n = 3}`, `(missing)`.
pub fn value(value: &Value, ty: &Type) -> String {
    let mut printer = Printer { out: String::new(), limit: usize::MAX };
    printer.value(value, ty);
    printer.out
}

/// The same, for showing: cut after about `limit` characters, with notes of how much is not
/// shown: `[0, 1, 2, .. 997 more]`. Never makes much more text than it shows.
pub fn short(value: &Value, ty: &Type, limit: usize) -> String {
    let mut printer = Printer { out: String::new(), limit };
    printer.value(value, ty);
    printer.out
}

/// Text of at most `limit` characters: longer text ends in `.. (12 more characters)`, which
/// comes on top.
pub fn cut(text: &str, limit: usize) -> Cow<'_, str> {
    match text.char_indices().nth(limit).and_then(|(end, _)| text.split_at_checked(end)) {
        None => Cow::Borrowed(text),
        Some((shown, rest)) => {
            let more = rest.chars().count();
            Cow::Owned(format!("{shown}.. ({more} more character{})", if more == 1 { "" } else { "s" }))
        }
    }
}

/// The name of an enum's word; of a catch-all member, the word found.
pub fn word<'a>(word: &'a EnumValue, ty: &'a EnumType) -> &'a str {
    match &word.word {
        Some(found) => found,
        None => ty.members.get(word.member as usize).map_or("(unknown word)", |m| &m.name),
    }
}

/// An instant: RFC 3339 in UTC. Beyond its years, and for parts of a nanosecond: as an instant
/// plus a duration.
pub fn instant(ns: Num) -> String {
    let whole = ns.floor();
    let (base, base_ns) = match time::print_instant(whole) {
        Some(text) => (text, whole),
        None => ("1970-01-01T00:00:00Z".to_owned(), 0),
    };
    match ns.sub(Num::int(base_ns)) {
        Some(rest) if rest.is_zero() => base,
        Some(rest) => format!("{base} + {}", number(rest, &Type::DURATION)),
        None => format!("{base} + {}ns", whole),
    }
}

struct Printer {
    out: String,
    /// Lists stop and texts are cut when the whole is this long.
    limit: usize,
}

impl Printer {
    fn value(&mut self, value: &Value, ty: &Type) {
        match (value, ty.present()) {
            (Value::Missing, _) => self.out.push_str(MISSING),
            (Value::Bool(b), _) => self.out.push_str(if *b { "true" } else { "false" }),
            (Value::Num(n), Type::Instant) => self.out.push_str(&instant(*n)),
            (Value::Num(n), ty) => self.out.push_str(&number(*n, ty)),
            (Value::Text(text), _) => self.text(text),
            (Value::Version(version), _) => self.out.push_str(&version.to_string()),
            (Value::Enum(found), Type::Enum(ty)) => self.out.push_str(word(found, ty)),
            (Value::Enum(found), _) => {
                let text = found.word.as_deref().map_or_else(|| format!("#{}", found.member), str::to_owned);
                self.out.push_str(&text);
            }
            (Value::Record(record), ty) => {
                let fields = match ty {
                    Type::Record(ty) => ty.fields.as_slice(),
                    _ => &[],
                };
                self.out.push('{');
                for (i, part) in record.fields.iter().enumerate() {
                    if self.stops(i, record.fields.len()) {
                        break;
                    }
                    if let Some(field) = fields.get(i) {
                        self.out.push_str(&field.name);
                        self.out.push_str(" = ");
                    }
                    self.part(part, fields.get(i).map_or(&Type::Unknown, |f| &f.ty));
                }
                self.out.push('}');
            }
            (Value::List(items), Type::Map(key, of)) => {
                self.out.push('{');
                for (i, item) in items.iter().enumerate() {
                    if self.stops(i, items.len()) {
                        break;
                    }
                    let pair = item.as_record().map_or(&[][..], |r| &r.fields);
                    self.part(pair.first().unwrap_or(&Value::Missing), key);
                    self.out.push_str(": ");
                    self.part(pair.get(1).unwrap_or(&Value::Missing), of);
                }
                self.out.push('}');
            }
            (Value::List(items), ty) => {
                let element = ty.element().unwrap_or(Type::Unknown);
                self.out.push('[');
                for (i, item) in items.iter().enumerate() {
                    if self.stops(i, items.len()) {
                        break;
                    }
                    self.part(item, &element);
                }
                self.out.push(']');
            }
            (Value::Json(json), _) => self.text(&json.canonical()),
        }
    }

    fn text(&mut self, text: &str) {
        self.out.push_str(&cut(text, self.limit.saturating_sub(self.out.len())));
    }

    /// Writes the comma before part `i` of `len`, or says that the rest is not shown.
    fn stops(&mut self, i: usize, len: usize) -> bool {
        if i > 0 {
            self.out.push_str(", ");
        }
        let stops = self.out.len() > self.limit;
        if stops {
            self.out.push_str(&format!(".. {} more", len.saturating_sub(i)));
        }
        stops
    }

    /// A value inside of another: texts that could be mistaken for its punctuation get quotes.
    fn part(&mut self, value: &Value, ty: &Type) {
        match value {
            Value::Text(text) if !is_plain(text) => {
                self.out.push('"');
                self.text(&text.replace('\\', "\\\\").replace('"', "\\\""));
                self.out.push('"');
            }
            _ => self.value(value, ty),
        }
    }
}

fn is_plain(text: &str) -> bool {
    !text.is_empty()
        && text.trim().len() == text.len()
        && text != MISSING
        && !text.contains(['"', '\\', ',', '=', ':', '[', ']', '{', '}', '\n'])
}

#[cfg(test)]
mod tests;
