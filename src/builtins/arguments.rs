//! Taking arguments apart. The checker has made sure of the types, so what does not fit is a bug.

use crate::data::{Fault, Num, Record, Value, Version};
use crate::registry::Accumulator;
use std::sync::Arc;

/// A fault that only a bug of this program can cause.
pub(super) fn internal(what: &str) -> Fault {
    Fault::Internal { what: what.into() }
}

pub(super) fn argument(arguments: &[Value], index: usize) -> Result<&Value, Fault> {
    arguments.get(index).ok_or_else(|| internal("a function got too few arguments"))
}

pub(super) fn num(arguments: &[Value], index: usize) -> Result<Num, Fault> {
    argument(arguments, index)?.as_num().ok_or_else(|| internal("a function got no number"))
}

pub(super) fn text(arguments: &[Value], index: usize) -> Result<&Arc<str>, Fault> {
    argument(arguments, index)?.as_text().ok_or_else(|| internal("a function got no text"))
}

pub(super) fn list(arguments: &[Value], index: usize) -> Result<&Arc<[Value]>, Fault> {
    argument(arguments, index)?.as_list().ok_or_else(|| internal("a function got no list"))
}

pub(super) fn record(arguments: &[Value], index: usize) -> Result<&Arc<Record>, Fault> {
    argument(arguments, index)?.as_record().ok_or_else(|| internal("a function got no record"))
}

pub(super) fn version(arguments: &[Value], index: usize) -> Result<&Arc<Version>, Fault> {
    match argument(arguments, index)? {
        Value::Version(version) => Ok(version),
        _ => Err(internal("a function got no version")),
    }
}

/// A count as a value.
pub(super) fn count(n: usize) -> Value {
    Value::Num(Num::int(n as i128))
}

/// The other accumulator of a merge: one of the same call, so of the same type.
pub(super) fn same<T: Accumulator + 'static>(other: Box<dyn Accumulator>) -> Result<T, Fault> {
    other.into_any().downcast().map(|same| *same).map_err(|_| internal("two aggregates were mixed up"))
}
