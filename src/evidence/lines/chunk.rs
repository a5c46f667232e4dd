//! One chunk of a file of lines: bytes, then lines, then rows, then columns.

use super::super::diagnostics;
use super::super::reading::FileRead;
use super::super::tally::{Findings, Made, Spot};
use super::row::{Block, RowReader, RowReading, RowText, Rows};
use super::{Broken, scan};
use crate::data::{Batch, Origins};
use crate::host::HostFile;
use std::ops::Range;

/// Bytes read at once to find the end of a row that leaves its chunk.
const TAIL_BYTES: usize = 64 * 1024;

/// A chunk with everything that can be said of it without knowing what comes before.
pub(super) struct Chunk {
    /// Its bytes; perhaps one before them and the rest of its last row after them.
    bytes: Vec<u8>,
    own: Range<usize>,
    pub line_feeds: u64,
    pub findings: Findings,
    /// Rows with lines counted from the start of the chunk.
    pub made: Made,
    pub broken: Option<Broken>,
}

impl Chunk {
    /// The chunk's own bytes.
    pub fn own(&self) -> &[u8] {
        self.bytes.get(self.own.clone()).unwrap_or_default()
    }
}

/// Reads a range of a file and decodes the rows that start in it.
pub(super) fn decode(
    file: &FileRead<'_>,
    rows: &dyn RowReader,
    source: &dyn HostFile,
    size: u64,
    range: Range<u64>,
) -> Chunk {
    let (window, broken) = match Window::read(source, size, &range, file.limits.row_bytes) {
        Ok(window) => (window, None),
        Err(broken) => (Window::default(), Some(broken)),
    };
    let mut read = Rows::default();
    if window.first_start().is_some_and(|start| start < window.own.end) {
        let mut reading = rows.start(file);
        window.each_row(file.limits.row_bytes, &mut *reading);
        read = reading.finish();
    }
    let Window { bytes, own, .. } = window;
    let line_feeds = scan::count_line_feeds(bytes.get(own.clone()).unwrap_or_default());
    let Rows { findings, columns, len, lines, keys } = read;
    let origins = Origins::Lines {
        evidence: file.judge.definition.name.clone(),
        file: file.shown().clone(),
        lines,
        key: file.judge.keys.first().map(|(column, ..)| *column),
    };
    let made = Made { batch: Batch { len, first: 0, columns, origins }, keys };
    Chunk { bytes, own, line_feeds, findings, made, broken }
}

/// The bytes of a chunk, and of the row that leaves it.
#[derive(Default)]
struct Window {
    bytes: Vec<u8>,
    own: Range<usize>,
    /// Where the first of its bytes stands in the file.
    base: u64,
    /// The last row goes on after these bytes.
    cut: bool,
}

impl Window {
    fn read(source: &dyn HostFile, size: u64, range: &Range<u64>, row_bytes: usize) -> Result<Self, Broken> {
        // The byte before says whether a row starts here.
        let base = range.start.saturating_sub(1);
        let mut bytes = Vec::new();
        append(source, &mut bytes, base, (range.end - base) as usize)?;
        let own = (range.start - base) as usize..bytes.len();
        let mut window = Self { bytes, own, base, cut: false };
        let ends_in_row = window.last_start().is_some_and(|start| start < window.own.end) && range.end < size;
        if ends_in_row && window.bytes.last() != Some(&b'\n') {
            window.read_on(source, size, row_bytes)?;
        }
        Ok(window)
    }

    /// Where the last row that starts in the chunk starts.
    fn last_start(&self) -> Option<usize> {
        let own = self.bytes.get(self.own.clone())?;
        match own.iter().rposition(|b| *b == b'\n') {
            Some(at) => Some(self.own.start + at + 1),
            None => self.first_start().filter(|start| *start < self.own.end),
        }
    }

    /// Where the first row that starts in the chunk starts.
    fn first_start(&self) -> Option<usize> {
        if self.base == 0 && self.own.start == 0 {
            return Some(0);
        }
        let at = scan::line_feed(&self.bytes)?;
        Some(at + 1)
    }

    /// Reads to the end of the last row, or until it is too long.
    fn read_on(&mut self, source: &dyn HostFile, size: u64, row_bytes: usize) -> Result<(), Broken> {
        let start = self.last_start().unwrap_or(self.own.end);
        loop {
            let at = self.base + self.bytes.len() as u64;
            if at >= size {
                return Ok(());
            }
            if self.bytes.len() - start > row_bytes {
                self.cut = true;
                return Ok(());
            }
            let before = self.bytes.len();
            let want = TAIL_BYTES.min(usize::try_from(size - at).unwrap_or(TAIL_BYTES));
            append(source, &mut self.bytes, at, want)?;
            if let Some(end) = scan::line_feed(self.bytes.get(before..).unwrap_or_default()) {
                self.bytes.truncate(before + end + 1);
                return Ok(());
            }
        }
    }

    /// Gives each row that is not blank to the reading.
    fn each_row(&self, row_bytes: usize, reading: &mut dyn RowReading) {
        let Some(first) = self.first_start() else { return };
        let mut line = 1 + scan::count_line_feeds(self.bytes.get(self.own.start..first).unwrap_or_default());
        // A row that is cut is too long, and nobody reads it.
        let whole = if self.cut { self.last_start().unwrap_or(first) } else { self.bytes.len() };
        let text = std::str::from_utf8(self.bytes.get(first..whole).unwrap_or_default());
        let end = self.own.end.min(whole).saturating_sub(first);
        let block = text.ok().map(|text| Block { text, at: self.base + first as u64, end, row_bytes });
        let mut start = first;
        while start < self.own.end {
            if let Some(block) = block {
                let (next, at) = reading.run(block, start - first, line);
                (start, line) = (first + next, at);
                if start >= self.own.end {
                    break;
                }
            }
            start = self.one_row(start, line, row_bytes, reading);
            line += 1;
        }
    }

    /// Gives the row that starts here to the reading; answers where the next one starts.
    fn one_row(&self, start: usize, line: u64, row_bytes: usize, reading: &mut dyn RowReading) -> usize {
        let rest = self.bytes.get(start..).unwrap_or_default();
        let (end, next) = match scan::line_feed(rest) {
            Some(at) => (start + at, start + at + 1),
            None => (self.bytes.len(), self.bytes.len()),
        };
        let mut bytes = self.bytes.get(start..end).unwrap_or_default();
        let mut at = self.base + start as u64;
        if at == 0
            && let Some(rest) = bytes.strip_prefix(b"\xEF\xBB\xBF")
        {
            (bytes, at) = (rest, 3);
        }
        let unfinished = self.cut && next == self.bytes.len();
        if bytes.len() > row_bytes || unfinished {
            reading.fault(diagnostics::row_too_long(row_bytes), line);
        } else if !bytes.iter().all(|b| matches!(b, b' ' | b'\t' | b'\r')) {
            match std::str::from_utf8(bytes) {
                Ok(text) => reading.row(RowText { text: text.trim_end_matches('\r'), at, line }),
                Err(error) => {
                    let before = bytes.get(..error.valid_up_to()).unwrap_or_default();
                    let column = super::super::place::column(before);
                    reading.fault_at(diagnostics::not_utf8(), Spot { line, column: Some(column), ..Spot::default() });
                }
            }
        }
        next
    }
}

fn append(source: &dyn HostFile, bytes: &mut Vec<u8>, at: u64, want: usize) -> Result<(), Broken> {
    let before = bytes.len();
    bytes.resize(before + want, 0);
    let read = source.read_at(at, bytes.get_mut(before..).unwrap_or_default()).map_err(Broken::Io)?;
    bytes.truncate(before + read);
    if read == want { Ok(()) } else { Err(Broken::Short) }
}
