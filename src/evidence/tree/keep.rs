//! Which parts of a value are built: the rest is read, judged as text, and dropped.

use crate::model::{Policy, RecordShape, Shape};
use std::sync::Arc;

/// What to build of a value. Everything is checked as text either way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::evidence) enum Keep {
    /// All of it.
    All,
    /// Of an object, these names; other kinds of values whole.
    Names(Vec<(Arc<str>, Keep)>),
    /// Of a list, this of each element; of an object, this of each value.
    Elements(Box<Keep>),
}

impl Keep {
    /// What reading by this shape can need.
    pub(in crate::evidence) fn of(shape: &Shape, policy: &Policy) -> Self {
        match shape {
            Shape::Record(record) => Self::of_record(record, policy),
            Shape::List(element) | Shape::Map(_, element) => match Self::of(element, policy) {
                Self::All => Self::All,
                below => Self::Elements(Box::new(below)),
            },
            Shape::Optional(inner) => Self::of(inner, policy),
            Shape::Refined(refinement) => Self::of(&refinement.base, policy),
            Shape::Named(id) => match policy.shapes.get(id.index()) {
                // A schema judges a value as a whole.
                Some(named) if named.schema().is_none() => Self::of(&named.shape, policy),
                Some(_) | None => Self::All,
            },
            _ => Self::All,
        }
    }

    fn of_record(record: &RecordShape, policy: &Policy) -> Self {
        // A closed record says something about every name it meets.
        if !record.is_open() {
            return Self::All;
        }
        let mut keep = Self::Names(Vec::new());
        for field in &record.fields {
            let below = Self::of(&field.shape, policy);
            if field.reading.from.is_empty() {
                keep.add(std::slice::from_ref(&field.name), below);
            } else {
                for path in &field.reading.from {
                    keep.add(path, below.clone());
                }
            }
        }
        keep
    }

    /// Keeps what stands at a path of names as well.
    pub(in crate::evidence) fn add(&mut self, path: &[Arc<str>], below: Self) {
        let Some((head, rest)) = path.split_first() else {
            *self = Self::merge(std::mem::replace(self, Self::All), below);
            return;
        };
        let Self::Names(names) = self else {
            // Everything is kept, or elements of which a name is asked: keep all of them.
            *self = Self::All;
            return;
        };
        match names.iter_mut().find(|(name, _)| name == head) {
            Some((_, keep)) => keep.add(rest, below),
            None => {
                let mut keep = if rest.is_empty() { below.clone() } else { Self::Names(Vec::new()) };
                if !rest.is_empty() {
                    keep.add(rest, below);
                }
                names.push((head.clone(), keep));
            }
        }
    }

    fn merge(a: Self, b: Self) -> Self {
        match (a, b) {
            (Self::Names(mut a), Self::Names(b)) => {
                for (name, keep) in b {
                    match a.iter().position(|(n, _)| *n == name) {
                        Some(i) => {
                            if let Some((_, mine)) = a.get_mut(i) {
                                *mine = Self::merge(std::mem::replace(mine, Self::All), keep);
                            }
                        }
                        None => a.push((name, keep)),
                    }
                }
                Self::Names(a)
            }
            (Self::Elements(a), Self::Elements(b)) => Self::Elements(Box::new(Self::merge(*a, *b))),
            _ => Self::All,
        }
    }

    /// A copy with names of its own: threads that share the reference counts of names wait for
    /// each other at every row.
    pub(in crate::evidence) fn detached(&self) -> Self {
        match self {
            Self::All => Self::All,
            Self::Names(names) => Self::Names(names.iter().map(|(n, k)| (Arc::from(&**n), k.detached())).collect()),
            Self::Elements(below) => Self::Elements(Box::new(below.detached())),
        }
    }
}
