//! How sure a sample is: exact, distribution-free bounds of quantiles and shares.
//!
//! Job: nearest rank, and what can be said at a level of confidence of the rows that a sample
//! was drawn from. Pure functions of counts. May import: `data`. Deliberately absent: values,
//! limits and verdicts (see `verdict`), and any assumption about how values are distributed.
//!
//! One idea carries all of it. A limit on a quantile or on a share says how many rows may lie on
//! its wrong side: `p95 <= 120ms` means that at most 5% of all rows take longer. Of `n` rows
//! that are drawn independently the number of such *misses* is binomial. So few misses that a
//! greater share would hardly ever give as few certify that the limit is met; so many that an
//! allowed share would hardly ever give as many certify that it is missed.
//!
//! The bounds are the only floats of the engine (`binomial`); they are computed with the same
//! operations on every machine.

mod binomial;
mod certify;
mod level;

pub use binomial::{Tails, tails};
pub use certify::{
    Certainty, certainty, few, least_rows, lower_rank, lower_share, many, nearest_rank, upper_rank, upper_share,
};
pub use level::Level;

#[cfg(test)]
mod tests;
