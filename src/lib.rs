//! rspp-gates: a declarative gate language and the engine that runs it over evidence.
//!
//! Read the modules in the order below, as the data flows; each imports only those above it.
//! `docs/architecture.md` has the picture and the invariants.

pub mod artifact;
pub mod builtins;
pub mod check;
pub mod cli;
pub mod contract;
pub mod data;
pub mod diag;
pub mod document;
pub mod engine;
pub mod eval;
pub mod evidence;
pub mod explain;
pub mod fmt;
pub mod graph;
pub mod host;
pub mod model;
pub mod plan;
pub mod registry;
pub mod report;
pub mod runner;
pub mod schema;
pub mod source;
pub mod stats;
pub mod syntax;
pub mod units;
pub mod verdict;
