//! JSON Schemas written out of contracts: which ones are meant, and the files that they go to.

use super::diagnostics as say;
use super::outlet;
use super::session::Session;
use crate::contract::{self, Document, Paired, Root};
use crate::diag::Diagnostic;
use crate::host::{Host, io_words};
use crate::model::{CheckedPolicy, ShapeId};
use serde_json::Value as Out;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// The largest file that is compared, in bytes.
const MAX_BYTES: u64 = 16 << 20;

/// What is to be written.
#[derive(Debug, Clone)]
pub struct SchemaRequest<'a> {
    /// Contracts by their names. None: all that are paired with one schema file.
    pub kinds: &'a [String],
    /// The paired file, where there are several.
    pub file: Option<&'a str>,
    /// The `$id`.
    pub id: Option<&'a str>,
    /// The file that is written or compared. Its `$id` stays where none is given.
    pub target: Option<&'a Path>,
}

/// Writes a schema out of contracts, as text.
///
/// # Errors
/// No such contract, or no paired file, or several.
pub fn contract_schema(
    session: &Session<'_>,
    host: &dyn Host,
    policy: &CheckedPolicy,
    request: &SchemaRequest<'_>,
) -> Result<String, Vec<Diagnostic>> {
    let paired = contract::paired(policy);
    let names: BTreeMap<ShapeId, Arc<str>> =
        paired.values().flatten().filter_map(|(id, name)| Some((*id, name.clone()?))).collect();
    let (root, file) = match request.kinds {
        [] => {
            let (file, ids) = one_file(&paired, request.file).map_err(|d| vec![*d])?;
            let root = match ids.as_slice() {
                [(id, None)] => Root::One(*id),
                ids => Root::AnyOf(ids.iter().map(|(id, _)| *id).collect()),
            };
            (root, Some(session.root().join(&*file)))
        }
        kinds => {
            let (mut ids, mut wrong) = (Vec::new(), Vec::new());
            for kind in kinds {
                match shape(policy, kind) {
                    Ok(id) => ids.push(id),
                    Err(diagnostic) => wrong.push(*diagnostic),
                }
            }
            if !wrong.is_empty() {
                return Err(wrong);
            }
            match ids.as_slice() {
                [id] => (Root::One(*id), None),
                _ => (Root::AnyOf(ids), None),
            }
        }
    };
    let kept = [request.target, file.as_deref()].into_iter().flatten().find_map(|path| id_of(host, path));
    let id = request.id.or(kept.as_deref());
    Ok(contract::pretty(&contract::write(policy, &Document { root, id, names })))
}

fn one_file(paired: &BTreeMap<Arc<str>, Paired>, file: Option<&str>) -> Result<(Arc<str>, Paired), Box<Diagnostic>> {
    let files = || paired.keys().map(|f| &**f);
    let mut all = paired.iter();
    match (file, all.next(), all.next()) {
        (_, None, _) => Err(say::nothing_paired().into()),
        (Some(file), ..) => match paired.get_key_value(file) {
            Some((file, ids)) => Ok((file.clone(), ids.clone())),
            None => Err(say::not_paired(file, files()).into()),
        },
        (None, Some((file, ids)), None) => Ok((file.clone(), ids.clone())),
        (None, ..) => Err(say::several_paired(files()).into()),
    }
}

fn shape(policy: &CheckedPolicy, kind: &str) -> Result<ShapeId, Box<Diagnostic>> {
    let shapes = || policy.policy.shapes.iter().zip((0..).map(ShapeId));
    let found = shapes().find(|(named, _)| *named.name == *kind);
    let contracts = shapes().filter(|(named, _)| named.contract.is_some()).map(|(named, _)| &*named.name);
    found.map(|(_, id)| id).ok_or_else(|| say::unknown_contract(kind, contracts).into())
}

/// The `$id` of a schema file, if there is one.
fn id_of(host: &dyn Host, path: &Path) -> Option<String> {
    let bytes = host.read(path, MAX_BYTES).ok()?;
    let json: Out = serde_json::from_slice(&bytes).ok()?;
    Some(json.get("$id")?.as_str()?.to_owned())
}

/// Writes a schema to a file.
///
/// # Errors
/// Why it could not be written.
pub fn write_schema(host: &dyn Host, path: &Path, text: &str) -> Result<(), Box<Diagnostic>> {
    outlet::write_file(host, path, text)
}

/// How a file differs from what would be written, line by line; nothing when it does not.
///
/// # Errors
/// A file that cannot be read. One that is not there differs.
pub fn schema_difference(host: &dyn Host, path: &Path, text: &str) -> Result<Option<String>, Box<Diagnostic>> {
    let shown = path.display().to_string();
    let found = match host.read(path, MAX_BYTES) {
        Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Some("it is not there\n".to_owned())),
        Err(e) => return Err(say::unreadable_file(&shown, &io_words(&e, MAX_BYTES)).into()),
    };
    Ok((found != text).then(|| difference(&found, text)))
}

/// Lines that are shown of each side.
const SHOWN_LINES: usize = 8;

/// What stands between the first line that differs and the last one.
fn difference(found: &str, due: &str) -> String {
    let (old, new): (Vec<&str>, Vec<&str>) = (found.lines().collect(), due.lines().collect());
    let first = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let most = old.len().min(new.len()) - first;
    let last = old.iter().rev().zip(new.iter().rev()).take(most).take_while(|(a, b)| a == b).count();
    let side = |lines: &[&str], sign: char| {
        let between = lines.get(first..lines.len() - last).unwrap_or(&[]);
        let mut out: String =
            between.iter().take(SHOWN_LINES).map(|line| format!("{sign} {}\n", crate::diag::printable(line))).collect();
        if between.len() > SHOWN_LINES {
            out.push_str(&format!("{sign} .. {} more lines\n", between.len() - SHOWN_LINES));
        }
        out
    };
    let (old, new) = (side(&old, '-'), side(&new, '+'));
    if old.is_empty() && new.is_empty() {
        return "line breaks are others\n".to_owned();
    }
    format!("from line {}:\n{old}{new}", first + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_shows_what_stands_between_the_same() {
        assert_eq!(difference("a\nb\nc\n", "a\nx\ny\nc\n"), "from line 2:\n- b\n+ x\n+ y\n");
        assert_eq!(difference("a\nb\n", "a\n"), "from line 2:\n- b\n");
        assert_eq!(difference("a\na\n", "a\na\na\n"), "from line 3:\n+ a\n");
        assert_eq!(difference("a\n", "a"), "line breaks are others\n");
        let long: String = (0..20).map(|i| format!("{i}\n")).collect();
        assert!(difference(&long, "x\n").contains("- .. 12 more lines\n+ x\n"));
    }
}
