//! Documents named on the command line, judged one after the other: shared by `contract check` and
//! `lint`.

use crate::cli::streams::Streams;
use crate::cli::{Exit, Global, check};
use crate::diag::{Diagnostic, printable};
use crate::document::{self, Judgement, Kind, Kinds, MAX_BYTES, Notation};
use crate::eval::Constants;
use crate::host::{EntryKind, Host};
use crate::runner::{Refusal, Session};
use crate::source::SourceMap;
use clap::ValueEnum;
use std::collections::BTreeMap;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// Faults of one document that people are shown.
const MOST_SHOWN: usize = 500;
/// The name of what comes from stdin.
const STDIN: &str = "(stdin)";

/// Which documents, and by what.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Documents {
    /// A contract of the policy (`rspp-gates contract list` shows all)
    kind: String,
    /// Documents; `-` is stdin
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Another mode of the kind: the contract KIND_MODE [default: strict, the kind itself]
    #[arg(long)]
    mode: Option<String>,
    /// How the documents are written [default: as their names end, else JSON]
    #[arg(long, value_enum, value_name = "NOTATION")]
    input: Option<Input>,
    /// How the result is written
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Input {
    Json,
    Yaml,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A line for each document on stdout, marked excerpts on stderr
    Human,
    /// One line of JSON for each document on stdout
    Json,
}

/// What is asked.
pub(in crate::cli) struct Ask<'a> {
    pub documents: &'a Documents,
    /// Advice is told.
    pub advice: bool,
    /// Advice that is not taken is a no.
    pub deny_advice: bool,
}

/// How many documents are what.
#[derive(Default)]
struct Counts {
    conform: usize,
    not: usize,
    unread: usize,
    advised: usize,
}

pub(in crate::cli) fn judge(ask: &Ask<'_>, global: &Global, host: &dyn Host, streams: &mut Streams) -> Exit {
    let session = match Session::open(host, global.policy.as_deref()) {
        Ok(session) => session,
        Err(refusal) => return check::refused(&refusal, streams),
    };
    let checked = session.check();
    let Some(policy) = &checked.policy else {
        streams.tell(&checked.diagnostics, &checked.sources);
        return Exit::Usage;
    };
    let documents = ask.documents;
    let kind = match Kinds::of(&policy.policy).find(&documents.kind, documents.mode.as_deref()) {
        Ok(kind) => kind,
        Err(diagnostic) => {
            let refusal = Refusal { diagnostics: vec![*diagnostic], sources: checked.sources };
            return check::refused(&refusal, streams);
        }
    };
    let constants = Constants::new(policy.policy.clone(), BTreeMap::new());
    let mut counts = Counts::default();
    for file in &documents.files {
        let name = if file.as_os_str() == "-" { STDIN.to_owned() } else { file.to_string_lossy().into_owned() };
        // Each document beside the policy alone: texts of many are not held at once.
        let mut sources = checked.sources.clone();
        let read = bytes(host, file, &name).and_then(|bytes| {
            let notation = match documents.input {
                Some(Input::Json) => Notation::Json,
                Some(Input::Yaml) => Notation::Yaml,
                None => Notation::of_name(&name),
            };
            document::read(&bytes, &name, notation, &mut sources)
        });
        let judged = read.map(|document| document::judge(&document, &kind, ask.advice, &constants, &sources));
        let outcome = judged.as_ref().map_err(|d| &**d);
        counts.take(outcome);
        let told = match documents.format {
            Format::Json => streams.print(&document::json_line(&name, &kind, outcome, &sources)),
            Format::Human => human(&name, &kind, outcome, &sources, streams),
        };
        if let Err(exit) = told {
            return exit;
        }
    }
    if documents.format == Format::Human
        && let Err(exit) = streams.print(&summary(&counts, &kind, documents.files.len()))
    {
        return exit;
    }
    match counts {
        Counts { not, .. } if not > 0 => Exit::No,
        Counts { unread, .. } if unread > 0 => Exit::Unknown,
        Counts { advised, .. } if advised > 0 && ask.deny_advice => Exit::No,
        _ => Exit::Yes,
    }
}

impl Counts {
    fn take(&mut self, outcome: Result<&Judgement, &Diagnostic>) {
        match outcome {
            Ok(judgement) => {
                self.conform += usize::from(judgement.conforms());
                self.not += usize::from(!judgement.conforms());
                self.advised += usize::from(!judgement.advice.is_empty());
            }
            Err(_) => self.unread += 1,
        }
    }
}

fn bytes(host: &dyn Host, file: &Path, name: &str) -> Result<Vec<u8>, Box<Diagnostic>> {
    let read = match (name == STDIN, host.kind(file)) {
        (true, _) => stdin(),
        (false, Ok(Some(EntryKind::Folder))) => Err(io::Error::from(io::ErrorKind::IsADirectory)),
        (false, _) => host.read(file, MAX_BYTES),
    };
    read.map_err(|error| document::unreadable(name, &error, MAX_BYTES).into())
}

/// What comes from stdin, up to the limit.
fn stdin() -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    io::stdin().lock().take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(io::Error::from(io::ErrorKind::FileTooLarge));
    }
    Ok(bytes)
}

/// A line for the document; its faults as diagnostics.
fn human(
    name: &str,
    kind: &Kind<'_>,
    outcome: Result<&Judgement, &Diagnostic>,
    sources: &SourceMap,
    streams: &mut Streams,
) -> Result<(), Exit> {
    let (mut diagnostics, line) = match outcome {
        Err(why) => (vec![why.clone()], format!("none  {}  {}", printable(name), document::not_read(why))),
        Ok(judgement) => {
            let faults = judgement.faults.iter().map(|f| document::fault(f, kind.named, false));
            let advice = judgement.advice.iter().map(|f| document::fault(f, kind.named, true));
            let faulty = judgement.faults.len() as u64 + judgement.more;
            let advised = judgement.advice.len() as u64;
            let mut parts = Vec::new();
            parts.extend((faulty > 0).then(|| plural(faulty, "fault")));
            parts.extend((advised > 0).then(|| format!("{} of advice", plural(advised, "piece"))));
            let word = if judgement.conforms() { "ok  " } else { "FAIL" };
            let parts = if parts.is_empty() { String::new() } else { format!("  {}", parts.join(", ")) };
            (faults.chain(advice).collect(), format!("{word}  {}{parts}", printable(name)))
        }
    };
    let all = diagnostics.len();
    diagnostics.truncate(MOST_SHOWN);
    if !diagnostics.is_empty() {
        streams.tell(&diagnostics, sources);
    }
    if all > MOST_SHOWN {
        streams.say(&format!("{} more are not shown; `--format json` has them", all - MOST_SHOWN));
    }
    streams.print(&format!("{line}\n"))
}

fn summary(counts: &Counts, kind: &Kind<'_>, all: usize) -> String {
    let by = match kind.named.schema() {
        Some(schema) => format!("the contract and its schema {}", schema.name),
        None => "the contract alone: it is paired with no schema".to_owned(),
    };
    let unread = if counts.unread > 0 { format!("; {} cannot be read", counts.unread) } else { String::new() };
    let documents = if all == 1 { "document conforms" } else { "documents conform" };
    format!("{} of {all} {documents} to {}{unread}; judged by {by}\n", counts.conform, kind.named.name)
}

fn plural(n: u64, word: &str) -> String {
    format!("{n} {word}{}", if n == 1 { "" } else { "s" })
}
