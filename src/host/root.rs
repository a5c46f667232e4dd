//! Folders that paths from policy may not leave.

use super::{EntryKind, Host};
use std::io;
use std::path::{Component, Path, PathBuf};

/// A folder that confines paths. Paths of policies are relative to it, separated by `/`, and
/// stay below it after links are resolved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Root {
    folder: PathBuf,
}

/// Why a path was refused.
#[derive(Debug, thiserror::Error)]
pub enum RootError {
    /// The root itself cannot be used.
    #[error("the folder `{}` cannot be used: {error}", .folder.display())]
    Folder {
        /// The root as given.
        folder: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// No path at all.
    #[error("the path is empty")]
    Empty,
    /// It starts at the top of the file system.
    #[error("the path is absolute; write it from the evidence root")]
    Absolute,
    /// It goes up.
    #[error("the path contains `..`; paths stay below their root")]
    Parent,
    /// It has a part that names nothing.
    #[error("the path contains an empty part or `.`; leave it out")]
    EmptyPart,
    /// It has a backslash.
    #[error("the path contains a backslash; parts are separated by `/`")]
    Backslash,
    /// It has a character that no path has.
    #[error("the path contains a control character")]
    Control,
    /// A link leads out of the root.
    #[error("the path leads out of its root through a link")]
    Outside,
    /// A link on the way leads to nothing.
    #[error("a link on the path leads nowhere")]
    BrokenLink,
    /// The file system refused to look.
    #[error("the path cannot be followed: {0}")]
    Io(io::Error),
}

impl Root {
    /// The root at a folder, which must exist.
    ///
    /// # Errors
    /// [`RootError::Folder`] when it is no folder or cannot be looked at.
    pub fn new(host: &dyn Host, folder: &Path) -> Result<Self, RootError> {
        let failed = |error| RootError::Folder { folder: folder.to_owned(), error };
        let canonical = host.canonical(folder).map_err(failed)?;
        match host.kind(&canonical).map_err(failed)? {
            Some(EntryKind::Folder) => Ok(Self { folder: canonical }),
            _ => Err(failed(io::Error::new(io::ErrorKind::NotADirectory, "it is not a folder"))),
        }
    }

    /// The folder, with links resolved.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Judges the text of a path alone: relative, parts separated by `/`, none of them `..`.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn check(path: &str) -> Result<(), RootError> {
        if path.is_empty() {
            return Err(RootError::Empty);
        }
        if path.contains('\\') {
            return Err(RootError::Backslash);
        }
        if path.chars().any(char::is_control) {
            return Err(RootError::Control);
        }
        if path.starts_with('/') {
            return Err(RootError::Absolute);
        }
        if path.split('/').any(|part| part == "..") {
            return Err(RootError::Parent);
        }
        if path.split('/').any(|part| part.is_empty() || part == ".") {
            return Err(RootError::EmptyPart);
        }
        // Drive letters and their like, on systems that have them.
        if !Path::new(path).components().all(|part| matches!(part, Component::Normal(_))) {
            return Err(RootError::Absolute);
        }
        Ok(())
    }

    /// Where a path of policy stands, links resolved as far as it exists. Nothing needs to
    /// stand there.
    ///
    /// # Errors
    /// What is wrong with the path, or that it leads out of the root.
    pub fn resolve(&self, host: &dyn Host, path: &str) -> Result<PathBuf, RootError> {
        Self::check(path)?;
        let mut rest: Vec<&str> = Vec::new();
        let mut parts: Vec<&str> = path.split('/').collect();
        loop {
            let mut head = self.folder.clone();
            head.extend(&parts);
            match host.canonical(&head) {
                Ok(canonical) if canonical.starts_with(&self.folder) => {
                    let mut found = canonical;
                    found.extend(rest.iter().rev());
                    return Ok(found);
                }
                Ok(_) => return Err(RootError::Outside),
                Err(e) if matches!(e.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
                    if host.kind(&head).map_err(RootError::Io)?.is_some() {
                        return Err(RootError::BrokenLink);
                    }
                    match parts.pop() {
                        Some(part) => rest.push(part),
                        // The root itself has gone.
                        None => return Err(RootError::Io(e)),
                    }
                }
                Err(e) => return Err(RootError::Io(e)),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::MemHost;
    use super::*;

    #[test]
    fn hostile_paths_are_refused_by_their_text() {
        for (path, words) in [
            ("", "empty"),
            ("/etc/passwd", "absolute"),
            ("../x", ".."),
            ("a/../../x", ".."),
            ("a/..", ".."),
            ("a//b", "empty part"),
            ("./a", "empty part"),
            ("a/", "empty part"),
            ("a\\..\\b", "backslash"),
            ("a\0b", "control"),
            ("a\nb", "control"),
        ] {
            let error = Root::check(path).unwrap_err().to_string();
            assert!(error.contains(words), "{path:?}: {error}");
        }
        for good in ["a", "a/b.json", "..a", "a..b/c", ".hidden/x", "ä ö"] {
            Root::check(good).unwrap();
        }
    }

    #[test]
    fn links_may_not_lead_out() {
        let host = MemHost::new();
        host.put("/root/in/a.json", b"x");
        host.put("/elsewhere/b.json", b"x");
        host.link("/root/out", "/elsewhere");
        host.link("/root/near", "/root/in");
        host.link("/root/dangling", "/root/nothing");
        let root = Root::new(&host, Path::new("/root")).unwrap();
        assert_eq!(root.resolve(&host, "near/a.json").unwrap(), Path::new("/root/in/a.json"));
        assert_eq!(root.resolve(&host, "new/sub/x").unwrap(), Path::new("/root/new/sub/x"));
        assert!(matches!(root.resolve(&host, "out/b.json"), Err(RootError::Outside)));
        assert!(matches!(root.resolve(&host, "out/new.json"), Err(RootError::Outside)));
        assert!(matches!(root.resolve(&host, "dangling"), Err(RootError::BrokenLink)));
        assert!(matches!(root.resolve(&host, "dangling/x"), Err(RootError::BrokenLink)));
    }

    #[test]
    fn a_root_that_is_a_prefix_of_another_name_confines() {
        let host = MemHost::new();
        host.put("/root/x", b"");
        host.put("/rootless/x", b"");
        host.link("/root/l", "/rootless/x");
        let root = Root::new(&host, Path::new("/root")).unwrap();
        assert!(matches!(root.resolve(&host, "l"), Err(RootError::Outside)));
    }

    #[test]
    fn a_root_must_be_a_folder() {
        let host = MemHost::new();
        host.put("/f", b"");
        assert!(matches!(Root::new(&host, Path::new("/f")), Err(RootError::Folder { .. })));
        assert!(matches!(Root::new(&host, Path::new("/none")), Err(RootError::Folder { .. })));
    }
}
