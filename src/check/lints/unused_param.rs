//! A `param` that nothing mentions.

use super::Seen;
use crate::check::diagnostics::lints as say;
use crate::diag::Diagnostic;

pub(super) fn run(seen: &Seen<'_, '_>) -> Vec<Diagnostic> {
    let unused = seen.policy.params.iter().filter(|d| !seen.mentions.elsewhere(&d.name, d.span));
    unused.map(|d| say::unused_param(&d.name, d.span)).collect()
}
