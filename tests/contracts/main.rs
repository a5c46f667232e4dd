//! The shipped contracts against the facts of their field.
//!
//! What is expected is written down here once more, as tables of this test's own, and never read
//! from the gate files. A change of a contract has to be made in both places, on purpose.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a test stops at the first thing that is not as it should be"
)]

mod artifacts;
mod documents;
mod judge;
mod pipeline;
mod plan;
mod report;
mod signals;
mod steps;
