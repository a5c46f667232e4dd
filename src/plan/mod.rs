//! The plan of a run: which evidence is read, in which order, with which columns; which tables
//! are walked, once each, and what is computed of each row; what streams and what is held.
//!
//! Job: from a checked policy and an effective profile to a [`Plan`], inert data that `engine`
//! runs and `graph` and `explain` print. May import: `model`, `registry`, `data`, `diag`,
//! `source`. Deliberately absent: values of evidence, threads, evaluation.
//!
//! How it goes: choices that the profile's params decide are made (`fold`); closed values are
//! taken out of loops (`hoist`); what nobody reads is taken away and the columns of each evidence
//! are derived backwards (`demand`); filters that compare keys become look-ups (`index`); each
//! list that gates walk becomes a table with one program for all of them (`tables`, `compile`,
//! `sample`); readings are put in order (`schedule`).

mod canonical;
mod compile;
mod demand;
mod diagnostics;
mod fold;
mod graph;
mod hoist;
mod index;
mod lists;
mod program;
mod quadratic;
mod reads;
mod rewrite;
mod sample;
mod schedule;
mod tables;
mod waivers;

pub use diagnostics::CODES;
pub use graph::{Graph, GraphId, GraphKind, GraphNode, Mark};
pub use index::IndexPlan;
pub use lists::Base;
pub use program::{Frame, FrameId, FrameKind, Input, Lookup, NodeId, Program, RowExpr, RowNode, Space, SpaceId};
pub use reads::{Reads, artifact_exprs, files_of, gate_exprs};
pub use sample::{SampleAggregate, SampleQuantifier};
pub use schedule::ReadStep;
pub use tables::{Aggregation, GatePlan, LetKind, LetTap, ReadCount, RowAggregatePlan, RowsPlan, TableId, TablePlan};

use crate::data::Projection;
use crate::diag::Diagnostic;
use crate::model::{
    ArtifactDefinition, EffectiveProfile, EvidenceId, Expr, GateDefinition, GateId, LetId, Policy, SiteId, Waiver,
    WaiverId,
};
use reads::ReadsOf;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use waivers::waiver_gate;

/// What a run does.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The policy as it is evaluated: lets from `own_lets` on are values taken out of loops.
    pub policy: Arc<Policy>,
    /// How many lets the policy itself has.
    pub own_lets: usize,
    /// Gates by id.
    pub gates: BTreeMap<GateId, GatePlan>,
    /// The gates that were asked for; others are judged only for their results.
    pub chosen: BTreeSet<GateId>,
    /// Gates in the order in which they are judged: conditions of waivers, then gates whose results
    /// are read before those that read them.
    pub gate_order: Vec<GateId>,
    /// Artifacts that are made, by name.
    pub artifacts: Vec<ArtifactPlan>,
    /// Lets of artifacts that are made of results of gates. They are computed for artifacts alone:
    /// an artifact may tell of a gate in error, and a gate may not lean on one.
    pub told_lets: BTreeSet<LetId>,
    /// Waivers of the run, by the gates that stand for their conditions.
    pub waivers: BTreeMap<GateId, WaiverId>,
    /// Waivers of the run that excuse rows, by gate and in the order in which the engine counts them.
    pub excused: BTreeMap<GateId, Vec<WaiverId>>,
    /// The tables that are walked.
    pub tables: Vec<TablePlan>,
    /// Documents that are read.
    pub documents: Vec<EvidenceId>,
    /// Readings of evidence of rows, in order.
    pub rows: Vec<ReadStep>,
    /// Lets whose values are asked for, and not only walked by passes.
    pub values: BTreeSet<LetId>,
    /// What is read of each evidence, by number; `None` for evidence that no gate reads.
    pub projections: Vec<Option<Projection>>,
    /// Lists hashed by key, by site.
    pub indexes: BTreeMap<SiteId, IndexPlan>,
    /// The plan as a picture.
    pub graph: Graph,
}

/// An artifact as planned.
#[derive(Debug, Clone)]
pub struct ArtifactPlan {
    /// The artifact.
    pub artifact: Arc<ArtifactDefinition>,
    /// What it reads.
    pub reads: Reads,
    /// Evidence that it rests on: read by it, or by gates whose results it reads.
    pub evidence: BTreeSet<EvidenceId>,
}

/// Plans all gates and artifacts of a profile; what is worth a warning is said.
pub fn plan(policy: &Policy, profile: &EffectiveProfile) -> (Plan, Vec<Diagnostic>) {
    let plan = plan_run(
        policy,
        profile,
        &profile.gates.keys().cloned().collect(),
        &Besides { artifacts: true, ..Besides::default() },
    );
    (plan, warnings(policy, [profile]))
}

/// What is worth a warning in the plans of these profiles. Gates that several of them run as they
/// are declared are looked at once, so the work grows with the policy and not with the number of
/// profiles.
pub fn warnings<'p>(policy: &'p Policy, profiles: impl IntoIterator<Item = &'p EffectiveProfile>) -> Vec<Diagnostic> {
    let mut gates: BTreeMap<GateId, Arc<GateDefinition>> = BTreeMap::new();
    let mut params: Vec<&Expr> = policy.params.iter().map(|p| &p.value).collect();
    let mut artifacts = hoist::Artifacts::new();
    for profile in profiles {
        artifacts.extend(written(policy, profile));
        params.extend(profile.params.values().map(|(value, _)| value));
        for (id, gate) in &profile.gates {
            let known = gates.entry(id.clone()).or_insert_with(|| gate.gate.clone());
            if !Arc::ptr_eq(known, &gate.gate) {
                // A gate that a profile changes is a gate of its own here.
                gates.insert(GateId::new(&format!("{id} in {}", profile.id)), gate.gate.clone());
            }
        }
    }
    let (hoisted, _) = demand::prune(&hoist::hoist(policy, &gates, &artifacts), &params);
    let mut reads = ReadsOf::new(&hoisted.policy);
    let mut lets = BTreeSet::new();
    hoisted.gates.values().for_each(|gate| lets.extend(reads.gate(gate).lets));
    hoisted.artifacts.values().for_each(|artifact| lets.extend(reads.artifact(artifact).lets));
    let indexes = indexes(&hoisted, &lets);
    quadratic::warnings(&hoisted, &lets, &indexes)
}

/// The artifacts that a profile writes.
fn written(policy: &Policy, profile: &EffectiveProfile) -> hoist::Artifacts {
    let named = profile.write.keys().filter_map(|name| policy.artifacts.get_key_value(name));
    named.map(|(name, artifact)| (name.clone(), artifact.clone())).collect()
}

/// Plans some gates of a profile, with those whose results they read.
pub fn plan_gates(policy: &Policy, profile: &EffectiveProfile, chosen: &BTreeSet<GateId>) -> Plan {
    plan_run(policy, profile, chosen, &Besides::default())
}

/// What is planned besides gates.
#[derive(Debug, Clone, Default)]
pub struct Besides {
    /// Whether the artifacts that the profile writes are made.
    pub artifacts: bool,
    /// Waivers that may excuse the gates.
    pub waivers: Vec<Arc<Waiver>>,
}

/// The same, with artifacts and waivers, if they are asked for.
pub fn plan_run(policy: &Policy, profile: &EffectiveProfile, chosen: &BTreeSet<GateId>, besides: &Besides) -> Plan {
    let artifacts = if besides.artifacts { written(policy, profile) } else { hoist::Artifacts::new() };
    let mut gates = with_results(policy, profile, chosen, &artifacts);
    let excused = waivers::with_waivers(&mut gates, &besides.waivers);
    let of_waivers = besides.waivers.iter().map(|w| (waiver_gate(&w.id), w.id.clone()));
    let of_waivers: BTreeMap<GateId, WaiverId> = of_waivers.filter(|(id, _)| gates.contains_key(id)).collect();
    let hoisted = match fold::fold(policy, profile, &gates, &artifacts) {
        // A result that only a branch not taken reads is not asked for.
        Some((folded, gates, artifacts)) => {
            let asked = chosen.iter().chain(of_waivers.keys()).cloned().collect();
            hoist::hoist(&folded, &still_read(&folded, gates, &asked, &artifacts), &artifacts)
        }
        None => hoist::hoist(policy, &gates, &artifacts),
    };
    let params = policy.params.iter().map(|p| &p.value).chain(profile.params.values().map(|(value, _)| value));
    let (hoisted, mut projections) = demand::prune(&hoisted, &params.collect::<Vec<_>>());
    let mut reads_of = ReadsOf::new(&hoisted.policy);
    let reads: BTreeMap<&GateId, Reads> = hoisted.gates.iter().map(|(id, gate)| (id, reads_of.gate(gate))).collect();
    let told: Vec<Reads> = hoisted.artifacts.values().map(|a| reads_of.artifact(a)).collect();
    let mut all = Reads::default();
    reads.values().chain(&told).for_each(|r| all.add(r));
    // A waiver reads no results, and the gate that it excuses may be asked for its own.
    let (first, then): (Vec<_>, Vec<_>) = order_gates(&reads).into_iter().partition(|id| of_waivers.contains_key(id));
    let gate_order = [first, then].concat();
    let indexes = indexes(&hoisted, &all.lets);
    let tables::Tables { tables, mut gates } = tables::tables(&hoisted, &reads, &all.lets, &indexes);
    for id in &gate_order {
        // A gate rests on what the gates rest on whose results it reads.
        let of_results: BTreeSet<EvidenceId> = reads
            .get(id)
            .into_iter()
            .flat_map(|r| &r.results)
            .filter_map(|r| gates.get(r))
            .flat_map(|g| g.evidence.iter().copied())
            .collect();
        if let Some(gate) = gates.get_mut(id) {
            gate.evidence.extend(of_results);
        }
    }
    let made = hoisted.artifacts.values().zip(told);
    let artifacts: Vec<ArtifactPlan> = made
        .map(|(artifact, reads)| {
            let of_results =
                reads.results.iter().filter_map(|id| gates.get(id)).flat_map(|g| g.evidence.iter().copied());
            let evidence = reads.all_evidence().into_iter().chain(of_results).collect();
            ArtifactPlan { artifact: artifact.clone(), reads, evidence }
        })
        .collect();
    let on_results = |id: &LetId| !reads_of.of_let(*id).results.is_empty();
    let told_lets = artifacts.iter().flat_map(|a| &a.reads.lets).copied().collect::<BTreeSet<_>>();
    let told_lets = told_lets.into_iter().filter(on_results).collect();
    let wanted = all.all_evidence();
    for id in &wanted {
        // Evidence of which only the file is asked is read, checked and not kept.
        if let Some(slot) = projections.get_mut(id.index()) {
            slot.get_or_insert_with(Projection::default);
        }
    }
    let schedule = schedule::schedule(&hoisted, &wanted, &tables, &gates);
    let collected: BTreeSet<GateId> =
        gates.iter().filter(|(_, g)| g.rows.as_ref().is_some_and(|r| r.collect)).map(|(id, _)| id.clone()).collect();
    let graph = graph::graph(&hoisted, &profile.id, &gate_order, &all.lets, &schedule, &indexes, &collected);
    Plan {
        policy: Arc::new(hoisted.policy),
        own_lets: hoisted.own_lets,
        gates,
        chosen: chosen.clone(),
        gate_order,
        artifacts,
        told_lets,
        waivers: of_waivers,
        excused,
        tables,
        documents: schedule.documents,
        rows: schedule.rows,
        values: schedule.values,
        projections,
        indexes,
        graph,
    }
}

/// The indexes that the gates, these lets and the defs ask for.
fn indexes(hoisted: &hoist::Hoisted, lets: &BTreeSet<LetId>) -> BTreeMap<SiteId, IndexPlan> {
    let gates = hoisted.gates.values().flat_map(|g| reads::gate_exprs(g));
    let artifacts = hoisted.artifacts.values().flat_map(|a| reads::artifact_exprs(a));
    let lets = lets.iter().filter_map(|l| hoisted.policy.lets.get(l.index())).map(|l| &l.value);
    index::indexes(gates.chain(artifacts).chain(lets).chain(hoisted.policy.defs.iter().map(|d| &d.body)))
}

/// The chosen gates as the profile makes them effective, and those whose results they and the
/// artifacts read.
fn with_results(
    policy: &Policy,
    profile: &EffectiveProfile,
    chosen: &BTreeSet<GateId>,
    artifacts: &hoist::Artifacts,
) -> BTreeMap<GateId, Arc<GateDefinition>> {
    let mut reads = ReadsOf::new(policy);
    let mut out = BTreeMap::new();
    let mut open: Vec<GateId> = chosen.iter().cloned().collect();
    open.extend(artifacts.values().flat_map(|a| reads.artifact(a).results));
    while let Some(id) = open.pop() {
        let gate = profile.gates.get(&id).map(|g| &g.gate).or_else(|| policy.gates.get(&id));
        if let Some(gate) = gate
            && !out.contains_key(&id)
        {
            open.extend(reads.gate(gate).results);
            out.insert(id, gate.clone());
        }
    }
    out
}

/// The chosen gates, and those whose results are still read when choices have been made.
fn still_read(
    policy: &Policy,
    mut gates: BTreeMap<GateId, Arc<GateDefinition>>,
    chosen: &BTreeSet<GateId>,
    artifacts: &hoist::Artifacts,
) -> BTreeMap<GateId, Arc<GateDefinition>> {
    let mut reads = ReadsOf::new(policy);
    let mut open: Vec<GateId> = chosen.iter().cloned().collect();
    open.extend(artifacts.values().flat_map(|a| reads.artifact(a).results));
    let mut out = BTreeMap::new();
    while let Some(id) = open.pop() {
        if let Some(gate) = gates.remove(&id) {
            open.extend(reads.gate(&gate).results);
            out.insert(id, gate);
        }
    }
    out
}

/// Gates so that each comes after those whose results it reads, else by id. (There are no
/// cycles: the checker refuses them.)
fn order_gates(reads: &BTreeMap<&GateId, Reads>) -> Vec<GateId> {
    fn place(id: &GateId, reads: &BTreeMap<&GateId, Reads>, seen: &mut BTreeSet<GateId>, out: &mut Vec<GateId>) {
        let Some(before) = reads.get(id) else { return };
        if seen.insert(id.clone()) {
            before.results.iter().for_each(|b| place(b, reads, seen, out));
            out.push(id.clone());
        }
    }
    let (mut seen, mut out) = (BTreeSet::new(), Vec::new());
    for id in reads.keys() {
        place(id, reads, &mut seen, &mut out);
    }
    out
}

impl Plan {
    /// Whether a list is made row by row of what a table walks, so that a walk over the table
    /// meets its rows.
    pub fn is_made_of(&self, table: &TablePlan, id: LetId) -> bool {
        let Some(item) = self.let_value(id) else { return false };
        match lists::base_of(&self.policy, &item.value) {
            Base::Evidence(rows) => matches!(table.base, Base::Evidence(base) if base == rows),
            Base::List(list) => {
                let key = lists::base_key(&table.base);
                matches!(table.base, Base::List(_)) && lists::is_base(&self.policy, &table.base, &key, &list)
            }
        }
    }

    /// A let as it is evaluated.
    pub fn let_value(&self, id: LetId) -> Option<&crate::model::Let> {
        self.policy.lets.get(id.index())
    }
}
