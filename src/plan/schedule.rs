//! In which order evidence is read, what its one reading feeds, and what has to be kept.

use super::hoist::Hoisted;
use super::lists::{Base, beside_base};
use super::reads::{artifact_exprs, gate_exprs, row_exprs};
use super::tables::{GatePlan, ReadCount, TablePlan};
use crate::model::{DefId, EvidenceId, EvidenceShape, Expr, ExprKind, GateId, LetId, Policy};
use std::collections::{BTreeMap, BTreeSet};

/// One reading of an evidence of rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadStep {
    /// Which evidence.
    pub id: EvidenceId,
    /// Gates whose rows are judged while it is read.
    pub gates: Vec<GateId>,
    /// Lets that are computed while it is read.
    pub lets: Vec<LetId>,
    /// Whether its rows are held in memory: something reads them as a list, or walks them again
    /// after something that had to be computed from them first.
    pub held: bool,
}

/// What is read, and what is held.
pub(super) struct Schedule {
    pub(super) documents: Vec<EvidenceId>,
    pub(super) rows: Vec<ReadStep>,
    /// Lets whose values are asked for.
    pub(super) values: BTreeSet<LetId>,
}

/// Plans the readings of these evidences.
pub(super) fn schedule(
    hoisted: &Hoisted,
    wanted: &BTreeSet<EvidenceId>,
    tables: &[TablePlan],
    gates: &BTreeMap<GateId, GatePlan>,
) -> Schedule {
    let policy = &hoisted.policy;
    let (held_evidence, values) = held(hoisted, tables, gates);
    let is_rows =
        |id: &&EvidenceId| policy.evidence.get(id.index()).is_some_and(|e| matches!(e.shape, EvidenceShape::Rows(_)));
    let documents: Vec<EvidenceId> = wanted.iter().filter(|id| !is_rows(id)).copied().collect();
    let mut taps = taps(tables, gates, &values);
    let mut known: BTreeSet<EvidenceId> = documents.iter().copied().collect();
    let mut open: BTreeSet<EvidenceId> = wanted.iter().filter(is_rows).copied().collect();
    let mut rows = Vec::new();
    // An evidence is read when all that its rows are judged with is known; where evidences wait
    // for each other, the first goes ahead and what cannot be judged yet walks held rows later.
    while let Some(first) = open.first().copied() {
        let ready = |id: &EvidenceId| taps.get(id).is_none_or(|taps| taps.iter().all(|t| t.can_stream(&known)));
        let id = open.iter().find(|id| ready(id)).copied().unwrap_or(first);
        open.remove(&id);
        let (now, later): (Vec<Tap>, Vec<Tap>) =
            taps.remove(&id).unwrap_or_default().into_iter().partition(|t| t.can_stream(&known));
        let mut step = ReadStep {
            id,
            gates: Vec::new(),
            lets: Vec::new(),
            held: held_evidence.contains(&id) || !later.is_empty(),
        };
        for tap in now {
            match tap.feeds {
                Feeds::Gate(gate) => step.gates.push(gate),
                Feeds::Let(id) => step.lets.push(id),
            }
        }
        rows.push(step);
        known.insert(id);
    }
    Schedule { documents, rows, values }
}

struct Tap {
    before: BTreeSet<EvidenceId>,
    /// For results of gates, or for what is known of files when they have been read.
    waits: bool,
    feeds: Feeds,
}

enum Feeds {
    Gate(GateId),
    Let(LetId),
}

impl Tap {
    fn can_stream(&self, known: &BTreeSet<EvidenceId>) -> bool {
        !self.waits && self.before.is_subset(known)
    }
}

/// What is fed by the rows of each evidence.
fn taps(
    tables: &[TablePlan],
    gates: &BTreeMap<GateId, GatePlan>,
    values: &BTreeSet<LetId>,
) -> BTreeMap<EvidenceId, Vec<Tap>> {
    let mut by_base = BTreeMap::new();
    for table in tables {
        let Base::Evidence(base) = table.base else { continue };
        let taps: &mut Vec<Tap> = by_base.entry(base).or_default();
        for id in &table.gates {
            if let Some(rows) = gates.get(id).and_then(|g| g.rows.as_ref()) {
                taps.push(Tap {
                    before: rows.before.all_evidence(),
                    waits: !rows.before.results.is_empty() || rows.before.row_files,
                    feeds: Feeds::Gate(id.clone()),
                });
            }
        }
        // A list that nobody asks for as such is not made.
        for tap in table.lets.iter().filter(|t| values.contains(&t.id)) {
            let before = tap.before.all_evidence();
            taps.push(Tap { before, waits: false, feeds: Feeds::Let(tap.id) });
        }
    }
    by_base
}

/// Evidence and lets whose values are asked for as such, and not only walked by a pass.
fn held(
    hoisted: &Hoisted,
    tables: &[TablePlan],
    gates: &BTreeMap<GateId, GatePlan>,
) -> (BTreeSet<EvidenceId>, BTreeSet<LetId>) {
    let policy = &hoisted.policy;
    let passes: BTreeSet<LetId> = tables.iter().flat_map(|t| t.lets.iter().map(|l| l.id)).collect();
    let mut walk = Walk { policy, passes, evidence: BTreeSet::new(), lets: BTreeSet::new(), defs: BTreeSet::new() };
    for (id, plan) in gates {
        // Row-level parts as written: the pass evaluates their insides.
        let Some(original) = hoisted.gates.get(id) else { continue };
        match (&plan.rows, &original.scope) {
            (Some(rows), Some(scope)) => {
                beside_base(policy, &scope.list).into_iter().for_each(|e| walk.expr(e));
                row_exprs(original).into_iter().for_each(|e| walk.expr(e));
                super::reads::sample_exprs(&plan.gate).into_iter().for_each(|e| walk.expr(e));
                if let ReadCount::List(list) = &rows.read {
                    walk.expr(list);
                }
                if rows.collect || !rows.sample_aggregates.is_empty() || !rows.sample_quantifiers.is_empty() {
                    // What is asked of the sample row by row may read other lists.
                    super::reads::sample_exprs(original).into_iter().for_each(|e| walk.expr(e));
                }
            }
            _ => gate_exprs(original).into_iter().for_each(|e| walk.expr(e)),
        }
    }
    for artifact in hoisted.artifacts.values() {
        artifact_exprs(artifact).into_iter().for_each(|e| walk.expr(e));
    }
    (walk.evidence, walk.lets)
}

struct Walk<'p> {
    policy: &'p Policy,
    passes: BTreeSet<LetId>,
    evidence: BTreeSet<EvidenceId>,
    lets: BTreeSet<LetId>,
    defs: BTreeSet<DefId>,
}

impl<'p> Walk<'p> {
    fn expr(&mut self, expr: &'p Expr) {
        let (mut lets, mut defs) = (Vec::new(), Vec::new());
        expr.visit(&mut |e| match &*e.kind {
            ExprKind::Evidence(id) => {
                self.evidence.insert(*id);
            }
            ExprKind::Let(id) => lets.push(*id),
            ExprKind::CallDef { def, .. } => defs.push(*def),
            _ => {}
        });
        for id in lets {
            let Some(item) = self.policy.lets.get(id.index()) else { continue };
            if !self.lets.insert(id) {
                continue;
            }
            if !self.passes.contains(&id) {
                self.expr(&item.value);
                continue;
            }
            let list = match &*item.value.kind {
                ExprKind::Call { arguments, .. } => {
                    let Some((list, constants)) = arguments.split_last() else { continue };
                    constants.iter().for_each(|c| self.expr(c));
                    list
                }
                _ => &item.value,
            };
            beside_base(self.policy, list).into_iter().for_each(|e| self.expr(e));
        }
        for id in defs {
            if self.defs.insert(id)
                && let Some(def) = self.policy.defs.get(id.index())
            {
                self.expr(&def.body);
            }
        }
    }
}
