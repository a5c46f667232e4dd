//! The syntax tree: what was written, with its places, before any meaning.
//!
//! Every node keeps its [`Span`]. Parts that could not be parsed are `Broken` nodes, which later
//! layers accept in silence, because the mistake has been reported already.

use crate::source::{SourceId, Span};

/// One `.gate` or `.profile` file.
#[derive(Debug, Clone, PartialEq)]
pub struct File {
    /// Its text.
    pub source: SourceId,
    /// Declarations in the order written, broken ones included.
    pub declarations: Vec<Declaration>,
    /// All comments in the order written, doc comments included.
    pub comments: Vec<Comment>,
}

/// A comment, from its `#` to the end of the line.
#[derive(Debug, Clone, PartialEq)]
pub struct Comment {
    /// Where it stands, without the line's end.
    pub span: Span,
    /// Whether it starts with `##`.
    pub doc: bool,
}

/// A word or a dotted name, as written.
#[derive(Debug, Clone, PartialEq)]
pub struct Name {
    /// Its text (for quoted names: without the quotes).
    pub text: String,
    /// Where it stands.
    pub span: Span,
}

/// A quoted text without interpolation, escapes resolved.
pub type Text = Name;

/// One declaration with the `##` lines before it.
#[derive(Debug, Clone, PartialEq)]
pub struct Declaration {
    /// The doc comment, its lines joined with `\n`, without the `##`.
    pub doc: Option<String>,
    /// From the keyword to the last token.
    pub span: Span,
    /// What is declared.
    pub kind: DeclarationKind,
}

/// What is declared.
#[derive(Debug, Clone, PartialEq)]
pub enum DeclarationKind {
    /// `policy name { language 1 }`
    Policy(PolicyDecl),
    /// `type Natural = int where this >= 0`
    Type(TypeDecl),
    /// `enum Phase { a, b }`
    Enum(EnumDecl),
    /// `record R { .. }`
    Record(RecordDecl),
    /// `contract c { schema ".." .. }`
    Contract(ContractDecl),
    /// `param p = 24h`
    Param(LetDecl),
    /// `let t = ..`
    Let(LetDecl),
    /// `def f(x: T) : U = ..`
    Def(DefDecl),
    /// `evidence e { .. }`
    Evidence(EvidenceDecl),
    /// `gate g.x { .. }`
    Gate(GateDecl),
    /// `waiver w.x { .. }`
    Waiver(WaiverDecl),
    /// `test ".." { .. }`
    Test(TestDecl),
    /// `artifact a { .. }`
    Artifact(ArtifactDecl),
    /// `profile p { .. }`
    Profile(ProfileDecl),
    /// Could not be parsed; reported already. The name, if it could be read, so that
    /// references to it stay silent.
    Broken {
        /// The first word, if it is a declaration keyword.
        keyword: Option<Name>,
        /// The declared name, if one follows.
        name: Option<Name>,
    },
}

/// `policy name { language 1 }`
#[derive(Debug, Clone, PartialEq)]
pub struct PolicyDecl {
    /// The policy's name.
    pub name: Name,
    /// The language version, as written.
    pub language: Option<Name>,
    /// `waivers at most 90d`: for how long a waiver may be open.
    pub waivers: Option<Expr>,
}

/// `type name = type where condition`
#[derive(Debug, Clone, PartialEq)]
pub struct TypeDecl {
    /// Its name.
    pub name: Name,
    /// What it is.
    pub ty: TypeExpr,
    /// What every value of it meets; `this` is the value.
    pub condition: Option<Expr>,
}

/// `enum name { a, "b c", d = "x" or "y" else other }`
#[derive(Debug, Clone, PartialEq)]
pub struct EnumDecl {
    /// Its name.
    pub name: Name,
    /// Members in order.
    pub members: Vec<EnumMember>,
    /// The member that catches unknown words.
    pub otherwise: Option<Name>,
}

/// One member: a word or a quoted text, and its spellings in data if they differ.
#[derive(Debug, Clone, PartialEq)]
pub struct EnumMember {
    /// Its name.
    pub name: Name,
    /// Whether it was written in quotes.
    pub quoted: bool,
    /// Spellings in data; empty means the name itself.
    pub spellings: Vec<Text>,
}

/// `record name open { members }`
#[derive(Debug, Clone, PartialEq)]
pub struct RecordDecl {
    /// Its name.
    pub name: Name,
    /// Its fields and rules.
    pub body: Body,
}

/// `contract name { schema ".." members }`
#[derive(Debug, Clone, PartialEq)]
pub struct ContractDecl {
    /// Its name.
    pub name: Name,
    /// Paired JSON Schema references.
    pub schema: Vec<Text>,
    /// Its fields and rules.
    pub body: Body,
}

/// The inside of a record: `{ members }`, `open { .. }` or `open everywhere { .. }`.
#[derive(Debug, Clone, PartialEq)]
pub struct Body {
    /// The word `open`, if written.
    pub open: Option<Span>,
    /// The word `everywhere` behind it, if written.
    pub everywhere: Option<Span>,
    /// Members in order.
    pub members: Vec<Member>,
    /// From the brace (or `open`) to the closing brace.
    pub span: Span,
}

/// A part of a record body.
#[derive(Debug, Clone, PartialEq)]
pub enum Member {
    /// `name : type modifiers`
    Field(FieldDecl),
    /// `include R`
    Include(Name),
    /// `rule name: condition else ".."`
    Rule(RuleDecl),
    /// `advice name: condition else ".."`
    Advice(RuleDecl),
    /// Reported already; the field's name if it could be read.
    Broken(Option<Name>),
}

/// `name : type modifiers`
#[derive(Debug, Clone, PartialEq)]
pub struct FieldDecl {
    /// The doc comment before it.
    pub doc: Option<String>,
    /// Its name.
    pub name: Name,
    /// Its type.
    pub ty: TypeExpr,
    /// Modifiers in order.
    pub modifiers: Vec<Modifier>,
    /// The whole field.
    pub span: Span,
}

/// A word after a field's type.
#[derive(Debug, Clone, PartialEq)]
pub struct Modifier {
    /// What it says.
    pub kind: ModifierKind,
    /// Where it stands.
    pub span: Span,
}

/// What a field's modifier says.
#[derive(Debug, Clone, PartialEq)]
pub enum ModifierKind {
    /// The column names rows and is unique.
    Key,
    /// `null` reads as absent.
    Nullable,
    /// An unreadable value reads as absent and is counted.
    Lenient,
    /// Absent reads as this value.
    Default(Expr),
    /// This value means "not measured".
    Sentinel(Expr),
    /// Other spellings of the field's place in the data: paths of keys.
    From(Vec<Vec<Name>>),
}

/// `rule name: condition else ".."`, and the same with `advice`
#[derive(Debug, Clone, PartialEq)]
pub struct RuleDecl {
    /// Its name.
    pub name: Name,
    /// What must hold.
    pub condition: Expr,
    /// What to say when it does not.
    pub message: Option<StringLit>,
    /// The whole rule.
    pub span: Span,
}

/// A type as written.
#[derive(Debug, Clone, PartialEq)]
pub struct TypeExpr {
    /// What it is.
    pub kind: TypeExprKind,
    /// Where it stands, the `?` included.
    pub span: Span,
    /// Whether a `?` follows.
    pub optional: bool,
}

/// What a type is, without its `?`.
#[derive(Debug, Clone, PartialEq)]
pub enum TypeExprKind {
    /// `int`, `instant(ms)`, `Mode(trim, fold)`
    Named {
        /// The type's name.
        name: Name,
        /// The words in parentheses.
        encoding: Vec<Name>,
    },
    /// `list<T>`
    List(Box<TypeExpr>),
    /// `map<K, V>`
    Map(Box<TypeExpr>, Box<TypeExpr>),
    /// `field of R`
    FieldOf(Name),
    /// `{ a : int  b : string }` or `open { .. }`
    Record(Body),
    /// Reported already.
    Broken,
}

/// `param name : type = value`, `let name : type = expr`
#[derive(Debug, Clone, PartialEq)]
pub struct LetDecl {
    /// Its name.
    pub name: Name,
    /// Its type, if written.
    pub ty: Option<TypeExpr>,
    /// Its value.
    pub value: Expr,
}

/// `def name(parameters) : type = body`
#[derive(Debug, Clone, PartialEq)]
pub struct DefDecl {
    /// Its name.
    pub name: Name,
    /// Names and types of its parameters.
    pub parameters: Vec<(Name, TypeExpr)>,
    /// Its result type, if written.
    pub ty: Option<TypeExpr>,
    /// Its body.
    pub body: Expr,
}

/// `evidence name { clauses }`; also the inside of a profile's `evidence` override.
#[derive(Debug, Clone, PartialEq)]
pub struct EvidenceDecl {
    /// Its name.
    pub name: Name,
    /// Clauses in order.
    pub clauses: Vec<EvidenceClause>,
}

/// One clause of an evidence.
#[derive(Debug, Clone, PartialEq)]
pub struct EvidenceClause {
    /// The clause, keyword included.
    pub span: Span,
    /// What it says.
    pub kind: EvidenceClauseKind,
}

/// What a clause of an evidence says.
#[derive(Debug, Clone, PartialEq)]
pub enum EvidenceClauseKind {
    /// `path "file"`
    Path(Text),
    /// `files "a/{kind}/*.json"`
    Files(Text),
    /// `rows at "/pointer"`
    RowsAt(Text),
    /// `judge each file`
    JudgeEachFile,
    /// `format csv { delimiter ";" header true }`
    Format {
        /// The format's name.
        name: Name,
        /// Option names and values (a quoted text, `true`, `false` or a number, as written).
        options: Vec<(Name, Name)>,
    },
    /// `version "x.v2", "x.v1" at path`
    Version {
        /// Accepted versions.
        accepted: Vec<Text>,
        /// Where the version stands in the document, if not `schema_version`.
        at: Option<Vec<Name>>,
    },
    /// `fresh any`
    FreshAny,
    /// `fresh within 24h of f ahead 5m`
    Fresh {
        /// The greatest age.
        within: Expr,
        /// The field of the instant.
        of: Vec<Name>,
        /// How far ahead of `as_of` it may lie.
        ahead: Option<Expr>,
    },
    /// `source live`
    Source(Name),
    /// `source from path`
    SourceFrom(Vec<Name>),
    /// `schema "file#/pointer"`
    Schema(Text),
    /// `optional` or `optional until 2027-01-01T00:00:00Z`
    Optional {
        /// Up to when absence is excused.
        until: Option<Expr>,
    },
    /// `row ..` or `document ..`
    Shape {
        /// Whether it is `document` (one value) and not `row` (a list).
        document: bool,
        /// Its type: an inline record body or any type expression.
        ty: TypeExpr,
    },
    /// Reported already; the keyword if it could be read.
    Broken(Option<Name>),
}

/// `gate id { clauses }`
#[derive(Debug, Clone, PartialEq)]
pub struct GateDecl {
    /// Its dotted id.
    pub id: Name,
    /// Clauses in order.
    pub clauses: Vec<GateClause>,
    /// From the opening to the closing brace.
    pub braces: Span,
}

/// One clause of a gate.
#[derive(Debug, Clone, PartialEq)]
pub struct GateClause {
    /// The doc comment before it.
    pub doc: Option<String>,
    /// The whole clause, keyword included.
    pub span: Span,
    /// The keyword (both words where it has two).
    pub keyword: Span,
    /// What it says.
    pub kind: GateClauseKind,
}

/// What a clause of a gate says.
#[derive(Debug, Clone, PartialEq)]
pub enum GateClauseKind {
    /// `title ".."`
    Title(StringLit),
    /// `owner ".."`
    Owner(StringLit),
    /// `fix ".."`
    Fix(StringLit),
    /// `refs REQ-24, F-127`
    Refs(Vec<Name>),
    /// `stage quick, full`
    Stage(Vec<Name>),
    /// `required true`
    Required(bool),
    /// `needs a.b, c.d`
    Needs(Vec<Name>),
    /// `scope expr`
    Scope(Expr),
    /// `per a, b`
    Per(Vec<Expr>),
    /// `each condition else ".."`
    Each(Condition),
    /// `expect condition else ".."`
    Expect(Condition),
    /// `metric expr as name shown`
    Metric {
        /// The formula.
        value: Expr,
        /// Its label, if written.
        label: Option<Name>,
        /// The word `shown`: a figure without a threshold.
        shown: Option<Span>,
    },
    /// `threshold figure <= limit`
    Threshold {
        /// The figure's label, if written.
        figure: Option<Name>,
        /// The limit.
        limit: Limit,
    },
    /// `samples weight >= n`
    Samples {
        /// The weight, if not the count of rows.
        weight: Option<Expr>,
        /// The least number, as written.
        least: Name,
    },
    /// `missing fail | worst | exclude at most 0.5%`
    Missing(MissingClause),
    /// `when empty pass | fail | inconclusive`: the word as written
    WhenEmpty(Name),
    /// `decide point | certified 95%`
    Decide(DecideClause),
    /// `waivable true`
    Waivable(bool),
    /// `effective from 2027-01-01T00:00:00Z`
    EffectiveFrom(Expr),
    /// Reported already; the keyword if it could be read.
    Broken(Option<Name>),
}

/// A condition with the message shown where it does not hold.
#[derive(Debug, Clone, PartialEq)]
pub struct Condition {
    /// What must hold.
    pub condition: Expr,
    /// What to say when it does not.
    pub message: Option<StringLit>,
}

/// What stands after `missing`.
#[derive(Debug, Clone, PartialEq)]
pub enum MissingClause {
    /// A missing value is a violation.
    Fail,
    /// It counts as the worst value.
    Worst,
    /// It leaves the sample, up to this share.
    Exclude(Expr),
}

/// What stands after `decide`.
#[derive(Debug, Clone, PartialEq)]
pub enum DecideClause {
    /// The figure itself is compared.
    Point,
    /// The bound at this confidence is compared.
    Certified(Expr),
}

/// `<= limit` or `in low..high`
#[derive(Debug, Clone, PartialEq)]
pub enum Limit {
    /// A comparison.
    Compare {
        /// The sign.
        op: CompareOp,
        /// Where the sign stands.
        op_span: Span,
        /// What is compared with.
        value: Expr,
    },
    /// A closed range.
    Range {
        /// Lower end, included.
        low: Expr,
        /// Upper end, included.
        high: Expr,
    },
}

/// `waiver id { clauses }`. Parsed whole; given meaning later.
#[derive(Debug, Clone, PartialEq)]
pub struct WaiverDecl {
    /// Its dotted id.
    pub id: Name,
    /// Clauses in order.
    pub clauses: Vec<(Span, WaiverClause)>,
}

/// One clause of a waiver.
#[derive(Debug, Clone, PartialEq)]
pub enum WaiverClause {
    /// `gate g.x`
    Gate(Name),
    /// `for "sha256:.."`
    For(Text),
    /// `covers threshold | each where ..`
    Covers {
        /// Whether it is `each` and not `threshold`.
        each: bool,
        /// Which rows or groups.
        condition: Option<Expr>,
    },
    /// `when condition`
    When(Expr),
    /// `bound p95 <= 2s, p50 <= 1s`
    Bound(Vec<(Name, Limit)>),
    /// `at most 2 rows`
    AtMostRows(Name),
    /// `reason | approver | owner | ticket ".."`
    Note {
        /// Which of the four.
        keyword: Name,
        /// Its text.
        text: StringLit,
    },
    /// `opened` an instant
    Opened(Expr),
    /// `expires` an instant
    Expires(Expr),
    /// Reported already.
    Broken(Option<Name>),
}

/// `test "name" { clauses }`. Parsed whole; given meaning later.
#[derive(Debug, Clone, PartialEq)]
pub struct TestDecl {
    /// Its name.
    pub name: Text,
    /// Clauses in order.
    pub clauses: Vec<(Span, TestClause)>,
}

/// One clause of a test.
#[derive(Debug, Clone, PartialEq)]
pub enum TestClause {
    /// `as_of` an instant
    AsOf(Expr),
    /// `given x = ..`
    Given(Name, Expr),
    /// `set p = ..`
    Set(Name, Expr),
    /// `verdict gate["group"] == word`
    Verdict {
        /// The gate.
        gate: Name,
        /// A group's keys.
        group: Vec<Expr>,
        /// The verdict expected.
        verdict: Name,
    },
    /// `expect condition`
    Expect(Expr),
    /// Reported already.
    Broken(Option<Name>),
}

/// `artifact name { clauses }`
#[derive(Debug, Clone, PartialEq)]
pub struct ArtifactDecl {
    /// Its name.
    pub name: Name,
    /// Clauses in order.
    pub clauses: Vec<(Span, ArtifactClause)>,
}

/// One clause of an artifact.
#[derive(Debug, Clone, PartialEq)]
pub enum ArtifactClause {
    /// `path ".."`
    Path(StringLit),
    /// `for r in xs`
    For(Name, Expr),
    /// `markdown`
    Markdown,
    /// `title ".."`
    Title(StringLit),
    /// `passed condition`
    Passed(Expr),
    /// `document expr`
    Document(Expr),
    /// Reported already.
    Broken(Option<Name>),
}

/// `profile id { clauses }`
#[derive(Debug, Clone, PartialEq)]
pub struct ProfileDecl {
    /// Its dotted id.
    pub id: Name,
    /// Clauses in order.
    pub clauses: Vec<ProfileClause>,
}

/// One clause of a profile.
#[derive(Debug, Clone, PartialEq)]
pub struct ProfileClause {
    /// The whole clause, keyword included.
    pub span: Span,
    /// What it says.
    pub kind: ProfileClauseKind,
}

/// What a clause of a profile says.
#[derive(Debug, Clone, PartialEq)]
pub enum ProfileClauseKind {
    /// `extends a, b`
    Extends(Vec<Name>),
    /// `stage quick, full`
    Stage(Vec<Name>),
    /// `gates a.*, b.c`
    Gates(Vec<Name>),
    /// `without a.*, b.c`
    Without(Vec<Name>),
    /// `sources recorded, live`
    Sources(Vec<Name>),
    /// `set p = value`
    Set(Name, Expr),
    /// `evidence e { .. }`
    Evidence(EvidenceDecl),
    /// `waivers none`
    WaiversNone,
    /// `versions v1.3, v1.4`
    Versions(Vec<Expr>),
    /// `tighten g.x { clauses }`
    Tighten(Name, Vec<GateClause>),
    /// `loosen g.x { clauses } because ".."`
    Loosen(Name, Vec<GateClause>, Option<StringLit>),
    /// `write a, b`
    Write(Vec<Name>),
    /// `expect gates >= 4`
    ExpectGates(Limit),
    /// Reported already; the keyword if it could be read.
    Broken(Option<Name>),
}

/// An expression as written.
#[derive(Debug, Clone, PartialEq)]
pub struct Expr {
    /// What it is.
    pub kind: Box<ExprKind>,
    /// Where it stands.
    pub span: Span,
}

/// What an expression is.
#[derive(Debug, Clone, PartialEq)]
pub enum ExprKind {
    /// Reported already.
    Broken,
    /// A bare name.
    Name(String),
    /// `this`
    This,
    /// `true` or `false`
    Bool(bool),
    /// `none`
    None,
    /// `null`
    Null,
    /// `3`, `1_000`, `0.5`: as written
    Number(String),
    /// `120ms`, `99.9%`
    Quantity {
        /// The number as written.
        number: String,
        /// The unit as written (`%` included).
        unit: String,
    },
    /// `2026-03-31T00:00:00Z`: as written
    Instant(String),
    /// `v1.4`: as written
    Version(String),
    /// A quoted text, perhaps with interpolations.
    Text(StringLit),
    /// `/../`, without the slashes; only after `matches`
    Regex(String),
    /// `[a, b]`
    List(Vec<Expr>),
    /// `{"k": v}`
    Map(Vec<(Expr, Expr)>),
    /// `{ a = 1 }` or `R { a = 1 }`
    Record {
        /// The record's name, if written.
        name: Option<Name>,
        /// Fields in order.
        fields: Vec<(Name, Expr)>,
    },
    /// `table { | a | b | .. }`
    Table(Table),
    /// `f(a, b)`
    Call {
        /// The function or def.
        name: Name,
        /// Its arguments.
        arguments: Vec<Expr>,
    },
    /// `x.f`, `x."odd key"`
    Field {
        /// What it is a part of.
        base: Expr,
        /// The field.
        name: Name,
    },
    /// `x[i]`, `m[k]`
    Index {
        /// The list or map.
        base: Expr,
        /// Position or key.
        key: Expr,
    },
    /// `xs[]`
    Every {
        /// The list.
        base: Expr,
    },
    /// `-x`
    Negate(Expr),
    /// `not x`
    Not(Expr),
    /// An operator with two sides.
    Binary {
        /// Which one.
        op: BinaryOp,
        /// Where the sign stands.
        op_span: Span,
        /// Left side.
        left: Expr,
        /// Right side.
        right: Expr,
    },
    /// `a == b`
    Compare {
        /// Which sign.
        op: CompareOp,
        /// Where the sign stands.
        op_span: Span,
        /// Left side.
        left: Expr,
        /// Right side.
        right: Expr,
    },
    /// `x in xs`, `x not in xs`
    In {
        /// Whether `not` stands before `in`.
        negated: bool,
        /// What is looked for.
        item: Expr,
        /// Where.
        list: Expr,
    },
    /// `x in low..high`
    InRange {
        /// Whether `not` stands before `in`.
        negated: bool,
        /// What is judged.
        item: Expr,
        /// Lower end, included.
        low: Expr,
        /// Upper end, included.
        high: Expr,
    },
    /// `x like "glob"`, `x matches /regex/`
    Match {
        /// Whether it is `like` (glob) and not `matches` (regular expression).
        glob: bool,
        /// The text judged.
        text: Expr,
        /// A `Text` without interpolation after `like`, a `Regex` after `matches`.
        pattern: Expr,
    },
    /// `x is T`, `x is not T`
    Is {
        /// Whether `not` follows `is`.
        negated: bool,
        /// What is judged.
        subject: Expr,
        /// The type.
        ty: TypeExpr,
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
    /// `exists x in xs where f: p`
    Quantified {
        /// Which of the three.
        quantifier: Quantifier,
        /// The variable.
        variable: Name,
        /// The list; a pipeline when a filter follows (its alias is then the variable).
        source: Expr,
        /// What is asked of each.
        body: Expr,
    },
    /// `xs as x where .. select ..`
    Pipeline {
        /// The list it starts from.
        source: Expr,
        /// The row's name, if written.
        alias: Option<Name>,
        /// Stages in order.
        stages: Vec<Stage>,
    },
    /// `(x)`
    Parenthesised(Expr),
}

/// A quoted text in parts.
#[derive(Debug, Clone, PartialEq)]
pub struct StringLit {
    /// Parts in order; escapes are resolved.
    pub parts: Vec<StringPart>,
    /// Quotes included.
    pub span: Span,
}

impl StringLit {
    /// The whole text, if it holds no interpolation.
    pub fn as_plain(&self) -> Option<String> {
        let mut out = String::new();
        for part in &self.parts {
            match part {
                StringPart::Text(t) => out.push_str(t),
                StringPart::Value { .. } => return None,
            }
        }
        Some(out)
    }
}

/// A part of a quoted text.
#[derive(Debug, Clone, PartialEq)]
pub enum StringPart {
    /// Literal text, escapes resolved.
    Text(String),
    /// `{x : ms}`
    Value {
        /// What is printed.
        value: Expr,
        /// How: a word (a unit, `file_name`) or a quoted pattern.
        format: Option<Name>,
    },
}

/// `table { | a : T | b | ... | x | y | }`
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// Column names with their types, where written.
    pub columns: Vec<(Name, Option<TypeExpr>)>,
    /// Rows, each with its cells and its place. The parser does not force the count of cells.
    pub rows: Vec<(Vec<Expr>, Span)>,
}

/// One step of a pipeline.
#[derive(Debug, Clone, PartialEq)]
pub struct Stage {
    /// The whole stage, keyword included.
    pub span: Span,
    /// What it does.
    pub kind: StageKind,
}

/// What a step of a pipeline does.
#[derive(Debug, Clone, PartialEq)]
pub enum StageKind {
    /// `where condition`
    Where(Expr),
    /// `with name = value`
    With(Name, Expr),
    /// `join list as name`
    Join(Expr, Name),
    /// `group by keys`
    Group(Vec<Expr>),
    /// `select value`
    Select(Expr),
    /// `sort by key descending, ..`
    Sort(Vec<(Expr, SortOrder)>),
    /// `distinct by keys`
    Distinct(Option<Vec<Expr>>),
    /// `number name by keys`
    Number(Name, Option<Vec<Expr>>),
}

/// Which way a list is sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SortOrder {
    /// Smallest first.
    Ascending,
    /// Largest first.
    Descending,
}

/// `exists`, `every`, `no`
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Quantifier {
    /// At least one.
    Exists,
    /// All of them.
    Every,
    /// Not one.
    No,
}

/// Operators with two sides, comparisons apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BinaryOp {
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`
    Divide,
    /// `??`
    Coalesce,
    /// `and`
    And,
    /// `or`
    Or,
    /// `implies`
    Implies,
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
}
