//! rspp-gates: a declarative gate language and the engine that runs it over evidence.
//!
//! Read the modules in the order below, as the data flows; each imports only those above it.
//! `docs/architecture.md` has the picture and the invariants.

pub mod diag;
pub mod source;
pub mod syntax;
