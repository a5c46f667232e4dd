//! Signatures of functions: `(x: N, xs: list<T?>, ks: T...) -> T?`, and what they make of argument types.
//!
//! Type variables, told apart by their letter; a digit makes another one (`R2`): `O` ordered ·
//! `N` a number or quantity · `E` an enum · `R` a record · `A` any type, inside a list even one
//! that may be missing · any other letter: any type. A lower-case word is a type of the language
//! (`int`, `duration`, `list<T>`, `map<K, T>`, `json`); `any` takes anything, each argument for
//! itself. `T...` takes one or more, `[x: T]` may be left out. A parameter written `enum E`,
//! `type T`, `gate G` or `evidence X` takes a name instead of a value.

mod notation;

use crate::data::{Field, RecordType, Type};
use notation::Reader;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// A parsed signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// Parameters in order.
    pub parameters: Vec<Parameter>,
    /// The result, in the notation of the text.
    pub result: Pattern,
}

/// One parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameter {
    /// Its name, for docs and messages.
    pub name: String,
    /// What it takes.
    pub kind: ParameterKind,
    /// Whether it may be repeated (only the last one).
    pub repeated: bool,
    /// Whether it may be left out (only the last ones).
    pub optional: bool,
}

/// What a parameter takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ParameterKind {
    /// A value of this shape.
    Value(Pattern),
    /// The name of an enum.
    Enum(String),
    /// A type.
    Type(String),
    /// A contract that is paired with a schema.
    Contract(String),
    /// The id of a gate.
    Gate,
    /// The name of an evidence, or a row of one.
    Evidence,
}

/// A type with variables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pattern {
    /// A type variable.
    Variable(String),
    /// A type without parameters; [`Type::Unknown`] stands for `any`.
    Exact(Type),
    /// `list<..>`
    List(Box<Pattern>),
    /// `map<.., ..>`
    Map(Box<Pattern>, Box<Pattern>),
    /// `..?`: the value may be missing.
    Optional(Box<Pattern>),
    /// `field of R`
    FieldOf(String),
    /// A record with these fields, such as `{path: string, bytes: bytes}`.
    Record(Vec<(String, Pattern)>),
}

/// A signature that cannot be read: a bug in a descriptor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignatureError(pub String);

/// What a signature makes of the argument types of one call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolved {
    /// The type that each value argument has to be converted to (names: [`Type::Unknown`]);
    /// optional where the argument is and the call lifts.
    pub arguments: Vec<Type>,
    /// The result, made optional when a missing argument would be lifted.
    pub result: Type,
    /// Whether some argument may be missing where a value is due, so that the call lifts.
    pub lifted: bool,
}

/// Why argument types do not fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mismatch {
    /// Too few or too many.
    Count {
        /// How many are due, in words: `2`, `1 or more`.
        expected: String,
        /// How many there are.
        found: usize,
    },
    /// One argument has another type.
    Argument {
        /// Which one, from 0.
        index: usize,
        /// What is due, as people write it: `list of an ordered type`, `duration`.
        expected: String,
        /// What is there.
        found: Type,
    },
    /// A list whose elements may be missing where they must not.
    MissingElements {
        /// Which argument, from 0.
        index: usize,
        /// The list's type.
        found: Type,
    },
    /// What [`super::Function::typing`] says is wrong, in words.
    Other {
        /// Lower case, no full stop.
        reason: String,
    },
}

impl Signature {
    /// Reads the notation above.
    ///
    /// # Errors
    /// Says in words what cannot be read.
    pub fn parse(text: &str) -> Result<Self, SignatureError> {
        let mut reader = Reader::new(text);
        let signature = reader.signature()?;
        let last = signature.parameters.len().saturating_sub(1);
        let mut left_out = false;
        for (i, parameter) in signature.parameters.iter().enumerate() {
            if (parameter.repeated && i != last) || (left_out && !parameter.optional) {
                return Err(reader.error("a parameter that may be repeated or left out before one that may not"));
            }
            left_out = parameter.optional;
        }
        Ok(signature)
    }

    /// Fits a call's argument types. For a parameter that takes a name: `Type::Unknown`, or the
    /// type named, which binds the variable of `enum E` and `type T`.
    ///
    /// `int` fits where `decimal` or `ratio` is due, `T` where `T?` is due, a map where a list is
    /// due, `Never` and `Unknown` anywhere; a variable met twice takes the wider type. A value
    /// that may be missing makes the call lift, unless a list or map is due.
    ///
    /// # Errors
    /// The first argument that does not fit.
    pub fn resolve(&self, arguments: &[Type]) -> Result<Resolved, Mismatch> {
        let least = self.parameters.iter().filter(|p| !p.optional).count();
        let most = if self.parameters.last().is_some_and(|p| p.repeated) { usize::MAX } else { self.parameters.len() };
        if !(least..=most).contains(&arguments.len()) {
            return Err(Mismatch::Count { expected: count_in_words(least, most), found: arguments.len() });
        }
        let mut bound = Bindings::default();
        let mut lifted = false;
        for (index, found) in arguments.iter().enumerate() {
            let Some(parameter) = self.parameter(index) else { continue };
            let pattern = match &parameter.kind {
                ParameterKind::Value(pattern) => pattern,
                ParameterKind::Enum(variable) | ParameterKind::Type(variable) => {
                    bound.0.insert(variable.clone(), found.clone());
                    continue;
                }
                ParameterKind::Contract(_) | ParameterKind::Gate | ParameterKind::Evidence => continue,
            };
            let before = Bindings(bound.0.clone());
            let lifts = found.is_optional() && pattern.lifts();
            lifted |= lifts;
            let fit = match found {
                Type::Optional(_) if matches!(pattern, Pattern::List(_) | Pattern::Map(..)) => Fit::No,
                found => bound.fit(pattern, if lifts { found.present() } else { found }),
            };
            match fit {
                Fit::Yes => {}
                Fit::MissingElements => return Err(Mismatch::MissingElements { index, found: found.clone() }),
                Fit::No => {
                    let expected = before.describe(pattern);
                    return Err(Mismatch::Argument { index, expected, found: found.clone() });
                }
            }
        }
        let target = |(index, found): (usize, &Type)| match self.parameter(index).map(|p| &p.kind) {
            Some(ParameterKind::Value(pattern)) if found.is_optional() && pattern.lifts() => {
                bound.make(pattern, Some(found.present())).optional()
            }
            Some(ParameterKind::Value(pattern)) => bound.make(pattern, Some(found)),
            _ => Type::Unknown,
        };
        let result = bound.make(&self.result, None);
        Ok(Resolved {
            arguments: arguments.iter().enumerate().map(target).collect(),
            result: if lifted { result.optional() } else { result },
            lifted,
        })
    }

    /// The parameter that takes the argument at this place; a repeated one takes all that follow.
    pub fn parameter(&self, index: usize) -> Option<&Parameter> {
        self.parameters.get(index).or_else(|| self.parameters.last().filter(|p| p.repeated))
    }
}

impl Pattern {
    /// Whether a missing argument makes a call's result missing. Lists and maps do not: a list
    /// that may be missing is refused, so that nobody takes "no list" for "no rows".
    pub(super) fn lifts(&self) -> bool {
        !matches!(self, Self::Optional(_) | Self::List(_) | Self::Map(..))
    }
}

fn count_in_words(least: usize, most: usize) -> String {
    match most {
        usize::MAX => format!("{least} or more"),
        most if most == least => least.to_string(),
        most if most == least + 1 => format!("{least} or {most}"),
        most => format!("{least} to {most}"),
    }
}

/// What a type variable may stand for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Any,
    AnyOrMissing,
    Ordered,
    Number,
    Enum,
    Record,
}

impl Kind {
    fn of(variable: &str) -> Self {
        match variable.chars().next() {
            Some('A') => Self::AnyOrMissing,
            Some('O') => Self::Ordered,
            Some('N') => Self::Number,
            Some('E') => Self::Enum,
            Some('R') => Self::Record,
            _ => Self::Any,
        }
    }

    fn takes(self, ty: &Type) -> bool {
        match self {
            Self::Any | Self::AnyOrMissing => true,
            Self::Ordered => ty.is_ordered(),
            Self::Number => ty.dimension().is_some(),
            Self::Enum => matches!(ty, Type::Enum(_)),
            Self::Record => matches!(ty, Type::Record(_)),
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::Any | Self::AnyOrMissing => "anything",
            Self::Ordered => "an ordered type",
            Self::Number => "a number or quantity",
            Self::Enum => "an enum",
            Self::Record => "a record",
        }
    }
}

enum Fit {
    Yes,
    MissingElements,
    No,
}

impl From<bool> for Fit {
    fn from(fits: bool) -> Self {
        if fits { Self::Yes } else { Self::No }
    }
}

/// What each type variable stands for so far.
#[derive(Default)]
struct Bindings(BTreeMap<String, Type>);

impl Bindings {
    fn fit(&mut self, pattern: &Pattern, found: &Type) -> Fit {
        let fit = match (pattern, found) {
            (Pattern::Optional(inner), found) => return self.fit(inner, found.present()),
            (Pattern::Variable(name), found) => self.bind(name, found),
            (_, Type::Unknown | Type::Never) | (Pattern::Exact(Type::Unknown), _) => !found.is_optional(),
            (Pattern::Exact(due), found) => found.fits(due),
            (Pattern::List(inner), Type::List(_) | Type::Map(..)) => {
                return found.element().map_or(Fit::No, |element| self.fit(inner, &element));
            }
            (Pattern::Map(key, value), Type::Map(found_key, found_value)) => {
                return match self.fit(key, found_key) {
                    Fit::Yes => self.fit(value, found_value),
                    other => other,
                };
            }
            (Pattern::FieldOf(variable), Type::Enum(_)) => match self.0.get(variable) {
                Some(Type::Record(record)) => *found == Type::Enum(Arc::new(record.field_enum())),
                _ => true,
            },
            (Pattern::Record(fields), Type::Record(record)) => {
                for (name, inner) in fields {
                    match record.field(name).map(|(_, ty)| self.fit(inner, ty)) {
                        Some(Fit::Yes) => {}
                        Some(other) => return other,
                        None if matches!(inner, Pattern::Optional(_)) => {}
                        None => return Fit::No,
                    }
                }
                true
            }
            _ => false,
        };
        match found {
            // Would it fit, were it not for the `?`: then say that.
            Type::Optional(inner) if !fit => match self.fit(pattern, inner) {
                Fit::No => Fit::No,
                _ => Fit::MissingElements,
            },
            _ => fit.into(),
        }
    }

    fn bind(&mut self, name: &str, found: &Type) -> bool {
        let kind = Kind::of(name);
        let takes = match found {
            Type::Unknown | Type::Never => true,
            Type::Optional(_) => kind == Kind::AnyOrMissing,
            found => kind.takes(found),
        };
        let joined = match self.0.get(name) {
            Some(before) => before.join(found),
            None => Some(found.clone()),
        };
        match joined {
            Some(joined) if takes => {
                self.0.insert(name.to_owned(), joined);
                true
            }
            _ => false,
        }
    }

    /// The type that a pattern stands for; `found` answers for `any`.
    fn make(&self, pattern: &Pattern, found: Option<&Type>) -> Type {
        match pattern {
            Pattern::Variable(name) => self.0.get(name).cloned().unwrap_or(Type::Unknown),
            Pattern::Exact(Type::Unknown) => found.cloned().unwrap_or(Type::Unknown),
            Pattern::Exact(ty) => ty.clone(),
            Pattern::List(inner) => Type::list(self.make(inner, found.and_then(Type::element).as_ref())),
            Pattern::Map(key, value) => {
                let (found_key, found_value) = match found {
                    Some(Type::Map(k, v)) => (Some(&**k), Some(&**v)),
                    _ => (None, None),
                };
                Type::map(self.make(key, found_key), self.make(value, found_value))
            }
            Pattern::Optional(inner) => self.make(inner, found.map(Type::present)).optional(),
            Pattern::FieldOf(variable) => match self.0.get(variable) {
                Some(Type::Record(record)) => Type::Enum(Arc::new(record.field_enum())),
                _ => Type::Unknown,
            },
            Pattern::Record(fields) => {
                let field = |(name, inner): &(String, Pattern)| Field {
                    name: name.as_str().into(),
                    ty: self.make(inner, None),
                };
                Type::Record(Arc::new(RecordType { name: None, fields: fields.iter().map(field).collect() }))
            }
        }
    }

    /// What is due, in words.
    fn describe(&self, pattern: &Pattern) -> String {
        match pattern {
            Pattern::Variable(name) => match self.0.get(name) {
                Some(ty) if !matches!(ty, Type::Unknown | Type::Never) => ty.to_string(),
                _ => Kind::of(name).words().to_owned(),
            },
            Pattern::Exact(Type::Unknown) => "anything".to_owned(),
            Pattern::Exact(ty) => ty.to_string(),
            Pattern::List(inner) => match self.describe(inner).as_str() {
                "anything" => "a list".to_owned(),
                inner => format!("list of {inner}"),
            },
            Pattern::Map(key, value) => match (self.describe(key).as_str(), self.describe(value).as_str()) {
                ("anything", "anything") => "a map".to_owned(),
                (key, value) => format!("map from {key} to {value}"),
            },
            Pattern::Optional(inner) => self.describe(inner),
            Pattern::FieldOf(variable) => match self.0.get(variable) {
                Some(ty @ Type::Record(_)) => format!("field of {ty}"),
                _ => "a field of a record".to_owned(),
            },
            Pattern::Record(fields) => {
                let names: Vec<_> = fields.iter().map(|(name, _)| format!("`{name}`")).collect();
                format!("a record with {}", names.join(", "))
            }
        }
    }
}

impl fmt::Display for Pattern {
    /// In the notation of signatures.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Variable(name) => f.write_str(name),
            Self::Exact(Type::Unknown) => f.write_str("any"),
            Self::Exact(ty) => write!(f, "{ty}"),
            Self::List(inner) => write!(f, "list<{inner}>"),
            Self::Map(key, value) => write!(f, "map<{key}, {value}>"),
            Self::Optional(inner) => write!(f, "{inner}?"),
            Self::FieldOf(variable) => write!(f, "field of {variable}"),
            Self::Record(fields) => {
                let fields: Vec<_> = fields.iter().map(|(name, ty)| format!("{name}: {ty}")).collect();
                write!(f, "{{{}}}", fields.join(", "))
            }
        }
    }
}

impl fmt::Display for Signature {
    /// In the notation of signatures.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parameter = |p: &Parameter| {
            let text = match &p.kind {
                ParameterKind::Value(pattern) => format!("{}: {pattern}", p.name),
                ParameterKind::Enum(name) => format!("enum {name}"),
                ParameterKind::Type(name) => format!("type {name}"),
                ParameterKind::Contract(name) => format!("contract {name}"),
                ParameterKind::Gate => format!("gate {}", p.name),
                ParameterKind::Evidence => format!("evidence {}", p.name),
            };
            match (p.repeated, p.optional) {
                (true, _) => format!("{text}..."),
                (_, true) => format!("[{text}]"),
                _ => text,
            }
        };
        let parameters: Vec<_> = self.parameters.iter().map(parameter).collect();
        write!(f, "({}) -> {}", parameters.join(", "), self.result)
    }
}

#[cfg(test)]
mod tests;
