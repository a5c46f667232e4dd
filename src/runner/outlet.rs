//! Where reports go: `--report FORMAT=PATH`.

use super::diagnostics as say;
use super::load::io_words;
use crate::diag::Diagnostic;
use crate::host::{EntryKind, Host};
use crate::report::{self, FORMATS, Format};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

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
                Some(_) if !paths.insert(path) => wrong.push(say::report_twice(path)),
                Some(format) => found.push(Outlet { format, path }),
                None => wrong.push(say::report_format(name, FORMATS.iter().map(|f| f.name))),
            },
            _ => wrong.push(say::report_form(request)),
        }
    }
    if wrong.is_empty() { Ok(found) } else { Err(wrong) }
}

impl Outlet<'_> {
    /// Writes a rendered report; readers see the old file or the new one and nothing between. A
    /// link is followed, and what is no regular file is left alone.
    ///
    /// # Errors
    /// Why it could not be written.
    pub fn write(&self, host: &dyn Host, text: &str) -> Result<(), Box<Diagnostic>> {
        let path = Path::new(self.path);
        let target = target(host, path).map_err(|why| say::not_written(self.path, &why))?;
        host.write_atomic(&target, text.as_bytes()).map_err(|e| say::not_written(self.path, &io_words(&e, 0)).into())
    }
}

fn target(host: &dyn Host, path: &Path) -> Result<PathBuf, String> {
    match host.kind(path).map_err(|e| io_words(&e, 0))? {
        None => Ok(path.to_owned()),
        Some(EntryKind::File) => host.canonical(path).map_err(|e| io_words(&e, 0)),
        Some(EntryKind::Folder) => Err("a folder is in its place".into()),
        // Renaming a report over a device would replace the device.
        Some(EntryKind::Other) => Err("what is in its place is no regular file".into()),
    }
}
