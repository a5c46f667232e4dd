//! The schemas that a policy names: read below its root, never from elsewhere, and compiled.

use super::diagnostics as say;
use crate::data::Digest;
use crate::diag::Diagnostic;
use crate::evidence::parse_json;
use crate::host::{Host, Root, io_words};
use crate::model::{CheckedPolicy, EvidenceDefinition};
use crate::schema::{Schema, SchemaError, SchemaFile, SchemaSet, compile};
use crate::source::{SourceMap, Span};
use rayon::prelude::*;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

/// The largest schema file, in bytes.
const MAX_BYTES: u64 = 16 << 20;

/// Compiles every schema that a contract or an evidence names, as declared or as a profile makes it.
/// What is wrong is told where the schema is named.
pub(super) fn load(
    host: &dyn Host,
    root: &Path,
    policy: &CheckedPolicy,
    sources: &mut SourceMap,
) -> (SchemaSet, Vec<Diagnostic>) {
    let (mut set, mut wrong) = (SchemaSet::default(), Vec::new());
    let named = named(policy);
    if named.is_empty() {
        return (set, wrong);
    }
    let root = match Root::new(host, root) {
        Ok(root) => root,
        Err(error) => return (set, vec![say::unreadable_file(".", &error.to_string())]),
    };
    // Nearly always nothing is wrong, and then no text has to be kept for a person to look at.
    if let Some(all) = all_at_once(host, &root, &named) {
        all.into_iter().for_each(|schema| set.add(schema));
        return (set, wrong);
    }
    for (name, Named { span, contract }) in named {
        // A syntax error is shown in the schema file too.
        let broken = RefCell::new(None);
        let mut read = |path: &str| read(host, &root, path, sources, &broken);
        match compile(&name, &mut read) {
            Ok(schema) => set.add(schema),
            Err(error) => {
                // The file of a contract's schema can be made from the contract.
                let help = contract
                    .map(|contract| format!("`rspp-gates contract schema {contract}` writes it"))
                    .filter(|_| error.help.is_none());
                wrong.push(say::schema(&error.message, error.help.or(help), span, broken.into_inner()));
            }
        }
    }
    (set, wrong)
}

/// All of them, on all threads, each file read once; nothing if anything is wrong with one.
fn all_at_once(host: &dyn Host, root: &Root, named: &BTreeMap<Arc<str>, Named>) -> Option<Vec<Schema>> {
    let files: Mutex<BTreeMap<String, SchemaFile>> = Mutex::new(BTreeMap::new());
    let read = |path: &str| {
        let mut files = files.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(file) = files.get(path) {
            return Ok(file.clone());
        }
        let file = read(host, root, path, &mut SourceMap::default(), &RefCell::new(None))?;
        files.insert(path.to_owned(), file.clone());
        Ok(file)
    };
    let names: Vec<&Arc<str>> = named.keys().collect();
    names.par_iter().map(|name| compile(name, &mut |path: &str| read(path)).ok()).collect()
}

/// Who names a schema first.
struct Named {
    span: Span,
    /// The contract that is paired with it.
    contract: Option<Arc<str>>,
}

/// Every schema with who names it first.
fn named(policy: &CheckedPolicy) -> BTreeMap<Arc<str>, Named> {
    let declared = policy.policy.evidence.iter();
    let effective = policy.profiles.values().flat_map(|p| p.evidence.iter().map(|e| &**e));
    let mut named = BTreeMap::new();
    for shape in &policy.policy.shapes {
        if let Some(schema) = shape.schema() {
            let who = Named { span: schema.span, contract: Some(shape.name.clone()) };
            named.entry(schema.name.clone()).or_insert(who);
        }
    }
    let place = |e: &EvidenceDefinition| e.clauses.get("schema").copied().unwrap_or(e.span);
    for evidence in declared.chain(effective) {
        if let Some(schema) = &evidence.schema {
            named.entry(schema.clone()).or_insert_with(|| Named { span: place(evidence), contract: None });
        }
    }
    named
}

fn read(
    host: &dyn Host,
    root: &Root,
    path: &str,
    sources: &mut SourceMap,
    broken: &RefCell<Option<Span>>,
) -> Result<SchemaFile, SchemaError> {
    let failed = |why: &str| SchemaError { message: format!("the schema `{path}` cannot be read: {why}"), help: None };
    let place = root.resolve(host, path).map_err(|e| failed(&e.to_string()))?;
    let bytes = host.read(&place, MAX_BYTES).map_err(|e| failed(&io_words(&e, MAX_BYTES)))?;
    let text = std::str::from_utf8(&bytes).map_err(|_| failed("it is no UTF-8 text"))?;
    let json = parse_json(text).map_err(|fault| {
        let id = sources.add(path, text);
        let at = usize::try_from(fault.at).unwrap_or(usize::MAX).min(text.len());
        *broken.borrow_mut() = Some(Span::new(id, at, (at + 1).min(text.len())));
        SchemaError { message: format!("the schema `{path}` is no JSON: {}", fault.message), help: fault.help }
    })?;
    Ok(SchemaFile { json, digest: Digest::of(&bytes) })
}
