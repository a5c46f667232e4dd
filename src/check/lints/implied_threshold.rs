//! A threshold that another one of the same figure implies: it never decides anything.

use super::Seen;
use crate::check::diagnostics::lints as say;
use crate::diag::Diagnostic;

pub(super) fn run(seen: &Seen<'_, '_>) -> Vec<Diagnostic> {
    let mut out = Vec::new();
    for gate in seen.policy.gates.values() {
        for (i, threshold) in gate.thresholds.iter().enumerate() {
            let Some(mine) = seen.checker.bounds_of(&threshold.limit, true) else { continue };
            let implied_by = gate.thresholds.iter().enumerate().find(|(j, other)| {
                let theirs = seen.checker.bounds_of(&other.limit, true);
                // Of two equal ones the later is told.
                other.metric == threshold.metric
                    && *j != i
                    && theirs.is_some_and(|t| t.is_inside(mine) && (t != mine || *j < i))
            });
            if let Some((_, other)) = implied_by {
                out.push(say::implied_threshold(threshold.span, other.span));
            }
        }
    }
    out
}
