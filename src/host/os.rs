//! The real host.

use super::{EntryKind, Host, HostFile};
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// The operating system.
#[derive(Debug, Clone, Copy)]
pub struct OsHost {
    started: Instant,
}

impl Default for OsHost {
    #[expect(clippy::disallowed_methods, reason = "the host is where clocks are read")]
    fn default() -> Self {
        Self { started: Instant::now() }
    }
}

impl Host for OsHost {
    fn open(&self, path: &Path) -> io::Result<Box<dyn HostFile>> {
        Ok(Box::new(OsFile { file: open_regular(path)? }))
    }

    fn read(&self, path: &Path, limit: u64) -> io::Result<Vec<u8>> {
        let file = OsFile { file: open_regular(path)? };
        super::read_all(&file, limit)
    }

    #[expect(clippy::disallowed_methods, reason = "the host is where folders are listed")]
    fn list(&self, path: &Path) -> io::Result<Vec<(String, EntryKind)>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(path)? {
            let entry = entry?;
            // A name that is not UTF-8 stays visible; opening it by this text fails.
            let name = entry.file_name().to_string_lossy().into_owned();
            // What cannot be looked at is no file to anybody who wants it.
            let kind = self.kind(&entry.path()).ok().flatten().unwrap_or(EntryKind::Other);
            names.push((name, kind));
        }
        names.sort();
        Ok(names)
    }

    fn kind(&self, path: &Path) -> io::Result<Option<EntryKind>> {
        match fs::metadata(path) {
            Ok(found) if found.is_file() => Ok(Some(EntryKind::File)),
            Ok(found) if found.is_dir() => Ok(Some(EntryKind::Folder)),
            Ok(_) => Ok(Some(EntryKind::Other)),
            // A file where a folder should be on the way means that nothing stands there.
            Err(e) if matches!(e.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
                Ok(fs::symlink_metadata(path).is_ok().then_some(EntryKind::Other))
            }
            // Links in a circle.
            Err(e) if e.kind() != io::ErrorKind::PermissionDenied && is_link(path) => Ok(Some(EntryKind::Other)),
            Err(e) => Err(e),
        }
    }

    fn canonical(&self, path: &Path) -> io::Result<PathBuf> {
        fs::canonicalize(path)
    }

    fn write_atomic(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let folder = match path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        fs::create_dir_all(folder)?;
        sweep(folder);
        let mut builder = tempfile::Builder::new();
        builder.prefix(TEMPORARY.0).suffix(TEMPORARY.1);
        // An existing file keeps its permissions; a new one gets what the user's mask leaves.
        let existing = fs::metadata(path).ok().filter(fs::Metadata::is_file).map(|m| m.permissions());
        #[cfg(unix)]
        builder.permissions(existing.clone().unwrap_or_else(|| {
            use std::os::unix::fs::PermissionsExt;
            fs::Permissions::from_mode(0o666)
        }));
        // Dropped on every way out but the last: only a run that is killed leaves a temporary file
        // behind, and the next one that writes to the folder sweeps it away.
        let mut temporary = temporary(&builder, folder)?;
        temporary.write_all(bytes)?;
        if let Some(permissions) = existing {
            temporary.as_file().set_permissions(permissions)?;
        }
        temporary.as_file().sync_all()?;
        temporary.persist(path).map_err(|e| e.error)?;
        sync_folder(folder)
    }

    fn make_folder(&self, path: &Path) -> io::Result<()> {
        fs::create_dir_all(path)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        match fs::remove_file(path) {
            Err(e) if matches!(e.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => Ok(()),
            other => other,
        }
    }

    #[expect(clippy::disallowed_methods, reason = "the host is where clocks are read")]
    fn now(&self) -> i128 {
        let signed = |nanos: u128| i128::try_from(nanos).unwrap_or(i128::MAX);
        match SystemTime::now().duration_since(UNIX_EPOCH) {
            Ok(after) => signed(after.as_nanos()),
            Err(before) => -signed(before.duration().as_nanos()),
        }
    }

    fn ticks(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_nanos()).unwrap_or(u64::MAX)
    }
}

/// How the names of temporary files begin and end.
const TEMPORARY: (&str, &str) = (".rspp-gates-", ".tmp");

/// A temporary file that is locked for as long as it is open, which tells those of runs that go on
/// from those that a killed run left behind.
fn temporary(builder: &tempfile::Builder<'_, '_>, folder: &Path) -> io::Result<tempfile::NamedTempFile> {
    for _ in 0..16 {
        let made = builder.tempfile_in(folder)?;
        // Before it was locked the sweep of another run may have taken it. Where the file system
        // has no locks, nothing is swept either.
        let taken = matches!(made.as_file().try_lock(), Err(fs::TryLockError::WouldBlock));
        if !taken && fs::symlink_metadata(made.path()).is_ok() {
            return Ok(made);
        }
    }
    Err(io::Error::other("temporary files vanish as soon as they are made"))
}

/// Removes the temporary files that killed runs left in a folder. What cannot be removed stays:
/// it is in nobody's way.
#[expect(clippy::disallowed_methods, reason = "the host is where files are opened")]
fn sweep(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let ours = name.to_str().is_some_and(|n| n.starts_with(TEMPORARY.0) && n.ends_with(TEMPORARY.1));
        if ours
            && entry.file_type().is_ok_and(|kind| kind.is_file())
            && let Ok(file) = open(&entry.path())
            && file.try_lock().is_ok()
        {
            let _ = fs::remove_file(entry.path());
        }
    }
}

fn is_link(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|found| found.is_symlink())
}

/// Looks before it opens, because opening a device may do something.
fn open_regular(path: &Path) -> io::Result<File> {
    if !fs::metadata(path)?.is_file() {
        return Err(super::not_a_file());
    }
    let file = open(path)?;
    // What was looked at may have been replaced in between.
    if file.metadata()?.is_file() { Ok(file) } else { Err(super::not_a_file()) }
}

/// Opens for reading and never waits: a FIFO that took the place of a file has no writer to wait
/// for. Regular files know no waiting.
fn open(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.read(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.custom_flags(rustix::fs::OFlags::NONBLOCK.bits().cast_signed());
    }
    options.open(path)
}

/// Makes a rename survive a power cut, where the system has a notion of it.
#[cfg_attr(unix, expect(clippy::disallowed_methods, reason = "the host is where files are opened"))]
fn sync_folder(folder: &Path) -> io::Result<()> {
    #[cfg(unix)]
    File::open(folder)?.sync_all()?;
    #[cfg(not(unix))]
    let _ = folder;
    Ok(())
}

#[derive(Debug)]
struct OsFile {
    file: File,
}

impl HostFile for OsFile {
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let mut done = 0;
        while let Some(rest) = buffer.get_mut(done..).filter(|rest| !rest.is_empty()) {
            let Some(at) = offset.checked_add(done as u64) else { break };
            match positioned(&self.file, at, rest) {
                Ok(0) => break,
                Ok(n) => done += n,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(e),
            }
        }
        Ok(done)
    }

    fn stamp(&self) -> io::Result<(u64, i128)> {
        let found = self.file.metadata()?;
        let signed = |nanos: u128| i128::try_from(nanos).unwrap_or(i128::MAX);
        let changed = match found.modified()?.duration_since(UNIX_EPOCH) {
            Ok(after) => signed(after.as_nanos()),
            Err(before) => -signed(before.duration().as_nanos()),
        };
        Ok((found.len(), changed))
    }
}

#[cfg(unix)]
fn positioned(file: &File, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, buffer, offset)
}

#[cfg(windows)]
fn positioned(file: &File, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, buffer, offset)
}

/// A handle of its own for each read: a shared one would have a shared position.
#[cfg(not(any(unix, windows)))]
fn positioned(file: &File, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
    use std::io::{Read, Seek, SeekFrom};
    static ONE_AT_A_TIME: std::sync::Mutex<()> = std::sync::Mutex::new(());
    let _guard = ONE_AT_A_TIME.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let mut file = file;
    file.seek(SeekFrom::Start(offset))?;
    file.read(buffer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_written_file_replaces_the_old_one_and_leaves_nothing_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let host = OsHost::default();
        let path = folder.path().join("a/b/report.json");
        host.write_atomic(&path, b"one").unwrap();
        host.write_atomic(&path, b"two").unwrap();
        assert_eq!(host.read(&path, 10).unwrap(), b"two");
        let names = host.list(&folder.path().join("a/b")).unwrap();
        assert_eq!(names, [("report.json".to_owned(), EntryKind::File)]);
    }

    #[test]
    fn a_write_that_fails_leaves_no_temporary_file() {
        let folder = tempfile::tempdir().unwrap();
        let host = OsHost::default();
        fs::create_dir(folder.path().join("taken")).unwrap();
        host.write_atomic(&folder.path().join("taken"), b"x").unwrap_err();
        let names = host.list(folder.path()).unwrap();
        assert_eq!(names, [("taken".to_owned(), EntryKind::Folder)]);
    }

    #[expect(clippy::disallowed_methods, reason = "files as another program leaves them")]
    #[test]
    fn what_a_killed_run_left_is_swept_and_what_a_living_one_writes_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let (host, at) = (OsHost::default(), |name: &str| folder.path().join(name));
        for name in [".rspp-gates-dead.tmp", ".rspp-gates-notes.txt", "x.tmp"] {
            fs::write(at(name), "half").unwrap();
        }
        let living = File::create(at(".rspp-gates-live.tmp")).unwrap();
        living.lock().unwrap();
        host.write_atomic(&at("report.json"), b"whole").unwrap();
        let names = || host.list(folder.path()).unwrap().into_iter().map(|(name, _)| name).collect::<Vec<_>>();
        assert_eq!(names(), [".rspp-gates-live.tmp", ".rspp-gates-notes.txt", "report.json", "x.tmp"]);
        drop(living);
        host.write_atomic(&at("report.json"), b"whole").unwrap();
        assert_eq!(names(), [".rspp-gates-notes.txt", "report.json", "x.tmp"]);
    }

    #[cfg(unix)]
    #[test]
    fn a_pipe_that_takes_the_place_of_a_file_is_opened_without_waiting() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pipe");
        rustix::fs::mknodat(rustix::fs::CWD, &path, rustix::fs::FileType::Fifo, rustix::fs::Mode::RUSR, 0).unwrap();
        // As if it had been a file when it was looked at.
        assert!(!open(&path).unwrap().metadata().unwrap().is_file());
        assert_eq!(open_regular(&path).unwrap_err().kind(), io::ErrorKind::InvalidInput);
    }

    #[cfg(unix)]
    #[test]
    fn permissions_of_a_replaced_file_stay() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let host = OsHost::default();
        let path = folder.path().join("x");
        host.write_atomic(&path, b"one").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        host.write_atomic(&path, b"two").unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
    }

    #[cfg(unix)]
    #[test]
    fn sockets_and_folders_are_not_opened() {
        let folder = tempfile::tempdir().unwrap();
        let host = OsHost::default();
        let socket = folder.path().join("s");
        let _listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
        assert_eq!(host.kind(&socket).unwrap(), Some(EntryKind::Other));
        for path in [socket.as_path(), folder.path(), Path::new("/dev/zero")] {
            assert_eq!(host.open(path).err().map(|e| e.kind()), Some(io::ErrorKind::InvalidInput));
        }
    }

    #[cfg(unix)]
    #[test]
    fn links_that_lead_nowhere_or_in_circles_are_listed() {
        let folder = tempfile::tempdir().unwrap();
        for (name, target) in [("circle", "circle"), ("nowhere", "nothing"), ("up", "..")] {
            std::os::unix::fs::symlink(target, folder.path().join(name)).unwrap();
        }
        let names = OsHost::default().list(folder.path()).unwrap();
        let kinds = [("circle", EntryKind::Other), ("nowhere", EntryKind::Other), ("up", EntryKind::Folder)];
        assert_eq!(names, kinds.map(|(name, kind)| (name.to_owned(), kind)));
    }

    #[test]
    fn a_file_over_the_limit_is_not_read() {
        let folder = tempfile::tempdir().unwrap();
        let host = OsHost::default();
        let path = folder.path().join("x");
        host.write_atomic(&path, b"12345").unwrap();
        assert_eq!(host.read(&path, 5).unwrap().len(), 5);
        assert_eq!(host.read(&path, 4).unwrap_err().kind(), io::ErrorKind::FileTooLarge);
    }

    #[test]
    fn positioned_reads_fill_the_buffer_up_to_the_end() {
        let folder = tempfile::tempdir().unwrap();
        let host = OsHost::default();
        let path = folder.path().join("x");
        host.write_atomic(&path, b"0123456789").unwrap();
        let file = host.open(&path).unwrap();
        let mut buffer = [0; 4];
        assert_eq!(file.read_at(8, &mut buffer).unwrap(), 2);
        assert_eq!(&buffer[..2], b"89");
        assert_eq!(file.read_at(99, &mut buffer).unwrap(), 0);
        assert_eq!(file.stamp().unwrap().0, 10);
    }
}
