//! Artifacts.

use super::a;
use crate::data::Type;
use crate::diag::{Code, Diagnostic};
use crate::source::Span;

const INCOMPLETE: Code = Code("rspp::artifacts::incomplete");
const PAGE: Code = Code("rspp::artifacts::page");
const PATH: Code = Code("rspp::artifacts::path");
const SAME_PATH: Code = Code("rspp::artifacts::same-path");
const ROWS: Code = Code("rspp::artifacts::rows");
const DOCUMENT: Code = Code("rspp::artifacts::document");
const UNIT: Code = Code("rspp::artifacts::unit");
const ELEMENT: Code = Code("rspp::artifacts::element");

pub(in crate::check) const CODES: &[Code] = &[INCOMPLETE, PAGE, PATH, SAME_PATH, ROWS, DOCUMENT, UNIT, ELEMENT];

/// An artifact without a clause that it must have.
pub(in crate::check) fn lacks(name: &str, keyword: &str, example: &str, span: Span) -> Diagnostic {
    Diagnostic::error(INCOMPLETE, format!("artifact `{name}` has no `{keyword}`"), span, "nothing could be written")
        .help(format!("write `{example}`"))
}

/// `markdown` without `passed`.
pub(in crate::check) fn page_without_answer(span: Span) -> Diagnostic {
    Diagnostic::error(PAGE, "a page ends in PASS or FAIL, and nothing says which", span, "`passed` is missing")
        .help("write `passed` and a condition, such as `passed result(a.b).passed`")
}

/// `title` or `passed` without `markdown`.
pub(in crate::check) fn no_page(keyword: &str, span: Span) -> Diagnostic {
    Diagnostic::error(PAGE, format!("`{keyword}` is for a page, and there is none"), span, "nobody would read it")
        .help(format!("write `markdown` too, or leave `{keyword}` out"))
}

/// A path that cannot be one.
pub(in crate::check) fn path(problem: &str, span: Span) -> Diagnostic {
    Diagnostic::error(PATH, "no file can be written at this path", span, problem)
        .help("paths of artifacts start at the evidence root (or at `--artifacts DIR`) and stay below it")
}

/// A path of another ending.
pub(in crate::check) fn path_ending(ending: &str, span: Span) -> Diagnostic {
    Diagnostic::error(PATH, format!("a document is a `{ending}` file"), span, "ends in another way")
        .help(format!("let the path end in `{ending}`; the page of `markdown` stands beside it as `.md`"))
}

/// A value in a folder's name.
pub(in crate::check) fn path_folder(span: Span) -> Diagnostic {
    Diagnostic::error(PATH, "a value may be in the name of the file only", span, "a folder's name depends on a value")
        .help("put the values behind the last `/`: older files are found by their folder")
}

/// A path that is the same for all rows.
pub(in crate::check) fn path_of_rows(row: &str, span: Span) -> Diagnostic {
    Diagnostic::error(PATH, "all rows would write one file", span, "no value of the row is in it")
        .help(format!("name the file after the row: `\"reports/{{{row}.id : file_name}}.json\"`"))
}

/// Files of rows without a folder.
pub(in crate::check) fn path_of_no_folder(span: Span) -> Diagnostic {
    Diagnostic::error(PATH, "files of rows need a folder", span, "straight below the root")
        .help("files that an earlier run wrote for other rows are removed from that folder: write `reports/` in front")
}

/// A value in a path that is not made fit.
pub(in crate::check) fn part_as_it_is(words: &str, span: Span) -> Diagnostic {
    Diagnostic::error(PATH, format!("`{words}` may hold what no name of a file holds"), span, "as it is")
        .help(format!("write `{{{words} : file_name}}`"))
        .fix(span, format!("{words} : file_name"))
}

/// A value in a path that may be missing.
pub(in crate::check) fn part_may_be_missing(words: &str, span: Span) -> Diagnostic {
    Diagnostic::error(PATH, format!("`{words}` may be missing"), span, "then the file has no name")
        .help(format!("say what then: `{{{words} ?? \"none\" : file_name}}`"))
}

/// Two artifacts that write one file.
pub(in crate::check) fn same_path(path: &str, first: Span, second: Span) -> Diagnostic {
    Diagnostic::error(SAME_PATH, format!("two artifacts write `{path}`"), second, "again here")
        .label(first, "first here")
        .help("give one of them another path; small letters and capitals count as the same")
}

/// `for` of something that has no rows.
pub(in crate::check) fn no_rows(ty: &Type, span: Span) -> Diagnostic {
    Diagnostic::error(ROWS, "`for` takes a list of rows", span, format!("this is {}", a(ty)))
        .help("name a `let`, an evidence of rows, or a list in a document; `?? []` where it may be missing, `where present(this)` where rows may be")
}

/// A document that is no record.
pub(in crate::check) fn not_a_record(ty: &Type, span: Span) -> Diagnostic {
    Diagnostic::error(DOCUMENT, "a document is a record", span, format!("this is {}", a(ty)))
        .help("write `document { name = value  .. }`")
}

/// A quantity in a document.
pub(in crate::check) fn unit(words: &str, path: &str, ty: &Type, simple: bool, span: Span) -> Diagnostic {
    let by = match ty {
        Type::Quantity(_) if *ty == Type::BYTES => "1B",
        Type::Quantity(_) if *ty == Type::DURATION => "1ms",
        _ => "1B",
    };
    let label = match path {
        "" => format!("this is {}", a(ty)),
        _ => format!("`{path}` in it is {}", a(ty)),
    };
    let diagnostic = Diagnostic::error(UNIT, "a number in a document would not say its unit", span, label);
    if !path.is_empty() {
        return diagnostic.help(format!(
            "write the fields one by one (those of a list with `select {{ .. }}`), this one as `{path} / {by}`"
        ));
    }
    if simple {
        return diagnostic
            .help(format!("write it without its unit, and the unit in the name of the field: `{words} / {by}`"))
            .fix(Span { start: span.end, ..span }, format!(" / {by}"));
    }
    diagnostic.help(format!("write it without its unit, and the unit in the name of the field: `({words}) / {by}`"))
}

/// A quantity as the key of a map.
pub(in crate::check) fn key_unit(words: &str, path: &str, ty: &Type, span: Span) -> Diagnostic {
    let part = if path.is_empty() { words.to_owned() } else { format!("{words}.{path}") };
    Diagnostic::error(UNIT, "a key in a document would not say its unit", span, format!("keyed by {}", a(ty)))
        .help(format!("make keys of `{part}` without a unit, or write a list of records"))
}

/// A list or map with gaps.
pub(in crate::check) fn element_may_be_missing(words: &str, path: &str, ty: &Type, span: Span) -> Diagnostic {
    let part = if path.is_empty() { words.to_owned() } else { format!("{words}.{path}") };
    Diagnostic::error(ELEMENT, format!("elements of `{part}` may be missing"), span, format!("this is {}", a(ty))).help(
        "keep those that are there (`where present(this)`), or write `null` for the others (`select (this ?? null)`)",
    )
}
