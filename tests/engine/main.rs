//! The engine: one pass a table, in columns, from any thread; and the plans that it runs.

mod determinism;
mod limits;
mod plans;
mod rows;
mod support;
