//! The concrete form of a text: every token of it, and which of them belong together.
//!
//! The tree says what was meant; this says what was written, down to the last comma. It is what a
//! text is laid out anew from. What the grammar refuses is a raw token, kept as it stands.

pub(crate) use super::grammar::Rule;

use super::grammar::run;
use super::lower::Pair;
use super::parse::parse;
use super::scan::{self, Scan};
use super::tree::{Declaration, DeclarationKind, File, Member};
use crate::diag::Diagnostic;
use crate::source::{SourceId, Span};

/// What a node is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// An instance of a rule of the grammar. A rule with one part is left out for its part.
    Rule(Rule),
    /// One token of text that the grammar refuses; it may have several lines.
    Raw,
    /// A block of which some clauses are refused: its head up to the brace as a raw token, clauses
    /// and raw tokens, and the closing brace if there is one.
    Broken(Rule),
}

/// A piece of the text with its parts; a token when it has none.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    /// What it is.
    pub kind: Kind,
    /// Its first token.
    pub first: usize,
    /// One past its last token.
    pub end: usize,
    /// Its parts in order; they cover all its tokens.
    pub parts: Vec<Node>,
}

impl Node {
    /// The rule, if it is an instance of one.
    pub fn rule(&self) -> Option<Rule> {
        match self.kind {
            Kind::Rule(rule) => Some(rule),
            Kind::Raw | Kind::Broken(_) => None,
        }
    }

    /// Whether it is an instance of this rule.
    pub fn is(&self, rule: Rule) -> bool {
        self.kind == Kind::Rule(rule)
    }
}

/// A token: its bytes, and whether it is a comma of the grammar.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Token {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// Whether it is a comma, which formatting may drop and add.
    pub comma: bool,
}

/// The concrete form of one text.
#[derive(Debug)]
pub(crate) struct Concrete {
    /// Tokens in order.
    pub tokens: Vec<Token>,
    /// The bytes of comments in order, those inside of raw tokens included.
    pub comments: Vec<(usize, usize)>,
    /// Declarations, and what stands between them that is none.
    pub pieces: Vec<Node>,
    /// What is wrong with the text.
    pub diagnostics: Vec<Diagnostic>,
    /// Whether a declaration that is refused is raw as a whole.
    pub coarse: bool,
}

/// Takes a text apart, and tells what is wrong with it. `None` for a text that is too large to be
/// looked at. `coarse`: a declaration that the grammar refuses is raw as a whole, and not clause by
/// clause.
pub(crate) fn concrete(source: SourceId, text: &str, coarse: bool) -> (Option<Concrete>, Vec<Diagnostic>) {
    let (file, diagnostics) = parse(source, text);
    if text.len() > super::MAX_FILE_BYTES {
        return (None, diagnostics);
    }
    let origin = if text.starts_with('\u{FEFF}') { '\u{FEFF}'.len_utf8() } else { 0 };
    let scan = scan::scan(text, origin);
    let comments = scan.comments.iter().map(|c| (c.start, c.end)).collect();
    let mut builder = Builder { text, scan: &scan, tokens: Vec::new() };
    let slice = text.get(origin..).unwrap_or("");
    let whole = if scan.too_deep.is_none() { run(Rule::file, slice).ok() } else { None };
    let pieces = match whole {
        Some(mut pairs) => {
            let parts = pairs.next().into_iter().flat_map(|file| file.into_inner());
            parts.filter_map(|part| builder.node(&part, origin)).collect()
        }
        None => builder.pieces(&file, origin, coarse),
    };
    let tokens = builder.tokens;
    (Some(Concrete { tokens, comments, pieces, diagnostics: diagnostics.clone(), coarse }), diagnostics)
}

struct Builder<'t> {
    text: &'t str,
    scan: &'t Scan,
    tokens: Vec<Token>,
}

impl Builder<'_> {
    fn leaf(&mut self, kind: Kind, start: usize, end: usize) -> Node {
        let first = self.tokens.len();
        self.tokens.push(Token { start, end, comma: kind == Kind::Rule(Rule::comma) });
        Node { kind, first, end: first + 1, parts: Vec::new() }
    }

    /// A pair whose slice begins at byte `origin`, as a node.
    fn node(&mut self, pair: &Pair<'_>, origin: usize) -> Option<Node> {
        let rule = pair.as_rule();
        if rule == Rule::EOI {
            return None;
        }
        let span = pair.as_span();
        let first = self.tokens.len();
        // A text is one token, whatever stands in its braces.
        let mut parts: Vec<Node> = if rule == Rule::string {
            Vec::new()
        } else {
            pair.clone().into_inner().filter_map(|part| self.node(&part, origin)).collect()
        };
        if parts.len() == 1 {
            return parts.pop();
        }
        if parts.is_empty() {
            let written = pair.as_str().trim_end().len();
            return (written > 0)
                .then(|| self.leaf(Kind::Rule(rule), origin + span.start(), origin + span.start() + written));
        }
        Some(Node { kind: Kind::Rule(rule), first, end: self.tokens.len(), parts })
    }

    /// The pieces of a file that the grammar refuses as a whole.
    fn pieces(&mut self, file: &File, origin: usize, coarse: bool) -> Vec<Node> {
        let mut pieces = Vec::new();
        let mut at = origin;
        for declaration in &file.declarations {
            let (start, end) = range(declaration.span);
            if start < at {
                continue;
            }
            pieces.extend(self.raw(at, start));
            let whole = self.whole(Rule::one_declaration, start, end);
            let piece = whole.or_else(|| if coarse { None } else { self.block(declaration) });
            pieces.extend(piece.or_else(|| self.raw(start, end)));
            at = end;
        }
        pieces.extend(self.raw(at, self.text.len()));
        pieces
    }

    /// All that stands between two bytes as one raw token; nothing if there are only blanks and
    /// comments.
    fn raw(&mut self, from: usize, to: usize) -> Option<Node> {
        let (first, last) = self.scanned(from, to)?;
        Some(self.leaf(Kind::Raw, first, last))
    }

    /// Start of the first and end of the last token between two bytes.
    fn scanned(&self, from: usize, to: usize) -> Option<(usize, usize)> {
        let tokens = &self.scan.tokens;
        let first = tokens.get(tokens.partition_point(|t| t.start < from))?;
        let last = tokens.get(tokens.partition_point(|t| t.end <= to).checked_sub(1)?)?;
        (first.start >= from && last.end <= to && first.start < last.end).then_some((first.start, last.end))
    }

    /// The bytes as an instance of a rule, if the grammar takes them.
    fn whole(&mut self, rule: Rule, start: usize, end: usize) -> Option<Node> {
        let upto = self.text.get(..end)?;
        if scan::scan(upto, start).too_deep.is_some() {
            return None;
        }
        let mut pairs = run(rule, upto.get(start..)?).ok()?;
        let inner = pairs.next()?.into_inner().next()?;
        self.node(&inner, start)
    }

    /// A block whose clauses are partly refused.
    fn block(&mut self, declaration: &Declaration) -> Option<Node> {
        let (rule, single, clauses) = clauses(declaration)?;
        let (start, end) = range(declaration.span);
        let inside: Vec<(usize, usize)> = {
            let tokens = &self.scan.tokens;
            let from = tokens.partition_point(|t| t.start < start);
            let to = tokens.partition_point(|t| t.end <= end);
            tokens.get(from..to)?.iter().map(|t| (t.start, t.end)).collect()
        };
        let is = |token: &(usize, usize), sign: &str| self.text.get(token.0..token.1) == Some(sign);
        let brace = *inside.iter().find(|t| is(t, "{"))?;
        let head = self.text.get(start..brace.1)?;
        if head.contains(['\n', '#']) || clauses.iter().any(|c| c.start < brace.1 as u32) {
            return None;
        }
        let close = inside.last().copied().filter(|t| is(t, "}") && t.0 >= brace.1);
        let stop = close.map_or(end, |c| c.0);
        let first = self.tokens.len();
        let mut parts = vec![self.leaf(Kind::Raw, start, brace.1)];
        let mut at = brace.1;
        let mut read = false;
        for clause in clauses {
            let (from, to) = range(clause);
            if from < at || to > stop {
                continue;
            }
            let mark = self.tokens.len();
            let kept = parts.len();
            self.between(at, from, &mut parts);
            match self.whole(single, from, to) {
                Some(node) => {
                    parts.push(node);
                    at = to;
                    read = true;
                }
                None => {
                    parts.truncate(kept);
                    self.tokens.truncate(mark);
                }
            }
        }
        self.between(at, stop, &mut parts);
        if let Some((from, to)) = close {
            parts.push(self.leaf(Kind::Rule(Rule::rbrace), from, to));
        }
        if !read {
            self.tokens.truncate(first);
            return None;
        }
        Some(Node { kind: Kind::Broken(rule), first, end: self.tokens.len(), parts })
    }

    /// What stands between two clauses: commas, or text that the grammar refuses.
    fn between(&mut self, from: usize, to: usize, parts: &mut Vec<Node>) {
        let inside: Vec<(usize, usize)> =
            self.scan.tokens.iter().filter(|t| t.start >= from && t.end <= to).map(|t| (t.start, t.end)).collect();
        if inside.iter().all(|(a, b)| self.text.get(*a..*b) == Some(",")) {
            for (a, b) in inside {
                parts.push(self.leaf(Kind::Rule(Rule::comma), a, b));
            }
        } else {
            parts.extend(self.raw(from, to));
        }
    }
}

fn range(span: Span) -> (usize, usize) {
    (span.start as usize, span.end as usize)
}

/// The rule of a declaration with a block, the rule of one of its clauses, and where these stand.
fn clauses(declaration: &Declaration) -> Option<(Rule, Rule, Vec<Span>)> {
    let members = |members: &[Member]| -> Vec<Span> {
        members
            .iter()
            .filter_map(|m| match m {
                Member::Field(field) => Some(field.span),
                Member::Rule(rule) | Member::Advice(rule) => Some(rule.span),
                _ => None,
            })
            .collect()
    };
    Some(match &declaration.kind {
        DeclarationKind::Gate(d) => {
            (Rule::gate_block, Rule::one_gate_clause, d.clauses.iter().map(|c| c.span).collect())
        }
        DeclarationKind::Evidence(d) => {
            (Rule::evidence_decl, Rule::one_evidence_clause, d.clauses.iter().map(|c| c.span).collect())
        }
        DeclarationKind::Waiver(d) => {
            (Rule::waiver_decl, Rule::one_waiver_clause, d.clauses.iter().map(|c| c.0).collect())
        }
        DeclarationKind::Test(d) => (Rule::test_decl, Rule::one_test_clause, d.clauses.iter().map(|c| c.0).collect()),
        DeclarationKind::Artifact(d) => {
            (Rule::artifact_decl, Rule::one_artifact_clause, d.clauses.iter().map(|c| c.0).collect())
        }
        DeclarationKind::Profile(d) => {
            (Rule::profile_decl, Rule::one_profile_clause, d.clauses.iter().map(|c| c.span).collect())
        }
        DeclarationKind::Record(d) => (Rule::body, Rule::one_member, members(&d.body.members)),
        DeclarationKind::Contract(d) => (Rule::body, Rule::one_member, members(&d.body.members)),
        _ => return None,
    })
}
