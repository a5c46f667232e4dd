//! Gates that wait for each other.

use super::checker::Checker;
use super::diagnostics::gates as say;
use crate::model::GateId;
use crate::source::Span;
use crate::syntax::tree::GateClauseKind;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// How one gate depends on another.
#[derive(Debug, Clone, Copy)]
struct Link {
    /// `needs`, and not only the result.
    needs: bool,
    span: Option<Span>,
}

type Links = BTreeMap<GateId, BTreeMap<GateId, Link>>;

impl Checker<'_> {
    /// Reports each circle of `needs` (and results) once, shown as a path from its first gate by
    /// name. Circles of results alone have been reported where they were read.
    pub(super) fn check_needs_cycles(&mut self) {
        let links = self.gate_links();
        let mut told: BTreeSet<GateId> = BTreeSet::new();
        for start in links.keys() {
            if told.contains(start) {
                continue;
            }
            let Some(circle) = shortest_circle(&links, start) else { continue };
            // Each circle is told at its first gate; those that share gates with it may be the
            // same mistake.
            if circle.iter().any(|g| told.contains(g)) {
                continue;
            }
            told.extend(circle.iter().cloned());
            let hops: Vec<(&GateId, Link)> = circle
                .iter()
                .zip(circle.iter().skip(1).chain(circle.first()))
                .filter_map(|(from, to)| links.get(from).and_then(|l| l.get(to)).map(|link| (from, *link)))
                .collect();
            if !hops.iter().any(|(_, link)| link.needs) {
                continue;
            }
            let path: Vec<(Arc<str>, &'static str)> =
                hops.iter().map(|(g, l)| (g.0.clone(), if l.needs { "needs" } else { "reads" })).collect();
            let mut places = hops.iter().filter_map(|(_, l)| l.span);
            let Some(first) = places.next() else { continue };
            let others: Vec<Span> = places.collect();
            self.report(say::cycle(&path, first, &others));
        }
    }

    fn gate_links(&self) -> Links {
        let mut links = Links::new();
        for (id, entry) in &self.declared.gates {
            let Some(gate) = self.gates.get(id).and_then(|m| m.done()) else { continue };
            let out = links.entry(id.clone()).or_default();
            for read in self.results_read(id) {
                let span = self
                    .reads
                    .get(&super::checker::Node::Gate(id.clone()))
                    .and_then(|r| r.get(&super::checker::Node::Gate(read.clone())).copied());
                out.insert(read, Link { needs: false, span });
            }
            for needed in &gate.needs {
                let written = entry.tree.clauses.iter().find_map(|c| match &c.kind {
                    GateClauseKind::Needs(names) => names.iter().find(|n| *n.text == *needed.0).map(|n| n.span),
                    _ => None,
                });
                out.insert(needed.clone(), Link { needs: true, span: written });
            }
        }
        links
    }
}

/// The shortest way from a gate back to itself.
fn shortest_circle(links: &Links, start: &GateId) -> Option<Vec<GateId>> {
    let mut from: BTreeMap<GateId, GateId> = BTreeMap::new();
    let mut edge: Vec<GateId> = Vec::from([start.clone()]);
    while !edge.is_empty() {
        let mut next = Vec::new();
        for gate in edge {
            for to in links.get(&gate).into_iter().flat_map(|l| l.keys()) {
                if to == start {
                    let mut circle = Vec::from([gate.clone()]);
                    let mut at = gate;
                    while at != *start {
                        at = from.get(&at)?.clone();
                        circle.push(at.clone());
                    }
                    circle.reverse();
                    return Some(circle);
                }
                if !from.contains_key(to) && to != start {
                    from.insert(to.clone(), gate.clone());
                    next.push(to.clone());
                }
            }
        }
        edge = next;
    }
    None
}
