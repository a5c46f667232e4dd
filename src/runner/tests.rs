//! Sessions over files in memory: faults of the world that a real disk does not show on demand.

use super::{Outlet, RunRequest, Session, outlets};
use crate::data::Num;
use crate::host::{MemHost, Operation};
use crate::report;
use crate::verdict::{AsOfOrigin, GateRun};
use std::io;
use std::path::Path;

const POLICY: &str = "policy p { language 1 }
evidence rows { path \"rows.jsonl\"  source recorded  fresh any  row { n : int } }
gate rows.small { stage s  scope rows  each n < 10 else \"{n} is not small\"  when empty fail }
";

fn host() -> MemHost {
    let host = MemHost::new();
    host.put("/p/gates/a.gate", POLICY);
    host.put("/p/profiles/all.profile", "profile all { stage s  sources recorded }\n");
    host.put("/p/rows.jsonl", "{\"n\": 1}\n{\"n\": 2}\n");
    host.set_now(1_772_366_400_000_000_000);
    host
}

fn request() -> RunRequest {
    RunRequest {
        profile: "all".into(),
        root: None,
        as_of: None,
        candidate: None,
        evidence: Vec::new(),
        only: Vec::new(),
        artifacts: super::Artifacts::Nowhere,
        memory: None,
        threads: 1,
    }
}

fn run(host: &MemHost) -> Result<GateRun, Vec<String>> {
    let words = |all: Vec<crate::diag::Diagnostic>| all.into_iter().map(|d| d.message).collect::<Vec<_>>();
    let session = Session::open(host, Some(Path::new("/p"))).map_err(|r| words(r.diagnostics))?;
    let mut checked = session.check();
    let Some(policy) = checked.policy.take() else { return Err(words(checked.diagnostics)) };
    session.run(&policy, &mut checked.sources, checked.digest, &request()).map_err(words)
}

#[test]
fn without_flag_and_run_file_the_clock_is_read_once() {
    let run = run(&host()).unwrap();
    assert_eq!((run.as_of, run.as_of_origin), (Num::int(1_772_366_400_000_000_000), AsOfOrigin::Clock));
    assert_eq!(run.status, crate::verdict::RunStatus::Pass);
}

#[test]
fn the_name_of_a_run_follows_from_policy_and_evidence() {
    let first = run(&host()).unwrap();
    assert_eq!(first.run_id, run(&host()).unwrap().run_id);
    let other = host();
    other.put("/p/rows.jsonl", "{\"n\": 1}\n{\"n\": 3}\n");
    assert_ne!(first.run_id, run(&other).unwrap().run_id);
    let told = host();
    told.put("/p/gates/a.gate", format!("# a comment\n{POLICY}"));
    let told = run(&told).unwrap();
    assert_eq!((first.policy_digest, &first.run_id), (told.policy_digest, &told.run_id));
    assert_ne!(first.policy_files, told.policy_files);
}

#[test]
fn a_folder_or_file_that_cannot_be_read_stops_the_policy() {
    for (path, operation) in [("/p/gates", Operation::List), ("/p/gates/a.gate", Operation::Open)] {
        let host = host();
        host.fail(path, operation, io::ErrorKind::PermissionDenied);
        let told = run(&host).unwrap_err();
        assert!(told.iter().any(|m| m.ends_with("cannot be read: permission is denied")), "{told:?}");
    }
}

#[test]
fn half_a_policy_is_none() {
    let host = host();
    host.put("/p/gates/b.gate", b"\xff");
    assert!(run(&host).unwrap_err().iter().any(|m| m.contains("`gates/b.gate` is not UTF-8")));
}

#[test]
fn folders_without_an_end_are_not_followed() {
    let host = host();
    let deep: String = (0..40).map(|n| format!("/f{n}")).collect();
    host.put(format!("/p/gates{deep}/x.gate"), "let x = 1\n");
    assert!(run(&host).unwrap_err().iter().any(|m| m.contains("nested too deep")));
}

#[test]
fn a_full_disk_leaves_the_old_report() {
    let host = host();
    host.put("/out/r.json", "old");
    let outlet = Outlet { format: report::format("json").unwrap(), path: "/out/r.json" };
    host.leave_room(3);
    let told = outlet.write(&host, "a new report", &|_| None).unwrap_err();
    assert_eq!(told.message, "`/out/r.json` could not be written: the disk is full");
    assert_eq!(host.bytes("/out/r.json").as_deref(), Some(&b"old"[..]));
    host.special("/out/fifo");
    let told = Outlet { path: "/out/fifo", ..outlet }.write(&host, "x", &|_| None).unwrap_err();
    assert!(told.message.ends_with("is no regular file"), "{}", told.message);
}

#[test]
fn a_report_s_path_may_hold_an_equals_sign() {
    let requests = ["json=out/a=b.json".to_owned()];
    assert_eq!(outlets(&requests).unwrap()[0].path, "out/a=b.json");
}
