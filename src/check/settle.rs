//! The second step of shapes: defaults, sentinels, rules and conditions, once every type is known.

use super::checker::{Checker, Memo};
use super::diagnostics::shapes as say;
use super::records::{FieldDraft, Pending, SettledRecord, Work};
use super::scope::{Place, Scope};
use crate::data::{Type, Value};
use crate::model::{ExprKind, Reading, RecordShape, Refinement, Rule, Shape, ShapeId};
use crate::syntax::tree;
use std::sync::Arc;

/// Characters of a condition that messages repeat.
const SHOWN: usize = 160;

impl Checker<'_> {
    /// Settles all that is left.
    pub(super) fn settle_shapes(&mut self) {
        // Settling may ask for a type with a body of its own; that one settles itself.
        let pending = std::mem::take(&mut self.drafts.pending);
        pending.into_iter().for_each(|p| self.settle(p));
        for i in (0..).take(self.shapes.len()) {
            let id = ShapeId(i);
            let Some(named) = self.shapes.get(id.index()).and_then(Memo::done).cloned() else { continue };
            let mut shape = self.settled_shape(&named.shape);
            if let Some((this, condition)) = self.drafts.conditions.get(&id).cloned() {
                shape = Shape::Refined(Arc::new(Refinement {
                    name: named.name.clone(),
                    base: shape,
                    this,
                    source: self.written(condition.span, SHOWN).into(),
                    condition,
                }));
            }
            self.set_shape(id, Memo::Done(crate::model::NamedShape { shape, ..named }));
        }
    }

    /// Settles one record or condition.
    pub(super) fn settle(&mut self, pending: Pending) {
        match pending.owner.clone() {
            Some(node) => self.within(node, |c| c.settle_inside(pending)),
            None => self.settle_inside(pending),
        }
    }

    fn settle_inside(&mut self, pending: Pending) {
        let this = pending.this;
        match pending.work {
            Work::Record { ty, fields, rules, advice } => {
                let readings = fields.iter().map(|f| self.reading(f)).collect();
                let row = Type::Record(ty);
                let rules = rules.iter().map(|r| self.rule(r, this, &row)).collect();
                let advice = advice.iter().map(|r| self.rule(r, this, &row)).collect();
                self.drafts.records.insert(this, SettledRecord { readings, rules, advice });
            }
            Work::Condition { id, ty, condition } => {
                let scope = Scope::top().at(Place::Rule).with_row(this, ty);
                let (condition, _) = self.condition(&scope, &condition);
                self.drafts.conditions.insert(id, (this, condition));
            }
        }
    }

    fn rule(&mut self, rule: &tree::RuleDecl, this: crate::model::LocalId, row: &Type) -> Rule {
        let scope = Scope::top().at(Place::Rule).with_row(this, row.clone());
        let (condition, _) = self.condition(&scope, &rule.condition);
        let scope = self.scope_of_message(&scope, &rule.condition, &condition);
        let message = rule.message.as_ref().map(|m| self.message(&scope, m));
        let source = self.written(rule.condition.span, SHOWN).into();
        Rule { name: rule.name.text.as_str().into(), span: rule.span, condition, source, message }
    }

    fn reading(&mut self, field: &FieldDraft) -> Reading {
        let mut reading = field.shape.reading.clone();
        if field.shape.ty.is_unknown() {
            return reading;
        }
        reading.default =
            field.default.as_ref().and_then(|d| self.default_value(d, &field.shape.shape, &field.shape.ty));
        let ty = field.shape.ty.present().clone();
        reading.sentinels = field.sentinels.iter().filter_map(|s| self.plain_constant("sentinel", s, &ty)).collect();
        reading
    }

    /// A constant that no profile can change.
    fn plain_constant(&mut self, word: &str, expr: &tree::Expr, ty: &Type) -> Option<Value> {
        let (typed, value) = self.constant(expr, ty)?;
        let mut params = Vec::new();
        typed.visit(&mut |e| {
            if matches!(&*e.kind, ExprKind::Param(_)) {
                params.push(e.span);
            }
        });
        if let Some(span) = params.first() {
            self.report(say::param_in_reading(word, *span));
            return None;
        }
        Some(value)
    }

    /// The value of `default`. A record may leave out what has a default of its own or is `T?`:
    /// it reads as data would.
    fn default_value(&mut self, expr: &tree::Expr, shape: &Shape, ty: &Type) -> Option<Value> {
        match &*expr.kind {
            tree::ExprKind::Parenthesised(inner) => return self.default_value(inner, shape, ty),
            tree::ExprKind::Record { name, fields } => {
                if let Some(record) = self.underlying_record(shape) {
                    if let Some(value) = self.default_record(name.as_ref(), fields, &record, expr) {
                        return value;
                    }
                } else if fields.is_empty() && matches!(ty, Type::Map(..)) {
                    return Some(Value::list(Vec::new()));
                }
            }
            tree::ExprKind::Map(entries) if entries.is_empty() => {
                if let Some(record) = self.underlying_record(shape)
                    && let Some(value) = self.default_record(None, &[], &record, expr)
                {
                    return value;
                }
            }
            _ => {}
        }
        self.plain_constant("default", expr, ty)
    }

    /// `None`: this is for the ordinary rules of record literals.
    fn default_record(
        &mut self,
        name: Option<&tree::Name>,
        written: &[(tree::Name, tree::Expr)],
        record: &RecordShape,
        expr: &tree::Expr,
    ) -> Option<Option<Value>> {
        let known = written.iter().all(|(n, _)| record.ty.field(&n.text).is_some());
        let named = name.is_none_or(|n| record.ty.name.as_deref() == Some(&*n.text));
        if !known || !named || written.len() >= record.fields.len() {
            return None;
        }
        let defaults = self.drafts.records.get(&record.this).map(|s| s.readings.clone()).unwrap_or_default();
        let mut values = Vec::new();
        for (i, field) in record.fields.iter().enumerate() {
            let value = match written.iter().find(|(n, _)| *n.text == *field.name) {
                Some((_, value)) => self.default_value(value, &field.shape, &field.ty),
                None => match defaults.get(i).and_then(|r| r.default.clone()) {
                    Some(value) => Some(value),
                    None if field.ty.is_optional() => Some(Value::Missing),
                    None => {
                        self.report(say::default_lacks_field(&field.name, &field.ty, expr.span, field.span));
                        None
                    }
                },
            };
            let Some(value) = value else { return Some(None) };
            values.push(value);
        }
        Some(Some(Value::record(values)))
    }

    /// The shape with everything that has been settled put in.
    pub(super) fn settled_shape(&self, shape: &Shape) -> Shape {
        match shape {
            Shape::List(inner) => Shape::List(Arc::new(self.settled_shape(inner))),
            Shape::Map(key, value) => {
                Shape::Map(Arc::new(self.settled_shape(key)), Arc::new(self.settled_shape(value)))
            }
            Shape::Optional(inner) => Shape::Optional(Arc::new(self.settled_shape(inner))),
            Shape::Record(record) => {
                let Some(settled) = self.drafts.records.get(&record.this) else { return shape.clone() };
                let mut record = (**record).clone();
                for (field, reading) in record.fields.iter_mut().zip(&settled.readings) {
                    field.shape = self.settled_shape(&field.shape);
                    field.reading = reading.clone();
                }
                record.rules.clone_from(&settled.rules);
                record.advice.clone_from(&settled.advice);
                Shape::Record(Arc::new(record))
            }
            Shape::Bool
            | Shape::Int
            | Shape::Decimal
            | Shape::Ratio { .. }
            | Shape::Duration(_)
            | Shape::Instant(_)
            | Shape::Bytes
            | Shape::Text(_)
            | Shape::Version
            | Shape::Json
            | Shape::Enum(_)
            | Shape::Named(_)
            | Shape::Refined(_) => shape.clone(),
        }
    }
}
