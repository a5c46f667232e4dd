//! One file to be read, with everything that a reader of its format needs.

use super::diagnostics;
use super::judge::Judge;
use super::tally::Tally;
use crate::data::EvidenceFault;
use crate::host::{EntryKind, Host, HostFile};
use std::path::PathBuf;
use std::sync::Arc;

/// Bounds of reading. The defaults suit every run; tests make them small.
#[derive(Debug, Clone)]
pub struct ReadLimits {
    /// Bytes of a file of lines that one thread reads at a time. Results do not depend on it.
    pub chunk_bytes: usize,
    /// Rows of a document format that go out together. Results do not depend on it.
    pub batch_rows: usize,
    /// The longest row of a file of lines, in bytes.
    pub row_bytes: usize,
    /// The largest file that is read in one piece (JSON, YAML), in bytes.
    pub file_bytes: u64,
    /// Memory for telling whether keys repeat, in bytes.
    pub key_bytes: u64,
    /// Entries of folders looked at for one pattern.
    pub entries: usize,
    /// Whether files of lines are hashed. Without, for measuring what hashing costs, they are
    /// read in full and then refused: evidence without a digest is never usable.
    pub hashing: bool,
}

impl Default for ReadLimits {
    fn default() -> Self {
        Self {
            chunk_bytes: 1 << 20,
            batch_rows: 1024,
            row_bytes: 64 << 20,
            file_bytes: 512 << 20,
            key_bytes: 1 << 30,
            entries: 1_000_000,
            hashing: true,
        }
    }
}

/// A file that an evidence reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FoundFile {
    /// Its path as the policy or the command line says it.
    pub shown: Arc<str>,
    /// Where it is.
    pub path: PathBuf,
    /// What the parts of its path in braces are, in order of their names.
    pub captures: Vec<(Arc<str>, Arc<str>)>,
}

/// One file to be read.
pub(super) struct FileRead<'r> {
    pub host: &'r dyn Host,
    pub file: &'r FoundFile,
    pub judge: &'r Judge<'r>,
    pub limits: &'r ReadLimits,
}

/// An opened file, and its size and time of change when it was opened.
pub(super) type Opened = (Box<dyn HostFile>, (u64, i128));

impl FileRead<'_> {
    /// Its path as people know it.
    pub fn shown(&self) -> &Arc<str> {
        &self.file.shown
    }

    /// Fields filled from its path.
    pub fn captures(&self) -> &[(Arc<str>, Arc<str>)] {
        &self.file.captures
    }

    /// Opens it.
    ///
    /// # Errors
    /// A fault that says why not.
    pub fn open(&self) -> Result<Opened, EvidenceFault> {
        let shown = self.shown();
        let unreadable = |error| diagnostics::unreadable(shown, &error);
        match self.host.kind(&self.file.path).map_err(unreadable)? {
            Some(EntryKind::File) | None => {}
            Some(EntryKind::Folder) => return Err(diagnostics::not_a_file(shown, "a folder")),
            Some(EntryKind::Other) => {
                return Err(diagnostics::not_a_file(shown, "a device, a pipe or a link that leads nowhere"));
            }
        }
        let file = self.host.open(&self.file.path).map_err(unreadable)?;
        let stamp = file.stamp().map_err(unreadable)?;
        Ok((file, stamp))
    }
}

/// Reads files of one format.
pub(super) trait ReadFile: Sync {
    /// Reads one file from end to end. What is wrong with it goes to the tally.
    fn read(&self, file: &FileRead<'_>, tally: &mut Tally<'_>);
}
