//! What an artifact may write: every value of a document has one form in JSON.

use super::checker::Checker;
use super::diagnostics::{artifacts as say, missing};
use super::expr::{literal, node, unknown};
use crate::data::{Json, JsonKind, Type, Value, print};
use crate::model::{Expr, ExprKind, Stage};
use crate::registry::{Body, Function, Narrows};
use crate::source::Span;
use std::sync::Arc;

/// Makes of a value what a document writes of it. Only `x ?? null` calls it.
const AS_WRITTEN: Function = Function {
    name: "as_written",
    phrase: "{0} as it is written",
    family: "",
    signature: "(x: any) -> json",
    doc: "The value as a document writes it.",
    examples: &[],
    since: 1,
    typing: None,
    constants: &[],
    definite: None,
    narrows: Narrows::Nothing,
    body: Body::Scalar(|call, arguments| match (call.arguments.first(), arguments.first()) {
        (Some(ty), Some(value)) => Ok(Value::Json(Arc::new(print::document(value, ty)))),
        _ => Ok(Value::Missing),
    }),
};

/// Why a type has no form in JSON.
pub(super) enum Unwritable {
    /// A number would not say its unit.
    Unit(Type),
    /// Elements of a list, or values of a map, may be missing.
    Missing(Type),
    /// Keys of a map with a unit.
    Key(Type),
}

impl Checker<'_> {
    /// `x ?? null`: the value as it is written, else `null`.
    pub(super) fn or_null(&mut self, value: Expr, otherwise: Span, span: Span) -> Expr {
        if value.ty.is_unknown() {
            return unknown(span);
        }
        if !value.ty.is_optional() {
            let words = self.words(value.span);
            self.report(missing::never_missing(&words, value.span, otherwise));
        }
        if !self.check_written(&value) {
            return unknown(span);
        }
        let site = self.site();
        let (ty, at) = (Type::Json, value.span);
        let call = ExprKind::Call { site, function: Arc::new(AS_WRITTEN), arguments: vec![value], lifted: true };
        let written = node(call, ty.clone().optional(), at);
        let null = Value::Json(Arc::new(Json { kind: JsonKind::Null, at: 0 }));
        node(ExprKind::Coalesce(written, literal(null, ty.clone(), otherwise)), ty, span)
    }

    /// Reports each part of a document that cannot be written, at the innermost expression that
    /// makes it; whether there is none.
    pub(super) fn check_written(&mut self, expr: &Expr) -> bool {
        match &*expr.kind {
            ExprKind::Record(parts) | ExprKind::List(parts) if unwritable(&expr.ty).is_some() => {
                let mut fine = true;
                for part in parts {
                    fine &= self.check_written(part);
                }
                if fine {
                    self.refuse(expr);
                }
                false
            }
            ExprKind::Pipeline { stages, result, .. } if unwritable(&expr.ty).is_some() => {
                let made = stages.iter().rev().find_map(|s| match s {
                    Stage::Bind { local, value } if local == result => Some(value),
                    _ => None,
                });
                if made.is_none_or(|made| self.check_written(made)) {
                    self.refuse(expr);
                }
                false
            }
            _ => self.refuse(expr),
        }
    }

    fn refuse(&mut self, expr: &Expr) -> bool {
        let Some((path, why)) = unwritable(&expr.ty) else { return true };
        let words = self.words(expr.span);
        let path = path.join(".");
        let simple = matches!(
            &*expr.kind,
            ExprKind::Field { .. }
                | ExprKind::Local(_)
                | ExprKind::Let(_)
                | ExprKind::Param(_)
                | ExprKind::Call { .. }
                | ExprKind::CallDef { .. }
                | ExprKind::Literal(_)
        );
        self.report(match why {
            Unwritable::Unit(ty) => say::unit(&words, &path, &ty, simple, expr.span),
            Unwritable::Missing(ty) => say::element_may_be_missing(&words, &path, &ty, expr.span),
            Unwritable::Key(ty) => say::key_unit(&words, &path, &ty, expr.span),
        });
        false
    }
}

/// The first part of a type that cannot be written, with the fields that lead to it.
fn unwritable(ty: &Type) -> Option<(Vec<String>, Unwritable)> {
    let below = |name: &str, ty: &Type| {
        let (mut path, why) = unwritable(ty)?;
        path.insert(0, name.to_owned());
        Some((path, why))
    };
    match ty {
        Type::Quantity(_) => Some((Vec::new(), Unwritable::Unit(ty.clone()))),
        Type::Optional(inner) => unwritable(inner),
        Type::List(element) => match &**element {
            Type::Optional(_) => Some((Vec::new(), Unwritable::Missing(ty.clone()))),
            element => unwritable(element),
        },
        Type::Map(key, of) => match (&**key, &**of) {
            (Type::Quantity(_), _) => Some((Vec::new(), Unwritable::Key((**key).clone()))),
            (_, Type::Optional(_)) => Some((Vec::new(), Unwritable::Missing(ty.clone()))),
            (_, of) => unwritable(of),
        },
        Type::Record(record) => record.fields.iter().find_map(|f| below(&f.name, &f.ty)),
        Type::Unknown
        | Type::Never
        | Type::Bool
        | Type::Int
        | Type::Decimal
        | Type::Ratio
        | Type::Instant
        | Type::String
        | Type::Version
        | Type::Json
        | Type::Enum(_) => None,
    }
}
