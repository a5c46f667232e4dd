//! Values as JSON, numbers exact.

use super::number::decimal;
use super::{instant, number, value, word};
use crate::data::{EnumValue, Json, JsonKind, Type, Value};
use serde_json::{Map, Value as Out};
use std::sync::Arc;

/// A value as JSON. Numbers are written exactly where their decimals end, else as a text such as
/// `"997/1003"`; sizes as a number of bytes; durations and compounds as a text with their unit,
/// which a bare number would lose; instants in RFC 3339; enum words as data spells them. Fields
/// that are missing are left out; anywhere else what is missing is `null`.
pub fn to_json(value: &Value, ty: &Type) -> Out {
    match (value, ty.present()) {
        (Value::Missing, _) => Out::Null,
        (Value::Bool(b), _) => Out::Bool(*b),
        (Value::Num(n), Type::Instant) => Out::String(instant(*n)),
        (Value::Num(n), ty @ Type::Quantity(_)) if *ty != Type::BYTES => Out::String(number(*n, ty)),
        (Value::Num(n), ty) => match decimal(*n).as_deref().and_then(json_number) {
            Some(number) => number,
            None => Out::String(match ty {
                Type::Quantity(_) => number(*n, ty),
                _ => super::number::plain(*n),
            }),
        },
        (Value::Text(text), _) => Out::String(text.to_string()),
        (Value::Version(version), _) => Out::String(version.to_string()),
        (Value::Enum(found), Type::Enum(ty)) => {
            let member = ty.members.get(found.member as usize).filter(|_| found.word.is_none());
            let spelling = member.and_then(|m| m.spellings.first());
            Out::String(spelling.map_or_else(|| word(found, ty).to_owned(), ToString::to_string))
        }
        (Value::Record(record), Type::Record(ty)) => {
            let present = ty.fields.iter().zip(record.fields.iter()).filter(|(_, v)| !v.is_missing());
            Out::Object(present.map(|(f, v)| (f.name.to_string(), to_json(v, &f.ty))).collect())
        }
        (Value::List(items), Type::Map(key, of)) => {
            let mut out = Map::new();
            for item in items.iter() {
                if let Some([name, item]) = item.as_record().map(|r| &r.fields[..]) {
                    out.insert(map_key(name, key), to_json(item, of));
                }
            }
            Out::Object(out)
        }
        (Value::List(items), ty) => {
            let element = ty.element().unwrap_or(Type::Unknown);
            Out::Array(items.iter().map(|item| to_json(item, &element)).collect())
        }
        (Value::Json(json), _) => undecoded(json),
        (other, ty) => Out::String(self::value(other, ty)),
    }
}

/// A JSON value of this program as an undecoded value.
pub fn from_json(value: &Out) -> Json {
    let kind = match value {
        Out::Null => JsonKind::Null,
        Out::Bool(b) => JsonKind::Bool(*b),
        Out::Number(n) => JsonKind::Number(n.to_string().into()),
        Out::String(text) => JsonKind::Text(text.as_str().into()),
        Out::Array(items) => JsonKind::List(items.iter().map(from_json).collect()),
        Out::Object(entries) => {
            let entry = |(key, value): (&String, &Out)| (Arc::from(key.as_str()), from_json(value));
            JsonKind::Object(entries.iter().map(entry).collect())
        }
    };
    Json { kind, at: 0 }
}

/// Keys of objects are texts; enum words as data spells them.
pub(super) fn map_key(key: &Value, ty: &Type) -> String {
    match (key, to_json(key, ty)) {
        (Value::Enum(EnumValue { .. }) | Value::Text(_), Out::String(text)) => text,
        _ => value(key, ty),
    }
}

fn json_number(text: &str) -> Option<Out> {
    text.parse().ok().map(Out::Number)
}

fn undecoded(json: &Json) -> Out {
    match &json.kind {
        JsonKind::Null => Out::Null,
        JsonKind::Bool(b) => Out::Bool(*b),
        JsonKind::Number(text) => json_number(text).unwrap_or_else(|| Out::String(text.to_string())),
        JsonKind::Text(text) => Out::String(text.to_string()),
        JsonKind::List(items) => Out::Array(items.iter().map(undecoded).collect()),
        JsonKind::Object(entries) => Out::Object(entries.iter().map(|(k, v)| (k.to_string(), undecoded(v))).collect()),
    }
}
