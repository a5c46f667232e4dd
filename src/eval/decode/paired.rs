//! What the schema says of a value that the contract of the value is paired with.

use super::path::path_of;
use super::{Decoder, Reading, Said};
use crate::data::Json;
use crate::schema::{Keys, Schema};
use std::collections::BTreeSet;

/// Faults of a schema that are told of one value among others.
const TOLD: usize = 3;

/// One thing that a schema says against a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Objection {
    /// The field in words, such as `edges[0].from`, or `(document)`.
    pub path: String,
    /// JSON pointer to the value, or to the object that lacks a key or has one too many.
    pub pointer: String,
    /// The key that is lacking or one too many.
    pub key: Option<String>,
    /// The cause lies inside of the value.
    pub inside: bool,
    /// Byte offset of what stands there.
    pub at: u64,
    /// What is wrong, printable.
    pub message: String,
}

/// Everything that a schema says against a value (at most `most` of it), and how much more there is.
pub fn objections(schema: &Schema, json: &Json, most: usize) -> (Vec<Objection>, usize) {
    let (faults, total) = schema.faults(json, &[], most);
    let more = total.saturating_sub(faults.len());
    let mut out = Vec::with_capacity(faults.len());
    for fault in faults {
        let place = json.at_pointer(&fault.pointer).unwrap_or(json);
        let below = |key: &str| format!("{}/{}", fault.pointer, key.replace('~', "~0").replace('/', "~1"));
        let mut say = |key: Option<&String>, at, message: String| {
            let path = match key {
                Some(key) => path_of(json, &below(key)),
                None => path_of(json, &fault.pointer),
            };
            out.push(Objection {
                path,
                pointer: fault.pointer.clone(),
                key: key.cloned(),
                inside: fault.inside,
                at,
                message,
            });
        };
        match &fault.keys {
            Keys::None => say(None, place.at, fault.message.clone()),
            Keys::Required(key) => say(Some(key), place.at, "the key is required and not there".to_owned()),
            Keys::Unexpected(keys) => {
                for key in keys {
                    let at = place.get(key).map_or(place.at, |value| value.at);
                    say(Some(key), at, "no such key is allowed here".to_owned());
                }
            }
        }
    }
    // A key may be due for several reasons.
    let mut seen = BTreeSet::new();
    out.retain(|o: &Objection| seen.insert((o.path.clone(), o.message.clone())));
    (out, more)
}

impl Decoder<'_> {
    /// Asks the schema that the contract of a value is paired with.
    pub(super) fn paired(&self, json: &Json, name: &str, reading: &mut Reading<'_>) {
        let code = "rspp::evidence::schema";
        let Some(schema) = self.globals.policy().schemas.get(name) else {
            let said = Said::new(code, json.at, format!("the schema `{name}` was not read"));
            return reading.tell(said, None, None);
        };
        let (found, more) = objections(schema, json, TOLD);
        for (i, objection) in found.iter().enumerate() {
            let mut message = format!("the schema `{name}` does not hold: {}", objection.message);
            if more > 0 && i + 1 == found.len() {
                message.push_str(&format!(" (and {more} more)"));
            }
            let help = Some("record what the schema says, or correct the schema".to_owned());
            let said = Said { help, ..Said::new(code, objection.at, message) };
            let path = reading.trail.joined(&objection.path);
            reading.tell_inside(said, path, &objection.pointer, None);
        }
    }
}
