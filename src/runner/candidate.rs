//! The release candidate that a run is for, from a JSON or YAML file.

use super::diagnostics as say;
use crate::data::{Json, JsonKind, Projection};
use crate::diag::Diagnostic;
use crate::eval::Globals;
use crate::eval::decode::{DecodeFault, DecodeReport, Decoder};
use crate::evidence::{TextFault, parse_json, parse_yaml};
use crate::source::{SourceMap, Span};
use crate::verdict::Candidate;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// The largest candidate file; it has five fields.
pub(super) const MAX_BYTES: u64 = 1 << 20;

/// Reads the text of a candidate file and adds it to `sources`.
///
/// # Errors
/// Everything that is wrong with it.
pub(super) fn read(
    path: &Path,
    text: &str,
    globals: &dyn Globals,
    sources: &mut SourceMap,
) -> Result<Candidate, Vec<Diagnostic>> {
    let source = sources.add(&path.display().to_string(), text);
    let place = |at| Span::character(source, text, at);
    let json = match parse(path, text) {
        Ok(json) => json,
        Err(fault) => return Err(vec![say::candidate_value(place(fault.at), &fault.message, fault.help)]),
    };
    let Some(shape) = globals.policy().shapes.iter().find(|s| &*s.name == "ReleaseCandidate") else {
        return Err(vec![say::internal("the policy lacks the type ReleaseCandidate")]);
    };
    let mut report = DecodeReport::default();
    let value = Decoder::new(globals).decode(&json, &shape.shape, &Projection::everything(), &mut report);
    if !report.faults.is_empty() {
        return Err(report.faults.into_iter().map(|f| wrong(place(f.at), f)).collect());
    }
    Ok(Candidate { value, fields: fields(&json) })
}

fn parse(path: &Path, text: &str) -> Result<Json, TextFault> {
    let yaml = path.extension().is_some_and(|e| e == "yaml" || e == "yml");
    if yaml { parse_yaml(text) } else { parse_json(text) }
}

/// What there is to do is in the file: its type is not the reader's to change.
fn wrong(span: Span, fault: DecodeFault) -> Diagnostic {
    let help = fault.help.filter(|_| fault.code != "rspp::evidence::missing-field");
    say::candidate_value(span, &fault.message, help)
}

/// The fields as they stand in the file.
fn fields(json: &Json) -> BTreeMap<Arc<str>, Arc<str>> {
    let JsonKind::Object(entries) = &json.kind else { return BTreeMap::new() };
    let text = |value: &Json| match &value.kind {
        JsonKind::Text(text) => text.clone(),
        _ => value.canonical().into(),
    };
    entries.iter().map(|(name, value)| (name.clone(), text(value))).collect()
}
