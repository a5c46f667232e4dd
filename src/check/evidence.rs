//! Evidence declarations.

use super::checker::Checker;
use crate::data::Type;
use crate::model::EvidenceId;

impl Checker<'_> {
    /// The type of a whole evidence.
    pub(super) fn evidence_type(&mut self, id: EvidenceId) -> Type {
        let _ = id;
        Type::Unknown
    }
}
