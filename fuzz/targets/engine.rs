//! A policy over its evidence: every expression, every reader, every report.

use super::archive::Archive;
use super::{hold, policy};
use rspp_gates::data::{BatchSource, Digest, EvidenceStatus, Num};
use rspp_gates::eval::Constants;
use rspp_gates::evidence::{FileSource, ReadLimits};
use rspp_gates::host::{MemHost, Root};
use rspp_gates::model::{CheckedPolicy, ProfileId};
use rspp_gates::report::{self, ReportContext};
use rspp_gates::source::SourceMap;
use rspp_gates::verdict::{AsOfOrigin, Context, GateRun, RunStatus, evaluate};
use std::path::Path;

/// 2026-03-01T00:00:00Z, which the evidence of the specification is made for.
const AS_OF: i128 = 1_772_323_200_000_000_000;

/// An archive with a policy and, below `evidence/`, its evidence.
pub fn engine(bytes: &[u8]) {
    let archive = Archive::read(bytes);
    let Some(checked) = policy::checked(&archive) else { return };
    if !checked.told.is_empty() {
        return;
    }
    let Some(policy) = &checked.outcome.policy else { return };
    let host = MemHost::new();
    for (name, bytes) in archive.below("evidence") {
        host.put(Path::new("/root").join(name), bytes);
    }
    for profile in policy.profiles.keys() {
        judged(policy, profile, &host, &checked.sources, hold::now_and_then(bytes, 2));
    }
}

/// Judges the evidence below `/root/evidence`, on one thread in large pieces, and, when it is to be
/// done twice, on two threads in small ones.
pub fn judged(policy: &CheckedPolicy, profile: &ProfileId, host: &MemHost, sources: &SourceMap, twice: bool) {
    host.put("/root/evidence/.keep", "");
    let first = run(policy, profile, host, 1, ReadLimits::default());
    let context = ReportContext { sources, timing: None, colour: false, only: &[] };
    let one = texts(&first, &context);
    if twice {
        let small = ReadLimits { chunk_bytes: 11, batch_rows: 3, ..ReadLimits::default() };
        let second = run(policy, profile, host, 2, small);
        assert_eq!(one, texts(&second, &context), "two runs differ");
    }
    let [human, json] = &one;
    hold::shown(human, "the page");
    let parsed: serde_json::Value = serde_json::from_str(json).expect("the report is JSON");
    assert_eq!(parsed["schema_version"], report::SCHEMA_VERSION);
    hold::shown(json, "the JSON report");
    answers(&first);
}

fn texts(run: &GateRun, context: &ReportContext<'_>) -> [String; 2] {
    ["human", "json"].map(|name| (report::format(name).expect("it is registered").render)(run, context))
}

fn run(policy: &CheckedPolicy, profile: &ProfileId, host: &MemHost, threads: usize, limits: ReadLimits) -> GateRun {
    let effective = &policy.profiles[profile];
    let root = Root::new(host, Path::new("/root/evidence")).expect("it is there");
    let set = effective.params.iter().map(|(id, (value, _))| (*id, value.clone())).collect();
    let constants = Constants::new(policy.policy.clone(), set);
    let as_of = Num::int(AS_OF);
    let source = FileSource::new(host, &root, &effective.evidence, &constants, as_of, &effective.sources);
    let source: &dyn BatchSource = &source.with_limits(limits);
    let context = Context {
        as_of,
        as_of_origin: AsOfOrigin::Flag,
        candidate: None,
        policy_files: Digest::of(b""),
        engine_version: "0".into(),
        memory_limit: 64 << 20,
        threads,
        artifacts: true,
        only: None,
    };
    evaluate(policy, profile, source, &context).expect("the profile is there")
}

/// A pass is a pass of every gate that counts, and no gate passes on evidence that cannot be used.
fn answers(run: &GateRun) {
    for gate in &run.gates {
        let unusable =
            |name: &str| run.evidence.iter().any(|e| *e.name == *name && e.status == EvidenceStatus::Unusable);
        let rests_on_sand = gate.evidence_refs.iter().any(|name| unusable(name));
        assert!(!(rests_on_sand && gate.verdict.satisfies()), "{} passes on unusable evidence", gate.gate_id);
        let counts = gate.required && gate.via_needs.is_none() && gate.not_before.is_none();
        let held = run.status == RunStatus::Pass && counts;
        assert!(!held || gate.verdict.satisfies(), "the run passes and {} is {:?}", gate.gate_id, gate.verdict);
    }
}
