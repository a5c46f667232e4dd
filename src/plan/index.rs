//! Look-ups by key instead of by walking: where a filter compares something of a list's element
//! with something of the row outside, the list is hashed once.

use super::rewrite::{free_locals, is_open, mentions};
use crate::model::{CompareOp, Expr, ExprKind, LocalId, Quantifier, SiteId, Stage};
use std::collections::BTreeMap;

/// A list to be hashed by keys of its elements. Only elements with the keys looked up can satisfy
/// the condition at its site, and trying only those changes nothing: what is skipped is false at
/// its key, and nothing before the key can fault.
#[derive(Debug, Clone)]
pub struct IndexPlan {
    /// The list; it depends on no bound name.
    pub source: Expr,
    /// The name of its element.
    pub item: LocalId,
    /// Keys of an element.
    pub inner: Vec<Expr>,
    /// Keys to look up, over the names bound outside.
    pub outer: Vec<Expr>,
}

/// All indexes that these expressions ask for, by site.
pub(super) fn indexes<'e>(exprs: impl IntoIterator<Item = &'e Expr>) -> BTreeMap<SiteId, IndexPlan> {
    let mut out = BTreeMap::new();
    for expr in exprs {
        expr.visit(&mut |e| match &*e.kind {
            ExprKind::Pipeline { source, row, stages, .. } => {
                if let Some(Stage::Where { site, condition }) = stages.first() {
                    add(&mut out, *site, source, *row, condition);
                }
                for pair in stages.windows(2) {
                    if let [Stage::Join(join), Stage::Where { condition, .. }] = pair {
                        add(&mut out, join.site, &join.source, join.local, condition);
                    }
                }
            }
            ExprKind::Quantified { site, quantifier: Quantifier::Exists | Quantifier::No, item, source, body } => {
                add(&mut out, *site, source, *item, body);
            }
            _ => {}
        });
    }
    out
}

fn add(out: &mut BTreeMap<SiteId, IndexPlan>, site: SiteId, source: &Expr, item: LocalId, condition: &Expr) {
    if is_open(source, |_| false) || source.ty.is_optional() {
        return;
    }
    let (mut inner, mut outer) = (Vec::new(), Vec::new());
    for conjunct in conjuncts(condition) {
        if let Some((of_item, other)) = key(conjunct, item) {
            inner.push(of_item.clone());
            outer.push(other.clone());
        } else if !cannot_fault(conjunct) {
            break;
        }
    }
    // A key that does not depend on anything outside would be looked up once: not worth hashing.
    if outer.iter().any(|o| is_open(o, |_| false)) {
        out.insert(site, IndexPlan { source: source.clone(), item, inner, outer });
    }
}

/// The parts of a conjunction from left to right.
fn conjuncts(condition: &Expr) -> Vec<&Expr> {
    match &*condition.kind {
        ExprKind::And(a, b) => conjuncts(a).into_iter().chain(conjuncts(b)).collect(),
        _ => vec![condition],
    }
}

/// The two sides of an equality between the element alone and what does not depend on it.
/// Computing the element's side may fault: then the index is not made and the list is walked.
fn key(conjunct: &Expr, item: LocalId) -> Option<(&Expr, &Expr)> {
    let ExprKind::Compare { op: CompareOp::Equal, left, right } = &*conjunct.kind else { return None };
    let of_item = |e: &Expr| free_locals(e).iter().eq([&item]);
    let other = |e: &Expr| !mentions(e, item) && cannot_fault(e);
    if of_item(left) && other(right) {
        Some((left, right))
    } else if of_item(right) && other(left) {
        Some((right, left))
    } else {
        None
    }
}

/// Whether an expression gives a value whatever its names stand for, without a fault.
fn cannot_fault(expr: &Expr) -> bool {
    match &*expr.kind {
        ExprKind::Local(_)
        | ExprKind::Literal(_)
        | ExprKind::AsOf
        | ExprKind::Field { .. }
        | ExprKind::ListIndex { .. }
        | ExprKind::MapLookup { .. }
        | ExprKind::Narrowed { shape: None, .. }
        | ExprKind::Coalesce(..)
        | ExprKind::Compare { .. }
        | ExprKind::InRange { .. }
        | ExprKind::Record(_)
        | ExprKind::Reshape { .. }
        | ExprKind::List(_)
        | ExprKind::Interpolate(_) => expr.children().into_iter().all(cannot_fault),
        // A param is a constant that the checker has computed.
        ExprKind::Param(_) => true,
        _ => false,
    }
}
