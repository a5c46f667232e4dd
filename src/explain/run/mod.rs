//! How a gate came to its verdict in a run: the figure of a saved report, derived step by step.
//!
//! The report is believed as it stands and judged by nothing here; where the policy at hand is
//! another one than the run's, the page says so and explains what the report alone can say.

mod saved;
mod share;
mod steps;

use super::diagnostics as say;
use super::sheet::Sheet;
use crate::data::Digest;
use crate::diag::Diagnostic;
use crate::host::Host;
use crate::model::CheckedPolicy;
use crate::registry::Registry;
use crate::report::SCHEMA_VERSION;
use crate::source::SourceMap;
use serde::Deserialize;
use std::io;
use std::path::Path;

/// Reports larger than this are not read: they hold more gates than a person explains.
const MAX_BYTES: u64 = 256 << 20;

/// A report that was read.
#[derive(Debug)]
pub struct Saved {
    report: saved::Report,
    gate: usize,
}

/// The policy that a report is held against.
#[derive(Debug, Clone, Copy)]
pub struct Against<'a> {
    /// The policy.
    pub checked: &'a CheckedPolicy,
    /// Its texts.
    pub sources: &'a SourceMap,
    /// SHA-256 over its files, as reports tell it.
    pub files: Digest,
}

#[derive(Deserialize)]
struct Head {
    schema_version: Option<serde_json::Value>,
}

/// Reads a saved JSON report and finds the gate in it.
///
/// # Errors
/// A file that is not there, not JSON, not a report of this form, or without the gate.
pub fn read_report(host: &dyn Host, path: &Path, gate: &str) -> Result<Saved, Box<Diagnostic>> {
    let bytes = host.read(path, MAX_BYTES).map_err(|e| say::report_unreadable(path, &why(&e)))?;
    let damaged = |e: serde_json::Error| Box::new(say::report_unreadable(path, &damage(&e)));
    // The form first: what follows may be anything in another one.
    let head: Head = serde_json::from_slice(&bytes).map_err(damaged)?;
    let version = head.schema_version.as_ref().map(|v| v.as_str().map_or_else(|| v.to_string(), str::to_owned));
    if version.as_deref() != Some(SCHEMA_VERSION) {
        return Err(say::report_form(path, version.as_deref(), SCHEMA_VERSION).into());
    }
    let report: saved::Report = serde_json::from_slice(&bytes).map_err(damaged)?;
    match report.gates.iter().position(|g| g.gate_id == gate) {
        Some(gate) => Ok(Saved { report, gate }),
        None => {
            let gates = report.gates.iter().map(|g| g.gate_id.as_str());
            Err(say::report_gate(path, gate, &report.profile, gates).into())
        }
    }
}

/// What is wrong with a text that should be a report.
fn damage(error: &serde_json::Error) -> String {
    use serde_json::error::Category;
    let what = match error.classify() {
        Category::Eof => "it ends in the middle of something",
        Category::Syntax => "it is no JSON",
        Category::Data => "it is not as a report is",
        Category::Io => "it cannot be read to its end",
    };
    format!("{what}, line {}, column {}", error.line(), error.column())
}

fn why(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "it is not there".into(),
        io::ErrorKind::PermissionDenied => "permission is denied".into(),
        io::ErrorKind::InvalidInput => "it is no regular file".into(),
        io::ErrorKind::FileTooLarge => format!("it is larger than {} MiB", MAX_BYTES >> 20),
        io::ErrorKind::NotADirectory => "a file is in the place of a folder".into(),
        _ => error.to_string(),
    }
}

impl Saved {
    /// The page of the gate in the run. With the policy at hand it also says what the gate asks.
    pub fn page(&self, registry: &Registry, against: Option<Against<'_>>, colour: bool) -> String {
        let none = SourceMap::default();
        let sources = against.map_or(&none, |a| a.sources);
        let mut sheet = Sheet::new(sources, colour);
        if let Some(gate) = self.report.gates.get(self.gate) {
            steps::page(&mut sheet, &self.report, gate, registry, against);
        }
        sheet.finish()
    }
}
