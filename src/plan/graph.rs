//! The plan as a picture: what is computed from what, and what streams. Inert data for `graph`
//! and `explain`.

use super::hoist::{Hoisted, is_aggregate};
use super::index::IndexPlan;
use super::reads::{artifact_exprs, gate_exprs};
use super::schedule::Schedule;
use crate::model::{DefId, EvidenceId, EvidenceShape, Expr, ExprKind, GateId, LetId, Policy, ProfileId, SiteId, Stage};
use crate::source::Span;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The number of a node: its place in [`Graph::nodes`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GraphId(pub u32);

/// The plan as nodes and edges, in a fixed order: evidence, indexes, views and aggregates, gates,
/// artifacts, the profile, each kind by its place in the policy.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Graph {
    /// The nodes.
    pub nodes: Vec<GraphNode>,
}

/// A node of the picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GraphNode {
    /// What it is.
    pub kind: GraphKind,
    /// Its name, or words for what has none.
    pub label: Arc<str>,
    /// Whether it streams.
    pub mark: Mark,
    /// Where it is written.
    pub span: Option<Span>,
    /// What it is computed from, ascending.
    pub inputs: Vec<GraphId>,
}

/// Kinds of nodes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GraphKind {
    /// An evidence.
    Evidence(EvidenceId),
    /// A list hashed by keys.
    Index(SiteId),
    /// A let.
    View(LetId),
    /// An aggregate, or another closed value that is computed once; it may be a let's.
    Aggregate(LetId),
    /// A gate.
    Gate(GateId),
    /// An artifact.
    Artifact(Arc<str>),
    /// The profile.
    Profile(ProfileId),
}

/// How a node's value is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mark {
    /// Its rows pass by; memory does not grow with them.
    Streaming,
    /// It is held in memory, charged to the limit.
    Materialised,
}

impl Mark {
    /// In one word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Streaming => "streaming",
            Self::Materialised => "materialised",
        }
    }
}

/// Draws a plan.
pub(super) fn graph(
    hoisted: &Hoisted,
    profile: &ProfileId,
    gate_order: &[GateId],
    demanded: &BTreeSet<LetId>,
    schedule: &Schedule,
    indexes: &BTreeMap<SiteId, IndexPlan>,
    collected: &BTreeSet<GateId>,
) -> Graph {
    let policy = &hoisted.policy;
    let mut draw = Draw {
        policy,
        places: BTreeMap::new(),
        sites: BTreeMap::new(),
        waiting: Waiting::new(indexes),
        graph: Graph::default(),
    };
    let read = schedule.documents.iter().map(|id| (*id, true)).chain(schedule.rows.iter().map(|s| (s.id, s.held)));
    let read: BTreeMap<EvidenceId, bool> = read.collect();
    for (id, held) in read {
        let Some(evidence) = policy.evidence.get(id.index()) else { continue };
        let held = held || matches!(evidence.shape, EvidenceShape::Document(_));
        draw.add(
            GraphKind::Evidence(id),
            Key::Evidence(id),
            evidence.name.clone(),
            mark(held),
            Some(evidence.span),
            BTreeSet::new(),
        );
    }
    // Lets only use evidence and other lets, and hoisted ones may stand after their users: give
    // them their places in an order in which inputs come first.
    let mut ordered = Vec::new();
    let mut seen = BTreeSet::new();
    for id in demanded {
        order(policy, *id, &mut seen, &mut ordered);
    }
    for id in ordered.into_iter().filter(|id| demanded.contains(id)) {
        draw.indexes();
        let Some(item) = policy.lets.get(id.index()) else { continue };
        let aggregate = is_aggregate(&item.value) || id.index() >= hoisted.own_lets;
        let kind = if aggregate { GraphKind::Aggregate(id) } else { GraphKind::View(id) };
        let in_pass = schedule.rows.iter().any(|s| s.lets.contains(&id));
        let held = schedule.values.contains(&id) && !(in_pass && is_aggregate(&item.value));
        let inputs = draw.inputs([&item.value]);
        draw.add(kind, Key::Let(id), item.name.clone(), mark(held), Some(item.span), inputs);
    }
    draw.indexes();
    for (id, gate) in gate_order.iter().filter_map(|id| hoisted.gates.get_key_value(id)) {
        let inputs = draw.inputs(gate_exprs(gate));
        let held = collected.contains(id);
        draw.add(GraphKind::Gate(id.clone()), Key::Gate(id.clone()), id.0.clone(), mark(held), Some(gate.span), inputs);
    }
    for (name, artifact) in &hoisted.artifacts {
        let inputs = draw.inputs(artifact_exprs(artifact));
        let (kind, key) = (GraphKind::Artifact(name.clone()), Key::Artifact(name.clone()));
        draw.add(kind, key, name.clone(), Mark::Materialised, Some(artifact.span), inputs);
    }
    let gates = hoisted.gates.keys().filter_map(|id| draw.places.get(&Key::Gate(id.clone())).copied()).collect();
    draw.add(GraphKind::Profile(profile.clone()), Key::Profile, profile.0.clone(), Mark::Streaming, None, gates);
    draw.graph
}

fn mark(held: bool) -> Mark {
    if held { Mark::Materialised } else { Mark::Streaming }
}

fn order(policy: &Policy, id: LetId, seen: &mut BTreeSet<LetId>, out: &mut Vec<LetId>) {
    if !seen.insert(id) {
        return;
    }
    if let Some(item) = policy.lets.get(id.index()) {
        let mut used = Vec::new();
        item.value.visit(&mut |e| {
            if let ExprKind::Let(id) = &*e.kind {
                used.push(*id);
            }
        });
        for id in used {
            order(policy, id, seen, out);
        }
    }
    out.push(id);
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Evidence(EvidenceId),
    Index(SiteId),
    Let(LetId),
    Gate(GateId),
    Artifact(Arc<str>),
    Profile,
}

struct Draw<'p> {
    policy: &'p Policy,
    places: BTreeMap<Key, GraphId>,
    /// Indexes already drawn, by site.
    sites: BTreeMap<SiteId, GraphId>,
    waiting: Waiting<'p>,
    graph: Graph,
}

/// Indexes that are not drawn yet, because their lists are not.
struct Waiting<'p> {
    indexes: &'p BTreeMap<SiteId, IndexPlan>,
    /// How many things each still waits for.
    lacks: BTreeMap<SiteId, usize>,
    /// Which indexes wait for a thing.
    waits_for: BTreeMap<Key, Vec<SiteId>>,
    /// Those that wait for nothing any more.
    ready: BTreeSet<SiteId>,
}

impl<'p> Waiting<'p> {
    fn new(indexes: &'p BTreeMap<SiteId, IndexPlan>) -> Self {
        let mut waiting = Self { indexes, lacks: BTreeMap::new(), waits_for: BTreeMap::new(), ready: BTreeSet::new() };
        for (site, plan) in indexes {
            let mut keys = BTreeSet::new();
            plan.source.visit(&mut |e| match &*e.kind {
                ExprKind::Let(id) => {
                    keys.insert(Key::Let(*id));
                }
                ExprKind::Evidence(id) => {
                    keys.insert(Key::Evidence(*id));
                }
                _ => {}
            });
            if keys.is_empty() {
                waiting.ready.insert(*site);
            }
            waiting.lacks.insert(*site, keys.len());
            keys.into_iter().for_each(|key| waiting.waits_for.entry(key).or_default().push(*site));
        }
        waiting
    }

    fn drawn(&mut self, key: &Key) {
        for site in self.waits_for.remove(key).unwrap_or_default() {
            if let Some(lacks) = self.lacks.get_mut(&site) {
                *lacks -= 1;
                if *lacks == 0 {
                    self.ready.insert(site);
                }
            }
        }
    }
}

impl Draw<'_> {
    fn add(
        &mut self,
        kind: GraphKind,
        key: Key,
        label: Arc<str>,
        mark: Mark,
        span: Option<Span>,
        inputs: BTreeSet<GraphId>,
    ) {
        let id = GraphId(u32::try_from(self.graph.nodes.len()).unwrap_or(u32::MAX));
        self.graph.nodes.push(GraphNode { kind, label, mark, span, inputs: inputs.into_iter().collect() });
        if let Key::Index(site) = &key {
            self.sites.insert(*site, id);
        }
        self.waiting.drawn(&key);
        self.places.insert(key, id);
    }

    /// Draws the indexes whose list has been drawn.
    fn indexes(&mut self) {
        for site in std::mem::take(&mut self.waiting.ready) {
            let Some(plan) = self.waiting.indexes.get(&site) else { continue };
            let inputs = self.inputs([&plan.source]);
            let name = match &*plan.source.kind {
                ExprKind::Let(id) => self.policy.lets.get(id.index()).map(|l| l.name.clone()),
                ExprKind::Evidence(id) => self.policy.evidence.get(id.index()).map(|e| e.name.clone()),
                _ => None,
            };
            let label = format!("{} by key", name.as_deref().unwrap_or("a list"));
            let span = Some(plan.source.span);
            self.add(GraphKind::Index(site), Key::Index(site), label.into(), Mark::Materialised, span, inputs);
        }
    }

    /// The nodes that expressions use, through defs.
    fn inputs<'e>(&self, exprs: impl IntoIterator<Item = &'e Expr>) -> BTreeSet<GraphId> {
        let mut out = BTreeSet::new();
        let mut defs = BTreeSet::new();
        for expr in exprs {
            self.collect(expr, &mut defs, &mut out);
        }
        out
    }

    fn collect(&self, expr: &Expr, seen: &mut BTreeSet<DefId>, out: &mut BTreeSet<GraphId>) {
        let mut defs = Vec::new();
        expr.visit(&mut |e| {
            let key = match &*e.kind {
                ExprKind::Let(id) => Some(Key::Let(*id)),
                ExprKind::Evidence(id) => Some(Key::Evidence(*id)),
                ExprKind::Result(id) => Some(Key::Gate(id.clone())),
                ExprKind::CallDef { def, .. } => {
                    defs.push(*def);
                    None
                }
                ExprKind::Quantified { site, .. } => Some(Key::Index(*site)),
                ExprKind::Pipeline { stages, .. } => {
                    for stage in stages {
                        let site = match stage {
                            Stage::Where { site, .. } => site,
                            Stage::Join(join) => &join.site,
                            _ => continue,
                        };
                        out.extend(self.sites.get(site));
                    }
                    None
                }
                _ => None,
            };
            out.extend(key.and_then(|k| self.places.get(&k)));
        });
        for def in defs {
            if seen.insert(def)
                && let Some(def) = self.policy.defs.get(def.index())
            {
                self.collect(&def.body, seen, out);
            }
        }
    }
}
