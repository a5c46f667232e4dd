//! The formats of evidence, one file each: its description, and how it is read.
//!
//! A new format is a file here and a line in [`READERS`].

mod csv;
mod json;
mod jsonl;
mod yaml;

use super::reading::ReadFile;
use crate::registry::{Format, Registry};

/// A format and its reader.
pub struct Reader {
    /// Enough to choose it, check its options and document it.
    pub format: Format,
    pub(super) read: &'static dyn ReadFile,
}

/// Every format that evidence can have.
pub const READERS: &[Reader] = &[csv::READER, json::READER, jsonl::READER, yaml::READER];

/// The reader of a format.
pub(super) fn reader(format: &str) -> Option<&'static Reader> {
    READERS.iter().find(|r| r.format.name == format)
}

/// The reader that a file name's ending chooses.
pub(super) fn reader_of(path: &str) -> Option<&'static Reader> {
    let (_, ending) = path.rsplit_once('.')?;
    READERS.iter().find(|r| r.format.extensions.contains(&ending))
}

/// Adds every format to a registry.
pub fn register(registry: &mut Registry) {
    for reader in READERS {
        registry.add_format(&reader.format);
    }
}
