//! Gate declarations.

use super::{a, listed};
use crate::data::Type;
use crate::diag::{Code, Diagnostic};
use crate::source::Span;
use std::sync::Arc;

const CYCLE: Code = Code("rspp::gates::cycle");
const NOTHING_TO_JUDGE: Code = Code("rspp::gates::nothing-to-judge");
const TEXT_WITH_VALUES: Code = Code("rspp::gates::text-with-values");
const UNKNOWN_STAGE: Code = Code("rspp::gates::unknown-stage");
const SCOPE: Code = Code("rspp::gates::scope");
const NEEDS_SCOPE: Code = Code("rspp::gates::needs-scope");
const GROUP_KEY: Code = Code("rspp::gates::group-key");
const NEVER_FAILS: Code = Code("rspp::gates::never-fails");
const NEVER_PASSES: Code = Code("rspp::gates::never-passes");
const NOT_AN_AGGREGATE: Code = Code("rspp::gates::not-an-aggregate");
const COMPARISON_AS_FIGURE: Code = Code("rspp::gates::comparison-as-figure");
const FIGURE_TYPE: Code = Code("rspp::gates::figure-type");
const LABEL: Code = Code("rspp::gates::label");
const UNKNOWN_FIGURE: Code = Code("rspp::gates::unknown-figure");
const NOT_JUDGED: Code = Code("rspp::gates::not-judged");
const LIMIT: Code = Code("rspp::gates::limit");
const SAMPLES: Code = Code("rspp::gates::samples");
const MISSING: Code = Code("rspp::gates::missing");
const WORST: Code = Code("rspp::gates::worst");
const WHEN_EMPTY: Code = Code("rspp::gates::when-empty");
const CERTIFIED: Code = Code("rspp::gates::certified");

pub(in crate::check) const CODES: &[Code] = &[
    CYCLE,
    NOTHING_TO_JUDGE,
    TEXT_WITH_VALUES,
    UNKNOWN_STAGE,
    SCOPE,
    NEEDS_SCOPE,
    GROUP_KEY,
    NEVER_FAILS,
    NEVER_PASSES,
    NOT_AN_AGGREGATE,
    COMPARISON_AS_FIGURE,
    FIGURE_TYPE,
    LABEL,
    UNKNOWN_FIGURE,
    NOT_JUDGED,
    LIMIT,
    SAMPLES,
    MISSING,
    WORST,
    WHEN_EMPTY,
    CERTIFIED,
];

/// `needs` of the gate itself.
pub(in crate::check) fn needs_itself(name: &str, span: Span) -> Diagnostic {
    Diagnostic::error(CYCLE, format!("gate `{name}` needs itself"), span, "it would always be blocked")
        .help("leave it out")
}

/// Gates that need each other in a circle.
pub(in crate::check) fn cycle(path: &[(Arc<str>, &'static str)], span: Span, others: &[Span]) -> Diagnostic {
    let first = path.first().map_or("", |(n, _)| n);
    let mut text = String::new();
    for (name, how) in path {
        text.push_str(&format!("`{name}` {how} "));
    }
    text.push_str(&format!("`{first}`"));
    let mut diagnostic =
        Diagnostic::error(CYCLE, format!("gate `{first}` waits for itself"), span, format!("the circle: {text}"));
    for other in others {
        diagnostic = diagnostic.label(*other, "and here");
    }
    diagnostic.help("drop one of these links: a verdict cannot wait for itself")
}

/// A gate without anything that could fail.
pub(in crate::check) fn nothing_to_judge(name: &str, span: Span) -> Diagnostic {
    Diagnostic::error(
        NOTHING_TO_JUDGE,
        format!("gate `{name}` judges nothing"),
        span,
        "no `each`, `expect` or `metric`",
    )
    .help("say what must hold: `each condition` of every row, `expect condition` once, or `metric` and `threshold`")
}

/// `title "{x}"`
pub(in crate::check) fn text_with_values(keyword: &str, span: Span) -> Diagnostic {
    Diagnostic::error(
        TEXT_WITH_VALUES,
        format!("`{keyword}` is a plain text"),
        span,
        "values are printed in messages only",
    )
    .help("write `{{` for a brace; a text after `else` may print values")
}

/// A stage of a gate that no profile takes, and that looks like one that some profile takes.
pub(in crate::check) fn stage_of_no_profile(stage: &str, near: &str, span: Span) -> Diagnostic {
    Diagnostic::error(UNKNOWN_STAGE, format!("no profile takes the stage `{stage}`"), span, "the gate would be lost")
        .help(format!("did you mean `{near}`?"))
        .fix(span, near)
}

/// `scope` of a list that may be missing.
pub(in crate::check) fn scope_may_be_missing(ty: &Type, span: Span) -> Diagnostic {
    Diagnostic::error(SCOPE, "the list of a scope may be missing", span, format!("this is {}, or missing", a(ty)))
        .help("say what then: `?? []` takes no rows, and `when empty` decides")
}

/// `scope` of a list whose elements may be missing.
pub(in crate::check) fn scope_of_missing(ty: &Type, span: Span) -> Diagnostic {
    Diagnostic::error(SCOPE, "rows of a scope may be missing", span, format!("this is {}", a(ty)))
        .help("keep those that are there: `where present(this)`")
}

/// `scope` of something that has no rows.
pub(in crate::check) fn scope_is_no_list(ty: &Type, span: Span) -> Diagnostic {
    Diagnostic::error(SCOPE, "a scope is a list of rows", span, format!("this is {}", a(ty)))
        .help("name an evidence of rows, a `let`, or a list in a document; a gate about one document has `expect` and no scope")
}

/// A clause about rows in a gate without rows.
pub(in crate::check) fn needs_scope(keyword: &str, list: Option<&str>, span: Span) -> Diagnostic {
    let diagnostic =
        Diagnostic::error(NEEDS_SCOPE, format!("`{keyword}` needs rows"), span, "this gate has no `scope`");
    match list {
        Some(list) => {
            diagnostic.help(format!("name what is looked at: `scope {list}`, and count in it: `count(rows where ..)`"))
        }
        None if matches!(keyword, "each" | "metric" | "threshold") => {
            diagnostic.help("write `scope` with the list of rows that are looked at")
        }
        None => {
            diagnostic.help(format!("write `scope` with the list of rows that are looked at, or leave `{keyword}` out"))
        }
    }
}

/// `per` of something that makes no groups.
pub(in crate::check) fn group_key_type(ty: &Type, span: Span) -> Diagnostic {
    Diagnostic::error(GROUP_KEY, "groups need a plain value", span, format!("this is {}", a(ty)))
        .help("use a text, a number, a word of an enum, a version or an instant")
}

/// A condition that is always true.
pub(in crate::check) fn condition_always_holds(keyword: &str, span: Span) -> Diagnostic {
    Diagnostic::error(NEVER_FAILS, format!("this `{keyword}` can never fail"), span, "always true")
        .help("write what must hold, or leave the clause out")
}

/// A condition that is always false.
pub(in crate::check) fn condition_never_holds(keyword: &str, span: Span) -> Diagnostic {
    Diagnostic::error(NEVER_PASSES, format!("this `{keyword}` can never hold"), span, "always false")
        .help("write what must hold")
}

/// A limit that no figure can miss.
pub(in crate::check) fn never_missed(label: &str, why: &str, span: Span, metric: Span) -> Diagnostic {
    Diagnostic::error(NEVER_FAILS, format!("`{label}` always meets this threshold"), span, "it can never fail")
        .label(metric, why.to_owned())
        .help("write the limit that the figure must meet")
}

/// A limit that no figure can meet.
pub(in crate::check) fn never_met(label: &str, why: &str, span: Span, metric: Span) -> Diagnostic {
    let diagnostic =
        Diagnostic::error(NEVER_PASSES, format!("`{label}` can never meet this threshold"), span, "it can never pass");
    diagnostic.label(metric, why.to_owned()).help("write a limit that a figure can meet")
}

/// A limit that no sample can certify.
pub(in crate::check) fn never_certain(label: &str, span: Span, metric: Span) -> Diagnostic {
    Diagnostic::error(
        NEVER_PASSES,
        format!("no sample certifies that `{label}` meets this threshold"),
        span,
        "it can never pass",
    )
    .label(metric, "rows to come may always hold a first one that misses")
    .help("allow a share of misses, such as 0.1%, or ask it of every row with `each` and leave `decide` out")
}

/// `threshold in 2s..1s`
pub(in crate::check) fn ends_crossed(label: &str, span: Span) -> Diagnostic {
    Diagnostic::error(
        NEVER_PASSES,
        format!("`{label}` can never meet this threshold"),
        span,
        "the lower end is above the upper one",
    )
    .help("write the lower end first")
}

/// Two limits that exclude each other.
pub(in crate::check) fn never_met_together(label: &str, first: Span, second: Span) -> Diagnostic {
    Diagnostic::error(NEVER_PASSES, format!("`{label}` cannot meet both thresholds"), second, "and this one")
        .label(first, "this one")
        .help("both must hold; change one of them, or write `threshold in low..high`")
}

/// A metric that is no figure of the sample.
pub(in crate::check) fn not_an_aggregate(value: &str, span: Span) -> Diagnostic {
    Diagnostic::error(
        NOT_AN_AGGREGATE,
        "a metric is one figure of the whole sample",
        span,
        "this is a value of one row",
    )
    .help(format!("say which figure of all rows is meant, such as `p95({value})`, `max({value})` or `sum({value})`"))
}

/// `metric p99(x) <= 800ms`
pub(in crate::check) fn comparison_as_figure(left: &str, sign: &str, right: &str, span: Span) -> Diagnostic {
    let repaired = format!("{left}   threshold {sign} {right}");
    Diagnostic::error(
        COMPARISON_AS_FIGURE,
        "a metric is a figure, and its limit stands apart",
        span,
        "this is a comparison",
    )
    .help(format!("write two clauses: `metric {repaired}`"))
    .fix(span, repaired)
}

/// A figure that is no number.
pub(in crate::check) fn figure_type(ty: &Type, span: Span) -> Diagnostic {
    let diagnostic =
        Diagnostic::error(FIGURE_TYPE, "a figure is a number or a quantity", span, format!("this is {}", a(ty)));
    match ty {
        Type::Bool => diagnostic.help("ask it with `expect`, or count: `ratio(..)` is the share of rows that hold"),
        Type::Instant => diagnostic.help("measure its distance: `as_of - ..` is a duration"),
        _ => diagnostic.help("take a number of it, such as `count(..)`"),
    }
}

/// A formula without a name.
pub(in crate::check) fn unnamed_figure(span: Span) -> Diagnostic {
    Diagnostic::error(LABEL, "this figure has no name", span, "a formula of several parts")
        .help("name it for reports and thresholds: `metric .. as NAME`")
}

/// Two figures of one name.
pub(in crate::check) fn repeated_label(label: &str, first: Span, second: Span) -> Diagnostic {
    Diagnostic::error(LABEL, format!("two figures are called `{label}`"), second, format!("a second `{label}`"))
        .label(first, format!("the first `{label}`"))
        .help("give one of them another name: `metric .. as NAME`")
}

/// A threshold of a figure that is not there.
pub(in crate::check) fn unknown_figure(name: &str, nearest: Option<&str>, known: &[&str], span: Span) -> Diagnostic {
    let diagnostic =
        Diagnostic::error(UNKNOWN_FIGURE, format!("no figure is called `{name}`"), span, "no metric of this name");
    match nearest {
        Some(nearest) => diagnostic.help(format!("did you mean `{nearest}`?")).fix(span, nearest),
        None => diagnostic.help(format!("this gate has {}", listed(known.iter().copied(), 8))),
    }
}

/// A threshold that could mean several figures.
pub(in crate::check) fn which_figure(known: &[&str], span: Span) -> Diagnostic {
    let example = known.first().unwrap_or(&"NAME");
    Diagnostic::error(UNKNOWN_FIGURE, "which figure does this threshold judge?", span, "this gate has several metrics")
        .help(format!("name it, such as `threshold {example} ..`; there are {}", listed(known.iter().copied(), 8)))
}

/// A threshold without any metric.
pub(in crate::check) fn threshold_without_metric(span: Span) -> Diagnostic {
    Diagnostic::error(UNKNOWN_FIGURE, "a threshold judges a metric", span, "this gate has none")
        .help("write the figure: `metric count(rows where ..)`, `metric p95(..)`")
}

/// A metric that nothing judges.
pub(in crate::check) fn figure_not_judged(label: &str, several: bool, span: Span) -> Diagnostic {
    let figure = if several { format!("{label} ") } else { String::new() };
    Diagnostic::error(NOT_JUDGED, format!("nothing judges `{label}`"), span, "a figure without a threshold")
        .help(format!("write `threshold {figure}<= ..`, or `shown` after the metric if it is only reported"))
}

/// A figure that is only shown, with a threshold.
pub(in crate::check) fn shown_and_judged(label: &str, shown: Span, threshold: Span) -> Diagnostic {
    Diagnostic::error(
        NOT_JUDGED,
        format!("`{label}` is shown only, and judged as well"),
        shown,
        "says that nothing judges it",
    )
    .label(threshold, "judges it")
    .help("drop `shown`, or the threshold")
}

/// A limit of another type than the figure.
pub(in crate::check) fn limit_type(
    figure: &Type,
    metric: Span,
    limit: &Type,
    span: Span,
    number: Option<&str>,
) -> Diagnostic {
    let diagnostic = Diagnostic::error(
        LIMIT,
        format!("the figure is {}, and its limit {}", a(figure), a(limit)),
        span,
        format!("this is {}", a(limit)),
    )
    .label(metric, format!("this is {}", a(figure)));
    match (figure, number) {
        (t, Some(n)) if *t == Type::DURATION => {
            diagnostic.help(format!("put a unit right after the number: `{n}ms`, `{n}s` (`ns us ms s m h d`)"))
        }
        (t, Some(n)) if *t == Type::BYTES => {
            diagnostic.help(format!("put a unit right after the number: `{n}kB`, `{n}MiB` (`B kB MB GB KiB MiB GiB`)"))
        }
        (Type::Int, _) if *limit == Type::Ratio => {
            diagnostic.help("a count is compared with a number; for a share write `metric ratio(..)`")
        }
        (Type::Ratio, _) => diagnostic.help("write a share, such as `99.5%`"),
        (Type::Int | Type::Decimal, _) => diagnostic.help("write a number without a unit"),
        (t, _) if *t == Type::DURATION => diagnostic.help("write a duration, such as `120ms`"),
        (t, _) if *t == Type::BYTES => diagnostic.help("write a size, such as `64MiB`"),
        _ => diagnostic.help(format!("write a value of type {figure}")),
    }
}

/// A limit that may be missing.
pub(in crate::check) fn limit_may_be_missing(ty: &Type, span: Span) -> Diagnostic {
    Diagnostic::error(LIMIT, "a limit cannot be missing", span, format!("this is {}, or missing", a(ty)))
        .help("say what holds then: `(..) ?? 120ms`")
}

/// `samples >= 0`, `samples >= 1.5`
pub(in crate::check) fn samples_number(text: &str, span: Span) -> Diagnostic {
    Diagnostic::error(
        SAMPLES,
        format!("`samples` takes a whole number above zero, not `{text}`"),
        span,
        "how many decide",
    )
    .help("write `samples >= 40`, or leave the clause out")
}

/// A weight of the sample that is no number.
pub(in crate::check) fn weight_type(ty: &Type, span: Span) -> Diagnostic {
    let diagnostic =
        Diagnostic::error(SAMPLES, "the weight of a sample is a number", span, format!("this is {}", a(ty)));
    match ty {
        Type::Quantity(_) => diagnostic.help("divide by a unit, such as `sum(rows[].took) / 1s`"),
        _ => diagnostic.help("write a number, such as `sum(rows[].sessions)`"),
    }
}

/// A weight of the sample that may be missing.
pub(in crate::check) fn weight_may_be_missing(span: Span) -> Diagnostic {
    Diagnostic::error(SAMPLES, "the weight of a sample cannot be missing", span, "this may be missing")
        .help("say what it is then: `(..) ?? 0`")
}

/// `missing ..` where nothing can be missing.
pub(in crate::check) fn nothing_is_missing(span: Span) -> Diagnostic {
    Diagnostic::error(MISSING, "no value of these figures can be missing", span, "this clause answers nothing")
        .help("leave it out")
}

/// `exclude at most` of a share that is none.
pub(in crate::check) fn excluded_share(span: Span) -> Diagnostic {
    Diagnostic::error(MISSING, "at most what share may be left out?", span, "this must be from 0% to 100%")
        .help("write a share such as `0.5%`")
}

/// `missing worst` of a figure with several parts.
pub(in crate::check) fn worst_of_a_formula(label: &str, metric: Span, span: Span) -> Diagnostic {
    Diagnostic::error(WORST, "`missing worst` needs figures that are one aggregate", span, "which way is worse?")
        .label(metric, format!("`{label}` is a formula"))
        .help("write `missing fail` or `missing exclude at most ..`, or ask `each present(..)`")
}

/// `missing worst` of a figure whose limits do not say which way is worse.
pub(in crate::check) fn worst_without_direction(label: &str, metric: Span, span: Span) -> Diagnostic {
    Diagnostic::error(WORST, "`missing worst` needs a limit that says which way is worse", span, "worst is up or down?")
        .label(metric, format!("no threshold of `{label}` says so alone"))
        .help("use thresholds with `<= < >= >` of one direction, or write `missing fail`")
}

/// `missing worst` of an aggregate that knows no worst value.
pub(in crate::check) fn worst_not_taken(aggregate: &str, metric: Span, span: Span) -> Diagnostic {
    Diagnostic::error(
        WORST,
        format!("`{aggregate}` has no worst value for this limit"),
        span,
        "a missing value cannot count",
    )
    .label(metric, "this figure")
    .help("write `missing fail` or `missing exclude at most ..`, or ask `each present(..)`")
}

/// A required gate that does not say what an empty population means.
pub(in crate::check) fn when_empty_unsaid(gate: &str, span: Span, scope: Span, last: Option<Span>) -> Diagnostic {
    let diagnostic = Diagnostic::error(WHEN_EMPTY, format!("gate `{gate}` does not say what no rows mean"), span, "`when empty` is missing")
        .label(scope, "if nothing is in here")
        .help("write `when empty fail` if something has to be there, `when empty pass` if nothing is fine, or `when empty inconclusive`");
    match last {
        Some(last) => diagnostic.fix(Span { start: last.end, ..last }, "   when empty fail"),
        None => diagnostic,
    }
}

/// A confidence that is none.
pub(in crate::check) fn confidence(span: Span) -> Diagnostic {
    Diagnostic::error(CERTIFIED, "a confidence is above 50% and at most 99.999999%", span, "how sure it must be")
        .help("write `decide certified 95%`")
}

/// `certified` without anything to certify.
pub(in crate::check) fn certified_nothing(span: Span) -> Diagnostic {
    Diagnostic::error(CERTIFIED, "no threshold is there to certify", span, "asks for a bound").help(
        "a bound is that of a `metric` with a `threshold`; `each` and `expect` hold or do not: leave `decide` out",
    )
}

/// `certified` of a figure without an exact bound.
pub(in crate::check) fn certified_figure(label: &str, metric: Span, span: Span) -> Diagnostic {
    Diagnostic::error(CERTIFIED, format!("there is no exact bound for `{label}`"), span, "cannot be certified")
        .label(metric, "not one quantile or `ratio` of a value of each row")
        .help(
            "certify `p50(x)`, `p95(x)`, `p99(x)`, `quantile(q, x)` or `ratio(condition)`; other figures are compared themselves: `decide point`",
        )
}

/// `certified` of values that depend on the sample as a whole.
pub(in crate::check) fn certified_row(label: &str, metric: Span, span: Span) -> Diagnostic {
    Diagnostic::error(CERTIFIED, format!("there is no exact bound for `{label}`"), span, "cannot be certified")
        .label(metric, "the value of a row depends on the other rows")
        .help("take a value of each row by itself, without `rows`")
}

/// `certified` against a limit that is a figure of the same rows.
pub(in crate::check) fn certified_by_rows(limit: Span, span: Span) -> Diagnostic {
    Diagnostic::error(
        CERTIFIED,
        "a limit made of the rows themselves leaves nothing certain",
        limit,
        "depends on the rows that are judged",
    )
    .label(span, "asks for a bound")
    .help("compare with a constant, a `param` or other evidence, or write `decide point`")
}

/// `certified` of a limit without a direction.
pub(in crate::check) fn certified_limit(threshold: Span, span: Span) -> Diagnostic {
    Diagnostic::error(CERTIFIED, "only `<= < >= >` can be certified", threshold, "this limit has no one direction")
        .label(span, "asks for a bound")
        .help("write the limit with one of these signs")
}
