//! Records: `{ a = 1 }`, and `R { a = 1 }` of a declared type.

use super::{Expect, literal, node, unknown};
use crate::check::checker::Checker;
use crate::check::diagnostics::{names, types};
use crate::check::scope::Scope;
use crate::data::{Field, RecordType, Type, Value};
use crate::diag::did_you_mean;
use crate::model::{Expr, ExprKind};
use crate::source::Span;
use crate::syntax::tree;
use std::sync::Arc;

type Fields = [(tree::Name, tree::Expr)];

impl Checker<'_> {
    /// `R { a = 1 }`
    pub(super) fn construct(&mut self, scope: &Scope, name: &tree::Name, fields: &Fields, span: Span) -> Expr {
        let ty = match self.named_type(name) {
            Some((_, Type::Record(record))) => record,
            Some((_, Type::Unknown)) => return self.only_inside(scope, fields, span),
            Some((_, ty)) => {
                self.report(types::not_a_record(&name.text, &ty, name.span));
                return self.only_inside(scope, fields, span);
            }
            None => {
                if !self.declared.broken.contains(&name.text) {
                    let records = self.declared.shapes.iter().map(|s| &*s.name);
                    let near = did_you_mean(&name.text, records).map(str::to_owned);
                    self.report(names::unknown_record(&name.text, name.span, near.as_deref()));
                }
                return self.only_inside(scope, fields, span);
            }
        };
        self.record_of(scope, &ty, fields, span, true)
    }

    /// `{ a = 1 }`
    pub(super) fn record(&mut self, scope: &Scope, fields: &Fields, span: Span, expect: Expect<'_>) -> Expr {
        match (expect, expect.ty().map(Type::present)) {
            (Expect::Due(_), Some(Type::Record(record))) => {
                let record = record.clone();
                return self.record_of(scope, &record, fields, span, false);
            }
            // `{}` where a map is due has no other reading.
            (_, Some(Type::Map(k, v))) if fields.is_empty() => {
                return node(ExprKind::Map(Vec::new()), Type::Map(k.clone(), v.clone()), span);
            }
            _ => {}
        }
        let hint = match expect.ty().map(Type::present) {
            Some(Type::Record(record)) => Some(record.clone()),
            _ => None,
        };
        if !self.each_once(fields) {
            return self.only_inside(scope, fields, span);
        }
        let mut values = Vec::with_capacity(fields.len());
        for (name, value) in fields {
            let due = hint.as_ref().and_then(|r| r.field(&name.text)).map(|(_, ty)| ty.clone());
            values.push(self.expr(scope, value, due.as_ref().map_or(Expect::Free, Expect::Hint)));
        }
        let field = |((name, _), value): (&(tree::Name, tree::Expr), &Expr)| Field {
            name: name.text.as_str().into(),
            ty: value.ty.clone(),
        };
        let record = RecordType { name: None, fields: fields.iter().zip(&values).map(field).collect() };
        node(ExprKind::Record(values), Type::Record(Arc::new(record)), span)
    }

    /// A record whose type is known: in its order, what may be missing left out.
    fn record_of(&mut self, scope: &Scope, record: &Arc<RecordType>, fields: &Fields, span: Span, named: bool) -> Expr {
        if !self.each_once(fields) {
            return self.only_inside(scope, fields, span);
        }
        let ty = Type::Record(record.clone());
        let mut values: Vec<Option<Expr>> = vec![None; record.fields.len()];
        let mut fine = true;
        for (name, value) in fields {
            match record.field(&name.text) {
                Some((index, due)) => {
                    let value = self.expr(scope, value, Expect::Due(due));
                    if let Some(slot) = values.get_mut(index) {
                        *slot = Some(value);
                    }
                }
                None => {
                    let near = did_you_mean(&name.text, record.fields.iter().map(|f| &*f.name));
                    self.report(names::unknown_field(&name.text, name.span, &ty, near));
                    self.expr(scope, value, Expect::Free);
                    fine = false;
                }
            }
        }
        let absent: Vec<&str> = record
            .fields
            .iter()
            .zip(&values)
            .filter(|(f, v)| v.is_none() && !f.ty.is_optional() && !f.ty.is_unknown())
            .map(|(f, _)| &*f.name)
            .collect();
        // An unknown field is most likely one of the absent ones: that is said already.
        if fine && !absent.is_empty() {
            self.report(types::fields_left_out(&ty, &absent, span, named));
            fine = false;
        }
        if !fine {
            return unknown(span);
        }
        let missing = || literal(Value::Missing, Type::Never.optional(), span);
        node(ExprKind::Record(values.into_iter().map(|v| v.unwrap_or_else(missing)).collect()), ty, span)
    }

    fn each_once(&mut self, fields: &Fields) -> bool {
        for (i, (name, _)) in fields.iter().enumerate() {
            if let Some((first, _)) = fields.iter().take(i).find(|(n, _)| n.text == name.text) {
                self.report(types::field_twice(&name.text, first.span, name.span));
                return false;
            }
        }
        true
    }

    /// After a mistake about the record itself, its values are still checked for their own.
    fn only_inside(&mut self, scope: &Scope, fields: &Fields, span: Span) -> Expr {
        for (_, value) in fields {
            // Enum words would have taken their type from the record.
            if !super::leans_on_expectation(self, scope, value) {
                self.expr(scope, value, Expect::Free);
            }
        }
        unknown(span)
    }
}
