//! What a run is given besides policy and evidence.

use super::AsOfOrigin;
use crate::data::{Digest, Num, Value};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Everything outside policy and evidence that a verdict depends on, and limits of the run.
#[derive(Debug, Clone)]
pub struct Context {
    /// The instant of evaluation, ns since 1970.
    pub as_of: Num,
    /// Where it comes from.
    pub as_of_origin: AsOfOrigin,
    /// The release candidate, if one was given.
    pub candidate: Option<Candidate>,
    /// Digest of the policy's files: SHA-256 over their sorted lines `sha256  path`. Only reported:
    /// what the policy asks has a digest of its own.
    pub policy_files: Digest,
    /// Version of this program.
    pub engine_version: Arc<str>,
    /// Bytes that lists held in memory may take.
    pub memory_limit: u64,
    /// Threads to use; 0 means one for each core.
    pub threads: usize,
    /// Whether the documents of the artifacts that the profile writes are made.
    pub artifacts: bool,
    /// Patterns (`a.b`, `a.*`) of the gates that count; the rest of the profile is left out.
    pub only: Option<Vec<Arc<str>>>,
}

/// A release candidate.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// As policies read it: laid out as the prelude's ReleaseCandidate.
    pub value: Value,
    /// Its fields as texts, for reports and the run's name.
    pub fields: BTreeMap<Arc<str>, Arc<str>>,
}
