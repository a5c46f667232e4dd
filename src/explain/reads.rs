//! What a gate reads, and how it is computed: streaming or held, in which pass, beside which
//! other gates.

use super::fields::settled;
use super::source::one_line;
use super::words::joined;
use crate::data::{Projection, print};
use crate::model::{
    CheckedPolicy, EffectiveProfile, EvidenceDefinition, EvidenceFiles, EvidenceShape, Expr, ExprKind, Freshness,
    GateId, LetId, Policy, SourceKind, Stage,
};
use crate::plan::{Base, GraphKind, GraphNode, Mark, Plan};
use crate::registry::{AggregateMemory, Body};
use crate::source::SourceMap;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Columns named of one evidence; of more only the number is told.
const MOST_COLUMNS: usize = 24;

/// An evidence in words: what, where, how old, which columns.
pub(super) fn evidence(
    checked: &CheckedPolicy,
    profile: Option<&EffectiveProfile>,
    accepted: &[Arc<str>],
    evidence: &EvidenceDefinition,
    projection: Option<&Projection>,
) -> Vec<String> {
    let mut out = Vec::new();
    let what = match &evidence.shape {
        EvidenceShape::Rows(_) => "rows",
        EvidenceShape::Document(_) => "one document",
    };
    out.push(match &evidence.files {
        EvidenceFiles::Path(path) => format!("{what} from `{path}`, read as {}", evidence.format),
        EvidenceFiles::Pattern(pattern) => format!("{what} from all files `{pattern}`, read as {}", evidence.format),
    });
    out.push(fresh(checked, profile, evidence));
    let counts = if accepted.is_empty() {
        String::new()
    } else {
        let accepted: Vec<String> = accepted.iter().map(ToString::to_string).collect();
        format!("; {} count", joined(&accepted, "and"))
    };
    out.push(match &evidence.source {
        SourceKind::Fixed(kind) => format!("its source is {kind}{counts}"),
        SourceKind::From(path) => format!("its source is what `{}` says{counts}", path.join(".")),
        SourceKind::Unsaid => format!("its source is not said, so that it counts as synthetic{counts}"),
    });
    if let Some(version) = &evidence.version {
        let accepted: Vec<String> = version.accepted.iter().map(|v| format!("\"{v}\"")).collect();
        out.push(format!("`{}` must say {}", version.at.join("."), joined(&accepted, "or")));
    }
    if evidence.clauses.contains_key("schema") {
        out.push("it is also checked against its JSON Schema, value by value, which is slow for many rows".into());
    }
    if let Some(projection) = projection {
        out.push(columns(projection));
    }
    out
}

fn fresh(checked: &CheckedPolicy, profile: Option<&EffectiveProfile>, evidence: &EvidenceDefinition) -> String {
    let Some(Freshness { within, of, ahead }) = &evidence.fresh else {
        return "it may be of any age".into();
    };
    let value = |expr: &Expr| match &*expr.kind {
        ExprKind::Literal(value) => print::value(value, &expr.ty),
        _ => settled(checked, profile, expr).unwrap_or_else(|| "a computed duration".into()),
    };
    format!(
        "it may be at most {} old, and at most {} ahead, by `{}` (so the instant of evaluation matters)",
        value(within),
        value(ahead),
        of.join(".")
    )
}

fn columns(projection: &Projection) -> String {
    let mut found = Vec::new();
    flatten(projection, "", &mut found);
    if projection.all {
        return "the gate reads all of it".into();
    }
    if found.is_empty() {
        return "the gate reads none of its columns, only that it is there and how many rows it has".into();
    }
    let more = found.len().saturating_sub(MOST_COLUMNS);
    let shown = found.iter().take(MOST_COLUMNS).map(String::as_str).collect::<Vec<_>>().join(", ");
    let more = if more == 0 { String::new() } else { format!(" and {more} more") };
    format!("the gate reads {shown}{more}; everything declared is checked all the same")
}

fn flatten(projection: &Projection, prefix: &str, out: &mut Vec<String>) {
    for (name, below) in &projection.fields {
        let path = if prefix.is_empty() { name.to_string() } else { format!("{prefix}.{name}") };
        if below.fields.is_empty() || below.all {
            out.push(path);
        } else {
            flatten(below, &path, out);
        }
    }
}

/// A node of the plan: what it is called, how it is held, why.
pub(super) struct Held<'p> {
    pub(super) node: &'p GraphNode,
    pub(super) kind: &'static str,
    pub(super) why: String,
}

/// The nodes that a gate is computed from, inputs first, itself last.
pub(super) fn held<'p>(plan: &'p Plan, gate: &GateId) -> Vec<Held<'p>> {
    let nodes = &plan.graph.nodes;
    let of_gate = |n: &GraphNode| matches!(&n.kind, GraphKind::Gate(id) if id == gate);
    let Some(at) = nodes.iter().position(of_gate) else { return Vec::new() };
    let mut wanted = BTreeSet::from([at]);
    let mut open = vec![at];
    while let Some(node) = open.pop().and_then(|at| nodes.get(at)) {
        for input in &node.inputs {
            let input = input.0 as usize;
            if wanted.insert(input) {
                open.push(input);
            }
        }
    }
    wanted.into_iter().filter_map(|at| nodes.get(at)).filter_map(|node| told(plan, node)).collect()
}

fn told<'p>(plan: &'p Plan, node: &'p GraphNode) -> Option<Held<'p>> {
    let streams = node.mark == Mark::Streaming;
    let policy = &plan.policy;
    let (kind, why) = match &node.kind {
        GraphKind::Evidence(id) => {
            let document = policy.evidence.get(id.index()).map(|e| matches!(e.shape, EvidenceShape::Document(_)));
            let why = match (document, streams) {
                (Some(true), _) => "a document is read as a whole; of its values only those that are needed",
                (_, true) => "its rows pass by in batches",
                (_, false) => "something needs its rows as a list",
            };
            ("evidence", why.to_owned())
        }
        GraphKind::Index(_) => ("index", "rows by key, so that a look-up does not walk the list".to_owned()),
        GraphKind::View(id) | GraphKind::Aggregate(id) => {
            let kind = match &node.kind {
                GraphKind::View(_) => "let",
                _ if id.index() < plan.own_lets => "figure",
                _ => "value",
            };
            (kind, of_let(policy, *id, streams))
        }
        GraphKind::Gate(_) if streams => ("gate", "of its sample only figures are kept".to_owned()),
        GraphKind::Gate(_) => ("gate", "its sample is kept, because something reads it as a whole".to_owned()),
        GraphKind::Artifact(_) | GraphKind::Profile(_) => return None,
    };
    Some(Held { node, kind, why })
}

fn of_let(policy: &Policy, id: LetId, streams: bool) -> String {
    let Some(item) = policy.lets.get(id.index()) else { return String::new() };
    let is_list = item.value.ty.present().element().is_some();
    match (streams, is_list) {
        (true, true) => "made row by row, as the rows of its source are walked".into(),
        (true, false) => "collected while the rows pass".into(),
        (false, _) => match whole(&item.value) {
            Some(what) => format!("{what} needs all rows at once"),
            None if is_list => "it is read as a list".into(),
            None => "computed once and kept".into(),
        },
    }
}

/// The step or the aggregate that looks at all rows at once.
fn whole(value: &Expr) -> Option<String> {
    let mut found = None;
    value.visit(&mut |e| {
        let word = match &*e.kind {
            ExprKind::Pipeline { stages, .. } => stages.iter().find_map(|s| match s {
                Stage::Group { .. } => Some("`group by`".to_owned()),
                Stage::Sort { .. } => Some("`sort by`".to_owned()),
                Stage::Distinct { .. } => Some("`distinct`".to_owned()),
                Stage::Number { .. } => Some("`number`".to_owned()),
                _ => None,
            }),
            ExprKind::Call { function, .. } => match function.body {
                Body::Aggregate(a) if a.memory == AggregateMemory::Rows => Some(format!("`{}`", function.name)),
                _ => None,
            },
            _ => None,
        };
        if found.is_none() {
            found = word;
        }
    });
    found
}

/// The pass that a gate takes part in: what is walked, and which gates it feeds.
pub(super) fn pass(plan: &Plan, sources: &SourceMap, gate: &GateId) -> Option<(String, Vec<GateId>)> {
    let rows = plan.gates.get(gate)?.rows.as_ref()?;
    let table = plan.tables.get(rows.table.0 as usize)?;
    let name = match &table.base {
        Base::Evidence(id) => plan.policy.evidence.get(id.index())?.name.to_string(),
        Base::List(list) => one_line(sources, list.span, 60),
    };
    Some((name, table.gates.clone()))
}
