//! One chunk of a file of lines: bytes, then lines, then rows, then columns.

use super::super::diagnostics;
use super::super::reading::FileRead;
use super::super::tally::{Findings, Made, Spot};
use super::row::{Block, RowReader, RowReading, RowText, Rows};
use super::{Broken, scan};
use crate::data::{Batch, Origins};
use crate::host::HostFile;
use std::ops::Range;
use std::sync::{Mutex, PoisonError};

/// Bytes read at once to find the end of a row that leaves its chunk.
const TAIL_BYTES: usize = 64 * 1024;

/// A chunk with everything that can be said of it without knowing what comes before.
pub(super) struct Chunk {
    window: Window,
    pub line_feeds: u64,
    pub findings: Findings,
    /// Rows with lines counted from the start of the chunk.
    pub made: Made,
    pub broken: Option<Broken>,
}

impl Chunk {
    /// The chunk's own bytes.
    pub fn own(&self) -> &[u8] {
        self.window.own_bytes()
    }
}

/// Room for the bytes of chunks, to be used again: fresh memory costs more than what is read
/// into it.
#[derive(Default)]
pub(super) struct Room {
    free: Mutex<Vec<Vec<u8>>>,
}

impl Room {
    fn take(&self) -> Vec<u8> {
        self.free.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default()
    }

    /// Takes the room of a chunk back, unless a long row has made it large.
    pub fn give_back(&self, chunk: Chunk, chunk_bytes: u64) {
        let room = chunk.window.room;
        if room.len() as u64 <= chunk_bytes.saturating_mul(2) + 2 * TAIL_BYTES as u64 {
            self.free.lock().unwrap_or_else(PoisonError::into_inner).push(room);
        }
    }
}

/// Reads a range of a file and decodes the rows that start in it.
pub(super) fn decode(
    file: &FileRead<'_>,
    rows: &dyn RowReader,
    source: &dyn HostFile,
    size: u64,
    range: Range<u64>,
    room: &Room,
) -> Chunk {
    let (window, broken) = match Window::read(source, size, &range, file.limits.row_bytes, room.take()) {
        Ok(window) => (window, None),
        Err(broken) => (Window::default(), Some(broken)),
    };
    let mut read = Rows::default();
    let mut line_feeds = None;
    if window.first_start().is_some_and(|start| start < window.own.end) {
        let mut reading = rows.start(file);
        line_feeds = window.each_row(file.limits.row_bytes, &mut *reading);
        read = reading.finish();
    }
    let line_feeds = line_feeds.unwrap_or_else(|| scan::count_line_feeds(window.own_bytes()));
    let Rows { findings, columns, len, lines, keys } = read;
    let origins = Origins::Lines {
        evidence: file.judge.definition.name.clone(),
        file: file.shown().clone(),
        lines,
        key: file.judge.keys.first().map(|(column, ..)| *column),
    };
    let made = Made { batch: Batch { len, first: 0, columns, origins }, keys };
    Chunk { window, line_feeds, findings, made, broken }
}

/// The bytes of a chunk, and of the row that leaves it.
#[derive(Default)]
struct Window {
    /// Perhaps one byte before the chunk, its own, the rest of its last row; then nothing that
    /// matters.
    room: Vec<u8>,
    filled: usize,
    own: Range<usize>,
    /// Where the first of its bytes stands in the file.
    base: u64,
    /// The last row goes on after these bytes.
    cut: bool,
}

impl Window {
    fn read(
        source: &dyn HostFile,
        size: u64,
        range: &Range<u64>,
        row_bytes: usize,
        room: Vec<u8>,
    ) -> Result<Self, Broken> {
        // The byte before says whether a row starts here.
        let base = range.start.saturating_sub(1);
        let mut window = Self { room, filled: 0, own: 0..0, base, cut: false };
        window.append(source, (range.end - base) as usize)?;
        window.own = (range.start - base) as usize..window.filled;
        let ends_in_row = window.last_start().is_some_and(|start| start < window.own.end) && range.end < size;
        if ends_in_row && window.bytes().last() != Some(&b'\n') {
            window.read_on(source, size, row_bytes)?;
        }
        Ok(window)
    }

    fn bytes(&self) -> &[u8] {
        self.room.get(..self.filled).unwrap_or_default()
    }

    fn own_bytes(&self) -> &[u8] {
        self.bytes().get(self.own.clone()).unwrap_or_default()
    }

    /// Reads the next bytes of the file.
    fn append(&mut self, source: &dyn HostFile, want: usize) -> Result<(), Broken> {
        let end = self.filled + want;
        if self.room.len() < end {
            // With room for the rest of a row.
            self.room.resize(end + TAIL_BYTES, 0);
        }
        let room = self.room.get_mut(self.filled..end).unwrap_or_default();
        let read = source.read_at(self.base + self.filled as u64, room).map_err(Broken::Io)?;
        self.filled += read;
        if read == want { Ok(()) } else { Err(Broken::Short) }
    }

    /// Where the last row that starts in the chunk starts.
    fn last_start(&self) -> Option<usize> {
        match self.own_bytes().iter().rposition(|b| *b == b'\n') {
            Some(at) => Some(self.own.start + at + 1),
            None => self.first_start().filter(|start| *start < self.own.end),
        }
    }

    /// Where the first row that starts in the chunk starts.
    fn first_start(&self) -> Option<usize> {
        if self.base == 0 && self.own.start == 0 {
            return Some(0);
        }
        let at = scan::line_feed(self.bytes())?;
        Some(at + 1)
    }

    /// Reads to the end of the last row, or until it is too long.
    fn read_on(&mut self, source: &dyn HostFile, size: u64, row_bytes: usize) -> Result<(), Broken> {
        let start = self.last_start().unwrap_or(self.own.end);
        loop {
            let at = self.base + self.filled as u64;
            if at >= size {
                return Ok(());
            }
            if self.filled - start > row_bytes {
                self.cut = true;
                return Ok(());
            }
            let before = self.filled;
            self.append(source, TAIL_BYTES.min(usize::try_from(size - at).unwrap_or(TAIL_BYTES)))?;
            if let Some(end) = scan::line_feed(self.bytes().get(before..).unwrap_or_default()) {
                self.filled = before + end + 1;
                return Ok(());
            }
        }
    }

    /// Gives each row that is not blank to the reading; answers how many line feeds are in the
    /// chunk's own bytes.
    fn each_row(&self, row_bytes: usize, reading: &mut dyn RowReading) -> Option<u64> {
        let first = self.first_start()?;
        let mut line = 1 + scan::count_line_feeds(self.bytes().get(self.own.start..first).unwrap_or_default());
        // A row that is cut is too long, and nobody reads it.
        let whole = if self.cut { self.last_start().unwrap_or(first) } else { self.filled };
        let text = std::str::from_utf8(self.bytes().get(first..whole).unwrap_or_default());
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
        // Each row ends with a line feed, but the last one may not, or not in these bytes.
        let last = start.checked_sub(1).filter(|last| *last < self.own.end);
        let ended = last.and_then(|last| self.bytes().get(last)) == Some(&b'\n');
        Some(line - 1 - u64::from(!ended))
    }

    /// Gives the row that starts here to the reading; answers where the next one starts.
    fn one_row(&self, start: usize, line: u64, row_bytes: usize, reading: &mut dyn RowReading) -> usize {
        let rest = self.bytes().get(start..).unwrap_or_default();
        let (end, next) = match scan::line_feed(rest) {
            Some(at) => (start + at, start + at + 1),
            None => (self.filled, self.filled),
        };
        let mut bytes = self.bytes().get(start..end).unwrap_or_default();
        let mut at = self.base + start as u64;
        if at == 0
            && let Some(rest) = bytes.strip_prefix(b"\xEF\xBB\xBF")
        {
            (bytes, at) = (rest, 3);
        }
        let unfinished = self.cut && next == self.filled;
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
