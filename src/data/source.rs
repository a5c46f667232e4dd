//! The seam between evidence and engine: how rows come in, and what is said about them.
//!
//! Files stream through it, tests and editors pass rows from memory; the engine cannot tell.

use super::{Batch, Digest, Num, Origin, Value};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Which fields of an evidence's rows (or of its document) somebody reads: a tree of names. A
/// field that is not named is checked on the way in and not kept.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Projection {
    /// The whole value is read, with everything below it.
    pub all: bool,
    /// Fields read, each with what is read below it. Lists and maps are transparent: the fields
    /// of their elements stand here (`key` and `value` for a map).
    pub fields: BTreeMap<Arc<str>, Projection>,
}

impl Projection {
    /// Everything.
    pub fn everything() -> Self {
        Self { all: true, fields: BTreeMap::new() }
    }

    /// Adds a path.
    pub fn add(&mut self, path: &[Arc<str>]) {
        match path.split_first() {
            None => self.all = true,
            Some((head, rest)) => self.fields.entry(head.clone()).or_default().add(rest),
        }
    }

    /// Whether this field is read at all.
    pub fn reads(&self, field: &str) -> bool {
        self.all || self.fields.contains_key(field)
    }

    /// What is read below a field.
    pub fn below(&self, field: &str) -> Self {
        if self.all { Self::everything() } else { self.fields.get(field).cloned().unwrap_or_default() }
    }
}

/// Whether more rows are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flow {
    /// Go on.
    Continue,
    /// Stop sending rows (the rest of the file is still checked and hashed).
    Stop,
}

/// Takes the rows of one evidence.
pub trait BatchSink: Sync {
    /// Takes some rows. Called from several threads and in any order; [`Batch::first`] says
    /// where the rows stand in evidence order, and no row comes twice.
    fn take(&self, batch: Batch) -> Flow;
}

/// Where evidence comes from.
pub trait BatchSource: Sync {
    /// Reads one evidence from end to end, once: sends its rows to `sink` (for a document:
    /// nothing; the value is in the report), checks everything its declaration says, whether or
    /// not it is read, and reports.
    ///
    /// **Determinism**: the report does not depend on threads or on the order of folders.
    fn read(&self, evidence: &str, projection: &Projection, sink: &dyn BatchSink) -> ReadReport;
}

/// Everything that is known of an evidence once it has been read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadReport {
    /// Can gates use it?
    pub outcome: EvidenceOutcome,
    /// Files judged, in name order.
    pub files: Vec<EvidenceFile>,
    /// SHA-256 of the one file's bytes; of `files` evidence, of its sorted `sha256  path` lines.
    pub digest: Option<Digest>,
    /// Rows read (1 for a document).
    pub rows: u64,
    /// The document, for `document` evidence.
    pub document: Option<Value>,
    /// Schema version found.
    pub schema_version: Option<Arc<str>>,
    /// The instant its freshness was judged by (the oldest), ns since 1970.
    pub fresh_at: Option<Num>,
    /// Its kind of source (the weakest found): `synthetic`, `recorded`, `live`.
    pub source: Option<Arc<str>>,
    /// How many values of `lenient` fields could not be read, by field path.
    pub unreadable: BTreeMap<Arc<str>, u64>,
}

/// Whether gates can use an evidence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EvidenceOutcome {
    /// It can be used.
    Usable,
    /// No file, and the declaration excuses that: the value is missing (rows: none).
    Absent,
    /// Every gate that reads it is an `error`, for these reasons: the first hundred in file
    /// order, and the count of all.
    Unusable {
        /// The first hundred.
        faults: Vec<EvidenceFault>,
        /// How many there are in all.
        total: u64,
    },
}

/// What an evidence amounts to, in one word for reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EvidenceStatus {
    /// Read and usable.
    Usable,
    /// Absent and excused.
    Absent,
    /// Cannot be used.
    Unusable,
}

/// One reason why an evidence cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EvidenceFault {
    /// A stable code such as `rspp::evidence::stale`.
    pub code: &'static str,
    /// What is wrong, in words; data in it is printable and cut to a safe length.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
    /// Where: file, line, pointer, key.
    pub place: Option<Arc<Origin>>,
    /// Column in characters, from 1, where it is known.
    pub column: Option<u64>,
}

/// One file that was judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EvidenceFile {
    /// Its path as the policy or the command line says it.
    pub path: Arc<str>,
    /// SHA-256 of exactly the bytes judged.
    pub sha256: Digest,
    /// Its size.
    pub bytes: u64,
}
