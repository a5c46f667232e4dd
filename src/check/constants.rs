//! Folds constant expressions: literals, params, arithmetic on them, functions of them.
//!
//! Exact and total: what cannot be folded is `None`. The evaluator proper is another layer; this
//! knows only what limits, defaults and sentinels need.

use super::checker::{Checker, Memo, Node};
use super::diagnostics::types;
use super::scope::{Place, Scope};
use crate::data::{Num, Type, Value};
use crate::model::{ArithmeticOp, Expr, ExprKind, ParamId};
use crate::registry::{Body, CallTypes};
use crate::syntax::tree;
use std::collections::BTreeMap;

impl Checker<'_> {
    /// A constant of this type: the typed expression and its value (params at their default).
    /// `None` after a reported error.
    pub(super) fn constant(&mut self, expr: &tree::Expr, expected: &Type) -> Option<(Expr, Value)> {
        let scope = Scope::top().at(Place::Constant);
        let checked = self.infer_as(&scope, expr, expected);
        if checked.ty.is_unknown() {
            return None;
        }
        match self.fold(&checked) {
            Some(value) => Some((checked, value)),
            None => {
                let words = self.words(expr.span);
                self.report(types::not_constant(&words, expr.span));
                None
            }
        }
    }

    /// The value of a constant expression.
    pub(super) fn fold(&self, expr: &Expr) -> Option<Value> {
        Some(match &*expr.kind {
            ExprKind::Literal(value) => value.clone(),
            ExprKind::Param(id) if self.set.contains_key(id) => self.set.get(id)?.clone(),
            ExprKind::Param(id) => match self.params.get(id.index()) {
                Some(Memo::Done(param)) => self.fold_once(Node::Param(*id), &param.value)?,
                _ => return None,
            },
            ExprKind::Let(id) => match self.lets.get(id.index()) {
                Some(Memo::Done(checked)) => self.fold_once(Node::Let(*id), &checked.value)?,
                _ => return None,
            },
            ExprKind::Narrowed { value, shape: None } => self.fold(value)?,
            ExprKind::Negate(inner) => match self.fold(inner)? {
                Value::Missing => Value::Missing,
                value => Value::Num(value.as_num()?.neg()?),
            },
            ExprKind::Arithmetic { op, left, right } => match (self.fold(left)?, self.fold(right)?) {
                (Value::Missing, _) | (_, Value::Missing) => Value::Missing,
                (a, b) => arithmetic(*op, a.as_num()?, b.as_num()?)?,
            },
            ExprKind::Coalesce(left, right) => match self.fold(left)? {
                Value::Missing => self.fold(right)?,
                value => value,
            },
            ExprKind::List(items) => Value::list(self.fold_all(items)?),
            ExprKind::Record(fields) => Value::record(self.fold_all(fields)?),
            ExprKind::Map(pairs) => {
                let pair = |(k, v): &(Expr, Expr)| Some((self.fold(k)?, self.fold(v)?));
                let mut pairs: Vec<(Value, Value)> = pairs.iter().map(pair).collect::<Option<_>>()?;
                pairs.sort_by(|(a, _), (b, _)| a.order(b));
                let records: Vec<Value> = pairs.into_iter().map(|(k, v)| Value::record(vec![k, v])).collect();
                Value::list(records)
            }
            ExprKind::Field { base, index } => match self.fold(base)? {
                Value::Missing => Value::Missing,
                value => value.as_record()?.fields.get(*index)?.clone(),
            },
            ExprKind::Reshape { base, fields } => match self.fold(base)? {
                Value::Missing => Value::Missing,
                value => {
                    let record = value.as_record()?;
                    let part = |at: &Option<usize>| match at {
                        Some(index) => record.fields.get(*index).cloned(),
                        None => Some(Value::Missing),
                    };
                    Value::record(fields.iter().map(part).collect::<Option<_>>()?)
                }
            },
            ExprKind::Call { function, arguments, lifted, .. } => {
                let Body::Scalar(body) = &function.body else { return None };
                let values = self.fold_all(arguments)?;
                if *lifted && values.iter().zip(arguments).any(|(v, a)| v.is_missing() && a.ty.is_optional()) {
                    return Some(Value::Missing);
                }
                let types: Vec<Type> = arguments.iter().map(|a| a.ty.clone()).collect();
                body(&CallTypes { arguments: &types, result: &expr.ty }, &values).ok()?
            }
            _ => return None,
        })
    }

    /// The value of a declaration, worked out once: declarations that use each other twice would
    /// double the work with each of them.
    fn fold_once(&self, node: Node, value: &Expr) -> Option<Value> {
        if let Some(known) = self.folded.borrow().get(&node) {
            return known.clone();
        }
        let value = self.fold(value);
        self.folded.borrow_mut().insert(node, value.clone());
        value
    }

    /// Says what params are set to from now on; gives what they were set to.
    pub(super) fn set_params(&mut self, set: BTreeMap<ParamId, Value>) -> BTreeMap<ParamId, Value> {
        if set != self.set {
            self.folded.get_mut().clear();
        }
        std::mem::replace(&mut self.set, set)
    }

    fn fold_all(&self, parts: &[Expr]) -> Option<Vec<Value>> {
        parts.iter().map(|p| self.fold(p)).collect()
    }
}

/// Division by zero is missing; what leaves the range of exact numbers is no constant.
fn arithmetic(op: ArithmeticOp, a: Num, b: Num) -> Option<Value> {
    Some(Value::Num(match op {
        ArithmeticOp::Add => a.add(b)?,
        ArithmeticOp::Subtract => a.sub(b)?,
        ArithmeticOp::Multiply => a.mul(b)?,
        ArithmeticOp::Divide if b.is_zero() => return Some(Value::Missing),
        ArithmeticOp::Divide => a.div(b)?,
    }))
}
