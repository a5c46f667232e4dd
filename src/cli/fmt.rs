//! `rspp-gates fmt`: one layout for all policy files.

use super::streams::Streams;
use super::{Exit, Global};
use crate::fmt::unified;
use crate::host::Host;
use crate::runner::{LayoutError, STDIN, layout, layout_text};
use crate::source::SourceMap;
use crate::syntax::MAX_FILE_BYTES;
use std::path::PathBuf;

/// Lays out policy files in the one canonical way, and writes those that change. What cannot be
/// parsed stays as it is.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Files, and folders with files that end in `.gate` or `.profile`; `-` is standard input
    /// [default: all files of the policy]
    #[arg(value_name = "PATHS")]
    paths: Vec<PathBuf>,
    /// Writes nothing, and shows what would change
    #[arg(long)]
    check: bool,
    /// Reads one file from standard input and writes it to standard output
    #[arg(long, conflicts_with = "paths")]
    stdin: bool,
}

pub(super) fn run(args: &Args, global: &Global, host: &dyn Host, streams: &mut Streams) -> Exit {
    let dash = |path: &PathBuf| path.as_os_str() == "-";
    if args.stdin || args.paths.iter().any(dash) {
        if args.paths.len() > 1 {
            streams.say("`-` stands alone: one file comes from standard input");
            return Exit::Usage;
        }
        return stdin(args, streams);
    }
    let done = match layout(host, global.policy.as_deref(), &args.paths, !args.check) {
        Ok(done) => done,
        Err(diagnostic) => {
            streams.tell(&[*diagnostic], &SourceMap::default());
            return Exit::Usage;
        }
    };
    let told: Vec<_> = [&done.diagnostics, &done.not_written, &done.bugs].into_iter().flatten().cloned().collect();
    if !told.is_empty() || streams.tells_tools() {
        streams.tell(&told, &done.sources);
    }
    let mut out = String::new();
    for file in &done.changed {
        if args.check {
            out.push_str(&file.diff);
        } else {
            out.push_str(&format!("laid out {}\n", file.name));
        }
    }
    let files = |n: usize| format!("{n} file{}", if n == 1 { "" } else { "s" });
    let (changed, all) = (done.changed.len(), files(done.files));
    out.push_str(&match (args.check, changed) {
        (_, 0) => format!("{all}, nothing to change\n"),
        (true, n) => format!("{n} of {all} would change; `rspp-gates fmt` changes them\n"),
        (false, n) => format!("{n} of {all} changed\n"),
    });
    if let Err(exit) = streams.print(&safe(&out)) {
        return exit;
    }
    if !done.bugs.is_empty() {
        Exit::Bug
    } else if !done.not_written.is_empty() {
        Exit::NotWritten
    } else if done.diagnostics.iter().any(crate::diag::Diagnostic::is_error) {
        Exit::Usage
    } else if args.check && changed > 0 {
        Exit::No
    } else {
        Exit::Yes
    }
}

fn stdin(args: &Args, streams: &mut Streams) -> Exit {
    let mut sources = SourceMap::default();
    let bytes = streams.read(MAX_FILE_BYTES as u64);
    let (old, laid) = match layout_text(bytes, &mut sources) {
        Ok(laid) => laid,
        Err(LayoutError::Refused(diagnostic)) => {
            streams.tell(&[*diagnostic], &sources);
            return Exit::Usage;
        }
        Err(LayoutError::Bug(diagnostic)) => {
            streams.tell(&[*diagnostic], &sources);
            return Exit::Bug;
        }
    };
    if !laid.diagnostics.is_empty() || streams.tells_tools() {
        streams.tell(&laid.diagnostics, &sources);
    }
    let diff;
    let out = if args.check {
        diff = safe(&unified(STDIN, &old, &laid.text));
        &diff
    } else {
        &laid.text
    };
    if let Err(exit) = streams.print(out) {
        return exit;
    }
    if laid.diagnostics.iter().any(crate::diag::Diagnostic::is_error) {
        Exit::Usage
    } else if args.check && old != laid.text {
        Exit::No
    } else {
        Exit::Yes
    }
}

/// Lines that send nothing but text to a terminal.
fn safe(text: &str) -> String {
    text.lines().map(|line| format!("{}\n", crate::diag::printable(line))).collect()
}
