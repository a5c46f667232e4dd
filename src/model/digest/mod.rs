//! Digests: names for what a policy, a gate, and a gate under a profile ask, whatever they are
//! called and however they are written.
//!
//! Everything that can change an outcome is written in one canonical form and hashed
//! (`docs/reference/digests.md` tells the form, well enough to make it elsewhere). Equal digests
//! mean equal verdicts, figures and messages over the same evidence, candidate and instant. The
//! reverse is not promised: two ways of asking for the same may have two digests.
//!
//! The form of v1 never changes. A clause that comes later has a field of its own, which is only
//! there where the clause says something else than its default: so that what was written before
//! keeps its digest.

mod exprs;
mod form;
mod gates;
mod shapes;
mod waivers;
mod writer;

use super::{CheckedPolicy, GateId, ProfileId, WaiverId};
use crate::data::Digest;
use std::collections::BTreeMap;
use writer::Writer;

/// The name of the form of a gate.
pub const GATE_FORM: &str = "rspp-gates.gate-digest.v1";

/// The name of the form of a policy.
pub const POLICY_FORM: &str = "rspp-gates.policy-digest.v1";

/// The name of the form of a waiver.
pub const WAIVER_FORM: &str = "rspp-gates.waiver-digest.v1";

/// All digests of a policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyDigests {
    /// Of the whole: its gates, its evidence, and its profiles as they take effect.
    pub policy: Digest,
    /// Of each gate as it is declared, under params and evidence as they are declared.
    pub gates: BTreeMap<GateId, Digest>,
    /// Of each gate of each profile as the profile makes it effective.
    pub effective: BTreeMap<ProfileId, BTreeMap<GateId, Digest>>,
    /// Of each waiver: all that was approved.
    pub waivers: BTreeMap<WaiverId, Digest>,
}

impl PolicyDigests {
    /// Computes them. The effort grows with the text of the policy, and for profiles that change
    /// params, evidence or gates once more with each of these.
    ///
    /// **Determinism**: neither order nor names of files, nor the order of declarations, count.
    pub fn of(checked: &CheckedPolicy) -> Self {
        let policy = &checked.policy;
        let mut declared = Writer::declared(policy);
        let gates: BTreeMap<GateId, Digest> =
            policy.gates.keys().filter_map(|id| Some((id.clone(), declared.gate_digest(id)?))).collect();
        let mut effective = BTreeMap::new();
        let mut profiles = BTreeMap::new();
        for (id, profile) in &checked.profiles {
            let mut writer = Writer::of_profile(policy, profile);
            // Most profiles only choose: what they run is what is declared.
            let chooses = !profile.gates.values().any(|g| !g.changed.is_empty())
                && declared.surroundings() == writer.surroundings();
            let writer = if chooses { &mut declared } else { &mut writer };
            let its: BTreeMap<GateId, Digest> =
                profile.gates.keys().filter_map(|g| Some((g.clone(), writer.gate_digest(g)?))).collect();
            profiles.insert(id.clone(), writer.profile(profile, &its));
            effective.insert(id.clone(), its);
        }
        let waivers: BTreeMap<WaiverId, Digest> =
            policy.waivers.iter().map(|(id, waiver)| (id.clone(), declared.waiver_digest(waiver))).collect();
        let policy = declared.policy(&gates, &profiles, &waivers);
        Self { policy, gates, effective, waivers }
    }

    /// The digest of a gate as a profile makes it effective.
    pub fn effective(&self, profile: &ProfileId, gate: &GateId) -> Option<Digest> {
        self.effective.get(profile)?.get(gate).copied()
    }
}

/// One line of a gate's form: a text and the digest that stands in its place elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct FormLine {
    /// SHA-256 of the text.
    pub digest: Digest,
    /// The canonical text.
    pub text: String,
}

/// The whole form of a gate, as it is declared or as a profile makes it effective: the gate's own
/// line first, then every text that is hashed on the way, in the order of first mention. `None` where there
/// is no such gate or profile.
pub fn gate_form(checked: &CheckedPolicy, profile: Option<&ProfileId>, gate: &GateId) -> Option<Vec<FormLine>> {
    let mut writer = match profile {
        Some(id) => Writer::of_profile(&checked.policy, checked.profiles.get(id)?),
        None => Writer::declared(&checked.policy),
    };
    writer.remember();
    let digest = writer.gate_digest(gate)?;
    Some(writer.lines(digest))
}
