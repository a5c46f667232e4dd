//! The oracle's own reading of evidence: serde_json trees, then the declared shape.

use crate::eval::{Made, Stop};
use rspp_gates::data::{EnumValue, Num, Value};
use rspp_gates::model::{EvidenceDefinition, EvidenceShape, FieldShape, InstantEncoding, Policy, Shape};
use serde_json::Value as Json;

/// The rows of a JSONL text, or the document of a JSON text.
pub fn evidence(policy: &Policy, definition: &EvidenceDefinition, text: &str) -> Made<Value> {
    let parse = |t: &str| serde_json::from_str::<Json>(t).map_err(|e| Stop::Unusable(e.to_string()));
    let shape = definition.shape.shape();
    match definition.shape {
        EvidenceShape::Document(_) => value(policy, shape, &parse(text)?),
        EvidenceShape::Rows(_) => {
            let lines = text.lines().filter(|l| !l.trim().is_empty());
            let rows = lines.map(|l| value(policy, shape, &parse(l)?)).collect::<Made<Vec<_>>>()?;
            Ok(Value::list(rows))
        }
    }
}

fn bad<T>(why: &str) -> Made<T> {
    Err(Stop::Unusable(why.to_owned()))
}

fn value(policy: &Policy, shape: &Shape, json: &Json) -> Made<Value> {
    Ok(match (shape, json) {
        (Shape::Named(id), _) => value(policy, &policy.shapes[id.index()].shape, json)?,
        (Shape::Optional(inner), _) => value(policy, inner, json)?,
        (Shape::Bool, Json::Bool(b)) => Value::Bool(*b),
        (Shape::Int | Shape::Bytes, Json::Number(n)) => match n.to_string().parse::<i128>() {
            Ok(n) => Value::Num(Num::int(n)),
            Err(_) => return bad("no whole number"),
        },
        (Shape::Decimal | Shape::Ratio { percent: false }, Json::Number(n)) => {
            Value::Num(Num::parse_decimal(&n.to_string()).ok_or(Stop::Unusable("too large".into()))?)
        }
        (Shape::Duration(unit) | Shape::Instant(InstantEncoding::Epoch(unit)), Json::Number(n)) => {
            match n.to_string().parse::<i64>() {
                Ok(n) => Value::Num(Num::int(i128::from(n) * i128::from(unit.scale))),
                Err(_) => return bad("no whole number"),
            }
        }
        (Shape::Text(_), Json::String(s)) => Value::text(s.as_str()),
        (Shape::Enum(how), Json::String(s)) => match how.ty.members.iter().position(|m| *m.name == **s) {
            Some(i) => Value::Enum(EnumValue { member: i as u32, word: None }),
            None => return bad("no word of the enum"),
        },
        (Shape::List(element), Json::Array(items)) => {
            Value::list(items.iter().map(|i| value(policy, element, i)).collect::<Made<Vec<_>>>()?)
        }
        (Shape::Record(record), Json::Object(entries)) => {
            if !record.is_open() && entries.keys().any(|k| record.fields.iter().all(|f| *f.name != **k)) {
                return bad("an unknown key");
            }
            Value::record(record.fields.iter().map(|f| field(policy, f, entries.get(&*f.name))).collect::<Made<_>>()?)
        }
        _ => return bad("another type"),
    })
}

fn field(policy: &Policy, field: &FieldShape, json: Option<&Json>) -> Made<Value> {
    let how = &field.reading;
    let found = match json {
        None => Value::Missing,
        Some(Json::Null) if how.nullable => Value::Missing,
        Some(Json::Null) if !how.lenient => return bad("null"),
        Some(json) => match value(policy, &field.shape, json) {
            Ok(v) if how.sentinels.contains(&v) => Value::Missing,
            Ok(v) => v,
            Err(_) if how.lenient => Value::Missing,
            Err(stop) => return Err(stop),
        },
    };
    match (found, &how.default) {
        (Value::Missing, Some(default)) => Ok(default.clone()),
        (Value::Missing, None) if !field.ty.is_optional() => bad("a field that is not there"),
        (v, _) => Ok(v),
    }
}
