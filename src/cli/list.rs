//! `rspp-gates list`.

use super::streams::Streams;
use super::{Exit, Global, check};
use crate::host::Host;
use crate::runner::Session;

/// Lists the profiles and gates of the policy; with a profile, every gate that runs, what it
/// asks, and the file and line that say so.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// A profile: its name, or its file
    profile: Option<String>,
}

pub(super) fn run(args: &Args, global: &Global, host: &dyn Host, streams: &mut Streams) -> Exit {
    let _ = (args, global, host, streams, Session::open, check::has_errors);
    Exit::Usage
}
