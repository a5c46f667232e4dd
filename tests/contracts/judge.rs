//! Asks the shipped policy about a document, in this process.

use rspp_gates::eval::Constants;
use rspp_gates::eval::decode::Decoder;
use rspp_gates::evidence::parse_json;
use rspp_gates::host::OsHost;
use rspp_gates::runner::Session;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::LazyLock;

static POLICY: LazyLock<Constants> = LazyLock::new(|| {
    let host = OsHost::default();
    let session = Session::open(&host, Some(Path::new(env!("CARGO_MANIFEST_DIR")))).expect("a policy root");
    let checked = session.check();
    assert!(checked.policy.is_some(), "{:#?}", checked.diagnostics);
    Constants::new(checked.policy.unwrap().policy.clone(), BTreeMap::new())
});

/// Everything that is wrong with a text, by a contract: `pointer: what`.
pub fn faults_of_text(contract: &str, text: &str) -> Vec<String> {
    let shapes = &POLICY.policy().shapes;
    let shape = &shapes.iter().find(|s| &*s.name == contract).unwrap_or_else(|| panic!("no contract {contract}")).shape;
    match parse_json(text) {
        Ok(json) => {
            let found = Decoder::new(&*POLICY).faults(&json, shape);
            found.into_iter().map(|f| format!("{}: {}", f.pointer, f.message)).collect()
        }
        Err(fault) => vec![format!("{}: {}", fault.pointer, fault.message)],
    }
}

/// Everything that is wrong with a document.
pub fn faults(contract: &str, document: &Value) -> Vec<String> {
    faults_of_text(contract, &document.to_string())
}

/// Whether a document keeps a contract.
pub fn keeps(contract: &str, document: &Value) -> bool {
    faults(contract, document).is_empty()
}

/// The document is accepted, or refused, as it should be.
#[track_caller]
pub fn expect(contract: &str, document: &Value, accepted: bool, why: &str) {
    let found = faults(contract, document);
    assert_eq!(found.is_empty(), accepted, "{contract}: {why}\n{document:#}\n{found:#?}");
}
