//! A `type`, `record` or `enum` that nothing mentions.

use super::Seen;
use crate::check::diagnostics::lints as say;
use crate::check::prelude;
use crate::diag::Diagnostic;

pub(super) fn run(seen: &Seen<'_, '_>) -> Vec<Diagnostic> {
    // Contracts are asked for by name from outside.
    let shapes = seen.policy.shapes.iter().filter(|s| s.contract.is_none()).map(|s| (&s.name, s.span));
    let enums = seen.policy.enums.iter().map(|(name, e)| (name, e.span));
    let own = shapes.chain(enums).filter(|(_, span)| span.source != prelude::SOURCE);
    own.filter(|(name, span)| !seen.mentions.elsewhere(name, *span))
        .map(|(name, span)| say::unused_shape(name, span))
        .collect()
}
