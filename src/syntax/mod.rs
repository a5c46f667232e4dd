//! Text to tree: the grammar's pairs, recovery, and the syntax tree.
//!
//! Job: turn one text into [`tree::File`] and a list of diagnostics; never fail. May import:
//! `source`, `diag`. Deliberately absent: names, types, any meaning.

pub mod tree;
