//! What stands behind a column: from a field of a row back to the expression that made it.

use super::words::{bare, field_name};
use crate::model::{Expr, ExprKind, GateDefinition, LocalId, Policy, Stage};
use crate::source::Span;
use std::collections::{BTreeMap, HashMap};

/// Steps that are followed. Longer chains are left alone.
const MAX_STEPS: usize = 64;

/// What a bound name is.
#[derive(Debug, Clone, Copy)]
enum Bound<'p> {
    /// An element of this list.
    Element(&'p Expr),
    /// This value.
    Value(&'p Expr),
}

/// The names bound in a policy and in one gate.
#[derive(Debug)]
pub(super) struct Bindings<'p> {
    policy: &'p Policy,
    bound: HashMap<LocalId, Bound<'p>>,
}

impl<'p> Bindings<'p> {
    /// Of all lets and defs of the policy, and of these expressions of a gate.
    pub(super) fn new(policy: &'p Policy, gate: &'p GateDefinition, exprs: &[&'p Expr]) -> Self {
        let mut this = Self { policy, bound: HashMap::new() };
        let bodies = policy.lets.iter().map(|l| &l.value).chain(policy.defs.iter().map(|d| &d.body));
        for expr in bodies.chain(exprs.iter().copied()) {
            expr.visit(&mut |e| this.note(e));
        }
        if let Some(scope) = &gate.scope {
            this.bound.insert(scope.row, Bound::Element(&scope.list));
            this.bound.insert(gate.rows, Bound::Value(&scope.list));
        }
        this
    }

    fn note(&mut self, expr: &'p Expr) {
        match &*expr.kind {
            ExprKind::Pipeline { source, row, stages, .. } => {
                self.bound.insert(*row, Bound::Element(source));
                for stage in stages {
                    match stage {
                        Stage::Bind { local, value } => self.bound.insert(*local, Bound::Value(value)),
                        Stage::Join(join) => self.bound.insert(join.local, Bound::Element(&join.source)),
                        _ => None,
                    };
                }
            }
            ExprKind::Quantified { item, source: list, .. }
            | ExprKind::Project { item, list, .. }
            | ExprKind::ReshapeEach { item, base: list, .. } => {
                self.bound.insert(*item, Bound::Element(list));
            }
            _ => {}
        }
    }

    /// The expression that a field of a row was made by; nothing where it is read from evidence,
    /// or cannot be followed.
    pub(super) fn behind(&self, expr: &'p Expr) -> Option<&'p Expr> {
        match &*bare(expr).kind {
            ExprKind::Field { base, index } => match &*self.record(base, MAX_STEPS)?.kind {
                ExprKind::Record(fields) => fields.get(*index),
                _ => None,
            },
            _ => None,
        }
    }

    /// The columns that expressions read and that are made somewhere, by name and place: what each
    /// is made of. A column that only passes another one on is left out.
    pub(super) fn columns(&self, exprs: &[&'p Expr]) -> Vec<(String, &'p Expr)> {
        let mut found: BTreeMap<(String, Span), &'p Expr> = BTreeMap::new();
        for expr in exprs {
            expr.visit(&mut |e| {
                if let ExprKind::Field { base, index } = &*e.kind
                    && let (Some(name), Some(made)) = (field_name(base, *index), self.behind(e))
                {
                    found.insert((name, made.span), made);
                }
            });
        }
        found.into_iter().map(|((name, _), made)| (name, made)).collect()
    }

    /// The record that an expression is, if one is written somewhere.
    fn record(&self, expr: &'p Expr, steps: usize) -> Option<&'p Expr> {
        let steps = steps.checked_sub(1)?;
        let expr = bare(expr);
        match &*expr.kind {
            ExprKind::Record(_) => Some(expr),
            ExprKind::Local(local) => match self.bound.get(local)? {
                Bound::Value(value) => self.record(value, steps),
                Bound::Element(list) => self.element(list, steps),
            },
            _ => None,
        }
    }

    /// The record that the elements of a list are.
    fn element(&self, list: &'p Expr, steps: usize) -> Option<&'p Expr> {
        let steps = steps.checked_sub(1)?;
        match &*list.kind {
            ExprKind::Let(id) => self.element(&self.policy.lets.get(id.index())?.value, steps),
            ExprKind::Narrowed { value: list, .. } | ExprKind::Coalesce(list, _) => self.element(list, steps),
            ExprKind::Local(local) => match self.bound.get(local)? {
                Bound::Value(list) => self.element(list, steps),
                Bound::Element(_) => None,
            },
            ExprKind::Pipeline { result, .. } => match self.bound.get(result)? {
                Bound::Value(value) => self.record(value, steps),
                Bound::Element(source) => self.element(source, steps),
            },
            _ => None,
        }
    }
}
