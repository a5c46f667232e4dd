//! What is known about evidence beyond its rows, and about other gates.

use super::BASE;
use super::arguments::{argument, internal};
use crate::data::{Fault, Num, Value};
use crate::registry::{Ambient, Body, CallTypes, FileFacts, Function};

/// The family.
pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        name: "file",
        phrase: "the file of {0}",
        family: "evidence",
        signature: "(evidence X) -> {path: string, sha256: string, bytes: bytes, age: duration?}",
        doc: "The file that an evidence is read from, or that a row comes from: its path, the SHA-256 and size of its \
              bytes, and its age, which is missing for evidence that is not judged by age.",
        examples: &[],
        body: Body::Ambient(file),
        ..BASE
    },
    Function {
        name: "files",
        phrase: "the files of {0}",
        family: "evidence",
        signature: "(evidence X) -> list<{path: string, sha256: string, bytes: bytes, age: duration?}>",
        doc: "All files that an evidence is read from, in name order, each as `file` tells it.",
        examples: &[],
        body: Body::Ambient(files),
        ..BASE
    },
    Function {
        name: "result",
        phrase: "the result of {0}",
        family: "evidence",
        signature: "(gate G) -> any",
        doc: "The result of another gate: `.verdict`, `.passed`, `.violations`, its figures by label \
              (`.p95.value`, `.p95.limit`, `.p95.n`, and under `decide certified` the `.p95.bound` that the limit asks for), \
              and with `per`, `.slices`. A gate that may be waived has `.waiver`, which is missing unless it is.",
        examples: &[],
        body: Body::Form,
        ..BASE
    },
    Function {
        name: "faults",
        phrase: "the reasons why {0} is not as {1} demands",
        family: "evidence",
        signature: "(x: any?, type T) -> list<string>",
        doc: "Why an undecoded value is not a `T`, one text a reason: everything that the fields, the refined types \
              and the rules of `T` object to. Each text begins with the path of the field, such as \
              `edges[0].from: ..`, or with `(document)`. Empty where `x is T` holds. What the schema says that a \
              contract is paired with is told by `schema_faults`.",
        examples: &[],
        body: Body::Form,
        ..BASE
    },
    Function {
        name: "schema_faults",
        phrase: "what the schema of {1} says against {0}",
        family: "evidence",
        signature: "(x: any?, contract C) -> list<string>",
        doc: "What the JSON Schema objects to that the contract `C` is paired with, one text a fault, each with the \
              path of the field first. `x is C` holds exactly where `faults(x, C)` and `schema_faults(x, C)` are both \
              empty.",
        examples: &[],
        body: Body::Form,
        ..BASE
    },
];

fn file(_: &CallTypes<'_>, arguments: &[Value], ambient: &dyn Ambient) -> Result<Value, Fault> {
    match argument(arguments, 0)? {
        Value::Text(name) => match ambient.files(name)?.as_slice() {
            [one] => Ok(facts(one)),
            [] => Err(Fault::EvidenceUnusable { evidence: name.clone() }),
            _ => Err(internal("`file` of an evidence with several files")),
        },
        row => match row.origin() {
            Some(origin) => Ok(facts(&ambient.file_of(origin)?)),
            None => Err(Fault::EvidenceUnusable { evidence: "(rows made in the policy, which have no file)".into() }),
        },
    }
}

fn files(_: &CallTypes<'_>, arguments: &[Value], ambient: &dyn Ambient) -> Result<Value, Fault> {
    match argument(arguments, 0)? {
        Value::Text(name) => Ok(Value::list(ambient.files(name)?.iter().map(facts).collect::<Vec<_>>())),
        _ => Err(internal("`files` of what is no evidence")),
    }
}

/// In the order of the fields in the signatures.
fn facts(file: &FileFacts) -> Value {
    Value::record(vec![
        Value::Text(file.path.clone()),
        Value::Text(file.sha256.clone()),
        Value::Num(Num::int(i128::from(file.bytes))),
        file.age.clone(),
    ])
}
