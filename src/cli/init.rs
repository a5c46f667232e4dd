//! `rspp-gates init`: a policy in an empty folder, which runs at once.

use super::streams::Streams;
use super::{Exit, Global};
use crate::host::Host;
use crate::runner::{INIT_GATE, INIT_PROFILE, InitError, Initialised, init};
use crate::source::SourceMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// Makes a small policy with sample evidence, which runs at once and explains itself. Overwrites
/// nothing.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Where; the folder is made when it is not there [default: here]
    #[arg(value_name = "DIR")]
    folder: Option<PathBuf>,
}

pub(super) fn run(args: &Args, global: &Global, host: &dyn Host, streams: &mut Streams) -> Exit {
    let here = PathBuf::from(".");
    let folder = args.folder.as_ref().or(global.policy.as_ref()).unwrap_or(&here);
    match init(host, folder) {
        Ok(made) => {
            if let Some(above) = &made.nested_in {
                streams.say(&format!(
                    "note: `{}` is a policy root as well; commands take the nearest one, which is the new one in here",
                    crate::diag::printable(&above.display().to_string())
                ));
            }
            streams.print(&next_steps(&made, folder)).err().unwrap_or(Exit::Yes)
        }
        Err(InitError::Taken(diagnostic)) => {
            streams.tell(&[*diagnostic], &SourceMap::default());
            Exit::Usage
        }
        Err(InitError::NotWritten(diagnostic)) => {
            streams.tell(&[*diagnostic], &SourceMap::default());
            Exit::NotWritten
        }
    }
}

fn next_steps(made: &Initialised, folder: &Path) -> String {
    let shown = folder.display().to_string();
    let shown = crate::diag::printable(&shown);
    let mut out = String::from("A policy that runs:\n\n");
    for file in made.files {
        let _ = writeln!(out, "  {:<26}{}", file.path, file.what);
    }
    out.push_str("\nNext:\n\n");
    let mut steps = Vec::new();
    if shown != "." {
        steps.push((format!("cd {shown}"), ""));
    }
    steps.push((format!("rspp-gates run {INIT_PROFILE}"), "every gate passes: exit code 0"));
    steps.push((format!("rspp-gates explain {INIT_GATE}"), "what a gate asks, in words"));
    for (command, what) in steps {
        let _ = writeln!(out, "{}", format!("  {command:<30}{what}").trim_end());
    }
    out.push_str("\nThen open gates/jobs.gate: it says what to change to see a gate fail.\n");
    out
}
