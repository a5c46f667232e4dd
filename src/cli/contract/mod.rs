//! `rspp-gates contract`: everything about kinds of documents, one file a subcommand.

mod check;
mod documents;
mod list;
mod schema;

pub(super) use documents::{Ask, Documents, judge};

use super::streams::Streams;
use super::{Exit, Global};
use crate::host::Host;
use clap::Subcommand;

/// Judges documents by the contracts of the policy, and lists the contracts.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Judges documents by a contract and by its schema: every fault, with its place
    Check(check::Args),
    /// Lists the contracts: the kinds of documents that the policy knows
    List(list::Args),
    /// Writes a JSON Schema (draft 2020-12) out of contracts
    Schema(schema::Args),
}

pub(super) fn run(args: &Args, global: &Global, host: &dyn Host, streams: &mut Streams) -> Exit {
    match &args.command {
        Command::Check(args) => check::run(args, global, host, streams),
        Command::List(args) => list::run(args, global, host, streams),
        Command::Schema(args) => schema::run(args, global, host, streams),
    }
}
