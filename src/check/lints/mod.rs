//! What is legal and worth a look: warnings, one file a lint.
//!
//! Lints run over a policy without errors, so that nothing that a mistake hides is called unused.

mod guaranteed_each;
mod implied_threshold;
mod mentions;
mod optional_previous_run;
mod unaged_live;
mod untaken;
mod unused_artifact;
mod unused_def;
mod unused_evidence;
mod unused_let;
mod unused_param;
mod unused_shape;

use super::checker::Checker;
use crate::diag::Diagnostic;
use crate::model::{EffectiveProfile, Policy, ProfileId};
use crate::syntax::tree;
use mentions::Mentions;
use std::collections::BTreeMap;

/// What a lint looks at.
pub(super) struct Seen<'c, 'a> {
    pub(super) checker: &'c Checker<'a>,
    pub(super) policy: &'c Policy,
    pub(super) profiles: &'c BTreeMap<ProfileId, EffectiveProfile>,
    /// Who mentions which name.
    mentions: Mentions,
}

/// A lint.
type Lint = fn(&Seen<'_, '_>) -> Vec<Diagnostic>;

/// Every lint.
const LINTS: &[Lint] = &[
    unused_let::run,
    unused_def::run,
    unused_param::run,
    unused_evidence::run,
    unused_shape::run,
    unused_artifact::run,
    untaken::run,
    unaged_live::run,
    optional_previous_run::run,
    implied_threshold::run,
    guaranteed_each::run,
];

/// Everything that the lints have to say.
pub(super) fn run(
    checker: &Checker<'_>,
    policy: &Policy,
    profiles: &BTreeMap<ProfileId, EffectiveProfile>,
    files: &[tree::File],
) -> Vec<Diagnostic> {
    let seen = Seen { checker, policy, profiles, mentions: Mentions::of(files) };
    LINTS.iter().flat_map(|lint| lint(&seen)).collect()
}
