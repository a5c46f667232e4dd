//! units

use crate::diag::Code;

pub(in crate::check) const CODES: &[Code] = &[];
