//! Which contract a word on the command line means. Kinds and modes are contracts by their names;
//! none is known here.

use super::diagnostics as say;
use crate::diag::Diagnostic;
use crate::model::{NamedShape, Policy, ShapeId};

/// The mode that a kind has by itself.
const STRICT: &str = "strict";

/// A contract, as a kind of document.
#[derive(Debug, Clone, Copy)]
pub struct Kind<'p> {
    /// Its number among the policy's shapes.
    pub id: ShapeId,
    /// The contract.
    pub named: &'p NamedShape,
}

/// The contracts of a policy.
#[derive(Debug, Clone, Copy)]
pub struct Kinds<'p> {
    policy: &'p Policy,
}

impl<'p> Kinds<'p> {
    /// Of this policy.
    pub fn of(policy: &'p Policy) -> Self {
        Self { policy }
    }

    /// All of them, by name.
    pub fn all(&self) -> impl Iterator<Item = Kind<'p>> + use<'p> {
        let numbered = (0..).map(ShapeId).zip(&self.policy.shapes);
        numbered.filter(|(_, named)| named.contract.is_some()).map(|(id, named)| Kind { id, named })
    }

    /// The modes of a kind, without the one that it has by itself: the contract `KIND_MODE` is the
    /// mode MODE of KIND.
    pub fn modes(&self, kind: &str) -> Vec<&'p str> {
        let mode = |k: Kind<'p>| k.named.name.strip_prefix(kind).and_then(|rest| rest.strip_prefix('_'));
        self.all().filter_map(mode).filter(|mode| !mode.is_empty()).collect()
    }

    /// The contract of a kind, in a mode. A mode's word is trimmed and in any case; no mode, an
    /// empty one and `strict` are the kind itself.
    ///
    /// # Errors
    /// No such kind, or no such mode of it.
    pub fn find(&self, kind: &str, mode: Option<&str>) -> Result<Kind<'p>, Box<Diagnostic>> {
        let named = |name: &str| self.all().find(|k| *k.named.name == *name);
        let Some(found) = named(kind) else {
            let names: Vec<&str> = self.all().map(|k| &*k.named.name).collect();
            return Err(say::unknown_kind(kind, &names).into());
        };
        let word = mode.unwrap_or("").trim().to_lowercase();
        if word.is_empty() || word == STRICT {
            return Ok(found);
        }
        named(&format!("{kind}_{word}")).ok_or_else(|| {
            let modes: Vec<&str> = std::iter::once(STRICT).chain(self.modes(kind)).collect();
            say::unknown_mode(kind, mode.unwrap_or(""), &modes).into()
        })
    }
}
