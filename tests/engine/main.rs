//! The engine: one pass a table, in columns, from any thread; and the plans that it runs.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::string_slice,
    clippy::disallowed_methods,
    reason = "a test stops at what it does not expect"
)]

mod determinism;
mod limits;
mod plans;
mod rows;
mod support;
