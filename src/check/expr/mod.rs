//! Expressions: names resolved, types inferred, conversions made plain.

use super::checker::Checker;
use super::facts::Facts;
use super::scope::Scope;
use crate::data::Type;
use crate::model::{DefId, Expr, ExprKind, LetId, Message, ParamId};
use crate::source::Span;
use crate::syntax::tree;
use std::sync::Arc;

/// What holds the place of something that was reported.
pub(super) fn unknown(span: Span) -> Expr {
    Expr { kind: Box::new(ExprKind::Unknown), ty: Type::Unknown, span }
}

impl Checker<'_> {
    /// The typed expression; where a type is expected, of that type or reported.
    pub(super) fn infer(&mut self, scope: &mut Scope, expr: &tree::Expr, expected: Option<&Type>) -> Expr {
        let _ = (scope, expected);
        unknown(expr.span)
    }

    /// A condition, and what it proves where it holds.
    pub(super) fn condition(&mut self, scope: &mut Scope, expr: &tree::Expr) -> (Expr, Facts) {
        let _ = scope;
        (unknown(expr.span), Facts::default())
    }

    /// A text with values in it.
    pub(super) fn message(&mut self, scope: &mut Scope, text: &tree::StringLit) -> Arc<Message> {
        let _ = scope;
        Arc::new(Message { parts: Vec::new(), span: text.span })
    }

    /// The type of a `let`.
    pub(super) fn let_type(&mut self, id: LetId) -> Type {
        let _ = id;
        Type::Unknown
    }

    /// The type of a `param`.
    pub(super) fn param_type(&mut self, id: ParamId) -> Type {
        let _ = id;
        Type::Unknown
    }

    /// Parameter types and result type of a `def`.
    pub(super) fn def_signature(&mut self, id: DefId) -> (Vec<Type>, Type) {
        let _ = id;
        (Vec::new(), Type::Unknown)
    }
}
