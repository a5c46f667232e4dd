//! What expressions lead to: names of the policy, through each other, and what lies outside.

use crate::model::{
    ArtifactDefinition, DefId, EvidenceId, Expr, ExprKind, GateDefinition, GateId, LetId, ParamId, Policy, Shape,
    ShapeId,
};
use crate::plan::{artifact_exprs, gate_exprs};
use std::collections::BTreeSet;

/// Everything that expressions read, directly or through lets, defs and params.
#[derive(Debug, Clone, Default)]
pub struct Reach {
    /// Evidence.
    pub evidence: BTreeSet<EvidenceId>,
    /// Lets.
    pub lets: BTreeSet<LetId>,
    /// Defs.
    pub defs: BTreeSet<DefId>,
    /// Params.
    pub params: BTreeSet<ParamId>,
    /// Gates whose results are read.
    pub results: BTreeSet<GateId>,
    /// Records and types that something is read or judged as.
    pub shapes: BTreeSet<ShapeId>,
    /// Whether the release candidate is read.
    pub candidate: bool,
    /// Whether the instant of evaluation is read.
    pub as_of: bool,
}

impl Reach {
    /// What all clauses of a gate lead to, messages included.
    pub fn of_gate(policy: &Policy, gate: &GateDefinition) -> Self {
        Self::of(policy, gate_exprs(gate))
    }

    /// What all clauses of an artifact lead to.
    pub fn of_artifact(policy: &Policy, artifact: &ArtifactDefinition) -> Self {
        Self::of(policy, artifact_exprs(artifact))
    }

    /// What these expressions lead to.
    pub fn of<'e>(policy: &'e Policy, exprs: impl IntoIterator<Item = &'e Expr>) -> Self {
        let mut reach = Self::default();
        let mut open: Vec<&Expr> = exprs.into_iter().collect();
        while let Some(expr) = open.pop() {
            expr.visit(&mut |part| match &*part.kind {
                ExprKind::Evidence(id) if reach.evidence.insert(*id) => {
                    let evidence = policy.evidence.get(id.index());
                    evidence.into_iter().for_each(|e| shape(policy, e.shape.shape(), &mut reach.shapes, &mut open));
                }
                ExprKind::Is { shape: asked, .. }
                | ExprKind::Faults { shape: asked, .. }
                | ExprKind::Narrowed { shape: Some(asked), .. } => {
                    shape(policy, asked, &mut reach.shapes, &mut open);
                }
                ExprKind::Let(id) if reach.lets.insert(*id) => {
                    open.extend(policy.lets.get(id.index()).map(|l| &l.value));
                }
                ExprKind::CallDef { def, .. } if reach.defs.insert(*def) => {
                    open.extend(policy.defs.get(def.index()).map(|d| &d.body));
                }
                ExprKind::Param(id) if reach.params.insert(*id) => {
                    open.extend(policy.params.get(id.index()).map(|p| &p.value));
                }
                ExprKind::Result(gate) => {
                    reach.results.insert(gate.clone());
                }
                ExprKind::Candidate => reach.candidate = true,
                ExprKind::AsOf => reach.as_of = true,
                _ => {}
            });
        }
        reach
    }
}

/// What a shape is made of, and the conditions that it demands.
fn shape<'p>(policy: &'p Policy, at: &'p Shape, seen: &mut BTreeSet<ShapeId>, open: &mut Vec<&'p Expr>) {
    match at {
        Shape::Named(id) if seen.insert(*id) => {
            policy.shapes.get(id.index()).into_iter().for_each(|s| shape(policy, &s.shape, seen, open));
        }
        Shape::Record(record) => {
            record.fields.iter().for_each(|f| shape(policy, &f.shape, seen, open));
            for rule in record.rules.iter().chain(&record.advice) {
                open.push(&rule.condition);
                open.extend(rule.message.iter().flat_map(|m| m.values()));
            }
        }
        Shape::Refined(refined) => {
            shape(policy, &refined.base, seen, open);
            open.push(&refined.condition);
        }
        Shape::List(inner) | Shape::Optional(inner) => shape(policy, inner, seen, open),
        Shape::Map(key, value) => {
            shape(policy, key, seen, open);
            shape(policy, value, seen, open);
        }
        _ => {}
    }
}

/// The evidence that the expressions of a gate read, in the policy's order.
pub fn evidence_of(policy: &Policy, gate: &GateDefinition) -> BTreeSet<EvidenceId> {
    Reach::of_gate(policy, gate).evidence
}
