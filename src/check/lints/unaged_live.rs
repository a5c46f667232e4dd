//! Live evidence of any age: what was measured last year is not what runs now.

use super::Seen;
use crate::check::diagnostics::lints as say;
use crate::diag::Diagnostic;
use crate::model::SourceKind;

pub(super) fn run(seen: &Seen<'_, '_>) -> Vec<Diagnostic> {
    let live = |s: &SourceKind| matches!(s, SourceKind::Fixed(word) if &**word == "live");
    let unaged = seen.policy.evidence.iter().filter(|e| e.fresh.is_none() && live(&e.source));
    unaged.map(|e| say::unaged_live(&e.name, e.clauses.get("fresh").copied().unwrap_or(e.span))).collect()
}
