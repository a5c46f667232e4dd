//! Policy files laid out anew: found, read, and written where they change.

use super::diagnostics as say;
use super::load::{MAX_DEPTH, MAX_FILES};
use super::session;
use crate::diag::{self, Diagnostic};
use crate::fmt::{self, Formatted};
use crate::host::{EntryKind, Host, io_words};
use crate::source::SourceMap;
use crate::syntax;
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

/// What a text from standard input is called.
pub const STDIN: &str = "<stdin>";

/// One file whose layout is not the canonical one.
#[derive(Debug)]
pub struct FileLayout {
    /// As it was named, or below the folder that was named.
    pub name: String,
    /// What changes, as a unified diff.
    pub diff: String,
    /// The new text.
    pub text: String,
    /// Where it is written, links resolved.
    target: PathBuf,
}

/// What came of laying out files.
#[derive(Debug, Default)]
pub struct Layouts {
    /// How many files were looked at.
    pub files: usize,
    /// Those that change.
    pub changed: Vec<FileLayout>,
    /// Mistakes in them, and files that could not be read.
    pub diagnostics: Vec<Diagnostic>,
    /// Files that could not be written.
    pub not_written: Vec<Diagnostic>,
    /// Files that were left alone because of a bug of this program.
    pub bugs: Vec<Diagnostic>,
    /// The texts that diagnostics point into.
    pub sources: SourceMap,
}

/// Why a text was not laid out.
#[derive(Debug)]
pub enum LayoutError {
    /// It is no text that could be.
    Refused(Box<Diagnostic>),
    /// A bug of this program.
    Bug(Box<Diagnostic>),
}

/// Lays out the files that are named and all policy files in the folders that are named; without
/// any, those of the policy root. `write`: files that change are written, each as a whole or not at
/// all, and keep their permissions. Links are followed: the file that one leads to is written.
///
/// # Errors
/// No policy root, where nothing is named.
pub fn layout(
    host: &dyn Host,
    policy: Option<&Path>,
    paths: &[PathBuf],
    write: bool,
) -> Result<Layouts, Box<Diagnostic>> {
    let mut walk = Walk { host, found: BTreeMap::new(), diagnostics: Vec::new() };
    if paths.is_empty() {
        let here = host.canonical(Path::new(".")).unwrap_or_else(|_| PathBuf::from("."));
        let root = match policy {
            Some(folder) => session::named_root(host, folder)?,
            None => session::nearest_root(host, &here)?,
        };
        for folder in ["gates", "profiles"] {
            walk.folder(&root.join(folder), folder, MAX_DEPTH, &mut Vec::new());
        }
    }
    for path in paths {
        walk.named(path);
    }
    let Walk { found, diagnostics, .. } = walk;
    let mut out = Layouts { files: found.len(), diagnostics, ..Layouts::default() };
    let mut files: Vec<(String, PathBuf)> = found.into_iter().map(|(target, name)| (name, target)).collect();
    files.sort();
    let limit = syntax::MAX_FILE_BYTES as u64;
    let read: Vec<Result<String, Box<Diagnostic>>> = files
        .par_iter()
        .map(|(name, target)| {
            let bytes = host.read(target, limit).map_err(|e| say::unreadable_file(name, &io_words(&e, limit)))?;
            syntax::decode(&bytes, name)
        })
        .collect();
    let mut texts = Vec::new();
    for ((name, target), text) in files.into_iter().zip(read) {
        match text {
            Ok(text) => texts.push((out.sources.add(&name, &text), name, target, text)),
            Err(diagnostic) => out.diagnostics.push(*diagnostic),
        }
    }
    let laid: Vec<_> = texts.par_iter().map(|(source, _, _, text)| fmt::format(*source, text)).collect();
    for ((_, name, target, old), laid) in texts.into_iter().zip(laid) {
        let Formatted { text, diagnostics } = match laid {
            Ok(laid) => laid,
            Err(differs) => {
                out.bugs.push(say::internal(&format!("{name}: {differs}; it was left alone")));
                continue;
            }
        };
        out.diagnostics.extend(diagnostics);
        if text == old {
            continue;
        }
        let written = if write { host.write_atomic(&target, text.as_bytes()) } else { Ok(()) };
        match written {
            Ok(()) => out.changed.push(FileLayout { diff: fmt::unified(&name, &old, &text), name, text, target }),
            Err(e) => out.not_written.push(say::not_written(&name, &io_words(&e, 0))),
        }
    }
    diag::sort(&mut out.diagnostics);
    Ok(out)
}

/// Lays out one text, as it came from standard input.
///
/// # Errors
/// What could not be read or is no text, and a bug.
pub fn layout_text(bytes: io::Result<Vec<u8>>, sources: &mut SourceMap) -> Result<(String, Formatted), LayoutError> {
    let refused = |diagnostic: Diagnostic| LayoutError::Refused(diagnostic.into());
    let limit = syntax::MAX_FILE_BYTES as u64;
    let bytes = bytes.map_err(|e| refused(say::unreadable_file(STDIN, &io_words(&e, limit))))?;
    let text = syntax::decode(&bytes, STDIN).map_err(LayoutError::Refused)?;
    let source = sources.add(STDIN, &text);
    match fmt::format(source, &text) {
        Ok(laid) => Ok((text, laid)),
        Err(differs) => Err(LayoutError::Bug(say::internal(&differs.to_string()).into())),
    }
}

impl FileLayout {
    /// Where it is written, links resolved.
    pub fn target(&self) -> &Path {
        &self.target
    }
}

struct Walk<'h> {
    host: &'h dyn Host,
    /// Names by file, links resolved: a file with two names is laid out once.
    found: BTreeMap<PathBuf, String>,
    diagnostics: Vec<Diagnostic>,
}

impl Walk<'_> {
    fn unreadable(&mut self, name: &str, why: &str) {
        self.diagnostics.push(say::unreadable_file(name, why));
    }

    /// What stands on the command line.
    fn named(&mut self, path: &Path) {
        let shown = path.strip_prefix(".").unwrap_or(path).display().to_string();
        match self.host.kind(path) {
            Ok(Some(EntryKind::File)) => self.file(path, &shown),
            Ok(Some(EntryKind::Folder)) => self.folder(path, &shown, MAX_DEPTH, &mut Vec::new()),
            Ok(Some(EntryKind::Other)) => self.unreadable(&shown, "it is no regular file"),
            Ok(None) => self.unreadable(&shown, "it is not there"),
            Err(e) => self.unreadable(&shown, &io_words(&e, 0)),
        }
    }

    fn file(&mut self, path: &Path, name: &str) {
        if self.found.len() == MAX_FILES {
            return self.unreadable(name, "there are too many files");
        }
        match self.host.canonical(path) {
            Ok(target) => drop(self.found.entry(target).or_insert_with(|| name.to_owned())),
            Err(e) => self.unreadable(name, &io_words(&e, 0)),
        }
    }

    /// All policy files below a folder. `above` are the folders it lies in, links resolved.
    fn folder(&mut self, folder: &Path, name: &str, depth: usize, above: &mut Vec<PathBuf>) {
        let canonical = match self.host.canonical(folder) {
            Ok(canonical) => canonical,
            Err(e) => return self.unreadable(name, &io_words(&e, 0)),
        };
        if above.contains(&canonical) {
            return self.diagnostics.push(say::link_loop(name));
        }
        let entries = match self.host.list(folder) {
            Ok(entries) => entries,
            Err(e) => return self.unreadable(name, &io_words(&e, 0)),
        };
        above.push(canonical);
        for (entry, kind) in entries {
            // Editors leave hidden files beside the ones they edit, and tools keep their own.
            if entry.starts_with('.') {
                continue;
            }
            let path = folder.join(&entry);
            let name = if name.is_empty() { entry.clone() } else { format!("{}/{entry}", name.trim_end_matches('/')) };
            match kind {
                EntryKind::Folder if depth > 1 => self.folder(&path, &name, depth - 1, above),
                EntryKind::Folder => self.unreadable(&name, "folders are nested too deep"),
                EntryKind::File if entry.ends_with(".gate") || entry.ends_with(".profile") => self.file(&path, &name),
                EntryKind::File | EntryKind::Other => {}
            }
        }
        above.pop();
    }
}
