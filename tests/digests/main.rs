//! Digests: what an outcome can depend on changes them, and nothing else does.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::string_slice,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "a test stops at what it does not expect, and drives the product over real folders"
)]

mod edits;
#[path = "../oracle/engine.rs"]
mod engine;
mod form;
#[path = "../oracle/generate.rs"]
mod generate;
mod random;
mod waivers;

use rspp_gates::data::{Digest, Num};
use rspp_gates::model::digest::PolicyDigests;
use rspp_gates::model::{CheckedPolicy, GateId, ProfileId};
use rspp_gates::registry::Registry;
use rspp_gates::source::SourceMap;
use rspp_gates::{builtins, check, diag, evidence, syntax};
use std::sync::Arc;

/// 2026-03-01T00:00:00Z
const AS_OF: Num = Num::int(1_772_323_200_000_000_000);

/// A policy of several files, checked; errors stop the test.
fn policy(files: &[(&str, &str)]) -> CheckedPolicy {
    let mut sources = SourceMap::default();
    let mut trees = Vec::new();
    let mut diagnostics = Vec::new();
    for (name, text) in files {
        let (tree, told) = syntax::parse(sources.add(name, text), text);
        trees.push(tree);
        diagnostics.extend(told);
    }
    let mut registry = Registry::default();
    builtins::register(&mut registry).unwrap();
    evidence::register(&mut registry);
    let outcome = check::check(&trees, &sources, Arc::new(registry));
    diagnostics.extend(outcome.diagnostics);
    let style = diag::Style { colour: false, unicode: true, width: 100 };
    let errors: Vec<String> =
        diagnostics.iter().filter(|d| d.is_error()).map(|d| diag::render(d, &sources, &style)).collect();
    assert!(errors.is_empty(), "{}", errors.join("\n"));
    outcome.policy.expect("a policy without errors")
}

fn one(text: &str) -> CheckedPolicy {
    policy(&[("all.gate", text)])
}

fn digests(text: &str) -> PolicyDigests {
    PolicyDigests::of(&one(text))
}

fn declared(digests: &PolicyDigests, gate: &str) -> Digest {
    *digests.gates.get(&GateId::new(gate)).unwrap_or_else(|| panic!("no gate {gate}"))
}

fn effective(digests: &PolicyDigests, profile: &str, gate: &str) -> Digest {
    digests.effective(&ProfileId::new(profile), &GateId::new(gate)).unwrap_or_else(|| panic!("no {gate} in {profile}"))
}
