//! The files of artifacts: put in place as a whole, and those of earlier runs taken away where this
//! run has none.
//!
//! A file is written next to its place and renamed, so readers see the old one or the new one. It
//! stays below its root after links are resolved, and it never takes the place of anything that the
//! run has read or written otherwise. One file that cannot be written does not stop the others.

use super::{page, text};
use crate::data::Digest;
use crate::host::{EntryKind, Host, Root, io_words};
use crate::verdict::{ArtifactDocument, ArtifactFile, ArtifactOutcome, ArtifactResult, ArtifactStatus, Reason};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The code of a file that could not be written, or of an older one that could not be removed.
const NOT_WRITTEN: &str = "rspp::runner::artifact-not-written";

/// A file of an earlier run that is larger than this is left where it is.
const LARGEST_LOOKED_AT: u64 = 16 << 20;

/// How documents end, and pages.
const ENDINGS: (&str, &str) = (".json", ".md");

/// Where artifacts go.
pub struct Place<'a> {
    /// The world.
    pub host: &'a dyn Host,
    /// The folder that their paths start at, or why there is none.
    pub root: Result<Root, String>,
    /// What the run has read from a file (its path with links resolved), in words.
    pub has_read: &'a dyn Fn(&Path) -> Option<String>,
}

/// Writes all artifacts, and notes in each what became of its files.
pub fn write(artifacts: &mut [ArtifactResult], place: &Place<'_>) {
    let mut writer = Writer { place, taken: BTreeMap::new() };
    for artifact in artifacts {
        artifact.files = writer.artifact(artifact);
    }
}

struct Writer<'a> {
    place: &'a Place<'a>,
    /// Files written so far, links resolved, and the artifacts that they are of.
    taken: BTreeMap<PathBuf, Arc<str>>,
}

impl Writer<'_> {
    fn artifact(&mut self, artifact: &ArtifactResult) -> Vec<ArtifactFile> {
        let mut files = Vec::new();
        let (status, reason) = match &artifact.outcome {
            ArtifactOutcome::Made(documents) => {
                for document in documents {
                    self.document(artifact, document, &mut files);
                }
                if artifact.many {
                    let kept: Vec<Arc<str>> = files.iter().map(|f| f.path.clone()).collect();
                    self.remove_pattern(artifact, &kept, &mut files);
                }
                return files;
            }
            ArtifactOutcome::Withheld(reason) => (ArtifactStatus::Withheld, reason),
            ArtifactOutcome::Failed(reason) => (ArtifactStatus::Failed, reason),
        };
        let path = artifact.path.clone().unwrap_or_else(|| artifact.pattern.clone());
        files.push(ArtifactFile { path, status, sha256: None, reason: Some(reason.clone()) });
        match &artifact.path {
            Some(path) => {
                self.remove(path, &mut files);
                if artifact.page {
                    self.remove(&beside(path), &mut files);
                }
            }
            None if artifact.many => self.remove_pattern(artifact, &[], &mut files),
            // What an earlier run called its file nobody knows.
            None => {}
        }
        files
    }

    fn document(&mut self, artifact: &ArtifactResult, document: &ArtifactDocument, files: &mut Vec<ArtifactFile>) {
        files.push(self.file(artifact, &document.path, &text(&document.document)));
        if let Some(passed) = document.passed {
            let page = page(&document.title, &document.document, passed);
            files.push(self.file(artifact, &beside(&document.path), &page));
        }
    }

    fn file(&mut self, artifact: &ArtifactResult, path: &Arc<str>, text: &str) -> ArtifactFile {
        let written = self.target(path).and_then(|target| {
            self.place.host.write_atomic(&target, text.as_bytes()).map_err(|e| io_words(&e, 0))?;
            let target = self.place.host.canonical(&target).unwrap_or(target);
            self.taken.insert(target, artifact.name.clone());
            Ok(Digest::of(text.as_bytes()))
        });
        let path = path.clone();
        match written {
            Ok(digest) => ArtifactFile { path, status: ArtifactStatus::Written, sha256: Some(digest), reason: None },
            Err(why) => failed(path, format!("it cannot be written: {why}"), artifact),
        }
    }

    /// Where a file goes, or why it may not.
    fn target(&self, path: &str) -> Result<PathBuf, String> {
        let root = self.place.root.as_ref().map_err(Clone::clone)?;
        let target = root.resolve(self.place.host, path).map_err(|e| e.to_string())?;
        match self.place.host.kind(&target).map_err(|e| io_words(&e, 0))? {
            None => return Ok(target),
            Some(EntryKind::File) => {}
            Some(EntryKind::Folder) => return Err("a folder is in its place".into()),
            // Renaming over a device would replace the device.
            Some(EntryKind::Other) => return Err("what is in its place is no regular file".into()),
        }
        if let Some(artifact) = self.taken.get(&target) {
            return Err(format!("artifact `{artifact}` has written it already"));
        }
        match (self.place.has_read)(&target) {
            Some(what) => Err(format!("it would take the place of {what}, which this run has read")),
            None => Ok(target),
        }
    }

    /// Removes the file of an earlier run.
    fn remove(&self, path: &Arc<str>, files: &mut Vec<ArtifactFile>) {
        let Ok(root) = &self.place.root else { return };
        let host = self.place.host;
        let (folder, name) = path.rsplit_once('/').map_or((None, &**path), |(folder, name)| (Some(folder), name));
        // A link is removed and not what it leads to: so only the folder is followed.
        let folder = match folder {
            Some(folder) => root.resolve(host, folder).ok(),
            None => Root::check(name).ok().map(|()| root.folder().to_owned()),
        };
        let Some(at) = folder.map(|f| f.join(name)) else { return };
        if !matches!(host.kind(&at), Ok(Some(EntryKind::File))) {
            return;
        }
        let end = host.canonical(&at).unwrap_or_else(|_| at.clone());
        // What this run has read or written is no file of an earlier one.
        if self.taken.contains_key(&end) || (self.place.has_read)(&end).is_some() {
            return;
        }
        let path = path.clone();
        files.push(match host.remove(&at) {
            Ok(()) => ArtifactFile { path, status: ArtifactStatus::Removed, sha256: None, reason: None },
            Err(e) => ArtifactFile {
                path,
                status: ArtifactStatus::Failed,
                sha256: None,
                reason: Some(reason(
                    format!("the file of an earlier run cannot be removed: {}", io_words(&e, 0)),
                    None,
                )),
            },
        });
    }

    /// Removes the files of an earlier run that rows of this one have not written. Only what looks
    /// like a document of this artifact counts: others may keep files in the same folder.
    fn remove_pattern(&self, artifact: &ArtifactResult, kept: &[Arc<str>], files: &mut Vec<ArtifactFile>) {
        let Some((folder, name)) = artifact.pattern.rsplit_once('/') else { return };
        let mut between = name.split('*');
        let (Some(before), Some(after)) = (between.next(), between.next_back()) else { return };
        let Ok(root) = &self.place.root else { return };
        let Ok(at) = root.resolve(self.place.host, folder) else { return };
        let fits =
            |name: &str| name.len() > before.len() + after.len() && name.starts_with(before) && name.ends_with(after);
        let kept: Vec<String> = kept.iter().map(|k| k.to_lowercase()).collect();
        for (name, kind) in self.place.host.list(&at).unwrap_or_default() {
            let path: Arc<str> = format!("{folder}/{name}").into();
            if kind != EntryKind::File || !fits(&name) || kept.contains(&path.to_lowercase()) {
                continue;
            }
            if self.looks_like(&at.join(&name), &artifact.fields) {
                // The page first: it is found by its document.
                if artifact.page {
                    self.remove(&beside(&path), files);
                }
                self.remove(&path, files);
            }
        }
    }

    /// Whether a file holds a JSON object with all of these fields.
    fn looks_like(&self, file: &Path, fields: &[Arc<str>]) -> bool {
        let bytes = self.place.host.read(file, LARGEST_LOOKED_AT).unwrap_or_default();
        match serde_json::from_slice::<serde_json::Value>(&bytes) {
            Ok(serde_json::Value::Object(found)) => fields.iter().all(|f| found.contains_key(&**f)),
            _ => false,
        }
    }
}

/// The path of the page beside a document.
fn beside(path: &str) -> Arc<str> {
    let (document, page) = ENDINGS;
    format!("{}{page}", path.strip_suffix(document).unwrap_or(path)).into()
}

fn failed(path: Arc<str>, why: String, artifact: &ArtifactResult) -> ArtifactFile {
    ArtifactFile { path, status: ArtifactStatus::Failed, sha256: None, reason: Some(reason(why, Some(artifact))) }
}

fn reason(message: String, artifact: Option<&ArtifactResult>) -> Reason {
    Reason { code: NOT_WRITTEN, message, span: artifact.map(|a| a.span) }
}
