//! Rebuilding of typed expressions, and which names an expression leaves free.

use crate::model::{
    Expr, ExprKind, GateDefinition, GroupKey, JoinStage, Limit, LocalId, Message, MessagePart, Scope, SortKey, Stage,
};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Where a part stands in the expression around it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// Evaluated once for each evaluation of the whole.
    Direct,
    /// Evaluated for each element of a list.
    Body,
}

/// Stands for the aggregates of rows that only a metric's pass can answer: an expression with one
/// in it is never closed.
pub(super) const ROW_AGGREGATES: LocalId = LocalId(u32::MAX);

/// The same expression with each direct part replaced, in the order of [`Expr::children`].
pub(super) fn map_children(expr: &Expr, f: &mut dyn FnMut(&Expr, Place) -> Expr) -> Expr {
    use Place::{Body, Direct};
    let kind = match &*expr.kind {
        ExprKind::Unknown
        | ExprKind::Literal(_)
        | ExprKind::Local(_)
        | ExprKind::Let(_)
        | ExprKind::Param(_)
        | ExprKind::Evidence(_)
        | ExprKind::AsOf
        | ExprKind::Candidate
        | ExprKind::Result(_)
        | ExprKind::RowAggregate(_) => (*expr.kind).clone(),
        ExprKind::Field { base, index } => ExprKind::Field { base: f(base, Direct), index: *index },
        ExprKind::Reshape { base, fields } => ExprKind::Reshape { base: f(base, Direct), fields: fields.clone() },
        ExprKind::Negate(value) => ExprKind::Negate(f(value, Direct)),
        ExprKind::Not(value) => ExprKind::Not(f(value, Direct)),
        ExprKind::Narrowed { value, shape } => ExprKind::Narrowed { value: f(value, Direct), shape: shape.clone() },
        ExprKind::Match { text, pattern } => ExprKind::Match { text: f(text, Direct), pattern: pattern.clone() },
        ExprKind::Is { subject, shape } => ExprKind::Is { subject: f(subject, Direct), shape: shape.clone() },
        ExprKind::Faults { subject, shape } => ExprKind::Faults { subject: f(subject, Direct), shape: shape.clone() },
        ExprKind::ListIndex { base, index } => ExprKind::ListIndex { base: f(base, Direct), index: f(index, Direct) },
        ExprKind::MapLookup { base, key } => ExprKind::MapLookup { base: f(base, Direct), key: f(key, Direct) },
        ExprKind::Project { site, list, item, body, flatten } => ExprKind::Project {
            site: *site,
            list: f(list, Direct),
            item: *item,
            body: f(body, Body),
            flatten: *flatten,
        },
        ExprKind::ReshapeEach { base, item, body } => {
            ExprKind::ReshapeEach { base: f(base, Direct), item: *item, body: f(body, Body) }
        }
        ExprKind::Quantified { site, quantifier, item, source, body } => ExprKind::Quantified {
            site: *site,
            quantifier: *quantifier,
            item: *item,
            source: f(source, Direct),
            body: f(body, Body),
        },
        ExprKind::Arithmetic { op, left, right } => {
            ExprKind::Arithmetic { op: *op, left: f(left, Direct), right: f(right, Direct) }
        }
        ExprKind::Compare { op, left, right } => {
            ExprKind::Compare { op: *op, left: f(left, Direct), right: f(right, Direct) }
        }
        ExprKind::In { item, list, keys } => ExprKind::In { item: f(item, Direct), list: f(list, Direct), keys: *keys },
        ExprKind::And(a, b) => ExprKind::And(f(a, Direct), f(b, Direct)),
        ExprKind::Or(a, b) => ExprKind::Or(f(a, Direct), f(b, Direct)),
        ExprKind::Implies(a, b) => ExprKind::Implies(f(a, Direct), f(b, Direct)),
        ExprKind::Coalesce(a, b) => ExprKind::Coalesce(f(a, Direct), f(b, Direct)),
        ExprKind::InRange { item, low, high } => {
            ExprKind::InRange { item: f(item, Direct), low: f(low, Direct), high: f(high, Direct) }
        }
        ExprKind::If { condition, then, otherwise } => {
            ExprKind::If { condition: f(condition, Direct), then: f(then, Direct), otherwise: f(otherwise, Direct) }
        }
        ExprKind::Call { site, function, arguments, lifted } => ExprKind::Call {
            site: *site,
            function: function.clone(),
            arguments: arguments.iter().map(|a| f(a, Direct)).collect(),
            lifted: *lifted,
        },
        ExprKind::CallDef { def, arguments } => {
            ExprKind::CallDef { def: *def, arguments: arguments.iter().map(|a| f(a, Direct)).collect() }
        }
        ExprKind::List(items) => ExprKind::List(items.iter().map(|i| f(i, Direct)).collect()),
        ExprKind::Record(fields) => ExprKind::Record(fields.iter().map(|i| f(i, Direct)).collect()),
        ExprKind::Map(pairs) => ExprKind::Map(pairs.iter().map(|(k, v)| (f(k, Direct), f(v, Direct))).collect()),
        ExprKind::Pipeline { source, row, stages, result } => ExprKind::Pipeline {
            source: f(source, Direct),
            row: *row,
            stages: stages.iter().map(|s| map_stage(s, f)).collect(),
            result: *result,
        },
        ExprKind::Interpolate(message) => ExprKind::Interpolate(Arc::new(map_message(message, &mut |e| f(e, Direct)))),
    };
    Expr { kind: Box::new(kind), ty: expr.ty.clone(), span: expr.span }
}

fn map_stage(stage: &Stage, f: &mut dyn FnMut(&Expr, Place) -> Expr) -> Stage {
    let mut body = |e: &Expr| f(e, Place::Body);
    match stage {
        Stage::Where { site, condition } => Stage::Where { site: *site, condition: body(condition) },
        Stage::Bind { local, value } => Stage::Bind { local: *local, value: body(value) },
        Stage::Join(join) => Stage::Join(JoinStage { site: join.site, source: body(&join.source), local: join.local }),
        Stage::Group { site, keys, member, row } => {
            Stage::Group { site: *site, keys: keys.iter().map(&mut body).collect(), member: body(member), row: *row }
        }
        Stage::Sort { keys } => {
            Stage::Sort { keys: keys.iter().map(|k| SortKey { key: body(&k.key), descending: k.descending }).collect() }
        }
        Stage::Distinct { keys } => Stage::Distinct { keys: keys.iter().map(body).collect() },
        Stage::Number { keys, local } => Stage::Number { keys: keys.iter().map(body).collect(), local: *local },
    }
}

/// The same message with each printed value replaced.
pub(super) fn map_message(message: &Message, f: &mut dyn FnMut(&Expr) -> Expr) -> Message {
    let part = |part: &MessagePart| match part {
        MessagePart::Text(text) => MessagePart::Text(text.clone()),
        MessagePart::Value { value, format } => MessagePart::Value { value: f(value), format: format.clone() },
    };
    Message { parts: message.parts.iter().map(part).collect(), span: message.span }
}

/// The same gate with each of its expressions replaced; `f` gets the expressions of `gate` itself.
pub(super) fn map_gate(gate: &GateDefinition, f: &mut dyn FnMut(&Expr) -> Expr) -> GateDefinition {
    let mut out = gate.clone();
    out.scope = gate.scope.as_ref().map(|s| Scope { list: f(&s.list), row: s.row, span: s.span });
    out.per = gate.per.iter().map(|k| GroupKey { value: f(&k.value), ..k.clone() }).collect();
    for (out, each) in out.each.iter_mut().zip(&gate.each) {
        out.condition = f(&each.condition);
        out.message = each.message.as_ref().map(|m| Arc::new(map_message(m, f)));
    }
    for (out, metric) in out.metrics.iter_mut().zip(&gate.metrics) {
        out.figure = f(&metric.figure);
        for (out, aggregate) in out.row_aggregates.iter_mut().zip(&metric.row_aggregates) {
            out.value = f(&aggregate.value);
            out.arguments = aggregate.arguments.iter().map(&mut *f).collect();
        }
    }
    for (out, threshold) in out.thresholds.iter_mut().zip(&gate.thresholds) {
        out.limit = match &threshold.limit {
            Limit::Compare { op, value } => Limit::Compare { op: *op, value: f(value) },
            Limit::Range { low, high } => Limit::Range { low: f(low), high: f(high) },
        };
    }
    for (out, expect) in out.expect.iter_mut().zip(&gate.expect) {
        out.condition = f(&expect.condition);
        out.message = expect.message.as_ref().map(|m| Arc::new(map_message(m, f)));
    }
    if let (Some(out), Some(samples)) = (&mut out.samples, &gate.samples) {
        out.weight = samples.weight.as_ref().map(f);
    }
    out
}

/// Names that the expression itself binds for its parts. Locals are unique in a policy.
pub(super) fn binds(expr: &Expr) -> Vec<LocalId> {
    match &*expr.kind {
        ExprKind::Project { item, .. } | ExprKind::ReshapeEach { item, .. } | ExprKind::Quantified { item, .. } => {
            vec![*item]
        }
        ExprKind::Pipeline { row, stages, .. } => {
            let bound = stages.iter().filter_map(|s| match s {
                Stage::Bind { local, .. } | Stage::Number { local, .. } => Some(*local),
                Stage::Join(join) => Some(join.local),
                Stage::Group { row, .. } => Some(*row),
                Stage::Where { .. } | Stage::Sort { .. } | Stage::Distinct { .. } => None,
            });
            std::iter::once(*row).chain(bound).collect()
        }
        _ => Vec::new(),
    }
}

/// The names that an expression uses and does not bind.
pub(super) fn free_locals(expr: &Expr) -> BTreeSet<LocalId> {
    let mut free = BTreeSet::new();
    let mut bound = BTreeSet::new();
    expr.visit(&mut |e| {
        match &*e.kind {
            ExprKind::Local(local) => {
                free.insert(*local);
            }
            ExprKind::RowAggregate(_) => {
                free.insert(ROW_AGGREGATES);
            }
            _ => {}
        }
        bound.extend(binds(e));
    });
    free.difference(&bound).copied().collect()
}
