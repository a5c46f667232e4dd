//! Chains of declarations: how far lets, params and defs lean on each other in a row.
//!
//! What leans on what is evaluated one inside the other, so the length of a chain is what a run
//! needs of stack. It does not depend on the order in which the checker met the declarations.
//!
//! And how large a def or a record is with everything it names written out: two uses of the one
//! before in each of thirty are more than anybody could wait for.

use super::checker::{Checker, MAX_CHAIN, Memo, Node};
use super::diagnostics::clauses as say;
use crate::model::{DefId, ExprKind, FieldShape, Shape, ShapeId};
use crate::source::Span;
use std::collections::BTreeMap;

/// Fields of a record, and steps of a def, with everything in them written out. People stay below
/// a thousand.
const MAX_SIZE: u64 = 100_000;

impl Checker<'_> {
    /// Reports the first declaration that more than [`MAX_CHAIN`] others hang on in a row. Only
    /// for a policy without circles.
    pub(super) fn check_chains(&mut self) {
        let Some(span) = self.longer_chain() else { return };
        self.report(say::depth(MAX_CHAIN, span));
    }

    /// Reports the first record that is too large when everything in it is written out, and says
    /// whether there is one: types as large as that are not to be compared.
    pub(super) fn check_sizes_of_shapes(&mut self) -> bool {
        let mut sizes: BTreeMap<ShapeId, u64> = BTreeMap::new();
        let ids = (0..).map(ShapeId).take(self.shapes.len());
        let large = ids.into_iter().find(|id| self.shape_size(*id, &mut sizes, 0) > MAX_SIZE);
        let named = large.and_then(|id| self.shapes.get(id.index())?.done().map(|s| (s.name.clone(), s.span)));
        if let Some((name, span)) = &named {
            self.report(say::size(name, MAX_SIZE, "fields", *span));
        }
        named.is_some()
    }

    fn shape_size(&self, id: ShapeId, sizes: &mut BTreeMap<ShapeId, u64>, depth: usize) -> u64 {
        if let Some(size) = sizes.get(&id) {
            return *size;
        }
        // Longer chains, and circles, are told elsewhere.
        let named = self.shapes.get(id.index()).and_then(Memo::done).filter(|_| depth <= MAX_CHAIN);
        let size = named.map_or(0, |named| self.parts_size(&named.shape, sizes, depth + 1));
        sizes.insert(id, size);
        size
    }

    fn parts_size(&self, shape: &Shape, sizes: &mut BTreeMap<ShapeId, u64>, depth: usize) -> u64 {
        match shape {
            Shape::Named(id) => self.shape_size(*id, sizes, depth),
            Shape::Record(record) => {
                let field = |f: &FieldShape| self.parts_size(&f.shape, sizes, depth).saturating_add(1);
                record.fields.iter().map(field).fold(0, u64::saturating_add)
            }
            Shape::List(inner) | Shape::Optional(inner) => self.parts_size(inner, sizes, depth),
            Shape::Map(key, value) => {
                self.parts_size(key, sizes, depth).saturating_add(self.parts_size(value, sizes, depth))
            }
            Shape::Refined(refinement) => self.parts_size(&refinement.base, sizes, depth),
            _ => 0,
        }
    }

    /// Reports the first def that takes too many steps when every def that it calls is written
    /// out. Only for a policy without circles and without long chains.
    pub(super) fn check_sizes_of_defs(&mut self) {
        let mut sizes: BTreeMap<DefId, u64> = BTreeMap::new();
        let ids = (0..).map(DefId).take(self.defs.len());
        let large = ids.into_iter().find(|id| self.def_size(*id, &mut sizes) > MAX_SIZE);
        let named = large.and_then(|id| self.defs.get(id.index())?.done().map(|d| (d.name.clone(), d.span)));
        if let Some((name, span)) = named {
            self.report(say::size(&name, MAX_SIZE, "steps", span));
        }
    }

    fn def_size(&self, id: DefId, sizes: &mut BTreeMap<DefId, u64>) -> u64 {
        if let Some(size) = sizes.get(&id) {
            return *size;
        }
        let (mut size, mut called) = (0_u64, Vec::new());
        if let Some(def) = self.defs.get(id.index()).and_then(Memo::done) {
            def.body.visit(&mut |part| {
                size += 1;
                if let ExprKind::CallDef { def, .. } = &*part.kind {
                    called.push(*def);
                }
            });
        }
        for def in called {
            size = size.saturating_add(self.def_size(def, sizes));
        }
        sizes.insert(id, size);
        size
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
