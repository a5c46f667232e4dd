//! From byte offsets to lines and columns.

use std::sync::Arc;

/// Where the lines of a text begin.
#[derive(Debug)]
pub(super) struct LineIndex {
    /// Byte offset just after each line feed.
    starts: Vec<u64>,
}

/// A place in a text as people count: both from 1, the column in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct LineColumn {
    pub line: u64,
    pub column: u64,
}

impl LineIndex {
    pub fn new(bytes: &[u8]) -> Self {
        let ends = bytes.iter().enumerate().filter(|(_, b)| **b == b'\n');
        Self { starts: ends.map(|(i, _)| i as u64 + 1).collect() }
    }

    /// The line of an offset, from 1.
    pub fn line(&self, at: u64) -> u64 {
        self.starts.partition_point(|start| *start <= at) as u64 + 1
    }

    /// Line and column of an offset into these bytes.
    pub fn find(&self, bytes: &[u8], at: u64) -> LineColumn {
        let line = self.line(at);
        let start = self.starts.partition_point(|start| *start <= at).checked_sub(1);
        let start = start.and_then(|i| self.starts.get(i)).copied().unwrap_or(0);
        let range = usize::try_from(start).ok().zip(usize::try_from(at).ok());
        let before = range.and_then(|(start, at)| bytes.get(start..at.min(bytes.len())));
        LineColumn { line, column: column(before.unwrap_or_default()) }
    }
}

/// A JSON pointer as it is told: names in data may be as long as a file.
pub(super) fn short(pointer: Arc<str>) -> Arc<str> {
    const SHOWN: usize = 300;
    match pointer.char_indices().nth(SHOWN).and_then(|(end, _)| pointer.get(..end)) {
        Some(head) => format!("{head}..").into(),
        None => pointer,
    }
}

/// The column after these bytes of a line: characters, a byte order mark not counted.
pub(super) fn column(before: &[u8]) -> u64 {
    let before = before.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(before);
    // Bytes that continue a character do not count.
    before.iter().filter(|b| **b & 0xC0 != 0x80).count() as u64 + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_become_lines_and_columns_in_characters() {
        let text = "\u{feff}aä\n\nxyz";
        let index = LineIndex::new(text.as_bytes());
        let at = |at| {
            let found = index.find(text.as_bytes(), at);
            (found.line, found.column)
        };
        assert_eq!(at(3), (1, 1));
        assert_eq!(at(6), (1, 3));
        assert_eq!(at(7), (2, 1));
        assert_eq!(at(8), (3, 1));
        assert_eq!(at(10), (3, 3));
        assert_eq!(at(999), (3, 4));
    }
}
