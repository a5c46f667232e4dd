//! Expressions: names resolved, types inferred, conversions made plain.
//!
//! Every function here takes the tree and a scope and gives a typed expression; after a mistake
//! it has reported, it gives [`unknown`], which everything else accepts in silence.

mod aggregates;
mod arithmetic;
mod calls;
mod choices;
mod comparison;
mod convert;
mod fields;
mod forms;
mod literals;
mod logic;
mod messages;
mod names;
mod patterns;
mod pipelines;
mod quantifiers;
mod records;
mod tables;

use super::checker::Checker;
use super::facts::Facts;
use super::scope::Scope;
use crate::data::{Type, Value};
use crate::model::{Expr, ExprKind};
use crate::source::Span;
use crate::syntax::tree;

/// What holds the place of something that was reported.
pub(super) fn unknown(span: Span) -> Expr {
    Expr { kind: Box::new(ExprKind::Unknown), ty: Type::Unknown, span }
}

/// A typed node.
pub(super) fn node(kind: ExprKind, ty: Type, span: Span) -> Expr {
    Expr { kind: Box::new(kind), ty, span }
}

/// A constant.
pub(super) fn literal(value: Value, ty: Type, span: Span) -> Expr {
    node(ExprKind::Literal(value), ty, span)
}

/// What the surroundings of an expression ask of its type.
#[derive(Debug, Clone, Copy)]
pub(super) enum Expect<'t> {
    /// Nothing.
    Free,
    /// Probably this one; enum words and empty lists take it up, other types are fine.
    Hint(&'t Type),
    /// This one, or it is a mistake.
    Due(&'t Type),
}

impl<'t> Expect<'t> {
    /// The type, firm or not.
    fn ty(self) -> Option<&'t Type> {
        match self {
            Self::Free => None,
            Self::Hint(ty) | Self::Due(ty) => Some(ty),
        }
    }

    /// The same firmness for the type of a part.
    fn part<'p>(self, ty: Option<&'p Type>) -> Expect<'p> {
        match (self, ty) {
            (_, None | Some(Type::Unknown)) | (Self::Free, _) => Expect::Free,
            (Self::Hint(_), Some(ty)) => Expect::Hint(ty),
            (Self::Due(_), Some(ty)) => Expect::Due(ty),
        }
    }
}

impl Checker<'_> {
    /// The typed expression; where a type is expected, of that type or reported.
    pub(super) fn infer(&mut self, scope: &Scope, expr: &tree::Expr, expected: Option<&Type>) -> Expr {
        match expected {
            Some(ty) if !matches!(ty, Type::Unknown) => self.expr(scope, expr, Expect::Due(ty)),
            _ => self.expr(scope, expr, Expect::Free),
        }
    }

    /// A condition, and what it proves where it holds.
    pub(super) fn condition(&mut self, scope: &Scope, expr: &tree::Expr) -> (Expr, Facts) {
        let judged = self.judge(scope, expr);
        (judged.expr, judged.yes)
    }

    fn expr(&mut self, scope: &Scope, expr: &tree::Expr, expect: Expect<'_>) -> Expr {
        use tree::ExprKind as E;
        let span = expr.span;
        let checked = match &*expr.kind {
            // A regular expression stands only after `matches`, which looks at it itself.
            E::Broken | E::Regex(_) => unknown(span),
            E::Parenthesised(inner) => return self.expr(scope, inner, expect),
            E::Name(name) => self.bare_name(scope, name, span, expect.ty()),
            E::This => self.this(scope, span),
            E::Bool(b) => literal(Value::Bool(*b), Type::Bool, span),
            E::None => literal(Value::Missing, Type::Never.optional(), span),
            E::Null => self.null(scope, span),
            E::Number(text) => self.number(text, span),
            E::Quantity { number, unit } => self.quantity(number, unit, span),
            E::Instant(text) => self.instant_literal(text, span),
            E::Version(text) => self.version_literal(text, span),
            E::Text(text) => self.text(scope, text, expect.ty()),
            E::List(items) => self.list(scope, items, span, expect),
            E::Map(pairs) => self.map(scope, pairs, span, expect),
            E::Record { name: Some(name), fields } => self.construct(scope, name, fields, span),
            E::Record { name: None, fields } => self.record(scope, fields, span, expect),
            E::Table(table) => self.table(scope, table, span, expect),
            E::Call { name, arguments } => self.call(scope, name, arguments, span, expect.ty()),
            E::Field { .. } | E::Index { .. } | E::Every { .. } => self.postfix(scope, expr),
            E::Negate(inner) => self.negate(scope, inner, span, expect),
            E::Not(_)
            | E::Compare { .. }
            | E::In { .. }
            | E::InRange { .. }
            | E::Match { .. }
            | E::Is { .. }
            | E::Quantified { .. } => self.judge(scope, expr).expr,
            E::Binary { op, op_span, left, right } => match op {
                tree::BinaryOp::And | tree::BinaryOp::Or | tree::BinaryOp::Implies => self.judge(scope, expr).expr,
                tree::BinaryOp::Coalesce => self.coalesce(scope, left, *op_span, right, span, expect),
                _ => self.arithmetic(scope, *op, *op_span, left, right, span),
            },
            E::If { condition, then, otherwise } => self.choice(scope, condition, then, otherwise, span, expect),
            E::Pipeline { source, alias, stages } => {
                self.pipeline(scope, source, alias.as_ref(), stages, span, expect.ty())
            }
        };
        match expect {
            Expect::Due(ty) => self.fit(scope, checked, ty),
            _ => checked,
        }
    }

    /// The words of a place, on one line and cut to a length that reads well in a message.
    pub(in crate::check) fn words(&self, span: Span) -> String {
        self.written(span, 60)
    }

    /// The text of a place on one line, cut to so many characters.
    pub(in crate::check) fn written(&self, span: Span, most: usize) -> String {
        let text = self.sources.slice(span).split_whitespace().collect::<Vec<_>>().join(" ");
        match text.char_indices().nth(most) {
            Some((cut, _)) => format!("{}..", text.get(..cut).unwrap_or("")),
            None => text,
        }
    }
}

/// Whether an expression takes its meaning from what is expected of it: an enum's word, a
/// quoted text, an empty list, `none`.
pub(super) fn leans_on_expectation(checker: &Checker<'_>, scope: &Scope, expr: &tree::Expr) -> bool {
    use tree::ExprKind as E;
    match &*expr.kind {
        E::Name(name) => !checker.means_something(scope, name),
        E::Text(_) | E::None => true,
        E::Parenthesised(inner) => leans_on_expectation(checker, scope, inner),
        E::List(items) => items.is_empty() || items.iter().any(|i| leans_on_expectation(checker, scope, i)),
        E::Map(pairs) => pairs
            .iter()
            .any(|(k, v)| leans_on_expectation(checker, scope, k) || leans_on_expectation(checker, scope, v)),
        E::If { then, otherwise, .. } => {
            leans_on_expectation(checker, scope, then) || leans_on_expectation(checker, scope, otherwise)
        }
        E::Record { name: None, fields } => fields.iter().any(|(_, v)| leans_on_expectation(checker, scope, v)),
        _ => false,
    }
}

#[cfg(test)]
mod tests;
