//! A profile as it takes effect: gates with their changes, and those that are only needed.

use super::Profile;
use crate::check::checker::{Checker, Memo, Node};
use crate::diag::Label;
use crate::model::{
    EffectiveGate, EffectiveProfile, EvidenceId, ExprKind, GateId, Limit, ParamId, SourceKind, Threshold, WhyIncluded,
};
use crate::source::Span;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

impl<'a> Checker<'a> {
    pub(super) fn effective(&mut self, profile: &Profile<'a>) -> EffectiveProfile {
        let mut gates = BTreeMap::new();
        for (id, why) in self.with_needed(profile) {
            if let Some(changed) = self.gate_in(profile, &id) {
                gates.insert(id, EffectiveGate { gate: changed.gate, why, changed: changed.changed });
            }
        }
        let evidence = (0..).take(self.evidence.len()).filter_map(|i| {
            let id = EvidenceId(i);
            let changed = profile.evidence.get(&id).map(|e| e.definition.clone());
            changed.or_else(|| self.evidence.get(id.index()).and_then(Memo::done).map(|e| Arc::new(e.clone())))
        });
        EffectiveProfile {
            id: profile.id.clone(),
            span: profile.definition.span,
            gates,
            params: profile.params.iter().map(|(id, p)| (*id, (p.expr.clone(), p.span))).collect(),
            evidence: evidence.collect(),
            sources: match &profile.sources {
                Some((sources, _)) => sources.clone(),
                None => SourceKind::KINDS.map(Arc::from).to_vec(),
            },
            sources_span: profile.sources.as_ref().map(|(_, span)| *span),
            expect_gates: profile.expect.clone(),
        }
    }

    /// The gates that a profile selects, and those that they need or read the results of.
    pub(super) fn with_needed(&self, profile: &Profile<'a>) -> BTreeMap<GateId, WhyIncluded> {
        let mut all: BTreeMap<GateId, WhyIncluded> =
            profile.selected.iter().map(|id| (id.clone(), WhyIncluded::Selected)).collect();
        let mut queue: VecDeque<GateId> = profile.selected.iter().cloned().collect();
        while let Some(id) = queue.pop_front() {
            let Some(changed) = self.gate_in(profile, &id) else { continue };
            for needed in changed.gate.needs.iter().chain(&changed.reads) {
                if !all.contains_key(needed) {
                    all.insert(needed.clone(), WhyIncluded::Needed { by: id.clone() });
                    queue.push_back(needed.clone());
                }
            }
        }
        all
    }

    /// Gates whose results a gate reads, itself or through lets and defs.
    pub(in crate::check) fn results_read(&self, id: &GateId) -> BTreeSet<GateId> {
        let mut found = BTreeSet::new();
        let mut seen = BTreeSet::new();
        let mut open = Vec::from([Node::Gate(id.clone())]);
        while let Some(node) = open.pop() {
            for next in self.reads.get(&node).into_iter().flat_map(|r| r.keys()) {
                match next {
                    Node::Gate(other) => {
                        found.insert(other.clone());
                    }
                    other => {
                        if seen.insert(other.clone()) {
                            open.push(other.clone());
                        }
                    }
                }
            }
        }
        found
    }

    /// Limits that read params decide something with the values that the profile gives them.
    pub(super) fn check_set_limits(&mut self, profile: &Profile<'a>) {
        for id in &profile.selected {
            let Some(changed) = self.gate_in(profile, id) else { continue };
            for (i, metric) in changed.gate.metrics.iter().enumerate() {
                let its: Vec<&Threshold> = changed
                    .gate
                    .thresholds
                    .iter()
                    .filter(|t| t.metric == i && !params_of(&t.limit).is_empty())
                    .collect();
                if metric.figure.ty.is_unknown() {
                    continue;
                }
                let before = self.diagnostics.len();
                self.check_limits(metric, &its, false);
                self.check_certainty(metric, &its, changed.gate.decide, false);
                let set: Vec<Span> = its
                    .iter()
                    .flat_map(|t| params_of(&t.limit))
                    .filter_map(|p| profile.params.get(&p))
                    .map(|p| p.span)
                    .collect();
                for diagnostic in self.diagnostics.iter_mut().skip(before) {
                    diagnostic
                        .labels
                        .extend(set.iter().map(|s| Label { span: *s, text: "with this value".to_owned() }));
                }
            }
        }
    }
}

/// Params that a limit reads.
fn params_of(limit: &Limit) -> BTreeSet<ParamId> {
    let mut found = BTreeSet::new();
    let parts = match limit {
        Limit::Compare { value, .. } => vec![value],
        Limit::Range { low, high } => vec![low, high],
    };
    for part in parts {
        part.visit(&mut |e| {
            if let ExprKind::Param(id) = &*e.kind {
                found.insert(*id);
            }
        });
    }
    found
}
