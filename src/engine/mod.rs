//! Runs the plan: batches in, figures and violations out.
//!
//! Job: the pass over rows, aggregates that merge, lists held in memory. May import: `plan`,
//! `eval`, `model`, `registry`, `data`. Deliberately absent: verdicts, files, clocks.

mod artifacts;
mod batch;
mod bounds;
mod columns;
mod feed;
mod frames;
mod group;
mod kept;
mod kernels;
mod keys;
mod lets;
mod memory;
mod pass;
mod rows;
mod run;
mod sample;
mod session;
mod tally;
#[cfg(test)]
mod tests;
mod walk;

pub use run::{Settings, run};
pub use tally::{
    ArtifactFault, ArtifactTally, BoundTally, BoundsTally, EngineRun, ExpectTally, GateTally, GroupTally, Judge,
    KEPT_VIOLATIONS, KEPT_WORST, MadeDocument, MetricTally, RowClause, RowViolation, Standing, WorstValue,
};
