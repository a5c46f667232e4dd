//! What this layer has to say: one function a mistake. Faults of documents have the codes that the
//! same faults have in evidence.

use super::Fault;
use crate::diag::{Code, Diagnostic, EvidencePlace, did_you_mean, printable};
use crate::evidence::TextFault;
use crate::model::NamedShape;
use crate::source::{SourceId, Span};

/// Advice that a document does not take.
const ADVICE: Code = Code("rspp::document::advice");
/// A kind that no contract has.
const UNKNOWN_KIND: Code = Code("rspp::document::unknown-kind");
/// A mode that a kind does not have.
const UNKNOWN_MODE: Code = Code("rspp::document::unknown-mode");

/// Every code that is this layer's own, in the order of the alphabet.
pub const CODES: &[Code] = &[ADVICE, UNKNOWN_KIND, UNKNOWN_MODE];

const ABSENT: Code = Code("rspp::evidence::absent");
const NOT_A_FILE: Code = Code("rspp::evidence::not-a-file");
const NOT_UTF8: Code = Code("rspp::evidence::not-utf8");
const TOO_LARGE: Code = Code("rspp::evidence::too-large");
const UNREADABLE: Code = Code("rspp::evidence::unreadable");

fn shown(text: &str) -> String {
    const LONGEST: usize = 200;
    let text = printable(text);
    if text.chars().count() <= LONGEST {
        return text.into_owned();
    }
    text.chars().take(LONGEST).chain(['…']).collect()
}

fn listed(words: &[&str]) -> String {
    const MOST: usize = 40;
    let mut all: Vec<String> = words.iter().take(MOST).map(|w| format!("`{w}`")).collect();
    if words.len() > MOST {
        all.push(format!("{} more", words.len() - MOST));
    }
    all.join(", ")
}

/// A word that names no contract.
pub(super) fn unknown_kind(kind: &str, names: &[&str]) -> Diagnostic {
    let diagnostic = Diagnostic::general(UNKNOWN_KIND, format!("no contract is called `{}`", shown(kind)));
    match (did_you_mean(kind, names.iter().copied()), names) {
        (_, []) => diagnostic.help("the policy declares no `contract`"),
        (Some(near), _) => diagnostic.help(format!("did you mean `{near}`? The kinds are {}", listed(names))),
        (None, _) => diagnostic.help(format!("the kinds are {}", listed(names))),
    }
}

/// A mode that a kind does not have.
pub(super) fn unknown_mode(kind: &str, mode: &str, modes: &[&str]) -> Diagnostic {
    let diagnostic = Diagnostic::general(UNKNOWN_MODE, format!("`{kind}` has no mode `{}`", shown(mode.trim())));
    let near = did_you_mean(mode.trim(), modes.iter().copied());
    let all = format!("its modes are {}; the contract `{kind}_x` is the mode `x`", listed(modes));
    diagnostic.help(near.map_or_else(|| all.clone(), |near| format!("did you mean `{near}`? {all}")))
}

/// A document that cannot be read from the disk, with what the system says.
pub fn unreadable(name: &str, error: &std::io::Error, limit: u64) -> Diagnostic {
    use std::io::ErrorKind as Kind;
    let name = shown(name);
    match error.kind() {
        Kind::NotFound => Diagnostic::general(ABSENT, format!("there is no file `{name}`")),
        Kind::IsADirectory => not_a_file(&name, "a folder"),
        Kind::InvalidInput => not_a_file(&name, "no regular file"),
        Kind::FileTooLarge => Diagnostic::general(TOO_LARGE, format!("`{name}` is larger than {limit} bytes"))
            .help("a contract speaks of single documents; many rows are evidence, and judged by a gate"),
        Kind::PermissionDenied => {
            Diagnostic::general(UNREADABLE, format!("`{name}` cannot be read: permission is denied"))
        }
        _ => Diagnostic::general(UNREADABLE, format!("`{name}` cannot be read: {}", shown(&error.to_string()))),
    }
}

fn not_a_file(name: &str, what: &str) -> Diagnostic {
    Diagnostic::general(NOT_A_FILE, format!("`{name}` is {what}")).help("name the files themselves")
}

/// Bytes that are no UTF-8.
pub(super) fn not_utf8(bytes: &[u8], at: usize, name: &str) -> Diagnostic {
    let before = bytes.get(..at).unwrap_or_default();
    let line_start = before.iter().rposition(|b| *b == b'\n').map_or(0, |n| n + 1);
    let lines = before.iter().filter(|b| **b == b'\n').count() as u64 + 1;
    let column = String::from_utf8_lossy(before.get(line_start..).unwrap_or_default()).chars().count() as u64 + 1;
    let place = EvidencePlace { file: name.into(), line: Some(lines), column: Some(column), pointer: None, key: None };
    let help = match bytes {
        [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] => "it begins like UTF-16: save it as UTF-8",
        _ => "save it as UTF-8",
    };
    Diagnostic::general(NOT_UTF8, "the bytes here are not UTF-8").in_evidence(place).help(help)
}

/// A text that is no value of its notation.
pub(super) fn no_value(wrong: &TextFault, source: SourceId, text: &str) -> Diagnostic {
    let place = |at: u64| {
        let at = usize::try_from(at).unwrap_or(usize::MAX).min(text.len());
        // Nothing can be marked behind the end.
        let last = text.trim_end().char_indices().next_back().map_or(0, |(at, _)| at);
        let at = if at >= text.len() { last } else { at };
        let start = (0..=at).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        let length =
            text.get(start..).and_then(|rest| rest.chars().next()).filter(|c| *c != '\n').map_or(0, char::len_utf8);
        Span::new(source, start, start + length)
    };
    let mut diagnostic = Diagnostic::error(Code(wrong.code), wrong.message.clone(), place(wrong.at), "here");
    if let Some(first) = wrong.first {
        diagnostic = diagnostic.label(place(first), "first here");
    }
    match &wrong.help {
        Some(help) => diagnostic.help(help.clone()),
        None => diagnostic,
    }
}

/// A document that could not be read, told again in one line.
pub fn not_read(why: &Diagnostic) -> String {
    format!("cannot be read: {}", why.message)
}

/// A fault of a document, or advice that it does not take.
pub fn fault(fault: &Fault, kind: &NamedShape, advice: bool) -> Diagnostic {
    let message = format!("{}: {}", fault.path, fault.message);
    // A long list stands better below the excerpt than in it.
    let expected = fault.expected.as_deref().unwrap_or("");
    let long = expected.chars().count() > LONGEST_LABEL;
    let label = match (long, expected.split_once("? ")) {
        (false, _) => expected.to_owned(),
        (true, Some((near, _))) => format!("{near}?"),
        (true, None) => String::new(),
    };
    let code = if advice { ADVICE } else { Code(fault.code) };
    let diagnostic = match advice {
        false => Diagnostic::error(code, message, fault.span, label),
        true => Diagnostic::warning(code, message, fault.span, label),
    };
    let diagnostic = match fault.policy {
        Some(policy) => diagnostic.label(policy, if advice { "advised here" } else { "demanded here" }),
        None => diagnostic,
    };
    let schema = kind.schema().filter(|_| !advice);
    let who = match (schema, fault.by.contract, fault.by.schema) {
        (None, ..) => None,
        (Some(_), true, true) => Some(format!("the schema says so too: {}", fault.schema_says.join("; "))),
        (Some(_), true, false) => Some("the contract says so, and the schema does not".to_owned()),
        (Some(schema), false, _) => Some(format!("the schema `{}` says so, and the contract does not", schema.name)),
    };
    let due = expected.split_once("? ").map_or(expected, |(_, due)| due);
    match (who, long) {
        (None, false) => diagnostic,
        (None, true) => diagnostic.help(due),
        (Some(who), false) => diagnostic.help(who),
        (Some(who), true) => diagnostic.help(format!("{due}; {who}")),
    }
}

/// Characters of a label beside a place.
const LONGEST_LABEL: usize = 100;
