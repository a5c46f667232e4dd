//! Which gate a word on the command line means.

use super::diagnostics as say;
use crate::diag::Diagnostic;
use crate::model::{CheckedPolicy, GateId, ProfileId};

/// The gate of this id, among those of the policy, or of a profile.
///
/// # Errors
/// There is none.
pub fn gate(checked: &CheckedPolicy, profile: Option<&ProfileId>, word: &str) -> Result<GateId, Box<Diagnostic>> {
    let ids: Vec<&GateId> = match profile.and_then(|p| checked.profiles.get(p)) {
        Some(profile) => profile.gates.keys().collect(),
        None => checked.policy.gates.keys().collect(),
    };
    match ids.iter().find(|id| id.as_str() == word) {
        Some(id) => Ok((*id).clone()),
        None => Err(say::unknown_gate(word, profile.map(ProfileId::as_str), ids.iter().map(|id| id.as_str())).into()),
    }
}
