//! The checked policy: every name resolved, every expression typed. Inert data.
//!
//! Job: what a policy means, for planner, engine, reports and diff. May import: `data`, `units`,
//! `source`, `registry`. Deliberately absent: syntax, diagnostics, evaluation. Values of these
//! types are only made by `check`; a [`CheckedPolicy`] has no poison left in it.

mod artifact;
pub mod digest;
mod evidence;
mod expr;
mod gate;
mod ids;
mod profile;
mod result;
mod shape;
mod waiver;
mod walk;

pub use artifact::{ArtifactDefinition, ArtifactPage, ArtifactRows};
pub use evidence::{
    EvidenceDefinition, EvidenceFiles, EvidenceShape, Freshness, OptionalEvidence, SourceKind, VersionRule,
};
pub use expr::{
    ArithmeticOp, CompareOp, Expr, ExprKind, JoinStage, Judge, Message, MessageFormat, MessagePart, Pattern,
    Quantifier, SortKey, Stage,
};
pub use gate::{
    Decide, EachClause, EmptyPolicy, ExpectClause, GateDefinition, GroupKey, Limit, Metric, MissingPolicy,
    RowAggregate, Samples, Scope, Threshold,
};
pub use ids::{DefId, EvidenceId, GateId, LetId, LocalId, ParamId, ProfileId, RecordId, ShapeId, SiteId, WaiverId};
pub use profile::{EffectiveGate, EffectiveProfile, ExpectGates, FieldOrigin, ProfileDefinition, WhyIncluded};
pub use result::{VERDICT_WORDS, result_type, verdict_type};
pub use shape::{
    DurationUnit, EnumReading, FieldShape, InstantEncoding, Openness, Reading, RecordShape, Refinement, Rule, Shape,
    TextReading,
};
pub use waiver::{Covers, GroupChoice, RowChoice, Waiver, WaiverBound};

use crate::data::{EnumType, Type};
use crate::registry::Registry;
use crate::schema::SchemaSet;
use crate::source::Span;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A whole policy that has passed the checker, and its profiles made effective.
#[derive(Debug, Clone)]
pub struct CheckedPolicy {
    /// The declarations.
    pub policy: Arc<Policy>,
    /// Each profile with everything that `extends`, `set`, `tighten` and `loosen` do to it.
    pub profiles: BTreeMap<ProfileId, EffectiveProfile>,
    /// The functions it was checked against.
    pub registry: Arc<Registry>,
}

/// The declarations of a policy. Each kind is in a fixed order (by name), so that ids and
/// everything derived from them do not depend on file order.
#[derive(Debug, Clone, Default)]
pub struct Policy {
    /// Its name.
    pub name: Arc<str>,
    /// The language version it is written in.
    pub language: u32,
    /// Enums by name.
    pub enums: BTreeMap<Arc<str>, Declared<Arc<EnumType>>>,
    /// Named shapes (records and refined types), indexed by [`ShapeId`].
    pub shapes: Vec<NamedShape>,
    /// Params, indexed by [`ParamId`].
    pub params: Vec<Param>,
    /// Lets, indexed by [`LetId`].
    pub lets: Vec<Let>,
    /// Defs, indexed by [`DefId`].
    pub defs: Vec<Def>,
    /// Evidence, indexed by [`EvidenceId`].
    pub evidence: Vec<EvidenceDefinition>,
    /// Gates by id.
    pub gates: BTreeMap<GateId, Arc<GateDefinition>>,
    /// Artifacts by name.
    pub artifacts: BTreeMap<Arc<str>, Arc<ArtifactDefinition>>,
    /// Waivers by id.
    pub waivers: BTreeMap<WaiverId, Arc<Waiver>>,
    /// Profiles as declared, by id.
    pub profiles: BTreeMap<ProfileId, ProfileDefinition>,
    /// The JSON Schemas that it names, compiled; empty until whoever holds the files puts them in.
    pub schemas: SchemaSet,
}

/// Something with a place and a doc comment.
#[derive(Debug, Clone)]
pub struct Declared<T> {
    /// The thing.
    pub item: T,
    /// Its name's place.
    pub span: Span,
    /// Its `##` lines.
    pub doc: Option<Arc<str>>,
}

/// A `record`, `contract` or `type` declaration.
#[derive(Debug, Clone)]
pub struct NamedShape {
    /// Its name.
    pub name: Arc<str>,
    /// Its name's place.
    pub span: Span,
    /// Its `##` lines.
    pub doc: Option<Arc<str>>,
    /// How it is read and what is demanded of it.
    pub shape: Shape,
    /// The type of its values.
    pub ty: Type,
    /// What makes it a contract, if it is one.
    pub contract: Option<Contract>,
}

/// What a `contract` has beyond a record.
#[derive(Debug, Clone, Default)]
pub struct Contract {
    /// The JSON Schema that a value has to meet as well.
    pub schema: Option<PairedSchema>,
}

/// `schema "docs/all.schema.json#/$defs/turn"` in a contract.
#[derive(Debug, Clone)]
pub struct PairedSchema {
    /// A path below the policy root, and after `#` a place in that file.
    pub name: Arc<str>,
    /// Where it is written.
    pub span: Span,
}

impl NamedShape {
    /// The schema that its values have to meet as well.
    pub fn schema(&self) -> Option<&PairedSchema> {
        self.contract.as_ref()?.schema.as_ref()
    }
}

/// A `param`: a constant that a profile may set.
#[derive(Debug, Clone)]
pub struct Param {
    /// Its name.
    pub name: Arc<str>,
    /// Its name's place.
    pub span: Span,
    /// Its `##` lines.
    pub doc: Option<Arc<str>>,
    /// Its type.
    pub ty: Type,
    /// Its value where no profile sets it. Reads no evidence.
    pub value: Expr,
}

/// A `let`: a named value or table view.
#[derive(Debug, Clone)]
pub struct Let {
    /// Its name.
    pub name: Arc<str>,
    /// Its name's place.
    pub span: Span,
    /// Its `##` lines.
    pub doc: Option<Arc<str>>,
    /// Its value; its type is the expression's.
    pub value: Expr,
}

/// A `def`: a pure function of the policy. Defs do not recurse.
#[derive(Debug, Clone)]
pub struct Def {
    /// Its name.
    pub name: Arc<str>,
    /// Its name's place.
    pub span: Span,
    /// Its `##` lines.
    pub doc: Option<Arc<str>>,
    /// Parameters: the local that holds the argument, its name and its type.
    pub parameters: Vec<(LocalId, Arc<str>, Type)>,
    /// Its body.
    pub body: Expr,
}
