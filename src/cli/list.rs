//! `rspp-gates list`: what is there, and all that a profile asks, with the line that says so.

use super::streams::Streams;
use super::{Exit, Global, check};
use crate::data::{Num, print};
use crate::explain::{Facts, clause, fields, place, settled, with_values, yes_no};
use crate::host::Host;
use crate::model::{
    CheckedPolicy, EffectiveGate, EffectiveProfile, EvidenceDefinition, EvidenceId, ProfileDefinition, WhyIncluded,
};
use crate::plan::{Plan, plan_gates};
use crate::report::days_left;
use crate::report::layout::{Column, Page, Paint, Side, Table, cell};
use crate::runner::Session;
use crate::source::{SourceMap, Span};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Lists the profiles and gates of the policy; with a profile, every gate that runs, what it
/// asks, and the file and line that say so.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// A profile: its name, or its file
    profile: Option<String>,
    /// The instant that waivers are looked at from; else the run file's, else now
    #[arg(long, value_name = "INSTANT")]
    as_of: Option<String>,
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
    let as_of = match session.as_of(args.as_of.as_deref()) {
        Ok((as_of, _)) => as_of,
        Err(diagnostic) => {
            streams.tell(&[*diagnostic], &checked.sources);
            return Exit::Usage;
        }
    };
    let listing = Listing { policy, as_of, sources: &checked.sources, page: Page::new(streams.colours_stdout()) };
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
    as_of: Num,
    page: Page,
}

impl Listing<'_> {
    fn place(&self, span: Span) -> String {
        place(self.sources, span)
    }

    fn clause(&self, span: Span, keyword: &str) -> String {
        clause(self.sources, span, keyword)
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
        if let Some(span) = profile.no_waivers {
            facts.row("waivers", "none: no waiver applies, and each is an error", self.place(span));
        }
        for expected in &profile.expect_gates {
            facts.row("expect", &self.clause(expected.span, "expect"), self.place(expected.span));
        }
        for (artifact, span) in &profile.write {
            let path = self.policy.policy.artifacts.get(artifact).map(|a| a.pattern()).unwrap_or_default();
            facts.row("write", &format!("{artifact}: {path}"), self.place(*span));
        }
        for (param, (_, span)) in &profile.params {
            let name = self.policy.policy.params.get(param.index()).map_or("", |p| &p.name);
            let text = self.clause(*span, "set");
            let text = if text.starts_with(name) { text } else { format!("{name} = {text}") };
            facts.row("set", &text, self.place(*span));
        }
        facts.write(&mut self.page);
        // What the profile's params rule out is not read, which the plan knows.
        let plan = plan_gates(&self.policy.policy, profile, &profile.gates.keys().cloned().collect());
        let mut read = BTreeSet::new();
        for gate in profile.gates.values() {
            read.extend(self.gate(profile, gate, &plan));
        }
        self.waivers(profile);
        if !read.is_empty() {
            self.page.heading("Evidence");
        }
        for evidence in read.iter().filter_map(|id| profile.evidence.get(id.index())) {
            self.evidence(profile, evidence);
        }
        self.page.finish()
    }

    /// The waivers of the profile's gates, and how long they have still to go.
    fn waivers(&mut self, profile: &EffectiveProfile) {
        let its: Vec<_> = self.policy.policy.waivers.values().filter(|w| profile.gates.contains_key(&w.gate)).collect();
        if its.is_empty() {
            return;
        }
        self.page.heading("Waivers");
        let mut facts = Facts::wide();
        for waiver in its {
            let text = format!(
                "{}, until {} ({})",
                waiver.gate,
                print::instant(waiver.expires),
                days_left(waiver, self.as_of)
            );
            facts.row(waiver.id.as_str(), &text, self.place(waiver.span));
        }
        facts.write(&mut self.page);
    }

    /// One gate; answers the evidence it rests on.
    fn gate(&mut self, profile: &EffectiveProfile, effective: &EffectiveGate, plan: &Plan) -> BTreeSet<EvidenceId> {
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
        for field in fields(self.policy, self.sources, Some(profile), gate, &effective.changed) {
            let place = field.span.map_or_else(|| "(default)".to_owned(), |s| self.place(s));
            facts.row(&field.keyword, &field.text, place);
        }
        for (keyword, origin) in &effective.changed {
            let because = origin.because.as_deref().map(|b| format!(", because {b}")).unwrap_or_default();
            facts.row("changed", &format!("{keyword} by profile {}{because}", origin.profile), self.place(origin.span));
        }
        let reads = plan.gates.get(&gate.id).map(|g| g.evidence.clone()).unwrap_or_default();
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

    /// What an evidence must be, each demand with the line that makes it.
    fn evidence(&mut self, profile: &EffectiveProfile, evidence: &EvidenceDefinition) {
        self.page.line(&[
            ("  ", Paint::Plain),
            (&evidence.name, Paint::Strong),
            ("  ", Paint::Plain),
            (&self.place(evidence.span), Paint::Faint),
        ]);
        let mut facts = Facts::new();
        let within = evidence.fresh.as_ref().and_then(|f| settled(self.policy, Some(profile), &f.within));
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

fn join(words: &[Arc<str>]) -> String {
    words.iter().map(|w| &**w).collect::<Vec<_>>().join(", ")
}

fn extends(profile: &ProfileDefinition) -> String {
    profile.extends.iter().map(|p| p.as_str()).collect::<Vec<_>>().join(", ")
}
