//! Evidence as declared: where it comes from and what is demanded of it.

use super::{Expr, Shape};
use crate::data::{Num, Type};
use crate::source::Span;
use std::collections::BTreeMap;
use std::sync::Arc;

/// One `evidence` declaration.
#[derive(Debug, Clone)]
pub struct EvidenceDefinition {
    /// Its name.
    pub name: Arc<str>,
    /// Its name's place.
    pub span: Span,
    /// Its `##` lines.
    pub doc: Option<Arc<str>>,
    /// Which files.
    pub files: EvidenceFiles,
    /// The name of the format that reads them.
    pub format: Arc<str>,
    /// Options of the format, by name, as written (texts without quotes).
    pub format_options: BTreeMap<Arc<str>, Arc<str>>,
    /// `rows at "/a/b"`: where in a document the rows stand, as a JSON pointer.
    pub rows_at: Option<Arc<str>>,
    /// `judge each file`: an undecodable file is a row that is not of its shape.
    pub judge_each_file: bool,
    /// Accepted schema versions.
    pub version: Option<VersionRule>,
    /// How old it may be; `None` for `fresh any`.
    pub fresh: Option<Freshness>,
    /// What kind of source it is.
    pub source: SourceKind,
    /// `schema "schemas/turn.json"`: a JSON Schema that the document, or each row, has to meet. A
    /// path below the policy root; after `#` a place in that file.
    pub schema: Option<Arc<str>>,
    /// Whether and until when it may be absent.
    pub optional: OptionalEvidence,
    /// Rows or a document, and their shape.
    pub shape: EvidenceShape,
    /// The type of the whole: `list<row>` or the document's; `?` when it may be absent.
    pub ty: Type,
    /// The clauses' places by keyword, for messages and `list`.
    pub clauses: BTreeMap<Arc<str>, Span>,
}

/// Which files an evidence reads, below the evidence root.
#[derive(Debug, Clone)]
pub enum EvidenceFiles {
    /// `path "a/b.json"`: exactly one.
    Path(Arc<str>),
    /// `files "a/{kind}/*.json"`: all that match, in name order; `{kind}` fills the field of
    /// that name.
    Pattern(Arc<str>),
}

/// Rows or one value.
#[derive(Debug, Clone)]
pub enum EvidenceShape {
    /// A list: the shape of each row, always a record (or `json`) underneath.
    Rows(Shape),
    /// One value.
    Document(Shape),
}

impl EvidenceShape {
    /// The shape of one row, or of the document.
    pub fn shape(&self) -> &Shape {
        match self {
            Self::Rows(shape) | Self::Document(shape) => shape,
        }
    }
}

/// `version "x.v2", "x.v1" at path`
#[derive(Debug, Clone)]
pub struct VersionRule {
    /// Accepted texts.
    pub accepted: Vec<Arc<str>>,
    /// Keys from the document's (or each row's) top.
    pub at: Vec<Arc<str>>,
}

/// `fresh within 24h of f ahead 5m`, both ends included.
#[derive(Debug, Clone)]
pub struct Freshness {
    /// The greatest age: a duration; reads params at most.
    pub within: Expr,
    /// Fields from the document's (or each row's) top to the instant.
    pub of: Vec<Arc<str>>,
    /// How far after `as_of` it may lie: a duration; five minutes unless written.
    pub ahead: Expr,
}

impl Freshness {
    /// The allowance for clocks that run ahead: five minutes, in ns.
    pub const AHEAD_DEFAULT: Num = Num::int(300_000_000_000);
}

/// What kind of source an evidence is.
#[derive(Debug, Clone)]
pub enum SourceKind {
    /// Always this kind: `synthetic`, `recorded` or `live`.
    Fixed(Arc<str>),
    /// As this field of the document or of each row says.
    From(Vec<Arc<str>>),
    /// Nothing is said: counts as the weakest, `synthetic`.
    Unsaid,
}

impl SourceKind {
    /// The kinds, weakest first.
    pub const KINDS: [&'static str; 3] = ["synthetic", "recorded", "live"];
}

/// Whether an evidence may be absent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OptionalEvidence {
    /// Absent is a fault.
    Required,
    /// Absent is excused.
    Always,
    /// Absent is excused before this instant (ns since 1970).
    Until(Num),
}
