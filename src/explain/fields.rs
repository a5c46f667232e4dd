//! The clauses of a gate as they take effect, each with the place that sets it.

use super::source::clause;
use crate::data::{Value, print};
use crate::eval::{Constants, Env, Interpreter};
use crate::model::{CheckedPolicy, EffectiveProfile, Expr, ExprKind, FieldOrigin, GateDefinition, Limit};
use crate::source::{SourceMap, Span};
use std::collections::BTreeMap;
use std::sync::Arc;

/// One clause in force.
#[derive(Debug, Clone)]
pub struct Field {
    /// Its keyword.
    pub keyword: String,
    /// What it says, on one line; what its params come to stands behind it.
    pub text: String,
    /// Where it is set; nowhere for a default.
    pub span: Option<Span>,
    /// The profile that set it, when it is not the gate itself.
    pub origin: Option<FieldOrigin>,
}

/// Clauses of a gate that stand once, in the order shown; each is shown where it is written.
const SINGLE_CLAUSES: [&str; 9] =
    ["stage", "per", "samples", "missing", "when empty", "decide", "effective from", "waivable", "owner"];

/// What a gate says and asks in a profile (or as declared), clause by clause.
pub fn fields(
    checked: &CheckedPolicy,
    sources: &SourceMap,
    profile: Option<&EffectiveProfile>,
    gate: &GateDefinition,
    changed: &BTreeMap<Arc<str>, FieldOrigin>,
) -> Vec<Field> {
    let mut out = Vec::new();
    let mut add = |keyword: &str, text: String, span: Option<Span>| {
        let origin = span.and_then(|s| changed.values().find(|o| o.span == s)).cloned();
        out.push(Field { keyword: keyword.to_owned(), text, span, origin });
    };
    let written = |span: Span, keyword: &str| clause(sources, span, keyword);
    add("required", yes_no(gate.required).into(), gate.clauses.get("required").copied());
    if let Some(scope) = &gate.scope {
        add("scope", written(scope.span, "scope"), Some(scope.span));
    }
    for each in &gate.each {
        add("each", written(each.span, "each"), Some(each.span));
    }
    for expect in &gate.expect {
        add("expect", written(expect.span, "expect"), Some(expect.span));
    }
    for metric in &gate.metrics {
        add("metric", written(metric.span, "metric"), Some(metric.span));
    }
    for threshold in &gate.thresholds {
        let limits = match &threshold.limit {
            Limit::Compare { value, .. } => vec![value],
            Limit::Range { low, high } => vec![low, high],
        };
        let values: Vec<String> = limits.iter().filter_map(|e| settled(checked, profile, e)).collect();
        add("threshold", with_values(written(threshold.span, "threshold"), &values), Some(threshold.span));
    }
    if !gate.needs.is_empty() {
        let names: Vec<&str> = gate.needs.iter().map(|g| g.as_str()).collect();
        add("needs", names.join(", "), gate.clauses.get("needs").copied());
    }
    for keyword in SINGLE_CLAUSES {
        match gate.clauses.get(keyword) {
            Some(span) => add(keyword, written(*span, keyword), Some(*span)),
            None if keyword == "when empty" => add(keyword, "inconclusive".into(), None),
            None => {}
        }
    }
    out
}

/// The value that an expression has in a profile (or with the params as declared), as printed,
/// where it is more than a literal and follows from params alone.
pub fn settled(checked: &CheckedPolicy, profile: Option<&EffectiveProfile>, expr: &Expr) -> Option<String> {
    if matches!(&*expr.kind, ExprKind::Literal(_)) {
        return None;
    }
    Some(print::value(&constant(checked, profile, expr)?, &expr.ty))
}

/// The value of an expression that follows from params alone.
pub(super) fn constant(checked: &CheckedPolicy, profile: Option<&EffectiveProfile>, expr: &Expr) -> Option<Value> {
    if let ExprKind::Literal(value) = &*expr.kind {
        return Some(value.clone());
    }
    let set = profile.map(|p| p.params.iter().map(|(id, (value, _))| (*id, value.clone())).collect());
    let constants = Constants::new(checked.policy.clone(), set.unwrap_or_default());
    Interpreter::new(&constants).eval(expr, &mut Env::new()).ok()
}

/// A clause, and what its expressions come to where that is not written in it.
pub fn with_values(clause: String, values: &[String]) -> String {
    if values.is_empty() { clause } else { format!("{clause}  ({})", values.join("..")) }
}

/// `yes` or `no`.
pub fn yes_no(yes: bool) -> &'static str {
    if yes { "yes" } else { "no" }
}
