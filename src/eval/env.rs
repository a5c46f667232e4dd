//! Names bound during evaluation.

use crate::data::{Batch, Origin, Value};
use crate::model::LocalId;
use std::sync::Arc;

/// What a name is bound to.
#[derive(Debug, Clone)]
pub enum Bound<'b> {
    /// A value.
    Value(Value),
    /// One row of a batch; its fields are read without making a record.
    Row(&'b Batch, usize),
}

impl Bound<'_> {
    /// The value; a row becomes a record.
    pub fn value(&self) -> Value {
        match self {
            Self::Value(value) => value.clone(),
            Self::Row(batch, row) => batch.row(*row),
        }
    }

    /// Where it comes from, if it is a row of evidence.
    pub fn origin(&self) -> Option<Arc<Origin>> {
        match self {
            Self::Value(value) => value.origin().cloned(),
            Self::Row(batch, row) => batch.origin(*row),
        }
    }
}

/// The bound names, innermost last. Locals are unique in a policy; a def's body is evaluated in
/// an environment of its own.
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

    /// What was bound after a depth, oldest first.
    pub fn since(&self, depth: usize) -> &[(LocalId, Bound<'b>)] {
        self.bound.get(depth..).unwrap_or(&[])
    }

    /// Binds what [`Env::since`] gave.
    pub fn extend(&mut self, bound: Vec<(LocalId, Bound<'b>)>) {
        self.bound.extend(bound);
    }
}
