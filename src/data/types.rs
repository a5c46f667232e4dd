//! The types that values have.

use crate::units::Dimension;
use std::fmt;
use std::sync::{Arc, OnceLock};

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

    /// The built-in type of this name, as written in policies without parameters.
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "bool" => Self::Bool,
            "int" => Self::Int,
            "decimal" => Self::Decimal,
            "ratio" => Self::Ratio,
            "duration" => Self::DURATION,
            "bytes" => Self::BYTES,
            "instant" => Self::Instant,
            "string" => Self::String,
            "version" => Self::Version,
            "json" => Self::Json,
            "weekday" => Self::Enum(EnumType::weekday()),
            _ => return None,
        })
    }

    /// The narrowest type that both go into: `int` widens to `decimal` and `ratio`, `T` to `T?`,
    /// `Never` to anything; lists, maps and records part by part. Records need the same field
    /// names; the order of `self` stays. `Unknown` absorbs. `None`: there is no such type.
    pub fn join(&self, other: &Self) -> Option<Self> {
        Some(match (self, other) {
            (Self::Unknown, _) | (_, Self::Unknown) => Self::Unknown,
            (Self::Never, t) | (t, Self::Never) => t.clone(),
            (Self::Optional(a), b) | (b, Self::Optional(a)) => a.join(b.present())?.optional(),
            (Self::Int | Self::Decimal | Self::Ratio, Self::Ratio) | (Self::Ratio, Self::Int | Self::Decimal) => {
                Self::Ratio
            }
            (Self::Int | Self::Decimal, Self::Decimal) | (Self::Decimal, Self::Int) => Self::Decimal,
            (Self::List(a), Self::List(b)) => Self::list(a.join(b)?),
            (Self::Map(ka, va), Self::Map(kb, vb)) => Self::map(ka.join(kb)?, va.join(vb)?),
            (Self::Record(a), Self::Record(b)) => {
                if a == b {
                    return Some(if a.name.is_some() { self.clone() } else { other.clone() });
                }
                Self::Record(Arc::new(a.join(b)?))
            }
            (a, b) if a == b => a.clone(),
            _ => return None,
        })
    }

    /// Whether a value of this type goes where `due` is due, with no more than the conversions
    /// of [`Type::join`], a map as the list of its `{key, value}` pairs, and a record made to
    /// fit: its fields in another order, without some that `due` lets be missing.
    pub fn fits(&self, due: &Self) -> bool {
        match (self, due) {
            (Self::Unknown | Self::Never, _) | (_, Self::Unknown) => true,
            (found, Self::Optional(due)) => found.present().fits(due),
            (Self::Optional(_), _) => false,
            (Self::Int, Self::Decimal) | (Self::Int | Self::Decimal, Self::Ratio) => true,
            (Self::List(found), Self::List(due)) => found.fits(due),
            (Self::Map(..), Self::List(due)) => self.element().is_some_and(|e| e.fits(due)),
            (Self::Map(fk, fv), Self::Map(dk, dv)) => fk.fits(dk) && fv.fits(dv),
            (Self::Record(found), Self::Record(due)) => {
                due.fields.iter().all(|d| match found.field(&d.name) {
                    Some((_, ty)) => ty.fits(&d.ty),
                    None => d.ty.is_optional(),
                }) && found.fields.iter().all(|f| due.field(&f.name).is_some())
            }
            (found, due) => found == due,
        }
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

impl EnumType {
    /// The built-in `weekday`: `monday` to `sunday`, as in ISO 8601.
    pub fn weekday() -> Arc<Self> {
        const DAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
        static WEEKDAY: OnceLock<Arc<EnumType>> = OnceLock::new();
        WEEKDAY.get_or_init(|| Arc::new(Self::of_words("weekday", DAYS.map(Arc::from)))).clone()
    }

    /// An enum of words that are spelt in data as they are named, without a catch-all.
    pub fn of_words(name: impl Into<Arc<str>>, words: impl IntoIterator<Item = Arc<str>>) -> Self {
        let members = words.into_iter().map(|word| EnumMember {
            quoted: !is_word(&word),
            spellings: vec![word.clone()],
            name: word,
        });
        Self { name: name.into(), members: members.collect(), otherwise: None }
    }
}

/// Whether a name can be written without quotes.
fn is_word(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
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

impl RecordType {
    /// The enum `field of R`: the names of the fields in order.
    pub fn field_enum(self: &Arc<Self>) -> EnumType {
        let name = format!("field of {}", Type::Record(self.clone()));
        EnumType::of_words(name, self.fields.iter().map(|f| f.name.clone()))
    }

    fn join(&self, other: &Self) -> Option<Self> {
        if self.fields.len() != other.fields.len() {
            return None;
        }
        let join = |f: &Field| Some(Field { name: f.name.clone(), ty: f.ty.join(other.field(&f.name)?.1)? });
        let name = if self.name == other.name { self.name.clone() } else { None };
        Some(Self { name, fields: self.fields.iter().map(join).collect::<Option<_>>()? })
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

#[cfg(test)]
mod tests {
    use super::*;

    fn record(fields: &[(&str, Type)]) -> Type {
        let fields = fields.iter().map(|(n, t)| Field { name: (*n).into(), ty: t.clone() }).collect();
        Type::Record(Arc::new(RecordType { name: None, fields }))
    }

    #[test]
    fn join_is_the_narrowest_common_type() {
        let (int, decimal, ratio) = (Type::Int, Type::Decimal, Type::Ratio);
        let cases = [
            (int.clone(), decimal.clone(), Some(decimal.clone())),
            (decimal.clone(), ratio.clone(), Some(ratio.clone())),
            (Type::Never.optional(), int.clone(), Some(int.clone().optional())),
            (int.clone().optional(), ratio.clone(), Some(ratio.clone().optional())),
            (Type::list(Type::Never), Type::list(Type::String), Some(Type::list(Type::String))),
            (Type::list(int.clone()), Type::list(int.clone().optional()), Some(Type::list(int.clone().optional()))),
            (
                Type::map(Type::String, int.clone()),
                Type::map(Type::String, ratio.clone()),
                Some(Type::map(Type::String, ratio)),
            ),
            (
                record(&[("a", int.clone()), ("b", Type::Never.optional())]),
                record(&[("b", Type::String), ("a", decimal.clone())]),
                Some(record(&[("a", decimal), ("b", Type::String.optional())])),
            ),
            (record(&[("a", int.clone())]), record(&[("b", int.clone())]), None),
            (int.clone(), Type::DURATION, None),
            (Type::DURATION, Type::BYTES, None),
            (Type::Unknown, Type::DURATION, Some(Type::Unknown)),
        ];
        for (a, b, joined) in cases {
            assert_eq!(a.join(&b), joined, "{a} with {b}");
            if !matches!(a, Type::Record(_)) {
                assert_eq!(b.join(&a), joined, "{b} with {a}");
            }
        }
    }

    #[test]
    fn a_record_fits_with_other_order_and_without_optional_fields_only() {
        let due = record(&[("a", Type::Ratio), ("b", Type::String.optional())]);
        assert!(record(&[("a", Type::Int)]).fits(&due));
        assert!(record(&[("b", Type::String), ("a", Type::Int)]).fits(&due));
        assert!(!record(&[("b", Type::String)]).fits(&due));
        assert!(!record(&[("a", Type::Int), ("c", Type::Int)]).fits(&due));
        assert!(!record(&[("a", Type::Int.optional())]).fits(&due));
    }

    #[test]
    fn a_map_is_a_list_of_its_pairs() {
        let pairs = Type::list(record(&[("key", Type::String), ("value", Type::Decimal)]));
        assert!(Type::map(Type::String, Type::Int).fits(&pairs));
        assert!(!pairs.fits(&Type::map(Type::String, Type::Int)));
    }
}
