//! The chosen rows of a column without a [`Value`](crate::data::Value) for each.

use super::arguments::internal;
use crate::data::{Fault, Validity};

/// Calls `take` for each chosen row.
///
/// # Errors
/// A row without a value: the checker lets no such list into an aggregate that cannot take it.
pub(super) fn each<T: Copy>(
    values: &[T],
    valid: &Validity,
    rows: &[u32],
    mut take: impl FnMut(T, u32),
) -> Result<(), Fault> {
    for row in rows {
        let index = *row as usize;
        let there = valid.as_ref().is_none_or(|valid| valid.get(index).copied().unwrap_or(false));
        match values.get(index) {
            Some(value) if there => take(*value, *row),
            _ => return Err(missing_element()),
        }
    }
    Ok(())
}

/// An element that an aggregate cannot take.
pub(super) fn missing_element() -> Fault {
    internal("an aggregate got an element without a value")
}
