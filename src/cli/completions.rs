//! `rspp-gates completions`: what a shell needs to complete commands and options.

use super::streams::Streams;
use super::{Cli, Exit};
use clap::CommandFactory;
use clap_complete::Shell;

/// Writes the completions of a shell to stdout.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

pub(super) fn run(args: &Args, streams: &mut Streams) -> Exit {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "rspp-gates", &mut script);
    let script = String::from_utf8_lossy(&script);
    // clap_complete 4.6 spells the parts of a name with a hyphen in two ways, and so never finds
    // the options of a command.
    let script = script.replace("rspp__subcmd__gates", "rspp__gates");
    streams.print(&script).err().unwrap_or(Exit::Yes)
}
