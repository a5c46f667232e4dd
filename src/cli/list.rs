//! `rspp-gates list`: what is there, and all that a profile asks, with the line that says so.

use super::streams::Streams;
use super::{Exit, Global, check};
use crate::host::Host;
use crate::model::{
    CheckedPolicy, EffectiveGate, EffectiveProfile, EvidenceDefinition, EvidenceId, GateDefinition, Limit,
    ProfileDefinition, WhyIncluded,
};
use crate::report::layout::{Column, Page, Paint, Side, Table, cell, empty, wrap};
use crate::runner::{Session, evidence_of, settled};
use crate::source::{SourceMap, Span};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Lists the profiles and gates of the policy; with a profile, every gate that runs, what it
/// asks, and the file and line that say so.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// A profile: its name, or its file
    profile: Option<String>,
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
    let listing = Listing { policy, sources: &checked.sources, page: Page::new(streams.colours_stdout()) };
    let text = match &args.profile {
        None => listing.everything(),
        Some(request) => match session.profile(policy, &checked.sources, request) {
            Ok(id) => listing.profile(&id),
            Err(diagnostic) => {
                streams.tell(&[*diagnostic], &checked.sources);
                return Exit::Usage;
            }
        },
    };
    streams.print(&text).err().unwrap_or(Exit::Yes)
}

struct Listing<'a> {
    policy: &'a CheckedPolicy,
    sources: &'a SourceMap,
    page: Page,
}

/// Clauses of a gate that stand once, in the order shown; each is shown where it is written.
const SINGLE_CLAUSES: [&str; 9] =
    ["stage", "per", "samples", "missing", "when empty", "decide", "effective from", "waivable", "owner"];

impl Listing<'_> {
    /// `file:line`
    fn place(&self, span: Span) -> String {
        let (file, line, _) = self.sources.place(span);
        format!("{file}:{line}")
    }

    /// A clause as written, on one line, without its keyword.
    fn clause(&self, span: Span, keyword: &str) -> String {
        let words = self.sources.slice(span).split_whitespace().collect::<Vec<_>>().join(" ");
        words.strip_prefix(keyword).map(|rest| rest.trim_start().to_owned()).unwrap_or(words)
    }

    fn everything(mut self) -> String {
        self.page.line(&[("Profiles", Paint::Strong)]);
        let left = |title, limit| Column { title, side: Side::Left, limit };
        let right = |title| Column { title, side: Side::Right, limit: 8 };
        let mut table = Table::new(&[
            left("profile", 30),
            right("gates"),
            right("required"),
            left("extends", 24),
            left("declared", 40),
        ]);
        for (id, effective) in &self.policy.profiles {
            let counts = Counts::of(effective);
            let declared = self.policy.policy.profiles.get(id);
            table.row(vec![
                cell(id.as_str(), Paint::Strong),
                cell(counts.selected.to_string(), Paint::Plain),
                cell(counts.required.to_string(), Paint::Plain),
                cell(declared.map(extends).unwrap_or_default(), Paint::Plain),
                cell(self.place(effective.span), Paint::Faint),
            ]);
        }
        if self.policy.profiles.is_empty() {
            self.page.line(&[("  none", Paint::Faint)]);
        } else {
            table.write(&mut self.page);
        }
        self.page.heading("Gates");
        let mut table = Table::new(&[left("gate", 40), left("stage", 24), left("required", 8), left("declared", 60)]);
        for gate in self.policy.policy.gates.values() {
            table.row(vec![
                cell(gate.id.as_str(), Paint::Strong),
                cell(join(&gate.stage), Paint::Plain),
                cell(yes_no(gate.required), Paint::Plain),
                cell(self.place(gate.span), Paint::Faint),
            ]);
        }
        if self.policy.policy.gates.is_empty() {
            self.page.line(&[("  none", Paint::Faint)]);
        } else {
            table.write(&mut self.page);
        }
        self.page.finish()
    }

    fn profile(mut self, id: &crate::model::ProfileId) -> String {
        let Some(profile) = self.policy.profiles.get(id) else { return String::new() };
        let counts = Counts::of(profile);
        self.page.line(&[
            ("profile ", Paint::Plain),
            (id.as_str(), Paint::Strong),
            ("  ", Paint::Plain),
            (&self.place(profile.span), Paint::Faint),
        ]);
        let mut facts = Facts::new();
        let needed = if counts.needed == 0 {
            String::new()
        } else {
            format!("; {} more only because they are needed", counts.needed)
        };
        facts.row(
            "gates",
            &format!("{}, {} of them required{needed}", counts.selected, counts.required),
            String::new(),
        );
        if let Some(declared) = self.policy.policy.profiles.get(id).filter(|p| !p.extends.is_empty()) {
            facts.row("extends", &extends(declared), String::new());
        }
        let place = profile.sources_span.map_or_else(|| "(default)".to_owned(), |s| self.place(s));
        facts.row("sources", &join(&profile.sources), place);
        for expected in &profile.expect_gates {
            facts.row("expect", &self.clause(expected.span, "expect"), self.place(expected.span));
        }
        for (param, (_, span)) in &profile.params {
            let name = self.policy.policy.params.get(param.index()).map_or("", |p| &p.name);
            let text = self.clause(*span, "set");
            let text = if text.starts_with(name) { text } else { format!("{name} = {text}") };
            facts.row("set", &text, self.place(*span));
        }
        facts.write(&mut self.page);
        let mut read = BTreeSet::new();
        for gate in profile.gates.values() {
            read.extend(self.gate(profile, gate));
        }
        if !read.is_empty() {
            self.page.heading("Evidence");
        }
        for evidence in read.iter().filter_map(|id| profile.evidence.get(id.index())) {
            self.evidence(profile, evidence);
        }
        self.page.finish()
    }

    /// One gate; answers the evidence it rests on.
    fn gate(&mut self, profile: &EffectiveProfile, effective: &EffectiveGate) -> BTreeSet<EvidenceId> {
        let gate = &effective.gate;
        self.page.blank();
        let title = gate.title.as_deref().map(|t| format!("  {t}")).unwrap_or_default();
        self.page.line(&[
            (gate.id.as_str(), Paint::Strong),
            (&title, Paint::Plain),
            ("  ", Paint::Plain),
            (&self.place(gate.span), Paint::Faint),
        ]);
        let mut facts = Facts::new();
        if let WhyIncluded::Needed { by } = &effective.why {
            facts.row("via needs", &format!("only because {by} needs it"), String::new());
        }
        let place = gate.clauses.get("required").map_or_else(|| "(default)".to_owned(), |s| self.place(*s));
        facts.row("required", yes_no(gate.required), place);
        self.gate_clauses(&mut facts, profile, gate);
        for (keyword, origin) in &effective.changed {
            let because = origin.because.as_deref().map(|b| format!(", because {b}")).unwrap_or_default();
            facts.row("changed", &format!("{keyword} by profile {}{because}", origin.profile), self.place(origin.span));
        }
        let reads = evidence_of(&self.policy.policy, gate);
        let names: Vec<&str> =
            reads.iter().filter_map(|id| profile.evidence.get(id.index())).map(|e| &*e.name).collect();
        facts.row(
            "rests on",
            if names.is_empty() { "no evidence".to_owned() } else { names.join(", ") }.as_str(),
            String::new(),
        );
        facts.write(&mut self.page);
        reads
    }

    fn gate_clauses(&self, facts: &mut Facts, profile: &EffectiveProfile, gate: &GateDefinition) {
        if let Some(scope) = &gate.scope {
            facts.row("scope", &self.clause(scope.span, "scope"), self.place(scope.span));
        }
        for clause in &gate.each {
            facts.row("each", &self.clause(clause.span, "each"), self.place(clause.span));
        }
        for clause in &gate.expect {
            facts.row("expect", &self.clause(clause.span, "expect"), self.place(clause.span));
        }
        for metric in &gate.metrics {
            facts.row("metric", &self.clause(metric.span, "metric"), self.place(metric.span));
        }
        for threshold in &gate.thresholds {
            let limits = match &threshold.limit {
                Limit::Compare { value, .. } => vec![value],
                Limit::Range { low, high } => vec![low, high],
            };
            let values: Vec<String> = limits.iter().filter_map(|e| settled(self.policy, profile, e)).collect();
            let text = with_values(self.clause(threshold.span, "threshold"), &values);
            facts.row("threshold", &text, self.place(threshold.span));
        }
        if !gate.needs.is_empty() {
            let names: Vec<&str> = gate.needs.iter().map(|g| g.as_str()).collect();
            let place = gate.clauses.get("needs").map(|s| self.place(*s)).unwrap_or_default();
            facts.row("needs", &names.join(", "), place);
        }
        for keyword in SINGLE_CLAUSES {
            match gate.clauses.get(keyword) {
                Some(span) => facts.row(keyword, &self.clause(*span, keyword), self.place(*span)),
                None if keyword == "when empty" => facts.row(keyword, "inconclusive", "(default)".into()),
                None => {}
            }
        }
    }

    /// What an evidence must be, each demand with the line that makes it.
    fn evidence(&mut self, profile: &EffectiveProfile, evidence: &EvidenceDefinition) {
        self.page.line(&[
            ("  ", Paint::Plain),
            (&evidence.name, Paint::Strong),
            ("  ", Paint::Plain),
            (&self.place(evidence.span), Paint::Faint),
        ]);
        let mut facts = Facts::new();
        let within = evidence.fresh.as_ref().and_then(|f| settled(self.policy, profile, &f.within));
        for (keyword, otherwise) in [
            ("path", None),
            ("files", None),
            ("fresh", Some("nothing is said: its age is unknown")),
            ("source", Some("nothing is said: it counts as synthetic")),
            ("version", None),
            ("optional", None),
        ] {
            match (evidence.clauses.get(keyword), otherwise) {
                (Some(span), _) => {
                    let values: Vec<String> = within.iter().filter(|_| keyword == "fresh").cloned().collect();
                    facts.row(keyword, &with_values(self.clause(*span, keyword), &values), self.place(*span));
                }
                (None, Some(words)) => facts.row(keyword, words, String::new()),
                (None, None) => {}
            }
        }
        facts.write(&mut self.page);
    }
}

/// A clause, and what its expressions come to where that is not written in it.
fn with_values(clause: String, values: &[String]) -> String {
    if values.is_empty() { clause } else { format!("{clause}  ({})", values.join("..")) }
}

/// How many gates a profile has.
struct Counts {
    selected: usize,
    required: usize,
    needed: usize,
}

impl Counts {
    fn of(profile: &EffectiveProfile) -> Self {
        let selected: Vec<_> = profile.gates.values().filter(|g| g.why == WhyIncluded::Selected).collect();
        Self {
            selected: selected.len(),
            required: selected.iter().filter(|g| g.gate.required).count(),
            needed: profile.gates.len() - selected.len(),
        }
    }
}

/// A value that is longer takes several lines: nothing that a profile asks is cut.
const VALUE_COLUMNS: usize = 56;

/// Rows of clause, value and place, without titles.
struct Facts(Table);

impl Facts {
    fn new() -> Self {
        Self(Table::untitled(&[
            Column { title: "", side: Side::Left, limit: 14 },
            Column { title: "", side: Side::Left, limit: VALUE_COLUMNS },
            Column { title: "", side: Side::Path, limit: 40 },
        ]))
    }

    fn row(&mut self, clause: &str, value: &str, place: String) {
        let place = if place.is_empty() { empty() } else { cell(place, Paint::Faint) };
        for (i, line) in wrap(value, VALUE_COLUMNS, VALUE_COLUMNS).iter().enumerate() {
            let (clause, place) = if i == 0 { (clause, place.clone()) } else { ("", empty()) };
            self.0.row(vec![cell(clause, Paint::Faint), cell(line, Paint::Plain), place]);
        }
    }

    fn write(&self, page: &mut Page) {
        self.0.write(page);
    }
}

fn yes_no(yes: bool) -> &'static str {
    if yes { "yes" } else { "no" }
}

fn join(words: &[Arc<str>]) -> String {
    words.iter().map(|w| &**w).collect::<Vec<_>>().join(", ")
}

fn extends(profile: &ProfileDefinition) -> String {
    profile.extends.iter().map(|p| p.as_str()).collect::<Vec<_>>().join(", ")
}
