//! Every fault that this layer finds, one function a code. Those of values read by shape are
//! `eval::decode`'s.

use super::tree::TextFault;
use crate::data::{EvidenceFault, Num, Type, Value, print};
use crate::diag::{did_you_mean, printable};
use std::io;

/// Codes of the faults made here; each has its page.
pub const CODES: &[&str] = &[
    "rspp::evidence::absent",
    "rspp::evidence::changed-while-read",
    "rspp::evidence::csv-header",
    "rspp::evidence::csv-quote",
    "rspp::evidence::csv-width",
    "rspp::evidence::format",
    "rspp::evidence::fresh-limit",
    "rspp::evidence::from-the-future",
    "rspp::evidence::many-files",
    "rspp::evidence::name-in-file",
    "rspp::evidence::no-rows",
    "rspp::evidence::not-a-file",
    "rspp::evidence::not-utf8",
    "rspp::evidence::nothing-matches",
    "rspp::evidence::path",
    "rspp::evidence::repeated-key",
    "rspp::evidence::repeated-name",
    "rspp::evidence::row-too-long",
    "rspp::evidence::schema",
    "rspp::evidence::source-not-counted",
    "rspp::evidence::source-unknown",
    "rspp::evidence::stale",
    "rspp::evidence::syntax",
    "rspp::evidence::too-deep",
    "rspp::evidence::too-large",
    "rspp::evidence::too-many-files",
    "rspp::evidence::too-many-keys",
    "rspp::evidence::undated",
    "rspp::evidence::unreadable",
    "rspp::evidence::version",
    "rspp::evidence::yaml-documents",
    "rspp::evidence::yaml-expansion",
    "rspp::evidence::yaml-unsupported",
];

/// Characters of evidence that a message shows.
const SHOWN: usize = 60;

/// Text of evidence for a message: one line, no control characters, not too long.
pub(super) fn cut(text: &str) -> String {
    let mut out: String = text.chars().take(SHOWN).collect();
    if text.chars().nth(SHOWN).is_some() {
        out.push_str("..");
    }
    printable(&out).into_owned()
}

fn fault(code: &'static str, message: impl Into<String>, help: Option<&str>) -> EvidenceFault {
    EvidenceFault { code, message: message.into(), help: help.map(str::to_owned), place: None, column: None }
}

/// No file stands at the path.
pub(super) fn absent(path: &str, lapsed: Option<Num>) -> EvidenceFault {
    let message = match lapsed {
        Some(until) => format!("no file stands at `{}`, and that was excused until {} only", cut(path), instant(until)),
        None => format!("no file stands at `{}`", cut(path)),
    };
    fault("rspp::evidence::absent", message, Some("record it, or write `optional` when a run without it is fine"))
}

/// Evidence of which nothing is known.
pub(super) fn not_given(name: &str) -> EvidenceFault {
    let message = format!("evidence `{}` was not given", cut(name));
    fault("rspp::evidence::absent", message, Some("give it with `given`, or record it"))
}

/// No file matches the pattern.
pub(super) fn nothing_matches(pattern: &str, lapsed: Option<Num>) -> EvidenceFault {
    let message = match lapsed {
        Some(until) => {
            format!("no file matches `{}`, and that was excused until {} only", cut(pattern), instant(until))
        }
        None => format!("no file matches `{}`", cut(pattern)),
    };
    fault("rspp::evidence::nothing-matches", message, Some("record one, or write `optional` when none is fine"))
}

/// More than one file for a single document.
pub(super) fn many_files(pattern: &str, found: usize) -> EvidenceFault {
    let message = format!("{found} files match `{}`, and a document is one file", cut(pattern));
    fault("rspp::evidence::many-files", message, Some("narrow the pattern, or read them as `row`"))
}

/// The walk of a pattern was given up.
pub(super) fn too_many_files(pattern: &str, limit: usize) -> EvidenceFault {
    let message = format!("more than {limit} files and folders had to be looked at for `{}`", cut(pattern));
    fault("rspp::evidence::too-many-files", message, Some("name more of the folders in the pattern"))
}

/// The path is refused.
pub(super) fn path(path: &str, why: &str) -> EvidenceFault {
    let message = format!("`{}` cannot be read: {why}", cut(path));
    fault("rspp::evidence::path", message, Some("evidence stands below the evidence root; `--root` says where that is"))
}

/// A folder, a device, a link to nothing.
pub(super) fn not_a_file(path: &str, what: &str) -> EvidenceFault {
    fault("rspp::evidence::not-a-file", format!("`{}` is {what}, not a regular file", cut(path)), None)
}

/// The system refuses to open or to read it.
pub(super) fn unreadable(path: &str, error: &io::Error) -> EvidenceFault {
    let why = match error.kind() {
        io::ErrorKind::PermissionDenied => "permission is denied".to_owned(),
        io::ErrorKind::NotFound => "it is gone".to_owned(),
        _ => cut(&error.to_string()),
    };
    fault("rspp::evidence::unreadable", format!("`{}` cannot be read: {why}", cut(path)), None)
}

/// It was read without being hashed, which nobody but a measurement asks for.
pub(super) fn not_hashed(path: &str) -> EvidenceFault {
    let message = format!("`{}` was read to be timed, and not hashed", cut(path));
    fault("rspp::evidence::unreadable", message, Some("evidence without a digest is never usable"))
}

/// Larger than what is read in one piece.
pub(super) fn too_large(path: &str, bytes: u64, limit: u64) -> EvidenceFault {
    let message = format!("`{}` has {bytes} bytes; at most {limit} are read in one piece", cut(path));
    fault(
        "rspp::evidence::too-large",
        message,
        Some("record it as JSONL, which is read row by row, or raise the limit with `--memory`"),
    )
}

/// A row longer than what is held.
pub(super) fn row_too_long(limit: usize) -> EvidenceFault {
    fault("rspp::evidence::row-too-long", format!("a row has more than {limit} bytes"), None)
}

/// The same of a record of CSV, which quotes can make long.
pub(super) fn csv_row_too_long(limit: usize) -> EvidenceFault {
    let help = "a quote that is not closed takes in all lines after it";
    EvidenceFault { help: Some(help.to_owned()), ..row_too_long(limit) }
}

/// A CSV file without a record that names its columns.
pub(super) fn csv_header_absent() -> EvidenceFault {
    let help = "record the names of the columns in the first row, or say `format csv { header false }`";
    fault("rspp::evidence::csv-header", "no row names the columns", Some(help))
}

/// Two columns of one name.
pub(super) fn csv_name_twice(name: &str) -> EvidenceFault {
    let message = match name {
        "" => "two columns have no name".to_owned(),
        name => format!("two columns are called `{}`", cut(name)),
    };
    fault("rspp::evidence::csv-header", message, Some("each column has a name of its own"))
}

/// A column that no field reads, in rows that are closed.
pub(super) fn csv_unknown_column(name: &str, number: usize, fields: &[&str]) -> EvidenceFault {
    let message = match name {
        "" => format!("column {number} has no name"),
        name => format!("the column `{}` is not declared", cut(name)),
    };
    let help = match did_you_mean(name, fields.iter().copied()) {
        Some(near) => {
            format!("did the recorder mean `{near}`? A row that lets other columns pass is written `row open {{ .. }}`")
        }
        None => "declare the field, or write `row open { .. }` to let other columns pass".to_owned(),
    };
    fault("rspp::evidence::unknown-field", message, Some(&help))
}

/// No column for a field that has to have a value.
pub(super) fn csv_column_absent(names: &[&str], field: &str) -> EvidenceFault {
    let column = names.iter().map(|n| format!("`{}`", cut(n))).collect::<Vec<_>>().join(" or ");
    let message = match names {
        [name] if *name == field => format!("the column {column} is not there"),
        _ => format!("the column {column} (field `{}`) is not there", cut(field)),
    };
    fault("rspp::evidence::missing-field", message, Some(MAY_BE_ABSENT))
}

/// An empty cell of a field that has to have a value.
pub(super) fn csv_empty_cell(field: &str) -> EvidenceFault {
    let message = format!("the cell of `{}` is empty", cut(field));
    fault("rspp::evidence::missing-field", message, Some(MAY_BE_ABSENT))
}

const MAY_BE_ABSENT: &str = "if it may be absent, give its type a `?` or the field a `default`";

/// A row with another number of cells than there are columns.
pub(super) fn csv_width(cells: usize, columns: usize) -> EvidenceFault {
    let of = |n: usize, what: &str| if n == 1 { format!("1 {what}") } else { format!("{n} {what}s") };
    let message = format!("the row has {} for {}", of(cells, "cell"), of(columns, "column"));
    fault(
        "rspp::evidence::csv-width",
        message,
        Some("a cell that holds the delimiter or a line break stands in quotes"),
    )
}

const QUOTES: &str = "a cell that holds a quote stands in quotes, and the quote in it is doubled: \"say \"\"no\"\"\"";

/// A quote in a cell that does not begin with one.
pub(super) fn csv_quote_inside() -> EvidenceFault {
    fault("rspp::evidence::csv-quote", "a quote stands inside a cell without quotes", Some(QUOTES))
}

/// Something between the closing quote of a cell and its end.
pub(super) fn csv_after_quote() -> EvidenceFault {
    fault("rspp::evidence::csv-quote", "the cell goes on after its closing quote", Some(QUOTES))
}

/// A quote that is never closed.
pub(super) fn csv_quote_open() -> EvidenceFault {
    fault("rspp::evidence::csv-quote", "the cell that begins here is never closed", Some(QUOTES))
}

/// A carriage return that ends no line.
pub(super) fn csv_carriage_return() -> EvidenceFault {
    let help = "end lines with a line feed; a cell that holds a carriage return stands in quotes";
    fault("rspp::evidence::csv-quote", "a carriage return stands inside a cell without quotes", Some(help))
}

/// A file of rows where one document is declared.
pub(super) fn rows_only(path: &str, name: &str) -> EvidenceFault {
    format(format!("`{}` is read as {name}, which holds rows and no document", cut(path)))
}

/// It was written to while it was read.
pub(super) fn changed_while_read(path: &str) -> EvidenceFault {
    let message = format!("`{}` changed while it was read", cut(path));
    fault("rspp::evidence::changed-while-read", message, Some("run again when its recorder has finished"))
}

/// Bytes that are no text.
pub(super) fn not_utf8() -> EvidenceFault {
    fault("rspp::evidence::not-utf8", "the bytes here are not UTF-8", Some("record it as UTF-8"))
}

/// The text is not of its format.
pub(super) fn text(found: &TextFault, first: Option<String>) -> EvidenceFault {
    let message = match first {
        Some(first) => format!("{}; it stands first at {first}", found.message),
        None => found.message.clone(),
    };
    fault(found.code, message, found.help.as_deref())
}

/// No format of this name can be read, or an option of it makes no sense.
pub(super) fn format(message: impl Into<String>) -> EvidenceFault {
    fault("rspp::evidence::format", message, None)
}

/// There is no list of rows where one is expected.
pub(super) fn no_rows(pointer: Option<&str>, found: &str) -> EvidenceFault {
    let (message, help) = match pointer {
        Some(pointer) => {
            (format!("expected the list of rows at `{}`, found {found}", cut(pointer)), "`rows at` names the list")
        }
        None => (
            format!("expected a list of rows, found {found}"),
            "say where the list stands with `rows at \"/..\"`, or read the whole with `document`",
        ),
    };
    fault("rspp::evidence::no-rows", message, Some(help))
}

/// A field that the path fills stands in the file too.
pub(super) fn name_in_file(name: &str) -> EvidenceFault {
    let message = format!("`{}` comes from the path, and the file holds it too", cut(name));
    fault("rspp::evidence::name-in-file", message, Some("give the part of the path another name"))
}

/// More faults of one row or document than anybody reads.
pub(super) fn more_faults(more: u64) -> EvidenceFault {
    fault("rspp::evidence::wrong-type", format!("{more} more values are not as they should be"), None)
}

/// Something that the schema does not allow.
pub(super) fn schema(name: &str, message: &str, more: usize) -> EvidenceFault {
    let message = match more {
        0 => format!("the schema `{}` does not hold: {message}", cut(name)),
        more => format!("the schema `{}` does not hold: {message} (and {more} more)", cut(name)),
    };
    fault("rspp::evidence::schema", message, Some("record what the schema says, or correct the schema"))
}

/// A schema that nobody has read: then nothing meets it.
pub(super) fn schema_not_given(name: &str) -> EvidenceFault {
    fault("rspp::evidence::schema", format!("the schema `{}` was not read", cut(name)), None)
}

/// A version that is not accepted, or none.
pub(super) fn version(at: &str, found: Option<&str>, accepted: &[std::sync::Arc<str>]) -> EvidenceFault {
    let due = accepted.iter().map(|v| format!("`{v}`")).collect::<Vec<_>>().join(" or ");
    let (message, help) = match found {
        Some(found) => {
            let near = did_you_mean(found, accepted.iter().map(|v| &**v));
            let help = near.map(|_| "record it anew, or accept the version with `version`");
            (format!("`{at}` is `{}`, accepted is {due}", cut(found)), help)
        }
        None => (format!("`{at}` is absent, accepted is {due}"), None),
    };
    fault("rspp::evidence::version", message, help.or(Some("accept it with `version` if its meaning is known")))
}

/// The instant that freshness goes by is absent.
pub(super) fn undated(field: &str) -> EvidenceFault {
    let message = format!("`{}`, which says how old it is, is absent", cut(field));
    fault("rspp::evidence::undated", message, None)
}

/// Too old.
pub(super) fn stale(of: Num, age: Num, within: Num, rows: Option<u64>) -> EvidenceFault {
    let oldest = if rows.is_some() { "its oldest row is of" } else { "it is of" };
    let message = format!(
        "{oldest} {}, {} before the instant of evaluation; at most {} is accepted",
        instant(of),
        duration(age),
        duration(within)
    );
    fault("rspp::evidence::stale", message, Some("record it anew"))
}

/// Of an instant that lies too far ahead.
pub(super) fn from_the_future(of: Num, by: Num, ahead: Num, rows: Option<u64>) -> EvidenceFault {
    let newest = if rows.is_some() { "its newest row is of" } else { "it is of" };
    let message = format!(
        "{newest} {}, {} after the instant of evaluation; at most {} is accepted",
        instant(of),
        duration(by),
        duration(ahead)
    );
    fault(
        "rspp::evidence::from-the-future",
        message,
        Some("check the clock of its recorder, or the `as_of` of this run"),
    )
}

/// The limits of freshness have no value.
pub(super) fn fresh_limit(why: &str) -> EvidenceFault {
    fault("rspp::evidence::fresh-limit", format!("how old it may be cannot be computed: {why}"), None)
}

/// A kind of source that the profile does not count.
pub(super) fn source_not_counted(kind: &str, accepted: &[std::sync::Arc<str>]) -> EvidenceFault {
    let counted = accepted.iter().map(|k| format!("`{k}`")).collect::<Vec<_>>().join(", ");
    let message = match counted.is_empty() {
        true => format!("it is {kind}, and this profile counts no kind of source"),
        false => format!("it is {kind}, and this profile counts {counted} only"),
    };
    fault("rspp::evidence::source-not-counted", message, Some("record it from a source that counts"))
}

/// A word that is no kind of source, or none.
pub(super) fn source_unknown(field: &str, found: Option<&str>) -> EvidenceFault {
    let message = match found {
        Some(found) => format!("`{}` is `{}`, which is no kind of source", cut(field), cut(found)),
        None => format!("`{}`, which says what kind of source it is, is absent", cut(field)),
    };
    fault("rspp::evidence::source-unknown", message, Some("kinds of source are `synthetic`, `recorded` and `live`"))
}

/// Two rows of one key.
pub(super) fn repeated_key(field: &str, key: &str, first: &str) -> EvidenceFault {
    let message = format!("the key `{}` = `{}` stands twice; first at {first}", cut(field), cut(key));
    fault("rspp::evidence::repeated-key", message, Some("each row has a key of its own"))
}

/// Keys need more memory than there may be.
pub(super) fn too_many_keys(keys: u64, bytes: u64, limit: u64) -> EvidenceFault {
    let message = format!(
        "the table that tells whether a key repeats holds {keys} keys in {bytes} bytes and would have to grow beyond \
         the limit of {limit} bytes"
    );
    fault(
        "rspp::evidence::too-many-keys",
        message,
        Some("raise the limit with `--memory`, split it, or leave `key` out"),
    )
}

fn instant(at: Num) -> String {
    print::instant(at)
}

fn duration(length: Num) -> String {
    print::value(&Value::Num(length), &Type::DURATION)
}
