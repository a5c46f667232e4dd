//! Profiles as declared, and as they take effect.

use super::{EvidenceDefinition, Expr, GateDefinition, GateId, Limit, ParamId, ProfileId};
use crate::source::Span;
use std::collections::BTreeMap;
use std::sync::Arc;

/// One `profile` declaration, as written.
#[derive(Debug, Clone)]
pub struct ProfileDefinition {
    /// Its id.
    pub id: ProfileId,
    /// Its id's place.
    pub span: Span,
    /// Its `##` lines.
    pub doc: Option<Arc<str>>,
    /// Profiles it extends.
    pub extends: Vec<ProfileId>,
    /// Stages whose gates it takes.
    pub stage: Vec<Arc<str>>,
    /// Patterns of gates it takes besides.
    pub gates: Vec<Arc<str>>,
    /// Patterns of gates it leaves out.
    pub without: Vec<Arc<str>>,
    /// Kinds of source that count, if it says so.
    pub sources: Option<Vec<Arc<str>>>,
    /// Artifacts that it writes.
    pub write: Vec<Arc<str>>,
}

/// A profile with everything that `extends`, `set`, `tighten`, `loosen` and `evidence` do.
#[derive(Debug, Clone)]
pub struct EffectiveProfile {
    /// Its id.
    pub id: ProfileId,
    /// Its id's place.
    pub span: Span,
    /// Gates it selects, by id, and those only needed by them.
    pub gates: BTreeMap<GateId, EffectiveGate>,
    /// Params that it sets.
    pub params: BTreeMap<ParamId, (Expr, Span)>,
    /// Evidence as it takes effect: overrides applied, one entry for each of the policy's, in
    /// its order.
    pub evidence: Vec<Arc<EvidenceDefinition>>,
    /// Kinds of source that count.
    pub sources: Vec<Arc<str>>,
    /// Where `sources` was said, if anywhere.
    pub sources_span: Option<Span>,
    /// Artifacts that it and those that it extends write, by name, each with the place that says so.
    pub write: BTreeMap<Arc<str>, Span>,
    /// Where it (or one that it extends) says `waivers none`, if anywhere: no waiver applies.
    pub no_waivers: Option<Span>,
    /// `expect gates` of it and of those it extends, each judged against the count of gates
    /// selected by the profile that says it.
    pub expect_gates: Vec<ExpectGates>,
}

/// `expect gates >= 4`
#[derive(Debug, Clone)]
pub struct ExpectGates {
    /// The limit; a constant.
    pub limit: Limit,
    /// How many gates the profile that says it selects.
    pub selected: usize,
    /// Where the clause stands.
    pub span: Span,
}

/// A gate as a profile makes it effective.
#[derive(Debug, Clone)]
pub struct EffectiveGate {
    /// The gate with the profile's changes applied.
    pub gate: Arc<GateDefinition>,
    /// Whether it is in the profile or only needed by one that is.
    pub why: WhyIncluded,
    /// Clauses that a profile set, by keyword, with the place and, for `loosen`, its reason.
    pub changed: BTreeMap<Arc<str>, FieldOrigin>,
}

/// Who set a clause.
#[derive(Debug, Clone)]
pub struct FieldOrigin {
    /// The profile.
    pub profile: ProfileId,
    /// The clause's place.
    pub span: Span,
    /// The reason, for `loosen`.
    pub because: Option<Arc<str>>,
}

/// Why a gate is evaluated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WhyIncluded {
    /// The profile takes it.
    Selected,
    /// Only because this gate needs it; it counts through `blocked` alone.
    Needed {
        /// The gate that needs it.
        by: GateId,
    },
}
