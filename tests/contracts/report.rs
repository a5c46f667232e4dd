//! The report on the documents of contracts, written by the binary.

use serde_json::{Value, json};
use std::path::Path;
use std::process::Command;

/// The report and its page of a run over an evidence root.
fn written(root: &Path) -> (Value, String) {
    let scratch = tempfile::tempdir().unwrap();
    let artifacts = scratch.path().join("artifacts");
    let output = Command::new(env!("CARGO_BIN_EXE_rspp-gates"))
        .args(["run", "quick.profile", "--root"])
        .arg(root)
        .arg("--artifacts")
        .arg(&artifacts)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!([0, 1, 3].contains(&output.status.code().unwrap()), "{}", String::from_utf8_lossy(&output.stderr));
    let read = |name: &str| std::fs::read_to_string(artifacts.join(".codex/ops").join(name)).unwrap();
    (serde_json::from_str(&read("contracts-report.json")).unwrap(), read("contracts-report.md"))
}

fn case(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name)
}

#[test]
fn a_report_without_failures() {
    let (report, page) = written(&case("reference"));
    let folder = case("reference/test/contract/fixtures");
    let mut total = 0;
    for kind in std::fs::read_dir(folder).unwrap() {
        for part in ["valid", "invalid"] {
            total += std::fs::read_dir(kind.as_ref().unwrap().path().join(part)).unwrap().count();
        }
    }
    assert!(total > 300);
    let due = json!({
        "schema_version": "rspp.tooling.contracts-report.v1", "generated_at_utc": "2026-03-02T09:00:00Z",
        "fixture_root": "test/contract/fixtures", "summary": {"Total": total, "Failed": 0, "Failures": null},
        "passed": true
    });
    assert_eq!(report, due);
    assert!(page.trim_end().ends_with("PASS"), "{page}");
}

/// Kinds in the order in which they are declared, valid before invalid, files by name.
#[test]
fn failures_stand_in_the_order_of_kinds() {
    let folder = tempfile::tempdir().unwrap();
    copy(&case("cases/contract-one-of-each/test"), &folder.path().join("test"));
    let fixtures = folder.path().join("test/contract/fixtures");
    let put = |path: &str, text: &str| {
        let target = fixtures.join(path);
        std::fs::create_dir_all(target.parent().unwrap()).unwrap();
        std::fs::write(target, text).unwrap();
    };
    let step = r#"{"from_state":"Idle","trigger":"turn_open_proposed","to_state":"Opening","deterministic":true}"#;
    put("turn_transition/invalid/a.json", step);
    put("event/valid/z.json", "{}");
    put("event/valid/a.json", "x");
    put("event/invalid/a.json", "");
    put("decision_outcome/valid/a.json", step);
    put("control_signal/invalid/a.json", "\u{feff}[");
    put("another/valid/a.json", step);
    let (report, page) = written(folder.path());
    assert_eq!((&report["summary"]["Total"], &report["summary"]["Failed"]), (&json!(17), &json!(7)));
    assert_eq!(report["passed"], json!(false));
    let failures = report["summary"]["Failures"].as_array().unwrap();
    let paths: Vec<&str> = failures.iter().map(|f| f.as_str().unwrap().split(": ").next().unwrap()).collect();
    let due = [
        "event/valid/a.json",
        "event/valid/z.json",
        "event/invalid/a.json",
        "control_signal/invalid/a.json",
        "turn_transition/invalid/a.json",
        "decision_outcome/valid/a.json",
        "another/valid/a.json",
    ];
    assert_eq!(paths, due.map(|p| format!("test/contract/fixtures/{p}")));
    assert!(failures[4].as_str().unwrap().ends_with("the contract accepts it"), "{failures:?}");
    assert!(page.trim_end().ends_with("FAIL"), "{page}");
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
