//! The clauses of a block, one by one.

use super::anchors::{begins_clause, heads_clause};
use super::blocks::Block;
use super::region::Region;
use super::{Brackets, Recovery, Refused};
use crate::diag::did_you_mean;
use crate::syntax::diagnostics as say;
use crate::syntax::grammar::{Refusal, Rule};
use crate::syntax::tree::Name;

/// How often a piece that was refused at its end is tried again with the next one added: a word
/// that looked like the next clause may have been an operand.
const MOST_EXTENSIONS: usize = 4;

impl Recovery<'_, '_, '_> {
    /// The clauses of a block, and the token behind it.
    pub(super) fn clauses<B: Block>(&mut self, region: Region, brackets: &Brackets) -> (Vec<B::Clause>, usize) {
        let mut region = region;
        let margin = self.margin(&region);
        let mut clauses = Vec::new();
        let mut at = region.first;
        // A brace inside a clause that took our closing one.
        let mut thief = None;
        while at < region.end {
            if self.tokens.is(at, ",") {
                at += 1;
                continue;
            }
            if !B::WORDS.contains(&self.tokens.word(at)) {
                let next = self.next_clause::<B>(at, region.end, margin, brackets);
                clauses.extend(self.unknown_clause::<B>(at, next, brackets));
                at = next;
                continue;
            }
            let (clause, next, refused) = self.known_clause::<B>(at, region.end, margin, brackets);
            let Some(refused) = refused else {
                clauses.push(clause);
                at = next;
                continue;
            };
            if region.close.is_none()
                && let Some((inner, resume)) = self.swallowed::<B>(at, &refused, brackets)
            {
                thief = Some(inner);
                region.close = brackets.partner(inner);
                region.end = region.close.unwrap_or(region.to);
                let span = self.span(at, resume);
                clauses.push(B::broken(Some(self.name(at)), span));
                at = resume;
                continue;
            }
            if let Some(first) = B::bare_body(self, at)
                && let Some(close) = region.close
            {
                // The body lacks its brace, so it ends at the one that seemed to be ours.
                let place = self.token_span(first);
                let found = self.tokens.text(first).to_owned();
                self.report(say::missing(place, "`{`", &found));
                let inner = Region { open: None, first, close: Some(close), end: close, to: region.to };
                clauses.extend(B::with_body(self, at, inner, brackets));
                at = close + 1;
                region.close = self.unmatched_close(at, region.to, brackets);
                region.end = region.close.unwrap_or(region.to);
                region.open = None;
                continue;
            }
            let open = self.explain(at, next, &refused, brackets);
            let within = (open.unwrap_or(next)..next).find(|i| *i > at + 1 && heads_clause(&self.tokens, *i, B::WORDS));
            clauses.push(clause);
            at = within.unwrap_or(next);
        }
        match thief {
            Some(inner) => {
                let place = self.token_span(inner);
                self.report(say::unclosed_bracket(place, "{", None));
            }
            None => self.tell_unclosed(&region),
        }
        (clauses, region.close.map_or(region.end, |c| c + 1))
    }

    /// Where the next clause begins behind the token at `at`.
    fn next_clause<B: Block>(&self, at: usize, end: usize, margin: Option<usize>, brackets: &Brackets) -> usize {
        let next = self.skip(at, end, brackets);
        // The word right behind a clause's first word is what the clause says.
        let says = next == at + 1 && !["optional", "markdown"].contains(&self.tokens.word(at));
        let leads = self.tokens.leads(next) && margin == Some(self.tokens.column(next));
        let from = if says && !leads && next < end { self.skip(next, end, brackets) } else { next };
        self.clause_from::<B>(from, end, margin, brackets)
    }

    /// The first clause that begins at `from` or behind it.
    fn clause_from<B: Block>(&self, from: usize, end: usize, margin: Option<usize>, brackets: &Brackets) -> usize {
        let mut i = from;
        while i < end {
            if begins_clause(&self.tokens, i, B::WORDS, margin) {
                return i;
            }
            i = self.skip(i, end, brackets);
        }
        end
    }

    /// A clause whose first word is right: what it says, the token behind it, and why it was
    /// refused if it was and nobody has said so yet.
    fn known_clause<B: Block>(
        &mut self,
        at: usize,
        end: usize,
        margin: Option<usize>,
        brackets: &Brackets,
    ) -> (B::Clause, usize, Option<Refused>) {
        let first_end = self.next_clause::<B>(at, end, margin, brackets);
        let mut piece_end = first_end;
        let mut first_refusal = None;
        for _ in 0..=MOST_EXTENSIONS {
            let refused = match self.attempt(B::RULE, at, piece_end, |r, pair| B::lower(r.lower, &pair)) {
                Ok(Some(clause)) => return (clause, piece_end, None),
                Ok(None) => return (B::broken(Some(self.name(at)), self.span(at, piece_end)), piece_end, None),
                Err(refused) => refused,
            };
            let at_end = refused.token >= piece_end;
            first_refusal = first_refusal.or(Some(refused));
            if !at_end || piece_end >= end {
                break;
            }
            piece_end = self.next_clause::<B>(piece_end, end, margin, brackets);
        }
        let broken = B::broken(Some(self.name(at)), self.span(at, first_end));
        let Some(refused) = first_refusal else { return (broken, first_end, None) };
        if let Some((clause, next)) = self.nested_clause::<B>(at, end, &refused, brackets) {
            let behind = self.clause_from::<B>(next, end, margin, brackets);
            if behind > next && !self.tokens.is(next, ",") {
                // Something stands between the inner block and the next clause.
                let junk = Refusal { at: 0, expected: vec![Rule::gate_end], out_of_stack: false };
                let refused = Refused { at: self.tokens.start(next), token: next, refusal: junk };
                return (clause, behind, Some(refused));
            }
            return (clause, behind, None);
        }
        // A misspelt clause behind a good one: it begins where the grammar stopped.
        let token = refused.token;
        if token > at && token < first_end && self.new_clause::<B>(token, margin) {
            let lowered = self.attempt(B::RULE, at, token, |r, pair| B::lower(r.lower, &pair));
            if let Ok(Some(clause)) = lowered {
                return (clause, token, None);
            }
        }
        (broken, first_end, Some(refused))
    }

    /// When a clause has a block of its own and was refused inside it: recovered from there, and the
    /// token behind it.
    fn nested_clause<B: Block>(
        &mut self,
        at: usize,
        end: usize,
        refused: &Refused,
        brackets: &Brackets,
    ) -> Option<(B::Clause, usize)> {
        let brace = (at..refused.token.min(end)).find(|i| self.tokens.is(*i, "{"))?;
        let inside = match brackets.partner(brace) {
            Some(close) => close >= refused.token && self.swallowed::<B>(at, refused, brackets).is_none(),
            None => true,
        };
        if !inside {
            return None;
        }
        B::nested(self, at, brace, end, brackets).map(|(clause, next)| (clause, next.max(at + 1)))
    }

    /// Whether an unknown word was meant to begin a clause.
    fn new_clause<B: Block>(&self, i: usize, margin: Option<usize>) -> bool {
        let word = self.tokens.word(i);
        if word.is_empty() || self.tokens.continues(i) {
            return false;
        }
        let leads = self.tokens.leads(i) && (margin.is_none() || margin == Some(self.tokens.column(i)));
        leads || did_you_mean(word, B::WORDS.iter().copied()).is_some()
    }

    /// Reports a clause whose first word is not known; reads it as the word that was meant.
    fn unknown_clause<B: Block>(&mut self, at: usize, next: usize, brackets: &Brackets) -> Option<B::Clause> {
        let word = self.tokens.word(at);
        let place = self.token_span(at);
        if word.is_empty() {
            let sign = self.tokens.text(at).to_owned();
            if matches!(sign.as_str(), "(" | "[" | "{") && brackets.partner(at).is_none() {
                self.report(say::unclosed_bracket(place, &sign, None));
            } else {
                let nothing = Refusal { at: 0, expected: vec![Rule::gate_part], out_of_stack: false };
                let refused = Refused { at: self.tokens.start(at), token: at, refusal: nothing };
                self.explain(at, next, &refused, brackets);
            }
            return None;
        }
        let meant = did_you_mean(word, B::WORDS.iter().copied());
        self.report(say::unknown_clause(place, word, B::CALLED, B::WORDS, meant));
        let Some(meant) = meant else { return Some(B::broken(None, self.span(at, next))) };
        let lowered = self.attempt_as(B::RULE, at, next, meant, |r, pair| B::lower(r.lower, &pair));
        let broken = || B::broken(Some(Name { text: meant.to_owned(), span: place }), place);
        Some(lowered.ok().flatten().unwrap_or_else(broken))
    }

    /// When this block is open at its end: the brace inside the clause at `at` that took our closing
    /// one, and where our clauses go on. It is one with a clause of ours inside.
    fn swallowed<B: Block>(&self, at: usize, refused: &Refused, brackets: &Brackets) -> Option<(usize, usize)> {
        let opens = |i: &usize| self.tokens.is(*i, "{") && brackets.partner(*i).is_some_and(|p| p > refused.token);
        let inner = (at..refused.token).rev().find(opens)?;
        if B::TAILS.contains(&self.tokens.word(refused.token)) {
            // The end of the clause around: what it says is lost, and the next clause follows.
            return Some((inner, refused.token + 2));
        }
        let resume = [refused.token.checked_sub(1), Some(refused.token)].into_iter().flatten().find(|i| {
            *i > inner && B::WORDS.contains(&self.tokens.word(*i)) && begins_clause(&self.tokens, *i, B::WORDS, None)
        })?;
        Some((inner, resume))
    }
}
