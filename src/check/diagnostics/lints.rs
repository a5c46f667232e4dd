//! What is legal and worth a look.

use super::listed;
use crate::diag::{Code, Diagnostic};
use crate::source::Span;

const UNUSED_LET: Code = Code("rspp::lints::unused-let");
const UNUSED_DEF: Code = Code("rspp::lints::unused-def");
const UNUSED_PARAM: Code = Code("rspp::lints::unused-param");
const UNUSED_EVIDENCE: Code = Code("rspp::lints::unused-evidence");
const UNUSED_SHAPE: Code = Code("rspp::lints::unused-shape");
const UNUSED_ARTIFACT: Code = Code("rspp::lints::unused-artifact");
const UNTAKEN: Code = Code("rspp::lints::untaken");
const UNAGED_LIVE: Code = Code("rspp::lints::unaged-live");
const OPTIONAL_PREVIOUS_RUN: Code = Code("rspp::lints::optional-previous-run");
const IMPLIED_THRESHOLD: Code = Code("rspp::lints::implied-threshold");
const GUARANTEED_EACH: Code = Code("rspp::lints::guaranteed-each");

pub(in crate::check) const CODES: &[Code] = &[
    UNUSED_LET,
    UNUSED_DEF,
    UNUSED_PARAM,
    UNUSED_EVIDENCE,
    UNUSED_SHAPE,
    UNUSED_ARTIFACT,
    UNTAKEN,
    UNAGED_LIVE,
    OPTIONAL_PREVIOUS_RUN,
    IMPLIED_THRESHOLD,
    GUARANTEED_EACH,
];

fn unused(code: Code, kind: &str, name: &str, span: Span) -> Diagnostic {
    Diagnostic::warning(code, format!("{kind} `{name}` is never used"), span, "nothing mentions it")
}

/// A `let` that nothing mentions.
pub(in crate::check) fn unused_let(name: &str, span: Span) -> Diagnostic {
    unused(UNUSED_LET, "let", name, span).help("remove it, or use it")
}

/// A `def` that nothing calls.
pub(in crate::check) fn unused_def(name: &str, span: Span) -> Diagnostic {
    unused(UNUSED_DEF, "def", name, span).help("remove it, or call it")
}

/// A `param` that nothing reads.
pub(in crate::check) fn unused_param(name: &str, span: Span) -> Diagnostic {
    unused(UNUSED_PARAM, "param", name, span).help("remove it, or read it: a profile that sets it changes nothing")
}

/// An evidence that nothing reads.
pub(in crate::check) fn unused_evidence(name: &str, span: Span) -> Diagnostic {
    unused(UNUSED_EVIDENCE, "evidence", name, span).help("remove it, or judge it in a gate")
}

/// A type that nothing mentions.
pub(in crate::check) fn unused_shape(name: &str, span: Span) -> Diagnostic {
    unused(UNUSED_SHAPE, "type", name, span).help("remove it, or use it")
}

/// An artifact that no profile writes.
pub(in crate::check) fn unused_artifact(name: &str, span: Span) -> Diagnostic {
    Diagnostic::warning(UNUSED_ARTIFACT, format!("no profile writes artifact `{name}`"), span, "never written")
        .help(format!("write `write {name}` in a profile, or remove it"))
}

/// A gate that no profile takes.
pub(in crate::check) fn gate_in_no_profile(gate: &str, span: Span) -> Diagnostic {
    Diagnostic::warning(UNTAKEN, format!("no profile takes gate `{gate}`"), span, "never judged for itself")
        .help(format!("give it a `stage`, or write `gates {gate}` in a profile"))
}

/// Gates whose stage no profile takes.
pub(in crate::check) fn stage_in_no_profile(stage: &str, gates: &[&str], span: Span) -> Diagnostic {
    let names = listed(gates.iter().copied(), 4);
    Diagnostic::warning(
        UNTAKEN,
        format!("no profile takes the stage `{stage}`"),
        span,
        format!("never judged for themselves: {names}"),
    )
    .help(format!("write `stage {stage}` in a profile, or remove the gates"))
}

/// `fresh any` on a live source.
pub(in crate::check) fn unaged_live(name: &str, span: Span) -> Diagnostic {
    Diagnostic::warning(
        UNAGED_LIVE,
        format!("live evidence `{name}` may be of any age"),
        span,
        "an old measurement counts as well",
    )
    .help("write `fresh within 24h of FIELD` with the instant of the measurement")
}

/// Plain `optional` on a previous run.
pub(in crate::check) fn optional_previous_run(name: &str, span: Span) -> Diagnostic {
    Diagnostic::warning(
        OPTIONAL_PREVIOUS_RUN,
        format!("the previous run `{name}` may be absent for ever"),
        span,
        "green when somebody deletes the file",
    )
    .help("write `optional first_run until 2027-01-01T00:00:00Z`: only before that instant there is none")
}

/// A threshold that another implies.
pub(in crate::check) fn implied_threshold(span: Span, by: Span) -> Diagnostic {
    Diagnostic::warning(IMPLIED_THRESHOLD, "this threshold decides nothing", span, "always met when the other one is")
        .label(by, "the other one")
        .help("remove it, or write the limit that was meant")
}

/// An `each` that the scope guarantees.
pub(in crate::check) fn guaranteed_each(span: Span, by: Span) -> Diagnostic {
    Diagnostic::warning(GUARANTEED_EACH, "this `each` can never fail", span, "asks what the scope has asked")
        .label(by, "rows that do not meet it are not looked at")
        .help("take the condition out of the scope if rows that break it are violations, else remove the `each`")
}
