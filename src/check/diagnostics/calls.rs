//! Calls: arguments of functions, aggregates and defs.

use super::a;
use crate::data::Type;
use crate::diag::{Code, Diagnostic};
use crate::source::Span;

const ARGUMENT: Code = Code("rspp::calls::argument");
const ARGUMENT_COUNT: Code = Code("rspp::calls::argument-count");
const CONSTANT: Code = Code("rspp::calls::constant");
const COUNT_OF_CONDITION: Code = Code("rspp::calls::count-of-condition");
const EVIDENCE: Code = Code("rspp::calls::evidence");
const LIST_OF_EACH_ROW: Code = Code("rspp::calls::list-of-each-row");
const QUOTIENT: Code = Code("rspp::calls::quotient");

pub(in crate::check) const CODES: &[Code] =
    &[ARGUMENT, ARGUMENT_COUNT, CONSTANT, COUNT_OF_CONDITION, EVIDENCE, LIST_OF_EACH_ROW, QUOTIENT];

fn is(words: &str, ty: &Type) -> String {
    format!("`{words}` is {}", a(ty))
}

/// Too few or too many arguments.
pub(in crate::check) fn argument_count(
    function: &str,
    due: &str,
    found: usize,
    span: Span,
    notation: &str,
) -> Diagnostic {
    let plural = if due == "1" { "" } else { "s" };
    Diagnostic::error(
        ARGUMENT_COUNT,
        format!("`{function}` takes {due} argument{plural}, not {found}"),
        span,
        format!("{found} here"),
    )
    .help(format!("it is `{notation}`"))
}

/// Too few or too many arguments of a def.
pub(in crate::check) fn def_arguments(
    def: &str,
    due: usize,
    found: usize,
    span: Span,
    declared: Option<Span>,
) -> Diagnostic {
    let plural = if due == 1 { "" } else { "s" };
    let diagnostic = Diagnostic::error(
        ARGUMENT_COUNT,
        format!("`{def}` takes {due} argument{plural}, not {found}"),
        span,
        format!("{found} here"),
    );
    match declared {
        Some(declared) => diagnostic.label(declared, "declared here"),
        None => diagnostic,
    }
}

/// An argument of another type.
pub(in crate::check) fn argument(
    function: &str,
    due: &str,
    words: &str,
    found: &Type,
    span: Span,
    notation: &str,
) -> Diagnostic {
    let list = match found.present() {
        Type::Record(record) if due.contains("list") => record.fields.iter().find(|f| f.ty.element().is_some()),
        _ => None,
    };
    Diagnostic::error(
        ARGUMENT,
        format!("`{function}` takes {} here, not {}", with_article(due), a(found)),
        span,
        is(words, found),
    )
    .help(match list {
        Some(field) => format!("was its field meant? `{words}.{}`", field.name),
        None => format!("it is `{notation}`"),
    })
}

fn with_article(due: &str) -> String {
    let first = due.chars().next().unwrap_or(' ');
    if due.starts_with("a ") || due.starts_with("an ") || due == "anything" || due == "bytes" {
        due.to_owned()
    } else if "aeiou".contains(first) {
        format!("an {due}")
    } else {
        format!("a {due}")
    }
}

/// What a function itself says is wrong.
pub(in crate::check) fn call(function: &str, reason: &str, span: Span, notation: &str) -> Diagnostic {
    Diagnostic::error(ARGUMENT, format!("`{function}` cannot be called like this: {reason}"), span, "this call")
        .help(format!("it is `{notation}`"))
}

/// Something else where the name of an enum is due.
pub(in crate::check) fn enum_due(words: &str, ty: &Type, span: Span) -> Diagnostic {
    Diagnostic::error(ARGUMENT, "the name of an enum is due here", span, format!("`{words}` stands for {}", a(ty)))
        .help("write the name as it is declared: `members(Phase)`")
}

/// Something else where the name of a type is due.
pub(in crate::check) fn type_due(words: &str, span: Span) -> Diagnostic {
    Diagnostic::error(ARGUMENT, "the name of a type is due here", span, format!("`{words}` is no name"))
        .help("write the name of a record, contract, enum or type, without quotes")
}

/// A type without a schema where a contract with one is due.
pub(in crate::check) fn no_schema(words: &str, span: Span, declared: Option<Span>) -> Diagnostic {
    let diagnostic =
        Diagnostic::error(ARGUMENT, format!("`{words}` names no schema"), span, "nothing could be asked of it");
    let diagnostic = match declared {
        Some(declared) => diagnostic.label(declared, "declared here, without `schema`"),
        None => diagnostic,
    };
    diagnostic.help(format!(
        "write `schema \"docs/{words}.schema.json\"` in a `contract {words}`, or ask fields and rules: `faults(.., {words})`"
    ))
}

/// An argument whose value a function refuses.
pub(in crate::check) fn argument_will_not_do(function: &str, words: &str, reason: &str, span: Span) -> Diagnostic {
    Diagnostic::error(CONSTANT, format!("`{words}` will not do for `{function}`"), span, reason)
}

/// An argument that has to be a constant.
pub(in crate::check) fn argument_not_constant(function: &str, words: &str, span: Span) -> Diagnostic {
    Diagnostic::error(
        CONSTANT,
        format!("`{function}` has to know this argument before anything is read"),
        span,
        format!("`{words}` is not a constant"),
    )
    .help("write a value, or a param")
}

/// `count(condition)`
pub(in crate::check) fn count_of_condition(
    function: &str,
    words: &str,
    ty: &Type,
    span: Span,
    rows: Option<&str>,
) -> Diagnostic {
    let rows = rows.unwrap_or("xs");
    let diagnostic = Diagnostic::error(
        COUNT_OF_CONDITION,
        format!("`{function}` takes a list, not {}", if *ty == Type::Bool { "a condition".to_owned() } else { a(ty) }),
        span,
        is(words, ty),
    );
    match ty.present() {
        Type::Bool => {
            let better = format!("{rows} where {words}");
            let diagnostic = diagnostic.help(format!("count what meets it: `{function}({better})`"));
            if rows == "rows" { diagnostic.fix(span, better) } else { diagnostic }
        }
        _ => diagnostic.help(format!(
            "all rows: `{function}({rows})`; those that have a value: `{function}({rows} where present({words}))`"
        )),
    }
}

/// `file(x)` of something else.
pub(in crate::check) fn no_evidence_row(words: &str, ty: &Type, span: Span) -> Diagnostic {
    Diagnostic::error(EVIDENCE, "the name of an evidence, or a row of one, is due here", span, is(words, ty))
        .help("write an evidence's name, or `this` where the row comes from one")
}

/// In a metric: a list that each row has for itself.
pub(in crate::check) fn list_of_each_row(function: &str, words: &str, span: Span) -> Diagnostic {
    Diagnostic::error(
        LIST_OF_EACH_ROW,
        format!("`{words}` is a list of each row, so `{function}` of it would be one figure a row"),
        span,
        "one list for each row",
    )
    .help(format!(
        "of all elements of all rows: `{function}(rows[].{words}[])`; one value a row first: `p95(count({words}))`"
    ))
}

/// A sum or mean of quotients.
pub(in crate::check) fn aggregate_of_quotient(
    function: &str,
    above: &str,
    below: &str,
    span: Span,
    of_rows: bool,
) -> Diagnostic {
    let better = match of_rows {
        true => format!("`sum({above}) / sum({below})`"),
        false => format!("the sum of `{above}` by the sum of `{below}`"),
    };
    Diagnostic::error(
        QUOTIENT,
        format!("`{function}` of a quotient of each row has no exact value of bounded size"),
        span,
        "another denominator in each row",
    )
    .help(format!("divide the sums instead: {better}, which also weighs rows by their size"))
}
