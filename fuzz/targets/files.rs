//! The other files that the program reads: the run file, a release candidate, an earlier report.

use super::archive::Archive;
use super::{engine, hold, policy};
use rspp_gates::host::MemHost;
use rspp_gates::model::ProfileId;
use rspp_gates::runner::{Artifacts, Checked, RUN_FILE, RunRequest, Session};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

const GATES: &str = "policy small { language 1 }
gate a.version { stage s  expect candidate.pipeline_version != \"\" else \"{candidate.pipeline_version}\" }
";
const PROFILE: &str = "profile p { stage s  sources synthetic, recorded, live }\n";

/// A folder in memory with a small policy.
fn host() -> MemHost {
    let host = MemHost::new();
    host.put("/p/gates/a.gate", GATES);
    host.put("/p/profiles/p.profile", PROFILE);
    host.put("/p/c.json", "{\"spec_ref\":\"s\",\"pipeline_version\":\"v\",\"execution_profile\":\"e\",\"rollout_config_ref\":\"r\",\"commit_sha\":\"c\"}");
    host.set_now(1_772_323_200_000_000_000);
    host
}

/// The policy checked once: only the other files change.
fn checked() -> &'static Checked {
    static CHECKED: OnceLock<Checked> = OnceLock::new();
    CHECKED.get_or_init(|| {
        let host = host();
        let session = Session::open(&host, Some(Path::new("/p"))).expect("it is a policy");
        let checked = session.check();
        assert!(checked.policy.is_some(), "{:?}", checked.diagnostics);
        checked
    })
}

/// The run file, and the run that it asks for.
pub fn run_file(bytes: &[u8]) {
    let host = host();
    host.put(Path::new("/p").join(RUN_FILE), bytes);
    run(&host, None);
}

/// A release candidate: JSON, or YAML when the first byte is even.
pub fn candidate(bytes: &[u8]) {
    let Some((first, bytes)) = bytes.split_first() else { return };
    let host = host();
    let path = if first % 2 == 0 { "/p/x.yaml" } else { "/p/x.json" };
    host.put(path, bytes);
    run(&host, Some(path.into()));
}

fn run(host: &MemHost, candidate: Option<PathBuf>) {
    let session = match Session::open(host, Some(Path::new("/p"))) {
        Ok(session) => session,
        Err(refusal) => {
            assert!(!refusal.diagnostics.is_empty());
            return hold::diagnostics(&refusal.diagnostics, &refusal.sources);
        }
    };
    let checked = checked();
    let policy = checked.policy.as_ref().expect("it was looked at");
    let request = RunRequest {
        profile: "p".into(),
        root: None,
        as_of: None,
        candidate,
        evidence: Vec::new(),
        only: Vec::new(),
        artifacts: Artifacts::Nowhere,
        memory: None,
        threads: 1,
    };
    let (mut sources, by_candidate) = (checked.sources.clone(), request.candidate.is_some());
    // What is wrong in the run file has its places there: in the texts of a session of its own.
    let told = session.run(policy, &mut sources, checked.digest, &request);
    match told {
        Ok(run) => assert_eq!(run.gates.len(), 1),
        Err(diagnostics) => {
            assert!(!diagnostics.is_empty());
            if by_candidate {
                hold::diagnostics(&diagnostics, &sources);
            }
            for d in &diagnostics {
                assert!(!d.code.0.ends_with("::internal"), "a bug of ours: {}", d.message);
                hold::shown(&d.message, d.code.0);
                hold::shown(d.help.as_deref().unwrap_or(""), d.code.0);
            }
        }
    }
}

const TREND: &[u8] = br#"policy trend { language 1 }
evidence last { path "last.json"  source from source  fresh any  document GateRun }
let p95 = only(last.slices where figure == "p95").value
gate a.last {
  stage s
  expect last.status == "pass"                          else "it was {last.status}"
  expect every g in last.gates: g.verdict == pass       else "a gate did not pass"
  expect present(p95)                                   else "it had no such figure"
  expect (p95.num * 1ns / p95.den ?? 0ms) <= 250ms      else "it was {p95.text}"
  expect exists e in last.evidence: e.rows >= 3 and same(e.source, "recorded")
}
profile p { stage s  sources synthetic, recorded, live }
"#;

/// An earlier report, read as evidence.
pub fn report(bytes: &[u8]) {
    static TRENDS: OnceLock<policy::Checked> = OnceLock::new();
    let checked = TRENDS.get_or_init(|| {
        let files = vec![("gates/a.gate".to_owned(), TREND.to_vec())];
        policy::checked(&Archive { files }).expect("it is text")
    });
    let policy = checked.outcome.policy.as_ref().unwrap_or_else(|| panic!("{:?}", checked.all()));
    let host = MemHost::new();
    host.put("/root/evidence/last.json", bytes);
    let profile: &ProfileId = policy.profiles.keys().next().expect("it has one");
    engine::judged(policy, profile, &host, &checked.sources, hold::now_and_then(bytes, 4));
}
