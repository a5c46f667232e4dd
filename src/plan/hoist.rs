//! Values that do not depend on the element at hand are taken out of loops: each closed
//! aggregate, and each other closed list or call inside something that is evaluated many times,
//! becomes a `let` without a name in the policy. Equal ones become one.
//!
//! A `let` is computed when it is first asked for, so what is guarded stays guarded.

use super::canonical::canonical;
use super::lists::{Base, base_of, needs_all};
use super::rewrite::{
    ROW_AGGREGATES, bare_gate, binds, is_body, is_open, map_artifact, map_children, map_def, map_key, map_let,
    map_message, map_samples, map_threshold, with_bodies, with_figure,
};
use crate::data::Type;
use crate::model::{
    ArtifactDefinition, EachClause, ExpectClause, Expr, ExprKind, GateDefinition, GateId, Let, LetId, LocalId, Message,
    Metric, Policy, RowAggregate, Scope, Stage,
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
    /// The artifacts.
    pub artifacts: Artifacts,
}

/// Artifacts by name.
pub(super) type Artifacts = BTreeMap<Arc<str>, Arc<ArtifactDefinition>>;

/// Takes closed values out of a policy's lets and defs and out of these gates and artifacts.
pub(super) fn hoist(policy: &Policy, gates: &BTreeMap<GateId, Arc<GateDefinition>>, artifacts: &Artifacts) -> Hoisted {
    let mut hoister = Hoister { policy, made: Vec::new(), known: HashMap::new(), first: policy.lets.len() };
    let mut lets: Vec<Let> = policy.lets.iter().map(|l| map_let(l, &mut |e| hoister.inside(e))).collect();
    let defs = policy.defs.iter().map(|d| map_def(d, &mut |e| hoister.root(e))).collect();
    let gates = gates.iter().map(|(id, gate)| (id.clone(), Arc::new(hoister.gate(gate)))).collect();
    let artifacts = artifacts.iter().map(|(name, a)| (name.clone(), Arc::new(hoister.artifact(a)))).collect();
    lets.extend(hoister.made);
    Hoisted { policy: with_bodies(policy, lets, defs), own_lets: policy.lets.len(), gates, artifacts }
}

struct Hoister<'p> {
    policy: &'p Policy,
    made: Vec<Let>,
    known: HashMap<String, LetId>,
    first: usize,
}

type Free = BTreeSet<LocalId>;

/// A part with closed values taken out.
struct Walked {
    made: Expr,
    /// The names that it leaves free.
    free: Free,
    /// Whether computing it once instead of many times saves work: it walks a list, makes one, or
    /// calls something.
    worth: bool,
}

impl Hoister<'_> {
    fn gate(&mut self, gate: &GateDefinition) -> GateDefinition {
        let mut out = bare_gate(gate);
        out.scope = gate.scope.as_ref().map(|s| Scope { list: self.scope(&s.list), row: s.row, span: s.span });
        out.per = gate.per.iter().map(|k| map_key(k, &mut |e| self.root(e))).collect();
        out.each = gate
            .each
            .iter()
            .map(|c| EachClause {
                // The message may name the element that decided, so the outermost form stays.
                condition: self.inside(&c.condition),
                message: self.message(c.message.as_ref()),
                leans_on: c.leans_on.clone(),
                span: c.span,
            })
            .collect();
        out.expect = gate
            .expect
            .iter()
            .map(|c| ExpectClause {
                condition: self.inside(&c.condition),
                message: self.message(c.message.as_ref()),
                leans_on: c.leans_on.clone(),
                span: c.span,
            })
            .collect();
        out.metrics = gate.metrics.iter().map(|m| self.metric(m)).collect();
        out.thresholds = gate.thresholds.iter().map(|t| map_threshold(t, &mut |e| self.root(e))).collect();
        out.samples = gate.samples.as_ref().map(|s| map_samples(s, &mut |e| self.root(e)));
        out.excused = gate.excused.iter().map(|e| self.root(e)).collect();
        out
    }

    fn artifact(&mut self, artifact: &ArtifactDefinition) -> ArtifactDefinition {
        // One document is made once: only its parts are worth a name.
        let once = artifact.rows.is_none();
        map_artifact(artifact, &mut |e| if once { self.inside(e) } else { self.root(e) })
    }

    fn metric(&mut self, metric: &Metric) -> Metric {
        let figure = self.root(&metric.figure);
        let aggregate = |a: &RowAggregate| RowAggregate {
            site: a.site,
            function: a.function.clone(),
            arguments: a.arguments.clone(),
            value: self.root(&a.value),
            ty: a.ty.clone(),
        };
        with_figure(metric, figure, metric.row_aggregates.iter().map(aggregate).collect())
    }

    fn message(&mut self, message: Option<&Arc<Message>>) -> Option<Arc<Message>> {
        message.map(|m| Arc::new(map_message(m, &mut |e| self.root(e))))
    }

    /// An expression whose whole may be taken out.
    fn root(&mut self, expr: &Expr) -> Expr {
        let Walked { made, free, worth } = self.walk(expr);
        if free.is_empty() && worth { self.take_out(made) } else { made }
    }

    /// An expression whose whole stays where it is.
    fn inside(&mut self, expr: &Expr) -> Expr {
        self.walk(expr).made
    }

    /// A scope's own pipeline stays whole, because its ledger counts what its filters are given.
    fn scope(&mut self, expr: &Expr) -> Expr {
        self.walk_parts(expr).made
    }

    fn walk(&mut self, expr: &Expr) -> Walked {
        let walked = self.walk_parts(expr);
        match self.filtered_first(&walked.made) {
            Some(made) => Walked { made, ..walked },
            None => walked,
        }
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
        if is_open(&filtered, |_| false) {
            return None;
        }
        let filtered = self.take_out(filtered);
        Some(pipeline(filtered, rest, *result, &expr.ty))
    }

    fn walk_parts(&mut self, expr: &Expr) -> Walked {
        let mut parts: Vec<Walked> = Vec::new();
        expr.each_child(&mut |child| parts.push(self.walk(child)));
        let mut free: Free = parts.iter().flat_map(|p| p.free.iter().copied()).collect();
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
        let mut worth = is_work(expr);
        let mut parts = parts.into_iter().enumerate();
        let made = map_children(expr, &mut |child| match parts.next() {
            Some((number, part)) => {
                let many_times = open || is_body(expr, number);
                if part.free.is_empty() && (is_aggregate(&part.made) || (many_times && part.worth)) {
                    self.take_out(part.made)
                } else {
                    worth |= part.worth;
                    part.made
                }
            }
            None => child.clone(),
        });
        Walked { made, free, worth }
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

/// Whether an expression itself, apart from its parts, walks a list, makes one, or calls something.
fn is_work(expr: &Expr) -> bool {
    matches!(
        &*expr.kind,
        ExprKind::Call { .. }
            | ExprKind::CallDef { .. }
            | ExprKind::Project { .. }
            | ExprKind::Pipeline { .. }
            | ExprKind::Quantified { .. }
            | ExprKind::ReshapeEach { .. }
            | ExprKind::List(_)
            | ExprKind::Map(_)
            | ExprKind::Faults { .. }
    )
}
