//! The cells of one record, as RFC 4180 has them; what it leaves open is refused.

use super::super::diagnostics;
use crate::data::EvidenceFault;
use memchr::{memchr, memchr3};
use std::borrow::Cow;

/// One cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Cell<'t> {
    /// Without its quotes, doubled quotes made single.
    pub text: Cow<'t, str>,
    /// Byte offset of its first character, or quote, in its record.
    pub at: usize,
    pub quoted: bool,
}

/// Why a record has no cells, and where.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Wrong {
    pub fault: EvidenceFault,
    pub at: usize,
}

/// Reads the cells of a record into `cells`.
pub(super) fn cells<'t>(text: &'t str, delimiter: u8, cells: &mut Vec<Cell<'t>>) -> Result<(), Wrong> {
    cells.clear();
    let mut at = 0;
    loop {
        let (cell, end) = match text.as_bytes().get(at) {
            Some(b'"') => quoted(text, at, delimiter)?,
            _ => plain(text, at, delimiter)?,
        };
        cells.push(cell);
        // The end of a cell is a delimiter, or the end of the record.
        if end >= text.len() {
            return Ok(());
        }
        at = end + 1;
    }
}

fn plain(text: &str, at: usize, delimiter: u8) -> Result<(Cell<'_>, usize), Wrong> {
    let rest = text.as_bytes().get(at..).unwrap_or_default();
    let end = match memchr3(delimiter, b'"', b'\r', rest).map(|found| (at + found, rest.get(found))) {
        None => text.len(),
        Some((end, Some(b'"'))) => return Err(Wrong { fault: diagnostics::csv_quote_inside(), at: end }),
        Some((end, Some(b'\r'))) => return Err(Wrong { fault: diagnostics::csv_carriage_return(), at: end }),
        Some((end, _)) => end,
    };
    let text = text.get(at..end).unwrap_or_default();
    Ok((Cell { text: Cow::Borrowed(text), at, quoted: false }, end))
}

fn quoted(text: &str, at: usize, delimiter: u8) -> Result<(Cell<'_>, usize), Wrong> {
    let bytes = text.as_bytes();
    let mut unquoted = Cow::Borrowed("");
    let mut from = at + 1;
    loop {
        let rest = bytes.get(from..).unwrap_or_default();
        let Some(found) = memchr(b'"', rest) else {
            return Err(Wrong { fault: diagnostics::csv_quote_open(), at });
        };
        let close = from + found;
        let part = text.get(from..close).unwrap_or_default();
        if unquoted.is_empty() {
            unquoted = Cow::Borrowed(part);
        } else {
            unquoted.to_mut().push_str(part);
        }
        match bytes.get(close + 1) {
            Some(b'"') => {
                unquoted.to_mut().push('"');
                from = close + 2;
            }
            Some(next) if *next != delimiter => {
                return Err(Wrong { fault: diagnostics::csv_after_quote(), at: close + 1 });
            }
            _ => return Ok((Cell { text: unquoted, at, quoted: true }, close + 1)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<String>, (usize, String)> {
        let mut found = Vec::new();
        match cells(text, b',', &mut found) {
            Ok(()) => {
                Ok(found.iter().map(|c| format!("{}{}{}", c.at, if c.quoted { "q" } else { ":" }, c.text)).collect())
            }
            Err(wrong) => Err((wrong.at, wrong.fault.message)),
        }
    }

    #[test]
    fn quotes_hold_delimiters_line_breaks_and_doubled_quotes() {
        assert_eq!(read("a,b").unwrap(), ["0:a", "2:b"]);
        assert_eq!(read("").unwrap(), ["0:"]);
        assert_eq!(read(",").unwrap(), ["0:", "1:"]);
        assert_eq!(read("a,\"\"").unwrap(), ["0:a", "2q"]);
        assert_eq!(read("\"a,\r\nb\",\"\"\"\",\"x\"\"y\"\"\"").unwrap(), ["0qa,\r\nb", "8q\"", "13qx\"y\""]);
        assert_eq!(read("\"\"\"\"\"a\"").unwrap(), ["0q\"\"a"]);
        assert_eq!(read(" ä , 1").unwrap(), ["0: ä ", "5: 1"]);
    }

    #[test]
    fn what_the_standard_leaves_open_is_refused() {
        for (text, at) in
            [("a\"b", 1), (" \"a\"", 1), ("\"a", 0), ("x,\"a\"b", 5), ("\"a\" ,b", 3), ("a\rb", 1), ("\"", 0)]
        {
            assert_eq!(read(text).unwrap_err().0, at, "{text}");
        }
    }
}
