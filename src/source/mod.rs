//! Texts that people wrote, and places in them.
//!
//! Job: give every policy file a number, answer "which line and column is this byte".
//! May import: nothing of this crate. Evidence files never come here (they may be
//! larger than memory); places in evidence are told by [`crate::diag::EvidencePlace`].

use std::sync::Arc;

/// The number of a source text in its [`SourceMap`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceId(pub u32);

/// A range of bytes in one source text, end exclusive. Always on character boundaries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The text that the range lies in.
    pub source: SourceId,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// A range of bytes of `source`; `end` below `start` is taken as empty.
    pub fn new(source: SourceId, start: usize, end: usize) -> Self {
        let start = u32::try_from(start).unwrap_or(u32::MAX);
        let end = u32::try_from(end).unwrap_or(u32::MAX).max(start);
        Self { source, start, end }
    }

    /// The one character of `text` that the byte at `at` belongs to; the empty end of the text
    /// when there is none.
    pub fn character(source: SourceId, text: &str, at: u64) -> Self {
        let at = usize::try_from(at).unwrap_or(usize::MAX).min(text.len());
        let start = (0..=at).rev().find(|i| text.is_char_boundary(*i)).unwrap_or(0);
        let length = text.get(start..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
        Self::new(source, start, start + length)
    }

    /// The smallest range that covers both. Ranges of two texts give the first one.
    pub fn to(self, other: Self) -> Self {
        if self.source != other.source {
            return self;
        }
        Self { source: self.source, start: self.start.min(other.start), end: self.end.max(other.end) }
    }

    /// Number of bytes.
    pub fn len(self) -> usize {
        (self.end - self.start) as usize
    }

    /// Whether the range holds no byte.
    pub fn is_empty(self) -> bool {
        self.end == self.start
    }
}

/// One source text with its name as shown to people (a path below the policy root, with `/`).
#[derive(Debug, Clone)]
pub struct SourceText {
    name: Arc<str>,
    text: Arc<str>,
    line_starts: Vec<u32>,
}

impl SourceText {
    /// Wraps a text and finds its lines (`\n`; a `\r` before it belongs to the line's end).
    pub fn new(name: &str, text: &str) -> Self {
        let starts = text.bytes().enumerate().filter(|(_, b)| *b == b'\n');
        let line_starts =
            std::iter::once(0).chain(starts.map(|(i, _)| u32::try_from(i + 1).unwrap_or(u32::MAX))).collect();
        Self { name: name.into(), text: text.into(), line_starts }
    }

    /// The name shown to people.
    pub fn name(&self) -> &Arc<str> {
        &self.name
    }

    /// The whole text.
    pub fn text(&self) -> &Arc<str> {
        &self.text
    }

    /// Line and column of a byte, both from 1; the column counts characters.
    pub fn line_column(&self, offset: u32) -> (usize, usize) {
        let line = self.line_starts.partition_point(|s| *s <= offset).max(1);
        let start = self.line_starts.get(line - 1).copied().unwrap_or(0) as usize;
        let before = self.text.get(start..offset as usize).unwrap_or("");
        (line, before.chars().count() + 1)
    }
}

/// All source texts of one policy, in the order they were added.
#[derive(Debug, Clone, Default)]
pub struct SourceMap {
    texts: Vec<SourceText>,
}

impl SourceMap {
    /// Adds a text and gives it the next number.
    pub fn add(&mut self, name: &str, text: &str) -> SourceId {
        self.texts.push(SourceText::new(name, text));
        SourceId(u32::try_from(self.texts.len() - 1).unwrap_or(u32::MAX))
    }

    /// The text with this number.
    pub fn get(&self, id: SourceId) -> Option<&SourceText> {
        self.texts.get(id.0 as usize)
    }

    /// The words that a range covers; empty when there is no such range.
    pub fn slice(&self, span: Span) -> &str {
        self.get(span.source).and_then(|s| s.text.get(span.start as usize..span.end as usize)).unwrap_or("")
    }

    /// Name, line and column (both from 1) of a range's first byte.
    pub fn place(&self, span: Span) -> (Arc<str>, usize, usize) {
        match self.get(span.source) {
            Some(text) => {
                let (line, column) = text.line_column(span.start);
                (text.name.clone(), line, column)
            }
            None => ("(unknown)".into(), 1, 1),
        }
    }

    /// All texts with their numbers, in order.
    pub fn iter(&self) -> impl Iterator<Item = (SourceId, &SourceText)> {
        self.texts.iter().enumerate().map(|(i, t)| (SourceId(u32::try_from(i).unwrap_or(u32::MAX)), t))
    }
}
