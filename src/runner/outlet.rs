//! Where reports go: `--report FORMAT=PATH`.

use super::diagnostics as say;
use crate::diag::Diagnostic;
use crate::host::{EntryKind, Host, io_words};
use crate::report::{self, FORMATS, Format};
use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};

/// One report to be written.
#[derive(Debug, Clone, Copy)]
pub struct Outlet<'a> {
    /// In which form.
    pub format: &'static Format,
    /// Where to, relative to the working directory.
    pub path: &'a str,
}

/// Reads `FORMAT=PATH` of every request.
///
/// # Errors
/// Everything that is wrong with them.
pub fn outlets(requests: &[String]) -> Result<Vec<Outlet<'_>>, Vec<Diagnostic>> {
    let (mut found, mut wrong, mut paths) = (Vec::new(), Vec::new(), BTreeSet::new());
    for request in requests {
        match request.split_once('=') {
            Some((name, path)) if !name.is_empty() && !path.is_empty() => match report::format(name) {
                Some(_) if !paths.insert(plain(path)) => wrong.push(say::report_twice(path)),
                Some(format) => found.push(Outlet { format, path }),
                None => wrong.push(say::report_format(name, FORMATS.iter().map(|f| f.name))),
            },
            _ => wrong.push(say::report_form(request)),
        }
    }
    if wrong.is_empty() { Ok(found) } else { Err(wrong) }
}

/// A path without the parts that mean nothing.
fn plain(path: &str) -> PathBuf {
    Path::new(path).components().filter(|part| !matches!(part, Component::CurDir)).collect()
}

/// Writes every report; one that cannot be written does not stop the others. `has_read` says what
/// the run has read from a file (its path with links resolved), in words.
///
/// Returns why some could not be written.
pub fn write_all(
    outlets: &[Outlet<'_>],
    host: &dyn Host,
    render: &dyn Fn(&Format) -> String,
    has_read: &dyn Fn(&Path) -> Option<String>,
) -> Vec<Diagnostic> {
    let (mut written, mut failed) = (BTreeSet::new(), Vec::new());
    for outlet in outlets {
        let taken = |target: &Path| match written.contains(target) {
            true => Some("another report of this run".to_owned()),
            false => has_read(target),
        };
        match outlet.write(host, &render(outlet.format), &taken) {
            // Looked at again: a report that was new has links resolved only now.
            Ok(target) => drop(written.insert(host.canonical(&target).unwrap_or(target))),
            Err(diagnostic) => failed.push(*diagnostic),
        }
    }
    failed
}

impl Outlet<'_> {
    /// Writes a rendered report; readers see the old file or the new one and nothing between. A
    /// link is followed; what is no regular file is left alone, and so is a file that is taken for
    /// something else.
    ///
    /// # Errors
    /// Why it could not be written.
    pub(super) fn write(
        &self,
        host: &dyn Host,
        text: &str,
        taken: &dyn Fn(&Path) -> Option<String>,
    ) -> Result<PathBuf, Box<Diagnostic>> {
        write_to(host, Path::new(self.path), text, taken)
    }
}

/// Writes a file as reports are written.
///
/// # Errors
/// Why it could not be written.
pub(super) fn write_file(host: &dyn Host, path: &Path, text: &str) -> Result<(), Box<Diagnostic>> {
    write_to(host, path, text, &|_| None).map(drop)
}

fn write_to(
    host: &dyn Host,
    path: &Path,
    text: &str,
    taken: &dyn Fn(&Path) -> Option<String>,
) -> Result<PathBuf, Box<Diagnostic>> {
    let shown = path.display().to_string();
    let target = target(host, path, taken).map_err(|why| match why {
        Refused::Taken(by) => say::over_input(&shown, &by),
        Refused::Unfit(why) => say::not_written(&shown, &why),
    })?;
    match host.write_atomic(&target, text.as_bytes()) {
        Ok(()) => Ok(target),
        Err(e) => Err(say::not_written(&shown, &io_words(&e, 0)).into()),
    }
}

enum Refused {
    /// Something else stands there that a report must not replace: what it is.
    Taken(String),
    /// No file can be written there: why.
    Unfit(String),
}

fn target(host: &dyn Host, path: &Path, taken: &dyn Fn(&Path) -> Option<String>) -> Result<PathBuf, Refused> {
    let unfit = |e: std::io::Error| Refused::Unfit(io_words(&e, 0));
    match host.kind(path).map_err(unfit)? {
        None => Ok(path.to_owned()),
        Some(EntryKind::File) => {
            let target = host.canonical(path).map_err(unfit)?;
            match taken(&target) {
                Some(by) => Err(Refused::Taken(by)),
                None => Ok(target),
            }
        }
        Some(EntryKind::Folder) => Err(Refused::Unfit("a folder is in its place".into())),
        // Renaming a report over a device would replace the device.
        Some(EntryKind::Other) => Err(Refused::Unfit("what is in its place is no regular file".into())),
    }
}
