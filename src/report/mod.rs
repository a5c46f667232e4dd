//! What a run found, as people and tools read it: one file a format.
//!
//! Job: render a [`GateRun`] as text; own the stored JSON form and its version. May import:
//! `verdict`, `model`, `data`, `source`, `diag`. Deliberately absent: any judgement (a report
//! repeats verdicts and never makes one), files, terminals, clocks: a renderer is a function of
//! its arguments and gives the same text everywhere.
//!
//! To add a format: a file with a [`Format`] and its `render`, and a line in [`FORMATS`].

mod facts;
mod human;
mod json;
pub(crate) mod layout;
#[cfg(test)]
mod samples;
#[cfg(test)]
mod tests;
pub(crate) mod values;

pub(crate) use facts::days_left;
pub use json::SCHEMA_VERSION;

use crate::source::SourceMap;
use crate::verdict::GateRun;

/// What reports call this program.
const ENGINE_NAME: &str = "rspp-gates";
/// The version of this program that reports tell.
const ENGINE_VERSION: &str = env!("CARGO_PKG_VERSION");

/// One way to show a run.
#[derive(Debug, Clone, Copy)]
pub struct Format {
    /// Its name on the command line.
    pub name: &'static str,
    /// The usual ending of its files, without the dot.
    pub extension: &'static str,
    /// What it is for, in a few words.
    pub doc: &'static str,
    /// Renders a run; ends with a newline. Total: there is nothing in a run that fails it.
    pub render: fn(&GateRun, &ReportContext<'_>) -> String,
}

/// All formats, by name.
pub const FORMATS: &[Format] = &[human::FORMAT, json::FORMAT];

/// The format of this name.
pub fn format(name: &str) -> Option<&'static Format> {
    FORMATS.iter().find(|f| f.name == name)
}

/// What a renderer needs besides the run.
#[derive(Debug, Clone)]
pub struct ReportContext<'a> {
    /// The policy's texts, for the places and words of its clauses.
    pub sources: &'a SourceMap,
    /// Wall times; without them two reports of the same run are the same bytes.
    pub timing: Option<Timing>,
    /// Patterns of `--only`: the run leaves other gates of the profile out.
    pub only: &'a [String],
    /// Whether ANSI colours may be used. Formats for tools ignore it.
    pub colour: bool,
}

/// Wall times of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timing {
    /// When it began, ns since 1970.
    pub started_at: i128,
    /// How long it took, ns.
    pub elapsed_ns: u64,
}
