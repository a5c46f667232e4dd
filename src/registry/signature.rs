//! Signatures of functions: `(x: N, xs: list<T?>, ks: T...) -> T?`, and what they make of argument types.
//!
//! Type variables: `T`, `U` any type · `O` ordered · `N` a number or quantity · `E` an enum ·
//! `R` a record. A lower-case word is a type of the language (`int`, `duration`, `list<T>`,
//! `map<K, T>`, `json`). `T...` takes one or more. A parameter written `enum E`, `type T`,
//! `gate G` or `evidence X` takes a name instead of a value.

use crate::data::Type;

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
    /// A type without parameters.
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
    /// The type that each value argument has to be converted to (names: [`Type::Unknown`]).
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
}

impl Signature {
    /// Reads the notation above.
    ///
    /// # Errors
    /// Says in words what cannot be read.
    pub fn parse(text: &str) -> Result<Self, SignatureError> {
        Err(SignatureError(format!("cannot read `{text}`")))
    }

    /// Fits a call's argument types (for a parameter that takes a name: `Type::Unknown`).
    ///
    /// `int` fits where `decimal` or `ratio` is due, `T` where `T?` is due, `Never` and
    /// `Unknown` anywhere; a variable met twice takes the wider type.
    ///
    /// # Errors
    /// The first argument that does not fit.
    pub fn resolve(&self, arguments: &[Type]) -> Result<Resolved, Mismatch> {
        Err(Mismatch::Count { expected: self.parameters.len().to_string(), found: arguments.len() })
    }
}
