//! YAML: one document a file.

use super::Reader;
use crate::evidence::reading::{FileRead, ReadFile};
use crate::evidence::tally::Tally;
use crate::evidence::tree::parse_yaml;
use crate::evidence::trees;
use crate::registry::Format;

/// The format.
pub const READER: Reader = Reader {
    format: Format {
        name: "yaml",
        extensions: &["yaml", "yml"],
        doc: "One YAML document a file (1.2, core schema): a document, or a list of rows.",
        options: &[],
        nested: true,
        cells: false,
    },
    read: &YamlFile,
};

struct YamlFile;

impl ReadFile for YamlFile {
    fn read(&self, file: &FileRead<'_>, tally: &mut Tally<'_>) {
        trees::read(file, parse_yaml, tally);
    }
}
