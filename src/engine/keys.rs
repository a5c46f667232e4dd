//! The groups of rows by the keys of `per`.

use super::batch::BatchEval;
use super::columns::{Lane, ints, members, text};
use crate::data::{Column, Fault, Value};
use crate::plan::{NodeId, SpaceId};
use std::collections::HashMap;

/// The group of each row, up to the first row whose keys fault. `group` gives the number of a
/// group for its keys; it is asked once a batch for keys of a simple kind.
pub(super) fn group_keys(
    batch: &mut BatchEval<'_>,
    keys: &[NodeId],
    space: SpaceId,
    rows: &[u32],
    group: &mut dyn FnMut(Vec<Value>) -> Result<u32, Fault>,
) -> (Vec<u32>, Option<Fault>) {
    if let ([key], SpaceId::TABLE) = (keys, space)
        && let Some(lane) = batch.lane(*key)
    {
        return one_key(&lane, rows, group);
    }
    let mut groups = Vec::with_capacity(rows.len());
    for row in rows {
        let values: Result<Vec<Value>, Fault> = keys.iter().map(|k| batch.value(*k, space, *row)).collect();
        match values.and_then(&mut *group) {
            Ok(place) => groups.push(place),
            Err(fault) => return (groups, Some(fault)),
        }
    }
    (groups, None)
}

fn one_key(
    lane: &Lane<'_>,
    rows: &[u32],
    group: &mut dyn FnMut(Vec<Value>) -> Result<u32, Fault>,
) -> (Vec<u32>, Option<Fault>) {
    let mut new = |row: u32| group(vec![lane.value(row as usize)]);
    if let Some(view) = members(lane) {
        return remembered(rows, |r| view.find(r as usize), &mut new);
    }
    if let Some(view) = ints(lane) {
        return remembered(rows, |r| view.find(r as usize), &mut new);
    }
    if let Some(column @ Column::Text { .. }) = lane.column() {
        return remembered(rows, |r| text(column, r as usize), &mut new);
    }
    remembered(rows, |r| lane.value(r as usize), &mut new)
}

fn remembered<K: std::hash::Hash + Eq>(
    rows: &[u32],
    key: impl Fn(u32) -> K,
    new: &mut dyn FnMut(u32) -> Result<u32, Fault>,
) -> (Vec<u32>, Option<Fault>) {
    let mut known: HashMap<K, u32> = HashMap::new();
    let mut groups = Vec::with_capacity(rows.len());
    for row in rows {
        let place = match known.entry(key(*row)) {
            std::collections::hash_map::Entry::Occupied(slot) => *slot.get(),
            std::collections::hash_map::Entry::Vacant(slot) => match new(*row) {
                Ok(place) => *slot.insert(place),
                Err(fault) => return (groups, Some(fault)),
            },
        };
        groups.push(place);
    }
    (groups, None)
}
