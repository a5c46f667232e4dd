//! Policies and evidence for the engine's tests, and a source that makes batches as awkward as
//! they may be.

use rspp_gates::check as checker;
use rspp_gates::data::{
    Batch, BatchSink, BatchSource, Column, Digest, EvidenceFault, EvidenceOutcome, Flow, Num, Origins, Projection,
    ReadReport, Type,
};
use rspp_gates::evidence::MemorySource;
use rspp_gates::model::{CheckedPolicy, ProfileId};
use rspp_gates::registry::Registry;
use rspp_gates::source::SourceMap;
use rspp_gates::verdict::{AsOfOrigin, Candidate, Context, GateResult, GateRun, evaluate};
use rspp_gates::{builtins, diag, eval, evidence, syntax};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

pub const PROFILE: &str = "profile p { stage s  sources synthetic, recorded, live }\n";

/// A checked policy; `PROFILE` is added.
pub fn check(policy: &str) -> CheckedPolicy {
    check_whole(&format!("policy engine {{ language 1 }}\n{policy}{PROFILE}"))
}

/// A checked policy, whole as it is.
pub fn check_whole(policy: &str) -> CheckedPolicy {
    let mut sources = SourceMap::default();
    let source = sources.add("engine.gate", policy);
    let (file, mut diagnostics) = syntax::parse(source, policy);
    let mut registry = Registry::default();
    builtins::register(&mut registry).unwrap();
    evidence::register(&mut registry);
    let outcome = checker::check(&[file], &sources, Arc::new(registry));
    diagnostics.extend(outcome.diagnostics);
    let style = diag::Style { colour: false, unicode: true, width: 100 };
    let errors: Vec<String> =
        diagnostics.iter().filter(|d| d.is_error()).map(|d| diag::render(d, &sources, &style)).collect();
    assert!(errors.is_empty(), "{policy}\n{}", errors.join("\n"));
    outcome.policy.expect("a policy without errors")
}

/// How a run is cut up.
#[derive(Debug, Clone, Copy)]
pub struct Cut {
    pub threads: usize,
    pub batch_rows: usize,
    /// Seed of the order in which batches come.
    pub shuffle: u64,
}

pub const PLAIN: Cut = Cut { threads: 1, batch_rows: 4096, shuffle: 0 };

/// What to run besides policy and evidence.
pub struct Setup {
    pub cut: Cut,
    pub memory_limit: u64,
    pub candidate: Option<Candidate>,
    pub only: Option<Vec<Arc<str>>>,
    pub unusable: Vec<&'static str>,
    pub absent: Vec<&'static str>,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            cut: PLAIN,
            memory_limit: 1 << 30,
            candidate: None,
            only: None,
            unusable: Vec::new(),
            absent: Vec::new(),
        }
    }
}

/// Runs a policy over evidence given as JSON texts (rows: a list).
pub fn run(policy: &CheckedPolicy, given: &[(&str, &str)], setup: &Setup) -> GateRun {
    run_recorded(policy, given, setup).0
}

/// The same, and what the source was asked: evidence in order, with what was read of it.
pub fn run_recorded(
    policy: &CheckedPolicy,
    given: &[(&str, &str)],
    setup: &Setup,
) -> (GateRun, Vec<(String, Projection)>) {
    let constants = eval::Constants::new(policy.policy.clone(), BTreeMap::new());
    let mut memory = MemorySource::new().with_batch_rows(setup.cut.batch_rows);
    for (name, text) in given {
        let definition = policy.policy.evidence.iter().find(|e| &*e.name == *name).expect("an evidence");
        memory.json(definition, &constants, text);
    }
    for name in &setup.unusable {
        let fault = EvidenceFault {
            code: "rspp::evidence::stale",
            message: "too old".into(),
            help: None,
            place: None,
            column: None,
        };
        memory.unusable(name, vec![fault]);
    }
    for name in &setup.absent {
        memory.absent(name);
    }
    let source = Awkward { memory, policy, cut: setup.cut, asked: Mutex::new(Vec::new()) };
    let context = Context {
        candidate: setup.candidate.clone(),
        threads: setup.cut.threads,
        only: setup.only.clone(),
        ..context(setup.memory_limit)
    };
    let run = evaluate(policy, &ProfileId::new("p"), &source, &context).expect("a run");
    (run, source.asked.into_inner().unwrap())
}

/// A run with one thread and this much memory.
pub fn context(memory_limit: u64) -> Context {
    Context {
        as_of: Num::int(1_700_000_000_000_000_000),
        as_of_origin: AsOfOrigin::Flag,
        candidate: None,
        policy_files: Digest::of(b""),
        engine_version: "test".into(),
        memory_limit,
        threads: 1,
        artifacts: true,
        only: None,
    }
}

pub fn gate<'r>(run: &'r GateRun, id: &str) -> &'r GateResult {
    run.gates.iter().find(|g| g.gate_id.as_str() == id).unwrap_or_else(|| panic!("no result of {id}"))
}

/// Messages of all violations of a gate.
pub fn messages(gate: &GateResult) -> Vec<&str> {
    gate.groups.iter().flat_map(|g| &g.violations).map(|v| v.message.as_str()).collect()
}

/// Batches come out of order, from several threads, and what nobody reads is not there.
struct Awkward<'p> {
    memory: MemorySource,
    policy: &'p CheckedPolicy,
    cut: Cut,
    asked: Mutex<Vec<(String, Projection)>>,
}

impl BatchSource for Awkward<'_> {
    fn read(&self, evidence: &str, projection: &Projection, sink: &dyn BatchSink) -> ReadReport {
        self.asked.lock().unwrap().push((evidence.to_owned(), projection.clone()));
        let collected = Collected(Mutex::new(Vec::new()));
        let report = self.memory.read(evidence, projection, &collected);
        let mut batches = collected.0.into_inner().unwrap();
        let definition = self.policy.policy.evidence.iter().find(|e| &*e.name == evidence).unwrap();
        if let Some(Type::Record(row)) = definition.ty.present().element() {
            for batch in &mut batches {
                for (column, field) in batch.columns.iter_mut().zip(&row.fields) {
                    if !projection.reads(&field.name) {
                        *column = Column::Pruned;
                    }
                }
            }
        }
        let mut seed = self.cut.shuffle;
        for i in (1..batches.len()).rev() {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            if self.cut.shuffle != 0 {
                batches.swap(i, (seed >> 33) as usize % (i + 1));
            }
        }
        let queue = Mutex::new(batches);
        std::thread::scope(|scope| {
            for _ in 0..self.cut.threads {
                scope.spawn(|| {
                    loop {
                        let next = queue.lock().unwrap().pop();
                        let Some(batch) = next else { break };
                        assert_eq!(sink.take(batch), Flow::Continue);
                    }
                });
            }
        });
        report
    }
}

struct Collected(Mutex<Vec<Batch>>);

impl BatchSink for Collected {
    fn take(&self, batch: Batch) -> Flow {
        self.0.lock().unwrap().push(batch);
        Flow::Continue
    }
}

/// So many batches of rows with one whole number, each another one, made when they are sent.
pub struct Numbers {
    pub batches: u64,
    pub rows: usize,
}

impl BatchSource for Numbers {
    fn read(&self, _: &str, _: &Projection, sink: &dyn BatchSink) -> ReadReport {
        for batch in 0..self.batches {
            let first = batch * self.rows as u64;
            let values = (0..self.rows as i64).map(|n| first as i64 + n).collect();
            let columns = vec![Column::Int { values, valid: None }];
            let sent = sink.take(Batch { len: self.rows, first, columns, origins: Origins::None });
            assert_eq!(sent, Flow::Continue);
        }
        ReadReport {
            outcome: EvidenceOutcome::Usable,
            files: Vec::new(),
            digest: None,
            rows: self.batches * self.rows as u64,
            document: None,
            schema_version: None,
            fresh_at: None,
            source: Some("recorded".into()),
            unreadable: BTreeMap::new(),
        }
    }
}
