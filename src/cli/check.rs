//! `rspp-gates check`: is the policy one that can run?

use super::streams::{Streams, count};
use super::{Exit, Global};
use crate::host::Host;
use crate::runner::{Checked, Refusal, Session};

/// Checks every file of the policy: names, types, units, missing values. Reads no evidence.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Says nothing when the policy is right
    #[arg(short, long)]
    quiet: bool,
}

pub(super) fn run(args: &Args, global: &Global, host: &dyn Host, streams: &mut Streams) -> Exit {
    let session = match Session::open(host, global.policy.as_deref()) {
        Ok(session) => session,
        Err(refusal) => return refused(&refusal, streams),
    };
    let checked = session.check();
    if !checked.diagnostics.is_empty() || streams.tells_tools() {
        streams.tell(&checked.diagnostics, &checked.sources);
    }
    if checked.policy.is_none() {
        return Exit::Usage;
    }
    match if args.quiet { Ok(()) } else { streams.print(&summary(&checked)) } {
        Ok(()) => Exit::Yes,
        Err(exit) => exit,
    }
}

/// `ok: 14 gates and 4 profiles in 12 files, 1 warning`
fn summary(checked: &Checked) -> String {
    let Some(policy) = &checked.policy else { return String::new() };
    let plural = |n: usize, word: &str| format!("{n} {word}{}", if n == 1 { "" } else { "s" });
    let gates = plural(policy.policy.gates.len(), "gate");
    let profiles = plural(policy.profiles.len(), "profile");
    let warnings = match count(&checked.diagnostics) {
        none if none.is_empty() => String::new(),
        some => format!(", {some}"),
    };
    format!("ok: {gates} and {profiles} in {}{warnings}\n", plural(checked.files, "file"))
}

/// Tells why a policy cannot even be looked at.
pub(super) fn refused(refusal: &Refusal, streams: &mut Streams) -> Exit {
    streams.tell(&refusal.diagnostics, &refusal.sources);
    Exit::Usage
}
