//! Lowers the syntax tree to the model: names, types, units, missing values, clauses.
//!
//! Job: refuse what cannot mean anything, with one diagnostic a mistake, and say what the rest
//! means. May import: `syntax`, `model`, `registry`, `data`, `units`, `diag`. Deliberately
//! absent: evidence, evaluation (constants are folded by a small folder of its own), files.

mod artifacts;
mod cells;
mod chains;
mod checker;
mod constants;
mod cycles;
pub mod diagnostics;
mod documents;
mod enums;
mod evidence;
mod expr;
mod facts;
mod formats;
mod gates;
mod lints;
mod names;
mod origin;
mod paths;
mod policy;
mod prelude;
mod profiles;
mod records;
mod scope;
mod settle;
mod shapes;
mod values;
mod waivers;
mod whole;

use crate::diag::Diagnostic;
use crate::model::CheckedPolicy;
use crate::registry::Registry;
use crate::source::SourceMap;
use crate::syntax::tree;
pub use prelude::TEXT as PRELUDE;

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
    let prelude = prelude::file();
    let mut checker = Checker::new(files, sources, &registry);
    checker.add_prelude(&prelude);
    let (name, language) = checker.check_policy_declaration();
    checker.refuse_later_kinds();
    checker.check_enums();
    checker.draft_shapes();
    checker.check_all_evidence();
    checker.settle_shapes();
    if checker.check_sizes_of_shapes() {
        let mut diagnostics = std::mem::take(&mut checker.diagnostics);
        crate::diag::sort(&mut diagnostics);
        return CheckOutcome { policy: None, diagnostics };
    }
    checker.settle_evidence();
    checker.check_keys();
    checker.check_expressions();
    checker.check_all_gates();
    checker.note_gates();
    checker.check_artifacts();
    checker.check_needs_cycles();
    let waivers = checker.check_waivers();
    let (profiles, effective) = checker.check_profiles();
    if !checker.diagnostics.iter().any(Diagnostic::is_error) {
        checker.check_chains();
    }
    if !checker.diagnostics.iter().any(Diagnostic::is_error) {
        checker.check_sizes_of_defs();
    }
    let mut diagnostics = std::mem::take(&mut checker.diagnostics);
    let errors = diagnostics.iter().any(Diagnostic::is_error);
    let policy = if errors { None } else { Some(checker.whole_policy(name, language, profiles, waivers)) };
    if let Some(policy) = &policy {
        diagnostics.extend(lints::run(&checker, policy, &effective, files));
    }
    let policy = policy.map(|policy| CheckedPolicy {
        policy: Arc::new(policy),
        profiles: effective,
        registry: registry.clone(),
    });
    crate::diag::sort(&mut diagnostics);
    CheckOutcome { policy, diagnostics }
}
