//! Evidence: bytes of files into rows and documents of a policy's types, and everything that has
//! to be said of them before a gate may rest on them.
//!
//! Job: the formats ([`READERS`]), and the two sources of [`BatchSource`]: [`FileSource`] and
//! [`MemorySource`]. May import: `eval` (to read values by shape and evaluate limits), `model`,
//! `registry`, `data`, `host`, `diag`. Deliberately absent: gates, plans, profiles; the file
//! system and the clock, which come from a host; any choice that depends on who reads a row.
//!
//! The way of a row of JSONL: chunk, bytes, column; where it is not exactly as declared: line, text,
//! tree of undecoded values ([`parse_json`]), judged value, column. The way of a document: file,
//! text, tree, judged value.
//!
//! [`BatchSource`]: crate::data::BatchSource

mod columns;
mod csv;
mod diagnostics;
mod files;
mod judge;
mod keys;
mod lines;
mod memory;
mod place;
mod readers;
mod reading;
mod source;
mod tally;
mod tree;
mod trees;

pub use diagnostics::CODES;
pub use memory::MemorySource;
pub use readers::{READERS, Reader, register};
pub use reading::ReadLimits;
pub use source::FileSource;
pub use tree::{MAX_DEPTH, TextFault, parse_json, parse_yaml};
