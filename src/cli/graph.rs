//! `rspp-gates graph`: the plan of a profile as a picture.

use super::streams::Streams;
use super::{Exit, Global, check};
use crate::diag::Diagnostic;
use crate::graph::{self, FORMATS};
use crate::host::Host;
use crate::runner::{self, Refusal, Session};
use crate::{plan, source::SourceMap};
use clap::builder::PossibleValuesParser;

/// Draws the plan of a profile: what is read of each evidence, in which passes, for which gates.
/// Reads no evidence.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// A profile: its name, or its file
    profile: String,
    /// How the picture is written
    #[arg(long, value_name = "FORMAT", default_value = "dot", value_parser = formats())]
    format: String,
}

fn formats() -> PossibleValuesParser {
    PossibleValuesParser::new(FORMATS.iter().map(|f| clap::builder::PossibleValue::new(f.name).help(f.doc)))
}

pub(super) fn run(args: &Args, global: &Global, host: &dyn Host, streams: &mut Streams) -> Exit {
    let session = match Session::open(host, global.policy.as_deref()) {
        Ok(session) => session,
        Err(refusal) => return check::refused(&refusal, streams),
    };
    let checked = session.check();
    let Some(policy) = &checked.policy else {
        streams.tell(&checked.diagnostics, &checked.sources);
        return Exit::Usage;
    };
    let id = match session.profile(policy, &checked.sources, &args.profile) {
        Ok(id) => id,
        Err(diagnostic) => return refused(*diagnostic, checked.sources, streams),
    };
    let (Some(profile), Some(format)) = (policy.profiles.get(&id), graph::format(&args.format)) else {
        return refused(runner::internal("a profile or a format that is gone"), checked.sources, streams);
    };
    let plan = plan::plan_run(
        &policy.policy,
        profile,
        &profile.gates.keys().cloned().collect(),
        &plan::Besides { artifacts: true, ..Default::default() },
    );
    let picture = graph::draw(&plan, profile, &checked.sources);
    streams.print(&(format.render)(&picture)).err().unwrap_or(Exit::Yes)
}

fn refused(diagnostic: Diagnostic, sources: SourceMap, streams: &mut Streams) -> Exit {
    check::refused(&Refusal { diagnostics: vec![diagnostic], sources }, streams)
}
