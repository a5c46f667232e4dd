//! The files of a policy: found, read, decoded and parsed, in the order of their names.

use super::diagnostics as say;
use crate::data::Digest;
use crate::diag::Diagnostic;
use crate::host::{EntryKind, Host, io_words};
use crate::source::{SourceId, SourceMap};
use crate::syntax::{self, tree};
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Folders inside of folders that are followed. Deeper ones are a mistake or a trap.
pub(super) const MAX_DEPTH: usize = 32;
/// Policy files of one policy. More is a mistake: a folder of evidence below `gates/`, say.
pub(super) const MAX_FILES: usize = 20_000;

/// A policy as text and tree.
#[derive(Debug)]
pub(super) struct Loaded {
    /// The trees of all files that could be decoded, by name.
    pub files: Vec<tree::File>,
    /// What is wrong with the files: missing, unreadable, not to be parsed.
    pub diagnostics: Vec<Diagnostic>,
    /// SHA-256 of each policy file, by name.
    pub digests: BTreeMap<String, Digest>,
}

/// A file that belongs to the policy.
struct Found {
    /// Below the policy root, with `/`.
    name: String,
    path: PathBuf,
}

/// Reads `gates/**/*.gate` and `profiles/*.profile` of a policy root and adds their texts to
/// `sources`.
///
/// **Determinism**: neither order nor numbers of the files depend on the disk or on threads.
pub(super) fn load(host: &dyn Host, root: &Path, sources: &mut SourceMap) -> Loaded {
    let mut walk = Walk { host, found: Vec::new(), diagnostics: Vec::new() };
    let (gates, profiles) = (root.join("gates"), root.join("profiles"));
    walk.folder(&gates, "gates", "gate", MAX_DEPTH, &mut Vec::new());
    walk.folder(&profiles, "profiles", "profile", MAX_DEPTH, &mut Vec::new());
    let Walk { mut found, mut diagnostics, .. } = walk;
    found.sort_by(|a, b| a.name.cmp(&b.name));
    if !found.iter().any(|f| f.name.starts_with("gates/")) && diagnostics.is_empty() {
        diagnostics.push(say::no_gates(&gates));
    }
    let limit = syntax::MAX_FILE_BYTES as u64;
    let read: Vec<Result<(Digest, String), Box<Diagnostic>>> = found
        .par_iter()
        .map(|file| {
            let bytes =
                host.read(&file.path, limit).map_err(|e| say::unreadable_file(&file.name, &io_words(&e, limit)))?;
            let text = syntax::decode(&bytes, &file.name)?;
            Ok((Digest::of(&bytes), text))
        })
        .collect();
    let mut texts: Vec<(SourceId, String)> = Vec::new();
    let mut digests = BTreeMap::new();
    for (file, read) in found.iter().zip(read) {
        match read {
            Ok((digest, text)) => {
                digests.insert(file.name.clone(), digest);
                texts.push((sources.add(&file.name, &text), text));
            }
            Err(diagnostic) => diagnostics.push(*diagnostic),
        }
    }
    let parsed: Vec<(tree::File, Vec<Diagnostic>)> =
        texts.par_iter().map(|(source, text)| syntax::parse(*source, text)).collect();
    let mut files = Vec::with_capacity(parsed.len());
    for (file, told) in parsed {
        files.push(file);
        diagnostics.extend(told);
    }
    Loaded { files, diagnostics, digests }
}

/// The digest of a policy: SHA-256 over the lines `sha256  path` of its files, by path.
pub(super) fn digest_of(digests: &BTreeMap<String, Digest>) -> Digest {
    let lines: String = digests.iter().map(|(name, digest)| format!("{digest}  {name}\n")).collect();
    Digest::of(lines.as_bytes())
}

struct Walk<'h> {
    host: &'h dyn Host,
    found: Vec<Found>,
    diagnostics: Vec<Diagnostic>,
}

impl Walk<'_> {
    /// Collects the files of one ending below a folder. `above` are the folders it lies in, links
    /// resolved.
    fn folder(&mut self, folder: &Path, name: &str, ending: &str, depth: usize, above: &mut Vec<PathBuf>) {
        let canonical = match self.host.canonical(folder) {
            Ok(canonical) => canonical,
            Err(e) => return self.diagnostics.push(say::unreadable_file(name, &io_words(&e, 0))),
        };
        if above.contains(&canonical) {
            return self.diagnostics.push(say::link_loop(name));
        }
        let entries = match self.host.list(folder) {
            Ok(entries) => entries,
            Err(e) => return self.diagnostics.push(say::unreadable_file(name, &io_words(&e, 0))),
        };
        above.push(canonical);
        for (entry, kind) in entries {
            // Editors leave hidden files beside the ones they edit.
            if entry.starts_with('.') {
                continue;
            }
            let name = format!("{name}/{entry}");
            let path = folder.join(&entry);
            match (kind, entry.rsplit_once('.').map(|(_, ending)| ending)) {
                (EntryKind::Folder, _) if depth > 1 => self.folder(&path, &name, ending, depth - 1, above),
                (EntryKind::Folder, _) => {
                    self.diagnostics.push(say::unreadable_file(&name, "folders are nested too deep"));
                }
                // Profiles stand side by side, so that `run X` and `profiles/X.profile` are one.
                (_, Some("profile")) if ending == "profile" && depth < MAX_DEPTH => {
                    self.diagnostics.push(say::misplaced_file(&name, "profiles/"));
                }
                (_, Some(found)) if found == ending => self.file(name, path),
                (_, Some("gate")) => self.diagnostics.push(say::misplaced_file(&name, "gates/")),
                (_, Some("profile")) => self.diagnostics.push(say::misplaced_file(&name, "profiles/")),
                _ => {}
            }
        }
        above.pop();
    }

    fn file(&mut self, name: String, path: PathBuf) {
        match self.found.len() {
            MAX_FILES => self.diagnostics.push(say::unreadable_file(&name, "the policy has too many files")),
            n if n > MAX_FILES => {}
            _ => self.found.push(Found { name, path }),
        }
    }
}
