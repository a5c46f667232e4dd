//! The product itself, as the oracle's tests drive it.

use rspp_gates::data::{BatchSource, Digest};
use rspp_gates::evidence::{FileSource, ReadLimits};
use rspp_gates::host::{MemHost, Root};
use rspp_gates::model::{CheckedPolicy, GateId, ProfileId};
use rspp_gates::registry::Registry;
use rspp_gates::source::SourceMap;
use rspp_gates::verdict::{AsOfOrigin, Context, GateResult, GateRun, evaluate};
use rspp_gates::{builtins, check as checker, diag, eval, evidence, syntax};
use std::path::Path;
use std::sync::Arc;

/// How a run is cut up; its result may not depend on it.
pub struct Setup {
    pub threads: usize,
    pub chunk_bytes: usize,
    pub batch_rows: usize,
}

impl Setup {
    pub fn plain() -> Self {
        Self { threads: 2, chunk_bytes: 1 << 20, batch_rows: 4096 }
    }

    pub fn of(seed: u64) -> Self {
        let pick = |of: &[usize], at: u64| of[(seed / at % of.len() as u64) as usize];
        Self {
            threads: pick(&[1, 2, 4], 1),
            chunk_bytes: pick(&[1, 7, 300, 1 << 20], 3),
            batch_rows: pick(&[1, 7, 4096], 12),
        }
    }
}

/// The checked policy, or its errors.
pub fn check(policy: &str) -> Result<CheckedPolicy, String> {
    let mut sources = SourceMap::default();
    let source = sources.add("oracle.gate", policy);
    let (file, mut diagnostics) = syntax::parse(source, policy);
    let mut registry = Registry::default();
    builtins::register(&mut registry).unwrap();
    evidence::register(&mut registry);
    let outcome = checker::check(&[file], &sources, Arc::new(registry));
    diagnostics.extend(outcome.diagnostics);
    let errors: Vec<String> = diagnostics
        .iter()
        .filter(|d| d.is_error())
        .map(|d| diag::render(d, &sources, &diag::Style { colour: false, unicode: true, width: 100 }))
        .collect();
    if errors.is_empty() { Ok(outcome.policy.expect("a policy without errors")) } else { Err(errors.join("\n")) }
}

pub fn run(checked: &CheckedPolicy, files: &[(&str, &str)], setup: &Setup) -> GateRun {
    let host = MemHost::new();
    for (name, text) in files {
        host.put(Path::new("/root").join(name), text);
    }
    let root = Root::new(&host, Path::new("/root")).unwrap();
    let profile = &checked.profiles[&ProfileId::new("p")];
    let set = profile.params.iter().map(|(id, (value, _))| (*id, value.clone())).collect();
    let constants = eval::Constants::new(checked.policy.clone(), set);
    let limits = ReadLimits { chunk_bytes: setup.chunk_bytes, batch_rows: setup.batch_rows, ..ReadLimits::default() };
    let source = FileSource::new(&host, &root, &profile.evidence, &constants, crate::AS_OF, &profile.sources)
        .with_limits(limits);
    let context = Context {
        as_of: crate::AS_OF,
        as_of_origin: AsOfOrigin::Flag,
        candidate: None,
        policy_files: Digest::of(b""),
        engine_version: "test".into(),
        memory_limit: 1 << 30,
        threads: setup.threads,
        artifacts: true,
        only: None,
    };
    evaluate(checked, &profile.id, &source as &dyn BatchSource, &context).unwrap()
}

pub fn gate<'r>(run: &'r GateRun, id: &GateId) -> &'r GateResult {
    run.gates.iter().find(|g| g.gate_id == *id).unwrap_or_else(|| panic!("no result of {id}"))
}
