//! Texts. Case and blanks are Unicode's; order and parts go by code points.

use super::BASE;
use super::arguments::{argument, count, text};
use crate::data::{Fault, Type, Value, print};
use crate::registry::{Body, CallTypes, Example, Function};

/// The family.
pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        name: "text",
        phrase: "{0} as a text",
        family: "texts",
        signature: "(x: any) -> string",
        doc: "A value as a message prints it, exactly. Of an enum's word: the word; of one that a catch-all member \
              stands for, the word found in the data.",
        examples: &[
            Example { expression: "text(1500ms)", prints: "1.5s" },
            Example { expression: "text([1, 2])", prints: "[1, 2]" },
        ],
        body: Body::Scalar(|call, arguments| {
            let ty = call.arguments.first().unwrap_or(&Type::Unknown);
            Ok(match argument(arguments, 0)? {
                already @ Value::Text(_) => already.clone(),
                value => Value::text(print::value(value, ty)),
            })
        }),
        ..BASE
    },
    Function {
        name: "lower",
        phrase: "{0} in lower case",
        family: "texts",
        signature: "(text: string) -> string",
        doc: "The text in lower case.",
        examples: &[Example { expression: "lower(\"MiB\")", prints: "mib" }],
        body: Body::Scalar(|_, arguments| Ok(Value::text(text(arguments, 0)?.to_lowercase()))),
        ..BASE
    },
    Function {
        name: "upper",
        phrase: "{0} in upper case",
        family: "texts",
        signature: "(text: string) -> string",
        doc: "The text in upper case.",
        examples: &[Example { expression: "upper(\"pass\")", prints: "PASS" }],
        body: Body::Scalar(|_, arguments| Ok(Value::text(text(arguments, 0)?.to_uppercase()))),
        ..BASE
    },
    Function {
        name: "trim",
        phrase: "{0} without blanks at its ends",
        family: "texts",
        signature: "(text: string) -> string",
        doc: "The text without blanks at both ends.",
        examples: &[Example { expression: "trim(\"  a b \")", prints: "a b" }],
        body: Body::Scalar(|_, arguments| Ok(Value::text(text(arguments, 0)?.trim()))),
        ..BASE
    },
    Function {
        name: "split",
        phrase: "{0} split at {1}",
        family: "texts",
        signature: "(text: string, separator: string) -> list<string>",
        doc: "The parts of a text between separators, in order: one more than there are separators, so an empty text \
              has one empty part. An empty separator separates nothing.",
        examples: &[
            Example { expression: "split(\"id-001-x\", \"-\")", prints: "[id, 001, x]" },
            Example { expression: "split(\"id-001-x\", \"-\")[1]", prints: "001" },
            Example { expression: "split(\"rd\", \"-\")[1]", prints: "(missing)" },
        ],
        body: Body::Scalar(split),
        ..BASE
    },
    Function {
        name: "starts_with",
        phrase: "{0} starts with {1}",
        family: "texts",
        signature: "(text: string, start: string) -> bool",
        doc: "Whether the text begins with `start`.",
        examples: &[Example { expression: "starts_with(\"gate.slo\", \"gate.\")", prints: "true" }],
        body: Body::Scalar(|_, arguments| Ok(Value::Bool(text(arguments, 0)?.starts_with(&**text(arguments, 1)?)))),
        ..BASE
    },
    Function {
        name: "ends_with",
        phrase: "{0} ends with {1}",
        family: "texts",
        signature: "(text: string, end: string) -> bool",
        doc: "Whether the text ends with `end`.",
        examples: &[Example { expression: "ends_with(\"report.json\", \".json\")", prints: "true" }],
        body: Body::Scalar(|_, arguments| Ok(Value::Bool(text(arguments, 0)?.ends_with(&**text(arguments, 1)?)))),
        ..BASE
    },
    Function {
        name: "contains",
        phrase: "{0} contains {1}",
        family: "texts",
        signature: "(text: string, part: string) -> bool",
        doc: "Whether `part` stands somewhere in the text. For lists, write `x in xs`.",
        examples: &[Example { expression: "contains(\"a/b/c\", \"/b/\")", prints: "true" }],
        body: Body::Scalar(|_, arguments| Ok(Value::Bool(text(arguments, 0)?.contains(&**text(arguments, 1)?)))),
        ..BASE
    },
    Function {
        name: "replace",
        phrase: "{0} with {1} replaced by {2}",
        family: "texts",
        signature: "(text: string, part: string, by: string) -> string",
        doc: "The text with every `part` replaced, from left to right. An empty `part` replaces nothing.",
        examples: &[Example { expression: "replace(\"a.b.c\", \".\", \"/\")", prints: "a/b/c" }],
        body: Body::Scalar(|_, arguments| {
            let (whole, part, by) = (text(arguments, 0)?, text(arguments, 1)?, text(arguments, 2)?);
            if part.is_empty() {
                return Ok(Value::Text(whole.clone()));
            }
            let longest = (whole.len() / part.len() + 1).saturating_mul(by.len());
            if longest > LONGEST_TEXT {
                return Err(Fault::Overflow { what: "a text with parts replaced" });
            }
            Ok(Value::text(whole.replace(&**part, by)))
        }),
        ..BASE
    },
    Function {
        name: "length",
        phrase: "the length of {0}",
        family: "texts",
        signature: "(text: string) -> int",
        doc: "How many characters (Unicode code points) a text has. For lists, write `count`.",
        examples: &[Example { expression: "length(\"größe\")", prints: "5" }],
        body: Body::Scalar(|_, arguments| Ok(count(text(arguments, 0)?.chars().count()))),
        ..BASE
    },
];

/// Texts may grow by replacing, but not without end: 64 MiB is beyond any evidence row.
const LONGEST_TEXT: usize = 64 << 20;

fn split(_: &CallTypes<'_>, arguments: &[Value]) -> Result<Value, Fault> {
    let (whole, separator) = (text(arguments, 0)?, text(arguments, 1)?);
    if separator.is_empty() {
        return Ok(Value::list(vec![Value::Text(whole.clone())]));
    }
    Ok(Value::list(whole.split(&**separator).map(Value::text).collect::<Vec<_>>()))
}
