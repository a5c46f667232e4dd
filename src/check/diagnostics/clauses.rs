//! What all blocks share: the policy declaration, repeated clauses, what comes later.

use crate::diag::{Code, Diagnostic};
use crate::source::Span;

const NO_POLICY: Code = Code("rspp::policy::missing");
const SECOND_POLICY: Code = Code("rspp::policy::repeated");
const LANGUAGE: Code = Code("rspp::policy::language");
const REPEATED: Code = Code("rspp::clauses::repeated-word");
const DEPTH: Code = Code("rspp::clauses::depth");
const NOT_YET: Code = Code("rspp::clauses::not-yet");

pub(in crate::check) const CODES: &[Code] = &[NO_POLICY, SECOND_POLICY, LANGUAGE, REPEATED, DEPTH, NOT_YET];

/// No file declares the policy.
pub(in crate::check) fn no_policy() -> Diagnostic {
    Diagnostic::general(NO_POLICY, "no file declares the policy")
        .help("write `policy NAME { language 1 }` in one of the `.gate` files")
}

/// The policy is declared twice.
pub(in crate::check) fn second_policy(first: Span, second: Span) -> Diagnostic {
    Diagnostic::error(SECOND_POLICY, "the policy is declared twice", second, "again here")
        .label(first, "first here")
        .help("all files are one policy: keep one of the declarations")
}

/// `policy p { }`
pub(in crate::check) fn no_language(span: Span) -> Diagnostic {
    Diagnostic::error(LANGUAGE, "the policy does not say its language version", span, "`language` is missing")
        .help("write `language 1` between the braces")
}

/// A language version that this program does not speak.
pub(in crate::check) fn unknown_language(version: &str, span: Span) -> Diagnostic {
    Diagnostic::error(
        LANGUAGE,
        format!("language version {version} is not known"),
        span,
        "this program speaks version 1",
    )
    .help("write `language 1`, or use a program that speaks the other version")
}

/// A word of a list, or an option, written twice.
pub(in crate::check) fn repeated_word(keyword: &str, word: &str, first: Span, second: Span) -> Diagnostic {
    Diagnostic::error(REPEATED, format!("`{keyword}` says `{word}` twice"), second, "again here")
        .label(first, "first here")
        .help("once is enough")
}

/// A contract with two schemas.
pub(in crate::check) fn repeated_schema(contract: &str, first: Span, second: Span) -> Diagnostic {
    Diagnostic::error(REPEATED, format!("contract `{contract}` names two schemas"), second, "again here")
        .label(first, "first here")
        .help("keep the one that every value has to meet; a schema may refer to others with `$ref`")
}

/// Declarations that lean on each other in a chain too long to follow.
pub(in crate::check) fn depth(limit: usize, span: Span) -> Diagnostic {
    Diagnostic::error(
        DEPTH,
        format!("more than {limit} declarations lean on each other in a row"),
        span,
        "the chain is too long from here",
    )
    .help("break the chain: nobody could follow it either")
}

/// A record or def that grows too large when what it names is written out.
pub(in crate::check) fn size(name: &str, limit: u64, parts: &str, span: Span) -> Diagnostic {
    let message = format!("`{name}` has more than {limit} {parts} when everything that it names is written out");
    Diagnostic::error(DEPTH, message, span, "too large with all that is in it")
        .help("name less of it twice: each use of something large is as large again")
}

/// Something that the language has and this version does not do yet.
pub(in crate::check) fn not_yet(what: &str, span: Span) -> Diagnostic {
    Diagnostic::error(NOT_YET, format!("{what} is not supported yet"), span, "read, but this version cannot act on it")
        .help("leave it out for now: a policy must not promise what nobody acts on")
}
