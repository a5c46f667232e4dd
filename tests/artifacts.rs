//! The files of artifacts on a real disk: written as a whole, withheld, taken away, refused.

#![cfg(unix)]
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first thing that is not as it should be, and looks at real files"
)]

use serde_json::Value as Json;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

const POLICY: &str = r#"policy shop { language 1 }
enum Word { good, bad }
evidence visits { path "evidence/visits.jsonl"  source recorded  fresh any  row { id : string key  word : Word } }
evidence extra { path "evidence/extra.json"  source recorded  fresh any  document { n : int } }
gate shop.words { stage s  scope visits  each word == good else "visit {id} is {word}"  when empty fail }

## How the shop did.
artifact summary {
  path     "out/summary.json"
  markdown
  passed   result(shop.words).passed
  document {
    at      = as_of
    visits  = count(visits)
    bad     = nonempty(result(shop.words).violations[].message)
    source  = file(visits).path
  }
}

artifact each_visit {
  for      v in visits
  path     "out/visits/{v.id : file_name}.json"
  markdown
  passed   v.word == good
  document { id = v.id  word = v.word }
}

artifact numbers {
  path     "out/numbers.json"
  document { n = extra.n }
}
"#;

const PROFILE: &str = "profile p { stage s  sources recorded  write summary, each_visit, numbers }\n";

const AS_OF: &str = "as_of: \"2026-03-01T00:00:00Z\"\n";

struct Case {
    folder: tempfile::TempDir,
}

/// Exit code, the JSON report, stdout and stderr.
struct Ran {
    exit: Option<i32>,
    report: Json,
    out: String,
    err: String,
}

impl Ran {
    /// Each file of an artifact with what became of it.
    fn files(&self, name: &str) -> Vec<(String, String)> {
        let word = |v: &Json| v.as_str().unwrap().to_owned();
        let all = self.report["artifacts"].as_array().cloned().unwrap_or_default();
        let own = all.iter().filter(|a| a["name"] == name);
        own.map(|a| (word(&a["status"]), word(&a["path"]))).collect()
    }

    fn reason(&self, path: &str) -> String {
        let all = self.report["artifacts"].as_array().unwrap();
        let found = all.iter().find(|a| a["path"] == path && !a["reason"].is_null()).unwrap();
        found["reason"]["message"].as_str().unwrap().to_owned()
    }
}

fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected.iter().map(|(s, p)| ((*s).to_owned(), (*p).to_owned())).collect()
}

impl Case {
    fn new() -> Self {
        let case = Self { folder: tempfile::tempdir().unwrap() };
        case.put("gates/shop.gate", POLICY);
        case.put("profiles/p.profile", PROFILE);
        case.put("rspp-gates.yaml", AS_OF);
        case.visits(&[("v1", "good"), ("v2", "good")]);
        case.put("evidence/extra.json", "{\"n\": 3}\n");
        case
    }

    fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    fn put(&self, path: &str, text: &str) {
        let path = self.path(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    fn visits(&self, rows: &[(&str, &str)]) {
        let rows: String = rows.iter().map(|(id, word)| format!("{{\"id\":\"{id}\",\"word\":\"{word}\"}}\n")).collect();
        self.put("evidence/visits.jsonl", &rows);
    }

    fn text(&self, path: &str) -> String {
        std::fs::read_to_string(self.path(path)).unwrap_or_else(|e| panic!("{path}: {e}"))
    }

    fn run(&self, arguments: &[&str]) -> Ran {
        let report = self.path("report.json");
        let _ = std::fs::remove_file(&report);
        let output = Command::new(env!("CARGO_BIN_EXE_rspp-gates"))
            .current_dir(self.folder.path())
            .env("NO_COLOR", "1")
            .args(["run", "p", "--no-timing", "--report", "json=report.json"])
            .args(arguments)
            .output()
            .unwrap();
        Ran {
            exit: output.status.code(),
            report: std::fs::read_to_string(&report)
                .ok()
                .and_then(|t| serde_json::from_str(&t).ok())
                .unwrap_or_default(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Paths of all files below a folder.
    fn found(&self, folder: &str) -> Vec<String> {
        let (mut found, mut open) = (Vec::new(), vec![self.path(folder)]);
        while let Some(next) = open.pop() {
            for entry in std::fs::read_dir(&next).into_iter().flatten().flatten() {
                match entry.path() {
                    path if path.is_dir() => open.push(path),
                    path => found.push(path.strip_prefix(self.folder.path()).unwrap().display().to_string()),
                }
            }
        }
        found.sort();
        found
    }
}

const ALL: [&str; 7] = [
    "out/numbers.json",
    "out/summary.json",
    "out/summary.md",
    "out/visits/v1.json",
    "out/visits/v1.md",
    "out/visits/v2.json",
    "out/visits/v2.md",
];

#[test]
fn they_are_written_when_the_run_passes_and_when_it_fails() {
    let case = Case::new();
    let ran = case.run(&[]);
    assert_eq!(ran.exit, Some(0), "{}{}", ran.out, ran.err);
    assert_eq!(case.found("out"), ALL);
    let expected =
        "{\n  \"at\": \"2026-03-01T00:00:00Z\",\n  \"visits\": 2,\n  \"source\": \"evidence/visits.jsonl\"\n}\n";
    assert_eq!(case.text("out/summary.json"), expected);
    let page = case.text("out/summary.md");
    assert!(page.starts_with("# How the shop did\n\n| field | value |\n"), "{page}");
    assert!(page.ends_with("\n\nStatus: PASS\n"), "{page}");

    case.visits(&[("v1", "good"), ("v2", "bad")]);
    let ran = case.run(&[]);
    assert_eq!(ran.exit, Some(1), "{}", ran.out);
    assert!(case.text("out/summary.json").contains("\"bad\": [\n    \"visit v2 is bad\"\n  ]"));
    assert!(case.text("out/summary.md").ends_with("Status: FAIL\n"));
    assert!(case.text("out/visits/v1.md").ends_with("Status: PASS\n"));
    assert!(case.text("out/visits/v2.md").ends_with("Status: FAIL\n"));
    let listed: Vec<String> =
        ["numbers", "summary", "each_visit"].iter().flat_map(|n| ran.files(n)).map(|(s, _)| s).collect();
    assert_eq!(listed, ["written"; 7]);
    // The report tells the bytes.
    for artifact in ran.report["artifacts"].as_array().unwrap() {
        use sha2::Digest as _;
        let bytes = case.text(artifact["path"].as_str().unwrap());
        let digest: String = sha2::Sha256::digest(bytes).iter().map(|b| format!("{b:02x}")).collect();
        assert_eq!(artifact["sha256"], digest);
    }
    assert!(ran.out.contains("\nArtifacts\n"), "{}", ran.out);
}

#[test]
fn what_is_made_of_unusable_evidence_is_withheld_and_the_older_file_is_gone() {
    let case = Case::new();
    case.run(&[]);
    // Somebody else's files in the folder of the rows.
    case.put("out/visits/README.md", "mine\n");
    case.put("out/visits/notes.json", "{\"mine\": true}\n");
    case.put("evidence/visits.jsonl", "{\"id\":\"v1\"\n");
    let ran = case.run(&[]);
    assert_eq!(ran.exit, Some(3), "{}{}", ran.out, ran.err);
    assert_eq!(case.found("out"), ["out/numbers.json", "out/visits/README.md", "out/visits/notes.json"]);
    let summary = [("withheld", "out/summary.json"), ("removed", "out/summary.json"), ("removed", "out/summary.md")];
    assert_eq!(ran.files("summary"), pairs(&summary));
    assert_eq!(ran.files("each_visit")[0], pairs(&[("withheld", "out/visits/*.json")])[0]);
    assert_eq!(ran.files("each_visit").len(), 5);
    assert!(ran.reason("out/summary.json").contains("evidence `visits` cannot be used"), "{}", ran.out);
    assert!(ran.out.contains("WITHHELD"), "{}", ran.out);
    // Once more there is nothing to remove.
    assert_eq!(case.run(&[]).files("summary"), pairs(&[("withheld", "out/summary.json")]));
}

#[test]
fn what_only_an_artifact_reads_decides_nothing() {
    let case = Case::new();
    let fine = case.run(&[]);
    case.put("evidence/extra.json", "{\"n\": \"three\"}\n");
    let ran = case.run(&[]);
    assert_eq!(ran.exit, Some(0), "{}{}", ran.out, ran.err);
    assert_eq!(ran.files("numbers"), pairs(&[("withheld", "out/numbers.json"), ("removed", "out/numbers.json")]));
    let without = case.run(&["--no-artifacts"]);
    for key in ["run_id", "status", "gates", "counts", "source"] {
        assert_eq!(ran.report[key], without.report[key], "{key}");
        assert_eq!(ran.report[key], fine.report[key], "{key}");
    }
}

#[test]
fn files_of_rows_that_are_gone_are_removed() {
    let case = Case::new();
    case.run(&[]);
    case.visits(&[("v3", "good"), ("v1", "good")]);
    let ran = case.run(&[]);
    assert_eq!(ran.exit, Some(0), "{}", ran.err);
    let visits = ["out/visits/v1.json", "out/visits/v1.md", "out/visits/v3.json", "out/visits/v3.md"];
    assert_eq!(case.found("out/visits"), visits);
    let removed: Vec<_> = ran.files("each_visit").into_iter().filter(|(s, _)| s == "removed").collect();
    assert_eq!(removed, pairs(&[("removed", "out/visits/v2.md"), ("removed", "out/visits/v2.json")]));
}

#[test]
fn rows_of_one_name_stop_their_artifact_alone() {
    let case = Case::new();
    case.run(&[]);
    case.visits(&[("v1", "good"), ("a b", "good"), ("a/b", "good")]);
    let ran = case.run(&[]);
    assert_eq!(ran.exit, Some(74), "{}", ran.out);
    let why = ran.reason("out/visits/*.json");
    for part in ["two rows write `out/visits/a_b.json`", "row 2 (evidence/visits.jsonl:2 (key a b))", "key a/b"] {
        assert!(why.contains(part), "{why}");
    }
    assert!(ran.err.contains("rspp::runner::artifact-not-written"), "{}", ran.err);
    assert_eq!(case.found("out"), ["out/numbers.json", "out/summary.json", "out/summary.md"]);
    // Names that some file systems do not tell apart.
    case.visits(&[("v1", "good"), ("V1", "good")]);
    assert_eq!(case.run(&[]).exit, Some(74));
}

#[test]
fn they_stay_below_their_root_and_off_what_was_read() {
    let case = Case::new();
    let elsewhere = tempfile::tempdir().unwrap();
    std::fs::create_dir(case.path("out")).unwrap();
    symlink(elsewhere.path(), case.path("out/visits")).unwrap();
    let ran = case.run(&[]);
    assert_eq!(ran.exit, Some(74), "{}", ran.out);
    assert!(ran.reason("out/visits/v1.json").contains("leads out of its root through a link"), "{}", ran.err);
    assert_eq!(std::fs::read_dir(elsewhere.path()).unwrap().count(), 0);
    assert_eq!(case.text("out/summary.md").lines().last(), Some("Status: PASS"));

    // A link inside of the root is followed; one to evidence is not written through.
    let case = Case::new();
    std::fs::create_dir_all(case.path("really")).unwrap();
    symlink("really", case.path("out")).unwrap();
    assert_eq!(case.run(&[]).exit, Some(0));
    assert!(case.path("really/summary.json").exists());
    std::fs::remove_file(case.path("out/numbers.json")).unwrap();
    symlink("../evidence/visits.jsonl", case.path("out/numbers.json")).unwrap();
    let before = case.text("evidence/visits.jsonl");
    let ran = case.run(&[]);
    assert_eq!(ran.exit, Some(74));
    assert!(ran.reason("out/numbers.json").contains("the evidence `visits`, which this run has read"), "{}", ran.err);
    assert_eq!(case.text("evidence/visits.jsonl"), before);

    // Nor is evidence at the very path of an artifact removed or replaced.
    let case = Case::new();
    case.put("gates/shop.gate", &POLICY.replace("evidence/extra.json", "out/numbers.json"));
    case.put("out/numbers.json", "{\"n\": 3}\n");
    assert_eq!(case.run(&[]).exit, Some(74));
    case.put("out/numbers.json", "{\"n\": \"x\"}\n");
    assert_eq!(case.run(&[]).files("numbers"), pairs(&[("withheld", "out/numbers.json")]));
    assert_eq!(case.text("out/numbers.json"), "{\"n\": \"x\"}\n");
}

#[test]
fn a_report_does_not_take_the_place_of_an_artifact() {
    let case = Case::new();
    let ran = case.run(&["--report", "human=out/summary.json"]);
    assert_eq!(ran.exit, Some(74));
    assert!(ran.err.contains("the artifact `summary` of this run"), "{}", ran.err);
    assert!(case.text("out/summary.json").starts_with('{'));
}

#[test]
fn what_stands_in_the_place_of_a_file_is_left_alone() {
    let case = Case::new();
    std::fs::create_dir_all(case.path("out/summary.json")).unwrap();
    let ran = case.run(&[]);
    assert_eq!(ran.exit, Some(74), "{}", ran.out);
    assert!(ran.reason("out/summary.json").contains("a folder is in its place"));
    // The page beside it and all others are written.
    assert_eq!(case.found("out").len(), 6);
    case.put("file", "x");
    let ran = case.run(&["--artifacts", "file/below"]);
    assert_eq!(ran.exit, Some(74), "{}", ran.err);
    assert_eq!(case.text("file"), "x");
}

#[test]
fn they_go_where_they_are_told_or_nowhere() {
    let case = Case::new();
    let elsewhere = tempfile::tempdir().unwrap();
    let target = elsewhere.path().join("made/for/it");
    assert_eq!(case.run(&["--artifacts", target.to_str().unwrap()]).exit, Some(0));
    assert!(target.join("out/visits/v1.md").exists());
    assert!(case.found("out").is_empty());
    let ran = case.run(&["--no-artifacts"]);
    assert_eq!((ran.exit, ran.report.get("artifacts")), (Some(0), None));
    assert!(case.found("out").is_empty());
    // A part of a profile is only looked at, and what is there stays.
    case.put("out/summary.json", "old");
    let ran = case.run(&["--only", "shop.*"]);
    assert_eq!((ran.exit, ran.report.get("artifacts")), (Some(0), None));
    assert_eq!((case.found("out").len(), case.text("out/summary.json")), (1, "old".to_owned()));
    // Relative to the working folder, as everything on the command line.
    assert_eq!(case.run(&["--root", ".", "--artifacts", "there"]).exit, Some(0));
    assert_eq!(case.found("there").len(), 7);
    let ran = case.run(&["--artifacts", "rspp-gates.yaml"]);
    assert_eq!(ran.exit, Some(2));
    assert!(ran.err.contains("rspp::runner::artifact-root"), "{}", ran.err);
    assert_eq!(case.run(&["--artifacts", "x", "--no-artifacts"]).exit, Some(2));
}

#[test]
fn a_path_that_is_overridden_is_told_as_given() {
    let case = Case::new();
    case.put("other/visits.jsonl", "{\"id\":\"v9\",\"word\":\"good\"}\n");
    assert_eq!(case.run(&["--evidence", "visits=other/visits.jsonl"]).exit, Some(0));
    assert!(case.text("out/summary.json").contains("\"source\": \"other/visits.jsonl\""));
}

#[test]
fn the_same_inputs_give_the_same_bytes_on_any_number_of_threads() {
    let case = Case::new();
    let rows: String = (0..60)
        .map(|i| format!("{{\"id\":\"v{i}\",\"word\":\"{}\"}}\n", if i % 7 == 0 { "bad" } else { "good" }))
        .collect();
    case.put("evidence/visits.jsonl", &rows);
    let told = ["1", "2", "64"].map(|n| {
        let ran = case.run(&["--threads", n]);
        assert_eq!(ran.exit, Some(1));
        let files = case.found("out");
        assert_eq!(files.len(), 2 * 60 + 3);
        let texts: Vec<String> = files.iter().map(|f| case.text(f)).collect();
        (ran.report.to_string(), ran.out, files, texts)
    });
    assert!(told.windows(2).all(|w| w[0] == w[1]));
    // One row more than files may be.
    case.put(
        "evidence/visits.jsonl",
        &(0..1001).map(|i| format!("{{\"id\":\"v{i}\",\"word\":\"good\"}}\n")).collect::<String>(),
    );
    let ran = case.run(&[]);
    assert_eq!(ran.exit, Some(74));
    assert!(ran.reason("out/visits/*.json").contains("1001 rows would be files, and 1000 may be"));
    assert!(case.found("out/visits").is_empty());
}

#[test]
fn the_shipped_report_of_the_objectives_has_its_documented_fields() {
    let project = Path::new(env!("CARGO_MANIFEST_DIR"));
    let target = tempfile::tempdir().unwrap();
    for (root, exit, status) in [("fixtures/reference", 0, "PASS"), ("fixtures/cases/turn-open-p95-over", 1, "FAIL")] {
        let output = Command::new(env!("CARGO_BIN_EXE_rspp-gates"))
            .current_dir(project)
            .args(["run", "quick.profile", "--quiet", "--root", root, "--artifacts"])
            .arg(target.path())
            .output()
            .unwrap();
        // Other gates of the profile have no evidence in the folder of a case.
        assert!(output.status.code() == Some(exit) || status == "FAIL", "{root}");
        let stem = target.path().join(".codex/ops/slo-gates-report");
        let text = std::fs::read_to_string(stem.with_extension("json")).unwrap();
        let report: Json = serde_json::from_str(&text).unwrap();
        let keys = |json: &Json| json.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
        let all = ["schema_version", "generated_at_utc", "baseline_artifact_path", "thresholds", "report"];
        let mut expected = all.map(str::to_owned).to_vec();
        expected.sort();
        let mut found = keys(&report);
        found.sort();
        assert_eq!(found, expected);
        let limits = r#"{"TurnOpenDecisionP95MS":120,"FirstOutputP95MS":1500,"CancelFenceP95MS":150,"EndToEndP50MS":1500,"EndToEndP95MS":2000,"RequiredCompleteness":1,"MaxStaleAcceptedOutput":0}"#;
        assert_eq!(report["thresholds"], serde_json::from_str::<Json>(limits).unwrap());
        assert_eq!(report["generated_at_utc"], "2026-03-02T09:00:00Z");
        assert_eq!(report["report"]["passed"], status == "PASS");
        assert_eq!(report["report"]["violations"].is_null(), status == "PASS", "{text}");
        // There is no cancel in the small case, so no figure for it.
        assert_eq!(report["report"]["cancel_fence_p95_ms"].is_null(), status == "FAIL", "{text}");
        let page = std::fs::read_to_string(stem.with_extension("md")).unwrap();
        assert!(page.starts_with("# SLO gates report\n") && page.ends_with(&format!("\nStatus: {status}\n")), "{page}");
    }
}
