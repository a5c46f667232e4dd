//! One pass over a table: batches in, from any thread and in any order; per gate and aggregate
//! one result out.

use super::batch::{BatchEval, ClosedValues, Rows};
use super::lets::LetState;
use super::memory::Memory;
use super::rows::{GateState, ScopeRows};
use crate::data::{Batch, BatchSink, Fault, Flow, Value};
use crate::eval::{Env, Globals, Interpreter};
use crate::model::LetId;
use crate::plan::{Aggregation, GatePlan, LetTap, RowsPlan, SpaceId, TablePlan};
use crate::registry::{Accumulator, Body, CallTypes};
use std::sync::{Mutex, OnceLock, PoisonError};

/// A gate that a pass feeds.
pub(super) struct GateJob<'p> {
    pub(super) gate: &'p GatePlan,
    pub(super) rows: &'p RowsPlan,
    pub(super) started: Started<'p>,
}

/// Aggregates ready to be started: their constant arguments are known.
pub(super) struct Started<'p> {
    aggregations: Vec<(&'p Aggregation, Vec<Value>)>,
}

impl<'p> Started<'p> {
    /// Evaluates the constant arguments.
    pub(super) fn new(
        aggregations: impl Iterator<Item = &'p Aggregation>,
        globals: &dyn Globals,
    ) -> Result<Self, Fault> {
        let interpreter = Interpreter::new(globals);
        let ready = |a: &'p Aggregation| {
            let values: Result<Vec<Value>, Fault> =
                a.constants.iter().map(|c| interpreter.eval(c, &mut Env::new())).collect();
            Ok((a, values?))
        };
        Ok(Self { aggregations: aggregations.map(ready).collect::<Result<_, Fault>>()? })
    }

    /// One empty accumulator for each.
    pub(super) fn accumulators(&self) -> Result<Vec<Box<dyn Accumulator>>, Fault> {
        self.aggregations
            .iter()
            .map(|(a, constants)| match a.function.body {
                Body::Aggregate(aggregate) => {
                    (aggregate.start)(&CallTypes { arguments: &a.types, result: &a.result }, constants)
                }
                _ => Err(Fault::Internal { what: "a function that is no aggregate".into() }),
            })
            .collect()
    }
}

/// A let that a pass computes.
pub(super) struct LetJob<'p> {
    pub(super) tap: &'p LetTap,
    pub(super) started: Started<'p>,
}

/// One pass.
pub(super) struct Pass<'p> {
    table: &'p TablePlan,
    globals: &'p dyn Globals,
    memory: &'p Memory,
    gates: Vec<GateJob<'p>>,
    lets: Vec<LetJob<'p>>,
    closed: ClosedValues,
    /// What threads have collected so far and left for the next batch.
    parts: Mutex<Vec<Part>>,
}

/// What one thread has collected.
struct Part {
    gates: Vec<GateState>,
    lets: Vec<LetState>,
}

/// What a pass found out.
pub(super) struct Found<'p> {
    pub(super) gates: Vec<(&'p GatePlan, Result<ScopeRows, Fault>)>,
    pub(super) lets: Vec<(LetId, Result<Value, Fault>)>,
}

impl<'p> Pass<'p> {
    pub(super) fn new(
        table: &'p TablePlan,
        globals: &'p dyn Globals,
        memory: &'p Memory,
        gates: Vec<GateJob<'p>>,
        lets: Vec<LetJob<'p>>,
    ) -> Self {
        let closed = table.program.nodes.iter().map(|_| OnceLock::new()).collect();
        Self { table, globals, memory, gates, lets, closed, parts: Mutex::new(Vec::new()) }
    }

    fn part(&self) -> Part {
        let known = self.parts.lock().unwrap_or_else(PoisonError::into_inner).pop();
        known.unwrap_or_else(|| Part {
            gates: self.gates.iter().map(GateState::new).collect(),
            lets: self.lets.iter().map(LetState::new).collect(),
        })
    }

    /// Takes some rows.
    pub(super) fn take(&self, rows: Rows<'_>) {
        let mut part = self.part();
        let mut batch = BatchEval::new(self.globals, self.table, &self.closed, rows);
        for (job, state) in self.gates.iter().zip(&mut part.gates) {
            state.take(job, &mut batch, self.memory);
        }
        for (job, state) in self.lets.iter().zip(&mut part.lets) {
            state.take(job, &mut batch, self.memory);
        }
        self.parts.lock().unwrap_or_else(PoisonError::into_inner).push(part);
    }

    /// Merges what all threads have collected.
    pub(super) fn finish(self) -> Found<'p> {
        let parts = self.parts.into_inner().unwrap_or_else(PoisonError::into_inner);
        let mut gates: Vec<Vec<GateState>> = self.gates.iter().map(|_| Vec::new()).collect();
        let mut lets: Vec<Vec<LetState>> = self.lets.iter().map(|_| Vec::new()).collect();
        for part in parts {
            for (all, one) in gates.iter_mut().zip(part.gates) {
                all.push(one);
            }
            for (all, one) in lets.iter_mut().zip(part.lets) {
                all.push(one);
            }
        }
        let gates = self
            .gates
            .iter()
            .zip(gates)
            .map(|(job, states)| (job.gate, GateState::finish(job, states, self.memory)))
            .collect();
        let lets = self
            .lets
            .iter()
            .zip(lets)
            .map(|(job, states)| (job.tap.id, LetState::finish(job, states, self.memory)))
            .collect();
        Found { gates, lets }
    }
}

/// How many rows a join may make of one row: an element's place in evidence order is the table's
/// row and this many after it.
const JOINED_BITS: u32 = 24;

/// The places in evidence order of rows of a space, for accumulators.
pub(super) fn ordinals(batch: &BatchEval<'_>, space: SpaceId, rows: &[u32]) -> Result<Vec<u64>, (u32, Fault)> {
    let first = batch.rows.first();
    if space == SpaceId::TABLE {
        return Ok(rows.iter().map(|r| first + u64::from(*r)).collect());
    }
    let (mut last, mut after) = (u32::MAX, 0u64);
    rows.iter()
        .map(|row| {
            let base = batch.up(space, *row, SpaceId::TABLE);
            after = if base == last { after + 1 } else { 0 };
            last = base;
            let place = first + u64::from(base);
            if after >> JOINED_BITS != 0 || place >> (64 - JOINED_BITS) != 0 {
                return Err((base, Fault::Overflow { what: "the number of rows that a join makes" }));
            }
            Ok((place << JOINED_BITS) + after)
        })
        .collect()
}

/// Gives an aggregate the values of a node at some rows; none may be missing unless the
/// aggregate takes that. The fault is that of the first row that has one, with its row in the
/// table.
pub(super) fn push_rows(
    accumulator: &mut dyn Accumulator,
    batch: &mut BatchEval<'_>,
    node: crate::plan::NodeId,
    space: SpaceId,
    rows: &[u32],
) -> Result<(), (u32, Fault)> {
    if rows.is_empty() {
        return Ok(());
    }
    let first = batch.rows.first();
    if space == SpaceId::TABLE {
        let last = |fault| (rows.last().copied().unwrap_or(0), fault);
        if !accumulator.reads_elements() {
            return accumulator.push_column(&crate::data::Column::Pruned, rows, first).map_err(last);
        }
        if let Some(lane) = batch.lane(node) {
            return match lane.column() {
                Some(column) => accumulator.push_column(column, rows, first),
                None => {
                    let value = lane.value(0);
                    rows.iter().try_for_each(|r| accumulator.push(&value, first + u64::from(*r)))
                }
            }
            .map_err(last);
        }
    }
    let places = ordinals(batch, space, rows)?;
    let reads = accumulator.reads_elements();
    for (row, place) in rows.iter().zip(places) {
        let value = if reads { batch.value(node, space, *row) } else { Ok(Value::Missing) };
        value
            .and_then(|value| accumulator.push(&value, place))
            .map_err(|fault| (batch.up(space, *row, SpaceId::TABLE), fault))?;
    }
    Ok(())
}

/// Sends batches of evidence through a pass, and keeps them if they are asked for again.
pub(super) struct Reading<'r, 'p> {
    pub(super) passes: &'r [Pass<'p>],
    pub(super) memory: &'r Memory,
    pub(super) name: &'r str,
    /// The batches kept, and why they are not, if there were too many.
    pub(super) held: Option<Mutex<Result<Vec<Batch>, Fault>>>,
}

impl BatchSink for Reading<'_, '_> {
    fn take(&self, batch: Batch) -> Flow {
        for pass in self.passes {
            pass.take(Rows::Batch(&batch));
        }
        if let Some(held) = &self.held {
            let bytes = super::memory::batch_bytes(&batch);
            let mut held = held.lock().unwrap_or_else(PoisonError::into_inner);
            if let Ok(batches) = held.as_mut() {
                match self.memory.hold(bytes, &format!("evidence `{}`", self.name)) {
                    Ok(()) => batches.push(batch),
                    Err(fault) => {
                        let freed = batches.iter().map(super::memory::batch_bytes).sum::<u64>();
                        self.memory.release(freed);
                        *held = Err(fault);
                    }
                }
            }
        }
        Flow::Continue
    }
}
