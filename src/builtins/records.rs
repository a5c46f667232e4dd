//! Records and enums as wholes: `merge`, `given`, `members`.

use super::BASE;
use super::arguments::{internal, record};
use crate::data::{EnumValue, Fault, Field, Record, RecordType, Type, Value};
use crate::registry::{Body, CallTypes, Example, Function};
use std::sync::Arc;

/// The family.
pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        name: "merge",
        phrase: "{0} overlaid with {1}",
        family: "records",
        signature: "(a: R, b: R2) -> any",
        doc: "A record with the fields of both; where both have a field, that of `b` counts, even if it is missing \
              there. Fields keep the order of `a`, new ones follow.",
        examples: &[Example {
            expression: "merge({ id = \"t1\" n = 1 }, { n = 2 ok = true })",
            prints: "{id = t1, n = 2, ok = true}",
        }],
        typing: Some(|arguments| match arguments {
            [Type::Record(a), Type::Record(b)] => Ok(merged_type(a, b)),
            _ => Ok(Type::Unknown),
        }),
        body: Body::Scalar(merge),
        ..BASE
    },
    Function {
        name: "given",
        phrase: "the fields that {0} gives",
        family: "records",
        signature: "(record: R) -> list<field of R>",
        doc: "The names of the fields that are present, in the order of the record. A table that says which fields a \
              case requires is checked with it: `every f in row.requires: f in given(this)`.",
        examples: &[Example { expression: "given({ id = \"t1\" n = [1][5] })", prints: "[id]" }],
        body: Body::Scalar(|_, arguments| {
            let fields = record(arguments, 0)?.fields.iter().zip(0..);
            let given = fields.filter(|(value, _)| !value.is_missing());
            let names = given.map(|(_, member)| Value::Enum(EnumValue { member, word: None }));
            Ok(Value::list(names.collect::<Vec<_>>()))
        }),
        ..BASE
    },
    Function {
        name: "members",
        phrase: "the words of {0}",
        family: "records",
        signature: "(enum E) -> list<E>",
        doc: "All words of an enum in declaration order, the one that catches unknown words included.",
        examples: &[Example { expression: "count(members(weekday))", prints: "7" }],
        body: Body::Form,
        ..BASE
    },
];

fn merged_type(a: &RecordType, b: &RecordType) -> Type {
    let kept = a.fields.iter().map(|field| match b.field(&field.name) {
        Some((_, ty)) => Field { name: field.name.clone(), ty: ty.clone() },
        None => field.clone(),
    });
    let new = b.fields.iter().filter(|field| a.field(&field.name).is_none()).cloned();
    Type::Record(Arc::new(RecordType { name: None, fields: kept.chain(new).collect() }))
}

fn merge(call: &CallTypes<'_>, arguments: &[Value]) -> Result<Value, Fault> {
    let types = call.arguments.iter().map(Type::present).collect::<Vec<_>>();
    let (Some(Type::Record(a_type)), Some(Type::Record(b_type))) = (types.first(), types.get(1)) else {
        return Err(internal("`merge` of what is no record"));
    };
    let (a, b) = (record(arguments, 0)?, record(arguments, 1)?);
    let from = |record: &Record, index: usize| record.fields.get(index).cloned().unwrap_or(Value::Missing);
    let kept = a_type.fields.iter().enumerate().map(|(i, field)| match b_type.field(&field.name) {
        Some((index, _)) => from(b, index),
        None => from(a, i),
    });
    let new = b_type.fields.iter().enumerate().filter(|(_, field)| a_type.field(&field.name).is_none());
    let fields = kept.chain(new.map(|(i, _)| from(b, i))).collect();
    Ok(Value::Record(Arc::new(Record { fields, origin: a.origin.clone() })))
}
