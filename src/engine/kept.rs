//! What is kept of many rows: the first violations, the worst rows. Rows come in any order of
//! batches; what is kept is the same in any order.

use super::{KEPT_VIOLATIONS, KEPT_WORST, RowClause};
use crate::data::{Origin, Value};
use crate::registry::Extreme;
use std::cmp::Ordering;
use std::sync::Arc;

/// Where a row stands in a scope: the position of its batch's first row in the table, and its
/// place among the scope's rows of that batch. Ordered as evidence is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct RowKey {
    pub(super) first: u64,
    pub(super) place: u32,
}

/// A violation with its row's place.
#[derive(Debug, Clone)]
pub(super) struct Kept {
    pub(super) key: RowKey,
    pub(super) clause: RowClause,
    pub(super) message: Option<String>,
    pub(super) origin: Option<Arc<Origin>>,
}

/// The first violations, by row and then by clause.
#[derive(Debug, Default)]
pub(super) struct FirstViolations {
    items: Vec<Kept>,
    /// When there are enough: the last that counts.
    bound: Option<(RowKey, RowClause)>,
}

impl FirstViolations {
    /// Whether a violation here would be kept.
    pub(super) fn wants(&self, key: RowKey, clause: RowClause) -> bool {
        self.bound.is_none_or(|bound| (key, clause) < bound)
    }

    pub(super) fn add(&mut self, kept: Kept) {
        self.items.push(kept);
        // Sorting now and then keeps the cost of each small and the memory bounded.
        if self.items.len() >= 2 * KEPT_VIOLATIONS {
            self.settle();
        }
    }

    fn settle(&mut self) {
        self.items.sort_by_key(|k| (k.key, k.clause));
        self.items.truncate(KEPT_VIOLATIONS);
        if self.items.len() == KEPT_VIOLATIONS {
            self.bound = self.items.last().map(|k| (k.key, k.clause));
        }
    }

    pub(super) fn merge(&mut self, other: Self) {
        self.items.extend(other.items);
        self.settle();
    }

    pub(super) fn finish(mut self) -> Vec<Kept> {
        self.settle();
        self.items
    }

    /// Bytes held, roughly.
    pub(super) fn bytes(&self) -> u64 {
        self.items.iter().map(|k| 160 + k.message.as_ref().map_or(0, |m| m.len() as u64)).sum()
    }
}

/// The value of a row that is among the worst.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum WorstOf {
    /// It counts as beyond every other.
    Beyond,
    Value(Value),
}

/// A row that is among the worst.
#[derive(Debug, Clone)]
pub(super) struct KeptWorst {
    pub(super) value: WorstOf,
    pub(super) key: RowKey,
    pub(super) origin: Option<Arc<Origin>>,
}

/// The worst rows: by value, then by place.
#[derive(Debug)]
pub(super) struct WorstRows {
    bad: Extreme,
    items: Vec<KeptWorst>,
}

impl WorstRows {
    /// With this end as the bad one.
    pub(super) fn new(bad: Extreme) -> Self {
        Self { bad, items: Vec::new() }
    }

    /// Nothing kept, the same end bad.
    pub(super) fn fresh(&self) -> Self {
        Self::new(self.bad)
    }

    fn order(&self, a: (&WorstOf, RowKey), b: (&WorstOf, RowKey)) -> Ordering {
        let by_value = match (a.0, b.0) {
            (WorstOf::Beyond, WorstOf::Beyond) => Ordering::Equal,
            (WorstOf::Beyond, WorstOf::Value(_)) => Ordering::Less,
            (WorstOf::Value(_), WorstOf::Beyond) => Ordering::Greater,
            (WorstOf::Value(x), WorstOf::Value(y)) => match self.bad {
                Extreme::Above => y.order(x),
                Extreme::Below | Extreme::False => x.order(y),
            },
        };
        by_value.then(a.1.cmp(&b.1))
    }

    /// Whether a row with this value would be kept.
    pub(super) fn wants(&self, value: &WorstOf, key: RowKey) -> bool {
        match self.items.last() {
            Some(last) if self.items.len() >= KEPT_WORST => self.order((value, key), (&last.value, last.key)).is_lt(),
            _ => true,
        }
    }

    /// For whole numbers: what a value has to be beyond of to be kept, once there are enough.
    pub(super) fn floor(&self) -> Option<i64> {
        let last = self.items.last().filter(|_| self.items.len() >= KEPT_WORST)?;
        match &last.value {
            WorstOf::Value(value) => value.as_num().and_then(crate::data::Num::as_i64),
            WorstOf::Beyond => None,
        }
    }

    /// Whether the larger values are the worse ones.
    pub(super) fn is_above(&self) -> bool {
        self.bad == Extreme::Above
    }

    pub(super) fn add(&mut self, item: KeptWorst) {
        let place = self.items.partition_point(|k| self.order((&k.value, k.key), (&item.value, item.key)).is_lt());
        self.items.insert(place, item);
        self.items.truncate(KEPT_WORST);
    }

    pub(super) fn merge(&mut self, other: Self) {
        for item in other.items {
            if self.wants(&item.value, item.key) {
                self.add(item);
            }
        }
    }

    pub(super) fn into_items(self) -> Vec<KeptWorst> {
        self.items
    }
}
