//! Declarations, and clauses that may stand only once in one.

use super::{Lower, Pair, all, find};
use crate::source::Span;
use crate::syntax::diagnostics as say;
use crate::syntax::grammar::Rule;
use crate::syntax::tree::{
    ArtifactClause, ArtifactDecl, Body, ContractDecl, Declaration, DeclarationKind, DefDecl, EnumDecl, EnumMember,
    EvidenceClauseKind, EvidenceDecl, GateClause, GateClauseKind, GateDecl, LetDecl, Name, PolicyDecl, ProfileClause,
    ProfileClauseKind, ProfileDecl, RecordDecl, TestClause, TestDecl, TypeDecl, WaiverClause, WaiverDecl,
};
use std::collections::HashMap;

impl Lower<'_> {
    /// A `declaration`.
    pub fn declaration(&mut self, pair: &Pair<'_>) -> Declaration {
        self.too_tall = false;
        let part = pair.clone().into_inner().next();
        let part = part.as_ref().unwrap_or(pair);
        let span = self.span(part);
        let kind = self.declaration_kind(part).unwrap_or(DeclarationKind::Broken { keyword: None, name: None });
        Declaration { doc: self.doc(span.start as usize), span, kind }
    }

    fn declaration_kind(&mut self, part: &Pair<'_>) -> Option<DeclarationKind> {
        let name = find(part, Rule::name).or_else(|| find(part, Rule::dotted)).map(|n| self.name(&n));
        Some(match part.as_rule() {
            Rule::policy_decl => {
                let language = find(part, Rule::number).map(|n| self.name(&n));
                let horizon = find(part, Rule::waiver_horizon).and_then(|w| find(&w, Rule::arith));
                let waivers = horizon.map(|h| self.arith(&h));
                DeclarationKind::Policy(PolicyDecl { name: name?, language, waivers })
            }
            Rule::type_decl => DeclarationKind::Type(TypeDecl {
                name: name?,
                ty: self.type_expr(&find(part, Rule::type_expr)?),
                condition: find(part, Rule::value).map(|v| self.value(&v)),
            }),
            Rule::enum_decl => DeclarationKind::Enum(EnumDecl {
                name: name?,
                members: all(part, Rule::enum_member).filter_map(|m| self.enum_member(&m)).collect(),
                otherwise: find(part, Rule::word).map(|w| self.name(&w)),
            }),
            Rule::record_decl => {
                DeclarationKind::Record(RecordDecl { name: name?, body: self.body(&find(part, Rule::body)?) })
            }
            Rule::contract_decl => {
                let schema = all(part, Rule::schema_clause).filter_map(|s| find(&s, Rule::plain));
                let schema = schema.map(|p| self.plain(&p)).collect();
                let body: Body = self.body(part);
                DeclarationKind::Contract(ContractDecl { name: name?, schema, body })
            }
            Rule::param_decl => DeclarationKind::Param(LetDecl {
                name: name?,
                ty: find(part, Rule::type_expr).map(|t| self.type_expr(&t)),
                value: self.value(&find(part, Rule::value)?),
            }),
            Rule::let_decl => DeclarationKind::Let(LetDecl {
                name: name?,
                ty: find(part, Rule::type_expr).map(|t| self.type_expr(&t)),
                value: self.expr(&find(part, Rule::expr)?),
            }),
            Rule::def_decl => {
                let mut parameters = Vec::new();
                for parameter in all(part, Rule::parameter) {
                    let name = self.name(&find(&parameter, Rule::name)?);
                    parameters.push((name, self.type_expr(&find(&parameter, Rule::type_expr)?)));
                }
                DeclarationKind::Def(DefDecl {
                    name: name?,
                    parameters,
                    ty: find(part, Rule::type_expr).map(|t| self.type_expr(&t)),
                    body: self.expr(&find(part, Rule::expr)?),
                })
            }
            Rule::evidence_decl => DeclarationKind::Evidence(self.evidence_block(part, name?)),
            Rule::gate_decl => {
                let block = find(part, Rule::gate_block)?;
                let braces = self.span(&block);
                DeclarationKind::Gate(GateDecl { id: name?, clauses: self.gate_block(&block), braces })
            }
            Rule::waiver_decl => {
                let clauses = all(part, Rule::waiver_part).map(|c| self.waiver_clause(&c)).collect();
                let mut declaration = WaiverDecl { id: name?, clauses };
                self.once_in_waiver(&mut declaration);
                DeclarationKind::Waiver(declaration)
            }
            Rule::test_decl => {
                let name = self.plain(&find(part, Rule::plain)?);
                let clauses = all(part, Rule::test_part).map(|c| self.test_clause(&c)).collect();
                let mut declaration = TestDecl { name, clauses };
                self.once_in_test(&mut declaration);
                DeclarationKind::Test(declaration)
            }
            Rule::artifact_decl => {
                let clauses = all(part, Rule::artifact_part).map(|c| self.artifact_clause(&c)).collect();
                let mut declaration = ArtifactDecl { name: name?, clauses };
                self.once_in_artifact(&mut declaration);
                DeclarationKind::Artifact(declaration)
            }
            Rule::profile_decl => {
                let clauses = all(part, Rule::profile_part).map(|c| self.profile_clause(&c)).collect();
                let mut declaration = ProfileDecl { id: name?, clauses };
                self.once_in_profile(&mut declaration.clauses);
                DeclarationKind::Profile(declaration)
            }
            _ => return None,
        })
    }

    /// An `enum_member`.
    pub fn enum_member(&mut self, pair: &Pair<'_>) -> Option<EnumMember> {
        let mut parts = pair.clone().into_inner();
        let first = parts.next()?;
        let quoted = first.as_rule() == Rule::plain;
        let name = self.word_or_text(&first);
        let spellings = parts.filter(|p| p.as_rule() == Rule::plain).map(|p| self.plain(&p)).collect();
        Some(EnumMember { name, quoted, spellings })
    }

    /// The clauses of a `gate_block`.
    pub fn gate_block(&mut self, pair: &Pair<'_>) -> Vec<GateClause> {
        let mut clauses: Vec<GateClause> = all(pair, Rule::gate_part).filter_map(|c| self.gate_clause(&c)).collect();
        self.once_in_gate(&mut clauses);
        clauses
    }

    /// Reports each clause whose name came before; `broken` is called for it.
    fn once(&mut self, clauses: impl Iterator<Item = (Option<&'static str>, Span)>) -> Vec<bool> {
        let mut seen: HashMap<&'static str, Span> = HashMap::new();
        let mut repeats = Vec::new();
        for (name, span) in clauses {
            let first = name.and_then(|n| seen.get(n).copied().map(|s| (n, s)));
            if let Some((name, first)) = first {
                self.report(say::repeated_clause(name, first, span));
            } else if let Some(name) = name {
                seen.insert(name, span);
            }
            repeats.push(first.is_some());
        }
        repeats
    }

    /// Single clauses of a gate stand once; a repeat is reported and broken.
    pub fn once_in_gate(&mut self, clauses: &mut [GateClause]) {
        let repeats = self.once(clauses.iter().map(|c| (single_in_gate(&c.kind), c.keyword)));
        for (clause, _) in clauses.iter_mut().zip(repeats).filter(|(_, repeat)| *repeat) {
            let text = single_in_gate(&clause.kind).unwrap_or("").to_owned();
            clause.kind = GateClauseKind::Broken(Some(Name { text, span: clause.keyword }));
        }
    }

    /// The same for an evidence, where every clause is single.
    pub fn once_in_evidence(&mut self, declaration: &mut EvidenceDecl) {
        let single = |kind: &EvidenceClauseKind| {
            Some(match kind {
                EvidenceClauseKind::Path(_) => "path",
                EvidenceClauseKind::Files(_) => "files",
                EvidenceClauseKind::RowsAt(_) => "rows at",
                EvidenceClauseKind::JudgeEachFile => "judge each file",
                EvidenceClauseKind::Format { .. } => "format",
                EvidenceClauseKind::Version { .. } => "version",
                EvidenceClauseKind::FreshAny | EvidenceClauseKind::Fresh { .. } => "fresh",
                EvidenceClauseKind::Source(_) | EvidenceClauseKind::SourceFrom(_) => "source",
                EvidenceClauseKind::Schema(_) => "schema",
                EvidenceClauseKind::Optional { .. } => "optional",
                EvidenceClauseKind::Shape { document: true, .. } => "document",
                EvidenceClauseKind::Shape { document: false, .. } => "row",
                EvidenceClauseKind::Broken(_) => return None,
            })
        };
        let words = |name: &str, span: Span| keyword_span(span, name);
        let repeats = self.once(
            declaration.clauses.iter().map(|c| (single(&c.kind), single(&c.kind).map_or(c.span, |n| words(n, c.span)))),
        );
        for (clause, _) in declaration.clauses.iter_mut().zip(repeats).filter(|(_, repeat)| *repeat) {
            let text = single(&clause.kind).unwrap_or("").to_owned();
            clause.kind = EvidenceClauseKind::Broken(Some(Name { text, span: clause.span }));
        }
    }

    /// The same for a waiver; the four notes are four clauses.
    pub fn once_in_waiver(&mut self, declaration: &mut WaiverDecl) {
        let single = |clause: &WaiverClause| {
            Some(match clause {
                WaiverClause::Gate(_) => "gate",
                WaiverClause::For(_) => "for",
                WaiverClause::Covers { .. } => "covers",
                WaiverClause::When(_) => "when",
                WaiverClause::Bound(_) => "bound",
                WaiverClause::AtMostRows(_) => "at most",
                WaiverClause::Note { keyword, .. } => match keyword.text.as_str() {
                    "reason" => "reason",
                    "approver" => "approver",
                    "owner" => "owner",
                    _ => "ticket",
                },
                WaiverClause::Opened(_) => "opened",
                WaiverClause::Expires(_) => "expires",
                WaiverClause::Broken(_) => return None,
            })
        };
        let named = declaration.clauses.iter().map(|(span, c)| (single(c), *span));
        let repeats = self.once(named.map(|(n, span)| (n, n.map_or(span, |n| keyword_span(span, n)))));
        for ((span, clause), _) in declaration.clauses.iter_mut().zip(repeats).filter(|(_, repeat)| *repeat) {
            let text = single(clause).unwrap_or("").to_owned();
            *clause = WaiverClause::Broken(Some(Name { text, span: *span }));
        }
    }

    /// A test runs at one instant.
    pub fn once_in_test(&mut self, declaration: &mut TestDecl) {
        let single = |clause: &TestClause| matches!(clause, TestClause::AsOf(_)).then_some("as_of");
        let named = declaration.clauses.iter().map(|(span, c)| (single(c), *span));
        let repeats = self.once(named.map(|(n, span)| (n, n.map_or(span, |n| keyword_span(span, n)))));
        for ((_, clause), _) in declaration.clauses.iter_mut().zip(repeats).filter(|(_, repeat)| *repeat) {
            *clause = TestClause::Broken(None);
        }
    }

    /// Every clause of an artifact is single.
    pub fn once_in_artifact(&mut self, declaration: &mut ArtifactDecl) {
        let single = |clause: &ArtifactClause| {
            Some(match clause {
                ArtifactClause::Path(_) => "path",
                ArtifactClause::For(..) => "for",
                ArtifactClause::Markdown => "markdown",
                ArtifactClause::Title(_) => "title",
                ArtifactClause::Passed(_) => "passed",
                ArtifactClause::Document(_) => "document",
                ArtifactClause::Broken(_) => return None,
            })
        };
        let named = declaration.clauses.iter().map(|(span, c)| (single(c), *span));
        let repeats = self.once(named.map(|(n, span)| (n, n.map_or(span, |n| keyword_span(span, n)))));
        for ((_, clause), _) in declaration.clauses.iter_mut().zip(repeats).filter(|(_, repeat)| *repeat) {
            *clause = ArtifactClause::Broken(None);
        }
    }

    /// What names something of its own (`set p`, `evidence e`, `tighten g`) may stand many times.
    pub fn once_in_profile(&mut self, clauses: &mut [ProfileClause]) {
        let single = |kind: &ProfileClauseKind| {
            Some(match kind {
                ProfileClauseKind::Extends(_) => "extends",
                ProfileClauseKind::Stage(_) => "stage",
                ProfileClauseKind::Gates(_) => "gates",
                ProfileClauseKind::Without(_) => "without",
                ProfileClauseKind::Sources(_) => "sources",
                ProfileClauseKind::WaiversNone => "waivers",
                ProfileClauseKind::Versions(_) => "versions",
                ProfileClauseKind::Write(_) => "write",
                ProfileClauseKind::ExpectGates(_) => "expect gates",
                ProfileClauseKind::Set(..)
                | ProfileClauseKind::Evidence(_)
                | ProfileClauseKind::Tighten(..)
                | ProfileClauseKind::Loosen(..)
                | ProfileClauseKind::Broken(_) => return None,
            })
        };
        let named = clauses.iter().map(|c| (single(&c.kind), c.span));
        let repeats = self.once(named.map(|(n, span)| (n, n.map_or(span, |n| keyword_span(span, n)))));
        for (clause, _) in clauses.iter_mut().zip(repeats).filter(|(_, repeat)| *repeat) {
            let text = single(&clause.kind).unwrap_or("").to_owned();
            clause.kind = ProfileClauseKind::Broken(Some(Name { text, span: clause.span }));
        }
    }
}

/// The first word of a clause that begins with `name`.
fn keyword_span(clause: Span, name: &str) -> Span {
    let first = name.split(' ').next().unwrap_or(name).len();
    Span::new(clause.source, clause.start as usize, clause.start as usize + first)
}

/// The name of a gate's clause, if it may stand only once.
fn single_in_gate(kind: &GateClauseKind) -> Option<&'static str> {
    Some(match kind {
        GateClauseKind::Title(_) => "title",
        GateClauseKind::Owner(_) => "owner",
        GateClauseKind::Fix(_) => "fix",
        GateClauseKind::Refs(_) => "refs",
        GateClauseKind::Stage(_) => "stage",
        GateClauseKind::Required(_) => "required",
        GateClauseKind::Needs(_) => "needs",
        GateClauseKind::Scope(_) => "scope",
        GateClauseKind::Per(_) => "per",
        GateClauseKind::Samples { .. } => "samples",
        GateClauseKind::Missing(_) => "missing",
        GateClauseKind::WhenEmpty(_) => "when empty",
        GateClauseKind::Decide(_) => "decide",
        GateClauseKind::Waivable(_) => "waivable",
        GateClauseKind::EffectiveFrom(_) => "effective from",
        GateClauseKind::Each(_)
        | GateClauseKind::Expect(_)
        | GateClauseKind::Metric { .. }
        | GateClauseKind::Threshold { .. }
        | GateClauseKind::Broken(_) => return None,
    })
}
