//! A host in memory, for tests and editors.

use super::{EntryKind, Host, HostFile};
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Files in a map, with faults on demand. Paths are absolute (`/a/b`); folders are there when
/// something is in them.
#[derive(Debug, Default)]
pub struct MemHost {
    state: Arc<Mutex<State>>,
}

/// Something that a host can be asked, for [`MemHost::fail`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Operation {
    /// Opening, or reading in one go.
    Open,
    /// Reading bytes of an open file.
    ReadAt,
    /// Listing a folder.
    List,
    /// Writing a file.
    Write,
    /// Removing a file.
    Remove,
}

#[derive(Debug, Default)]
struct State {
    entries: BTreeMap<PathBuf, Entry>,
    faults: BTreeMap<(PathBuf, Operation), io::ErrorKind>,
    changes: BTreeMap<PathBuf, Change>,
    /// Bytes that can still be written; `None` for no end.
    room: Option<u64>,
    now: i128,
    ticks: u64,
}

/// Bytes that a file gets when it has been read a number of times.
#[derive(Debug)]
struct Change {
    reads_left: u64,
    bytes: Arc<[u8]>,
}

#[derive(Debug, Clone)]
enum Entry {
    File { bytes: Arc<[u8]>, changed: i128 },
    Link(PathBuf),
    Folder,
    Special,
}

/// Links followed before a path is called a loop, as systems do.
const MAX_LINKS: usize = 40;

impl MemHost {
    /// An empty host at 1970.
    pub fn new() -> Self {
        Self::default()
    }

    /// Puts a file.
    pub fn put(&self, path: impl AsRef<Path>, bytes: impl AsRef<[u8]>) {
        let mut state = self.state();
        let changed = state.now;
        let entry = Entry::File { bytes: bytes.as_ref().into(), changed };
        state.entries.insert(path.as_ref().to_owned(), entry);
    }

    /// Puts a link to an absolute path.
    pub fn link(&self, path: impl AsRef<Path>, target: impl AsRef<Path>) {
        self.state().entries.insert(path.as_ref().to_owned(), Entry::Link(target.as_ref().to_owned()));
    }

    /// Puts something that is neither file nor folder, as a FIFO or a device is.
    pub fn special(&self, path: impl AsRef<Path>) {
        self.state().entries.insert(path.as_ref().to_owned(), Entry::Special);
    }

    /// Makes an operation on a path fail from now on.
    pub fn fail(&self, path: impl AsRef<Path>, operation: Operation, kind: io::ErrorKind) {
        self.state().faults.insert((path.as_ref().to_owned(), operation), kind);
    }

    /// Leaves room for so many more bytes; beyond, writes fail with `StorageFull`.
    pub fn leave_room(&self, bytes: u64) {
        self.state().room = Some(bytes);
    }

    /// Gives a file other bytes, and another time of change, after so many reads of it.
    pub fn change_after(&self, path: impl AsRef<Path>, reads: u64, bytes: impl AsRef<[u8]>) {
        let change = Change { reads_left: reads, bytes: bytes.as_ref().into() };
        self.state().changes.insert(path.as_ref().to_owned(), change);
    }

    /// Sets the clock: ns since 1970.
    pub fn set_now(&self, now: i128) {
        self.state().now = now;
    }

    /// The bytes of a file, if there is one.
    pub fn bytes(&self, path: impl AsRef<Path>) -> Option<Arc<[u8]>> {
        match self.state().entries.get(path.as_ref()) {
            Some(Entry::File { bytes, .. }) => Some(bytes.clone()),
            _ => None,
        }
    }

    /// Paths of all entries in order.
    pub fn paths(&self) -> Vec<PathBuf> {
        self.state().entries.keys().cloned().collect()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A test that panicked while it held the lock has failed already.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn fault(&self, path: &Path, operation: Operation) -> io::Result<()> {
        match self.faults.get(&(path.to_owned(), operation)) {
            Some(kind) => Err(io::Error::from(*kind)),
            None => Ok(()),
        }
    }

    fn is_folder(&self, path: &Path) -> bool {
        path == Path::new("/")
            || matches!(self.entries.get(path), Some(Entry::Folder))
            || self.entries.keys().any(|p| p != path && p.starts_with(path))
    }

    /// The path with all links resolved; nothing need stand at its end.
    fn resolve(&self, path: &Path) -> io::Result<PathBuf> {
        let mut todo: Vec<std::ffi::OsString> = normal_parts(path);
        let (mut done, mut links) = (PathBuf::from("/"), 0);
        while let Some(part) = todo.pop() {
            done.push(part);
            if let Some(Entry::Link(target)) = self.entries.get(&done) {
                links += 1;
                if links > MAX_LINKS {
                    return Err(io::Error::other("too many links"));
                }
                todo.extend(normal_parts(target));
                done = PathBuf::from("/");
            }
        }
        Ok(done)
    }

    fn kind(&self, path: &Path) -> io::Result<Option<EntryKind>> {
        let end = self.resolve(path)?;
        Ok(match self.entries.get(&end) {
            Some(Entry::File { .. }) => Some(EntryKind::File),
            Some(Entry::Folder) => Some(EntryKind::Folder),
            Some(Entry::Special | Entry::Link(_)) => Some(EntryKind::Other),
            None if self.is_folder(&end) => Some(EntryKind::Folder),
            None if matches!(self.entries.get(path), Some(Entry::Link(_))) => Some(EntryKind::Other),
            None => None,
        })
    }
}

/// The parts of a path from its end to its start, `..` applied.
fn normal_parts(path: &Path) -> Vec<std::ffi::OsString> {
    let mut parts = Vec::new();
    for part in path.components() {
        match part {
            Component::Normal(name) => parts.push(name.to_owned()),
            Component::ParentDir => drop(parts.pop()),
            _ => {}
        }
    }
    parts.reverse();
    parts
}

impl Host for MemHost {
    fn open(&self, path: &Path) -> io::Result<Box<dyn HostFile>> {
        let state = self.state();
        state.fault(path, Operation::Open)?;
        let end = state.resolve(path)?;
        match state.kind(&end)? {
            Some(EntryKind::File) => Ok(Box::new(MemFile { state: self.state.clone(), path: end })),
            Some(_) => Err(super::not_a_file()),
            None => Err(io::ErrorKind::NotFound.into()),
        }
    }

    fn read(&self, path: &Path, limit: u64) -> io::Result<Vec<u8>> {
        super::read_all(&*self.open(path)?, limit)
    }

    fn list(&self, path: &Path) -> io::Result<Vec<(String, EntryKind)>> {
        let state = self.state();
        state.fault(path, Operation::List)?;
        let folder = state.resolve(path)?;
        if !state.is_folder(&folder) {
            return Err(io::ErrorKind::NotFound.into());
        }
        let below = state.entries.keys().filter_map(|p| p.strip_prefix(&folder).ok()?.components().next());
        let names: BTreeSet<String> = below.map(|c| c.as_os_str().to_string_lossy().into_owned()).collect();
        let kind = |name: &String| Ok(state.kind(&folder.join(name))?.unwrap_or(EntryKind::Other));
        names.into_iter().map(|name| kind(&name).map(|k| (name, k))).collect()
    }

    fn kind(&self, path: &Path) -> io::Result<Option<EntryKind>> {
        self.state().kind(path)
    }

    fn canonical(&self, path: &Path) -> io::Result<PathBuf> {
        let state = self.state();
        let end = state.resolve(path)?;
        match state.entries.contains_key(&end) || state.is_folder(&end) {
            true => Ok(end),
            false => Err(io::ErrorKind::NotFound.into()),
        }
    }

    fn write_atomic(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let mut state = self.state();
        state.fault(path, Operation::Write)?;
        if let Some(room) = state.room {
            let left = room.checked_sub(bytes.len() as u64).ok_or(io::ErrorKind::StorageFull)?;
            state.room = Some(left);
        }
        if state.is_folder(path) {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        let changed = state.now;
        state.entries.insert(path.to_owned(), Entry::File { bytes: bytes.into(), changed });
        Ok(())
    }

    fn make_folder(&self, path: &Path) -> io::Result<()> {
        let mut state = self.state();
        state.fault(path, Operation::Write)?;
        match state.kind(path)? {
            Some(EntryKind::Folder) => {}
            Some(_) => return Err(io::ErrorKind::AlreadyExists.into()),
            None => drop(state.entries.insert(path.to_owned(), Entry::Folder)),
        }
        Ok(())
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        let mut state = self.state();
        state.fault(path, Operation::Remove)?;
        state.entries.remove(path);
        Ok(())
    }

    fn now(&self) -> i128 {
        self.state().now
    }

    fn ticks(&self) -> u64 {
        let mut state = self.state();
        state.ticks += 1;
        state.ticks
    }
}

#[derive(Debug)]
struct MemFile {
    state: Arc<Mutex<State>>,
    path: PathBuf,
}

impl HostFile for MemFile {
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.fault(&self.path, Operation::ReadAt)?;
        if let Some(change) = state.changes.get_mut(&self.path) {
            match change.reads_left.checked_sub(1) {
                Some(left) => change.reads_left = left,
                None => {
                    let bytes = change.bytes.clone();
                    let changed = state.now + 1;
                    state.changes.remove(&self.path);
                    state.entries.insert(self.path.clone(), Entry::File { bytes, changed });
                }
            }
        }
        let Some(Entry::File { bytes, .. }) = state.entries.get(&self.path) else {
            return Err(io::ErrorKind::NotFound.into());
        };
        let start = usize::try_from(offset).unwrap_or(usize::MAX).min(bytes.len());
        let rest = bytes.get(start..).unwrap_or_default();
        let n = rest.len().min(buffer.len());
        for (to, from) in buffer.iter_mut().zip(rest) {
            *to = *from;
        }
        Ok(n)
    }

    fn stamp(&self) -> io::Result<(u64, i128)> {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match state.entries.get(&self.path) {
            Some(Entry::File { bytes, changed }) => Ok((bytes.len() as u64, *changed)),
            _ => Err(io::ErrorKind::NotFound.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_listed_sorted_with_links_followed() {
        let host = MemHost::new();
        host.put("/r/b.json", b"1");
        host.put("/r/a/x", b"2");
        host.link("/r/c", "/r/b.json");
        host.link("/r/d", "/nowhere");
        host.special("/r/fifo");
        let names = host.list(Path::new("/r")).unwrap();
        let expected = [
            ("a", EntryKind::Folder),
            ("b.json", EntryKind::File),
            ("c", EntryKind::File),
            ("d", EntryKind::Other),
            ("fifo", EntryKind::Other),
        ];
        assert_eq!(names, expected.map(|(n, k)| (n.to_owned(), k)));
    }

    #[test]
    fn a_full_disk_keeps_the_old_bytes() {
        let host = MemHost::new();
        host.put("/r/x", b"old");
        host.leave_room(2);
        let error = host.write_atomic(Path::new("/r/x"), b"new").unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::StorageFull);
        assert_eq!(host.bytes("/r/x").as_deref(), Some(b"old".as_slice()));
    }

    #[test]
    fn a_file_can_change_while_it_is_read() {
        let host = MemHost::new();
        host.put("/x", b"before");
        host.change_after("/x", 1, b"after!!");
        let file = host.open(Path::new("/x")).unwrap();
        let stamp = file.stamp().unwrap();
        let mut buffer = [0; 6];
        file.read_at(0, &mut buffer).unwrap();
        assert_eq!((&buffer, file.stamp().unwrap()), (b"before", stamp));
        file.read_at(0, &mut buffer).unwrap();
        assert_eq!(&buffer, b"after!");
        assert_ne!(file.stamp().unwrap(), stamp);
    }

    #[test]
    fn links_in_a_circle_are_an_error() {
        let host = MemHost::new();
        host.link("/a", "/b");
        host.link("/b", "/a");
        assert!(host.canonical(Path::new("/a")).is_err());
    }
}
