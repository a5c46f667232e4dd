//! The one road from a checked policy and its evidence to a [`GateRun`].

use super::conclude::Conclusion;
use super::{Context, GateRun};
use crate::data::BatchSource;
use crate::engine::{Settings, run};
use crate::model::{CheckedPolicy, EffectiveProfile, GateId, ProfileId, WhyIncluded};
use crate::plan::{Besides, plan_run};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Why there is no run at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EvaluateError {
    /// The policy has no such profile.
    NoProfile(ProfileId),
    /// `only` selects no gate of the profile.
    NothingSelected,
}

/// Evaluates the gates of a profile over evidence.
///
/// **Determinism**: the result follows from the policy, the profile, the bytes of the evidence
/// and the context (its threads and memory limit apart).
///
/// # Errors
/// A profile that is not there, or a choice of gates that is empty.
pub fn evaluate(
    checked: &CheckedPolicy,
    profile: &ProfileId,
    source: &dyn BatchSource,
    context: &Context,
) -> Result<GateRun, EvaluateError> {
    let effective = checked.profiles.get(profile).ok_or_else(|| EvaluateError::NoProfile(profile.clone()))?;
    let counted = match &context.only {
        Some(patterns) => Some(chosen(effective, patterns)?),
        None => None,
    };
    let settings = Settings {
        as_of: context.as_of,
        candidate: context.candidate.as_ref().map(|c| c.value.clone()),
        memory_limit: context.memory_limit,
        threads: context.threads,
    };
    let gates = match &counted {
        Some(gates) => with_needs(effective, gates),
        None => effective.gates.keys().cloned().collect(),
    };
    let conclusion = Conclusion::new(checked, effective, context);
    // A part of a profile is looked at; what is written speaks of the whole.
    let artifacts = context.artifacts && counted.is_none();
    let besides = Besides { artifacts, waivers: conclusion.open_waivers() };
    let plan = plan_run(&checked.policy, effective, &gates, &besides);
    let found = run(&plan, effective, source, &settings, &conclusion);
    Ok(conclusion.run(&found, counted.as_ref()))
}

/// The gates of a profile that some patterns name: `a.b` itself, `a.*` everything below `a`.
fn chosen(profile: &EffectiveProfile, patterns: &[Arc<str>]) -> Result<BTreeSet<GateId>, EvaluateError> {
    let matches = |id: &GateId| {
        patterns.iter().any(|pattern| match pattern.strip_suffix('*') {
            Some(start) => id.as_str().starts_with(start),
            None => id.as_str() == &**pattern,
        })
    };
    let selected = profile.gates.iter().filter(|(_, g)| g.why == WhyIncluded::Selected).map(|(id, _)| id);
    let gates: BTreeSet<GateId> = selected.filter(|id| matches(id)).cloned().collect();
    if gates.is_empty() { Err(EvaluateError::NothingSelected) } else { Ok(gates) }
}

/// The gates and all that they need, and what those need.
fn with_needs(profile: &EffectiveProfile, gates: &BTreeSet<GateId>) -> BTreeSet<GateId> {
    let mut all = gates.clone();
    let mut open: Vec<GateId> = gates.iter().cloned().collect();
    while let Some(id) = open.pop() {
        for needed in profile.gates.get(&id).map(|g| g.gate.needs.clone()).unwrap_or_default() {
            if all.insert(needed.clone()) {
                open.push(needed);
            }
        }
    }
    all
}
