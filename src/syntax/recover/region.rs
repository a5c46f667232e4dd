//! The inside of a block: from where to where, and whether its braces are told about.

use super::anchors::begins_clause;
use super::{Brackets, Recovery};
use crate::syntax::diagnostics as say;
use crate::syntax::scan::TokenKind;

/// The tokens between two braces, one of which may be lost.
#[derive(Debug, Clone, Copy)]
pub(super) struct Region {
    /// The opening brace; none when it is lost.
    pub open: Option<usize>,
    /// First token inside.
    pub first: usize,
    /// The closing brace; none when it is lost.
    pub close: Option<usize>,
    /// One past the last token inside.
    pub end: usize,
    /// One past the last token of what the block stands in.
    pub to: usize,
}

impl Recovery<'_, '_, '_> {
    /// The block whose brace is at `open`. Unclosed, it ends where a word of `around` begins a clause
    /// of the block around it and none of `words` its own.
    pub(super) fn region(
        &mut self,
        open: usize,
        to: usize,
        brackets: &Brackets,
        words: &[&str],
        around: &[&str],
    ) -> Region {
        let close = brackets.partner(open).filter(|c| *c < to);
        if self.tokens.is(open + 1, "{") {
            // One brace too many: the inner pair is the block, whatever became of the outer one.
            let place = self.token_span(open + 1);
            self.report(say::unexpected(place, "a clause", "{"));
            if close.is_some() {
                self.spare += 1;
            }
            let inner = brackets.partner(open + 1).filter(|c| *c < to);
            let end = inner.unwrap_or(to);
            return Region { open: Some(open), first: open + 2, close: close.or(inner), end, to };
        }
        let mut end = close.unwrap_or(to);
        if close.is_none() && !around.is_empty() {
            end = open + 1;
            while end < to {
                let field = self.tokens.is(end + 1, ":");
                let ours = words.contains(&self.tokens.word(end));
                if !field && !ours && begins_clause(&self.tokens, end, around, None) {
                    break;
                }
                end = self.skip(end, to, brackets).min(to);
            }
        }
        Region { open: Some(open), first: open + 1, close, end, to }
    }

    /// A block without its opening brace: from `first` to the first `}` that closes nothing else.
    pub(super) fn bare_region(&self, first: usize, to: usize, brackets: &Brackets) -> Region {
        let close = self.unmatched_close(first, to, brackets);
        Region { open: None, first, close, end: close.unwrap_or(to), to }
    }

    /// The first `}` in `from..to` that closes nothing.
    pub(super) fn unmatched_close(&self, from: usize, to: usize, brackets: &Brackets) -> Option<usize> {
        (from..to).find(|i| self.tokens.is(*i, "}") && brackets.partner(*i).is_none())
    }

    /// Whether tokens `from..to` hold a text without its closing quote, which may have taken a
    /// bracket with it: then brackets are not complained about.
    pub(super) fn has_open_text(&self, from: usize, to: usize) -> bool {
        (from..to).any(|i| self.tokens.kind(i) == Some(TokenKind::OpenText))
    }

    /// The column where parts of a block begin, if its first one leads a line.
    pub(super) fn margin(&self, region: &Region) -> Option<usize> {
        (region.first < region.end && self.tokens.leads(region.first)).then(|| self.tokens.column(region.first))
    }

    /// Reports the opening brace of a block that nothing closes.
    pub(super) fn tell_unclosed(&mut self, region: &Region) {
        if let (Some(open), None) = (region.open, region.close)
            && !self.has_open_text(open, region.end)
        {
            if self.spare > 0 {
                self.spare -= 1;
                return;
            }
            let place = self.token_span(open);
            let before = (region.end < self.tokens.len()).then(|| self.token_span(region.end));
            self.report(say::unclosed_bracket(place, "{", before));
        }
    }

    /// The token behind `at`; behind its partner if it is an opening bracket that has one.
    pub(super) fn skip(&self, at: usize, end: usize, brackets: &Brackets) -> usize {
        match brackets.partner(at) {
            Some(partner) if partner > at && partner < end => partner + 1,
            _ => at + 1,
        }
    }
}
