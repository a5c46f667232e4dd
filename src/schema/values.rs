//! Undecoded values as the validator takes them, numbers to the last digit.

use crate::data::{Json, JsonKind};
use serde_json::{Map, Number, Value};
use std::sync::Arc;

/// Digits, and the size of an exponent, beyond which a number is a trap: to compare it exactly
/// would take more memory than there is.
const MAX_DIGITS: usize = 400;

/// The value, or the steps (from the innermost) to a number that is too large.
pub(super) fn value(json: &Json) -> Result<Value, Vec<String>> {
    value_without(json, &[])
}

/// The same without some keys at the top.
pub(super) fn value_without(json: &Json, without: &[Arc<str>]) -> Result<Value, Vec<String>> {
    let below = |step: String| {
        move |mut steps: Vec<String>| {
            steps.push(step);
            steps
        }
    };
    Ok(match &json.kind {
        JsonKind::Null => Value::Null,
        JsonKind::Bool(b) => Value::Bool(*b),
        JsonKind::Number(text) => Value::Number(number(text).ok_or_else(Vec::new)?),
        JsonKind::Text(text) => Value::String(text.as_ref().to_owned()),
        JsonKind::List(items) => {
            let each = items.iter().enumerate().map(|(i, item)| value(item).map_err(below(i.to_string())));
            Value::Array(each.collect::<Result<_, _>>()?)
        }
        JsonKind::Object(entries) => {
            let mut map = Map::with_capacity(entries.len());
            for (key, item) in entries.iter().filter(|(key, _)| !without.contains(key)) {
                map.insert(key.as_ref().to_owned(), value(item).map_err(below(key.as_ref().to_owned()))?);
            }
            Value::Object(map)
        }
    })
}

fn number(text: &str) -> Option<Number> {
    let exponent = text.split_once(['e', 'E']).map_or("", |(_, exponent)| exponent.trim_start_matches(['+', '-']));
    let small = exponent.is_empty() || exponent.parse::<usize>().is_ok_and(|e| e <= MAX_DIGITS);
    if small && text.len() <= MAX_DIGITS { text.parse().ok() } else { None }
}
