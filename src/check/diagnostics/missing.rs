//! Missing values: where a decision needs one that may not be there, and the ways out.

use super::a;
use crate::data::Type;
use crate::diag::{Code, Diagnostic};
use crate::source::Span;
use crate::units::Dimension;

const ALWAYS_THERE: Code = Code("rspp::missing::always-there");
const COMPARED_WITH_NONE: Code = Code("rspp::missing::compared-with-none");
const ELEMENTS: Code = Code("rspp::missing::elements");
const IN_DECISION: Code = Code("rspp::missing::in-decision");
const IN_METRIC: Code = Code("rspp::missing::in-metric");
const NEVER_MISSING: Code = Code("rspp::missing::never-missing");
const OPTIONAL_LIST: Code = Code("rspp::missing::optional-list");
const VALUE_DUE: Code = Code("rspp::missing::value-due");

pub(in crate::check) const CODES: &[Code] =
    &[ALWAYS_THERE, COMPARED_WITH_NONE, ELEMENTS, IN_DECISION, IN_METRIC, NEVER_MISSING, OPTIONAL_LIST, VALUE_DUE];

/// The kind of clause that a decision stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::check) enum Where {
    Each,
    Expect,
    Stage,
    Condition,
}

/// How to get rid of a `?` at one place.
#[derive(Debug, Clone)]
pub(in crate::check) struct WayOut {
    /// The part that makes the whole missing, if it is another one.
    pub(in crate::check) culprit: Option<(String, Span)>,
    /// What `present(..)` could be asked about: only paths of fields and names narrow.
    pub(in crate::check) present: Option<String>,
    /// Where the decision stands.
    pub(in crate::check) place: Where,
    /// The whole value, as written.
    pub(in crate::check) value: String,
    /// A value of its type, to stand in.
    pub(in crate::check) example: Option<&'static str>,
}

impl WayOut {
    fn help(&self) -> String {
        let stand_in = match self.example {
            Some(example) => format!("`{} ?? {example}`", bracketed(&self.value)),
            None => format!("`{} ?? ..`", bracketed(&self.value)),
        };
        match (&self.present, self.place) {
            (Some(path), Where::Each) => format!(
                "say `each present({path})` before this clause (a row without it is then a violation), guard it with \
                 `present({path}) and ..` or `present({path}) implies ..`, or give it a value with {stand_in}"
            ),
            (Some(path), Where::Expect) => format!(
                "say `expect present({path})` before this clause, guard it with `present({path}) and ..`, or give it a \
                 value with {stand_in}"
            ),
            (Some(path), Where::Stage) => {
                format!("keep only what has it: `where present({path}) and ..`, or give it a value with {stand_in}")
            }
            (Some(path), Where::Condition) => {
                format!("guard it with `present({path}) and ..`, or give it a value with {stand_in}")
            }
            (None, _) => format!("give it a value with {stand_in}"),
        }
    }

    fn label(&self, diagnostic: Diagnostic) -> Diagnostic {
        match &self.culprit {
            Some((words, span)) => diagnostic.label(*span, format!("because `{words}` may be missing")),
            None => diagnostic,
        }
    }
}

/// A text in parentheses, where it needs them before `??`: outside of brackets it has operators
/// or words that bind weaker.
fn bracketed(text: &str) -> String {
    let (mut depth, mut outside) = (0_i32, String::new());
    for c in text.chars() {
        match c {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth -= 1,
            c if depth == 0 => outside.push(c),
            _ => {}
        }
    }
    const WEAK: [&str; 11] = ["where", "as", "select", "if", "sort", "and", "or", "in", "is", "distinct", "group"];
    let weak = outside.contains(['<', '>', '=', '?']) || outside.split_whitespace().any(|w| WEAK.contains(&w));
    if weak { format!("({text})") } else { text.to_owned() }
}

/// A constant of this type that people may put in place of what is missing.
pub(in crate::check) fn example(ty: &Type) -> Option<&'static str> {
    Some(match ty {
        Type::Bool => "false",
        Type::Int | Type::Decimal => "0",
        Type::Ratio => "0%",
        Type::Quantity(Dimension::TIME) => "0ms",
        Type::Quantity(Dimension::DATA) => "0B",
        Type::String => "\"\"",
        Type::List(_) => "[]",
        _ => return None,
    })
}

/// A value that may be missing where something is decided.
pub(in crate::check) fn in_decision(words: &str, ty: &Type, decision: &str, span: Span, way: &WayOut) -> Diagnostic {
    let diagnostic = Diagnostic::error(
        IN_DECISION,
        format!("`{words}` may be missing, and {decision} has to know"),
        span,
        format!("{}", Label(ty)),
    );
    way.label(diagnostic).help(way.help())
}

/// A value that may be missing where one is due.
pub(in crate::check) fn value_due(words: &str, found: &Type, due: &Type, span: Span, way: &WayOut) -> Diagnostic {
    let diagnostic = Diagnostic::error(
        VALUE_DUE,
        format!("`{words}` may be missing where {} is due", a(due)),
        span,
        format!("{}", Label(found)),
    );
    way.label(diagnostic).help(way.help())
}

/// `none` where a value is due.
pub(in crate::check) fn none_where_due(due: &Type, span: Span) -> Diagnostic {
    Diagnostic::error(VALUE_DUE, format!("{} is due here, and `none` is no value", a(due)), span, "nothing")
        .help(format!("only a type that may be missing takes `none`: `{due}?`"))
}

/// What a value is, as a label.
struct Label<'t>(&'t Type);

impl std::fmt::Display for Label<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "`{}`: {}", self.0, a(self.0))
    }
}

/// A list that may be missing.
pub(in crate::check) fn optional_list(words: &str, ty: &Type, span: Span) -> Diagnostic {
    Diagnostic::error(
        OPTIONAL_LIST,
        format!("`{words}` may be missing, and no list is not the same as an empty one"),
        span,
        format!("{}", Label(ty)),
    )
    .help(match words.contains("[]") {
        // Inside a projection there is no place for `??`.
        true => "if missing should count as empty, say `default []` where the field is declared".to_owned(),
        false => format!(
            "if missing should count as empty, write `({words} ?? [])`, or say `default []` where the field is declared"
        ),
    })
}

/// `x == none`
pub(in crate::check) fn compared_with_none(words: &str, absent: bool, op_span: Span, whole: Span) -> Diagnostic {
    let better = if absent { format!("not present({words})") } else { format!("present({words})") };
    Diagnostic::error(
        COMPARED_WITH_NONE,
        "nothing is equal to a missing value, or unlike it",
        op_span,
        "compared with `none`",
    )
    .help(format!("ask `{better}`"))
    .fix(whole, better)
}

/// Elements that may be missing in an aggregate.
pub(in crate::check) fn elements(
    function: &str,
    words: &str,
    ty: &Type,
    span: Span,
    field: Option<(String, String)>,
) -> Diagnostic {
    let help = match field {
        Some((list, field)) if !field.is_empty() => {
            format!("take only those that have it: `({list} where present({field}))[].{field}`")
        }
        _ => format!("take only those that are there: `({words} where present(this))`"),
    };
    Diagnostic::error(
        ELEMENTS,
        format!("elements of `{words}` may be missing, and `{function}` has to know them"),
        span,
        format!("{}", Label(ty)),
    )
    .help(help)
}

/// A value of a row that may be missing in a metric.
pub(in crate::check) fn in_metric(words: &str, ty: &Type, span: Span, way: &WayOut) -> Diagnostic {
    let present = match &way.present {
        Some(path) => format!("say `each present({path})`, or "),
        None => String::new(),
    };
    let diagnostic = Diagnostic::error(
        IN_METRIC,
        format!("`{words}` may be missing for some rows, and the figure depends on what that means"),
        span,
        format!("{}", Label(ty)),
    );
    way.label(diagnostic).help(format!(
        "{present}say what a row without it means: `missing fail`, `missing worst` or `missing exclude at most 0.5%`"
    ))
}

/// `x ?? d` where `x` is always there.
pub(in crate::check) fn never_missing(words: &str, span: Span, rest: Span) -> Diagnostic {
    Diagnostic::warning(
        NEVER_MISSING,
        format!("`{words}` is never missing, so `??` never takes its right side"),
        span,
        "always there",
    )
    .label(rest, "never used")
    .help(format!("write `{words}` alone"))
}

/// `present(x)` where `x` is always there.
pub(in crate::check) fn always_there(words: &str, ty: &Type, span: Span) -> Diagnostic {
    Diagnostic::warning(ALWAYS_THERE, format!("`{words}` is always there"), span, format!("{}: never missing", a(ty)))
        .help("leave the test out: it can never fail")
}
