//! Who uses a name of the policy: profiles that take a gate, gates that need or read it, what
//! leads to a let, a def, a param, an evidence, a shape.

use super::reach::Reach;
use super::words::joined;
use crate::model::{
    ArtifactDefinition, CheckedPolicy, DefId, EvidenceId, GateDefinition, GateId, LetId, ParamId, Policy,
    ProfileDefinition, ShapeId, WhyIncluded,
};
use crate::source::Span;
use std::collections::BTreeSet;

/// The profiles that run a gate, each with the way that the gate comes in.
pub(super) fn profiles(checked: &CheckedPolicy, gate: &GateDefinition) -> Vec<(String, String, Span)> {
    let mut out = Vec::new();
    for (id, profile) in &checked.profiles {
        let Some(effective) = profile.gates.get(&gate.id) else { continue };
        let way = match (&effective.why, checked.policy.profiles.get(id)) {
            (WhyIncluded::Needed { by }, _) => format!("only because {by} needs it"),
            (WhyIncluded::Selected, Some(declared)) => way_in(checked, declared, gate),
            (WhyIncluded::Selected, None) => String::new(),
        };
        out.push((id.to_string(), way, profile.span));
    }
    out
}

fn way_in(checked: &CheckedPolicy, profile: &ProfileDefinition, gate: &GateDefinition) -> String {
    let mut ways = Vec::new();
    let stages: Vec<String> =
        profile.stage.iter().filter(|s| gate.stage.contains(s)).map(|s| format!("`stage {s}`")).collect();
    ways.extend(stages);
    let matches = |pattern: &str| match pattern.strip_suffix(".*") {
        Some(family) => gate.id.as_str().strip_prefix(family).is_some_and(|rest| rest.starts_with('.')),
        None => gate.id.as_str() == pattern,
    };
    ways.extend(profile.gates.iter().filter(|p| matches(p)).map(|p| format!("`gates {p}`")));
    for parent in &profile.extends {
        let selected = checked.profiles.get(parent).and_then(|p| p.gates.get(&gate.id));
        if selected.is_some_and(|g| g.why == WhyIncluded::Selected) {
            ways.push(format!("`extends {parent}`"));
        }
    }
    if ways.is_empty() { String::new() } else { format!("by {}", joined(&ways, "and")) }
}

/// The gates that need a gate, and those that read its result.
pub(super) fn gates(policy: &Policy, gate: &GateId) -> (Vec<GateId>, Vec<GateId>) {
    let needing = policy.gates.values().filter(|g| g.needs.contains(gate)).map(|g| g.id.clone()).collect();
    let reading = policy.gates.values().filter(|g| Reach::of_gate(policy, g).results.contains(gate));
    (needing, reading.map(|g| g.id.clone()).collect())
}

/// A name whose users are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Used {
    Let(LetId),
    Def(DefId),
    Param(ParamId),
    Evidence(EvidenceId),
    Shape(ShapeId),
}

impl Used {
    fn is_in(self, reach: &Reach) -> bool {
        match self {
            Self::Let(id) => reach.lets.contains(&id),
            Self::Def(id) => reach.defs.contains(&id),
            Self::Param(id) => reach.params.contains(&id),
            Self::Evidence(id) => reach.evidence.contains(&id),
            Self::Shape(id) => reach.shapes.contains(&id),
        }
    }
}

/// The artifacts that a name leads to.
pub(super) fn artifacts_of(policy: &Policy, used: Used) -> Vec<&ArtifactDefinition> {
    let all = policy.artifacts.values().map(|a| &**a);
    all.filter(|a| used.is_in(&Reach::of_artifact(policy, a))).collect()
}

/// The gates that a name leads to.
pub(super) fn gates_of(policy: &Policy, used: Used) -> BTreeSet<GateId> {
    let uses = policy.gates.values().filter(|g| used.is_in(&Reach::of_gate(policy, g)));
    uses.map(|g| g.id.clone()).collect()
}
