//! The scalar evaluator: one checked expression, one set of bound names, one value.
//!
//! Job: the meaning of every expression ([`Interpreter`]), and reading of undecoded values by
//! shape ([`decode`]), which judges rules and refinements with it. May import: `model`,
//! `registry`, `data`, `diag` (for words), `units`. Deliberately absent: evidence files, plans, threads. The engine's
//! vector kernels are a faster road to the same results and are tested against this one.

mod constants;
pub mod decode;
mod env;
mod expr;
mod lists;
mod message;
mod witness;

pub use constants::Constants;
pub use env::{Bound, Env};
pub use expr::{Interpreter, arithmetic, compare};
pub use witness::bind_witness;

use crate::data::{Fault, Num, Value};
use crate::model::{EvidenceId, Expr, GateId, LetId, LocalId, ParamId, Policy, SiteId};
use crate::registry::Ambient;
use std::collections::HashMap;
use std::sync::Arc;

/// Everything outside an expression that it may read.
pub trait Globals: Sync {
    /// The policy, for defs and named shapes.
    fn policy(&self) -> &Policy;
    /// The instant of evaluation, ns since 1970.
    fn as_of(&self) -> Result<Num, Fault>;
    /// The release candidate.
    fn candidate(&self) -> Result<Value, Fault>;
    /// A param, as the profile sets it.
    fn param(&self, id: ParamId) -> Result<Value, Fault>;
    /// A let, held in memory.
    fn let_value(&self, id: LetId) -> Result<Value, Fault>;
    /// An evidence, held in memory: its document or its rows.
    fn evidence(&self, id: EvidenceId) -> Result<Value, Fault>;
    /// The result record of another gate.
    fn result(&self, gate: &GateId) -> Result<Value, Fault>;
    /// The value of an aggregate's call that was computed by a shared pass.
    fn site_value(&self, site: SiteId) -> Option<Result<Value, Fault>> {
        let _ = site;
        None
    }
    /// A hash index that the planner hung on a site.
    fn index(&self, site: SiteId) -> Option<Result<Arc<Index>, Fault>> {
        let _ = site;
        None
    }
    /// Facts about evidence files.
    fn ambient(&self) -> Result<&dyn Ambient, Fault>;
    /// Called before a list of this many elements is held; refuses when the limit is passed.
    fn charge(&self, elements: usize) -> Result<(), Fault> {
        let _ = elements;
        Ok(())
    }
}

/// A list that does not depend on bound names, hashed by keys of its elements: at its site, only
/// the elements with these keys can satisfy the condition, so only they are tried.
#[derive(Debug)]
pub struct Index {
    /// The list.
    pub list: Arc<[Value]>,
    /// The keys to look up, over the names bound outside.
    pub keys: Vec<Expr>,
    /// Positions of the elements with these keys, ascending.
    pub positions: HashMap<Vec<Value>, Vec<u32>>,
    /// The local that the element is bound to.
    pub item: LocalId,
}
