//! `rspp-gates run`: evidence in, one answer out.

use super::progress::Progress;
use super::streams::{Streams, count};
use super::{Exit, Global, check};
use crate::diag::Diagnostic;
use crate::host::Host;
use crate::report::{self, FORMATS, ReportContext, Timing};
use crate::runner::{Artifacts, Refusal, RunRequest, Session, outlets, write_all};
use crate::source::SourceMap;
use crate::verdict::GateRun;
use clap::builder::PossibleValuesParser;
use std::path::{Path, PathBuf};

/// Judges the evidence by the gates of a profile and tells the answer as exit code and report.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// A profile: its name, or its file (here, or in `profiles/` of the policy root)
    profile: String,
    /// Where paths of evidence start [default: `evidence_root` of rspp-gates.yaml, else the policy
    /// root]
    #[arg(long, value_name = "DIR")]
    root: Option<PathBuf>,
    /// Reads an evidence from another path; repeatable
    #[arg(long, value_name = "NAME=PATH")]
    evidence: Vec<String>,
    /// The release candidate, a JSON or YAML file [default: `candidate` of rspp-gates.yaml]
    #[arg(long, value_name = "FILE")]
    candidate: Option<PathBuf>,
    /// The instant of evaluation, such as 2026-03-31T00:00:00Z [default: `as_of` of
    /// rspp-gates.yaml, else the clock]
    #[arg(long, value_name = "INSTANT", allow_hyphen_values = true)]
    as_of: Option<String>,
    /// Judges only these gates of the profile (`latency.p95`, `latency.*`); repeatable, or with
    /// commas
    #[arg(long, value_name = "GATES", value_delimiter = ',')]
    only: Vec<String>,
    /// Where paths of artifacts start [default: where those of evidence do]
    #[arg(long, value_name = "DIR", conflicts_with = "no_artifacts")]
    artifacts: Option<PathBuf>,
    /// Writes no artifacts
    #[arg(long)]
    no_artifacts: bool,
    /// Writes a report to a file; repeatable
    #[arg(long, value_name = "FORMAT=PATH")]
    report: Vec<String>,
    /// The report on stdout
    #[arg(long, value_name = "FORMAT", default_value = "human", value_parser = formats())]
    format: String,
    /// Leaves wall times out of reports, so that equal runs give equal bytes
    #[arg(long)]
    no_timing: bool,
    /// Writes nothing to stdout
    #[arg(short, long)]
    quiet: bool,
    /// Threads, 1 to 256 [default: one for each core]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    threads: Option<u16>,
    /// Memory for lists that have to be held, such as 512MiB [default: 1GiB]
    #[arg(long, value_name = "SIZE", allow_hyphen_values = true)]
    memory: Option<String>,
}

fn formats() -> PossibleValuesParser {
    PossibleValuesParser::new(FORMATS.iter().map(|f| clap::builder::PossibleValue::new(f.name).help(f.doc)))
}

impl Args {
    /// Threads asked for; 0 means one for each core.
    pub(super) fn threads(&self) -> usize {
        self.threads.map_or(0, usize::from)
    }

    fn request(&self) -> RunRequest {
        RunRequest {
            profile: self.profile.clone(),
            root: self.root.clone(),
            as_of: self.as_of.clone(),
            candidate: self.candidate.clone(),
            evidence: self.evidence.clone(),
            only: self.only.clone(),
            artifacts: match &self.artifacts {
                _ if self.no_artifacts => Artifacts::Nowhere,
                Some(folder) => Artifacts::At(folder.clone()),
                None => Artifacts::EvidenceRoot,
            },
            memory: self.memory.clone(),
            threads: self.threads(),
        }
    }
}

pub(super) fn run(args: &Args, global: &Global, host: &dyn Host, streams: &mut Streams) -> Exit {
    let (started_at, ticks) = (host.now(), host.ticks());
    let outlets = match outlets(&args.report) {
        Ok(outlets) => outlets,
        Err(diagnostics) => {
            return check::refused(&Refusal { diagnostics, sources: SourceMap::default() }, streams);
        }
    };
    let session = match Session::open(host, global.policy.as_deref()) {
        Ok(session) => session,
        Err(refusal) => return check::refused(&refusal, streams),
    };
    let mut checked = session.check();
    let Some(policy) = checked.policy.take() else {
        streams.tell(&checked.diagnostics, &checked.sources);
        return Exit::Usage;
    };
    let progress = Progress::start(streams.shows_progress(), format!("judging by {}", args.profile));
    let ran = session.run(&policy, &mut checked.sources, checked.digest, &args.request());
    drop(progress);
    let mut run = match ran {
        Ok(run) => run,
        Err(mut diagnostics) => {
            // Warnings would only hide what stops the run.
            if streams.tells_tools() {
                diagnostics.extend(checked.diagnostics);
            }
            return check::refused(&Refusal { diagnostics, sources: checked.sources }, streams);
        }
    };
    let mut failed = session.write_artifacts(&args.request(), &checked.sources, &mut run);
    let timing = (!args.no_timing).then(|| Timing { started_at, elapsed_ns: host.ticks().saturating_sub(ticks) });
    let context = ReportContext { sources: &checked.sources, timing, colour: false, only: &args.only };
    let (request, sources) = (args.request(), context.sources);
    let taken = |file: &Path| {
        let read =
            session.has_read(file, &request, sources, &run).map(|what| format!("{what}, which this run has read"));
        read.or_else(|| session.has_written(file, &request, &run))
    };
    failed.extend(write_all(&outlets, host, &|format| (format.render)(&run, &context), &taken));
    let mut exit = if failed.is_empty() { Exit::from(run.status) } else { Exit::NotWritten };
    tell(checked.diagnostics, failed, context.sources, streams);
    if !args.quiet {
        exit = show(&args.format, &run, context, streams).err().unwrap_or(exit);
    }
    exit
}

/// Tells what went wrong beside the verdict. Warnings of the policy are for `check`: here people
/// are only reminded of them, while tools get everything.
fn tell(mut warnings: Vec<Diagnostic>, failed: Vec<Diagnostic>, sources: &SourceMap, streams: &mut Streams) {
    if streams.tells_tools() {
        warnings.extend(failed);
        streams.tell(&warnings, sources);
        return;
    }
    if !warnings.is_empty() {
        streams.say(&format!("{} in the policy; `rspp-gates check` shows them", count(&warnings)));
    }
    if !failed.is_empty() {
        streams.tell(&failed, sources);
    }
}

fn show(format: &str, run: &GateRun, context: ReportContext<'_>, streams: &mut Streams) -> Result<(), Exit> {
    let context = ReportContext { colour: streams.colours_stdout(), ..context };
    match report::format(format) {
        Some(format) => streams.print(&(format.render)(run, &context)),
        // The argument parser let nothing else pass.
        None => Err(Exit::Bug),
    }
}
