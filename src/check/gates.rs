//! Gate declarations.

use super::checker::Checker;
use crate::data::Type;
use crate::model::GateId;
use std::sync::Arc;

impl Checker<'_> {
    /// Labels of a gate's figures and their types (without `?`), for `result(g)`.
    pub(super) fn gate_labels(&mut self, id: &GateId) -> Vec<(Arc<str>, Type)> {
        let _ = id;
        Vec::new()
    }
}
