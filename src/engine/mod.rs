//! Runs the plan: batches in, figures and violations out.
//!
//! Job: the pass over rows, aggregates that merge, lists held in memory. May import: `plan`,
//! `eval`, `model`, `registry`, `data`. Deliberately absent: verdicts, files, clocks.

mod simple;
mod tally;
mod vector;

pub use simple::{Settings, run};
pub use tally::{
    EngineRun, ExpectTally, GateTally, GroupTally, Judge, KEPT_VIOLATIONS, KEPT_WORST, MetricTally, RowClause,
    RowViolation, WorstValue,
};
pub use vector::Vector;
