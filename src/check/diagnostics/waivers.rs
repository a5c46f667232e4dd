//! Waivers.

use super::listed;
use crate::check::gates::Excuse;
use crate::diag::{Code, Diagnostic};
use crate::source::Span;

const MISSING_CLAUSE: Code = Code("rspp::waivers::missing-clause");
const NOT_WAIVABLE: Code = Code("rspp::waivers::not-waivable");
const COVERS: Code = Code("rspp::waivers::covers");
const EXCUSES_NOTHING: Code = Code("rspp::waivers::excuses-nothing");
const DATES: Code = Code("rspp::waivers::dates");
const DIGEST: Code = Code("rspp::waivers::digest");
const READS_RESULT: Code = Code("rspp::waivers::reads-result");

pub(in crate::check) const CODES: &[Code] =
    &[MISSING_CLAUSE, NOT_WAIVABLE, COVERS, EXCUSES_NOTHING, DATES, DIGEST, READS_RESULT];

/// What a waiver must say and does not.
pub(in crate::check) fn missing_clauses(
    name: &str,
    clauses: &[(&'static str, &'static str)],
    span: Span,
) -> Diagnostic {
    let words = listed(clauses.iter().map(|(word, _)| *word), clauses.len());
    let examples: Vec<&str> = clauses.iter().map(|(_, example)| *example).collect();
    Diagnostic::error(
        MISSING_CLAUSE,
        format!("waiver `{name}` does not say {words}"),
        span,
        "an exception says all of it",
    )
    .help(format!("write {}", examples.join("  ")))
}

/// A clause whose text is blank.
pub(in crate::check) fn blank(keyword: &str, span: Span) -> Diagnostic {
    Diagnostic::error(MISSING_CLAUSE, format!("`{keyword}` of the waiver is blank"), span, "nothing is said here")
        .help("an exception has a reason, a ticket and people who answer for it: name them")
}

/// The gate does not say `waivable true`.
pub(in crate::check) fn not_waivable(gate: &str, span: Span, declared: Span) -> Diagnostic {
    Diagnostic::error(NOT_WAIVABLE, format!("gate `{gate}` cannot be waived"), span, "named here")
        .label(declared, "does not say `waivable true`")
        .help("whoever owns the gate decides: with `waivable true` in the gate it may be excused, without it never")
}

/// `covers each` of a gate without `each`, and the like.
pub(in crate::check) fn nothing_of_the_kind(gate: &str, what: &str, span: Span, declared: Span) -> Diagnostic {
    let other = if what == "each" { "threshold" } else { "each" };
    Diagnostic::error(COVERS, format!("gate `{gate}` has no `{what}` to cover"), span, "covers nothing")
        .label(declared, format!("has no `{what}`"))
        .help(format!("`covers {other}`, if the gate has one; no waiver covers `expect`, evidence or an empty sample"))
}

/// `bound` beside `covers each`, `at most` beside `covers threshold`.
pub(in crate::check) fn other_measure(found: &str, covers: &str, due: &str, span: Span, at: Span) -> Diagnostic {
    Diagnostic::error(COVERS, format!("`{found}` does not go with `covers {covers}`"), span, "measures something else")
        .label(at, "what is covered")
        .help(format!("how far `covers {covers}` goes is said by `{due}`"))
}

/// `where` of a gate without groups.
pub(in crate::check) fn no_groups(gate: &str, span: Span) -> Diagnostic {
    Diagnostic::error(COVERS, format!("gate `{gate}` has no groups to choose from"), span, "chooses among groups").help(
        "leave `where` out: how bad a figure may be is said by `bound`; rows are chosen by `covers each where ..`",
    )
}

/// A figure bounded twice.
pub(in crate::check) fn bounded_twice(figure: &str, first: Span, second: Span) -> Diagnostic {
    Diagnostic::error(COVERS, format!("`{figure}` has two bounds"), second, "again here")
        .label(first, "first here")
        .help("keep one of them")
}

/// A bound on a figure that no threshold judges.
pub(in crate::check) fn not_judged(figure: &str, span: Span) -> Diagnostic {
    Diagnostic::error(
        EXCUSES_NOTHING,
        format!("`{figure}` is only shown, so there is nothing to excuse"),
        span,
        "has no threshold",
    )
    .help("name a figure that a threshold judges")
}

/// A bound that is not looser than the limit.
pub(in crate::check) fn excuses_nothing(figure: &str, excuse: Excuse, span: Span, limits: &[Span]) -> Diagnostic {
    let (message, label) = match excuse {
        Excuse::Astray => (
            format!("the bound of `{figure}` refuses figures that meet the limit"),
            "runs another way than the limit, so it bounds nothing",
        ),
        Excuse::Nothing | Excuse::More => {
            (format!("the bound of `{figure}` excuses nothing"), "every figure within it meets the limit anyway")
        }
    };
    let mut diagnostic = Diagnostic::error(EXCUSES_NOTHING, message, span, label);
    for limit in limits {
        diagnostic = diagnostic.label(*limit, "the limit");
    }
    diagnostic.help("write a bound in the direction of the limit and looser than it: for `<= 2s`, such as `<= 2500ms`")
}

/// `at most 0 rows`
pub(in crate::check) fn no_rows(written: &str, span: Span) -> Diagnostic {
    Diagnostic::error(
        EXCUSES_NOTHING,
        format!("`at most {written} rows` excuses nothing"),
        span,
        "a whole number from 1 on is due",
    )
    .help("say how many rows are excused at most, such as `at most 2 rows`")
}

/// `expires` that is not after `opened`.
pub(in crate::check) fn never_open(opened: Span, expires: Span) -> Diagnostic {
    Diagnostic::error(DATES, "the waiver is never open", expires, "not after `opened`")
        .label(opened, "opened here")
        .help("`expires` is the instant from which on it does not hold any more")
}

/// Open for longer than the policy allows.
pub(in crate::check) fn too_long(asked: &str, limit: &str, written: Option<Span>, expires: Span) -> Diagnostic {
    let diagnostic = Diagnostic::error(
        DATES,
        format!("the waiver is open for {asked}"),
        expires,
        format!("at most {limit} are allowed"),
    );
    match written {
        Some(written) => {
            diagnostic.label(written, "said here").help("let it end earlier, and renew it if it has to be")
        }
        None => diagnostic.help(
            "let it end earlier and renew it if it has to be, or say `waivers at most ..` in the policy's declaration",
        ),
    }
}

/// `waivers at most 0d`
pub(in crate::check) fn horizon(span: Span) -> Diagnostic {
    Diagnostic::error(DATES, "waivers may be open for no time at all", span, "more than nothing is due")
        .help("write a length such as `90d`; a profile that takes no waivers says `waivers none`")
}

/// `for "abc"`
pub(in crate::check) fn digest(gate: &str, span: Span) -> Diagnostic {
    Diagnostic::error(DIGEST, "this is not the digest of a gate", span, "`sha256:` and 64 of 0-9 and a-f are due")
        .help(format!("`rspp-gates explain {gate} --digest --profile PROFILE` prints it"))
}

/// A waiver that asks how a gate went.
pub(in crate::check) fn reads_result(path: &[String], span: Span) -> Diagnostic {
    let gate = path.last().map_or("", String::as_str);
    let label = match path.len() {
        0 | 1 => format!("the result of `{gate}`"),
        _ => format!("the result of `{gate}`, read through `{}`", path.join(" -> ")),
    };
    Diagnostic::error(READS_RESULT, "a waiver reads evidence, and no result of a gate", span, label)
        .help("how bad it may be is said by `bound`, `at most` and `covers`; ask the evidence itself for the rest")
}
