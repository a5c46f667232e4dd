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
    fault("rspp::evidence::too-large", message, Some("record it as JSONL, which is read row by row"))
}

/// A row longer than what is held.
pub(super) fn row_too_long(limit: usize) -> EvidenceFault {
    fault("rspp::evidence::row-too-long", format!("a row has more than {limit} bytes"), None)
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
pub(super) fn too_many_keys(limit: u64) -> EvidenceFault {
    let message = format!("to tell whether its keys repeat needs more than {limit} bytes of memory");
    fault("rspp::evidence::too-many-keys", message, Some("split it, or leave `key` out"))
}

fn instant(at: Num) -> String {
    print::instant(at)
}

fn duration(length: Num) -> String {
    print::value(&Value::Num(length), &Type::DURATION)
}
