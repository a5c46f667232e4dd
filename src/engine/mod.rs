//! Runs the plan: batches in, figures and violations out.
//!
//! Job: the pass over rows, aggregates that merge, lists held in memory. May import: `plan`,
//! `eval`, `model`, `registry`, `data`. Deliberately absent: verdicts, files, clocks.

mod vector;

pub use vector::Vector;
