//! `table { | a | b | .. }`: a list of records.

use super::{Expect, literal, node, unknown};
use crate::check::checker::Checker;
use crate::check::diagnostics::{lists, names, types};
use crate::check::scope::{Place, Scope};
use crate::data::{Field, RecordType, Type, Value};
use crate::diag::did_you_mean;
use crate::model::{Expr, ExprKind};
use crate::source::Span;
use crate::syntax::tree;
use std::sync::Arc;

impl Checker<'_> {
    pub(super) fn table(&mut self, scope: &Scope, table: &tree::Table, span: Span, expect: Expect<'_>) -> Expr {
        let due = match expect.ty().and_then(|ty| ty.present().element()) {
            Some(Type::Record(record)) => Some(record),
            _ => None,
        };
        let firm = matches!(expect, Expect::Due(_));
        let mut fine = true;
        let header = match (table.columns.first(), table.columns.last()) {
            (Some((first, _)), Some((last, _))) => first.span.to(last.span),
            _ => span,
        };
        for (i, (name, _)) in table.columns.iter().enumerate() {
            if let Some((first, _)) = table.columns.iter().take(i).find(|(n, _)| n.text == name.text) {
                self.report(types::field_twice(&name.text, first.span, name.span));
                fine = false;
            }
        }
        let width = table.columns.len();
        for (cells, at) in &table.rows {
            if cells.len() != width {
                self.report(lists::table_row(cells.len(), width, *at, header));
                fine = false;
            }
        }
        // Columns one by one: the cells of a column are of one type.
        let mut columns: Vec<(Arc<str>, Type, Vec<Expr>)> = Vec::with_capacity(width);
        for (i, (name, written)) in table.columns.iter().enumerate() {
            let from_due = due.as_ref().and_then(|r| r.field(&name.text)).map(|(_, ty)| ty.clone());
            if let (true, Some(record), None) = (firm, &due, &from_due) {
                let near = did_you_mean(&name.text, record.fields.iter().map(|f| &*f.name));
                self.report(names::unknown_field(&name.text, name.span, &Type::Record(record.clone()), near));
                fine = false;
            }
            let cells: Vec<tree::Expr> = table.rows.iter().filter_map(|(cells, _)| cells.get(i)).cloned().collect();
            let ty = written.as_ref().map(|t| self.type_expr(t).1);
            let expect = match (&ty, &from_due) {
                (Some(Type::Unknown), _) => Expect::Free,
                (Some(ty), _) => Expect::Due(ty),
                (None, Some(ty)) if firm => Expect::Due(ty),
                (None, Some(ty)) => Expect::Hint(ty),
                (None, None) => Expect::Free,
            };
            let what = format!("cells of the column `{}`", name.text);
            let inner = match expect {
                Expect::Free => scope.clone().at(Place::Cell),
                _ => scope.clone(),
            };
            let (cells, joined) = self.alike(&inner, &cells, expect, &what);
            match joined {
                Some(ty) if ty.is_unknown() => fine = false,
                Some(ty) => columns.push((name.text.as_str().into(), ty, cells)),
                None => fine = false,
            }
        }
        if !fine {
            return unknown(span);
        }
        let fields: Vec<Field> =
            columns.iter().map(|(name, ty, _)| Field { name: name.clone(), ty: ty.clone() }).collect();
        let ty = Type::Record(Arc::new(RecordType { name: None, fields }));
        let mut cells: Vec<std::vec::IntoIter<Expr>> = columns.into_iter().map(|(_, _, c)| c.into_iter()).collect();
        let rows = table.rows.iter().map(|(_, at)| {
            let row = cells
                .iter_mut()
                .map(|column| column.next().unwrap_or_else(|| literal(Value::Missing, Type::Never.optional(), *at)));
            node(ExprKind::Record(row.collect()), ty.clone(), *at)
        });
        let rows: Vec<Expr> = rows.collect();
        node(ExprKind::List(rows), Type::list(ty.clone()), span)
    }
}
