//! `+ - * /` and the sign: numbers, quantities, instants. Exact; dimensions compose.
//!
//! | left | right | `+ -` | `*` | `/` |
//! | --- | --- | --- | --- | --- |
//! | number | number | the wider | number | `decimal` (a share of a share: `ratio`) |
//! | quantity | same quantity | itself | compound | number |
//! | quantity | number | - | itself | itself |
//! | instant | instant | `-`: duration | - | - |
//! | instant | duration | instant | - | - |

use super::{Expect, literal, node, unknown};
use crate::check::checker::Checker;
use crate::check::diagnostics::{types, units};
use crate::check::facts::{Path, Proof};
use crate::check::scope::Scope;
use crate::data::{Type, Value};
use crate::model::{ArithmeticOp, Expr, ExprKind};
use crate::source::Span;
use crate::syntax::tree;
use crate::units::Dimension;

impl Checker<'_> {
    pub(super) fn arithmetic(
        &mut self,
        scope: &Scope,
        op: tree::BinaryOp,
        op_span: Span,
        left: &tree::Expr,
        right: &tree::Expr,
        span: Span,
    ) -> Expr {
        let (op, sign) = match op {
            tree::BinaryOp::Add => (ArithmeticOp::Add, "+"),
            tree::BinaryOp::Subtract => (ArithmeticOp::Subtract, "-"),
            tree::BinaryOp::Multiply => (ArithmeticOp::Multiply, "*"),
            _ => (ArithmeticOp::Divide, "/"),
        };
        let left = self.expr(scope, left, Expect::Free);
        let right = self.expr(scope, right, Expect::Free);
        if left.ty.is_unknown() || right.ty.is_unknown() {
            return unknown(span);
        }
        let Some(ty) = result(op, left.ty.present(), right.ty.present()) else {
            let (a, b) = (self.words(left.span), self.words(right.span));
            self.report(units::no_arithmetic(
                sign,
                op_span,
                units::Operand { words: &a, ty: left.ty.present(), span: left.span },
                units::Operand { words: &b, ty: right.ty.present(), span: right.span },
            ));
            return unknown(span);
        };
        let lifts = left.ty.is_optional() || right.ty.is_optional();
        let by_zero = op == ArithmeticOp::Divide && !self.nonzero(scope, &right);
        let guarded = op == ArithmeticOp::Divide && !by_zero && !matches!(&*right.kind, ExprKind::Literal(_));
        let kind = ExprKind::Arithmetic { op, left, right };
        match (lifts || by_zero, guarded) {
            (true, _) => node(kind, ty.optional(), span),
            (false, true) => {
                let value = node(kind, ty.clone().optional(), span);
                node(ExprKind::Narrowed { value, shape: None }, ty, span)
            }
            (false, false) => node(kind, ty, span),
        }
    }

    /// Whether a divisor cannot be zero: a constant, or proved so.
    fn nonzero(&mut self, scope: &Scope, divisor: &Expr) -> bool {
        match &*divisor.kind {
            ExprKind::Literal(Value::Num(n)) => !n.is_zero(),
            ExprKind::Negate(inner) => self.nonzero(scope, &inner.clone()),
            _ => Path::of(divisor).is_some_and(|path| self.proved(scope, &path, &Proof::Nonzero)),
        }
    }

    /// `-x`
    pub(super) fn negate(&mut self, scope: &Scope, inner: &tree::Expr, span: Span, expect: Expect<'_>) -> Expr {
        let hint = expect.ty().cloned();
        let value = self.expr(scope, inner, hint.as_ref().map_or(Expect::Free, Expect::Hint));
        if value.ty.is_unknown() {
            return unknown(span);
        }
        if value.ty.present().dimension().is_none() {
            let words = self.words(value.span);
            self.report(types::no_sign(&words, value.ty.present(), value.span));
            return unknown(span);
        }
        // A negative constant is a constant: limits and quotients need to see that.
        if let ExprKind::Literal(Value::Num(n)) = &*value.kind
            && let Some(n) = n.neg()
        {
            return literal(Value::Num(n), value.ty, span);
        }
        let ty = value.ty.clone();
        node(ExprKind::Negate(value), ty, span)
    }
}

/// The type of `a op b`; `None` when it means nothing.
pub(super) fn result(op: ArithmeticOp, left: &Type, right: &Type) -> Option<Type> {
    use ArithmeticOp::{Add, Divide, Multiply, Subtract};
    match (left, right) {
        (Type::Instant, Type::Instant) => return (op == Subtract).then_some(Type::DURATION),
        (Type::Instant, ty) if *ty == Type::DURATION => return matches!(op, Add | Subtract).then_some(Type::Instant),
        (ty, Type::Instant) if *ty == Type::DURATION => return (op == Add).then_some(Type::Instant),
        _ => {}
    }
    let (a, b) = (left.dimension()?, right.dimension()?);
    match op {
        Add | Subtract if a == b => left.join(right),
        Add | Subtract => None,
        Multiply => Some(quantity(a.times(b)?, product(left, right))),
        Divide => Some(quantity(a.per(b)?, quotient(left, right))),
    }
}

fn quantity(dimension: Dimension, number: Type) -> Type {
    if dimension == Dimension::NONE { number } else { Type::Quantity(dimension) }
}

fn product(left: &Type, right: &Type) -> Type {
    match (left, right) {
        (Type::Int, Type::Int) => Type::Int,
        (Type::Ratio, Type::Ratio) => Type::Ratio,
        _ => Type::Decimal,
    }
}

fn quotient(left: &Type, right: &Type) -> Type {
    match (left, right) {
        (Type::Ratio, Type::Int | Type::Decimal) => Type::Ratio,
        _ => Type::Decimal,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ArithmeticOp::{Add, Divide, Multiply, Subtract};
    use proptest::prelude::*;

    fn quantity_type(time: i8, data: i8) -> Type {
        let dimension = Dimension { time, data };
        if dimension == Dimension::NONE { Type::Decimal } else { Type::Quantity(dimension) }
    }

    proptest! {
        #[test]
        fn products_of_dimensions_commute_and_quotients_undo_them(
            a in (-9i8..9, -9i8..9), b in (-9i8..9, -9i8..9), c in (-9i8..9, -9i8..9),
        ) {
            let [a, b, c] = [a, b, c].map(|(t, d)| quantity_type(t, d));
            let ab = result(Multiply, &a, &b).unwrap();
            prop_assert_eq!(result(Multiply, &b, &a), Some(ab.clone()));
            prop_assert_eq!(result(Divide, &ab, &b), Some(a.clone()));
            let left = result(Multiply, &ab, &c);
            let right = result(Multiply, &a, &result(Multiply, &b, &c).unwrap());
            prop_assert_eq!(left, right);
        }

        #[test]
        fn only_like_is_added_to_like(a in (-9i8..9, -9i8..9), b in (-9i8..9, -9i8..9)) {
            let same = a == b;
            let [a, b] = [a, b].map(|(t, d)| quantity_type(t, d));
            for op in [Add, Subtract] {
                prop_assert_eq!(result(op, &a, &b).is_some(), same);
            }
        }

        #[test]
        fn a_number_scales_and_changes_no_dimension(a in (-9i8..9, -9i8..9)) {
            let a = quantity_type(a.0, a.1);
            for number in [Type::Int, Type::Decimal, Type::Ratio] {
                prop_assert_eq!(result(Multiply, &a, &number), Some(a.clone()));
                prop_assert_eq!(result(Divide, &a, &number), Some(a.clone()));
            }
        }
    }

    #[test]
    fn exponents_that_leave_their_range_mean_nothing() {
        let far = quantity_type(127, 0);
        assert_eq!(result(Multiply, &far, &Type::DURATION), None);
    }

    #[test]
    fn instants_and_durations() {
        let (i, d) = (Type::Instant, Type::DURATION);
        assert_eq!(result(Subtract, &i, &i), Some(d.clone()));
        assert_eq!(result(Add, &i, &i), None);
        assert_eq!(result(Add, &i, &d), Some(i.clone()));
        assert_eq!(result(Add, &d, &i), Some(i.clone()));
        assert_eq!(result(Subtract, &d, &i), None);
        assert_eq!(result(Divide, &d, &d), Some(Type::Decimal));
        assert_eq!(result(Multiply, &i, &Type::Int), None);
    }

    #[test]
    fn numbers_widen() {
        let (int, decimal, ratio) = (Type::Int, Type::Decimal, Type::Ratio);
        assert_eq!(result(Add, &int, &int), Some(int.clone()));
        assert_eq!(result(Divide, &int, &int), Some(decimal.clone()));
        assert_eq!(result(Subtract, &int, &ratio), Some(ratio.clone()));
        assert_eq!(result(Multiply, &int, &ratio), Some(decimal.clone()));
        assert_eq!(result(Multiply, &ratio, &ratio), Some(ratio.clone()));
        assert_eq!(result(Divide, &ratio, &int), Some(ratio));
        assert_eq!(result(Divide, &Type::Ratio, &Type::Ratio), Some(decimal));
    }
}
