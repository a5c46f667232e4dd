//! The binary, end to end: what it writes to stdout, to stderr and to files, and how it ends.
//! Every case shows all four.

#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first thing that is not as it should be, and looks at real files"
)]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const POLICY: &str = r#"policy shop { language 1 }

## A visit to the shop.
evidence visits {
  path    "evidence/visits.jsonl"
  source  recorded
  fresh   within 24h of closed_at
  row {
    id        : string key
    bought    : bool
    asked_at  : instant(rfc3339)
    shown_at  : instant(rfc3339)?
    closed_at : instant(rfc3339)
  }
}

gate shop.first_byte {
  title      "First byte of the page"
  owner      "web-team"
  refs       REQ-25
  stage      quick, full
  scope      visits where bought
  each       present(shown_at)
             else "visit {id} never showed a page"
  metric     p95(shown_at - asked_at)
  threshold  <= 300ms
  when empty inconclusive
  fix        "Look at the cache between the two instants."
}

gate shop.bought {
  stage      full
  required   false
  scope      visits
  metric     ratio(bought)
  threshold  >= 50%
  when empty inconclusive
}
"#;

const PROFILES: [(&str, &str); 2] = [
    ("profiles/quick.profile", "profile quick { stage quick  sources recorded, live }\n"),
    ("profiles/full.profile", "profile full { extends quick  stage full  expect gates >= 2 }\n"),
];

const VISITS: &str = r#"{"id":"v1","bought":true,"asked_at":"2026-03-01T10:00:00Z","shown_at":"2026-03-01T10:00:00.250Z","closed_at":"2026-03-01T10:01:00Z"}
{"id":"v2","bought":true,"asked_at":"2026-03-01T10:00:00Z","shown_at":"2026-03-01T10:00:00.120Z","closed_at":"2026-03-01T10:01:00Z"}
{"id":"v3","bought":false,"asked_at":"2026-03-01T10:00:00Z","closed_at":"2026-03-01T10:01:00Z"}
"#;

const RUN_FILE: &str = "as_of: \"2026-03-01T12:00:00Z\"\n";

/// A folder with a policy, and what a command makes of it.
struct Case {
    folder: tempfile::TempDir,
    environment: Vec<(&'static str, &'static str)>,
}

impl Case {
    /// The policy above with its evidence and a run file.
    fn new() -> Self {
        let case = Self::bare();
        for (path, text) in PROFILES {
            case.put(path, text);
        }
        case.put("gates/shop.gate", POLICY);
        case.put("evidence/visits.jsonl", VISITS);
        case.put("rspp-gates.yaml", RUN_FILE);
        case
    }

    fn bare() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), environment: Vec::new() }
    }

    fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    fn put(&self, path: &str, text: impl AsRef<[u8]>) {
        let path = self.path(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_rspp-gates"));
        command.current_dir(self.folder.path()).env_clear().args(arguments).envs(self.environment.iter().copied());
        command
    }

    fn output(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// Everything that a command did, with what changes from run to run put away.
    fn shows(&self, arguments: &[&str]) -> String {
        let before = files(self.folder.path());
        let output = self.output(arguments);
        let mut text = format!("$ rspp-gates {}\nexit {}\n", arguments.join(" "), output.status.code().unwrap());
        for (name, bytes) in [("stdout", &output.stdout), ("stderr", &output.stderr)] {
            if !bytes.is_empty() {
                let _ = write!(text, "--- {name}\n{}", String::from_utf8_lossy(bytes));
            }
        }
        for (path, bytes) in files(self.folder.path()) {
            if !before.contains(&(path.clone(), bytes.clone())) {
                let _ = write!(text, "--- {path}\n{}", String::from_utf8_lossy(&bytes));
            }
        }
        self.redacted(&text)
    }

    fn redacted(&self, text: &str) -> String {
        let folder = self.folder.path().canonicalize().unwrap();
        let text = text.replace(&*folder.to_string_lossy(), "[folder]");
        let text = text.replace(&*self.folder.path().to_string_lossy(), "[folder]");
        let text = text.replace(env!("CARGO_PKG_VERSION"), "[version]");
        let put_away =
            [(r"\b[0-9a-f]{64}\b", "[sha256]"), (r"\b[0-9a-f]{32}\b", "[run-id]"), (r"\b[0-9a-f]{12}\b", "[short]")];
        put_away.iter().fold(text, |text, (pattern, with)| {
            regex::Regex::new(pattern).unwrap().replace_all(&text, *with).into_owned()
        })
    }
}

fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(next) = open.pop() {
        for entry in std::fs::read_dir(&next).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_symlink() {
                continue;
            }
            if path.is_dir() {
                open.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().to_string_lossy().into_owned();
                found.push((name, std::fs::read(&path).unwrap_or_default()));
            }
        }
    }
    found.sort();
    found
}

macro_rules! shows {
    ($name:literal, $case:expr, $arguments:expr) => {
        insta::assert_snapshot!($name, $case.shows(&$arguments))
    };
}

// ---- help ----

#[test]
fn help_tells_commands_options_and_exit_codes() {
    let case = Case::bare();
    shows!("help", case, ["--help"]);
    shows!("help_run", case, ["run", "--help"]);
    shows!("version", case, ["--version"]);
}

#[test]
fn an_option_that_does_not_exist_is_a_wrong_command_line() {
    let case = Case::new();
    for arguments in
        [&["run"][..], &["run", "quick", "--repot", "json=x"], &["rnu"], &["run", "quick", "--threads", "0"], &[]]
    {
        assert_eq!(case.output(arguments).status.code(), Some(2), "{arguments:?}");
    }
}

// ---- run ----

#[test]
fn a_run_that_passes() {
    let case = Case::new();
    shows!("pass", case, ["run", "full.profile", "--no-timing", "--report", "json=out/run.json"]);
}

#[test]
fn a_run_that_fails_names_the_rows() {
    let case = Case::new();
    case.put(
        "evidence/visits.jsonl",
        VISITS.replace(".250Z", ".450Z").replace(",\"shown_at\":\"2026-03-01T10:00:00.120Z\"", ""),
    );
    shows!("fail", case, ["run", "full", "--no-timing"]);
}

#[test]
fn a_sample_that_proves_nothing_says_how_many_rows_it_takes() {
    let case = Case::new();
    let sure = "threshold  <= 300ms\n  decide     certified 95%";
    let policy = POLICY.replace("threshold  <= 300ms", sure);
    let sure =
        "per        bought\n  metric     ratio(present(shown_at))\n  threshold  >= 90%\n  decide     certified 90%";
    case.put("gates/shop.gate", policy.replace("metric     ratio(bought)\n  threshold  >= 50%", sure));
    let row = |n: u32| {
        let first = if n == 7 { 450 } else { 100 + n };
        let (bought, shown) = (n < 59, format!(",\"shown_at\":\"2026-03-01T10:00:00.{first}Z\""));
        let shown = if bought { shown.as_str() } else { "" };
        let asked = "\"asked_at\":\"2026-03-01T10:00:00Z\"";
        format!("{{\"id\":\"v{n}\",\"bought\":{bought},{asked}{shown},\"closed_at\":\"2026-03-01T10:01:00Z\"}}\n")
    };
    case.put("evidence/visits.jsonl", (0..62).map(row).collect::<String>());
    shows!("uncertified", case, ["run", "full", "--no-timing"]);
}

#[test]
fn evidence_that_cannot_be_used_is_no_answer() {
    let case = Case::new();
    case.put("evidence/visits.jsonl", "{\"id\":\"v1\",\"bought\":\"yes\"}\n{\n");
    shows!("unusable", case, ["run", "full", "--no-timing"]);
    std::fs::remove_file(case.path("evidence/visits.jsonl")).unwrap();
    shows!("absent", case, ["run", "full", "--no-timing"]);
    std::fs::create_dir(case.path("evidence/visits.jsonl")).unwrap();
    shows!("folder_as_evidence", case, ["run", "full", "--no-timing"]);
}

#[test]
fn stale_evidence_is_no_answer() {
    let case = Case::new();
    shows!("stale", case, ["run", "quick", "--no-timing", "--as-of", "2026-03-09T00:00:00Z"]);
}

#[test]
fn a_run_says_where_its_instant_comes_from() {
    let case = Case::new();
    let answer = |arguments: &[&str]| {
        let output = case.output(arguments);
        String::from_utf8(output.stdout).unwrap().lines().next().unwrap_or_default().to_owned()
    };
    assert!(answer(&["run", "quick"]).ends_with("as of 2026-03-01T12:00:00Z (run file)"));
    let flagged = answer(&["run", "quick", "--as-of", "2026-03-01T15:00:00+02:00"]);
    assert!(flagged.ends_with("as of 2026-03-01T13:00:00Z (--as-of)"), "{flagged}");
    std::fs::remove_file(case.path("rspp-gates.yaml")).unwrap();
    assert!(answer(&["run", "quick"]).ends_with("(clock)"));
}

#[test]
fn only_some_gates_are_judged_and_the_report_says_so() {
    let case = Case::new();
    shows!("only", case, ["run", "full", "--no-timing", "--only", "shop.first_byte"]);
    shows!("only_nothing", case, ["run", "full", "--only", "shop.first_bite", "--only", "market.*"]);
}

#[test]
fn json_on_stdout_is_the_report_and_nothing_else() {
    let case = Case::new();
    let output = case.output(&["run", "full", "--format", "json", "--color", "always"]);
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["status"], "pass");
    assert!(report["timing"]["elapsed_ns"].is_u64());
    assert_eq!(report.as_object().unwrap().keys().next_back().unwrap(), "timing");
    assert!(output.stderr.is_empty());
}

#[test]
fn the_same_run_gives_the_same_bytes_on_any_number_of_threads() {
    let case = Case::new();
    let reports: Vec<Vec<u8>> = ["1", "2", "64"]
        .iter()
        .map(|n| case.output(&["run", "full", "--format", "json", "--no-timing", "--threads", n]).stdout)
        .collect();
    assert!(!reports[0].is_empty());
    assert!(reports.windows(2).all(|pair| pair[0] == pair[1]));
}

#[test]
fn quiet_leaves_the_exit_code_and_the_files() {
    let case = Case::new();
    let output = case.output(&["run", "full", "--quiet", "--report", "human=r.txt"]);
    assert_eq!((output.status.code(), output.stdout.len(), output.stderr.len()), (Some(0), 0, 0));
    assert!(std::fs::read_to_string(case.path("r.txt")).unwrap().starts_with("PASS"));
}

#[test]
fn colours_are_for_terminals_or_on_demand() {
    let mut case = Case::new();
    let coloured = |case: &Case, arguments: &[&str]| case.output(arguments).stdout.contains(&0x1b);
    assert!(!coloured(&case, &["run", "full"]));
    assert!(coloured(&case, &["run", "full", "--color", "always"]));
    case.environment.push(("NO_COLOR", "1"));
    assert!(!coloured(&case, &["run", "full", "--color", "never"]));
}

#[test]
fn control_characters_of_evidence_are_shown_and_not_sent() {
    let case = Case::new();
    case.put(
        "evidence/visits.jsonl",
        VISITS.replace("\"v2\"", "\"\\u001b[2J\\u202e\"").replace(",\"shown_at\":\"2026-03-01T10:00:00.120Z\"", ""),
    );
    shows!("control_characters", case, ["run", "quick", "--no-timing"]);
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    use std::process::Stdio;
    let case = Case::new();
    let mut child = case.command(&["run", "full"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(output.stderr.is_empty());
}

// ---- what a run asks for ----

#[test]
fn a_profile_is_found_by_name_or_by_file() {
    let case = Case::new();
    for request in ["quick", "quick.profile", "profiles/quick.profile", "./profiles/quick.profile"] {
        assert_eq!(case.output(&["run", request]).status.code(), Some(0), "{request}");
    }
    shows!("unknown_profile", case, ["run", "fulll"]);
    shows!("unknown_profile_file", case, ["run", "quik.profile"]);
    case.put("profiles/other.profile", "profile another { stage quick  sources recorded }\n");
    shows!("profile_of_another_name", case, ["run", "other.profile"]);
    case.put("elsewhere/mvp.profile", "profile mvp { stage quick  sources recorded }\n");
    shows!("foreign_profile", case, ["run", "elsewhere/mvp.profile"]);
}

#[test]
fn the_policy_root_is_the_nearest_folder_upwards_that_is_one() {
    let case = Case::new();
    std::fs::create_dir_all(case.path("evidence/deep/gates")).unwrap();
    let from = |folder: &str, arguments: &[&str]| {
        let mut command = case.command(arguments);
        command.current_dir(case.path(folder)).output().unwrap().status.code()
    };
    assert_eq!(from("evidence/deep/gates", &["run", "quick"]), Some(0));
    assert_eq!(from("evidence", &["run", "quick", "--policy", ".."]), Some(0));
    let bare = Case::bare();
    shows!("no_policy_root", bare, ["check"]);
    shows!("not_a_policy_root", case, ["check", "--policy", "evidence"]);
    shows!("no_such_policy_root", case, ["check", "--policy", "nowhere"]);
}

#[test]
fn mistakes_on_the_command_line_are_told_together() {
    let case = Case::new();
    case.put("release.json", "{\"spec_ref\": 5}");
    shows!(
        "command_line",
        case,
        [
            "run",
            "full",
            "--as-of",
            "2026-03-01",
            "--evidence",
            "vists=x",
            "--evidence",
            "visits",
            "--memory",
            "12ms",
            "--root",
            "nowhere",
            "--candidate",
            "release.json"
        ]
    );
    shows!(
        "report_options",
        case,
        ["run", "full", "--report", "jsn=a", "--report", "json", "--report", "json=a", "--report", "human=a"]
    );
}

#[test]
fn an_instant_has_a_time_and_an_offset() {
    let case = Case::new();
    for (instant, words) in [
        ("2026-03-01", "whose midnight?"),
        ("2026-03-01T12:00:00", "has no offset"),
        ("2026-02-30T12:00:00Z", "does not exist"),
        ("yesterday", "is not an instant"),
        ("-1", "is not an instant"),
    ] {
        let output = case.output(&["run", "quick", "--as-of", instant]);
        let told = String::from_utf8_lossy(&output.stderr).replace("\n  │ ", " ");
        assert_eq!(output.status.code(), Some(2), "{instant}");
        assert!(told.contains(words), "{instant}: {told}");
    }
}

#[test]
fn evidence_and_root_can_be_given_on_the_command_line() {
    let case = Case::new();
    std::fs::rename(case.path("evidence"), case.path("elsewhere")).unwrap();
    assert_eq!(case.output(&["run", "quick"]).status.code(), Some(3));
    let given = ["run", "quick", "--evidence", "visits=elsewhere/visits.jsonl"];
    assert_eq!(case.output(&given).status.code(), Some(0));
    std::fs::create_dir(case.path("other")).unwrap();
    std::fs::rename(case.path("elsewhere"), case.path("other/evidence")).unwrap();
    assert_eq!(case.output(&["run", "quick", "--root", "other"]).status.code(), Some(0));
    case.put("rspp-gates.yaml", format!("{RUN_FILE}evidence_root: other\n"));
    assert_eq!(case.output(&["run", "quick"]).status.code(), Some(0));
}

#[test]
fn the_run_file_is_read_strictly() {
    let case = Case::new();
    case.put("rspp-gates.yaml", "evidence_rot: other\nas_of: 5\n");
    shows!("run_file", case, ["run", "quick"]);
    case.put("rspp-gates.yaml", "as_of: [\n");
    shows!("run_file_text", case, ["run", "quick"]);
    case.put("rspp-gates.yaml", "as_of: \"2026-03-01\"\nevidence_root: nowhere\ncandidate: none.json\n");
    shows!("run_file_values", case, ["run", "quick"]);
}

#[test]
fn a_candidate_is_a_record_that_gates_read() {
    let case = Case::new();
    case.put(
        "gates/release.gate",
        "gate release.version { stage quick  expect candidate.pipeline_version == \"shop-v1\" else \"it is {candidate.pipeline_version}\" }\n",
    );
    assert_eq!(case.output(&["run", "quick"]).status.code(), Some(3));
    let fields = "spec_ref: specs/demo.yaml\npipeline_version: shop-v2\nexecution_profile: simple\nrollout_config_ref: r.json\ncommit_sha: abc\n";
    case.put("candidate.yaml", fields);
    shows!("candidate", case, ["run", "quick", "--no-timing", "--candidate", "candidate.yaml", "--only", "release.*"]);
}

// ---- files that cannot be written ----

#[test]
fn a_report_that_cannot_be_written_is_told_and_the_others_are_written() {
    let case = Case::new();
    case.put("file", "x");
    std::fs::create_dir(case.path("folder")).unwrap();
    let requests = ["--report", "json=file/x.json", "--report", "json=folder", "--report", "human=good.txt"];
    let arguments: Vec<&str> = ["run", "quick", "--no-timing", "--quiet"].into_iter().chain(requests).collect();
    insta::assert_snapshot!("not_written", case.shows(&arguments));
}

#[test]
fn tools_get_one_array_of_all_diagnostics() {
    let case = Case::new();
    case.put("gates/unused.gate", "let nobody = count(visits)\n");
    std::fs::create_dir(case.path("folder")).unwrap();
    let arguments = ["run", "quick", "--quiet", "--diagnostics", "json", "--report", "json=folder"];
    let output = case.output(&arguments);
    assert_eq!(output.status.code(), Some(74));
    let told: serde_json::Value = serde_json::from_slice(&output.stderr).unwrap();
    let codes: Vec<&str> = told.as_array().unwrap().iter().filter_map(|d| d["code"].as_str()).collect();
    assert_eq!(codes.last(), Some(&"rspp::runner::not-written"), "{codes:?}");
    assert!(codes.len() == 2 && told[0]["severity"] == "warning", "{told}");
}

#[cfg(unix)]
#[test]
fn devices_and_links_in_place_of_a_report_are_left_as_they_are() {
    let case = Case::new();
    let output = case.output(&["run", "quick", "--quiet", "--report", "json=/dev/null"]);
    assert_eq!(output.status.code(), Some(74));
    assert!(!std::fs::metadata("/dev/null").unwrap().is_file());
    case.put("real.json", "old");
    std::os::unix::fs::symlink("real.json", case.path("link.json")).unwrap();
    assert_eq!(case.output(&["run", "quick", "--quiet", "--report", "json=link.json"]).status.code(), Some(0));
    assert!(case.path("link.json").is_symlink());
    assert!(std::fs::read_to_string(case.path("real.json")).unwrap().starts_with('{'));
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_under_stdout_is_no_success() {
    let case = Case::new();
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let status = case.command(&["run", "quick"]).stdout(full).stderr(std::process::Stdio::null()).status().unwrap();
    assert_eq!(status.code(), Some(74));
}

#[cfg(unix)]
#[test]
fn a_folder_that_may_not_be_written_is_told() {
    use std::os::unix::fs::PermissionsExt;
    let case = Case::new();
    std::fs::create_dir(case.path("locked")).unwrap();
    std::fs::set_permissions(case.path("locked"), std::fs::Permissions::from_mode(0o555)).unwrap();
    let output = case.output(&["run", "quick", "--quiet", "--report", "json=locked/x.json"]);
    // The superuser may write anywhere.
    let may_write = std::fs::write(case.path("locked/probe"), "x").is_ok();
    assert_eq!(output.status.code(), Some(if may_write { 0 } else { 74 }));
    std::fs::set_permissions(case.path("locked"), std::fs::Permissions::from_mode(0o755)).unwrap();
}

// ---- check ----

#[test]
fn check_says_that_a_policy_is_right_without_its_evidence() {
    let case = Case::new();
    std::fs::remove_dir_all(case.path("evidence")).unwrap();
    shows!("check", case, ["check"]);
    shows!("check_quiet", case, ["check", "--quiet"]);
    shows!("check_json", case, ["check", "--diagnostics", "json"]);
}

#[test]
fn many_mistakes_are_told_in_one_run() {
    let case = Case::new();
    case.put("gates/shop.gate", mistakes());
    let output = case.output(&["check"]);
    assert_eq!(output.status.code(), Some(2));
    shows!("many_mistakes", case, ["run", "quick"]);
}

/// The policy with a mistake in ten of its clauses.
fn mistakes() -> String {
    let slips = [
        ("fresh   within 24h of closed_at", "fresh   within 24h of closed"),
        ("bought    : bool", "bought    : boolean"),
        ("stage      quick, full", "stage      quick full"),
        ("scope      visits where bought", "scope      vists where bought"),
        ("threshold  <= 300ms", "treshold   <= 300ms"),
        ("required   false", "required   maybe"),
        ("threshold  >= 50%", "threshold  >= 50ms"),
        ("refs       REQ-25", "refs       REQ-25,"),
        ("metric     ratio(bought)", "metric     ratoi(bought)"),
        ("when empty inconclusive\n  fix", "when empty maybe\n  fix"),
    ];
    slips.iter().fold(POLICY.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "{from}");
        text.replacen(from, to, 1)
    })
}

#[test]
fn files_that_are_no_policy_are_told_by_name() {
    let case = Case::new();
    case.put("gates/latin.gate", b"gate x.y { title \"caf\xe9\" }\n");
    case.put("gates/quick.profile", "profile x { stage quick }\n");
    case.put("profiles/late.gate", "gate x.z { }\n");
    case.put("profiles/old/mvp.profile", "profile mvp { stage quick }\n");
    case.put("gates/.shop.gate.swp", b"\xff\xfe");
    case.put("gates/README.md", "# Gates\n");
    case.put("gates/huge.gate", vec![b'#'; 5 << 20]);
    shows!("odd_files", case, ["check"]);
}

#[cfg(unix)]
#[test]
fn a_link_that_leads_back_is_told_and_others_are_followed() {
    let case = Case::new();
    std::fs::create_dir_all(case.path("team")).unwrap();
    std::fs::rename(case.path("gates/shop.gate"), case.path("team/shop.gate")).unwrap();
    std::os::unix::fs::symlink("../team", case.path("gates/team")).unwrap();
    assert_eq!(case.output(&["check"]).status.code(), Some(0));
    std::os::unix::fs::symlink("..", case.path("team/up")).unwrap();
    std::os::unix::fs::symlink("nothing.gate", case.path("gates/dangling.gate")).unwrap();
    shows!("link_loop", case, ["check"]);
}

#[test]
fn a_policy_without_gates_is_no_policy() {
    let case = Case::new();
    std::fs::remove_file(case.path("gates/shop.gate")).unwrap();
    shows!("no_gates", case, ["check"]);
}

// ---- list, explain ----

#[test]
fn list_shows_what_is_there_and_what_a_profile_asks() {
    let case = Case::new();
    shows!("list", case, ["list"]);
    shows!("list_profile", case, ["list", "full"]);
    shows!("list_unknown", case, ["list", "ful"]);
}

#[test]
fn explain_shows_the_page_of_a_diagnostic() {
    let case = Case::bare();
    shows!("explain", case, ["explain", "rspp::runner::unknown-profile"]);
    shows!("explain_short", case, ["explain", "runner::only"]);
    shows!("explain_unknown", case, ["explain", "rspp::runner::unknown-profil"]);
    let all = String::from_utf8(case.output(&["explain"]).stdout).unwrap();
    assert!(all.lines().count() > 60 && all.contains("rspp::evidence::"), "{all}");
}

#[test]
fn explain_shows_digests_that_follow_from_what_is_asked() {
    let case = Case::new();
    let lines = |arguments: &[&str]| {
        let output = case.output(arguments);
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let gate = lines(&["explain", "shop.bought", "--digest"]);
    let all = lines(&["explain", "--digest"]);
    assert!(all.starts_with("sha256:") && all.lines().next().unwrap().ends_with("  policy shop"), "{all}");
    assert!(gate.lines().all(|line| all.contains(line)), "{all}\n{gate}");
    let under = lines(&["explain", "shop.bought", "--digest", "--profile", "full"]);
    let (digest, what) = under.trim_end().split_once("  ").unwrap();
    assert_eq!(what, "shop.bought under full");
    // The report of a run names the same one.
    let report = lines(&["run", "full", "--no-timing", "--format", "json"]);
    assert!(report.contains(&format!("\"gate_digest\": \"{digest}\"")), "{report}");
    assert!(report.contains(&format!("\"digest\": \"{}\"", all.split_once("  ").unwrap().0)), "{report}");
    let form = lines(&["explain", "shop.bought", "--digest", "--form", "--profile", "full"]);
    assert_eq!(form.lines().next(), Some(digest));
    for pair in form.trim_end().split("\n\n") {
        let (digest, text) = pair.split_once('\n').unwrap();
        assert_eq!(digest, format!("sha256:{}", rspp_gates::data::Digest::of(text.as_bytes())));
    }
    // A note changes no digest, a limit does.
    case.put("gates/shop.gate", POLICY.replace("title      \"First byte of the page\"", "title \"First\""));
    assert_eq!(lines(&["explain", "--digest"]), all);
    case.put("gates/shop.gate", POLICY.replace("300ms", "301ms"));
    assert_ne!(lines(&["explain", "--digest"]), all);
    assert_eq!(lines(&["explain", "shop.bought", "--digest"]), gate);
    shows!("digest_unknown", case, ["explain", "shop.bougt", "--digest"]);
    shows!("digest_outside", case, ["explain", "shop.bought", "--digest", "--profile", "quick"]);
}

// ---- graph, completions ----

#[test]
fn graph_draws_the_plan_of_a_profile() {
    let case = Case::new();
    shows!("graph", case, ["graph", "full"]);
    shows!("graph_mermaid", case, ["graph", "full", "--format", "mermaid"]);
    shows!("graph_json", case, ["graph", "full", "--format", "json"]);
    shows!("graph_unknown", case, ["graph", "ful"]);
}

/// Where the edges of a node lead.
fn edges_of(graph: &serde_json::Value, from: &serde_json::Value) -> Vec<serde_json::Value> {
    let edges = graph["edges"].as_array().unwrap();
    edges.iter().filter(|e| e["from"] == *from).map(|e| e["to"].clone()).collect()
}

#[test]
fn the_shipped_profile_walks_its_rows_in_one_pass() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let output = Command::new(env!("CARGO_BIN_EXE_rspp-gates"))
        .args(["graph", "mvp.profile", "--format", "json"])
        .current_dir(root)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0));
    let graph: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let nodes = graph["nodes"].as_array().unwrap();
    let of_kind = |kind: &str| nodes.iter().filter(|n| n["kind"] == kind).collect::<Vec<_>>();
    let widest = of_kind("pass").into_iter().max_by_key(|n| n["gates"].as_u64()).unwrap();
    assert!(widest["gates"].as_u64() >= Some(7), "{graph:#}");
    let gates = of_kind("gate");
    assert_eq!(gates.iter().filter(|g| g["name"].as_str().unwrap().starts_with("slo.")).count(), 8);
    // The rows of the view come to the gates through the pass, and by no other way.
    let id = |name: &str| nodes.iter().find(|n| n["name"] == name).map(|n| n["id"].clone()).unwrap();
    let pass = widest["id"].clone();
    assert!(edges_of(&graph, &id("turns")).contains(&pass));
    assert!(edges_of(&graph, &pass).contains(&id("slo.terminal")));
    assert!(!edges_of(&graph, &id("turns")).contains(&id("slo.terminal")));
    // Every gate answers for the profile, and every edge joins nodes that are there.
    let edges = graph["edges"].as_array().unwrap();
    assert_eq!(edges.iter().filter(|e| e["flow"] == "answers").count(), gates.len());
    for edge in edges {
        assert!(["from", "to"].iter().all(|end| nodes.iter().any(|n| n["id"] == edge[*end])), "{edge}");
    }
}

/// What bash offers for a line, after it has read the script.
#[cfg(unix)]
fn bash_offers(line: &[&str]) -> Vec<String> {
    let binary = env!("CARGO_BIN_EXE_rspp-gates");
    let words = line.iter().map(|w| format!("'{w}'")).collect::<Vec<_>>().join(" ");
    let script = format!(
        "source <('{binary}' completions bash) || exit 9\n\
         complete -p rspp-gates > /dev/null || exit 8\n\
         COMP_WORDS=({words}); COMP_CWORD={}\n\
         offer=$(complete -p rspp-gates | sed 's/.*-F \\([^ ]*\\).*/\\1/')\n\
         \"$offer\" rspp-gates \"${{COMP_WORDS[COMP_CWORD]}}\" \"${{COMP_WORDS[COMP_CWORD-1]}}\" || exit 7\n\
         printf '%s\\n' \"${{COMPREPLY[@]}}\"\n",
        line.len() - 1
    );
    let output = Command::new("bash").args(["--norc", "--noprofile", "-c", &script]).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}

#[cfg(unix)]
#[test]
fn bash_completes_commands_options_and_values() {
    assert_eq!(bash_offers(&["rspp-gates", "r"]), ["run"]);
    assert_eq!(bash_offers(&["rspp-gates", "run", "--no-t"]), ["--no-timing"]);
    assert_eq!(bash_offers(&["rspp-gates", "graph", "--format", ""]), ["dot", "json", "mermaid"]);
}

#[test]
fn every_shell_has_completions() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let output = Case::bare().output(&["completions", shell]);
        assert_eq!(output.status.code(), Some(0), "{shell}");
        let text = String::from_utf8(output.stdout).unwrap();
        for word in ["explain", "no-timing", "graph"] {
            assert!(text.contains(word), "{shell} does not offer {word}");
        }
    }
}

// ---- a report as evidence ----

#[test]
fn a_report_is_the_evidence_of_a_later_run() {
    let case = Case::new();
    let first = case.output(&["run", "full", "--no-timing", "--report", "json=evidence/last.json"]);
    assert_eq!(first.status.code(), Some(0));
    case.put(
        "gates/trend.gate",
        r#"evidence last_run { path "evidence/last.json"  source from source  fresh any  document GateRun }

let last_p95 = only(last_run.slices where gate_id == "shop.first_byte" and figure == "p95").value

gate shop.first_byte_trend {
  stage      trend
  scope      visits where bought and present(shown_at)
  metric     p95(shown_at - asked_at)
  threshold  <= (last_p95.num * 1ns / last_p95.den ?? 0ms) + 20ms
  when empty fail
}

gate shop.last_run {
  stage   trend
  expect  last_run.status == "pass"                            else "it was {last_run.status}"
  expect  last_run.as_of == 2026-03-01T12:00:00Z               else "it was at {last_run.as_of}"
  expect  every g in last_run.gates: g.verdict == pass         else "a gate did not pass"
  expect  present(last_p95)                                    else "it had no such figure"
  expect  last_p95.text == "250ms"                             else "it was {last_p95.text}"
  expect  exists e in last_run.evidence: e.name == "visits" and e.rows == 3 and same(e.source, "recorded")
}
"#,
    );
    case.put("profiles/trend.profile", "profile trend { stage trend  sources recorded, live }\n");
    shows!("report_as_evidence", case, ["run", "trend", "--no-timing"]);
    case.put("evidence/visits.jsonl", VISITS.replace(".250Z", ".271Z"));
    assert_eq!(case.output(&["run", "trend"]).status.code(), Some(1));
}
