//! The machine report: one JSON document, `rspp-gates.gate-run.v1`.
//!
//! The structs here are the stored form and nothing else; the types of `verdict` are not
//! serialisable on purpose. `docs/reference/report.md` tells every field and
//! `schemas/gate-run.v1.schema.json` is the same as a schema. Within v1 fields are only added.
//!
//! A field that has nothing to say is left out; lists and objects of fixed meaning are always
//! there. No number passes through a float.

mod waivers;

use super::values::{Exact, beyond_word, instant_text, number_type, value_text};
use super::{Format, ReportContext, Timing, facts};
use crate::data::{Digest, EvidenceFault, EvidenceStatus, Num, Origin, Type, Value};
use crate::diag::printable_json;
use crate::model::{Decide, EmptyPolicy};
use crate::source::{SourceMap, Span};
use crate::verdict::{
    AppliedLimit, ArtifactFile, ArtifactResult, AsOfOrigin, Bound, Bounds, Certainty, Certified, Comparison,
    EvidenceArtifact, FigureValue, GateResult, GateRun, GroupResult, Ledger, MetricResult, NamedRow, Reason, RunStatus,
    ThresholdResult, Verdict, Violation, ViolationKind,
};
use serde::Serialize;
use std::collections::BTreeMap;

/// The name of this version of the format. Readers refuse other ones.
pub const SCHEMA_VERSION: &str = "rspp-gates.gate-run.v1";

/// The descriptor of this format.
pub(super) const FORMAT: Format = Format {
    name: "json",
    extension: "json",
    doc: "the whole result as one JSON document, for tools and for the next run",
    render,
};

fn render(run: &GateRun, context: &ReportContext<'_>) -> String {
    let report = Report::of(run, context);
    // Maps with text keys, texts, integers: nothing here that serde_json refuses.
    let mut text = printable_json(serde_json::to_string_pretty(&report).unwrap_or_default());
    text.push('\n');
    text
}

#[derive(Serialize)]
struct Report<'a> {
    schema_version: &'static str,
    run_id: &'a str,
    engine: Engine,
    policy: PolicyJson<'a>,
    profile: &'a str,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    only: &'a [String],
    as_of: String,
    as_of_origin: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    candidate: Option<BTreeMap<&'a str, &'a str>>,
    sources: Vec<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<&'a str>,
    status: &'static str,
    reasons: Vec<ReasonJson<'a>>,
    counts: facts::Counts,
    gates: Vec<GateJson<'a>>,
    slices: Vec<SliceJson<'a>>,
    evidence: Vec<EvidenceJson<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    artifacts: Vec<ArtifactJson<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    waivers: Vec<waivers::WaiverJson<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    timing: Option<TimingJson>,
}

/// One file of an artifact.
#[derive(Serialize)]
struct ArtifactJson<'a> {
    name: &'a str,
    path: &'a str,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    sha256: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<ReasonJson<'a>>,
    evidence_refs: Vec<&'a str>,
}

#[derive(Serialize)]
struct Engine {
    name: &'static str,
    version: &'static str,
}

#[derive(Serialize)]
struct PolicyJson<'a> {
    name: &'a str,
    digest: String,
    sha256: String,
}

#[derive(Serialize)]
struct TimingJson {
    started_at: String,
    elapsed_ns: u64,
}

#[derive(Serialize)]
struct Place {
    file: String,
    line: usize,
    column: usize,
}

#[derive(Serialize)]
struct ReasonJson<'a> {
    code: &'static str,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<Place>,
}

#[derive(Serialize)]
struct GateJson<'a> {
    gate_id: &'a str,
    gate_digest: String,
    verdict: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    would_be: Option<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    waived_by: Vec<&'a str>,
    required: bool,
    counted: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    via_needs: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    not_before: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    owner: Option<&'a str>,
    refs: Vec<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fix: Option<&'a str>,
    place: Place,
    reasons: Vec<ReasonJson<'a>>,
    blocked_by: Vec<&'a str>,
    evidence_refs: Vec<&'a str>,
    ledger: LedgerJson,
    #[serde(skip_serializing_if = "Option::is_none")]
    confidence: Option<Exact>,
    #[serde(skip_serializing_if = "Option::is_none")]
    confidence_of: Option<&'static str>,
    metrics: BTreeMap<&'a str, MetricJson<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    samples: Option<SamplesJson>,
    #[serde(skip_serializing_if = "Option::is_none")]
    empty: Option<&'static str>,
    violation_count: u64,
    violations: Vec<ViolationJson<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    group_keys: Vec<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    groups: Vec<GroupJson<'a>>,
}

/// The keys of a group with their printed values; a key without a value is left out.
type GroupKeys<'a> = BTreeMap<&'a str, String>;

#[derive(Serialize)]
struct GroupJson<'a> {
    group: GroupKeys<'a>,
    verdict: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    would_be: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    waived_by: Option<&'a str>,
    reasons: Vec<ReasonJson<'a>>,
    ledger: LedgerJson,
    metrics: BTreeMap<&'a str, MetricJson<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    samples: Option<SamplesJson>,
    #[serde(skip_serializing_if = "Option::is_none")]
    empty: Option<&'static str>,
    violation_count: u64,
}

#[derive(Serialize)]
struct LedgerJson {
    read: u64,
    in_scope: u64,
    broken: u64,
    missing: u64,
    excluded: u64,
    worst: u64,
    sample: u64,
}

#[derive(Serialize)]
struct MetricJson<'a> {
    formula: &'a str,
    r#type: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<Exact>,
    #[serde(skip_serializing_if = "Option::is_none")]
    beyond: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bounds: Option<BoundsJson>,
    n: u64,
    shown: bool,
    place: Place,
    thresholds: Vec<ThresholdJson>,
    worst_rows: Vec<WorstRowJson<'a>>,
}

#[derive(Serialize)]
struct BoundsJson {
    confidence: Exact,
    #[serde(skip_serializing_if = "Option::is_none")]
    lower: Option<BoundJson>,
    #[serde(skip_serializing_if = "Option::is_none")]
    upper: Option<BoundJson>,
}

#[derive(Serialize)]
struct BoundJson {
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<Exact>,
    #[serde(skip_serializing_if = "Option::is_none")]
    beyond: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rank: Option<u64>,
}

#[derive(Serialize)]
struct CertifiedJson {
    certainty: &'static str,
    misses: u64,
    allowed: Exact,
    #[serde(skip_serializing_if = "Option::is_none")]
    most_misses: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    least_misses: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rows_needed: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    further_rows: Option<u64>,
}

#[derive(Serialize)]
struct ThresholdJson {
    text: String,
    comparison: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    certified: Option<CertifiedJson>,
    #[serde(skip_serializing_if = "Option::is_none")]
    op: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    limit: Option<Exact>,
    #[serde(skip_serializing_if = "Option::is_none")]
    low: Option<Exact>,
    #[serde(skip_serializing_if = "Option::is_none")]
    high: Option<Exact>,
    #[serde(skip_serializing_if = "Option::is_none")]
    slack: Option<Exact>,
    place: Place,
}

#[derive(Serialize)]
struct WorstRowJson<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<Exact>,
    #[serde(skip_serializing_if = "Option::is_none")]
    beyond: Option<&'static str>,
    row: RowJson<'a>,
}

#[derive(Serialize)]
struct RowJson<'a> {
    ordinal: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    evidence: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pointer: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<&'a str>,
}

#[derive(Serialize)]
struct SamplesJson {
    found: Exact,
    least: u64,
    reached: bool,
}

#[derive(Serialize)]
struct ViolationJson<'a> {
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    clause: Option<usize>,
    message: &'a str,
    place: Place,
    #[serde(skip_serializing_if = "Option::is_none")]
    row: Option<RowJson<'a>>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    group: GroupKeys<'a>,
}

#[derive(Serialize)]
struct SliceJson<'a> {
    gate_id: &'a str,
    figure: &'a str,
    group: GroupKeys<'a>,
    verdict: &'static str,
    n: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<Exact>,
    #[serde(skip_serializing_if = "Option::is_none")]
    beyond: Option<&'static str>,
}

#[derive(Serialize)]
struct EvidenceJson<'a> {
    name: &'a str,
    status: &'static str,
    path: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    sha256: Option<String>,
    files: Vec<FileJson<'a>>,
    rows: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    schema_version: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fresh_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    age: Option<Exact>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_age: Option<Exact>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    unreadable: BTreeMap<&'a str, u64>,
    fault_count: u64,
    faults: Vec<FaultJson<'a>>,
    read_by: Vec<&'a str>,
}

#[derive(Serialize)]
struct FileJson<'a> {
    path: &'a str,
    sha256: String,
    bytes: u64,
}

#[derive(Serialize)]
struct FaultJson<'a> {
    code: &'static str,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    column: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pointer: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<&'a str>,
}

impl<'a> Report<'a> {
    fn of(run: &'a GateRun, context: &ReportContext<'a>) -> Self {
        let sources = context.sources;
        Self {
            schema_version: SCHEMA_VERSION,
            run_id: &run.run_id,
            engine: Engine { name: super::ENGINE_NAME, version: super::ENGINE_VERSION },
            policy: PolicyJson {
                name: &run.policy,
                digest: marked(run.policy_digest),
                sha256: run.policy_files.to_string(),
            },
            profile: run.profile.as_str(),
            only: context.only,
            as_of: instant_text(run.as_of),
            as_of_origin: match run.as_of_origin {
                AsOfOrigin::Flag => "flag",
                AsOfOrigin::RunFile => "run_file",
                AsOfOrigin::Clock => "clock",
            },
            candidate: run.candidate.as_ref().map(|c| c.iter().map(|(k, v)| (&**k, &**v)).collect()),
            sources: run.sources.iter().map(|s| &**s).collect(),
            source: facts::weakest_source(run),
            status: match run.status {
                RunStatus::Pass => "pass",
                RunStatus::Fail => "fail",
                RunStatus::Unknown => "unknown",
            },
            reasons: reasons(&run.reasons, sources),
            counts: facts::Counts::of(run),
            gates: run.gates.iter().map(|g| gate(g, sources)).collect(),
            slices: run.gates.iter().flat_map(slices).collect(),
            evidence: run.evidence.iter().map(evidence).collect(),
            artifacts: run.artifacts.iter().flat_map(|a| files(a, context.sources)).collect(),
            waivers: waivers::waivers(run, sources),
            timing: context.timing.as_ref().map(timing),
        }
    }
}

/// A digest as policies and `explain` write it.
fn marked(digest: Digest) -> String {
    format!("sha256:{digest}")
}

fn timing(timing: &Timing) -> TimingJson {
    TimingJson { started_at: instant_text(Num::int(timing.started_at)), elapsed_ns: timing.elapsed_ns }
}

fn gate<'a>(gate: &'a GateResult, sources: &SourceMap) -> GateJson<'a> {
    let whole = if gate.group_keys.is_empty() { gate.groups.first() } else { None };
    let groups = if gate.group_keys.is_empty() { &[] } else { gate.groups.as_slice() };
    let violations = gate.groups.iter().flat_map(|g| {
        let keys = group_keys(gate, g);
        g.violations.iter().map(move |v| violation(v, keys.clone(), sources))
    });
    // Reasons of the only part stand with the gate's own: without `per` a reader looks there.
    let all_reasons =
        gate.reasons.iter().chain(whole.iter().flat_map(|g| &g.reasons).filter(|r| !gate.reasons.contains(r)));
    GateJson {
        gate_id: gate.gate_id.as_str(),
        gate_digest: marked(gate.gate_digest),
        verdict: gate.verdict.word(),
        would_be: gate.would_be.map(|v| v.word()),
        waived_by: waivers::waived_by(gate),
        required: gate.required,
        counted: facts::is_counted(gate),
        via_needs: gate.via_needs.as_ref().map(|g| g.as_str()),
        not_before: gate.not_before.map(instant_text),
        title: gate.title.as_deref(),
        owner: gate.owner.as_deref(),
        refs: gate.refs.iter().map(|r| &**r).collect(),
        fix: gate.fix.as_deref(),
        place: place(gate.span, sources),
        reasons: all_reasons.map(|r| reason(r, sources)).collect(),
        blocked_by: gate.blocked_by.iter().map(|g| g.as_str()).collect(),
        evidence_refs: gate.evidence_refs.iter().map(|e| &**e).collect(),
        ledger: ledger(&gate.ledger),
        confidence: match gate.decide {
            Decide::Certified { confidence } => Some(share(confidence)),
            Decide::Point => None,
        },
        confidence_of: match gate.decide {
            Decide::Certified { .. } if gate.group_keys.is_empty() => Some("gate"),
            Decide::Certified { .. } => Some("each_group"),
            Decide::Point => None,
        },
        metrics: whole.map(|g| metrics(g, sources)).unwrap_or_default(),
        samples: whole.and_then(samples),
        empty: whole.and_then(empty),
        violation_count: gate.violation_count,
        violations: violations.collect(),
        group_keys: gate.group_keys.iter().map(|k| &**k).collect(),
        groups: groups
            .iter()
            .map(|g| GroupJson {
                group: group_keys(gate, g),
                verdict: g.verdict.word(),
                would_be: g.waiver.as_ref().map(|_| Verdict::Fail.word()),
                waived_by: g.waiver.as_ref().map(|w| w.as_str()),
                reasons: reasons(&g.reasons, sources),
                ledger: ledger(&g.ledger),
                metrics: metrics(g, sources),
                samples: samples(g),
                empty: empty(g),
                violation_count: g.violation_count,
            })
            .collect(),
    }
}

fn group_keys<'a>(gate: &'a GateResult, group: &'a GroupResult) -> GroupKeys<'a> {
    let keys = gate.group_keys.iter().zip(&group.key).filter(|(_, (value, _))| !value.is_missing());
    keys.map(|(name, (value, ty))| (&**name, value_text(value, ty))).collect()
}

fn slices(gate: &GateResult) -> impl Iterator<Item = SliceJson<'_>> {
    gate.groups.iter().flat_map(move |group| {
        group.metrics.iter().map(move |metric| {
            let (value, beyond) = figure(&metric.value, &metric.ty);
            SliceJson {
                gate_id: gate.gate_id.as_str(),
                figure: &metric.label,
                group: group_keys(gate, group),
                verdict: group.verdict.word(),
                n: metric.n,
                value,
                beyond,
            }
        })
    })
}

fn metrics<'a>(group: &'a GroupResult, sources: &SourceMap) -> BTreeMap<&'a str, MetricJson<'a>> {
    group.metrics.iter().map(|m| (&*m.label, metric(m, &group.thresholds, sources))).collect()
}

fn metric<'a>(metric: &'a MetricResult, thresholds: &[ThresholdResult], sources: &SourceMap) -> MetricJson<'a> {
    let (value, beyond) = figure(&metric.value, &metric.ty);
    MetricJson {
        formula: &metric.formula,
        r#type: metric.ty.to_string(),
        value,
        beyond,
        bounds: metric.bounds.as_ref().map(|b| bounds(b, &metric.ty)),
        n: metric.n,
        shown: metric.shown,
        place: place(metric.span, sources),
        thresholds: thresholds
            .iter()
            .filter(|t| t.figure == metric.label)
            .map(|t| threshold(t, metric, sources))
            .collect(),
        worst_rows: metric
            .worst_rows
            .iter()
            .map(|w| {
                let (value, beyond) = figure(&w.value, &metric.ty);
                WorstRowJson { value, beyond, row: row(&w.row) }
            })
            .collect(),
    }
}

fn bounds(bounds: &Bounds, ty: &Type) -> BoundsJson {
    let bound = |b: &Bound| {
        let (value, beyond) = figure(&b.value, ty);
        BoundJson { value, beyond, rank: b.rank }
    };
    BoundsJson {
        confidence: share(bounds.confidence),
        lower: bounds.lower.as_ref().map(bound),
        upper: bounds.upper.as_ref().map(bound),
    }
}

fn certified(certified: &Certified, n: u64) -> CertifiedJson {
    CertifiedJson {
        certainty: match certified.certainty {
            Certainty::Meets => "meets",
            Certainty::Misses => "misses",
            Certainty::Open => "open",
        },
        misses: certified.misses,
        allowed: share(certified.allowed),
        most_misses: certified.most_misses,
        least_misses: certified.least_misses,
        rows_needed: certified.rows_needed,
        further_rows: certified.rows_needed.map(|rows| rows.saturating_sub(n)),
    }
}

fn share(share: Num) -> Exact {
    Exact::of(&Value::Num(share), &Type::Ratio)
}

fn figure(value: &FigureValue, ty: &Type) -> (Option<Exact>, Option<&'static str>) {
    match value {
        FigureValue::Value(value) => (exact(value, ty), None),
        FigureValue::Missing => (None, None),
        FigureValue::Above | FigureValue::Below => (None, beyond_word(value)),
    }
}

fn exact(value: &Value, ty: &Type) -> Option<Exact> {
    (!value.is_missing()).then(|| Exact::of(value, ty))
}

fn threshold(threshold: &ThresholdResult, metric: &MetricResult, sources: &SourceMap) -> ThresholdJson {
    let ty = &metric.ty;
    let (op, limit, low, high) = match &threshold.limit {
        AppliedLimit::Compare { op, value } => (Some(op.sign()), exact(value, ty), None, None),
        AppliedLimit::Range { low, high } => (None, None, exact(low, ty), exact(high, ty)),
    };
    ThresholdJson {
        text: super::values::limit_text(&threshold.limit, ty),
        comparison: match threshold.comparison {
            Comparison::Met => "met",
            Comparison::NotMet => "not_met",
            Comparison::NoFigure => "no_figure",
        },
        certified: threshold.certified.as_ref().map(|c| certified(c, metric.n)),
        op,
        limit,
        low,
        high,
        slack: threshold.slack.map(|s| Exact::of(&Value::Num(s), &number_type(ty))),
        place: place(threshold.span, sources),
    }
}

fn samples(group: &GroupResult) -> Option<SamplesJson> {
    let s = group.samples.as_ref()?;
    Some(SamplesJson { found: Exact::of(&Value::Num(s.found), &Type::Decimal), least: s.least, reached: s.reached })
}

fn empty(group: &GroupResult) -> Option<&'static str> {
    group.empty.map(|e| match e {
        EmptyPolicy::Pass => "pass",
        EmptyPolicy::Fail => "fail",
        EmptyPolicy::Inconclusive => "inconclusive",
    })
}

fn violation<'a>(violation: &'a Violation, group: GroupKeys<'a>, sources: &SourceMap) -> ViolationJson<'a> {
    let clause = match violation.kind {
        ViolationKind::Each(n)
        | ViolationKind::MissingValue(n)
        | ViolationKind::Expect(n)
        | ViolationKind::Threshold(n) => Some(n),
        ViolationKind::ExcludedTooMany | ViolationKind::Empty => None,
    };
    ViolationJson {
        kind: violation.kind.word(),
        clause,
        message: &violation.message,
        place: place(violation.span, sources),
        row: violation.row.as_ref().map(row),
        group,
    }
}

fn row(row: &NamedRow) -> RowJson<'_> {
    let origin: Option<&Origin> = row.origin.as_deref();
    RowJson {
        ordinal: row.ordinal,
        evidence: origin.map(|o| &*o.evidence),
        file: origin.map(|o| &*o.file),
        line: origin.map(|o| o.line),
        pointer: origin.and_then(|o| o.pointer.as_deref()),
        key: origin.and_then(|o| o.key.as_deref()),
    }
}

fn ledger(ledger: &Ledger) -> LedgerJson {
    let Ledger { read, in_scope, broken, missing, excluded, worst, sample } = *ledger;
    LedgerJson { read, in_scope, broken, missing, excluded, worst, sample }
}

fn reasons<'a>(reasons: &'a [Reason], sources: &SourceMap) -> Vec<ReasonJson<'a>> {
    reasons.iter().map(|r| reason(r, sources)).collect()
}

fn reason<'a>(reason: &'a Reason, sources: &SourceMap) -> ReasonJson<'a> {
    ReasonJson { code: reason.code, message: &reason.message, place: reason.span.map(|s| place(s, sources)) }
}

/// A clause as written, on one line.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn place(span: Span, sources: &SourceMap) -> Place {
    let (file, line, column) = sources.place(span);
    Place { file: file.to_string(), line, column }
}

fn evidence(artifact: &EvidenceArtifact) -> EvidenceJson<'_> {
    let duration = |n: Num| Exact::of(&Value::Num(n), &Type::DURATION);
    EvidenceJson {
        name: &artifact.name,
        status: match artifact.status {
            EvidenceStatus::Usable => "usable",
            EvidenceStatus::Absent => "absent",
            EvidenceStatus::Unusable => "unusable",
        },
        path: &artifact.path,
        sha256: artifact.digest.map(|d| d.to_string()),
        files: artifact
            .files
            .iter()
            .map(|f| FileJson { path: &f.path, sha256: f.sha256.to_string(), bytes: f.bytes })
            .collect(),
        rows: artifact.rows,
        schema_version: artifact.schema_version.as_deref(),
        source: artifact.source.as_deref(),
        fresh_at: artifact.fresh_at.map(instant_text),
        age: artifact.age.map(duration),
        max_age: artifact.max_age.map(duration),
        unreadable: artifact.unreadable.iter().map(|(k, v)| (&**k, *v)).collect(),
        fault_count: artifact.fault_count,
        faults: artifact.faults.iter().map(fault).collect(),
        read_by: artifact.read_by.iter().map(|g| g.as_str()).collect(),
    }
}

/// The files of an artifact, each with what became of it.
fn files<'a>(artifact: &'a ArtifactResult, sources: &SourceMap) -> Vec<ArtifactJson<'a>> {
    let file = |file: &'a ArtifactFile| ArtifactJson {
        name: &artifact.name,
        path: &file.path,
        status: file.status.word(),
        sha256: file.sha256.map(|d| d.to_string()),
        reason: file.reason.as_ref().map(|r| reason(r, sources)),
        evidence_refs: artifact.evidence_refs.iter().map(|e| &**e).collect(),
    };
    artifact.files.iter().map(file).collect()
}

fn fault(fault: &EvidenceFault) -> FaultJson<'_> {
    let place = fault.place.as_deref();
    FaultJson {
        code: fault.code,
        message: &fault.message,
        help: fault.help.as_deref(),
        file: place.map(|p| &*p.file),
        line: place.map(|p| p.line),
        column: fault.column,
        pointer: place.and_then(|p| p.pointer.as_deref()),
        key: place.and_then(|p| p.key.as_deref()),
    }
}
