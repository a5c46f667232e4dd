//! What rows made of cells cannot hold: a cell is one text, and nothing stands inside it.

use super::checker::Checker;
use super::diagnostics::evidence as say;
use super::evidence::{Found, Look};
use crate::data::Type;
use crate::model::{EvidenceShape, FieldShape, Shape};
use crate::registry::Format;
use crate::source::Span;
use crate::syntax::tree::EvidenceClauseKind as Kind;

impl Checker<'_> {
    /// Refuses what no cell can give: parts of a field, rows without columns, names where the
    /// columns have none.
    pub(super) fn check_cells(
        &mut self,
        format: &Format,
        columns_have_names: bool,
        found: &Found<'_>,
        look: Option<&Look>,
        at: Span,
    ) {
        let Some(Look { shape: EvidenceShape::Rows(shape), part, span, .. }) = look else { return };
        if matches!(part, Type::Json) {
            self.report(say::undecoded_cells(format.name, *span, at));
            return;
        }
        if self.paired_schema(shape).is_some() {
            self.report(say::schema_of_cells(format.name, *span));
        }
        let Some(record) = self.row_of_cells(shape) else { return };
        let mut wrong: Vec<_> =
            record.iter().filter_map(|f| field_problem(f, format, columns_have_names, at)).collect();
        for (path, clause) in [("version", found.kind("version")), ("source", found.kind("source"))] {
            let (Some(Kind::Version { at: Some(names), .. }) | Some(Kind::SourceFrom(names))) = clause else {
                continue;
            };
            if let (true, Some(clause)) = (names.len() > 1, found.get(path)) {
                let text: Vec<&str> = names.iter().map(|n| n.text.as_str()).collect();
                wrong.push(say::path_in_cells(&text.join("."), format.name, clause.span, at));
            }
        }
        wrong.into_iter().for_each(|d| self.report(d));
    }

    fn row_of_cells(&mut self, shape: &Shape) -> Option<Vec<FieldShape>> {
        self.underlying_record(shape).map(|record| record.fields.clone())
    }
}

fn field_problem(
    field: &FieldShape,
    format: &Format,
    columns_have_names: bool,
    at: Span,
) -> Option<crate::diag::Diagnostic> {
    if let Type::List(_) | Type::Map(..) | Type::Record(_) | Type::Json = field.ty.present() {
        return Some(say::parts_in_cell(&field.name, field.ty.present(), format.name, field.span, at));
    }
    let path = field.reading.from.iter().find(|path| path.len() > 1);
    match path {
        Some(path) => Some(say::path_in_cells(&path.join("."), format.name, field.span, at)),
        None if !columns_have_names && !field.reading.from.is_empty() => {
            Some(say::spelling_without_header(&field.name, field.span, at))
        }
        None => None,
    }
}
