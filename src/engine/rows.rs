//! The rows of one gate in one pass: `per`, `each`, missing values, aggregates, worst rows.
//!
//! Faults of rows are ordered as evidence is, and the first one counts, however rows were cut
//! into batches: what comes after a row that faulted is not looked at any more.

use super::batch::{BatchEval, FrameRows};
use super::columns::{Lane, bools, ints, repeated};
use super::group::GroupState;
use super::kept::{Kept, KeptWorst, RowKey, WorstOf, WorstRows};
use super::keys::group_keys;
use super::memory::{Memory, value_bytes};
use super::pass::{GateJob, ordinals, push_rows};
use super::witness::bind_witness;
use super::{RowClause, WorstValue};
use crate::data::{Fault, Value};
use crate::eval::Env;
use crate::model::{MissingPolicy, Quantifier};
use crate::plan::{Input, NodeId, ReadCount, RowAggregatePlan, SpaceId};
use crate::registry::{Accumulator, Extreme, Figure};
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

/// How many groups `per` may make.
const GROUP_LIMIT: usize = 100_000;

/// What is known of a row against one `each`.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Standing {
    Holds,
    Broken,
    /// Not judged, because an earlier one that it leans on does not hold.
    Silent,
}

/// Where a fault stands: the batch's first row, the row of the table in the batch, the step.
type FaultKey = (u64, u32, u32);

const STEP_SCOPE: u32 = 0;
const STEP_KEYS: u32 = 1;
const STEP_EACH: u32 = 2;
const STEP_VALUES: u32 = 1 << 16;
const STEP_SAMPLE: u32 = 1 << 17;

/// What one thread has collected of a gate's rows.
pub(super) struct GateState {
    places: HashMap<Vec<Value>, u32>,
    groups: Vec<GroupState>,
    /// How many rows of the scope each batch had, by the batch's first row.
    batches: Vec<(u64, u32)>,
    read: u64,
    fault: Option<(FaultKey, Fault)>,
    charged: u64,
}

/// What a pass found out about a gate's rows.
pub(super) struct ScopeRows {
    /// Elements before the scope's own filters, if the pass saw them.
    pub(super) read: u64,
    /// Groups in key order; one without `per`, none when `per` met no row.
    pub(super) groups: Vec<ScopeGroup>,
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
        let mut state =
            Self { places: HashMap::new(), groups: Vec::new(), batches: Vec::new(), read: 0, fault: None, charged: 0 };
        if job.rows.keys.is_empty() {
            // Without `per` there is one group, even when no row comes.
            let _ = state.group(job, Vec::new());
        }
        state
    }

    /// The number of a group, made when it is new.
    fn group(&mut self, job: &GateJob<'_>, key: Vec<Value>) -> Result<u32, Fault> {
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

    fn fail(&mut self, key: FaultKey, fault: Fault) {
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
        self.batches.push((first, u32::try_from(scope.rows.len()).unwrap_or(u32::MAX)));
        if scope.rows.is_empty() {
            return;
        }
        let mut walk =
            Walk { job, first, space: batch.space_of(job.rows.scope), scope: &scope.rows, limit: scope.rows.len() };
        let groups = walk.groups(self, batch);
        let standing = walk.each(self, batch);
        let touched = walk.collect(self, batch, memory, &groups, &standing);
        self.charge(memory, &touched);
    }

    /// Charges what the groups that a batch touched have grown by.
    fn charge(&mut self, memory: &Memory, touched: &[u32]) {
        let mut grown = 0;
        for place in touched {
            if let Some(group) = self.groups.get_mut(*place as usize) {
                let bytes = group.bytes();
                grown += bytes.saturating_sub(group.charged);
                group.charged = group.charged.max(bytes);
            }
        }
        grown += 16;
        self.charged += grown;
        if let Err(fault) = memory.hold(grown, "a gate's groups and figures") {
            self.fail((u64::MAX, 0, 0), fault);
        }
    }

    /// Merges what threads have collected.
    pub(super) fn finish(job: &GateJob<'_>, states: Vec<Self>, memory: &Memory) -> Result<ScopeRows, Fault> {
        let mut fault: Option<(FaultKey, Fault)> = None;
        let mut merged: BTreeMap<OrderedKey, GroupState> = BTreeMap::new();
        let (mut batches, mut read) = (Vec::new(), 0);
        let mut failed = None;
        for mut state in states {
            memory.release(state.charged);
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
        let places = std::sync::Arc::new(Places::new(batches));
        let groups =
            merged.into_iter().map(|(key, state)| ScopeGroup { key: key.0, state, places: places.clone() }).collect();
        Ok(ScopeRows { read, groups })
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

/// One gate's way through one batch. Rows are known by their place among the scope's rows of the
/// batch; rows from `limit` on are not looked at, because a fault stands before them.
struct Walk<'w, 'p> {
    job: &'w GateJob<'p>,
    first: u64,
    space: SpaceId,
    scope: &'w [u32],
    limit: usize,
}

/// The values of one aggregate: a whole column, or one for each surviving row.
enum Values<'b> {
    Lane(Lane<'b>),
    Each(Vec<Value>),
}

impl Walk<'_, '_> {
    fn row(&self, place: usize) -> u32 {
        self.scope.get(place).copied().unwrap_or(0)
    }

    fn key(&self, place: usize) -> RowKey {
        RowKey { first: self.first, place: u32::try_from(place).unwrap_or(u32::MAX) }
    }

    fn fail(&mut self, state: &mut GateState, batch: &BatchEval<'_>, place: usize, step: u32, fault: Fault) {
        let row = batch.up(self.space, self.row(place), SpaceId::TABLE);
        state.fail((self.first, row, step), fault);
        self.limit = self.limit.min(place);
    }

    /// The group of each row; empty without `per`.
    fn groups(&mut self, state: &mut GateState, batch: &mut BatchEval<'_>) -> Vec<u32> {
        let job = self.job;
        if job.rows.keys.is_empty() {
            return Vec::new();
        }
        let mut group = |key: Vec<Value>| state.group(job, key);
        let (groups, fault) = group_keys(batch, &job.rows.keys, self.space, self.scope, &mut group);
        if let Some(fault) = fault {
            self.fail(state, batch, groups.len(), STEP_KEYS, fault);
        }
        groups
    }

    /// How each row stands against each `each`; `None` where all hold.
    fn each(&mut self, state: &mut GateState, batch: &mut BatchEval<'_>) -> Vec<Option<Vec<Standing>>> {
        let job = self.job;
        let mut standing: Vec<Option<Vec<Standing>>> = Vec::new();
        for (number, (node, clause)) in job.rows.each.iter().zip(&job.gate.gate.each).enumerate() {
            let leans: Vec<&Vec<Standing>> =
                clause.leans_on.iter().filter_map(|l| standing.get(*l).and_then(Option::as_ref)).collect();
            let lane = if self.space == SpaceId::TABLE { batch.lane(*node) } else { None };
            let truth = lane.as_ref().and_then(bools).filter(super::columns::View::holds_all);
            if let (Some(truth), true) = (&truth, leans.is_empty()) {
                let rows = self.scope.get(..self.limit).unwrap_or(self.scope);
                if rows.iter().all(|r| truth.get(*r as usize)) {
                    standing.push(None);
                    continue;
                }
            }
            let mut of_clause = vec![Standing::Holds; self.limit];
            let mut fault = None;
            for (place, slot) in of_clause.iter_mut().enumerate() {
                if leans.iter().any(|l| l.get(place).is_some_and(|s| *s != Standing::Holds)) {
                    *slot = Standing::Silent;
                    continue;
                }
                let row = self.row(place);
                let holds = match &truth {
                    Some(truth) => Ok(truth.get(row as usize)),
                    None => batch.truth(*node, self.space, row),
                };
                match holds {
                    Ok(true) => {}
                    Ok(false) => *slot = Standing::Broken,
                    Err(found) => {
                        fault = Some((place, found));
                        break;
                    }
                }
            }
            let all_hold = of_clause.iter().all(|s| *s == Standing::Holds);
            standing.push((!all_hold).then_some(of_clause));
            if let Some((place, found)) = fault {
                let step = STEP_EACH + u32::try_from(number).unwrap_or(0);
                self.fail(state, batch, place, step, found);
            }
        }
        standing
    }

    /// Violations, missing values, aggregates, the sample; answers which groups were touched.
    fn collect(
        &mut self,
        state: &mut GateState,
        batch: &mut BatchEval<'_>,
        memory: &Memory,
        groups: &[u32],
        standing: &[Option<Vec<Standing>>],
    ) -> Vec<u32> {
        let group_of = |place: usize| groups.get(place).copied().unwrap_or(0);
        let mut survivors: Vec<u32> = Vec::with_capacity(self.limit);
        for place in 0..self.limit {
            let Some(group) = state.groups.get_mut(group_of(place) as usize) else { continue };
            group.in_scope += 1;
            let mut broken = false;
            for (number, of_clause) in standing.iter().enumerate() {
                let is_broken = of_clause.as_ref().and_then(|s| s.get(place)).is_some_and(|s| *s == Standing::Broken);
                if is_broken {
                    broken = true;
                    self.violation(group, batch, place, RowClause::Each(number));
                }
            }
            if broken {
                group.broken += 1;
            } else {
                survivors.push(u32::try_from(place).unwrap_or(u32::MAX));
            }
        }
        let values = self.values(state, batch, &mut survivors);
        let sample = self.sample(state, batch, groups, &survivors, &values);
        // Rows of each group together, in order.
        let mut buckets: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        if groups.is_empty() {
            buckets.insert(0, (0..u32::try_from(sample.len()).unwrap_or(u32::MAX)).collect());
        } else {
            for (i, at) in sample.iter().enumerate() {
                let place = survivors.get(*at as usize).copied().unwrap_or(0);
                buckets.entry(group_of(place as usize)).or_default().push(u32::try_from(i).unwrap_or(u32::MAX));
            }
        }
        let rows = SampleRows { survivors: &survivors, sample: &sample };
        for (group, members) in &buckets {
            self.aggregate(state, batch, *group, members, &rows, &values);
        }
        self.over_sample(state, batch, memory, groups, &rows);
        let mut touched: Vec<u32> = if groups.is_empty() { vec![0] } else { groups.to_vec() };
        touched.sort_unstable();
        touched.dedup();
        touched
    }

    fn violation(&self, group: &mut GroupState, batch: &mut BatchEval<'_>, place: usize, clause: RowClause) {
        group.violation_count += 1;
        let key = self.key(place);
        if !group.violations.wants(key, clause) {
            return;
        }
        let row = self.row(place);
        let message = match clause {
            RowClause::Each(number) => self.message(batch, number, row),
            RowClause::Missing(_) => None,
        };
        let origin = batch.origin(self.space, row);
        group.violations.add(Kept { key, clause, message, origin });
    }

    /// The message of an `each` for a row that breaks it.
    fn message(&self, batch: &mut BatchEval<'_>, number: usize, row: u32) -> Option<String> {
        let clause = self.job.gate.gate.each.get(number)?;
        let message = clause.message.as_ref()?;
        let mut env = Env::new();
        if let Some(input) = self.job.rows.each_rows.get(number) {
            self.bind_for_message(batch, input, row, &mut env);
        }
        let interpreter = batch.interpreter();
        bind_witness(&interpreter, &clause.condition, message, &mut env);
        Some(interpreter.message(message, &mut env))
    }

    fn bind_for_message<'b>(&self, batch: &mut BatchEval<'b>, input: &Input, row: u32, env: &mut Env<'b>) {
        // A column that faults was not looked at by any condition; the message says `(fault)`.
        let _ = batch.bind(input, self.space, row, env);
    }

    /// The values of each aggregate for the surviving rows. A fault cuts the survivors.
    fn values<'b>(
        &mut self,
        state: &mut GateState,
        batch: &mut BatchEval<'b>,
        survivors: &mut Vec<u32>,
    ) -> Vec<Values<'b>> {
        let mut all = Vec::new();
        for (number, aggregate) in self.job.rows.aggregates.iter().enumerate() {
            let node = aggregate.aggregation.value;
            let lane = if self.space == SpaceId::TABLE { batch.lane(node) } else { None };
            if let Some(lane) = lane {
                all.push(Values::Lane(lane));
                continue;
            }
            let mut values = Vec::with_capacity(survivors.len());
            let mut fault = None;
            for place in survivors.iter() {
                match batch.value(node, self.space, self.row(*place as usize)) {
                    Ok(value) => values.push(value),
                    Err(found) => {
                        fault = Some((*place as usize, found));
                        break;
                    }
                }
            }
            if let Some((place, found)) = fault {
                let step = STEP_VALUES + u32::try_from(number).unwrap_or(0);
                self.fail(state, batch, place, step, found);
                survivors.truncate(values.len());
            }
            all.push(Values::Each(values));
        }
        all
    }

    /// The survivors that stay in the sample, by number; the clause `missing` is applied.
    fn sample(
        &self,
        state: &mut GateState,
        batch: &mut BatchEval<'_>,
        groups: &[u32],
        survivors: &[u32],
        values: &[Values<'_>],
    ) -> Vec<u32> {
        let aggregates = &self.job.rows.aggregates;
        let policy = self.job.gate.gate.missing.as_ref();
        let watched: Vec<(&RowAggregatePlan, &Values<'_>)> = aggregates
            .iter()
            .zip(values)
            .filter(|(a, v)| !a.takes_missing && !matches!(v, Values::Lane(lane) if lane.holds_all()))
            .collect();
        let mut sample = Vec::with_capacity(survivors.len());
        for (number, place) in survivors.iter().enumerate() {
            let row = self.row(*place as usize) as usize;
            let missing = watched.iter().find(|(_, v)| v.is_missing(number, row)).map(|(a, _)| a.metric);
            let group = groups.get(*place as usize).copied().unwrap_or(0);
            let Some(group) = state.groups.get_mut(group as usize) else { continue };
            match (missing, policy) {
                (Some(metric), Some(MissingPolicy::Fail)) => {
                    group.missing += 1;
                    self.violation(group, batch, *place as usize, RowClause::Missing(metric));
                }
                (Some(_), Some(MissingPolicy::Exclude { .. })) => group.excluded += 1,
                (missing, _) => {
                    group.worst += u64::from(missing.is_some());
                    group.sample += 1;
                    sample.push(u32::try_from(number).unwrap_or(u32::MAX));
                }
            }
        }
        sample
    }

    /// Gives the aggregates of one group their values, and keeps the worst rows.
    fn aggregate(
        &self,
        state: &mut GateState,
        batch: &mut BatchEval<'_>,
        group: u32,
        members: &[u32],
        rows: &SampleRows<'_>,
        values: &[Values<'_>],
    ) {
        for (number, (plan, values)) in self.job.rows.aggregates.iter().zip(values).enumerate() {
            // Places among the survivors, and rows of the space.
            let at: Vec<(u32, u32)> = members
                .iter()
                .filter_map(|m| rows.sample.get(*m as usize))
                .map(|at| (*at, self.row(rows.survivors.get(*at as usize).copied().unwrap_or(0) as usize)))
                .collect();
            type Places = Vec<(u32, u32)>;
            let (present, missing): (Places, Places) = if plan.takes_missing || values.holds_all() {
                (at, Vec::new())
            } else {
                at.into_iter().partition(|(at, row)| !values.is_missing(*at as usize, *row as usize))
            };
            let Some(of_group) = state.groups.get_mut(group as usize) else { return };
            let Some(accumulator) = of_group.accumulators.get_mut(number) else { continue };
            let pushed = self.push(accumulator.as_mut(), batch, values, plan, &present).and_then(|()| {
                missing.iter().try_for_each(|_| match accumulator.push_extreme(plan.extreme) {
                    true => Ok(()),
                    false => Err(Fault::Internal { what: "an aggregate without a worst value".into() }),
                })
            });
            if let Some(Some(kept)) = of_group.worst_rows.get_mut(number) {
                self.worst(batch, kept, values, rows, &present, &missing);
            }
            if let Err(fault) = pushed {
                let step = STEP_VALUES + u32::try_from(number).unwrap_or(0);
                state.fail((self.first, u32::MAX, step), fault);
            }
        }
    }

    fn push(
        &self,
        accumulator: &mut dyn Accumulator,
        batch: &BatchEval<'_>,
        values: &Values<'_>,
        plan: &RowAggregatePlan,
        at: &[(u32, u32)],
    ) -> Result<(), Fault> {
        match values {
            Values::Lane(lane) => {
                let rows: Vec<u32> = at.iter().map(|(_, row)| *row).collect();
                match lane.column() {
                    Some(column) => accumulator.push_column(column, &rows, self.first),
                    None => {
                        let element = plan.aggregation.types.last().and_then(crate::data::Type::element);
                        let ty = element.unwrap_or(crate::data::Type::Unknown);
                        let column = repeated(&lane.value(0), &ty, batch.rows.len());
                        accumulator.push_column(&column, &rows, self.first)
                    }
                }
            }
            Values::Each(values) => {
                let rows: Vec<u32> = at.iter().map(|(_, row)| *row).collect();
                let places = ordinals(batch, self.space, &rows).map_err(|(_, fault)| fault)?;
                at.iter().zip(places).try_for_each(|((at, _), place)| match values.get(*at as usize) {
                    Some(value) => accumulator.push(value, place),
                    None => Ok(()),
                })
            }
        }
    }

    fn worst(
        &self,
        batch: &BatchEval<'_>,
        kept: &mut WorstRows,
        values: &Values<'_>,
        rows: &SampleRows<'_>,
        present: &[(u32, u32)],
        missing: &[(u32, u32)],
    ) {
        // First the worst of this batch without their origins, which cost more.
        let mut best: WorstRows = kept.fresh();
        let key = |at: u32| self.key(rows.survivors.get(at as usize).copied().unwrap_or(0) as usize);
        for (at, _) in missing {
            let key = key(*at);
            if best.wants(&WorstOf::Beyond, key) && kept.wants(&WorstOf::Beyond, key) {
                best.add(KeptWorst { value: WorstOf::Beyond, key, origin: None });
            }
        }
        let whole = match values {
            Values::Lane(lane) => ints(lane),
            Values::Each(_) => None,
        };
        let mut floor = kept.floor();
        for (at, row) in present {
            if let (Some(whole), Some(floor)) = (&whole, floor) {
                let value = whole.get(*row as usize);
                if if kept.is_above() { value < floor } else { value > floor } {
                    continue;
                }
            }
            let value = WorstOf::Value(values.value(*at as usize, *row as usize));
            let key = key(*at);
            if best.wants(&value, key) && kept.wants(&value, key) {
                best.add(KeptWorst { value, key, origin: None });
                floor = match (floor, best.floor()) {
                    (Some(a), Some(b)) => Some(if kept.is_above() { a.max(b) } else { a.min(b) }),
                    (a, b) => a.or(b),
                };
            }
        }
        for item in best.into_items() {
            let origin = batch.origin(self.space, self.row(item.key.place as usize));
            kept.add(KeptWorst { origin, ..item });
        }
    }

    /// What sample-level expressions ask of the sample row by row.
    fn over_sample(
        &self,
        state: &mut GateState,
        batch: &mut BatchEval<'_>,
        memory: &Memory,
        groups: &[u32],
        rows: &SampleRows<'_>,
    ) {
        let plan = self.job.rows;
        if plan.sample_aggregates.is_empty() && plan.sample_quantifiers.is_empty() && !plan.collect {
            return;
        }
        let places: Vec<u32> = rows.sample.iter().filter_map(|at| rows.survivors.get(*at as usize)).copied().collect();
        let sample: Vec<u32> = places.iter().map(|p| self.row(*p as usize)).collect();
        batch.set_frame(plan.sample, Rc::new(FrameRows { rows: sample.clone(), fault: None }));
        // From rows of the scope's space to groups.
        let mut group_of: HashMap<u32, u32> = HashMap::new();
        if !groups.is_empty() {
            let group = |p: &u32| groups.get(*p as usize).copied().unwrap_or(0);
            group_of.extend(sample.iter().zip(&places).map(|(row, place)| (*row, group(place))));
        }
        let own = plan.aggregates.len();
        for (number, aggregate) in plan.sample_aggregates.iter().enumerate() {
            let frame = batch.frame(aggregate.frame);
            let space = batch.space_of(aggregate.frame);
            if let Some((row, fault)) = &frame.fault {
                state.fail((self.first, *row, STEP_SAMPLE), fault.clone());
            }
            for (group, members) in self.split(batch, &group_of, space, &frame.rows) {
                let of_group = state.groups.get_mut(group as usize);
                let Some(accumulator) = of_group.and_then(|g| g.accumulators.get_mut(own + number)) else { continue };
                let value = aggregate.aggregation.value;
                if let Err((row, fault)) = push_rows(accumulator.as_mut(), batch, value, space, &members) {
                    state.fail((self.first, row, STEP_SAMPLE), fault);
                }
            }
        }
        for (number, quantifier) in plan.sample_quantifiers.iter().enumerate() {
            self.quantify(
                state,
                batch,
                &group_of,
                number,
                quantifier.quantifier,
                (quantifier.frame, quantifier.condition),
            );
        }
        if plan.collect {
            for (row, place) in sample.iter().zip(&places) {
                let group = group_of.get(row).copied().unwrap_or(0);
                self.keep(state, batch, memory, group, *row, *place);
            }
        }
    }

    fn quantify(
        &self,
        state: &mut GateState,
        batch: &mut BatchEval<'_>,
        group_of: &HashMap<u32, u32>,
        number: usize,
        quantifier: Quantifier,
        (frame, condition): (crate::plan::FrameId, NodeId),
    ) {
        let space = batch.space_of(frame);
        let frame = batch.frame(frame);
        if let Some((row, fault)) = &frame.fault {
            state.fail((self.first, *row, STEP_SAMPLE), fault.clone());
        }
        let settles = quantifier != Quantifier::Every;
        for (group, members) in self.split(batch, group_of, space, &frame.rows) {
            let of_group = state.groups.get_mut(group as usize);
            let Some(decided) = of_group.and_then(|g| g.quantifiers.get_mut(number)) else { continue };
            for row in members {
                let key = RowKey { first: self.first, place: row };
                match batch.truth(condition, space, row) {
                    Ok(truth) if truth == settles => {
                        decided.settle(key);
                        break;
                    }
                    Ok(_) => {}
                    Err(fault) => {
                        decided.fail(key, fault);
                        break;
                    }
                }
            }
        }
    }

    fn keep(
        &self,
        state: &mut GateState,
        batch: &mut BatchEval<'_>,
        memory: &Memory,
        group: u32,
        row: u32,
        place: u32,
    ) {
        let key = RowKey { first: self.first, place };
        match batch.value(self.job.rows.row, self.space, row) {
            Ok(value) => {
                let bytes = value_bytes(&value) + size_of::<(RowKey, Value)>() as u64;
                state.charged += bytes;
                if let Err(fault) = memory.hold(bytes, "the sample of a gate") {
                    state.fail((u64::MAX, 0, 0), fault);
                    return;
                }
                if let Some(group) = state.groups.get_mut(group as usize) {
                    group.rows.push((key, value));
                }
            }
            Err(fault) => {
                let row = batch.up(self.space, row, SpaceId::TABLE);
                state.fail((self.first, row, STEP_SAMPLE), fault);
            }
        }
    }

    /// Rows of a space that stands on the sample, by group.
    fn split(
        &self,
        batch: &BatchEval<'_>,
        group_of: &HashMap<u32, u32>,
        space: SpaceId,
        rows: &[u32],
    ) -> BTreeMap<u32, Vec<u32>> {
        if group_of.is_empty() {
            return BTreeMap::from([(0, rows.to_vec())]);
        }
        let mut split: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        for row in rows {
            let of_scope = batch.up(space, *row, self.space);
            split.entry(group_of.get(&of_scope).copied().unwrap_or(0)).or_default().push(*row);
        }
        split
    }
}

/// The survivors' places, and which survivors are in the sample.
struct SampleRows<'s> {
    survivors: &'s [u32],
    sample: &'s [u32],
}

impl Values<'_> {
    /// Whether a survivor (its number, its row) has no value.
    fn is_missing(&self, number: usize, row: usize) -> bool {
        match self {
            Self::Lane(lane) => !lane.holds(row),
            Self::Each(values) => values.get(number).is_none_or(Value::is_missing),
        }
    }

    fn holds_all(&self) -> bool {
        matches!(self, Self::Lane(lane) if lane.holds_all())
    }

    fn value(&self, number: usize, row: usize) -> Value {
        match self {
            Self::Lane(lane) => lane.value(row),
            Self::Each(values) => values.get(number).cloned().unwrap_or(Value::Missing),
        }
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
