//! The entry: one text in, a tree and diagnostics out. Never fails.

use super::diagnostics as say;
use super::grammar::{Rule, run};
use super::lower::Lower;
use super::recover;
use super::scan::{self, Scan};
use super::tree::{Comment, File};
use crate::diag::{self, Diagnostic};
use crate::source::{SourceId, Span};

/// The largest policy file: a few hundred times the longest one seen, small enough that no editor
/// or build server is held up by one.
pub const MAX_FILE_BYTES: usize = 4 << 20;

/// Reads one `.gate` or `.profile` file.
///
/// Always gives a tree: what could not be read is a `Broken` node, and has a diagnostic. A file
/// without diagnostics has no `Broken` node. Spans are byte ranges of `text`, a byte order mark
/// included.
pub fn parse(source: SourceId, text: &str) -> (File, Vec<Diagnostic>) {
    let mut file = File { source, declarations: Vec::new(), comments: Vec::new() };
    if text.len() > MAX_FILE_BYTES {
        let start = Span::new(source, 0, 0);
        return (file, vec![say::too_large(start, text.len(), MAX_FILE_BYTES)]);
    }
    let origin = if text.starts_with('\u{FEFF}') { '\u{FEFF}'.len_utf8() } else { 0 };
    let scan = scan::scan(text, origin);
    file.comments = comments(source, text, &scan);
    let slice = text.get(origin..).unwrap_or("");
    let mut lower = Lower::new(source, text, &scan);
    lower.place.origin = origin;
    // A lost bracket makes everything behind it deeper: recovery looks at each declaration apart.
    let whole = if scan.too_deep.is_none() { run(Rule::file, slice).ok() } else { None };
    match whole {
        Some(mut pairs) => {
            for part in pairs.next().into_iter().flat_map(|file| file.into_inner()) {
                if part.as_rule() == Rule::declaration {
                    let declaration = lower.declaration(&part);
                    file.declarations.push(declaration);
                }
            }
        }
        None => file.declarations = recover::recover(&mut lower, source, text, &scan),
    }
    let mut diagnostics = lower.diagnostics;
    diag::sort(&mut diagnostics);
    (file, diagnostics)
}

/// The text of a policy file, or where it stops being UTF-8. `name` is shown to people.
pub fn decode(bytes: &[u8], name: &str) -> Result<String, Box<Diagnostic>> {
    std::str::from_utf8(bytes).map(str::to_owned).map_err(|error| {
        let offset = error.valid_up_to();
        let line = bytes.iter().take(offset).filter(|b| **b == b'\n').count() + 1;
        Box::new(say::not_utf8(name, line, offset, bytes.get(offset).copied().unwrap_or(0)))
    })
}

fn comments(source: SourceId, text: &str, scan: &Scan) -> Vec<Comment> {
    let mark = |c: &scan::CommentPlace| text.get(c.start..c.end).is_some_and(|t| t.starts_with("##"));
    scan.comments.iter().map(|c| Comment { span: Span::new(source, c.start, c.end), doc: mark(c) }).collect()
}
