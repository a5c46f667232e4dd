//! One gate's way through one batch: groups, `each`, values, the clause `missing`.
//!
//! Rows are known by their place among the scope's rows of the batch. Rows from `limit` on are
//! not looked at, because a fault stands before them.

use super::RowClause;
use super::batch::BatchEval;
use super::columns::{Lane, View, bools};
use super::group::GroupState;
use super::kept::{Kept, RowKey};
use super::keys::group_keys;
use super::memory::Memory;
use super::pass::GateJob;
use super::rows::{GateState, STEP_EACH, STEP_KEYS, STEP_VALUES};
use crate::data::{Fault, Value};
use crate::eval::Env;
use crate::eval::bind_witness;
use crate::model::MissingPolicy;
use crate::plan::{RowAggregatePlan, SpaceId};
use std::collections::BTreeMap;

/// What is known of a row against one `each`.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Standing {
    Holds,
    Broken,
    /// Not judged, because an earlier one that it leans on does not hold.
    Silent,
}

/// How the rows stand against each `each`; `None` where all hold.
type Standings = Vec<Option<Vec<Standing>>>;

pub(super) struct Walk<'w, 'p> {
    pub(super) job: &'w GateJob<'p>,
    pub(super) first: u64,
    pub(super) space: SpaceId,
    scope: &'w [u32],
    limit: usize,
}

/// The values of one aggregate.
pub(super) enum Values<'b> {
    /// A whole column.
    Lane(Lane<'b>),
    /// One for each surviving row.
    Each(Vec<Value>),
    /// Known only when the sample is: not of this pass.
    Later,
}

/// Rows of the sample that belong to one group, in order. Three views of the same rows.
#[derive(Default, Clone)]
pub(super) struct Members {
    /// Their numbers among the survivors.
    pub(super) at: Vec<u32>,
    /// Their places among the scope's rows.
    pub(super) places: Vec<u32>,
    /// Their rows in the space.
    pub(super) rows: Vec<u32>,
}

impl Members {
    pub(super) fn push(&mut self, at: u32, place: u32, row: u32) {
        self.at.push(at);
        self.places.push(place);
        self.rows.push(row);
    }

    fn with_capacity(n: usize) -> Self {
        Self { at: Vec::with_capacity(n), places: Vec::with_capacity(n), rows: Vec::with_capacity(n) }
    }

    /// Numbers, places, rows.
    pub(super) fn iter(&self) -> impl Iterator<Item = (u32, u32, u32)> {
        let both = self.at.iter().zip(&self.places).zip(&self.rows);
        both.map(|((at, place), row)| (*at, *place, *row))
    }
}

fn narrow(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

impl<'w, 'p> Walk<'w, 'p> {
    /// Through these rows of the scope's frame.
    pub(super) fn new(job: &'w GateJob<'p>, batch: &BatchEval<'_>, scope: &'w [u32]) -> Self {
        let (first, space) = (batch.rows.first(), batch.space_of(job.rows.scope));
        Self { job, first, space, scope, limit: scope.len() }
    }

    /// Goes all the way; answers which groups were touched.
    pub(super) fn run(mut self, state: &mut GateState, batch: &mut BatchEval<'_>, memory: &Memory) -> Vec<u32> {
        let groups = self.groups(state, batch);
        let standings = self.each(state, batch);
        let mut survivors = self.survivors(state, batch, &groups, &standings);
        let values = self.values(state, batch, &mut survivors);
        let sample = self.sample(state, batch, &groups, &survivors, &values);
        for (group, members) in &sample {
            self.feed(state, batch, *group, members, &values);
        }
        self.over_sample(state, batch, memory, &sample);
        let mut touched = if groups.is_empty() { vec![0] } else { groups };
        touched.sort_unstable();
        touched.dedup();
        touched
    }

    pub(super) fn row(&self, place: u32) -> u32 {
        self.scope.get(place as usize).copied().unwrap_or(0)
    }

    pub(super) fn key(&self, place: u32) -> RowKey {
        RowKey { first: self.first, place }
    }

    fn fail(&mut self, state: &mut GateState, batch: &BatchEval<'_>, place: usize, step: u32, fault: Fault) {
        let row = batch.up(self.space, self.row(narrow(place)), SpaceId::TABLE);
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

    fn each(&mut self, state: &mut GateState, batch: &mut BatchEval<'_>) -> Standings {
        let job = self.job;
        let mut standings: Standings = Vec::new();
        for (number, (node, clause)) in job.rows.each.iter().zip(&job.gate.gate.each).enumerate() {
            let leans: Vec<&Vec<Standing>> =
                clause.leans_on.iter().filter_map(|l| standings.get(*l).and_then(Option::as_ref)).collect();
            let lane = if self.space == SpaceId::TABLE { batch.lane(*node) } else { None };
            let truth = lane.as_ref().and_then(bools).filter(View::holds_all);
            if let (Some(truth), true) = (&truth, leans.is_empty()) {
                let rows = self.scope.get(..self.limit).unwrap_or(self.scope);
                if rows.iter().all(|r| truth.get(*r as usize)) {
                    standings.push(None);
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
                let row = self.row(narrow(place));
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
            standings.push((!all_hold).then_some(of_clause));
            if let Some((place, found)) = fault {
                self.fail(state, batch, place, STEP_EACH + narrow(number), found);
            }
        }
        standings
    }

    /// Places of the rows that broke nothing; violations of the others are told.
    fn survivors(
        &self,
        state: &mut GateState,
        batch: &mut BatchEval<'_>,
        groups: &[u32],
        standings: &Standings,
    ) -> Vec<u32> {
        if groups.is_empty() && standings.iter().all(Option::is_none) {
            if let Some(group) = state.groups.first_mut() {
                group.in_scope += self.limit as u64;
            }
            return (0..narrow(self.limit)).collect();
        }
        let mut survivors = Vec::with_capacity(self.limit);
        for place in 0..narrow(self.limit) {
            let Some(group) = group_of(state, groups, place) else { continue };
            group.in_scope += 1;
            let mut broken = false;
            for (number, of_clause) in standings.iter().enumerate() {
                if of_clause.as_ref().and_then(|s| s.get(place as usize)) == Some(&Standing::Broken) {
                    broken = true;
                    self.violation(group, batch, place, RowClause::Each(number));
                }
            }
            if broken {
                self.excuse(group, batch, place);
                group.broken += 1;
            } else {
                survivors.push(place);
            }
        }
        survivors
    }

    /// Asks of a row that breaks an `each` which waivers excuse it. What faults is a matter of the
    /// waiver, never of the gate.
    fn excuse(&self, group: &mut GroupState, batch: &mut BatchEval<'_>, place: u32) {
        for (node, excused) in self.job.rows.excused.iter().zip(&mut group.excused) {
            match batch.truth(*node, self.space, self.row(place)) {
                Ok(true) => excused.rows += 1,
                Ok(false) => {}
                Err(fault) => excused.fail(self.key(place), fault),
            }
        }
    }

    fn violation(&self, group: &mut GroupState, batch: &mut BatchEval<'_>, place: u32, clause: RowClause) {
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
            // A column that faults was not looked at by the condition; the message says `(fault)`.
            let _ = batch.bind(input, self.space, row, &mut env);
        }
        let interpreter = batch.interpreter();
        bind_witness(&interpreter, &clause.condition, message, &mut env);
        Some(interpreter.message(message, &mut env))
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
            if aggregate.over_sample {
                all.push(Values::Later);
                continue;
            }
            let node = aggregate.aggregation.value;
            let lane = if self.space == SpaceId::TABLE { batch.lane(node) } else { None };
            if let Some(lane) = lane {
                all.push(Values::Lane(lane));
                continue;
            }
            let mut values = Vec::with_capacity(survivors.len());
            let mut fault = None;
            for place in survivors.iter() {
                match batch.value(node, self.space, self.row(*place)) {
                    Ok(value) => values.push(value),
                    Err(found) => {
                        fault = Some((*place as usize, found));
                        break;
                    }
                }
            }
            if let Some((place, found)) = fault {
                self.fail(state, batch, place, STEP_VALUES + narrow(number), found);
                survivors.truncate(values.len());
            }
            all.push(Values::Each(values));
        }
        all
    }

    /// The survivors that stay in the sample, by group; the clause `missing` is applied.
    fn sample(
        &self,
        state: &mut GateState,
        batch: &mut BatchEval<'_>,
        groups: &[u32],
        survivors: &[u32],
        values: &[Values<'_>],
    ) -> BTreeMap<u32, Members> {
        let policy = self.job.gate.gate.missing.as_ref();
        let watched: Vec<(&RowAggregatePlan, &Values<'_>)> =
            self.job.rows.aggregates.iter().zip(values).filter(|(a, v)| !a.takes_missing && !v.holds_all()).collect();
        if watched.is_empty() && groups.is_empty() {
            if let Some(group) = state.groups.first_mut() {
                group.sample += survivors.len() as u64;
            }
            let rows = survivors.iter().map(|p| self.row(*p)).collect();
            let members = Members { at: (0..narrow(survivors.len())).collect(), places: survivors.to_vec(), rows };
            return BTreeMap::from([(0, members)]);
        }
        if groups.is_empty() {
            return BTreeMap::from([(0, self.sample_of_one(state, batch, survivors, &watched))]);
        }
        let mut sample: BTreeMap<u32, Members> = BTreeMap::new();
        for (at, place) in survivors.iter().enumerate() {
            let row = self.row(*place);
            let missing = watched.iter().find(|(_, v)| v.is_missing(at, row as usize)).map(|(a, _)| a.metric);
            let Some(group) = group_of(state, groups, *place) else { continue };
            match (missing, policy) {
                (Some(metric), Some(MissingPolicy::Fail)) => {
                    group.missing += 1;
                    self.violation(group, batch, *place, RowClause::Missing(metric));
                }
                (Some(_), Some(MissingPolicy::Exclude { .. })) => group.excluded += 1,
                (missing, _) => {
                    group.worst += u64::from(missing.is_some());
                    group.sample += 1;
                    let group = groups.get(*place as usize).copied().unwrap_or(0);
                    sample.entry(group).or_default().push(narrow(at), *place, row);
                }
            }
        }
        sample
    }

    /// The same without `per`: one group.
    fn sample_of_one(
        &self,
        state: &mut GateState,
        batch: &mut BatchEval<'_>,
        survivors: &[u32],
        watched: &[(&RowAggregatePlan, &Values<'_>)],
    ) -> Members {
        let mut members = Members::with_capacity(survivors.len());
        let Some(group) = state.groups.first_mut() else { return members };
        let known: Option<Vec<&[bool]>> = watched.iter().map(|(_, values)| values.validity()).collect();
        for (at, place) in survivors.iter().enumerate() {
            let row = self.row(*place);
            let whole = match &known {
                Some(known) => known.iter().all(|valid| valid.get(row as usize).copied().unwrap_or(false)),
                None => !watched.iter().any(|(_, v)| v.is_missing(at, row as usize)),
            };
            match &self.job.gate.gate.missing {
                _ if whole => members.push(narrow(at), *place, row),
                Some(MissingPolicy::Fail) => {
                    group.missing += 1;
                    let first = watched.iter().find(|(_, v)| v.is_missing(at, row as usize));
                    let clause = RowClause::Missing(first.map_or(0, |(a, _)| a.metric));
                    self.violation(group, batch, *place, clause);
                }
                Some(MissingPolicy::Exclude { .. }) => group.excluded += 1,
                _ => {
                    group.worst += 1;
                    members.push(narrow(at), *place, row);
                }
            }
        }
        group.sample += members.rows.len() as u64;
        members
    }
}

/// The group of a row; the only one without `per`.
fn group_of<'s>(state: &'s mut GateState, groups: &[u32], place: u32) -> Option<&'s mut GroupState> {
    let group = groups.get(place as usize).copied().unwrap_or(0);
    state.groups.get_mut(group as usize)
}

impl Values<'_> {
    /// Whether a survivor (its number, its row) has no value.
    pub(super) fn is_missing(&self, at: usize, row: usize) -> bool {
        match self {
            Self::Lane(lane) => !lane.holds(row),
            Self::Each(values) => values.get(at).is_none_or(Value::is_missing),
            Self::Later => false,
        }
    }

    /// Which rows have a value, where that is said row by row.
    fn validity(&self) -> Option<&[bool]> {
        match self {
            Self::Lane(lane) => lane.validity(),
            Self::Each(_) | Self::Later => None,
        }
    }

    pub(super) fn holds_all(&self) -> bool {
        match self {
            Self::Lane(lane) => lane.holds_all(),
            Self::Each(_) => false,
            Self::Later => true,
        }
    }

    pub(super) fn value(&self, at: usize, row: usize) -> Value {
        match self {
            Self::Lane(lane) => lane.value(row),
            Self::Each(values) => values.get(at).cloned().unwrap_or(Value::Missing),
            Self::Later => Value::Missing,
        }
    }
}
