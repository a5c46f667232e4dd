//! `rspp-gates lint`: `contract check`, and what the contract advises besides.

use super::contract::{Ask, Documents, judge};
use super::streams::Streams;
use super::{Exit, Global};
use crate::host::Host;

/// Judges documents as `contract check` does, and tells the contract's advice as warnings.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    documents: Documents,
    /// Advice that is not taken is a no
    #[arg(long)]
    deny_advice: bool,
}

pub(super) fn run(args: &Args, global: &Global, host: &dyn Host, streams: &mut Streams) -> Exit {
    judge(&Ask { documents: &args.documents, advice: true, deny_advice: args.deny_advice }, global, host, streams)
}
