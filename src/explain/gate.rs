//! The page of a gate.

use super::bindings::Bindings;
use super::fields::{Field, fields};
use super::reach::Reach;
use super::sheet::{Facts, Sheet};
use super::source::place;
use super::words::{Words, joined};
use super::{asks, reads, users, ways};
use crate::data::Type;
use crate::model::{
    CheckedPolicy, EffectiveGate, EffectiveProfile, ExprKind, FieldOrigin, GateDefinition, GateId, Policy, ProfileId,
    SourceKind, WhyIncluded,
};
use crate::plan::{Plan, gate_exprs, plan};
use crate::source::{SourceMap, Span};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Lines of a declaration that are shown.
const MOST_LINES: usize = 60;
/// Ways to green that are told before the rest is only counted.
const MOST_WAYS: usize = 200;

/// Explains a gate: as it is declared, or as a profile makes it effective.
pub(super) fn page(
    checked: &CheckedPolicy,
    sources: &SourceMap,
    id: &GateId,
    profile: Option<&EffectiveProfile>,
    colour: bool,
) -> Option<String> {
    let declared = checked.policy.gates.get(id)?;
    let effective = profile.and_then(|p| p.gates.get(id));
    let none = BTreeMap::new();
    let (gate, changed) = match effective {
        Some(effective) => (&effective.gate, &effective.changed),
        None => (declared, &none),
    };
    let planned = profile.cloned().unwrap_or_else(|| home(checked, declared));
    let mut page = GatePage {
        checked,
        sheet: Sheet::new(sources, colour),
        declared,
        gate,
        changed,
        profile,
        effective,
        alone: ways::plan_alone(&checked.policy, &planned, gate),
        planned,
    };
    page.head();
    page.asks();
    page.source();
    page.fields();
    page.ways();
    super::waivers::of_gate(checked, &mut page.sheet, gate, profile);
    page.reads();
    page.computed();
    page.names();
    page.users();
    Some(page.sheet.finish())
}

/// The profile that a gate is planned in when none is asked for: the one with the most gates that
/// takes it, else none with all evidence as declared.
fn home(checked: &CheckedPolicy, gate: &GateDefinition) -> EffectiveProfile {
    let taking = checked.profiles.values().filter(|p| p.gates.contains_key(&gate.id));
    let most = taking.max_by_key(|p| (p.gates.len(), std::cmp::Reverse(p.id.clone())));
    most.cloned().unwrap_or_else(|| nowhere(&checked.policy, gate))
}

/// No profile: everything as declared.
fn nowhere(policy: &Policy, gate: &GateDefinition) -> EffectiveProfile {
    EffectiveProfile {
        id: ProfileId::new(""),
        span: gate.span,
        gates: BTreeMap::new(),
        params: BTreeMap::new(),
        evidence: policy.evidence.iter().map(|e| Arc::new(e.clone())).collect(),
        sources: SourceKind::KINDS.map(Arc::from).to_vec(),
        sources_span: None,
        write: BTreeMap::new(),
        no_waivers: None,
        expect_gates: Vec::new(),
    }
}

struct GatePage<'a> {
    checked: &'a CheckedPolicy,
    sheet: Sheet<'a>,
    declared: &'a GateDefinition,
    gate: &'a GateDefinition,
    changed: &'a BTreeMap<Arc<str>, FieldOrigin>,
    profile: Option<&'a EffectiveProfile>,
    effective: Option<&'a EffectiveGate>,
    planned: EffectiveProfile,
    /// The gate by itself.
    alone: Plan,
}

impl<'a> GatePage<'a> {
    fn sources(&self) -> &'a SourceMap {
        self.sheet.sources
    }

    fn head(&mut self) {
        let gate = self.gate;
        self.sheet.title("gate", gate.id.as_str(), gate.title.as_deref().unwrap_or(""), Some(gate.span));
        let mut facts = Vec::new();
        facts.extend(gate.owner.as_ref().map(|o| format!("owner {o}")));
        if !gate.refs.is_empty() {
            let refs: Vec<String> = gate.refs.iter().map(ToString::to_string).collect();
            facts.push(format!("refs {}", refs.join(", ")));
        }
        if !facts.is_empty() {
            self.sheet.say(&facts.join(" · "));
        }
        self.sheet.doc(gate.doc.as_deref());
        match (self.profile, self.effective) {
            (Some(profile), Some(EffectiveGate { why: WhyIncluded::Needed { by }, .. })) => {
                self.sheet
                    .say(&format!("As profile {} makes it effective; it runs only because {by} needs it.", profile.id));
            }
            (Some(profile), Some(_)) => self.sheet.say(&format!("As profile {} makes it effective.", profile.id)),
            (Some(profile), None) => {
                self.sheet.say(&format!("Profile {} does not run it; this is the gate as declared.", profile.id));
            }
            (None, _) => {}
        }
    }

    fn asks(&mut self) {
        self.sheet.section("What it asks");
        for sentence in asks::asks(self.checked, self.sources(), self.profile, self.gate) {
            self.sheet.say(&sentence.text);
            for (i, item) in sentence.items.iter().enumerate() {
                self.sheet.item(&format!("{}.", i + 1), item);
            }
        }
        if let Some(fix) = &self.gate.fix {
            self.sheet.say(&format!("When it fails: {fix}"));
        }
    }

    fn source(&mut self) {
        self.sheet.section("In source");
        self.sheet.excerpt(self.declared.whole, MOST_LINES);
    }

    fn fields(&mut self) {
        let title = match (self.profile, self.effective) {
            (Some(profile), Some(_)) => format!("In force in profile {}", profile.id),
            _ => "In force as declared".to_owned(),
        };
        self.sheet.section(&title);
        let (checked, sources) = (self.checked, self.sources());
        let mut table = Facts::new();
        let declared = fields(checked, sources, None, self.declared, &BTreeMap::new());
        for field in fields(checked, sources, self.profile, self.gate, self.changed) {
            let place = field.span.map_or_else(|| "(default)".to_owned(), |s| place(sources, s));
            table.row(&field.keyword, &field.text, place);
            if let Some(origin) = &field.origin {
                table.row("", &set_by(origin, &field, &declared, sources), String::new());
            }
        }
        table.write(&mut self.sheet.page);
        if self.profile.is_none() {
            self.changes_elsewhere();
        }
    }

    /// Which profiles make something else of the gate.
    fn changes_elsewhere(&mut self) {
        let sources = self.sources();
        for (id, profile) in &self.checked.profiles {
            let Some(effective) = profile.gates.get(&self.gate.id) else { continue };
            let own: Vec<(&Arc<str>, &FieldOrigin)> =
                effective.changed.iter().filter(|(_, o)| o.profile == *id).collect();
            for (keyword, origin) in own {
                let text = super::source::clause(sources, origin.span, keyword);
                let text =
                    text.strip_prefix(keyword.split(' ').next().unwrap_or("")).unwrap_or(&text).trim().to_owned();
                let because = because(origin);
                self.sheet.placed(&format!("profile {id} makes it `{keyword} {text}`{because}"), origin.span);
            }
        }
    }

    fn ways(&mut self) {
        self.sheet.section("Every written way from missing to green");
        let found = ways::ways(&self.checked.policy, &self.planned, self.sources(), self.gate);
        if found.is_empty() {
            self.sheet.say("There is none: whatever it needs and is not there keeps it from passing.");
            return;
        }
        let mut inside: Option<Option<String>> = None;
        for way in found.iter().take(MOST_WAYS) {
            if inside.as_ref() != Some(&way.inside) {
                let head = way.inside.as_ref().map_or_else(|| "In the gate itself:".to_owned(), |i| format!("In {i}:"));
                self.sheet.say(&head);
                inside = Some(way.inside.clone());
            }
            self.sheet.placed(&way.text, way.span);
        }
        let more = found.len().saturating_sub(MOST_WAYS);
        if more > 0 {
            self.sheet.say(&format!("and {more} more"));
        }
    }

    fn reads(&mut self) {
        self.sheet.section("What it reads");
        let Some(planned) = self.alone.gates.get(&self.gate.id) else { return };
        let accepted: &[Arc<str>] = match self.profile {
            Some(profile) => &profile.sources,
            None => &[],
        };
        if planned.evidence.is_empty() {
            self.sheet.say("No evidence: it follows from the policy alone.");
        }
        for id in &planned.evidence {
            let Some(evidence) = self.planned.evidence.get(id.index()) else { continue };
            let projection = self.alone.projections.get(id.index()).and_then(Option::as_ref);
            let lines = reads::evidence(self.checked, self.profile, accepted, evidence, projection);
            self.sheet.placed(&format!("evidence {}", evidence.name), evidence.span);
            for line in lines {
                self.sheet.item(" ", &line);
            }
        }
        let reach = Reach::of_gate(&self.checked.policy, self.gate);
        for gate in &reach.results {
            let span = self.checked.policy.gates.get(gate).map_or(self.gate.span, |g| g.span);
            self.sheet.placed(&format!("the result of gate {gate}, which has a page of its own"), span);
        }
        let ambient: Vec<String> = [
            (reach.as_of, "the instant of evaluation (`as_of`)"),
            (reach.candidate, "the release candidate; without one it is an error"),
        ]
        .iter()
        .filter(|(read, _)| *read)
        .map(|(_, what)| (*what).to_owned())
        .collect();
        if !ambient.is_empty() {
            self.sheet.say(&format!("It also reads {}.", joined(&ambient, "and")));
        }
    }

    fn computed(&mut self) {
        self.sheet.section("How it is computed");
        let sources = self.sources();
        for held in reads::held(&self.alone, &self.gate.id) {
            let word = held.node.mark.word();
            let name = match held.kind {
                "value" => format!("a value `{}`", held.node.label),
                kind => format!("{kind} {}", held.node.label),
            };
            let text = format!("{name}: {word}; {}", held.why);
            match held.node.span {
                Some(span) => self.sheet.placed(&text, span),
                None => self.sheet.item("-", &text),
            }
        }
        if !self.planned.gates.contains_key(&self.gate.id) {
            return;
        }
        let (whole, _) = plan(&self.checked.policy, &self.planned);
        let Some((name, gates)) = reads::pass(&whole, sources, &self.gate.id) else { return };
        let others: Vec<String> = gates.iter().filter(|g| **g != self.gate.id).map(ToString::to_string).collect();
        let profile = &self.planned.id;
        self.sheet.say(&match others.as_slice() {
            [] => format!("In profile {profile} one pass over {name} computes it and no other gate."),
            _ => format!(
                "In profile {profile} one pass over {name} computes {} gates: it, {}.",
                gates.len(),
                joined(&others, "and")
            ),
        });
    }

    /// The columns and names that its words use, with what they stand for.
    fn names(&mut self) {
        // Of the policy only what the gate depends on, so that no column of others is told.
        let (policy, own) = (&self.alone.policy, self.alone.own_lets);
        let exprs = gate_exprs(self.gate);
        let words = Words::new(policy, self.sources());
        let mut rows: Vec<(String, Option<String>, Span)> = Vec::new();
        for (name, made) in Bindings::new(policy, self.gate, &exprs).columns(&exprs) {
            let said = match made.ty {
                Type::Bool if !matches!(&*made.kind, ExprKind::Field { .. }) => {
                    format!("whether {}", words.condition(made))
                }
                _ => words.value(made),
            };
            // A number or a copy under the same name says nothing new.
            if said != name {
                rows.push((format!("column {name}"), Some(said), made.span));
            }
        }
        let reach = Reach::of(policy, exprs.iter().copied());
        let doc = |doc: &Option<Arc<str>>| {
            let text = doc.as_deref()?.lines().map(str::trim).collect::<Vec<_>>().join(" ");
            (!text.is_empty()).then_some(text)
        };
        let lets = reach.lets.iter().filter(|id| id.index() < own).filter_map(|id| policy.lets.get(id.index()));
        rows.extend(lets.map(|l| (format!("let {}", l.name), doc(&l.doc), l.span)));
        let defs = reach.defs.iter().filter_map(|id| policy.defs.get(id.index()));
        rows.extend(defs.map(|d| (format!("def {}", d.name), doc(&d.doc), d.span)));
        let params = reach.params.iter().filter_map(|id| policy.params.get(id.index()));
        rows.extend(params.map(|p| (format!("param {}", p.name), doc(&p.doc), p.span)));
        if rows.is_empty() {
            return;
        }
        self.sheet.section("Names it uses");
        for (name, said, span) in rows {
            let said = said.map(|d| format!(": {d}")).unwrap_or_default();
            self.sheet.placed(&format!("{name}{said}"), span);
        }
    }

    fn users(&mut self) {
        self.sheet.section("Who uses it");
        let profiles = users::profiles(self.checked, self.gate);
        if profiles.is_empty() {
            self.sheet.say("No profile runs it.");
        }
        for (name, way, span) in profiles {
            let way = if way.is_empty() { String::new() } else { format!(" runs it, {way}") };
            self.sheet.placed(&format!("profile {name}{way}"), span);
        }
        let (needing, reading) = users::gates(&self.checked.policy, &self.gate.id);
        for (who, what) in [(needing, "needs it to pass"), (reading, "reads its result")] {
            let mut told = BTreeSet::new();
            for gate in who.iter().filter(|g| told.insert((*g).clone())) {
                let span = self.checked.policy.gates.get(gate).map_or(self.gate.span, |g| g.span);
                self.sheet.placed(&format!("gate {gate} {what}"), span);
            }
        }
    }
}

/// Who set a clause in place of what.
fn set_by(origin: &FieldOrigin, field: &Field, declared: &[Field], sources: &SourceMap) -> String {
    let mut before: Vec<String> = Vec::new();
    if !matches!(field.keyword.as_str(), "each" | "expect") {
        for old in declared.iter().filter(|d| d.keyword == field.keyword && d.span != field.span) {
            let place = old.span.map_or_else(|| "the default".to_owned(), |s| place(sources, s));
            before.push(format!("`{}` of {place}", old.text));
        }
    }
    let instead =
        if before.is_empty() { ", added".to_owned() } else { format!(", instead of {}", joined(&before, "and")) };
    format!("by profile {}{instead}{}", origin.profile, because(origin))
}

fn because(origin: &FieldOrigin) -> String {
    origin.because.as_deref().map(|b| format!(", because {b}")).unwrap_or_default()
}
