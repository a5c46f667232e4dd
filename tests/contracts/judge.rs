//! Asks the shipped policy about a document, in this process: its contract by itself, and the
//! schema that the contract is paired with.

use rspp_gates::data::Json;
use rspp_gates::eval::Constants;
use rspp_gates::eval::decode::Decoder;
use rspp_gates::evidence::parse_json;
use rspp_gates::host::OsHost;
use rspp_gates::model::NamedShape;
use rspp_gates::runner::Session;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::LazyLock;

static POLICY: LazyLock<Constants> = LazyLock::new(|| policy(Path::new(env!("CARGO_MANIFEST_DIR"))));

/// Rules that no JSON Schema can state: they compare values of one document, or read a value in
/// more than one spelling. A document that breaks nothing else is accepted by the schema.
const NOT_IN_SCHEMAS: &[(&str, &[&str])] = &[
    ("control_signal", &["ordered"]),
    ("artifact_bundle", &["ordered"]),
    ("policy", &["actions_once", "modes_once"]),
    ("policy_relaxed", &["actions_once", "modes_once"]),
    ("spec", &["edge_from", "edge_to", "edges_once", "nodes_once", "provides"]),
    ("spec_relaxed", &["edge_from", "edge_to", "edges_once", "nodes_once", "provides"]),
    ("compatibility", &["transports_once"]),
    ("extensions", &["nodes_once"]),
];

/// A policy by its root.
pub fn policy(root: &Path) -> Constants {
    let host = OsHost::default();
    let session = Session::open(&host, Some(root)).expect("a policy root");
    let checked = session.check();
    assert!(checked.policy.is_some(), "{:#?}", checked.diagnostics);
    Constants::new(checked.policy.unwrap().policy.clone(), BTreeMap::new())
}

fn shape<'p>(policy: &'p Constants, contract: &str) -> &'p NamedShape {
    let shapes = &policy.policy().shapes;
    shapes.iter().find(|s| &*s.name == contract).unwrap_or_else(|| panic!("no contract {contract}"))
}

/// Everything that fields and rules of a contract say against a value, each beginning with a path.
pub fn faults_by(policy: &Constants, contract: &str, json: &Json) -> Vec<String> {
    let decoder = Decoder::new(policy).without_schemas();
    decoder.faults(json, &shape(policy, contract).shape).faults.iter().map(ToString::to_string).collect()
}

/// Everything that is wrong with a text, by a contract.
pub fn faults_of_text(contract: &str, text: &str) -> Vec<String> {
    match parse_json(text) {
        Ok(json) => faults_by(&POLICY, contract, &json),
        Err(fault) => vec![format!("{}: {}", fault.pointer, fault.message)],
    }
}

/// Everything that is wrong with a document.
pub fn faults(contract: &str, document: &Value) -> Vec<String> {
    faults_of_text(contract, &document.to_string())
}

/// Advice that a document does not take.
pub fn advice(contract: &str, document: &Value) -> Vec<String> {
    let json = parse_json(&document.to_string()).unwrap();
    let report = Decoder::new(&*POLICY).advising().faults(&json, &shape(&POLICY, contract).shape);
    assert!(report.faults.is_empty(), "{:?}", report.faults);
    report.advice.iter().map(ToString::to_string).collect()
}

/// What the schema of a contract says against a document.
pub fn objections(contract: &str, document: &Value) -> Vec<String> {
    let json = parse_json(&document.to_string()).unwrap();
    let paired = shape(&POLICY, contract).schema().unwrap_or_else(|| panic!("{contract} has no schema"));
    let schema = POLICY.policy().schemas.get(&paired.name).expect("a schema");
    schema.faults(&json, &[], 20).0.into_iter().map(|f| format!("{}: {}", f.pointer, f.message)).collect()
}

/// The names of all rules of a contract and of what stands in it.
pub fn rules_of(contract: &str) -> Vec<String> {
    let mut found = Vec::new();
    collect(&shape(&POLICY, contract).shape, &mut found);
    found.sort();
    found.dedup();
    found
}

fn collect(shape: &rspp_gates::model::Shape, found: &mut Vec<String>) {
    use rspp_gates::model::Shape;
    match shape {
        Shape::Named(id) => collect(&POLICY.policy().shapes[id.index()].shape, found),
        Shape::Optional(inner) | Shape::List(inner) => collect(inner, found),
        Shape::Map(_, value) => collect(value, found),
        Shape::Refined(refinement) => collect(&refinement.base, found),
        Shape::Record(record) => {
            found.extend(record.rules.iter().map(|r| r.name.to_string()));
            record.fields.iter().for_each(|f| collect(&f.shape, found));
        }
        _ => {}
    }
}

/// The document is accepted, or refused, as it should be, by the contract and by its schema. Only
/// what a schema cannot state may be refused by the contract alone.
#[track_caller]
pub fn expect(contract: &str, document: &Value, accepted: bool, why: &str) {
    let found = faults(contract, document);
    assert_eq!(found.is_empty(), accepted, "{contract}: {why}\n{document:#}\n{found:#?}");
    let unstated = NOT_IN_SCHEMAS.iter().find(|(c, _)| *c == contract).map_or(&[][..], |(_, rules)| rules);
    let only_unstated = !accepted && found.iter().all(|f| unstated.iter().any(|r| f.contains(&format!("rule `{r}`"))));
    let objections = objections(contract, document);
    let due = accepted || only_unstated;
    assert_eq!(objections.is_empty(), due, "schema of {contract}: {why}\n{document:#}\n{found:#?}\n{objections:#?}");
}

/// Whether a document keeps a contract.
pub fn keeps(contract: &str, document: &Value) -> bool {
    faults(contract, document).is_empty()
}
