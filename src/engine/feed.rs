//! What the rows of a sample feed: aggregates of their values, the worst rows, and what
//! sample-level expressions ask of the sample row by row.

use super::batch::{BatchEval, FrameRows};
use super::columns::{ints, repeated};
use super::kept::{KeptWorst, RowKey, WorstOf, WorstRows};
use super::memory::{Memory, value_bytes};
use super::pass::{ordinals, push_rows};
use super::rows::{GateState, STEP_SAMPLE, STEP_VALUES};
use super::walk::{Members, Values, Walk};
use crate::data::{Fault, Type, Value};
use crate::model::Quantifier;
use crate::plan::{RowAggregatePlan, SampleQuantifier, SpaceId};
use crate::registry::Accumulator;
use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

impl Walk<'_, '_> {
    /// Gives the aggregates of one group their values, and keeps the worst rows.
    pub(super) fn feed(
        &self,
        state: &mut GateState,
        batch: &mut BatchEval<'_>,
        group: u32,
        members: &Members,
        values: &[Values<'_>],
    ) {
        for (number, (plan, values)) in self.job.rows.aggregates.iter().zip(values).enumerate() {
            if plan.over_sample {
                continue;
            }
            let is_missing = |at: u32, row: u32| values.is_missing(at as usize, row as usize);
            let whole = plan.takes_missing || values.holds_all();
            let (present, missing) = if whole || !members.iter().any(|(at, _, row)| is_missing(at, row)) {
                (Cow::Borrowed(members), Members::default())
            } else {
                let (mut present, mut missing) = (Members::default(), Members::default());
                for (at, place, row) in members.iter() {
                    let side = if is_missing(at, row) { &mut missing } else { &mut present };
                    side.push(at, place, row);
                }
                (Cow::Owned(present), missing)
            };
            let Some(of_group) = state.groups.get_mut(group as usize) else { return };
            let Some(accumulator) = of_group.accumulators.get_mut(number) else { continue };
            let pushed = self.push(accumulator.as_mut(), batch, values, plan, &present).and_then(|()| {
                missing.rows.iter().try_for_each(|_| match accumulator.push_extreme(plan.extreme) {
                    true => Ok(()),
                    false => Err(Fault::Internal { what: "an aggregate without a worst value".into() }),
                })
            });
            if let Some(Some(kept)) = of_group.worst_rows.get_mut(number) {
                self.worst(batch, kept, values, &present, &missing);
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
        members: &Members,
    ) -> Result<(), Fault> {
        match values {
            Values::Lane(lane) => match lane.column() {
                Some(column) => accumulator.push_column(column, &members.rows, self.first),
                None => {
                    let element = plan.aggregation.types.last().and_then(Type::element).unwrap_or(Type::Unknown);
                    let column = repeated(&lane.value(0), &element, batch.rows.len());
                    accumulator.push_column(&column, &members.rows, self.first)
                }
            },
            Values::Each(values) => {
                let places = ordinals(batch, self.space, &members.rows).map_err(|(_, fault)| fault)?;
                members.at.iter().zip(places).try_for_each(|(at, place)| match values.get(*at as usize) {
                    Some(value) => accumulator.push(value, place),
                    None => Ok(()),
                })
            }
            Values::Later => Ok(()),
        }
    }

    fn worst(
        &self,
        batch: &BatchEval<'_>,
        kept: &mut WorstRows,
        values: &Values<'_>,
        present: &Members,
        missing: &Members,
    ) {
        // First the worst of this batch without their origins, which cost more.
        let mut best: WorstRows = kept.fresh();
        for place in &missing.places {
            let key = self.key(*place);
            if best.wants(&WorstOf::Beyond, key) && kept.wants(&WorstOf::Beyond, key) {
                best.add(KeptWorst { value: WorstOf::Beyond, key, origin: None });
            }
        }
        let whole = match values {
            Values::Lane(lane) => ints(lane),
            Values::Each(_) | Values::Later => None,
        };
        let mut floor = kept.floor();
        for (at, place, row) in present.iter() {
            if let (Some(whole), Some(floor)) = (&whole, floor) {
                let value = whole.get(row as usize);
                if if kept.is_above() { value < floor } else { value > floor } {
                    continue;
                }
            }
            let value = WorstOf::Value(values.value(at as usize, row as usize));
            let key = self.key(place);
            if best.wants(&value, key) && kept.wants(&value, key) {
                best.add(KeptWorst { value, key, origin: None });
                floor = match (floor, best.floor()) {
                    (Some(a), Some(b)) => Some(if kept.is_above() { a.max(b) } else { a.min(b) }),
                    (a, b) => a.or(b),
                };
            }
        }
        for item in best.into_items() {
            let origin = batch.origin(self.space, self.row(item.key.place));
            kept.add(KeptWorst { origin, ..item });
        }
    }

    /// What sample-level expressions ask of the sample row by row.
    pub(super) fn over_sample(
        &self,
        state: &mut GateState,
        batch: &mut BatchEval<'_>,
        memory: &Memory,
        sample: &BTreeMap<u32, Members>,
    ) {
        let plan = self.job.rows;
        if plan.sample_aggregates.is_empty() && plan.sample_quantifiers.is_empty() && !plan.collect {
            return;
        }
        let mut rows: Vec<u32> = sample.values().flat_map(|m| m.rows.iter().copied()).collect();
        rows.sort_unstable();
        batch.set_frame(plan.sample, Rc::new(FrameRows { rows, fault: None }));
        // From rows of the scope's space to groups.
        let mut group_of: HashMap<u32, u32> = HashMap::new();
        if !plan.keys.is_empty() {
            for (group, members) in sample {
                group_of.extend(members.rows.iter().map(|row| (*row, *group)));
            }
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
            self.quantify(state, batch, &group_of, number, quantifier);
        }
        if plan.collect {
            for (group, members) in sample {
                self.keep(state, batch, memory, *group, members);
            }
        }
    }

    fn quantify(
        &self,
        state: &mut GateState,
        batch: &mut BatchEval<'_>,
        group_of: &HashMap<u32, u32>,
        number: usize,
        plan: &SampleQuantifier,
    ) {
        let space = batch.space_of(plan.frame);
        let frame = batch.frame(plan.frame);
        if let Some((row, fault)) = &frame.fault {
            state.fail((self.first, *row, STEP_SAMPLE), fault.clone());
        }
        let settles = plan.quantifier != Quantifier::Every;
        for (group, members) in self.split(batch, group_of, space, &frame.rows) {
            let of_group = state.groups.get_mut(group as usize);
            let Some(decided) = of_group.and_then(|g| g.quantifiers.get_mut(number)) else { continue };
            for row in members {
                let key = RowKey { first: self.first, place: row };
                match batch.truth(plan.condition, space, row) {
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

    /// Keeps the rows of one group's sample.
    fn keep(&self, state: &mut GateState, batch: &mut BatchEval<'_>, memory: &Memory, group: u32, members: &Members) {
        for (_, place, row) in members.iter() {
            match batch.value(self.job.rows.row, self.space, row) {
                Ok(value) => {
                    let bytes = value_bytes(&value) + size_of::<(RowKey, Value)>() as u64;
                    state.kept += bytes;
                    if let Err(fault) = memory.fits(state.kept, "the sample of the gate") {
                        state.fail((u64::MAX, 0, 0), fault);
                        return;
                    }
                    if let Some(group) = state.groups.get_mut(group as usize) {
                        group.rows.push((self.key(place), value));
                    }
                }
                Err(fault) => {
                    let row = batch.up(self.space, row, SpaceId::TABLE);
                    state.fail((self.first, row, STEP_SAMPLE), fault);
                }
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
        if self.job.rows.keys.is_empty() {
            return BTreeMap::from([(0, rows.to_vec())]);
        }
        let mut split: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        for row in rows {
            let of_scope = batch.up(space, *row, self.space);
            if let Some(group) = group_of.get(&of_scope) {
                split.entry(*group).or_default().push(*row);
            }
        }
        split
    }
}
