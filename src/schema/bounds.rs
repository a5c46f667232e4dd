//! Schemas that would go round in a circle, or look at one value very often.

use serde_json::Value;
use std::collections::{BTreeMap, HashMap};

/// How often schemas may look at one and the same value.
const MAX_LOOKS: u64 = 10_000;
/// How many schemas in a row may hand one value on.
const MAX_CHAIN: usize = 200;

/// Keywords whose schemas look at the same value: one, or several.
const ONE: [&str; 4] = ["not", "if", "then", "else"];
const SEVERAL: [&str; 4] = ["allOf", "anyOf", "oneOf", "dependentSchemas"];

/// Refuses circles of references, which a validator can only break off, and schemas that multiply.
///
/// # Errors
/// What is wrong, in words.
pub(super) fn check<'k>(schema: &'k Value, base: &'k str, known: &'k BTreeMap<String, Value>) -> Result<(), String> {
    let mut looks = Looks { known, counted: HashMap::new() };
    let tops = known.iter().map(|(uri, value)| (uri.as_str(), value));
    let mut todo: Vec<(&str, &Value)> = tops.chain([(base, schema)]).collect();
    while let Some((base, schema)) = todo.pop() {
        looks.count(base, schema, 0)?;
        match schema {
            Value::Object(map) => todo.extend(map.values().map(|below| (base, below))),
            Value::Array(items) => todo.extend(items.iter().map(|below| (base, below))),
            _ => {}
        }
    }
    Ok(())
}

struct Looks<'k> {
    known: &'k BTreeMap<String, Value>,
    /// By the schema's place in memory; `None` while it is being counted.
    counted: HashMap<*const Value, Option<u64>>,
}

impl<'k> Looks<'k> {
    fn count(&mut self, base: &'k str, schema: &'k Value, depth: usize) -> Result<u64, String> {
        let Value::Object(map) = schema else { return Ok(1) };
        match self.counted.get(&std::ptr::from_ref(schema)) {
            Some(Some(looks)) => return Ok(*looks),
            Some(None) => return Err("its references go round in a circle without looking at a part of a value".into()),
            None if depth > MAX_CHAIN => return Err(format!("more than {MAX_CHAIN} schemas hand one value on")),
            None => {}
        }
        self.counted.insert(std::ptr::from_ref(schema), None);
        let mut total = 1u64;
        let one = ONE.iter().filter_map(|word| map.get(*word));
        let several = SEVERAL.iter().filter_map(|word| map.get(*word)).flat_map(|below| match below {
            Value::Array(items) => items.iter().collect::<Vec<_>>(),
            Value::Object(items) => items.values().collect(),
            _ => Vec::new(),
        });
        let mut below: Vec<(&'k str, &'k Value)> = one.chain(several).map(|schema| (base, schema)).collect();
        below.extend(map.get("$ref").and_then(Value::as_str).and_then(|link| self.follow(base, link)));
        for (base, schema) in below {
            total = total.saturating_add(self.count(base, schema, depth + 1)?);
        }
        if total > MAX_LOOKS {
            return Err(format!("it looks at one value more than {MAX_LOOKS} times"));
        }
        self.counted.insert(std::ptr::from_ref(schema), Some(total));
        Ok(total)
    }

    /// What a reference by pointer leads to. Others (anchors, names of their own) are the
    /// validator's.
    fn follow(&self, base: &'k str, link: &str) -> Option<(&'k str, &'k Value)> {
        let (file, place) = link.split_once('#').unwrap_or((link, ""));
        let uri = match file {
            "" => base.to_owned(),
            file if file.contains("://") => file.to_owned(),
            file => format!("{}/{file}", base.rsplit_once('/')?.0),
        };
        let (uri, top) = self.known.get_key_value(&uri)?;
        Some((uri, top.pointer(place)?))
    }
}
