//! `if c then a else b` and `a ?? b` as values.

use super::{Expect, leans_on_expectation, node, unknown};
use crate::check::checker::Checker;
use crate::check::diagnostics::{missing, types};
use crate::check::scope::Scope;
use crate::data::Type;
use crate::model::{Expr, ExprKind};
use crate::source::Span;
use crate::syntax::tree;

impl Checker<'_> {
    pub(super) fn choice(
        &mut self,
        scope: &Scope,
        condition: &tree::Expr,
        then: &tree::Expr,
        otherwise: &tree::Expr,
        span: Span,
        expect: Expect<'_>,
    ) -> Expr {
        let judged = self.judge(scope, condition);
        let (yes, no) = (scope.knowing(&judged.yes), scope.knowing(&judged.no));
        // The arm that says its own type goes first; the other takes the hint.
        let turned = leans_on_expectation(self, scope, then) && !leans_on_expectation(self, scope, otherwise);
        let (first, second) = if turned { ((&no, otherwise), (&yes, then)) } else { ((&yes, then), (&no, otherwise)) };
        let a = self.expr(first.0, first.1, expect);
        let hint = a.ty.clone();
        let says = !matches!(hint.present(), Type::Never) && !hint.is_unknown();
        let b = match expect {
            Expect::Free | Expect::Hint(_) if says => self.expr(second.0, second.1, Expect::Hint(&hint)),
            _ => self.expr(second.0, second.1, expect),
        };
        let (then, otherwise) = if turned { (b, a) } else { (a, b) };
        if judged.expr.ty.is_unknown() || then.ty.is_unknown() || otherwise.ty.is_unknown() {
            return unknown(span);
        }
        let Some(ty) = then.ty.join(&otherwise.ty) else {
            let (a, b) = (self.words(then.span), self.words(otherwise.span));
            self.report(types::unlike("arms of `if`", (&a, &then.ty, then.span), (&b, &otherwise.ty, otherwise.span)));
            return unknown(span);
        };
        let then = self.converted(then, &ty);
        let otherwise = self.converted(otherwise, &ty);
        node(ExprKind::If { condition: judged.expr, then, otherwise }, ty, span)
    }

    /// `a ?? b`
    pub(super) fn coalesce(
        &mut self,
        scope: &Scope,
        left: &tree::Expr,
        op_span: Span,
        right: &tree::Expr,
        span: Span,
        expect: Expect<'_>,
    ) -> Expr {
        if let (true, tree::ExprKind::Null) = (scope.document, &*right.bare().kind) {
            let left = self.expr(scope, left, Expect::Free);
            return self.or_null(left, op_span.to(right.span), span);
        }
        let optional = expect.ty().cloned().map(Type::optional);
        let left = self.expr(scope, left, optional.as_ref().map_or(Expect::Free, Expect::Hint));
        let hint = left.ty.present().clone();
        let hinted = match expect {
            Expect::Due(due) => Expect::Due(due),
            _ if left.ty.is_unknown() || matches!(hint, Type::Never) => Expect::Free,
            _ => Expect::Hint(&hint),
        };
        let right = self.expr(scope, right, hinted);
        if left.ty.is_unknown() || right.ty.is_unknown() {
            return unknown(span);
        }
        if !left.ty.is_optional() {
            let words = self.words(left.span);
            self.report(missing::never_missing(&words, left.span, op_span.to(right.span)));
        }
        let Some(ty) = left.ty.present().join(&right.ty) else {
            let (a, b) = (self.words(left.span), self.words(right.span));
            self.report(types::unlike(
                "sides of `??`",
                (&a, left.ty.present(), left.span),
                (&b, &right.ty, right.span),
            ));
            return unknown(span);
        };
        let left_ty = if left.ty.is_optional() { ty.present().clone().optional() } else { ty.present().clone() };
        let left = self.converted(left, &left_ty);
        let right = self.converted(right, &ty);
        node(ExprKind::Coalesce(left, right), ty, span)
    }
}
