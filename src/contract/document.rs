//! Whole documents: definitions under a root.

use super::{Definition, Keywords, Writer, keyword};
use crate::model::{CheckedPolicy, ShapeId};
use serde_json::Value as Out;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The draft that is written.
const DRAFT: &str = "https://json-schema.org/draft/2020-12/schema";

/// What a document describes.
#[derive(Debug, Clone)]
pub enum Root {
    /// A value of this shape.
    One(ShapeId),
    /// A value of one of these.
    AnyOf(Vec<ShapeId>),
}

/// What is to be written.
#[derive(Debug, Clone)]
pub struct Document<'a> {
    /// What it describes.
    pub root: Root,
    /// Its `$id`.
    pub id: Option<&'a str>,
    /// What shapes are called under `$defs`, where they are not called by their own name.
    pub names: BTreeMap<ShapeId, Arc<str>>,
}

/// Contracts that are paired with one file: each with what it is called under `$defs` there; without
/// a name, where the file as a whole is its schema.
pub type Paired = Vec<(ShapeId, Option<Arc<str>>)>;

/// The contracts that are paired with a schema, by its file below the policy root.
pub fn paired(policy: &CheckedPolicy) -> BTreeMap<Arc<str>, Paired> {
    let mut out: BTreeMap<Arc<str>, Paired> = BTreeMap::new();
    for (named, id) in policy.policy.shapes.iter().zip((0..).map(ShapeId)) {
        let Some(schema) = named.schema() else { continue };
        let (file, place) = schema.name.split_once('#').unwrap_or((&schema.name, ""));
        let name = place.strip_prefix("/$defs/").filter(|name| !name.contains('/'));
        out.entry(file.into()).or_default().push((id, name.map(Into::into)));
    }
    out
}

/// Writes a document. The same policy gives the same bytes.
pub fn write(policy: &CheckedPolicy, document: &Document<'_>) -> Out {
    let mut writer = Writer::new(policy);
    writer.names = document.names.iter().map(|(id, name)| ((*id, false), name.clone())).collect();
    let shapes = match &document.root {
        Root::One(id) => std::slice::from_ref(id),
        Root::AnyOf(ids) => ids.as_slice(),
    };
    let names: Vec<Arc<str>> = shapes.iter().map(|id| writer.reference(*id, false)).collect();
    let mut out = keyword("$schema", DRAFT);
    if let Some(id) = document.id {
        out.insert("$id".to_owned(), id.into());
    }
    let mut definitions = writer.definitions;
    let top = match (&document.root, names.as_slice()) {
        (Root::One(id), [name]) => {
            let title = policy.policy.shapes.get(id.index()).map_or("", |named| &named.name);
            out.insert("title".to_owned(), title.into());
            definitions.remove(name).map(|d| d.keywords).unwrap_or_default()
        }
        (_, names) => {
            let any = names.iter().map(|name| Out::Object(keyword("$ref", format!("#/$defs/{name}"))));
            keyword("anyOf", any.collect::<Vec<_>>())
        }
    };
    out.extend(top);
    let used = used(&out, &definitions);
    definitions.retain(|name, _| used.contains(name));
    if !definitions.is_empty() {
        let definitions = definitions.into_iter().map(|(name, d)| (name.to_string(), Out::Object(d.keywords)));
        out.insert("$defs".to_owned(), Out::Object(definitions.collect()));
    }
    Out::Object(out)
}

/// The definitions that the root leads to.
fn used(root: &Keywords, definitions: &BTreeMap<Arc<str>, Definition>) -> BTreeSet<Arc<str>> {
    let mut used = BTreeSet::new();
    let mut todo: Vec<&Out> = root.values().collect();
    while let Some(value) = todo.pop() {
        match value {
            Out::Object(map) => {
                let name = map.get("$ref").and_then(Out::as_str).and_then(|link| link.strip_prefix("#/$defs/"));
                if let Some((name, definition)) = name.and_then(|name| definitions.get_key_value(name))
                    && used.insert(name.clone())
                {
                    todo.extend(definition.keywords.values());
                }
                todo.extend(map.values());
            }
            Out::Array(items) => todo.extend(items),
            _ => {}
        }
    }
    used
}
