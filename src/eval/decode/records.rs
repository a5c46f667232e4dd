//! Objects into records: fields, spellings, modifiers, rules.

use super::{Decoder, Reading, Step, scalars};
use crate::data::{Json, JsonKind, Projection, Value};
use crate::eval::{Env, Interpreter};
use crate::model::{FieldShape, RecordShape, Shape};
use std::sync::Arc;

impl Decoder<'_> {
    pub(super) fn record(
        &self,
        json: &Json,
        shape: &RecordShape,
        projection: &Projection,
        reading: &mut Reading<'_>,
    ) -> Value {
        let JsonKind::Object(entries) = &json.kind else {
            return scalars::wrong(json, "an object", reading);
        };
        let before = reading.report.faults.len();
        // Rules may read any field.
        let everything = !shape.rules.is_empty();
        let mut values = Vec::with_capacity(shape.fields.len());
        for field in &shape.fields {
            let below = if everything { Projection::everything() } else { projection.below(&field.name) };
            let value = self.field(json, field, &below, reading);
            values.push(if everything || projection.reads(&field.name) { value } else { Value::Missing });
        }
        if !shape.open {
            for (key, value) in entries.iter() {
                if !shape.fields.iter().any(|f| takes(f, key)) {
                    reading.trail.steps.push(Step::Key(key.clone()));
                    let names = shape.fields.iter().map(|f| &*f.name);
                    let help = match super::nearest(key, names) {
                        Some(name) => format!(
                            "did the recorder mean `{name}`? A record that lets other keys pass is written `open {{ .. }}`"
                        ),
                        None => "declare the field, or write `open { .. }` to let other keys pass".to_owned(),
                    };
                    let message = format!("the key `{}` is not declared", scalars::cut(key));
                    reading.fault_with_help("rspp::evidence::unknown-field", value.at, message, Some(help));
                    reading.trail.steps.pop();
                }
            }
        }
        let record = Value::record(values);
        if reading.report.faults.len() > before {
            return record;
        }
        self.rules(&record, shape, json.at, reading);
        if !everything || projection.all {
            return record;
        }
        match record {
            Value::Record(record) => Value::record(
                shape
                    .fields
                    .iter()
                    .zip(record.fields.iter())
                    .map(|(f, v)| if projection.reads(&f.name) { v.clone() } else { Value::Missing })
                    .collect(),
            ),
            other => other,
        }
    }

    fn rules(&self, record: &Value, shape: &RecordShape, at: u64, reading: &mut Reading<'_>) {
        let interpreter = Interpreter::new(self.globals);
        for rule in &shape.rules {
            let mut env = Env::new();
            env.bind(shape.this, record.clone());
            match interpreter.holds(&rule.condition, &mut env) {
                Ok(true) => {}
                Ok(false) => {
                    let why = rule.message.as_ref().map(|m| interpreter.message(m, &mut env));
                    let message = match why {
                        Some(why) => format!("rule `{}` does not hold: {}", rule.name, scalars::cut(&why)),
                        None => format!("rule `{}` does not hold", rule.name),
                    };
                    reading.fault("rspp::evidence::rule", at, message);
                }
                Err(fault) => {
                    reading.fault("rspp::evidence::rule", at, format!("rule `{}`: {fault}", rule.name));
                }
            }
        }
    }

    fn field(&self, object: &Json, field: &FieldShape, projection: &Projection, reading: &mut Reading<'_>) -> Value {
        let places: Vec<(&[Arc<str>], &Json)> = if field.reading.from.is_empty() {
            let own = std::slice::from_ref(&field.name);
            object.get(&field.name).map(|j| (own, j)).into_iter().collect()
        } else {
            field.reading.from.iter().filter_map(|path| at_path(object, path).map(|j| (path.as_slice(), j))).collect()
        };
        if let [(first, _), (second, found), ..] = places.as_slice() {
            let message = format!(
                "`{}` and `{}` are both there, and both are the field `{}`",
                first.join("."),
                second.join("."),
                field.name
            );
            return reading.fault("rspp::evidence::two-spellings", found.at, message);
        }
        let Some((path, found)) = places.first() else {
            return self.absent(object.at, field, reading);
        };
        let depth = reading.trail.steps.len();
        reading.trail.steps.extend(path.iter().cloned().map(Step::Key));
        let value = self.found(found, field, projection, reading);
        reading.trail.steps.truncate(depth);
        if value.is_missing() && may_be_absent(field) {
            field.reading.default.clone().unwrap_or(Value::Missing)
        } else {
            value
        }
    }

    /// A field whose key is there.
    fn found(&self, json: &Json, field: &FieldShape, projection: &Projection, reading: &mut Reading<'_>) -> Value {
        let undecoded = matches!(field.shape.inner(), Shape::Json);
        if json.kind == JsonKind::Null && field.reading.nullable {
            return if may_be_absent(field) {
                Value::Missing
            } else {
                reading.fault("rspp::evidence::null", json.at, format!("`{}` is null and has to be there", field.name))
            };
        }
        if json.kind == JsonKind::Null && !field.reading.lenient && !undecoded {
            let message = format!("`{}` is null", field.name);
            let help = "say `nullable` after the field's type if null stands for absent".to_owned();
            return reading.fault_with_help("rspp::evidence::null", json.at, message, Some(help));
        }
        let before = reading.report.faults.len();
        let value = self.read(json, &field.shape, projection, reading);
        if reading.report.faults.len() > before {
            if field.reading.lenient {
                reading.report.faults.truncate(before);
                let path: Arc<str> = reading.trail.fields().into();
                *reading.report.unreadable.entry(path).or_insert(0) += 1;
            }
            return Value::Missing;
        }
        if field.reading.sentinels.contains(&value) { Value::Missing } else { value }
    }

    fn absent(&self, at: u64, field: &FieldShape, reading: &mut Reading<'_>) -> Value {
        if may_be_absent(field) {
            return field.reading.default.clone().unwrap_or(Value::Missing);
        }
        let place = match field.reading.from.first() {
            Some(path) => format!("`{}` (field `{}`)", path.join("."), field.name),
            None => format!("`{}`", field.name),
        };
        let help = "if it may be absent, give its type a `?` or the field a `default`".to_owned();
        reading.fault_with_help(
            "rspp::evidence::missing-field",
            at,
            format!("the key {place} is not there"),
            Some(help),
        )
    }
}

/// Whether a field needs no value of its own.
pub fn may_be_absent(field: &FieldShape) -> bool {
    field.reading.default.is_some() || matches!(field.shape, Shape::Optional(_)) || field.ty.is_optional()
}

/// Whether a key of the object belongs to a field.
fn takes(field: &FieldShape, key: &str) -> bool {
    if field.reading.from.is_empty() {
        *field.name == *key
    } else {
        field.reading.from.iter().any(|path| path.first().is_some_and(|first| **first == *key))
    }
}

fn at_path<'j>(object: &'j Json, path: &[Arc<str>]) -> Option<&'j Json> {
    path.iter().try_fold(object, |json, key| json.get(key))
}
