//! An `each` that the scope already guarantees: it can never fail. Only conditions that are
//! written with the same words count, so that nothing is claimed that is not certain.

use super::Seen;
use crate::check::diagnostics::lints as say;
use crate::diag::Diagnostic;
use crate::source::Span;
use crate::syntax::tree::{BinaryOp, Expr, ExprKind, GateClauseKind, StageKind};

pub(super) fn run(seen: &Seen<'_, '_>) -> Vec<Diagnostic> {
    let mut out = Vec::new();
    for entry in seen.checker.declared.gates.values() {
        let clauses = &entry.tree.clauses;
        let scope = clauses.iter().find_map(|c| match &c.kind {
            GateClauseKind::Scope(list) => Some(list),
            _ => None,
        });
        let Some(known) = scope.map(guarantees) else { continue };
        for clause in clauses {
            let GateClauseKind::Each(each) = &clause.kind else { continue };
            let parts = conjuncts(&each.condition);
            let found: Vec<Span> = parts
                .iter()
                .filter_map(|p| known.iter().find(|k| words(seen, k.span) == words(seen, p.span)).map(|k| k.span))
                .collect();
            if let (Some(first), true) = (found.first(), found.len() == parts.len()) {
                out.push(say::guaranteed_each(clause.span, *first));
            }
        }
    }
    out
}

/// The conditions of an unnamed filter at the end of a scope: there bare names mean what they
/// mean in `each`.
fn guarantees(scope: &Expr) -> Vec<&Expr> {
    let ExprKind::Pipeline { alias: None, stages, .. } = &*scope.bare().kind else { return Vec::new() };
    let mut known = Vec::new();
    for stage in stages.iter().rev() {
        match &stage.kind {
            StageKind::Where(condition) => known.extend(conjuncts(condition)),
            StageKind::Sort(_) | StageKind::Distinct(_) => {}
            _ => break,
        }
    }
    known
}

/// The parts of `a and b and c`.
fn conjuncts(condition: &Expr) -> Vec<&Expr> {
    let condition = condition.bare();
    match &*condition.kind {
        ExprKind::Binary { op: BinaryOp::And, left, right, .. } => {
            let mut parts = conjuncts(left);
            parts.extend(conjuncts(right));
            parts
        }
        _ => Vec::from([condition]),
    }
}

fn words<'s>(seen: &Seen<'s, '_>, span: Span) -> Vec<&'s str> {
    seen.checker.sources.slice(span).split_whitespace().collect()
}
