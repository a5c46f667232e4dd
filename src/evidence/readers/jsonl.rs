//! JSONL: one JSON value a line.

use super::Reader;
use crate::evidence::lines::{self, TypedRows};
use crate::evidence::reading::{FileRead, ReadFile};
use crate::evidence::tally::Tally;
use crate::registry::Format;

/// The format.
pub const READER: Reader = Reader {
    format: Format {
        name: "jsonl",
        extensions: &["jsonl", "ndjson"],
        doc: "One JSON value a line, each a row. Read in parts, however large the file is.",
        options: &[],
        nested: false,
        cells: false,
    },
    read: &JsonLines,
};

struct JsonLines;

impl ReadFile for JsonLines {
    fn read(&self, file: &FileRead<'_>, tally: &mut Tally<'_>) {
        lines::read(file, &TypedRows::new(file.judge), tally);
    }
}
