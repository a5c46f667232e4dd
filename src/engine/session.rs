//! Everything outside an expression that it may read in one run: evidence, lets, params, results
//! of gates, indexes. Each is computed once, when it is first asked for.

use super::memory::{Memory, SLOT, batch_bytes, value_bytes};
use crate::data::{Batch, EvidenceOutcome, Fault, Num, Origin, ReadReport, Value};
use crate::eval::{Env, Globals, Index, Interpreter};
use crate::model::{
    EffectiveProfile, EvidenceId, EvidenceShape, Expr, ExprKind, GateId, LetId, ParamId, Policy, SiteId,
};
use crate::plan::{IndexPlan, Plan};
use crate::registry::{Ambient, Body, CallTypes, Figure, FileFacts};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

pub(super) type Slot = OnceLock<Result<Value, Fault>>;

/// The result of a gate.
pub(super) struct GateRecord {
    /// As gates read it: one in error is a fault.
    pub(super) read: Result<Value, Fault>,
    /// As artifacts tell it.
    pub(super) told: Value,
    /// How many of its violations are not in the record.
    pub(super) cut: u64,
}

/// What expressions read in one run.
pub(super) struct Session<'r> {
    plan: &'r Plan,
    profile: &'r EffectiveProfile,
    as_of: Num,
    candidate: Option<Value>,
    pub(super) memory: Memory,
    reports: Vec<OnceLock<ReadReport>>,
    held: Vec<OnceLock<Result<Vec<Batch>, Fault>>>,
    /// Documents that did not fit.
    over: Vec<OnceLock<Fault>>,
    lists: Vec<Slot>,
    lets: Vec<Slot>,
    params: Vec<Slot>,
    results: RwLock<BTreeMap<GateId, GateRecord>>,
    indexes: BTreeMap<SiteId, OnceLock<Option<Arc<Index>>>>,
}

fn internal(what: &str) -> Fault {
    Fault::Internal { what: what.into() }
}

impl<'r> Session<'r> {
    pub(super) fn new(
        plan: &'r Plan,
        profile: &'r EffectiveProfile,
        as_of: Num,
        candidate: Option<Value>,
        memory_limit: u64,
    ) -> Self {
        let policy = &plan.policy;
        Self {
            plan,
            profile,
            as_of,
            candidate,
            memory: Memory::new(memory_limit),
            reports: policy.evidence.iter().map(|_| OnceLock::new()).collect(),
            held: policy.evidence.iter().map(|_| OnceLock::new()).collect(),
            over: policy.evidence.iter().map(|_| OnceLock::new()).collect(),
            lists: policy.evidence.iter().map(|_| OnceLock::new()).collect(),
            lets: policy.lets.iter().map(|_| OnceLock::new()).collect(),
            params: policy.params.iter().map(|_| OnceLock::new()).collect(),
            results: RwLock::new(BTreeMap::new()),
            indexes: plan.indexes.keys().map(|site| (*site, OnceLock::new())).collect(),
        }
    }

    /// The name of an evidence.
    pub(super) fn name(&self, id: EvidenceId) -> Arc<str> {
        self.plan.policy.evidence.get(id.index()).map_or_else(|| "(unknown)".into(), |e| e.name.clone())
    }

    /// Says what was found when an evidence was read. A document is held until the end of the run.
    pub(super) fn set_report(&self, id: EvidenceId, mut report: ReadReport) {
        if let Some(document) = &report.document {
            let bytes = SLOT + value_bytes(document);
            if let Err(fault) = self.memory.hold_whole(bytes, &format!("the document `{}`", self.name(id))) {
                report.document = None;
                if let Some(slot) = self.over.get(id.index()) {
                    let _ = slot.set(fault);
                }
            }
        }
        if let Some(slot) = self.reports.get(id.index()) {
            let _ = slot.set(report);
        }
    }

    /// What was found when an evidence was read.
    pub(super) fn report(&self, id: EvidenceId) -> Option<&ReadReport> {
        self.reports.get(id.index()).and_then(OnceLock::get)
    }

    /// The fault of those who read an evidence, if it was read and cannot be used or held.
    pub(super) fn unusable(&self, id: EvidenceId) -> Option<Fault> {
        if let Some(over) = self.over.get(id.index()).and_then(OnceLock::get) {
            return Some(over.clone());
        }
        match self.report(id)?.outcome {
            EvidenceOutcome::Unusable { .. } => Some(Fault::EvidenceUnusable { evidence: self.name(id) }),
            EvidenceOutcome::Usable | EvidenceOutcome::Absent => None,
        }
    }

    /// Keeps the rows of an evidence, in evidence order.
    pub(super) fn set_held(&self, id: EvidenceId, batches: Result<Vec<Batch>, Fault>) {
        let sorted = batches.map(|mut batches| {
            batches.sort_by_key(|b| b.first);
            batches
        });
        if let Some(slot) = self.held.get(id.index()) {
            let _ = slot.set(sorted);
        }
    }

    /// The rows of an evidence that were kept.
    pub(super) fn held(&self, id: EvidenceId) -> Result<&[Batch], Fault> {
        match self.held.get(id.index()).and_then(OnceLock::get) {
            Some(Ok(batches)) => Ok(batches),
            Some(Err(fault)) => Err(fault.clone()),
            None => Err(internal("rows that were not kept")),
        }
    }

    /// Says what a let's value is, when a pass has computed it.
    pub(super) fn set_let(&self, id: LetId, value: Result<Value, Fault>) {
        if let Some(slot) = self.lets.get(id.index()) {
            let _ = slot.set(value);
        }
    }

    /// Says what `result(g)` gives.
    pub(super) fn set_result(&self, gate: &GateId, record: GateRecord) {
        let mut results = self.results.write().unwrap_or_else(PoisonError::into_inner);
        results.insert(gate.clone(), record);
    }

    /// The result of a gate as artifacts tell it.
    pub(super) fn told(&self, gate: &GateId) -> Result<Value, Fault> {
        let results = self.results.read().unwrap_or_else(PoisonError::into_inner);
        results.get(gate).map_or_else(|| Err(internal("a result that is not known yet")), |r| Ok(r.told.clone()))
    }

    /// A value that stays until the end of the run.
    fn keep(&self, value: Result<Value, Fault>, what: &str) -> Result<Value, Fault> {
        let value = value?;
        if let Value::List(items) = &value {
            let bytes: u64 = items.iter().map(|v| SLOT + value_bytes(v)).sum();
            self.memory.hold(bytes, what)?;
        }
        Ok(value)
    }

    /// Computes a let over some globals, which are told the results of gates or read them.
    pub(super) fn compute(&self, id: LetId, globals: &dyn Globals, told: bool) -> Result<Value, Fault> {
        let item = self.plan.let_value(id).ok_or_else(|| internal("a let that is not there"))?;
        if let Some(value) = self.count_of_violations(&item.value, told) {
            return value;
        }
        let value = Interpreter::new(globals).eval(&item.value, &mut Env::new());
        self.keep(value, &format!("`{}`", item.name))
    }

    /// `count(result(g).violations)` counts all of them, also those that are not kept.
    fn count_of_violations(&self, expr: &Expr, told: bool) -> Option<Result<Value, Fault>> {
        let ExprKind::Call { function, arguments, .. } = &*expr.kind else { return None };
        let Body::Aggregate(aggregate) = function.body else { return None };
        let [list] = arguments.as_slice() else { return None };
        let ExprKind::Field { base, .. } = &*list.kind else { return None };
        let ExprKind::Result(gate) = &*base.kind else { return None };
        let types = [list.ty.clone()];
        let mut accumulator = (aggregate.start)(&CallTypes { arguments: &types, result: &expr.ty }, &[]).ok()?;
        if accumulator.reads_elements() {
            return None;
        }
        let results = self.results.read().unwrap_or_else(PoisonError::into_inner);
        let found = results.get(gate)?;
        let cut = found.cut;
        let record = if told { Ok(found.told.clone()) } else { found.read.clone() };
        let mut count = || {
            let listed = match record.clone()? {
                Value::Record(record) => record
                    .fields
                    .iter()
                    .zip(result_fields(&base.ty))
                    .find(|(_, name)| **name == *"violations")
                    .and_then(|(v, _)| v.as_list().map(|l| l.len() as u64)),
                _ => None,
            };
            let is_violations = result_fields(&base.ty).iter().position(|n| **n == *"violations");
            let asked = match &*list.kind {
                ExprKind::Field { index, .. } => Some(*index),
                _ => None,
            };
            let Some(listed) = listed.filter(|_| is_violations == asked) else { return Ok(None) };
            for place in 0..listed + cut {
                accumulator.push(&Value::Missing, place)?;
            }
            match accumulator.finish()? {
                Figure::Value(value) => Ok(Some(value)),
                Figure::Above | Figure::Below => Err(internal("an infinite count")),
            }
        };
        count().transpose()
    }

    fn rows_of(&self, id: EvidenceId, optional: bool) -> Result<Value, Fault> {
        let report = self.report(id).ok_or_else(|| internal("evidence that was not read"))?;
        if report.outcome == EvidenceOutcome::Absent && optional {
            return Ok(Value::Missing);
        }
        let batches = self.held(id)?;
        // The list takes the place of the batches; what it adds are records and their origins.
        let added: u64 = batches.iter().map(|b| batch_bytes(b) + b.len as u64 * ROW).sum();
        self.memory.hold(added, &format!("evidence `{}`", self.name(id)))?;
        let rows = batches.iter().flat_map(|b| (0..b.len).map(|r| b.row(r))).collect::<Vec<_>>();
        Ok(Value::list(rows))
    }

    fn make_index(&self, plan: &IndexPlan) -> Option<Arc<Index>> {
        let interpreter = Interpreter::new(self);
        // A list or a key that faults gives no index: the list is then walked, and who walks it
        // meets the fault if it counts.
        let list = interpreter.eval(&plan.source, &mut Env::new()).ok()?;
        let list = list.as_list()?.clone();
        self.memory.hold(list.len() as u64 * (SLOT + 64), "an index").ok()?;
        let mut positions: HashMap<Vec<Value>, Vec<u32>> = HashMap::new();
        let mut env = Env::new();
        for (place, item) in list.iter().enumerate() {
            env.bind(plan.item, item.clone());
            let key: Result<Vec<Value>, Fault> = plan.inner.iter().map(|k| interpreter.eval(k, &mut env)).collect();
            env.truncate(0);
            positions.entry(key.ok()?).or_default().push(u32::try_from(place).ok()?);
        }
        Some(Arc::new(Index { list, keys: plan.outer.clone(), positions, item: plan.item }))
    }
}

/// A row as a record: its counters, its fields' slots, its place in its evidence.
const ROW: u64 = 192;

fn result_fields(ty: &crate::data::Type) -> Vec<Arc<str>> {
    match ty.present() {
        crate::data::Type::Record(record) => record.fields.iter().map(|f| f.name.clone()).collect(),
        _ => Vec::new(),
    }
}

impl Globals for Session<'_> {
    fn policy(&self) -> &Policy {
        &self.plan.policy
    }

    fn as_of(&self) -> Result<Num, Fault> {
        Ok(self.as_of)
    }

    fn candidate(&self) -> Result<Value, Fault> {
        self.candidate.clone().ok_or(Fault::NoCandidate)
    }

    fn param(&self, id: ParamId) -> Result<Value, Fault> {
        let (Some(param), Some(slot)) = (self.plan.policy.params.get(id.index()), self.params.get(id.index())) else {
            return Err(internal("a param that is not there"));
        };
        let value = self.profile.params.get(&id).map_or(&param.value, |(value, _)| value);
        slot.get_or_init(|| Interpreter::new(self).eval(value, &mut Env::new())).clone()
    }

    fn let_value(&self, id: LetId) -> Result<Value, Fault> {
        let slot = self.lets.get(id.index()).ok_or_else(|| internal("a let that is not there"))?;
        slot.get_or_init(|| self.compute(id, self, false)).clone()
    }

    fn evidence(&self, id: EvidenceId) -> Result<Value, Fault> {
        if let Some(fault) = self.unusable(id) {
            return Err(fault);
        }
        let definition = self.plan.policy.evidence.get(id.index()).ok_or_else(|| internal("evidence out of range"))?;
        match definition.shape {
            EvidenceShape::Document(_) => {
                let report = self.report(id).ok_or_else(|| internal("evidence that was not read"))?;
                Ok(report.document.clone().unwrap_or(Value::Missing))
            }
            EvidenceShape::Rows(_) => {
                let slot = self.lists.get(id.index()).ok_or_else(|| internal("evidence out of range"))?;
                slot.get_or_init(|| self.rows_of(id, definition.ty.is_optional())).clone()
            }
        }
    }

    fn result(&self, gate: &GateId) -> Result<Value, Fault> {
        let results = self.results.read().unwrap_or_else(PoisonError::into_inner);
        results.get(gate).map_or_else(|| Err(internal("a result that is not known yet")), |r| r.read.clone())
    }

    fn index(&self, site: SiteId) -> Option<Result<Arc<Index>, Fault>> {
        let (slot, plan) = (self.indexes.get(&site)?, self.plan.indexes.get(&site)?);
        slot.get_or_init(|| self.make_index(plan)).clone().map(Ok)
    }

    fn ambient(&self) -> Result<&dyn Ambient, Fault> {
        Ok(self)
    }

    fn charge(&self, elements: usize) -> Result<(), Fault> {
        self.memory.fits(elements as u64 * SLOT, "a list")
    }
}

impl Ambient for Session<'_> {
    fn files(&self, evidence: &str) -> Result<Vec<FileFacts>, Fault> {
        let id = self.plan.policy.evidence.iter().position(|e| &*e.name == evidence);
        let id = id.and_then(|i| u32::try_from(i).ok()).map(EvidenceId);
        let id = id.ok_or_else(|| internal("evidence that is not there"))?;
        if let Some(fault) = self.unusable(id) {
            return Err(fault);
        }
        let report = self.report(id).ok_or_else(|| internal("evidence that was not read"))?;
        let age = report.fresh_at.and_then(|at| self.as_of.sub(at)).map_or(Value::Missing, Value::Num);
        Ok(report
            .files
            .iter()
            .map(|f| FileFacts {
                path: f.path.clone(),
                sha256: f.sha256.to_string().into(),
                bytes: f.bytes,
                age: age.clone(),
            })
            .collect())
    }

    fn file_of(&self, origin: &Origin) -> Result<FileFacts, Fault> {
        let files = self.files(&origin.evidence)?;
        files.into_iter().find(|f| f.path == origin.file).ok_or_else(|| internal("a row of a file that was not read"))
    }
}
