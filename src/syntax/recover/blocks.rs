//! The kinds of blocks: their words, their rules, what a clause of theirs is.

use super::region::Region;
use super::{Brackets, Recovery};
use crate::source::Span;
use crate::syntax::grammar::Rule;
use crate::syntax::keywords;
use crate::syntax::lower::{Lower, Pair};
use crate::syntax::tree::{
    ArtifactClause, EvidenceClause, EvidenceClauseKind, GateClause, GateClauseKind, Name, ProfileClause,
    ProfileClauseKind, StringLit, TestClause, TypeExpr, TypeExprKind, WaiverClause,
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

    /// Words that go on with a clause behind its own block.
    const TAILS: &'static [&'static str] = &[];

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

    /// A clause whose body lacks its brace: where the members begin that stand there bare.
    fn bare_body(_recovery: &Recovery<'_, '_, '_>, _from: usize) -> Option<usize> {
        None
    }

    /// The clause at `from` with the members of `region` as its body.
    fn with_body(
        _recovery: &mut Recovery<'_, '_, '_>,
        _from: usize,
        _region: Region,
        _brackets: &Brackets,
    ) -> Option<Self::Clause> {
        None
    }
}

/// The words that a block inside a profile ends at when nothing closes it.
const AROUND_IN_PROFILE: [&str; 14] = [
    "extends", "stage", "gates", "without", "sources", "set", "evidence", "waivers", "versions", "tighten", "loosen",
    "write", "expect", "because",
];

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
        let (ty, next) = recovery.nested_type(from + 1, open, to, brackets, &keywords::EVIDENCE)?;
        let span = recovery.span(from, next);
        Some((EvidenceClause { span, kind: EvidenceClauseKind::Shape { document, ty } }, next))
    }

    fn bare_body(recovery: &Recovery<'_, '_, '_>, from: usize) -> Option<usize> {
        let first = if recovery.tokens.word(from + 1) == "open" { from + 2 } else { from + 1 };
        let shape = ["row", "document"].contains(&recovery.tokens.word(from));
        (shape && recovery.tokens.is_word(first) && recovery.tokens.is(first + 1, ":")).then_some(first)
    }

    fn with_body(
        recovery: &mut Recovery<'_, '_, '_>,
        from: usize,
        region: Region,
        brackets: &Brackets,
    ) -> Option<EvidenceClause> {
        let document = recovery.tokens.word(from) == "document";
        let inside = recovery.body(region, brackets);
        let span = recovery.span(from, inside.end);
        let ty = TypeExpr { span: inside.body.span, kind: TypeExprKind::Record(inside.body), optional: false };
        Some(EvidenceClause { span, kind: EvidenceClauseKind::Shape { document, ty } })
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
    const TAILS: &'static [&'static str] = &["because"];

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
        let name = Self::name_of(recovery, from, open)?;
        // The name must reach up to the brace, else the mistake is before the block.
        if recovery.tokens.at(name.span.end as usize) != open {
            return None;
        }
        let words = Self::words_of(recovery.tokens.word(from))?;
        let region = recovery.region(open, to, brackets, words, &AROUND_IN_PROFILE);
        let (mut kind, mut next) = Self::inside(recovery, from, name, region, brackets);
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

    fn bare_body(recovery: &Recovery<'_, '_, '_>, from: usize) -> Option<usize> {
        let words = Self::words_of(recovery.tokens.word(from))?;
        let name = Self::name_of(recovery, from, recovery.tokens.len())?;
        let first = recovery.tokens.at(name.span.end as usize);
        words.contains(&recovery.tokens.word(first)).then_some(first)
    }

    fn with_body(
        recovery: &mut Recovery<'_, '_, '_>,
        from: usize,
        region: Region,
        brackets: &Brackets,
    ) -> Option<ProfileClause> {
        let name = Self::name_of(recovery, from, region.first)?;
        let (kind, next) = Self::inside(recovery, from, name, region, brackets);
        Some(ProfileClause { span: recovery.span(from, next), kind })
    }
}

impl ProfileBlock {
    /// The clause words of the block that a clause of a profile has.
    fn words_of(keyword: &str) -> Option<&'static [&'static str]> {
        match keyword {
            "evidence" => Some(&keywords::EVIDENCE),
            "tighten" | "loosen" => Some(&keywords::GATE),
            _ => None,
        }
    }

    fn name_of(recovery: &Recovery<'_, '_, '_>, from: usize, to: usize) -> Option<Name> {
        let dotted = recovery.tokens.word(from) != "evidence";
        recovery.declared_name(if dotted { "gate" } else { "evidence" }, from, to)
    }

    fn inside(
        recovery: &mut Recovery<'_, '_, '_>,
        from: usize,
        name: Name,
        region: Region,
        brackets: &Brackets,
    ) -> (ProfileClauseKind, usize) {
        let keyword = recovery.tokens.word(from);
        if keyword == "evidence" {
            let (clauses, behind) = recovery.clauses::<EvidenceBlock>(region, brackets);
            let declaration = recovery.evidence(name, clauses);
            return (ProfileClauseKind::Evidence(declaration), behind);
        }
        let (mut clauses, behind) = recovery.clauses::<GateBlock>(region, brackets);
        recovery.lower.once_in_gate(&mut clauses);
        let kind = if keyword == "tighten" {
            ProfileClauseKind::Tighten(name, clauses)
        } else {
            ProfileClauseKind::Loosen(name, clauses, None)
        };
        (kind, behind)
    }
}
