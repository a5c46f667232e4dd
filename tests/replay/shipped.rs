//! The shipped fixtures: what they are, and what the gates find in them.

use crate::root::with_policy;
use rspp_gates::verdict::Verdict;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

fn reference() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/reference")
}

fn evidence(folder: &Path, out: &mut BTreeMap<String, String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            evidence(&path, out);
        } else {
            let name = path.strip_prefix(reference()).unwrap().to_str().unwrap().to_owned();
            out.insert(name, std::fs::read_to_string(&path).unwrap());
        }
    }
}

fn shipped_evidence() -> BTreeMap<String, String> {
    let mut out = BTreeMap::new();
    for folder in ["test/replay", ".codex/replay"] {
        evidence(&reference().join(folder), &mut out);
    }
    out
}

#[test]
fn no_two_fixtures_share_a_trace() {
    let files = shipped_evidence();
    let mut by_text: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (path, text) in files.iter().filter(|(path, _)| path.ends_with(".jsonl")) {
        by_text.entry(text).or_default().push(path);
    }
    for paths in by_text.values().filter(|paths| paths.len() > 1) {
        // What became of events may be the same in the replay; what was recorded of another fixture may not.
        let folders: Vec<&str> = paths.iter().map(|p| p.rsplit_once('/').unwrap().0).collect();
        assert!(folders.iter().all(|f| *f == folders[0]), "one trace in several fixtures: {paths:?}");
        assert!(paths.iter().all(|p| p.ends_with("-lineage.jsonl")), "a replay that differs in nothing: {paths:?}");
    }
    let recorded = files.keys().filter(|p| p.ends_with("/recorded.jsonl")).count();
    let replayed = files.keys().filter(|p| p.ends_with("/replayed.jsonl")).count();
    assert_eq!((recorded, replayed), (26, 26));
}

/// Both sources of differences, from the same runs.
#[test]
fn the_full_gate_finds_three_declared_differences_in_traces_and_in_reports() {
    let files = shipped_evidence();
    with_policy(
        |_, text| text,
        |shipped| {
            let full = shipped.judge("probe_full", &files);
            for (gate, verdict) in full.verdicts.iter().filter(|(g, _)| g.starts_with("replay.")) {
                assert_eq!(*verdict, Verdict::Pass, "{gate}: {:?}", full.messages[gate]);
            }
            assert_eq!(full.numbers.len(), 25);
            let sum = |n: usize| full.numbers.values().map(|numbers| numbers[n]).sum::<usize>();
            assert_eq!([0, 1, 2, 3, 4].map(sum), [3, 0, 0, 0, 0], "total, failing, unexplained, missing, breaches");
            let told = |fixture: &str, class: &str, scope: &str| {
                (fixture.to_owned(), vec![(class.to_owned(), scope.to_owned(), None)])
            };
            let expected = BTreeMap::from([
                told("ml-003-replay-absence-classification", "OUTCOME_DIVERGENCE", "event:evt-ml003-merge"),
                told("rd-004-snapshot-provenance-plan", "PLAN_DIVERGENCE", "turn:turn-rd-004"),
                told("rd-ordering-approved-1", "ORDERING_DIVERGENCE", "turn:turn-ordering-approved-1"),
            ]);
            assert_eq!(full.divergences, expected);
            let reports = shipped.judge("probe_ingestion", &files);
            assert_eq!((reports.numbers, reports.divergences), (full.numbers, full.divergences));
            assert_eq!(reports.verdicts, full.verdicts);
        },
    );
}

#[test]
fn the_quick_gate_takes_one_fixture() {
    let files = shipped_evidence();
    let quick = |name: &str, text: String| {
        if name == "profiles/full.profile" { text.replace("replay_gate = full", "replay_gate = quick") } else { text }
    };
    with_policy(quick, |shipped| {
        let found = shipped.judge("probe_full", &files);
        assert_eq!(found.numbers, BTreeMap::from([("rd-001-smoke".to_owned(), [0; 5])]));
        assert_eq!(found.verdicts["replay.fixtures_ran"], Verdict::Pass);
    });
}

/// What judges traces asks for no run report, and the other way round.
#[test]
fn evidence_of_the_other_source_is_not_asked_for() {
    let mut traces = shipped_evidence();
    traces.retain(|path, _| !path.starts_with(".codex/replay/runs/"));
    let mut reports = shipped_evidence();
    reports.retain(|path, _| !path.starts_with("test/replay/fixtures/") || path.ends_with("metadata.json"));
    with_policy(
        |_, text| text,
        |shipped| {
            for (profile, files) in [("probe_full", &traces), ("probe_ingestion", &reports)] {
                let found = shipped.judge(profile, files);
                let all = found.verdicts.iter().filter(|(g, _)| g.starts_with("replay."));
                assert!(
                    all.clone().count() >= 5 && all.clone().all(|(_, v)| *v == Verdict::Pass),
                    "{profile}: {:?}",
                    found.verdicts
                );
            }
        },
    );
}

/// What a run of the binary writes, by path.
fn written(profile: &str, evidence: &Path) -> (Option<i32>, BTreeMap<String, String>) {
    let scratch = tempfile::tempdir().unwrap();
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_rspp-gates"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(["run", profile, "--no-timing", "--root"])
        .arg(evidence)
        .arg("--artifacts")
        .arg(scratch.path())
        .output()
        .unwrap();
    let mut out = BTreeMap::new();
    let mut folders = vec![scratch.path().to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(scratch.path()).unwrap().to_str().unwrap().to_owned();
                out.insert(name, std::fs::read_to_string(&path).unwrap());
            }
        }
    }
    (output.status.code(), out)
}

fn keys(document: &Value) -> Vec<&str> {
    document.as_object().unwrap().keys().map(String::as_str).collect()
}

const REGRESSION: &str = ".codex/replay/regression-report.json";
const SMOKE: &str = ".codex/replay/smoke-report.json";
const CLASSES: [&str; 6] = [
    "AUTHORITY_DIVERGENCE",
    "ORDERING_DIVERGENCE",
    "OUTCOME_DIVERGENCE",
    "PLAN_DIVERGENCE",
    "PROVIDER_CHOICE_DIVERGENCE",
    "TIMING_DIVERGENCE",
];

#[test]
fn the_reports_hold_what_their_readers_expect() {
    let (exit, files) = written("full", &reference());
    assert_eq!(exit, Some(0));
    let json = |path: &str| serde_json::from_str::<Value>(&files[path]).unwrap();
    let report = json(REGRESSION);
    assert_eq!(
        keys(&report),
        [
            "schema_version",
            "generated_at_utc",
            "gate",
            "metadata_path",
            "fixture_count",
            "total_divergences",
            "failing_count",
            "unexplained_count",
            "missing_expected",
            "by_class",
            "failing_divergences",
            "fixtures"
        ]
    );
    assert_eq!(report["schema_version"], "rspp.tooling.replay-regression-report.v1");
    assert_eq!(
        (&report["gate"], &report["fixture_count"], &report["total_divergences"]),
        (&"full".into(), &25.into(), &3.into())
    );
    assert_eq!((&report["failing_count"], &report["failing_divergences"]), (&0.into(), &Value::Null));
    assert_eq!(keys(&report["by_class"]), CLASSES);
    assert_eq!(CLASSES.map(|c| report["by_class"][c].as_u64().unwrap()), [0, 1, 1, 1, 0, 0]);
    assert!(files[".codex/replay/regression-report.md"].trim_end().ends_with("Status: PASS"));
    let fixtures = report["fixtures"].as_array().unwrap();
    let ids: Vec<&str> = fixtures.iter().map(|f| f["fixture_id"].as_str().unwrap()).collect();
    assert!(ids.len() == 25 && ids.is_sorted(), "{ids:?}");
    for fixture in fixtures {
        let own = json(&format!(".codex/replay/fixtures/{}.json", fixture["fixture_id"].as_str().unwrap()));
        assert!(fixture.as_object().unwrap().iter().all(|(key, value)| own[key] == *value), "{own}");
        assert_eq!((&own["status"], &own["metadata_path"]), (&"PASS".into(), &report["metadata_path"]));
        assert_eq!(own["generated_at_utc"], report["generated_at_utc"]);
    }
    let by_cursor = json(".codex/replay/fixtures/rd-ordering-approved-1.json");
    assert_eq!(
        keys(&by_cursor),
        [
            "fixture_id",
            "gate",
            "mode",
            "replay_run_id",
            "request_cursor",
            "result_cursor",
            "timing_tolerance_ms",
            "final_attempt_latency_threshold_ms",
            "total_invocation_latency_threshold_ms",
            "total_divergences",
            "failing_count",
            "unexplained_count",
            "missing_expected",
            "expected_configured",
            "by_class",
            "generated_at_utc",
            "metadata_path",
            "status"
        ]
    );
    assert_eq!(
        by_cursor["replay_run_id"],
        "run:re_simulate_nodes|fixture://baseline|fixture://candidate|cursor:sess-ordering-approved-1|turn-ordering-approved-1|ControlLane|44|evt-ordering-approved-1-04"
    );
}

#[test]
fn the_quick_profile_writes_the_smoke_report() {
    let (exit, files) = written("quick", &reference());
    assert_eq!(exit, Some(0));
    assert!(!files.contains_key(REGRESSION), "{:?}", files.keys());
    let report: Value = serde_json::from_str(&files[SMOKE]).unwrap();
    assert_eq!(
        keys(&report),
        [
            "generated_at_utc",
            "fixture_id",
            "metadata_path",
            "mode",
            "replay_run_id",
            "timing_tolerance_ms",
            "total_divergences",
            "by_class",
            "divergences",
            "failing_count",
            "unexplained_count",
            "missing_expected",
            "expected_configured",
            "failing_divergences"
        ]
    );
    assert_eq!((&report["fixture_id"], &report["divergences"]), (&"rd-001-smoke".into(), &Value::Array(Vec::new())));
}

/// A run that fails writes its reports all the same; one that cannot judge writes none.
#[test]
fn reports_of_runs_that_do_not_pass() {
    let case = |name: &str| Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/cases").join(name);
    let (exit, files) = written("full", &case("replay-second-equal"));
    assert_eq!(exit, Some(1));
    let report: Value = serde_json::from_str(&files[REGRESSION]).unwrap();
    let numbers = ["total_divergences", "failing_count", "unexplained_count", "missing_expected"];
    assert_eq!(numbers.map(|n| report[n].as_u64().unwrap()), [2, 1, 1, 0]);
    assert_eq!(report["failing_divergences"], serde_json::json!(["PLAN_DIVERGENCE"]));
    let own: Value = serde_json::from_str(&files[".codex/replay/fixtures/rd-100-plain.json"]).unwrap();
    assert_eq!((&own["status"], &own["failing_classes"]), (&"FAIL".into(), &serde_json::json!(["PLAN_DIVERGENCE"])));
    assert!(files[".codex/replay/fixtures/rd-100-plain.md"].trim_end().ends_with("Status: FAIL"));

    let (_, files) = written("full", &case("replay-latency-over"));
    let own: Value = serde_json::from_str(&files[".codex/replay/fixtures/rd-002-timed.json"]).unwrap();
    assert_eq!((&own["invocation_latency_breaches"], &own["failing_count"]), (&1.into(), &1.into()));

    let (_, files) = written("full", &case("replay-missing-expected"));
    let report: Value = serde_json::from_str(&files[REGRESSION]).unwrap();
    assert_eq!(numbers.map(|n| report[n].as_u64().unwrap()), [0, 3, 0, 3]);

    // A fixture that was not replayed does not pass, although nothing differs.
    let (_, files) = written("full", &case("replay-both-traces-absent"));
    let own: Value = serde_json::from_str(&files[".codex/replay/fixtures/rd-100-plain.json"]).unwrap();
    assert_eq!((&own["status"], &own["total_divergences"]), (&"FAIL".into(), &0.into()));

    let (_, files) = written("quick", &case("replay-smoke-differs"));
    let report: Value = serde_json::from_str(&files[SMOKE]).unwrap();
    assert_eq!((&report["failing_count"], &report["divergences"][0]["class"]), (&1.into(), &"PLAN_DIVERGENCE".into()));

    let (_, files) = written("full", &case("replay-trace-not-json"));
    assert!(!files.keys().any(|path| path.starts_with(".codex/replay/")), "{:?}", files.keys());
}

/// The folder where people look for the traces leads to them.
#[test]
fn the_traces_stand_where_people_look() {
    let link = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/replay");
    assert_eq!(std::fs::read_link(&link).unwrap(), Path::new("reference/test/replay/fixtures"));
    assert!(link.join("rd-001-smoke/recorded.jsonl").is_file());
}
