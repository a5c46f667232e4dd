//! What the parser has to say: one function a code, one file a part of the language.

mod clauses;
mod expressions;
mod literals;
mod places;

pub(super) use clauses::*;
pub(super) use expressions::*;
pub(super) use literals::*;
pub(super) use places::*;

use crate::diag::{Code, Diagnostic, printable};
use crate::source::Span;

macro_rules! codes {
    ($($name:ident = $text:literal;)*) => {
        $(pub(in crate::syntax) const $name: Code = Code($text);)*
        /// Every code of this layer, in the order of the alphabet.
        pub const CODES: &[Code] = &[$($name),*];
    };
}

codes! {
    ASSIGNMENT = "rspp::syntax::assignment";
    BARE_DATE = "rspp::syntax::bare-date";
    CLAUSE_SIGN = "rspp::syntax::clause-sign";
    COMPARISON_CHAIN = "rspp::syntax::comparison-chain";
    COVERS_WHAT = "rspp::syntax::covers-what";
    FOREIGN_SIGN = "rspp::syntax::foreign-sign";
    IMPLIES_CHAIN = "rspp::syntax::implies-chain";
    IMPOSSIBLE_INSTANT = "rspp::syntax::impossible-instant";
    IS_NULL = "rspp::syntax::is-null";
    MISSING_COMMA = "rspp::syntax::missing-comma";
    MIXED_AND_OR = "rspp::syntax::mixed-and-or";
    NESTING = "rspp::syntax::nesting";
    NOT_UTF8 = "rspp::syntax::not-utf8";
    NUMBER_DOT = "rspp::syntax::number-dot";
    PATTERN_KIND = "rspp::syntax::pattern-kind";
    QUANTIFIER_ALIAS = "rspp::syntax::quantifier-alias";
    QUANTIFIER_CALL = "rspp::syntax::quantifier-call";
    RECORD_COLON = "rspp::syntax::record-colon";
    REPEATED_CLAUSE = "rspp::syntax::repeated-clause";
    SAMPLES_SIGN = "rspp::syntax::samples-sign";
    SINGLE_QUOTES = "rspp::syntax::single-quotes";
    SORT_ORDER = "rspp::syntax::sort-order";
    STRAY_BRACKET = "rspp::syntax::stray-bracket";
    TEXT_BRACES = "rspp::syntax::text-braces";
    TOO_LARGE = "rspp::syntax::too-large";
    UNCLOSED_BRACKET = "rspp::syntax::unclosed-bracket";
    UNCLOSED_TEXT = "rspp::syntax::unclosed-text";
    UNEXPECTED = "rspp::syntax::unexpected";
    UNIT_GAP = "rspp::syntax::unit-gap";
    UNKNOWN_CHOICE = "rspp::syntax::unknown-choice";
    UNKNOWN_CLAUSE = "rspp::syntax::unknown-clause";
    UNKNOWN_DECLARATION = "rspp::syntax::unknown-declaration";
    UNKNOWN_ESCAPE = "rspp::syntax::unknown-escape";
    UNKNOWN_UNIT = "rspp::syntax::unknown-unit";
    VERDICT_SIGN = "rspp::syntax::verdict-sign";
    VERSION_PRERELEASE = "rspp::syntax::version-prerelease";
}

/// `a, b or c`, each in backticks.
fn one_of(words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().map(|w| format!("`{w}`")).collect();
    match quoted.as_slice() {
        [] => String::new(),
        [one] => one.clone(),
        [many @ .., last] => format!("{} or {last}", many.join(", ")),
    }
}

/// Text of the policy for a message: safe, and not longer than a line.
fn shown(text: &str) -> String {
    const LONGEST: usize = 60;
    let safe = printable(text);
    if safe.chars().count() <= LONGEST {
        return safe.into_owned();
    }
    let cut: String = safe.chars().take(LONGEST - 2).collect();
    format!("{cut}..")
}

/// A file over the limit of size.
pub(in crate::syntax) fn too_large(span: Span, bytes: usize, limit: usize) -> Diagnostic {
    let message = format!("this file has {bytes} bytes; a policy file holds at most {limit}");
    Diagnostic::error(TOO_LARGE, message, span, "not read").help("split it: all files of a policy share one namespace")
}

/// A byte that is no UTF-8.
pub(in crate::syntax) fn not_utf8(file: &str, line: usize, offset: usize, byte: u8) -> Diagnostic {
    let message = format!(
        "`{}` is not UTF-8: line {line} has the byte 0x{byte:02x} (at byte {offset} of the file)",
        printable(file)
    );
    Diagnostic::general(NOT_UTF8, message).help("save the file as UTF-8")
}

/// Brackets, types, `if` or quantifiers inside each other past the limit.
pub(in crate::syntax) fn nesting(span: Span, limit: usize) -> Diagnostic {
    Diagnostic::error(NESTING, format!("this nests deeper than {limit} levels"), span, "one level too many")
        .help("name an inner part with `let` or `def`")
}

/// A chain of operators past the limit.
pub(in crate::syntax) fn too_tall(span: Span, limit: usize) -> Diagnostic {
    Diagnostic::error(NESTING, format!("this expression chains more than {limit} steps"), span, "too long")
        .help("name a part of it with `let` or `def`, or put the operands in a list")
}
