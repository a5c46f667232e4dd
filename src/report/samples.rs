//! Runs made by hand, one of each kind, that every format is tested on.

mod waived;

use crate::data::{Digest, EvidenceFault, EvidenceFile, EvidenceStatus, Num, Origin, Type, Value};
use crate::model::{CompareOp, Decide, EmptyPolicy, EvidenceId, GateId, ProfileId};
use crate::source::{SourceId, SourceMap, Span};
use crate::verdict::{
    AppliedLimit, ArtifactFile, ArtifactOutcome, ArtifactResult, ArtifactStatus, AsOfOrigin, Bound, Bounds, Certainty,
    Certified, Comparison, EvidenceArtifact, FigureValue, GateResult, GateRun, GroupResult, Ledger, MetricResult, Miss,
    NamedRow, Reason, RunStatus, SampleResult, ThresholdResult, Verdict, Violation, ViolationKind, WorstRow,
};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A sample with its name and the policy texts it points into.
pub(super) struct Sample {
    pub(super) name: &'static str,
    pub(super) run: GateRun,
    pub(super) sources: SourceMap,
}

const POLICY: &str = r#"gate shop.first_byte {
  title      "First byte of the page"
  owner      "web-team"
  refs       REQ-25
  scope      visits where browsing
  each       present(first_byte_at)
             else "visit {visit_id} has no first byte"
  metric     p95(first_byte_at - asked_at)
  threshold  <= 1500ms
  when empty inconclusive
  fix        "Look at the cache between the two markers."
}

gate shop.checkout {
  scope      visits where bought
  metric     p50(paid_at - asked_at)
  metric     p95(paid_at - asked_at)
  threshold  p50 <= 1500ms
  threshold  p95 <= 2s
}

gate stock.unexplained {
  scope      differences
  each       exists e in expected: e.sku == sku
             else "{sku}: unexplained {kind}"
  when empty pass
}

gate app.crash_free {
  scope      app_sessions
  per        region
  metric     1 - sum(crashed) / sum(sessions) as crash_free
  threshold  >= 99.5%
  samples    sum(rows[].sessions) >= 1_000
}

gate shop.answered {
  required   false
  scope      visits where bought
  metric     ratio(answered)
  threshold  >= 90%
}

gate release.ready {
  needs      shop.checkout
  expect     licences.complete
}
"#;

const FILE: &str = "evidence/visits.jsonl";
const MS: i64 = 1_000_000;
const AS_OF: i128 = 1_771_588_800_000_000_000;

fn sources() -> SourceMap {
    let mut map = SourceMap::default();
    map.add("gates/shop.gate", POLICY);
    waived::add_source(&mut map);
    map
}

fn at(words: &str) -> Span {
    let start = POLICY.find(words).unwrap_or_else(|| panic!("no `{words}` in the policy"));
    Span::new(SourceId(0), start, start + words.len())
}

fn evidence(name: &str, path: &str, rows: u64, source: &str) -> EvidenceArtifact {
    EvidenceArtifact {
        name: name.into(),
        id: EvidenceId(0),
        status: EvidenceStatus::Usable,
        path: path.into(),
        files: vec![EvidenceFile { path: path.into(), sha256: Digest::of(name.as_bytes()), bytes: 4_096 }],
        digest: Some(Digest::of(name.as_bytes())),
        rows,
        schema_version: None,
        fresh_at: Some(Num::int(AS_OF - 7_500_000_000_000)),
        age: Some(Num::int(7_500_000_000_000)),
        max_age: Some(Num::int(86_400_000_000_000)),
        source: Some(source.into()),
        unreadable: BTreeMap::new(),
        faults: Vec::new(),
        fault_count: 0,
        read_by: Vec::new(),
    }
}

fn row(line: u64, key: &str) -> NamedRow {
    NamedRow {
        ordinal: line - 1,
        origin: Some(Arc::new(Origin {
            evidence: "visits".into(),
            file: FILE.into(),
            line,
            pointer: None,
            key: Some(key.into()),
            ordinal: line - 1,
        })),
    }
}

fn ms(n: i64) -> Value {
    Value::int(n * MS)
}

fn ledger(read: u64, in_scope: u64, broken: u64) -> Ledger {
    Ledger { read, in_scope, broken, sample: in_scope - broken, ..Ledger::default() }
}

fn group(verdict: Verdict, ledger: Ledger) -> GroupResult {
    GroupResult {
        key: Vec::new(),
        verdict,
        reasons: Vec::new(),
        ledger,
        metrics: Vec::new(),
        thresholds: Vec::new(),
        samples: None,
        violation_count: 0,
        violations: Vec::new(),
        empty: None,
        besides: Verdict::Pass,
        waiver: None,
    }
}

fn gate(id: &str, verdict: Verdict, groups: Vec<GroupResult>) -> GateResult {
    let ledger = groups.first().map(|g| g.ledger).unwrap_or_default();
    GateResult {
        gate_id: GateId::new(id),
        gate_digest: Digest::of(id.as_bytes()),
        title: None,
        owner: None,
        refs: Vec::new(),
        fix: None,
        span: at(&format!("gate {id}")),
        required: true,
        via_needs: None,
        not_before: None,
        decide: Decide::Point,
        verdict,
        reasons: Vec::new(),
        blocked_by: Vec::new(),
        evidence_refs: vec!["visits".into()],
        group_keys: Vec::new(),
        violation_count: groups.iter().map(|g| g.violation_count).sum(),
        would_be: None,
        waivers: Vec::new(),
        groups,
        ledger,
    }
}

fn duration_metric(label: &str, clause: &str, value: i64, n: u64, worst: &[(u64, i64)]) -> MetricResult {
    MetricResult {
        label: label.into(),
        formula: clause.trim_start_matches("metric").trim().into(),
        ty: Type::DURATION,
        value: FigureValue::Value(ms(value)),
        bounds: None,
        n,
        shown: false,
        span: at(clause),
        worst_rows: worst
            .iter()
            .map(|(line, value)| WorstRow {
                row: row(*line, &format!("t{line}")),
                value: FigureValue::Value(ms(*value)),
            })
            .collect(),
    }
}

fn at_most(figure: &str, clause: &str, limit: i64, value: i64) -> ThresholdResult {
    ThresholdResult {
        figure: figure.into(),
        limit: AppliedLimit::Compare { op: CompareOp::AtMost, value: ms(limit) },
        comparison: if value <= limit { Comparison::Met } else { Comparison::NotMet },
        certified: None,
        slack: Some(Num::from((limit - value) * MS)),
        span: at(clause),
    }
}

fn ratio(label: &str, clause: &str, num: i128, den: i128, ty: Type) -> MetricResult {
    MetricResult {
        label: label.into(),
        formula: clause.trim_start_matches("metric").trim().into(),
        ty,
        value: FigureValue::Value(Value::Num(Num::new(num, den).unwrap())),
        bounds: None,
        n: u64::try_from(den).unwrap(),
        shown: false,
        span: at(clause),
        worst_rows: Vec::new(),
    }
}

fn at_least(figure: &str, clause: &str, limit: (i128, i128), value: (i128, i128)) -> ThresholdResult {
    let (limit, value) = (Num::new(limit.0, limit.1).unwrap(), Num::new(value.0, value.1).unwrap());
    ThresholdResult {
        figure: figure.into(),
        limit: AppliedLimit::Compare { op: CompareOp::AtLeast, value: Value::Num(limit) },
        comparison: if value >= limit { Comparison::Met } else { Comparison::NotMet },
        certified: None,
        slack: value.sub(limit),
        span: at(clause),
    }
}

fn first_byte(value: i64) -> GateResult {
    let verdict = if value <= 1500 { Verdict::Pass } else { Verdict::Fail };
    let mut part = group(verdict, ledger(300, 240, 0));
    part.metrics = vec![duration_metric(
        "p95",
        "metric     p95(first_byte_at - asked_at)",
        value,
        240,
        &[(7, value + 40), (9, value)],
    )];
    part.thresholds = vec![at_most("p95", "threshold  <= 1500ms", 1500, value)];
    let mut gate = gate("shop.first_byte", verdict, vec![part]);
    gate.title = Some("First byte of the page".into());
    gate.owner = Some("web-team".into());
    gate.refs = vec!["REQ-25".into()];
    gate.fix = Some("Look at the cache between the two markers.".into());
    gate
}

fn checkout(p50: i64, p95: i64) -> GateResult {
    let clause = ["metric     p50(paid_at - asked_at)", "metric     p95(paid_at - asked_at)"];
    let limit = ["threshold  p50 <= 1500ms", "threshold  p95 <= 2s"];
    let verdict = if p50 <= 1500 && p95 <= 2000 { Verdict::Pass } else { Verdict::Fail };
    let mut part = group(verdict, ledger(300, 240, 0));
    let worst = [(88, 2910), (13, 2870), (41, 2430), (2, 2400)];
    part.metrics =
        vec![duration_metric("p50", clause[0], p50, 240, &worst), duration_metric("p95", clause[1], p95, 240, &worst)];
    part.thresholds = vec![at_most("p50", limit[0], 1500, p50), at_most("p95", limit[1], 2000, p95)];
    for (i, (value, bound, name)) in [(p50, 1500, "p50"), (p95, 2000, "p95")].into_iter().enumerate() {
        if value > bound {
            part.violation_count += 1;
            part.violations.push(Violation {
                kind: ViolationKind::Threshold(i),
                message: format!("{name} is {value}ms, more than {bound}ms"),
                row: None,
                span: at(limit[i]),
            });
        }
    }
    let mut gate = gate("shop.checkout", verdict, vec![part]);
    gate.evidence_refs = vec!["visits".into()];
    gate
}

fn unexplained(broken: u64) -> GateResult {
    let verdict = if broken == 0 { Verdict::Pass } else { Verdict::Fail };
    let mut part = group(verdict, ledger(12, 12, 0));
    part.ledger.broken = broken.min(12);
    part.ledger.sample = 12 - part.ledger.broken;
    part.violation_count = broken;
    part.violations = (1..=broken.min(1_000))
        .map(|i| Violation {
            kind: ViolationKind::Each(0),
            message: format!("item-{i}: unexplained SURPLUS"),
            row: Some(NamedRow {
                ordinal: i - 1,
                origin: Some(Arc::new(Origin {
                    evidence: "differences".into(),
                    file: "evidence/differences.json".into(),
                    line: i + 3,
                    pointer: Some(format!("/differences/{}", i - 1).into()),
                    key: None,
                    ordinal: i - 1,
                })),
            }),
            span: at("each       exists e in expected: e.sku == sku\n             else \"{sku}: unexplained {kind}\""),
        })
        .collect();
    let mut gate = gate("stock.unexplained", verdict, vec![part]);
    gate.evidence_refs = vec!["differences".into(), "expected".into()];
    gate
}

fn crash_free(regions: &[(&str, i128, u64)]) -> GateResult {
    let clause = "metric     1 - sum(crashed) / sum(sessions) as crash_free";
    let groups: Vec<GroupResult> = regions
        .iter()
        .map(|(region, good, sessions)| {
            let den = i128::from(*sessions);
            let metric = ratio("crash_free", clause, *good, den, Type::Ratio);
            let limit = at_least("crash_free", "threshold  >= 99.5%", (995, 1000), (*good, den));
            let samples = SampleResult { found: Num::int(den), least: 1_000, reached: *sessions >= 1_000 };
            let mut part = group(Verdict::Pass, ledger(40, 40, 0));
            if limit.comparison == Comparison::NotMet && samples.reached {
                part.verdict = Verdict::Fail;
                part.violation_count = 1;
                part.violations = vec![Violation {
                    kind: ViolationKind::Threshold(0),
                    message: "crash_free is less than 99.5%".into(),
                    row: None,
                    span: limit.span,
                }];
            } else if !samples.reached {
                part.verdict = Verdict::Inconclusive;
                part.reasons = vec![Reason {
                    code: "rspp::verdict::few-samples",
                    message: format!("{sessions} sessions, at least 1,000 decide"),
                    span: Some(at("samples    sum(rows[].sessions) >= 1_000")),
                }];
            }
            part.key = vec![(Value::text(*region), Type::String)];
            (part.metrics, part.thresholds, part.samples) = (vec![metric], vec![limit], Some(samples));
            part
        })
        .collect();
    let worst = groups.iter().map(|g| g.verdict).max().unwrap_or(Verdict::Inconclusive);
    let read = 40 * groups.len() as u64;
    let mut gate = gate("app.crash_free", worst, groups);
    gate.group_keys = vec!["region".into()];
    gate.evidence_refs = vec!["app_sessions".into()];
    gate.ledger = ledger(read, read, 0);
    gate
}

fn answered() -> GateResult {
    let mut part = group(Verdict::Fail, ledger(300, 240, 0));
    part.metrics = vec![ratio("ratio", "metric     ratio(answered)", 211, 240, Type::Ratio)];
    part.thresholds = vec![at_least("ratio", "threshold  >= 90%", (9, 10), (211, 240))];
    part.violation_count = 1;
    part.violations = vec![Violation {
        kind: ViolationKind::Threshold(0),
        message: "ratio is 211/240, less than 90%".into(),
        row: None,
        span: at("threshold  >= 90%"),
    }];
    let mut gate = gate("shop.answered", Verdict::Fail, vec![part]);
    gate.required = false;
    gate
}

fn ready(verdict: Verdict) -> GateResult {
    let mut gate = gate("release.ready", verdict, vec![group(verdict, Ledger::default())]);
    gate.evidence_refs = vec!["licences".into()];
    if verdict == Verdict::Blocked {
        gate.blocked_by = vec![GateId::new("shop.checkout")];
    }
    gate
}

fn run(status: RunStatus, mut gates: Vec<GateResult>, evidence: Vec<EvidenceArtifact>) -> GateRun {
    gates.sort_by(|a, b| a.gate_id.cmp(&b.gate_id));
    let candidate = [("pipeline_version", "shop-v1"), ("spec_ref", "specs/demo.yaml")];
    GateRun {
        run_id: "5f0c8d1e9a2b3c4d5e6f708192a3b4c5".into(),
        policy: "shop".into(),
        policy_digest: Digest::of(b"what the policy asks"),
        policy_files: Digest::of(POLICY.as_bytes()),
        profile: ProfileId::new("mvp"),
        as_of: Num::int(AS_OF),
        as_of_origin: AsOfOrigin::RunFile,
        candidate: Some(candidate.into_iter().map(|(k, v)| (k.into(), v.into())).collect()),
        sources: vec!["synthetic".into(), "recorded".into(), "live".into()],
        status,
        reasons: Vec::new(),
        gates,
        evidence,
        artifacts: Vec::new(),
        waivers: Vec::new(),
    }
}

fn all_evidence() -> Vec<EvidenceArtifact> {
    let mut expected = evidence("expected", "evidence/expected.json", 0, "recorded");
    (expected.status, expected.files, expected.digest) = (EvidenceStatus::Absent, Vec::new(), None);
    let mut sessions = evidence("app_sessions", "evidence/sessions/{day}/*.csv", 12_345_678, "live");
    (sessions.age, sessions.max_age, sessions.fresh_at) = (None, None, None);
    sessions.files.push(EvidenceFile { path: "b.csv".into(), sha256: Digest::of(b"b"), bytes: 7 });
    sessions.unreadable = BTreeMap::from([("score".into(), 12)]);
    vec![
        sessions,
        evidence("licences", "evidence/licences.json", 1, "recorded"),
        evidence("differences", "evidence/differences.json", 12, "recorded"),
        expected,
        evidence("visits", FILE, 300, "synthetic"),
    ]
}

/// Every sample.
pub(super) fn all() -> Vec<Sample> {
    let samples = [
        ("pass", pass()),
        ("fail", fail()),
        ("many_failures", many_failures()),
        ("error", error()),
        ("inconclusive", inconclusive()),
        ("certified", certified()),
        ("blocked", blocked()),
        ("waived", waived::waived()),
        ("empty", empty()),
        ("hostile", hostile()),
    ];
    samples.into_iter().map(|(name, run)| Sample { name, run, sources: sources() }).collect()
}

fn pass() -> GateRun {
    let mut ranged = first_byte(1_180);
    for part in &mut ranged.groups {
        part.thresholds.push(ThresholdResult {
            limit: AppliedLimit::Range { low: ms(100), high: ms(1_500) },
            ..at_most("p95", "threshold  <= 1500ms", 1_500, 1_180)
        });
    }
    let gates = vec![
        ranged,
        checkout(610, 1_940),
        unexplained(0),
        crash_free(&[("eu", 9_990, 10_000), ("sa-east", 4_980, 5_003)]),
        answered(),
        ready(Verdict::Pass),
    ];
    run(RunStatus::Pass, gates, all_evidence())
}

fn fail() -> GateRun {
    let mut later = answered();
    (later.required, later.not_before) = (true, Some(Num::int(AS_OF + 86_400_000_000_000)));
    let mut needed = ready(Verdict::Blocked);
    needed.via_needs = Some(GateId::new("stock.unexplained"));
    let gates = vec![
        first_byte(1_180),
        checkout(1_620, 2_400),
        unexplained(13),
        crash_free(&[("ap", 9_990, 10_000), ("eu", 9_900, 10_000), ("sa-east", 80, 90)]),
        later,
        needed,
    ];
    run(RunStatus::Fail, gates, all_evidence())
}

fn many_failures() -> GateRun {
    let regions: Vec<String> = (1..=30).map(|n| format!("region-{n:02}")).collect();
    let regions: Vec<(&str, i128, u64)> = regions
        .iter()
        .enumerate()
        .map(|(i, r)| (r.as_str(), if i % 2 == 0 { 9_000 } else { 10_000 }, 10_000))
        .collect();
    let mut gates = vec![crash_free(&regions), unexplained(1_234_567)];
    for n in 0..40 {
        let mut gate = checkout(1_620 + n, 2_400 + n);
        gate.gate_id = GateId::new(&format!("shop.copy_{n:02}"));
        gates.push(gate);
    }
    run(RunStatus::Fail, gates, all_evidence())
}

/// An artifact with files of these statuses.
fn artifact(name: &str, files: &[(&str, ArtifactStatus, Option<&str>)]) -> ArtifactResult {
    let file = |(path, status, why): &(&str, ArtifactStatus, Option<&str>)| ArtifactFile {
        path: (*path).into(),
        status: *status,
        sha256: (*status == ArtifactStatus::Written).then(|| Digest::of(path.as_bytes())),
        reason: why.map(|why| Reason {
            code: "rspp::verdict::unusable-evidence",
            message: why.into(),
            span: Some(at("scope")),
        }),
    };
    ArtifactResult {
        name: name.into(),
        span: at("scope"),
        path: None,
        pattern: "out/*.json".into(),
        many: true,
        page: true,
        fields: Vec::new(),
        evidence_refs: vec!["visits".into()],
        outcome: ArtifactOutcome::Made(Vec::new()),
        files: files.iter().map(file).collect(),
    }
}

fn artifacts() -> Vec<ArtifactResult> {
    use ArtifactStatus::{Failed, Removed, Withheld, Written};
    let many: Vec<String> = (0..14).map(|n| format!("out/rows/{n}.json")).collect();
    let rows: Vec<_> = many.iter().map(|path| (path.as_str(), Written, None)).collect();
    vec![
        artifact("empty_rows", &[]),
        artifact(
            "shop_report",
            &[
                ("out/shop.json", Written, None),
                ("out/shop.md", Failed, Some("it cannot be written: the disk is full")),
            ],
        ),
        artifact("shop_rows", &rows),
        artifact(
            "visit_report",
            &[
                ("out/visits.json", Withheld, Some("evidence `visits` cannot be used")),
                ("out/visits.json", Removed, None),
            ],
        ),
    ]
}

fn error() -> GateRun {
    let mut all = all_evidence();
    for artifact in all.iter_mut().filter(|e| &*e.name == "visits") {
        artifact.status = EvidenceStatus::Unusable;
        artifact.fault_count = 143;
        artifact.read_by = vec![GateId::new("shop.checkout"), GateId::new("shop.first_byte")];
        artifact.faults = (0..100)
            .map(|n| EvidenceFault {
                code: "rspp::evidence::type",
                message: "`asked_at_ms` holds a text where a whole number is due: \"soon\"".into(),
                help: (n == 0).then(|| "write milliseconds since 1970 as a number without quotes".into()),
                place: row(17 + n, &format!("t{}", 17 + n)).origin,
                column: Some(24),
            })
            .collect();
    }
    let unusable = |id: &str| {
        let mut gate = gate(id, Verdict::Error, Vec::new());
        gate.reasons = vec![Reason {
            code: "rspp::verdict::unusable-evidence",
            message: "evidence `visits` cannot be used".into(),
            span: None,
        }];
        gate
    };
    let mut overflow = gate("stock.unexplained", Verdict::Error, Vec::new());
    overflow.evidence_refs = vec!["differences".into()];
    overflow.reasons = vec![Reason {
        code: "rspp::verdict::fault",
        message: "a sum is too large for exact arithmetic".into(),
        span: Some(at("each       exists e in expected")),
    }];
    let gates = vec![unusable("shop.checkout"), unusable("shop.first_byte"), overflow, ready(Verdict::Pass)];
    let mut run = run(RunStatus::Unknown, gates, all);
    run.artifacts = artifacts();
    run
}

fn inconclusive() -> GateRun {
    let mut empty_gate = first_byte(0);
    empty_gate.verdict = Verdict::Inconclusive;
    empty_gate.ledger = Ledger { read: 300, ..Ledger::default() };
    for part in &mut empty_gate.groups {
        part.verdict = Verdict::Inconclusive;
        part.ledger = Ledger::default();
        part.empty = Some(EmptyPolicy::Inconclusive);
        part.reasons = vec![Reason {
            code: "rspp::verdict::empty",
            message: "no row is in scope".into(),
            span: Some(at("when empty inconclusive")),
        }];
        for metric in &mut part.metrics {
            (metric.value, metric.n, metric.worst_rows) = (FigureValue::Missing, 0, Vec::new());
        }
        for limit in &mut part.thresholds {
            (limit.comparison, limit.slack) = (Comparison::NoFigure, None);
        }
    }
    let gates = vec![empty_gate, crash_free(&[("eu", 900, 900)]), checkout(610, 1_940)];
    let mut run = run(RunStatus::Unknown, gates, all_evidence());
    run.as_of_origin = AsOfOrigin::Clock;
    run.candidate = None;
    run
}

fn certified() -> GateRun {
    let confidence = Num::new(19, 20).unwrap();
    let bound = |value: i64, rank: u64| Some(Bound { rank: Some(rank), value: FigureValue::Value(ms(value)) });
    let told = |certainty, misses, rows_needed| {
        let (miss, allowed) = (Miss::Above, Num::new(1, 20).unwrap());
        let (most_misses, least_misses) = (Some(6), Some(19));
        Some(Certified { confidence, certainty, miss, misses, allowed, most_misses, least_misses, rows_needed })
    };
    let judge = |gate: &mut GateResult, number: usize, bounds: Bounds, certified: Option<Certified>| {
        gate.decide = Decide::Certified { confidence };
        for part in &mut gate.groups {
            part.metrics[number].bounds = Some(bounds.clone());
            part.thresholds[number].certified = certified.clone();
        }
    };
    let sure = |lower, upper| Bounds { confidence, lower, upper };
    let mut meets = first_byte(1_180);
    judge(&mut meets, 0, sure(bound(1_020, 222), bound(1_390, 234)), told(Certainty::Meets, 4, None));
    let mut open = checkout(610, 1_940);
    open.verdict = Verdict::Inconclusive;
    judge(&mut open, 0, sure(bound(580, 107), bound(655, 134)), told(Certainty::Meets, 4, None));
    judge(&mut open, 1, sure(bound(1_800, 222), None), told(Certainty::Open, 11, Some(361)));
    for part in &mut open.groups {
        part.verdict = Verdict::Inconclusive;
        part.reasons = vec![Reason {
            code: "rspp::verdict::uncertified",
            message: "11 of 240 rows are over the limit, and at most 6 may be".into(),
            span: Some(at("threshold  p95 <= 2s")),
        }];
    }
    let mut missed = first_byte(1_620);
    missed.gate_id = GateId::new("shop.last_byte");
    judge(&mut missed, 0, sure(bound(1_555, 222), bound(1_900, 234)), told(Certainty::Misses, 31, None));
    (missed.violation_count, missed.groups[0].violation_count) = (1, 1);
    missed.groups[0].violations = vec![Violation {
        kind: ViolationKind::Threshold(0),
        message: "p95 is 1.62s, 120ms over the limit; it is at least 1555ms".into(),
        row: None,
        span: at("threshold  <= 1500ms"),
    }];
    let mut beyond = first_byte(1_180);
    beyond.gate_id = GateId::new("shop.no_byte");
    (beyond.verdict, beyond.groups[0].verdict) = (Verdict::Inconclusive, Verdict::Inconclusive);
    let above = Some(Bound { rank: Some(234), value: FigureValue::Above });
    judge(&mut beyond, 0, sure(None, above), told(Certainty::Open, 8, Some(282)));
    let mut groups = crash_free(&[("eu", 9_990, 10_000), ("sa-east", 4_980, 5_003)]);
    let share =
        |n| Some(Bound { rank: None, value: FigureValue::Value(Value::Num(Num::new(n, 1_000_000_000).unwrap())) });
    judge(&mut groups, 0, sure(share(993_765_432), share(999_123_456)), told(Certainty::Meets, 2, None));
    run(RunStatus::Fail, vec![meets, open, missed, beyond, groups], all_evidence())
}

fn blocked() -> GateRun {
    let mut failed = checkout(1_620, 1_940);
    failed.via_needs = Some(GateId::new("release.ready"));
    let mut worst = first_byte(1_200);
    for part in &mut worst.groups {
        part.ledger.worst = 20;
        part.verdict = Verdict::Fail;
        part.violation_count = 1;
        part.violations = vec![Violation {
            kind: ViolationKind::Threshold(0),
            message: "p95 is above every value".into(),
            row: None,
            span: at("threshold  <= 1500ms"),
        }];
        for metric in &mut part.metrics {
            metric.value = FigureValue::Above;
        }
        for limit in &mut part.thresholds {
            (limit.comparison, limit.slack) = (Comparison::NotMet, None);
        }
    }
    (worst.verdict, worst.required, worst.violation_count) = (Verdict::Fail, false, 1);
    run(RunStatus::Unknown, vec![ready(Verdict::Blocked), failed, worst], all_evidence())
}

fn empty() -> GateRun {
    let mut run = run(RunStatus::Unknown, Vec::new(), Vec::new());
    run.as_of_origin = AsOfOrigin::Flag;
    run.reasons = vec![Reason {
        code: "rspp::verdict::no-gate-in-force",
        message: "no required gate of profile `mvp` is in force at this instant".into(),
        span: None,
    }];
    run
}

fn hostile() -> GateRun {
    let hostile = "\u{1b}[2J\u{1b}]0;owned\u{7}\r\n::error::x\u{202e}\u{0}\"</script>\u{85}";
    let mut gate = unexplained(2);
    gate.title = Some(hostile.into());
    gate.owner = Some(hostile.into());
    gate.refs = vec![hostile.into()];
    gate.fix = Some(hostile.into());
    gate.evidence_refs = vec![hostile.into()];
    for part in &mut gate.groups {
        for violation in &mut part.violations {
            violation.message = format!("{hostile}{}", "x".repeat(5_000));
            violation.row = Some(row(4, hostile));
        }
    }
    let mut groups = crash_free(&[(hostile, 1, 10_000)]);
    groups.group_keys = vec![hostile.into()];
    let mut all = all_evidence();
    for artifact in &mut all {
        artifact.name = hostile.into();
        artifact.path = hostile.into();
        artifact.source = Some(hostile.into());
        artifact.status = EvidenceStatus::Unusable;
        artifact.fault_count = 1;
        artifact.unreadable = BTreeMap::from([(hostile.into(), 1)]);
        artifact.faults = vec![EvidenceFault {
            code: "rspp::evidence::json",
            message: hostile.into(),
            help: Some(hostile.into()),
            place: row(1, hostile).origin,
            column: None,
        }];
    }
    let mut run = run(RunStatus::Fail, vec![gate, groups], all);
    run.policy = hostile.into();
    run.candidate = Some(BTreeMap::from([(hostile.into(), hostile.into())]));
    run.sources = vec![hostile.into()];
    run.reasons = vec![Reason { code: "rspp::verdict::expect-gates", message: hostile.into(), span: None }];
    run.artifacts = vec![artifact(hostile, &[(hostile, ArtifactStatus::Failed, Some(hostile))])];
    run
}
