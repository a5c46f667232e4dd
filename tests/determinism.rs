//! The same inputs give the same bytes: on one thread or 64, from any folder, in any order of files.
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test stops at what it does not expect, and drives the binary over real folders"
)]

use rspp_gates::host::OsHost;
use rspp_gates::report::{FORMATS, ReportContext};
use rspp_gates::runner::{Artifacts, RunRequest, Session};
use std::path::{Path, PathBuf};
use std::process::Command;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Exit code, page and JSON report of a run.
fn run(folder: &Path, arguments: &[&str]) -> (Option<i32>, String, String) {
    let out = tempfile::tempdir().unwrap();
    let report = out.path().join("report.json");
    let ran = Command::new(env!("CARGO_BIN_EXE_rspp-gates"))
        .current_dir(folder)
        .args(["run", "--no-timing", "--report"])
        .arg(format!("json={}", report.display()))
        .arg("--artifacts")
        .arg(out.path().join("artifacts"))
        .args(arguments)
        .output()
        .unwrap();
    let page = String::from_utf8(ran.stdout).unwrap();
    (ran.status.code(), page, std::fs::read_to_string(report).unwrap_or_default())
}

#[test]
fn one_thread_and_sixty_four_write_the_same_bytes() {
    let root = root();
    let told = ["1", "2", "64"].map(|n| run(&root, &["mvp.profile", "--threads", n]));
    assert!(!told[0].2.is_empty(), "no report");
    assert!(told.windows(2).all(|w| w[0] == w[1]));
    for example in ["turn-metrics", "app-stability"] {
        let folder = root.join("examples").join(example);
        for profile in std::fs::read_dir(folder.join("profiles")).unwrap() {
            let profile = profile.unwrap().file_name().into_string().unwrap();
            let one = run(&folder, &[&profile, "--threads", "1"]);
            assert!(!one.2.is_empty(), "{example}: no report");
            assert_eq!(one, run(&folder, &[&profile, "--threads", "64"]), "{example}, {profile}");
        }
    }
}

/// In one process: the policy is read once, and not three times a case.
#[test]
fn every_case_is_judged_alike_on_any_number_of_threads() {
    let cases = std::fs::read_dir(root().join("fixtures/cases")).unwrap().map(|c| c.unwrap().path());
    let cases: Vec<PathBuf> = cases.collect();
    assert!(cases.len() > 40);
    std::thread::scope(|scope| {
        for part in cases.chunks(cases.len().div_ceil(4)) {
            // The stack that the program gives itself.
            std::thread::Builder::new().stack_size(256 << 20).spawn_scoped(scope, move || judge_alike(part)).unwrap();
        }
    });
}

fn judge_alike(cases: &[PathBuf]) {
    let host = OsHost::default();
    let session = Session::open(&host, Some(&root())).map_err(|r| r.diagnostics).unwrap();
    let mut checked = session.check();
    let policy = checked.policy.take().unwrap();
    for case in cases {
        let told = [1, 2, 64].map(|threads| {
            let request = RunRequest {
                profile: "mvp".into(),
                root: Some(case.clone()),
                as_of: None,
                candidate: None,
                evidence: Vec::new(),
                only: Vec::new(),
                artifacts: Artifacts::Nowhere,
                memory: None,
                threads,
            };
            let mut sources = checked.sources.clone();
            let run = session.run(&policy, &mut sources, checked.digest, &request).unwrap();
            let context = ReportContext { sources: &sources, timing: None, only: &[], colour: false };
            FORMATS.iter().map(|f| (f.render)(&run, &context)).collect::<Vec<_>>()
        });
        assert!(told.windows(2).all(|w| w[0] == w[1]), "{}", case.display());
    }
}

#[test]
fn the_order_in_which_files_were_made_means_nothing() {
    let files = [
        ("gates/a.gate", "policy order { language 1 }\nlet limit = 2\n"),
        (
            "gates/b/c.gate",
            "evidence xs { files \"rows/*.jsonl\"  source recorded  fresh any  row { n : int } }\n\
             gate g.x { stage s  scope xs  each n < limit else \"{n}\"  metric sum(n)  threshold <= 3  when empty fail }\n",
        ),
        ("profiles/p.profile", "profile p { stage s  sources recorded }\n"),
        ("rows/1.jsonl", "{\"n\":1}\n{\"n\":5}\n"),
        ("rows/2.jsonl", "{\"n\":2}\n"),
        ("rows/10.jsonl", "{\"n\":9}\n"),
    ];
    let mut told = Vec::new();
    for turn in 0..files.len() {
        let root = tempfile::tempdir().unwrap();
        for i in 0..files.len() {
            // 5 has no factor in common with 6: another order for every turn.
            let (path, text) = files[(i * 5 + turn) % files.len()];
            let path = root.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        told.push(run(root.path(), &["p", "--as-of", "2026-03-01T00:00:00Z"]));
    }
    assert_eq!(told[0].0, Some(1), "{}", told[0].1);
    assert!(told[0].2.contains("rows/10.jsonl"));
    assert!(told.windows(2).all(|w| w[0] == w[1]));
}

#[test]
fn as_of_fixes_every_clock() {
    let root = root();
    let at = |instant: &str| run(&root, &["quick.profile", "--as-of", instant]);
    let pinned = at("2026-03-02T09:00:00Z");
    assert_eq!(pinned.0, Some(0), "{}", pinned.1);
    std::thread::sleep(std::time::Duration::from_millis(1100));
    assert_eq!(pinned, at("2026-03-02T09:00:00Z"));
    // Two days later the same evidence is stale.
    assert_eq!(at("2026-03-04T09:00:00Z").0, Some(3));
}
