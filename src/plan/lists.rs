//! Which lists are made of others row by row, and of which.

use super::canonical::canonical;
use crate::data::Value;
use crate::model::{EvidenceId, EvidenceShape, Expr, ExprKind, Policy, Stage};

/// Where the rows of a table come from.
#[derive(Debug, Clone)]
pub enum Base {
    /// The rows of an evidence: they stream.
    Evidence(EvidenceId),
    /// A list that is held in memory.
    List(Expr),
}

/// The parts of a list besides the rows of evidence that it is made of, row by row; a base that
/// is held in memory is one of them.
pub(super) fn beside_base<'e>(policy: &'e Policy, list: &'e Expr) -> Vec<&'e Expr> {
    if is_rows_of_evidence(policy, list) {
        return Vec::new();
    }
    if !walks(policy, list) {
        return vec![list];
    }
    match &*list.kind {
        ExprKind::Let(id) => match policy.lets.get(id.index()) {
            Some(item) => beside_base(policy, &item.value),
            None => vec![list],
        },
        _ => {
            let mut parts = list.children().into_iter();
            let mut out = parts.next().map(|source| beside_base(policy, source)).unwrap_or_default();
            out.extend(parts);
            out
        }
    }
}

/// Whether a list is made of another one, row by row.
pub(super) fn walks(policy: &Policy, list: &Expr) -> bool {
    match &*list.kind {
        ExprKind::Let(id) => policy
            .lets
            .get(id.index())
            .is_some_and(|item| walks(policy, &item.value) || is_rows_of_evidence(policy, &item.value)),
        ExprKind::Narrowed { value, shape: None } => walks(policy, value) || is_rows_of_evidence(policy, value),
        ExprKind::Pipeline { stages, .. } => !stages.iter().any(needs_all),
        ExprKind::Project { list, .. } | ExprKind::ReshapeEach { base: list, .. } => !list.ty.is_optional(),
        _ => false,
    }
}

/// Whether a stage looks at all elements at once.
pub(super) fn needs_all(stage: &Stage) -> bool {
    match stage {
        Stage::Group { .. } | Stage::Sort { .. } | Stage::Distinct { .. } | Stage::Number { .. } => true,
        Stage::Where { .. } | Stage::Bind { .. } | Stage::Join(_) => false,
    }
}

/// The evidence whose rows an expression is; `xs ?? []` is the rows of one that may be absent, and
/// then has none.
fn rows_of_evidence(policy: &Policy, expr: &Expr) -> Option<EvidenceId> {
    match &*expr.kind {
        ExprKind::Evidence(id) => {
            let evidence = policy.evidence.get(id.index())?;
            matches!(evidence.shape, EvidenceShape::Rows(_)).then_some(*id)
        }
        ExprKind::Coalesce(rows, none) if is_empty_list(none) => rows_of_evidence(policy, rows),
        _ => None,
    }
}

fn is_empty_list(expr: &Expr) -> bool {
    match &*expr.kind {
        ExprKind::List(items) => items.is_empty(),
        ExprKind::Literal(Value::List(items)) => items.is_empty(),
        _ => false,
    }
}

fn is_rows_of_evidence(policy: &Policy, expr: &Expr) -> bool {
    rows_of_evidence(policy, expr).is_some()
}

/// The list that another one is made of, row by row, as far back as that goes.
pub(super) fn base_of(policy: &Policy, list: &Expr) -> Base {
    if let Some(id) = rows_of_evidence(policy, list) {
        return Base::Evidence(id);
    }
    if !walks(policy, list) {
        return Base::List(list.clone());
    }
    match &*list.kind {
        ExprKind::Let(id) => match policy.lets.get(id.index()) {
            Some(item) => base_of(policy, &item.value),
            None => Base::List(list.clone()),
        },
        ExprKind::Narrowed { value: source, .. }
        | ExprKind::Pipeline { source, .. }
        | ExprKind::Project { list: source, .. }
        | ExprKind::ReshapeEach { base: source, .. } => base_of(policy, source),
        _ => Base::List(list.clone()),
    }
}

/// A text for a base: equal bases have equal ones.
pub(super) fn base_key(base: &Base) -> String {
    match base {
        Base::Evidence(id) => format!("evidence {}", id.0),
        Base::List(list) => canonical(list, &mut Vec::new()),
    }
}

/// Whether an expression is the base itself; `key` is the base's.
pub(super) fn is_base(policy: &Policy, base: &Base, key: &str, expr: &Expr) -> bool {
    match base {
        Base::Evidence(id) => rows_of_evidence(policy, expr) == Some(*id),
        Base::List(_) => !walks(policy, expr) && canonical(expr, &mut Vec::new()) == key,
    }
}
