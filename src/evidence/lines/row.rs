//! From the text of a row to its place in columns.
//!
//! [`RowReader`] is the seam: how texts of rows become values. What is here builds a tree of each
//! and decodes it; [`super::typed`] goes straight to columns, and another way can take its place.

use super::super::columns::ColumnBuilder;
use super::super::diagnostics;
use super::super::judge::{Judge, Judged};
use super::super::keys::KeyHash;
use super::super::place::column;
use super::super::reading::FileRead;
use super::super::tally::{Findings, KeyAt, Spot};
use super::super::tree::{Keep, TextFault, parse_row};
use crate::data::{Column, EvidenceFault, Json, Record, Value, print};
use std::sync::Arc;

/// The text of one row, without its line break.
#[derive(Debug, Clone, Copy)]
pub(in crate::evidence) struct RowText<'t> {
    pub text: &'t str,
    /// Byte offset in the file.
    pub at: u64,
    /// Line, counted from the start of the chunk.
    pub line: u64,
}

/// Rows of one chunk, in one piece of text.
#[derive(Debug, Clone, Copy)]
pub(in crate::evidence) struct Block<'t> {
    pub text: &'t str,
    /// Where the text begins in its file.
    pub at: u64,
    /// Rows that start here or after are not of this chunk.
    pub end: usize,
    /// The longest row.
    pub row_bytes: usize,
}

/// A way to read rows.
pub(in crate::evidence) trait RowReader: Sync {
    /// Begins to read the rows of a chunk.
    fn start<'r>(&'r self, file: &'r FileRead<'r>) -> Box<dyn RowReading + 'r>;
}

/// Reads the rows of one chunk, in order.
pub(in crate::evidence) trait RowReading {
    /// Reads rows from a position on, as many as it can without help; answers the position and
    /// the line of the first one that has to be taken out of the text and given to
    /// [`RowReading::row`].
    fn run(&mut self, block: Block<'_>, at: usize, line: u64) -> (usize, u64) {
        let _ = block;
        (at, line)
    }

    /// Reads a row.
    fn row(&mut self, row: RowText<'_>);

    /// Takes a row that could not be made text of.
    fn fault_at(&mut self, fault: EvidenceFault, spot: Spot);

    /// The same, without a column.
    fn fault(&mut self, fault: EvidenceFault, line: u64) {
        self.fault_at(fault, Spot { line, ..Spot::default() });
    }

    /// Everything that was read.
    fn finish(self: Box<Self>) -> Rows;
}

/// The rows of one chunk.
#[derive(Default)]
pub(in crate::evidence) struct Rows {
    pub findings: Findings,
    pub columns: Vec<Column>,
    pub len: usize,
    pub lines: Vec<u64>,
    pub keys: Vec<KeyAt>,
}

/// Reads rows of one JSON value each, by way of trees.
pub(super) struct JsonReading<'r> {
    pub file: &'r FileRead<'r>,
    keep: Keep,
    pub builder: ColumnBuilder,
    pub findings: Findings,
    pub lines: Vec<u64>,
    pub keys: Vec<KeyAt>,
}

impl<'r> JsonReading<'r> {
    pub fn new(file: &'r FileRead<'r>) -> Self {
        let judge = file.judge;
        let builder = match &judge.record {
            Some(record) => ColumnBuilder::new(record, |field| judge.keeps(field)),
            None => ColumnBuilder::of_whole_rows(),
        };
        Self {
            file,
            keep: judge.keep.detached(),
            builder,
            findings: Findings::default(),
            lines: Vec::new(),
            keys: Vec::new(),
        }
    }
}

impl JsonReading<'_> {
    fn text_fault(&mut self, fault: &TextFault, row: RowText<'_>) {
        if self.file.judge.definition.judge_each_file {
            // A row that is of no shape.
            self.lines.push(row.line);
            self.builder.push([Value::Missing]);
            self.findings.rows += 1;
            return;
        }
        let column_of = |at: u64| column_in(row, at);
        if let Some(judged) = self.file.judge.judge_nothing(self.file.captures(), fault.at) {
            return self.take(judged, row);
        }
        let first = fault.first.map(|at| format!("column {}", column_of(at)));
        let spot = Spot {
            line: row.line,
            column: Some(column_of(fault.at)),
            pointer: Some(fault.pointer.as_str().into()).filter(|p: &Arc<str>| !p.is_empty()),
            ..Spot::default()
        };
        self.fault_at(diagnostics::text(fault, first), spot);
    }

    fn judged(&mut self, json: &Json, row: RowText<'_>) {
        let judge = self.file.judge;
        self.take(judge.judge(json, &judge.decoder), row);
    }

    fn take(&mut self, mut judged: Judged, row: RowText<'_>) {
        let judge = self.file.judge;
        let number = self.findings.rows;
        let whole = |value: &Value| Spot { line: row.line, key: judge.key_text(value), row: number, ..Spot::default() };
        let inside = |value: &Value, at: u64, pointer: &str| Spot {
            column: Some(column_in(row, at)),
            pointer: Some(pointer.into()).filter(|p: &Arc<str>| !p.is_empty()),
            ..whole(value)
        };
        if self.findings.judged(&mut judged, &whole, &inside) {
            self.keep_row(judge, judged, row);
        }
        self.findings.rows += 1;
    }

    fn keep_row(&mut self, judge: &Judge<'_>, judged: Judged, row: RowText<'_>) {
        keys_of(judge, &judged.value, self.builder.len(), self.findings.rows, row.line, &mut self.keys);
        self.lines.push(row.line);
        push(&mut self.builder, judge, judged.value);
    }
}

impl RowReading for JsonReading<'_> {
    fn row(&mut self, row: RowText<'_>) {
        let parsed = match parse_row(row.text, row.at, &self.keep) {
            Ok(json) => json,
            Err(fault) => return self.text_fault(&fault, row),
        };
        if self.file.captures().is_empty() && !self.file.judge.takes_whole() {
            return self.judged(&parsed, row);
        }
        match self.file.judge.with_path_fields(parsed, self.file.captures()) {
            Ok(json) => self.judged(&json, row),
            Err(found) => {
                let spot = Spot {
                    line: row.line,
                    column: Some(column_in(row, found.at)),
                    pointer: Some(found.pointer.into()),
                    ..Spot::default()
                };
                self.fault_at(found.fault, spot);
            }
        }
    }

    fn fault_at(&mut self, fault: EvidenceFault, mut spot: Spot) {
        spot.row = self.findings.rows;
        self.findings.fault(fault, || spot);
        self.findings.rows += 1;
    }

    fn finish(self: Box<Self>) -> Rows {
        let len = self.builder.len();
        Rows { findings: self.findings, columns: self.builder.finish(), len, lines: self.lines, keys: self.keys }
    }
}

/// The column of an offset inside a row.
fn column_in(row: RowText<'_>, at: u64) -> u64 {
    let end = usize::try_from(at.saturating_sub(row.at)).unwrap_or(usize::MAX).min(row.text.len());
    column(row.text.as_bytes().get(..end).unwrap_or_default())
}

/// Hashes of a row's keys.
pub(in crate::evidence) fn keys_of(
    judge: &Judge<'_>,
    value: &Value,
    row: usize,
    found: u64,
    position: u64,
    keys: &mut Vec<KeyAt>,
) {
    for (field, (column, _, ty)) in judge.keys.iter().enumerate() {
        let key = super::super::judge::value_at(value, std::slice::from_ref(column));
        let hash = match key {
            None | Some(Value::Missing) => continue,
            Some(Value::Text(text)) => KeyHash::of(field, text),
            Some(other) => KeyHash::of(field, &print::value(other, ty)),
        };
        keys.push(KeyAt { field, hash, row, found, position });
    }
}

/// Adds a row to columns.
pub(in crate::evidence) fn push(builder: &mut ColumnBuilder, judge: &Judge<'_>, value: Value) {
    match (&judge.record, value) {
        (Some(_), Value::Record(record)) => match Arc::try_unwrap(record) {
            Ok(Record { fields, .. }) => builder.push(fields.into_vec()),
            Err(shared) => builder.push(shared.fields.iter().cloned()),
        },
        (_, other) => builder.push([other]),
    }
}
