//! A profile as it takes effect: gates with their changes, and those that are only needed.

use super::Profile;
use crate::check::checker::{Checker, Node};
use crate::diag::Label;
use crate::model::{
    EffectiveGate, EffectiveProfile, EvidenceDefinition, EvidenceId, ExprKind, GateId, Limit, ParamId, SourceKind,
    Threshold, WhyIncluded,
};
use crate::source::Span;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

impl<'a> Checker<'a> {
    /// `declared` is the evidence as the policy declares it.
    pub(super) fn effective(
        &self,
        profile: &Profile<'a>,
        declared: &[Option<Arc<EvidenceDefinition>>],
    ) -> EffectiveProfile {
        let mut gates = BTreeMap::new();
        for (id, why) in self.with_needed(profile) {
            if let Some(gate) = self.definition_in(profile, &id) {
                let gate = gate.clone();
                let changed = profile.gates.get(&id).map(|g| g.changed.clone()).unwrap_or_default();
                gates.insert(id, EffectiveGate { gate, why, changed });
            }
        }
        let evidence = (0..).zip(declared).filter_map(|(i, declared)| match profile.evidence.get(&EvidenceId(i)) {
            Some(changed) => Some(changed.definition.clone()),
            None => declared.clone(),
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
            write: profile.write.clone(),
            no_waivers: profile.no_waivers,
            expect_gates: profile.expect.clone(),
        }
    }

    /// The gates that a profile selects, and those that they need or read the results of.
    pub(super) fn with_needed(&self, profile: &Profile<'a>) -> BTreeMap<GateId, WhyIncluded> {
        let mut all: BTreeMap<GateId, WhyIncluded> =
            profile.selected.iter().map(|id| (id.clone(), WhyIncluded::Selected)).collect();
        let mut queue: VecDeque<GateId> = profile.selected.iter().cloned().collect();
        while let Some(id) = queue.pop_front() {
            for needed in self.links_in(profile, &id) {
                if !all.contains_key(needed) {
                    all.insert(needed.clone(), WhyIncluded::Needed { by: id.clone() });
                    queue.push_back(needed.clone());
                }
            }
        }
        all
    }

    /// Notes which results each gate reads as it is declared, and which stages name it.
    pub(in crate::check) fn note_gates(&mut self) {
        for (id, gate) in self.gates.iter().filter_map(|(id, g)| g.done().map(|g| (id, g))) {
            for stage in &gate.stage {
                self.stages.entry(stage.clone()).or_default().insert(id.clone());
            }
        }
        self.results = self.declared.gates.keys().map(|id| (id.clone(), self.results_read(id))).collect();
    }

    /// Gates whose results a gate reads, itself or through lets and defs, as it is checked now.
    pub(super) fn results_read(&self, id: &GateId) -> BTreeSet<GateId> {
        let start = Node::Gate(id.clone());
        let mut found = BTreeSet::new();
        let mut seen = BTreeSet::new();
        let mut open = Vec::from([&start]);
        while let Some(node) = open.pop() {
            for next in self.reads.get(node).into_iter().flat_map(|r| r.keys()) {
                match next {
                    Node::Gate(other) => {
                        found.insert(other.clone());
                    }
                    other => {
                        if seen.insert(other) {
                            open.push(other);
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
            let Some(gate) = self.definition_in(profile, id).cloned() else { continue };
            for (i, metric) in gate.metrics.iter().enumerate() {
                let its: Vec<&Threshold> =
                    gate.thresholds.iter().filter(|t| t.metric == i && !params_of(&t.limit).is_empty()).collect();
                if metric.figure.ty.is_unknown() {
                    continue;
                }
                let before = self.diagnostics.len();
                self.check_limits(metric, &its, false);
                self.check_certainty(metric, &its, gate.decide, false);
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
