//! Waivers of a run: their conditions are planned as gates of their own, and the rows that they
//! excuse are asked about in the pass over the rows of their gate.
//!
//! The gate of a waiver has one `expect`, which is broken where the condition of the waiver holds;
//! its message is the waiver's reason. So what a waiver reads is read, held and judged as anything
//! else, and evidence that cannot be used is told of the waiver alone.

use super::rewrite::map_children;
use crate::data::{Type, Value};
use crate::model::{
    Covers, Decide, EmptyPolicy, ExpectClause, Expr, ExprKind, GateDefinition, GateId, LocalId, RowChoice, Waiver,
    WaiverId,
};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The id under which the condition of a waiver is judged. No gate can have it: there is a blank in
/// it.
pub(super) fn waiver_gate(id: &WaiverId) -> GateId {
    GateId::new(&format!("waiver {id}"))
}

/// The gates with the waivers' conditions beside them and what they excuse on them; and by gate
/// the waivers whose rows are counted, in the order of [`GateDefinition::excused`].
pub(super) fn with_waivers(
    gates: &mut BTreeMap<GateId, Arc<GateDefinition>>,
    waivers: &[Arc<Waiver>],
) -> BTreeMap<GateId, Vec<WaiverId>> {
    let mut counted: BTreeMap<GateId, Vec<WaiverId>> = BTreeMap::new();
    for waiver in waivers {
        let Some(gate) = gates.get_mut(&waiver.gate) else { continue };
        if let Covers::Each { rows, .. } = &waiver.covers
            && let Some(condition) = rows_of(gate, rows.as_ref())
        {
            Arc::make_mut(gate).excused.push(condition);
            counted.entry(waiver.gate.clone()).or_default().push(waiver.id.clone());
        }
        gates.insert(waiver_gate(&waiver.id), Arc::new(condition_gate(waiver)));
    }
    counted
}

/// Which rows of a gate are excused; nothing where its rows are not of the kind that the waiver
/// speaks of.
fn rows_of(gate: &GateDefinition, rows: Option<&RowChoice>) -> Option<Expr> {
    let scope = gate.scope.as_ref()?;
    let Some(RowChoice { row, ty, condition }) = rows else { return Some(truth(true, scope.list.span)) };
    (scope.list.ty.element().as_ref() == Some(ty)).then(|| renamed(condition, *row, scope.row))
}

fn truth(holds: bool, span: crate::source::Span) -> Expr {
    Expr { kind: Box::new(ExprKind::Literal(Value::Bool(holds))), ty: Type::Bool, span }
}

fn renamed(expr: &Expr, from: LocalId, to: LocalId) -> Expr {
    match &*expr.kind {
        ExprKind::Local(local) if *local == from => {
            Expr { kind: Box::new(ExprKind::Local(to)), ty: expr.ty.clone(), span: expr.span }
        }
        _ => map_children(expr, &mut |e| renamed(e, from, to)),
    }
}

fn condition_gate(waiver: &Waiver) -> GateDefinition {
    let condition = match &waiver.when {
        Some(when) => Expr { kind: Box::new(ExprKind::Not(when.clone())), ty: Type::Bool, span: when.span },
        None => truth(false, waiver.span),
    };
    let holds =
        ExpectClause { condition, message: Some(waiver.reason.clone()), leans_on: Vec::new(), span: waiver.span };
    GateDefinition {
        id: waiver_gate(&waiver.id),
        span: waiver.span,
        whole: waiver.whole,
        doc: None,
        title: None,
        owner: None,
        refs: Vec::new(),
        fix: None,
        stage: Vec::new(),
        required: false,
        needs: Vec::new(),
        scope: None,
        rows: LocalId(u32::MAX - 1),
        per: Vec::new(),
        each: Vec::new(),
        metrics: Vec::new(),
        thresholds: Vec::new(),
        expect: Vec::from([holds]),
        samples: None,
        missing: None,
        when_empty: EmptyPolicy::Inconclusive,
        decide: Decide::Point,
        waivable: false,
        excused: Vec::new(),
        effective_from: None,
        clauses: BTreeMap::new(),
    }
}
