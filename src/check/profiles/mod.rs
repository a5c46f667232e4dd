//! Profiles: which gates run, which evidence counts, what is changed for this use.
//!
//! A profile is worked out from those it extends, outermost last: what they say is merged, then
//! its own clauses are applied. What two of them say in different ways is reported unless the
//! profile itself says which holds.

mod changes;
mod direction;
mod effective;
mod selection;
mod settings;
mod stages;

use super::checker::{Checker, MAX_CHAIN, Memo};
use super::diagnostics::{clauses as say_clause, profiles as say};
use crate::data::Value;
use crate::diag::did_you_mean;
use crate::model::{
    EffectiveProfile, EvidenceDefinition, EvidenceId, ExpectGates, Expr, FieldOrigin, GateDefinition, GateId, Limit,
    ParamId, ProfileDefinition, ProfileId,
};
use crate::source::Span;
use crate::syntax::tree::{EvidenceClause, GateClause, Name, ProfileClause, ProfileClauseKind as Kind, ProfileDecl};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A profile with all that it extends.
#[derive(Clone)]
pub(in crate::check) struct Profile<'a> {
    id: ProfileId,
    definition: ProfileDefinition,
    selected: BTreeSet<GateId>,
    params: BTreeMap<ParamId, SetParam>,
    sources: Option<(Vec<Arc<str>>, Span)>,
    gates: BTreeMap<GateId, ChangedGate<'a>>,
    evidence: BTreeMap<EvidenceId, ChangedEvidence<'a>>,
    expect: Vec<ExpectGates>,
    write: BTreeMap<Arc<str>, Span>,
    /// Where `waivers none` was said, if anywhere.
    no_waivers: Option<Span>,
    /// Something in it was reported, so what it selects is not certain.
    uncertain: bool,
    /// The gates that it selects or needs, once somebody has asked and until they change.
    taken: Option<BTreeSet<GateId>>,
}

/// `set p = value`
#[derive(Clone)]
struct SetParam {
    expr: Expr,
    value: Value,
    span: Span,
}

/// A gate with the clauses that profiles have put in place of its own.
#[derive(Clone)]
struct ChangedGate<'a> {
    clauses: Vec<&'a GateClause>,
    gate: Arc<GateDefinition>,
    changed: BTreeMap<Arc<str>, FieldOrigin>,
    /// Gates whose results it reads with these clauses.
    reads: BTreeSet<GateId>,
}

/// An evidence with the clauses that profiles have put in place of its own.
#[derive(Clone)]
struct ChangedEvidence<'a> {
    /// By keyword.
    clauses: BTreeMap<&'static str, &'a EvidenceClause>,
    definition: Arc<EvidenceDefinition>,
}

impl<'a> Checker<'a> {
    /// Checks every profile and makes it effective.
    pub(super) fn check_profiles(
        &mut self,
    ) -> (BTreeMap<ProfileId, ProfileDefinition>, BTreeMap<ProfileId, EffectiveProfile>) {
        let ids: Vec<ProfileId> = self.declared.profiles.keys().cloned().collect();
        let evidence: Vec<Option<Arc<EvidenceDefinition>>> =
            self.evidence.iter().map(|e| e.done().map(|e| Arc::new(e.clone()))).collect();
        let mut definitions = BTreeMap::new();
        let mut effective = BTreeMap::new();
        for id in ids {
            let Some(profile) = self.profile(&id, &mut Vec::new()) else { continue };
            definitions.insert(id.clone(), profile.definition.clone());
            effective.insert(id.clone(), self.effective(&profile, &evidence));
        }
        self.check_stages();
        (definitions, effective)
    }

    /// A declared profile, worked out. `None` when there is none, or in a circle of `extends`.
    fn profile(&mut self, id: &ProfileId, path: &mut Vec<ProfileId>) -> Option<Arc<Profile<'a>>> {
        match self.profiles.get(id) {
            Some(Memo::Done(profile)) => return Some(profile.clone()),
            Some(Memo::InProgress) => return None,
            Some(Memo::NotStarted) | None => {}
        }
        let entry = self.declared.profiles.get(id).cloned()?;
        self.profiles.insert(id.clone(), Memo::InProgress);
        path.push(id.clone());
        let definition = ProfileDefinition {
            id: id.clone(),
            span: entry.span,
            doc: entry.doc.clone(),
            extends: Vec::new(),
            stage: Vec::new(),
            gates: Vec::new(),
            without: Vec::new(),
            sources: None,
            write: Vec::new(),
        };
        let profile = Arc::new(self.work_out(definition, entry.tree, path));
        path.pop();
        self.profiles.insert(id.clone(), Memo::Done(profile.clone()));
        Some(profile)
    }

    fn work_out(
        &mut self,
        definition: ProfileDefinition,
        decl: &'a ProfileDecl,
        path: &mut Vec<ProfileId>,
    ) -> Profile<'a> {
        let mut profile = Profile {
            id: definition.id.clone(),
            definition,
            selected: BTreeSet::new(),
            params: BTreeMap::new(),
            sources: None,
            gates: BTreeMap::new(),
            evidence: BTreeMap::new(),
            expect: Vec::new(),
            write: BTreeMap::new(),
            no_waivers: None,
            uncertain: self.declared.broken_gate,
            taken: None,
        };
        let mut parents = Vec::new();
        for clause in &decl.clauses {
            match &clause.kind {
                Kind::Extends(names) => parents = self.parents(&mut profile, names, path),
                Kind::Broken(_) => profile.uncertain = true,
                Kind::WaiversNone => profile.no_waivers = Some(clause.span),
                Kind::Versions(_) => self.report(say_clause::not_yet("`versions` in a profile", clause.span)),
                _ => {}
            }
        }
        let set = self.inherit(&mut profile, &parents, decl);
        let outer = self.set_params(set);
        for clause in &decl.clauses {
            match &clause.kind {
                Kind::Set(name, value) => self.set_param(&mut profile, name, value, clause),
                Kind::Sources(words) => self.sources(&mut profile, words, clause),
                Kind::Write(names) => self.write(&mut profile, names),
                Kind::Evidence(evidence) => self.change_evidence(&mut profile, evidence),
                _ => {}
            }
        }
        self.set_params(profile.params.iter().map(|(id, p)| (*id, p.value.clone())).collect());
        self.select(&mut profile, decl);
        for clause in &decl.clauses {
            match &clause.kind {
                Kind::Tighten(gate, clauses) => self.change_gate(&mut profile, gate, clauses, None),
                Kind::Loosen(gate, clauses, because) => {
                    let because = self.reason(because.as_ref(), gate, clause.span);
                    self.change_gate(&mut profile, gate, clauses, Some(because));
                }
                Kind::ExpectGates(limit) => self.expect_gates(&mut profile, limit, clause),
                _ => {}
            }
        }
        self.check_set_limits(&profile);
        self.set_params(outer);
        profile
    }

    /// The profiles that are extended; what is none is reported, and so is a circle.
    fn parents(
        &mut self,
        profile: &mut Profile<'a>,
        names: &[Name],
        path: &mut Vec<ProfileId>,
    ) -> Vec<Arc<Profile<'a>>> {
        let mut parents = Vec::new();
        for word in self.word_list("extends", names) {
            let Some(name) = names.iter().find(|n| *n.text == *word) else { continue };
            let id = ProfileId(word);
            if !self.declared.profiles.contains_key(&id) {
                profile.uncertain = true;
                if !self.declared.broken.contains(&name.text) {
                    let near = did_you_mean(&name.text, self.declared.profiles.keys().map(ProfileId::as_str));
                    let near = near.map(str::to_owned);
                    self.report(say::unknown_profile(&name.text, near.as_deref(), name.span));
                }
                continue;
            }
            profile.definition.extends.push(id.clone());
            if path.len() >= MAX_CHAIN && !self.profiles.contains_key(&id) {
                profile.uncertain = true;
                self.report(say_clause::depth(MAX_CHAIN, name.span));
                continue;
            }
            match self.profile(&id, path) {
                Some(parent) => {
                    profile.uncertain |= parent.uncertain;
                    parents.push(parent);
                }
                None => {
                    profile.uncertain = true;
                    if let Some(start) = path.iter().position(|p| *p == id) {
                        let circle: Vec<&str> = path.iter().skip(start).map(ProfileId::as_str).collect();
                        let diagnostic = say::extends_circle(&circle, name.span);
                        self.report(diagnostic);
                    }
                }
            }
        }
        parents
    }

    /// Takes over what the extended profiles say; answers the params that are set so far.
    fn inherit(
        &mut self,
        profile: &mut Profile<'a>,
        parents: &[Arc<Profile<'a>>],
        decl: &ProfileDecl,
    ) -> BTreeMap<ParamId, Value> {
        let says = |test: &dyn Fn(&Kind) -> bool| decl.clauses.iter().any(|c| test(&c.kind));
        for parent in parents {
            profile.selected.extend(parent.selected.iter().cloned());
            for (name, span) in &parent.write {
                profile.write.entry(name.clone()).or_insert(*span);
            }
            // Nobody can take back that no waiver counts.
            profile.no_waivers = profile.no_waivers.or(parent.no_waivers);
            for expect in &parent.expect {
                if profile.expect.iter().all(|e| e.span != expect.span) {
                    profile.expect.push(expect.clone());
                }
            }
            for (id, set) in &parent.params {
                if let Some(other) = profile.params.get(id)
                    && other.span != set.span
                    && other.value != set.value
                {
                    let name = self.declared.params.get(id.index()).map_or("", |e| &*e.name).to_owned();
                    if !says(&|k| matches!(k, Kind::Set(n, _) if n.text == name)) {
                        let what = format!("`set {name}`");
                        self.report(say::conflict(&what, profile.definition.span, other.span, set.span));
                    }
                    continue;
                }
                profile.params.insert(*id, set.clone());
            }
            match (&profile.sources, &parent.sources) {
                (Some((mine, at)), Some((theirs, there)))
                    if mine != theirs && !says(&|k| matches!(k, Kind::Sources(_))) =>
                {
                    self.report(say::conflict("`sources`", profile.definition.span, *at, *there));
                }
                (None, Some(_)) => profile.sources.clone_from(&parent.sources),
                _ => {}
            }
            self.inherit_evidence(profile, parent, decl);
            self.inherit_gates(profile, parent);
        }
        profile.params.iter().map(|(id, p)| (*id, p.value.clone())).collect()
    }

    fn inherit_gates(&mut self, profile: &mut Profile<'a>, parent: &Profile<'a>) {
        for (id, theirs) in &parent.gates {
            let Some(mine) = profile.gates.get(id) else {
                profile.gates.insert(id.clone(), theirs.clone());
                continue;
            };
            let inside = |a: &ChangedGate<'_>, b: &ChangedGate<'_>| {
                a.changed.iter().all(|(k, o)| b.changed.get(k).is_some_and(|p| p.span == o.span))
            };
            if inside(theirs, mine) {
                continue;
            }
            if inside(mine, theirs) {
                profile.gates.insert(id.clone(), theirs.clone());
                continue;
            }
            let at = |g: &ChangedGate<'_>| g.changed.values().next().map_or(profile.definition.span, |o| o.span);
            self.report(say::gate_conflict(id.as_str(), profile.definition.span, at(mine), at(theirs)));
        }
    }

    fn expect_gates(&mut self, profile: &mut Profile<'a>, limit: &crate::syntax::tree::Limit, clause: &ProfileClause) {
        use crate::syntax::tree::Limit as Written;
        let mut whole = |e| self.constant(e, &crate::data::Type::Int).map(|(expr, _)| expr);
        let limit = match limit {
            Written::Compare { op, value, .. } => {
                whole(value).map(|value| Limit::Compare { op: super::gates::compare_op(*op), value })
            }
            Written::Range { low, high } => match (whole(low), whole(high)) {
                (Some(low), Some(high)) => Some(Limit::Range { low, high }),
                _ => None,
            },
        };
        if let Some(limit) = limit {
            let selected = profile.selected.len();
            profile.expect.push(ExpectGates { limit, selected, span: clause.span });
        }
    }
}
