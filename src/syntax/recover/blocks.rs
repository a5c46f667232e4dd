//! The clauses of a block, one by one.

use super::anchors::{begins_clause, heads_clause};
use super::{Brackets, Recovery, Refused};
use crate::diag::did_you_mean;
use crate::source::Span;
use crate::syntax::diagnostics as say;
use crate::syntax::grammar::Rule;
use crate::syntax::keywords;
use crate::syntax::lower::{Lower, Pair};
use crate::syntax::tree::{
    ArtifactClause, EvidenceClause, EvidenceClauseKind, GateClause, GateClauseKind, Name, ProfileClause,
    ProfileClauseKind, StringLit, TestClause, WaiverClause,
};

/// A kind of block: its words, its rule, its clauses.
pub(super) trait Block {
    type Clause;
    /// The rule that takes one clause and nothing else.
    const RULE: Rule;
    /// What the block is called in messages.
    const CALLED: &'static str;
    /// The words that begin its clauses.
    const WORDS: &'static [&'static str];

    fn lower(lower: &mut Lower<'_>, pair: &Pair<'_>) -> Option<Self::Clause>;

    fn broken(keyword: Option<Name>, span: Span) -> Self::Clause;

    /// A clause with a block of its own, whose brace is at `open`: recovered from the inside.
    /// Gives the token behind it.
    fn nested(
        _recovery: &mut Recovery<'_, '_, '_>,
        _from: usize,
        _open: usize,
        _to: usize,
        _brackets: &Brackets,
    ) -> Option<(Self::Clause, usize)> {
        None
    }
}

/// How often a piece that was refused at its end is tried again with the next one added: a word
/// that looked like the next clause may have been an operand.
const MOST_EXTENSIONS: usize = 4;

impl Recovery<'_, '_, '_> {
    /// The clauses behind the brace at `open`, and the token that closes the block.
    pub(super) fn clauses<B: Block>(
        &mut self,
        open: usize,
        to: usize,
        brackets: &Brackets,
    ) -> (Vec<B::Clause>, Option<usize>) {
        let mut close = brackets.partner(open).filter(|c| *c < to);
        let mut end = close.unwrap_or(to);
        let margin = (open + 1 < end && self.tokens.leads(open + 1)).then(|| self.tokens.column(open + 1));
        let mut clauses = Vec::new();
        let mut at = open + 1;
        // The brace that was left open, if it is not the one at `open`.
        let mut culprit = open;
        while at < end {
            if self.tokens.is(at, ",") {
                at += 1;
                continue;
            }
            let word = self.tokens.word(at);
            if B::WORDS.contains(&word) {
                let (clause, next, refused) = self.known_clause::<B>(at, end, margin, brackets);
                if let (Some(refused), None) = (&refused, close)
                    && let Some((inner, resume)) = self.swallowed::<B>(at, refused, brackets)
                {
                    // A brace inside this clause was left open: it took ours, and what follows it
                    // in the block besides.
                    culprit = inner;
                    close = brackets.partner(inner);
                    end = close.unwrap_or(to);
                    let span = self.span(at, resume);
                    clauses.push(B::broken(Some(self.name(at)), span));
                    at = resume;
                    continue;
                }
                let mut resume = next;
                if let Some(refused) = refused {
                    let open = self.explain(at, next, &refused, brackets);
                    let within =
                        (open.unwrap_or(next)..next).find(|i| *i > at + 1 && heads_clause(&self.tokens, *i, B::WORDS));
                    resume = within.unwrap_or(next);
                }
                clauses.push(clause);
                at = resume;
                continue;
            }
            let next = self.next_clause::<B>(at, end, margin, brackets);
            clauses.extend(self.unknown_clause::<B>(at, next, brackets));
            at = next;
        }
        if close.is_none() || culprit != open {
            let place = self.token_span(culprit);
            let before = (end < self.tokens.len()).then(|| self.token_span(end)).filter(|_| culprit == open);
            self.report(say::unclosed_bracket(place, "{", before));
        }
        (clauses, close)
    }

    /// Where the next clause begins behind the token at `at`.
    fn next_clause<B: Block>(&self, at: usize, end: usize, margin: Option<usize>, brackets: &Brackets) -> usize {
        let mut i = self.skip(at, end, brackets);
        while i < end {
            // The word right behind a clause's first word is what the clause says.
            let says = i == at + 1 && !["optional", "markdown"].contains(&self.tokens.word(at));
            let leads = self.tokens.leads(i) && margin == Some(self.tokens.column(i));
            if (!says || leads) && begins_clause(&self.tokens, i, B::WORDS, margin) {
                return i;
            }
            i = self.skip(i, end, brackets);
        }
        end
    }

    /// The token behind `at`; behind its partner if it is an opening bracket that has one.
    pub(super) fn skip(&self, at: usize, end: usize, brackets: &Brackets) -> usize {
        match brackets.partner(at) {
            Some(partner) if partner > at && partner < end => partner + 1,
            _ => at + 1,
        }
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
        // A block inside the clause: look there.
        let brace = (at..refused.token.min(end)).find(|i| self.tokens.is(*i, "{"));
        if let Some(brace) = brace {
            let within = brackets.partner(brace).is_none_or(|p| p >= refused.token);
            let unclosed_here = brackets.partner(brace).is_none();
            let stays = self.swallowed::<B>(at, &refused, brackets).is_none();
            if (within && stays || unclosed_here)
                && let Some((clause, next)) = B::nested(self, at, brace, end, brackets)
            {
                let next = next.max(at + 1);
                let behind = self.next_clause::<B>(next.saturating_sub(1), end, margin, brackets);
                if behind > next {
                    // Something stands between the inner block and the next clause.
                    let at_junk = Refused { at: self.tokens.start(next), token: next, refusal: refused.refusal };
                    if brackets.partner(brace).is_some() {
                        return (clause, behind, Some(at_junk));
                    }
                }
                return (clause, behind, None);
            }
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
            let nothing =
                crate::syntax::grammar::Refusal { at: 0, expected: vec![Rule::gate_part], out_of_stack: false };
            let refused = Refused { at: self.tokens.start(at), token: at, refusal: nothing };
            if matches!(sign.as_str(), "(" | "[" | "{") && brackets.partner(at).is_none() {
                self.report(say::unclosed_bracket(place, &sign, None));
            } else {
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
        let resume = [refused.token.checked_sub(1), Some(refused.token)].into_iter().flatten().find(|i| {
            *i > inner && B::WORDS.contains(&self.tokens.word(*i)) && begins_clause(&self.tokens, *i, B::WORDS, None)
        })?;
        Some((inner, resume))
    }
}

pub(super) struct GateBlock;

impl Block for GateBlock {
    type Clause = GateClause;
    const RULE: Rule = Rule::one_gate_clause;
    const CALLED: &'static str = "a gate";
    const WORDS: &'static [&'static str] = &keywords::GATE;

    fn lower(lower: &mut Lower<'_>, pair: &Pair<'_>) -> Option<GateClause> {
        lower.gate_clause(pair)
    }

    fn broken(keyword: Option<Name>, span: Span) -> GateClause {
        let place = keyword.as_ref().map_or(span, |k| k.span);
        GateClause { doc: None, span, keyword: place, kind: GateClauseKind::Broken(keyword) }
    }
}

pub(super) struct EvidenceBlock;

impl Block for EvidenceBlock {
    type Clause = EvidenceClause;
    const RULE: Rule = Rule::one_evidence_clause;
    const CALLED: &'static str = "an evidence";
    const WORDS: &'static [&'static str] = &keywords::EVIDENCE;

    fn lower(lower: &mut Lower<'_>, pair: &Pair<'_>) -> Option<EvidenceClause> {
        Some(lower.evidence_clause(pair))
    }

    fn broken(keyword: Option<Name>, span: Span) -> EvidenceClause {
        EvidenceClause { span, kind: EvidenceClauseKind::Broken(keyword) }
    }

    fn nested(
        recovery: &mut Recovery<'_, '_, '_>,
        from: usize,
        open: usize,
        to: usize,
        brackets: &Brackets,
    ) -> Option<(EvidenceClause, usize)> {
        let document = match recovery.tokens.word(from) {
            "row" => false,
            "document" => true,
            _ => return None,
        };
        let (ty, next) = recovery.nested_type(from + 1, open, to, brackets, Some(&keywords::EVIDENCE))?;
        let span = recovery.span(from, next);
        Some((EvidenceClause { span, kind: EvidenceClauseKind::Shape { document, ty } }, next))
    }
}

pub(super) struct WaiverBlock;

impl Block for WaiverBlock {
    type Clause = (Span, WaiverClause);
    const RULE: Rule = Rule::one_waiver_clause;
    const CALLED: &'static str = "a waiver";
    const WORDS: &'static [&'static str] = &keywords::WAIVER;

    fn lower(lower: &mut Lower<'_>, pair: &Pair<'_>) -> Option<Self::Clause> {
        Some(lower.waiver_clause(pair))
    }

    fn broken(keyword: Option<Name>, span: Span) -> Self::Clause {
        (span, WaiverClause::Broken(keyword))
    }
}

pub(super) struct TestBlock;

impl Block for TestBlock {
    type Clause = (Span, TestClause);
    const RULE: Rule = Rule::one_test_clause;
    const CALLED: &'static str = "a test";
    const WORDS: &'static [&'static str] = &keywords::TEST;

    fn lower(lower: &mut Lower<'_>, pair: &Pair<'_>) -> Option<Self::Clause> {
        Some(lower.test_clause(pair))
    }

    fn broken(keyword: Option<Name>, span: Span) -> Self::Clause {
        (span, TestClause::Broken(keyword))
    }
}

pub(super) struct ArtifactBlock;

impl Block for ArtifactBlock {
    type Clause = (Span, ArtifactClause);
    const RULE: Rule = Rule::one_artifact_clause;
    const CALLED: &'static str = "an artifact";
    const WORDS: &'static [&'static str] = &keywords::ARTIFACT;

    fn lower(lower: &mut Lower<'_>, pair: &Pair<'_>) -> Option<Self::Clause> {
        Some(lower.artifact_clause(pair))
    }

    fn broken(keyword: Option<Name>, span: Span) -> Self::Clause {
        (span, ArtifactClause::Broken(keyword))
    }
}

pub(super) struct ProfileBlock;

impl Block for ProfileBlock {
    type Clause = ProfileClause;
    const RULE: Rule = Rule::one_profile_clause;
    const CALLED: &'static str = "a profile";
    const WORDS: &'static [&'static str] = &keywords::PROFILE;

    fn lower(lower: &mut Lower<'_>, pair: &Pair<'_>) -> Option<ProfileClause> {
        Some(lower.profile_clause(pair))
    }

    fn broken(keyword: Option<Name>, span: Span) -> ProfileClause {
        ProfileClause { span, kind: ProfileClauseKind::Broken(keyword) }
    }

    fn nested(
        recovery: &mut Recovery<'_, '_, '_>,
        from: usize,
        open: usize,
        to: usize,
        brackets: &Brackets,
    ) -> Option<(ProfileClause, usize)> {
        let keyword = recovery.tokens.word(from);
        let name = recovery.declared_name(if keyword == "evidence" { keyword } else { "gate" }, from, open)?;
        // The name must reach up to the brace, else the mistake is before the block.
        if recovery.tokens.at(name.span.end as usize) != open {
            return None;
        }
        let (kind, mut next) = match keyword {
            "evidence" => {
                let (clauses, close) = recovery.clauses::<EvidenceBlock>(open, to, brackets);
                let declaration = recovery.evidence(name, clauses);
                (ProfileClauseKind::Evidence(declaration), close.map_or(to, |c| c + 1))
            }
            "tighten" | "loosen" => {
                let (mut clauses, close) = recovery.clauses::<GateBlock>(open, to, brackets);
                recovery.lower.once_in_gate(&mut clauses);
                let kind = if keyword == "tighten" {
                    ProfileClauseKind::Tighten(name, clauses)
                } else {
                    ProfileClauseKind::Loosen(name, clauses, None)
                };
                (kind, close.map_or(to, |c| c + 1))
            }
            _ => return None,
        };
        let mut kind = kind;
        if let ProfileClauseKind::Loosen(_, _, because) = &mut kind
            && recovery.tokens.word(next) == "because"
            && recovery.tokens.is_text(next + 1)
        {
            *because = Some(StringLit { parts: Vec::new(), span: recovery.token_span(next + 1) });
            next += 2;
        }
        let span = recovery.span(from, next);
        Some((ProfileClause { span, kind }, next))
    }
}
