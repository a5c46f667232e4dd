//! Forms: calls that are expressions of their own. Which one it is follows from what its
//! parameters take: a gate, an enum, or a value and a type.

use super::{Expect, literal, node, unknown};
use crate::check::checker::{Checker, Node};
use crate::check::diagnostics::{calls, names as say, types};
use crate::check::scope::Scope;
use crate::data::{EnumValue, Type, Value};
use crate::diag::did_you_mean;
use crate::model::{Expr, ExprKind, GateId, Judge};
use crate::registry::{ParameterKind, Signature};
use crate::source::Span;
use crate::syntax::tree;
use std::sync::Arc;

impl Checker<'_> {
    pub(super) fn form(
        &mut self,
        scope: &Scope,
        signature: &Signature,
        name: &tree::Name,
        arguments: &[tree::Expr],
        span: Span,
    ) -> Expr {
        let kinds: Vec<&ParameterKind> = signature.parameters.iter().map(|p| &p.kind).collect();
        if kinds.len() != arguments.len() {
            let notation = format!("{}{signature}", name.text);
            let due = kinds.len().to_string();
            self.report(calls::argument_count(&name.text, &due, arguments.len(), span, &notation));
            return unknown(span);
        }
        match (kinds.as_slice(), arguments) {
            ([ParameterKind::Gate], [gate]) => self.result(scope, gate, span),
            ([ParameterKind::Enum(_)], [e]) => self.members(e, span),
            (
                [ParameterKind::Value(_), kind @ (ParameterKind::Type(_) | ParameterKind::Contract(_))],
                [subject, ty],
            ) => {
                let by = if matches!(kind, ParameterKind::Type(_)) { Judge::Shape } else { Judge::Schema };
                let mut inner = scope.clone();
                inner.sample = None;
                let subject = self.expr(&inner, subject, Expect::Free);
                let Some(type_expr) = self.named_argument(ty) else { return unknown(span) };
                let (shape, asked) = self.asked_type(&type_expr);
                if subject.ty.is_unknown() || asked.is_unknown() {
                    return unknown(span);
                }
                if !matches!(subject.ty.present(), Type::Json | Type::String) {
                    let (words, asked) = (self.words(subject.span), self.words(ty.span));
                    self.report(types::is_known(&words, &subject.ty, subject.span, &asked, ty.span));
                    return unknown(span);
                }
                if by == Judge::Schema && self.paired_schema(&shape).is_none() {
                    let words = self.words(ty.span);
                    let declared = self.declared.type_span(&words);
                    self.report(calls::no_schema(&words, ty.span, declared));
                    return unknown(span);
                }
                let kind = ExprKind::Faults { subject, shape: Arc::new(shape), by };
                node(kind, Type::list(Type::String), span)
            }
            _ => unknown(span),
        }
    }

    /// `result(g)`: the result of another gate, typed by it.
    fn result(&mut self, scope: &Scope, gate: &tree::Expr, span: Span) -> Expr {
        let Some(text) = dotted_words(gate) else {
            self.report(say::gate_due(gate.span));
            return unknown(span);
        };
        let id = GateId::new(&text);
        if !self.declared.gates.contains_key(&id) {
            if !self.declared.broken.contains(&text) {
                let near = did_you_mean(&text, self.declared.gates.keys().map(GateId::as_str)).map(str::to_owned);
                self.report(say::unknown_gate(&text, gate.span, near.as_deref()));
            }
            return unknown(span);
        }
        let reads = Node::Gate(id.clone());
        self.note_read(reads.clone(), gate.span);
        let ty = self.gate_result_type(&id, gate.span);
        if !self.may_read(scope, &reads, gate.span) || ty.is_unknown() {
            return unknown(span);
        }
        let result = node(ExprKind::Result(id), ty, span);
        self.narrowed(scope, result)
    }

    /// `members(E)`: its words in order, as a constant.
    fn members(&mut self, argument: &tree::Expr, span: Span) -> Expr {
        let found = self.type_argument(argument);
        match &found.ty {
            Type::Enum(e) => {
                let words = (0..).zip(&e.members).map(|(member, _)| Value::Enum(EnumValue { member, word: None }));
                let words: Vec<Value> = words.collect();
                literal(Value::list(words), Type::list(found.ty.clone()), span)
            }
            Type::Unknown => unknown(span),
            ty => {
                let words = self.words(argument.span);
                self.report(calls::enum_due(&words, ty, argument.span));
                unknown(span)
            }
        }
    }

    /// A type named as an argument: its type, without a value.
    pub(super) fn type_argument(&mut self, argument: &tree::Expr) -> Expr {
        let Some(ty) = self.named_argument(argument) else { return unknown(argument.span) };
        let (_, ty) = self.type_expr(&ty);
        literal(Value::Missing, ty, argument.span)
    }

    fn named_argument(&mut self, argument: &tree::Expr) -> Option<tree::TypeExpr> {
        match &*argument.kind {
            tree::ExprKind::Name(name) => Some(tree::TypeExpr {
                kind: tree::TypeExprKind::Named {
                    name: tree::Name { text: name.clone(), span: argument.span },
                    encoding: Vec::new(),
                },
                span: argument.span,
                optional: false,
            }),
            tree::ExprKind::Broken => None,
            _ => {
                let words = self.words(argument.span);
                self.report(calls::type_due(&words, argument.span));
                None
            }
        }
    }
}

/// A dotted name.
fn dotted_words(expr: &tree::Expr) -> Option<String> {
    match &*expr.kind {
        tree::ExprKind::Name(name) => Some(name.clone()),
        tree::ExprKind::Field { base, name } => Some(format!("{}.{}", dotted_words(base)?, name.text)),
        _ => None,
    }
}
