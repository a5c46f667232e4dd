//! `rspp-gates contract schema`: a JSON Schema out of contracts.

use crate::cli::streams::Streams;
use crate::cli::{Exit, Global, check};
use crate::host::Host;
use crate::runner::{self, Refusal, SchemaRequest, Schemas, Session};
use std::path::PathBuf;

/// Writes a JSON Schema (draft 2020-12) out of contracts. Works also when the schema that they are
/// paired with is missing or old.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// Contracts (or records) by name; of several, a document is any one
    #[arg(value_name = "KIND", required_unless_present = "all", conflicts_with = "all")]
    kinds: Vec<String>,
    /// The whole file that contracts are paired with
    #[arg(long)]
    all: bool,
    /// Which paired file, where there are several: its path below the policy root
    #[arg(long, value_name = "FILE", requires = "all")]
    of: Option<String>,
    /// The `$id` of the schema [default: that of the file that is there]
    #[arg(long, value_name = "URL")]
    id: Option<String>,
    /// Writes to a file in place of stdout
    #[arg(short, long, value_name = "FILE", conflicts_with = "check")]
    output: Option<PathBuf>,
    /// Writes nothing; exit code 1 when the file is not what would be written
    #[arg(long, value_name = "FILE")]
    check: Option<PathBuf>,
}

pub(in crate::cli) fn run(args: &Args, global: &Global, host: &dyn Host, streams: &mut Streams) -> Exit {
    let session = match Session::open(host, global.policy.as_deref()) {
        Ok(session) => session,
        Err(refusal) => return check::refused(&refusal, streams),
    };
    let checked = session.check_with(Schemas::Left);
    let Some(policy) = &checked.policy else {
        streams.tell(&checked.diagnostics, &checked.sources);
        return Exit::Usage;
    };
    let request = SchemaRequest {
        kinds: &args.kinds,
        file: args.of.as_deref(),
        id: args.id.as_deref(),
        target: args.output.as_deref().or(args.check.as_deref()),
    };
    let refused = |diagnostics| Refusal { diagnostics, sources: checked.sources.clone() };
    let text = match runner::contract_schema(&session, host, policy, &request) {
        Ok(text) => text,
        Err(wrong) => return check::refused(&refused(wrong), streams),
    };
    match (&args.check, &args.output) {
        (Some(file), _) => match runner::schema_difference(host, file, &text) {
            Ok(None) => Exit::Yes,
            Ok(Some(difference)) => {
                let shown = file.display().to_string();
                let shown = crate::diag::printable(&shown);
                let told = format!("{shown} is not what `contract schema` writes: {difference}");
                streams.print(&told).err().unwrap_or(Exit::No)
            }
            Err(diagnostic) => check::refused(&refused(vec![*diagnostic]), streams),
        },
        (None, Some(file)) => match runner::write_schema(host, file, &text) {
            Ok(()) => Exit::Yes,
            Err(diagnostic) => {
                streams.tell(&[*diagnostic], &checked.sources);
                Exit::NotWritten
            }
        },
        (None, None) => streams.print(&text).err().unwrap_or(Exit::Yes),
    }
}
