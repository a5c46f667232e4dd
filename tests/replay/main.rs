//! The gates over replays: against oracles that know nothing of the engine, and over the shipped
//! fixtures.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    clippy::panic,
    reason = "a test stops at the first thing that is not as it should be, and looks at real files"
)]

mod dice;
mod policy;
mod root;
mod shipped;
mod traces;
