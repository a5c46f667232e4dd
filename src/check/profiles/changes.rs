//! `tighten` and `loosen`: clauses put in place of a gate's own.

use super::{ChangedGate, Profile};
use crate::check::checker::{Checker, Node};
use crate::check::diagnostics::profiles as say;
use crate::check::gates::{GateClauses, keyword};
use crate::model::{CompareOp, FieldOrigin, GateDefinition, GateId, Limit, Threshold};
use crate::source::Span;
use crate::syntax::tree::{self, GateClause, GateClauseKind as Kind, Name, StringLit};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Which ways a limit limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Up,
    Down,
    Both,
    Not,
}

impl<'a> Checker<'a> {
    /// The reason of a `loosen`.
    pub(super) fn reason(&mut self, because: Option<&StringLit>, gate: &Name, span: Span) -> Option<Arc<str>> {
        match because.map(|b| (b, b.as_plain())) {
            Some((_, Some(text))) if !text.trim().is_empty() => Some(text.into()),
            Some((b, _)) => {
                self.report(say::reason_says_nothing(b.span));
                None
            }
            None => {
                self.report(say::no_reason(&gate.text, span));
                None
            }
        }
    }

    /// Applies one `tighten`, or one `loosen` with its reason (which may have been reported).
    pub(super) fn change_gate(
        &mut self,
        profile: &mut Profile<'a>,
        name: &Name,
        block: &'a [GateClause],
        loosen: Option<Option<Arc<str>>>,
    ) {
        let Some(id) = self.gate_named(name) else { return };
        if !self.takes(profile, &id) {
            if !profile.uncertain {
                self.report(say::gate_not_taken(&name.text, profile.id.as_str(), name.span));
            }
            return;
        }
        let Some(before) = self.gate_in(profile, &id) else { return };
        if self.unsound_gates.contains(&id) {
            return;
        }
        if block.is_empty() {
            self.report(say::changes_nothing(&name.text, name.span));
            return;
        }
        let Some((clauses, given)) = self.merged(profile, &before, block, loosen.is_some()) else { return };
        let Some(declared) = self.gate_clauses(&id) else { return };
        let errors = self.error_count();
        let node = Node::Gate(id.clone());
        let own_reads = self.reads.remove(&node);
        let merged = GateClauses { clauses: clauses.clone(), ..declared };
        let mut gate = self.alone(node.clone(), |c| c.check_gate(&merged));
        let reads = self.results_read(&id);
        // Other profiles run the gate as it is declared.
        match own_reads {
            Some(own) => self.reads.insert(node, own),
            None => self.reads.remove(&node),
        };
        if self.error_count() > errors {
            return;
        }
        let mut dropped = BTreeSet::new();
        if loosen.is_none() {
            dropped = self.tightened_thresholds(&before.gate, &gate, &given, &name.text);
            self.check_stricter(&before.gate, &gate, &given, &name.text);
            gate = without_thresholds(gate, &dropped);
        }
        let clauses = clauses.into_iter().filter(|c| !dropped.contains(&c.span)).collect();
        let mut changed = before.changed.clone();
        for clause in given {
            let key = match &clause.kind {
                Kind::Threshold { figure: Some(figure), .. } if gate.metrics.len() > 1 => {
                    format!("threshold {}", figure.text)
                }
                kind => keyword(kind).to_owned(),
            };
            let because = loosen.clone().flatten();
            changed.insert(key.into(), FieldOrigin { profile: profile.id.clone(), span: clause.span, because });
        }
        if gate.needs != before.gate.needs || reads != before.reads {
            profile.taken = None;
        }
        profile.gates.insert(id.clone(), ChangedGate { clauses, gate: Arc::new(gate), changed, reads });
        if let Some(needs) = block.iter().find(|c| matches!(c.kind, Kind::Needs(_)))
            && self.waits_for_itself(profile, &id)
        {
            self.report(say::waits_for_itself(&name.text, needs.span));
        }
    }

    /// Whether a gate comes back to itself through what gates of the profile need and read.
    fn waits_for_itself(&self, profile: &Profile<'a>, id: &GateId) -> bool {
        let mut seen = BTreeSet::new();
        let mut open = Vec::from([id.clone()]);
        while let Some(at) = open.pop() {
            for next in self.links_in(profile, &at) {
                if next == id {
                    return true;
                }
                if seen.insert(next.clone()) {
                    open.push(next.clone());
                }
            }
        }
        false
    }

    /// Whether a gate runs in a profile: selected, or needed by one that is.
    fn takes(&self, profile: &mut Profile<'a>, id: &GateId) -> bool {
        if profile.selected.contains(id) {
            return true;
        }
        if profile.taken.is_none() {
            profile.taken = Some(self.with_needed(profile).into_keys().collect());
        }
        profile.taken.as_ref().is_some_and(|taken| taken.contains(id))
    }

    /// What a gate says in a profile so far.
    pub(super) fn definition_in<'p>(
        &'p self,
        profile: &'p Profile<'a>,
        id: &GateId,
    ) -> Option<&'p Arc<GateDefinition>> {
        match profile.gates.get(id) {
            Some(changed) => Some(&changed.gate),
            None => self.gates.get(id)?.done(),
        }
    }

    /// The gates that a gate needs or reads the results of, in a profile so far.
    pub(super) fn links_in<'p>(&'p self, profile: &'p Profile<'a>, id: &GateId) -> impl Iterator<Item = &'p GateId> {
        let reads = match profile.gates.get(id) {
            Some(changed) => Some(&changed.reads),
            None => self.results.get(id),
        };
        let gate = self.definition_in(profile, id);
        gate.into_iter().flat_map(|gate| &gate.needs).chain(reads.into_iter().flatten())
    }

    /// A gate as it stands in a profile so far.
    pub(super) fn gate_in(&self, profile: &Profile<'a>, id: &GateId) -> Option<ChangedGate<'a>> {
        if let Some(changed) = profile.gates.get(id) {
            return Some(changed.clone());
        }
        let gate = self.gates.get(id)?.done()?.clone();
        let clauses = self.gate_clauses(id)?.clauses;
        Some(ChangedGate {
            clauses,
            gate,
            changed: Default::default(),
            reads: self.results.get(id).cloned().unwrap_or_default(),
        })
    }

    /// The gate's clauses with those of the block in place; and those of the block that count.
    fn merged(
        &mut self,
        profile: &Profile<'a>,
        before: &ChangedGate<'a>,
        block: &'a [GateClause],
        loosen: bool,
    ) -> Option<(Vec<&'a GateClause>, Vec<&'a GateClause>)> {
        let mut clauses = before.clauses.clone();
        let mut given = Vec::new();
        for clause in block {
            match &clause.kind {
                // Reported already; what was meant is not known.
                Kind::Broken(_) => return None,
                Kind::Title(_) | Kind::Owner(_) | Kind::Fix(_) | Kind::Refs(_) | Kind::Stage(_) => {
                    self.report(say::not_about_strictness(keyword(&clause.kind), clause.span));
                    continue;
                }
                Kind::Each(_) | Kind::Expect(_) => clauses.push(clause),
                Kind::Metric { label, value, .. } => {
                    let label = label.as_ref().map(|l| Arc::from(l.text.as_str())).or_else(|| self.own_label(value));
                    let old = before.gate.metrics.iter().find(|m| Some(&m.label) == label.as_ref()).map(|m| m.span);
                    put(&mut clauses, clause, |c| Some(c.span) == old);
                }
                Kind::Threshold { figure, limit } => {
                    if loosen {
                        let replaced = replaced_thresholds(&before.gate, figure.as_ref(), way_written(limit));
                        clauses.retain(|c| !replaced.contains(&c.span));
                    }
                    clauses.push(clause);
                }
                kind => {
                    let word = keyword(kind);
                    if let Some(origin) = before.changed.get(word)
                        && origin.profile == profile.id
                    {
                        self.report(say::said_twice(word, origin.span, clause.span));
                        continue;
                    }
                    put(&mut clauses, clause, |c| keyword(&c.kind) == word);
                }
            }
            given.push(clause);
        }
        if given.is_empty() { None } else { Some((clauses, given)) }
    }

    /// Thresholds that the new ones imply. One that goes the same way and is not implied is what
    /// the block would loosen.
    fn tightened_thresholds(
        &mut self,
        before: &GateDefinition,
        after: &GateDefinition,
        given: &[&GateClause],
        name: &str,
    ) -> BTreeSet<Span> {
        let mut dropped = BTreeSet::new();
        for clause in given {
            let Some(new) = after.thresholds.iter().find(|t| t.span == clause.span) else { continue };
            let label = after.metrics.get(new.metric).map(|m| m.label.clone());
            let of_figure = |t: &&Threshold| before.metrics.get(t.metric).map(|m| &m.label) == label.as_ref();
            let olds: Vec<Threshold> = before.thresholds.iter().filter(of_figure).cloned().collect();
            let mine = self.bounds_of(&new.limit, false);
            let mut rival: Option<(Span, bool)> = None;
            let mut implied = false;
            for old in olds {
                let theirs = self.bounds_of(&old.limit, false);
                match (mine, theirs) {
                    (Some(mine), Some(theirs)) if mine.is_inside(theirs) => {
                        implied = true;
                        dropped.insert(old.span);
                    }
                    (Some(_), Some(_)) if way(&old.limit) == way(&new.limit) => rival = Some((old.span, true)),
                    (None, _) | (_, None) if way(&old.limit) == way(&new.limit) => rival = Some((old.span, false)),
                    _ => {}
                }
            }
            if let (Some((old, known)), false) = (rival, implied) {
                self.report(if known {
                    say::looser(name, "threshold", clause.span, Some(old))
                } else {
                    say::incomparable(name, "threshold", clause.span, Some(old))
                });
            }
        }
        dropped
    }
}

/// Puts a clause in the place of the first that `is_old`, or at the end.
fn put<'a>(clauses: &mut Vec<&'a GateClause>, clause: &'a GateClause, is_old: impl Fn(&GateClause) -> bool) {
    match clauses.iter_mut().find(|c| is_old(c)) {
        Some(place) => *place = clause,
        None => clauses.push(clause),
    }
}

/// Places of the thresholds of a figure that a new one of this way stands for.
fn replaced_thresholds(gate: &GateDefinition, figure: Option<&Name>, new: Way) -> BTreeSet<Span> {
    let metric = match figure {
        Some(name) => gate.metrics.iter().position(|m| *m.label == *name.text),
        None if gate.metrics.len() == 1 => Some(0),
        None => None,
    };
    let rivals =
        |old: Way| old == new || (new != Way::Not && (old == Way::Both || (new == Way::Both && old != Way::Not)));
    gate.thresholds.iter().filter(|t| Some(t.metric) == metric && rivals(way(&t.limit))).map(|t| t.span).collect()
}

fn without_thresholds(mut gate: GateDefinition, dropped: &BTreeSet<Span>) -> GateDefinition {
    gate.thresholds.retain(|t| !dropped.contains(&t.span));
    gate
}

fn way(limit: &Limit) -> Way {
    match limit {
        Limit::Compare { op: CompareOp::AtMost | CompareOp::Less, .. } => Way::Up,
        Limit::Compare { op: CompareOp::AtLeast | CompareOp::Greater, .. } => Way::Down,
        Limit::Compare { op: CompareOp::NotEqual, .. } => Way::Not,
        Limit::Compare { op: CompareOp::Equal, .. } | Limit::Range { .. } => Way::Both,
    }
}

fn way_written(limit: &tree::Limit) -> Way {
    use tree::CompareOp as Sign;
    match limit {
        tree::Limit::Compare { op: Sign::AtMost | Sign::Less, .. } => Way::Up,
        tree::Limit::Compare { op: Sign::AtLeast | Sign::Greater, .. } => Way::Down,
        tree::Limit::Compare { op: Sign::NotEqual, .. } => Way::Not,
        tree::Limit::Compare { op: Sign::Equal, .. } | tree::Limit::Range { .. } => Way::Both,
    }
}
