//! A level of confidence.

use super::binomial::float;
use crate::data::Num;

/// Tails are computed to better than this; what lies as near to the edge is not decided.
const EDGE: f64 = 1e-12;

/// How sure is sure: the chance of a wrong answer that is put up with.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Level {
    risk: f64,
}

impl Level {
    /// The greatest confidence there is a level of: a risk of one in a hundred million. Nearer to
    /// certainty, rounding would have a say.
    pub const GREATEST: (i128, i128) = (99_999_999, 100_000_000);

    /// The level of a confidence, above one half and at most [`Level::GREATEST`]; `None` for
    /// others.
    pub fn of(confidence: Num) -> Option<Self> {
        let (half, greatest) = (Num::new(1, 2)?, Num::new(Self::GREATEST.0, Self::GREATEST.1)?);
        let in_range = half < confidence && confidence <= greatest;
        let risk = Num::ONE.sub(confidence)?;
        in_range.then(|| Self { risk: float(risk) })
    }

    /// Whether something as unlikely as this is ruled out. At the edge it is not.
    pub(super) fn rules_out(self, chance: f64) -> bool {
        chance <= self.risk - EDGE
    }
}
