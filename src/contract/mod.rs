//! JSON Schemas (draft 2020-12) written out of records and contracts.
//!
//! Job: `Writer`, which turns how a shape is read into a definition, and rules into keywords.
//! May import: `model`, `data`, `eval` (for what is constant). Deliberately absent: files, and
//! schemas that people wrote (see `schema`).
//!
//! **Soundness.** What a definition rejects, reading rejects. A rule is said in full or not at all:
//! what a schema cannot say is listed under [`UNTRANSLATED`] of the definition that it belongs to,
//! and where nothing listed is broken both agree.
//!
//! Two steps lead from a rule to keywords. `rules` works an expression out as far as it is
//! constant and leaves a `formula::Formula` over places of the document; it may take for granted
//! that the document is of its shape, because any other is rejected by the shape alone.
//! `emit` writes a formula down.

mod document;
mod emit;
mod equality;
mod formula;
mod layout;
mod lists;
mod numbers;
mod patterns;
mod places;
mod rules;
mod shapes;
mod sym;
mod texts;

pub use document::{Document, Paired, Root, paired, write};
pub use layout::pretty;

use crate::eval::Constants;
use crate::model::{CheckedPolicy, ParamId, ShapeId};
use serde_json::{Map, Value as Out};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The keyword under which a definition lists what it does not say.
pub const UNTRANSLATED: &str = "x-untranslated";

/// A schema, or the keywords of one.
type Keywords = Map<String, Out>;

/// Why something cannot be said, in words that follow a colon.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Unsayable(String);

/// What can be said, or why not.
type Said<T> = Result<T, Unsayable>;

fn unsayable<T>(why: impl Into<String>) -> Said<T> {
    Err(Unsayable(why.into()))
}

/// What is not said of a definition.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Gap {
    /// `rule`, `condition` or `reading`.
    kind: &'static str,
    /// The rule's name, or what is read.
    name: String,
    /// Where in a value of the definition: JSON pointers, `*` for any element or key.
    at: BTreeSet<String>,
    /// Why.
    why: String,
}

/// A finished definition.
#[derive(Debug, Clone)]
struct Definition {
    keywords: Keywords,
    /// Whether it accepts exactly what reading accepts.
    exact: bool,
}

/// Writes definitions of one policy.
struct Writer<'p> {
    policy: &'p CheckedPolicy,
    constants: Constants,
    /// Params that some profile sets, so that their value is not known here.
    set: BTreeSet<ParamId>,
    /// By their name in `$defs`.
    definitions: BTreeMap<Arc<str>, Definition>,
    /// Whether declarations have the same value in every run.
    fixed: BTreeMap<rules::Named, Said<()>>,
    /// Which names stand for which shapes.
    names: BTreeMap<(ShapeId, bool), Arc<str>>,
    /// Anchors of formulas handed out so far.
    roots: u32,
    /// Steps that the rule at hand may still take.
    budget: usize,
}

impl<'p> Writer<'p> {
    fn new(policy: &'p CheckedPolicy) -> Self {
        let set = policy.profiles.values().flat_map(|p| p.params.keys().copied()).collect();
        Self {
            policy,
            constants: Constants::new(policy.policy.clone(), BTreeMap::new()),
            set,
            definitions: BTreeMap::new(),
            fixed: BTreeMap::new(),
            names: BTreeMap::new(),
            roots: 0,
            budget: 0,
        }
    }
}

/// One keyword.
fn keyword(name: &str, value: impl Into<Out>) -> Keywords {
    Keywords::from_iter([(name.to_owned(), value.into())])
}

/// A schema of these keywords; of none, `true`.
fn schema(keywords: Keywords) -> Out {
    if keywords.is_empty() { Out::Bool(true) } else { Out::Object(keywords) }
}
