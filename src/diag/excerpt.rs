//! The few lines of a policy that a diagnostic shows, safe and not too long.
//!
//! Only lines next to a marked place are taken, so that a message costs the same in a small file
//! and in a large one. Long lines are cut around the marks. Control and invisible characters are
//! replaced one by one. Places keep their line and column of the whole file.

use super::printable;
use miette::{MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};
use std::borrow::Cow;

/// A line longer than this is cut.
const LONG_LINE: usize = 240;
/// What stays of a cut line before and behind each mark.
const AROUND_MARK: usize = 60;
const CUT: &str = " … ";

/// A part of a text that is shown as it is.
#[derive(Debug)]
struct Kept {
    /// First byte in the whole text.
    from: usize,
    /// One past the last.
    to: usize,
    /// Where it begins in the excerpt.
    at: usize,
}

/// What is shown of a text.
#[derive(Debug)]
pub(super) struct Excerpt {
    name: String,
    text: String,
    kept: Vec<Kept>,
    /// How many lines of the whole text come before.
    lines_before: usize,
    /// Where each mark begins in the excerpt, and its column in the whole text, from 0.
    columns: Vec<(usize, usize)>,
}

impl Excerpt {
    /// The lines around `marks` (byte ranges of `text`); `line` is that of the first mark in the
    /// whole text, from 1.
    pub fn new(name: &str, text: &str, marks: &[(usize, usize)], line: usize) -> Self {
        let first = marks.iter().map(|m| m.0).min().unwrap_or(0);
        let last = marks.iter().map(|m| m.1.max(m.0)).max().unwrap_or(0);
        let start_of = |at: usize| text.get(..at).and_then(|t| t.rfind('\n')).map_or(0, |n| n + 1);
        let end_of = |at: usize| text.get(at..).and_then(|t| t.find('\n')).map_or(text.len(), |n| at + n);
        let home = start_of(first);
        let from = home.checked_sub(1).map_or(home, start_of);
        let below = end_of(last);
        let to = if below < text.len() { (end_of(below + 1) + 1).min(text.len()) } else { below };
        let primary = marks.first().map_or(first, |m| m.0);
        let lines_from = text.get(from..primary).map_or(0, |t| t.matches('\n').count());
        let mut excerpt = Self {
            name: printable(name).into_owned(),
            text: String::new(),
            kept: Vec::new(),
            lines_before: line.saturating_sub(1).saturating_sub(lines_from),
            columns: Vec::new(),
        };
        let mut at = from;
        for line in text.get(from..to).unwrap_or("").split_inclusive('\n') {
            excerpt.line(text, at, line, marks);
            at += line.len();
        }
        for (mark, _) in marks {
            let column = text.get(start_of(*mark)..*mark).map_or(0, |t| t.chars().count());
            excerpt.columns.push((excerpt.map(*mark), column));
        }
        excerpt
    }

    fn line(&mut self, text: &str, start: usize, line: &str, marks: &[(usize, usize)]) {
        let end = start + line.len();
        if line.len() <= LONG_LINE {
            self.keep(text, start, end);
            return;
        }
        let mut windows: Vec<(usize, usize)> = Vec::new();
        let mut here: Vec<(usize, usize)> = marks.iter().filter(|m| m.0 < end && m.1 >= start).copied().collect();
        here.sort_unstable();
        if here.is_empty() {
            here.push((start, start));
        }
        for (from, to) in here {
            let from = boundary(text, from.max(start).saturating_sub(AROUND_MARK).max(start));
            let to = boundary(text, (to.min(end) + AROUND_MARK).min(end));
            match windows.last_mut() {
                Some(last) if last.1 + CUT.len() >= from => last.1 = last.1.max(to),
                _ => windows.push((from, to)),
            }
        }
        for (from, to) in &windows {
            if *from > start {
                self.text.push_str(CUT);
            }
            self.keep(text, *from, *to);
        }
        if windows.last().is_some_and(|w| w.1 < end) {
            self.text.push_str(CUT);
            if line.ends_with('\n') {
                self.text.push('\n');
            }
        }
    }

    fn keep(&mut self, text: &str, from: usize, to: usize) {
        self.kept.push(Kept { from, to, at: self.text.len() });
        self.text.push_str(&visible(text.get(from..to).unwrap_or("")));
    }

    /// The place in the excerpt of a byte range of the whole text.
    pub fn place(&self, from: usize, to: usize) -> (usize, usize) {
        let start = self.map(from);
        (start, self.map(to.max(from)).saturating_sub(start))
    }

    fn map(&self, at: usize) -> usize {
        match self.kept.iter().find(|k| at <= k.to) {
            Some(kept) => kept.at + at.max(kept.from) - kept.from,
            None => self.text.len(),
        }
    }
}

impl SourceCode for Excerpt {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let contents = self.text.read_span(span, before, after)?;
        // Asked without lines around it, the place is wanted for the head of the excerpt.
        let known = self.columns.iter().find(|c| before == 0 && after == 0 && c.0 == span.offset());
        let column = known.map_or(contents.column(), |c| c.1);
        Ok(Box::new(MietteSpanContents::new_named(
            self.name.clone(),
            contents.data(),
            *contents.span(),
            self.lines_before + contents.line(),
            column,
            contents.line_count(),
        )))
    }
}

/// The next character boundary at or behind a byte.
fn boundary(text: &str, at: usize) -> usize {
    (at..text.len()).find(|i| text.is_char_boundary(*i)).unwrap_or(text.len())
}

/// A text with every control and invisible format character replaced by a visible one of the same
/// number of bytes, so that places stay right and no escape sequence reaches a terminal.
fn visible(text: &str) -> Cow<'_, str> {
    if !text.contains(|c: char| c != '\n' && c != '\t' && is_hidden(c)) {
        return text.into();
    }
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\n' | '\t' => out.push(c),
            '\r' if matches!(chars.peek(), Some('\n') | None) => out.push(' '),
            c if is_hidden(c) => out.push(match c.len_utf8() {
                1 => '?',
                2 => '¿',
                _ => '\u{FFFD}',
            }),
            c => out.push(c),
        }
    }
    out.into()
}

pub(super) fn is_hidden(c: char) -> bool {
    matches!(printable(c.encode_utf8(&mut [0; 4])), Cow::Owned(_))
}
