//! Faults of the contract and of its schema, as one list: what both say of one field is one fault.

use super::places::Places;
use super::{By, Fault, placed};
use crate::eval::decode::{DecodeFault, Objection};
use std::collections::BTreeMap;

/// All faults. An objection of the schema belongs to a fault of the contract at the same path; else
/// to a rule that reads the field; else, where no schema of several fits, to a fault inside that the schema
/// has not named. What belongs to none is a fault of its own.
pub(super) fn merged(
    found: Vec<DecodeFault>,
    said: Vec<Objection>,
    has_schema: bool,
    places: &Places<'_>,
) -> Vec<Fault> {
    let mut by_path: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    let mut by_touch: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (i, fault) in found.iter().enumerate() {
        by_path.entry(fault.path.clone()).or_default().push(i);
        for touched in &fault.touches {
            by_touch.entry(touched.clone()).or_default().push(i);
        }
    }
    let alone = By { contract: true, schema: false };
    let mut faults: Vec<Fault> = found.into_iter().map(|fault| placed(fault, alone, places)).collect();
    if !has_schema {
        return faults;
    }
    let mut left = Vec::new();
    for objection in said {
        let exact = by_path.get(&objection.path).cloned().unwrap_or_default();
        let mut partners = exact;
        if partners.is_empty() {
            // A rule that reads a list or an object may be about something else of it.
            let parts = objection.key.is_none() && places.has_parts(&objection.pointer);
            let mut around = upwards(&objection.path).skip(usize::from(parts));
            partners = around.find_map(|path| by_touch.get(path)).cloned().unwrap_or_default();
        }
        if partners.is_empty() {
            left.push(objection);
        } else {
            join(&mut faults, &partners, &objection);
        }
    }
    for objection in left {
        let inside = |fault: &Fault| !fault.by.schema && objection.inside && lies_in(&fault.path, &objection.path);
        match faults.iter().position(inside) {
            Some(partner) => join(&mut faults, &[partner], &objection),
            None => faults.push(of_schema(objection, places)),
        }
    }
    faults
}

fn join(faults: &mut [Fault], partners: &[usize], objection: &Objection) {
    for partner in partners {
        if let Some(fault) = faults.get_mut(*partner) {
            fault.by.schema = true;
            let said = match fault.path == objection.path {
                true => objection.message.clone(),
                false => format!("{}: {}", objection.path, objection.message),
            };
            if !fault.schema_says.contains(&said) {
                fault.schema_says.push(said);
            }
        }
    }
}

fn of_schema(objection: Objection, places: &Places<'_>) -> Fault {
    let span = places.of_objection(&objection);
    let Objection { path, pointer, key, inside: _, at: _, message } = objection;
    Fault {
        code: "rspp::evidence::schema",
        path,
        pointer: key.map_or_else(|| pointer.clone(), |key| below(&pointer, &key)),
        span,
        schema_says: vec![message.clone()],
        message,
        expected: None,
        by: By { contract: false, schema: true },
        policy: None,
    }
}

/// A path, and those around it, the innermost first.
fn upwards(path: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(path), |path| around(path)).chain(std::iter::once("(document)"))
}

fn around(path: &str) -> Option<&str> {
    path.rfind(['.', '[']).and_then(|at| path.get(..at)).filter(|p| !p.is_empty())
}

/// Whether a path leads into another.
fn lies_in(path: &str, around: &str) -> bool {
    upwards(path).any(|p| p == around)
}

/// A JSON pointer to a key below another.
pub(super) fn below(pointer: &str, key: &str) -> String {
    format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1"))
}
