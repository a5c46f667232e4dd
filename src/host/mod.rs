//! The outside world behind one trait: files, the clock. Nothing else in the library touches it.
//!
//! Job: [`Host`], the real [`OsHost`] and the in-memory [`MemHost`]. May import: nothing of this
//! crate. Paths given to a host are already decided; confinement of paths from policy is done
//! by [`Root`].

mod mem;
mod os;
mod root;

pub use mem::{MemHost, Operation};
pub use os::OsHost;
pub use root::{Root, RootError};

use std::io;
use std::path::{Path, PathBuf};

/// What the program may ask of the world.
pub trait Host: Sync {
    /// Opens a regular file for positioned reads. Links are followed; anything that is not a
    /// regular file (a folder, a device, a FIFO) is an error of kind `InvalidInput`.
    fn open(&self, path: &Path) -> io::Result<Box<dyn HostFile>>;

    /// Reads a whole file of at most `limit` bytes; a larger one is an error of kind
    /// `FileTooLarge`.
    fn read(&self, path: &Path, limit: u64) -> io::Result<Vec<u8>>;

    /// Names in a folder with their kinds, sorted by bytes.
    fn list(&self, path: &Path) -> io::Result<Vec<(String, EntryKind)>>;

    /// What stands at a path, links followed; `None` when nothing does.
    fn kind(&self, path: &Path) -> io::Result<Option<EntryKind>>;

    /// The path with all links resolved.
    fn canonical(&self, path: &Path) -> io::Result<PathBuf>;

    /// Writes a file so that readers see the old bytes or the new ones and nothing between: to a
    /// temporary file in the same folder, flushed to disk, then renamed. Missing folders are made,
    /// and temporary files that a killed run left in this one are removed.
    fn write_atomic(&self, path: &Path, bytes: &[u8]) -> io::Result<()>;

    /// Makes a folder and those above it; fine when it is there.
    fn make_folder(&self, path: &Path) -> io::Result<()>;

    /// Removes a file; fine when there is none.
    fn remove(&self, path: &Path) -> io::Result<()>;

    /// The wall clock: ns since 1970-01-01T00:00:00Z.
    fn now(&self) -> i128;

    /// A clock for measuring: ns since some fixed point.
    fn ticks(&self) -> u64;
}

/// An open file.
pub trait HostFile: Send + Sync {
    /// Reads bytes at an offset into `buffer`; fewer than asked only at the end of the file.
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize>;

    /// Size and time of last change (ns since 1970), to tell a file that changes while it is read.
    fn stamp(&self) -> io::Result<(u64, i128)>;
}

/// What stands at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum EntryKind {
    /// A regular file.
    File,
    /// A folder.
    Folder,
    /// Something else: a device, a FIFO, a socket, a broken link.
    Other,
}

/// Reads an open file from its start, at most `limit` bytes.
fn read_all(file: &dyn HostFile, limit: u64) -> io::Result<Vec<u8>> {
    let too_large = || io::Error::from(io::ErrorKind::FileTooLarge);
    let (size, _) = file.stamp()?;
    if size > limit {
        return Err(too_large());
    }
    let mut bytes = vec![0; usize::try_from(size).map_err(|_| too_large())?];
    let read = file.read_at(0, &mut bytes)?;
    bytes.truncate(read);
    Ok(bytes)
}

/// What the system says, without its numbers.
pub fn io_words(error: &io::Error, limit: u64) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "it is not there".into(),
        io::ErrorKind::PermissionDenied => "permission is denied".into(),
        io::ErrorKind::InvalidInput => "it is no regular file".into(),
        // Of a file that is written there is no limit of ours.
        io::ErrorKind::FileTooLarge if limit == 0 => "it is larger than files may be here".into(),
        io::ErrorKind::FileTooLarge => format!("it is larger than {limit} bytes"),
        io::ErrorKind::AlreadyExists | io::ErrorKind::NotADirectory => "a file is in the place of a folder".into(),
        io::ErrorKind::IsADirectory => "a folder is in its place".into(),
        io::ErrorKind::StorageFull => "the disk is full".into(),
        io::ErrorKind::ReadOnlyFilesystem => "the file system is read-only".into(),
        _ => error.to_string(),
    }
}

fn not_a_file() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, "it is not a regular file")
}
