//! Profiles.

use super::listed;
use crate::diag::{Code, Diagnostic};
use crate::source::Span;

const UNKNOWN_PROFILE: Code = Code("rspp::profiles::unknown-profile");
const CYCLE: Code = Code("rspp::profiles::cycle");
const UNKNOWN_STAGE: Code = Code("rspp::profiles::unknown-stage");
const NO_SUCH_GATES: Code = Code("rspp::profiles::no-such-gates");
const NOT_TAKEN: Code = Code("rspp::profiles::not-taken");
const EMPTY: Code = Code("rspp::profiles::empty");
const UNKNOWN_PARAM: Code = Code("rspp::profiles::unknown-param");
const UNKNOWN_EVIDENCE: Code = Code("rspp::profiles::unknown-evidence");
const UNKNOWN_ARTIFACT: Code = Code("rspp::profiles::unknown-artifact");
const SHAPE: Code = Code("rspp::profiles::shape");
const CONFLICT: Code = Code("rspp::profiles::conflict");
const SAID_TWICE: Code = Code("rspp::profiles::said-twice");
const CLAUSE: Code = Code("rspp::profiles::clause");
const LOOSER: Code = Code("rspp::profiles::looser");
const INCOMPARABLE: Code = Code("rspp::profiles::incomparable");
const BECAUSE: Code = Code("rspp::profiles::because");

pub(in crate::check) const CODES: &[Code] = &[
    UNKNOWN_PROFILE,
    CYCLE,
    UNKNOWN_STAGE,
    NO_SUCH_GATES,
    NOT_TAKEN,
    EMPTY,
    UNKNOWN_PARAM,
    UNKNOWN_EVIDENCE,
    UNKNOWN_ARTIFACT,
    SHAPE,
    CONFLICT,
    SAID_TWICE,
    CLAUSE,
    LOOSER,
    INCOMPARABLE,
    BECAUSE,
];

/// `extends` of something that is no profile.
pub(in crate::check) fn unknown_profile(name: &str, near: Option<&str>, span: Span) -> Diagnostic {
    let diagnostic = Diagnostic::error(UNKNOWN_PROFILE, format!("there is no profile `{name}`"), span, "not declared");
    match near {
        Some(near) => diagnostic.help(format!("did you mean `{near}`?")).fix(span, near),
        None => diagnostic.help(format!("declare `profile {name} {{ .. }}`, or leave it out")),
    }
}

/// Profiles that extend each other in a circle.
pub(in crate::check) fn extends_circle(circle: &[&str], span: Span) -> Diagnostic {
    let first = circle.first().unwrap_or(&"");
    let path: Vec<String> = circle.iter().chain([first]).map(|p| format!("`{p}`")).collect();
    Diagnostic::error(
        CYCLE,
        format!("profile `{first}` extends itself"),
        span,
        format!("the circle: {}", path.join(" extends ")),
    )
    .help("drop one of these `extends`")
}

/// A stage that no gate names.
pub(in crate::check) fn unknown_stage(stage: &str, near: Option<&str>, known: &[&str], span: Span) -> Diagnostic {
    let diagnostic =
        Diagnostic::error(UNKNOWN_STAGE, format!("no gate names the stage `{stage}`"), span, "takes nothing");
    match near {
        Some(near) => diagnostic.help(format!("did you mean `{near}`?")).fix(span, near),
        None if known.is_empty() => diagnostic.help(format!("write `stage {stage}` in the gates that it is to take")),
        None => diagnostic.help(format!("gates name {}", listed(known.iter().copied(), 8))),
    }
}

/// A name or pattern that no gate has.
pub(in crate::check) fn no_such_gates(pattern: &str, near: Option<&str>, span: Span) -> Diagnostic {
    let diagnostic = Diagnostic::error(NO_SUCH_GATES, format!("`{pattern}` names no gate"), span, "matches nothing");
    match near {
        Some(near) => diagnostic.help(format!("did you mean `{near}`?")).fix(span, near),
        None => diagnostic.help("`a.b` is one gate, and `a.*` every gate below `a`"),
    }
}

/// `without` of gates that the profile does not take.
pub(in crate::check) fn not_taken(pattern: &str, span: Span) -> Diagnostic {
    Diagnostic::error(
        NOT_TAKEN,
        format!("the profile does not take `{pattern}`"),
        span,
        "there is nothing to leave out",
    )
    .help("drop it")
}

/// A change of a gate that the profile does not take.
pub(in crate::check) fn gate_not_taken(gate: &str, profile: &str, span: Span) -> Diagnostic {
    Diagnostic::error(
        NOT_TAKEN,
        format!("profile `{profile}` does not take gate `{gate}`"),
        span,
        "the change would have no effect",
    )
    .help(format!("add `gates {gate}`, or drop the change"))
}

/// A profile that selects no gate.
pub(in crate::check) fn empty(profile: &str, span: Span) -> Diagnostic {
    Diagnostic::error(EMPTY, format!("profile `{profile}` takes no gate"), span, "nothing would be judged")
        .help("write `stage ..` or `gates ..`, or `extends` a profile that does")
}

/// `set` of something that is no param.
pub(in crate::check) fn unknown_param(name: &str, near: Option<&str>, is_value: bool, span: Span) -> Diagnostic {
    let label = if is_value { "this is no `param`" } else { "not declared" };
    let diagnostic = Diagnostic::error(UNKNOWN_PARAM, format!("there is no param `{name}`"), span, label);
    match near {
        Some(near) => diagnostic.help(format!("did you mean `{near}`?")).fix(span, near),
        None if is_value => diagnostic.help(format!("only a `param` can be set: declare `param {name} = ..`")),
        None => diagnostic.help(format!("declare `param {name} = ..`, or leave it out")),
    }
}

/// A change of an evidence that is not there.
pub(in crate::check) fn unknown_evidence(name: &str, near: Option<&str>, span: Span) -> Diagnostic {
    let diagnostic =
        Diagnostic::error(UNKNOWN_EVIDENCE, format!("there is no evidence `{name}`"), span, "not declared");
    match near {
        Some(near) => diagnostic.help(format!("did you mean `{near}`?")).fix(span, near),
        None => diagnostic.help("a profile changes clauses of evidence that is declared; name one of those"),
    }
}

/// `write` of something that is no artifact.
pub(in crate::check) fn unknown_artifact(name: &str, near: Option<&str>, span: Span) -> Diagnostic {
    let diagnostic =
        Diagnostic::error(UNKNOWN_ARTIFACT, format!("there is no artifact `{name}`"), span, "not declared");
    match near {
        Some(near) => diagnostic.help(format!("did you mean `{near}`?")).fix(span, near),
        None => diagnostic.help(format!("declare `artifact {name} {{ .. }}`, or leave it out")),
    }
}

/// A change of an evidence that would give it another type.
pub(in crate::check) fn changes_the_type(name: &str, keyword: &str, span: Span, declared: Span) -> Diagnostic {
    Diagnostic::error(
        SHAPE,
        format!("a profile cannot change what `{name}` looks like"),
        span,
        format!("`{keyword}` would"),
    )
    .label(declared, "gates are checked against this declaration")
    .help("change the declaration; a profile may change files, format, version, age and source")
}

/// Two extended profiles that say one thing in different ways.
pub(in crate::check) fn conflict(what: &str, profile: Span, first: Span, second: Span) -> Diagnostic {
    let message = format!("{what} is said in two ways by profiles that this one extends");
    Diagnostic::error(CONFLICT, message, profile, "which holds here?")
        .label(first, "one way")
        .label(second, "another way")
        .help("say it in this profile, or extend only one of them")
}

/// Two extended profiles that change one gate in different ways.
pub(in crate::check) fn gate_conflict(gate: &str, profile: Span, first: Span, second: Span) -> Diagnostic {
    let message = format!("gate `{gate}` is changed in two ways by profiles that this one extends");
    Diagnostic::error(CONFLICT, message, profile, "which holds here?")
        .label(first, "one way")
        .label(second, "another way")
        .help("extend only one of them, or let one of them extend the other")
}

/// A change of `needs` that closes a circle.
pub(in crate::check) fn waits_for_itself(gate: &str, span: Span) -> Diagnostic {
    Diagnostic::error(CYCLE, format!("gate `{gate}` would wait for itself"), span, "closes a circle of `needs`")
        .help("drop the gate that needs this one")
}

/// One thing said twice in a profile.
pub(in crate::check) fn said_twice(what: &str, first: Span, second: Span) -> Diagnostic {
    Diagnostic::error(SAID_TWICE, format!("the profile says `{what}` twice"), second, "again here")
        .label(first, "first here")
        .help("keep one of them")
}

/// A clause that says nothing about how strict a gate is.
pub(in crate::check) fn not_about_strictness(keyword: &str, span: Span) -> Diagnostic {
    Diagnostic::error(
        CLAUSE,
        format!("a profile cannot change `{keyword}`"),
        span,
        "says nothing about how strict the gate is",
    )
    .help("change it in the gate; which gates a profile takes is said by `stage`, `gates` and `without`")
}

/// A change without clauses.
pub(in crate::check) fn changes_nothing(gate: &str, span: Span) -> Diagnostic {
    Diagnostic::error(CLAUSE, format!("nothing is changed in `{gate}`"), span, "no clauses between the braces")
        .help("write the clauses that are to hold in this profile, or drop it")
}

/// A `tighten` that would let through what failed before.
pub(in crate::check) fn looser(gate: &str, keyword: &str, span: Span, old: Option<Span>) -> Diagnostic {
    let diagnostic =
        Diagnostic::error(LOOSER, format!("this `{keyword}` would loosen `{gate}`"), span, "lets through more");
    with_old(diagnostic, old).help(format!("write a stricter one, or `loosen {gate} {{ .. }} because \"..\"`"))
}

/// A `tighten` of which nobody can tell.
pub(in crate::check) fn incomparable(gate: &str, keyword: &str, span: Span, old: Option<Span>) -> Diagnostic {
    let message = format!("nobody can tell whether this `{keyword}` is stricter for `{gate}`");
    let diagnostic = Diagnostic::error(INCOMPARABLE, message, span, "may let through what failed before");
    with_old(diagnostic, old)
        .help(format!("what cannot be shown to be stricter counts as looser: `loosen {gate} {{ .. }} because \"..\"`"))
}

fn with_old(diagnostic: Diagnostic, old: Option<Span>) -> Diagnostic {
    match old {
        Some(old) => diagnostic.label(old, "than this"),
        None => diagnostic,
    }
}

/// A `loosen` without its reason.
pub(in crate::check) fn no_reason(gate: &str, span: Span) -> Diagnostic {
    Diagnostic::error(BECAUSE, format!("loosening `{gate}` needs a reason"), span, "`because` is missing")
        .help("write `because \"..\"` after the braces; reports show it")
}

/// A `loosen` whose reason is empty, or printed from values.
pub(in crate::check) fn reason_says_nothing(span: Span) -> Diagnostic {
    Diagnostic::error(BECAUSE, "the reason says nothing", span, "a plain text that people can judge is due")
        .help("say why this may pass here")
}
