//! References between schemas: from addresses to paths below the policy root, and nowhere else.

use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Addresses of files of the policy begin so.
const SCHEME: &str = "policy:///";

/// The address of a path below the policy root.
pub(super) fn uri(path: &str) -> String {
    let mut uri = SCHEME.to_owned();
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'/' => uri.push(char::from(byte)),
            other => uri.push_str(&format!("%{other:02X}")),
        }
    }
    uri
}

/// The drafts that can be compiled.
const DRAFTS: [&str; 5] = ["draft-04", "draft-06", "draft-07", "draft/2019-09", "draft/2020-12"];

/// Refuses a schema of a draft that nobody here knows.
pub(super) fn supported(schema: &Value) -> Result<(), String> {
    match schema.get("$schema").map(|draft| draft.as_str().unwrap_or("")) {
        None => Ok(()),
        Some(draft) if draft.contains("json-schema.org/") && DRAFTS.iter().any(|d| draft.contains(d)) => Ok(()),
        Some(draft) => Err(format!("`$schema` names `{}`, which is no draft that is known", super::cut(draft))),
    }
}

/// Which paths addresses stand for.
pub(super) struct Links {
    /// The folder of the first schema's `$id`, and the folder of its file: what stands beside the
    /// one stands beside the other.
    beside: Option<(String, String)>,
}

impl Links {
    pub fn new(path: &str, schema: &Value) -> Self {
        let id = schema.get("$id").or_else(|| schema.get("id")).and_then(Value::as_str);
        let folder = path.rsplit_once('/').map_or(String::new(), |(folder, _)| format!("{folder}/"));
        let beside = id.filter(|id| id.contains("://")).and_then(|id| id.rsplit_once('/'));
        Self { beside: beside.map(|(address, _)| (format!("{address}/"), folder)) }
    }

    /// The path of an address.
    ///
    /// # Errors
    /// Why it has none, in words.
    pub fn path(&self, uri: &str) -> Result<String, String> {
        let uri = uri.split('#').next().unwrap_or(uri);
        let found = match (uri.strip_prefix(SCHEME), &self.beside) {
            (Some(path), _) => Some(path.to_owned()),
            (None, Some((address, folder))) => uri.strip_prefix(&**address).map(|rest| format!("{folder}{rest}")),
            (None, None) => None,
        };
        let nowhere = || {
            let uri = super::cut(uri);
            format!("a reference leads to `{uri}`, and nothing is read from outside of the policy root")
        };
        found.as_deref().and_then(decoded).ok_or_else(nowhere)
    }
}

/// A path without its percent signs.
fn decoded(path: &str) -> Option<String> {
    let (mut bytes, mut rest) = (Vec::new(), path.as_bytes());
    while let Some((first, tail)) = rest.split_first() {
        rest = match (first, tail) {
            (b'%', [high, low, tail @ ..]) => {
                let digits = [*high, *low];
                bytes.push(u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?);
                tail
            }
            (b'%', _) => return None,
            (other, tail) => {
                bytes.push(*other);
                tail
            }
        };
    }
    String::from_utf8(bytes).ok()
}

/// Gives what has been read, and remembers the first address that has not.
pub(super) struct Known {
    known: BTreeMap<String, Value>,
    asked: Asked,
}

/// The first address that was not known.
#[derive(Clone, Default)]
pub(super) struct Asked(Arc<Mutex<Option<String>>>);

impl Asked {
    pub fn take(&self) -> Option<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl Known {
    pub fn new(known: &BTreeMap<String, Value>) -> Self {
        Self { known: known.clone(), asked: Asked::default() }
    }

    pub fn asked(&self) -> Asked {
        self.asked.clone()
    }
}

impl jsonschema::Retrieve for Known {
    fn retrieve(&self, uri: &jsonschema::Uri<String>) -> Result<Value, Box<dyn std::error::Error + Send + Sync>> {
        if let Some(found) = self.known.get(uri.as_str()) {
            return Ok(found.clone());
        }
        let mut asked = self.asked.0.lock().unwrap_or_else(PoisonError::into_inner);
        asked.get_or_insert_with(|| uri.as_str().to_owned());
        Err("it has not been read".into())
    }
}
