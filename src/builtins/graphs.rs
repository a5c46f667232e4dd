//! Graphs given by their edges: two lists of the same length, edge n leads from `from[n]` to `to[n]`.

use super::BASE;
use super::arguments::list;
use crate::data::{Fault, Value};
use crate::registry::{Body, CallTypes, Example, Function};
use std::collections::HashMap;

/// The family.
pub(super) const FUNCTIONS: &[Function] = &[Function {
    name: "cycle",
    phrase: "a circle along the edges from {0} to {1}",
    family: "graphs",
    signature: "(from: list<T>, to: list<T>) -> list<T>",
    doc: "The nodes of the first circle that the edges make, in the order of the way round; empty where there is none. \
          Edge n leads from `from[n]` to `to[n]`. An edge from a node to itself is a circle of one. It begins with the \
          node from which a search in the order of the edges closes it first. Where one list is longer, its rest is \
          left out.",
    examples: &[
        Example { expression: "cycle([\"a\", \"b\", \"c\"], [\"b\", \"c\", \"b\"])", prints: "[b, c]" },
        Example { expression: "cycle([1, 2], [2, 3])", prints: "[]" },
        Example { expression: "cycle([1], [1])", prints: "[1]" },
    ],
    body: Body::Scalar(cycle),
    ..BASE
}];

/// How far the search of a node has come.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Seen {
    Never,
    /// Its place on the way that is being walked.
    OnTheWay(usize),
    Done,
}

/// Depth first, by hand and not by recursion: in the order of edges, each edge once.
fn cycle(_: &CallTypes<'_>, arguments: &[Value]) -> Result<Value, Fault> {
    let (from, to) = (list(arguments, 0)?, list(arguments, 1)?);
    let mut numbers: HashMap<&Value, usize> = HashMap::new();
    let mut nodes: Vec<&Value> = Vec::new();
    let mut next: Vec<Vec<usize>> = Vec::new();
    let mut number = |value| {
        *numbers.entry(value).or_insert_with(|| {
            nodes.push(value);
            nodes.len() - 1
        })
    };
    for (a, b) in from.iter().zip(to.iter()) {
        let (a, b) = (number(a), number(b));
        if next.len() <= a.max(b) {
            next.resize(a.max(b) + 1, Vec::new());
        }
        if let Some(ways) = next.get_mut(a) {
            ways.push(b);
        }
    }
    let mut seen = vec![Seen::Never; nodes.len()];
    for start in 0..nodes.len() {
        if seen.get(start) != Some(&Seen::Never) {
            continue;
        }
        // The way to here, and how many of each node's edges were tried.
        let mut way: Vec<(usize, usize)> = vec![(start, 0)];
        mark(&mut seen, start, Seen::OnTheWay(0));
        while let Some((node, tried)) = way.last_mut() {
            let Some(target) = next.get(*node).and_then(|ways| ways.get(*tried)).copied() else {
                mark(&mut seen, *node, Seen::Done);
                way.pop();
                continue;
            };
            *tried += 1;
            match seen.get(target) {
                Some(Seen::OnTheWay(place)) => {
                    let round = way.iter().skip(*place).filter_map(|(node, _)| nodes.get(*node));
                    return Ok(Value::list(round.map(|value| (*value).clone()).collect::<Vec<_>>()));
                }
                Some(Seen::Never) => {
                    mark(&mut seen, target, Seen::OnTheWay(way.len()));
                    way.push((target, 0));
                }
                Some(Seen::Done) | None => {}
            }
        }
    }
    Ok(Value::list(Vec::new()))
}

fn mark(seen: &mut [Seen], node: usize, as_: Seen) {
    if let Some(slot) = seen.get_mut(node) {
        *slot = as_;
    }
}
