//! Types, enums, records, and what is said about reading each field.

use crate::data::Type;
use crate::diag::{Code, Diagnostic};
use crate::source::Span;
use std::sync::Arc;

const UNKNOWN_TYPE: Code = Code("rspp::shapes::unknown-type");
const ENCODING: Code = Code("rspp::shapes::encoding");
const ENCODING_NEEDED: Code = Code("rspp::shapes::encoding-needed");
const CYCLE: Code = Code("rspp::shapes::cycle");
const BUILT_IN_NAME: Code = Code("rspp::shapes::built-in-name");
const OPTIONAL_TYPE: Code = Code("rspp::shapes::optional-type");
const NOT_A_RECORD: Code = Code("rspp::shapes::not-a-record");
const MAP_KEY: Code = Code("rspp::shapes::map-key");
const REPEATED_FIELD: Code = Code("rspp::shapes::repeated-field");
const REPEATED_RULE: Code = Code("rspp::shapes::repeated-rule");
const REPEATED_MODIFIER: Code = Code("rspp::shapes::repeated-modifier");
const MODIFIER: Code = Code("rspp::shapes::modifier");
const KEY: Code = Code("rspp::shapes::key");
const DEFAULT: Code = Code("rspp::shapes::default");
const REPEATED_MEMBER: Code = Code("rspp::shapes::repeated-member");
const WHOLE: Code = Code("rspp::shapes::from-this");
const EMPTY_ENUM: Code = Code("rspp::shapes::empty-enum");

pub(in crate::check) const CODES: &[Code] = &[
    UNKNOWN_TYPE,
    ENCODING,
    ENCODING_NEEDED,
    CYCLE,
    BUILT_IN_NAME,
    OPTIONAL_TYPE,
    NOT_A_RECORD,
    MAP_KEY,
    REPEATED_FIELD,
    REPEATED_RULE,
    REPEATED_MODIFIER,
    MODIFIER,
    KEY,
    DEFAULT,
    REPEATED_MEMBER,
    WHOLE,
    EMPTY_ENUM,
];

/// A name that stands for no type.
pub(in crate::check) fn unknown_type(name: &str, nearest: Option<&str>, is_value: bool, span: Span) -> Diagnostic {
    let label = if is_value { "this is a value, not a type" } else { "no type, enum or record of this name" };
    let diagnostic = Diagnostic::error(UNKNOWN_TYPE, format!("unknown type `{name}`"), span, label);
    match nearest {
        Some(nearest) => diagnostic.help(format!("did you mean `{nearest}`?")).fix(span, nearest),
        None => diagnostic.help(
            "built in are `bool int decimal ratio duration instant bytes string version json`, `list<T>` and `map<K, V>`; others are declared with `type`, `enum` or `record`",
        ),
    }
}

/// A word in parentheses that this type does not take.
pub(in crate::check) fn unknown_encoding(ty: &str, word: &str, allowed: &[&str], span: Span) -> Diagnostic {
    let diagnostic = Diagnostic::error(
        ENCODING,
        format!("`{ty}` is not read as `{word}`"),
        span,
        format!("`{ty}` takes {}", words(allowed)),
    );
    match crate::diag::did_you_mean(word, allowed.iter().copied()) {
        Some(nearest) => diagnostic.help(format!("did you mean `{nearest}`?")).fix(span, nearest),
        None => diagnostic.help(format!("write one of {} in the parentheses", words(allowed))),
    }
}

/// Words in parentheses after a type that takes none.
pub(in crate::check) fn no_encoding(ty: &str, word: &str, span: Span) -> Diagnostic {
    Diagnostic::error(
        ENCODING,
        format!("`{ty}` takes no words in parentheses"),
        span,
        format!("`{word}` says nothing here"),
    )
    .help(format!(
        "write `{ty}` alone; how a declared type is read stands in its declaration, such as `type T = string(trim)`"
    ))
}

/// Two words that cannot both hold, or one twice.
pub(in crate::check) fn encodings_clash(ty: &str, first: &str, second: &str, span: Span) -> Diagnostic {
    let message = if first == second {
        format!("`{ty}` says `{first}` twice")
    } else {
        format!("`{ty}` cannot be read as `{first}` and as `{second}`")
    };
    Diagnostic::error(ENCODING, message, span, format!("`{second}` comes after `{first}`"))
        .help("leave one of them out")
}

/// A duration in data without its unit.
pub(in crate::check) fn unit_needed(span: Span) -> Diagnostic {
    Diagnostic::error(ENCODING_NEEDED, "a duration in data needs its unit", span, "data holds a bare number here")
        .help("write `duration(ms)`, or `ns us s m h d`; with `round` fractions are accepted: `duration(ms, round)`")
}

/// An instant in data without saying how it is written.
pub(in crate::check) fn instant_needs_encoding(span: Span) -> Diagnostic {
    Diagnostic::error(
        ENCODING_NEEDED,
        "an instant in data needs to say how it is written",
        span,
        "a text or a number of what since 1970?",
    )
    .help(
        "write `instant(rfc3339)` for texts such as \"2026-03-31T00:00:00Z\", `instant(ms)` (or `s us ns`) for numbers",
    )
}

/// A shape that contains itself.
pub(in crate::check) fn shape_cycle(names: &[Arc<str>], span: Span) -> Diagnostic {
    let mut path: Vec<&str> = names.iter().map(|n| &**n).collect();
    path.extend(names.first().map(|n| &**n));
    let message = format!("`{}` contains itself", path.first().unwrap_or(&""));
    Diagnostic::error(CYCLE, message, span, format!("this closes the circle {}", path.join(" -> ")))
        .help("make one of the fields `json` and ask `x is R` where it is used")
}

/// A declaration that takes the name of a built-in type.
pub(in crate::check) fn built_in_name(name: &str, span: Span) -> Diagnostic {
    Diagnostic::error(BUILT_IN_NAME, format!("`{name}` is a type of the language"), span, "it cannot be declared again")
        .help("choose another name")
}

/// `type X = T?`
pub(in crate::check) fn optional_type(name: &str, span: Span) -> Diagnostic {
    Diagnostic::error(
        OPTIONAL_TYPE,
        format!("type `{name}` cannot be optional in itself"),
        span,
        "`?` says that a place may be empty, not what stands in it",
    )
    .help(format!("drop the `?` here and write `{name}?` where it may be missing"))
}

/// A type where a record is due.
pub(in crate::check) fn not_a_record(name: &str, ty: &Type, span: Span) -> Diagnostic {
    Diagnostic::error(NOT_A_RECORD, format!("`{name}` is no record"), span, format!("this is {}", super::a(ty)))
        .help("name a `record` here")
}

/// `include` of something that has no body to take over.
pub(in crate::check) fn include_not_declared(name: &str, span: Span) -> Diagnostic {
    Diagnostic::error(NOT_A_RECORD, format!("`{name}` cannot be included"), span, "this is not declared with `record`")
        .help(format!("declare `record {name} {{ .. }}`"))
}

/// A map whose keys are no texts.
pub(in crate::check) fn map_key(key: &Type, span: Span) -> Diagnostic {
    Diagnostic::error(MAP_KEY, "keys of a map in data are texts", span, format!("this is {}", super::a(key)))
        .help("use `string` or an enum as the key")
}

/// A field written twice.
pub(in crate::check) fn repeated_field(name: &str, first: Span, second: Span) -> Diagnostic {
    Diagnostic::error(REPEATED_FIELD, format!("field `{name}` is written twice"), second, "again here")
        .label(first, "first here")
        .help("leave one of them out, or rename it and say `from` where its value stands")
}

/// A field that an included record has as well.
pub(in crate::check) fn included_field_clash(
    name: &str,
    record: &str,
    at: Span,
    first: Span,
    theirs: Span,
) -> Diagnostic {
    Diagnostic::error(
        REPEATED_FIELD,
        format!("field `{name}` comes twice"),
        at,
        format!("`{record}` brings `{name}` too"),
    )
    .label(first, "first here")
    .label(theirs, format!("`{name}` of `{record}`"))
    .help(format!("drop the field here, or do not include `{record}`"))
}

/// A rule written twice.
pub(in crate::check) fn repeated_rule(name: &str, first: Span, second: Span) -> Diagnostic {
    Diagnostic::error(REPEATED_RULE, format!("rule `{name}` is written twice"), second, "again here")
        .label(first, "first here")
        .help("give each rule a name of its own: faults are told by it")
}

/// A modifier written twice.
pub(in crate::check) fn repeated_modifier(word: &str, first: Span, second: Span) -> Diagnostic {
    let diagnostic = Diagnostic::error(REPEATED_MODIFIER, format!("`{word}` is written twice"), second, "again here")
        .label(first, "first here");
    if word == "from" {
        diagnostic.help("write `from a or b` for two places")
    } else {
        diagnostic.help("once is enough")
    }
}

/// A place that `from` names twice.
pub(in crate::check) fn repeated_place(path: &str, first: Span, second: Span) -> Diagnostic {
    Diagnostic::error(REPEATED_MODIFIER, format!("`from` names `{path}` twice"), second, "again here")
        .label(first, "first here")
        .help("once is enough")
}

/// A value that may read as absent, in a field that must be there.
pub(in crate::check) fn absence_refused(word: &str, field: &str, ty: &Type, span: Span, ty_span: Span) -> Diagnostic {
    let why = match word {
        "nullable" => "`null` would read as absent",
        "lenient" => "an unreadable value would read as absent",
        _ => "the sentinel would read as absent",
    };
    Diagnostic::error(MODIFIER, format!("`{word}` needs a field that may be missing"), span, why)
        .label(ty_span, format!("`{field}` must be there"))
        .help(format!("write `{ty}?`, or add `default` with the value to take instead"))
}

/// `T? default ..`
pub(in crate::check) fn default_of_optional(field: &str, inner: &Type, ty_span: Span, span: Span) -> Diagnostic {
    Diagnostic::error(
        MODIFIER,
        format!("`{field}` has a default, so it is never missing"),
        span,
        "absent reads as this",
    )
    .label(ty_span, "says it may be missing")
    .help(format!("write `{inner}` without the `?`, or drop the default"))
}

/// `key` where no row is.
pub(in crate::check) fn key_outside_rows(field: &str, span: Span) -> Diagnostic {
    Diagnostic::error(KEY, "`key` names the rows of an evidence", span, format!("`{field}` is no field of a row"))
        .help("drop `key`; it may stand in `row { .. }` and in a record that an evidence takes as its `row`")
}

/// `from this` in a record that is no row of an evidence.
pub(in crate::check) fn whole_outside_rows(field: &str, span: Span) -> Diagnostic {
    Diagnostic::error(
        WHOLE,
        "`from this` takes all that a file holds",
        span,
        format!("`{field}` is no field of a `row {{ .. }}`"),
    )
    .help("write it in the `row { .. }` of an evidence, beside fields that the path fills")
}

/// `from this` beside a field that the data would have to fill.
pub(in crate::check) fn whole_beside(field: &str, span: Span, other: &str, at: Span) -> Diagnostic {
    Diagnostic::error(
        WHOLE,
        format!("`{field}` takes all that a file holds, so nothing is left for `{other}`"),
        at,
        format!("the path does not fill `{other}`"),
    )
    .label(span, format!("`{field}` is read `from this`"))
    .help(format!("write `{{{other}}}` in `files`, or drop the field and ask `{field}` for it"))
}

/// `from this` where a file is no value.
pub(in crate::check) fn whole_of_cells(field: &str, format: &str, span: Span) -> Diagnostic {
    Diagnostic::error(
        WHOLE,
        format!("a row of {format} is cells, not one value"),
        span,
        format!("`{field}` is read `from this`"),
    )
    .help("name the columns as fields")
}

/// `from this` where rows go out undecoded, or stand inside of a file.
pub(in crate::check) fn whole_and(field: &str, span: Span, clause: &str, at: Span) -> Diagnostic {
    Diagnostic::error(
        WHOLE,
        format!("`from this` and `{clause}` do not go together"),
        at,
        format!("with `{clause}` a row is not all that a file holds"),
    )
    .label(span, format!("`{field}` is read `from this`"))
    .help("drop the clause; `from this lenient` makes a file that cannot be read a row without this value")
}

/// A key of a type that cannot name a row.
pub(in crate::check) fn key_type(field: &str, ty: &Type, span: Span) -> Diagnostic {
    Diagnostic::error(
        KEY,
        format!("{} cannot name a row", super::a(ty)),
        span,
        format!("`{field}` is {}", super::a(ty)),
    )
    .help("a key is a text, a number, a word of an enum, a version or an instant")
}

/// Two keys in one record.
pub(in crate::check) fn two_keys(first: &str, at: Span, second: &str, again: Span) -> Diagnostic {
    Diagnostic::error(KEY, "a row has one key", again, format!("`{second}` is a key too"))
        .label(at, format!("`{first}` is the key"))
        .help("keep the one that names the row to people; `unique(xs)` in a gate asks for the other")
}

/// A default that leaves out a field which must be there.
pub(in crate::check) fn default_lacks_field(field: &str, ty: &Type, span: Span, declared: Span) -> Diagnostic {
    Diagnostic::error(DEFAULT, format!("the default lacks `{field}`"), span, format!("`{field}` has no value here"))
        .label(declared, format!("`{field}` is {} and has no default of its own", super::a(ty)))
        .help(format!("write `{field} = ..` in the default"))
}

/// A default or sentinel that a profile could change.
pub(in crate::check) fn param_in_reading(word: &str, span: Span) -> Diagnostic {
    Diagnostic::error(DEFAULT, format!("`{word}` takes a literal"), span, "a param may differ between profiles")
        .help("evidence reads the same in every profile: write the value itself")
}

/// A member written twice.
pub(in crate::check) fn repeated_member(name: &str, member: &str, first: Span, second: Span) -> Diagnostic {
    Diagnostic::error(REPEATED_MEMBER, format!("enum `{name}` has `{member}` twice"), second, "again here")
        .label(first, "first here")
        .help("once is enough")
}

/// A spelling that two members share.
pub(in crate::check) fn repeated_spelling(name: &str, word: &str, first: Span, second: Span) -> Diagnostic {
    Diagnostic::error(
        REPEATED_MEMBER,
        format!("enum `{name}` has two members spelt \"{word}\""),
        second,
        "which member would this word be?",
    )
    .label(first, "spelt so here first")
    .help("give each spelling to one member")
}

/// Two members that read the same under `trim` or `fold`.
pub(in crate::check) fn same_when_read(name: &str, first: &str, second: &str, span: Span) -> Diagnostic {
    Diagnostic::error(
        REPEATED_MEMBER,
        format!("`{first}` and `{second}` of `{name}` read the same"),
        span,
        "blanks or case no longer tell them apart",
    )
    .help("drop `fold` or `trim` here, or give one member another spelling")
}

/// An enum without members.
pub(in crate::check) fn empty_enum(name: &str, span: Span) -> Diagnostic {
    Diagnostic::error(EMPTY_ENUM, format!("enum `{name}` has no members"), span, "no value could be of this type")
        .help("write its words: `enum Phase { early, late }`")
}

/// Words as a list: `a`, `b` or `c`.
pub(in crate::check) fn words(list: &[&str]) -> String {
    let quoted: Vec<String> = list.iter().map(|w| format!("`{w}`")).collect();
    match quoted.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
        _ => quoted.join(""),
    }
}
