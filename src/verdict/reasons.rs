//! Why a verdict is what it is, in words, one function a code.

use super::{AppliedLimit, Certified, Comparison, FigureValue, MetricResult, Miss, Reason, ThresholdResult};
use crate::data::{EvidenceFault, Fault, Num, Type, Value, print};
use crate::engine::ArtifactFault;
use crate::model::{EmptyPolicy, GateId};
use crate::source::Span;

/// How much of one value a message repeats, in characters.
const SHOWN: usize = 120;

/// Codes of the reasons made here; each has its page.
pub const CODES: &[&str] = &[
    "rspp::verdict::unusable-evidence",
    "rspp::verdict::fault",
    "rspp::verdict::memory",
    "rspp::verdict::groups",
    "rspp::verdict::empty",
    "rspp::verdict::no-figure",
    "rspp::verdict::few-samples",
    "rspp::verdict::uncertified",
    "rspp::verdict::blocked",
    "rspp::verdict::no-gate-in-force",
    "rspp::verdict::expect-gates",
    "rspp::verdict::artifact-not-made",
];

/// The gate reads evidence that cannot be used; its first fault is told.
pub(super) fn unusable(evidence: &str, faults: &[EvidenceFault], total: u64) -> Reason {
    let why = match faults.first() {
        Some(fault) => format!(": {}", fault.message),
        None => String::new(),
    };
    let more = match total {
        0 | 1 => String::new(),
        2 => " (and one more fault)".to_owned(),
        n => format!(" (and {} more faults)", n - 1),
    };
    Reason {
        code: "rspp::verdict::unusable-evidence",
        message: format!("evidence `{evidence}` cannot be used{why}{more}"),
        span: None,
    }
}

/// Evaluation met a fault.
pub(super) fn fault(fault: &Fault, span: Span) -> Reason {
    let code = match fault {
        Fault::Memory { .. } => "rspp::verdict::memory",
        Fault::TooManyGroups { .. } => "rspp::verdict::groups",
        Fault::Overflow { .. }
        | Fault::OnlyFoundMany { .. }
        | Fault::EvidenceUnusable { .. }
        | Fault::NoCandidate
        | Fault::Internal { .. } => "rspp::verdict::fault",
    };
    Reason { code, message: fault.to_string(), span: Some(span) }
}

/// Nothing was in scope.
pub(super) fn empty(policy: EmptyPolicy, written: Option<Span>, rows: u64) -> Reason {
    let what = if rows == 0 { "no row is in scope" } else { "no figure can be computed" };
    let says = match (policy, written) {
        (EmptyPolicy::Pass, _) => ", and the gate says `when empty pass`",
        (EmptyPolicy::Fail, _) => ", and the gate says `when empty fail`",
        (EmptyPolicy::Inconclusive, Some(_)) => ", and the gate says `when empty inconclusive`",
        (EmptyPolicy::Inconclusive, None) => "",
    };
    Reason { code: "rspp::verdict::empty", message: format!("{what}{says}"), span: written }
}

/// A threshold has nothing to compare.
pub(super) fn no_figure(label: &str, of_limit: bool, span: Span) -> Reason {
    let what = if of_limit { "the limit" } else { "the figure" };
    Reason {
        code: "rspp::verdict::no-figure",
        message: format!("{what} of `{label}` cannot be computed"),
        span: Some(span),
    }
}

/// The sample is too small to decide.
pub(super) fn few_samples(found: Option<Num>, least: u64, span: Span) -> Reason {
    let found = found.map_or_else(|| print::MISSING.to_owned(), |n| print::value(&Value::Num(n), &Type::Decimal));
    Reason {
        code: "rspp::verdict::few-samples",
        message: format!("the sample holds {found}, and less than {least} decide nothing"),
        span: Some(span),
    }
}

/// The sample cannot tell at the confidence asked for. Says what it holds, what would have been
/// enough, and how many rows more it takes.
pub(super) fn uncertified(metric: &MetricResult, threshold: &ThresholdResult, certified: &Certified) -> Reason {
    let shown = |value: &Value| print::short(value, &metric.ty, SHOWN);
    let figure = match &metric.value {
        FigureValue::Value(value) => shown(value),
        FigureValue::Above => "above every value".to_owned(),
        FigureValue::Below => "below every value".to_owned(),
        FigureValue::Missing => print::MISSING.to_owned(),
    };
    let limit = match &threshold.limit {
        AppliedLimit::Compare { op, value } => format!("{} {}", op.sign(), shown(value)),
        AppliedLimit::Range { low, high } => format!("{}..{}", shown(low), shown(high)),
    };
    let n = metric.n;
    let confidence = print::value(&Value::Num(certified.confidence), &Type::Ratio);
    let met = threshold.comparison == Comparison::Met;
    let room = match (met, certified.most_misses, certified.least_misses) {
        (true, Some(0), _) => format!("and {n} rows allow for none"),
        (true, Some(most), _) => format!("and {n} rows allow for {most}"),
        (false, _, Some(least)) => format!("and it takes {least} to certify that it is missed"),
        (true, None, _) | (false, _, None) => "and that is too few to certify anything".to_owned(),
    };
    let needed = match certified.rows_needed {
        Some(rows) => {
            let more = rows.saturating_sub(n);
            let more_rows = if more == 1 { "one more row".to_owned() } else { format!("{more} more rows") };
            let right = right(certified.miss, more);
            format!("{more_rows} would certify that it is met, if {right} ({rows} in all)")
        }
        None => "no number of rows would certify that it is met".to_owned(),
    };
    Reason {
        code: "rspp::verdict::uncertified",
        message: format!(
            "`{}` is {figure} and {} {limit}, but not with a confidence of {confidence}: {}, {room}; {needed}",
            threshold.figure,
            if met { "meets" } else { "misses" },
            held(certified, n),
        ),
        span: Some(threshold.span),
    }
}

/// How a sample stands to a limit: `3 of 100 rows are over the limit`.
pub(super) fn held(certified: &Certified, n: u64) -> String {
    let (none, one, many) = match certified.miss {
        Miss::Above => ("none is over the limit", "is over the limit", "are over the limit"),
        Miss::NotBelow => ("all are below the limit", "is not below the limit", "are not below the limit"),
        Miss::Below => ("none is below the limit", "is below the limit", "are below the limit"),
        Miss::NotAbove => ("all are above the limit", "is not above the limit", "are not above the limit"),
        Miss::Untrue => ("all hold", "does not hold", "do not hold"),
        Miss::True => ("none holds", "holds", "hold"),
    };
    let rows = if n == 1 { "row" } else { "rows" };
    match certified.misses {
        0 => format!("of {n} {rows} {none}"),
        1 => format!("1 of {n} {rows} {one}"),
        misses => format!("{misses} of {n} {rows} {many}"),
    }
}

/// What has to be true of rows to come.
fn right(miss: Miss, rows: u64) -> &'static str {
    match (miss, rows) {
        (Miss::Above, 1) => "it is not over the limit",
        (Miss::Above, _) => "none of them is over the limit",
        (Miss::NotBelow, 1) => "it is below the limit",
        (Miss::NotBelow, _) => "all of them are below the limit",
        (Miss::Below, 1) => "it is not below the limit",
        (Miss::Below, _) => "none of them is below the limit",
        (Miss::NotAbove, 1) => "it is above the limit",
        (Miss::NotAbove, _) => "all of them are above the limit",
        (Miss::Untrue, 1) => "it holds",
        (Miss::Untrue, _) => "all of them hold",
        (Miss::True, 1) => "it does not hold",
        (Miss::True, _) => "none of them holds",
    }
}

/// Needed gates are not satisfied.
pub(super) fn blocked(by: &[GateId]) -> Reason {
    let names: Vec<String> = by.iter().map(|g| format!("`{g}`")).collect();
    Reason {
        code: "rspp::verdict::blocked",
        message: format!("it needs {}, which did not pass", names.join(", ")),
        span: None,
    }
}

/// No required gate counts.
pub(super) fn none_in_force() -> Reason {
    Reason {
        code: "rspp::verdict::no-gate-in-force",
        message: "no required gate is in force at this instant: nothing was decided".to_owned(),
        span: None,
    }
}

/// An artifact reads the release candidate, and there is none.
pub(super) fn no_candidate(span: Span) -> Reason {
    Reason {
        code: "rspp::verdict::fault",
        message: "it reads `candidate`, and no release candidate was given".to_owned(),
        span: Some(span),
    }
}

/// An artifact's documents could not be made.
pub(super) fn unmade(fault: &ArtifactFault, path: Span, span: Span) -> Reason {
    let (message, at) = match fault {
        ArtifactFault::SamePath { path: file, first, second } => {
            (format!("two rows write `{file}`: {first} and {second}"), path)
        }
        ArtifactFault::NoName { row } if row.is_empty() => ("a value in its path is empty".to_owned(), path),
        ArtifactFault::NoName { row } => (format!("a value in its path is empty: {row}"), path),
        ArtifactFault::TooMany { rows, limit } => (format!("{rows} rows would be files, and {limit} may be"), path),
        ArtifactFault::Fault(fault) => (fault.to_string(), span),
        ArtifactFault::Unusable | ArtifactFault::NoCandidate => ("what it reads cannot be used".to_owned(), span),
    };
    Reason { code: "rspp::verdict::artifact-not-made", message, span: Some(at) }
}

/// The profile holds another number of gates than it expects.
pub(super) fn expect_gates(found: usize, limit: &str, span: Span) -> Reason {
    Reason {
        code: "rspp::verdict::expect-gates",
        message: format!("the profile selects {found} gate{} and expects {limit}", if found == 1 { "" } else { "s" }),
        span: Some(span),
    }
}
