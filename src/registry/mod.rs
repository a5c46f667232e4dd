//! What a function, an aggregate and an evidence format *are*, and look-up by name.
//!
//! Job: the descriptors that are the seam between checker and engine. `check` reads the
//! signature, `eval` and `engine` the body, docs and editors the text. May import: `data`,
//! `units`, `diag`. Deliberately absent: any list of functions (see `builtins`), and any code
//! that asks for a function by its name.

mod signature;

pub use signature::{Mismatch, Parameter, ParameterKind, Pattern, Resolved, Signature, SignatureError};

use crate::data::{Column, Fault, Num, Origin, Type, Value};
use std::any::Any;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A function of the language: everything that anybody needs to know of it.
#[derive(Debug, Clone, Copy)]
pub struct Function {
    /// Its name.
    pub name: &'static str,
    /// How a call reads aloud: `{0}`, `{1}` stand for its arguments, `{*}` for all of them, `{is}`
    /// for `is` or `are` as their number asks. Of a function that gives a `bool` it is a clause,
    /// of others the value. Empty: the call is shown as it is written.
    pub phrase: &'static str,
    /// The page it stands on in the reference: `numbers`, `texts`, `lists`, ..
    pub family: &'static str,
    /// Its signature in the notation of [`Signature::parse`], such as `(xs: list<O>) -> O?`.
    pub signature: &'static str,
    /// What it is for, in one or a few sentences; the first stands alone.
    pub doc: &'static str,
    /// Expressions with the result that they give, as printed in a message. A test runs them.
    pub examples: &'static [Example],
    /// The language version it came with.
    pub since: u32,
    /// Types its result when the signature cannot say it; gets the argument types without the
    /// `?` that lifting takes off, answers the result type or what is wrong in words. The
    /// signature still says the shape for docs. Called by [`Function::resolve`].
    pub typing: Option<Typing>,
    /// Arguments that must be constant, such as the share of a quantile. Those of an aggregate
    /// before its list always are.
    pub constants: &'static [Constant],
    /// Where the signature says `?`: whether the result is there all the same for the arguments
    /// that are constant (`None`: not constant), as in `div(x, 2)`. The checker drops the `?`.
    pub definite: Option<Definite>,
    /// What a true result proves about its arguments.
    pub narrows: Narrows,
    /// How it is computed.
    pub body: Body,
}

impl Function {
    /// Types a call: by its signature, then by [`Function::typing`]. See [`Signature::resolve`].
    ///
    /// # Errors
    /// Why the argument types do not fit.
    pub fn resolve(&self, signature: &Signature, arguments: &[Type]) -> Result<Resolved, Mismatch> {
        let mut resolved = signature.resolve(arguments)?;
        if let Some(typing) = self.typing
            && !arguments.iter().any(Type::is_unknown)
        {
            let lifts = |index| match signature.parameter(index).map(|p| &p.kind) {
                Some(ParameterKind::Value(pattern)) => pattern.lifts(),
                _ => false,
            };
            let bare = |(i, t): (usize, &Type)| if lifts(i) { t.present().clone() } else { t.clone() };
            let bare: Vec<Type> = arguments.iter().enumerate().map(bare).collect();
            let result = typing(&bare).map_err(|reason| Mismatch::Other { reason })?;
            resolved.result = if resolved.lifted { result.optional() } else { result };
        }
        Ok(resolved)
    }
}

/// An argument that has to be known when the policy is checked.
#[derive(Debug, Clone, Copy)]
pub struct Constant {
    /// Which argument, from 0; calls that leave it out are fine.
    pub argument: usize,
    /// Whether its value will do; what is wrong, in words, lower case, no full stop.
    pub check: fn(&Value) -> Result<(), String>,
}

/// From argument types to the result type, or what is wrong in words.
pub type Typing = fn(&[Type]) -> Result<Type, String>;

/// From the arguments that are constant (`None`: not constant) to whether the result is there.
pub type Definite = fn(&[Option<Value>]) -> bool;

/// Makes an empty accumulator from the types at the call and the arguments before the list.
pub type Start = fn(&CallTypes<'_>, &[Value]) -> Result<Box<dyn Accumulator>, Fault>;

/// An expression and its printed result.
#[derive(Debug, Clone, Copy)]
pub struct Example {
    /// The expression; it may use list, record and other literals.
    pub expression: &'static str,
    /// What a message would print for it.
    pub prints: &'static str,
}

/// What a true result proves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Narrows {
    /// Nothing.
    Nothing,
    /// Each argument that is a path is present (`present`, `filled`).
    ArgumentsPresent,
}

/// How a function is computed.
#[derive(Debug, Clone, Copy)]
pub enum Body {
    /// From its arguments alone. An argument is missing only where the signature takes `T?`;
    /// for the others the evaluator lifts: missing in, missing out.
    Scalar(fn(&CallTypes<'_>, &[Value]) -> Result<Value, Fault>),
    /// Over the elements of its last argument, a list.
    Aggregate(Aggregate),
    /// From its arguments and what is known of the evidence. A parameter of kind
    /// [`ParameterKind::Evidence`] gets an evidence's name as a text, or a row.
    Ambient(fn(&CallTypes<'_>, &[Value], &dyn Ambient) -> Result<Value, Fault>),
    /// A form that the checker turns into an expression of its own (`result`, `faults`,
    /// `members`): it is never called.
    Form,
}

/// Static types at a call, for functions that print or convert.
#[derive(Debug, Clone, Copy)]
pub struct CallTypes<'a> {
    /// Types of the arguments as passed.
    pub arguments: &'a [Type],
    /// The type of the result, `?` included.
    pub result: &'a Type,
}

/// A function over the elements of a list, computable in parts that merge.
#[derive(Debug, Clone, Copy)]
pub struct Aggregate {
    /// Makes an empty accumulator; gets the arguments before the list (they are constant).
    pub start: Start,
    /// Whether it can take an element that counts as beyond every other: `missing worst`.
    pub extremes: bool,
    /// How its memory grows; says whether it can stream.
    pub memory: AggregateMemory,
    /// Whether `decide certified` may ask for a bound on it.
    pub certify: Certify,
}

/// How the memory of an aggregate grows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AggregateMemory {
    /// Not at all: streams.
    Constant,
    /// With the count of distinct values: streams, charged to the memory limit.
    DistinctValues,
    /// With the rows: its list is held in memory.
    Rows,
}

/// What kind of exact bound there is for an aggregate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Certify {
    /// None.
    No,
    /// An order statistic (quantiles).
    Quantile,
    /// A proportion.
    Ratio,
}

/// Collects the elements of a list. Parts made by several threads merge to the same result in
/// any order: `ordinal` is an element's place in evidence order.
pub trait Accumulator: Send {
    /// Takes one element.
    fn push(&mut self, value: &Value, ordinal: u64) -> Result<(), Fault>;

    /// Takes the chosen rows of a column; `first` is the ordinal of its row 0.
    fn push_column(&mut self, column: &Column, rows: &[u32], first: u64) -> Result<(), Fault> {
        rows.iter().try_for_each(|r| self.push(&column.value(*r as usize), first + u64::from(*r)))
    }

    /// Takes an element that counts as beyond every other (`missing worst`). False: it has no
    /// such element, which the checker rules out by [`Aggregate::extremes`]. A share takes
    /// [`Extreme::Above`] as true, the others as false.
    fn push_extreme(&mut self, extreme: Extreme) -> bool;

    /// Takes over what another accumulator of the same call has collected.
    fn merge(&mut self, other: Box<dyn Accumulator>) -> Result<(), Fault>;

    /// The result over all that was taken.
    fn finish(&self) -> Result<Figure, Fault>;

    /// How many elements were taken, extremes included.
    fn count(&self) -> u64;

    /// Bytes held, roughly.
    fn held(&self) -> u64;

    /// Whether the result depends on what the elements are, and not only on how many there are:
    /// if not, nobody has to read them.
    fn reads_elements(&self) -> bool {
        true
    }

    /// For [`Accumulator::merge`].
    fn into_any(self: Box<Self>) -> Box<dyn Any>;

    /// What exact bounds are made of (`decide certified`); there whenever [`Aggregate::certify`]
    /// says so.
    fn counted(&self) -> Option<Counted<'_>> {
        None
    }
}

/// What an aggregate has counted, as exact bounds need it.
pub enum Counted<'a> {
    /// A quantile: its elements in order.
    Quantile(&'a dyn InOrder),
    /// A share.
    Ratio {
        /// How many elements are true.
        hits: u64,
        /// How many there are.
        total: u64,
    },
}

/// Elements that can be asked by size; extremes lie below or above all others.
pub trait InOrder {
    /// The share that the quantile speaks of.
    fn share(&self) -> Num;
    /// How many elements are at most `limit`.
    fn at_most(&self, limit: &Value) -> u64;
    /// How many elements are less than `limit`.
    fn less_than(&self, limit: &Value) -> u64;
    /// The `k`-th smallest element, from 1; `None` when there are not as many.
    fn kth(&self, k: u64) -> Option<Figure>;
}

/// An element beyond every other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extreme {
    /// Plus infinity.
    Above,
    /// Minus infinity.
    Below,
    /// A false one, for shares.
    False,
}

/// The result of an aggregate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Figure {
    /// A value, perhaps missing.
    Value(Value),
    /// Plus infinity: rows that count as worst took it there.
    Above,
    /// Minus infinity.
    Below,
}

/// What functions may ask about evidence.
pub trait Ambient {
    /// The files of an evidence.
    fn files(&self, evidence: &str) -> Result<Vec<FileFacts>, Fault>;
    /// The file that a row comes from.
    fn file_of(&self, origin: &Origin) -> Result<FileFacts, Fault>;
}

/// What `file(x)` tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileFacts {
    /// Its path as the policy or the command line says it.
    pub path: Arc<str>,
    /// SHA-256 of its bytes, 64 hexadecimal digits.
    pub sha256: Arc<str>,
    /// Its size.
    pub bytes: u64,
    /// `as_of` minus the instant that freshness goes by; missing without `fresh`.
    pub age: Value,
}

/// An evidence format: enough to choose it, check its options and document it. The reader itself
/// is `evidence::readers`'.
#[derive(Debug, Clone, Copy)]
pub struct Format {
    /// Its name after `format`.
    pub name: &'static str,
    /// File endings that choose it, without the dot.
    pub extensions: &'static [&'static str],
    /// What it reads, for the reference.
    pub doc: &'static str,
    /// Options in braces: name, the kind of value, what it is for.
    pub options: &'static [FormatOption],
    /// Whether one file holds one value (JSON, YAML) and not rows.
    pub nested: bool,
    /// Whether its rows are cells of text: a field is a single value then.
    pub cells: bool,
}

/// An option of an evidence format.
#[derive(Debug, Clone, Copy)]
pub struct FormatOption {
    /// Its name.
    pub name: &'static str,
    /// What it takes.
    pub value: FormatOptionValue,
    /// What it is for.
    pub doc: &'static str,
}

/// What an option takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FormatOptionValue {
    /// A quoted text.
    Text,
    /// `true` or `false`.
    Bool,
    /// One ASCII character in quotes, no quote and no line break.
    Sign,
}

/// All functions and formats of one run, by name.
#[derive(Debug, Clone, Default)]
pub struct Registry {
    functions: BTreeMap<&'static str, (Arc<Function>, Arc<Signature>)>,
    formats: BTreeMap<&'static str, Format>,
}

impl Registry {
    /// Adds a function.
    ///
    /// # Errors
    /// A signature that cannot be read, or a name that is taken.
    pub fn add_function(&mut self, function: &Function) -> Result<(), SignatureError> {
        let signature = Signature::parse(function.signature)?;
        if self.functions.contains_key(function.name) {
            return Err(SignatureError(format!("function `{}` is registered twice", function.name)));
        }
        self.functions.insert(function.name, (Arc::new(*function), Arc::new(signature)));
        Ok(())
    }

    /// Adds an evidence format; the last of a name wins.
    pub fn add_format(&mut self, format: &Format) {
        self.formats.insert(format.name, *format);
    }

    /// A function and its signature.
    pub fn function(&self, name: &str) -> Option<(&Arc<Function>, &Arc<Signature>)> {
        self.functions.get(name).map(|(f, s)| (f, s))
    }

    /// All functions by name.
    pub fn functions(&self) -> impl Iterator<Item = (&Arc<Function>, &Arc<Signature>)> {
        self.functions.values().map(|(f, s)| (f, s))
    }

    /// A format by name.
    pub fn format(&self, name: &str) -> Option<&Format> {
        self.formats.get(name)
    }

    /// The format that a file name's ending chooses.
    pub fn format_of(&self, path: &str) -> Option<&Format> {
        let (_, ending) = path.rsplit_once('.')?;
        self.formats.values().find(|f| f.extensions.contains(&ending))
    }

    /// All formats by name.
    pub fn formats(&self) -> impl Iterator<Item = &Format> {
        self.formats.values()
    }
}
