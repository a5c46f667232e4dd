//! What is there and what is not: `present`, `filled`, `same`, `nonempty`.

use super::BASE;
use super::arguments::argument;
use crate::data::{JsonKind, Type, Value};
use crate::registry::{Body, Example, Function, Narrows};

/// The family.
pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        name: "present",
        phrase: "{*} {is} present",
        family: "missing values",
        signature: "(x: any?...) -> bool",
        doc: "Whether all arguments are there. Where it holds, paths among them need no further proof: \
              `present(a, b) and a < b`.",
        examples: &[
            Example { expression: "present(3, \"\")", prints: "true" },
            Example { expression: "present([1, 2][5])", prints: "false" },
        ],
        narrows: Narrows::ArgumentsPresent,
        body: Body::Scalar(|_, arguments| Ok(Value::Bool(!arguments.iter().any(Value::is_missing)))),
        ..BASE
    },
    Function {
        name: "filled",
        phrase: "{*} {is} filled in",
        family: "missing values",
        signature: "(x: any?...) -> bool",
        doc: "Whether all arguments are there and none is a blank text or an empty list or map. Where it holds, paths \
              among them are present.",
        examples: &[
            Example { expression: "filled(\"a\", [0])", prints: "true" },
            Example { expression: "filled(\" \")", prints: "false" },
            Example { expression: "filled([1] where this > 5)", prints: "false" },
        ],
        narrows: Narrows::ArgumentsPresent,
        body: Body::Scalar(|_, arguments| Ok(Value::Bool(arguments.iter().all(is_filled)))),
        ..BASE
    },
    Function {
        name: "same",
        phrase: "{0} {is} the same as {1}, or missing like it",
        family: "missing values",
        signature: "(a: T?, b: T?) -> bool",
        doc: "Equality in which missing equals missing, and nothing else does.",
        examples: &[
            Example { expression: "same([1, 2][5], [1, 2][6])", prints: "true" },
            Example { expression: "same([1, 2][5], 1)", prints: "false" },
            Example { expression: "same(1s, 1000ms)", prints: "true" },
        ],
        body: Body::Scalar(|_, arguments| Ok(Value::Bool(argument(arguments, 0)? == argument(arguments, 1)?))),
        ..BASE
    },
    Function {
        name: "nonempty",
        phrase: "{0} unless it is empty",
        family: "missing values",
        signature: "(x: T) -> T?",
        doc: "The list, map or text itself, or missing when it is empty. In the document of an artifact, an empty \
              list is so left out.",
        examples: &[
            Example { expression: "nonempty([1, 2])", prints: "[1, 2]" },
            Example { expression: "nonempty(\"\") ?? \"none given\"", prints: "none given" },
        ],
        typing: Some(|arguments| match arguments.first() {
            Some(ty @ (Type::List(_) | Type::Map(..) | Type::String | Type::Never)) => Ok(ty.clone().optional()),
            Some(ty) => Err(format!("`nonempty` takes a list, a map or a text, not {ty}")),
            None => Ok(Type::Unknown),
        }),
        body: Body::Scalar(|_, arguments| {
            let value = argument(arguments, 0)?;
            let empty = match value {
                Value::List(items) => items.is_empty(),
                Value::Text(text) => text.is_empty(),
                _ => false,
            };
            Ok(if empty { Value::Missing } else { value.clone() })
        }),
        ..BASE
    },
];

fn is_filled(value: &Value) -> bool {
    match value {
        Value::Missing => false,
        Value::Text(text) => !text.trim().is_empty(),
        Value::List(items) => !items.is_empty(),
        Value::Json(json) => match &json.kind {
            JsonKind::Null => false,
            JsonKind::Text(text) => !text.trim().is_empty(),
            JsonKind::List(items) => !items.is_empty(),
            JsonKind::Object(entries) => !entries.is_empty(),
            JsonKind::Bool(_) | JsonKind::Number(_) => true,
        },
        Value::Bool(_) | Value::Num(_) | Value::Version(_) | Value::Enum(_) | Value::Record(_) => true,
    }
}
