//! What is held in memory, counted against the limit.
//!
//! Whether something fits must not depend on threads. So what threads collect side by side is
//! counted when it has been merged; before that each thread only looks whether its own part is
//! beyond the limit already, and then the whole is too.

use crate::data::{Batch, Column, Fault, Json, JsonKind, Value};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Bytes held and the limit. Counts are estimates: sizes of the values, not of the allocator.
#[derive(Debug)]
pub(super) struct Memory {
    limit: u64,
    held: AtomicU64,
}

impl Memory {
    pub(super) fn new(limit: u64) -> Self {
        Self { limit, held: AtomicU64::new(0) }
    }

    /// Counts bytes that stay until the end of the run (or until [`Memory::release`]). What does
    /// not fit is not counted.
    pub(super) fn hold(&self, bytes: u64, what: &str) -> Result<(), Fault> {
        let fits = |held: u64| held.checked_add(bytes).filter(|sum| *sum <= self.limit);
        match self.held.fetch_update(Ordering::Relaxed, Ordering::Relaxed, fits) {
            Ok(_) => Ok(()),
            Err(_) => Err(self.over(what, None)),
        }
    }

    /// The same for something whose size is known to the byte and counted when nothing else is:
    /// the message says both.
    pub(super) fn hold_whole(&self, bytes: u64, what: &str) -> Result<(), Fault> {
        let held = self.held.load(Ordering::Relaxed);
        self.hold(bytes, what).map_err(|_| self.over(what, Some((bytes, held))))
    }

    /// Bytes that are held no more.
    pub(super) fn release(&self, bytes: u64) {
        self.held.fetch_sub(bytes, Ordering::Relaxed);
    }

    /// Whether these many bytes are within the limit at all, whatever else is held.
    pub(super) fn fits(&self, bytes: u64, what: &str) -> Result<(), Fault> {
        if bytes > self.limit { Err(self.over(what, None)) } else { Ok(()) }
    }

    fn over(&self, what: &str, needs: Option<(u64, u64)>) -> Fault {
        Fault::Memory { what: what.into(), needs, limit: self.limit }
    }
}

/// Bytes of one slot for a value.
pub(super) const SLOT: u64 = size_of::<Value>() as u64;

/// Counters of a shared allocation and what the allocator adds.
const SHARED: u64 = 32;

/// Bytes of a value beyond its slot, with everything below it. What others hold too is theirs:
/// rows of a list that were taken over from another one cost no more than their slots.
pub(super) fn value_bytes(value: &Value) -> u64 {
    let shared = match value {
        Value::Text(text) => Arc::strong_count(text) > 1,
        Value::Record(record) => Arc::strong_count(record) > 1,
        Value::List(items) => Arc::strong_count(items) > 1,
        Value::Json(json) => Arc::strong_count(json) > 1,
        Value::Missing | Value::Bool(_) | Value::Num(_) | Value::Version(_) | Value::Enum(_) => false,
    };
    if shared {
        return 0;
    }
    match value {
        Value::Missing | Value::Bool(_) | Value::Num(_) => 0,
        Value::Enum(word) => word.word.as_ref().map_or(0, |w| SHARED + w.len() as u64),
        Value::Text(text) => SHARED + text.len() as u64,
        Value::Version(_) => SHARED + 64,
        Value::Record(record) => {
            let origin = if record.origin.is_some() { ORIGIN } else { 0 };
            SHARED + origin + values_bytes(&record.fields)
        }
        Value::List(items) => SHARED + values_bytes(items),
        Value::Json(json) => SHARED + json_bytes(json),
    }
}

/// A row's place in its evidence.
const ORIGIN: u64 = 120;

fn values_bytes(values: &[Value]) -> u64 {
    values.iter().map(|v| SLOT + value_bytes(v)).sum()
}

fn json_bytes(json: &Json) -> u64 {
    let below = match &json.kind {
        JsonKind::Null | JsonKind::Bool(_) => 0,
        JsonKind::Number(text) | JsonKind::Text(text) => SHARED + text.len() as u64,
        JsonKind::List(items) => items.iter().map(json_bytes).sum(),
        JsonKind::Object(entries) => entries.iter().map(|(k, v)| SHARED + k.len() as u64 + json_bytes(v)).sum(),
    };
    size_of::<Json>() as u64 + below
}

/// Bytes of a batch.
pub(super) fn batch_bytes(batch: &Batch) -> u64 {
    let valid = |v: &Option<Vec<bool>>| v.as_ref().map_or(0, |v| v.len() as u64);
    let column = |column: &Column| match column {
        Column::Pruned => 0,
        Column::Bool { values, valid: v } => values.len() as u64 + valid(v),
        Column::Int { values, valid: v } => values.len() as u64 * 8 + valid(v),
        Column::Enum { values, valid: v } => values.len() as u64 * 4 + valid(v),
        Column::Text { bytes, ends, valid: v } => bytes.len() as u64 + ends.len() as u64 * 4 + valid(v),
        Column::Coded { codes, values } => codes.len() as u64 * 4 + values_bytes(values),
        Column::Values(values) | Column::Whole(values) => values_bytes(values),
    };
    batch.columns.iter().map(column).sum::<u64>() + batch.len as u64 * 8
}
