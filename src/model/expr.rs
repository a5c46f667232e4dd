//! Typed expressions. Each node knows its type; names are resolved to ids.

use super::{DefId, EvidenceId, GateId, LetId, LocalId, ParamId, Shape, SiteId};
use crate::data::{Type, Value};
use crate::registry::Function;
use crate::source::Span;
use std::sync::Arc;

/// A typed expression.
#[derive(Debug, Clone)]
pub struct Expr {
    /// What it is.
    pub kind: Box<ExprKind>,
    /// The type of its value.
    pub ty: Type,
    /// Where it was written.
    pub span: Span,
}

/// What a typed expression is.
///
/// **Missing**: `Field`, `ListIndex`, `MapLookup`, `Arithmetic`, `Negate`, `Call` (by its
/// signature) and `CallDef` lift: a missing operand gives a missing result. Conditions never
/// see a missing value; the checker has made sure.
#[derive(Debug, Clone)]
pub enum ExprKind {
    /// Holds the place of something that was reported; never in a [`super::CheckedPolicy`].
    Unknown,
    /// A constant.
    Literal(Value),
    /// A bound name.
    Local(LocalId),
    /// A `let` of the policy.
    Let(LetId),
    /// A `param` of the policy.
    Param(ParamId),
    /// A whole evidence: the document, or the list of its rows.
    Evidence(EvidenceId),
    /// The instant of evaluation.
    AsOf,
    /// The release candidate, a record.
    Candidate,
    /// The result of another gate, a record.
    Result(GateId),
    /// A field of a record, by position in the record's type.
    Field {
        /// The record; may be missing.
        base: Expr,
        /// Which field.
        index: usize,
    },
    /// `xs[i]`, from 0; missing when out of range.
    ListIndex {
        /// The list.
        base: Expr,
        /// The position.
        index: Expr,
    },
    /// `m[k]`; missing when there is no such key.
    MapLookup {
        /// The map.
        base: Expr,
        /// The key.
        key: Expr,
    },
    /// `xs[].f..`: `body` of each element, in order.
    Project {
        /// Its site.
        site: SiteId,
        /// The list.
        list: Expr,
        /// The element.
        item: LocalId,
        /// What is made of each.
        body: Expr,
        /// Whether `body` is a list whose elements are taken (one level).
        flatten: bool,
    },
    /// `-x`
    Negate(Expr),
    /// `not x`
    Not(Expr),
    /// `a + b` and so on. Division by zero is missing.
    Arithmetic {
        /// Which.
        op: ArithmeticOp,
        /// Left side.
        left: Expr,
        /// Right side.
        right: Expr,
    },
    /// `a and b`: `b` only where `a` holds.
    And(Expr, Expr),
    /// `a or b`: `b` only where `a` does not hold.
    Or(Expr, Expr),
    /// `a implies b`: `b` only where `a` holds.
    Implies(Expr, Expr),
    /// `a ?? b`: `b` only where `a` is missing.
    Coalesce(Expr, Expr),
    /// `a == b` and so on; equality by parts, missing never met.
    Compare {
        /// Which sign.
        op: CompareOp,
        /// Left side.
        left: Expr,
        /// Right side.
        right: Expr,
    },
    /// `x in xs` (list or map keys).
    In {
        /// What is looked for.
        item: Expr,
        /// The list, or the map whose keys are meant.
        list: Expr,
        /// Whether `list` is a map.
        keys: bool,
    },
    /// `x in low..high`, both ends included.
    InRange {
        /// What is judged.
        item: Expr,
        /// Lower end.
        low: Expr,
        /// Upper end.
        high: Expr,
    },
    /// `x like ".."`, `x matches /../`
    Match {
        /// The text judged.
        text: Expr,
        /// The compiled pattern.
        pattern: Arc<Pattern>,
    },
    /// `x is T`: of a `json` value, whether it can be read as `T`; of a text, whether it is a
    /// word of the enum or meets the refinement. False of a missing value.
    Is {
        /// What is judged.
        subject: Expr,
        /// The shape asked for.
        shape: Arc<Shape>,
    },
    /// `faults(x, T)`: why `x` is not a `T`, as texts; `schema_faults(x, C)`: what the schema that
    /// `C` is paired with says of it.
    Faults {
        /// What is judged.
        subject: Expr,
        /// The shape asked for.
        shape: Arc<Shape>,
        /// Who judges.
        by: Judge,
    },
    /// `x` where a fact proves that it is not missing, or `x is T` has decoded it to `T`
    /// (then `shape` says how). Without a shape the value is passed on as it is, missing or not:
    /// only its static type is another one.
    Narrowed {
        /// The value.
        value: Expr,
        /// Decode it first.
        shape: Option<Arc<Shape>>,
    },
    /// `if c then a else b`
    If {
        /// The condition.
        condition: Expr,
        /// The value when it holds.
        then: Expr,
        /// The value when it does not.
        otherwise: Expr,
    },
    /// A function of the registry. For an aggregate the last argument is the list.
    Call {
        /// Its site.
        site: SiteId,
        /// The function.
        function: Arc<Function>,
        /// Its arguments, converted to what the signature asks for.
        arguments: Vec<Expr>,
        /// Whether a missing argument makes the result missing without a call.
        lifted: bool,
    },
    /// A `def` of the policy. Lifts where the parameter's type is not optional.
    CallDef {
        /// Which.
        def: DefId,
        /// Its arguments.
        arguments: Vec<Expr>,
    },
    /// In a metric: the aggregate of each row of the sample with this number in
    /// [`super::Metric::row_aggregates`].
    RowAggregate(usize),
    /// `[a, b]`, and table literals (a list of records).
    List(Vec<Expr>),
    /// `{"k": v}`; a repeated key is refused by the checker or, if not constant, the last wins.
    Map(Vec<(Expr, Expr)>),
    /// A record, one expression for each field of its type, in its order.
    Record(Vec<Expr>),
    /// A record made to fit another record type: for each field of the result, the field of the
    /// base or (`None`) missing.
    Reshape {
        /// The record; may be missing.
        base: Expr,
        /// Positions in the base.
        fields: Vec<Option<usize>>,
    },
    /// Each element made to fit another element type.
    ReshapeEach {
        /// The list; may be missing.
        base: Expr,
        /// The element.
        item: LocalId,
        /// What is made of each.
        body: Expr,
    },
    /// `exists x in xs where f: p`
    Quantified {
        /// Its site.
        site: SiteId,
        /// Which of the three.
        quantifier: Quantifier,
        /// The variable.
        item: LocalId,
        /// The list (its filters are in the pipeline).
        source: Expr,
        /// What is asked of each.
        body: Expr,
    },
    /// A list taken through stages. Its value is the list of rows (or of single values) after
    /// the last stage.
    Pipeline {
        /// The list it starts from.
        source: Expr,
        /// What each element is called first.
        row: LocalId,
        /// Steps in order.
        stages: Vec<Stage>,
        /// Which local is an element of the result.
        result: LocalId,
    },
    /// A text with values printed in it.
    Interpolate(Arc<Message>),
}

/// A step of a pipeline. Each element in flight is a set of bound locals.
#[derive(Debug, Clone)]
pub enum Stage {
    /// Keeps the elements for which the condition holds.
    Where {
        /// Its site.
        site: SiteId,
        /// The condition.
        condition: Expr,
    },
    /// Binds one more local: `with x = e` next to aliases, and also how an unnamed row gets a
    /// column (`value` is then the record with the new field) or is replaced (`select`).
    Bind {
        /// The local.
        local: LocalId,
        /// Its value.
        value: Expr,
    },
    /// For each element and each element of `source`: both.
    Join(JoinStage),
    /// One element for each distinct key, in order of first appearance: a record of the keys
    /// and of `group`, a record with the one field `rows`.
    Group {
        /// Its site.
        site: SiteId,
        /// The keys.
        keys: Vec<Expr>,
        /// What is kept of each member.
        member: Expr,
        /// The group's record.
        row: LocalId,
    },
    /// Sorts; equal elements keep their order.
    Sort {
        /// Keys in order of weight.
        keys: Vec<SortKey>,
    },
    /// Keeps the first element of each distinct key.
    Distinct {
        /// The keys (the whole element when none were written).
        keys: Vec<Expr>,
    },
    /// Binds the position of the element among those with equal keys, from 1.
    Number {
        /// The keys; none means the position in the whole list.
        keys: Vec<Expr>,
        /// The local that holds the number.
        local: LocalId,
    },
}

/// `join list as name`
#[derive(Debug, Clone)]
pub struct JoinStage {
    /// Its site.
    pub site: SiteId,
    /// The list; it may use the locals bound so far.
    pub source: Expr,
    /// The name of its element.
    pub local: LocalId,
}

/// One key of `sort by`.
#[derive(Debug, Clone)]
pub struct SortKey {
    /// The key.
    pub key: Expr,
    /// Largest first.
    pub descending: bool,
}

/// Operators on numbers and quantities.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ArithmeticOp {
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`
    Divide,
}

/// The six comparison signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CompareOp {
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `<=`
    AtMost,
    /// `>=`
    AtLeast,
    /// `<`
    Less,
    /// `>`
    Greater,
}

impl CompareOp {
    /// The sign as written.
    pub fn sign(self) -> &'static str {
        match self {
            Self::Equal => "==",
            Self::NotEqual => "!=",
            Self::AtMost => "<=",
            Self::AtLeast => ">=",
            Self::Less => "<",
            Self::Greater => ">",
        }
    }

    /// Whether an order of two values satisfies the sign.
    pub fn holds(self, order: std::cmp::Ordering) -> bool {
        match self {
            Self::Equal => order.is_eq(),
            Self::NotEqual => order.is_ne(),
            Self::AtMost => order.is_le(),
            Self::AtLeast => order.is_ge(),
            Self::Less => order.is_lt(),
            Self::Greater => order.is_gt(),
        }
    }
}

/// `exists`, `every`, `no`
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Quantifier {
    /// At least one; false over nothing.
    Exists,
    /// All of them; true over nothing.
    Every,
    /// Not one; true over nothing.
    No,
}

/// A compiled pattern for texts; matching takes linear time.
#[derive(Debug, Clone)]
pub struct Pattern {
    /// As written.
    pub text: Arc<str>,
    /// Whether it is a glob (`like`) and not a regular expression (`matches`).
    pub glob: bool,
    /// The compiled form (globs are translated).
    pub regex: regex::Regex,
}

/// A text with values in it.
#[derive(Debug, Clone)]
pub struct Message {
    /// Parts in order.
    pub parts: Vec<MessagePart>,
    /// Where it was written, quotes included.
    pub span: Span,
}

/// A part of a message.
#[derive(Debug, Clone)]
pub enum MessagePart {
    /// Literal text.
    Text(Arc<str>),
    /// A value, printed under its type.
    Value {
        /// The value; may be missing, then it prints as `(missing)`.
        value: Expr,
        /// How, if not in the shortest exact form.
        format: Option<MessageFormat>,
    },
}

/// The word after the colon in `{x : ms}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageFormat(pub Arc<str>);

/// Who says what is wrong with a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Judge {
    /// Fields and rules of the shape.
    Shape,
    /// The JSON Schema that the contract is paired with.
    Schema,
}
