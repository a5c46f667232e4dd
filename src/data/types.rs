//! The types that values have.

use crate::units::Dimension;
use std::fmt;
use std::sync::Arc;

/// The type of a value.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Type {
    /// A mistake was reported already; every check accepts it in silence.
    Unknown,
    /// The type without values: elements of `[]`, what `none` would hold.
    Never,
    /// `true` or `false`.
    Bool,
    /// A whole number.
    Int,
    /// An exact number.
    Decimal,
    /// An exact share; prints as a percentage.
    Ratio,
    /// A number with a dimension: `duration` (ns), `bytes`, or a compound of both.
    Quantity(Dimension),
    /// A point in time, ns since 1970-01-01T00:00:00Z.
    Instant,
    /// A text.
    String,
    /// A semantic version.
    Version,
    /// An undecoded value.
    Json,
    /// One of the words of an enum (also `field of R`).
    Enum(Arc<EnumType>),
    /// Named fields.
    Record(Arc<RecordType>),
    /// Elements in order.
    List(Arc<Type>),
    /// Keys and values; at run time a list of `{key, value}` records in key order.
    Map(Arc<Type>, Arc<Type>),
    /// A value that may be missing. Never nested.
    Optional(Arc<Type>),
}

impl Type {
    /// `duration`.
    pub const DURATION: Self = Self::Quantity(Dimension::TIME);
    /// `bytes`.
    pub const BYTES: Self = Self::Quantity(Dimension::DATA);

    /// `list<element>`.
    pub fn list(element: Self) -> Self {
        Self::List(Arc::new(element))
    }

    /// `map<key, value>`.
    pub fn map(key: Self, value: Self) -> Self {
        Self::Map(Arc::new(key), Arc::new(value))
    }

    /// `T?`; of an optional type, itself. `Unknown` stays unknown.
    #[must_use]
    pub fn optional(self) -> Self {
        match self {
            Self::Optional(_) | Self::Unknown => self,
            other => Self::Optional(Arc::new(other)),
        }
    }

    /// The type without its `?`.
    pub fn present(&self) -> &Self {
        match self {
            Self::Optional(inner) => inner,
            other => other,
        }
    }

    /// Whether a value may be missing.
    pub fn is_optional(&self) -> bool {
        matches!(self, Self::Optional(_))
    }

    /// Whether a mistake hides in it.
    pub fn is_unknown(&self) -> bool {
        match self {
            Self::Unknown => true,
            Self::Optional(t) | Self::List(t) => t.is_unknown(),
            Self::Map(k, v) => k.is_unknown() || v.is_unknown(),
            _ => false,
        }
    }

    /// `int`, `decimal` or `ratio`.
    pub fn is_number(&self) -> bool {
        matches!(self, Self::Int | Self::Decimal | Self::Ratio)
    }

    /// The dimension, if it is a number or a quantity.
    pub fn dimension(&self) -> Option<Dimension> {
        match self {
            Self::Int | Self::Decimal | Self::Ratio => Some(Dimension::NONE),
            Self::Quantity(d) => Some(*d),
            _ => None,
        }
    }

    /// Whether `<` means something for it.
    pub fn is_ordered(&self) -> bool {
        self.dimension().is_some() || matches!(self, Self::Instant | Self::String | Self::Version)
    }

    /// The type of one row: the element of a list, `{key, value}` for a map.
    pub fn element(&self) -> Option<Self> {
        match self {
            Self::List(e) => Some((**e).clone()),
            Self::Map(k, v) => Some(Self::Record(Arc::new(RecordType {
                name: None,
                fields: vec![
                    Field { name: "key".into(), ty: (**k).clone() },
                    Field { name: "value".into(), ty: (**v).clone() },
                ],
            }))),
            _ => None,
        }
    }
}

impl fmt::Display for Type {
    /// As people write it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown => f.write_str("unknown"),
            Self::Never => f.write_str("nothing"),
            Self::Bool => f.write_str("bool"),
            Self::Int => f.write_str("int"),
            Self::Decimal => f.write_str("decimal"),
            Self::Ratio => f.write_str("ratio"),
            Self::Quantity(d) => write!(f, "{d}"),
            Self::Instant => f.write_str("instant"),
            Self::String => f.write_str("string"),
            Self::Version => f.write_str("version"),
            Self::Json => f.write_str("json"),
            Self::Enum(e) => f.write_str(&e.name),
            Self::Record(r) => match &r.name {
                Some(name) => f.write_str(name),
                None => {
                    f.write_str("{ ")?;
                    for field in r.fields.iter().take(6) {
                        write!(f, "{} : {}  ", field.name, field.ty)?;
                    }
                    if r.fields.len() > 6 {
                        f.write_str(".. ")?;
                    }
                    f.write_str("}")
                }
            },
            Self::List(e) => write!(f, "list<{e}>"),
            Self::Map(k, v) => write!(f, "map<{k}, {v}>"),
            Self::Optional(t) => write!(f, "{t}?"),
        }
    }
}

/// An enum: its name and words in order. Two enums are the same when their names are.
#[derive(Debug, Clone)]
pub struct EnumType {
    /// Its name as people write it (`Phase`, `field of Run`).
    pub name: Arc<str>,
    /// Its words in declaration order.
    pub members: Vec<EnumMember>,
    /// The member that catches words not listed.
    pub otherwise: Option<u32>,
}

/// One word of an enum.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnumMember {
    /// Its name in policy, and how it prints.
    pub name: Arc<str>,
    /// Whether it is written in quotes.
    pub quoted: bool,
    /// How it is spelt in data.
    pub spellings: Vec<Arc<str>>,
}

impl EnumType {
    /// The number of the member of this name.
    pub fn member(&self, name: &str) -> Option<u32> {
        self.members.iter().position(|m| &*m.name == name).and_then(|i| u32::try_from(i).ok())
    }
}

impl PartialEq for EnumType {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}
impl Eq for EnumType {}
impl std::hash::Hash for EnumType {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}

/// Fields in declaration order. Two record types are the same when their fields are (names,
/// types, order); the name is for people.
#[derive(Debug, Clone)]
pub struct RecordType {
    /// Its declared name.
    pub name: Option<Arc<str>>,
    /// Its fields.
    pub fields: Vec<Field>,
}

/// One field of a record type.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Field {
    /// Its name.
    pub name: Arc<str>,
    /// Its type.
    pub ty: Type,
}

impl RecordType {
    /// Position and type of the field of this name.
    pub fn field(&self, name: &str) -> Option<(usize, &Type)> {
        self.fields.iter().position(|f| &*f.name == name).and_then(|i| self.fields.get(i).map(|f| (i, &f.ty)))
    }
}

impl PartialEq for RecordType {
    fn eq(&self, other: &Self) -> bool {
        self.fields == other.fields
    }
}
impl Eq for RecordType {}
impl std::hash::Hash for RecordType {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.fields.hash(state);
    }
}
