//! Clauses: repeated, misspelt, half said.

use super::{COVERS_WHAT, REPEATED_CLAUSE, SAMPLES_SIGN, UNKNOWN_CHOICE, VERDICT_SIGN, one_of, shown};
use crate::diag::{Diagnostic, did_you_mean};
use crate::source::Span;
use crate::syntax::tree::Name;

/// A clause that stands twice.
pub(in crate::syntax) fn repeated_clause(name: &str, first: Span, second: Span) -> Diagnostic {
    Diagnostic::error(REPEATED_CLAUSE, format!("`{name}` stands twice"), second, "the second one")
        .label(first, "the first one")
        .help("keep one of them")
}

/// A word that is none of the few that may stand there.
pub(in crate::syntax) fn unknown_choice(word: &Name, after: &str, known: &[&str]) -> Diagnostic {
    let text = word.text.as_str();
    let firsts = || known.iter().map(|k| k.split(' ').next().unwrap_or(k));
    let meant = match text {
        "yes" | "on" if known.contains(&"true") => Some("true"),
        "no" | "off" if known.contains(&"false") => Some("false"),
        _ => did_you_mean(text, firsts()),
    };
    let diagnostic = Diagnostic::error(
        UNKNOWN_CHOICE,
        format!("expected {} after `{after}`, found `{}`", one_of(known), shown(text)),
        word.span,
        "not one of them",
    );
    match meant {
        Some(meant) if known.contains(&meant) => {
            diagnostic.help(format!("did you mean `{meant}`?")).fix(word.span, meant.to_owned())
        }
        Some(meant) => diagnostic.help(format!("did you mean `{meant}`?")),
        None => diagnostic,
    }
}

/// `samples 200`, `samples at least 200`, `samples > 200`
pub(in crate::syntax) fn samples_sign(clause: Span, place: Span, number: &str) -> Diagnostic {
    let repair = format!(">= {number}");
    Diagnostic::error(SAMPLES_SIGN, "`samples` takes `>=` and a number", place, "the least number of rows is due here")
        .help(format!("write `samples {repair}`"))
        .fix(Span::new(clause.source, place.start as usize, clause.end as usize), repair)
}

/// `covers provider == ..`
pub(in crate::syntax) fn covers_what(span: Span, words: &str) -> Diagnostic {
    let repair = format!("each where {words}");
    Diagnostic::error(COVERS_WHAT, "`covers` does not say what it covers", span, "only which rows or groups")
        .help(format!("write `covers {}`, or `covers threshold where ..` for a figure", shown(&repair)))
        .fix(span, repair)
}

/// `verdict g != pass`
pub(in crate::syntax) fn verdict_sign(span: Span, sign: &str) -> Diagnostic {
    Diagnostic::error(
        VERDICT_SIGN,
        format!("a test names the verdict it expects, it does not use `{sign}`"),
        span,
        "only `==`",
    )
    .help("write `==` and the verdict that the gate has")
}
