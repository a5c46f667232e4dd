//! A previous run that may always be absent: the comparison is green when somebody deletes the file.

use super::Seen;
use crate::check::diagnostics::lints as say;
use crate::check::prelude;
use crate::diag::Diagnostic;
use crate::model::{EvidenceDefinition, OptionalEvidence, Shape};

pub(super) fn run(seen: &Seen<'_, '_>) -> Vec<Diagnostic> {
    let previous = |e: &&EvidenceDefinition| match e.shape.shape() {
        Shape::Named(id) => seen
            .policy
            .shapes
            .get(id.index())
            .is_some_and(|s| s.span.source == prelude::SOURCE && &*s.name == "GateRun"),
        _ => false,
    };
    let optional = seen.policy.evidence.iter().filter(|e| e.optional == OptionalEvidence::Always).filter(previous);
    optional
        .map(|e| say::optional_previous_run(&e.name, e.clauses.get("optional").copied().unwrap_or(e.span)))
        .collect()
}
