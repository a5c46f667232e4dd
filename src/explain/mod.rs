//! Pages that explain: a gate in words and in source, and how it came to its verdict in a saved
//! run; a function; every other name of a policy.
//!
//! Job: from the checked policy, the plan and a saved report to a text for people. May import:
//! `report` (its layout and its version), `plan`, `eval`, `builtins`, `model` and everything
//! below. Deliberately absent: judgement (a page repeats what the policy says and what a report
//! found), evidence, and reading of files but the report that is asked for, through `host`.
//!
//! One file a kind of page: `gate`, `function`, `names`; `words` says expressions, `ways` finds
//! every written way from missing to green, `run` derives a figure.

mod asks;
mod bindings;
mod diagnostics;
mod fields;
mod find;
mod function;
mod gate;
mod names;
mod reach;
mod reads;
mod run;
mod sheet;
mod source;
mod users;
mod waivers;
mod ways;
mod words;

pub use diagnostics::CODES;
pub use fields::{Field, fields, settled, with_values, yes_no};
pub use find::{Found, Known, find};
pub use reach::{Reach, evidence_of};
pub use run::{Against, Saved, read_report};
pub use sheet::Facts;
pub use source::{clause, place};
pub use words::Words;

use crate::diag::Diagnostic;
use crate::model::{CheckedPolicy, EffectiveProfile, GateId};
use crate::registry::Registry;
use crate::source::SourceMap;

/// Kinds of things that can be explained.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A gate.
    Gate,
    /// A profile.
    Profile,
    /// A waiver.
    Waiver,
    /// An evidence.
    Evidence,
    /// A let.
    Let,
    /// A def.
    Def,
    /// A param.
    Param,
    /// A record or a refined type.
    Record,
    /// An enum.
    Enum,
    /// A function or an aggregate.
    Function,
    /// An artifact.
    Artifact,
    /// An evidence format.
    Format,
    /// The code of a diagnostic.
    Code,
}

impl Kind {
    /// All kinds; a word that means several things means the first of these.
    pub const ALL: [Self; 13] = [
        Self::Gate,
        Self::Profile,
        Self::Waiver,
        Self::Evidence,
        Self::Let,
        Self::Def,
        Self::Param,
        Self::Record,
        Self::Enum,
        Self::Artifact,
        Self::Function,
        Self::Format,
        Self::Code,
    ];

    /// What people call it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Gate => "gate",
            Self::Profile => "profile",
            Self::Waiver => "waiver",
            Self::Evidence => "evidence",
            Self::Let => "let",
            Self::Def => "def",
            Self::Param => "param",
            Self::Record => "record or type",
            Self::Enum => "enum",
            Self::Artifact => "artifact",
            Self::Function => "function",
            Self::Format => "format",
            Self::Code => "diagnostic",
        }
    }

    /// With its article.
    pub fn noun(self) -> &'static str {
        match self {
            Self::Gate => "a gate",
            Self::Profile => "a profile",
            Self::Waiver => "a waiver",
            Self::Evidence => "an evidence",
            Self::Let => "a let",
            Self::Def => "a def",
            Self::Param => "a param",
            Self::Record => "a record or type",
            Self::Enum => "an enum",
            Self::Artifact => "an artifact",
            Self::Function => "a function",
            Self::Format => "a format",
            Self::Code => "a diagnostic",
        }
    }

    /// What the command line calls it.
    pub fn option(self) -> &'static str {
        match self {
            Self::Record => "record",
            Self::Code => "code",
            other => other.word(),
        }
    }
}

/// The page of a gate: as declared, or as a profile makes it effective.
///
/// # Errors
/// No such gate, which only a mistake of the caller can bring about.
pub fn gate_page(
    checked: &CheckedPolicy,
    sources: &SourceMap,
    gate: &str,
    profile: Option<&EffectiveProfile>,
    colour: bool,
) -> Result<String, Box<Diagnostic>> {
    let page = gate::page(checked, sources, &GateId::new(gate), profile, colour);
    page.ok_or_else(|| diagnostics::no_page(gate).into())
}

/// The page of another name of the policy.
///
/// # Errors
/// No such name.
pub fn name_page(
    checked: &CheckedPolicy,
    sources: &SourceMap,
    kind: Kind,
    name: &str,
    colour: bool,
) -> Result<String, Box<Diagnostic>> {
    names::page(checked, sources, kind, name, colour).ok_or_else(|| diagnostics::no_page(name).into())
}

/// The page of a function.
///
/// # Errors
/// No such function.
pub fn function_page(registry: &Registry, name: &str, colour: bool) -> Result<String, Box<Diagnostic>> {
    let page = registry.function(name).map(|(f, _)| function::page(f, &SourceMap::default(), colour));
    page.ok_or_else(|| diagnostics::no_page(name).into())
}

/// The page of an evidence format.
///
/// # Errors
/// No such format.
pub fn format_page(registry: &Registry, name: &str, colour: bool) -> Result<String, Box<Diagnostic>> {
    let page = registry.format(name).map(|f| function::format(f, &SourceMap::default(), colour));
    page.ok_or_else(|| diagnostics::no_page(name).into())
}

/// An option that only gates have was given with something else.
pub fn only_of_gates(option: &str, word: &str, kind: Kind) -> Diagnostic {
    diagnostics::only_of_gates(option, word, kind)
}
