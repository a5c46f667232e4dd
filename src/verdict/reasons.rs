//! Why a verdict is what it is, in words, one function a code.

use super::{AppliedLimit, Certified, Comparison, FigureValue, MetricResult, Reason, ThresholdResult};
use crate::data::{EvidenceFault, Fault, Num, Type, Value, print};
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
    let (n, misses, wrong) = (metric.n, certified.misses, certified.miss.words());
    let confidence = print::value(&Value::Num(certified.confidence), &Type::Ratio);
    let held = match misses {
        0 => format!("none of {n} row{} is {wrong}", if n == 1 { "" } else { "s" }),
        1 => format!("1 of {n} row{} is {wrong}", if n == 1 { "" } else { "s" }),
        _ => format!("{misses} of {n} rows are {wrong}"),
    };
    let met = threshold.comparison == Comparison::Met;
    let (found, room) = match (met, certified.most_misses, certified.least_misses) {
        (true, Some(most), _) => ("meets", format!("and at most {most} may be")),
        (true, None, _) => ("meets", "and so few rows certify nothing".to_owned()),
        (false, _, Some(least)) => ("misses", format!("and {least} or more would certify that it is missed")),
        (false, _, None) => ("misses", "and so few rows certify nothing".to_owned()),
    };
    let needed = match certified.rows_needed {
        Some(rows) => {
            let more = rows.saturating_sub(n);
            let none = if more == 1 { "one more row that is not".to_owned() } else { format!("{more} more rows of which none is") };
            format!("{none} would certify that it is met ({rows} in all)")
        }
        None => "no number of rows would certify that it is met".to_owned(),
    };
    Reason {
        code: "rspp::verdict::uncertified",
        message: format!(
            "`{}` is {figure} and {found} {limit}, but not with a confidence of {confidence}: {held}, {room}; {needed}",
            threshold.figure
        ),
        span: Some(threshold.span),
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

/// The profile holds another number of gates than it expects.
pub(super) fn expect_gates(found: usize, limit: &str, span: Span) -> Reason {
    Reason {
        code: "rspp::verdict::expect-gates",
        message: format!("the profile selects {found} gate{} and expects {limit}", if found == 1 { "" } else { "s" }),
        span: Some(span),
    }
}
