//! What is known of an evidence so far: rows gone out, faults found, what its rows say of
//! themselves. Everything comes in here in file order, whatever the threads did.

use super::diagnostics;
use super::judge::{Judge, Judged, Said};
use super::keys::{KeyHash, KeyTable, Met};
use super::place::LineIndex;
use crate::data::{
    Batch, BatchSink, Digest, EvidenceFault, EvidenceFile, EvidenceOutcome, Flow, Num, Origin, ReadReport, Value, print,
};
use crate::model::{EvidenceShape, SourceKind};
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// How many faults a report shows.
pub(super) const FAULTS_SHOWN: usize = 100;

/// A place in a file: absolute, or counted from the start of a chunk until it is known where
/// that is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Spot {
    pub line: u64,
    pub column: Option<u64>,
    pub pointer: Option<Arc<str>>,
    pub key: Option<Arc<str>>,
    /// Which row.
    pub row: u64,
}

/// What was found in some consecutive rows of one file.
#[derive(Debug, Default)]
pub(super) struct Findings {
    /// Rows read, good or not.
    pub rows: u64,
    faults: Vec<(EvidenceFault, Spot)>,
    /// Repeated keys: a list of their own, since they come up later than other faults do.
    repeated: Vec<(EvidenceFault, Spot)>,
    /// Faults of both lists, and those that are not kept.
    total: u64,
    unreadable: BTreeMap<Arc<str>, u64>,
    oldest: Option<(Num, Spot)>,
    newest: Option<(Num, Spot)>,
    kinds: [Option<Spot>; SourceKind::KINDS.len()],
    versions: BTreeSet<usize>,
}

impl Findings {
    /// Of one row, or of a document, with nothing found yet.
    pub fn of_one_row() -> Self {
        Self { rows: 1, ..Self::default() }
    }

    /// Takes a fault.
    pub fn fault(&mut self, fault: EvidenceFault, spot: impl FnOnce() -> Spot) {
        self.total = self.total.saturating_add(1);
        if self.faults.len() < FAULTS_SHOWN {
            self.faults.push((fault, spot()));
        }
    }

    /// Takes a repeated key.
    fn repeated(&mut self, fault: EvidenceFault, spot: impl FnOnce() -> Spot) {
        self.total = self.total.saturating_add(1);
        if self.repeated.len() < FAULTS_SHOWN {
            self.repeated.push((fault, spot()));
        }
    }

    /// The faults kept, by row.
    fn in_order(&mut self) -> Vec<(EvidenceFault, Spot)> {
        let mut all = std::mem::take(&mut self.faults);
        all.append(&mut self.repeated);
        all.sort_by_key(|(_, spot)| spot.row);
        all
    }

    /// Takes everything that was found in a row or document. `whole` makes its place, `inside`
    /// that of an offset and a pointer in it, which may cost more. True when it has no fault.
    pub fn judged(
        &mut self,
        judged: &mut Judged,
        whole: &dyn Fn(&Value) -> Spot,
        inside: &dyn Fn(&Value, u64, &str) -> Spot,
    ) -> bool {
        let Judged { value, faults, unreadable, said } = judged;
        for (field, n) in std::mem::take(unreadable) {
            let sum = self.unreadable.entry(field).or_default();
            *sum = sum.saturating_add(n);
        }
        self.said(said, &|| whole(value));
        let good = faults.is_empty();
        for found in faults.drain(..) {
            self.fault(found.fault, || inside(value, found.at, &found.pointer));
        }
        good
    }

    /// Takes what a row, or what stands beside rows, says of itself.
    pub fn said(&mut self, said: &Said, spot: &dyn Fn() -> Spot) {
        if let Some(instant) = said.instant {
            if self.oldest.as_ref().is_none_or(|(oldest, _)| instant < *oldest) {
                self.oldest = Some((instant, spot()));
            }
            if self.newest.as_ref().is_none_or(|(newest, _)| instant > *newest) {
                self.newest = Some((instant, spot()));
            }
        }
        if let Some(first) = said.kind.and_then(|kind| self.kinds.get_mut(kind)) {
            first.get_or_insert_with(spot);
        }
        self.versions.extend(said.version);
    }

    /// Takes the instant of a row that may stand before rows that were taken already.
    pub fn dated(&mut self, instant: Num, spot: Spot) {
        let first = |known: &Option<(Num, Spot)>, beyond: std::cmp::Ordering| match known {
            None => true,
            Some((known, at)) => match instant.cmp(known) {
                std::cmp::Ordering::Equal => spot.row < at.row,
                other => other == beyond,
            },
        };
        if first(&self.oldest, std::cmp::Ordering::Less) {
            self.oldest = Some((instant, spot.clone()));
        }
        if first(&self.newest, std::cmp::Ordering::Greater) {
            self.newest = Some((instant, spot));
        }
    }

    /// Adds what was found in the rows after these; `lines` and `rows` come before them.
    fn append(&mut self, later: Self, lines: u64, rows: u64) {
        let moved = |mut spot: Spot| {
            spot.line += lines;
            spot.row += rows;
            spot
        };
        self.rows += later.rows;
        self.total = self.total.saturating_add(later.total);
        for (fault, spot) in later.faults {
            if self.faults.len() < FAULTS_SHOWN {
                self.faults.push((fault, moved(spot)));
            }
        }
        for (field, n) in later.unreadable {
            let sum = self.unreadable.entry(field).or_default();
            *sum = sum.saturating_add(n);
        }
        if let Some((instant, spot)) = later.oldest
            && self.oldest.as_ref().is_none_or(|(oldest, _)| instant < *oldest)
        {
            self.oldest = Some((instant, moved(spot)));
        }
        if let Some((instant, spot)) = later.newest
            && self.newest.as_ref().is_none_or(|(newest, _)| instant > *newest)
        {
            self.newest = Some((instant, moved(spot)));
        }
        for (mine, theirs) in self.kinds.iter_mut().zip(later.kinds) {
            if mine.is_none() {
                *mine = theirs.map(moved);
            }
        }
        self.versions.extend(later.versions);
    }
}

/// How old an evidence may be, in ns.
#[derive(Debug, Clone, Copy)]
pub(super) struct FreshLimits {
    pub as_of: Num,
    pub within: Num,
    pub ahead: Num,
}

/// Rows that can go out, all of one file.
#[derive(Debug, Default)]
pub(super) struct Made {
    pub batch: Batch,
    pub keys: Vec<KeyAt>,
}

/// A key of a row that was made.
#[derive(Debug)]
pub(super) struct KeyAt {
    /// Which of the key fields, from 0.
    pub field: usize,
    pub hash: KeyHash,
    /// Which row of the batch.
    pub row: usize,
    /// Which of the rows found.
    pub found: u64,
    /// Where it stands: see [`Positions`].
    pub position: u64,
}

/// What positions of keys are.
#[derive(Debug, Clone, Copy)]
pub(super) enum Positions<'p> {
    /// Lines.
    Lines,
    /// Byte offsets into this text, plus one.
    Offsets(&'p [u8], &'p LineIndex),
}

/// Everything known of an evidence so far.
pub(super) struct Tally<'t> {
    pub judge: &'t Judge<'t>,
    sink: &'t dyn BatchSink,
    stopped: Arc<AtomicBool>,
    fresh: Option<FreshLimits>,
    accepted: &'t [Arc<str>],
    /// Of the file that is being read.
    current: Findings,
    /// Rows of files before it.
    rows_before: u64,
    /// Rows that went out.
    sent: u64,
    faults: Vec<EvidenceFault>,
    total: u64,
    files: Vec<EvidenceFile>,
    unhashed: bool,
    document: Option<Value>,
    unreadable: BTreeMap<Arc<str>, u64>,
    oldest: Option<Num>,
    weakest: Option<usize>,
    versions: BTreeSet<usize>,
    keys: KeyTable,
    keys_limit: u64,
    keys_full: bool,
    /// How many positions the files before have.
    positions: u64,
    /// Position of each file's start among all positions, and its name.
    starts: Vec<(u64, Arc<str>)>,
}

impl<'t> Tally<'t> {
    pub fn new(
        judge: &'t Judge<'t>,
        sink: &'t dyn BatchSink,
        fresh: Option<FreshLimits>,
        accepted: &'t [Arc<str>],
        keys_limit: u64,
    ) -> Self {
        Self {
            judge,
            sink,
            stopped: Arc::new(AtomicBool::new(false)),
            fresh,
            accepted,
            current: Findings::default(),
            rows_before: 0,
            sent: 0,
            faults: Vec::new(),
            total: 0,
            files: Vec::new(),
            unhashed: false,
            document: None,
            unreadable: BTreeMap::new(),
            oldest: None,
            weakest: None,
            versions: BTreeSet::new(),
            keys: KeyTable::new(keys_limit),
            keys_limit,
            keys_full: false,
            positions: 0,
            starts: Vec::new(),
        }
    }

    /// Takes a fault of the evidence or of a file as a whole.
    pub fn fault(&mut self, fault: EvidenceFault) {
        self.total = self.total.saturating_add(1);
        if self.faults.len() < FAULTS_SHOWN {
            self.faults.push(fault);
        }
    }

    /// A fault of a whole file.
    pub fn file_fault(&mut self, mut fault: EvidenceFault, file: &Arc<str>) {
        let spot = Spot { row: self.rows_before + self.current.rows, ..Spot::default() };
        fault.place = Some(self.origin(file, spot));
        self.fault(fault);
    }

    /// Begins a file.
    pub fn begin(&mut self, file: &Arc<str>) {
        self.starts.push((self.positions, file.clone()));
        self.current = Findings::default();
    }

    /// Takes what was found in the next rows of the current file, which begin after so many
    /// lines, and judges the keys of those that can go out. Their batch knows its position
    /// afterwards.
    pub fn take(&mut self, findings: Findings, made: &mut Made, lines: u64, positions: Positions<'_>) {
        let rows = self.current.rows;
        self.current.append(findings, lines, rows);
        made.batch.first = self.sent;
        self.sent += made.batch.len as u64;
        let start = self.starts.last().map_or(0, |(start, _)| *start);
        for key in &made.keys {
            match self.keys.take(key.hash, start.saturating_add(lines).saturating_add(key.position)) {
                Met::New => {}
                Met::Before(before) => {
                    let first = self.named(before, positions);
                    let fields = &self.judge.keys;
                    let Some((column, name, ty)) = fields.get(key.field) else { continue };
                    let value = made.batch.value(*column, key.row);
                    let fault = diagnostics::repeated_key(name, &print::value(&value, ty), &first);
                    let origin = made.batch.origin(key.row);
                    self.current.repeated(fault, || Spot {
                        line: origin.as_ref().map_or(0, |o| o.line),
                        pointer: origin.as_ref().and_then(|o| o.pointer.clone()),
                        key: origin.as_ref().and_then(|o| o.key.clone()),
                        row: rows + key.found,
                        column: None,
                    });
                }
                Met::NoRoom if !self.keys_full => {
                    self.keys_full = true;
                    let (keys, bytes) = self.keys.held();
                    self.fault(diagnostics::too_many_keys(keys, bytes, self.keys_limit));
                }
                Met::NoRoom => {}
            }
        }
    }

    /// A position among all files, in words.
    fn named(&self, position: u64, positions: Positions<'_>) -> String {
        let after = self.starts.partition_point(|(start, _)| *start < position);
        let Some((start, file)) = after.checked_sub(1).and_then(|i| self.starts.get(i)) else {
            return "an earlier file".to_owned();
        };
        let local = position.saturating_sub(*start);
        match positions {
            Positions::Lines => format!("{file}:{local}"),
            Positions::Offsets(text, index) if after == self.starts.len() => {
                let found = index.find(text, local.saturating_sub(1));
                format!("{file}:{}:{}", found.line, found.column)
            }
            Positions::Offsets(..) => file.to_string(),
        }
    }

    /// Sends rows out, until nobody wants more.
    pub fn sender(&self) -> Sender<'t> {
        Sender { sink: self.sink, stopped: self.stopped.clone() }
    }

    /// The position of the next row that goes out.
    pub fn next(&self) -> u64 {
        self.sent
    }

    /// How many positions the files before the current one have.
    pub fn positions(&self) -> u64 {
        self.positions
    }

    /// Takes the document.
    pub fn document(&mut self, value: Value) {
        self.document = Some(value);
        self.sent = 1;
    }

    /// A file could not be read to its end: there is no digest of the whole.
    pub fn unread(&mut self) {
        self.unhashed = true;
    }

    /// Ends a file that has so many positions: its faults in order, then what its rows amount to.
    pub fn end(&mut self, file: &Arc<str>, read: Option<(Digest, u64)>, positions: u64) {
        self.positions = self.positions.saturating_add(positions);
        let mut found = std::mem::take(&mut self.current);
        let shown = found.in_order();
        let held_back = found.total.saturating_sub(shown.len() as u64);
        for (mut fault, spot) in shown {
            fault.column = spot.column;
            fault.place = Some(self.origin(file, spot));
            self.fault(fault);
        }
        self.total = self.total.saturating_add(held_back);
        let is_rows = matches!(self.judge.definition.shape, EvidenceShape::Rows(_));
        let rows = is_rows.then_some(found.rows);
        if let Some(limits) = self.fresh {
            if let Some((instant, spot)) = &found.oldest {
                let age = limits.as_of.sub(*instant);
                if age.is_none_or(|age| age > limits.within) {
                    let mut fault = diagnostics::stale(*instant, age.unwrap_or(Num::ZERO), limits.within, rows);
                    fault.place = Some(self.origin(file, spot.clone()));
                    self.fault(fault);
                }
                self.oldest = Some(self.oldest.map_or(*instant, |o| o.min(*instant)));
            }
            if let Some((instant, spot)) = &found.newest {
                let by = instant.sub(limits.as_of);
                if by.is_none_or(|by| by > limits.ahead) {
                    let mut fault = diagnostics::from_the_future(*instant, by.unwrap_or(Num::ZERO), limits.ahead, rows);
                    fault.place = Some(self.origin(file, spot.clone()));
                    self.fault(fault);
                }
            }
        }
        for (i, (kind, first)) in SourceKind::KINDS.iter().zip(&found.kinds).enumerate() {
            if let Some(spot) = first {
                self.weakest = Some(self.weakest.map_or(i, |w| w.min(i)));
                if !self.accepted.iter().any(|a| **a == **kind) {
                    let mut fault = diagnostics::source_not_counted(kind, self.accepted);
                    fault.place = Some(self.origin(file, spot.clone()));
                    self.fault(fault);
                }
            }
        }
        self.versions.extend(found.versions);
        for (field, n) in found.unreadable {
            let sum = self.unreadable.entry(field).or_default();
            *sum = sum.saturating_add(n);
        }
        self.rows_before += found.rows;
        match read {
            Some((sha256, bytes)) => self.files.push(EvidenceFile { path: file.clone(), sha256, bytes }),
            None => self.unread(),
        }
    }

    fn origin(&self, file: &Arc<str>, spot: Spot) -> Arc<Origin> {
        Arc::new(Origin {
            evidence: self.judge.definition.name.clone(),
            file: file.clone(),
            line: spot.line,
            pointer: spot.pointer,
            key: spot.key,
            ordinal: self.rows_before + spot.row,
        })
    }

    /// The report. `one` file, or many that are told as one.
    pub fn finish(mut self, one: bool) -> ReadReport {
        let source = match &self.judge.definition.source {
            SourceKind::Fixed(kind) => self.said_kind(kind.clone()),
            SourceKind::Unsaid => self.said_kind(SourceKind::KINDS[0].into()),
            SourceKind::From(_) => self.weakest.and_then(|w| SourceKind::KINDS.get(w)).map(|k| Arc::from(*k)),
        };
        let digest = match (self.unhashed, one, self.files.as_slice()) {
            (true, ..) => None,
            (false, true, [file]) => Some(file.sha256),
            (false, true, _) => None,
            (false, false, files) => Some(digest_of(files)),
        };
        let accepted = self.judge.definition.version.as_ref().map_or(&[][..], |v| &v.accepted);
        let found: Vec<&str> = self.versions.iter().filter_map(|i| accepted.get(*i)).map(|v| &**v).collect();
        let usable = self.total == 0;
        let outcome = match usable {
            true => EvidenceOutcome::Usable,
            false => EvidenceOutcome::Unusable { faults: self.faults, total: self.total },
        };
        ReadReport {
            outcome,
            files: self.files,
            digest,
            rows: self.rows_before,
            document: self.document.filter(|_| usable),
            schema_version: (!found.is_empty()).then(|| found.join(", ").into()),
            fresh_at: self.oldest,
            source,
            unreadable: self.unreadable,
        }
    }

    /// A kind that the declaration itself says.
    fn said_kind(&mut self, kind: Arc<str>) -> Option<Arc<str>> {
        if !self.accepted.contains(&kind) {
            let fault = diagnostics::source_not_counted(&kind, self.accepted);
            self.fault(fault);
        }
        Some(kind)
    }
}

/// The digest of many files: SHA-256 over their `sha256  path` lines, sorted, each with a line
/// feed. `sha256sum FILES | sort | sha256sum` says the same.
fn digest_of(files: &[EvidenceFile]) -> Digest {
    let mut lines: Vec<String> = files.iter().map(|f| format!("{}  {}\n", f.sha256, f.path)).collect();
    lines.sort();
    let mut hasher = Sha256::new();
    for line in lines {
        hasher.update(line.as_bytes());
    }
    Digest(hasher.finalize().into())
}

/// Sends rows until nobody wants more.
#[derive(Clone)]
pub(super) struct Sender<'s> {
    sink: &'s dyn BatchSink,
    stopped: Arc<AtomicBool>,
}

impl Sender<'_> {
    pub fn send(&self, batch: Batch) {
        if batch.len > 0 && !self.stopped.load(Ordering::Relaxed) && self.sink.take(batch) == Flow::Stop {
            self.stopped.store(true, Ordering::Relaxed);
        }
    }
}
