//! Chains of declarations: how far lets, params and defs lean on each other in a row.
//!
//! What leans on what is evaluated one inside the other, so the length of a chain is what a run
//! needs of stack. It does not depend on the order in which the checker met the declarations.

use super::checker::{Checker, MAX_CHAIN, Node};
use super::diagnostics::clauses as say;
use crate::source::Span;
use std::collections::BTreeMap;

impl Checker<'_> {
    /// Reports the first declaration that more than [`MAX_CHAIN`] others hang on in a row. Only
    /// for a policy without circles.
    pub(super) fn check_chains(&mut self) {
        let Some(span) = self.longer_chain() else { return };
        self.report(say::depth(MAX_CHAIN, span));
    }

    fn longer_chain(&self) -> Option<Span> {
        let mut lengths: BTreeMap<&Node, usize> = BTreeMap::new();
        for start in self.reads.keys() {
            // By hand and not by recursion: a long chain is what this is about.
            let mut open: Vec<(&Node, bool)> = vec![(start, false)];
            while let Some((node, seen)) = open.pop() {
                if lengths.contains_key(node) {
                    continue;
                }
                let below = self.reads.get(node);
                if !seen {
                    open.push((node, true));
                    let unknown = |n: &&Node| !lengths.contains_key(*n);
                    open.extend(below.iter().flat_map(|b| b.keys()).filter(unknown).map(|n| (n, false)));
                    continue;
                }
                let longest =
                    below.iter().flat_map(|b| b.iter()).max_by_key(|(n, _)| lengths.get(*n).copied().unwrap_or(0));
                let length = longest.map_or(0, |(n, _)| lengths.get(n).copied().unwrap_or(0)) + 1;
                if let (true, Some((_, span))) = (length > MAX_CHAIN, longest) {
                    return Some(*span);
                }
                lengths.insert(node, length);
            }
        }
        None
    }
}
