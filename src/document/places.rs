//! From faults to places in a document's text: the value at fault, or the key.

use super::{Document, Notation};
use crate::data::{Json, JsonKind};
use crate::eval::decode::{DecodeFault, Objection};
use crate::source::Span;

/// How far before a value its key is looked for in YAML, in bytes.
const LOOK_BACK: usize = 4096;
/// Characters of a place that are marked.
const MOST_MARKED: usize = 80;

/// Finds places in one document.
pub(super) struct Places<'d> {
    pub document: &'d Document,
    pub text: &'d str,
}

impl Places<'_> {
    /// Where a fault of the contract is.
    pub fn of_fault(&self, fault: &DecodeFault) -> Span {
        let value = self.document.json.at_pointer(&fault.pointer);
        match value {
            Some(value) if fault.code == "rspp::evidence::unknown-field" => {
                self.key(&fault.pointer, value).unwrap_or_else(|| self.value(value))
            }
            Some(value) => self.value(value),
            None => self.one_at(usize::try_from(fault.at).unwrap_or(0)),
        }
    }

    /// Where an objection of the schema is.
    pub fn of_objection(&self, objection: &Objection) -> Span {
        let value = self.document.json.at_pointer(&objection.pointer).unwrap_or(&self.document.json);
        let key = objection.key.as_deref().and_then(|key| Some((key, value.get(key)?)));
        match key {
            Some((key, below)) => self.key_before(key, below).unwrap_or_else(|| self.value(below)),
            None => self.value(value),
        }
    }

    /// Whether a list or an object stands at a pointer.
    pub fn has_parts(&self, pointer: &str) -> bool {
        let kind = self.document.json.at_pointer(pointer).map(|json| &json.kind);
        matches!(kind, Some(JsonKind::List(_) | JsonKind::Object(_)))
    }

    fn key(&self, pointer: &str, value: &Json) -> Option<Span> {
        let step = pointer.rsplit('/').next()?;
        self.key_before(&step.replace("~1", "/").replace("~0", "~"), value)
    }

    /// The key that stands before a value.
    fn key_before(&self, key: &str, value: &Json) -> Option<Span> {
        let before = self.text.get(..usize::try_from(value.at).ok()?)?;
        match self.document.notation {
            Notation::Json => {
                let quoted = before.trim_end().strip_suffix(':')?.trim_end();
                let inside = quoted.strip_suffix('"')?;
                // Quotes inside of a key have a backslash before them.
                let open = inside.rmatch_indices('"').map(|(at, _)| at).find(|at| !escaped(inside, *at))?;
                Some(self.span(open, quoted.len()))
            }
            Notation::Yaml => {
                let from =
                    (before.len().saturating_sub(LOOK_BACK)..=before.len()).find(|at| before.is_char_boundary(*at))?;
                let near = before.get(from..)?;
                let is_key = |at: &usize| {
                    let after = near.get(at + key.len()..).unwrap_or("");
                    after.trim_start_matches(['"', '\'']).trim_start().starts_with(':')
                };
                let at = near.rmatch_indices(key).map(|(at, _)| at).find(is_key)?;
                Some(self.span(from + at, from + at + key.len()))
            }
        }
    }

    /// A value: all of a single one, the beginning of a list or an object.
    fn value(&self, value: &Json) -> Span {
        let start = usize::try_from(value.at).unwrap_or(usize::MAX).min(self.text.len());
        let rest = self.text.get(start..).unwrap_or("");
        let first = rest.chars().next();
        let length = match (&value.kind, first) {
            (_, Some('"' | '\'')) => quoted(rest),
            (JsonKind::List(_), Some('[')) | (JsonKind::Object(_), Some('{')) => 1,
            (JsonKind::Object(_) | JsonKind::List(_), _) => rest.find([':', '\n', ' ']).unwrap_or(1),
            (JsonKind::Number(number), _) if rest.starts_with(&**number) => number.len(),
            (JsonKind::Text(text), _) if rest.starts_with(&**text) => text.len(),
            _ => {
                let line = rest.lines().next().unwrap_or("");
                let line = line.split(" #").next().unwrap_or(line);
                line.find([',', ']', '}']).unwrap_or_else(|| line.trim_end().len())
            }
        };
        if length == 0 { self.one_at(start) } else { self.span(start, start + length) }
    }

    /// One character at an offset, or none at the end.
    fn one_at(&self, at: usize) -> Span {
        let at = (0..=at.min(self.text.len())).rev().find(|at| self.text.is_char_boundary(*at)).unwrap_or(0);
        let length =
            self.text.get(at..).and_then(|rest| rest.chars().next()).filter(|c| *c != '\n').map_or(0, char::len_utf8);
        self.span(at, at + length)
    }

    /// A range that is short enough to be underlined.
    fn span(&self, start: usize, end: usize) -> Span {
        let marked = self.text.get(start..end.min(self.text.len())).unwrap_or("");
        let length = marked.char_indices().nth(MOST_MARKED).map_or(marked.len(), |(at, _)| at);
        Span::new(self.document.source, start, start + length)
    }
}

/// Whether the character at an offset has an odd number of backslashes before it.
fn escaped(text: &str, at: usize) -> bool {
    let before = text.get(..at).unwrap_or("");
    (before.len() - before.trim_end_matches('\\').len()) % 2 == 1
}

/// The length of a text with its quotes.
fn quoted(rest: &str) -> usize {
    let quote = rest.chars().next().unwrap_or('"');
    let mut chars = rest.char_indices().skip(1).peekable();
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' if quote == '"' => {
                chars.next();
            }
            // In single quotes a quote is written twice.
            '\'' if quote == '\'' && chars.peek().is_some_and(|(_, next)| *next == '\'') => {
                chars.next();
            }
            c if c == quote => return at + 1,
            _ => {}
        }
    }
    rest.len()
}
