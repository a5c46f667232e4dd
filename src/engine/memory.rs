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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{EnumValue, Num, Origin, Origins, Record, Version};

    fn text(length: usize) -> Value {
        Value::text("x".repeat(length))
    }

    #[test]
    fn what_stands_in_its_slot_takes_no_more() {
        for value in [Value::Missing, Value::Bool(true), Value::Num(Num::ONE)] {
            assert_eq!(value_bytes(&value), 0, "{value:?}");
        }
        let plain = Value::Enum(EnumValue { member: 3, word: None });
        let other = Value::Enum(EnumValue { member: 3, word: Some("elsewhere".into()) });
        assert_eq!((value_bytes(&plain), value_bytes(&other)), (0, SHARED + 9));
    }

    #[test]
    fn a_value_takes_what_its_parts_take() {
        assert_eq!(value_bytes(&text(100)), SHARED + 100);
        let version = Value::Version(Arc::new(Version::parse("1.2.3").unwrap()));
        assert!(value_bytes(&version) > SHARED);
        let list = Value::list(vec![text(10), Value::int(1), text(20)]);
        assert_eq!(value_bytes(&list), SHARED + 3 * SLOT + (SHARED + 10) + (SHARED + 20));
        let record = Value::record(vec![text(10), Value::Missing]);
        assert_eq!(value_bytes(&record), SHARED + 2 * SLOT + SHARED + 10);
    }

    #[test]
    fn a_row_with_its_place_takes_more_than_one_without() {
        let origin = Origin {
            evidence: "xs".into(),
            file: "xs.jsonl".into(),
            line: 1,
            pointer: None,
            key: Some("x1".into()),
            ordinal: 0,
        };
        let row = |origin| Value::Record(Arc::new(Record { fields: Box::new([Value::int(1)]), origin }));
        assert_eq!(value_bytes(&row(Some(Arc::new(origin)))) - value_bytes(&row(None)), ORIGIN);
    }

    #[test]
    fn what_somebody_else_holds_too_is_theirs() {
        let json = |kind| Value::Json(Arc::new(Json { kind, at: 0 }));
        for value in [text(10), Value::record(vec![text(10)]), Value::list(vec![text(10)]), json(JsonKind::Null)] {
            assert!(value_bytes(&value) > 0, "{value:?}");
            let theirs = value.clone();
            assert_eq!(value_bytes(&value), 0, "{value:?}");
            drop(theirs);
            assert!(value_bytes(&value) > 0, "{value:?}");
        }
    }

    #[test]
    fn json_takes_what_stands_below_it() {
        let json = |kind| Json { kind, at: 0 };
        let own = size_of::<Json>() as u64;
        let bytes = |kind| value_bytes(&Value::Json(Arc::new(json(kind)))) - SHARED - own;
        assert_eq!(bytes(JsonKind::Null), 0);
        assert_eq!(bytes(JsonKind::Bool(true)), 0);
        assert_eq!(bytes(JsonKind::Number("12.50".into())), SHARED + 5);
        assert_eq!(bytes(JsonKind::Text("abcdefg".into())), SHARED + 7);
        let items = || [json(JsonKind::Null), json(JsonKind::Text("ab".into()))];
        assert_eq!(bytes(JsonKind::List(items().into())), 2 * own + SHARED + 2);
        let [first, second] = items();
        let entries = [("k".into(), first), ("long".into(), second)];
        assert_eq!(bytes(JsonKind::Object(entries.into())), (SHARED + 1 + own) + (SHARED + 4 + own + SHARED + 2));
    }

    #[test]
    fn a_batch_takes_what_its_columns_and_the_places_of_its_rows_take() {
        let some = || Some(vec![true, false, true]);
        let bytes = |columns| batch_bytes(&Batch { len: 3, first: 0, columns, origins: Origins::None });
        let places = 3 * 8;
        let one = |column| bytes(Vec::from([column])) - places;
        assert_eq!(bytes(Vec::new()), places);
        assert_eq!(one(Column::Pruned), 0);
        assert_eq!(one(Column::Bool { values: vec![true; 3], valid: None }), 3);
        assert_eq!(one(Column::Bool { values: vec![true; 3], valid: some() }), 6);
        assert_eq!(one(Column::Int { values: vec![7; 3], valid: None }), 24);
        assert_eq!(one(Column::Int { values: vec![7; 3], valid: some() }), 27);
        assert_eq!(one(Column::Enum { values: vec![1; 3], valid: None }), 12);
        assert_eq!(one(Column::Enum { values: vec![1; 3], valid: some() }), 15);
        let texts = |valid| Column::Text { bytes: "abcde".into(), ends: vec![2, 2, 5], valid };
        assert_eq!((one(texts(None)), one(texts(some()))), (5 + 12, 5 + 12 + 3));
        let values = || vec![text(4), Value::int(1), Value::Missing];
        let taken = 3 * SLOT + SHARED + 4;
        assert_eq!(one(Column::Values(values())), taken);
        assert_eq!(one(Column::Whole(values())), taken);
        assert_eq!(one(Column::Coded { codes: vec![0, 2, 1], values: values() }), 12 + taken);
        assert_eq!(bytes(Vec::from([texts(None), Column::Values(values())])), places + 17 + taken);
    }

    #[test]
    fn what_does_not_fit_is_not_counted_and_what_is_released_makes_room() {
        let memory = Memory::new(100);
        assert!(memory.hold(60, "a").is_ok());
        assert!(memory.hold(41, "b").is_err());
        assert!(memory.hold(40, "c").is_ok());
        assert!(memory.hold(1, "d").is_err());
        memory.release(60);
        assert!(memory.hold(60, "e").is_ok());
        assert!(memory.fits(100, "f").is_ok());
        assert!(memory.fits(101, "g").is_err());
    }

    #[test]
    fn what_is_known_to_the_byte_is_told_to_the_byte() {
        let memory = Memory::new(100);
        assert!(memory.hold_whole(70, "first").is_ok());
        let over = memory.hold_whole(31, "second");
        assert_eq!(over, Err(Fault::Memory { what: "second".into(), needs: Some((31, 70)), limit: 100 }));
        assert!(memory.hold_whole(30, "third").is_ok());
    }
}
