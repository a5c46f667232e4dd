//! Constants as written: numbers, quantities, instants, versions, texts; lists and maps.

use super::names::{enum_of, enum_word, spelling};
use super::{Expect, leans_on_expectation, literal, node, unknown};
use crate::check::checker::Checker;
use crate::check::diagnostics::{names, types};
use crate::check::scope::Scope;
use crate::data::read::{self, ReadError};
use crate::data::{EnumType, Type, Value, Version};
use crate::diag::did_you_mean;
use crate::model::{Expr, ExprKind};
use crate::source::Span;
use crate::syntax::tree;
use std::sync::Arc;

impl Checker<'_> {
    /// `3`, `1_000`, `0.5`
    pub(super) fn number(&mut self, text: &str, span: Span) -> Expr {
        match read::literal(text) {
            Ok((ty, n)) => literal(Value::Num(n), ty, span),
            Err(why) => {
                self.report(types::literal(text, &why, span));
                unknown(span)
            }
        }
    }

    /// `120ms`, `64MiB`, `99.9%`
    pub(super) fn quantity(&mut self, number: &str, unit: &str, span: Span) -> Expr {
        match read::quantity(number, unit) {
            Ok((ty, n)) => literal(Value::Num(n), ty, span),
            Err(why) => {
                self.report(types::literal(&format!("{number}{unit}"), &why, span));
                unknown(span)
            }
        }
    }

    /// `2026-03-31T00:00:00Z`
    pub(super) fn instant_literal(&mut self, text: &str, span: Span) -> Expr {
        match read::instant(text) {
            Ok(n) => literal(Value::Num(n), Type::Instant, span),
            Err(why) => {
                self.report(types::literal(text, &why, span));
                unknown(span)
            }
        }
    }

    /// `v1.4`
    pub(super) fn version_literal(&mut self, text: &str, span: Span) -> Expr {
        match Version::parse(text) {
            Some(version) => literal(Value::Version(Arc::new(version)), Type::Version, span),
            None => {
                let why = ReadError::Malformed { due: "a version" };
                self.report(types::literal(text, &why, span));
                unknown(span)
            }
        }
    }

    pub(super) fn null(&mut self, scope: &Scope, span: Span) -> Expr {
        self.report(if scope.document { types::null_alone(span) } else { types::null(span) });
        unknown(span)
    }

    /// A quoted text: an enum's word where one is due, else a text, perhaps with values in it.
    pub(super) fn text(&mut self, scope: &Scope, text: &tree::StringLit, expected: Option<&Type>) -> Expr {
        let span = text.span;
        match text.as_plain() {
            Some(plain) => match expected.and_then(enum_of) {
                Some(e) => self.quoted_word(&e, &plain, span),
                None => literal(Value::text(plain), Type::String, span),
            },
            None => {
                let message = self.message(scope, text);
                let lifts = message
                    .parts
                    .iter()
                    .any(|p| matches!(p, crate::model::MessagePart::Value { value, .. } if value.ty.is_optional()));
                let ty = if lifts { Type::String.optional() } else { Type::String };
                node(ExprKind::Interpolate(message), ty, span)
            }
        }
    }

    fn quoted_word(&mut self, e: &Arc<EnumType>, word: &str, span: Span) -> Expr {
        if e.member(word).is_none() {
            let near = did_you_mean(word, e.members.iter().map(|m| &*m.name)).map(str::to_owned);
            let near = near.or_else(|| spelling(e, word));
            self.report(names::unknown_member(word, span, e, near.as_deref(), &[]));
        }
        enum_word(e, word, span)
    }

    /// `[a, b]`
    pub(super) fn list(&mut self, scope: &Scope, items: &[tree::Expr], span: Span, expect: Expect<'_>) -> Expr {
        let due = expect.ty().and_then(|ty| ty.present().element());
        let (checked, element) = self.alike(scope, items, expect.part(due.as_ref()), "elements");
        let Some(element) = element else { return unknown(span) };
        node(ExprKind::List(checked), Type::list(element), span)
    }

    /// Expressions of one type, and the type. `None` after a report.
    pub(super) fn alike(
        &mut self,
        scope: &Scope,
        items: &[tree::Expr],
        expect: Expect<'_>,
        what: &str,
    ) -> (Vec<Expr>, Option<Type>) {
        if let Expect::Due(due) = expect {
            let checked: Vec<Expr> = items.iter().map(|i| self.expr(scope, i, expect)).collect();
            let fine = !checked.iter().any(|e| matches!(e.ty, Type::Unknown));
            return (checked, fine.then(|| due.clone()));
        }
        // First those that say their type, then those that take it from the others.
        let mut checked: Vec<Option<Expr>> = vec![None; items.len()];
        let mut joined = Some(Type::Never);
        let mut said: Option<(Span, Type)> = None;
        for leaning in [false, true] {
            for (item, slot) in items.iter().zip(&mut checked) {
                if leans_on_expectation(self, scope, item) != leaning {
                    continue;
                }
                let known = joined.clone().filter(|t| !matches!(t, Type::Never | Type::Unknown));
                let hint = known.as_ref().or_else(|| expect.ty()).cloned();
                let expr = self.expr(scope, item, hint.as_ref().map_or(Expect::Free, Expect::Hint));
                if let Some(before) = &joined {
                    let next = before.join(&expr.ty);
                    if next.is_none()
                        && let Some((first, ty)) = &said
                    {
                        let (a, b) = (self.words(*first), self.words(expr.span));
                        self.report(types::unlike(what, (&a, ty, *first), (&b, &expr.ty, expr.span)));
                    }
                    joined = next;
                }
                if said.is_none() && !matches!(expr.ty, Type::Unknown) {
                    said = Some((expr.span, expr.ty.clone()));
                }
                *slot = Some(expr);
            }
        }
        let checked: Vec<Expr> = checked.into_iter().flatten().collect();
        let Some(joined) = joined.filter(|t| !matches!(t, Type::Unknown)) else { return (checked, None) };
        let checked = checked.into_iter().map(|e| self.converted(e, &joined)).collect();
        (checked, Some(joined))
    }

    /// `{"k": v}`
    pub(super) fn map(
        &mut self,
        scope: &Scope,
        pairs: &[(tree::Expr, tree::Expr)],
        span: Span,
        expect: Expect<'_>,
    ) -> Expr {
        let (due_key, due_value) = match expect.ty().map(Type::present) {
            Some(Type::Map(k, v)) => (Some((**k).clone()), Some((**v).clone())),
            Some(ty @ Type::Record(_)) => {
                self.report(types::map_for_record(span, Some(ty)));
                return unknown(span);
            }
            _ => (None, None),
        };
        // `{ a: 1 }` as in JSON and most languages: a record was meant.
        if due_key.is_none() {
            let bare = |k: &tree::Expr| matches!(&*k.kind, tree::ExprKind::Name(n) if !self.means_something(scope, n));
            if pairs.iter().any(|(k, _)| bare(k)) {
                self.report(types::map_for_record(span, None));
                return unknown(span);
            }
        }
        let (keys, values): (Vec<tree::Expr>, Vec<tree::Expr>) = pairs.iter().cloned().unzip();
        let (keys, key) = self.alike(scope, &keys, expect.part(due_key.as_ref()), "keys");
        let (values, value) = self.alike(scope, &values, expect.part(due_value.as_ref()), "values");
        let (Some(key), Some(value)) = (key, value) else { return unknown(span) };
        if key.is_optional()
            && let Some(culprit) = keys.iter().find(|k| k.ty.is_optional())
        {
            let (words, at) = (self.words(culprit.span), culprit.span);
            self.report(types::missing_key(&words, at));
            return unknown(span);
        }
        for (i, k) in keys.iter().enumerate() {
            let ExprKind::Literal(v) = &*k.kind else { continue };
            let before = keys.iter().take(i).find(|b| matches!(&*b.kind, ExprKind::Literal(b) if b == v));
            if let Some(before) = before {
                let words = self.words(k.span);
                self.report(types::repeated_key(&words, before.span, k.span));
                return unknown(span);
            }
        }
        node(ExprKind::Map(keys.into_iter().zip(values).collect()), Type::map(key, value), span)
    }
}
