//! Gates that no profile takes: nobody would notice if they failed.

use super::Seen;
use crate::check::diagnostics::lints as say;
use crate::diag::Diagnostic;
use crate::model::WhyIncluded;
use crate::syntax::tree::GateClauseKind;
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn run(seen: &Seen<'_, '_>) -> Vec<Diagnostic> {
    // A policy without profiles is a library, or not finished.
    if seen.profiles.is_empty() {
        return Vec::new();
    }
    let taken: BTreeSet<_> = seen
        .profiles
        .values()
        .flat_map(|p| p.gates.iter().filter(|(_, g)| g.why == WhyIncluded::Selected).map(|(id, _)| id))
        .collect();
    let mut by_stage: BTreeMap<&str, Vec<_>> = BTreeMap::new();
    let mut out = Vec::new();
    for (id, entry) in seen.checker.declared.gates.iter().filter(|(id, _)| !taken.contains(id)) {
        let stage = entry.tree.clauses.iter().find_map(|c| match &c.kind {
            GateClauseKind::Stage(words) => words.first(),
            _ => None,
        });
        match stage {
            Some(word) => by_stage.entry(&word.text).or_default().push((id.as_str(), word.span)),
            None => out.push(say::gate_in_no_profile(id.as_str(), entry.span)),
        }
    }
    for (stage, gates) in by_stage {
        let names: Vec<&str> = gates.iter().map(|(id, _)| *id).collect();
        if let Some(span) = gates.iter().map(|(_, span)| *span).min() {
            out.push(say::stage_in_no_profile(stage, &names, span));
        }
    }
    out
}
