//! Formats with one row a line: read in chunks by several threads, hashed and told in file order.
//!
//! A chunk owns the rows that start in it. Chunks are read and decoded in any order; one thread
//! at a time hashes the finished ones in file order, and says of their rows where they stand.
//! No thread ever waits for another: what is not yet its turn is put down for whoever comes by.

mod chunk;
mod row;
mod scan;
mod typed;

use super::diagnostics;
use super::reading::FileRead;
use super::tally::{Positions, Sender, Tally};
use crate::data::{Batch, Digest, Origins};
use crate::host::HostFile;
use chunk::{Chunk, Room};
pub(super) use row::{RowReader, keys_of, push};
pub(super) use scan::count_line_feeds;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
pub(super) use typed::TypedRows;

/// Reads one file of lines.
pub(super) fn read(file: &FileRead<'_>, rows: &dyn RowReader, tally: &mut Tally<'_>) {
    let path = file.shown();
    tally.begin(path);
    let (source, stamp) = match file.open() {
        Ok(opened) => opened,
        Err(fault) => {
            tally.file_fault(fault, path);
            return tally.end(path, None, 0);
        }
    };
    let size = stamp.0;
    let chunk_bytes = file.limits.chunk_bytes.max(1) as u64;
    let chunks = size.div_ceil(chunk_bytes);
    let sender = tally.sender();
    let pipeline = Pipeline {
        file,
        rows,
        source: &*source,
        size,
        chunk_bytes,
        chunks,
        room: Room::default(),
        turns: Mutex::new(Turns::default()),
        ordered: Mutex::new(Ordered { hasher: Sha256::new(), lines: 0, broken: None, tally }),
    };
    // Starting threads takes longer than reading one chunk.
    if chunks <= 1 || rayon::current_num_threads() == 1 {
        pipeline.run_alone(&sender);
    } else {
        pipeline.run(&sender);
    }
    let Ordered { hasher, lines, broken, tally } =
        pipeline.ordered.into_inner().unwrap_or_else(PoisonError::into_inner);
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
        None if !file.limits.hashing => {
            tally.file_fault(diagnostics::not_hashed(path), path);
            None
        }
        None => Some((Digest(hasher.finalize().into()), size)),
    };
    tally.end(path, read, lines + 1);
}

/// Why a file could not be read to its end.
#[derive(Debug)]
enum Broken {
    Io(std::io::Error),
    /// It ended before its size said.
    Short,
}

/// One reading of one file.
struct Pipeline<'p, 't> {
    file: &'p FileRead<'p>,
    rows: &'p dyn RowReader,
    source: &'p dyn HostFile,
    size: u64,
    chunk_bytes: u64,
    chunks: u64,
    room: Room,
    turns: Mutex<Turns>,
    ordered: Mutex<Ordered<'p, 't>>,
}

/// Whose turn it is.
#[derive(Default)]
struct Turns {
    /// Chunks that are decoded and not yet taken in.
    done: BTreeMap<u64, Chunk>,
    /// The chunk to take in next.
    next: u64,
    /// The chunk to begin next.
    begin: u64,
    /// Some thread takes chunks in.
    taking: bool,
}

/// What happens in file order.
struct Ordered<'p, 't> {
    hasher: Sha256,
    lines: u64,
    broken: Option<Broken>,
    tally: &'p mut Tally<'t>,
}

impl Pipeline<'_, '_> {
    /// Everything in this thread.
    fn run_alone(&self, sender: &Sender<'_>) {
        for index in 0..self.chunks {
            if let Some(batch) = self.take(self.decode(index)) {
                sender.send(batch);
            }
        }
    }

    /// On all threads of the pool. Twice as many chunks as threads are in memory.
    fn run<'s>(&'s self, sender: &'s Sender<'_>) {
        let window = (rayon::current_num_threads() as u64 * 2).min(self.chunks);
        lock(&self.turns).begin = window;
        rayon::scope_fifo(|scope| {
            for index in 0..window {
                scope.spawn_fifo(move |scope| self.work(scope, index, sender));
            }
        });
    }

    fn work<'s>(&'s self, scope: &rayon::ScopeFifo<'s>, index: u64, sender: &'s Sender<'_>) {
        let chunk = self.decode(index);
        let mut turns = lock(&self.turns);
        turns.done.insert(index, chunk);
        if turns.taking {
            return;
        }
        turns.taking = true;
        loop {
            let next = turns.next;
            let Some(chunk) = turns.done.remove(&next) else {
                turns.taking = false;
                return;
            };
            turns.next += 1;
            drop(turns);
            match self.take(chunk) {
                // Whoever takes rows may compute for long: that is nobody's turn.
                Some(batch) => scope.spawn_fifo(move |scope| {
                    sender.send(batch);
                    self.begin_next(scope, sender);
                }),
                None => self.begin_next(scope, sender),
            }
            turns = lock(&self.turns);
        }
    }

    /// One chunk has left: another one may come in.
    fn begin_next<'s>(&'s self, scope: &rayon::ScopeFifo<'s>, sender: &'s Sender<'_>) {
        let mut turns = lock(&self.turns);
        if turns.begin < self.chunks {
            let index = turns.begin;
            turns.begin += 1;
            drop(turns);
            scope.spawn_fifo(move |scope| self.work(scope, index, sender));
        }
    }

    fn decode(&self, index: u64) -> Chunk {
        let start = index * self.chunk_bytes;
        let end = (start + self.chunk_bytes).min(self.size);
        chunk::decode(self.file, self.rows, self.source, self.size, start..end, &self.room)
    }

    /// Takes the next chunk of the file in; gives its rows, which know their place now.
    fn take(&self, mut chunk: Chunk) -> Option<Batch> {
        let mut ordered = lock(&self.ordered);
        let ordered = &mut *ordered;
        if ordered.broken.is_some() {
            return None;
        }
        if let Some(broken) = chunk.broken.take() {
            ordered.broken = Some(broken);
            return None;
        }
        if self.file.limits.hashing {
            ordered.hasher.update(chunk.own());
        }
        let before = ordered.lines;
        ordered.lines += chunk.line_feeds;
        let mut made = std::mem::take(&mut chunk.made);
        if let Origins::Lines { lines, .. } = &mut made.batch.origins {
            lines.iter_mut().for_each(|line| *line += before);
        }
        ordered.tally.take(std::mem::take(&mut chunk.findings), &mut made, before, Positions::Lines);
        self.room.give_back(chunk, self.chunk_bytes);
        Some(made.batch)
    }
}

/// A thread that panicked with the lock has ended the reading already.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
