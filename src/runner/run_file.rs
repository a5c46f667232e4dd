//! `rspp-gates.yaml` at the policy root: defaults of the command line for one policy.

use super::diagnostics as say;
use crate::data::{Json, JsonKind};
use crate::diag::Diagnostic;
use crate::evidence::parse_yaml;
use crate::source::{SourceId, Span};

/// Its name at the policy root.
pub const RUN_FILE: &str = "rspp-gates.yaml";

/// The largest run file; it has three fields.
pub(super) const MAX_BYTES: u64 = 64 << 10;

/// What the run file says. Each text with its place, for messages.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RunFile {
    /// The folder that paths of evidence start from, relative to the policy root.
    pub evidence_root: Option<(String, Span)>,
    /// A file with the release candidate, relative to the policy root.
    pub candidate: Option<(String, Span)>,
    /// The instant of evaluation.
    pub as_of: Option<(String, Span)>,
}

const FIELDS: [&str; 3] = ["evidence_root", "candidate", "as_of"];

/// Reads the text of a run file: one mapping, known fields, each a text.
///
/// # Errors
/// Everything that is wrong with it.
pub(super) fn read(source: SourceId, text: &str) -> Result<RunFile, Vec<Diagnostic>> {
    let says_nothing = |line: &str| line.trim().is_empty() || line.trim_start().starts_with('#');
    if text.lines().all(says_nothing) {
        return Ok(RunFile::default());
    }
    let json = parse_yaml(text).map_err(|fault| vec![say::run_file_text(source, text, &fault)])?;
    let JsonKind::Object(entries) = &json.kind else {
        return Err(vec![say::run_file_top(place(source, text, json.at), json.what())]);
    };
    let (mut file, mut diagnostics) = (RunFile::default(), Vec::new());
    for (name, value) in entries.iter() {
        let slot = match &**name {
            "evidence_root" => &mut file.evidence_root,
            "candidate" => &mut file.candidate,
            "as_of" => &mut file.as_of,
            other => {
                diagnostics.push(say::run_file_field(key_place(source, text, other, value), other, &FIELDS));
                continue;
            }
        };
        let span = place(source, text, value.at);
        match &value.kind {
            JsonKind::Text(text) if !text.trim().is_empty() => *slot = Some((text.to_string(), span)),
            JsonKind::Text(_) => diagnostics.push(say::run_file_value(span, name, "a text", "an empty one")),
            _ => diagnostics.push(say::run_file_value(span, name, "a text", value.what())),
        }
    }
    if diagnostics.is_empty() { Ok(file) } else { Err(diagnostics) }
}

/// From a byte to the end of its line, blanks and comments left out.
fn place(source: SourceId, text: &str, at: u64) -> Span {
    let start = usize::try_from(at).unwrap_or(usize::MAX).min(text.len());
    let rest = text.get(start..).and_then(|r| r.lines().next()).unwrap_or("");
    let rest = rest.split_once(" #").map_or(rest, |(value, _)| value).trim_end();
    Span::new(source, start, start + rest.len())
}

/// The key in front of a value: the values of a mapping do not remember their keys' places.
fn key_place(source: SourceId, text: &str, key: &str, value: &Json) -> Span {
    let end = usize::try_from(value.at).unwrap_or(usize::MAX).min(text.len());
    match text.get(..end).and_then(|head| head.rfind(key)) {
        Some(start) => Span::new(source, start, start + key.len()),
        None => place(source, text, value.at),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::SourceMap;

    fn run(text: &str) -> Result<RunFile, Vec<String>> {
        let mut sources = SourceMap::default();
        let id = sources.add(RUN_FILE, text);
        read(id, text).map_err(|all| {
            let one = |d: Diagnostic| {
                let words = d.span().map(|s| sources.slice(s).to_owned()).unwrap_or_default();
                format!("[{words}] {} | {}", d.message, d.help.unwrap_or_default())
            };
            all.into_iter().map(one).collect()
        })
    }

    #[test]
    fn the_three_fields_are_read_with_their_places() {
        let file =
            run("# of this platform\nevidence_root: fixtures/reference # shipped\nas_of: \"2026-03-02T09:00:00Z\"\n")
                .unwrap();
        assert_eq!(file.evidence_root.as_ref().map(|(t, _)| t.as_str()), Some("fixtures/reference"));
        assert_eq!(file.as_of.as_ref().map(|(t, _)| t.as_str()), Some("2026-03-02T09:00:00Z"));
        assert_eq!(file.candidate, None);
        assert_eq!(run("# nothing yet\n\n"), Ok(RunFile::default()));
    }

    #[test]
    fn mistakes_are_told_together_and_at_their_places() {
        assert_eq!(
            run("evidence_rot: x\nas_of: 5\ncandidate: \"\"\n"),
            Err(vec![
                "[evidence_rot] the run file has no field `evidence_rot` | did you mean `evidence_root`?".into(),
                "[5] `as_of` takes a text, found a number | ".into(),
                "[\"\"] `candidate` takes a text, found an empty one | ".into(),
            ])
        );
        assert!(run("- a\n").unwrap_err()[0].contains("the run file is a mapping of fields, found a list"));
        assert!(run("as_of: [\n").is_err());
        assert!(run("as_of: a\nas_of: b\n").unwrap_err()[0].contains("as_of"));
    }

    #[test]
    fn the_published_schema_has_the_same_fields() {
        let schema: serde_json::Value =
            serde_json::from_str(include_str!("../../schemas/run-file.v1.schema.json")).unwrap();
        let told: Vec<&str> = schema["properties"].as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(told, FIELDS);
        assert_eq!(schema["additionalProperties"], false);
        let validator = jsonschema::validator_for(&schema).unwrap();
        assert!(validator.is_valid(&serde_json::json!({"evidence_root": "fixtures", "as_of": "2026-03-02T09:00:00Z"})));
        assert!(!validator.is_valid(&serde_json::json!({"evidence_rot": "fixtures"})));
        assert!(!validator.is_valid(&serde_json::json!({"as_of": "2026-03-02"})));
    }
}
