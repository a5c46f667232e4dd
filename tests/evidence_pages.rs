//! The pages of the faults of evidence: each has one, and where a page shows evidence, reading it
//! says exactly what the page says.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a test stops where something is not as it should be"
)]

use rspp_gates::check::check;
use rspp_gates::data::{Batch, BatchSink, BatchSource, EvidenceFault, EvidenceOutcome, Flow, Num, Projection};
use rspp_gates::eval::Constants;
use rspp_gates::evidence::{self, FileSource};
use rspp_gates::host::{MemHost, Root};
use rspp_gates::model::{EvidenceDefinition, EvidenceFiles, Policy};
use rspp_gates::registry::Registry;
use rspp_gates::source::SourceMap;
use rspp_gates::{builtins, eval, syntax};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

fn pages() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/diagnostics")
}

fn page_of(code: &str) -> PathBuf {
    pages().join(format!("{}.md", code.replace("::", "-")))
}

/// The text of the first fenced block whose info line ends so.
fn fence<'p>(page: &'p str, info: &str) -> Option<&'p str> {
    let (_, rest) = page.split_once(&format!("{info}\n"))?;
    rest.split_once("```").map(|(text, _)| text)
}

#[test]
fn every_fault_of_evidence_has_a_page_and_every_page_a_fault() {
    let mut codes: Vec<&str> = evidence::CODES.iter().chain(eval::decode::CODES).copied().collect();
    codes.sort_unstable();
    for code in &codes {
        let page = std::fs::read_to_string(page_of(code)).unwrap_or_else(|e| panic!("{code}: {e}"));
        assert!(page.starts_with(&format!("# {code}\n")), "{code}");
    }
    for entry in std::fs::read_dir(pages()).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if let Some(what) = name.strip_prefix("rspp-evidence-").and_then(|n| n.strip_suffix(".md")) {
            assert!(codes.contains(&format!("rspp::evidence::{what}").as_str()), "{name} is no fault of evidence");
        }
    }
}

#[test]
fn evidence_on_pages_raises_what_its_page_says() {
    let mut shown = 0;
    let mut wrong = Vec::new();
    for code in evidence::CODES.iter().chain(eval::decode::CODES) {
        let page = std::fs::read_to_string(page_of(code)).unwrap();
        let Some(declared) = fence(&page, "```gate,fragment") else { continue };
        let evidence = fence(&page, " evidence").unwrap_or_else(|| panic!("{code}: no evidence"));
        let said = fence(&page, "```text").unwrap_or_else(|| panic!("{code}: no message"));
        let (policy, definition) = checked(code, declared);
        let faults = read(policy, &definition, evidence);
        assert!(faults.iter().any(|f| f.code == *code), "{code}: {faults:?}");
        let told: String = faults.iter().map(told).collect();
        if told != said {
            wrong.push(format!("{code}\n{told}"));
        }
        shown += 1;
    }
    assert!(wrong.is_empty(), "these pages should say:\n\n{}", wrong.join("\n"));
    assert!(shown > 15, "only {shown} pages show evidence");
}

fn checked(code: &str, declared: &str) -> (Arc<Policy>, Arc<EvidenceDefinition>) {
    let mut sources = SourceMap::default();
    let text = format!("policy doc {{ language 1 }}\n{declared}");
    let id = sources.add("gates/doc.gate", &text);
    let (file, _) = syntax::parse(id, &text);
    let mut registry = Registry::default();
    builtins::register(&mut registry).unwrap();
    evidence::register(&mut registry);
    let outcome = check(&[file], &sources, Arc::new(registry));
    let messages: Vec<String> = outcome.diagnostics.iter().map(|d| d.message.clone()).collect();
    let policy = outcome.policy.unwrap_or_else(|| panic!("{code}: {messages:?}")).policy;
    let definition = policy.evidence.first().unwrap_or_else(|| panic!("{code}: no evidence")).clone();
    (policy, Arc::new(definition))
}

struct Nobody;

impl BatchSink for Nobody {
    fn take(&self, _: Batch) -> Flow {
        Flow::Stop
    }
}

/// At 2026-03-31T00:00:00Z.
fn read(policy: Arc<Policy>, definition: &Arc<EvidenceDefinition>, evidence: &str) -> Vec<EvidenceFault> {
    let host = MemHost::new();
    let (EvidenceFiles::Path(path) | EvidenceFiles::Pattern(path)) = &definition.files;
    host.put(format!("/root/{path}"), evidence);
    let root = Root::new(&host, Path::new("/root")).unwrap();
    let constants = Constants::new(policy, BTreeMap::new());
    let definitions = [definition.clone()];
    let accepted = ["recorded", "live"].map(Arc::from);
    let as_of = Num::from(1_774_915_200_000_000_000);
    let source = FileSource::new(&host, &root, &definitions, &constants, as_of, &accepted);
    match source.read(&definition.name, &Projection::everything(), &Nobody).outcome {
        EvidenceOutcome::Unusable { faults, .. } => faults,
        other => panic!("{}: {other:?}", definition.name),
    }
}

fn told(fault: &EvidenceFault) -> String {
    let mut out = String::new();
    if let Some(place) = &fault.place {
        out.push_str(&format!("{}:{}", place.file, place.line));
    }
    if let Some(column) = fault.column {
        out.push_str(&format!(":{column}"));
    }
    out.push_str(&format!(": {}\n", fault.message));
    if let Some(help) = &fault.help {
        out.push_str(&format!("  help: {help}\n"));
    }
    out
}
