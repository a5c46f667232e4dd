//! The shipped functions and aggregates, one file a family.
//!
//! Job: descriptors with their bodies. May import: `registry`, `data`, `units`. Deliberately
//! absent: syntax and checking of types, which signatures say; anything that knows a function by
//! its name. Functions are total: what cannot be computed is missing, what does not fit is a
//! [`Fault`](crate::data::Fault).

mod arguments;
mod columns;
mod counting;
mod evidence;
mod graphs;
mod lists;
mod numbers;
mod order;
mod presence;
mod quantiles;
mod records;
mod shares;
mod sums;
mod tallies;
mod texts;
mod time;
mod versions;

#[cfg(test)]
mod tests;

use crate::registry::{Body, Function, Narrows, Registry, SignatureError};

/// All families, in the order of the reference.
const FAMILIES: &[&[Function]] = &[
    shares::FUNCTIONS,
    sums::FUNCTIONS,
    tallies::FUNCTIONS,
    quantiles::FUNCTIONS,
    order::FUNCTIONS,
    presence::FUNCTIONS,
    lists::FUNCTIONS,
    graphs::FUNCTIONS,
    records::FUNCTIONS,
    numbers::FUNCTIONS,
    texts::FUNCTIONS,
    time::FUNCTIONS,
    versions::FUNCTIONS,
    evidence::FUNCTIONS,
];

/// Registers every shipped function.
///
/// # Errors
/// A descriptor whose signature cannot be read, which a test rules out.
pub fn register(registry: &mut Registry) -> Result<(), SignatureError> {
    FAMILIES.iter().copied().flatten().try_for_each(|function| registry.add_function(function))
}

/// What most descriptors have in common; each fills in the rest.
const BASE: Function = Function {
    name: "",
    phrase: "",
    family: "",
    signature: "",
    doc: "",
    examples: &[],
    since: 1,
    typing: None,
    constants: &[],
    definite: None,
    narrows: Narrows::Nothing,
    body: Body::Form,
};
