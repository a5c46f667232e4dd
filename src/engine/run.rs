//! The run: evidence is read in the order of the plan, tables are walked, gates are tallied.

use super::batch::Rows;
use super::pass::{Found, GateJob, LetJob, Pass, Reading, Started};
use super::rows::ScopeRows;
use super::sample;
use super::session::{GateRecord, Session};
use super::{EngineRun, GateTally, GroupTally, Judge};
use crate::data::{Batch, BatchSink, BatchSource, Fault, Flow, Num, Projection, ReadReport, Value};
use crate::eval::{Env, Globals, Interpreter};
use crate::model::{EffectiveProfile, EvidenceId, GateId, LetId};
use crate::plan::{Base, GatePlan, LetKind, LetTap, Plan, ReadCount, ReadStep, Reads, TablePlan};
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

/// What a run is given besides plan and evidence.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The instant of evaluation, ns since 1970.
    pub as_of: Num,
    /// The release candidate as a record.
    pub candidate: Option<Value>,
    /// Bytes that may be held in memory.
    pub memory_limit: u64,
    /// Threads to use; 0 means one for each core.
    pub threads: usize,
}

/// Stack of a worker, for expressions that nest through many defs.
const STACK: usize = 64 << 20;

/// How many elements of a list in memory make a batch.
const CHUNK: usize = 4_096;

/// Runs a plan over evidence. `judge` turns what was found about a gate into the record that
/// other gates read as its result.
///
/// **Determinism**: the outcome does not depend on threads, on how rows are cut into batches, or
/// on the order in which they come.
pub fn run(
    plan: &Plan,
    profile: &EffectiveProfile,
    source: &dyn BatchSource,
    settings: &Settings,
    judge: &dyn Judge,
) -> EngineRun {
    let session = Session::new(plan, profile, settings.as_of, settings.candidate.clone(), settings.memory_limit);
    // The threads at hand will do, if there are as many as asked for. Without a pool of its own a
    // run still works, on rayon's.
    let suits = |threads: usize| settings.threads == 0 || settings.threads == threads;
    let at_hand = rayon::current_thread_index().is_some() && suits(rayon::current_num_threads());
    let build = || rayon::ThreadPoolBuilder::new().num_threads(settings.threads).stack_size(STACK).build().ok();
    let pool = if at_hand { None } else { build() };
    let work = || {
        let mut runner = Runner { plan, session: &session, source, rows: BTreeMap::new() };
        runner.read();
        runner.late_lets();
        runner.gates(judge)
    };
    match &pool {
        Some(pool) => pool.install(work),
        None => work(),
    }
}

struct Runner<'r> {
    plan: &'r Plan,
    session: &'r Session<'r>,
    source: &'r dyn BatchSource,
    /// What passes have found out about gates' rows, until the gates are tallied.
    rows: BTreeMap<GateId, Result<ScopeRows, Fault>>,
}

/// For documents: there are no rows to take.
struct NoRows;

impl BatchSink for NoRows {
    fn take(&self, _: Batch) -> Flow {
        Flow::Continue
    }
}

fn projection(plan: &Plan, id: EvidenceId) -> Projection {
    plan.projections.get(id.index()).cloned().flatten().unwrap_or_default()
}

impl<'r> Runner<'r> {
    /// Reads all evidence, once each.
    fn read(&mut self) {
        let (plan, session, source) = (self.plan, self.session, self.source);
        let documents: Vec<(EvidenceId, ReadReport)> = plan
            .documents
            .par_iter()
            .map(|id| (*id, source.read(&session.name(*id), &projection(plan, *id), &NoRows)))
            .collect();
        for (id, report) in documents {
            session.set_report(id, report);
        }
        for step in &plan.rows {
            self.read_rows(step);
        }
    }

    fn read_rows(&mut self, step: &ReadStep) {
        let plan = self.plan;
        let fed_lets: BTreeSet<&LetId> = step.lets.iter().collect();
        let fed_gates: BTreeSet<&GateId> = step.gates.iter().collect();
        let is_base = |t: &&TablePlan| matches!(&t.base, Base::Evidence(id) if *id == step.id);
        let mut passes = Vec::new();
        for table in plan.tables.iter().filter(is_base) {
            let taps: Vec<&LetTap> = table.lets.iter().filter(|l| fed_lets.contains(&l.id)).collect();
            let gates: Vec<&GateId> = table.gates.iter().filter(|g| fed_gates.contains(g)).collect();
            passes.extend(self.pass(table, &gates, &taps));
        }
        let name = self.session.name(step.id);
        let reading = Reading {
            passes: &passes,
            memory: &self.session.memory,
            name: &name,
            held: step.held.then(|| Mutex::new(Ok(Vec::new()))),
        };
        let report = self.source.read(&name, &projection(plan, step.id), &reading);
        let held = reading.held.map(|h| h.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner));
        self.session.set_report(step.id, report);
        if let Some(held) = held {
            self.session.set_held(step.id, held);
        }
        let unusable = self.session.unusable(step.id);
        for pass in passes {
            self.keep(pass.finish(), unusable.as_ref());
        }
    }

    /// Keeps what a pass found; over unusable evidence that is nothing.
    fn keep(&mut self, found: Found<'_>, unusable: Option<&Fault>) {
        for (id, value) in found.lets {
            self.session.set_let(id, unusable.map_or(value, |fault| Err(fault.clone())));
        }
        for (gate, rows) in found.gates {
            self.rows.insert(gate.gate.id.clone(), unusable.map_or(rows, |fault| Err(fault.clone())));
        }
    }

    /// A pass over a table for some of its gates and aggregates. Gates that cannot be judged are
    /// left out, with their faults said.
    fn pass(&mut self, table: &'r TablePlan, gates: &[&GateId], taps: &[&'r LetTap]) -> Option<Pass<'r>> {
        let (plan, session) = (self.plan, self.session);
        let mut gate_jobs = Vec::new();
        for gate in gates.iter().filter_map(|id| plan.gates.get(*id)) {
            let Some(rows) = &gate.rows else { continue };
            let started = match self.unusable(&gate.reads) {
                Some(fault) => Err(fault),
                None => {
                    self.force(&rows.before);
                    let own = rows.aggregates.iter().map(|a| &a.aggregation);
                    Started::new(own.chain(rows.sample_aggregates.iter().map(|a| &a.aggregation)), session)
                }
            };
            match started {
                Ok(started) => gate_jobs.push(GateJob { gate, rows, started }),
                Err(fault) => {
                    self.rows.insert(gate.gate.id.clone(), Err(fault));
                }
            }
        }
        let mut let_jobs = Vec::new();
        for tap in taps {
            let started = match self.unusable(&tap.before) {
                Some(fault) => Err(fault),
                None => {
                    self.force(&tap.before);
                    let own = match &tap.kind {
                        LetKind::Aggregate(aggregation) => Some(aggregation),
                        LetKind::Rows(_) => None,
                    };
                    Started::new(own.into_iter(), session)
                }
            };
            match started {
                Ok(started) => let_jobs.push(LetJob { tap, started }),
                Err(fault) => session.set_let(tap.id, Err(fault)),
            }
        }
        if gate_jobs.is_empty() && let_jobs.is_empty() {
            return None;
        }
        Some(Pass::new(table, session, &session.memory, gate_jobs, let_jobs))
    }

    fn unusable(&self, reads: &Reads) -> Option<Fault> {
        reads.all_evidence().into_iter().find_map(|id| self.session.unusable(id))
    }

    /// Computes lets before threads ask for them.
    fn force(&self, before: &Reads) {
        for id in &before.lets {
            // A fault is remembered and met again by whoever asks.
            let _ = self.session.let_value(*id);
        }
    }

    /// Walks a table in memory.
    fn walk(&mut self, table: &'r TablePlan, gates: &[&GateId], taps: &[&'r LetTap]) {
        let base = match &table.base {
            Base::Evidence(id) => match self.session.unusable(*id) {
                Some(fault) => Err(fault),
                None => self.session.held(*id).map(Walked::Batches),
            },
            Base::List(list) => match Interpreter::new(self.session).eval(list, &mut Env::new()) {
                Ok(Value::List(items)) => Ok(Walked::List(items)),
                Ok(_) => Ok(Walked::List(Vec::new().into())),
                Err(fault) => Err(fault),
            },
        };
        let base = match base {
            Ok(base) => base,
            Err(fault) => {
                for id in gates {
                    self.rows.insert((*id).clone(), Err(fault.clone()));
                }
                for tap in taps {
                    self.session.set_let(tap.id, Err(fault.clone()));
                }
                return;
            }
        };
        let Some(pass) = self.pass(table, gates, taps) else { return };
        match &base {
            Walked::Batches(batches) => batches.par_iter().for_each(|b| pass.take(Rows::Batch(b))),
            Walked::List(items) if items.len() <= CHUNK => pass.take(Rows::List(items, 0)),
            Walked::List(items) => items
                .par_chunks(CHUNK)
                .enumerate()
                .for_each(|(i, chunk)| pass.take(Rows::List(chunk, (i * CHUNK) as u64))),
        }
        self.keep(pass.finish(), None);
    }

    /// Lets over evidence that had to wait for other values.
    fn late_lets(&mut self) {
        let streamed: BTreeSet<LetId> = self.plan.rows.iter().flat_map(|s| s.lets.iter().copied()).collect();
        let mut waiting: Vec<(&TablePlan, &LetTap)> = self
            .plan
            .tables
            .iter()
            .flat_map(|t| t.lets.iter().map(move |l| (t, l)))
            .filter(|(_, l)| !streamed.contains(&l.id) && self.plan.values.contains(&l.id))
            .collect();
        while !waiting.is_empty() {
            let open: BTreeSet<LetId> = waiting.iter().map(|(_, a)| a.id).collect();
            let ready = |(_, a): &(&TablePlan, &LetTap)| a.before.lets.is_disjoint(&open);
            let (now, later): (Vec<_>, Vec<_>) = waiting.into_iter().partition(ready);
            // Lets do not go in circles, so some are ready.
            if now.is_empty() {
                return;
            }
            for (table, tap) in now {
                self.walk(table, &[], &[tap]);
            }
            waiting = later;
        }
    }

    /// Tallies all gates in order.
    fn gates(&mut self, judge: &dyn Judge) -> EngineRun {
        let evidence = self.plan.documents.iter().copied().chain(self.plan.rows.iter().map(|s| s.id));
        let mut run = EngineRun {
            evidence: evidence.filter_map(|id| Some((id, self.session.report(id)?.clone()))).collect(),
            gates: BTreeMap::new(),
            artifacts: BTreeMap::new(),
            waivers: BTreeMap::new(),
        };
        let of_gates = self.plan.gates.values().map(|g| &g.reads);
        let reads = of_gates.chain(self.plan.artifacts.iter().map(|a| &a.reads));
        let asked: BTreeSet<GateId> = reads.flat_map(|r| r.results.iter().cloned()).collect();
        for id in &self.plan.gate_order {
            let Some(gate) = self.plan.gates.get(id) else { continue };
            let tally = self.tally(gate, &run);
            if let Some(waiver) = self.plan.waivers.get(id) {
                run.waivers.insert(waiver.clone(), tally);
                continue;
            }
            if asked.contains(id) {
                let cut = |g: &GroupTally| g.violation_count.saturating_sub(g.violations.len() as u64);
                let cut = tally.groups.as_ref().map_or(0, |groups| groups.iter().map(cut).sum());
                let read = judge.result(&gate.gate, &tally, &run);
                let told = judge.told(&gate.gate, &tally, &run);
                self.session.set_result(id, GateRecord { read, told, cut });
            }
            run.gates.insert(id.clone(), tally);
        }
        run.artifacts = super::artifacts::artifacts(self.plan, self.session);
        // What was only evaluated for its result is not of this run.
        run.gates.retain(|id, _| self.plan.chosen.contains(id));
        run
    }

    fn tally(&mut self, gate: &'r GatePlan, run: &EngineRun) -> GateTally {
        let reads: Vec<EvidenceId> = gate.evidence.iter().copied().collect();
        let mut read = 0;
        let groups = match reads.iter().find_map(|id| self.session.unusable(*id)) {
            Some(fault) => Err(fault),
            None => self.groups(gate, run, &mut read),
        };
        GateTally { reads, read, groups }
    }

    fn groups(&mut self, gate: &'r GatePlan, run: &EngineRun, read: &mut u64) -> Result<Vec<GroupTally>, Fault> {
        let Some(rows) = &gate.rows else {
            return match gate.gate.scope {
                Some(_) => Err(Fault::Internal { what: "a scope that was not planned".into() }),
                None => Ok(vec![sample::tally(self.session, gate, None)?]),
            };
        };
        if !self.rows.contains_key(&gate.gate.id) {
            self.walk_for(gate, run);
        }
        let found = self.rows.remove(&gate.gate.id);
        let found = found.unwrap_or_else(|| Err(Fault::Internal { what: "rows that were not walked".into() }))?;
        *read = match &rows.read {
            ReadCount::Frame(_) => found.read,
            ReadCount::List(list) => {
                let list = Interpreter::new(self.session).eval(list, &mut Env::new())?;
                list.as_list().map_or(0, |l| l.len() as u64)
            }
        };
        self.session.memory.release(found.held);
        let mut groups = Vec::new();
        for group in found.groups {
            groups.push(sample::tally(self.session, gate, Some((rows, group)))?);
        }
        if groups.is_empty() {
            groups.push(self.no_group(gate)?);
        }
        Ok(groups)
    }

    /// `per` met no row: one part with an empty key speaks for the gate.
    fn no_group(&self, gate: &'r GatePlan) -> Result<GroupTally, Fault> {
        let Some(rows) = &gate.rows else { return Err(Fault::Internal { what: "a group without a scope".into() }) };
        let own = rows.aggregates.iter().map(|a| &a.aggregation);
        let started = Started::new(own.chain(rows.sample_aggregates.iter().map(|a| &a.aggregation)), self.session)?;
        let group = super::rows::ScopeGroup::empty(rows, &started)?;
        sample::tally(self.session, gate, Some((rows, group)))
    }

    /// Walks a gate's table, for it and for all other gates that are ready and wait for the same.
    fn walk_for(&mut self, gate: &'r GatePlan, run: &EngineRun) {
        let Some(rows) = &gate.rows else { return };
        let Some(table) = self.plan.tables.get(rows.table.0 as usize) else { return };
        let ready = |id: &&GateId| {
            let of = self.plan.gates.get(*id).and_then(|g| g.rows.as_ref());
            !self.rows.contains_key(*id)
                && !run.gates.contains_key(*id)
                && of.is_some_and(|r| r.before.results.iter().all(|g| run.gates.contains_key(g)))
        };
        let gates: Vec<&GateId> = table.gates.iter().filter(ready).collect();
        self.walk(table, &gates, &[]);
    }
}

enum Walked<'r> {
    Batches(&'r [Batch]),
    List(std::sync::Arc<[Value]>),
}
