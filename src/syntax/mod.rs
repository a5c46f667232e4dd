//! Text to tree: the grammar's pairs, recovery, and the syntax tree.
//!
//! Job: turn one text into [`tree::File`] and a list of diagnostics; never fail. May import:
//! `source`, `diag`. Deliberately absent: names, types, any meaning.

pub(crate) mod concrete;
mod diagnostics;
mod explain;
mod grammar;
pub mod keywords;
mod lower;
mod parse;
mod recover;
mod scan;
pub mod tree;
mod walk;
mod words;

pub use diagnostics::CODES;
pub use parse::{MAX_FILE_BYTES, decode, parse};
