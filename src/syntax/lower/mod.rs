//! From the grammar's pairs to the tree.
//!
//! One file a part of the language. A pair that does not have the shape the grammar promises
//! becomes a `Broken` node; nothing here panics. Mistakes that the grammar takes on purpose (its
//! `slip_*` rules) are reported here, at their exact place.

mod clauses;
mod declarations;
mod expressions;
mod gates;
mod literals;
mod operands;
mod pipelines;
mod types;

use super::grammar::Rule;
use super::scan::Scan;
use super::tree::{Expr, ExprKind, Name};
use crate::diag::Diagnostic;
use crate::source::{SourceId, Span};

/// A piece of parsed text.
pub(super) type Pair<'p> = pest::iterators::Pair<'p, Rule>;

/// How places in a parsed slice map to places in its file.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Place {
    /// Where the slice begins in the file.
    pub origin: usize,
    /// When recovery has put another first word into the slice: its length there, and the length
    /// of the word that really stands in the file.
    pub first_word: Option<(usize, usize)>,
}

impl Place {
    /// The place in the file of a byte of the slice.
    pub fn map(self, at: usize) -> usize {
        match self.first_word {
            Some((in_slice, in_file)) if at >= in_slice => self.origin + in_file + (at - in_slice),
            Some((_, in_file)) => self.origin + at.min(in_file),
            None => self.origin + at,
        }
    }
}

/// Builds the tree of one file, slice by slice.
pub(super) struct Lower<'t> {
    source: SourceId,
    text: &'t str,
    scan: &'t Scan,
    /// How the slice that is being lowered lies in the file.
    pub place: Place,
    /// Whether the declaration has an expression that is too tall, and it has been said.
    too_tall: bool,
    /// What was found wrong so far.
    pub diagnostics: Vec<Diagnostic>,
}

impl<'t> Lower<'t> {
    /// Starts on the text of one file.
    pub fn new(source: SourceId, text: &'t str, scan: &'t Scan) -> Self {
        Self { source, text, scan, place: Place::default(), too_tall: false, diagnostics: Vec::new() }
    }

    /// A range of the file.
    pub fn range(&self, start: usize, end: usize) -> Span {
        Span::new(self.source, start, end)
    }

    /// The range of a pair, without blanks and comments at its end (the grammar skips those before
    /// it finds that an optional part is not there).
    pub fn span(&self, pair: &Pair<'_>) -> Span {
        let pest_span = pair.as_span();
        let start = self.place.map(pest_span.start());
        let mut end = self.place.map(pest_span.end());
        loop {
            let before = self.text.get(start..end).unwrap_or("");
            end = start + before.trim_end_matches([' ', '\t', '\r', '\n']).len();
            match self.scan.comments.binary_search_by_key(&end, |c| c.end) {
                Ok(i) if self.scan.comments.get(i).is_some_and(|c| c.start >= start && c.start < end) => {
                    end = self.scan.comments.get(i).map_or(end, |c| c.start);
                }
                _ => return self.range(start, end),
            }
        }
    }

    /// The pair as a name, as written.
    pub fn name(&self, pair: &Pair<'_>) -> Name {
        Name { text: pair.as_str().to_owned(), span: self.span(pair) }
    }

    /// An expression whose mistake has been reported.
    pub fn broken(&self, span: Span) -> Expr {
        Expr { kind: Box::new(ExprKind::Broken), span }
    }

    /// The `##` lines right above what starts at byte `start` of the file.
    pub fn doc(&self, start: usize) -> Option<String> {
        let comments = &self.scan.comments;
        let mut first = comments.partition_point(|c| c.start < start);
        let last = first;
        let mut below = start;
        while let Some(comment) = first.checked_sub(1).and_then(|i| comments.get(i)) {
            let text = self.text.get(comment.start..comment.end).unwrap_or("");
            let between = self.text.get(comment.end..below).unwrap_or("x");
            let blank_line = between.matches('\n').count() > 1 && first != last;
            if !comment.leads || !text.starts_with("##") || !between.trim().is_empty() || blank_line {
                break;
            }
            below = comment.start;
            first -= 1;
        }
        let lines: Vec<&str> = comments
            .get(first..last)?
            .iter()
            .map(|c| {
                let line = self.text.get(c.start..c.end).unwrap_or("").trim_start_matches('#');
                line.strip_prefix(' ').unwrap_or(line).trim_end()
            })
            .collect();
        (!lines.is_empty()).then(|| lines.join("\n"))
    }

    /// Reports a mistake.
    pub fn report(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }
}

/// The first part of a pair that is an instance of `rule`.
pub(super) fn find<'p>(pair: &Pair<'p>, rule: Rule) -> Option<Pair<'p>> {
    pair.clone().into_inner().find(|p| p.as_rule() == rule)
}

/// All parts of a pair that are instances of `rule`.
pub(super) fn all<'p>(pair: &Pair<'p>, rule: Rule) -> impl Iterator<Item = Pair<'p>> {
    pair.clone().into_inner().filter(move |p| p.as_rule() == rule)
}

/// Whether a part of a pair is an instance of `rule`.
pub(super) fn has(pair: &Pair<'_>, rule: Rule) -> bool {
    find(pair, rule).is_some()
}
