//! `rspp-gates explain`: the page of a diagnostic.

use super::Exit;
use super::streams::Streams;
use crate::runner;
use crate::source::SourceMap;

/// Shows the page of a diagnostic: what it says, why, an example, a repair.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// A code such as `rspp::types::mismatch` (`rspp::` may be left out) [default: lists all]
    code: Option<String>,
}

pub(super) fn run(args: &Args, streams: &mut Streams) -> Exit {
    let text = match &args.code {
        None => runner::codes().iter().map(|code| format!("{code}\n")).collect(),
        Some(code) => match runner::page(code) {
            Ok(page) => page.to_owned(),
            Err(diagnostic) => {
                streams.tell(&[*diagnostic], &SourceMap::default());
                return Exit::Usage;
            }
        },
    };
    streams.print(&text).err().unwrap_or(Exit::Yes)
}
