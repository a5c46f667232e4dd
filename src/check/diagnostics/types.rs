//! Types: what is due and what is there; literals, records, conditions, comparisons, patterns.

use super::units::{Operand, sides};
use super::{a, listed};
use crate::data::Type;
use crate::data::read::ReadError;
use crate::diag::{Code, Diagnostic};
use crate::source::Span;
use crate::syntax::tree;

const COMPARE: Code = Code("rspp::types::compare");
const CONDITION: Code = Code("rspp::types::condition");
const CONSTANT: Code = Code("rspp::types::constant");
const FIELDS: Code = Code("rspp::types::fields");
const FORMAT: Code = Code("rspp::types::format");
const IS: Code = Code("rspp::types::is");
const JSON: Code = Code("rspp::types::json");
const KEY: Code = Code("rspp::types::key");
const LITERAL: Code = Code("rspp::types::literal");
const MAP_FOR_RECORD: Code = Code("rspp::types::map-for-record");
const MISMATCH: Code = Code("rspp::types::mismatch");
const NO_FIELDS: Code = Code("rspp::types::no-fields");
const NOT_A_RECORD: Code = Code("rspp::types::not-a-record");
const NOT_ORDERED: Code = Code("rspp::types::not-ordered");
const NULL: Code = Code("rspp::types::null");
const PATTERN: Code = Code("rspp::types::pattern");
const SIGN: Code = Code("rspp::types::sign");
const UNLIKE: Code = Code("rspp::types::unlike");
const UNSAID: Code = Code("rspp::types::unsaid");

pub(in crate::check) const CODES: &[Code] = &[
    COMPARE,
    CONDITION,
    CONSTANT,
    FIELDS,
    FORMAT,
    IS,
    JSON,
    KEY,
    LITERAL,
    MAP_FOR_RECORD,
    MISMATCH,
    NO_FIELDS,
    NOT_A_RECORD,
    NOT_ORDERED,
    NULL,
    PATTERN,
    SIGN,
    UNLIKE,
    UNSAID,
];

/// A value with its words, type and place.
type Side<'s> = (&'s str, &'s Type, Span);

fn is((words, ty, _): Side<'_>) -> String {
    format!("`{words}` is {}", a(ty))
}

/// Another type than the one due.
pub(in crate::check) fn mismatch(words: &str, found: &Type, due: &Type, span: Span) -> Diagnostic {
    let due = due.present();
    let message = match (found.present(), due) {
        (Type::Record(f), Type::Record(d)) => format!("{}: {}", due_not(found, due), record_difference(f, d)),
        _ => due_not(found, due),
    };
    let diagnostic = Diagnostic::error(MISMATCH, message, span, is((words, found, span)));
    match conversion(words, found.present(), due) {
        Some(help) => diagnostic.help(help),
        None => diagnostic,
    }
}

fn due_not(found: &Type, due: &Type) -> String {
    if a(found) == a(due) {
        return format!("another one than {} is due here", a(due));
    }
    format!("{} is due here, not {}", a(due), a(found))
}

fn record_difference(found: &crate::data::RecordType, due: &crate::data::RecordType) -> String {
    let extra = found.fields.iter().find(|f| due.field(&f.name).is_none());
    let absent = due.fields.iter().find(|f| !f.ty.is_optional() && found.field(&f.name).is_none());
    let other = due.fields.iter().find_map(|d| {
        let (_, ty) = found.field(&d.name)?;
        (!ty.fits(&d.ty)).then(|| (d, ty.clone()))
    });
    match (extra, absent, other) {
        (_, _, Some((field, ty))) => {
            format!("its field `{}` is due as {}, not as {}", field.name, a(&field.ty), a(&ty))
        }
        (_, Some(field), _) => format!("it lacks the field `{}`", field.name),
        (Some(field), _, _) => format!("it has a field `{}` too many", field.name),
        _ => "its parts differ".to_owned(),
    }
}

/// How people get from one type to another.
fn conversion(words: &str, found: &Type, due: &Type) -> Option<String> {
    Some(match (found, due) {
        (Type::String, Type::Enum(_)) => {
            format!("ask `{words} is {due}` first: where it holds, the text is read as a word of `{due}`")
        }
        (Type::Enum(_), Type::String) | (Type::Int | Type::Decimal | Type::Version, Type::String) => {
            match words.starts_with(|c: char| c.is_ascii_digit()) {
                true => format!("a text is written in quotes: `\"{words}\"`"),
                false => format!("its text is `text({words})`, or `\"{{{words}}}\"`"),
            }
        }
        (Type::String, Type::Instant) => "an instant is written without quotes: `2026-03-31T00:00:00Z`".to_owned(),
        (Type::String, Type::Version) => "a version is written without quotes: `v1.4`".to_owned(),
        (Type::Json, due) if !matches!(due, Type::Json) => {
            format!("decide what it is first: where `{words} is {due}` holds, it is one")
        }
        (found, Type::List(element)) if found.fits(element) => format!("a list of one is `[{words}]`"),
        (Type::List(element), due) if element.fits(due) => {
            format!("choose one element: `first({words})`, `only({words})`, or `{words}[0]` (each may be missing)")
        }
        (Type::Decimal, Type::Int) => "round it with `floor(..)`, `ceil(..)` or `round(..)`".to_owned(),
        (Type::Record(record), due) if record.fields.iter().filter(|f| f.ty.fits(due)).count() == 1 => {
            let field = record.fields.iter().find(|f| f.ty.fits(due))?;
            format!("was its field meant? `{words}.{}`", field.name)
        }
        _ => return None,
    })
}

/// A literal that stands for no value.
pub(in crate::check) fn literal(text: &str, why: &ReadError, span: Span) -> Diagnostic {
    let diagnostic = Diagnostic::error(LITERAL, format!("`{text}` {why}"), span, "not a value");
    match why {
        ReadError::DateOnly => diagnostic.help(format!("write the time and the offset too: `{text}T00:00:00Z`")),
        ReadError::NoOffset => diagnostic.help(format!("write `{text}Z` if UTC is meant")),
        ReadError::NotWhole { unit } => diagnostic.help(format!("the smallest part is 1{unit}")),
        _ => diagnostic,
    }
}

/// `null` outside of an artifact.
pub(in crate::check) fn null(span: Span) -> Diagnostic {
    Diagnostic::error(NULL, "`null` is only for documents that are written", span, "not a value")
        .help("a missing value is called `none`; ask for one with `present(x)`")
        .fix(span, "none")
}

/// `null` inside of an artifact, and not behind `??`.
pub(in crate::check) fn null_alone(span: Span) -> Diagnostic {
    Diagnostic::error(NULL, "`null` stands for a value that is missing", span, "not behind `??`")
        .help("write `x ?? null`: the value where there is one, else `null`")
}

/// Parts that have to be of one type.
pub(in crate::check) fn unlike(what: &str, first: Side<'_>, second: Side<'_>) -> Diagnostic {
    let message = format!("{what} have to be of one type, not {} and {}", a(first.1), a(second.1));
    Diagnostic::error(UNLIKE, message, second.2, is(second)).label(first.2, is(first))
}

/// Braces with colons where a record is meant.
pub(in crate::check) fn map_for_record(span: Span, due: Option<&Type>) -> Diagnostic {
    let label = match due {
        Some(ty) => format!("{} is due here", a(ty)),
        None => "keys of a map are values: texts in quotes, numbers, ..".to_owned(),
    };
    Diagnostic::error(MAP_FOR_RECORD, "braces with colons make a map, not a record", span, label)
        .help("fields of a record are written with `=`: `{ a = 1  b = 2 }`")
}

/// A key that may be missing.
pub(in crate::check) fn missing_key(words: &str, span: Span) -> Diagnostic {
    Diagnostic::error(
        KEY,
        format!("`{words}` may be missing, and a map needs its keys"),
        span,
        "no key without a value",
    )
    .help(format!("give it a value with `{words} ?? ..`"))
}

/// A key written twice.
pub(in crate::check) fn repeated_key(words: &str, first: Span, second: Span) -> Diagnostic {
    Diagnostic::error(KEY, format!("the key `{words}` stands in the map twice"), second, "a second value for it")
        .label(first, "its first value")
        .help("leave one of them out")
}

/// A type that is no record, used to make one.
pub(in crate::check) fn not_a_record(name: &str, ty: &Type, span: Span) -> Diagnostic {
    Diagnostic::error(NOT_A_RECORD, format!("`{name}` is no record"), span, format!("it stands for {}", a(ty)))
        .help("only records are made with `R { field = value }`")
}

/// A record without some of its fields.
pub(in crate::check) fn fields_left_out(ty: &Type, absent: &[&str], span: Span, named: bool) -> Diagnostic {
    let which = match absent {
        [one] => format!("the field `{one}` is not there"),
        many => format!("fields are not there: {}", listed(many.iter().copied(), 12)),
    };
    let due = if named { a(ty) } else { format!("{}, which is due here,", a(ty)) };
    Diagnostic::error(FIELDS, format!("{due} needs all fields that cannot be missing"), span, which)
        .help(format!("add {}", absent.iter().take(6).map(|f| format!("`{f} = ..`")).collect::<Vec<_>>().join(", ")))
}

/// A field, column or key written twice.
pub(in crate::check) fn field_twice(name: &str, first: Span, second: Span) -> Diagnostic {
    let diagnostic = Diagnostic::error(FIELDS, format!("`{name}` stands here twice"), second, "a second one")
        .help("leave one of them out, or give it another name");
    if first == second { diagnostic } else { diagnostic.label(first, "the first one") }
}

/// `x.f` of something without fields.
pub(in crate::check) fn no_fields(words: &str, ty: &Type, field: &str, base: Span, name: Span) -> Diagnostic {
    let diagnostic = Diagnostic::error(
        NO_FIELDS,
        format!("{} has no fields", a(ty.present())),
        name,
        format!("`.{field}` of what is no record"),
    )
    .label(base, is((words, ty, base)));
    let help = match ty.present() {
        Type::List(_) => Some(format!(
            "of every element: `{words}[].{field}`; of one: `first({words}).{field}`, `only({words}).{field}`"
        )),
        Type::Map(..) => Some(format!("a key is looked up with brackets: `{words}[\"{field}\"]`")),
        Type::Json => Some(format!("decide what it is first: where `{words} is T` holds, it has the fields of `T`")),
        Type::Version => Some(format!("parts of a version: `major({words})`, `minor({words})`, `patch({words})`")),
        Type::Quantity(_) => Some(format!("as a bare number in some unit: `{words} / 1ms`")),
        _ => None,
    };
    match help {
        Some(help) => diagnostic.help(help),
        None => diagnostic,
    }
}

/// `-x` of what has no sign.
pub(in crate::check) fn no_sign(words: &str, ty: &Type, span: Span) -> Diagnostic {
    Diagnostic::error(SIGN, format!("{} has no sign", a(ty)), span, is((words, ty, span)))
        .help("`-` stands before numbers and quantities; `not` before conditions")
}

/// An undecoded value compared.
pub(in crate::check) fn json_compared(words: &str, span: Span) -> Diagnostic {
    Diagnostic::error(JSON, "an undecoded value is only asked what it is", span, format!("`{words}` is a json"))
        .help(format!("decide what it is first: where `{words} is T` holds, it is a `T` and can be compared"))
}

/// Two kinds that are never equal.
pub(in crate::check) fn unlike_compared(
    sign: &str,
    op_span: Span,
    left: Operand<'_>,
    right: Operand<'_>,
) -> Diagnostic {
    let message = format!("{} cannot be compared with {}", a(left.ty), a(right.ty));
    let label = format!("`{sign}` needs two of one kind");
    let diagnostic = sides(COMPARE, message, op_span, &label, left, right);
    let ordered = !matches!(sign, "==" | "!=");
    let help = match (left.ty.present(), ordered) {
        (Type::List(element), true) if element.join(right.ty).is_some() => {
            Some(format!("of each element: `every x in {}: x {sign} {}`", left.words, right.words))
        }
        _ => comparison_help(left, right).or_else(|| comparison_help(right, left)),
    };
    match help {
        Some(help) => diagnostic.help(help),
        None => diagnostic,
    }
}

fn comparison_help(one: Operand<'_>, other: Operand<'_>) -> Option<String> {
    let words = one.words;
    Some(match (one.ty, other.ty) {
        (Type::Enum(_), Type::String) => format!("compare its text: `text({words})`"),
        (Type::String, Type::Instant) => "an instant is written without quotes: `2026-03-31T00:00:00Z`".to_owned(),
        (Type::String, Type::Version) => "a version is written without quotes: `v1.4`".to_owned(),
        (Type::String, ty) if ty.is_number() => {
            format!("a number is written without quotes; the text of one is `text({})`", other.words)
        }
        (Type::List(element), ty) if element.join(ty).is_some() => {
            format!("of a list: `{} in {words}`, `every x in {words}: ..`, or choose with `only({words})`", other.words)
        }
        (Type::Instant, ty) if *ty == Type::DURATION => format!("the age of an instant is `as_of - {words}`"),
        (Type::Record(record), ty) => {
            let field = record.fields.iter().find(|f| f.ty.join(ty).is_some())?;
            format!("was a field meant? `{words}.{}`", field.name)
        }
        _ => return None,
    })
}

/// `<` of what has no order.
pub(in crate::check) fn not_ordered(sign: &str, op_span: Span, left: Operand<'_>, right: Operand<'_>) -> Diagnostic {
    let diagnostic = sides(
        NOT_ORDERED,
        format!("{} has no order", a(left.ty)),
        op_span,
        &format!("`{sign}` means nothing here"),
        left,
        right,
    );
    match left.ty {
        Type::Enum(_) => diagnostic.help(format!("name the words that are meant: `{} in [..]`", left.words)),
        Type::List(_) => diagnostic.help(format!("compare how many there are: `count({})`", left.words)),
        Type::Bool => diagnostic.help("conditions are joined with `and`, `or`, `implies`"),
        _ => diagnostic.help("numbers, quantities, instants, texts and versions have an order"),
    }
}

/// Something else where a condition is due.
pub(in crate::check) fn not_a_condition(words: &str, ty: &Type, span: Span) -> Diagnostic {
    let help = match ty.present() {
        _ if ty.is_optional() => format!("is it enough that it is there? `present({words})`"),
        Type::String => format!("is it enough that it is not blank? `filled({words})`"),
        Type::List(_) | Type::Map(..) => {
            format!("how many are due? `count({words}) > 0`; of each element: `every x in {words}: ..`")
        }
        Type::Int | Type::Decimal => format!("compare it: `{words} > 0`"),
        Type::Json => format!("ask what it is: `{words} is T`"),
        _ => "compare it with something".to_owned(),
    };
    Diagnostic::error(CONDITION, format!("a condition is due here, not {}", a(ty)), span, is((words, ty, span)))
        .help(help)
}

/// `x is T?`
pub(in crate::check) fn is_optional(words: &str, span: Span) -> Diagnostic {
    Diagnostic::error(IS, "`is` is false of a missing value, so a `?` says nothing", span, "a type with `?`")
        .help(format!("write the type without `?`; `not present({words}) or {words} is T` lets it be missing"))
}

/// `x is pass` of a word of an enum.
pub(in crate::check) fn is_word(words: &str, word: &str, negated: bool, span: Span) -> Diagnostic {
    let sign = if negated { "!=" } else { "==" };
    Diagnostic::error(IS, "`is` asks about a type, and this is a word", span, "a word of its enum")
        .help(format!("compare: `{words} {sign} {word}`"))
}

/// `is` of what is known already.
pub(in crate::check) fn is_known(words: &str, ty: &Type, subject: Span, asked: &str, asked_span: Span) -> Diagnostic {
    let help = match ty.present() {
        Type::String => {
            format!("of a text, `is` asks about an enum or a refined type of text, and `{asked}` is neither")
        }
        _ => "`is` asks what a `json` or a text can be read as; types of other values are known".to_owned(),
    };
    Diagnostic::error(
        IS,
        format!("`{words}` is {}, so nothing is left to ask", a(ty.present())),
        asked_span,
        format!("asked whether it is `{asked}`"),
    )
    .label(subject, is((words, ty, subject)))
    .help(help)
}

/// A pattern tried on something that is no text.
pub(in crate::check) fn pattern_of_other(words: &str, ty: &Type, glob: bool, span: Span) -> Diagnostic {
    let word = if glob { "like" } else { "matches" };
    let diagnostic =
        Diagnostic::error(MISMATCH, format!("`{word}` looks at texts, not at {}", a(ty)), span, is((words, ty, span)));
    match ty {
        Type::Enum(_) | Type::Int | Type::Decimal | Type::Version => {
            diagnostic.help(format!("its text is `text({words})`"))
        }
        Type::List(_) => diagnostic.help(format!("of each element: `every x in {words}: x {word} ..`")),
        _ => diagnostic,
    }
}

/// A pattern that cannot be read.
pub(in crate::check) fn bad_pattern(reason: &str, span: Span) -> Diagnostic {
    Diagnostic::error(PATTERN, format!("the pattern cannot be used: {reason}"), span, "here")
        .help("characters such as `.`, `(`, `[` and `*` stand for themselves after a backslash")
}

/// A format that a value does not have.
pub(in crate::check) fn no_such_format(
    words: &str,
    ty: &Type,
    value: Span,
    format: &tree::Name,
    fitting: &[&str],
) -> Diagnostic {
    let diagnostic = Diagnostic::error(
        FORMAT,
        format!("{} is not printed as `{}`", a(ty), format.text),
        format.span,
        "no format for it",
    )
    .label(value, is((words, ty, value)));
    diagnostic.help(format!("formats for it: {}", listed(fitting.iter().copied(), 10)))
}

/// A constant is due.
pub(in crate::check) fn not_constant(words: &str, span: Span) -> Diagnostic {
    Diagnostic::error(CONSTANT, format!("`{words}` is not known before anything is read"), span, "not a constant")
        .help("write a value, a param, or arithmetic on them")
}

/// A declaration whose type nothing says.
pub(in crate::check) fn type_unsaid(name: &str, ty: &Type, span: Span, value: Span) -> Diagnostic {
    Diagnostic::error(UNSAID, format!("nothing says what type `{name}` is of"), span, "no type")
        .label(value, format!("{} fits many types", a(ty)))
        .help(format!("write it: `{name} : list<string> = ..`"))
}
