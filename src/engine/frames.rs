//! The rows of frames in one batch: filters and joins.

use super::batch::{BatchEval, FrameRows, SpaceRows, internal};
use super::columns::bools;
use crate::data::{Fault, Value};
use crate::plan::{FrameId, FrameKind, NodeId, SpaceId};
use std::rc::Rc;
use std::sync::Arc;

impl BatchEval<'_> {
    /// The rows of a frame.
    pub(super) fn frame(&mut self, id: FrameId) -> Rc<FrameRows> {
        if let Some(Some(known)) = self.frames.get(id.0 as usize) {
            return known.clone();
        }
        let rows = Rc::new(self.make_frame(id));
        self.set_frame(id, rows.clone());
        rows
    }

    /// Says what the rows of a frame are: those of a sample are found by its gate.
    pub(super) fn set_frame(&mut self, id: FrameId, rows: Rc<FrameRows>) {
        if let Some(slot) = self.frames.get_mut(id.0 as usize) {
            *slot = Some(rows);
        }
    }

    fn make_frame(&mut self, id: FrameId) -> FrameRows {
        let Some(frame) = self.program().frame(id) else { return FrameRows::default() };
        match frame.kind {
            FrameKind::Table => {
                FrameRows { rows: (0..u32::try_from(self.rows.len()).unwrap_or(u32::MAX)).collect(), fault: None }
            }
            // Nobody said: the gate was left out of this pass, and so is what hangs on it.
            FrameKind::Sample { .. } => FrameRows::default(),
            FrameKind::Where { parent, condition } => {
                let rows = self.frame(parent);
                self.filter(&rows, frame.space, condition)
            }
            FrameKind::Join { parent, list, lookup } => {
                let outer = self.space_of(parent);
                let rows = self.frame(parent);
                let mut made = SpaceRows { parent: Vec::new(), elements: Vec::new() };
                let mut fault = rows.fault.clone();
                for row in &rows.rows {
                    match self.elements(list, lookup, outer, *row) {
                        Ok(items) => {
                            made.parent.extend(std::iter::repeat_n(*row, items.len()));
                            made.elements.extend(items.iter().cloned());
                        }
                        Err(found) => {
                            fault = Some((self.up(outer, *row, SpaceId::TABLE), found));
                            break;
                        }
                    }
                }
                let rows = (0..u32::try_from(made.parent.len()).unwrap_or(u32::MAX)).collect();
                if let Some(slot) = self.spaces.get_mut(frame.space.0 as usize) {
                    *slot = Some(Rc::new(made));
                }
                FrameRows { rows, fault }
            }
        }
    }

    fn filter(&mut self, rows: &FrameRows, space: SpaceId, condition: NodeId) -> FrameRows {
        if space == SpaceId::TABLE
            && let Some(lane) = self.lane(condition)
            && let Some(truth) = bools(&lane)
            && truth.holds_all()
        {
            let kept = rows.rows.iter().copied().filter(|r| truth.get(*r as usize)).collect();
            return FrameRows { rows: kept, fault: rows.fault.clone() };
        }
        let mut kept = Vec::new();
        for row in &rows.rows {
            match self.truth(condition, space, *row) {
                Ok(true) => kept.push(*row),
                Ok(false) => {}
                Err(found) => {
                    return FrameRows { rows: kept, fault: Some((self.up(space, *row, SpaceId::TABLE), found)) };
                }
            }
        }
        FrameRows { rows: kept, fault: rows.fault.clone() }
    }

    /// What a join adds to a row: all elements of its list, or those that an index has under
    /// the row's keys.
    fn elements(&mut self, list: NodeId, lookup: Option<u32>, space: SpaceId, row: u32) -> Result<Arc<[Value]>, Fault> {
        if let Some(lookup) = lookup.and_then(|l| self.program().lookups.get(l as usize))
            && let Some(index) = self.globals.index(lookup.site)
        {
            let index = index?;
            let keys: Result<Vec<Value>, Fault> = lookup.keys.iter().map(|k| self.value(*k, space, row)).collect();
            let positions = index.positions.get(&keys?).map_or(&[][..], Vec::as_slice);
            return Ok(positions.iter().filter_map(|p| index.list.get(*p as usize)).cloned().collect());
        }
        match self.value(list, space, row)? {
            Value::List(items) => Ok(items),
            _ => Err(internal("`join` of something that is no list")),
        }
    }
}
