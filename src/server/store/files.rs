//! The files of a data directory: who may read them, and which server holds the directory.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, ErrorKind, Read, Write},
    path::{Path, PathBuf},
};

use crate::server::store::fault::Fault;

/// The file inside the data directory.
const DATABASE: &str = "daehwa.db";
/// Held by the server that runs on the directory. It stays when the server ends: what counts is the lock on it.
const LOCK: &str = "daehwa.lock";

/// The database in this directory.
pub(super) fn database(directory: &Path) -> PathBuf {
    directory.join(DATABASE)
}

/// The database in this directory, for a command that makes none.
///
/// # Errors
/// [`Fault::NoDatabase`].
pub(super) fn existing(directory: &Path) -> Result<PathBuf, Fault> {
    let file = database(directory);
    match fs::metadata(&file) {
        // An empty file is what is left of a database whose disk was full when it was made.
        Ok(found) if found.is_file() && found.len() > 0 => Ok(file),
        Err(error) if error.kind() != ErrorKind::NotFound => Err(Fault::File { path: file, error }),
        _ => Err(Fault::NoDatabase(directory.to_owned())),
    }
}

/// Makes what is missing of the directory and the database's file, for their owner alone. What exists keeps its
/// rights: the directory may hold files of others.
///
/// # Errors
/// [`Fault::File`].
pub(super) fn make(directory: &Path) -> Result<PathBuf, Fault> {
    make_directory(directory).map_err(Fault::file(directory))?;
    let file = database(directory);
    match make_private(&file) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(Fault::File { path: file, error }),
        _ => Ok(file),
    }
}

/// Makes a file that only its owner may read, whatever the umask.
///
/// # Errors
/// When it is there already, or cannot be made.
pub(super) fn make_private(file: &Path) -> io::Result<File> {
    let made = private(OpenOptions::new().write(true).create_new(true)).open(file)?;
    keep_private(&made)?;
    Ok(made)
}

/// One server's hold on a directory, until it is dropped or its process ends.
pub(super) struct Lock {
    _file: File,
}

/// Takes the directory for one server.
///
/// # Errors
/// [`Fault::InUse`] when another server has it.
pub(super) fn lock(directory: &Path) -> Result<Lock, Fault> {
    let path = directory.join(LOCK);
    let mut options = OpenOptions::new();
    let options = options.read(true).write(true).create(true).truncate(false);
    let mut file = private(options).open(&path).map_err(Fault::file(&path))?;
    match file.try_lock() {
        Ok(()) => {
            // The number only helps whoever reads the refusal.
            let _ = file.set_len(0).and_then(|()| writeln!(file, "{}", std::process::id()));
        }
        Err(TryLockError::WouldBlock) => {
            let mut pid = String::new();
            let _ = file.read_to_string(&mut pid);
            return Err(Fault::InUse { directory: directory.to_owned(), pid: pid.trim().parse().ok() });
        }
        Err(TryLockError::Error(error)) => {
            tracing::warn!(%error, file = %path.display(), "this file system has no locks: a second server is not noticed");
        }
    }
    Ok(Lock { _file: file })
}

/// Makes a file's entry in its directory survive a power cut.
///
/// # Errors
/// When the directory cannot be read or written.
pub(super) fn sync_directory(directory: &Path) -> io::Result<()> {
    // Only Unix opens directories.
    if cfg!(unix) { File::open(directory)?.sync_all() } else { Ok(()) }
}

/// People's words are in there: only the server's own user may read them.
#[cfg(unix)]
fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    use std::os::unix::fs::OpenOptionsExt;
    options.mode(0o600)
}

#[cfg(unix)]
fn keep_private(file: &File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.set_permissions(fs::Permissions::from_mode(0o600))
}

#[cfg(unix)]
fn make_directory(directory: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new().recursive(true).mode(0o700).create(directory)
}

#[cfg(not(unix))]
fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    options
}

#[cfg(not(unix))]
fn keep_private(_: &File) -> io::Result<()> {
    Ok(())
}

#[cfg(not(unix))]
fn make_directory(directory: &Path) -> io::Result<()> {
    fs::create_dir_all(directory)
}
