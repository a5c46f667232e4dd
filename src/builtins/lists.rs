//! Lists and maps as wholes. What works row by row is a stage of the language, not a function.

use super::BASE;
use super::arguments::{count, internal, list, text};
use crate::data::{Fault, Value};
use crate::registry::{Body, CallTypes, Example, Function};
use std::collections::HashMap;

/// The family.
pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        name: "concat",
        phrase: "{*} one after the other",
        family: "lists",
        signature: "(xs: list<A>...) -> list<A>",
        doc: "All elements of the lists, one list after the other.",
        examples: &[Example { expression: "concat([1, 2], [2, 3])", prints: "[1, 2, 2, 3]" }],
        body: Body::Scalar(concat),
        ..BASE
    },
    Function {
        name: "pairs",
        phrase: "the neighbouring pairs of {0}",
        family: "lists",
        signature: "(xs: list<A>) -> list<{prev: A, next: A}>",
        doc: "Each element with the one after it: one pair fewer than there are elements.",
        examples: &[
            Example { expression: "pairs([1, 4, 9]) select next - prev", prints: "[3, 5]" },
            Example { expression: "count(pairs([1]))", prints: "0" },
        ],
        body: Body::Scalar(pairs),
        ..BASE
    },
    Function {
        name: "nondecreasing",
        phrase: "{0} never falls",
        family: "lists",
        signature: "(xs: list<O>) -> bool",
        doc: "Whether no element is smaller than the one before it. Of nothing: true.",
        examples: &[
            Example { expression: "nondecreasing([1, 1, 2])", prints: "true" },
            Example { expression: "nondecreasing([2, 1])", prints: "false" },
        ],
        body: Body::Scalar(|_, arguments| Ok(ordered(list(arguments, 0)?, std::cmp::Ordering::is_le))),
        ..BASE
    },
    Function {
        name: "increasing",
        phrase: "{0} always rises",
        family: "lists",
        signature: "(xs: list<O>) -> bool",
        doc: "Whether every element is larger than the one before it. Of nothing: true.",
        examples: &[
            Example { expression: "increasing([1, 2, 3])", prints: "true" },
            Example { expression: "increasing([1, 1])", prints: "false" },
        ],
        body: Body::Scalar(|_, arguments| Ok(ordered(list(arguments, 0)?, std::cmp::Ordering::is_lt))),
        ..BASE
    },
    Function {
        name: "counts",
        phrase: "how often each of {0} occurs",
        family: "lists",
        signature: "(xs: list<T>, [ks: list<T>]) -> map<T, int>",
        doc: "How often each value occurs in `xs`. With `ks`, exactly these are the keys, zeros included, and other \
              values are not counted.",
        examples: &[
            Example { expression: "counts([\"b\", \"a\", \"b\"])", prints: "{a: 1, b: 2}" },
            Example { expression: "counts([\"b\", \"c\", \"b\"], [\"a\", \"b\"])", prints: "{a: 0, b: 2}" },
        ],
        body: Body::Scalar(counts),
        ..BASE
    },
    Function {
        name: "keys",
        phrase: "the keys of {0}",
        family: "lists",
        signature: "(m: map<K, A>) -> list<K>",
        doc: "The keys of a map in their order.",
        examples: &[Example { expression: "keys({\"b\": 1, \"a\": 2})", prints: "[a, b]" }],
        body: Body::Scalar(|_, arguments| column(list(arguments, 0)?, 0)),
        ..BASE
    },
    Function {
        name: "values",
        phrase: "the values of {0}",
        family: "lists",
        signature: "(m: map<K, A>) -> list<A>",
        doc: "The values of a map in the order of its keys.",
        examples: &[Example { expression: "values({\"b\": 1, \"a\": 2})", prints: "[2, 1]" }],
        body: Body::Scalar(|_, arguments| column(list(arguments, 0)?, 1)),
        ..BASE
    },
    Function {
        name: "joined",
        phrase: "{0} joined by {1}",
        family: "lists",
        signature: "(xs: list<string>, separator: string) -> string",
        doc: "The texts one after the other, with the separator between them.",
        examples: &[
            Example { expression: "joined([\"a\", \"b\"], \", \")", prints: "a, b" },
            Example { expression: "joined([1, 2] select text(this), \"+\")", prints: "1+2" },
        ],
        body: Body::Scalar(|_, arguments| {
            let texts: Option<Vec<&str>> = list(arguments, 0)?.iter().map(|x| x.as_text().map(|t| &**t)).collect();
            let texts = texts.ok_or_else(|| internal("texts to join that are none"))?;
            Ok(Value::text(texts.join(text(arguments, 1)?)))
        }),
        ..BASE
    },
];

fn concat(_: &CallTypes<'_>, arguments: &[Value]) -> Result<Value, Fault> {
    let mut out = Vec::new();
    for i in 0..arguments.len() {
        out.extend_from_slice(list(arguments, i)?);
    }
    Ok(Value::list(out))
}

fn pairs(_: &CallTypes<'_>, arguments: &[Value]) -> Result<Value, Fault> {
    let items = list(arguments, 0)?;
    let pairs = items.windows(2).map(|two| Value::record(two.to_vec()));
    Ok(Value::list(pairs.collect::<Vec<_>>()))
}

fn ordered(items: &[Value], fine: fn(std::cmp::Ordering) -> bool) -> Value {
    Value::Bool(items.is_sorted_by(|a, b| fine(a.order(b))))
}

fn counts(_: &CallTypes<'_>, arguments: &[Value]) -> Result<Value, Fault> {
    let mut found: HashMap<&Value, usize> = HashMap::new();
    for item in list(arguments, 0)?.iter() {
        *found.entry(item).or_insert(0) += 1;
    }
    let mut entries: Vec<(&Value, usize)> = match arguments.get(1) {
        None => found.into_iter().collect(),
        Some(_) => list(arguments, 1)?.iter().map(|key| (key, found.get(key).copied().unwrap_or(0))).collect(),
    };
    entries.sort_by(|a, b| a.0.order(b.0));
    entries.dedup_by(|a, b| a.0 == b.0);
    let pairs = entries.into_iter().map(|(key, n)| Value::record(vec![key.clone(), count(n)]));
    Ok(Value::list(pairs.collect::<Vec<_>>()))
}

/// One part of each `{key, value}` of a map.
fn column(pairs: &[Value], part: usize) -> Result<Value, Fault> {
    let part = |pair: &Value| pair.as_record().and_then(|r| r.fields.get(part)).cloned();
    let parts: Option<Vec<Value>> = pairs.iter().map(part).collect();
    parts.map(Value::list).ok_or_else(|| internal("a map without pairs"))
}
