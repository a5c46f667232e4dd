//! Where records end: bytes of a file, in order, into blocks of whole records.

use super::super::lines::count_line_feeds;
use super::super::reading::ReadLimits;
use crate::data::Digest;
use crate::host::HostFile;
use memchr::{memchr, memchr2};
use sha2::{Digest as _, Sha256};
use std::ops::Range;

const MARK: &[u8] = b"\xEF\xBB\xBF";

/// Whole records that stand one after the other.
#[derive(Debug)]
pub(super) struct Block {
    pub bytes: Vec<u8>,
    /// Byte offset of its start in the file.
    pub at: u64,
    /// Line of its start, from 1.
    pub line: u64,
    /// Where each record ends, line break included.
    ends: Vec<usize>,
    /// Records at its start that name columns.
    names: usize,
    /// Lines where records begin that are too long to be held.
    pub too_long: Vec<u64>,
}

/// The place of a record in its block, and its line.
#[derive(Debug, Clone)]
pub(super) struct Record {
    /// Without its line break.
    pub range: Range<usize>,
    pub line: u64,
}

impl Block {
    /// Records that are not blank, in order.
    pub fn records(&self) -> impl Iterator<Item = Record> + '_ {
        let (mut start, mut line) = (0, self.line);
        let all = self.ends.iter().map(move |end| {
            let bytes = self.bytes.get(start..*end).unwrap_or_default();
            let body = bytes.strip_suffix(b"\n").unwrap_or(bytes);
            let body = body.strip_suffix(b"\r").unwrap_or(body);
            let record = Record { range: start..start + body.len(), line };
            line += count_line_feeds(bytes);
            start = *end;
            record
        });
        all.skip(self.names).filter(|record| !record.range.is_empty())
    }

    /// Whether it has a record that is not blank.
    pub fn holds_records(&self) -> bool {
        self.records().next().is_some()
    }

    /// Leaves everything up to the end of its first record that is not blank out from now on.
    pub fn pass_names(&mut self) {
        let Some(first) = self.records().next() else { return };
        self.names = self.ends.partition_point(|end| *end <= first.range.start) + 1;
    }

    /// How many rows it has, too long ones included.
    pub fn rows(&self) -> usize {
        self.records().count() + self.too_long.len()
    }
}

/// Why a file could not be read to its end.
#[derive(Debug)]
pub(super) enum Broken {
    Io(std::io::Error),
    /// It ended before its size said.
    Short,
}

/// What the next byte belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// A record begins.
    Start,
    /// Outside quotes.
    Plain,
    /// Inside quotes.
    Quoted,
    /// A quote inside quotes: their end, or the first half of one that belongs to the text.
    Quote,
}

/// Reads a file once, from its start.
pub(super) struct Records<'f> {
    source: &'f dyn HostFile,
    size: u64,
    delimiter: u8,
    chunk_bytes: usize,
    row_bytes: usize,
    hasher: Sha256,
    /// How much of the file has been read.
    read: u64,
    /// What has been read and given to no block.
    bytes: Vec<u8>,
    /// Line of its start, from 1.
    line: u64,
    /// How much of it has been looked at.
    scanned: usize,
    state: State,
    /// The last byte that was looked at.
    last: u8,
    /// Line of the record whose bytes are thrown away, because it is too long.
    thrown: Option<u64>,
    broken: Option<Broken>,
    marked: bool,
}

impl<'f> Records<'f> {
    pub fn new(source: &'f dyn HostFile, size: u64, delimiter: u8, limits: &ReadLimits) -> Self {
        Self {
            source,
            size,
            delimiter,
            chunk_bytes: limits.chunk_bytes.max(1),
            row_bytes: limits.row_bytes,
            hasher: Sha256::new(),
            read: 0,
            bytes: Vec::new(),
            line: 1,
            scanned: 0,
            state: State::Start,
            last: 0,
            thrown: None,
            broken: None,
            marked: false,
        }
    }

    /// The next blocks, at most so many. Fewer, at the end of the file or where it cannot be read
    /// on; none after that.
    pub fn blocks(&mut self, most: usize) -> Vec<Block> {
        std::iter::from_fn(|| self.block()).take(most).collect()
    }

    /// Whether the file could not be read on.
    pub fn is_broken(&self) -> bool {
        self.broken.is_some()
    }

    /// The digest of everything read, how many line feeds there were, and why it ended early.
    pub fn finish(self) -> (Digest, u64, Option<Broken>) {
        let lines = self.line - 1 + count_line_feeds(&self.bytes);
        (Digest(self.hasher.finalize().into()), lines, self.broken)
    }

    fn block(&mut self) -> Option<Block> {
        let (mut ends, mut too_long) = (Vec::new(), Vec::new());
        while ends.is_empty() && too_long.is_empty() {
            if !self.read_on() {
                if self.broken.is_some() || self.bytes.is_empty() && self.thrown.is_none() {
                    return None;
                }
                // The last record may end without a line break.
                match self.thrown.take() {
                    Some(line) => too_long.push(line),
                    None => ends.push(self.bytes.len()),
                }
                break;
            }
            self.scan(&mut ends);
            self.throw(&mut ends, &mut too_long);
        }
        Some(self.cut(ends, too_long))
    }

    /// Reads and hashes some more. False at the end.
    fn read_on(&mut self) -> bool {
        let left = self.size.saturating_sub(self.read);
        if left == 0 || self.broken.is_some() {
            return false;
        }
        let want = usize::try_from(left).unwrap_or(usize::MAX).min(self.chunk_bytes);
        let before = self.bytes.len();
        self.bytes.resize(before + want, 0);
        let found = self.source.read_at(self.read, self.bytes.get_mut(before..).unwrap_or_default());
        let found = match found {
            Ok(found) => found,
            Err(error) => {
                self.broken = Some(Broken::Io(error));
                0
            }
        };
        self.bytes.truncate(before + found);
        if found < want {
            self.broken.get_or_insert(Broken::Short);
            return false;
        }
        self.hasher.update(self.bytes.get(before..).unwrap_or_default());
        self.read += found as u64;
        true
    }

    /// Looks at what has been read and not looked at.
    fn scan(&mut self, ends: &mut Vec<usize>) {
        if !self.marked {
            // A mark may be cut: then its rest is awaited.
            let head = self.bytes.get(..self.bytes.len().min(MARK.len())).unwrap_or_default();
            if self.read < self.size && head.len() < MARK.len() && MARK.starts_with(head) {
                return;
            }
            self.marked = true;
            if head == MARK {
                self.bytes.drain(..MARK.len());
            }
        }
        while let Some((first, _)) = self.bytes.get(self.scanned..).and_then(<[u8]>::split_first) {
            let rest = self.bytes.get(self.scanned..).unwrap_or_default();
            let passed = match self.state {
                State::Start => match first {
                    b'"' => {
                        self.state = State::Quoted;
                        1
                    }
                    _ => {
                        self.state = State::Plain;
                        0
                    }
                },
                State::Plain => match memchr2(b'"', b'\n', rest) {
                    None => rest.len(),
                    Some(found) => {
                        let before = match found.checked_sub(1) {
                            Some(before) => rest.get(before).copied(),
                            None => Some(self.last),
                        };
                        if rest.get(found) == Some(&b'\n') {
                            ends.push(self.scanned + found + 1);
                            self.state = State::Start;
                        } else if before == Some(self.delimiter) {
                            self.state = State::Quoted;
                        }
                        found + 1
                    }
                },
                State::Quoted => match memchr(b'"', rest) {
                    None => rest.len(),
                    Some(found) => {
                        self.state = State::Quote;
                        found + 1
                    }
                },
                State::Quote if *first == b'"' => {
                    self.state = State::Quoted;
                    1
                }
                State::Quote => {
                    self.state = State::Plain;
                    0
                }
            };
            if let Some(last) = passed.checked_sub(1).and_then(|last| rest.get(last)) {
                self.last = *last;
            }
            self.scanned += passed;
        }
    }

    /// Throws the bytes of a record away that is too long, and notes its line.
    fn throw(&mut self, ends: &mut Vec<usize>, too_long: &mut Vec<u64>) {
        if let Some(line) = self.thrown {
            let end = ends.first().copied();
            self.drop_bytes(end.unwrap_or(self.bytes.len()));
            let Some(end) = end else { return };
            ends.remove(0);
            ends.iter_mut().for_each(|later| *later -= end);
            self.thrown = None;
            too_long.push(line);
        }
        if ends.is_empty() && self.bytes.len() > self.row_bytes.saturating_add(2) {
            self.thrown = Some(self.line);
            self.drop_bytes(self.bytes.len());
        }
    }

    fn drop_bytes(&mut self, count: usize) {
        self.line += count_line_feeds(self.bytes.get(..count).unwrap_or_default());
        self.bytes.drain(..count.min(self.bytes.len()));
        self.scanned -= count;
    }

    /// Makes a block of everything up to the last end.
    fn cut(&mut self, ends: Vec<usize>, too_long: Vec<u64>) -> Block {
        let end = ends.last().copied().unwrap_or(0).min(self.bytes.len());
        let rest = self.bytes.split_off(end);
        let bytes = std::mem::replace(&mut self.bytes, rest);
        let at = self.read - (self.bytes.len() + bytes.len()) as u64;
        let line = self.line;
        self.line += count_line_feeds(&bytes);
        self.scanned = self.scanned.saturating_sub(end);
        Block { bytes, at, line, ends, names: 0, too_long }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::{Host, MemHost};
    use std::path::Path;

    /// Every record with its line, and lines of records that are too long.
    fn split(text: &[u8], chunk_bytes: usize, row_bytes: usize) -> Vec<String> {
        let host = MemHost::new();
        host.put("/x", text);
        let file = host.open(Path::new("/x")).unwrap();
        let limits = ReadLimits { chunk_bytes, row_bytes, ..ReadLimits::default() };
        let mut records = Records::new(&*file, text.len() as u64, b',', &limits);
        let mut told = Vec::new();
        while let [block] = records.blocks(1).as_slice() {
            told.extend(block.too_long.iter().map(|line| format!("{line} too long")));
            for record in block.records() {
                let at = block.at as usize + record.range.start;
                let bytes = &block.bytes[record.range.clone()];
                assert_eq!(&text[at..at + bytes.len()], bytes);
                if bytes.len() > row_bytes {
                    told.push(format!("{} too long", record.line));
                } else {
                    told.push(format!("{} {}", record.line, String::from_utf8_lossy(bytes)));
                }
            }
        }
        let (digest, lines, broken) = records.finish();
        assert!(broken.is_none());
        assert_eq!(digest, Digest::of(text));
        assert_eq!(lines, count_line_feeds(text));
        told
    }

    #[test]
    fn records_do_not_depend_on_how_the_file_is_cut() {
        let text =
            "\u{feff}\"a\",b\r\n\n\"x\ny\",\"1\"\"\"\n\r\nplain \"quote,\"z\n\"\n\"\"\n\",q\nlast,row".as_bytes();
        let whole = split(text, 1 << 20, 1 << 20);
        let expected = ["1 \"a\",b", "3 \"x\ny\",\"1\"\"\"", "6 plain \"quote,\"z\n\"", "8 \"\"", "9 \",q\nlast,row"];
        assert_eq!(whole, expected);
        for chunk in 1..text.len() {
            assert_eq!(split(text, chunk, 1 << 20), whole, "{chunk}");
        }
    }

    #[test]
    fn rows_that_are_too_long_are_dropped_wherever_they_stand() {
        let text = format!("a,b\n{}\nc,d\n\"{}\n\n\",e\nf\n{}", "x".repeat(50), "y".repeat(50), "z".repeat(50));
        let whole = split(text.as_bytes(), 1 << 20, 10);
        assert_eq!(whole, ["1 a,b", "2 too long", "3 c,d", "4 too long", "7 f", "8 too long"]);
        for chunk in 1..text.len() {
            assert_eq!(split(text.as_bytes(), chunk, 10), whole, "{chunk}");
        }
    }

    #[test]
    fn a_row_of_just_the_limit_is_kept() {
        for end in ["\n", "\r\n", ""] {
            for chunk in 1..30 {
                let text = format!("0123456789{end}");
                assert_eq!(split(text.as_bytes(), chunk, 10), ["1 0123456789"], "{chunk} {end:?}");
                assert_eq!(split(text.as_bytes(), chunk, 9), ["1 too long"], "{chunk} {end:?}");
            }
        }
    }
}
