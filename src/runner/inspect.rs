//! What a policy says of a gate without judging it: the evidence it rests on, the limits in force.

use super::diagnostics as say;
use crate::data::print;
use crate::diag::Diagnostic;
use crate::eval::{Constants, Env, Interpreter};
use crate::model::{
    CheckedPolicy, DefId, EffectiveProfile, EvidenceId, Expr, ExprKind, GateDefinition, GateId, LetId, Limit, Message,
    ParamId, Policy, ProfileId,
};
use std::collections::BTreeSet;
use std::sync::Arc;

/// The gate of this id, among those of the policy, or of a profile.
///
/// # Errors
/// There is none.
pub fn gate(checked: &CheckedPolicy, profile: Option<&ProfileId>, word: &str) -> Result<GateId, Box<Diagnostic>> {
    let ids: Vec<&GateId> = match profile.and_then(|p| checked.profiles.get(p)) {
        Some(profile) => profile.gates.keys().collect(),
        None => checked.policy.gates.keys().collect(),
    };
    match ids.iter().find(|id| id.as_str() == word) {
        Some(id) => Ok((*id).clone()),
        None => Err(say::unknown_gate(word, profile.map(ProfileId::as_str), ids.iter().map(|id| id.as_str())).into()),
    }
}

/// The evidence that the expressions of a gate read, in the policy's order.
pub fn evidence_of(policy: &Policy, gate: &GateDefinition) -> BTreeSet<EvidenceId> {
    let mut reads = Reads { policy, evidence: BTreeSet::new(), seen: BTreeSet::new() };
    let message = |reads: &mut Reads<'_>, message: Option<&Message>| {
        message.into_iter().flat_map(Message::values).for_each(|value| reads.expr(value));
    };
    gate.scope.iter().for_each(|scope| reads.expr(&scope.list));
    gate.per.iter().for_each(|key| reads.expr(&key.value));
    for clause in &gate.each {
        reads.expr(&clause.condition);
        message(&mut reads, clause.message.as_deref());
    }
    for clause in &gate.expect {
        reads.expr(&clause.condition);
        message(&mut reads, clause.message.as_deref());
    }
    for metric in &gate.metrics {
        reads.expr(&metric.figure);
        for aggregate in &metric.row_aggregates {
            reads.expr(&aggregate.value);
            aggregate.arguments.iter().for_each(|argument| reads.expr(argument));
        }
    }
    for threshold in &gate.thresholds {
        match &threshold.limit {
            Limit::Compare { value, .. } => reads.expr(value),
            Limit::Range { low, high } => [low, high].into_iter().for_each(|e| reads.expr(e)),
        }
    }
    gate.samples.iter().filter_map(|s| s.weight.as_ref()).for_each(|weight| reads.expr(weight));
    reads.evidence
}

/// The value that an expression has in a profile, as printed, where it is more than a literal
/// and follows from params alone.
pub fn settled(checked: &CheckedPolicy, profile: &EffectiveProfile, expr: &Expr) -> Option<String> {
    if matches!(&*expr.kind, ExprKind::Literal(_)) {
        return None;
    }
    let set = profile.params.iter().map(|(id, (value, _))| (*id, value.clone())).collect();
    let constants = Constants::new(Arc::new(checked.policy.clone()), set);
    let value = Interpreter::new(&constants).eval(expr, &mut Env::new()).ok()?;
    Some(print::value(&value, &expr.ty))
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Named {
    Let(LetId),
    Def(DefId),
    Param(ParamId),
}

struct Reads<'p> {
    policy: &'p Policy,
    evidence: BTreeSet<EvidenceId>,
    seen: BTreeSet<Named>,
}

impl Reads<'_> {
    fn expr(&mut self, expr: &Expr) {
        let mut named = Vec::new();
        expr.visit(&mut |part| match &*part.kind {
            ExprKind::Evidence(id) => {
                self.evidence.insert(*id);
            }
            ExprKind::Let(id) => named.push(Named::Let(*id)),
            ExprKind::CallDef { def, .. } => named.push(Named::Def(*def)),
            ExprKind::Param(id) => named.push(Named::Param(*id)),
            _ => {}
        });
        let policy = self.policy;
        for name in named {
            let body = match &name {
                Named::Let(id) => policy.lets.get(id.index()).map(|l| &l.value),
                Named::Def(id) => policy.defs.get(id.index()).map(|d| &d.body),
                Named::Param(id) => policy.params.get(id.index()).map(|p| &p.value),
            };
            if let Some(body) = body.filter(|_| self.seen.insert(name)) {
                self.expr(body);
            }
        }
    }
}
