//! Lets that a pass computes: aggregates, and lists made row by row.

use super::batch::BatchEval;
use super::kept::RowKey;
use super::memory::{Memory, value_bytes};
use super::pass::{LetJob, push_rows};
use crate::data::{Fault, Record, Value};
use crate::plan::{LetKind, SpaceId};
use crate::registry::{Accumulator, Figure};
use std::sync::Arc;

/// What one thread has collected for a let.
pub(super) struct LetState {
    made: Result<Made, Fault>,
    /// The fault that stands first in evidence order.
    fault: Option<((u64, u32), Fault)>,
    charged: u64,
}

enum Made {
    Aggregate(Box<dyn Accumulator>),
    Rows(Vec<(RowKey, Value)>),
}

impl LetState {
    pub(super) fn new(job: &LetJob<'_>) -> Self {
        Self { made: start(job), fault: None, charged: 0 }
    }

    pub(super) fn take(&mut self, job: &LetJob<'_>, batch: &mut BatchEval<'_>, memory: &Memory) {
        let first = batch.rows.first();
        if self.fault.as_ref().is_some_and(|((known, _), _)| *known < first) {
            return;
        }
        let Ok(made) = &mut self.made else { return };
        let frame = batch.frame(job.tap.frame);
        if let Some((row, fault)) = &frame.fault {
            fail(&mut self.fault, (first, *row), fault.clone());
        }
        let space = batch.space_of(job.tap.frame);
        let (found, held, what) = match (made, &job.tap.kind) {
            (Made::Aggregate(accumulator), LetKind::Aggregate(aggregation)) => {
                let pushed = push_rows(accumulator.as_mut(), batch, aggregation.value, space, &frame.rows);
                (pushed, accumulator.held(), aggregation.function.name)
            }
            (Made::Rows(rows), LetKind::Rows(node)) => {
                let (mut grown, mut found) = (self.charged, Ok(()));
                for (place, row) in frame.rows.iter().enumerate() {
                    match batch.value(*node, space, *row) {
                        Ok(value) => {
                            let key = RowKey { first, place: u32::try_from(place).unwrap_or(u32::MAX) };
                            let value = with_origin(value, || batch.origin(space, *row));
                            grown += size_of::<(RowKey, Value)>() as u64 + value_bytes(&value);
                            rows.push((key, value));
                        }
                        Err(fault) => {
                            found = Err((batch.up(space, *row, SpaceId::TABLE), fault));
                            break;
                        }
                    }
                }
                (found, grown, "a list")
            }
            _ => (Ok(()), 0, "a let"),
        };
        if let Err((row, fault)) = found {
            fail(&mut self.fault, (first, row), fault);
        }
        self.charged = self.charged.max(held);
        if let Err(fault) = memory.fits(self.charged, what) {
            fail(&mut self.fault, (u64::MAX, 0), fault);
            self.made = start(job);
        }
    }

    /// Merges what threads have collected. What a list takes stays charged.
    pub(super) fn finish(job: &LetJob<'_>, states: Vec<Self>, memory: &Memory) -> Result<Value, Fault> {
        let mut whole = start(job)?;
        let (mut first, mut charged) = (None, 0);
        for state in states {
            charged += state.charged;
            if let Some((key, fault)) = state.fault {
                fail(&mut first, key, fault);
            }
            match (&mut whole, state.made?) {
                (Made::Aggregate(whole), Made::Aggregate(part)) => whole.merge(part)?,
                (Made::Rows(whole), Made::Rows(part)) => whole.extend(part),
                _ => return Err(Fault::Internal { what: "parts of different kinds".into() }),
            }
        }
        if let Some((_, fault)) = first {
            return Err(fault);
        }
        match (&whole, &job.tap.kind) {
            (Made::Aggregate(whole), LetKind::Aggregate(of)) => memory.fits(whole.held(), of.function.name)?,
            _ => memory.hold(charged, "a list")?,
        }
        match whole {
            Made::Aggregate(whole) => match whole.finish()? {
                Figure::Value(value) => Ok(value),
                Figure::Above | Figure::Below => {
                    Err(Fault::Internal { what: "an infinite figure outside a metric".into() })
                }
            },
            Made::Rows(mut rows) => {
                rows.sort_by_key(|(key, _)| *key);
                Ok(Value::list(rows.into_iter().map(|(_, value)| value).collect::<Vec<_>>()))
            }
        }
    }
}

fn start(job: &LetJob<'_>) -> Result<Made, Fault> {
    match &job.tap.kind {
        LetKind::Rows(_) => Ok(Made::Rows(Vec::new())),
        LetKind::Aggregate(_) => {
            let accumulator = job.started.accumulators()?.pop();
            accumulator.map(Made::Aggregate).ok_or(Fault::Internal { what: "an aggregate that was not started".into() })
        }
    }
}

fn fail(slot: &mut Option<((u64, u32), Fault)>, key: (u64, u32), fault: Fault) {
    if slot.as_ref().is_none_or(|(known, _)| key < *known) {
        *slot = Some((key, fault));
    }
}

/// A new record comes from where its row comes from.
fn with_origin(value: Value, origin: impl FnOnce() -> Option<Arc<crate::data::Origin>>) -> Value {
    match value {
        Value::Record(record) if record.origin.is_none() => {
            Value::Record(Arc::new(Record { fields: record.fields.clone(), origin: origin() }))
        }
        other => other,
    }
}
