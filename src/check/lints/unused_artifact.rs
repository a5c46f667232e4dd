//! An `artifact` that no profile writes.

use super::Seen;
use crate::check::diagnostics::lints as say;
use crate::diag::Diagnostic;
use std::collections::BTreeSet;

pub(super) fn run(seen: &Seen<'_, '_>) -> Vec<Diagnostic> {
    // A policy without profiles is a library, or not finished.
    if seen.profiles.is_empty() {
        return Vec::new();
    }
    let written: BTreeSet<_> = seen.profiles.values().flat_map(|p| p.write.keys()).collect();
    let unused = seen.policy.artifacts.values().filter(|a| !written.contains(&a.name));
    unused.map(|a| say::unused_artifact(&a.name, a.span)).collect()
}
