//! Where the grammar stopped, and what stands there.

use super::{
    CLAUSE_SIGN, FOREIGN_SIGN, MISSING_COMMA, STRAY_BRACKET, TEXT_BRACES, UNCLOSED_BRACKET, UNCLOSED_TEXT, UNEXPECTED,
    UNKNOWN_CLAUSE, UNKNOWN_DECLARATION, one_of, shown,
};
use crate::diag::Diagnostic;
use crate::source::Span;
use crate::syntax::keywords;

/// What stands at a place that the grammar refused.
pub(in crate::syntax) fn unexpected(span: Span, expected: &str, found: &str) -> Diagnostic {
    refused(span, expected, found, "not expected here")
}

/// The same where something is missing, and what stands there is right.
pub(in crate::syntax) fn missing(span: Span, expected: &str, found: &str) -> Diagnostic {
    refused(span, expected, found, "missing before this")
}

fn refused(span: Span, expected: &str, found: &str, label: &str) -> Diagnostic {
    let found = if found.is_empty() { "the end of the file".to_owned() } else { format!("`{}`", shown(found)) };
    let message = if expected.is_empty() {
        format!("{found} has no place here")
    } else {
        format!("expected {expected}, found {found}")
    };
    Diagnostic::error(UNEXPECTED, message, span, label)
}

/// A bracket that is never closed; `before` is where that was noticed.
pub(in crate::syntax) fn unclosed_bracket(open: Span, sign: &str, before: Option<Span>) -> Diagnostic {
    let close = match sign {
        "(" => ")",
        "[" => "]",
        _ => "}",
    };
    let mut diagnostic =
        Diagnostic::error(UNCLOSED_BRACKET, format!("this `{sign}` is not closed"), open, "opened here");
    if let Some(before) = before {
        diagnostic = diagnostic.label(before, format!("expected `{close}` before this"));
    }
    diagnostic.help(format!("add `{close}` where what began here ends"))
}

/// A closing bracket without an opening one.
pub(in crate::syntax) fn stray_bracket(span: Span, sign: &str) -> Diagnostic {
    Diagnostic::error(STRAY_BRACKET, format!("this `{sign}` closes nothing"), span, "no bracket is open here")
        .help(format!("remove this `{sign}`, or a bracket before it closes too early"))
}

/// A quoted text without its second quote.
pub(in crate::syntax) fn unclosed_text(span: Span) -> Diagnostic {
    Diagnostic::error(UNCLOSED_TEXT, "this text has no closing quote", span, "goes on to the end of the line")
        .help("a text ends with `\"` on the line it begins; a line break inside it is `\\n`")
}

/// A brace in a text that opens or closes no value.
pub(in crate::syntax) fn text_braces(span: Span, brace: &str) -> Diagnostic {
    let doubled = brace.repeat(2);
    let message = if brace == "{" {
        "a `{` in a text opens a value, and this one is not closed"
    } else {
        "a `}` in a text closes a value, and none is open"
    };
    Diagnostic::error(TEXT_BRACES, message, span, "a single brace")
        .help(format!("write `{doubled}` for the brace itself"))
        .fix(span, doubled)
}

/// A first word that declares nothing.
pub(in crate::syntax) fn unknown_declaration(span: Span, word: &str, meant: Option<&str>) -> Diagnostic {
    let diagnostic = Diagnostic::error(
        UNKNOWN_DECLARATION,
        format!("`{}` declares nothing", shown(word)),
        span,
        "not a declaration",
    );
    match meant {
        Some(meant) => diagnostic.help(format!("did you mean `{meant}`?")).fix(span, meant.to_owned()),
        None => diagnostic.help(format!("a declaration begins with {}", one_of(&keywords::DECLARATIONS))),
    }
}

/// A first word that is no clause of the block.
pub(in crate::syntax) fn unknown_clause(
    span: Span,
    word: &str,
    block: &str,
    words: &[&str],
    meant: Option<&str>,
) -> Diagnostic {
    let diagnostic = Diagnostic::error(
        UNKNOWN_CLAUSE,
        format!("{block} has no clause `{}`", shown(word)),
        span,
        "not one of its clauses",
    );
    match meant {
        Some(meant) => diagnostic.help(format!("did you mean `{meant}`?")).fix(span, meant.to_owned()),
        None => match word_of_others(block, word) {
            Some(help) => diagnostic.help(help),
            None => diagnostic.help(format!("its clauses begin with {}", one_of(words))),
        },
    }
}

/// What a word of other tools, or of another block, is called in this one.
fn word_of_others(block: &str, word: &str) -> Option<&'static str> {
    let gate = block == "a gate";
    let evidence = block == "an evidence";
    Some(match word {
        "where" | "filter" if gate => "a filter goes on with the list: `scope xs where ..`",
        "group" | "by" | "groupby" if gate => "groups are judged apart with `per a, b`",
        "limit" | "max" | "min" | "bound" if gate => "a limit is `threshold <= ..` behind its `metric`",
        "assert" | "must" | "check" | "rule" | "require" if gate => {
            "what holds for each row is `each ..`, what holds once is `expect ..`"
        }
        "name" | "description" | "summary" if gate => "what a gate is called is its `title`",
        "severity" | "blocking" | "optional" if gate => "a gate that does not block says `required false`",
        "tags" | "profile" | "profiles" if gate => "the profiles that take a gate are named by its `stage`",
        "waiver" | "waivers" if gate => "a gate that may be waived says `waivable true`",
        "from" | "file" | "url" | "location" if evidence => {
            "one file is `path \"..\"`, all that match a pattern `files \"..\"`"
        }
        "glob" | "paths" if evidence => "all files that match a pattern are `files \"..\"`",
        "freshness" | "age" | "max_age" | "ttl" if evidence => {
            "the age is limited by `fresh within 24h of field`, or not by `fresh any`"
        }
        "columns" | "fields" | "record" | "type" | "items" if evidence => {
            "what a file holds is `row` for a list of records, `document` for one value"
        }
        "required" if evidence => "evidence is required unless it says `optional`",
        "rows" | "limit" if block == "a waiver" => "how many rows are excused is `at most 2 rows`",
        "until" | "expiry" | "expire" if block == "a waiver" => "the end is `expires`, an instant",
        "include" | "gate" if block == "a profile" => {
            "single gates are taken with `gates a.b`, other profiles with `extends`"
        }
        "exclude" | "skip" if block == "a profile" => "gates are left out with `without a.b`",
        "assert" | "check" if block == "a test" => "what holds is `expect ..`, a gate's outcome `verdict gate == pass`",
        _ => return None,
    })
}

/// Two items of a list side by side.
pub(in crate::syntax) fn missing_comma(before: Span, after: Span, found: &str) -> Diagnostic {
    let gap = Span::new(before.source, before.end as usize, before.end as usize);
    Diagnostic::error(
        MISSING_COMMA,
        format!("expected `,` before `{}`", shown(found)),
        after,
        "a second item of the list",
    )
    .label(before, "the item before it")
    .help("put a comma between them")
    .fix(gap, ",")
}

/// `owner = ".."`, `title: ".."`
pub(in crate::syntax) fn clause_sign(span: Span, sign: &str, keyword: &str) -> Diagnostic {
    Diagnostic::error(
        CLAUSE_SIGN,
        format!("no `{sign}` stands after `{keyword}`"),
        span,
        "a clause is its word and what it says",
    )
    .help(format!("leave the `{sign}` out"))
    .fix(span, "")
}

/// A sign of another language and what is written here instead.
pub(in crate::syntax) fn other_sign(span: Span, sign: &str, help: &str, fix: Option<&str>) -> Diagnostic {
    let diagnostic = Diagnostic::error(
        FOREIGN_SIGN,
        format!("`{}` is no sign of this language", shown(sign)),
        span,
        "not expected here",
    )
    .help(help);
    match fix {
        Some(fix) => diagnostic.fix(span, fix),
        None => diagnostic,
    }
}
