//! Values that do not depend on the element at hand are taken out of loops: each closed
//! aggregate, and each other closed list or call inside something that is evaluated many times,
//! becomes a `let` without a name in the policy. Equal ones become one.
//!
//! A `let` is computed when it is first asked for, so what is guarded stays guarded.

use super::canonical::canonical;
use super::lists::{Base, base_of, needs_all};
use super::rewrite::{Place, ROW_AGGREGATES, binds, free_locals, map_children, map_message};
use crate::data::Type;
use crate::model::{
    EachClause, ExpectClause, Expr, ExprKind, GateDefinition, GateId, GroupKey, Let, LetId, Limit, LocalId, Message,
    Metric, Policy, RowAggregate, Samples, Scope, Stage, Threshold,
};
use crate::registry::Body;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

/// A policy and the gates of a run with closed values taken out.
pub(super) struct Hoisted {
    /// The declarations; lets from [`Hoisted::own_lets`] on are made here.
    pub policy: Policy,
    /// How many lets the policy itself has.
    pub own_lets: usize,
    /// The gates.
    pub gates: BTreeMap<GateId, Arc<GateDefinition>>,
}

/// Takes closed values out of a policy's lets and defs and out of these gates.
pub(super) fn hoist(policy: &Policy, gates: &BTreeMap<GateId, Arc<GateDefinition>>) -> Hoisted {
    let mut hoister = Hoister { policy, made: Vec::new(), known: HashMap::new(), first: policy.lets.len() };
    let mut out = policy.clone();
    for item in &mut out.lets {
        item.value = hoister.inside(&item.value);
    }
    for def in &mut out.defs {
        def.body = hoister.root(&def.body);
    }
    let gates = gates.iter().map(|(id, gate)| (id.clone(), Arc::new(hoister.gate(gate)))).collect();
    out.lets.extend(hoister.made);
    Hoisted { policy: out, own_lets: policy.lets.len(), gates }
}

struct Hoister<'p> {
    policy: &'p Policy,
    made: Vec<Let>,
    known: HashMap<String, LetId>,
    first: usize,
}

type Free = BTreeSet<LocalId>;

impl Hoister<'_> {
    fn gate(&mut self, gate: &GateDefinition) -> GateDefinition {
        let mut out = gate.clone();
        out.scope = gate.scope.as_ref().map(|s| Scope { list: self.scope(&s.list), row: s.row, span: s.span });
        out.per = gate.per.iter().map(|k| GroupKey { value: self.root(&k.value), ..k.clone() }).collect();
        out.each = gate
            .each
            .iter()
            .map(|c| EachClause {
                // The message may name the element that decided, so the outermost form stays.
                condition: self.inside(&c.condition),
                message: self.message(c.message.as_ref()),
                ..c.clone()
            })
            .collect();
        out.expect = gate
            .expect
            .iter()
            .map(|c| ExpectClause {
                condition: self.inside(&c.condition),
                message: self.message(c.message.as_ref()),
                ..c.clone()
            })
            .collect();
        out.metrics = gate.metrics.iter().map(|m| self.metric(m)).collect();
        out.thresholds =
            gate.thresholds.iter().map(|t| Threshold { limit: self.limit(&t.limit), ..t.clone() }).collect();
        out.samples =
            gate.samples.as_ref().map(|s| Samples { weight: s.weight.as_ref().map(|w| self.root(w)), ..s.clone() });
        out
    }

    fn metric(&mut self, metric: &Metric) -> Metric {
        let aggregate = |a: &RowAggregate, this: &mut Self| RowAggregate { value: this.root(&a.value), ..a.clone() };
        Metric {
            figure: self.root(&metric.figure),
            row_aggregates: metric.row_aggregates.iter().map(|a| aggregate(a, self)).collect(),
            ..metric.clone()
        }
    }

    fn limit(&mut self, limit: &Limit) -> Limit {
        match limit {
            Limit::Compare { op, value } => Limit::Compare { op: *op, value: self.root(value) },
            Limit::Range { low, high } => Limit::Range { low: self.root(low), high: self.root(high) },
        }
    }

    fn message(&mut self, message: Option<&Arc<Message>>) -> Option<Arc<Message>> {
        message.map(|m| Arc::new(map_message(m, &mut |e| self.root(e))))
    }

    /// An expression whose whole may be taken out.
    fn root(&mut self, expr: &Expr) -> Expr {
        let (made, free) = self.walk(expr);
        if free.is_empty() && worth_taking_out(&made) { self.take_out(made) } else { made }
    }

    /// An expression whose whole stays where it is.
    fn inside(&mut self, expr: &Expr) -> Expr {
        self.walk(expr).0
    }

    /// A scope's own pipeline stays whole, because its ledger counts what its filters are given.
    fn scope(&mut self, expr: &Expr) -> Expr {
        self.walk_parts(expr).0
    }

    fn walk(&mut self, expr: &Expr) -> (Expr, Free) {
        let (made, free) = self.walk_parts(expr);
        (self.filtered_first(&made).unwrap_or(made), free)
    }

    /// A pipeline over rows of evidence with a stage that needs all rows at once: its leading
    /// filters become a list of their own, which streams, so that only what passes them is held.
    fn filtered_first(&mut self, expr: &Expr) -> Option<Expr> {
        let ExprKind::Pipeline { source, row, stages, result } = &*expr.kind else { return None };
        let filters = stages.iter().take_while(|s| matches!(s, Stage::Where { .. })).count();
        let (first, rest) = stages.split_at_checked(filters)?;
        let streams = !first.is_empty()
            && rest.iter().any(needs_all)
            && !source.ty.is_optional()
            && matches!(base_of(self.policy, source), Base::Evidence(_));
        if !streams {
            return None;
        }
        let pipeline = |source: Expr, stages: &[Stage], result: LocalId, ty: &Type| Expr {
            kind: Box::new(ExprKind::Pipeline { source, row: *row, stages: stages.to_vec(), result }),
            ty: ty.clone(),
            span: expr.span,
        };
        let filtered = pipeline(source.clone(), first, *row, &source.ty);
        if !free_locals(&filtered).is_empty() {
            return None;
        }
        let filtered = self.take_out(filtered);
        Some(pipeline(filtered, rest, *result, &expr.ty))
    }

    fn walk_parts(&mut self, expr: &Expr) -> (Expr, Free) {
        let mut parts: Vec<(Expr, Free, Place)> = Vec::new();
        // Only collects: the copy that this makes is thrown away.
        let _ = map_children(expr, &mut |child, place| {
            let (made, free) = self.walk(child);
            parts.push((made, free, place));
            child.clone()
        });
        let mut free: Free = parts.iter().flat_map(|(_, free, _)| free.iter().copied()).collect();
        match &*expr.kind {
            ExprKind::Local(local) => {
                free.insert(*local);
            }
            ExprKind::RowAggregate(_) => {
                free.insert(ROW_AGGREGATES);
            }
            _ => {}
        }
        for local in binds(expr) {
            free.remove(&local);
        }
        let open = !free.is_empty();
        let mut parts = parts.into_iter();
        let made = map_children(expr, &mut |child, _| match parts.next() {
            Some((made, free, place)) => {
                let many_times = open || place == Place::Body;
                let closed = free.is_empty();
                if closed && (is_aggregate(&made) || (many_times && worth_taking_out(&made))) {
                    self.take_out(made)
                } else {
                    made
                }
            }
            None => child.clone(),
        });
        (made, free)
    }

    fn take_out(&mut self, value: Expr) -> Expr {
        let (ty, span) = (value.ty.clone(), value.span);
        let key = canonical(&value, &mut Vec::new());
        let next = LetId(u32::try_from(self.first + self.made.len()).unwrap_or(u32::MAX));
        let id = *self.known.entry(key).or_insert(next);
        if id == next {
            let name = match &*value.kind {
                ExprKind::Call { function, .. } => format!("{}(..)", function.name),
                ExprKind::Pipeline { .. } | ExprKind::Project { .. } => "(a list)".to_owned(),
                _ => "(a value)".to_owned(),
            };
            self.made.push(Let { name: name.into(), span, doc: None, value });
        }
        Expr { kind: Box::new(ExprKind::Let(id)), ty, span }
    }
}

/// Whether an expression is an aggregate's call.
pub(super) fn is_aggregate(expr: &Expr) -> bool {
    matches!(&*expr.kind, ExprKind::Call { function, .. } if matches!(function.body, Body::Aggregate(_)))
}

/// Whether computing it once instead of many times saves work: it walks a list, makes one, or
/// calls something.
fn worth_taking_out(expr: &Expr) -> bool {
    let mut worth = false;
    expr.visit(&mut |e| {
        worth |= matches!(
            &*e.kind,
            ExprKind::Call { .. }
                | ExprKind::CallDef { .. }
                | ExprKind::Project { .. }
                | ExprKind::Pipeline { .. }
                | ExprKind::Quantified { .. }
                | ExprKind::ReshapeEach { .. }
                | ExprKind::List(_)
                | ExprKind::Map(_)
                | ExprKind::Faults { .. }
        );
    });
    worth
}
