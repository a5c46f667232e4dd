//! The record that `result(g)` gives: its layout, said once for checker and engine.

use super::GateDefinition;
use crate::data::{EnumType, Field, RecordType, Type};
use std::sync::{Arc, OnceLock};

/// Words of the enum `verdict`, in order of weight: the worst of several is the last.
pub const VERDICT_WORDS: [&str; 6] = ["pass", "waived", "inconclusive", "blocked", "error", "fail"];

/// The enum that `.verdict` of a result is a word of.
pub fn verdict_type() -> Arc<EnumType> {
    static VERDICT: OnceLock<Arc<EnumType>> = OnceLock::new();
    VERDICT.get_or_init(|| Arc::new(EnumType::of_words("verdict", VERDICT_WORDS.map(Arc::from)))).clone()
}

/// The type of `result(g)`.
///
/// **Shape**: `verdict` (an enum word), `passed` (whether a required gate is satisfied by it),
/// `violations` (a list of `{kind, message, key?, file?, line?}`: those that are kept, in order),
/// then without `per` one field for each metric by its label, `{value?, limit?, n, bound?}` (the limit is
/// that of its first threshold that is a comparison, the bound the one that limit asks for under `decide
/// certified`); with `per` the field `slices`, a list in key order of
/// `{group, verdict, passed, violations, ..}`: `group` is a record of the keys, `violations` their count,
/// and then the metrics by their labels. A gate that may be waived has the field `waiver` besides,
/// `{id, reason, approver, owner, ticket, opened, expires}?`, which is there where it is waived.
pub fn result_type(gate: &GateDefinition) -> Type {
    let mut fields = verdict_fields();
    fields.push(field("violations", Type::list(violation_type())));
    if gate.per.is_empty() {
        fields.extend(metric_fields(gate));
    } else {
        fields.push(field("slices", Type::list(slice_type(gate))));
    }
    if gate.waivable {
        fields.push(field("waiver", waiver_type().optional()));
    }
    record(Some(format!("result of {}", gate.id)), fields)
}

/// The waiver that excuses a gate; of several (each for a group) the first by its id.
fn waiver_type() -> Type {
    let texts = ["id", "reason", "approver", "owner", "ticket"].map(|name| field(name, Type::String));
    let moments = ["opened", "expires"].map(|name| field(name, Type::Instant));
    record(None, texts.into_iter().chain(moments).collect())
}

fn slice_type(gate: &GateDefinition) -> Type {
    let keys = gate.per.iter().map(|k| Field { name: k.name.clone(), ty: k.value.ty.clone() });
    let mut fields = vec![field("group", record(None, keys.collect()))];
    fields.extend(verdict_fields());
    fields.push(field("violations", Type::Int));
    fields.extend(metric_fields(gate));
    record(None, fields)
}

fn verdict_fields() -> Vec<Field> {
    vec![field("verdict", Type::Enum(verdict_type())), field("passed", Type::Bool)]
}

fn violation_type() -> Type {
    record(
        None,
        vec![
            field("kind", Type::String),
            field("message", Type::String),
            field("key", Type::String.optional()),
            field("file", Type::String.optional()),
            field("line", Type::Int.optional()),
        ],
    )
}

fn metric_fields(gate: &GateDefinition) -> impl Iterator<Item = Field> {
    gate.metrics.iter().map(|metric| {
        let value = metric.figure.ty.clone().optional();
        let fields = vec![
            field("value", value.clone()),
            field("limit", value.clone()),
            field("n", Type::Int),
            field("bound", value),
        ];
        Field { name: metric.label.clone(), ty: record(None, fields) }
    })
}

fn field(name: &str, ty: Type) -> Field {
    Field { name: name.into(), ty }
}

fn record(name: Option<String>, fields: Vec<Field>) -> Type {
    Type::Record(Arc::new(RecordType { name: name.map(Into::into), fields }))
}
