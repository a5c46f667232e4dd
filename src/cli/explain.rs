//! `rspp-gates explain`: the page of a diagnostic, the digests of a gate.

use super::streams::Streams;
use super::{Exit, Global, digests};
use crate::host::Host;
use crate::runner;
use crate::source::SourceMap;

/// Shows the page of a diagnostic: what it says, why, an example, a repair. With `--digest`, the
/// digests of a gate.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// A code such as `rspp::types::mismatch` (`rspp::` may be left out), or with `--digest` a gate
    /// [default: lists all]
    code: Option<String>,
    /// Shows digests: of the gate as it is declared, and under each profile that takes it
    #[arg(long)]
    digest: bool,
    /// Only under this profile
    #[arg(long, value_name = "PROFILE", requires = "digest")]
    profile: Option<String>,
    /// Shows what is hashed: texts, each under its digest
    #[arg(long, requires = "digest", requires = "code")]
    form: bool,
}

pub(super) fn run(args: &Args, global: &Global, host: &dyn Host, streams: &mut Streams) -> Exit {
    if args.digest {
        let request =
            digests::Request { gate: args.code.as_deref(), profile: args.profile.as_deref(), form: args.form };
        return digests::run(&request, global, host, streams);
    }
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
