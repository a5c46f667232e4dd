//! The canonical layout of policies.
//!
//! Job: one text in, the same text laid out anew; nothing is lost, and the result is read again to
//! prove it. May import: `source`, `diag`, `syntax`. Deliberately absent: meaning, files, and any
//! setting: there is one layout (docs/language/layout.md tells it).

mod build;
mod decls;
mod diff;
mod doc;
mod exprs;
mod gaps;
mod order;
mod tables;
mod verify;

pub use diff::unified;

use crate::diag::Diagnostic;
use crate::source::SourceId;
use crate::syntax::concrete::{Concrete, concrete};
use build::Builder;
use std::borrow::Cow;

/// A text laid out anew.
#[derive(Debug, Clone, PartialEq)]
pub struct Formatted {
    /// The new text. Where the grammar refuses something, that stands as it stood.
    pub text: String,
    /// What is wrong with the old text.
    pub diagnostics: Vec<Diagnostic>,
}

/// The layout of a text turned out to say something else than the text: a bug of this program.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the layout of the file would say something else than the file: {0}")]
pub struct Differs(&'static str);

/// Lays out one `.gate` or `.profile` file.
///
/// Lines end in LF and a byte order mark is dropped. Laying out twice changes nothing more.
/// Diagnostics point into `text` as it was.
///
/// # Errors
/// [`Differs`], when the result does not read as the same policy with the same comments.
pub fn format(source: SourceId, text: &str) -> Result<Formatted, Differs> {
    let clean = normal(text);
    let (read, mut diagnostics) = concrete(source, &clean, false);
    if clean != text {
        diagnostics = crate::syntax::parse(source, text).1;
    }
    let Some(read) = read else { return Ok(Formatted { text: text.to_owned(), diagnostics }) };
    if diagnostics.is_empty() {
        let text = lay_out(source, &clean, &read)?;
        return Ok(Formatted { text, diagnostics });
    }
    // What a mistake belongs to is a guess. Where a new layout would lead to another one, more is
    // kept as it is, and in the end the whole file.
    let coarse = || concrete(source, &clean, true).0;
    let laid = lay_out(source, &clean, &read).ok().or_else(|| lay_out(source, &clean, &coarse()?).ok());
    Ok(Formatted { text: laid.unwrap_or_else(|| text.to_owned()), diagnostics })
}

/// Passes until nothing changes any more: what had to be opened for want of room stays open, and
/// may make room for what stands around it.
const MOST_PASSES: usize = 6;

/// A layout that reads the same as the text, and is its own layout.
fn lay_out(source: SourceId, text: &str, read: &Concrete) -> Result<String, Differs> {
    let (mut laid, printed) = pass(text, read);
    let mut again = verify::same(source, (text, read), &laid, &printed).map_err(Differs)?;
    for _ in 0..MOST_PASSES {
        let (next, printed) = pass(&laid, &again);
        if next == laid {
            return Ok(laid);
        }
        again = verify::same(source, (&laid, &again), &next, &printed).map_err(Differs)?;
        laid = next;
    }
    Err(Differs("it would have another layout each time"))
}

/// One layout of a text, and its tokens in the order of the layout.
fn pass(text: &str, read: &Concrete) -> (String, Vec<usize>) {
    let mut builder = Builder::new(text, read);
    let lines = builder.file();
    (doc::print(&lines), builder.printed)
}

/// Without a byte order mark, and with line breaks of one kind.
fn normal(text: &str) -> Cow<'_, str> {
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    if text.contains("\r\n") { Cow::Owned(text.replace("\r\n", "\n")) } else { Cow::Borrowed(text) }
}
