//! Lists: stages of pipelines, tables, membership, positions.

use super::{a, listed};
use crate::data::Type;
use crate::diag::{Code, Diagnostic};
use crate::source::Span;

const GROUP_KEY: Code = Code("rspp::lists::group-key");
const INDEX: Code = Code("rspp::lists::index");
const JOIN_NAMES: Code = Code("rspp::lists::join-names");
const MEMBERSHIP: Code = Code("rspp::lists::membership");
const NEEDS_SELECT: Code = Code("rspp::lists::needs-select");
const NOT_A_LIST: Code = Code("rspp::lists::not-a-list");
const RANGE: Code = Code("rspp::lists::range");
const ROW: Code = Code("rspp::lists::row");
const SORT: Code = Code("rspp::lists::sort");
const TABLE_ROW: Code = Code("rspp::lists::table-row");

pub(in crate::check) const CODES: &[Code] =
    &[GROUP_KEY, INDEX, JOIN_NAMES, MEMBERSHIP, NEEDS_SELECT, NOT_A_LIST, RANGE, ROW, SORT, TABLE_ROW];

fn is(words: &str, ty: &Type) -> String {
    format!("`{words}` is {}", a(ty))
}

/// Something else where a list is due.
pub(in crate::check) fn not_a_list(words: &str, ty: &Type, span: Span) -> Diagnostic {
    let diagnostic = Diagnostic::error(NOT_A_LIST, format!("a list is due here, not {}", a(ty)), span, is(words, ty));
    let list = match ty.present() {
        Type::Record(record) => record.fields.iter().find(|f| f.ty.present().element().is_some()),
        _ => None,
    };
    match (list, ty.present()) {
        (Some(field), _) => diagnostic.help(format!("was its field meant? `{words}.{}`", field.name)),
        (None, Type::Json) => diagnostic.help(format!("decide what it is first: `{words} is T`")),
        (None, Type::String) => diagnostic.help(format!("a text is cut into a list by `split({words}, \",\")`")),
        _ => diagnostic.help(format!("a list of one is `[{words}]`")),
    }
}

/// A text as the position in a list of records.
pub(in crate::check) fn text_index(words: &str, ty: &Type, span: Span) -> Diagnostic {
    Diagnostic::error(INDEX, "a list is read by position, from 0", span, "a text")
        .help(format!("{}: look a row up with `only({words} where key == ..)`", is(words, ty)))
}

/// `x[..]` of what has no parts.
pub(in crate::check) fn no_index(words: &str, ty: &Type, span: Span) -> Diagnostic {
    let diagnostic = Diagnostic::error(INDEX, format!("{} has no parts to look up", a(ty)), span, is(words, ty));
    match ty {
        Type::Record(_) => {
            diagnostic.help(format!("a field is read with a dot: `{words}.f`, or `{words}.\"odd name\"`"))
        }
        Type::Json => diagnostic.help(format!("decide what it is first: `{words} is map<string, json>`")),
        _ => diagnostic.help("lists are read by position, maps by key"),
    }
}

/// A row of a table with more or fewer cells than it has columns.
pub(in crate::check) fn table_row(found: usize, due: usize, row: Span, header: Span) -> Diagnostic {
    let many = |n: usize, what: &str| if n == 1 { format!("1 {what}") } else { format!("{n} {what}s") };
    Diagnostic::error(
        TABLE_ROW,
        format!("this row has {}, and the table has {}", many(found, "cell"), many(due, "column")),
        row,
        many(found, "cell"),
    )
    .label(header, many(due, "column"))
    .help("each cell ends with a `|`; a value that is not there is `none`")
}

/// `sort by` what has no order.
pub(in crate::check) fn no_sort(words: &str, ty: &Type, span: Span) -> Diagnostic {
    Diagnostic::error(SORT, format!("{} has no order to sort by", a(ty)), span, is(words, ty))
        .help("sort by fields of it, the weightiest first: `sort by a, b descending`")
}

/// A new column for a row that is no record.
pub(in crate::check) fn column_of_no_record(name: &str, ty: &Type, span: Span) -> Diagnostic {
    Diagnostic::error(ROW, format!("the row is {}, which takes no further column", a(ty)), span, "a new column")
        .help(format!("name the row, as in `xs as x with {name} = ..`, and end with a `select`"))
}

/// `join` where the left side has no name.
pub(in crate::check) fn join_of_unnamed(name: &str, span: Span) -> Diagnostic {
    Diagnostic::error(JOIN_NAMES, "both sides of a `join` need a name", span, "the left side has none").help(format!(
        "name it straight after its source: `xs as x join ys as {name}`; stages before it stand in parentheses: \
             `(xs where ..) as x join ..`"
    ))
}

/// A key of `group by` that is called `group`.
pub(in crate::check) fn group_key_clash(span: Span) -> Diagnostic {
    Diagnostic::error(
        GROUP_KEY,
        "a group's members are found under `group`, so no key can be called that",
        span,
        "a key",
    )
    .help("give it another name first: `with kind = this.group group by kind`")
}

/// A key of `group by` without a name.
pub(in crate::check) fn group_key_without_name(words: &str, span: Span) -> Diagnostic {
    Diagnostic::error(GROUP_KEY, "a key of `group by` needs a name", span, "which name would its column have?")
        .help(format!("name it first: `with key = {words} group by key`"))
}

/// Several names where one row is due.
pub(in crate::check) fn needs_select(names: &[&str], span: Span, before: &str) -> Diagnostic {
    let (message, help) = match before {
        "" => ("a list whose elements have several names has to say what a row is", "end with".to_owned()),
        stage => ("elements with several names have to become one row first", format!("before `{stage}`, write")),
    };
    let fields: Vec<String> = names.iter().map(|n| format!("{n} = {n}")).collect();
    Diagnostic::error(NEEDS_SELECT, message, span, format!("made of {}", listed(names.iter().copied(), 6)))
        .help(format!("{help} `select {{ {} }}`, or with the values that are needed", fields.join("  ")))
}

/// A name next to an alias whose row has a field of that name.
pub(in crate::check) fn name_and_column(name: &str, alias: &str, span: Span) -> Diagnostic {
    Diagnostic::error(
        NEEDS_SELECT,
        format!("`{name}` would be a second column of that name"),
        span,
        format!("`{alias}` has a field `{name}`, and `{name}` is bound next to it"),
    )
    .help("choose another name, or say what a row is with `select`")
}

/// `x in "text"`
pub(in crate::check) fn in_text(item: &str, text: &str, span: Span) -> Diagnostic {
    Diagnostic::error(MEMBERSHIP, "`in` looks into lists and maps, not into texts", span, "a text")
        .help(format!("write `contains({text}, {item})`, or `{text} like \"*..*\"`"))
}

/// `x in y` where `y` is one value.
pub(in crate::check) fn in_single(item: &str, words: &str, ty: &Type, span: Span) -> Diagnostic {
    Diagnostic::error(MEMBERSHIP, "`in` looks into a list, a map's keys or a range", span, is(words, ty))
        .help(format!("write `{item} == {words}`, `{item} in [{words}]`, or a range: `{item} in low..high`"))
}

/// `status in pass`
pub(in crate::check) fn in_one_word(item: &str, word: &str, span: Span) -> Diagnostic {
    Diagnostic::error(MEMBERSHIP, "`in` looks into a list, a map's keys or a range", span, "one word")
        .help(format!("write `{item} == {word}`, or name several: `{item} in [{word}, ..]`"))
}

/// An item that no element can be.
pub(in crate::check) fn never_in(item: (&str, &Type, Span), list: (&str, &Type, Span)) -> Diagnostic {
    let element = list.1.element().unwrap_or(Type::Unknown);
    let diagnostic =
        Diagnostic::error(MEMBERSHIP, format!("{} is never in {}", a(item.1), a(list.1)), item.2, is(item.0, item.1))
            .label(list.2, is(list.0, list.1));
    match (item.1, element.present()) {
        (Type::Enum(_), Type::String) => diagnostic.help(format!("compare its text: `text({})`", item.0)),
        (Type::String, Type::Enum(e)) => diagnostic.help(format!("ask `{} is {}` first", item.0, e.name)),
        (_, Type::Record(record)) => match record.fields.iter().find(|f| f.ty.join(item.1).is_some()) {
            Some(field) => diagnostic.help(format!("was a field of its rows meant? `{}[].{}`", list.0, field.name)),
            None => diagnostic,
        },
        _ => diagnostic,
    }
}

/// A range that holds nothing.
pub(in crate::check) fn empty_range(low: &str, high: &str, span: Span) -> Diagnostic {
    Diagnostic::error(RANGE, "the range holds nothing", span, format!("`{low}` is above `{high}`"))
        .help(format!("the lower end comes first: `{high}..{low}`"))
}
