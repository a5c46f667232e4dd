//! A block of records into rows: cells, an undecoded object, a judged value, columns.

use super::super::columns::ColumnBuilder;
use super::super::diagnostics;
use super::super::judge::{Judge, Judged};
use super::super::lines::{keys_of, push};
use super::super::place;
use super::super::reading::FileRead;
use super::super::tally::{Findings, KeyAt, Made, Spot};
use super::Dialect;
use super::cells::{self, Cell};
use super::columns::{Column, Columns};
use super::detached;
use super::records::{Block, Record};
use crate::data::{Batch, EvidenceFault, Json, JsonKind, Origins, Value};
use std::sync::Arc;

/// A fault and its place.
pub(super) type Placed = (EvidenceFault, Spot);

/// The rows of a block.
pub(super) struct Decoded {
    pub findings: Findings,
    pub made: Made,
}

/// Decodes all records of a block.
pub(super) fn decode(file: &FileRead<'_>, dialect: Dialect, columns: &Columns, block: &Block) -> Decoded {
    let mut reading = Reading::new(file, columns);
    for line in &block.too_long {
        reading.broken(diagnostics::csv_row_too_long(file.limits.row_bytes), Spot { line: *line, ..Spot::default() });
    }
    let mut cells = Vec::new();
    for record in block.records() {
        match row(file, dialect, block, &record, &mut cells) {
            Ok(place) => reading.row(&cells, &place),
            Err(wrong) => {
                let (fault, spot) = *wrong;
                reading.broken(fault, spot);
            }
        }
    }
    reading.finish()
}

/// What is said of a file whose columns have no names. Where each file is judged, it is a row
/// that is of no shape.
pub(super) fn nameless(file: &FileRead<'_>, faults: Vec<Placed>) -> Decoded {
    let columns = Columns::none();
    let mut reading = Reading::new(file, &columns);
    if file.judge.definition.judge_each_file {
        if let Some((fault, spot)) = faults.into_iter().next() {
            reading.broken(fault, spot);
        }
    } else {
        for (fault, spot) in faults {
            reading.findings.fault(fault, || spot);
        }
    }
    reading.finish()
}

/// Reads the cells of a record.
pub(super) fn row<'b>(
    file: &FileRead<'_>,
    dialect: Dialect,
    block: &'b Block,
    record: &Record,
    cells: &mut Vec<Cell<'b>>,
) -> Result<Place<'b>, Box<Placed>> {
    let place = Place::of(block, record);
    if place.bytes.len() > file.limits.row_bytes {
        let spot = Spot { line: place.line, ..Spot::default() };
        return Err(Box::new((diagnostics::csv_row_too_long(file.limits.row_bytes), spot)));
    }
    let text = std::str::from_utf8(place.bytes)
        .map_err(|e| Box::new((diagnostics::not_utf8(), place.spot(e.valid_up_to()))))?;
    match cells::cells(text, dialect.delimiter, cells) {
        Ok(()) => Ok(place),
        Err(wrong) => Err(Box::new((wrong.fault, place.spot(wrong.at)))),
    }
}

/// Where a record stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place<'b> {
    bytes: &'b [u8],
    /// Byte offset in the file.
    at: u64,
    line: u64,
}

impl<'b> Place<'b> {
    pub fn of(block: &'b Block, record: &Record) -> Self {
        let bytes = block.bytes.get(record.range.clone()).unwrap_or_default();
        Self { bytes, at: block.at + record.range.start as u64, line: record.line }
    }

    /// Line and column of an offset in the record, which may go over several lines.
    pub fn spot(&self, at: usize) -> Spot {
        let before = self.bytes.get(..at.min(self.bytes.len())).unwrap_or_default();
        let line = self.line + before.iter().filter(|b| **b == b'\n').count() as u64;
        let start = before.iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1);
        let column = place::column(before.get(start..).unwrap_or_default());
        Spot { line, column: Some(column), ..Spot::default() }
    }

    /// The same of an offset in the file.
    fn spot_of(&self, at: u64) -> Spot {
        self.spot(usize::try_from(at.saturating_sub(self.at)).unwrap_or(usize::MAX))
    }
}

struct Reading<'r> {
    file: &'r FileRead<'r>,
    columns: &'r Columns,
    named: Vec<Column>,
    captures: Vec<(Arc<str>, Arc<str>)>,
    builder: ColumnBuilder,
    findings: Findings,
    lines: Vec<u64>,
    keys: Vec<KeyAt>,
}

impl<'r> Reading<'r> {
    fn new(file: &'r FileRead<'r>, columns: &'r Columns) -> Self {
        let judge = file.judge;
        let builder = match &judge.record {
            Some(record) => ColumnBuilder::new(record, |field| judge.keeps(field)),
            None => ColumnBuilder::of_whole_rows(),
        };
        let captures = file.captures().iter().map(|(name, text)| (detached(name), detached(text)));
        Self {
            file,
            columns,
            named: columns.detached(),
            captures: captures.collect(),
            builder,
            findings: Findings::default(),
            lines: Vec::new(),
            keys: Vec::new(),
        }
    }

    /// Takes a record that is no row.
    fn broken(&mut self, fault: EvidenceFault, mut spot: Spot) {
        if self.file.judge.definition.judge_each_file {
            // A row that is of no shape.
            self.lines.push(spot.line);
            self.builder.push([Value::Missing]);
        } else {
            spot.row = self.findings.rows;
            self.findings.fault(fault, || spot);
        }
        self.findings.rows += 1;
    }

    fn row(&mut self, cells: &[Cell<'_>], place: &Place<'_>) {
        if !self.columns.fit(cells.len()) {
            let at = match cells.get(self.columns.len()) {
                Some(surplus) => surplus.at,
                None => place.bytes.len(),
            };
            return self.broken(diagnostics::csv_width(cells.len(), self.columns.len()), place.spot(at));
        }
        let judge = self.file.judge;
        let entries = self.named.iter().zip(cells).filter_map(|(column, cell)| {
            let kind = column.value(cell)?;
            Some((column.name.clone(), Json { kind, at: place.at + cell.at as u64 }))
        });
        let of_path = |(name, text): &(Arc<str>, Arc<str>)| {
            (name.clone(), Json { kind: JsonKind::Text(text.clone()), at: place.at })
        };
        let entries: Vec<(Arc<str>, Json)> = entries.chain(self.captures.iter().map(of_path)).collect();
        let json = Json { kind: JsonKind::Object(entries.into()), at: place.at };
        let mut judged = judge.judge(&json, &judge.decoder);
        let number = self.findings.rows;
        let key = |value: &Value| judge.key_text(value);
        let whole = |value: &Value| Spot { line: place.line, key: key(value), row: number, ..Spot::default() };
        let inside = |value: &Value, at: u64, pointer: &str| Spot {
            pointer: Some(pointer.into()).filter(|p: &Arc<str>| !p.is_empty()),
            key: key(value),
            row: number,
            ..place.spot_of(at)
        };
        let empty = self.empty(cells, &judged);
        if !empty.is_empty() {
            // Said here with the place of the cell.
            judged.faults.retain(|f| f.fault.code != "rspp::evidence::missing-field");
        }
        let mut good = self.findings.judged(&mut judged, &whole, &inside);
        for (name, at) in empty {
            good = false;
            let spot = Spot { key: key(&judged.value), row: number, ..place.spot(at) };
            let spot = Spot { pointer: Some(format!("/{name}").into()), ..spot };
            self.findings.fault(diagnostics::csv_empty_cell(&name), || spot);
        }
        if good {
            self.keep_row(judge, judged, place);
        }
        self.findings.rows += 1;
    }

    /// Fields that need a value and have empty cells, with the place of the first.
    fn empty(&self, cells: &[Cell<'_>], judged: &Judged) -> Vec<(Arc<str>, usize)> {
        if judged.faults.is_empty() {
            return Vec::new();
        }
        let is_empty = |i: &&usize| match (self.named.get(**i), cells.get(**i)) {
            (Some(column), Some(cell)) => column.value(cell).is_none(),
            _ => true,
        };
        let found = self.columns.needed.iter().filter(|needed| needed.columns.iter().all(|i| is_empty(&i)));
        found
            .filter_map(|needed| {
                let first = needed.columns.first().and_then(|i| cells.get(*i))?;
                Some((needed.name.clone(), first.at))
            })
            .collect()
    }

    fn keep_row(&mut self, judge: &Judge<'_>, judged: Judged, place: &Place<'_>) {
        keys_of(judge, &judged.value, self.builder.len(), self.findings.rows, place.line, &mut self.keys);
        self.lines.push(place.line);
        push(&mut self.builder, judge, judged.value);
    }

    fn finish(self) -> Decoded {
        let judge = self.file.judge;
        let origins = Origins::Lines {
            evidence: judge.definition.name.clone(),
            file: self.file.shown().clone(),
            lines: self.lines,
            key: judge.keys.first().map(|(column, ..)| *column),
        };
        let batch = Batch { len: self.builder.len(), first: 0, columns: self.builder.finish(), origins };
        Decoded { findings: self.findings, made: Made { batch, keys: self.keys } }
    }
}
