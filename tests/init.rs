//! `init`: a policy in an empty folder that runs at once, and whose comments are true.

#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first thing that is not as it should be, and looks at real files"
)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

const FILES: [&str; 4] = ["evidence/jobs.jsonl", "gates/jobs.gate", "profiles/release.profile", "rspp-gates.yaml"];

fn run(folder: &Path, arguments: &[&str]) -> (i32, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_rspp-gates"))
        .current_dir(folder)
        .env_clear()
        .args(arguments)
        .output()
        .unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
}

/// Every file below a folder, with its text.
fn files(folder: &Path) -> BTreeMap<PathBuf, String> {
    let mut found = BTreeMap::new();
    let mut open = vec![folder.to_owned()];
    while let Some(at) = open.pop() {
        for entry in std::fs::read_dir(at).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                let text = std::fs::read_to_string(&path).unwrap();
                found.insert(path.strip_prefix(folder).unwrap().to_owned(), text);
            }
        }
    }
    found
}

fn initialised() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let (code, out, err) = run(folder.path(), &["init"]);
    assert_eq!((code, err.as_str()), (0, ""), "{out}");
    folder
}

/// Replaces a text that must stand in the file once.
fn edit(folder: &Path, file: &str, old: &str, new: &str) {
    let path = folder.join(file);
    let text = std::fs::read_to_string(&path).unwrap();
    assert_eq!(text.matches(old).count(), 1, "{old} in {file}");
    std::fs::write(path, text.replace(old, new)).unwrap();
}

#[test]
fn what_is_made_checks_runs_and_is_explained() {
    let folder = initialised();
    assert_eq!(files(folder.path()).keys().map(|p| p.to_str().unwrap()).collect::<Vec<_>>(), FILES);
    let (code, out, err) = run(folder.path(), &["check"]);
    assert_eq!((code, err.as_str()), (0, ""), "{out}");
    let (code, out, err) = run(folder.path(), &["run", "release"]);
    assert_eq!((code, err.as_str()), (0, ""), "{out}");
    assert!(out.contains("3 required gates: 3 pass"), "{out}");
    for gate in ["jobs.fast", "jobs.succeed", "jobs.calm"] {
        assert_eq!(run(folder.path(), &["explain", gate]).0, 0);
    }
}

#[test]
fn it_says_what_it_made_and_what_to_do_next() {
    let folder = tempfile::tempdir().unwrap();
    let (_, out, _) = run(folder.path(), &["init", "mine/policy"]);
    insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!("init__next_steps", out);
    });
    // Every command that is named works where it is to be typed.
    let inside = folder.path().join("mine/policy");
    for line in out.lines().filter_map(|l| l.trim().strip_prefix("rspp-gates ")) {
        let words: Vec<&str> = line.split_whitespace().take(2).collect();
        assert_eq!(run(&inside, &words).0, 0, "{line}");
    }
}

#[test]
fn each_suggestion_does_what_it_promises() {
    let gates = std::fs::read_to_string(initialised().path().join("gates/jobs.gate")).unwrap();
    assert_eq!(gates.matches("# Try it: ").count(), 3, "a suggestion is not tested");

    let folder = initialised();
    assert!(gates.contains("write `<= 30s`. The gate fails, and names the slowest jobs with their lines."));
    edit(folder.path(), "gates/jobs.gate", "threshold  <= 45s", "threshold  <= 30s");
    let (code, out, _) = run(folder.path(), &["run", "release"]);
    assert_eq!(code, 1, "{out}");
    assert!(out.contains("FAIL  jobs.fast") && out.contains("evidence/jobs.jsonl:16"), "{out}");

    let folder = initialised();
    assert!(gates.contains("let job-03 be \"failed\". 16 of 18 are too few."));
    let line = evidence_line(folder.path(), "job-03");
    edit(folder.path(), "evidence/jobs.jsonl", &line, &line.replace("\"done\"", "\"failed\""));
    let (code, out, _) = run(folder.path(), &["run", "release", "--report", "json=run.json"]);
    assert_eq!(code, 1, "{out}");
    assert!(out.contains("FAIL  jobs.succeed"), "{out}");
    let (_, page, _) = run(folder.path(), &["explain", "jobs.succeed", "--run", "run.json"]);
    assert!(page.contains("16 of 18 rows"), "{page}");

    let folder = initialised();
    assert!(gates.contains("take `,\"retries\":0` out of the line of job-07."));
    let line = evidence_line(folder.path(), "job-07");
    edit(folder.path(), "evidence/jobs.jsonl", &line, &line.replace(",\"retries\":0", ""));
    let (code, out, _) = run(folder.path(), &["run", "release"]);
    assert_eq!(code, 1, "{out}");
    assert!(out.contains("job job-07 does not say how often it was tried again"), "{out}");
    let each = gates.lines().find(|l| l.trim_start().starts_with("each ")).unwrap();
    edit(folder.path(), "gates/jobs.gate", &format!("{each}\n"), "");
    let (code, _, err) = run(folder.path(), &["check"]);
    assert_eq!(code, 2);
    assert!(err.contains("rspp::missing::") && err.contains("retries"), "{err}");
}

fn evidence_line(folder: &Path, job: &str) -> String {
    let text = std::fs::read_to_string(folder.join("evidence/jobs.jsonl")).unwrap();
    text.lines().find(|l| l.contains(job)).unwrap().to_owned()
}

#[test]
fn stale_evidence_is_refused_as_the_comments_say() {
    let folder = initialised();
    std::fs::remove_file(folder.path().join("rspp-gates.yaml")).unwrap();
    let (code, out, _) = run(folder.path(), &["run", "release"]);
    assert_eq!(code, 3, "{out}");
}

#[test]
fn nothing_is_overwritten() {
    for taken in FILES.iter().chain(&["gates/other.gate", "profiles/x.profile"]) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(taken);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, "mine\n").unwrap();
        let before = files(folder.path());
        let (code, out, err) = run(folder.path(), &["init"]);
        assert_eq!((code, out.as_str()), (2, ""), "{taken}: {err}");
        assert!(err.contains("rspp::runner::init-taken"), "{err}");
        assert_eq!(files(folder.path()), before, "{taken}");
    }
    // Twice is once too often; a folder of evidence beside it is in nobody's way.
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(folder.path().join("gates")).unwrap();
    std::fs::create_dir_all(folder.path().join("evidence")).unwrap();
    std::fs::write(folder.path().join("evidence/other.jsonl"), "mine\n").unwrap();
    assert_eq!(run(folder.path(), &["init"]).0, 0);
    let before = files(folder.path());
    assert_eq!(run(folder.path(), &["init"]).0, 2);
    assert_eq!(files(folder.path()), before);
}

#[test]
fn places_that_are_no_folder_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("file"), "mine").unwrap();
    let (code, _, err) = run(folder.path(), &["init", "file"]);
    assert_eq!(code, 2, "{err}");
    let (code, _, err) = run(folder.path(), &["init", "file/below"]);
    assert_eq!(code, 74, "{err}");
    std::fs::write(folder.path().join("evidence"), "mine").unwrap();
    let (code, _, err) = run(folder.path(), &["init"]);
    assert_eq!(code, 2, "{err}");
    assert_eq!(files(folder.path()).len(), 2);
}

#[cfg(target_os = "linux")]
#[test]
fn a_folder_that_cannot_be_written_leaves_nothing_behind() {
    // Not even root can make files there.
    let (code, out, err) = run(Path::new("/"), &["init", "/proc/self/policy"]);
    assert_eq!((code, out.as_str()), (74, ""), "{err}");
    assert!(err.contains("rspp::runner::init-not-written"), "{err}");
}

#[test]
fn a_policy_further_up_is_told() {
    let folder = initialised();
    let (code, _, err) = run(folder.path(), &["init", "inner"]);
    assert_eq!(code, 0);
    assert!(err.contains("is a policy root as well"), "{err}");
    // The inner one is what runs in it.
    let inner = folder.path().join("inner");
    edit(&inner, "gates/jobs.gate", "<= 45s", "<= 1s");
    assert_eq!(run(&inner, &["run", "release"]).0, 1);
    assert_eq!(run(folder.path(), &["run", "release"]).0, 0);
}
