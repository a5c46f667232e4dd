//! Aggregates: in a metric of each row of the sample, what their values may be, when they surely
//! have a result.

use super::calls::Call;
use super::comparison::constant_number;
use super::{Expect, node, unknown};
use crate::check::checker::Checker;
use crate::check::diagnostics::{calls, missing};
use crate::check::facts::{Path, Proof};
use crate::check::scope::{Sample, Scope};
use crate::data::Type;
use crate::model::{ArithmeticOp, Expr, ExprKind, LocalId, RowAggregate, Stage};
use crate::registry::{Body, Mismatch, ParameterKind, Pattern};
use crate::syntax::tree;

impl Checker<'_> {
    /// In a metric: an aggregate of a list, or of a value of each row of the sample.
    pub(super) fn aggregate_of_rows(
        &mut self,
        scope: &Scope,
        sample: &Sample,
        call: &Call<'_>,
        before: &[tree::Expr],
        last: &tree::Expr,
    ) -> Expr {
        let span = call.span;
        let mut row = (*sample.row).clone();
        row.facts.extend(scope.facts.iter().cloned());
        let value = self.expr(&row, last, Expect::Free);
        let mut arguments: Vec<Expr> =
            before.iter().map(|b| self.expr(&without_sample(scope), b, Expect::Free)).collect();
        if value.ty.is_unknown() || arguments.iter().any(|a| a.ty.is_unknown()) {
            return unknown(span);
        }
        let row_local = sample.row.row.as_ref().map(|r| r.local);
        if matches!(value.ty.present(), Type::List(_) | Type::Map(..)) {
            if row_local.is_some_and(|local| mentions(&value, local)) {
                let words = self.words(value.span);
                self.report(calls::list_of_each_row(call.function.name, &words, value.span));
                return unknown(span);
            }
            arguments.push(value);
            return self.finish_call(scope, call, arguments);
        }
        let element = match call.signature.parameter(before.len()).map(|p| &p.kind) {
            Some(ParameterKind::Value(Pattern::List(element))) => (**element).clone(),
            _ => Pattern::Exact(Type::Unknown),
        };
        let words = self.words(value.span);
        // Over any values, with a result that is not made of them: it counts, and a count of all
        // rows is not what was meant.
        if anything(&element) && matches!(call.signature.result, Pattern::Exact(_)) {
            self.report(calls::count_of_condition(call.function.name, &words, &value.ty, value.span, Some("rows")));
            return unknown(span);
        }
        let may_miss = matches!(element, Pattern::Optional(_));
        if value.ty.is_optional() && !may_miss && !sample.missing_allowed {
            let way = self.way_out(&row, &value);
            self.report(missing::in_metric(&words, &value.ty, value.span, &way));
            return unknown(span);
        }
        let taken = if may_miss { value.ty.clone() } else { value.ty.present().clone() };
        let mut found: Vec<Type> = arguments.iter().map(|a| a.ty.clone()).collect();
        found.push(Type::list(taken));
        let resolved = match call.function.resolve(&call.signature, &found) {
            Ok(resolved) => resolved,
            Err(Mismatch::Argument { index, expected, .. }) if index == arguments.len() => {
                let notation = format!("{}{}", call.function.name, call.signature);
                let due = expected.strip_prefix("list of ").unwrap_or(&expected);
                let found = value.ty.present();
                self.report(calls::argument(call.function.name, due, &words, found, value.span, &notation));
                return unknown(span);
            }
            Err(mismatch) => {
                arguments.push(Expr { ty: Type::list(value.ty.present().clone()), ..value });
                self.mismatched(scope, call, &arguments, &mismatch);
                return unknown(span);
            }
        };
        let due = resolved.arguments.last().and_then(Type::element);
        let value = match due {
            Some(due) if !value.ty.is_optional() => self.converted(value, &due),
            _ => value,
        };
        let arguments: Vec<Expr> =
            arguments.into_iter().zip(&resolved.arguments).map(|(a, due)| self.argument_as(a, due)).collect();
        if !self.constant_arguments(call, &arguments) || self.aggregates_quotients(call, Some(&value)) {
            return unknown(span);
        }
        let (site, ty) = (self.site(), resolved.result);
        self.row_aggregates.push(RowAggregate {
            site,
            function: call.function.clone(),
            arguments,
            value,
            ty: ty.clone(),
        });
        node(ExprKind::RowAggregate(self.row_aggregates.len() - 1), ty, span)
    }

    /// Sums of quotients have no exact form of bounded size: the quotient of sums has.
    pub(super) fn aggregates_quotients(&mut self, call: &Call<'_>, last: Option<&Expr>) -> bool {
        let Body::Aggregate(_) = call.function.body else { return false };
        let numbers = call.signature.parameters.last().is_some_and(|p| match &p.kind {
            ParameterKind::Value(Pattern::List(element)) => {
                matches!(&**element, Pattern::Variable(v) if v.starts_with('N'))
            }
            _ => false,
        });
        let Some((left, right)) = last.filter(|_| numbers).and_then(quotient) else { return false };
        let (a, b, at) = (self.words(left.span), self.words(right.span), left.span.to(right.span));
        let of_rows = last.is_some_and(|l| l.ty.element().is_none());
        self.report(calls::aggregate_of_quotient(call.function.name, &a, &b, at, of_rows));
        true
    }

    /// Whether the list of an aggregate surely holds something that is there, so that its result
    /// is.
    pub(super) fn never_empty(&mut self, scope: &Scope, call: &Call<'_>, arguments: &[Expr]) -> bool {
        let Body::Aggregate(_) = call.function.body else { return false };
        let Some(list) = arguments.last() else { return false };
        list.ty.element().is_some_and(|e| !e.is_optional()) && self.nonempty(scope, list)
    }

    fn nonempty(&mut self, scope: &Scope, list: &Expr) -> bool {
        match &*list.kind {
            ExprKind::List(items) => !items.is_empty(),
            ExprKind::Map(pairs) => !pairs.is_empty(),
            ExprKind::Literal(value) => value.as_list().is_some_and(|l| !l.is_empty()),
            ExprKind::Project { list, flatten: false, .. } | ExprKind::ReshapeEach { base: list, .. } => {
                self.nonempty(scope, list)
            }
            ExprKind::Pipeline { source, stages, .. } => {
                let keeps = |s: &Stage| !matches!(s, Stage::Where { .. } | Stage::Join(_));
                stages.iter().all(keeps) && self.nonempty(scope, source)
            }
            _ => Path::of(list).is_some_and(|path| self.proved(scope, &path, &Proof::Nonempty)),
        }
    }
}

fn without_sample(scope: &Scope) -> Scope {
    Scope { sample: None, ..scope.clone() }
}

/// Whether a pattern takes elements of any type.
fn anything(pattern: &Pattern) -> bool {
    match pattern {
        Pattern::Optional(inner) => anything(inner),
        Pattern::Variable(name) => !name.starts_with(['O', 'N', 'E', 'R']),
        _ => false,
    }
}

/// Whether an expression reads a local.
fn mentions(expr: &Expr, local: LocalId) -> bool {
    let mut found = false;
    expr.visit(&mut |e| found |= matches!(&*e.kind, ExprKind::Local(l) if *l == local));
    found
}

/// The quotient by something not constant that the values of an aggregate are.
fn quotient(value: &Expr) -> Option<(&Expr, &Expr)> {
    match &*value.kind {
        ExprKind::Arithmetic { op: ArithmeticOp::Divide, left, right } if constant_number(right).is_none() => {
            Some((left, right))
        }
        // What is made of a quotient has its denominator too.
        ExprKind::Arithmetic { left, right, .. } | ExprKind::Coalesce(left, right) => {
            quotient(left).or_else(|| quotient(right))
        }
        ExprKind::If { then, otherwise, .. } => quotient(then).or_else(|| quotient(otherwise)),
        ExprKind::Narrowed { value, .. } | ExprKind::Negate(value) => quotient(value),
        ExprKind::Project { body, .. } => quotient(body),
        ExprKind::Pipeline { stages, result, .. } => stages.iter().find_map(|s| match s {
            Stage::Bind { local, value } if local == result => quotient(value),
            _ => None,
        }),
        _ => None,
    }
}
