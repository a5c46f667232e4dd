//! What was found out about a document, for tools: one line of JSON a file,
//! `rspp-gates.contract-check.v1`. `schemas/contract-check.v1.schema.json` says the same as a schema.
//! Within v1 fields are only added.

use super::{Fault, Judgement, Kind};
use crate::diag::{Diagnostic, printable_json};
use crate::source::{SourceMap, Span};
use serde_json::{Map, Value, json};

/// What each line calls itself.
pub const SCHEMA_VERSION: &str = "rspp-gates.contract-check.v1";

/// One line: of a document that was judged, or why one could not be read.
pub fn json_line(path: &str, kind: &Kind<'_>, outcome: Result<&Judgement, &Diagnostic>, sources: &SourceMap) -> String {
    let mut line = Map::new();
    line.insert("schema_version".into(), json!(SCHEMA_VERSION));
    line.insert("path".into(), json!(path));
    line.insert("kind".into(), json!(&*kind.named.name));
    line.insert("schema".into(), json!(kind.named.schema().map(|s| &*s.name)));
    line.insert("read".into(), json!(outcome.is_ok()));
    line.insert("conforms".into(), json!(outcome.is_ok_and(Judgement::conforms)));
    let (faults, advice, more) = match outcome {
        Ok(judgement) => {
            let list = |faults: &[Fault]| faults.iter().map(|f| of_fault(f, sources)).collect::<Vec<_>>();
            (list(&judgement.faults), list(&judgement.advice), judgement.more)
        }
        Err(why) => (vec![of_text(why, sources)], Vec::new(), 0),
    };
    line.insert("faults".into(), Value::Array(faults));
    line.insert("more_faults".into(), json!(more));
    line.insert("advice".into(), Value::Array(advice));
    printable_json(Value::Object(line).to_string()) + "\n"
}

fn of_fault(fault: &Fault, sources: &SourceMap) -> Value {
    let mut object = Map::new();
    object.insert("path".into(), json!(fault.path));
    object.insert("pointer".into(), json!(fault.pointer));
    let (_, line, column) = sources.place(fault.span);
    object.insert("line".into(), json!(line));
    object.insert("column".into(), json!(column));
    object.insert("code".into(), json!(fault.code));
    object.insert("message".into(), json!(fault.message));
    if let Some(expected) = &fault.expected {
        object.insert("expected".into(), json!(expected));
    }
    let by = [("contract", fault.by.contract), ("schema", fault.by.schema)];
    let by: Vec<&str> = by.into_iter().filter(|(_, objects)| *objects).map(|(who, _)| who).collect();
    object.insert("by".into(), json!(by));
    if !fault.schema_says.is_empty() {
        object.insert("schema_says".into(), json!(fault.schema_says));
    }
    if let Some(policy) = fault.policy {
        object.insert("policy".into(), place(policy, sources));
    }
    Value::Object(object)
}

/// Why a document could not be read.
fn of_text(why: &Diagnostic, sources: &SourceMap) -> Value {
    let mut object = Map::new();
    object.insert("path".into(), json!("(document)"));
    object.insert("pointer".into(), json!(""));
    let found = why.span().map(|span| sources.place(span));
    let line = found.as_ref().map(|f| f.1 as u64).or_else(|| why.evidence.as_ref().and_then(|e| e.line));
    let column = found.as_ref().map(|f| f.2 as u64).or_else(|| why.evidence.as_ref().and_then(|e| e.column));
    object.insert("line".into(), json!(line));
    object.insert("column".into(), json!(column));
    object.insert("code".into(), json!(why.code.0));
    object.insert("message".into(), json!(why.message));
    if let Some(help) = &why.help {
        object.insert("expected".into(), json!(help));
    }
    object.insert("by".into(), json!([]));
    Value::Object(object)
}

fn place(span: Span, sources: &SourceMap) -> Value {
    let (file, line, column) = sources.place(span);
    json!({ "file": &*file, "line": line, "column": column })
}
