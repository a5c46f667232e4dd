//! `rspp-gates explain --digest`: the digests that reports name and waivers pin.

use super::streams::Streams;
use super::{Exit, Global, check};
use crate::diag::Diagnostic;
use crate::host::Host;
use crate::model::digest::{PolicyDigests, gate_form};
use crate::model::{CheckedPolicy, GateId, ProfileId};
use crate::runner::{self, Session};
use std::fmt::Write as _;

/// What is asked.
pub(super) struct Request<'a> {
    /// A gate; without one, the policy and all its gates.
    pub gate: Option<&'a str>,
    /// Only as this profile makes it effective.
    pub profile: Option<&'a str>,
    /// The written form, instead of its digest.
    pub form: bool,
}

pub(super) fn run(request: &Request<'_>, global: &Global, host: &dyn Host, streams: &mut Streams) -> Exit {
    let session = match Session::open(host, global.policy.as_deref()) {
        Ok(session) => session,
        Err(refusal) => return check::refused(&refusal, streams),
    };
    let checked = session.check();
    let Some(policy) = &checked.policy else {
        streams.tell(&checked.diagnostics, &checked.sources);
        return Exit::Usage;
    };
    let profile = request.profile.map(|p| session.profile(policy, &checked.sources, p)).transpose();
    let text = profile.and_then(|profile| text(policy, request, profile.as_ref()));
    match text {
        Ok(text) => streams.print(&text).err().unwrap_or(Exit::Yes),
        Err(diagnostic) => {
            streams.tell(&[*diagnostic], &checked.sources);
            Exit::Usage
        }
    }
}

fn text(policy: &CheckedPolicy, request: &Request<'_>, profile: Option<&ProfileId>) -> Result<String, Box<Diagnostic>> {
    let gate = match request.gate {
        Some(word) => Some(runner::gate(policy, profile, word)?),
        None => None,
    };
    match &gate {
        Some(gate) if request.form => Ok(form(policy, profile, gate)),
        gate => Ok(digests(policy, profile, gate.as_ref())),
    }
}

/// One line for each digest, the digest first, as `sha256sum` prints them.
fn digests(policy: &CheckedPolicy, profile: Option<&ProfileId>, gate: Option<&GateId>) -> String {
    let all = PolicyDigests::of(policy);
    let mut out = String::new();
    if gate.is_none() && profile.is_none() {
        let _ = writeln!(out, "sha256:{}  policy {}", all.policy, policy.policy.name);
    }
    let wanted = |id: &GateId| gate.is_none_or(|g| g == id);
    if profile.is_none() {
        for (id, digest) in all.gates.iter().filter(|(id, _)| wanted(id)) {
            let _ = writeln!(out, "sha256:{digest}  {id} as declared");
        }
    }
    for (under, gates) in all.effective.iter().filter(|(id, _)| profile.is_none_or(|p| p == *id)) {
        for (id, digest) in gates.iter().filter(|(id, _)| wanted(id)) {
            let _ = writeln!(out, "sha256:{digest}  {id} under {under}");
        }
    }
    out
}

/// Every text that is hashed, under its digest.
fn form(policy: &CheckedPolicy, profile: Option<&ProfileId>, gate: &GateId) -> String {
    let lines = gate_form(policy, profile, gate).unwrap_or_default();
    let lines: Vec<String> = lines.iter().map(|line| format!("sha256:{}\n{}\n", line.digest, line.text)).collect();
    lines.join("\n")
}
