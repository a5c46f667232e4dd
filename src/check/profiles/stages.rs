//! Stages exist because some profile takes them and some gate names them.

use crate::check::checker::Checker;
use crate::check::diagnostics::{gates as say_gate, profiles as say};
use crate::diag::did_you_mean;
use crate::source::Span;
use crate::syntax::tree::{GateClauseKind, Name, ProfileClauseKind};
use std::collections::BTreeMap;

/// Words with the place where each is written first.
type Words = BTreeMap<String, Span>;

impl Checker<'_> {
    /// Reports stages of profiles that no gate names, and stages of gates that look like one that
    /// a profile takes. A word that is near the other side's is told once, at the profile.
    pub(super) fn check_stages(&mut self) {
        let (taken, named) = (self.taken_stages(), self.named_stages());
        let mut paired: Vec<&str> = Vec::new();
        let mut told = Vec::new();
        for (word, span) in taken.iter().filter(|(w, _)| !named.contains_key(*w)) {
            let near = did_you_mean(word, named.keys().map(String::as_str));
            paired.extend(near);
            if !self.declared.broken_gate && !self.a_stage_is_broken() {
                let known: Vec<&str> = named.keys().map(String::as_str).collect();
                told.push(say::unknown_stage(word, near, &known, *span));
            }
        }
        if !self.declared.broken_profile {
            for (word, span) in named.iter().filter(|(w, _)| !taken.contains_key(*w)) {
                let near = did_you_mean(word, taken.keys().map(String::as_str));
                if let Some(near) = near
                    && !paired.contains(&&**word)
                {
                    told.push(say_gate::stage_of_no_profile(word, near, *span));
                }
            }
        }
        told.into_iter().for_each(|d| self.report(d));
    }

    /// Whether the `stage` of some gate could not be read.
    pub(super) fn a_stage_is_broken(&self) -> bool {
        let mut clauses = self.declared.gates.values().flat_map(|e| &e.tree.clauses);
        clauses.any(|c| match &c.kind {
            GateClauseKind::Broken(word) => word.as_ref().is_none_or(|w| w.text == "stage"),
            _ => false,
        })
    }

    fn taken_stages(&self) -> Words {
        let clauses = self.declared.profiles.values().flat_map(|e| &e.tree.clauses);
        first_places(clauses.filter_map(|c| match &c.kind {
            ProfileClauseKind::Stage(words) => Some(words),
            _ => None,
        }))
    }

    fn named_stages(&self) -> Words {
        let clauses = self.declared.gates.values().flat_map(|e| &e.tree.clauses);
        first_places(clauses.filter_map(|c| match &c.kind {
            GateClauseKind::Stage(words) => Some(words),
            _ => None,
        }))
    }
}

fn first_places<'n>(lists: impl Iterator<Item = &'n Vec<Name>>) -> Words {
    let mut words = Words::new();
    for name in lists.flatten() {
        let place = words.entry(name.text.clone()).or_insert(name.span);
        *place = (*place).min(name.span);
    }
    words
}
