//! Rebuilding of typed expressions, and which names an expression leaves free.

use crate::model::{
    ArtifactDefinition, ArtifactPage, ArtifactRows, Def, EachClause, ExpectClause, Expr, ExprKind, GateDefinition,
    GroupKey, JoinStage, Let, Limit, LocalId, Message, MessagePart, Metric, Policy, RowAggregate, Samples, Scope,
    SortKey, Stage, Threshold,
};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Stands for the aggregates of rows that only a metric's pass can answer: an expression with one
/// in it is never closed.
pub(super) const ROW_AGGREGATES: LocalId = LocalId(u32::MAX);

/// The same expression with each direct part replaced, in the order of [`Expr::children`].
pub(super) fn map_children(expr: &Expr, f: &mut dyn FnMut(&Expr) -> Expr) -> Expr {
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
        ExprKind::Field { base, index } => ExprKind::Field { base: f(base), index: *index },
        ExprKind::Reshape { base, fields } => ExprKind::Reshape { base: f(base), fields: fields.clone() },
        ExprKind::Negate(value) => ExprKind::Negate(f(value)),
        ExprKind::Not(value) => ExprKind::Not(f(value)),
        ExprKind::Narrowed { value, shape } => ExprKind::Narrowed { value: f(value), shape: shape.clone() },
        ExprKind::Match { text, pattern } => ExprKind::Match { text: f(text), pattern: pattern.clone() },
        ExprKind::Is { subject, shape } => ExprKind::Is { subject: f(subject), shape: shape.clone() },
        ExprKind::Faults { subject, shape, by } => {
            ExprKind::Faults { subject: f(subject), shape: shape.clone(), by: *by }
        }
        ExprKind::ListIndex { base, index } => ExprKind::ListIndex { base: f(base), index: f(index) },
        ExprKind::MapLookup { base, key } => ExprKind::MapLookup { base: f(base), key: f(key) },
        ExprKind::Project { site, list, item, body, flatten } => {
            ExprKind::Project { site: *site, list: f(list), item: *item, body: f(body), flatten: *flatten }
        }
        ExprKind::ReshapeEach { base, item, body } => {
            ExprKind::ReshapeEach { base: f(base), item: *item, body: f(body) }
        }
        ExprKind::Quantified { site, quantifier, item, source, body } => {
            ExprKind::Quantified { site: *site, quantifier: *quantifier, item: *item, source: f(source), body: f(body) }
        }
        ExprKind::Arithmetic { op, left, right } => ExprKind::Arithmetic { op: *op, left: f(left), right: f(right) },
        ExprKind::Compare { op, left, right } => ExprKind::Compare { op: *op, left: f(left), right: f(right) },
        ExprKind::In { item, list, keys } => ExprKind::In { item: f(item), list: f(list), keys: *keys },
        ExprKind::And(a, b) => ExprKind::And(f(a), f(b)),
        ExprKind::Or(a, b) => ExprKind::Or(f(a), f(b)),
        ExprKind::Implies(a, b) => ExprKind::Implies(f(a), f(b)),
        ExprKind::Coalesce(a, b) => ExprKind::Coalesce(f(a), f(b)),
        ExprKind::InRange { item, low, high } => ExprKind::InRange { item: f(item), low: f(low), high: f(high) },
        ExprKind::If { condition, then, otherwise } => {
            ExprKind::If { condition: f(condition), then: f(then), otherwise: f(otherwise) }
        }
        ExprKind::Call { site, function, arguments, lifted } => ExprKind::Call {
            site: *site,
            function: function.clone(),
            arguments: arguments.iter().map(f).collect(),
            lifted: *lifted,
        },
        ExprKind::CallDef { def, arguments } => {
            ExprKind::CallDef { def: *def, arguments: arguments.iter().map(f).collect() }
        }
        ExprKind::List(items) => ExprKind::List(items.iter().map(f).collect()),
        ExprKind::Record(fields) => ExprKind::Record(fields.iter().map(f).collect()),
        ExprKind::Map(pairs) => ExprKind::Map(pairs.iter().map(|(k, v)| (f(k), f(v))).collect()),
        ExprKind::Pipeline { source, row, stages, result } => ExprKind::Pipeline {
            source: f(source),
            row: *row,
            stages: stages.iter().map(|s| map_stage(s, f)).collect(),
            result: *result,
        },
        ExprKind::Interpolate(message) => ExprKind::Interpolate(Arc::new(map_message(message, f))),
    };
    Expr { kind: Box::new(kind), ty: expr.ty.clone(), span: expr.span }
}

fn map_stage(stage: &Stage, f: &mut dyn FnMut(&Expr) -> Expr) -> Stage {
    match stage {
        Stage::Where { site, condition } => Stage::Where { site: *site, condition: f(condition) },
        Stage::Bind { local, value } => Stage::Bind { local: *local, value: f(value) },
        Stage::Join(join) => Stage::Join(JoinStage { site: join.site, source: f(&join.source), local: join.local }),
        Stage::Group { site, keys, member, row } => {
            Stage::Group { site: *site, keys: keys.iter().map(&mut *f).collect(), member: f(member), row: *row }
        }
        Stage::Sort { keys } => {
            Stage::Sort { keys: keys.iter().map(|k| SortKey { key: f(&k.key), descending: k.descending }).collect() }
        }
        Stage::Distinct { keys } => Stage::Distinct { keys: keys.iter().map(f).collect() },
        Stage::Number { keys, local } => Stage::Number { keys: keys.iter().map(f).collect(), local: *local },
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

/// A gate without its expressions: its scope, keys, conditions, figures, limits and weight are left
/// to the caller.
pub(super) fn bare_gate(gate: &GateDefinition) -> GateDefinition {
    GateDefinition {
        id: gate.id.clone(),
        span: gate.span,
        whole: gate.whole,
        doc: gate.doc.clone(),
        title: gate.title.clone(),
        owner: gate.owner.clone(),
        refs: gate.refs.clone(),
        fix: gate.fix.clone(),
        stage: gate.stage.clone(),
        required: gate.required,
        needs: gate.needs.clone(),
        scope: None,
        rows: gate.rows,
        per: Vec::new(),
        each: Vec::new(),
        metrics: Vec::new(),
        thresholds: Vec::new(),
        expect: Vec::new(),
        samples: None,
        missing: gate.missing.clone(),
        when_empty: gate.when_empty,
        decide: gate.decide,
        waivable: gate.waivable,
        excused: Vec::new(),
        effective_from: gate.effective_from,
        clauses: gate.clauses.clone(),
    }
}

/// The same gate with each of its expressions replaced; `f` gets the expressions of `gate` itself.
pub(super) fn map_gate(gate: &GateDefinition, f: &mut dyn FnMut(&Expr) -> Expr) -> GateDefinition {
    let mut out = bare_gate(gate);
    out.scope = gate.scope.as_ref().map(|s| Scope { list: f(&s.list), row: s.row, span: s.span });
    out.per = gate.per.iter().map(|k| map_key(k, f)).collect();
    out.each = gate
        .each
        .iter()
        .map(|c| EachClause {
            condition: f(&c.condition),
            message: c.message.as_ref().map(|m| Arc::new(map_message(m, f))),
            leans_on: c.leans_on.clone(),
            span: c.span,
        })
        .collect();
    out.metrics = gate
        .metrics
        .iter()
        .map(|m| {
            let figure = f(&m.figure);
            let aggregate = |a: &RowAggregate| {
                let value = f(&a.value);
                let arguments = a.arguments.iter().map(&mut *f).collect();
                RowAggregate { site: a.site, function: a.function.clone(), arguments, value, ty: a.ty.clone() }
            };
            with_figure(m, figure, m.row_aggregates.iter().map(aggregate).collect())
        })
        .collect();
    out.thresholds = gate.thresholds.iter().map(|t| map_threshold(t, f)).collect();
    out.expect = gate
        .expect
        .iter()
        .map(|c| ExpectClause {
            condition: f(&c.condition),
            message: c.message.as_ref().map(|m| Arc::new(map_message(m, f))),
            leans_on: c.leans_on.clone(),
            span: c.span,
        })
        .collect();
    out.samples = gate.samples.as_ref().map(|s| map_samples(s, f));
    out.excused = gate.excused.iter().map(&mut *f).collect();
    out
}

/// The same artifact with each of its expressions replaced; `f` gets the expressions of `artifact`
/// itself.
pub(super) fn map_artifact(artifact: &ArtifactDefinition, f: &mut dyn FnMut(&Expr) -> Expr) -> ArtifactDefinition {
    let rows = artifact.rows.as_ref();
    let page = artifact.page.as_ref();
    ArtifactDefinition {
        name: artifact.name.clone(),
        span: artifact.span,
        whole: artifact.whole,
        doc: artifact.doc.clone(),
        rows: rows.map(|r| ArtifactRows { name: r.name.clone(), row: r.row, list: f(&r.list) }),
        path: Arc::new(map_message(&artifact.path, f)),
        document: f(&artifact.document),
        page: page.map(|p| ArtifactPage {
            title: p.title.as_ref().map(|t| Arc::new(map_message(t, f))),
            passed: f(&p.passed),
            span: p.span,
        }),
    }
}

/// A key with its value replaced.
pub(super) fn map_key(key: &GroupKey, f: &mut dyn FnMut(&Expr) -> Expr) -> GroupKey {
    GroupKey { name: key.name.clone(), value: f(&key.value), local: key.local }
}

/// A metric with another figure and other aggregates.
pub(super) fn with_figure(metric: &Metric, figure: Expr, row_aggregates: Vec<RowAggregate>) -> Metric {
    Metric {
        label: metric.label.clone(),
        figure,
        row_aggregates,
        shown: metric.shown,
        source: metric.source.clone(),
        span: metric.span,
    }
}

/// A threshold with its limit replaced.
pub(super) fn map_threshold(threshold: &Threshold, f: &mut dyn FnMut(&Expr) -> Expr) -> Threshold {
    let limit = match &threshold.limit {
        Limit::Compare { op, value } => Limit::Compare { op: *op, value: f(value) },
        Limit::Range { low, high } => Limit::Range { low: f(low), high: f(high) },
    };
    Threshold { metric: threshold.metric, limit, span: threshold.span }
}

/// The least sample with its weight replaced.
pub(super) fn map_samples(samples: &Samples, f: &mut dyn FnMut(&Expr) -> Expr) -> Samples {
    Samples { weight: samples.weight.as_ref().map(f), least: samples.least, span: samples.span }
}

/// The same policy with other values of lets and other bodies of defs, in their order.
pub(super) fn with_bodies(policy: &Policy, lets: Vec<Let>, defs: Vec<Def>) -> Policy {
    Policy {
        name: policy.name.clone(),
        language: policy.language,
        enums: policy.enums.clone(),
        shapes: policy.shapes.clone(),
        params: policy.params.clone(),
        lets,
        defs,
        evidence: policy.evidence.clone(),
        gates: policy.gates.clone(),
        artifacts: policy.artifacts.clone(),
        waivers: policy.waivers.clone(),
        profiles: policy.profiles.clone(),
        schemas: policy.schemas.clone(),
    }
}

/// A let with its value replaced.
pub(super) fn map_let(item: &Let, f: &mut dyn FnMut(&Expr) -> Expr) -> Let {
    Let { name: item.name.clone(), span: item.span, doc: item.doc.clone(), value: f(&item.value) }
}

/// A def with its body replaced.
pub(super) fn map_def(def: &Def, f: &mut dyn FnMut(&Expr) -> Expr) -> Def {
    Def {
        name: def.name.clone(),
        span: def.span,
        doc: def.doc.clone(),
        parameters: def.parameters.clone(),
        body: f(&def.body),
    }
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

/// Whether a part is evaluated for each element of a list: by its number among the parts of the
/// expression around it, in the order of [`Expr::children`].
pub(super) fn is_body(whole: &Expr, number: usize) -> bool {
    let loops = matches!(
        &*whole.kind,
        ExprKind::Project { .. }
            | ExprKind::ReshapeEach { .. }
            | ExprKind::Quantified { .. }
            | ExprKind::Pipeline { .. }
    );
    loops && number > 0
}

/// Whether an expression uses a name that it does not bind; `known` are some names that are bound
/// outside of it, to tell it fast.
pub(super) fn is_open(expr: &Expr, known: impl Fn(&LocalId) -> bool) -> bool {
    let mut any = false;
    let outside = expr.any(&mut |e| match &*e.kind {
        ExprKind::Local(local) => {
            any = true;
            known(local)
        }
        ExprKind::RowAggregate(_) => true,
        _ => false,
    });
    outside || (any && !free_locals(expr).is_empty())
}

/// Whether an expression uses a name that is bound outside of it.
pub(super) fn mentions(expr: &Expr, local: LocalId) -> bool {
    expr.any(&mut |e| matches!(&*e.kind, ExprKind::Local(l) if *l == local))
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
