//! What threads collect of one gate's rows in one pass, and what comes of it when they are
//! merged. The way of the rows themselves is in `walk.rs` and `feed.rs`.
//!
//! Faults of rows are ordered as evidence is, and the first one counts, however rows were cut
//! into batches: what comes after a row that faulted is not looked at any more.

use super::WorstValue;
use super::batch::BatchEval;
use super::group::GroupState;
use super::kept::{RowKey, WorstOf, WorstRows};
use super::memory::Memory;
use super::pass::GateJob;
use super::walk::Walk;
use crate::data::{Fault, Value};
use crate::plan::ReadCount;
use crate::registry::{Extreme, Figure};
use std::collections::{BTreeMap, HashMap};

/// How many groups `per` may make.
const GROUP_LIMIT: usize = 100_000;

/// What is said to be over the limit of memory.
const FIGURES: &str = "what the gate keeps of its groups, figures and rows";

/// Bytes that are remembered of each batch.
const BATCH: u64 = 16;

/// Where a fault stands: the batch's first row, the row of the table in the batch, the step.
pub(super) type FaultKey = (u64, u32, u32);

pub(super) const STEP_SCOPE: u32 = 0;
pub(super) const STEP_KEYS: u32 = 1;
pub(super) const STEP_EACH: u32 = 2;
pub(super) const STEP_VALUES: u32 = 1 << 16;
pub(super) const STEP_SAMPLE: u32 = 1 << 17;

/// What one thread has collected of a gate's rows.
pub(super) struct GateState {
    places: HashMap<Vec<Value>, u32>,
    pub(super) groups: Vec<GroupState>,
    /// How many rows of the scope each batch had, by the batch's first row.
    batches: Vec<(u64, u32)>,
    read: u64,
    fault: Option<(FaultKey, Fault)>,
    /// Bytes of its groups and figures.
    charged: u64,
    /// Bytes of the rows that it keeps.
    pub(super) kept: u64,
}

/// What a pass found out about a gate's rows.
pub(super) struct ScopeRows {
    /// Elements before the scope's own filters, if the pass saw them.
    pub(super) read: u64,
    /// Groups in key order; one without `per`, none when `per` met no row.
    pub(super) groups: Vec<ScopeGroup>,
    /// Bytes held for it, until it is tallied.
    pub(super) held: u64,
}

/// One group of a gate's rows.
pub(super) struct ScopeGroup {
    pub(super) key: Vec<Value>,
    pub(super) state: GroupState,
    /// Positions among the rows of the scope.
    pub(super) places: std::sync::Arc<Places>,
}

/// From a row's place in its batch to its position among all rows of the scope.
pub(super) struct Places {
    /// First row of each batch, ascending, and how many rows of the scope came before it.
    before: Vec<(u64, u64)>,
}

impl Places {
    fn new(mut batches: Vec<(u64, u32)>) -> Self {
        batches.sort_unstable();
        let mut sum = 0u64;
        let before = batches
            .into_iter()
            .map(|(first, count)| {
                let before = (first, sum);
                sum += u64::from(count);
                before
            })
            .collect();
        Self { before }
    }

    pub(super) fn ordinal(&self, key: RowKey) -> u64 {
        let place = self.before.binary_search_by_key(&key.first, |(first, _)| *first);
        place.ok().and_then(|p| self.before.get(p)).map_or(0, |(_, before)| before + u64::from(key.place))
    }
}

impl GateState {
    pub(super) fn new(job: &GateJob<'_>) -> Self {
        let mut state = Self {
            places: HashMap::new(),
            groups: Vec::new(),
            batches: Vec::new(),
            read: 0,
            fault: None,
            charged: 0,
            kept: 0,
        };
        if job.rows.keys.is_empty() {
            // Without `per` there is one group, even when no row comes.
            let _ = state.group(job, Vec::new());
        }
        state
    }

    /// The number of a group, made when it is new.
    pub(super) fn group(&mut self, job: &GateJob<'_>, key: Vec<Value>) -> Result<u32, Fault> {
        let next = self.groups.len();
        if let Some(place) = self.places.get(&key) {
            return Ok(*place);
        }
        if next >= GROUP_LIMIT {
            return Err(Fault::TooManyGroups { limit: GROUP_LIMIT });
        }
        let place = u32::try_from(next).unwrap_or(u32::MAX);
        match GroupState::new(job.rows, &job.started) {
            Ok(group) => self.groups.push(group),
            Err(fault) => {
                self.fail((0, 0, 0), fault.clone());
                return Err(fault);
            }
        }
        self.places.insert(key, place);
        Ok(place)
    }

    pub(super) fn fail(&mut self, key: FaultKey, fault: Fault) {
        if self.fault.as_ref().is_none_or(|(known, _)| key < *known) {
            self.fault = Some((key, fault));
        }
    }

    /// Takes the gate's rows of one batch.
    pub(super) fn take(&mut self, job: &GateJob<'_>, batch: &mut BatchEval<'_>, memory: &Memory) {
        let first = batch.rows.first();
        if self.fault.as_ref().is_some_and(|(key, _)| key.0 < first) {
            return;
        }
        if let ReadCount::Frame(frame) = job.rows.read {
            self.read += batch.frame(frame).rows.len() as u64;
        }
        let scope = batch.frame(job.rows.scope);
        if let Some((row, fault)) = &scope.fault {
            self.fail((first, *row, STEP_SCOPE), fault.clone());
        }
        if scope.rows.is_empty() {
            return;
        }
        self.batches.push((first, u32::try_from(scope.rows.len()).unwrap_or(u32::MAX)));
        let touched = Walk::new(job, batch, &scope.rows).run(self, batch, memory);
        self.charge(job, memory, &touched);
    }

    /// Counts what the groups that a batch touched have grown by. Beyond the limit, what was
    /// collected is dropped: rows go on to be looked at only because one that faults counts
    /// before the limit does.
    fn charge(&mut self, job: &GateJob<'_>, memory: &Memory, touched: &[u32]) {
        let mut grown = 0;
        for place in touched {
            if let Some(group) = self.groups.get_mut(*place as usize) {
                let bytes = group.bytes();
                grown += bytes.saturating_sub(group.charged);
                group.charged = group.charged.max(bytes);
            }
        }
        self.charged += grown + BATCH;
        if let Err(fault) = memory.fits(self.charged, FIGURES) {
            self.fail((u64::MAX, 0, 0), fault);
            self.charged = 0;
            for group in &mut self.groups {
                if let Ok(empty) = GroupState::new(job.rows, &job.started) {
                    *group = empty;
                }
            }
        }
    }

    /// Merges what threads have collected.
    pub(super) fn finish(job: &GateJob<'_>, states: Vec<Self>, memory: &Memory) -> Result<ScopeRows, Fault> {
        let mut fault: Option<(FaultKey, Fault)> = None;
        let mut merged: BTreeMap<OrderedKey, GroupState> = BTreeMap::new();
        let (mut batches, mut read) = (Vec::new(), 0);
        let (mut failed, mut kept) = (None, 0);
        for mut state in states {
            kept += state.kept;
            if let Some((key, found)) = state.fault.take()
                && fault.as_ref().is_none_or(|(known, _)| key < *known)
            {
                fault = Some((key, found));
            }
            batches.append(&mut state.batches);
            read += state.read;
            let mut keys: Vec<(Vec<Value>, u32)> = state.places.into_iter().collect();
            keys.sort_by_key(|(_, place)| *place);
            for ((key, _), group) in keys.into_iter().zip(state.groups) {
                match merged.entry(OrderedKey(key)) {
                    std::collections::btree_map::Entry::Vacant(slot) => {
                        slot.insert(group);
                    }
                    std::collections::btree_map::Entry::Occupied(mut slot) => {
                        if let Err(found) = slot.get_mut().merge(group) {
                            failed = Some(found);
                        }
                    }
                }
            }
        }
        if let Some((_, fault)) = fault {
            return Err(fault);
        }
        if let Some(fault) = failed {
            return Err(fault);
        }
        if merged.len() > GROUP_LIMIT {
            return Err(Fault::TooManyGroups { limit: GROUP_LIMIT });
        }
        if merged.is_empty() && job.rows.keys.is_empty() {
            merged.insert(OrderedKey(Vec::new()), GroupState::new(job.rows, &job.started)?);
        }
        let held = kept + merged.values().map(GroupState::bytes).sum::<u64>() + batches.len() as u64 * BATCH;
        memory.hold(held, FIGURES)?;
        let places = std::sync::Arc::new(Places::new(batches));
        let groups =
            merged.into_iter().map(|(key, state)| ScopeGroup { key: key.0, state, places: places.clone() }).collect();
        Ok(ScopeRows { read, groups, held })
    }
}

/// Keys of a group in the order in which groups are shown.
#[derive(PartialEq, Eq)]
struct OrderedKey(Vec<Value>);

impl PartialOrd for OrderedKey {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for OrderedKey {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        let parts = self.0.iter().zip(&other.0).map(|(a, b)| a.order(b));
        parts.fold(std::cmp::Ordering::Equal, std::cmp::Ordering::then).then(self.0.len().cmp(&other.0.len()))
    }
}

impl ScopeGroup {
    /// A group without rows and without a key.
    pub(super) fn empty(plan: &crate::plan::RowsPlan, started: &super::pass::Started<'_>) -> Result<Self, Fault> {
        let places = std::sync::Arc::new(Places::new(Vec::new()));
        Ok(Self { key: Vec::new(), state: GroupState::new(plan, started)?, places })
    }

    /// The kept violations with their rows' positions.
    pub(super) fn violations(&mut self) -> Vec<super::RowViolation> {
        std::mem::take(&mut self.state.violations)
            .finish()
            .into_iter()
            .map(|k| super::RowViolation {
                ordinal: self.places.ordinal(k.key),
                clause: k.clause,
                origin: k.origin,
                message: k.message,
            })
            .collect()
    }

    /// The worst rows of an aggregate, worst first.
    pub(super) fn worst_rows(&mut self, number: usize, bad: Extreme) -> Vec<WorstValue> {
        let kept = self.state.worst_rows.get_mut(number).and_then(Option::take);
        let value = |value: WorstOf| match (value, bad) {
            (WorstOf::Value(value), _) => Figure::Value(value),
            (WorstOf::Beyond, Extreme::Above) => Figure::Above,
            (WorstOf::Beyond, Extreme::Below | Extreme::False) => Figure::Below,
        };
        kept.map(WorstRows::into_items)
            .unwrap_or_default()
            .into_iter()
            .map(|k| WorstValue { ordinal: self.places.ordinal(k.key), origin: k.origin, value: value(k.value) })
            .collect()
    }

    /// The sample as a list, if it was kept.
    pub(super) fn rows(&mut self) -> Value {
        let mut rows = std::mem::take(&mut self.state.rows);
        rows.sort_by_key(|(key, _)| *key);
        Value::list(rows.into_iter().map(|(_, value)| value).collect::<Vec<_>>())
    }
}
