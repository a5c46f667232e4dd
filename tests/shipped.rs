//! The shipped policy, its evidence and the examples, through the binary, as a user runs them.
//!
//! Each folder of `fixtures/cases/` says in `case.yaml` what is expected of it and holds the whole
//! report in `expected.json`. `UPDATE_EXPECTED=1` writes the reports again; read the difference.
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test stops at what it does not expect, and drives the binary over real folders"
)]

use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

/// `case.yaml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    /// The reason in a sentence.
    about: String,
    /// The profile that is run.
    profile: String,
    /// The gates that are run, as `--only` takes them; none: all of the profile.
    #[serde(default)]
    only: Vec<String>,
    /// The exit code.
    exit: i32,
    /// The verdict of every gate that is run.
    verdicts: BTreeMap<String, String>,
    /// Words that the page for people holds, by the gate that they explain.
    #[serde(default)]
    says: BTreeMap<String, String>,
}

/// What one start of the binary gave.
struct Outcome {
    exit: i32,
    out: String,
    err: String,
    report: Option<String>,
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn start(folder: &Path, arguments: &[&str]) -> Outcome {
    let scratch = tempfile::tempdir().unwrap();
    let report = scratch.path().join("report.json");
    let mut command = Command::new(env!("CARGO_BIN_EXE_rspp-gates"));
    command.args(arguments).current_dir(folder).env("NO_COLOR", "1").env("COLUMNS", "100");
    if arguments.first() == Some(&"run") {
        command.arg("--no-timing").arg(format!("--report=json={}", report.display()));
        command.arg("--artifacts").arg(scratch.path().join("artifacts"));
    }
    let output = command.output().unwrap();
    Outcome {
        exit: output.status.code().unwrap_or(-1),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
        report: std::fs::read_to_string(report).ok(),
    }
}

fn verdicts(report: &str) -> BTreeMap<String, String> {
    let report: serde_json::Value = serde_json::from_str(report).unwrap();
    let word = |v: &serde_json::Value| v.as_str().unwrap().to_owned();
    report["gates"].as_array().unwrap().iter().map(|g| (word(&g["gate_id"]), word(&g["verdict"]))).collect()
}

/// What is wrong with a case; empty when it is as it says.
fn judge(folder: &Path, update: bool) -> String {
    let mut wrong = String::new();
    let case: Case = serde_yaml::from_str(&std::fs::read_to_string(folder.join("case.yaml")).unwrap()).unwrap();
    let evidence = folder.display().to_string();
    let profile = format!("{}.profile", case.profile);
    let mut arguments = vec!["run", &profile, "--root", &evidence];
    arguments.extend(case.only.iter().flat_map(|only| ["--only", only.as_str()]));
    let outcome = start(&root(), &arguments);
    if outcome.exit != case.exit {
        let _ = writeln!(wrong, "exit code {} instead of {}\n{}", outcome.exit, case.exit, outcome.err);
    }
    let Some(report) = &outcome.report else {
        let _ = writeln!(wrong, "no report was written\n{}", outcome.err);
        return wrong;
    };
    let found = verdicts(report);
    if found != case.verdicts {
        let _ = writeln!(wrong, "verdicts {found:?}\n instead of {:?}\n{}", case.verdicts, outcome.out);
    }
    // The page for people breaks long lines.
    let page: Vec<&str> = outcome.out.split_whitespace().collect();
    let page = page.join(" ");
    for (gate, words) in &case.says {
        if !page.contains(words.as_str()) {
            let _ = writeln!(wrong, "nothing says `{words}` ({gate})\n{}", outcome.out);
        }
    }
    let stored = folder.join("expected.json");
    if update {
        std::fs::write(stored, report).unwrap();
    } else {
        let expected = std::fs::read_to_string(stored).unwrap_or_default();
        if let Some((number, (was, is))) =
            expected.lines().chain([""]).zip(report.lines().chain([""])).enumerate().find(|(_, (a, b))| a != b)
        {
            let _ = writeln!(wrong, "expected.json, line {}: `{was}` became `{is}`", number + 1);
        } else if expected != *report {
            let _ = writeln!(wrong, "expected.json has another end");
        }
    }
    if !wrong.is_empty() {
        wrong = format!("== {}: {}\n{wrong}", folder.file_name().unwrap().display(), case.about);
    }
    wrong
}

#[test]
fn every_case_is_judged_as_it_says() {
    let update = std::env::var_os("UPDATE_EXPECTED").is_some();
    let mut folders: Vec<PathBuf> =
        std::fs::read_dir(root().join("fixtures/cases")).unwrap().map(|e| e.unwrap().path()).collect();
    folders.sort();
    assert!(folders.len() > 50, "only {} cases: are they still found?", folders.len());
    let parts: Vec<&[PathBuf]> = folders.chunks(folders.len().div_ceil(4)).collect();
    let wrong: String = std::thread::scope(|scope| {
        let judge_all = |part: &'_ [PathBuf]| part.iter().map(|f| judge(f, update)).collect::<String>();
        let running: Vec<_> = parts.iter().map(|part| scope.spawn(move || judge_all(part))).collect();
        running.into_iter().map(|r| r.join().unwrap()).collect()
    });
    assert!(wrong.is_empty(), "run with UPDATE_EXPECTED=1 and read the difference\n{wrong}");
}

#[test]
fn the_reference_passes_every_profile_that_counts_its_source() {
    for (profile, exit) in [("quick", 0), ("full", 0), ("mvp", 0), ("ingestion", 0), ("recorded", 3)] {
        let outcome = start(&root(), &["run", &format!("{profile}.profile")]);
        assert_eq!(outcome.exit, exit, "{profile}\n{}{}", outcome.out, outcome.err);
    }
}

/// The reference in a folder of its own, with one text of the baseline replaced once.
fn reference_with(from: &str, to: &str) -> tempfile::TempDir {
    let path = ".codex/replay/runtime-baseline.json";
    let folder = tempfile::tempdir().unwrap();
    copy(&root().join("fixtures/reference"), folder.path());
    let text = std::fs::read_to_string(folder.path().join(path)).unwrap();
    assert!(text.contains(from), "the reference has no {from}");
    std::fs::write(folder.path().join(path), text.replacen(from, to, 1)).unwrap();
    folder
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &target);
        } else {
            std::fs::copy(&path, target).unwrap();
        }
    }
}

/// The value of a field of one turn of the reference.
fn field_of(turn: &str, field: &str) -> u64 {
    let text = std::fs::read_to_string(root().join("fixtures/reference/.codex/replay/runtime-baseline.json")).unwrap();
    let document: serde_json::Value = serde_json::from_str(&text).unwrap();
    let turns = document["entries"].as_array().unwrap();
    turns.iter().find(|e| e["TurnID"] == turn).unwrap()[field].as_u64().unwrap()
}

/// p95 of 57 turns is the 55th value, 118ms; ten milliseconds more in that one turn are over the limit.
#[test]
fn one_changed_digit_moves_the_rank_and_fails_the_gate() {
    let opened = field_of("turn-118", "TurnOpenAtMS");
    let line = |ms: u64| format!("\"TurnOpenAtMS\": {ms}");
    let changed = opened + 10;
    let differ = line(opened).bytes().zip(line(changed).bytes()).filter(|(a, b)| a != b).count();
    assert_eq!(differ, 1, "{opened} and {changed}: choose another turn");
    let folder = reference_with(&line(opened), &line(changed));
    let outcome =
        start(&root(), &["run", "mvp.profile", "--only", "slo.*", "--root", &folder.path().display().to_string()]);
    assert_eq!(outcome.exit, 1, "{}{}", outcome.out, outcome.err);
    let found = verdicts(&outcome.report.unwrap());
    let failed: Vec<_> = found.iter().filter(|(_, v)| *v != "pass").collect();
    assert_eq!(failed.len(), 1, "{failed:?}");
    assert_eq!(found["slo.turn_open_decision"], "fail");
}

/// The same policy and the same bytes give the same report, wherever they lie.
#[test]
fn a_copy_of_the_evidence_elsewhere_gives_the_same_report() {
    let here = start(&root(), &["run", "mvp.profile", "--only", "slo.*"]);
    let copy = reference_with("\"v1\"", "\"v1\"");
    let there =
        start(&root(), &["run", "mvp.profile", "--only", "slo.*", "--root", &copy.path().display().to_string()]);
    assert!(here.report.is_some());
    assert_eq!(here.report, there.report);
}

#[test]
fn the_examples_check_and_pass() {
    let mut profiles = 0;
    for example in std::fs::read_dir(root().join("examples")).unwrap() {
        let folder = example.unwrap().path();
        if !folder.is_dir() {
            continue;
        }
        let checked = start(&folder, &["check"]);
        assert_eq!(checked.exit, 0, "{}\n{}{}", folder.display(), checked.out, checked.err);
        for profile in std::fs::read_dir(folder.join("profiles")).unwrap() {
            let name = profile.unwrap().file_name().into_string().unwrap();
            let outcome = start(&folder, &["run", &name]);
            assert_eq!(outcome.exit, 0, "{} {name}\n{}{}", folder.display(), outcome.out, outcome.err);
            profiles += 1;
        }
    }
    assert!(profiles >= 3, "only {profiles} profiles of examples: are they still found?");
}

#[test]
fn the_shipped_policy_checks_without_a_warning() {
    let outcome = start(&root(), &["check"]);
    assert_eq!(outcome.exit, 0, "{}{}", outcome.out, outcome.err);
    assert!(!outcome.err.contains("warning"), "{}", outcome.err);
}
