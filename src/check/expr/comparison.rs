//! Comparisons: `== != < <= > >=`, `in` a list, a map's keys or a range. Never of a value that may
//! be missing, never between kinds.

use super::logic::Judged;
use super::{Expect, leans_on_expectation, node, unknown};
use crate::check::checker::Checker;
use crate::check::diagnostics::{lists, missing, types, units};
use crate::check::facts::{Facts, Path, Proof};
use crate::check::scope::Scope;
use crate::data::{Num, Type, Value};
use crate::model::{CompareOp, Expr, ExprKind};
use crate::source::Span;
use crate::syntax::tree;

impl Checker<'_> {
    /// Two expressions of one kind, each with a hint from the other where it needs one.
    fn both(&mut self, scope: &Scope, left: &tree::Expr, right: &tree::Expr) -> (Expr, Expr) {
        // Who says its own type goes first.
        let turned = leans_on_expectation(self, scope, left) && !leans_on_expectation(self, scope, right);
        let (first, second) = if turned { (right, left) } else { (left, right) };
        let first = self.expr(scope, first, Expect::Free);
        let hint = first.ty.clone();
        let unsaid = matches!(hint, Type::Unknown | Type::Never) || hint == Type::Never.optional();
        let second = match (unsaid, first.ty.is_unknown()) {
            // After a mistake on one side, words on the other cannot be judged.
            (_, true) if leans_on_expectation(self, scope, second) => unknown(second.span),
            (true, _) => self.expr(scope, second, Expect::Free),
            _ => self.expr(scope, second, Expect::Hint(&hint)),
        };
        if turned { (second, first) } else { (first, second) }
    }

    /// `a == b` and so on.
    pub(super) fn compare(
        &mut self,
        scope: &Scope,
        op: tree::CompareOp,
        op_span: Span,
        left: &tree::Expr,
        right: &tree::Expr,
        span: Span,
    ) -> Judged {
        let (left, right) = self.both(scope, left, right);
        let op = model_op(op);
        if left.ty.is_unknown() || right.ty.is_unknown() {
            return Judged::unknown(span);
        }
        if self.compared_with_none(op, op_span, &left, &right) {
            return Judged::unknown(span);
        }
        if !self.there(scope, &left, "a comparison") || !self.there(scope, &right, "a comparison") {
            return Judged::unknown(span);
        }
        let equality = matches!(op, CompareOp::Equal | CompareOp::NotEqual);
        let Some(joined) = self.comparable(equality, op.sign(), op_span, &left, &right) else {
            return Judged::unknown(span);
        };
        let left = self.converted(left, &joined);
        let right = self.converted(right, &joined);
        let (yes, no) = nonzero(op, &left, &right);
        let expr = node(ExprKind::Compare { op, left, right }, Type::Bool, span);
        Judged { expr, yes, no }
    }

    /// The type in which two sides are compared, or a report.
    fn comparable(&mut self, equality: bool, sign: &str, op_span: Span, left: &Expr, right: &Expr) -> Option<Type> {
        let (a, b) = (self.words(left.span), self.words(right.span));
        let sides = (
            units::Operand { words: &a, ty: &left.ty, span: left.span },
            units::Operand { words: &b, ty: &right.ty, span: right.span },
        );
        if let (Some(da), Some(db)) = (left.ty.dimension(), right.ty.dimension()) {
            if da != db {
                self.report(units::no_comparison(sign, op_span, sides.0, sides.1));
                return None;
            }
            if let Some(count_is_left) = share_and_count(left, right) {
                let (count, share) = if count_is_left { (sides.0, sides.1) } else { (sides.1, sides.0) };
                let figure = constant_number(if count_is_left { left } else { right });
                self.report(units::ratio_and_count(op_span, share, count, figure));
                return None;
            }
        }
        let joined = left.ty.join(&right.ty);
        let deaf = |ty: &Type| matches!(ty, Type::Json);
        if deaf(&left.ty) || deaf(&right.ty) {
            let side = if deaf(&left.ty) { sides.0 } else { sides.1 };
            self.report(types::json_compared(side.words, side.span));
            return None;
        }
        let Some(joined) = joined else {
            self.report(types::unlike_compared(sign, op_span, sides.0, sides.1));
            return None;
        };
        if !equality && !joined.is_ordered() {
            self.report(types::not_ordered(sign, op_span, sides.0, sides.1));
            return None;
        }
        Some(joined)
    }

    /// `x == none`: there is a word for that.
    fn compared_with_none(&mut self, op: CompareOp, op_span: Span, left: &Expr, right: &Expr) -> bool {
        let none = |e: &Expr| matches!(&*e.kind, ExprKind::Literal(Value::Missing));
        let subject = match (none(left), none(right)) {
            (false, true) => left,
            (true, false) => right,
            _ => return false,
        };
        let words = self.words(subject.span);
        let absent = op == CompareOp::Equal;
        self.report(missing::compared_with_none(&words, absent, op_span, left.span.to(right.span)));
        true
    }

    /// `x in xs`, `k in map`
    pub(super) fn membership(
        &mut self,
        scope: &Scope,
        negated: bool,
        item: &tree::Expr,
        list: &tree::Expr,
        span: Span,
    ) -> Judged {
        if self.in_one_word(scope, item, list) {
            return Judged::unknown(span);
        }
        // The side that says its own type goes first, as in `==`.
        let turned = leans_on_expectation(self, scope, item) && !leans_on_expectation(self, scope, list);
        let (item, list) = if turned {
            let list = self.expr(scope, list, Expect::Free);
            let element = key_or_element(&list.ty);
            let item = match &element {
                Some(ty) if !matches!(ty, Type::Never) => self.expr(scope, item, Expect::Hint(ty)),
                _ if list.ty.is_unknown() => unknown(item.span),
                _ => self.expr(scope, item, Expect::Free),
            };
            (item, list)
        } else {
            let item = self.expr(scope, item, Expect::Free);
            let due = Type::list(item.ty.present().clone());
            let list = match item.ty.is_unknown() {
                true if leans_on_expectation(self, scope, list) => unknown(list.span),
                true => self.expr(scope, list, Expect::Free),
                false => self.expr(scope, list, Expect::Hint(&due)),
            };
            (item, list)
        };
        if item.ty.is_unknown() || list.ty.is_unknown() {
            return Judged::unknown(span);
        }
        if matches!(list.ty.present(), Type::String) {
            let (a, b) = (self.words(item.span), self.words(list.span));
            self.report(lists::in_text(&a, &b, list.span));
            return Judged::unknown(span);
        }
        if list.ty.element().is_none() && !list.ty.is_optional() {
            let (a, b) = (self.words(item.span), self.words(list.span));
            self.report(lists::in_single(&a, &b, &list.ty, list.span));
            return Judged::unknown(span);
        }
        let list = self.listed(&list);
        let Some(element) = key_or_element(&list.ty) else { return Judged::unknown(span) };
        if !self.there(scope, &item, "`in`") {
            return Judged::unknown(span);
        }
        let keys = matches!(list.ty, Type::Map(..));
        let Some(joined) = item.ty.join(&element) else {
            let (a, b) = (self.words(item.span), self.words(list.span));
            self.report(lists::never_in((&a, &item.ty, item.span), (&b, &list.ty, list.span)));
            return Judged::unknown(span);
        };
        if matches!(joined.present(), Type::Json) {
            let words = self.words(item.span);
            self.report(types::json_compared(&words, item.span));
            return Judged::unknown(span);
        }
        let item = self.converted(item, joined.present());
        let list = if keys { list } else { self.converted(list, &Type::list(joined.clone())) };
        let inside = node(ExprKind::In { item, list, keys }, Type::Bool, span);
        Judged::plain(negate_if(negated, inside, span))
    }

    /// `status in pass`: one word of an enum is no list of them.
    fn in_one_word(&mut self, scope: &Scope, item: &tree::Expr, list: &tree::Expr) -> bool {
        let tree::ExprKind::Name(word) = &*list.kind else { return false };
        if self.means_something(scope, word) || leans_on_expectation(self, scope, item) {
            return false;
        }
        let owned = self.declared.enums.values().any(|e| e.tree.members.iter().any(|m| m.name.text == *word));
        if owned {
            let (a, b) = (self.words(item.span), self.words(list.span));
            self.report(lists::in_one_word(&a, &b, list.span));
        }
        owned
    }

    /// `x in low..high`
    pub(super) fn range(
        &mut self,
        scope: &Scope,
        negated: bool,
        item: &tree::Expr,
        low: &tree::Expr,
        high: &tree::Expr,
        span: Span,
    ) -> Judged {
        let item = self.expr(scope, item, Expect::Free);
        let hint = item.ty.clone();
        let expect = if item.ty.is_unknown() { Expect::Free } else { Expect::Hint(&hint) };
        let low = self.expr(scope, low, expect);
        let high = self.expr(scope, high, expect);
        if [&item, &low, &high].iter().any(|e| e.ty.is_unknown()) {
            return Judged::unknown(span);
        }
        if ![&item, &low, &high].iter().all(|e| self.there(scope, e, "`in`")) {
            return Judged::unknown(span);
        }
        let at = low.span.to(high.span);
        let sound = self.comparable(false, "in", at, &item, &low).is_some()
            && self.comparable(false, "in", at, &item, &high).is_some();
        if !sound {
            return Judged::unknown(span);
        }
        if let (Some(a), Some(b)) = (constant_number(&low), constant_number(&high))
            && a > b
        {
            let (a, b) = (self.words(low.span), self.words(high.span));
            self.report(lists::empty_range(&a, &b, at));
            return Judged::unknown(span);
        }
        let inside = node(ExprKind::InRange { item, low, high }, Type::Bool, span);
        Judged::plain(negate_if(negated, inside, span))
    }

    /// Whether a value is surely there where a decision needs it; else a report.
    pub(super) fn there(&mut self, scope: &Scope, expr: &Expr, decision: &str) -> bool {
        if !expr.ty.is_optional() {
            return true;
        }
        let words = self.words(expr.span);
        let way = self.way_out(scope, expr);
        let about = way.culprit.as_ref().map_or(&words, |(culprit, _)| culprit).clone();
        self.report_once("missing", &about, missing::in_decision(&words, &expr.ty, decision, expr.span, &way));
        false
    }
}

/// What a true and a false comparison prove about zero.
fn nonzero(op: CompareOp, left: &Expr, right: &Expr) -> (Facts, Facts) {
    let (path, constant, op) = match (Path::of(left), constant_number(right), Path::of(right), constant_number(left)) {
        (Some(path), Some(n), _, _) => (path, n, op),
        (_, _, Some(path), Some(n)) => (path, n, mirrored(op)),
        _ => return Default::default(),
    };
    let zero = Num::ZERO;
    // The set that satisfies the sign leaves zero out.
    let proves = |op: CompareOp| !op.holds(zero.cmp(&constant));
    let facts = |holds: bool| {
        if holds { Facts::proved(path.clone(), Proof::Nonzero) } else { Facts::default() }
    };
    (facts(proves(op)), facts(proves(opposite(op))))
}

fn mirrored(op: CompareOp) -> CompareOp {
    match op {
        CompareOp::AtMost => CompareOp::AtLeast,
        CompareOp::AtLeast => CompareOp::AtMost,
        CompareOp::Less => CompareOp::Greater,
        CompareOp::Greater => CompareOp::Less,
        same => same,
    }
}

fn opposite(op: CompareOp) -> CompareOp {
    match op {
        CompareOp::Equal => CompareOp::NotEqual,
        CompareOp::NotEqual => CompareOp::Equal,
        CompareOp::AtMost => CompareOp::Greater,
        CompareOp::AtLeast => CompareOp::Less,
        CompareOp::Less => CompareOp::AtLeast,
        CompareOp::Greater => CompareOp::AtMost,
    }
}

/// A share compared with a count: whether the left side is the count. 0 and 1 mean the same for
/// both; so does a fraction up to 1.
fn share_and_count(left: &Expr, right: &Expr) -> Option<bool> {
    let counts = |e: &Expr| match (&e.ty, constant_number(e)) {
        (Type::Int | Type::Decimal, Some(n)) => n > Num::ONE || n.is_negative(),
        (Type::Int, None) => true,
        _ => false,
    };
    match (&left.ty, &right.ty) {
        (Type::Ratio, _) if counts(right) => Some(false),
        (_, Type::Ratio) if counts(left) => Some(true),
        _ => None,
    }
}

pub(super) fn constant_number(expr: &Expr) -> Option<Num> {
    match &*expr.kind {
        ExprKind::Literal(value) => value.as_num(),
        _ => None,
    }
}

fn key_or_element(ty: &Type) -> Option<Type> {
    match ty {
        Type::Map(key, _) => Some((**key).clone()),
        Type::List(element) => Some((**element).clone()),
        _ => None,
    }
}

/// `not x` where it was written inside the operator.
pub(super) fn negate_if(negated: bool, expr: Expr, span: Span) -> Expr {
    if negated { node(ExprKind::Not(expr), Type::Bool, span) } else { expr }
}

pub(in crate::check) fn model_op(op: tree::CompareOp) -> CompareOp {
    match op {
        tree::CompareOp::Equal => CompareOp::Equal,
        tree::CompareOp::NotEqual => CompareOp::NotEqual,
        tree::CompareOp::AtMost => CompareOp::AtMost,
        tree::CompareOp::AtLeast => CompareOp::AtLeast,
        tree::CompareOp::Less => CompareOp::Less,
        tree::CompareOp::Greater => CompareOp::Greater,
    }
}
