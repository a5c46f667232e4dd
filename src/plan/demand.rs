//! Which fields of each evidence somebody reads, derived backwards from the gates: through lets,
//! defs (by their parameters), stages, projections, records made and taken apart.
//!
//! A record taken as a whole (printed, compared, passed on) needs all of its fields; one whose
//! presence alone matters needs none.

use super::hoist::Hoisted;
use super::reads::{artifact_exprs, gate_exprs, row_exprs, sample_exprs};
use super::rewrite::{map_artifact, map_children, map_def, map_gate, map_let, with_bodies};
use crate::data::{Projection, Type, Value};
use crate::model::{ArtifactDefinition, Expr, ExprKind, GateDefinition, LocalId, Policy, Shape, Stage};
use crate::registry::{Accumulator, Aggregate, Body, CallTypes, Function, Narrows};
use std::collections::HashMap;
use std::sync::Arc;

/// What is read of each evidence by these gates (`None`: nobody reads it), and the policy and
/// gates without the columns that nobody reads: their values are not computed.
///
/// `others` are expressions besides the gates' that are evaluated: values of params.
pub(super) fn prune(hoisted: &Hoisted, others: &[&Expr]) -> (Hoisted, Vec<Option<Projection>>) {
    let policy = &hoisted.policy;
    let conditions = shape_exprs(hoisted);
    let mut demand = Demand {
        policy,
        locals: HashMap::new(),
        records: HashMap::new(),
        lets: vec![None; policy.lets.len()],
        defs: vec![None; policy.defs.len()],
        evidence: vec![None; policy.evidence.len()],
        grew: true,
    };
    // What a name needs may be found after its source was looked at: go on until nothing grows.
    while std::mem::take(&mut demand.grew) {
        for gate in hoisted.gates.values() {
            demand.gate(gate);
        }
        for artifact in hoisted.artifacts.values() {
            demand.artifact(artifact);
        }
        for expr in conditions.iter().chain(others) {
            demand.expr(expr, &Projection::everything());
        }
        for (i, def) in policy.defs.iter().enumerate() {
            if let Some(need) = demand.defs.get(i).cloned().flatten() {
                demand.expr(&def.body, &need);
            }
        }
        for (i, item) in policy.lets.iter().enumerate() {
            if let Some(need) = demand.lets.get(i).cloned().flatten() {
                demand.expr(&item.value, &need);
            }
        }
    }
    // Pruning goes by where the expressions of the original stand.
    let lets = policy.lets.iter().map(|l| map_let(l, &mut |e| demand.pruned(e))).collect();
    let defs = policy.defs.iter().map(|d| map_def(d, &mut |e| demand.pruned(e))).collect();
    let pruned = with_bodies(policy, lets, defs);
    let gates = hoisted.gates.iter().map(|(id, g)| (id.clone(), Arc::new(map_gate(g, &mut |e| demand.pruned(e)))));
    let gates = gates.collect();
    let artifacts = hoisted.artifacts.iter();
    let artifacts =
        artifacts.map(|(name, a)| (name.clone(), Arc::new(map_artifact(a, &mut |e| demand.pruned(e))))).collect();
    let mut projections = demand.evidence;
    for (projection, evidence) in projections.iter_mut().zip(&policy.evidence) {
        if let (Some(projection), Some(key)) = (projection, key_field(policy, evidence.shape.shape())) {
            // The key names rows in messages.
            grow(projection, &of_field(&key, &Projection::everything()));
        }
    }
    (Hoisted { policy: pruned, own_lets: hoisted.own_lets, gates, artifacts }, projections)
}

/// Conditions and messages of all shapes that values are read by.
fn shape_exprs(hoisted: &Hoisted) -> Vec<&Expr> {
    let policy = &hoisted.policy;
    let mut out = Vec::new();
    policy.shapes.iter().for_each(|s| collect_shape(&s.shape, &mut out));
    let bodies = policy.lets.iter().map(|l| &l.value).chain(policy.defs.iter().map(|d| &d.body));
    let artifacts = hoisted.artifacts.values().flat_map(|a| artifact_exprs(a));
    for expr in bodies.chain(hoisted.gates.values().flat_map(|g| gate_exprs(g))).chain(artifacts) {
        expr.visit(&mut |e| match &*e.kind {
            ExprKind::Is { shape, .. }
            | ExprKind::Faults { shape, .. }
            | ExprKind::Narrowed { shape: Some(shape), .. } => {
                collect_shape(shape, &mut out);
            }
            _ => {}
        });
    }
    out
}

fn collect_shape<'s>(shape: &'s Shape, out: &mut Vec<&'s Expr>) {
    match shape {
        Shape::Record(record) => {
            record.fields.iter().for_each(|f| collect_shape(&f.shape, out));
            for rule in record.rules.iter().chain(&record.advice) {
                out.push(&rule.condition);
                out.extend(rule.message.iter().flat_map(|m| m.values()));
            }
        }
        Shape::Refined(refined) => {
            collect_shape(&refined.base, out);
            out.push(&refined.condition);
        }
        Shape::List(inner) | Shape::Optional(inner) => collect_shape(inner, out),
        Shape::Map(key, value) => {
            collect_shape(key, out);
            collect_shape(value, out);
        }
        // Named shapes are all looked at by name.
        _ => {}
    }
}

fn key_field(policy: &Policy, shape: &Shape) -> Option<Arc<str>> {
    match shape {
        Shape::Record(record) => record.fields.iter().find(|f| f.reading.key).map(|f| f.name.clone()),
        Shape::Named(id) => key_field(policy, &policy.shapes.get(id.index())?.shape),
        Shape::Refined(refined) => key_field(policy, &refined.base),
        Shape::Optional(inner) => key_field(policy, inner),
        _ => None,
    }
}

struct Demand<'p> {
    policy: &'p Policy,
    locals: HashMap<LocalId, Projection>,
    /// What is needed of each record that is made, by where its expression stands in memory.
    records: HashMap<*const Expr, Projection>,
    lets: Vec<Option<Projection>>,
    /// What is needed of the values of defs, by any of their calls.
    defs: Vec<Option<Projection>>,
    evidence: Vec<Option<Projection>>,
    grew: bool,
}

/// Presence alone.
fn presence() -> Projection {
    Projection::default()
}

fn of_field(name: &Arc<str>, need: &Projection) -> Projection {
    Projection { all: false, fields: [(name.clone(), need.clone())].into() }
}

/// Adds a need to another; whether it grew.
fn grow(into: &mut Projection, need: &Projection) -> bool {
    if into.all {
        return false;
    }
    if need.all {
        *into = Projection::everything();
        return true;
    }
    let mut grew = false;
    for (name, below) in &need.fields {
        grew |= match into.fields.get_mut(name) {
            Some(known) => grow(known, below),
            None => {
                into.fields.insert(name.clone(), below.clone());
                true
            }
        };
    }
    grew
}

fn grow_slot(slot: &mut Option<Projection>, need: &Projection) -> bool {
    match slot {
        Some(known) => grow(known, need),
        None => {
            *slot = Some(need.clone());
            true
        }
    }
}

impl Demand<'_> {
    fn gate(&mut self, gate: &GateDefinition) {
        for expr in row_exprs(gate) {
            self.expr(expr, &Projection::everything());
        }
        for expr in sample_exprs(gate) {
            self.expr(expr, &Projection::everything());
        }
        for key in &gate.per {
            let need = self.local(key.local);
            self.expr(&key.value, &need);
        }
        if let Some(scope) = &gate.scope {
            let mut need = self.local(scope.row);
            grow(&mut need, &self.local(gate.rows));
            self.expr(&scope.list, &need);
        }
    }

    fn artifact(&mut self, artifact: &ArtifactDefinition) {
        for expr in artifact.exprs() {
            self.expr(expr, &Projection::everything());
        }
        if let Some(rows) = &artifact.rows {
            let need = self.local(rows.row);
            self.expr(&rows.list, &need);
        }
    }

    /// What is known to be needed of a name; of its elements, if it is a list.
    fn local(&self, local: LocalId) -> Projection {
        self.locals.get(&local).cloned().unwrap_or_default()
    }

    fn need_local(&mut self, local: LocalId, need: &Projection) {
        self.grew |= match self.locals.get_mut(&local) {
            Some(known) => grow(known, need),
            None => {
                self.locals.insert(local, need.clone());
                true
            }
        };
    }

    fn expr(&mut self, expr: &Expr, need: &Projection) {
        let all = Projection::everything();
        match &*expr.kind {
            ExprKind::Local(local) => self.need_local(*local, need),
            ExprKind::Let(id) => {
                if let Some(slot) = self.lets.get_mut(id.index()) {
                    self.grew |= grow_slot(slot, need);
                }
            }
            ExprKind::Evidence(id) => {
                if let Some(slot) = self.evidence.get_mut(id.index()) {
                    self.grew |= grow_slot(slot, need);
                }
            }
            ExprKind::Field { base, index } => match field_name(&base.ty, *index) {
                Some(name) => self.expr(base, &of_field(&name, need)),
                None => self.expr(base, &all),
            },
            ExprKind::ListIndex { base, index } => {
                self.expr(base, need);
                self.expr(index, &all);
            }
            ExprKind::MapLookup { base, key } => {
                let mut entry = of_field(&"value".into(), need);
                grow(&mut entry, &of_field(&"key".into(), &all));
                self.expr(base, &entry);
                self.expr(key, &all);
            }
            ExprKind::Project { list, item, body, .. } | ExprKind::ReshapeEach { base: list, item, body } => {
                self.expr(body, need);
                let need = self.local(*item);
                self.expr(list, &need);
            }
            ExprKind::Narrowed { value, shape } => {
                self.expr(value, if shape.is_some() { &all } else { need });
            }
            ExprKind::Coalesce(a, b) => {
                self.expr(a, need);
                self.expr(b, need);
            }
            ExprKind::If { condition, then, otherwise } => {
                self.expr(condition, &all);
                self.expr(then, need);
                self.expr(otherwise, need);
            }
            ExprKind::Call { function, arguments, .. } => self.call(expr, function, arguments, need),
            ExprKind::CallDef { def, arguments } => {
                if let Some(slot) = self.defs.get_mut(def.index()) {
                    self.grew |= grow_slot(slot, need);
                }
                let Some(def) = self.policy.defs.get(def.index()) else { return };
                for ((local, ..), argument) in def.parameters.iter().zip(arguments) {
                    let need = self.local(*local);
                    self.expr(argument, &need);
                }
            }
            ExprKind::List(items) => items.iter().for_each(|i| self.expr(i, need)),
            ExprKind::Map(pairs) => {
                for (key, value) in pairs {
                    self.expr(key, &all);
                    self.expr(value, &need.below("value"));
                }
            }
            ExprKind::Record(fields) => {
                grow(self.records.entry(std::ptr::from_ref(expr)).or_default(), need);
                for (index, field) in fields.iter().enumerate() {
                    match field_name(&expr.ty, index) {
                        Some(name) if need.reads(&name) => self.expr(field, &need.below(&name)),
                        Some(_) => {}
                        None => self.expr(field, &all),
                    }
                }
            }
            ExprKind::Reshape { base, fields } => {
                let mut of_base = presence();
                for (index, from) in fields.iter().enumerate() {
                    let names = (field_name(&expr.ty, index), from.and_then(|f| field_name(&base.ty, f)));
                    if let (Some(name), Some(from)) = names
                        && need.reads(&name)
                    {
                        grow(&mut of_base, &of_field(&from, &need.below(&name)));
                    }
                }
                self.expr(base, &of_base);
            }
            ExprKind::Quantified { item, source, body, .. } => {
                self.expr(body, &all);
                let need = self.local(*item);
                self.expr(source, &need);
            }
            ExprKind::Pipeline { source, row, stages, result } => {
                self.need_local(*result, need);
                for stage in stages.iter().rev() {
                    self.stage(stage);
                }
                let need = self.local(*row);
                self.expr(source, &need);
            }
            ExprKind::Unknown
            | ExprKind::Literal(_)
            | ExprKind::Param(_)
            | ExprKind::AsOf
            | ExprKind::Candidate
            | ExprKind::Result(_)
            | ExprKind::RowAggregate(_) => {}
            ExprKind::Negate(_)
            | ExprKind::Not(_)
            | ExprKind::Arithmetic { .. }
            | ExprKind::And(..)
            | ExprKind::Or(..)
            | ExprKind::Implies(..)
            | ExprKind::Compare { .. }
            | ExprKind::In { .. }
            | ExprKind::InRange { .. }
            | ExprKind::Match { .. }
            | ExprKind::Is { .. }
            | ExprKind::Faults { .. }
            | ExprKind::Interpolate(_) => expr.each_child(&mut |c| self.expr(c, &all)),
        }
    }

    /// The expression without what nobody reads of the records and columns that it makes: they
    /// are missing. (Their inputs may not have been kept, so computing them could go wrong.)
    fn pruned(&self, expr: &Expr) -> Expr {
        let missing = |e: &Expr| Expr {
            kind: Box::new(ExprKind::Literal(Value::Missing)),
            ty: e.ty.clone().optional(),
            span: e.span,
        };
        match &*expr.kind {
            ExprKind::Record(fields) => {
                let need = self.records.get(&std::ptr::from_ref(expr)).cloned().unwrap_or_default();
                let field = |(index, field): (usize, &Expr)| match field_name(&expr.ty, index) {
                    Some(name) if !need.reads(&name) => missing(field),
                    _ => self.pruned(field),
                };
                let fields = fields.iter().enumerate().map(field).collect();
                Expr { kind: Box::new(ExprKind::Record(fields)), ty: expr.ty.clone(), span: expr.span }
            }
            ExprKind::Pipeline { stages, .. } => {
                let unread: Vec<*const Expr> = stages
                    .iter()
                    .filter_map(|s| match s {
                        Stage::Bind { local, value } if !self.locals.contains_key(local) => {
                            Some(std::ptr::from_ref(value))
                        }
                        _ => None,
                    })
                    .collect();
                map_children(expr, &mut |child| {
                    if unread.contains(&std::ptr::from_ref(child)) { missing(child) } else { self.pruned(child) }
                })
            }
            _ => map_children(expr, &mut |child| self.pruned(child)),
        }
    }

    fn stage(&mut self, stage: &Stage) {
        let all = Projection::everything();
        match stage {
            Stage::Where { condition, .. } => self.expr(condition, &all),
            Stage::Bind { local, value } => {
                if let Some(need) = self.locals.get(local).cloned() {
                    self.expr(value, &need);
                }
            }
            Stage::Join(join) => {
                let need = self.local(join.local);
                self.expr(&join.source, &need);
            }
            Stage::Group { keys, member, row, .. } => {
                let need = self.local(*row);
                keys.iter().for_each(|k| self.expr(k, &all));
                self.expr(member, &need.below("group").below("rows"));
            }
            Stage::Sort { keys } => keys.iter().for_each(|k| self.expr(&k.key, &all)),
            Stage::Distinct { keys } | Stage::Number { keys, .. } => keys.iter().for_each(|k| self.expr(k, &all)),
        }
    }

    fn call(&mut self, call: &Expr, function: &Function, arguments: &[Expr], need: &Projection) {
        let all = Projection::everything();
        match function.body {
            Body::Aggregate(aggregate) => {
                let Some((list, constants)) = arguments.split_last() else { return };
                constants.iter().for_each(|c| self.expr(c, &all));
                let whole = reads_elements(&aggregate, call, arguments);
                let chosen = list.ty.element().is_some_and(|e| e.present() == call.ty.present());
                match (whole, chosen) {
                    (false, _) => self.expr(list, &presence()),
                    // `first`, `last`, `only` give an element: what is needed of it is needed.
                    (true, true) if is_record(&call.ty) => self.expr(list, need),
                    (true, _) => self.expr(list, &all),
                }
            }
            // A row is asked for its file alone.
            Body::Ambient(_) => {
                arguments.iter().for_each(|a| self.expr(a, if is_record(&a.ty) { &PRESENCE } else { &all }));
            }
            Body::Scalar(_) | Body::Form => {
                let presence_alone = function.narrows == Narrows::ArgumentsPresent;
                for argument in arguments {
                    let structured = is_record(&argument.ty) || argument.ty.present().element().is_some();
                    self.expr(argument, if presence_alone && structured { &PRESENCE } else { &all });
                }
            }
        }
    }
}

static PRESENCE: Projection = Projection { all: false, fields: std::collections::BTreeMap::new() };

fn is_record(ty: &Type) -> bool {
    matches!(ty.present(), Type::Record(_))
}

/// Asks an aggregate whether it looks at its elements; one that cannot be started does.
fn reads_elements(aggregate: &Aggregate, call: &Expr, arguments: &[Expr]) -> bool {
    start_constant(aggregate, call, arguments).is_none_or(|a| a.reads_elements())
}

/// An accumulator for a call whose arguments before the list are literals.
fn start_constant(aggregate: &Aggregate, call: &Expr, arguments: &[Expr]) -> Option<Box<dyn Accumulator>> {
    let types: Vec<Type> = arguments.iter().map(|a| a.ty.clone()).collect();
    let constants: Option<Vec<Value>> = arguments
        .split_last()?
        .1
        .iter()
        .map(|a| match &*a.kind {
            ExprKind::Literal(value) => Some(value.clone()),
            _ => None,
        })
        .collect();
    (aggregate.start)(&CallTypes { arguments: &types, result: &call.ty }, &constants?).ok()
}

fn field_name(ty: &Type, index: usize) -> Option<Arc<str>> {
    match ty.present() {
        Type::Record(record) => record.fields.get(index).map(|f| f.name.clone()),
        _ => None,
    }
}
