//! The clauses of a gate by what they say, and those that stand for themselves.

use super::GateClauses;
use crate::check::checker::Checker;
use crate::check::diagnostics::{clauses as say_clause, gates as say, names as say_names};
use crate::diag::did_you_mean;
use crate::model::GateId;
use crate::source::Span;
use crate::syntax::tree::{Condition, GateClause, GateClauseKind as Kind, Name, StringLit};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The clauses of a gate, sorted by what they say.
#[derive(Default)]
pub(in crate::check) struct Found<'a> {
    /// Clauses that stand once.
    single: BTreeMap<&'static str, &'a GateClause>,
    pub(super) each: Vec<(&'a GateClause, &'a Condition)>,
    pub(super) expect: Vec<(&'a GateClause, &'a Condition)>,
    pub(super) metrics: Vec<&'a GateClause>,
    pub(super) thresholds: Vec<&'a GateClause>,
    /// First words of clauses that could not be read; empty where not even that is known.
    broken: Vec<String>,
}

impl<'a> Found<'a> {
    pub(super) fn collect(clauses: &[&'a GateClause]) -> Self {
        let mut found = Self::default();
        for clause in clauses {
            match &clause.kind {
                Kind::Each(condition) => found.each.push((clause, condition)),
                Kind::Expect(condition) => found.expect.push((clause, condition)),
                Kind::Metric { .. } => found.metrics.push(clause),
                Kind::Threshold { .. } => found.thresholds.push(clause),
                Kind::Broken(word) => found.broken.push(word.as_ref().map_or(String::new(), |w| w.text.clone())),
                kind => {
                    found.single.entry(keyword(kind)).or_insert(clause);
                }
            }
        }
        found
    }

    /// The clause of this keyword.
    pub(super) fn get(&self, keyword: &str) -> Option<&'a GateClause> {
        self.single.get(keyword).copied()
    }

    /// What the clause of this keyword says.
    pub(super) fn kind(&self, keyword: &str) -> Option<&'a Kind> {
        self.get(keyword).map(|c| &c.kind)
    }

    /// Whether a clause of this keyword may have been meant and could not be read.
    pub(super) fn may_be_broken(&self, keyword: &str) -> bool {
        let first = keyword.split(' ').next().unwrap_or(keyword);
        self.broken.iter().any(|w| w.is_empty() || w.split(' ').next() == Some(first))
    }

    /// Whether some clause could not be read.
    pub(super) fn any_broken(&self) -> bool {
        !self.broken.is_empty()
    }

    /// Places of the clauses that stand once.
    pub(super) fn places(&self) -> BTreeMap<Arc<str>, Span> {
        self.single.iter().map(|(k, c)| (Arc::from(*k), c.span)).collect()
    }
}

/// The keyword that a clause is known by.
pub(in crate::check) fn keyword(kind: &Kind) -> &'static str {
    match kind {
        Kind::Title(_) => "title",
        Kind::Owner(_) => "owner",
        Kind::Fix(_) => "fix",
        Kind::Refs(_) => "refs",
        Kind::Stage(_) => "stage",
        Kind::Required(_) => "required",
        Kind::Needs(_) => "needs",
        Kind::Scope(_) => "scope",
        Kind::Per(_) => "per",
        Kind::Each(_) => "each",
        Kind::Expect(_) => "expect",
        Kind::Metric { .. } => "metric",
        Kind::Threshold { .. } => "threshold",
        Kind::Samples { .. } => "samples",
        Kind::Missing(_) => "missing",
        Kind::WhenEmpty(_) => "when empty",
        Kind::Decide(_) => "decide",
        Kind::Waivable(_) => "waivable",
        Kind::EffectiveFrom(_) => "effective from",
        Kind::Broken(_) => "",
    }
}

/// What a gate says of itself, beyond what it judges.
pub(super) struct Header {
    pub(super) title: Option<Arc<str>>,
    pub(super) owner: Option<Arc<str>>,
    pub(super) fix: Option<Arc<str>>,
    pub(super) refs: Vec<Arc<str>>,
    pub(super) stage: Vec<Arc<str>>,
    pub(super) needs: Vec<GateId>,
    pub(super) required: bool,
    pub(super) waivable: bool,
}

impl Checker<'_> {
    pub(super) fn gate_header(&mut self, gate: &GateClauses<'_>, found: &Found<'_>) -> Header {
        let mut plain = |keyword: &str| match found.kind(keyword) {
            Some(Kind::Title(text) | Kind::Owner(text) | Kind::Fix(text)) => self.plain_text(keyword, text),
            _ => None,
        };
        let (title, owner, fix) = (plain("title"), plain("owner"), plain("fix"));
        let refs = match found.kind("refs") {
            Some(Kind::Refs(list)) => self.word_list("refs", list),
            _ => Vec::new(),
        };
        let stage = match found.kind("stage") {
            Some(Kind::Stage(list)) => self.word_list("stage", list),
            _ => Vec::new(),
        };
        let needs = match found.kind("needs") {
            Some(Kind::Needs(list)) => self.needed(gate, list),
            _ => Vec::new(),
        };
        let required = !matches!(found.kind("required"), Some(Kind::Required(false)));
        let waivable = matches!(found.kind("waivable"), Some(Kind::Waivable(true)));
        Header { title, owner, fix, refs, stage, needs, required, waivable }
    }

    fn plain_text(&mut self, keyword: &str, text: &StringLit) -> Option<Arc<str>> {
        let plain = text.as_plain();
        if plain.is_none() {
            self.report(say::text_with_values(keyword, text.span));
        }
        plain.map(Into::into)
    }

    /// Words of a list, each once.
    pub(in crate::check) fn word_list(&mut self, keyword: &str, list: &[Name]) -> Vec<Arc<str>> {
        let mut words: Vec<(Arc<str>, Span)> = Vec::new();
        for name in list {
            match words.iter().find(|(w, _)| **w == *name.text) {
                Some((_, first)) => {
                    let first = *first;
                    self.report(say_clause::repeated_word(keyword, &name.text, first, name.span));
                }
                None => words.push((name.text.as_str().into(), name.span)),
            }
        }
        words.into_iter().map(|(w, _)| w).collect()
    }

    fn needed(&mut self, gate: &GateClauses<'_>, list: &[Name]) -> Vec<GateId> {
        let mut needs = Vec::new();
        for word in self.word_list("needs", list) {
            let Some(name) = list.iter().find(|n| *n.text == *word) else { continue };
            match self.gate_named(name) {
                Some(id) if id.as_str() == gate.id.text => {
                    self.report(say::needs_itself(&name.text, name.span));
                }
                Some(id) => needs.push(id),
                None => {}
            }
        }
        needs
    }

    /// The gate of this name; what is none is reported.
    pub(in crate::check) fn gate_named(&mut self, name: &Name) -> Option<GateId> {
        let id = GateId::new(&name.text);
        if self.declared.gates.contains_key(&id) {
            return Some(id);
        }
        if !self.declared.broken.contains(&name.text) {
            let nearest = did_you_mean(&name.text, self.declared.gates.keys().map(GateId::as_str)).map(str::to_owned);
            self.report(say_names::unknown_gate(&name.text, name.span, nearest.as_deref()));
        }
        None
    }
}
