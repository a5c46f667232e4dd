//! Every diagnostic of the checker, one function a code.

pub(super) mod clauses;
pub(super) mod evidence;
pub(super) mod missing;
pub(super) mod names;
pub(super) mod shapes;
pub(super) mod types;
pub(super) mod units;

use crate::diag::Code;

/// All codes of this layer, by topic.
pub const CODES: &[&[Code]] =
    &[names::CODES, types::CODES, units::CODES, missing::CODES, shapes::CODES, evidence::CODES, clauses::CODES];
