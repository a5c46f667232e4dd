//! `rspp-gates explain`: what a word stands for, how a gate came to its verdict, the digests of a gate.

use super::streams::Streams;
use super::{Exit, Global, check, digests};
use crate::diag::Diagnostic;
use crate::explain::{self, Against, Found, Kind, Known};
use crate::host::Host;
use crate::model::{CheckedPolicy, EffectiveProfile};
use crate::registry::Registry;
use crate::runner::{self, Checked, Session};
use crate::source::SourceMap;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use std::path::{Path, PathBuf};

/// Explains a gate: what it asks in words and in source, every written way from missing to green,
/// what it reads. Or a function, a diagnostic, a profile, an evidence, any name of the policy.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// A gate (`latency.p95`), a function (`p95`), a code (`rspp::types::mismatch`; `rspp::` may be
    /// left out), or another name of the policy [default: lists all codes]
    word: Option<String>,
    /// What the word is, where it means several things
    #[arg(long, value_name = "KIND", value_parser = kinds())]
    kind: Option<Kind>,
    /// Explains the gate as this profile makes it effective
    #[arg(long, value_name = "PROFILE", conflicts_with = "run")]
    profile: Option<String>,
    /// Derives the gate's verdict, step by step, from a saved JSON report
    #[arg(long, value_name = "REPORT", conflicts_with = "digest")]
    run: Option<PathBuf>,
    /// Shows digests: of the gate as it is declared, and under each profile that takes it (or only
    /// under the one named)
    #[arg(long)]
    digest: bool,
    /// Shows what is hashed: texts, each under its digest
    #[arg(long, requires = "digest", requires = "word")]
    form: bool,
}

fn kinds() -> impl TypedValueParser<Value = Kind> {
    let values = Kind::ALL.map(|k| PossibleValue::new(k.option()));
    PossibleValuesParser::new(values)
        .map(|word| Kind::ALL.into_iter().find(|k| k.option() == word).unwrap_or(Kind::Gate))
}

/// What a page is made from.
struct Desk<'a> {
    checked: Option<&'a CheckedPolicy>,
    sources: &'a SourceMap,
    registry: &'a Registry,
    colour: bool,
}

pub(super) fn run(args: &Args, global: &Global, host: &dyn Host, streams: &mut Streams) -> Exit {
    if args.digest {
        let request =
            digests::Request { gate: args.word.as_deref(), profile: args.profile.as_deref(), form: args.form };
        return digests::run(&request, global, host, streams);
    }
    let Some(word) = &args.word else {
        let all: String = runner::codes().iter().map(|code| format!("{code}\n")).collect();
        return streams.print(&all).err().unwrap_or(Exit::Yes);
    };
    let registry = match runner::registry() {
        Ok(registry) => registry,
        Err(diagnostic) => return told(*diagnostic, &SourceMap::default(), streams),
    };
    let session = match Session::open(host, global.policy.as_deref()) {
        Ok(session) => Some(session),
        // Functions and codes, and a saved report, need no policy.
        Err(_) if global.policy.is_none() => None,
        Err(refusal) => return check::refused(&refusal, streams),
    };
    let loaded = session.as_ref().map(Session::check);
    let (none, empty) = (None, SourceMap::default());
    let desk = Desk {
        checked: loaded.as_ref().map_or(&none, |l| &l.policy).as_ref(),
        sources: loaded.as_ref().map_or(&empty, |l| &l.sources),
        registry: &registry,
        colour: streams.colours_stdout(),
    };
    let page = match &args.run {
        Some(report) => saved(&desk, host, report, word, loaded.as_ref(), streams),
        None => {
            let codes = runner::codes();
            let known = Known { checked: desk.checked, registry: &registry, codes: &codes };
            match explain::find(known, word, args.kind) {
                Ok(found) => {
                    also(&found, streams);
                    page(&desk, &found, args.profile.as_deref(), session.as_ref())
                }
                // What the word means may stand in a policy that has mistakes.
                Err(diagnostic) => match &loaded {
                    Some(loaded) if loaded.policy.is_none() => {
                        streams.tell(&loaded.diagnostics, &loaded.sources);
                        return Exit::Usage;
                    }
                    _ => Err(diagnostic),
                },
            }
        }
    };
    match page {
        Ok(page) => streams.print(&page).err().unwrap_or(Exit::Yes),
        Err(diagnostic) => told(*diagnostic, desk.sources, streams),
    }
}

/// The page of what a word means.
fn page(
    desk: &Desk<'_>,
    found: &Found,
    profile: Option<&str>,
    session: Option<&Session<'_>>,
) -> Result<String, Box<Diagnostic>> {
    if let (Some(_), true) = (profile, found.kind != Kind::Gate) {
        return Err(explain::only_of_gates("--profile", &found.name, found.kind).into());
    }
    match (found.kind, desk.checked) {
        (Kind::Code, _) => runner::page(&found.name).map(str::to_owned),
        (Kind::Function, _) => explain::function_page(desk.registry, &found.name, desk.colour),
        (Kind::Format, _) => explain::format_page(desk.registry, &found.name, desk.colour),
        (Kind::Gate, Some(checked)) => {
            let profile = match (profile, session) {
                (Some(request), Some(session)) => effective(checked, desk.sources, session, request)?,
                _ => None,
            };
            explain::gate_page(checked, desk.sources, &found.name, profile, desk.colour)
        }
        (kind, Some(checked)) => explain::name_page(checked, desk.sources, kind, &found.name, desk.colour),
        (_, None) => Err(runner::internal("a name without its policy").into()),
    }
}

fn effective<'c>(
    checked: &'c CheckedPolicy,
    sources: &SourceMap,
    session: &Session<'_>,
    request: &str,
) -> Result<Option<&'c EffectiveProfile>, Box<Diagnostic>> {
    let id = session.profile(checked, sources, request)?;
    Ok(checked.profiles.get(&id))
}

/// The page of a gate in a saved report.
fn saved(
    desk: &Desk<'_>,
    host: &dyn Host,
    report: &Path,
    gate: &str,
    loaded: Option<&Checked>,
    streams: &mut Streams,
) -> Result<String, Box<Diagnostic>> {
    let saved = explain::read_report(host, report, gate)?;
    if desk.checked.is_none() && loaded.is_some() {
        streams.say("the policy here has mistakes; the report is explained without it");
    }
    let against = match (desk.checked, loaded) {
        (Some(checked), Some(loaded)) => Some(Against { checked, sources: desk.sources, files: loaded.digest }),
        _ => None,
    };
    Ok(saved.page(desk.registry, against, desk.colour))
}

/// Says what else a word means.
fn also(found: &Found, streams: &mut Streams) {
    for other in &found.others {
        streams.say(&format!(
            "`{}` is {} here and also {}; `--kind {}` explains that",
            found.name,
            found.kind.noun(),
            other.noun(),
            other.option()
        ));
    }
}

fn told(diagnostic: Diagnostic, sources: &SourceMap, streams: &mut Streams) -> Exit {
    streams.tell(&[diagnostic], sources);
    Exit::Usage
}
