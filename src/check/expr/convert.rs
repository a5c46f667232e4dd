//! Conversions: what fits where, and the nodes that make it plain.

use super::{literal, node, unknown};
use crate::check::checker::Checker;
use crate::check::diagnostics::{missing, types, units};
use crate::check::scope::Scope;
use crate::data::{RecordType, Type, Value};
use crate::model::{Expr, ExprKind};
use crate::syntax::tree;
use std::sync::Arc;

impl Checker<'_> {
    /// The expression as a value of this type, or a report.
    pub(super) fn fit(&mut self, scope: &Scope, expr: Expr, due: &Type) -> Expr {
        if expr.ty.is_unknown() || due.is_unknown() {
            return expr;
        }
        if expr.ty.fits(due) && convertible(&expr.ty, due) {
            return self.converted(expr, due);
        }
        let span = expr.span;
        let words = self.words(span);
        if expr.ty.is_optional() && expr.ty.present().fits(due) {
            if matches!(&*expr.kind, ExprKind::Literal(_)) {
                self.report(missing::none_where_due(due, span));
            } else {
                let way = self.way_out(scope, &expr);
                self.report(missing::value_due(&words, &expr.ty, due, span, &way));
            }
            return unknown(span);
        }
        match (expr.ty.dimension(), due.present().dimension()) {
            (Some(found), Some(wanted)) if found != wanted => {
                self.report(units::other_due(&words, &expr.ty, due.present(), span));
            }
            _ => self.report(types::mismatch(&words, &expr.ty, due, span)),
        }
        unknown(span)
    }

    /// As [`Checker::fit`], and the node itself has the type due (for declarations whose type is
    /// their expression's).
    pub(in crate::check) fn infer_as(&mut self, scope: &Scope, expr: &tree::Expr, due: &Type) -> Expr {
        let expr = self.infer(scope, expr, Some(due));
        if expr.ty == *due || expr.ty.is_unknown() || due.is_unknown() {
            return renamed(expr, due);
        }
        let span = expr.span;
        match *expr.kind {
            ExprKind::Literal(value) => literal(value, due.clone(), span),
            kind => {
                let value = node(kind, expr.ty, span);
                node(ExprKind::Narrowed { value, shape: None }, due.clone(), span)
            }
        }
    }

    /// The conversion of a value that fits.
    pub(super) fn converted(&mut self, expr: Expr, due: &Type) -> Expr {
        let span = expr.span;
        if same_layout(&expr.ty, due) {
            return match *expr.kind {
                // Constants take the type on, so that `5` where a ratio is due prints as one.
                ExprKind::Literal(value) if !value.is_missing() => literal(value, due.present().clone(), span),
                ExprKind::List(items) if items.is_empty() => node(ExprKind::List(items), due.present().clone(), span),
                ExprKind::Map(pairs) if pairs.is_empty() => node(ExprKind::Map(pairs), due.present().clone(), span),
                kind => renamed(node(kind, expr.ty, span), due),
            };
        }
        let optional = expr.ty.is_optional();
        let ty = if optional { due.present().clone().optional() } else { due.present().clone() };
        let kind = match (expr.ty.present().clone(), due.present()) {
            (Type::Record(found), Type::Record(wanted)) => match reshaping(&found, wanted) {
                Some(fields) => ExprKind::Reshape { base: expr, fields },
                None => return self.rebuilt(expr, &found, wanted),
            },
            (found @ (Type::List(_) | Type::Map(..)), wanted @ (Type::List(_) | Type::Map(..))) => {
                let (Some(from), Some(to)) = (found.element(), wanted.element()) else { return expr };
                let item = self.local();
                let element = node(ExprKind::Local(item), from, span);
                let body = self.converted(element, &to);
                ExprKind::ReshapeEach { base: expr, item, body }
            }
            _ => return expr,
        };
        node(kind, ty, span)
    }

    /// A record whose fields have to be converted in turn. It is held as the one element of a
    /// list, so that it is computed once.
    fn rebuilt(&mut self, expr: Expr, found: &RecordType, wanted: &Arc<RecordType>) -> Expr {
        let (span, item, from) = (expr.span, self.local(), expr.ty.clone());
        let mut fields = Vec::with_capacity(wanted.fields.len());
        for field in &wanted.fields {
            fields.push(match found.field(&field.name) {
                Some((index, ty)) => {
                    let base = node(ExprKind::Local(item), from.clone(), span);
                    let part = node(ExprKind::Field { base, index }, ty.clone(), span);
                    self.converted(part, &field.ty)
                }
                None => literal(Value::Missing, Type::Never.optional(), span),
            });
        }
        let ty = Type::Record(wanted.clone());
        let body = node(ExprKind::Record(fields), ty.clone(), span);
        let base = node(ExprKind::List(vec![expr]), Type::list(from), span);
        let each = node(ExprKind::ReshapeEach { base, item, body }, Type::list(ty.clone()), span);
        let index = literal(Value::int(0), Type::Int, span);
        let value = node(ExprKind::ListIndex { base: each, index }, ty.clone().optional(), span);
        node(ExprKind::Narrowed { value, shape: None }, ty, span)
    }
}

/// Whether there is a conversion for a type that fits. A record that may be missing is only
/// ever picked from, never rebuilt: its parts could not be told from missing ones.
fn convertible(found: &Type, due: &Type) -> bool {
    if same_layout(found, due) {
        return true;
    }
    match (found.present(), due.present()) {
        (Type::Record(a), Type::Record(b)) => {
            reshaping(a, b).is_some()
                || !found.is_optional()
                    && b.fields.iter().all(|f| a.field(&f.name).is_none_or(|(_, ty)| convertible(ty, &f.ty)))
        }
        (a, b) => match (a.element(), b.element()) {
            (Some(a), Some(b)) => convertible(&a, &b),
            _ => true,
        },
    }
}

/// Where each field of `wanted` stands in `found`, when picking fields is all that is needed.
fn reshaping(found: &RecordType, wanted: &RecordType) -> Option<Vec<Option<usize>>> {
    let place = |field: &crate::data::Field| match found.field(&field.name) {
        Some((index, ty)) if same_layout(ty, &field.ty) => Some(Some(index)),
        Some(_) => None,
        None => Some(None),
    };
    wanted.fields.iter().map(place).collect()
}

/// Whether values of one type are values of the other as they are.
pub(super) fn same_layout(found: &Type, due: &Type) -> bool {
    match (found.present(), due.present()) {
        (Type::Unknown | Type::Never, _) | (_, Type::Unknown) => true,
        (Type::Record(a), Type::Record(b)) => {
            a.fields.len() == b.fields.len()
                && a.fields.iter().zip(&b.fields).all(|(a, b)| a.name == b.name && same_layout(&a.ty, &b.ty))
        }
        (Type::List(a), Type::List(b)) => same_layout(a, b),
        (Type::Map(ka, va), Type::Map(kb, vb)) => same_layout(ka, kb) && same_layout(va, vb),
        (map @ Type::Map(..), Type::List(b)) => map.element().is_some_and(|a| same_layout(&a, b)),
        _ => true,
    }
}

/// Literal records and lists of them take the declared name on.
fn renamed(expr: Expr, due: &Type) -> Expr {
    let nameless = match (&expr.ty, due.present()) {
        (Type::Record(found), Type::Record(due)) => found.name.is_none() && due.name.is_some() && found == due,
        (Type::List(found), Type::List(due)) => match (&**found, &**due) {
            (Type::Record(found), Type::Record(due)) => found.name.is_none() && due.name.is_some() && found == due,
            _ => false,
        },
        _ => false,
    };
    if nameless { Expr { ty: due.present().clone(), ..expr } } else { expr }
}
