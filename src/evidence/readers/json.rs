//! JSON: one value a file.

use super::Reader;
use crate::evidence::reading::{FileRead, ReadFile};
use crate::evidence::tally::Tally;
use crate::evidence::tree::parse_json;
use crate::evidence::trees;
use crate::registry::Format;

/// The format.
pub const READER: Reader = Reader {
    format: Format {
        name: "json",
        extensions: &["json"],
        doc: "One JSON value a file (RFC 8259): a document, or a list of rows.",
        options: &[],
        nested: true,
        cells: false,
    },
    read: &JsonFile,
};

struct JsonFile;

impl ReadFile for JsonFile {
    fn read(&self, file: &FileRead<'_>, tally: &mut Tally<'_>) {
        trees::read(file, parse_json, tally);
    }
}
