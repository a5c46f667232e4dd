//! CSV: read in file order by one thread, which hashes the bytes and finds where records end;
//! decoded by all threads, in blocks of whole records.
//!
//! A quoted cell may hold line breaks, so nobody who starts in the middle of a file can tell where
//! a record begins. Finding that out is the small part of the work.

mod cells;
mod columns;
mod records;
mod rows;

use super::diagnostics;
use super::reading::FileRead;
use super::tally::{Positions, Spot, Tally};
use crate::data::EvidenceFault;
use columns::Columns;
use records::{Block, Broken, Records};
use rows::Decoded;
use std::sync::Arc;

/// The option that says what stands between cells.
pub(super) const DELIMITER: &str = "delimiter";
/// The option that says whether the first record names the columns.
pub(super) const HEADER: &str = "header";

/// How the cells of a file are told apart and named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Dialect {
    delimiter: u8,
    header: bool,
}

impl Dialect {
    /// What the declaration says; a tab is the delimiter of `.tsv` unless it says another.
    fn of(file: &FileRead<'_>) -> Result<Self, EvidenceFault> {
        let options = &file.judge.definition.format_options;
        let delimiter = match options.get(DELIMITER).map(|text| text.as_bytes()) {
            None if file.shown().ends_with(".tsv") => b'\t',
            None => b',',
            Some([sign]) if sign.is_ascii() && !matches!(sign, b'"' | b'\r' | b'\n') => *sign,
            Some(_) => return Err(diagnostics::format("the delimiter of a CSV file is one ASCII character")),
        };
        Ok(Self { delimiter, header: options.get(HEADER).is_none_or(|text| &**text != "false") })
    }
}

/// Reads one file.
pub(super) fn read(file: &FileRead<'_>, tally: &mut Tally<'_>) {
    let path = file.shown();
    tally.begin(path);
    let opened = Dialect::of(file).and_then(|dialect| Ok((dialect, file.open()?)));
    let (dialect, (source, stamp)) = match opened {
        Ok(opened) => opened,
        Err(fault) => {
            tally.file_fault(fault, path);
            return tally.end(path, None, 0);
        }
    };
    let mut records = Records::new(&*source, stamp.0, dialect.delimiter, file.limits);
    decode(file, dialect, &mut records, tally);
    let (digest, lines, broken) = records.finish();
    let unchanged = source.stamp().is_ok_and(|now| now == stamp);
    let read = match broken {
        Some(Broken::Io(error)) => {
            tally.file_fault(diagnostics::unreadable(path, &error), path);
            None
        }
        Some(Broken::Short) => {
            tally.file_fault(diagnostics::changed_while_read(path), path);
            None
        }
        None if !unchanged => {
            tally.file_fault(diagnostics::changed_while_read(path), path);
            None
        }
        None => Some((digest, stamp.0)),
    };
    tally.end(path, read, lines + 1);
}

/// Decodes all records. While some blocks are decoded, the rows of those before them go out and
/// those after them are read.
fn decode(file: &FileRead<'_>, dialect: Dialect, records: &mut Records<'_>, tally: &mut Tally<'_>) {
    let sender = tally.sender();
    let at_once = match rayon::current_num_threads() {
        1 => 1,
        threads => threads * 2,
    };
    let mut blocks = records.blocks(at_once);
    let columns = match columns(file, dialect, &mut blocks, records, at_once, tally) {
        Some(columns) => columns,
        // Cells without names mean nothing. The rest is read for its digest and counted.
        None => return count(file, blocks, records, at_once, tally),
    };
    let mut batches = Vec::new();
    while !(blocks.is_empty() && batches.is_empty()) {
        let out = std::mem::take(&mut batches);
        let (decoded, next) = rayon::join(
            || each(blocks, out, |block| rows::decode(file, dialect, &columns, &block), |batch| sender.send(batch)),
            || records.blocks(at_once),
        );
        blocks = next;
        for Decoded { findings, mut made } in decoded {
            tally.take(findings, &mut made, 0, Positions::Lines);
            batches.push(made.batch);
        }
    }
}

/// Does something with all blocks and something else with all batches, at once; the results of
/// the first in order.
fn each<B: Send, M: Send, R: Send>(
    blocks: Vec<B>,
    batches: Vec<M>,
    decode: impl Fn(B) -> R + Sync + Send,
    send: impl Fn(M) + Sync + Send,
) -> Vec<R> {
    use rayon::prelude::*;
    let decoded = || blocks.into_par_iter().map(&decode).collect();
    rayon::join(|| batches.into_par_iter().for_each(&send), decoded).1
}

/// What the columns are: named by the first record, which is not decoded then, or by the
/// declaration. Without a name for every column there are none, and that has been told.
fn columns(
    file: &FileRead<'_>,
    dialect: Dialect,
    blocks: &mut Vec<Block>,
    records: &mut Records<'_>,
    at_once: usize,
    tally: &mut Tally<'_>,
) -> Option<Columns> {
    if !dialect.header {
        return Some(Columns::declared(file));
    }
    // Blank lines, and rows that are too long, may stand before it.
    while !blocks.is_empty() && !blocks.iter().any(|block| block.holds_records()) {
        let skipped = std::mem::replace(blocks, records.blocks(at_once));
        for block in skipped {
            let Decoded { findings, mut made } = rows::decode(file, dialect, &Columns::none(), &block);
            tally.take(findings, &mut made, 0, Positions::Lines);
        }
    }
    let found = match blocks.iter_mut().find(|block| block.holds_records()) {
        Some(block) => Columns::named(file, dialect, block),
        None if records.is_broken() => return None,
        None => Err(vec![(diagnostics::csv_header_absent(), Spot { line: 1, ..Spot::default() })]),
    };
    match found {
        Ok(columns) => Some(columns),
        Err(faults) => {
            let mut decoded = rows::nameless(file, faults);
            tally.take(decoded.findings, &mut decoded.made, 0, Positions::Lines);
            tally.sender().send(decoded.made.batch);
            None
        }
    }
}

/// Counts the rows that cannot be read.
fn count(
    file: &FileRead<'_>,
    mut blocks: Vec<Block>,
    records: &mut Records<'_>,
    at_once: usize,
    tally: &mut Tally<'_>,
) {
    while !blocks.is_empty() {
        for block in blocks {
            let mut decoded = rows::nameless(file, Vec::new());
            // A file of no shape is one row, and that has gone out.
            if !file.judge.definition.judge_each_file {
                decoded.findings.rows = block.rows() as u64;
            }
            tally.take(decoded.findings, &mut decoded.made, 0, Positions::Lines);
        }
        blocks = records.blocks(at_once);
    }
}

/// Names of its own for a thread: threads that share reference counts wait for each other.
fn detached(name: &Arc<str>) -> Arc<str> {
    Arc::from(&**name)
}
