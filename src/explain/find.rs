//! Which thing a word means: a gate, another name of the policy, a function, a format, a code.

use super::{Kind, diagnostics as say};
use crate::diag::Diagnostic;
use crate::model::CheckedPolicy;
use crate::registry::Registry;

/// What there is to explain.
#[derive(Debug, Clone, Copy)]
pub struct Known<'a> {
    /// The policy, where there is one.
    pub checked: Option<&'a CheckedPolicy>,
    /// Functions and formats.
    pub registry: &'a Registry,
    /// Codes of diagnostics.
    pub codes: &'a [&'static str],
}

/// What a word means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// What is explained.
    pub kind: Kind,
    /// Under its full name.
    pub name: String,
    /// What else the word means.
    pub others: Vec<Kind>,
}

/// Finds what a word means; of several meanings the first in the order of [`Kind::ALL`].
///
/// # Errors
/// Nothing of this name, or nothing of the kind asked for; with the nearest name of all kinds.
pub fn find(known: Known<'_>, word: &str, kind: Option<Kind>) -> Result<Found, Box<Diagnostic>> {
    let mut meanings: Vec<(Kind, String)> = Vec::new();
    for candidate in Kind::ALL {
        let names = names(known, candidate);
        let hit =
            names.iter().find(|n| **n == word || (candidate == Kind::Code && n.strip_prefix("rspp::") == Some(word)));
        meanings.extend(hit.map(|n| (candidate, (*n).to_owned())));
    }
    let wanted = match kind {
        Some(kind) => meanings.iter().position(|(k, _)| *k == kind),
        None => (!meanings.is_empty()).then_some(0),
    };
    match wanted.map(|at| meanings.remove(at)) {
        Some((kind, name)) => Ok(Found { kind, name, others: meanings.into_iter().map(|(k, _)| k).collect() }),
        None => Err(unknown(known, word, kind, &meanings).into()),
    }
}

fn unknown(known: Known<'_>, word: &str, kind: Option<Kind>, meanings: &[(Kind, String)]) -> Diagnostic {
    if let (Some(kind), Some((other, _))) = (kind, meanings.first()) {
        return say::other_kind(word, kind, *other);
    }
    let kinds: Vec<Kind> = kind.map_or_else(|| Kind::ALL.to_vec(), |k| vec![k]);
    let mut all: Vec<(&str, Kind)> = Vec::new();
    for kind in kinds {
        for name in names(known, kind) {
            all.push((name, kind));
            // People leave `rspp::` out.
            if let (Kind::Code, Some(short)) = (kind, name.strip_prefix("rspp::")) {
                all.push((short, kind));
            }
        }
    }
    say::unknown_word(word, kind, &all, known.checked.is_some())
}

/// All names of a kind.
fn names<'a>(known: Known<'a>, kind: Kind) -> Vec<&'a str> {
    let policy = known.checked.map(|c| &c.policy);
    match kind {
        Kind::Gate => policy.map(|p| p.gates.keys().map(|g| g.as_str()).collect()).unwrap_or_default(),
        Kind::Profile => known.checked.map(|c| c.profiles.keys().map(|p| p.as_str()).collect()).unwrap_or_default(),
        Kind::Waiver => policy.map(|p| p.waivers.keys().map(|w| w.as_str()).collect()).unwrap_or_default(),
        Kind::Evidence => policy.map(|p| p.evidence.iter().map(|e| &*e.name).collect()).unwrap_or_default(),
        Kind::Let => policy.map(|p| p.lets.iter().map(|e| &*e.name).collect()).unwrap_or_default(),
        Kind::Def => policy.map(|p| p.defs.iter().map(|e| &*e.name).collect()).unwrap_or_default(),
        Kind::Param => policy.map(|p| p.params.iter().map(|e| &*e.name).collect()).unwrap_or_default(),
        Kind::Record => policy.map(|p| p.shapes.iter().map(|e| &*e.name).collect()).unwrap_or_default(),
        Kind::Enum => policy.map(|p| p.enums.keys().map(|e| &**e).collect()).unwrap_or_default(),
        Kind::Artifact => policy.map(|p| p.artifacts.keys().map(|a| &**a).collect()).unwrap_or_default(),
        Kind::Function => known.registry.functions().map(|(f, _)| f.name).collect(),
        Kind::Format => known.registry.formats().map(|f| f.name).collect(),
        Kind::Code => known.codes.to_vec(),
    }
}
