//! What is demanded of evidence besides its shape: schema version, age, kind of source.

use super::checker::Checker;
use super::diagnostics::evidence as say;
use super::evidence::{EvidenceClauses, Found, Look};
use crate::data::{Type, Value};
use crate::diag::did_you_mean;
use crate::model::{Expr, ExprKind, Freshness, SourceKind, VersionRule};
use crate::source::Span;
use crate::syntax::tree::{self, EvidenceClauseKind as Kind};
use std::sync::Arc;

impl Checker<'_> {
    pub(super) fn evidence_version(&mut self, found: &Found<'_>, look: Option<&Look>) -> Option<VersionRule> {
        let clause = found.get("version")?;
        let Kind::Version { accepted, at } = &clause.kind else { return None };
        for (i, version) in accepted.iter().enumerate() {
            if let Some(first) = accepted.iter().take(i).find(|v| v.text == version.text) {
                self.report(say::repeated_version(&version.text, first.span, version.span));
            }
        }
        let keys: Vec<Arc<str>> = match at {
            Some(path) => path.iter().map(|n| n.text.as_str().into()).collect(),
            None => Vec::from([Arc::from("schema_version")]),
        };
        // Where the rows stand inside a document, the version stands beside them.
        if found.get("rows at").is_none()
            && let (Some(look), Some(key)) = (look, keys.first())
            && let Some(record) = self.underlying_record(look.shape.shape())
            && !record.is_open()
        {
            let holds = record.fields.iter().any(|f| {
                if f.reading.from.is_empty() {
                    f.name == *key
                } else {
                    f.reading.from.iter().any(|p| p.first() == Some(key))
                }
            });
            if !holds {
                let span = at.as_ref().and_then(|p| p.first()).map_or(clause.span, |n| n.span);
                let nearest = did_you_mean(key, record.fields.iter().map(|f| &*f.name)).map(str::to_owned);
                self.report(say::version_field(key, nearest.as_deref(), span, look.span));
            }
        }
        Some(VersionRule { accepted: accepted.iter().map(|v| v.text.as_str().into()).collect(), at: keys })
    }

    pub(super) fn evidence_fresh(
        &mut self,
        evidence: &EvidenceClauses<'_>,
        found: &Found<'_>,
        look: Option<&Look>,
    ) -> Option<Freshness> {
        let clause = match found.get("fresh") {
            Some(clause) => clause,
            None => {
                if !found.broken {
                    let after = found.get("source").or_else(|| found.get("path")).or_else(|| found.get("files"));
                    self.report(say::fresh_unsaid(
                        &evidence.name.text,
                        evidence.name.span,
                        look.and_then(|l| only_instant(&l.part)).as_deref(),
                        after.map(|c| c.span),
                    ));
                }
                return None;
            }
        };
        let Kind::Fresh { within, of, ahead } = &clause.kind else { return None };
        let span = path_span(of, clause.span);
        if let Some(look) = look {
            match self.field_at(&look.part, of) {
                Some(Type::Instant | Type::Unknown) | None => {}
                Some(other) => self.report(say::fresh_field(&path_text(of), &other, span)),
            }
        }
        let within = self.constant(within, &Type::DURATION);
        if let Some((expr, Value::Num(limit))) = &within
            && (limit.is_negative() || limit.is_zero())
        {
            self.report(say::never_fresh(expr.span));
        }
        let ahead = match ahead {
            None => Some((five_minutes(clause.span), Value::Num(Freshness::AHEAD_DEFAULT))),
            Some(ahead) => self.constant(ahead, &Type::DURATION),
        };
        if let Some((expr, Value::Num(limit))) = &ahead
            && limit.is_negative()
        {
            self.report(say::negative_ahead(expr.span));
        }
        let of = of.iter().map(|n| n.text.as_str().into()).collect();
        Some(Freshness { within: within?.0, of, ahead: ahead?.0 })
    }

    pub(super) fn evidence_source(&mut self, found: &Found<'_>, look: Option<&Look>) -> SourceKind {
        match found.kind("source") {
            Some(Kind::Source(word)) => {
                if !SourceKind::KINDS.contains(&&*word.text) {
                    self.report(say::unknown_source(&word.text, word.span));
                }
                SourceKind::Fixed(word.text.as_str().into())
            }
            Some(Kind::SourceFrom(path)) => {
                if let (Some(look), Some(clause)) = (look, found.get("source")) {
                    match self.field_at(&look.part, path).as_ref().map(Type::present) {
                        Some(Type::String | Type::Enum(_) | Type::Unknown) | None => {}
                        Some(other) => {
                            let diagnostic = say::source_field(&path_text(path), other, path_span(path, clause.span));
                            self.report(diagnostic);
                        }
                    }
                }
                SourceKind::From(path.iter().map(|n| n.text.as_str().into()).collect())
            }
            _ => SourceKind::Unsaid,
        }
    }

    /// The type of a field of a row or document; what is not there is reported.
    fn field_at(&mut self, ty: &Type, path: &[tree::Name]) -> Option<Type> {
        let mut ty = ty.clone();
        let mut missing = false;
        for name in path {
            missing |= ty.is_optional();
            match ty.present() {
                Type::Unknown => return None,
                Type::Record(record) => match record.field(&name.text) {
                    Some((_, field)) => {
                        let field = field.clone();
                        ty = field;
                    }
                    None => {
                        let nearest = did_you_mean(&name.text, record.fields.iter().map(|f| &*f.name));
                        let known: Vec<&str> = record.fields.iter().map(|f| &*f.name).collect();
                        let diagnostic = say::no_such_field(&name.text, nearest, &known, name.span);
                        self.report(diagnostic);
                        return None;
                    }
                },
                other => {
                    let other = other.clone();
                    self.report(say::no_fields(&name.text, &other, name.span));
                    return None;
                }
            }
        }
        Some(if missing { ty.optional() } else { ty })
    }
}

/// The only instant of a row or document, to suggest.
fn only_instant(ty: &Type) -> Option<Arc<str>> {
    let Type::Record(record) = ty else { return None };
    let mut instants = record.fields.iter().filter(|f| f.ty == Type::Instant);
    match (instants.next(), instants.next()) {
        (Some(field), None) => Some(field.name.clone()),
        _ => None,
    }
}

fn five_minutes(span: Span) -> Expr {
    let value = Value::Num(Freshness::AHEAD_DEFAULT);
    Expr { kind: Box::new(ExprKind::Literal(value)), ty: Type::DURATION, span }
}

fn path_text(path: &[tree::Name]) -> String {
    path.iter().map(|n| &*n.text).collect::<Vec<_>>().join(".")
}

fn path_span(path: &[tree::Name], otherwise: Span) -> Span {
    match (path.first(), path.last()) {
        (Some(first), Some(last)) => first.span.to(last.span),
        _ => otherwise,
    }
}
