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
        for start in near_circles(&links) {
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
            for read in self.results.get(id).into_iter().flatten() {
                let span = self
                    .reads
                    .get(&super::checker::Node::Gate(id.clone()))
                    .and_then(|r| r.get(&super::checker::Node::Gate(read.clone())).copied());
                out.insert(read.clone(), Link { needs: false, span });
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

/// Gates that lie on a circle or between two, by name: what leads nowhere and what nothing leads to
/// is taken away until nothing of the kind is left. In a policy without circles that is all.
fn near_circles(links: &Links) -> BTreeSet<&GateId> {
    let mut forth: BTreeMap<&GateId, Vec<&GateId>> = BTreeMap::new();
    let mut back: BTreeMap<&GateId, Vec<&GateId>> = BTreeMap::new();
    for (from, to) in links.iter().flat_map(|(from, all)| all.keys().map(move |to| (from, to))) {
        forth.entry(from).or_default().push(to);
        back.entry(to).or_default().push(from);
    }
    let mut left: BTreeSet<&GateId> = links.keys().collect();
    for (ways, others) in [(&forth, &back), (&back, &forth)] {
        let mut open: BTreeMap<&GateId, usize> = BTreeMap::new();
        for id in &left {
            let ways = ways.get(id).map_or(0, |to| to.iter().filter(|to| left.contains(*to)).count());
            open.insert(id, ways);
        }
        let mut ends: Vec<&GateId> = open.iter().filter(|(_, ways)| **ways == 0).map(|(id, _)| *id).collect();
        while let Some(end) = ends.pop() {
            left.remove(end);
            for other in others.get(end).into_iter().flatten() {
                if let Some(ways) = open.get_mut(other) {
                    *ways -= 1;
                    if *ways == 0 {
                        ends.push(other);
                    }
                }
            }
        }
    }
    left
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
