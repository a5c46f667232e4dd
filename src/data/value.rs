//! Values at run time. A value does not know its static type; whoever prints one brings it.

use super::{Json, Num, Version};
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// One value.
///
/// Equality is by parts, missing equal to missing, and ignores where a row came from.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Value {
    /// No value.
    Missing,
    /// `true` or `false`.
    Bool(bool),
    /// `int`, `decimal`, `ratio`, a quantity in base units (ns, bytes), or an instant in ns
    /// since 1970.
    Num(Num),
    /// A text.
    Text(Arc<str>),
    /// A semantic version.
    Version(Arc<Version>),
    /// A word of an enum.
    Enum(EnumValue),
    /// A record, fields in the order of its type.
    Record(Arc<Record>),
    /// A list; a map is a list of `{key, value}` records sorted by key.
    List(Arc<[Value]>),
    /// An undecoded value.
    Json(Arc<Json>),
}

/// A word of an enum: its number in declaration order, and for a catch-all member the word found.
#[derive(Debug, Clone)]
pub struct EnumValue {
    /// Which member.
    pub member: u32,
    /// The word in the data, when a catch-all member stands for it.
    pub word: Option<Arc<str>>,
}

impl PartialEq for EnumValue {
    fn eq(&self, other: &Self) -> bool {
        self.member == other.member
    }
}
impl Eq for EnumValue {}
impl Hash for EnumValue {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.member.hash(state);
    }
}

/// The fields of a record, and the row of evidence that it is or comes from.
#[derive(Debug, Clone)]
pub struct Record {
    /// Values in the order of the record's type.
    pub fields: Box<[Value]>,
    /// Where it comes from.
    pub origin: Option<Arc<Origin>>,
}

impl PartialEq for Record {
    fn eq(&self, other: &Self) -> bool {
        self.fields == other.fields
    }
}
impl Eq for Record {}
impl Hash for Record {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.fields.hash(state);
    }
}

/// The place of a row in evidence.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Origin {
    /// The evidence's name in the policy.
    pub evidence: Arc<str>,
    /// The file, as the policy or the command line says it.
    pub file: Arc<str>,
    /// Line of the row's first byte, from 1.
    pub line: u64,
    /// JSON pointer of the row inside its file, for formats that nest.
    pub pointer: Option<Arc<str>>,
    /// The row's key as printed, if the row has one.
    pub key: Option<Arc<str>>,
    /// Position of the row in its evidence, from 0: the evidence order.
    pub ordinal: u64,
}

impl fmt::Display for Origin {
    /// `file:line`, with pointer and key where there are any.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)?;
        if let Some(key) = &self.key {
            write!(f, " (key {key})")?;
        } else if let Some(pointer) = &self.pointer {
            write!(f, " ({pointer})")?;
        }
        Ok(())
    }
}

impl Value {
    /// A text.
    pub fn text(text: impl Into<Arc<str>>) -> Self {
        Self::Text(text.into())
    }

    /// A whole number.
    pub fn int(n: i64) -> Self {
        Self::Num(Num::from(n))
    }

    /// A list.
    pub fn list(items: impl Into<Arc<[Value]>>) -> Self {
        Self::List(items.into())
    }

    /// A record without an origin.
    pub fn record(fields: Vec<Value>) -> Self {
        Self::Record(Arc::new(Record { fields: fields.into(), origin: None }))
    }

    /// Whether there is no value.
    pub fn is_missing(&self) -> bool {
        matches!(self, Self::Missing)
    }

    /// The truth value, if it is one.
    pub fn as_bool(&self) -> Option<bool> {
        if let Self::Bool(b) = self { Some(*b) } else { None }
    }

    /// The number, if it is one.
    pub fn as_num(&self) -> Option<Num> {
        if let Self::Num(n) = self { Some(*n) } else { None }
    }

    /// The text, if it is one.
    pub fn as_text(&self) -> Option<&Arc<str>> {
        if let Self::Text(t) = self { Some(t) } else { None }
    }

    /// The elements, if it is a list or a map.
    pub fn as_list(&self) -> Option<&Arc<[Value]>> {
        if let Self::List(l) = self { Some(l) } else { None }
    }

    /// The record, if it is one.
    pub fn as_record(&self) -> Option<&Arc<Record>> {
        if let Self::Record(r) = self { Some(r) } else { None }
    }

    /// Where the row comes from, if it is a row of evidence.
    pub fn origin(&self) -> Option<&Arc<Origin>> {
        self.as_record().and_then(|r| r.origin.as_ref())
    }

    /// A total order for sorting, keys and `min`/`max`: missing first, then by kind; numbers by
    /// size, texts by bytes, enum words by declaration, records and lists part by part.
    pub fn order(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Bool(a), Self::Bool(b)) => a.cmp(b),
            (Self::Num(a), Self::Num(b)) => a.cmp(b),
            (Self::Text(a), Self::Text(b)) => a.cmp(b),
            (Self::Version(a), Self::Version(b)) => a.cmp(b),
            (Self::Enum(a), Self::Enum(b)) => a.member.cmp(&b.member),
            (Self::Record(a), Self::Record(b)) => order_parts(&a.fields, &b.fields),
            (Self::List(a), Self::List(b)) => order_parts(a, b),
            (Self::Json(a), Self::Json(b)) => a.canonical().cmp(&b.canonical()),
            _ => self.rank().cmp(&other.rank()),
        }
    }

    fn rank(&self) -> u8 {
        match self {
            Self::Missing => 0,
            Self::Bool(_) => 1,
            Self::Num(_) => 2,
            Self::Text(_) => 3,
            Self::Version(_) => 4,
            Self::Enum(_) => 5,
            Self::Record(_) => 6,
            Self::List(_) => 7,
            Self::Json(_) => 8,
        }
    }
}

fn order_parts(a: &[Value], b: &[Value]) -> Ordering {
    for (x, y) in a.iter().zip(b) {
        match x.order(y) {
            Ordering::Equal => {}
            unequal => return unequal,
        }
    }
    a.len().cmp(&b.len())
}
