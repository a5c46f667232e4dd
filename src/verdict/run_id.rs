//! The name of a run: the same inputs give the same name.

use super::{Context, EvidenceArtifact};
use crate::data::Digest;
use crate::model::ProfileId;
use crate::model::digest::PolicyDigests;
use std::fmt::Write as _;
use std::sync::Arc;

/// The first 128 bits of SHA-256 over policy digest, profile, candidate, `as_of`, evidence
/// digests and engine version, as 32 hexadecimal digits; over the choice of gates too, if there is one.
pub(super) fn run_id(
    context: &Context,
    policy: &PolicyDigests,
    profile: &ProfileId,
    evidence: &[EvidenceArtifact],
) -> Arc<str> {
    // One line for each part, its length in front, so that no part can pass for another.
    let mut text = String::from("rspp-gates.run.v1\n");
    let mut part = |name: &str, value: &str| {
        let _ = writeln!(text, "{name} {} {value}", value.len());
    };
    part("policy", &policy.policy.to_string());
    part("profile", profile.as_str());
    part("engine", &context.engine_version);
    for pattern in context.only.iter().flatten() {
        part("only", pattern);
    }
    part("as_of", &context.as_of.numerator().to_string());
    for (field, value) in context.candidate.iter().flat_map(|c| &c.fields) {
        part(field, value);
    }
    // What only artifacts read decides nothing.
    for artifact in evidence.iter().filter(|e| !e.read_by.is_empty()) {
        let digest = artifact.digest.map_or_else(|| "none".to_owned(), |d| d.to_string());
        part(&artifact.name, &digest);
    }
    let digest = Digest::of(text.as_bytes()).to_string();
    digest.chars().take(32).collect::<String>().into()
}
