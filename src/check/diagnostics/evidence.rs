//! Evidence declarations.

use super::shapes::words;
use crate::data::Type;
use crate::diag::{Code, Diagnostic, did_you_mean, printable};
use crate::model::SourceKind;
use crate::registry::{FormatOption, FormatOptionValue};
use crate::source::Span;

const FILES: Code = Code("rspp::sources::files");
const PATH: Code = Code("rspp::sources::path");
const CAPTURE: Code = Code("rspp::sources::capture");
const SHAPE: Code = Code("rspp::sources::shape");
const ROW_TYPE: Code = Code("rspp::sources::row-type");
const FORMAT: Code = Code("rspp::sources::format");
const FORMAT_OPTION: Code = Code("rspp::sources::format-option");
const CELLS: Code = Code("rspp::sources::cells");
const ROWS_AT: Code = Code("rspp::sources::rows-at");
const JUDGE: Code = Code("rspp::sources::judge-each-file");
const VERSION: Code = Code("rspp::sources::version-clause");
const FRESH_UNSAID: Code = Code("rspp::sources::fresh-unsaid");
const FRESH: Code = Code("rspp::sources::fresh");
const SCHEMA: Code = Code("rspp::sources::schema");
const SOURCE: Code = Code("rspp::sources::source");
const FIELD: Code = Code("rspp::sources::field");

pub(in crate::check) const CODES: &[Code] = &[
    FILES,
    PATH,
    CAPTURE,
    SHAPE,
    ROW_TYPE,
    FORMAT,
    FORMAT_OPTION,
    CELLS,
    ROWS_AT,
    JUDGE,
    VERSION,
    FRESH_UNSAID,
    FRESH,
    SOURCE,
    FIELD,
    SCHEMA,
];

/// Neither `path` nor `files`.
pub(in crate::check) fn no_files(name: &str, span: Span) -> Diagnostic {
    Diagnostic::error(FILES, format!("evidence `{name}` names no file"), span, "`path` or `files` is missing")
        .help("write `path \"a/b.json\"` for one file, or `files \"a/*.json\"` for all that match")
}

/// `path` and `files`, or `row` and `document`.
pub(in crate::check) fn exclude_each_other(first: &str, at: Span, second: &str, span: Span) -> Diagnostic {
    let code = if matches!(second, "path" | "files") { FILES } else { SHAPE };
    Diagnostic::error(
        code,
        format!("an evidence has `{first}` or `{second}`, not both"),
        span,
        format!("`{second}` here"),
    )
    .label(at, format!("`{first}` here"))
    .help("keep one of them")
}

/// A path that leads nowhere or out of the root.
pub(in crate::check) fn bad_path(path: &str, problem: &str, span: Span) -> Diagnostic {
    Diagnostic::error(PATH, format!("`{}` cannot be read as evidence", printable(path)), span, problem.to_owned())
        .help("write a path below the evidence root, such as \"evidence/turns.jsonl\"")
}

/// `path` with the signs of a pattern.
pub(in crate::check) fn pattern_as_path(path: &str, span: Span) -> Diagnostic {
    Diagnostic::error(PATH, "`path` names one file", span, "this is a pattern")
        .help(format!("write `files \"{}\"` to read all that match", printable(path)))
}

/// `files` without any sign of a pattern.
pub(in crate::check) fn path_as_pattern(path: &str, span: Span) -> Diagnostic {
    Diagnostic::error(PATH, "`files` takes a pattern", span, "this names one file")
        .help(format!("write `path \"{}\"`", printable(path)))
}

/// A name in the pattern that is no field of the row.
pub(in crate::check) fn capture_unknown(name: &str, nearest: Option<&str>, span: Span, row: Span) -> Diagnostic {
    let diagnostic = Diagnostic::error(
        CAPTURE,
        format!("the row has no field `{name}`"),
        span,
        format!("`{{{name}}}` would fill it"),
    )
    .label(row, "the row");
    match nearest {
        Some(nearest) => diagnostic.help(format!("did you mean `{{{nearest}}}`?")),
        None => diagnostic.help(format!("add `{name} : string` to the row, or write `*`")),
    }
}

/// A name in the pattern that fills a field of another type.
pub(in crate::check) fn capture_type(name: &str, ty: &Type, span: Span) -> Diagnostic {
    Diagnostic::error(
        CAPTURE,
        format!("`{{{name}}}` fills a text, and the field is {}", super::a(ty)),
        span,
        "a part of a path is a text",
    )
    .help(format!("declare `{name} : string` in the row"))
}

/// Neither `row` nor `document`.
pub(in crate::check) fn no_shape(name: &str, span: Span) -> Diagnostic {
    Diagnostic::error(
        SHAPE,
        format!("evidence `{name}` does not say what it looks like"),
        span,
        "`row` or `document` is missing",
    )
    .help("write `row { .. }` for a list of rows, or `document { .. }` for one value")
}

/// `document` with `files`.
pub(in crate::check) fn document_of_files(span: Span, files: Span) -> Diagnostic {
    Diagnostic::error(SHAPE, "several files are not one document", span, "one value")
        .label(files, "any number of files")
        .help("write `row`: each file is a row, or holds rows")
}

/// `row T?`
pub(in crate::check) fn optional_shape(keyword: &str, span: Span) -> Diagnostic {
    Diagnostic::error(SHAPE, format!("a {keyword} cannot be missing in itself"), span, "drop the `?`")
        .help("write the clause `optional` where the whole evidence may be absent")
}

/// `row int`
pub(in crate::check) fn row_type(ty: &Type, span: Span) -> Diagnostic {
    Diagnostic::error(
        ROW_TYPE,
        format!("a row is a record, not {}", super::a(ty)),
        span,
        format!("this is {}", super::a(ty)),
    )
    .help("write the fields of a row in braces, the name of a record, or `json`")
}

/// A format that nobody knows.
pub(in crate::check) fn unknown_format(name: &str, known: &[&str], span: Span) -> Diagnostic {
    let diagnostic = Diagnostic::error(FORMAT, format!("unknown format `{name}`"), span, "no reader of this name");
    match did_you_mean(name, known.iter().copied()) {
        Some(nearest) => diagnostic.help(format!("did you mean `{nearest}`?")).fix(span, nearest),
        None => diagnostic.help(format!("known are {}", super::listed(known.iter().copied(), 8))),
    }
}

/// An ending that no format takes.
pub(in crate::check) fn format_unclear(ending: &str, known: &[&str], span: Span) -> Diagnostic {
    let label = if ending.is_empty() {
        "the name has no ending".to_owned()
    } else {
        format!("no format takes `.{}`", printable(ending))
    };
    Diagnostic::error(FORMAT, "the ending of the name does not say the format", span, label)
        .help(format!("write `format` with one of {}", words(known)))
}

/// An option that the format does not have.
pub(in crate::check) fn unknown_option(format: &str, name: &str, known: &[&str], span: Span) -> Diagnostic {
    let diagnostic = Diagnostic::error(
        FORMAT_OPTION,
        format!("format `{format}` has no option `{name}`"),
        span,
        if known.is_empty() {
            format!("`{format}` has no options")
        } else {
            format!("it has {}", super::listed(known.iter().copied(), 8))
        },
    );
    match did_you_mean(name, known.iter().copied()) {
        Some(nearest) => diagnostic.help(format!("did you mean `{nearest}`?")).fix(span, nearest),
        None => diagnostic.help("leave it out"),
    }
}

/// An option with a value of another kind.
pub(in crate::check) fn option_value(option: &FormatOption, span: Span) -> Diagnostic {
    let due = match option.value {
        FormatOptionValue::Text => "a text in quotes",
        FormatOptionValue::Sign => "one ASCII character in quotes",
        FormatOptionValue::Bool => "`true` or `false`",
    };
    Diagnostic::error(FORMAT_OPTION, format!("option `{}` takes {due}", option.name), span, "this is something else")
        .help(format!("`{}`: {}", option.name, option.doc))
}

/// A field with parts in a row of cells.
pub(in crate::check) fn parts_in_cell(name: &str, ty: &Type, format: &str, span: Span, at: Span) -> Diagnostic {
    let message = format!("`{}` is {}, and a cell of `{format}` holds one value", printable(name), super::a(ty));
    Diagnostic::error(CELLS, message, span, "no cell gives this")
        .label(at, "rows of cells")
        .help("give each part a column and a field of its own, or record the rows as JSONL")
}

/// A path of names in a row of cells.
pub(in crate::check) fn path_in_cells(path: &str, format: &str, span: Span, at: Span) -> Diagnostic {
    let path = printable(path);
    let message = format!("`{path}` leads into a value, and a cell of `{format}` has nothing inside");
    Diagnostic::error(CELLS, message, span, "one name is due")
        .label(at, "rows of cells")
        .help(format!("a column that is called so is written in quotes: `\"{path}\"`"))
}

/// Another spelling of a column that has no name.
pub(in crate::check) fn spelling_without_header(name: &str, span: Span, at: Span) -> Diagnostic {
    let message = format!("`from` says how the column of `{}` is called, and no header names columns", printable(name));
    Diagnostic::error(CELLS, message, span, "`from` here")
        .label(at, "`header false` for this file")
        .help("leave `from` out: without a header the columns are the fields in their order")
}

/// `row json` over cells.
pub(in crate::check) fn undecoded_cells(format: &str, span: Span, at: Span) -> Diagnostic {
    let message = format!("cells of `{format}` are texts, and `json` does not say what they mean");
    Diagnostic::error(CELLS, message, span, "no column is declared")
        .label(at, "rows of cells")
        .help("write the columns in braces with their types; `row open { .. }` lets others pass")
}

/// `rows at` with a format whose files are rows already.
pub(in crate::check) fn rows_at_format(format: &str, span: Span) -> Diagnostic {
    Diagnostic::error(
        ROWS_AT,
        format!("a file of format `{format}` holds nothing but rows"),
        span,
        "there is nothing to look inside",
    )
    .help("leave `rows at` out")
}

/// `rows at` with `document`.
pub(in crate::check) fn rows_at_document(span: Span, document: Span) -> Diagnostic {
    Diagnostic::error(ROWS_AT, "`rows at` says where rows stand", span, "rows are looked for here")
        .label(document, "one document is declared")
        .help("write `row` instead of `document`, or leave `rows at` out")
}

/// A JSON pointer that does not start with `/`.
pub(in crate::check) fn bad_pointer(pointer: &str, span: Span) -> Diagnostic {
    Diagnostic::error(
        ROWS_AT,
        format!("\"{}\" is no place in a document", printable(pointer)),
        span,
        "a JSON pointer starts with `/`",
    )
    .help("write `rows at \"/result/items\"`; a list that is the whole document needs no `rows at`")
}

/// `document` with a format of rows.
pub(in crate::check) fn document_of_rows(format: &str, span: Span, path: Span) -> Diagnostic {
    Diagnostic::error(
        SHAPE,
        format!("a file of format `{format}` is no single document"),
        span,
        "one value is declared",
    )
    .label(path, "one row after another")
    .help("write `row`")
}

/// `judge each file` without files of rows.
pub(in crate::check) fn judge_needs_files(span: Span) -> Diagnostic {
    Diagnostic::error(JUDGE, "`judge each file` needs `files` and `row`", span, "there are no several files here")
        .help("each file is then a row of type `json`, and `each this is R` says what is wrong with it")
}

/// A schema that stands nowhere below the policy root.
pub(in crate::check) fn schema_path(path: &str, problem: &str, span: Span) -> Diagnostic {
    Diagnostic::error(SCHEMA, format!("`{}` cannot be read as a schema", printable(path)), span, problem.to_owned())
        .help("write a path below the policy root, such as \"schemas/turn.json\"")
}

/// A schema for rows of cells.
pub(in crate::check) fn schema_of_cells(format: &str, span: Span) -> Diagnostic {
    let message = format!("cells of `{format}` are texts, and a schema speaks of JSON values");
    Diagnostic::error(SCHEMA, message, span, "no cell is a JSON value")
        .help("say with the types of the columns and with `rule` what has to hold, or record the rows as JSONL")
}

/// A schema for files that may be anything.
pub(in crate::check) fn schema_and_judgement(span: Span, judged: Span) -> Diagnostic {
    Diagnostic::error(SCHEMA, "`schema` refuses what `judge each file` lets in", span, "every row has to meet this")
        .label(judged, "a row may be anything here")
        .help("keep one of them")
}

/// A version accepted twice.
pub(in crate::check) fn repeated_version(version: &str, first: Span, second: Span) -> Diagnostic {
    Diagnostic::error(VERSION, format!("version \"{}\" is accepted twice", printable(version)), second, "again here")
        .label(first, "first here")
        .help("keep one of them")
}

/// A closed shape that does not know the version's field.
pub(in crate::check) fn version_field(key: &str, nearest: Option<&str>, span: Span, shape: Span) -> Diagnostic {
    let diagnostic = Diagnostic::error(
        VERSION,
        format!("the shape has no field `{key}`"),
        span,
        format!("the version would stand at `{key}`"),
    )
    .label(shape, "unknown keys are refused here");
    match nearest {
        Some(nearest) => diagnostic.help(format!("did you mean `at {nearest}`?")),
        None => diagnostic.help(format!("add `{key} : string` to the shape, or say `at` where the version stands")),
    }
}

/// Neither `fresh within` nor `fresh any`.
pub(in crate::check) fn fresh_unsaid(name: &str, span: Span, field: Option<&str>, after: Option<Span>) -> Diagnostic {
    let clause = match field {
        Some(field) => format!("fresh within 24h of {field}"),
        None => "fresh any".to_owned(),
    };
    let diagnostic = Diagnostic::error(
        FRESH_UNSAID,
        format!("evidence `{name}` does not say how old it may be"),
        span,
        "`fresh` is missing",
    )
    .help("write `fresh within 24h of FIELD`, or `fresh any` where age does not count, on purpose");
    match after {
        Some(after) => {
            let end = Span { start: after.end, ..after };
            diagnostic.fix(end, format!("   {clause}"))
        }
        None => diagnostic,
    }
}

/// Freshness of a field that is no instant, or may be missing.
pub(in crate::check) fn fresh_field(path: &str, ty: &Type, span: Span) -> Diagnostic {
    let diagnostic = Diagnostic::error(
        FRESH,
        format!("`fresh` needs an instant, and `{path}` is {}", super::a(ty)),
        span,
        format!("this is {}", super::a(ty)),
    );
    match ty.present() {
        Type::Instant => diagnostic.help("drop the `?`: what has no date has no age"),
        Type::String => diagnostic.help("declare the field as `instant(rfc3339)`"),
        Type::Int => diagnostic.help("declare the field as `instant(ms)`, or `s us ns`"),
        _ => diagnostic.help("name a field of type `instant(..)`"),
    }
}

/// A greatest age of zero or less.
pub(in crate::check) fn never_fresh(span: Span) -> Diagnostic {
    Diagnostic::error(FRESH, "nothing is ever this fresh", span, "the greatest age must be above zero")
        .help("write an age such as `24h`")
}

/// An allowance below zero.
pub(in crate::check) fn negative_ahead(span: Span) -> Diagnostic {
    Diagnostic::error(
        FRESH,
        "`ahead` cannot be below zero",
        span,
        "how far after the instant of evaluation it may be dated",
    )
    .help("write `ahead 0s` to allow nothing, or leave it out for five minutes")
}

/// A kind of source that nobody knows; also in `sources` of a profile.
pub(in crate::check) fn unknown_source(word: &str, span: Span) -> Diagnostic {
    let diagnostic = Diagnostic::error(SOURCE, format!("unknown kind of source `{word}`"), span, "no such kind");
    match did_you_mean(word, SourceKind::KINDS) {
        Some(nearest) => diagnostic.help(format!("did you mean `{nearest}`?")).fix(span, nearest),
        None => diagnostic.help(format!("write {}", words(&SourceKind::KINDS))),
    }
}

/// `source from` a field that holds no word.
pub(in crate::check) fn source_field(path: &str, ty: &Type, span: Span) -> Diagnostic {
    Diagnostic::error(
        SOURCE,
        format!("`source from` needs a word, and `{path}` is {}", super::a(ty)),
        span,
        format!("this is {}", super::a(ty)),
    )
    .help("name a field of type `string`, or of an enum of `synthetic recorded live`")
}

/// A field that is not there.
pub(in crate::check) fn no_such_field(name: &str, nearest: Option<&str>, known: &[&str], span: Span) -> Diagnostic {
    let diagnostic = Diagnostic::error(FIELD, format!("there is no field `{name}`"), span, "not declared in the shape");
    match nearest {
        Some(nearest) => diagnostic.help(format!("did you mean `{nearest}`?")).fix(span, nearest),
        None if known.is_empty() => diagnostic,
        None => diagnostic.help(format!("the shape has {}", super::listed(known.iter().copied(), 8))),
    }
}

/// A field of something that has none.
pub(in crate::check) fn no_fields(name: &str, ty: &Type, span: Span) -> Diagnostic {
    Diagnostic::error(
        FIELD,
        format!("{} has no fields", super::a(ty)),
        span,
        format!("`{name}` cannot be looked up here"),
    )
    .help("name a field of the row or document")
}
