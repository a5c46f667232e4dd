//! Lowers the syntax tree to the model: names, types, units, missing values, clauses.
//!
//! Job: refuse what cannot mean anything, with one diagnostic a mistake, and say what the rest
//! means. May import: `syntax`, `model`, `registry`, `data`, `units`, `diag`. Deliberately
//! absent: evidence, evaluation (constants are folded by a small folder of its own), files.

mod checker;
mod constants;
pub mod diagnostics;
mod evidence;
mod expr;
mod facts;
mod gates;
mod names;
mod scope;
mod shapes;

use crate::diag::Diagnostic;
use crate::model::CheckedPolicy;
use crate::registry::Registry;
use crate::source::SourceMap;
use crate::syntax::tree;
use checker::Checker;
use std::sync::Arc;

/// What became of a policy.
#[derive(Debug, Clone)]
pub struct CheckOutcome {
    /// The policy, when nothing is wrong with it.
    pub policy: Option<CheckedPolicy>,
    /// Errors and warnings, sorted.
    pub diagnostics: Vec<Diagnostic>,
}

/// Checks all files of one policy together.
pub fn check(files: &[tree::File], sources: &SourceMap, registry: Arc<Registry>) -> CheckOutcome {
    let mut checker = Checker::new(files, sources, &registry);
    checker.check_expressions();
    let mut diagnostics = std::mem::take(&mut checker.diagnostics);
    crate::diag::sort(&mut diagnostics);
    CheckOutcome { policy: None, diagnostics }
}
