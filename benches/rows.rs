//! How long rows take: the readers from bytes to columns, on one thread, and the aggregates over a
//! column. `turns/` measures the whole way over millions of rows.

#![allow(clippy::unwrap_used, missing_docs, reason = "a benchmark stops where something is not as it should be")]

#[path = "support/front.rs"]
mod front;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use front::Texts;
use rspp_gates::builtins;
use rspp_gates::data::{Batch, BatchSink, BatchSource, Column, EvidenceOutcome, Flow, Num, Projection, Type, Value};
use rspp_gates::eval::Constants;
use rspp_gates::evidence::FileSource;
use rspp_gates::host::{MemHost, Root};
use rspp_gates::model::{CheckedPolicy, ProfileId};
use rspp_gates::registry::{Body, CallTypes, Registry};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::hint::black_box;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

const ROWS: usize = 20_000;

const POLICY: &str = r#"
policy rows { language 1 }
enum Ending { commit, abort, close }
record Row {
  id      : string key
  at      : instant(ms)
  took    : duration(ms)
  waited  : duration(ms)? nullable
  good    : bool
  tries   : int
  region  : string
  endings : list<Ending> default []
}
evidence lines { path "rows.jsonl"  source recorded  fresh any  row Row }
evidence listed { path "rows.json"  source recorded  fresh any  row Row }
gate rows.lines { stage all  scope lines  metric p95(took)  threshold <= 1h  when empty fail }
gate rows.listed { stage all  scope listed  metric p95(took)  threshold <= 1h  when empty fail }
"#;

/// The same rows each time.
fn rows() -> Vec<String> {
    let mut seed = 7u64;
    let mut next = |below: u64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % below
    };
    let row = |i: usize| {
        let waited = if next(20) == 0 { "null".to_owned() } else { next(900).to_string() };
        format!(
            r#"{{"id":"row-{i}","at":{},"took":{},"waited":{waited},"good":{},"tries":{},"region":"{}","endings":["commit","close"]}}"#,
            1_772_000_000_000 + i as u64 * 37,
            20 + next(2000),
            next(10) != 0,
            next(4),
            ["north", "south", "east", "west"][next(4) as usize],
        )
    };
    (0..ROWS).map(row).collect()
}

/// Counts rows and keeps none.
#[derive(Default)]
struct Count(AtomicUsize);

impl BatchSink for Count {
    fn take(&self, batch: Batch) -> Flow {
        self.0.fetch_add(batch.len, Ordering::Relaxed);
        Flow::Continue
    }
}

struct Setup {
    host: MemHost,
    root: Root,
    policy: CheckedPolicy,
    constants: Constants,
    bytes: [(&'static str, u64); 2],
}

impl Setup {
    fn new() -> Self {
        let profile = "profile all { stage all }".to_owned();
        let texts = Texts::new(&[("a.gate".into(), POLICY.into()), ("profiles/all.profile".into(), profile)]);
        let policy = texts.check(&texts.parse());
        let host = MemHost::new();
        let rows = rows();
        let (lines, listed) = (rows.join("\n") + "\n", format!("[{}]", rows.join(",")));
        let bytes = [("lines", lines.len() as u64), ("listed", listed.len() as u64)];
        host.put("/data/rows.jsonl", lines);
        host.put("/data/rows.json", listed);
        let root = Root::new(&host, Path::new("/data")).unwrap();
        let constants = Constants::new(policy.policy.clone(), BTreeMap::new());
        Self { host, root, policy, constants, bytes }
    }

    fn read(&self, evidence: &str, projection: &Projection) -> usize {
        let profile = &self.policy.profiles[&ProfileId::new("all")];
        let as_of = Num::from(1_774_915_200_000_000_000);
        let source =
            FileSource::new(&self.host, &self.root, &profile.evidence, &self.constants, as_of, &profile.sources);
        let count = Count::default();
        let report = source.read(evidence, projection, &count);
        assert_eq!(report.outcome, EvidenceOutcome::Usable);
        count.0.into_inner()
    }
}

fn from_bytes_to_columns(criterion: &mut Criterion) {
    let setup = Setup::new();
    let mut few = Projection::default();
    few.add(&["took".into()]);
    let alone = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    let mut group = criterion.benchmark_group("read");
    group.sample_size(10).warm_up_time(Duration::from_millis(500)).measurement_time(Duration::from_secs(3));
    for (evidence, bytes) in setup.bytes {
        group.throughput(Throughput::Bytes(bytes));
        for (fields, projection) in [("all fields", Projection::everything()), ("one field", few.clone())] {
            let mut name = String::new();
            write!(name, "{evidence}, {fields}").unwrap();
            assert_eq!(setup.read(evidence, &projection), ROWS);
            group.bench_function(name, |b| b.iter(|| alone.install(|| setup.read(evidence, black_box(&projection)))));
        }
    }
    group.finish();
}

fn aggregates(criterion: &mut Criterion) {
    let mut registry = Registry::default();
    builtins::register(&mut registry).unwrap();
    let values: Vec<i64> = (0..ROWS as i64).map(|i| (i * 7919) % 2003 * 1_000_000).collect();
    let column = Column::Int { values, valid: None };
    let flags = Column::Bool { values: (0..ROWS).map(|i| i % 7 != 0).collect(), valid: None };
    let all: Vec<u32> = (0..ROWS as u32).collect();
    let mut group = criterion.benchmark_group("aggregate");
    group.sample_size(20).warm_up_time(Duration::from_millis(300)).measurement_time(Duration::from_secs(1));
    group.throughput(Throughput::Elements(ROWS as u64));
    for name in ["count", "sum", "mean", "max", "p50", "p95", "ratio"] {
        let (function, signature) = registry.function(name).unwrap();
        let Body::Aggregate(aggregate) = function.body else { continue };
        let (element, column) = if name == "ratio" { (Type::Bool, &flags) } else { (Type::DURATION, &column) };
        let types = [Type::list(element)];
        let result = function.resolve(signature, &types).unwrap().result;
        let call = CallTypes { arguments: &types, result: &result };
        group.bench_function(name, |b| {
            b.iter(|| {
                let mut accumulator = (aggregate.start)(&call, &[] as &[Value]).unwrap();
                accumulator.push_column(black_box(column), &all, 0).unwrap();
                accumulator.finish().unwrap()
            });
        });
    }
    group.finish();
}

criterion_group!(benches, from_bytes_to_columns, aggregates);
criterion_main!(benches);
