//! The run of `bench.profile` without hashing what it reads, to be timed from outside.
//!
//! `rspp-gates run` always hashes. Without digests evidence is never usable, so this ends with
//! gates that are in error and no figures; everything before that is done as in a run.
//! Use: `measure POLICY_ROOT ROWS.jsonl [THREADS]`.

#![allow(clippy::print_stdout, reason = "a program to be run by hand")]

use rspp_gates::data::{Digest, Num};
use rspp_gates::eval::Constants;
use rspp_gates::evidence::{FileSource, ReadLimits};
use rspp_gates::host::{Host, OsHost, Root};
use rspp_gates::model::ProfileId;
use rspp_gates::runner::Session;
use rspp_gates::verdict::{AsOfOrigin, Context, evaluate};
use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|a| a != "--bench").collect();
    match measure(&arguments) {
        Ok(rows) => {
            println!("{rows} rows, unhashed");
            ExitCode::SUCCESS
        }
        Err(why) => {
            println!("{why}");
            // `cargo bench` starts this without arguments.
            if arguments.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
    }
}

fn measure(arguments: &[String]) -> Result<u64, String> {
    let [policy, rows, rest @ ..] = arguments else {
        return Err("use: measure POLICY_ROOT ROWS.jsonl [THREADS]; run.py does it all".to_owned());
    };
    let threads = rest.first().map_or(Ok(0), |n| n.parse()).map_err(|e| format!("threads: {e}"))?;
    let host = OsHost::default();
    let session = Session::open(&host, Some(Path::new(policy))).map_err(|r| format!("{:?}", r.diagnostics))?;
    let checked = session.check();
    let policy = checked.policy.ok_or_else(|| format!("{:?}", checked.diagnostics))?;
    let profile = ProfileId::new("bench");
    let effective = policy.profiles.get(&profile).ok_or("no profile `bench`")?;
    let set = effective.params.iter().map(|(id, (value, _))| (*id, value.clone())).collect();
    let constants = Constants::new(policy.policy.clone(), set);
    let root = Root::new(&host, session.root()).map_err(|e| e.to_string())?;
    let as_of = Num::int(host.now());
    let here = host.canonical(Path::new(".")).map_err(|e| e.to_string())?;
    let source = FileSource::new(&host, &root, &effective.evidence, &constants, as_of, &effective.sources)
        .with_path("turns", &here, rows)
        .with_limits(ReadLimits { hashing: false, ..ReadLimits::default() });
    let context = Context {
        as_of,
        as_of_origin: AsOfOrigin::Clock,
        candidate: None,
        policy_files: Digest::of(b""),
        engine_version: "measure".into(),
        memory_limit: 1 << 30,
        threads,
        artifacts: true,
        only: None,
    };
    let run = evaluate(&policy, &profile, &source, &context).map_err(|e| format!("{e:?}"))?;
    let turns = run.evidence.first().ok_or("no evidence was read")?;
    let not_hashed = |message: &str| message.contains("not hashed");
    match turns.faults.as_slice() {
        [fault] if turns.fault_count == 1 && turns.digest.is_none() && not_hashed(&fault.message) => Ok(turns.rows),
        other => Err(format!("{other:?}")),
    }
}
