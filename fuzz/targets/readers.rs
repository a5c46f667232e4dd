//! Bytes of evidence through each reader, by shapes of every kind.

use super::archive::Archive;
use super::{hold, policy};
use rspp_gates::data::{
    Batch, BatchSink, BatchSource, Digest, Flow, Json, JsonKind, Num, Projection, ReadReport, Value,
};
use rspp_gates::eval::Constants;
use rspp_gates::evidence::{FileSource, ReadLimits, parse_json, parse_yaml};
use rspp_gates::host::{MemHost, Root};
use rspp_gates::model::{CheckedPolicy, EvidenceDefinition};
use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock};

const AS_OF: i128 = 1_772_323_200_000_000_000;

/// JSON, and that another reader of JSON says the same.
pub fn json(bytes: &[u8]) {
    readings("e.json", bytes);
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let ours = parse_json(text);
    match (&ours, serde_json::from_str::<serde_json::Value>(text)) {
        (Ok(ours), Ok(theirs)) => assert!(same(ours, &theirs), "{} is not {theirs}", ours.canonical()),
        (Err(_), Err(_)) => {}
        (Err(fault), Ok(_)) => {
            assert!(ON_PURPOSE.contains(&fault.code), "only we refuse it: {} {}", fault.code, fault.message);
        }
        (Ok(_), Err(error)) => {
            // The other reader knows no byte order mark, and stops one level earlier.
            let known = text.starts_with('\u{feff}') || error.to_string().starts_with("recursion limit");
            assert!(known, "only we read it: {error}");
        }
    }
    if let Ok(ours) = ours {
        let canonical = ours.canonical();
        let again = parse_json(&canonical).expect("the canonical text is JSON").canonical();
        assert_eq!(again, canonical, "the canonical text of a value is its own canonical text");
    }
}

/// What we refuse and others let pass.
const ON_PURPOSE: [&str; 2] = ["rspp::evidence::repeated-name", "rspp::evidence::too-deep"];

fn same(ours: &Json, theirs: &serde_json::Value) -> bool {
    match (&ours.kind, theirs) {
        (JsonKind::Null, serde_json::Value::Null) => true,
        (JsonKind::Bool(a), serde_json::Value::Bool(b)) => a == b,
        // The other reader writes exponents in a way of its own.
        (JsonKind::Number(a), serde_json::Value::Number(b)) => {
            a.to_lowercase().replace("e+", "e") == b.to_string().to_lowercase().replace("e+", "e")
        }
        (JsonKind::Text(a), serde_json::Value::String(b)) => **a == **b,
        (JsonKind::List(a), serde_json::Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
        }
        (JsonKind::Object(a), serde_json::Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(k, a)| b.get(&**k).is_some_and(|b| same(a, b)))
        }
        _ => false,
    }
}

/// Lines of JSON.
pub fn jsonl(bytes: &[u8]) {
    readings("e.jsonl", bytes);
}

/// Cells.
pub fn csv(bytes: &[u8]) {
    readings("e.csv", bytes);
}

/// YAML, and that a JSON text is read as the JSON that it is.
pub fn yaml(bytes: &[u8]) {
    readings("e.yaml", bytes);
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let (Ok(json), Ok(yaml)) = (parse_json(text), parse_yaml(text)) else { return };
    assert!(alike(&json, &yaml), "{text:?} is {} as JSON and {} as YAML", json.canonical(), yaml.canonical());
}

/// The same value, its numbers perhaps written in another way.
fn alike(a: &Json, b: &Json) -> bool {
    let number = |n: &str| n.to_lowercase().replace("e+", "e");
    match (&a.kind, &b.kind) {
        (JsonKind::Number(a), JsonKind::Number(b)) => number(a) == number(b),
        (JsonKind::List(a), JsonKind::List(b)) => {
            a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| alike(a, b))
        }
        (JsonKind::Object(a), JsonKind::Object(b)) => {
            a.len() == b.len() && a.iter().zip(b.iter()).all(|((k, a), (l, b))| k == l && alike(a, b))
        }
        (a, b) => a == b,
    }
}

/// What came out of a reading: the report, and the rows with their numbers and places.
#[derive(Debug, PartialEq)]
struct Found {
    report: ReadReport,
    rows: Vec<(u64, Option<String>, Value)>,
}

/// Reads a file by all shapes that are declared for it, in large pieces and in small ones, on one
/// thread and on two.
fn readings(name: &str, bytes: &[u8]) {
    let policy = shapes();
    let host = MemHost::new();
    host.put(Path::new("/root").join(name), bytes);
    for definition in &policy.policy.evidence {
        if !matches!(&definition.files, rspp_gates::model::EvidenceFiles::Path(path) if **path == *name) {
            continue;
        }
        let expected = reading(policy, definition, &host, 0, ReadLimits::default());
        hold::reading(&expected.report);
        if let Some(digest) = expected.report.digest {
            assert_eq!(digest, Digest::of(bytes), "{}: a digest of other bytes", definition.name);
        }
        assert!(expected.rows.len() as u64 <= expected.report.rows, "{}: more rows than were read", definition.name);
        if !hold::now_and_then(bytes, 3) {
            continue;
        }
        let small = ReadLimits { batch_rows: 2, chunk_bytes: 1 + bytes.len() % 40, ..ReadLimits::default() };
        let found = reading(policy, definition, &host, 1, small);
        assert_eq!(found, expected, "{}: two readings differ", definition.name);
    }
}

fn reading(
    policy: &CheckedPolicy,
    definition: &EvidenceDefinition,
    host: &MemHost,
    pool: usize,
    limits: ReadLimits,
) -> Found {
    static POOLS: OnceLock<[rayon::ThreadPool; 2]> = OnceLock::new();
    let made = |n| rayon::ThreadPoolBuilder::new().num_threads(n).stack_size(64 << 20).build().expect("threads start");
    let pools = POOLS.get_or_init(|| [1, 2].map(made));
    let root = Root::new(host, Path::new("/root")).expect("it is there");
    let constants = Constants::new(policy.policy.clone(), Default::default());
    let evidence = [Arc::new(definition.clone())];
    let accepted = ["synthetic", "recorded", "live"].map(Arc::from);
    let source = FileSource::new(host, &root, &evidence, &constants, Num::int(AS_OF), &accepted).with_limits(limits);
    let sink = Keeping::default();
    let report = pools[pool].install(|| source.read(&definition.name, &Projection::everything(), &sink));
    Found { report, rows: sink.rows() }
}

/// The policy with the shapes, checked once.
pub fn shapes() -> &'static CheckedPolicy {
    static POLICY: OnceLock<CheckedPolicy> = OnceLock::new();
    POLICY.get_or_init(|| {
        let files = vec![("gates/a.gate".to_owned(), include_bytes!("shapes.gate").to_vec())];
        let checked = policy::checked(&Archive { files }).expect("it is text");
        assert!(checked.told.is_empty(), "{:?}", checked.told);
        let outcome = checked.outcome;
        outcome.policy.unwrap_or_else(|| panic!("{:?}", outcome.diagnostics))
    })
}

/// Keeps everything that comes.
#[derive(Default)]
struct Keeping {
    batches: Mutex<Vec<Batch>>,
}

impl BatchSink for Keeping {
    fn take(&self, batch: Batch) -> Flow {
        self.batches.lock().expect("nobody failed").push(batch);
        Flow::Continue
    }
}

impl Keeping {
    fn rows(self) -> Vec<(u64, Option<String>, Value)> {
        let mut rows = Vec::new();
        for batch in self.batches.into_inner().expect("nobody failed") {
            for row in 0..batch.len {
                let origin = batch.origin(row).map(|o| o.to_string());
                rows.push((batch.first + row as u64, origin, batch.row(row)));
            }
        }
        rows.sort_by_key(|(ordinal, ..)| *ordinal);
        assert!(rows.iter().enumerate().all(|(i, (ordinal, ..))| i as u64 == *ordinal), "gaps or repeats: {rows:?}");
        rows
    }
}
