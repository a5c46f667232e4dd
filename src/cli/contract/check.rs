//! `rspp-gates contract check`: are these documents of their kind?

use super::documents::{Ask, Documents, judge};
use crate::cli::streams::Streams;
use crate::cli::{Exit, Global};
use crate::host::Host;

/// Judges documents (JSON, or YAML by the ending of their names) by a contract and by the JSON
/// Schema that it is paired with, and tells every fault with its place.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    documents: Documents,
}

pub(super) fn run(args: &Args, global: &Global, host: &dyn Host, streams: &mut Streams) -> Exit {
    judge(&Ask { documents: &args.documents, advice: false, deny_advice: false }, global, host, streams)
}
