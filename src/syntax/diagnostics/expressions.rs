//! Operators and quantifiers.

use super::{
    ASSIGNMENT, COMPARISON_CHAIN, FOREIGN_SIGN, IMPLIES_CHAIN, IS_NULL, MIXED_AND_OR, PATTERN_KIND, QUANTIFIER_ALIAS,
    QUANTIFIER_CALL, SORT_ORDER, UNEXPECTED, shown,
};
use crate::diag::Diagnostic;
use crate::source::Span;
use crate::syntax::tree::Name;

/// `=` where two values are compared.
pub(in crate::syntax) fn assignment(span: Span) -> Diagnostic {
    Diagnostic::error(ASSIGNMENT, "two values are compared with `==`", span, "one `=` gives a name its value")
        .help("write `==`")
        .fix(span, "==")
}

/// `&&`, `||`, `!`
pub(in crate::syntax) fn foreign_sign(span: Span, sign: &str, word: &str) -> Diagnostic {
    let repair = if sign == "!" { format!("{word} ") } else { word.to_owned() };
    Diagnostic::error(FOREIGN_SIGN, format!("`{sign}` is written `{word}` here"), span, "a sign of another language")
        .help(format!("write `{word}`"))
        .fix(span, repair)
}

/// `x is null`, `x is not none`
pub(in crate::syntax) fn is_null(whole: Span, relation: Span, word: &str, subject: &str, negated: bool) -> Diagnostic {
    let repair = if negated { format!("present({subject})") } else { format!("not present({subject})") };
    let is = if negated { "is not" } else { "is" };
    Diagnostic::error(
        IS_NULL,
        format!("`{is} {word}` asks for a type called `{word}`"),
        relation,
        "`is` asks about a type",
    )
    .help(format!("write `{}`", shown(&repair)))
    .fix(whole, repair)
}

/// `sort by x desc`
pub(in crate::syntax) fn sort_order(span: Span, word: &str) -> Diagnostic {
    let down = word.to_ascii_lowercase().starts_with("desc");
    let diagnostic = Diagnostic::error(
        SORT_ORDER,
        format!("`{word}` is no order of sorting"),
        span,
        "smallest first, or `descending`",
    );
    if down {
        diagnostic.help("write `descending`").fix(span, "descending")
    } else {
        diagnostic.help("smallest first is what `sort by` does; leave the word out").fix(span, "")
    }
}

/// `matches "glob"`, `like /regex/`
pub(in crate::syntax) fn pattern_kind(word: Span, pattern: Span, glob: bool) -> Diagnostic {
    if glob {
        Diagnostic::error(PATTERN_KIND, "`like` takes a glob in quotes", pattern, "a regular expression")
            .help("write `matches` before a regular expression")
            .fix(word, "matches")
    } else {
        Diagnostic::error(
            PATTERN_KIND,
            "`matches` takes a regular expression between slashes",
            pattern,
            "a text in quotes",
        )
        .help("write `like` before a glob such as `\"logs/*.json\"`, or the pattern as `/../`")
        .fix(word, "like")
    }
}

/// `a and b or c`
pub(in crate::syntax) fn mixed_and_or(and: Span, or: Span, both: Span, written: &str) -> Diagnostic {
    let diagnostic =
        Diagnostic::error(MIXED_AND_OR, "`and` and `or` stand side by side without parentheses", and, "this `and`")
            .label(or, "and this `or`");
    if written.is_empty() || written.contains('\n') {
        return diagnostic.help("put parentheses around the part that belongs together");
    }
    diagnostic
        .help(format!(
            "put parentheses around the part that belongs together; `and` binds tighter: `({})`",
            shown(written)
        ))
        .fix(both, format!("({written})"))
}

/// `a < b < c`
pub(in crate::syntax) fn comparison_chain(whole: Span, second: Span, repair: Option<String>) -> Diagnostic {
    let diagnostic = Diagnostic::error(
        COMPARISON_CHAIN,
        "comparisons do not chain",
        second,
        "a second comparison of the same value",
    );
    match repair {
        Some(repair) if !repair.contains('\n') => {
            diagnostic.help(format!("write `{}`, or `x in low..high`", shown(&repair))).fix(whole, repair)
        }
        _ => diagnostic.help("join two comparisons with `and`"),
    }
}

/// `a implies b implies c`
pub(in crate::syntax) fn implies_chain(first: Span, second: Span) -> Diagnostic {
    Diagnostic::error(IMPLIES_CHAIN, "`implies` does not chain", second, "a second `implies`")
        .label(first, "the first one")
        .help("put parentheses around one of them, or join the premises with `and`")
}

/// `exists(x in xs: p)`
pub(in crate::syntax) fn quantifier_call(span: Span, colon: Span, name: &Name, inside: &str) -> Diagnostic {
    if ["exists", "every", "no"].contains(&name.text.as_str()) {
        let repair = format!("({} {})", name.text, inside.trim());
        let diagnostic = Diagnostic::error(
            QUANTIFIER_CALL,
            format!("`{}` is no function", name.text),
            name.span,
            "it stands before its variable, without parentheses of its own",
        );
        return if repair.contains('\n') {
            diagnostic.help(format!("write `({} x in xs: ..)`", name.text))
        } else {
            diagnostic.help(format!("write `{}`", shown(&repair))).fix(span, repair)
        };
    }
    let message = format!("expected `,` or `)` in the call of `{}`, found `:`", shown(&name.text));
    Diagnostic::error(UNEXPECTED, message, colon, "not expected here")
}

/// `exists x in xs as y where ..: ..`
pub(in crate::syntax) fn quantifier_alias(span: Span, second: &str, variable: &str) -> Diagnostic {
    Diagnostic::error(
        QUANTIFIER_ALIAS,
        format!("each element is called `{variable}` already"),
        span,
        format!("a second name, `{second}`"),
    )
    .help(format!("leave out `as {second}` and write `{variable}` in the filter"))
}
