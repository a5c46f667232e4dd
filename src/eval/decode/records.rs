//! Objects into records: fields, spellings, modifiers, rules.

use super::path::Step;
use super::{Decoder, Reading, Said, expected, scalars};
use crate::data::{Json, JsonKind, Projection, Value};
use crate::model::{FieldShape, Openness, RecordShape, Shape};
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
        let (before, around) = (reading.mark(), reading.tolerant);
        reading.tolerant |= shape.open == Openness::Everywhere;
        // Rules may read any field.
        let everything = self.judges(shape);
        let mut values = Vec::with_capacity(shape.fields.len());
        // Fields without a value that rules could ask.
        let mut lost = Vec::new();
        for (i, field) in shape.fields.iter().enumerate() {
            let below = if everything { Projection::everything() } else { projection.below(&field.name) };
            let lost_before = reading.lost;
            let value = self.field(json, field, &below, reading);
            if reading.lost > lost_before {
                lost.push(i);
            }
            values.push(if everything || projection.reads(&field.name) { value } else { Value::Missing });
        }
        if !shape.is_open() && !reading.tolerant {
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
                    let said = Said::new("rspp::evidence::unknown-field", value.at, message);
                    let expected = Some(known_keys(key, shape));
                    reading.tell(Said { expected, help: Some(help), ..said }, None, None);
                    reading.trail.steps.pop();
                }
            }
        }
        let record = Value::record(values);
        if everything {
            self.rules(&record, json, shape, &lost, reading);
        }
        reading.tolerant = around;
        if !everything || projection.all || reading.found_since(before) {
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

    fn field(&self, object: &Json, field: &FieldShape, projection: &Projection, reading: &mut Reading<'_>) -> Value {
        let around = reading.demand.replace(field.span);
        let value = self.field_value(object, field, projection, reading);
        reading.demand = around;
        value
    }

    fn field_value(
        &self,
        object: &Json,
        field: &FieldShape,
        projection: &Projection,
        reading: &mut Reading<'_>,
    ) -> Value {
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
            let said = Said::new("rspp::evidence::two-spellings", found.at, message);
            return reading.lose(Said { expected: Some("keep one of them".to_owned()), ..said });
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
                let message = format!("`{}` is null and has to be there", field.name);
                let said = Said::new("rspp::evidence::null", json.at, message);
                reading.lose(Said { expected: Some(self.expects(field)), ..said })
            };
        }
        if json.kind == JsonKind::Null && !field.reading.lenient && !undecoded {
            let message = format!("`{}` is null", field.name);
            let help = Some("say `nullable` after the field's type if null stands for absent".to_owned());
            let expected = match may_be_absent(field) {
                true => format!("{}, or no such key", self.expects(field)),
                false => self.expects(field),
            };
            let said = Said::new("rspp::evidence::null", json.at, message);
            return reading.lose(Said { expected: Some(expected), help, ..said });
        }
        let before = reading.mark();
        let value = self.read(json, &field.shape, projection, reading);
        if reading.found_since(before) {
            if field.reading.lenient {
                reading.forget(before);
                let path: Arc<str> = reading.trail.fields().into();
                *reading.report.unreadable.entry(path).or_insert(0) += 1;
                return Value::Missing;
            }
            // Rules around it ask what was read of it; what was lost in it is counted.
            return value;
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
        let said = Said::new("rspp::evidence::missing-field", at, format!("the key {place} is not there"));
        let key = field.reading.from.first().and_then(|path| path.first()).unwrap_or(&field.name);
        let expected = Some(self.expects(field));
        reading.lose(Said { expected, help: Some(help), lacking: Some(key.clone()), ..said })
    }

    fn expects(&self, field: &FieldShape) -> String {
        format!("expected {}", expected(&field.shape, self.globals.policy()))
    }
}

/// What could be meant by a key that is not declared.
fn known_keys(key: &str, shape: &RecordShape) -> String {
    const MOST: usize = 20;
    let names = || shape.fields.iter().map(|f| &*f.name);
    match super::nearest(key, names()) {
        Some(near) => format!("did you mean `{near}`?"),
        None if shape.fields.is_empty() => "expected no key".to_owned(),
        None => {
            let mut known: Vec<String> = names().take(MOST).map(|n| format!("`{n}`")).collect();
            if shape.fields.len() > MOST {
                known.push(format!("{} more", shape.fields.len() - MOST));
            }
            format!("expected none but {}", known.join(", "))
        }
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
