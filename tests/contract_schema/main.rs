//! Schemas that are written out of contracts, held against the reading of documents: what a schema
//! rejects the contract rejects, and they agree where nothing is broken that the schema lists.

#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test stops at the first thing that is not as it should be, and looks at real files"
)]

mod command;
mod constructs;
mod documents;
mod property;
mod support;
