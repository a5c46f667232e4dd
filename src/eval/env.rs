//! Names bound during evaluation.

use crate::data::{Batch, Value};
use crate::model::LocalId;

/// What a name is bound to.
#[derive(Debug, Clone)]
pub enum Bound<'b> {
    /// A value.
    Value(Value),
    /// One row of a batch; its fields are read without making a record.
    Row(&'b Batch, usize),
}

/// The bound names, innermost last. Locals are unique in a policy; a def's body sees only what
/// was bound after its call began, because it names nothing else.
#[derive(Debug, Clone, Default)]
pub struct Env<'b> {
    bound: Vec<(LocalId, Bound<'b>)>,
}

impl<'b> Env<'b> {
    /// Nothing bound.
    pub fn new() -> Self {
        Self { bound: Vec::new() }
    }

    /// Binds a name.
    pub fn push(&mut self, local: LocalId, bound: Bound<'b>) {
        self.bound.push((local, bound));
    }

    /// Binds a name to a value.
    pub fn bind(&mut self, local: LocalId, value: Value) {
        self.push(local, Bound::Value(value));
    }

    /// How many names are bound; give it to [`Env::truncate`] to unbind what came later.
    pub fn depth(&self) -> usize {
        self.bound.len()
    }

    /// Unbinds everything after a depth.
    pub fn truncate(&mut self, depth: usize) {
        self.bound.truncate(depth);
    }

    /// What a name is bound to.
    pub fn get(&self, local: LocalId) -> Option<&Bound<'b>> {
        self.bound.iter().rev().find(|(l, _)| *l == local).map(|(_, b)| b)
    }
}
