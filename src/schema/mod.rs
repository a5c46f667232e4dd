//! JSON Schemas that a policy names: compiled once, asked of values.
//!
//! Job: [`compile`], which reads a schema and what it refers to through a reader that it is given,
//! and [`Schema`], which says what is wrong with a value. May import: `data`, `diag`.
//! Deliberately absent: files (a schema file is read by whoever holds the policy root), the network
//! (nothing here can reach it), evidence.

mod bounds;
mod links;
mod values;

use crate::data::{Digest, Json};
use crate::diag::printable;
use links::{Known, Links};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Files that one schema may be made of.
const MAX_FILES: usize = 100;
/// Bytes of a compiled pattern. Patterns are matched in linear time, so none can hang.
const PATTERN_BYTES: usize = 1 << 20;
/// Characters of a message about a value.
const SHOWN: usize = 160;

/// A compiled schema.
pub struct Schema {
    /// As the policy names it: `schemas/turn.json`, or with a place inside `schemas/all.json#/$defs/turn`.
    pub name: Arc<str>,
    /// The files it is made of, by path below the policy root.
    pub files: BTreeMap<Arc<str>, Digest>,
    validator: jsonschema::Validator,
}

impl std::fmt::Debug for Schema {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Schema").field("name", &self.name).field("files", &self.files).finish_non_exhaustive()
    }
}

/// The schemas of a policy, by the text that names them.
#[derive(Debug, Clone, Default)]
pub struct SchemaSet {
    schemas: BTreeMap<Arc<str>, Arc<Schema>>,
}

impl SchemaSet {
    /// Adds a schema.
    pub fn add(&mut self, schema: Schema) {
        self.schemas.insert(schema.name.clone(), Arc::new(schema));
    }

    /// The schema of this name.
    pub fn get(&self, name: &str) -> Option<&Arc<Schema>> {
        self.schemas.get(name)
    }

    /// Every file that a schema is made of, by path.
    pub fn files(&self) -> BTreeMap<Arc<str>, Digest> {
        self.schemas.values().flat_map(|s| s.files.iter().map(|(path, digest)| (path.clone(), *digest))).collect()
    }
}

/// A file of a schema.
#[derive(Debug, Clone)]
pub struct SchemaFile {
    /// What it holds.
    pub json: Json,
    /// Of its bytes.
    pub digest: Digest,
}

/// Why a schema cannot be used, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchemaError {
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
}

/// What is wrong with a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchemaFault {
    /// Where in the value: a JSON pointer.
    pub pointer: String,
    /// What is wrong, printable and cut. Values of the data do not stand in it.
    pub message: String,
    /// The keys that it is about.
    pub keys: Keys,
    /// None of several schemas fits, and which one was meant is not known: the cause lies inside.
    pub inside: bool,
}

/// Keys of an object that a fault is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Keys {
    /// It is about the value as a whole.
    None,
    /// A key that has to be there.
    Required(String),
    /// Keys that must not be there.
    Unexpected(Vec<String>),
}

/// Keys that one fault names at most.
const MOST_KEYS: usize = 1_000;

/// Compiles the schema that `name` names: a path below the policy root, and after `#` a place in
/// the file. `read` reads files by their path below the policy root.
///
/// # Errors
/// A file that cannot be read, something that is no schema, a reference that leads out of the
/// policy root, a pattern that cannot be matched in linear time.
pub fn compile(
    name: &str,
    read: &mut dyn FnMut(&str) -> Result<SchemaFile, SchemaError>,
) -> Result<Schema, SchemaError> {
    let (path, place) = name.split_once('#').map_or((name, None), |(path, place)| (path, Some(place)));
    let mut files = BTreeMap::new();
    let mut load = |path: &str| {
        let file = read(path)?;
        files.insert(path.into(), file.digest);
        let value = values::value(&file.json).map_err(|at| SchemaError {
            message: format!("`{path}`: the number at `{}` is too large", pointer_of(&at)),
            help: None,
        })?;
        links::supported(&value)
            .map_err(|message| SchemaError { message: format!("`{path}`: {message}"), help: None })?;
        Ok(value)
    };
    let top = load(path)?;
    let links = Links::new(path, &top);
    let base = links::uri(path);
    let schema = match place {
        None => top.clone(),
        Some(place) => serde_json::json!({ "$ref": format!("{base}#{place}") }),
    };
    let mut known = BTreeMap::from([(base.clone(), top)]);
    while known.len() <= MAX_FILES {
        let retriever = Known::new(&known);
        let asked = retriever.asked();
        let patterns = jsonschema::PatternOptions::regex().size_limit(PATTERN_BYTES).dfa_size_limit(PATTERN_BYTES);
        let built = jsonschema::options()
            .with_base_uri(match place {
                None => base.clone(),
                Some(_) => links::uri(""),
            })
            .with_retriever(retriever)
            .with_pattern_options(patterns)
            .build(&schema);
        match (built, asked.take()) {
            (Ok(validator), _) => {
                bounds::check(&schema, &base, &known)
                    .map_err(|message| SchemaError { message: format!("`{path}`: {message}"), help: None })?;
                return Ok(Schema { name: name.into(), files, validator });
            }
            // What it refers to is read, and then it is tried again.
            (Err(_), Some(uri)) => {
                let found = links.path(&uri).map_err(|message| SchemaError {
                    message: format!("`{path}`: {message}"),
                    help: Some("schemas refer to files below the policy root: `\"$ref\": \"other.json\"`".to_owned()),
                })?;
                let value = load(&found)?;
                known.insert(uri, value);
            }
            (Err(error), None) => {
                return Err(SchemaError {
                    message: format!("`{path}` is no schema: {}", cut(&told(&error))),
                    help: pattern_help(&error),
                });
            }
        }
    }
    Err(SchemaError { message: format!("`{path}` is made of more than {MAX_FILES} files"), help: None })
}

/// Where it is wrong, and what.
fn told(error: &jsonschema::ValidationError<'_>) -> String {
    let at = error.instance_path().as_str();
    let what = error.to_string();
    if at.is_empty() { what } else { format!("at `{at}`, {what}") }
}

fn pattern_help(error: &jsonschema::ValidationError<'_>) -> Option<String> {
    let is_pattern = error.to_string().contains("regex") || error.instance_path().as_str().ends_with("/pattern");
    is_pattern.then(|| "patterns are matched in linear time: look-around and references back are not there".to_owned())
}

impl Schema {
    /// What is wrong with a value: the first few, in the order of the schema, and how many in all.
    /// `without` names keys at its top that are not of the data.
    pub fn faults(&self, value: &Json, without: &[Arc<str>], most: usize) -> (Vec<SchemaFault>, usize) {
        let value = match values::value_without(value, without) {
            Ok(value) => value,
            Err(at) => {
                let message = "the number is too large to be judged by a schema".to_owned();
                return (vec![SchemaFault { pointer: pointer_of(&at), message, keys: Keys::None, inside: false }], 1);
            }
        };
        if self.validator.is_valid(&value) {
            return (Vec::new(), 0);
        }
        let (mut first, mut total) = (Vec::new(), 0);
        for error in self.validator.iter_errors(&value) {
            total += 1;
            if first.len() < most {
                let message = cut(&error.masked_with("it").to_string());
                let pointer = error.instance_path().as_str().to_owned();
                first.push(SchemaFault { pointer, message, keys: keys_of(&error), inside: is_inside(&error) });
            }
        }
        (first, total)
    }
}

/// The keys that an error is about.
fn keys_of(error: &jsonschema::ValidationError<'_>) -> Keys {
    use jsonschema::error::ValidationErrorKind as Kind;
    match error.kind() {
        Kind::Required { property: serde_json::Value::String(key) } => Keys::Required(key.clone()),
        Kind::AdditionalProperties { unexpected } | Kind::UnevaluatedProperties { unexpected } => {
            Keys::Unexpected(unexpected.iter().take(MOST_KEYS).cloned().collect())
        }
        _ => Keys::None,
    }
}

/// Whether an error tells of schemas that do not fit, and not of what does not.
fn is_inside(error: &jsonschema::ValidationError<'_>) -> bool {
    use jsonschema::error::ValidationErrorKind as Kind;
    matches!(
        error.kind(),
        Kind::AnyOf { .. } | Kind::OneOfNotValid { .. } | Kind::OneOfMultipleValid { .. } | Kind::Not { .. }
    )
}

fn cut(text: &str) -> String {
    let shown = printable(text);
    if shown.chars().count() <= SHOWN {
        shown.into_owned()
    } else {
        shown.chars().take(SHOWN).chain("..".chars()).collect()
    }
}

/// Steps from the innermost to the outermost, as a JSON pointer.
fn pointer_of(steps: &[String]) -> String {
    steps.iter().rev().map(|step| format!("/{}", step.replace('~', "~0").replace('/', "~1"))).collect()
}

#[cfg(test)]
mod tests;
