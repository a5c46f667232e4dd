//! A first policy in a folder: small, commented, and running at once.

use super::diagnostics as say;
use super::{RUN_FILE, session};
use crate::diag::Diagnostic;
use crate::host::{EntryKind, Host, io_words};
use std::path::{Path, PathBuf};

/// One file that is made.
#[derive(Debug, Clone, Copy)]
pub struct Made {
    /// Its path below the folder, with `/`.
    pub path: &'static str,
    /// What it is, in a few words.
    pub what: &'static str,
    text: &'static str,
}

/// The files, in the order written: the profile last, so that a folder is a policy only when the
/// rest is there.
const FILES: [Made; 4] = [
    Made {
        path: "evidence/jobs.jsonl",
        what: "what was measured: twenty jobs, one a line",
        text: include_str!("init/jobs.jsonl"),
    },
    Made { path: RUN_FILE, what: "settings of a run", text: include_str!("init/rspp-gates.yaml") },
    Made { path: "gates/jobs.gate", what: "what it must show: three gates", text: include_str!("init/jobs.gate") },
    Made { path: "profiles/release.profile", what: "which gates run", text: include_str!("init/release.profile") },
];

/// The profile that is made.
pub const INIT_PROFILE: &str = "release";
/// A gate that is made.
pub const INIT_GATE: &str = "jobs.fast";

/// What came of it.
#[derive(Debug)]
pub struct Initialised {
    /// The files that were made.
    pub files: &'static [Made],
    /// A policy root further up that this folder now stands in.
    pub nested_in: Option<PathBuf>,
}

/// Why nothing was made.
#[derive(Debug)]
pub enum InitError {
    /// Something is there already.
    Taken(Box<Diagnostic>),
    /// A file could not be written; what was written before it was removed again.
    NotWritten(Box<Diagnostic>),
}

/// Makes a policy in a folder, which is made too when it is not there.
///
/// # Errors
/// A folder that holds a policy or one of the files already; one that cannot be written.
pub fn init(host: &dyn Host, folder: &Path) -> Result<Initialised, InitError> {
    vacant(host, folder).map_err(InitError::Taken)?;
    let mut written: Vec<PathBuf> = Vec::new();
    for file in FILES {
        let path = folder.join(file.path);
        if let Err(error) = host.write_atomic(&path, file.text.as_bytes()) {
            // Half a policy would only puzzle whoever finds it.
            for done in written {
                let _ = host.remove(&done);
            }
            return Err(InitError::NotWritten(say::init_not_written(&path, &io_words(&error, 0)).into()));
        }
        written.push(path);
    }
    let canonical = host.canonical(folder).unwrap_or_else(|_| folder.to_owned());
    let nested_in = canonical.ancestors().skip(1).find(|above| session::is_root(host, above)).map(Path::to_owned);
    Ok(Initialised { files: &FILES, nested_in })
}

/// Refuses a folder in which something stands in the way.
fn vacant(host: &dyn Host, folder: &Path) -> Result<(), Box<Diagnostic>> {
    let kind = |path: &Path| host.kind(path).map_err(|e| Box::new(say::init_taken(path, &io_words(&e, 0))));
    match kind(folder)? {
        None | Some(EntryKind::Folder) => {}
        Some(_) => return Err(say::init_taken(folder, "it is no folder").into()),
    }
    // A folder that is empty is in nobody's way.
    for name in ["gates", "profiles"] {
        let path = folder.join(name);
        match kind(&path)? {
            None => {}
            Some(EntryKind::Folder) => match host.list(&path) {
                Ok(entries) if entries.is_empty() => {}
                Ok(_) => return Err(say::init_taken(&path, "it is there already").into()),
                Err(e) => return Err(say::init_taken(&path, &io_words(&e, 0)).into()),
            },
            Some(_) => return Err(say::init_taken(&path, "a file is in the place of a folder").into()),
        }
    }
    for file in FILES {
        let path = folder.join(file.path);
        if kind(&path)?.is_some() {
            return Err(say::init_taken(&path, "it is there already").into());
        }
        if let Some(above) = path.parent()
            && !matches!(kind(above)?, None | Some(EntryKind::Folder))
        {
            return Err(say::init_taken(above, "a file is in the place of a folder").into());
        }
    }
    Ok(())
}
