//! Formats with one value a file: the whole is parsed, then read by shape, as a document or as
//! rows.

use super::columns::ColumnBuilder;
use super::diagnostics;
use super::judge::{Judge, JudgedFault};
use super::lines::{keys_of, push};
use super::place::{self, LineIndex};
use super::reading::FileRead;
use super::tally::{Findings, KeyAt, Made, Positions, Spot, Tally};
use super::tree::TextFault;
use crate::data::{Batch, Digest, EvidenceFault, Json, JsonKind, Origin, Origins, Value};
use crate::eval::decode::Locate;
use crate::host::HostFile;
use crate::model::{EvidenceFiles, EvidenceShape};
use std::sync::Arc;

/// A parser of a whole file's text.
pub(super) type Parse = fn(&str) -> Result<Json, TextFault>;

/// Reads one file.
pub(super) fn read(file: &FileRead<'_>, parse: Parse, tally: &mut Tally<'_>) {
    let path = file.shown();
    tally.begin(path);
    let bytes = match bytes_of(file) {
        Ok(bytes) => bytes,
        Err(fault) => {
            tally.file_fault(fault, path);
            return tally.end(path, None, 0);
        }
    };
    let digest = Digest::of(&bytes);
    let text = Text { file, bytes: &bytes, index: LineIndex::new(&bytes), base: tally.positions() };
    match text.parse(parse) {
        Ok(json) => text.take(&json, tally),
        Err(wrong) => text.undecodable(*wrong, tally),
    }
    // Offsets plus one, and one more so that the next file starts beyond.
    tally.end(path, Some((digest, bytes.len() as u64)), bytes.len() as u64 + 2);
}

/// All bytes of a file that does not change meanwhile.
fn bytes_of(file: &FileRead<'_>) -> Result<Vec<u8>, EvidenceFault> {
    let path = file.shown();
    let (source, stamp) = file.open()?;
    let too_large = || diagnostics::too_large(path, stamp.0, file.limits.file_bytes);
    if stamp.0 > file.limits.file_bytes {
        return Err(too_large());
    }
    let mut bytes = vec![0; usize::try_from(stamp.0).map_err(|_| too_large())?];
    let read = read_to_end(&*source, &mut bytes).map_err(|e| diagnostics::unreadable(path, &e))?;
    match source.stamp() {
        Ok(now) if now == stamp && read == bytes.len() => Ok(bytes),
        Ok(_) => Err(diagnostics::changed_while_read(path)),
        Err(error) => Err(diagnostics::unreadable(path, &error)),
    }
}

fn read_to_end(source: &dyn HostFile, bytes: &mut [u8]) -> std::io::Result<usize> {
    source.read_at(0, bytes)
}

/// The text of a file that is being read.
struct Text<'t> {
    file: &'t FileRead<'t>,
    bytes: &'t [u8],
    index: LineIndex,
    /// Added to offsets, for the order of nested rows among files.
    base: u64,
}

/// Why a file is no value, and where.
struct Unread {
    fault: EvidenceFault,
    spot: Spot,
    /// Byte offset.
    at: u64,
}

impl<'t> Text<'t> {
    fn judge(&self) -> &'t Judge<'t> {
        self.file.judge
    }

    fn parse(&self, parse: Parse) -> Result<Json, Box<Unread>> {
        let text = std::str::from_utf8(self.bytes).map_err(|e| {
            let at = e.valid_up_to() as u64;
            Box::new(Unread { fault: diagnostics::not_utf8(), spot: self.spot(at, "", None, 0), at })
        })?;
        parse(text).map_err(|fault| {
            let first = fault.first.map(|at| {
                let found = self.index.find(self.bytes, at);
                format!("line {}, column {}", found.line, found.column)
            });
            let spot = self.spot(fault.at, &fault.pointer, None, 0);
            Box::new(Unread { fault: diagnostics::text(&fault, first), spot, at: fault.at })
        })
    }

    fn spot(&self, at: u64, pointer: &str, key: Option<Arc<str>>, row: u64) -> Spot {
        let found = self.index.find(self.bytes, at);
        let pointer = Some(pointer.into()).filter(|p: &Arc<str>| !p.is_empty());
        Spot { line: found.line, column: Some(found.column), pointer, key, row }
    }

    /// Reads the value as the declaration says: as a document, as one row, or as rows.
    fn take(&self, json: &Json, tally: &mut Tally<'_>) {
        let definition = self.judge().definition;
        match (&definition.shape, &definition.files, &definition.rows_at) {
            (EvidenceShape::Document(_), ..) => self.document(json, tally),
            // A file among many is a row. A list is never a record, so it can only be rows.
            (EvidenceShape::Rows(_), EvidenceFiles::Pattern(_), None)
                if self.judge().record.is_none()
                    || self.judge().takes_whole()
                    || !matches!(json.kind, JsonKind::List(_)) =>
            {
                self.rows(std::slice::from_ref(json), None, Findings::default(), tally);
            }
            (EvidenceShape::Rows(_), _, at) => {
                let pointer = at.as_deref().unwrap_or_default();
                let mut findings = Findings::default();
                let (said, faults) = self.judge().judge_beside(json);
                findings.said(&said, &|| self.spot(json.at, "", None, 0));
                for fault in faults {
                    findings.fault(fault, || self.spot(json.at, "", None, 0));
                }
                match json.at_pointer(pointer) {
                    Some(Json { kind: JsonKind::List(items), .. }) => self.rows(items, Some(pointer), findings, tally),
                    found => {
                        let what = found.map_or("nothing", Json::what);
                        let fault = diagnostics::no_rows(at.as_deref().filter(|p| !p.is_empty()), what);
                        findings.fault(fault, || self.spot(found.map_or(json.at, |j| j.at), pointer, None, 0));
                        self.give(findings, Vec::new(), tally);
                    }
                }
            }
        }
    }

    fn document(&self, json: &Json, tally: &mut Tally<'_>) {
        let judge = self.judge();
        let mut findings = Findings::of_one_row();
        let json = match judge.with_path_fields(json.clone(), self.file.captures()) {
            Ok(json) => json,
            Err(found) => {
                findings.fault(found.fault, || self.spot(found.at, &found.pointer, None, 0));
                return self.give(findings, Vec::new(), tally);
            }
        };
        let nested = Nested { text: self, top: String::new() };
        let mut judged = judge.judge(&json, &judge.decoder.locating(&nested));
        let whole = |_: &Value| Spot { line: self.index.line(json.at), ..Spot::default() };
        let inside = |_: &Value, at: u64, pointer: &str| self.spot(at, pointer, None, 0);
        if findings.judged(&mut judged, &whole, &inside) {
            tally.document(judged.value);
        }
        self.give(findings, Vec::new(), tally);
    }

    /// Reads values as rows that stand below a pointer; without one, the file is one row.
    fn rows(&self, items: &[Json], below: Option<&str>, mut findings: Findings, tally: &mut Tally<'_>) {
        let judge = self.judge();
        let mut rows = Vec::new();
        for (i, item) in items.iter().enumerate() {
            let top = below.map_or_else(String::new, |below| format!("{below}/{i}"));
            let number = findings.rows;
            let whole = |value: &Value| Spot {
                line: self.index.line(item.at),
                pointer: Some(top.as_str().into()).filter(|p: &Arc<str>| !p.is_empty()),
                key: judge.key_text(value),
                row: number,
                column: None,
            };
            let inside = |value: &Value, at: u64, pointer: &str| {
                self.spot(at, &format!("{top}{pointer}"), judge.key_text(value), number)
            };
            findings.rows += 1;
            let filled = match judge.with_path_fields(item.clone(), self.file.captures()) {
                Ok(filled) => filled,
                Err(JudgedFault { fault, pointer, at }) => {
                    findings.fault(fault, || inside(&Value::Missing, at, &pointer));
                    continue;
                }
            };
            let nested = Nested { text: self, top: top.clone() };
            let mut judged = judge.judge(&filled, &judge.decoder.locating(&nested));
            if findings.judged(&mut judged, &whole, &inside) {
                rows.push(Row { value: judged.value, at: item.at, pointer: top, number });
            }
            if rows.len() >= self.file.limits.batch_rows.max(1) {
                self.give(std::mem::take(&mut findings), std::mem::take(&mut rows), tally);
            }
        }
        self.give(findings, rows, tally);
    }

    /// A file that is no value at all: a row without one where that is let in, else a fault.
    fn undecodable(&self, wrong: Unread, tally: &mut Tally<'_>) {
        let judge = self.judge();
        let mut findings = Findings::of_one_row();
        let mut row = Row { value: Value::Missing, at: wrong.at, pointer: String::new(), number: 0 };
        if judge.definition.judge_each_file && judge.record.is_none() {
            row.at = 0;
            return self.give(findings, vec![row], tally);
        }
        let Some(mut judged) = judge.judge_nothing(self.file.captures(), wrong.at) else {
            findings.fault(wrong.fault, || wrong.spot);
            return self.give(findings, Vec::new(), tally);
        };
        let place = |_: &Value| wrong.spot.clone();
        let good = findings.judged(&mut judged, &place, &|value, _, _| place(value));
        row.value = judged.value;
        self.give(findings, if good { vec![row] } else { Vec::new() }, tally);
    }

    /// Hands findings and rows over.
    fn give(&self, findings: Findings, rows: Vec<Row>, tally: &mut Tally<'_>) {
        let judge = self.judge();
        let mut builder = match &judge.record {
            Some(record) => ColumnBuilder::new(record, |field| judge.keeps(field)),
            None => ColumnBuilder::of_whole_rows(),
        };
        let (mut keys, mut places): (Vec<KeyAt>, Vec<Option<Arc<Origin>>>) = (Vec::new(), Vec::new());
        let first = tally.next();
        for row in rows {
            let number = builder.len() as u64;
            keys_of(judge, &row.value, builder.len(), row.number, row.at + 1, &mut keys);
            places.push(Some(Arc::new(Origin {
                evidence: judge.definition.name.clone(),
                file: self.file.shown().clone(),
                line: self.index.line(row.at),
                pointer: Some(row.pointer.into()).filter(|p: &Arc<str>| !p.is_empty()),
                key: judge.key_text(&row.value),
                ordinal: first + number,
            })));
            push(&mut builder, judge, row.value);
        }
        let len = builder.len();
        let batch = Batch { len, first, columns: builder.finish(), origins: Origins::Each(places) };
        let mut made = Made { batch, keys };
        tally.take(findings, &mut made, 0, Positions::Offsets(self.bytes, &self.index));
        tally.sender().send(made.batch);
    }
}

/// A row that is fine.
struct Row {
    value: Value,
    at: u64,
    pointer: String,
    /// Which of the rows found since the last were handed over.
    number: u64,
}

/// Origins of the records in a value's lists.
struct Nested<'n> {
    text: &'n Text<'n>,
    /// Pointer to the value.
    top: String,
}

impl Locate for Nested<'_> {
    fn origin(&self, pointer: &str, at: u64) -> Option<Arc<Origin>> {
        Some(Arc::new(Origin {
            evidence: self.text.judge().definition.name.clone(),
            file: self.text.file.shown().clone(),
            line: self.text.index.line(at),
            pointer: Some(place::short(format!("{}{pointer}", self.top).into())),
            key: None,
            ordinal: self.text.base.saturating_add(at),
        }))
    }
}
