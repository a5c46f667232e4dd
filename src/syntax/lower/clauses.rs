//! Clauses of evidence, waivers, tests, artifacts and profiles.

use super::{Lower, Pair, all, find, has};
use crate::source::Span;
use crate::syntax::diagnostics as say;
use crate::syntax::grammar::Rule;
use crate::syntax::keywords;
use crate::syntax::tree::{
    ArtifactClause, CompareOp, EvidenceClause, EvidenceClauseKind, EvidenceDecl, Expr, ExprKind, Name, ProfileClause,
    ProfileClauseKind, TestClause, WaiverClause,
};

impl Lower<'_> {
    /// The first word of a clause whose inside could not be read.
    fn first_word(&self, part: &Pair<'_>) -> Option<Name> {
        part.clone().into_inner().next().map(|w| self.name(&w))
    }

    /// One clause of an evidence.
    pub fn evidence_clause(&mut self, part: &Pair<'_>) -> EvidenceClause {
        let span = self.span(part);
        let kind = self.evidence_clause_kind(part);
        let kind = kind.unwrap_or_else(|| EvidenceClauseKind::Broken(self.first_word(part)));
        EvidenceClause { span, kind }
    }

    fn evidence_clause_kind(&mut self, part: &Pair<'_>) -> Option<EvidenceClauseKind> {
        Some(match part.as_rule() {
            Rule::path_clause => EvidenceClauseKind::Path(self.plain(&find(part, Rule::plain)?)),
            Rule::files_clause => EvidenceClauseKind::Files(self.plain(&find(part, Rule::plain)?)),
            Rule::rows_clause => EvidenceClauseKind::RowsAt(self.plain(&find(part, Rule::plain)?)),
            Rule::judge_clause => EvidenceClauseKind::JudgeEachFile,
            Rule::format_clause => {
                let mut options = Vec::new();
                for option in all(part, Rule::format_option) {
                    let mut words = option.into_inner();
                    let (key, value) = (words.next()?, words.next()?);
                    options.push((self.name(&key), self.word_or_text(&value)));
                }
                EvidenceClauseKind::Format { name: self.name(&find(part, Rule::word)?), options }
            }
            Rule::version_clause => EvidenceClauseKind::Version {
                accepted: all(part, Rule::plain).map(|p| self.plain(&p)).collect(),
                at: find(part, Rule::path).map(|p| self.path(&p)),
            },
            Rule::fresh_clause => {
                if has(part, Rule::kw_any) {
                    return Some(EvidenceClauseKind::FreshAny);
                }
                let mut ages = all(part, Rule::arith);
                EvidenceClauseKind::Fresh {
                    within: self.arith(&ages.next()?),
                    of: self.path(&find(part, Rule::path)?),
                    ahead: ages.next().map(|a| self.arith(&a)),
                }
            }
            Rule::source_clause => match find(part, Rule::path) {
                Some(path) => EvidenceClauseKind::SourceFrom(self.path(&path)),
                None => EvidenceClauseKind::Source(self.name(&find(part, Rule::word)?)),
            },
            Rule::schema_clause => EvidenceClauseKind::Schema(self.plain(&find(part, Rule::plain)?)),
            Rule::optional_clause => {
                EvidenceClauseKind::Optional { until: find(part, Rule::moment).map(|m| self.moment(&m)) }
            }
            Rule::shape_clause => EvidenceClauseKind::Shape {
                document: has(part, Rule::kw_document),
                ty: self.type_expr(&find(part, Rule::type_expr)?),
            },
            _ => return None,
        })
    }

    /// A `waiver_part`.
    pub fn waiver_clause(&mut self, pair: &Pair<'_>) -> (Span, WaiverClause) {
        let span = self.span(pair);
        let part = pair.clone().into_inner().next();
        let clause = part.as_ref().and_then(|part| self.waiver_clause_kind(part));
        (span, clause.unwrap_or_else(|| WaiverClause::Broken(part.and_then(|p| self.first_word(&p)))))
    }

    fn waiver_clause_kind(&mut self, part: &Pair<'_>) -> Option<WaiverClause> {
        Some(match part.as_rule() {
            Rule::waived_gate => WaiverClause::Gate(self.name(&find(part, Rule::dotted)?)),
            Rule::waived_digest => WaiverClause::For(self.plain(&find(part, Rule::plain)?)),
            Rule::covers_clause => {
                if let Some(slip) = find(part, Rule::slip_covers) {
                    let place = self.span(&slip);
                    let condition = self.value(&find(&slip, Rule::value)?);
                    let words = self.text.get(place.start as usize..place.end as usize).unwrap_or("").to_owned();
                    self.report(say::covers_what(place, &words));
                    return Some(WaiverClause::Covers { each: true, condition: Some(condition) });
                }
                WaiverClause::Covers {
                    each: has(part, Rule::kw_each),
                    condition: find(part, Rule::value).map(|v| self.value(&v)),
                }
            }
            Rule::waiver_when => WaiverClause::When(self.value(&find(part, Rule::value)?)),
            Rule::bound_clause => {
                let mut bounds = Vec::new();
                for bound in all(part, Rule::bound) {
                    let name = self.name(&find(&bound, Rule::name)?);
                    bounds.push((name, self.limit(&find(&bound, Rule::limit)?)?));
                }
                WaiverClause::Bound(bounds)
            }
            Rule::most_clause => WaiverClause::AtMostRows(self.name(&find(part, Rule::number)?)),
            Rule::note_clause => {
                WaiverClause::Note { keyword: self.first_word(part)?, text: self.string(&find(part, Rule::string)?) }
            }
            Rule::opened_clause => WaiverClause::Opened(self.moment(&find(part, Rule::moment)?)),
            Rule::expires_clause => WaiverClause::Expires(self.moment(&find(part, Rule::moment)?)),
            _ => return None,
        })
    }

    /// A `test_part`.
    pub fn test_clause(&mut self, pair: &Pair<'_>) -> (Span, TestClause) {
        let span = self.span(pair);
        let part = pair.clone().into_inner().next();
        let clause = part.as_ref().and_then(|part| self.test_clause_kind(part));
        (span, clause.unwrap_or_else(|| TestClause::Broken(part.and_then(|p| self.first_word(&p)))))
    }

    fn test_clause_kind(&mut self, part: &Pair<'_>) -> Option<TestClause> {
        Some(match part.as_rule() {
            Rule::as_of_clause => TestClause::AsOf(self.moment(&find(part, Rule::moment)?)),
            Rule::given_clause => {
                TestClause::Given(self.name(&find(part, Rule::name)?), self.expr(&find(part, Rule::expr)?))
            }
            Rule::set_clause => {
                TestClause::Set(self.name(&find(part, Rule::name)?), self.expr(&find(part, Rule::expr)?))
            }
            Rule::verdict_clause => {
                let sign = find(part, Rule::compare_sign)?;
                let place = self.span(&sign);
                if self.compare_op(&sign) != CompareOp::Equal {
                    self.report(say::verdict_sign(place, sign.as_str()));
                }
                let verdict = self.name(&find(part, Rule::word)?);
                if !keywords::VERDICTS.contains(&verdict.text.as_str()) {
                    self.report(say::unknown_choice(&verdict, "verdict .. ==", &keywords::VERDICTS));
                    return None;
                }
                let mut group = Vec::new();
                for key in all(part, Rule::group_key) {
                    group.extend(all(&key, Rule::value).map(|v| self.value(&v)));
                }
                TestClause::Verdict { gate: self.name(&find(part, Rule::dotted)?), group, verdict }
            }
            Rule::test_expect => TestClause::Expect(self.value(&find(part, Rule::value)?)),
            _ => return None,
        })
    }

    /// An `artifact_part`.
    pub fn artifact_clause(&mut self, pair: &Pair<'_>) -> (Span, ArtifactClause) {
        let span = self.span(pair);
        let part = pair.clone().into_inner().next();
        let clause = part.as_ref().and_then(|part| {
            Some(match part.as_rule() {
                Rule::written_path => ArtifactClause::Path(self.string(&find(part, Rule::string)?)),
                Rule::for_clause => {
                    ArtifactClause::For(self.name(&find(part, Rule::name)?), self.expr(&find(part, Rule::expr)?))
                }
                Rule::kw_markdown => ArtifactClause::Markdown,
                Rule::written_title => ArtifactClause::Title(self.string(&find(part, Rule::string)?)),
                Rule::written_passed => ArtifactClause::Passed(self.expr(&find(part, Rule::expr)?)),
                Rule::written_document => ArtifactClause::Document(self.expr(&find(part, Rule::expr)?)),
                _ => return None,
            })
        });
        (span, clause.unwrap_or_else(|| ArtifactClause::Broken(part.and_then(|p| self.first_word(&p)))))
    }

    /// A `profile_part`.
    pub fn profile_clause(&mut self, pair: &Pair<'_>) -> ProfileClause {
        let span = self.span(pair);
        let part = pair.clone().into_inner().next();
        let kind = part.as_ref().and_then(|part| self.profile_clause_kind(part));
        let kind = kind.unwrap_or_else(|| ProfileClauseKind::Broken(part.and_then(|p| self.first_word(&p))));
        ProfileClause { span, kind }
    }

    fn profile_clause_kind(&mut self, part: &Pair<'_>) -> Option<ProfileClauseKind> {
        let names = |lower: &Self, rule: Rule| all(part, rule).map(|n| lower.name(&n)).collect::<Vec<Name>>();
        Some(match part.as_rule() {
            Rule::extends_clause => ProfileClauseKind::Extends(names(self, Rule::dotted)),
            Rule::taken_stages => ProfileClauseKind::Stage(names(self, Rule::word)),
            Rule::taken_gates => ProfileClauseKind::Gates(names(self, Rule::pattern)),
            Rule::without_clause => ProfileClauseKind::Without(names(self, Rule::pattern)),
            Rule::sources_clause => ProfileClauseKind::Sources(names(self, Rule::word)),
            Rule::write_clause => ProfileClauseKind::Write(names(self, Rule::word)),
            Rule::set_param => {
                ProfileClauseKind::Set(self.name(&find(part, Rule::name)?), self.value(&find(part, Rule::value)?))
            }
            Rule::evidence_override => {
                let name = self.name(&find(part, Rule::name)?);
                ProfileClauseKind::Evidence(self.evidence_block(part, name))
            }
            Rule::waivers_clause => ProfileClauseKind::WaiversNone,
            Rule::versions_clause => {
                ProfileClauseKind::Versions(all(part, Rule::version_item).map(|v| self.version_item(&v)).collect())
            }
            Rule::tighten_clause | Rule::loosen_clause => {
                let gate = self.name(&find(part, Rule::dotted)?);
                let clauses = self.gate_block(&find(part, Rule::gate_block)?);
                if part.as_rule() == Rule::tighten_clause {
                    ProfileClauseKind::Tighten(gate, clauses)
                } else {
                    let because = find(part, Rule::string).map(|s| self.string(&s));
                    ProfileClauseKind::Loosen(gate, clauses, because)
                }
            }
            Rule::expect_gates => ProfileClauseKind::ExpectGates(self.limit(&find(part, Rule::limit)?)?),
            _ => return None,
        })
    }

    fn version_item(&mut self, pair: &Pair<'_>) -> Expr {
        let span = self.span(pair);
        match pair.clone().into_inner().next() {
            Some(version) if version.as_rule() == Rule::version => {
                Expr { kind: Box::new(ExprKind::Version(version.as_str().to_owned())), span }
            }
            _ => {
                self.report(say::version_prerelease(span, pair.as_str()));
                self.broken(span)
            }
        }
    }

    /// The clauses between the braces of an `evidence_decl` or `evidence_override`.
    pub fn evidence_block(&mut self, pair: &Pair<'_>, name: Name) -> EvidenceDecl {
        let parts = pair.clone().into_inner().filter(|p| {
            !matches!(p.as_rule(), Rule::kw_evidence | Rule::name | Rule::lbrace | Rule::rbrace | Rule::comma)
        });
        let clauses = parts.map(|p| self.evidence_clause(&p)).collect();
        let mut declaration = EvidenceDecl { name, clauses };
        self.once_in_evidence(&mut declaration);
        declaration
    }
}
