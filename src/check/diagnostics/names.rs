//! Names: unknown, declared twice, with two meanings, out of sight, in a circle.

use super::{a, listed};
use crate::check::scope::Place;
use crate::data::{EnumType, Type};
use crate::diag::{Code, Diagnostic};
use crate::source::Span;

const CLAUSE_WORD: Code = Code("rspp::names::clause-word");
const CYCLE: Code = Code("rspp::names::cycle");
const DUPLICATE: Code = Code("rspp::names::duplicate");
const ENUM_WORD: Code = Code("rspp::names::enum-word");
const EVIDENCE_IN_RULE: Code = Code("rspp::names::evidence-in-rule");
const GATE_AS_VALUE: Code = Code("rspp::names::gate-as-value");
const HIDDEN_ROW: Code = Code("rspp::names::hidden-row");
const NO_ROW: Code = Code("rspp::names::no-row");
const ROW_IN_METRIC: Code = Code("rspp::names::row-in-metric");
const SHADOWED: Code = Code("rspp::names::shadowed");
const TWO_MEANINGS: Code = Code("rspp::names::two-meanings");
const TYPE_AS_VALUE: Code = Code("rspp::names::type-as-value");
const UNCALLED: Code = Code("rspp::names::uncalled");
const UNKNOWN: Code = Code("rspp::names::unknown");
const UNKNOWN_FIELD: Code = Code("rspp::names::unknown-field");
const UNKNOWN_FUNCTION: Code = Code("rspp::names::unknown-function");
const UNKNOWN_GATE: Code = Code("rspp::names::unknown-gate");
const UNKNOWN_MEMBER: Code = Code("rspp::names::unknown-member");
const UNKNOWN_RECORD: Code = Code("rspp::names::unknown-record");

pub(in crate::check) const CODES: &[Code] = &[
    CLAUSE_WORD,
    CYCLE,
    DUPLICATE,
    ENUM_WORD,
    EVIDENCE_IN_RULE,
    GATE_AS_VALUE,
    HIDDEN_ROW,
    NO_ROW,
    ROW_IN_METRIC,
    SHADOWED,
    TWO_MEANINGS,
    TYPE_AS_VALUE,
    UNCALLED,
    UNKNOWN,
    UNKNOWN_FIELD,
    UNKNOWN_FUNCTION,
    UNKNOWN_GATE,
    UNKNOWN_MEMBER,
    UNKNOWN_RECORD,
];

/// Two declarations of one name.
pub(in crate::check) fn duplicate(what: &str, name: &str, first: Span, second: Span) -> Diagnostic {
    Diagnostic::error(DUPLICATE, format!("`{name}` is declared twice"), second, format!("a second {what} `{name}`"))
        .label(first, "declared here first")
        .help("rename one of them")
}

/// A `def` with the name of a function of the language.
pub(in crate::check) fn def_hides_function(name: &str, span: Span, notation: &str) -> Diagnostic {
    Diagnostic::error(DUPLICATE, format!("`{name}` is a function of the language"), span, "a second meaning for it")
        .help(format!("there is `{notation}` already; give the def another name"))
}

/// One thing that a bare name may stand for.
#[derive(Debug, Clone)]
pub(in crate::check) enum Meaning {
    /// A bound name, and where it was bound.
    Bound(Option<Span>),
    /// A field of the row, whose type this is.
    Field(String),
    /// A declaration of this kind, and its place.
    Declaration(&'static str, Option<Span>),
    /// A word of this enum.
    Member(String),
}

/// A bare name that stands for several things.
pub(in crate::check) fn two_meanings(name: &str, span: Span, meanings: &[Meaning]) -> Diagnostic {
    let words = |m: &Meaning| match m {
        Meaning::Bound(_) => "a name bound here".to_owned(),
        Meaning::Field(row) if row.starts_with('{') => "a field of the row".to_owned(),
        Meaning::Field(row) => format!("a field of the row `{row}`"),
        Meaning::Declaration(kind, _) => match *kind {
            "evidence" => "an evidence".to_owned(),
            "instant of evaluation" | "release candidate" => format!("the {kind}"),
            kind => format!("a {kind}"),
        },
        Meaning::Member(e) => format!("a word of `{e}`"),
    };
    let all: Vec<String> = meanings.iter().map(words).collect();
    let all = all.join(" and ");
    let mut diagnostic =
        Diagnostic::error(TWO_MEANINGS, format!("`{name}` has two meanings here"), span, format!("it is {all}"));
    for meaning in meanings {
        diagnostic = match meaning {
            Meaning::Bound(Some(place)) => diagnostic.label(*place, format!("`{name}` is bound here")),
            Meaning::Declaration(kind, Some(place)) => diagnostic.label(*place, format!("the {kind} `{name}`")),
            _ => diagnostic,
        };
    }
    let mut ways = Vec::new();
    for meaning in meanings {
        match meaning {
            Meaning::Field(_) => ways.push(format!("write `this.{name}` for the field")),
            Meaning::Member(e) => ways.push(format!("write `{e}.{name}` for the word")),
            Meaning::Declaration(kind @ ("param" | "let" | "evidence"), _) => {
                ways.push(format!("rename the {kind} if it is meant"));
            }
            Meaning::Bound(_) => ways.push("bind another name if that one is meant".to_owned()),
            Meaning::Declaration(..) => {}
        }
    }
    let diagnostic = diagnostic.help(ways.join("; "));
    match meanings.iter().find(|m| matches!(m, Meaning::Field(_))) {
        Some(_) => diagnostic.fix(span, format!("this.{name}")),
        None => match meanings.iter().find_map(|m| if let Meaning::Member(e) = m { Some(e) } else { None }) {
            Some(e) => diagnostic.fix(span, format!("{e}.{name}")),
            None => diagnostic,
        },
    }
}

/// `E.x` where `E` is an enum with the word `x`, and also a value with a part `x`.
pub(in crate::check) fn enum_and_value(name: &str, member: &str, span: Span) -> Diagnostic {
    Diagnostic::error(
        TWO_MEANINGS,
        format!("`{name}.{member}` has two meanings here"),
        span,
        format!("`{name}` is an enum with the word `{member}`, and a value with such a part"),
    )
    .help(format!("write `this.{name}.{member}` for the part of a field, or rename the enum"))
}

/// A field named like a clause, used bare in a gate.
pub(in crate::check) fn clause_word(name: &str, span: Span) -> Diagnostic {
    Diagnostic::warning(
        CLAUSE_WORD,
        format!("`{name}` is also a word that starts a clause"),
        span,
        "here it is a field of the row",
    )
    .help(format!("write `this.{name}`, which nobody reads as a clause"))
    .fix(span, format!("this.{name}"))
}

/// `this` where there is no row.
pub(in crate::check) fn no_row(span: Span, in_metric: bool) -> Diagnostic {
    let help = match in_metric {
        true => "a metric looks at the whole sample: use `this` inside an aggregate, as in `p95(this.a)`, or `rows`",
        false => "`this` is the row of an `each`, of a rule, or of an unnamed `where`, `select` or `with`",
    };
    Diagnostic::error(NO_ROW, "there is no row here for `this` to stand for", span, "no row").help(help)
}

/// Evidence read by a rule or a constant.
pub(in crate::check) fn evidence_in_rule(place: Place, path: &[String], span: Span) -> Diagnostic {
    let (what, why) = match place {
        Place::Constant => ("a constant", "known before anything is read"),
        Place::Excused => ("what a waiver covers", "said by the policy alone"),
        _ => ("a rule", "judged while evidence is read"),
    };
    let last = path.last().map_or("evidence", String::as_str);
    let label = match path.len() {
        0 | 1 => format!("`{last}` is known only in a run"),
        _ => format!("`{last}` is read through `{}`", path.join(" -> ")),
    };
    let help = match place {
        Place::Constant => "write the value itself, or compute it where it is used".to_owned(),
        Place::Excused => format!("name what is meant by its own fields; a condition on `{last}` is `when`"),
        _ => format!("say it in a gate: `each` or `expect` may read `{last}`"),
    };
    Diagnostic::error(EVIDENCE_IN_RULE, format!("{what} is {why}, so it cannot read `{last}`"), span, label).help(help)
}

/// A name that is bound already.
pub(in crate::check) fn shadowed(name: &str, span: Span, first: Option<Span>) -> Diagnostic {
    let diagnostic =
        Diagnostic::error(SHADOWED, format!("`{name}` already names something here"), span, "bound a second time")
            .help("choose another name, so that both can be told apart");
    match first {
        Some(first) => diagnostic.label(first, "bound here first"),
        None => diagnostic,
    }
}

/// A new column with the name of one that is there.
pub(in crate::check) fn column_exists(name: &str, span: Span) -> Diagnostic {
    Diagnostic::error(SHADOWED, format!("the row already has a field `{name}`"), span, "a second column of that name")
        .help("choose another name; `select` makes a row with other values")
}

/// A field of the outer row in an unnamed stage.
pub(in crate::check) fn hidden_row(name: &str, span: Span) -> Diagnostic {
    Diagnostic::error(
        HIDDEN_ROW,
        format!("`{name}` is a field of the outer row, which is out of sight here"),
        span,
        "bare names here are fields of the inner row",
    )
    .help(format!("name the inner row, as in `xs as x where x.id == {name}`: then bare names mean the outer one"))
}

/// A field of the row in a metric, outside of an aggregate.
pub(in crate::check) fn row_in_metric(name: &str, span: Span) -> Diagnostic {
    Diagnostic::error(
        ROW_IN_METRIC,
        format!("`{name}` is a field of each row, and a metric is one figure of all rows"),
        span,
        "which row is meant?",
    )
    .help(format!("put it into an aggregate, such as `sum({name})`, or read it of all rows: `rows[].{name}`"))
}

/// A function's name without parentheses.
pub(in crate::check) fn function_without_call(name: &str, span: Span) -> Diagnostic {
    Diagnostic::error(UNCALLED, format!("`{name}` is a function"), span, "not called")
        .help(format!("call it: `{name}(..)`"))
}

/// A word that is none of the enum's.
pub(in crate::check) fn unknown_member(
    name: &str,
    span: Span,
    e: &EnumType,
    near: Option<&str>,
    owners: &[&str],
) -> Diagnostic {
    let label = format!("`{}` is expected here", e.name);
    let diagnostic = Diagnostic::error(UNKNOWN_MEMBER, format!("`{name}` is no word of `{}`", e.name), span, label);
    let quoted = |word: &str| match e.members.iter().any(|m| &*m.name == word && m.quoted) {
        true => format!("\"{word}\""),
        false => word.to_owned(),
    };
    match near {
        Some(near) => {
            let diagnostic = diagnostic.help(format!("did you mean `{}`?", quoted(near)));
            diagnostic.fix(span, quoted(near))
        }
        None if !owners.is_empty() => {
            let owners = listed(owners.iter().copied(), 3);
            diagnostic.help(format!("it is a word of {owners}, which this is not compared with"))
        }
        None => {
            let words: Vec<String> = e.members.iter().map(|m| quoted(&m.name)).collect();
            diagnostic.help(format!("its words are {}", listed(words.iter().map(String::as_str), 8)))
        }
    }
}

/// A word of an enum where no enum is expected.
pub(in crate::check) fn member_without_enum(name: &str, span: Span, enums: &[&str], in_cell: bool) -> Diagnostic {
    let label = format!("a word of {}, but nothing here says that one is meant", listed(enums.iter().copied(), 3));
    let ways: Vec<String> = enums.iter().take(3).map(|e| format!("`{e}.{name}`")).collect();
    let diagnostic =
        Diagnostic::error(ENUM_WORD, format!("`{name}` is known only as the word of an enum"), span, label).help(
            match (in_cell, enums.first()) {
                (true, Some(e)) => {
                    format!("give the column its type, `| column : {e} |`, or write {}", ways.join(" or "))
                }
                _ => format!("write {}", ways.join(" or ")),
            },
        );
    match enums {
        [one] => diagnostic.fix(span, format!("{one}.{name}")),
        _ => diagnostic,
    }
}

/// A type's name where a value is due.
pub(in crate::check) fn type_as_value(name: &str, span: Span, is_enum: bool) -> Diagnostic {
    let help = match is_enum {
        true => format!("its words are written `{name}.word`, and `members({name})` is the list of them"),
        false => format!("a value of it is made by `{name} {{ .. }}`, and `x is {name}` asks about one"),
    };
    Diagnostic::error(TYPE_AS_VALUE, format!("`{name}` is a type, not a value"), span, "a value is due here").help(help)
}

/// A type's name called like a function.
pub(in crate::check) fn type_called(name: &str, span: Span) -> Diagnostic {
    Diagnostic::error(TYPE_AS_VALUE, format!("`{name}` is a type, not a function"), span, "a function is due here")
        .help(format!("a record is made with braces: `{name} {{ field = value }}`"))
}

/// A bare name that stands for nothing.
pub(in crate::check) fn unknown_name(name: &str, span: Span, near: Option<&str>, row: Option<&Type>) -> Diagnostic {
    let diagnostic = Diagnostic::error(UNKNOWN, format!("`{name}` is not known here"), span, "no such name");
    let fields = match row {
        Some(Type::Record(record)) if !record.fields.is_empty() => {
            Some(format!("fields of the row: {}", listed(record.fields.iter().map(|f| &*f.name), 12)))
        }
        _ => None,
    };
    match (near, foreign_word(name), fields) {
        (_, Some((ours, why)), _) => diagnostic.help(format!("write `{ours}`: {why}")),
        (Some(near), _, _) => diagnostic.help(format!("did you mean `{near}`?")).fix(span, near),
        (None, None, Some(fields)) => diagnostic.help(fields),
        (None, None, None) => diagnostic.help("it is no field here, and no `let`, `param` or `evidence` of that name"),
    }
}

/// Words of other languages that people try.
fn foreign_word(name: &str) -> Option<(&'static str, &'static str)> {
    Some(match name {
        "null" | "NULL" | "nil" | "None" | "undefined" => {
            ("present(x)", "it asks whether a value is there; a missing one is called `none`")
        }
        "True" | "TRUE" | "yes" => ("true", "words are in lower case here"),
        "False" | "FALSE" | "no" => ("false", "words are in lower case here"),
        "self" | "row" | "it" | "_" => ("this", "so the row is called here"),
        "now" | "today" | "NOW" => ("as_of", "the instant of evaluation; there is no clock in a policy"),
        _ => return None,
    })
}

/// A gate's id where a value is due.
pub(in crate::check) fn gate_as_value(id: &str, rest: &str, span: Span) -> Diagnostic {
    Diagnostic::error(GATE_AS_VALUE, format!("`{id}` is a gate, not a value"), span, "a gate's id")
        .help(format!("its result is `result({id}){rest}`"))
        .fix(span, format!("result({id}){rest}"))
}

/// A field that a record does not have.
pub(in crate::check) fn unknown_field(name: &str, span: Span, ty: &Type, near: Option<&str>) -> Diagnostic {
    let diagnostic =
        Diagnostic::error(UNKNOWN_FIELD, format!("{} has no field `{name}`", a(ty)), span, "no such field");
    match (near, ty) {
        (Some(near), _) => diagnostic.help(format!("did you mean `{near}`?")).fix(span, near),
        (None, Type::Record(record)) if record.fields.is_empty() => diagnostic.help("it has no fields at all"),
        (None, Type::Record(record)) => {
            diagnostic.help(format!("its fields are {}", listed(record.fields.iter().map(|f| &*f.name), 12)))
        }
        _ => diagnostic,
    }
}

/// A record that is not declared.
pub(in crate::check) fn unknown_record(name: &str, span: Span, near: Option<&str>) -> Diagnostic {
    let diagnostic = Diagnostic::error(UNKNOWN_RECORD, format!("there is no record `{name}`"), span, "not declared");
    match near {
        Some(near) => diagnostic.help(format!("did you mean `{near}`?")).fix(span, near),
        None => diagnostic.help("a record without a name is written `{ field = value }`"),
    }
}

/// A function that does not exist.
pub(in crate::check) fn unknown_function(name: &str, span: Span, near: Option<&str>) -> Diagnostic {
    let diagnostic = Diagnostic::error(UNKNOWN_FUNCTION, format!("there is no function `{name}`"), span, "not known");
    match near {
        Some(near) => diagnostic.help(format!("did you mean `{near}`?")).fix(span, near),
        None => diagnostic.help("functions of your own are declared with `def`"),
    }
}

/// A value called like a function.
pub(in crate::check) fn value_called(name: &str, span: Span) -> Diagnostic {
    Diagnostic::error(UNKNOWN_FUNCTION, format!("`{name}` is a value, not a function"), span, "cannot be called")
        .help(format!("write `{name}` alone; a part of a list or map is `{name}[..]`"))
}

/// A gate that does not exist.
pub(in crate::check) fn unknown_gate(name: &str, span: Span, near: Option<&str>) -> Diagnostic {
    let diagnostic = Diagnostic::error(UNKNOWN_GATE, format!("there is no gate `{name}`"), span, "not declared");
    match near {
        Some(near) => diagnostic.help(format!("did you mean `{near}`?")).fix(span, near),
        None => diagnostic,
    }
}

/// Something else where a gate's id is due.
pub(in crate::check) fn gate_due(span: Span) -> Diagnostic {
    Diagnostic::error(UNKNOWN_GATE, "the id of a gate is due here", span, "not a gate's id")
        .help("write the id as it is declared, without quotes: `result(latency.first_byte)`")
}

/// Declarations that need each other.
pub(in crate::check) fn cycle(names: &[String], used: Span, hops: &[(String, Span)]) -> Diagnostic {
    let first = names.first().map_or("", String::as_str);
    let message = match names.len() {
        0..=2 => format!("`{first}` is defined by itself"),
        _ => format!("`{}` is a circle", names.join(" -> ")),
    };
    let mut diagnostic = Diagnostic::error(CYCLE, message, used, format!("needs `{first}`, which is being defined"));
    for (name, span) in hops {
        diagnostic = diagnostic.label(*span, format!("needs `{name}`"));
    }
    diagnostic.help("break the circle: one of them has to be said without the others")
}
