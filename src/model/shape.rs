//! Shapes: how bytes become values of a type, and what is demanded of them on the way in.

use super::{Expr, LocalId, Message, ShapeId};
use crate::data::{EnumType, RecordType, Type, Value};
use crate::source::Span;
use std::borrow::Cow;
use std::sync::Arc;

/// How a value is read.
#[derive(Debug, Clone)]
pub enum Shape {
    /// `true`, `false`.
    Bool,
    /// A whole number; `1.0` is refused.
    Int,
    /// Any number.
    Decimal,
    /// A number from 0 to 1, or with `percent` from 0 to 100 (other values are read as well:
    /// the range is not forced).
    Ratio {
        /// `ratio(percent)`.
        percent: bool,
    },
    /// A number of this unit.
    Duration(DurationUnit),
    /// An instant.
    Instant(InstantEncoding),
    /// A whole number of bytes.
    Bytes,
    /// A text.
    Text(TextReading),
    /// A version.
    Version,
    /// Anything, undecoded.
    Json,
    /// A word.
    Enum(EnumReading),
    /// An object.
    Record(Arc<RecordShape>),
    /// A list.
    List(Arc<Shape>),
    /// An object with any keys.
    Map(Arc<Shape>, Arc<Shape>),
    /// A named record or type: see [`super::Policy::shapes`]. Shapes do not contain themselves.
    Named(ShapeId),
    /// A shape and a condition on what it gives.
    Refined(Arc<Refinement>),
    /// A value that may be absent.
    Optional(Arc<Shape>),
}

impl RecordShape {
    /// Whether unknown keys pass in the record itself, wherever it stands.
    pub fn is_open(&self) -> bool {
        self.open != Openness::Closed
    }
}

impl Shape {
    /// The shape without its `Optional`.
    pub fn inner(&self) -> &Self {
        match self {
            Self::Optional(inner) => inner,
            other => other,
        }
    }
}

/// How a duration is written in data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct DurationUnit {
    /// Nanoseconds in one.
    pub scale: i64,
    /// `round`: fractions are accepted exactly in ns (halves to even). Otherwise `duration(ms)`
    /// refuses fractions.
    pub round: bool,
}

/// How an instant is written in data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum InstantEncoding {
    /// A whole number of this many nanoseconds since 1970; with `round`, fractions too.
    Epoch(DurationUnit),
    /// RFC 3339 with an offset.
    Rfc3339,
}

/// What is done to a text on the way in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct TextReading {
    /// Blanks at both ends are dropped.
    pub trim: bool,
    /// Case is folded to lower (enums: compared without case).
    pub fold: bool,
}

impl TextReading {
    /// The text after that.
    pub fn apply(self, text: &str) -> Cow<'_, str> {
        let text = if self.trim { text.trim() } else { text };
        if self.fold { text.to_lowercase().into() } else { text.into() }
    }
}

/// How a word of an enum is read.
#[derive(Debug, Clone)]
pub struct EnumReading {
    /// The enum.
    pub ty: Arc<EnumType>,
    /// What is done to the text first.
    pub reading: TextReading,
}

/// A shape with a condition.
#[derive(Debug, Clone)]
pub struct Refinement {
    /// Its name (`Positive`), for messages.
    pub name: Arc<str>,
    /// The shape underneath.
    pub base: Shape,
    /// The value under judgement.
    pub this: LocalId,
    /// What must hold; reads no evidence.
    pub condition: Expr,
    /// The condition as written, for messages.
    pub source: Arc<str>,
}

/// Which keys pass beside the declared ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Openness {
    /// None.
    #[default]
    Closed,
    /// Any, in the record itself.
    Open,
    /// Any, in the record and in everything that is read inside of it.
    Everywhere,
}

/// The shape of a record.
#[derive(Debug, Clone)]
pub struct RecordShape {
    /// Its type.
    pub ty: Arc<RecordType>,
    /// Whether unknown keys pass.
    pub open: Openness,
    /// Fields, in the order of the type.
    pub fields: Vec<FieldShape>,
    /// What must hold of the whole.
    pub rules: Vec<Rule>,
    /// What should hold: told to whoever asks for it, and no fault.
    pub advice: Vec<Rule>,
    /// The record under judgement in `rules` and `advice`.
    pub this: LocalId,
}

/// One field of a record shape.
#[derive(Debug, Clone)]
pub struct FieldShape {
    /// Its name.
    pub name: Arc<str>,
    /// Its place in the policy.
    pub span: Span,
    /// Its doc comment.
    pub doc: Option<Arc<str>>,
    /// How its value is read (`Optional` where it may be missing).
    pub shape: Shape,
    /// The type of its value.
    pub ty: Type,
    /// How the data is read beyond its shape.
    pub reading: Reading,
}

/// What a field's modifiers say.
#[derive(Debug, Clone, Default)]
pub struct Reading {
    /// It names rows and is unique.
    pub key: bool,
    /// `null` reads as absent.
    pub nullable: bool,
    /// An unreadable value reads as absent and is counted.
    pub lenient: bool,
    /// Absent reads as this.
    pub default: Option<Value>,
    /// These mean "not measured": they read as absent.
    pub sentinels: Vec<Value>,
    /// Where it stands in the data: alternatives, each a path of keys. Empty: under its name.
    /// Two alternatives at once are a fault.
    pub from: Vec<Vec<Arc<str>>>,
    /// `from this`: it is all that a file (or a line) holds, in a row whose other fields the path
    /// fills. Readers of evidence hand it over under the field's name.
    pub whole: bool,
}

/// A named condition on a record.
#[derive(Debug, Clone)]
pub struct Rule {
    /// Its name.
    pub name: Arc<str>,
    /// Its place in the policy.
    pub span: Span,
    /// What must hold; reads no evidence.
    pub condition: Expr,
    /// The condition as written, for messages.
    pub source: Arc<str>,
    /// What to say when it does not.
    pub message: Option<Arc<Message>>,
}
