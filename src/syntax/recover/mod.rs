//! The grammar has refused a file: find every mistake in it, and keep what is right.
//!
//! The file is cut into declarations and these into clauses, by what their tokens look like from
//! afar, and each piece is given to the grammar alone. A piece that it takes is lowered like any
//! other; a piece that it refuses is explained, and the walk goes on behind it. No guess made here
//! touches a file that the grammar takes as a whole.

mod anchors;
mod blocks;
mod bodies;
mod brackets;
mod clauses;
mod region;
mod tokens;

pub(super) use brackets::Brackets;
pub(super) use tokens::Tokens;

use super::diagnostics as say;
use super::explain::Scene;
use super::grammar::{Refusal, Rule, run};
use super::keywords;
use super::lower::{Lower, Pair, Place};
use super::scan::{self, MAX_NESTING, Scan, TokenKind};
use super::tree::{
    ArtifactDecl, Declaration, DeclarationKind, EvidenceClause, EvidenceDecl, GateDecl, Name, ProfileDecl, TestDecl,
    WaiverDecl,
};
use crate::diag::Diagnostic;
use crate::source::{SourceId, Span};
use blocks::{ArtifactBlock, EvidenceBlock, GateBlock, ProfileBlock, TestBlock, WaiverBlock};
use region::Region;

/// All declarations of a file that the grammar refuses as a whole.
pub(super) fn recover(lower: &mut Lower<'_>, source: SourceId, text: &str, scan: &Scan) -> Vec<Declaration> {
    let tokens = Tokens { text, all: &scan.tokens };
    let deep = scan.too_deep.is_some();
    let mut recovery = Recovery { lower, source, tokens, spare: 0, deep };
    let starts = anchors::declarations(&tokens);
    let mut declarations = Vec::new();
    for (i, from) in starts.iter().enumerate() {
        let to = starts.get(i + 1).copied().unwrap_or(tokens.len());
        declarations.push(recovery.declaration(*from, to));
    }
    declarations
}

/// A walk over a refused file.
struct Recovery<'r, 'l, 't> {
    lower: &'r mut Lower<'l>,
    source: SourceId,
    tokens: Tokens<'t>,
    /// Braces that were told to be too many, each of which leaves one around it open.
    spare: usize,
    /// Whether the file as a whole passes the limit of nesting, so that each part must be asked.
    deep: bool,
}

fn known_keyword(word: &str) -> Option<&'static str> {
    keywords::DECLARATIONS.into_iter().find(|k| *k == word)
}

/// Where a piece was refused.
struct Refused {
    /// The byte of the file.
    at: usize,
    /// The token there.
    token: usize,
    /// What would have gone on.
    refusal: Refusal,
}

impl Recovery<'_, '_, '_> {
    fn span(&self, from: usize, to: usize) -> Span {
        let end = to.checked_sub(1).map_or(0, |last| self.tokens.end(last));
        Span::new(self.source, self.tokens.start(from).min(end), end)
    }

    fn token_span(&self, i: usize) -> Span {
        self.span(i, i + 1)
    }

    fn name(&self, i: usize) -> Name {
        Name { text: self.tokens.text(i).to_owned(), span: self.token_span(i) }
    }

    fn report(&mut self, diagnostic: Diagnostic) {
        self.lower.report(diagnostic);
    }

    /// Gives tokens `from..to` to a rule of the grammar, and the pair inside to `f`.
    fn attempt<R>(
        &mut self,
        rule_: Rule,
        from: usize,
        to: usize,
        f: impl FnOnce(&mut Self, Pair<'_>) -> R,
    ) -> Result<R, Refused> {
        let start = self.tokens.start(from);
        let end = to.checked_sub(1).map_or(start, |last| self.tokens.end(last));
        let slice: &str = self.tokens.text.get(start..end).unwrap_or("");
        self.run_slice(rule_, slice, Place { origin: start, first_word: None }, f)
    }

    /// The same with another first word.
    fn attempt_as<R>(
        &mut self,
        rule_: Rule,
        from: usize,
        to: usize,
        first: &str,
        f: impl FnOnce(&mut Self, Pair<'_>) -> R,
    ) -> Result<R, Refused> {
        let start = self.tokens.start(from);
        let behind = self.tokens.end(from);
        let end = to.checked_sub(1).map_or(start, |last| self.tokens.end(last));
        let slice = format!("{first}{}", self.tokens.text.get(behind..end).unwrap_or(""));
        let place = Place { origin: start, first_word: Some((first.len(), behind - start)) };
        self.run_slice(rule_, &slice, place, f)
    }

    fn run_slice<R>(
        &mut self,
        rule_: Rule,
        slice: &str,
        place: Place,
        f: impl FnOnce(&mut Self, Pair<'_>) -> R,
    ) -> Result<R, Refused> {
        let refused = |tokens: &Tokens<'_>, refusal: Refusal| {
            let at = place.map(refusal.at);
            // The end of the slice is the start of what comes next, or the end of the file.
            let token = tokens.at(at);
            let at = if tokens.start(token) > at { tokens.start(token) } else { at };
            Refused { at, token, refusal }
        };
        let mut pairs = run(rule_, slice).map_err(|refusal| refused(&self.tokens, refusal))?;
        let inner = pairs.next().and_then(|whole| whole.into_inner().next());
        let Some(inner) = inner else {
            let nothing = Refusal { at: 0, expected: Vec::new(), out_of_stack: false };
            return Err(refused(&self.tokens, nothing));
        };
        self.lower.place = place;
        Ok(f(self, inner))
    }

    /// Reports why tokens `from..to` were refused. Gives the bracket that was left open, if that is
    /// why.
    fn explain(&mut self, from: usize, to: usize, refused: &Refused, brackets: &Brackets) -> Option<usize> {
        if refused.refusal.out_of_stack {
            let span = self.token_span(from);
            self.report(say::nesting(span, MAX_NESTING));
            return None;
        }
        let scene = Scene {
            source: self.source,
            tokens: self.tokens,
            brackets,
            from,
            to,
            at: refused.at,
            expected: &refused.refusal.expected,
        };
        let diagnostic = scene.explain();
        let open = diagnostic.span().filter(|_| diagnostic.code == say::UNCLOSED_BRACKET);
        self.report(diagnostic);
        open.map(|span| self.tokens.at(span.start as usize))
    }

    /// One declaration: tokens `from..to`.
    fn declaration(&mut self, from: usize, to: usize) -> Declaration {
        let word = self.tokens.word(from);
        let meant = anchors::meant_declaration(&self.tokens, from);
        let span = self.span(from, to);
        let doc = self.lower.doc(self.tokens.start(from));
        self.spare = 0;
        let broken =
            |name| Declaration { doc: doc.clone(), span, kind: DeclarationKind::Broken { keyword: None, name } };
        let known = known_keyword(word);
        if let Some(deep) = self.too_deep(from, to) {
            self.report(say::nesting(deep, MAX_NESTING));
            let keyword = known_keyword(word).map(|_| self.name(from));
            let name = self.declared_name(word, from, to);
            return Declaration { doc, span, kind: DeclarationKind::Broken { keyword, name } };
        }
        let brackets = Brackets::pair(&self.tokens, from, to);
        let Some(keyword) = known.or(meant) else {
            let place = self.token_span(from);
            let sign = self.tokens.text(from);
            let diagnostic = if !word.is_empty() {
                say::unknown_declaration(place, word, None)
            } else if matches!(sign, ")" | "]" | "}") {
                say::stray_bracket(place, sign)
            } else if self.tokens.kind(from) == Some(TokenKind::OpenText) {
                say::unclosed_text(place)
            } else {
                say::unexpected(place, "a declaration", sign)
            };
            self.report(diagnostic);
            return broken(None);
        };
        if known.is_none() {
            let place = self.token_span(from);
            self.report(say::unknown_declaration(place, word, Some(keyword)));
        }
        let lowered = self.attempt_as(Rule::one_declaration, from, to, keyword, |r, pair| r.lower.declaration(&pair));
        match lowered {
            Ok(declaration) => declaration,
            Err(refused) => self.refused_declaration(keyword, from, to, &refused, &brackets),
        }
    }

    /// Where tokens `from..to` pass the limit of nesting, if they do.
    fn too_deep(&self, from: usize, to: usize) -> Option<Span> {
        if !self.deep {
            return None;
        }
        let span = self.span(from, to);
        let upto = self.tokens.text.get(..span.end as usize)?;
        let (start, end) = scan::scan(upto, span.start as usize).too_deep?;
        Some(Span::new(self.source, start, end))
    }

    fn refused_declaration(
        &mut self,
        keyword: &'static str,
        from: usize,
        to: usize,
        refused: &Refused,
        brackets: &Brackets,
    ) -> Declaration {
        let doc = self.lower.doc(self.tokens.start(from));
        let name = self.declared_name(keyword, from, to);
        let has_block = !matches!(keyword, "let" | "param" | "def" | "type" | "policy");
        let region = if has_block { self.head(keyword, from, to, refused, brackets) } else { None };
        let mut kind = None;
        let mut last = to;
        match region {
            Some((region, told)) => {
                let before = self.lower.diagnostics.len();
                let (made, behind) = self.block(keyword, name.clone(), region, brackets);
                kind = made.filter(|_| name.is_some());
                last = behind.clamp(from + 1, to);
                self.junk(from, last, to, self.lower.diagnostics.len() > before || told);
                if self.lower.diagnostics.len() == before && !told {
                    // Each part alone is taken, the whole is not: never stay silent.
                    self.explain(from, to, refused, brackets);
                }
            }
            None => {
                self.explain(from, to, refused, brackets);
            }
        }
        let span = self.span(from, last.max(from + 1));
        let keyword = Some(Name { text: keyword.to_owned(), span: self.token_span(from) });
        let kind = kind.unwrap_or(DeclarationKind::Broken { keyword, name });
        Declaration { doc, span, kind }
    }

    /// The block behind a declaration's head, and whether the head's own mistake has been told. None
    /// if there is no block.
    fn head(
        &mut self,
        keyword: &str,
        from: usize,
        to: usize,
        refused: &Refused,
        brackets: &Brackets,
    ) -> Option<(Region, bool)> {
        let words = anchors::block_words(keyword);
        if anchors::has_head(&self.tokens, from, keyword) {
            let open = (from..to).find(|i| self.tokens.is(*i, "{"))?;
            let before = self.lower.diagnostics.len();
            let region = self.region(open, to, brackets, words, &[]);
            return Some((region, self.lower.diagnostics.len() > before));
        }
        // The head ends at its brace, or where a clause begins whose brace is lost.
        let clause = |i: &usize| {
            *i > from + 1
                && !self.tokens.is(*i - 1, ".")
                && (words.contains(&self.tokens.word(*i)) && anchors::begins_clause(&self.tokens, *i, words, None)
                    || words.is_empty() && anchors::begins_member(&self.tokens, *i, None))
        };
        let end = (from + 1..to).find(|i| self.tokens.is(*i, "{") || clause(i))?;
        if refused.token <= end {
            self.explain(from, to, refused, brackets);
        } else {
            let place = self.token_span((from + 1).min(end));
            let found = self.tokens.text((from + 1).min(end)).to_owned();
            self.report(say::unexpected(place, "a name and `{`", &found));
        }
        let region = if self.tokens.is(end, "{") {
            self.region(end, to, brackets, words, &[])
        } else {
            self.bare_region(end, to, brackets)
        };
        Some((region, true))
    }

    /// The name that a declaration gives, if it can be read.
    fn declared_name(&self, keyword: &str, from: usize, to: usize) -> Option<Name> {
        let first = from + 1;
        if first < to && keyword == "test" && self.tokens.kind(first) == Some(TokenKind::Text) {
            let text = self.tokens.text(first).trim_matches('"').to_owned();
            return Some(Name { text, span: self.token_span(first) });
        }
        if first >= to || !self.tokens.is_word(first) {
            return None;
        }
        let mut end = first + 1;
        if matches!(keyword, "gate" | "waiver" | "profile") {
            while self.tokens.is(end, ".") && self.tokens.is_word(end + 1) && end + 1 < to {
                end += 2;
            }
        }
        let span = self.span(first, end);
        let text = self.tokens.text.get(span.start as usize..span.end as usize)?;
        (!keywords::RESERVED.contains(&text)).then(|| Name { text: text.to_owned(), span })
    }

    /// What stands behind the closing brace of a block and before the next declaration.
    fn junk(&mut self, block: usize, from: usize, to: usize, told: bool) {
        if from >= to || self.has_open_text(block, to) {
            return;
        }
        // A lost opening bracket, told already, makes the block end too early: then what is left
        // over is the brace that stands where the block should have ended.
        let ends = |i: usize| self.tokens.leads(i) && self.tokens.column(i) == self.tokens.indent(block);
        let too_early = told && self.tokens.is(from, "}") && ends(from) && !ends(from - 1);
        let other = told && (self.tokens.is(from, ">") || self.tokens.is(from, ")") || self.tokens.is(from, "]"));
        if too_early || other {
            return;
        }
        let place = self.token_span(from);
        let text = self.tokens.text(from).to_owned();
        let diagnostic = match text.as_str() {
            "}" | ")" | "]" => say::stray_bracket(place, &text),
            ";" | "," => say::other_sign(place, &text, "nothing stands between declarations; leave it out", Some("")),
            _ if self.tokens.is_word(from) && !self.tokens.continues(from) => {
                say::unknown_declaration(place, &text, None)
            }
            _ => say::unexpected(place, "the next declaration", &text),
        };
        self.report(diagnostic);
    }

    /// The inside of a block: a declaration of what could be read, and the token behind it.
    fn block(
        &mut self,
        keyword: &str,
        name: Option<Name>,
        region: Region,
        brackets: &Brackets,
    ) -> (Option<DeclarationKind>, usize) {
        let name = name.unwrap_or_else(|| self.name(region.first));
        let (kind, behind) = match keyword {
            "gate" => {
                let (mut clauses, behind) = self.clauses::<GateBlock>(region, brackets);
                self.lower.once_in_gate(&mut clauses);
                let braces = self.span(region.open.unwrap_or(region.first), behind);
                (DeclarationKind::Gate(GateDecl { id: name, clauses, braces }), behind)
            }
            "evidence" => {
                let (clauses, behind) = self.clauses::<EvidenceBlock>(region, brackets);
                (DeclarationKind::Evidence(self.evidence(name, clauses)), behind)
            }
            "waiver" => {
                let (clauses, behind) = self.clauses::<WaiverBlock>(region, brackets);
                let mut declaration = WaiverDecl { id: name, clauses };
                self.lower.once_in_waiver(&mut declaration);
                (DeclarationKind::Waiver(declaration), behind)
            }
            "test" => {
                let (clauses, behind) = self.clauses::<TestBlock>(region, brackets);
                let mut declaration = TestDecl { name, clauses };
                self.lower.once_in_test(&mut declaration);
                (DeclarationKind::Test(declaration), behind)
            }
            "artifact" => {
                let (clauses, behind) = self.clauses::<ArtifactBlock>(region, brackets);
                let mut declaration = ArtifactDecl { name, clauses };
                self.lower.once_in_artifact(&mut declaration);
                (DeclarationKind::Artifact(declaration), behind)
            }
            "profile" => {
                let (mut clauses, behind) = self.clauses::<ProfileBlock>(region, brackets);
                self.lower.once_in_profile(&mut clauses);
                (DeclarationKind::Profile(ProfileDecl { id: name, clauses }), behind)
            }
            "record" | "contract" => self.record(keyword == "contract", name, region, brackets),
            "enum" => self.enumeration(name, region, brackets),
            _ => return (None, region.close.map_or(region.end, |c| c + 1)),
        };
        (Some(kind), behind)
    }

    fn evidence(&mut self, name: Name, clauses: Vec<EvidenceClause>) -> EvidenceDecl {
        let mut declaration = EvidenceDecl { name, clauses };
        self.lower.once_in_evidence(&mut declaration);
        declaration
    }
}
