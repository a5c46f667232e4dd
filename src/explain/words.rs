//! Expressions in words: what a person would say for a formula or a condition, read aloud.
//!
//! Names stay as they are written. What has no short wording is shown as written, in backticks;
//! so is what would grow longer than a sentence.

use super::source::one_line;
use crate::data::{Type, Value, print};
use crate::model::{ArithmeticOp, CompareOp, Expr, ExprKind, Limit, LocalId, Policy, Quantifier, RowAggregate, Stage};
use crate::registry::Function;
use crate::source::SourceMap;

/// Characters of a wording; a longer one gives way to the text as written.
const LONGEST: usize = 320;
/// Characters of a text that is shown as written.
const LONGEST_SOURCE: usize = 200;

/// Words for the expressions of one policy.
#[derive(Debug, Clone, Copy)]
pub struct Words<'a> {
    policy: &'a Policy,
    sources: &'a SourceMap,
    /// Aggregates of each row, in a metric.
    aggregates: &'a [RowAggregate],
}

impl<'a> Words<'a> {
    /// Words for the policy whose texts these are.
    pub fn new(policy: &'a Policy, sources: &'a SourceMap) -> Self {
        Self { policy, sources, aggregates: &[] }
    }

    /// The same inside of a metric with these aggregates.
    #[must_use]
    pub fn with_aggregates(self, aggregates: &'a [RowAggregate]) -> Self {
        Self { aggregates, ..self }
    }

    /// A value: `the 95th percentile (nearest rank) of open_at minus proposed_at`.
    pub fn value(&self, expr: &Expr) -> String {
        self.bounded(self.say_value(expr), expr)
    }

    /// A condition as a clause: `open_at is at or after proposed_at`.
    pub fn condition(&self, expr: &Expr) -> String {
        self.clause(expr, true)
    }

    /// The opposite of a condition: `open_at is before proposed_at`.
    pub fn denial(&self, expr: &Expr) -> String {
        self.clause(expr, false)
    }

    /// The elements of a list: `rows of turns for which accepted is true`.
    pub fn rows(&self, list: &Expr) -> String {
        self.bounded(self.say_rows(list), list)
    }

    /// What a figure must be: `at most 120ms`.
    pub fn limit(&self, limit: &Limit) -> String {
        match limit {
            Limit::Compare { op, value } => format!("{} {}", limit_word(*op), self.value(value)),
            Limit::Range { low, high } => {
                format!("between {} and {}, both included", self.value(low), self.value(high))
            }
        }
    }

    fn clause(&self, expr: &Expr, holds: bool) -> String {
        let words = self.say_condition(expr, holds);
        if words.chars().count() <= LONGEST {
            return words;
        }
        format!("{} {}", self.written(expr), if holds { "holds" } else { "does not hold" })
    }

    fn bounded(&self, words: String, expr: &Expr) -> String {
        if words.chars().count() <= LONGEST { words } else { self.written(expr) }
    }

    /// The text as it is written, in backticks.
    fn written(&self, expr: &Expr) -> String {
        format!("`{}`", one_line(self.sources, expr.span, LONGEST_SOURCE))
    }

    fn slice(&self, expr: &Expr) -> &'a str {
        self.sources.slice(expr.span).trim()
    }

    // ---- values ----

    fn say_value(&self, expr: &Expr) -> String {
        match &*expr.kind {
            ExprKind::Literal(value) => self.literal(value, expr),
            ExprKind::Local(_) => match self.slice(expr) {
                "rows" => "the rows of the sample".into(),
                "this" => "the row".into(),
                name if is_name(name) => name.into(),
                _ => "the row".into(),
            },
            ExprKind::Let(id) => self.policy.lets.get(id.index()).map(|l| l.name.to_string()).unwrap_or_default(),
            ExprKind::Param(id) => self.policy.params.get(id.index()).map(|p| p.name.to_string()).unwrap_or_default(),
            ExprKind::Evidence(id) => {
                self.policy.evidence.get(id.index()).map(|e| e.name.to_string()).unwrap_or_default()
            }
            ExprKind::AsOf => "the instant of evaluation".into(),
            ExprKind::Candidate => "the release candidate".into(),
            ExprKind::Result(gate) => format!("the result of gate {gate}"),
            ExprKind::RowAggregate(number) => match self.aggregates.get(*number) {
                Some(aggregate) => self.row_aggregate(aggregate, expr),
                None => self.written(expr),
            },
            ExprKind::Field { base, index } => self.field(base, *index, expr, None),
            ExprKind::ListIndex { base, index } => {
                format!("element {} of {}", self.say_value(index), self.operand(base))
            }
            ExprKind::MapLookup { base, key } => {
                format!("the entry {} of {}", self.say_value(key), self.operand(base))
            }
            ExprKind::Project { list, item, body, .. } => match self.part_of(body, *item) {
                Some(part) => format!("{part} of all {}", self.say_rows(list)),
                None => self.written(expr),
            },
            ExprKind::Negate(value) => format!("minus {}", self.operand(value)),
            ExprKind::Arithmetic { op, left, right } => {
                let op = match op {
                    ArithmeticOp::Add => "plus",
                    ArithmeticOp::Subtract => "minus",
                    ArithmeticOp::Multiply => "times",
                    ArithmeticOp::Divide => "divided by",
                };
                format!("{} {op} {}", self.operand(left), self.operand(right))
            }
            ExprKind::Coalesce(value, otherwise) => {
                format!("{} (or {} where that is missing)", self.say_value(value), self.say_value(otherwise))
            }
            ExprKind::If { condition, then, otherwise } => format!(
                "{} if {}, and {} if not",
                self.operand(then),
                self.say_condition(condition, true),
                self.operand(otherwise)
            ),
            ExprKind::Call { function, arguments, .. } => {
                let arguments: Vec<String> = arguments.iter().map(|a| self.argument(a)).collect();
                phrase(function, &arguments, true).unwrap_or_else(|| self.written(expr))
            }
            ExprKind::Narrowed { value, .. } | ExprKind::Reshape { base: value, .. } => self.say_value(value),
            ExprKind::ReshapeEach { base, .. } => self.say_value(base),
            ExprKind::Pipeline { .. } => self.say_rows(expr),
            ExprKind::Not(_)
            | ExprKind::And(..)
            | ExprKind::Or(..)
            | ExprKind::Implies(..)
            | ExprKind::Compare { .. }
            | ExprKind::In { .. }
            | ExprKind::InRange { .. }
            | ExprKind::Match { .. }
            | ExprKind::Is { .. }
            | ExprKind::Quantified { .. } => format!("whether {}", self.say_condition(expr, true)),
            ExprKind::Unknown
            | ExprKind::CallDef { .. }
            | ExprKind::Faults { .. }
            | ExprKind::List(_)
            | ExprKind::Map(_)
            | ExprKind::Record(_)
            | ExprKind::Interpolate(_) => self.written(expr),
        }
    }

    /// A value inside of another wording: in parentheses when it has parts of its own.
    fn operand(&self, expr: &Expr) -> String {
        let words = self.say_value(expr);
        let parts = [" plus ", " minus ", " times ", " divided by ", " if ", " and "];
        if !words.starts_with('`') && parts.iter().any(|p| words.contains(p)) { format!("({words})") } else { words }
    }

    fn literal(&self, value: &Value, expr: &Expr) -> String {
        let written = one_line(self.sources, expr.span, LONGEST_SOURCE);
        match value {
            Value::Missing => "nothing".into(),
            Value::List(_) | Value::Record(_) if !written.is_empty() => format!("`{written}`"),
            _ if !written.is_empty() && written.chars().count() <= 60 => written,
            _ => print::short(value, &expr.ty, 60),
        }
    }

    /// An argument of a call: the elements of a list that is made of rows, else the value.
    fn argument(&self, expr: &Expr) -> String {
        let of_bools = matches!(expr.ty.present(), Type::List(e) if matches!(**e, Type::Bool));
        match &*expr.kind {
            ExprKind::Project { .. } if of_bools => format!("true ones among {}", self.say_value(expr)),
            ExprKind::Pipeline { .. } => self.say_rows(expr),
            ExprKind::Local(_) if self.slice(expr) == "rows" => "rows of the sample".into(),
            _ => self.say_value(expr),
        }
    }

    /// `p95(a - b)` of each row; of a condition, the rows for which it holds.
    fn row_aggregate(&self, aggregate: &RowAggregate, expr: &Expr) -> String {
        let value = match aggregate.value.ty.present() {
            Type::Bool => format!("rows for which {}", self.say_condition(&aggregate.value, true)),
            _ => self.say_value(&aggregate.value),
        };
        let mut arguments: Vec<String> = aggregate.arguments.iter().map(|a| self.say_value(a)).collect();
        arguments.push(value);
        phrase(&aggregate.function, &arguments, true).unwrap_or_else(|| self.written(expr))
    }

    fn field(&self, base: &Expr, index: usize, expr: &Expr, item: Option<LocalId>) -> String {
        let Some(name) = field_name(base, index) else { return self.written(expr) };
        let root = bare(base);
        let implied = base.span == expr.span
            || matches!(&*root.kind, ExprKind::Local(l) if Some(*l) == item)
            || self.slice(root) == "this";
        match &*root.kind {
            ExprKind::Local(_) if implied => name,
            ExprKind::Field { base: inner, index } if item.is_some() => {
                format!("{name} of {}", self.field(inner, *index, root, item))
            }
            _ => format!("{name} of {}", self.operand(base)),
        }
    }

    /// What `xs[].f` takes of each element.
    fn part_of(&self, body: &Expr, item: LocalId) -> Option<String> {
        match &*bare(body).kind {
            ExprKind::Field { base, index } => {
                let mut root = bare(base);
                while let ExprKind::Field { base, .. } = &*root.kind {
                    root = bare(base);
                }
                let of_item = matches!(&*root.kind, ExprKind::Local(l) if *l == item);
                of_item.then(|| self.field(base, *index, body, Some(item)))
            }
            _ => None,
        }
    }

    // ---- lists ----

    fn say_rows(&self, list: &Expr) -> String {
        match &*list.kind {
            ExprKind::Narrowed { value, .. } => self.say_rows(value),
            ExprKind::ReshapeEach { base, .. } => self.say_rows(base),
            ExprKind::Local(_) if self.slice(list) == "rows" => "rows of the sample".into(),
            ExprKind::Coalesce(rows, none) if is_empty(none) => {
                format!("{} (none where that is missing)", self.say_rows(rows))
            }
            ExprKind::Pipeline { source, stages, .. } => {
                self.stages(source, stages, list).unwrap_or_else(|| format!("rows of {}", self.written(list)))
            }
            ExprKind::List(_) | ExprKind::Literal(_) => format!("elements of {}", self.written(list)),
            _ => format!("rows of {}", self.say_value(list)),
        }
    }

    /// Filters, orders and unique rows in words; what makes other rows has none.
    fn stages(&self, source: &Expr, stages: &[Stage], list: &Expr) -> Option<String> {
        let mut words = self.say_rows(source);
        let mut conditions = Vec::new();
        for stage in stages {
            match stage {
                Stage::Where { condition, .. } => conditions.push(self.say_condition(condition, true)),
                Stage::Sort { .. } => {}
                // What the checker adds to tell the type of the result.
                Stage::Bind { value, .. } if value.span == list.span => {}
                Stage::Distinct { keys } if conditions.is_empty() => {
                    let keys: Vec<String> = keys.iter().map(|k| self.say_value(k)).collect();
                    words = format!("different values of {} among the {words}", joined(&keys, "and"));
                }
                _ => return None,
            }
        }
        if !conditions.is_empty() {
            words = format!("{words} for which {}", conditions.join(", and for which "));
        }
        Some(words)
    }

    // ---- conditions ----

    fn say_condition(&self, expr: &Expr, holds: bool) -> String {
        match &*expr.kind {
            ExprKind::Literal(Value::Bool(value)) => if *value == holds { "always" } else { "never" }.into(),
            ExprKind::Narrowed { value, shape: None } => self.say_condition(value, holds),
            ExprKind::Not(inner) => self.say_condition(inner, !holds),
            ExprKind::And(left, right) => self.both(left, right, holds, if holds { "and" } else { "or" }),
            ExprKind::Or(left, right) => self.both(left, right, holds, if holds { "or" } else { "and" }),
            ExprKind::Implies(left, right) if holds => {
                format!("{} if {}", self.part(right, true), self.say_condition(left, true))
            }
            ExprKind::Implies(left, right) => {
                format!("{}, and yet {}", self.say_condition(left, true), self.say_condition(right, false))
            }
            ExprKind::Coalesce(value, otherwise) => match &*otherwise.kind {
                ExprKind::Literal(Value::Bool(default)) => {
                    let said = self.say_condition(value, holds);
                    if *default == holds { format!("{said} or missing") } else { format!("{said} and not missing") }
                }
                _ => self.plain(expr, holds),
            },
            ExprKind::Compare { op, left, right } => {
                let op = if holds { *op } else { opposite(*op) };
                format!("{} {} {}", self.operand(left), compare_word(op, &left.ty), self.operand(right))
            }
            ExprKind::In { item, list, keys } => {
                let is = if holds { "is" } else { "is not" };
                let among = if *keys { "a key of" } else { "one of" };
                format!("{} {is} {among} {}", self.operand(item), self.say_value(list))
            }
            ExprKind::InRange { item, low, high } => {
                let is = if holds { "is" } else { "is not" };
                let (item, low, high) = (self.operand(item), self.say_value(low), self.say_value(high));
                format!("{item} {is} between {low} and {high}, both included")
            }
            ExprKind::Match { text, pattern } => {
                let verb = match (pattern.glob, holds) {
                    (true, true) => "is like",
                    (true, false) => "is not like",
                    (false, true) => "matches",
                    (false, false) => "does not match",
                };
                format!("{} {verb} `{}`", self.operand(text), pattern.text)
            }
            ExprKind::Is { subject, .. } => {
                let asked = self.slice(expr).rsplit(" is ").next().unwrap_or("the shape asked for").to_owned();
                format!("{} {} {asked}", self.operand(subject), if holds { "is a legal" } else { "is no legal" })
            }
            ExprKind::Quantified { quantifier, source, body, .. } => {
                let name = self.slice(expr).split_whitespace().nth(1).unwrap_or("one");
                let rows = self.say_rows(source);
                // Said once, so that nested ones do not double at every step.
                let said = self.say_condition(body, holds || *quantifier != Quantifier::Every);
                match (quantifier, holds) {
                    (Quantifier::Every, true) => format!("of each {name} of the {rows}: {said}"),
                    (Quantifier::Exists, false) | (Quantifier::No, true) => {
                        format!("among the {rows} there is none, {name}, for which {said}")
                    }
                    (Quantifier::Exists, true) | (Quantifier::Every, false) | (Quantifier::No, false) => {
                        format!("among the {rows} there is one, {name}, for which {said}")
                    }
                }
            }
            ExprKind::If { condition, then, otherwise } => format!(
                "{} if {}, and else {}",
                self.part(then, holds),
                self.say_condition(condition, true),
                self.part(otherwise, holds)
            ),
            ExprKind::Call { function, arguments, .. } if expr.ty == Type::Bool => {
                let arguments: Vec<String> = arguments.iter().map(|a| self.argument(a)).collect();
                match phrase(function, &arguments, holds) {
                    Some(words) if !words.starts_with("whether ") => words,
                    Some(words) if holds => words.replacen("whether ", "", 1),
                    _ => self.plain(expr, holds),
                }
            }
            _ => self.plain(expr, holds),
        }
    }

    fn plain(&self, expr: &Expr, holds: bool) -> String {
        format!("{} is {holds}", self.say_value(expr))
    }

    fn both(&self, left: &Expr, right: &Expr, holds: bool, word: &str) -> String {
        // Groups of one kind need no parentheses between them.
        let side = |e: &Expr| {
            let alike = match &*e.kind {
                ExprKind::And(..) => (word == "and") == holds,
                ExprKind::Or(..) => (word == "or") == holds,
                _ => false,
            };
            if alike { self.say_condition(e, holds) } else { self.part(e, holds) }
        };
        format!("{} {word} {}", side(left), side(right))
    }

    /// A condition inside of another one.
    fn part(&self, expr: &Expr, holds: bool) -> String {
        let words = self.say_condition(expr, holds);
        match &*expr.kind {
            ExprKind::And(..)
            | ExprKind::Or(..)
            | ExprKind::Implies(..)
            | ExprKind::If { .. }
            | ExprKind::Quantified { .. } => format!("({words})"),
            _ => words,
        }
    }
}

/// The phrase of a function over its arguments; nothing where it has none, or has no place for
/// an argument.
fn phrase(function: &Function, arguments: &[String], holds: bool) -> Option<String> {
    if function.phrase.is_empty() {
        return None;
    }
    let all = function.phrase.contains("{*}");
    let spoken = (0..arguments.len()).all(|i| all || function.phrase.contains(&format!("{{{i}}}")));
    let is = if all && arguments.len() > 1 { "are" } else { "is" };
    if !spoken {
        return None;
    }
    let mut out = String::new();
    let mut rest = function.phrase;
    while let Some((before, after)) = rest.split_once('{') {
        let (slot, after) = after.split_once('}')?;
        out.push_str(before);
        match slot {
            "*" => out.push_str(&joined(arguments, if holds { "and" } else { "or" })),
            "is" if holds => out.push_str(is),
            "is" => out.push_str("is not"),
            number => out.push_str(arguments.get(number.parse::<usize>().ok()?)?),
        }
        rest = after;
    }
    out.push_str(rest);
    if holds || function.phrase.contains("{is}") { Some(out) } else { Some(format!("it is not so that {out}")) }
}

/// `a, b and c`
pub(super) fn joined(words: &[String], last: &str) -> String {
    match words {
        [] => String::new(),
        [one] => one.clone(),
        [all @ .., end] => format!("{} {last} {end}", all.join(", ")),
    }
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || c == '_')
}

/// An expression without what only the checker knows of it.
pub(super) fn bare(expr: &Expr) -> &Expr {
    match &*expr.kind {
        ExprKind::Narrowed { value, .. } => bare(value),
        _ => expr,
    }
}

/// The name of a field of a record.
pub(super) fn field_name(base: &Expr, index: usize) -> Option<String> {
    match base.ty.present() {
        Type::Record(record) => record.fields.get(index).map(|f| f.name.to_string()),
        _ => None,
    }
}

fn is_empty(expr: &Expr) -> bool {
    match &*expr.kind {
        ExprKind::List(items) => items.is_empty(),
        ExprKind::Literal(Value::List(items)) => items.is_empty(),
        _ => false,
    }
}

fn limit_word(op: CompareOp) -> &'static str {
    match op {
        CompareOp::Equal => "exactly",
        CompareOp::NotEqual => "anything but",
        CompareOp::AtMost => "at most",
        CompareOp::AtLeast => "at least",
        CompareOp::Less => "less than",
        CompareOp::Greater => "more than",
    }
}

fn compare_word(op: CompareOp, ty: &Type) -> &'static str {
    match (ty.present(), op) {
        (Type::Instant, CompareOp::AtLeast) => "is at or after",
        (Type::Instant, CompareOp::AtMost) => "is at or before",
        (Type::Instant, CompareOp::Less) => "is before",
        (Type::Instant, CompareOp::Greater) => "is after",
        (_, CompareOp::Equal) => "is",
        (_, CompareOp::NotEqual) => "is not",
        (_, CompareOp::AtMost) => "is at most",
        (_, CompareOp::AtLeast) => "is at least",
        (_, CompareOp::Less) => "is less than",
        (_, CompareOp::Greater) => "is more than",
    }
}

fn opposite(op: CompareOp) -> CompareOp {
    match op {
        CompareOp::Equal => CompareOp::NotEqual,
        CompareOp::NotEqual => CompareOp::Equal,
        CompareOp::AtMost => CompareOp::Greater,
        CompareOp::AtLeast => CompareOp::Less,
        CompareOp::Less => CompareOp::AtLeast,
        CompareOp::Greater => CompareOp::AtMost,
    }
}
