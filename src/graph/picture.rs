//! Draws a plan: the plan's own graph, with its passes put between rows and those who walk them.

use super::{Columns, Edge, Flow, Kind, Node, Picture, Place};
use crate::data::Projection;
use crate::model::{EffectiveProfile, EvidenceFiles, EvidenceId, Expr, ExprKind, GateId, LetId, WhyIncluded};
use crate::plan::{Base, GraphKind, GraphNode, Mark, Plan, TablePlan};
use crate::source::{SourceMap, Span};
use std::collections::{BTreeMap, BTreeSet};

/// The picture of a plan.
pub fn draw(plan: &Plan, profile: &EffectiveProfile, sources: &SourceMap) -> Picture {
    let mut draw =
        Draw { plan, profile, sources, picture: Vec::new(), edges: BTreeSet::new(), places: BTreeMap::new() };
    draw.everything();
    Picture {
        profile: profile.id.to_string(),
        nodes: draw.picture,
        edges: draw.edges.into_iter().map(|(to, from, flow)| Edge { to, from, flow }).collect(),
    }
}

struct Draw<'p> {
    plan: &'p Plan,
    profile: &'p EffectiveProfile,
    sources: &'p SourceMap,
    picture: Vec<Node>,
    edges: BTreeSet<(usize, usize, Flow)>,
    /// Where the plan's nodes stand in the picture.
    places: BTreeMap<usize, usize>,
}

/// A pass, and what of the plan's graph flows into it.
struct Pass<'p> {
    table: &'p TablePlan,
    /// The rows it starts from, and views of them that are made while it walks.
    inside: BTreeSet<usize>,
    place: Option<usize>,
}

impl<'p> Draw<'p> {
    fn everything(&mut self) {
        let nodes = &self.plan.graph.nodes;
        let mut passes: Vec<Pass<'p>> =
            self.plan.tables.iter().map(|table| Pass { table, inside: self.inside(table), place: None }).collect();
        let walked_by = Walked::by(&self.plan.tables);
        for (number, node) in nodes.iter().enumerate() {
            let inputs: BTreeSet<usize> = node.inputs.iter().map(|i| i.0 as usize).collect();
            let walked = walked_by.pass(&node.kind).and_then(|number| passes.get_mut(number));
            let mut ready: Vec<(usize, Flow)> = Vec::new();
            let mut rest = inputs;
            if let Some(pass) = walked {
                let place = match pass.place {
                    Some(place) => place,
                    None => {
                        let place = self.pass(pass, nodes);
                        pass.place = Some(place);
                        place
                    }
                };
                ready.push((place, Flow::Walks));
                rest.retain(|i| !pass.inside.contains(i));
            }
            let place = self.node(node);
            self.places.insert(number, place);
            for input in rest {
                if let (Some(from), Some(other)) = (self.places.get(&input).copied(), nodes.get(input)) {
                    ready.push((from, flow(&other.kind, &node.kind)));
                }
            }
            self.edges.extend(ready.into_iter().map(|(from, flow)| (place, from, flow)));
        }
        self.needs();
    }

    /// The nodes of the plan's graph that a pass walks: where its rows come from, and views that
    /// are made of them on the way.
    fn inside(&self, table: &TablePlan) -> BTreeSet<usize> {
        let nodes = &self.plan.graph.nodes;
        let (mut evidence, mut lets) = (BTreeSet::new(), BTreeSet::new());
        match &table.base {
            Base::Evidence(id) => {
                evidence.insert(*id);
            }
            Base::List(list) => named(list, &mut evidence, &mut lets),
        }
        let mut inside = BTreeSet::new();
        for (number, node) in nodes.iter().enumerate() {
            let starts = match &node.kind {
                GraphKind::Evidence(id) => evidence.contains(id),
                GraphKind::View(id) | GraphKind::Aggregate(id) => lets.contains(id),
                _ => false,
            };
            let made_on_the_way = matches!(node.kind, GraphKind::View(id) if self.plan.is_made_of(table, id));
            if starts || made_on_the_way {
                inside.insert(number);
            }
        }
        inside
    }

    /// Puts a pass into the picture, after all that flows into it.
    fn pass(&mut self, pass: &Pass<'p>, nodes: &[GraphNode]) -> usize {
        let table = pass.table;
        let name = match &table.base {
            Base::Evidence(id) => self.evidence_name(*id),
            Base::List(list) => self.words(list.span),
        };
        let place = self.picture.len();
        let kind = Kind::Pass { gates: table.gates.len(), values: table.lets.len() };
        self.picture.push(Node { kind, name: format!("one pass over {name}"), mark: None, place: None });
        // Of a view and what it is made of, the view is enough.
        let mut used: BTreeSet<usize> = BTreeSet::new();
        let walked = Walked::by(std::slice::from_ref(table));
        for node in nodes.iter().filter(|n| walked.pass(&n.kind).is_some()) {
            used.extend(node.inputs.iter().map(|i| i.0 as usize).filter(|i| pass.inside.contains(i)));
        }
        let covered: BTreeSet<usize> =
            used.iter().filter_map(|n| nodes.get(*n)).flat_map(|n| n.inputs.iter().map(|i| i.0 as usize)).collect();
        for input in used.difference(&covered) {
            if let Some(from) = self.places.get(input) {
                self.edges.insert((place, *from, Flow::Reads));
            }
        }
        place
    }

    fn node(&mut self, node: &GraphNode) -> usize {
        let kind = match &node.kind {
            GraphKind::Evidence(id) => self.evidence(*id),
            GraphKind::Index(_) => Kind::Index,
            GraphKind::View(_) => Kind::View,
            GraphKind::Aggregate(_) => Kind::Value,
            GraphKind::Gate(id) => {
                let gate = self.profile.gates.get(id);
                Kind::Gate {
                    required: gate.is_some_and(|g| g.gate.required),
                    selected: gate.is_some_and(|g| g.why == WhyIncluded::Selected),
                }
            }
            GraphKind::Artifact(name) => {
                let artifact = self.plan.policy.artifacts.get(name);
                Kind::Artifact { path: artifact.map(|a| a.pattern()).unwrap_or_default() }
            }
            GraphKind::Profile(_) => Kind::Profile,
        };
        let mark = match &node.kind {
            GraphKind::Gate(_) if node.mark == Mark::Streaming => None,
            GraphKind::Artifact(_) | GraphKind::Profile(_) => None,
            _ => Some(node.mark),
        };
        let name = match (&kind, node.span) {
            // What has no name of its own is told by its words.
            (Kind::Value, Some(span)) if self.is_made(&node.kind) => self.words(span),
            _ => node.label.to_string(),
        };
        let place = node.span.and_then(|span| self.place(span));
        self.picture.push(Node { kind, name, mark, place });
        self.picture.len() - 1
    }

    /// Whether the planner made it out of a part of an expression.
    fn is_made(&self, kind: &GraphKind) -> bool {
        matches!(kind, GraphKind::Aggregate(id) if id.index() >= self.plan.own_lets)
    }

    fn evidence(&self, id: EvidenceId) -> Kind {
        let definition = self.profile.evidence.get(id.index());
        let columns = match self.plan.projections.get(id.index()).and_then(Option::as_ref) {
            Some(projection) if projection.all => Columns::All,
            Some(projection) => {
                let mut names = Vec::new();
                columns(projection, "", &mut names);
                Columns::Some(names)
            }
            None => Columns::Some(Vec::new()),
        };
        let path = definition.map(|d| match &d.files {
            EvidenceFiles::Path(path) | EvidenceFiles::Pattern(path) => path.to_string(),
        });
        let format = definition.map(|d| d.format.to_string());
        Kind::Evidence { path: path.unwrap_or_default(), format: format.unwrap_or_default(), columns }
    }

    fn evidence_name(&self, id: EvidenceId) -> String {
        self.profile.evidence.get(id.index()).map_or_else(String::new, |e| e.name.to_string())
    }

    /// `needs`, between gates that are drawn.
    fn needs(&mut self) {
        let mut gates: BTreeMap<&GateId, usize> = BTreeMap::new();
        for (number, node) in self.plan.graph.nodes.iter().enumerate() {
            if let (GraphKind::Gate(id), Some(place)) = (&node.kind, self.places.get(&number)) {
                gates.insert(id, *place);
            }
        }
        for (id, to) in &gates {
            let needs = self.profile.gates.get(*id).map(|g| g.gate.needs.as_slice()).unwrap_or_default();
            for needed in needs {
                if let Some(from) = gates.get(needed) {
                    self.edges.insert((*to, *from, Flow::Needs));
                }
            }
        }
    }

    fn place(&self, span: Span) -> Option<Place> {
        self.sources.get(span.source)?;
        let (file, line, _) = self.sources.place(span);
        Some(Place { file: file.to_string(), line })
    }

    /// What is written at a place, on one line.
    fn words(&self, span: Span) -> String {
        self.sources.slice(span).split_whitespace().collect::<Vec<_>>().join(" ")
    }
}

/// Which pass, by its number, judges a gate or computes a value.
struct Walked<'p> {
    gates: BTreeMap<&'p GateId, usize>,
    lets: BTreeMap<LetId, usize>,
}

impl<'p> Walked<'p> {
    fn by(tables: &'p [TablePlan]) -> Self {
        let mut walked = Self { gates: BTreeMap::new(), lets: BTreeMap::new() };
        for (number, table) in tables.iter().enumerate() {
            for gate in &table.gates {
                walked.gates.entry(gate).or_insert(number);
            }
            for tap in &table.lets {
                walked.lets.entry(tap.id).or_insert(number);
            }
        }
        walked
    }

    fn pass(&self, kind: &GraphKind) -> Option<usize> {
        match kind {
            GraphKind::Gate(id) => self.gates.get(id).copied(),
            GraphKind::View(id) | GraphKind::Aggregate(id) => self.lets.get(id).copied(),
            _ => None,
        }
    }
}

fn flow(from: &GraphKind, to: &GraphKind) -> Flow {
    match (from, to) {
        (GraphKind::Gate(_), GraphKind::Profile(_)) => Flow::Answers,
        (GraphKind::Gate(_), _) => Flow::Result,
        _ => Flow::Reads,
    }
}

/// Evidence and lets that an expression names.
fn named(expr: &Expr, evidence: &mut BTreeSet<EvidenceId>, lets: &mut BTreeSet<LetId>) {
    expr.visit(&mut |e| match &*e.kind {
        ExprKind::Evidence(id) => {
            evidence.insert(*id);
        }
        ExprKind::Let(id) => {
            lets.insert(*id);
        }
        _ => {}
    });
}

/// The fields that somebody reads, dotted; of a record only some fields of are read, these.
fn columns(projection: &Projection, above: &str, out: &mut Vec<String>) {
    for (name, below) in &projection.fields {
        let path = if above.is_empty() { name.to_string() } else { format!("{above}.{name}") };
        if below.all || below.fields.is_empty() {
            out.push(path);
        } else {
            columns(below, &path, out);
        }
    }
}
