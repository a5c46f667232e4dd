//! CSV: one row a record, its cells named by a header or by the declaration.

use super::Reader;
use crate::evidence::csv;
use crate::evidence::reading::{FileRead, ReadFile};
use crate::evidence::tally::Tally;
use crate::registry::{Format, FormatOption, FormatOptionValue};

/// The format.
pub const READER: Reader = Reader {
    format: Format {
        name: "csv",
        extensions: &["csv", "tsv"],
        doc: "Rows of cells (RFC 4180). Read in parts, however large the file is.",
        options: &[
            FormatOption {
                name: csv::DELIMITER,
                value: FormatOptionValue::Sign,
                doc: "the sign between cells; a comma, and a tab in files that end in `.tsv`",
            },
            FormatOption {
                name: csv::HEADER,
                value: FormatOptionValue::Bool,
                doc: "whether the first row names the columns; without it they are the fields in their order",
            },
        ],
        nested: false,
        cells: true,
    },
    read: &CsvFile,
};

struct CsvFile;

impl ReadFile for CsvFile {
    fn read(&self, file: &FileRead<'_>, tally: &mut Tally<'_>) {
        csv::read(file, tally);
    }
}
