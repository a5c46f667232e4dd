//! Conditions: `and or not implies`, tests, quantifiers and calls as conditions, and what each
//! proves where it holds and where it does not (narrowing).

use super::comparison::negate_if;
use super::{Expect, node, unknown};
use crate::check::checker::Checker;
use crate::check::diagnostics::{missing, types};
use crate::check::facts::{Facts, Path, Proof};
use crate::check::scope::{Place, Scope};
use crate::data::Type;
use crate::model::{Expr, ExprKind};
use crate::registry::Narrows;
use crate::source::Span;
use crate::syntax::tree;
use std::sync::Arc;

/// A condition and what it proves.
pub(super) struct Judged {
    pub(super) expr: Expr,
    /// What holds where it is true.
    pub(super) yes: Facts,
    /// What holds where it is false.
    pub(super) no: Facts,
}

impl Judged {
    pub(super) fn plain(expr: Expr) -> Self {
        Self { expr, yes: Facts::default(), no: Facts::default() }
    }

    /// After a mistake: what the condition would have proved is not known.
    pub(super) fn unknown(span: Span) -> Self {
        Self { expr: unknown(span), yes: Facts::unsure(), no: Facts::unsure() }
    }

    fn negated(self, span: Span) -> Self {
        if self.expr.ty.is_unknown() {
            return Self::unknown(span);
        }
        Self { expr: node(ExprKind::Not(self.expr), Type::Bool, span), yes: self.no, no: self.yes }
    }
}

impl Checker<'_> {
    /// A condition: a `bool` that is surely there.
    pub(super) fn judge(&mut self, scope: &Scope, expr: &tree::Expr) -> Judged {
        use tree::ExprKind as E;
        let span = expr.span;
        match &*expr.kind {
            E::Parenthesised(inner) => self.judge(scope, inner),
            E::Not(inner) => self.judge(scope, inner).negated(span),
            E::Binary { op: tree::BinaryOp::And, left, right, .. } => self.and(scope, left, right, span),
            E::Binary { op: tree::BinaryOp::Or, left, right, .. } => self.or(scope, left, right, span),
            E::Binary { op: tree::BinaryOp::Implies, left, right, .. } => self.implies(scope, left, right, span),
            E::Compare { op, op_span, left, right } => self.compare(scope, *op, *op_span, left, right, span),
            E::In { negated, item, list } => self.membership(scope, *negated, item, list, span),
            E::InRange { negated, item, low, high } => self.range(scope, *negated, item, low, high, span),
            E::Match { glob, text, pattern } => self.matches(scope, *glob, text, pattern, span),
            E::Is { negated, subject, ty } => self.is(scope, *negated, subject, ty, span),
            E::Quantified { quantifier, variable, source, body } => {
                let expr = self.quantified(scope, *quantifier, variable, source, body, span);
                if expr.ty.is_unknown() { Judged::unknown(span) } else { Judged::plain(expr) }
            }
            E::If { condition, then, otherwise } => self.if_condition(scope, condition, then, otherwise, span),
            _ => {
                let value = self.expr(scope, expr, Expect::Hint(&Type::Bool));
                self.as_condition(scope, value)
            }
        }
    }

    /// A value used as a condition.
    fn as_condition(&mut self, scope: &Scope, value: Expr) -> Judged {
        if value.ty.is_unknown() {
            return Judged::unknown(value.span);
        }
        let (words, span) = (self.words(value.span), value.span);
        match &value.ty {
            Type::Bool => {}
            Type::Optional(inner) if **inner == Type::Bool => {
                self.there(scope, &value, "a condition");
                return Judged::unknown(span);
            }
            ty => {
                self.report(types::not_a_condition(&words, ty, span));
                return Judged::unknown(span);
            }
        }
        let yes = self.call_facts(&value);
        Judged { expr: value, yes, no: Facts::default() }
    }

    /// What a function's true result proves of its arguments.
    fn call_facts(&mut self, value: &Expr) -> Facts {
        let ExprKind::Call { function, arguments, .. } = &*value.kind else { return Facts::default() };
        match function.narrows {
            Narrows::Nothing => Facts::default(),
            Narrows::ArgumentsPresent => arguments
                .iter()
                .filter_map(Path::of)
                .fold(Facts::default(), |facts, path| facts.and(Facts::present(&path))),
        }
    }

    fn and(&mut self, scope: &Scope, left: &tree::Expr, right: &tree::Expr, span: Span) -> Judged {
        let left = self.judge(scope, left);
        let right = self.judge(&scope.knowing(&left.yes), right);
        let (a, b) = (left.expr, right.expr);
        let expr = both_known(&a, &b, span, ExprKind::And);
        Judged { expr, yes: left.yes.and(right.yes), no: left.no.common(&right.no) }
    }

    fn or(&mut self, scope: &Scope, left: &tree::Expr, right: &tree::Expr, span: Span) -> Judged {
        let left = self.judge(scope, left);
        let right = self.judge(&scope.knowing(&left.no), right);
        let (a, b) = (left.expr, right.expr);
        let expr = both_known(&a, &b, span, ExprKind::Or);
        Judged { expr, yes: left.yes.common(&right.yes), no: left.no.and(right.no) }
    }

    fn implies(&mut self, scope: &Scope, left: &tree::Expr, right: &tree::Expr, span: Span) -> Judged {
        let left = self.judge(scope, left);
        let right = self.judge(&scope.knowing(&left.yes), right);
        let (a, b) = (left.expr, right.expr);
        let expr = both_known(&a, &b, span, ExprKind::Implies);
        Judged { expr, yes: left.no.common(&right.yes), no: left.yes.and(right.no) }
    }

    fn if_condition(
        &mut self,
        scope: &Scope,
        condition: &tree::Expr,
        then: &tree::Expr,
        otherwise: &tree::Expr,
        span: Span,
    ) -> Judged {
        let condition = self.judge(scope, condition);
        let then = self.judge(&scope.knowing(&condition.yes), then);
        let otherwise = self.judge(&scope.knowing(&condition.no), otherwise);
        if [&condition, &then, &otherwise].iter().any(|j| j.expr.ty.is_unknown()) {
            return Judged::unknown(span);
        }
        let yes = condition.yes.clone().and(then.yes).common(&condition.no.clone().and(otherwise.yes));
        let no = condition.yes.and(then.no).common(&condition.no.and(otherwise.no));
        let kind = ExprKind::If { condition: condition.expr, then: then.expr, otherwise: otherwise.expr };
        Judged { expr: node(kind, Type::Bool, span), yes, no }
    }

    /// `x is T`, `x is not T`
    fn is(&mut self, scope: &Scope, negated: bool, subject: &tree::Expr, ty: &tree::TypeExpr, span: Span) -> Judged {
        let subject = self.expr(scope, subject, Expect::Free);
        if let (Type::Enum(e), tree::TypeExprKind::Named { name, .. }) = (subject.ty.present(), &ty.kind)
            && e.member(&name.text).is_some()
        {
            let words = self.words(subject.span);
            self.report(types::is_word(&words, &name.text, negated, ty.span));
            return Judged::unknown(span);
        }
        let undecoded = *subject.ty.present() == Type::Json;
        let (shape, asked) = if undecoded { self.asked_type(ty) } else { self.type_expr(ty) };
        if subject.ty.is_unknown() || asked.is_unknown() {
            return Judged::unknown(span);
        }
        let words = self.words(subject.span);
        if ty.optional {
            self.report(types::is_optional(&words, ty.span));
            return Judged::unknown(span);
        }
        let refined = !matches!(shape, crate::model::Shape::Text(_));
        let sound = match subject.ty.present() {
            Type::Json => true,
            Type::String => matches!(asked, Type::Enum(_)) || (asked == Type::String && refined),
            _ => false,
        };
        if !sound {
            let asked_words = self.words(ty.span);
            self.report(types::is_known(&words, &subject.ty, subject.span, &asked_words, ty.span));
            return Judged::unknown(span);
        }
        let shape = Arc::new(shape);
        let yes =
            Path::of(&subject).map(|path| Facts::proved(path, Proof::Is(shape.clone(), asked))).unwrap_or_default();
        let test = node(ExprKind::Is { subject, shape }, Type::Bool, span);
        let (yes, no) = if negated { (Facts::default(), yes) } else { (yes, Facts::default()) };
        Judged { expr: negate_if(negated, test, span), yes, no }
    }

    /// The ways out for a value that may be missing, that fit the place.
    pub(super) fn way_out(&self, scope: &Scope, expr: &Expr) -> missing::WayOut {
        let culprit = culprit(expr);
        let path = Path::of(culprit).is_some();
        missing::WayOut {
            culprit: (culprit.span != expr.span).then(|| (self.words(culprit.span), culprit.span)),
            present: path.then(|| self.words(culprit.span)),
            place: match scope.place {
                Place::Each => missing::Where::Each,
                Place::Expect => missing::Where::Expect,
                Place::Stage => missing::Where::Stage,
                Place::Free | Place::Rule | Place::Constant | Place::Cell | Place::Excused => missing::Where::Condition,
            },
            value: self.words(expr.span),
            example: missing::example(expr.ty.present()),
        }
    }
}

/// The part of an expression that makes it missing.
fn culprit(expr: &Expr) -> &Expr {
    let within = match &*expr.kind {
        ExprKind::Arithmetic { left, right, .. } => [left, right].into_iter().find(|e| e.ty.is_optional()),
        ExprKind::Negate(inner) => Some(inner),
        ExprKind::Field { base, .. } | ExprKind::ListIndex { base, .. } | ExprKind::MapLookup { base, .. } => {
            Some(base).filter(|b| b.ty.is_optional())
        }
        ExprKind::Call { arguments, lifted: true, .. } => arguments.iter().find(|a| a.ty.is_optional()),
        ExprKind::CallDef { arguments, .. } => arguments.iter().find(|a| a.ty.is_optional()),
        _ => None,
    };
    within.map_or(expr, culprit)
}

fn both_known(a: &Expr, b: &Expr, span: Span, kind: impl FnOnce(Expr, Expr) -> ExprKind) -> Expr {
    if a.ty.is_unknown() || b.ty.is_unknown() {
        return unknown(span);
    }
    node(kind(a.clone(), b.clone()), Type::Bool, span)
}
