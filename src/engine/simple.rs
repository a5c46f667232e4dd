//! A run without a plan: every list is held in memory and every expression goes to the
//! interpreter, gate after gate.

use super::tally::{
    EngineRun, ExpectTally, GateTally, GroupTally, Judge, KEPT_VIOLATIONS, KEPT_WORST, MetricTally, RowClause,
    RowViolation, WorstValue,
};
use crate::data::{
    Batch, BatchSink, BatchSource, EvidenceOutcome, Fault, Flow, Num, Origin, Projection, ReadReport, Type, Value,
};
use crate::eval::{Constants, Env, Globals, Interpreter};
use crate::model::{
    CheckedPolicy, CompareOp, EffectiveProfile, EvidenceId, EvidenceShape, Expr, ExprKind, GateDefinition, GateId,
    LetId, Limit, Metric, MissingPolicy, ParamId, Policy,
};
use crate::registry::{Ambient, Body, CallTypes, Extreme, Figure, FileFacts};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// What a run is given besides policy and evidence.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The instant of evaluation, ns since 1970.
    pub as_of: Num,
    /// The release candidate.
    pub candidate: Option<Value>,
    /// Bytes that lists held in memory may take.
    pub memory_limit: u64,
    /// Threads to use; 0 means one for each core.
    pub threads: usize,
    /// The gates to evaluate, needed ones included; all of the profile's without.
    pub only: Option<BTreeSet<GateId>>,
}

/// Stack of a worker, for expressions that nest through many defs.
const STACK: usize = 64 << 20;

/// Evaluates the gates of a profile.
pub fn run(
    checked: &CheckedPolicy,
    profile: &EffectiveProfile,
    source: &dyn BatchSource,
    settings: &Settings,
    judge: &dyn Judge,
) -> EngineRun {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(settings.threads).stack_size(STACK).build();
    let go = || World::new(checked, profile, source, settings).run(judge);
    match pool {
        Ok(pool) => pool.install(go),
        Err(_) => go(),
    }
}

struct World<'r> {
    checked: &'r CheckedPolicy,
    profile: &'r EffectiveProfile,
    source: &'r dyn BatchSource,
    settings: &'r Settings,
    constants: Constants,
    read: Vec<OnceLock<(ReadReport, Value)>>,
    lets: Vec<OnceLock<Result<Value, Fault>>>,
    results: Mutex<BTreeMap<GateId, Result<Value, Fault>>>,
}

/// What a gate reads, through views, params and defs.
#[derive(Default)]
struct Reads {
    evidence: BTreeSet<EvidenceId>,
    gates: BTreeSet<GateId>,
    lets: BTreeSet<LetId>,
    defs: BTreeSet<u32>,
}

impl<'r> World<'r> {
    fn new(
        checked: &'r CheckedPolicy,
        profile: &'r EffectiveProfile,
        source: &'r dyn BatchSource,
        settings: &'r Settings,
    ) -> Self {
        let policy = &checked.policy;
        let set = profile.params.iter().map(|(id, (value, _))| (*id, value.clone())).collect();
        Self {
            checked,
            profile,
            source,
            settings,
            constants: Constants::new(Arc::new(policy.clone()), set),
            read: policy.evidence.iter().map(|_| OnceLock::new()).collect(),
            lets: policy.lets.iter().map(|_| OnceLock::new()).collect(),
            results: Mutex::default(),
        }
    }

    fn run(&self, judge: &dyn Judge) -> EngineRun {
        let wanted = |id: &&GateId| self.settings.only.as_ref().is_none_or(|only| only.contains(*id));
        let mut order: Vec<GateId> = Vec::new();
        for id in self.profile.gates.keys().filter(wanted) {
            self.after_what_it_reads(id, &mut order);
        }
        let mut run = EngineRun { evidence: BTreeMap::new(), gates: BTreeMap::new() };
        for id in order {
            let Some(gate) = self.gate(&id) else { continue };
            let mut reads = Reads::default();
            gate_exprs(gate).into_iter().for_each(|e| self.reads(e, &mut reads));
            for evidence in &reads.evidence {
                if let Some((report, _)) = self.report(*evidence) {
                    run.evidence.entry(*evidence).or_insert_with(|| report.clone());
                }
            }
            let reads: Vec<EvidenceId> = reads.evidence.into_iter().collect();
            let mut tally = GateTally { reads, read: 0, groups: Ok(Vec::new()) };
            let unusable = run.unusable(&tally.reads);
            tally.groups = match unusable.first() {
                Some(id) => Err(Fault::EvidenceUnusable { evidence: self.name(*id) }),
                None => self.groups(gate, &mut tally.read),
            };
            let result = judge.result(gate, &tally, &run);
            self.results.lock().unwrap_or_else(PoisonError::into_inner).insert(id.clone(), result);
            run.gates.insert(id, tally);
        }
        // What was only evaluated for its result is not of this run.
        run.gates.retain(|id, _| self.profile.gates.contains_key(id) && wanted(&id));
        run
    }

    fn gate(&self, id: &GateId) -> Option<&Arc<GateDefinition>> {
        self.profile.gates.get(id).map(|g| &g.gate).or_else(|| self.checked.policy.gates.get(id))
    }

    fn after_what_it_reads(&self, id: &GateId, order: &mut Vec<GateId>) {
        if order.contains(id) {
            return;
        }
        if let Some(gate) = self.gate(id) {
            let mut reads = Reads::default();
            gate_exprs(gate).into_iter().for_each(|e| self.reads(e, &mut reads));
            for other in &reads.gates {
                self.after_what_it_reads(other, order);
            }
        }
        order.push(id.clone());
    }

    fn reads(&self, expr: &Expr, reads: &mut Reads) {
        expr.visit(&mut |e| match &*e.kind {
            ExprKind::Evidence(id) => {
                reads.evidence.insert(*id);
            }
            ExprKind::Result(gate) => {
                reads.gates.insert(gate.clone());
                if let Some(gate) = self.gate(gate) {
                    gate_exprs(gate).into_iter().for_each(|e| self.reads(e, reads));
                }
            }
            ExprKind::Let(id) if reads.lets.insert(*id) => {
                if let Some(item) = self.checked.policy.lets.get(id.index()) {
                    self.reads(&item.value, reads);
                }
            }
            ExprKind::CallDef { def, .. } if reads.defs.insert(def.0) => {
                if let Some(def) = self.checked.policy.defs.get(def.index()) {
                    self.reads(&def.body, reads);
                }
            }
            ExprKind::Call { function, arguments, .. } if matches!(function.body, Body::Ambient(_)) => {
                for argument in arguments {
                    if let ExprKind::Literal(Value::Text(name)) = &*argument.kind {
                        let place = self.checked.policy.evidence.iter().position(|d| d.name == *name);
                        reads.evidence.extend(place.and_then(|i| u32::try_from(i).ok()).map(EvidenceId));
                    }
                }
            }
            _ => {}
        });
    }

    fn name(&self, id: EvidenceId) -> Arc<str> {
        self.checked.policy.evidence.get(id.index()).map_or_else(|| "(unknown)".into(), |e| e.name.clone())
    }

    fn report(&self, id: EvidenceId) -> Option<&(ReadReport, Value)> {
        let definition = self.profile.evidence.get(id.index())?;
        let slot = self.read.get(id.index())?;
        Some(slot.get_or_init(|| {
            let rows = Collected::default();
            let report = self.source.read(&definition.name, &Projection::everything(), &rows);
            let value = match &definition.shape {
                EvidenceShape::Document(_) => report.document.clone().unwrap_or(Value::Missing),
                EvidenceShape::Rows(_) if report.outcome == EvidenceOutcome::Absent && definition.ty.is_optional() => {
                    Value::Missing
                }
                EvidenceShape::Rows(_) => rows.list(),
            };
            (report, value)
        }))
    }

    /// Steps 2 to 7 of the fold, as far as anything is evaluated.
    fn groups(&self, gate: &GateDefinition, read: &mut u64) -> Result<Vec<GroupTally>, Fault> {
        let interpreter = Interpreter::new(self);
        let Some(scope) = &gate.scope else {
            return Ok(vec![self.group(gate, Vec::new(), &[])?]);
        };
        let whole = match &*scope.list.kind {
            ExprKind::Pipeline { source, .. } => interpreter.eval(source, &mut Env::new())?,
            _ => interpreter.eval(&scope.list, &mut Env::new())?,
        };
        *read = whole.as_list().map_or(0, |l| l.len() as u64);
        let rows = interpreter.eval(&scope.list, &mut Env::new())?;
        let rows = rows.as_list().ok_or_else(|| Fault::Internal { what: "a scope that is no list".into() })?;
        let mut places: HashMap<Vec<Value>, usize> = HashMap::new();
        let mut groups: Vec<(Vec<Value>, Vec<(u64, Value)>)> = Vec::new();
        for (ordinal, row) in rows.iter().enumerate() {
            let mut env = Env::new();
            env.bind(scope.row, row.clone());
            let key: Result<Vec<Value>, Fault> =
                gate.per.iter().map(|k| interpreter.eval(&k.value, &mut env)).collect();
            let key = key?;
            let next = groups.len();
            let place = *places.entry(key.clone()).or_insert(next);
            if place == next {
                groups.push((key, Vec::new()));
            }
            if let Some((_, members)) = groups.get_mut(place) {
                members.push((ordinal as u64, row.clone()));
            }
        }
        if groups.is_empty() {
            groups.push((Vec::new(), Vec::new()));
        }
        groups.sort_by(|(a, _), (b, _)| Value::list(a.clone()).order(&Value::list(b.clone())));
        groups.into_iter().map(|(key, rows)| self.group(gate, key, &rows)).collect()
    }

    fn group(&self, gate: &GateDefinition, key: Vec<Value>, rows: &[(u64, Value)]) -> Result<GroupTally, Fault> {
        let interpreter = Interpreter::new(self);
        let mut violations: Vec<RowViolation> = Vec::new();
        let (mut count, mut broken, mut missing, mut excluded, mut worst) = (0, 0, 0, 0, 0);
        let mut sample: Vec<(u64, Value)> = Vec::new();
        for (ordinal, row) in rows {
            let mut env = self.row_env(gate, row);
            let mut unmet: BTreeSet<usize> = BTreeSet::new();
            let mut fresh = 0;
            for (number, each) in gate.each.iter().enumerate() {
                if each.leans_on.iter().any(|l| unmet.contains(l)) {
                    unmet.insert(number);
                } else if !interpreter.holds(&each.condition, &mut env)? {
                    unmet.insert(number);
                    fresh += 1;
                    if violations.len() < KEPT_VIOLATIONS {
                        let message = each.message.as_ref().map(|m| interpreter.message(m, &mut env));
                        let origin = row.origin().cloned();
                        violations.push(RowViolation {
                            ordinal: *ordinal,
                            clause: RowClause::Each(number),
                            origin,
                            message,
                        });
                    }
                }
            }
            count += fresh;
            if fresh > 0 {
                broken += 1;
                continue;
            }
            match (self.first_missing(gate, row)?, &gate.missing) {
                (Some(metric), Some(MissingPolicy::Fail)) => {
                    missing += 1;
                    count += 1;
                    if violations.len() < KEPT_VIOLATIONS {
                        let clause = RowClause::Missing(metric);
                        violations.push(RowViolation {
                            ordinal: *ordinal,
                            clause,
                            origin: row.origin().cloned(),
                            message: None,
                        });
                    }
                }
                (Some(_), Some(MissingPolicy::Exclude { .. })) => excluded += 1,
                (found, _) => {
                    worst += u64::from(found.is_some());
                    sample.push((*ordinal, row.clone()));
                }
            }
        }
        let mut env = Env::new();
        env.bind(gate.rows, Value::list(sample.iter().map(|(_, r)| r.clone()).collect::<Vec<_>>()));
        for (clause, value) in gate.per.iter().zip(&key) {
            env.bind(clause.local, value.clone());
        }
        let mut expects: Vec<ExpectTally> = Vec::new();
        for expect in &gate.expect {
            let leans = |n: &usize| expects.get(*n).is_some_and(|e| *e != ExpectTally::Holds);
            let outcome = if expect.leans_on.iter().any(leans) {
                ExpectTally::Skipped
            } else if interpreter.holds(&expect.condition, &mut env)? {
                ExpectTally::Holds
            } else {
                ExpectTally::Broken(expect.message.as_ref().map(|m| interpreter.message(m, &mut env)))
            };
            expects.push(outcome);
        }
        let mut metrics = Vec::new();
        for (number, metric) in gate.metrics.iter().enumerate() {
            metrics.push(self.metric(gate, number, metric, &sample, &mut env)?);
        }
        let mut limits = Vec::new();
        for threshold in &gate.thresholds {
            let parts = match &threshold.limit {
                Limit::Compare { value, .. } => vec![value],
                Limit::Range { low, high } => vec![low, high],
            };
            let values: Result<Vec<Value>, Fault> = parts.into_iter().map(|e| interpreter.eval(e, &mut env)).collect();
            limits.push(values?);
        }
        let weight = match gate.samples.as_ref().and_then(|s| s.weight.as_ref()) {
            Some(weight) => interpreter.eval(weight, &mut env)?.as_num(),
            None => Some(Num::int(sample.len() as i128)),
        };
        Ok(GroupTally {
            key,
            in_scope: rows.len() as u64,
            broken,
            missing,
            excluded,
            worst,
            sample: sample.len() as u64,
            violation_count: count,
            violations,
            expects,
            metrics,
            limits,
            weight,
        })
    }

    fn row_env(&self, gate: &GateDefinition, row: &Value) -> Env<'static> {
        let mut env = Env::new();
        if let Some(scope) = &gate.scope {
            env.bind(scope.row, row.clone());
        }
        env
    }

    /// The first metric for which a row has no value, where its type says that may be.
    fn first_missing(&self, gate: &GateDefinition, row: &Value) -> Result<Option<usize>, Fault> {
        if gate.missing.is_none() {
            return Ok(None);
        }
        let interpreter = Interpreter::new(self);
        for (number, metric) in gate.metrics.iter().enumerate() {
            for aggregate in &metric.row_aggregates {
                if interpreter.eval(&aggregate.value, &mut self.row_env(gate, row))?.is_missing() {
                    return Ok(Some(number));
                }
            }
        }
        Ok(None)
    }

    fn metric(
        &self,
        gate: &GateDefinition,
        number: usize,
        metric: &Metric,
        sample: &[(u64, Value)],
        env: &mut Env<'_>,
    ) -> Result<MetricTally, Fault> {
        let interpreter = Interpreter::new(self);
        let op = gate.thresholds.iter().find(|t| t.metric == number).map(|t| match &t.limit {
            Limit::Compare { op, .. } => *op,
            Limit::Range { .. } => CompareOp::AtMost,
        });
        let low_is_good = matches!(op, Some(CompareOp::AtMost | CompareOp::Less));
        let (mut figures, mut n, mut worst_rows) = (Vec::new(), sample.len() as u64, Vec::new());
        for aggregate in &metric.row_aggregates {
            let Body::Aggregate(body) = aggregate.function.body else {
                return Err(Fault::Internal { what: "a metric of something that is no aggregate".into() });
            };
            let constants: Result<Vec<Value>, Fault> =
                aggregate.arguments.iter().map(|a| interpreter.eval(a, &mut Env::new())).collect();
            let mut types: Vec<Type> = aggregate.arguments.iter().map(|a| a.ty.clone()).collect();
            types.push(Type::list(aggregate.value.ty.clone()));
            let mut accumulator = (body.start)(&CallTypes { arguments: &types, result: &aggregate.ty }, &constants?)?;
            let mut values: Vec<(u64, Option<Arc<Origin>>, Figure)> = Vec::new();
            for (ordinal, row) in sample {
                let value = interpreter.eval(&aggregate.value, &mut self.row_env(gate, row))?;
                let origin = row.origin().cloned();
                if value.is_missing() && aggregate.value.ty.is_optional() && gate.missing.is_some() {
                    // For a share the extreme is the element on the bad side, whichever that is.
                    let beyond = if low_is_good { Extreme::Above } else { Extreme::Below };
                    accumulator.push_extreme(beyond);
                    values.push((*ordinal, origin, if low_is_good { Figure::Above } else { Figure::Below }));
                } else {
                    accumulator.push(&value, *ordinal)?;
                    values.push((*ordinal, origin, Figure::Value(value)));
                }
            }
            n = accumulator.count();
            figures.push(accumulator.finish()?);
            let ordered = matches!(metric.figure.kind.as_ref(), ExprKind::RowAggregate(0))
                && aggregate.value.ty.present().is_ordered();
            if ordered && metric.row_aggregates.len() == 1 && op.is_some() {
                values.sort_by(|a, b| {
                    let order = figure_order(&a.2, &b.2);
                    (if low_is_good { order.reverse() } else { order }).then(a.0.cmp(&b.0))
                });
                values.truncate(KEPT_WORST);
                worst_rows =
                    values.into_iter().map(|(ordinal, origin, value)| WorstValue { ordinal, origin, value }).collect();
            }
        }
        let figure = match (metric.figure.kind.as_ref(), figures.as_slice()) {
            (ExprKind::RowAggregate(0), [one]) => one.clone(),
            _ => Figure::Value(interpreter.eval(&filled(&metric.figure, &figures), env)?),
        };
        Ok(MetricTally { figure, n, worst_rows })
    }
}

/// A formula with the values of its row aggregates in their places.
fn filled(expr: &Expr, figures: &[Figure]) -> Expr {
    let one = |e: &Expr| filled(e, figures);
    let kind = match &*expr.kind {
        ExprKind::RowAggregate(i) => match figures.get(*i) {
            Some(Figure::Value(value)) => ExprKind::Literal(value.clone()),
            _ => ExprKind::Literal(Value::Missing),
        },
        ExprKind::Arithmetic { op, left, right } => {
            ExprKind::Arithmetic { op: *op, left: one(left), right: one(right) }
        }
        ExprKind::Negate(e) => ExprKind::Negate(one(e)),
        ExprKind::Coalesce(a, b) => ExprKind::Coalesce(one(a), one(b)),
        ExprKind::Narrowed { value, shape } => ExprKind::Narrowed { value: one(value), shape: shape.clone() },
        ExprKind::Call { site, function, arguments, lifted } => ExprKind::Call {
            site: *site,
            function: function.clone(),
            arguments: arguments.iter().map(one).collect(),
            lifted: *lifted,
        },
        ExprKind::CallDef { def, arguments } => {
            ExprKind::CallDef { def: *def, arguments: arguments.iter().map(one).collect() }
        }
        ExprKind::If { condition, then, otherwise } => {
            ExprKind::If { condition: one(condition), then: one(then), otherwise: one(otherwise) }
        }
        ExprKind::Compare { op, left, right } => ExprKind::Compare { op: *op, left: one(left), right: one(right) },
        other => other.clone(),
    };
    Expr { kind: Box::new(kind), ty: expr.ty.clone(), span: expr.span }
}

fn figure_order(a: &Figure, b: &Figure) -> std::cmp::Ordering {
    let rank = |f: &Figure| match f {
        Figure::Below => 0,
        Figure::Value(_) => 1,
        Figure::Above => 2,
    };
    match (a, b) {
        (Figure::Value(a), Figure::Value(b)) => a.order(b),
        _ => rank(a).cmp(&rank(b)),
    }
}

/// Every expression of a gate.
fn gate_exprs(gate: &GateDefinition) -> Vec<&Expr> {
    let mut all: Vec<&Expr> = Vec::new();
    all.extend(gate.scope.iter().map(|s| &s.list));
    all.extend(gate.per.iter().map(|k| &k.value));
    for each in &gate.each {
        all.push(&each.condition);
        all.extend(each.message.iter().flat_map(|m| m.values()));
    }
    for expect in &gate.expect {
        all.push(&expect.condition);
        all.extend(expect.message.iter().flat_map(|m| m.values()));
    }
    for metric in &gate.metrics {
        all.push(&metric.figure);
        for aggregate in &metric.row_aggregates {
            all.extend(&aggregate.arguments);
            all.push(&aggregate.value);
        }
    }
    for threshold in &gate.thresholds {
        match &threshold.limit {
            Limit::Compare { value, .. } => all.push(value),
            Limit::Range { low, high } => all.extend([low, high]),
        }
    }
    all.extend(gate.samples.iter().filter_map(|s| s.weight.as_ref()));
    all
}

/// Keeps every row.
#[derive(Default)]
struct Collected(Mutex<Vec<Batch>>);

impl BatchSink for Collected {
    fn take(&self, batch: Batch) -> Flow {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(batch);
        Flow::Continue
    }
}

impl Collected {
    fn list(self) -> Value {
        let mut batches = self.0.into_inner().unwrap_or_else(PoisonError::into_inner);
        batches.sort_by_key(|b| b.first);
        Value::list(batches.iter().flat_map(|b| (0..b.len).map(|r| b.row(r))).collect::<Vec<_>>())
    }
}

impl Globals for World<'_> {
    fn policy(&self) -> &Policy {
        &self.checked.policy
    }

    fn as_of(&self) -> Result<Num, Fault> {
        Ok(self.settings.as_of)
    }

    fn candidate(&self) -> Result<Value, Fault> {
        self.settings.candidate.clone().ok_or(Fault::NoCandidate)
    }

    fn param(&self, id: ParamId) -> Result<Value, Fault> {
        self.constants.param(id)
    }

    fn let_value(&self, id: LetId) -> Result<Value, Fault> {
        let (Some(item), Some(slot)) = (self.checked.policy.lets.get(id.index()), self.lets.get(id.index())) else {
            return Err(Fault::Internal { what: "a let that is not there".into() });
        };
        slot.get_or_init(|| Interpreter::new(self).eval(&item.value, &mut Env::new())).clone()
    }

    fn evidence(&self, id: EvidenceId) -> Result<Value, Fault> {
        match self.report(id) {
            Some((ReadReport { outcome: EvidenceOutcome::Unusable { .. }, .. }, _)) | None => {
                Err(Fault::EvidenceUnusable { evidence: self.name(id) })
            }
            Some((_, value)) => Ok(value.clone()),
        }
    }

    fn result(&self, gate: &GateId) -> Result<Value, Fault> {
        let results = self.results.lock().unwrap_or_else(PoisonError::into_inner);
        results.get(gate).cloned().unwrap_or_else(|| Err(Fault::Internal { what: "a result out of order".into() }))
    }

    fn ambient(&self) -> Result<&dyn Ambient, Fault> {
        Ok(self)
    }

    fn charge(&self, elements: usize) -> Result<(), Fault> {
        let bytes = (elements as u64).saturating_mul(std::mem::size_of::<Value>() as u64);
        if bytes > self.settings.memory_limit {
            return Err(Fault::Memory { what: "a list".into(), limit: self.settings.memory_limit });
        }
        Ok(())
    }
}

impl Ambient for World<'_> {
    fn files(&self, evidence: &str) -> Result<Vec<FileFacts>, Fault> {
        let place = self.checked.policy.evidence.iter().position(|d| &*d.name == evidence);
        let id = place.and_then(|i| u32::try_from(i).ok()).map(EvidenceId);
        let Some((report, _)) = id.and_then(|id| self.report(id)) else {
            return Err(Fault::EvidenceUnusable { evidence: evidence.into() });
        };
        let age = report.fresh_at.and_then(|at| self.settings.as_of.sub(at)).map_or(Value::Missing, Value::Num);
        let facts = |f: &crate::data::EvidenceFile| FileFacts {
            path: f.path.clone(),
            sha256: f.sha256.to_string().into(),
            bytes: f.bytes,
            age: age.clone(),
        };
        Ok(report.files.iter().map(facts).collect())
    }

    fn file_of(&self, origin: &Origin) -> Result<FileFacts, Fault> {
        let files = self.files(&origin.evidence)?;
        let own = files.into_iter().find(|f| f.path == origin.file);
        own.ok_or_else(|| Fault::EvidenceUnusable { evidence: origin.evidence.clone() })
    }
}
