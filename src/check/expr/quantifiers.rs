//! `exists x in xs: P`, `every ..`, `no ..`.

use super::{Expect, node, unknown};
use crate::check::checker::Checker;
use crate::check::scope::Scope;
use crate::data::Type;
use crate::model::{Expr, ExprKind, LocalId, Quantifier};
use crate::source::Span;
use crate::syntax::tree;

impl Checker<'_> {
    pub(super) fn quantified(
        &mut self,
        scope: &Scope,
        quantifier: tree::Quantifier,
        variable: &tree::Name,
        source: &tree::Expr,
        body: &tree::Expr,
        span: Span,
    ) -> Expr {
        // With a filter the source is a pipeline that binds the variable as its alias and checks
        // the name itself.
        if !matches!(&*source.kind, tree::ExprKind::Pipeline { alias: Some(_), .. }) {
            self.check_unbound(scope, variable);
        }
        let source = self.expr(scope, source, Expect::Free);
        let source = self.listed(&source);
        let item = self.local();
        let mut inner = scope.clone();
        inner.sample = None;
        inner.bind(&variable.text, item, source.ty.element().unwrap_or(Type::Unknown), Some(variable.span));
        let body = self.judge(&inner, body).expr;
        if source.ty.is_unknown() || body.ty.is_unknown() {
            return unknown(span);
        }
        let quantifier = match quantifier {
            tree::Quantifier::Exists => Quantifier::Exists,
            tree::Quantifier::Every => Quantifier::Every,
            tree::Quantifier::No => Quantifier::No,
        };
        let site = self.site();
        node(ExprKind::Quantified { site, quantifier, item, source, body }, Type::Bool, span)
    }

    /// The scope of the message of a condition that does not hold: where the condition is an
    /// `every` or `no`, the first element that decides is in scope by its name. The message then
    /// reads the quantifier's own local.
    pub(in crate::check) fn scope_of_message(&self, scope: &Scope, tree: &tree::Expr, checked: &Expr) -> Scope {
        let mut inner = scope.clone();
        if let tree::ExprKind::Quantified { variable, .. } = &*tree.bare().kind
            && let ExprKind::Quantified { quantifier: Quantifier::Every | Quantifier::No, item, source, .. } =
                &*checked.kind
        {
            let element = source.ty.element().unwrap_or(Type::Unknown);
            inner.bind(&variable.text, *item, element, Some(variable.span));
        }
        if let tree::ExprKind::Quantified { variable, .. } = &*tree.bare().kind
            && checked.ty.is_unknown()
        {
            // What is wrong with the list has been told; its element is not unknown besides.
            inner.bind(&variable.text, LocalId(u32::MAX), Type::Unknown, Some(variable.span));
        }
        inner
    }
}
