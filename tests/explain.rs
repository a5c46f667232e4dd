//! What `explain` says: gates in words and in source, every written way from missing to green, how
//! a saved verdict came about; functions and names; and how it refuses.

#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first thing that is not as it should be, and looks at real files"
)]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// One of everything that lets something missing through, and of every clause.
const POLICY: &str = r#"policy depot { language 1 }

## Where parcels are.
evidence parcels {
  path    "evidence/parcels.jsonl"
  source  from origin
  fresh   within max_age of seen_at
  row open {
    id        : string key
    zone      : Zone
    origin    : string
    seen_at   : instant(rfc3339)
    sent_at   : instant(rfc3339)?  nullable
    weight    : int?               lenient
    waited    : duration(s)?       sentinel 0s sentinel 99s
    fragile   : bool               default false
    note      : string?
    extra     : json?
  }
}

enum Zone { north, south   else elsewhere }

## Earlier figures; there are none before the first run.
evidence earlier {
  path      "evidence/earlier.json"
  source    recorded
  fresh     any
  optional  first_run until 2026-06-01T00:00:00Z
  document  { usual_wait : duration(s) }
}

record Label open { street : string   floor : int  default 0  attic : bool? }

## How old a sighting may be.
param max_age = 24h
param limit : duration = 30s

## Parcels that were sent.
let sent = parcels as p where present(p.sent_at) select {
  id      = p.id
  zone    = p.zone
  weight  = p.weight
  waited  = p.waited
  fragile = p.fragile
  known   = filled(p.note)
  label   = p.extra
  seen_at = p.seen_at
}

def limit_of(zone: Zone) : duration = if zone == north then (earlier.usual_wait ?? limit) else limit
def heavy(weight: int?) : bool = present(weight) and weight > 20
def labelled(l: json?) : bool = not present(l) or l is Label

gate depot.alive { stage s  expect count(parcels) > 0 else "no parcel at all" }

## How long a parcel waits, in every zone for itself.
gate depot.wait {
  title      "Waiting time"
  owner      "depot"
  refs       D-1, D-2
  stage      s
  required   true
  needs      depot.alive
  scope      sent where known and weight ?? 0 < 40
  per        zone
  each       fragile implies heavy(weight) == false else "parcel {id} is fragile and heavy"
  each       labelled(label) else "parcel {id} has no label that can be read: {faults(label, Label)}"
  expect     no r in rows: r.seen_at > as_of else "parcel {r.id} was seen in the future"
  expect     result(depot.alive).passed else "nothing lives"
  metric     p95(waited)
  metric     quantile(50%, waited) as middle
  metric     mean(waited) shown
  threshold  p95 <= limit
  threshold  middle in 1s..limit_of(zone)
  missing    exclude at most 25%
  samples    >= 2
  when empty pass
  effective from 2026-01-01T00:00:00Z
  waivable   true
  fix        "Open another counter."
}

gate depot.slow {
  stage      s
  required   false
  scope      parcels
  metric     p95(waited)
  threshold  <= 5m
  missing    worst
  when empty inconclusive
}

gate depot.lonely { scope parcels  metric count(rows where fragile)  threshold == 0  stage alone  when empty fail }
"#;

const PROFILES: [(&str, &str); 3] = [
    ("profiles/base.profile", "profile base { stage s  sources recorded, live }\n"),
    (
        "profiles/strict.profile",
        "profile strict {\n  extends base\n  set limit = 20s\n  tighten depot.slow { threshold <= 2m  required true }\n  loosen depot.wait { missing exclude at most 50% } because \"the scale is broken\"\n}\n",
    ),
    ("profiles/alone.profile", "profile alone { stage alone }\n"),
];

const PARCELS: &str = r#"{"id":"a","zone":"north","origin":"recorded","seen_at":"2026-03-01T10:00:00Z","sent_at":"2026-03-01T09:00:00Z","weight":3,"waited":12,"note":"n"}
{"id":"b","zone":"north","origin":"recorded","seen_at":"2026-03-01T10:00:00Z","sent_at":"2026-03-01T09:00:00Z","weight":4,"waited":25,"note":"n"}
{"id":"c","zone":"south","origin":"recorded","seen_at":"2026-03-01T10:00:00Z","sent_at":"2026-03-01T09:00:00Z","weight":"heavy","waited":31,"note":"n"}
{"id":"d","zone":"south","origin":"recorded","seen_at":"2026-03-01T10:00:00Z","sent_at":"2026-03-01T09:00:00Z","weight":5,"waited":40,"note":"n"}
{"id":"e","zone":"mars","origin":"recorded","seen_at":"2026-03-01T10:00:00Z","sent_at":null,"weight":5,"waited":99}
{"id":"f","zone":"south","origin":"recorded","seen_at":"2026-03-01T10:00:00Z","sent_at":"2026-03-01T09:00:00Z","weight":5,"waited":0,"note":"n"}
{"id":"g","zone":"south","origin":"recorded","seen_at":"2026-03-01T10:00:00Z","sent_at":"2026-03-01T09:00:00Z","weight":5,"waited":14,"note":"n"}
{"id":"h","zone":"south","origin":"recorded","seen_at":"2026-03-01T10:00:00Z","sent_at":"2026-03-01T09:00:00Z","weight":30,"waited":15,"note":"n","fragile":true}
{"id":"i","zone":"south","origin":"recorded","seen_at":"2026-03-01T10:00:00Z","sent_at":"2026-03-01T09:00:00Z","weight":6,"waited":16,"note":"n"}
"#;

fn project() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn run(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_rspp-gates")).current_dir(folder).env_clear().args(arguments).output().unwrap()
}

/// Exit code, stdout and stderr, with what changes from version to version put away.
fn shows(folder: &Path, arguments: &[&str]) -> String {
    let output = run(folder, arguments);
    let mut text = format!("$ rspp-gates {}\nexit {}\n", arguments.join(" "), output.status.code().unwrap());
    for (name, bytes) in [("stdout", &output.stdout), ("stderr", &output.stderr)] {
        if !bytes.is_empty() {
            text.push_str(&format!("--- {name}\n{}", String::from_utf8_lossy(bytes)));
        }
    }
    let text = text.replace(env!("CARGO_PKG_VERSION"), "[version]");
    regex::Regex::new(r"\b[0-9a-f]{12}\b").unwrap().replace_all(&text, "[short]").into_owned()
}

struct Case(tempfile::TempDir);

impl Case {
    fn new() -> Self {
        let case = Self(tempfile::tempdir().unwrap());
        case.put("gates/depot.gate", POLICY);
        for (path, text) in PROFILES {
            case.put(path, text);
        }
        case.put("evidence/parcels.jsonl", PARCELS);
        case.put("rspp-gates.yaml", "as_of: \"2026-03-01T12:00:00Z\"\n");
        case
    }

    fn put(&self, path: &str, text: impl AsRef<[u8]>) {
        let path = self.0.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    fn shows(&self, arguments: &[&str]) -> String {
        shows(self.0.path(), arguments)
    }

    /// Runs a profile and keeps its report.
    fn report(&self, profile: &str) {
        let output = run(self.0.path(), &["run", profile, "--no-timing", "-q", "--report", "json=out.json"]);
        assert!(self.0.path().join("out.json").exists(), "{}", String::from_utf8_lossy(&output.stderr));
    }
}

macro_rules! shows {
    ($name:literal, $text:expr) => {
        insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
            insta::assert_snapshot!(concat!("explain__", $name), $text);
        });
    };
}

// ---- gates ----

#[test]
fn three_shipped_gates_read_well() {
    shows!("turn_open_decision", shows(&project(), &["explain", "slo.turn_open_decision"]));
    shows!("completeness", shows(&project(), &["explain", "slo.completeness", "--profile", "mvp"]));
    shows!("terminal", shows(&project(), &["explain", "slo.terminal", "--profile", "quick"]));
}

#[test]
fn a_gate_of_another_field_reads_well() {
    let folder = project().join("examples/app-stability");
    shows!("crash_free", shows(&folder, &["explain", "stability.crash_free"]));
}

#[test]
fn every_clause_is_said_and_every_way_to_green_told() {
    let case = Case::new();
    shows!("every_clause", case.shows(&["explain", "depot.wait"]));
    shows!("worst", case.shows(&["explain", "depot.slow"]));
    shows!("no_scope", case.shows(&["explain", "depot.alive"]));
}

#[test]
fn a_profile_shows_who_set_what_and_why() {
    let case = Case::new();
    shows!("tightened", case.shows(&["explain", "depot.slow", "--profile", "strict"]));
    let loosened = case.shows(&["explain", "depot.wait", "--profile", "strict"]);
    for due in [
        "by profile strict, instead of `exclude at most 25%`",
        "because the scale is broken",
        "(that is 20s)",
        "up to 50% of them",
    ] {
        let flat = loosened.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(flat.contains(due), "{due} is not told:\n{loosened}");
    }
    let elsewhere = case.shows(&["explain", "depot.lonely", "--profile", "base"]);
    assert!(elsewhere.contains("Profile base does not run it"), "{elsewhere}");
}

#[test]
fn what_only_a_message_reads_is_no_way_to_green() {
    // The sort of gate whose message reads `turn_id`, which has a `??`.
    let page = shows(&project(), &["explain", "slo.turn_open_decision"]);
    let ways = page.split("Every written way").nth(1).and_then(|rest| rest.split("What it reads").next()).unwrap();
    assert!(!ways.contains("(no id)"), "{page}");
    // Columns of a view that the gate does not read are none either.
    assert!(!page.contains("TerminalOutcome"), "{page}");
}

// ---- a saved run ----

#[test]
fn a_figure_is_derived_step_by_step() {
    let case = Case::new();
    case.report("base");
    shows!("run_parts", case.shows(&["explain", "depot.wait", "--run", "out.json"]));
    shows!("run_worst", case.shows(&["explain", "depot.slow", "--run", "out.json"]));
    shows!("run_no_rows", case.shows(&["explain", "depot.alive", "--run", "out.json"]));
}

#[test]
fn the_rank_of_a_shipped_figure_is_told_and_its_row_marked() {
    let folder = tempfile::tempdir().unwrap();
    let report = folder.path().join("run.json");
    let report_to = format!("json={}", report.display());
    for (case, exit) in [("fixtures/reference", 0), ("fixtures/cases/turn-open-p95-over", 1)] {
        let ran = run(
            &project(),
            &["run", "mvp", "--root", case, "--no-timing", "-q", "--no-artifacts", "--report", &report_to],
        );
        assert_eq!(ran.status.code(), Some(exit));
        let page = shows(&project(), &["explain", "slo.turn_open_decision", "--run", report.to_str().unwrap()]);
        let page = page.replace(report.to_str().unwrap(), "[report]");
        if exit == 0 {
            shows!("run_pass", page);
        } else {
            shows!("run_fail", page);
        }
    }
}

#[test]
fn a_report_of_another_policy_is_explained_as_far_as_it_goes() {
    let case = Case::new();
    case.report("base");
    // A comment, or what another gate asks, changes nothing of this one.
    case.put("gates/depot.gate", format!("# a comment\n{}", POLICY.replace("duration = 30s", "duration = 300s")));
    let page = case.shows(&["explain", "depot.slow", "--run", "out.json"]);
    assert!(page.contains("What it asked") && !page.contains("made with another policy"), "{page}");
    let page = case.shows(&["explain", "depot.wait", "--run", "out.json"]);
    assert!(page.contains("made with another policy") && !page.contains("What it asked"), "{page}");
    case.put("gates/depot.gate", POLICY.replace("<= 5m", "<= 6m"));
    let page = case.shows(&["explain", "depot.slow", "--run", "out.json"]);
    assert!(page.contains("made with another policy") && page.contains("the rank is 95% of 9"), "{page}");
    assert!(!page.contains("What it asked"), "{page}");
    // Without any policy, and with one that has mistakes, the report still speaks.
    case.put("gates/depot.gate", "gate {");
    let page = case.shows(&["explain", "depot.slow", "--run", "out.json"]);
    assert!(page.contains("exit 0") && page.contains("the rank is 95% of 9"), "{page}");
    assert!(page.contains("the policy here has mistakes"), "{page}");
    std::fs::remove_dir_all(case.0.path().join("gates")).unwrap();
    let page = case.shows(&["explain", "depot.slow", "--run", "out.json"]);
    assert!(page.contains("exit 0") && page.contains("the rank is 95% of 9"), "{page}");
}

#[test]
fn reports_that_cannot_be_explained_are_refused() {
    let case = Case::new();
    case.report("base");
    let whole = std::fs::read_to_string(case.0.path().join("out.json")).unwrap();
    let version = "rspp-gates.gate-run.v1";
    case.put("cut.json", whole.chars().take(whole.len() / 2).collect::<String>());
    case.put("other.json", whole.replace(version, "rspp-gates.gate-run.v2"));
    case.put("list.json", "[1, 2]");
    case.put("text.json", "no report");
    case.put("bare.json", "{}");
    case.put("fields.json", format!("{{\"schema_version\": \"{version}\", \"gates\": {{}}}}"));
    case.put("deep.json", format!("{}{}", "[".repeat(100_000), "]".repeat(100_000)));
    case.put("twice.json", whole.replacen("\"run_id\"", "\"run_id\": \"a\",\n  \"run_id\"", 1));
    let mut all = String::new();
    for file in [
        "absent.json",
        "cut.json",
        "other.json",
        "list.json",
        "text.json",
        "bare.json",
        "fields.json",
        "deep.json",
        "twice.json",
        ".",
    ] {
        let shown = case.shows(&["explain", "depot.slow", "--run", file]);
        assert!(
            shown.contains("exit 2") && shown.contains("rspp::explain::run") && !shown.contains("--- stdout"),
            "{shown}"
        );
        all.push_str(&shown);
    }
    all.push_str(&case.shows(&["explain", "depot.slwo", "--run", "out.json"]));
    shows!("run_refused", all);
}

#[test]
fn nothing_of_a_report_reaches_the_terminal_unescaped() {
    let case = Case::new();
    case.report("base");
    let report = std::fs::read_to_string(case.0.path().join("out.json")).unwrap();
    let hostile = report
        .replace("evidence/parcels.jsonl", "evidence/\\u001b[2Jparcels\\u202e.jsonl")
        .replace("Waiting time", "Waiting\\u0007 \\u001b]0;time");
    case.put("hostile.json", hostile);
    let page = case.shows(&["explain", "depot.wait", "--run", "hostile.json"]);
    assert!(page.contains("exit 0") && page.contains("\\u{1b}[2J"), "{page}");
    assert!(!page.contains(['\u{1b}', '\u{7}', '\u{202e}']), "{page:?}");
}

#[test]
fn numbers_that_no_run_makes_do_no_harm() {
    let case = Case::new();
    case.report("base");
    let report: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(case.0.path().join("out.json")).unwrap()).unwrap();
    let mut wild = report;
    for gate in wild["gates"].as_array_mut().unwrap() {
        for field in ["read", "in_scope", "broken", "sample"] {
            gate["ledger"][field] = u64::MAX.into();
        }
        if let Some(metric) = gate["metrics"].get_mut("p95") {
            metric["n"] = u64::MAX.into();
            metric["value"] = serde_json::json!({ "text": "x", "num": 1, "den": 0 });
        }
    }
    case.put("wild.json", wild.to_string());
    let page = case.shows(&["explain", "depot.slow", "--run", "wild.json"]);
    assert!(page.contains("exit 0"), "{page}");
}

#[test]
fn bounds_of_a_certified_verdict_are_told() {
    let case = Case::new();
    case.report("base");
    let mut report: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(case.0.path().join("out.json")).unwrap()).unwrap();
    let gates = report["gates"].as_array_mut().unwrap();
    let gate = gates.iter_mut().find(|g| g["gate_id"] == "depot.slow").unwrap();
    gate["metrics"]["p95"]["bounds"] = serde_json::json!({
        "confidence": { "text": "95%", "num": 19, "den": 20 },
        "lower": { "rank": 8, "value": { "text": "40s", "num": 40, "den": 1 } },
        "upper": { "rank": 9, "beyond": "above" },
    });
    gate["metrics"]["p95"]["thresholds"][0]["certified"] = serde_json::json!({
        "certainty": "open", "misses": 2, "allowed": { "text": "5%" }, "least_misses": 3, "further_rows": 50,
    });
    case.put("bounds.json", report.to_string());
    let page = case.shows(&["explain", "depot.slow", "--run", "bounds.json"]);
    let flat = page.split_whitespace().collect::<Vec<_>>().join(" ");
    for due in [
        "at 95% each, the figure of all rows is at least 40s, the 8th smallest and at most above all, the 9th smallest",
        "by the bound: open; 2 rows are on the wrong side; 3 or more that it is missed; 50 rows more could tell",
    ] {
        assert!(flat.contains(due), "{due} is not told:\n{page}");
    }
}

// ---- other words ----

#[test]
fn functions_formats_and_names_have_pages() {
    let case = Case::new();
    let mut all = String::new();
    for word in ["quantile", "filled", "jsonl", "parcels", "sent", "limit", "heavy", "Label", "Zone", "strict"] {
        all.push_str(&case.shows(&["explain", word]));
        all.push('\n');
    }
    shows!("names", all);
}

#[test]
fn every_function_and_every_name_of_the_shipped_policy_has_a_page() {
    let empty = tempfile::tempdir().unwrap();
    for word in ["p95", "count", "present", "jsonl", "rspp::types::mismatch", "types::mismatch"] {
        let output = run(empty.path(), &["explain", word]);
        assert_eq!(output.status.code(), Some(0), "{word}: {}", String::from_utf8_lossy(&output.stderr));
        assert!(!output.stdout.is_empty());
    }
    let listed = String::from_utf8(run(&project(), &["list"]).stdout).unwrap();
    let names = listed.lines().filter(|l| l.starts_with("  ")).filter_map(|l| l.split_whitespace().next());
    let mut pages = 0;
    for name in names.filter(|n| !["profile", "gate"].contains(n)) {
        let output = run(&project(), &["explain", name]);
        assert_eq!(output.status.code(), Some(0), "{name}: {}", String::from_utf8_lossy(&output.stderr));
        pages += 1;
    }
    assert!(pages >= 12, "{pages}");
}

#[test]
fn a_word_of_two_meanings_says_so() {
    let case = Case::new();
    case.put("profiles/parcels.profile", "profile parcels { stage s }\n");
    let first = case.shows(&["explain", "parcels"]);
    assert!(first.contains("--- stdout\nprofile parcels"), "{first}");
    assert!(first.contains("also an evidence"), "{first}");
    let second = case.shows(&["explain", "parcels", "--kind", "evidence"]);
    assert!(second.contains("--- stdout\nevidence parcels"), "{second}");
}

#[test]
fn words_that_mean_nothing_are_refused_with_the_nearest() {
    let case = Case::new();
    let mut all = String::new();
    for arguments in [
        &["explain", "depot.wiat"][..],
        &["explain", "wait"],
        &["explain", "p59"],
        &["explain", "types::mismach"],
        &["explain", "zzzzzz"],
        &["explain", "p95", "--kind", "gate"],
        &["explain", "p95", "--profile", "base"],
        &["explain", "depot.wait", "--profile", "bsae"],
        &["explain", "depot.wait", "--profile", "base", "--run", "x.json"],
        &["explain", "\u{1b}[2J"],
    ] {
        let shown = case.shows(arguments);
        assert!(shown.contains("exit 2"), "{shown}");
        all.push_str(&shown);
    }
    shows!("refused", all.replace("$ rspp-gates explain \u{1b}[2J", "$ rspp-gates explain (an escape)"));
    let empty = tempfile::tempdir().unwrap();
    shows!("refused_without_a_policy", shows(empty.path(), &["explain", "depot.wait"]));
    // A policy with mistakes: they are told, because the word may stand in it.
    case.put("gates/more.gate", "gate depot.more { scope nothing }\n");
    let shown = case.shows(&["explain", "depot.more"]);
    assert!(shown.contains("exit 2") && shown.contains("gates/more.gate"), "{shown}");
    assert!(case.shows(&["explain", "p95"]).contains("exit 0"));
}

#[test]
fn pages_are_the_same_each_time_and_coloured_only_when_asked() {
    let case = Case::new();
    let plain = case.shows(&["explain", "depot.wait"]);
    assert_eq!(plain, case.shows(&["explain", "depot.wait"]));
    assert!(!plain.contains('\u{1b}'));
    assert!(case.shows(&["explain", "depot.wait", "--color", "always"]).contains('\u{1b}'));
}
