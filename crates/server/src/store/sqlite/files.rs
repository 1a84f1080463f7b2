//! The files of a data directory, and the lock of the server that runs on it.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{ErrorKind, Read, Write},
    path::{Path, PathBuf},
};

use crate::{
    model::Fault,
    private_files::{make_directory, private},
    store::sqlite::fault,
};

pub(crate) use crate::private_files::{make_private, sync_directory};

/// The database's name in the data directory.
const DATABASE: &str = "daehwa.db";
/// The file that a running server locks. The file remains after the server ends; only the lock counts.
const LOCK: &str = "daehwa.lock";

/// The path of the database in this directory.
fn database(directory: &Path) -> PathBuf {
    directory.join(DATABASE)
}

/// The existing database of this directory.
///
/// # Errors
/// [`Fault::NoDatabase`].
pub(crate) fn existing(directory: &Path) -> Result<PathBuf, Fault> {
    let file = database(directory);
    match fs::metadata(&file) {
        // A disk that is full when the database is created leaves an empty file.
        Ok(found) if found.is_file() && found.len() > 0 => Ok(file),
        Err(error) if error.kind() != ErrorKind::NotFound => Err(Fault::File { path: file, error }),
        _ => Err(Fault::NoDatabase(directory.to_owned())),
    }
}

/// Creates the directory and the database file if they are missing, readable by their owner alone. Existing ones keep
/// their permissions: the directory may hold other files.
///
/// # Errors
/// [`Fault::File`].
pub(crate) fn make(directory: &Path) -> Result<PathBuf, Fault> {
    make_folder(directory)?;
    let file = database(directory);
    match make_private(&file) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(Fault::File { path: file, error }),
        _ => Ok(file),
    }
}

/// Creates the directory if it is missing, readable by its owner alone.
///
/// # Errors
/// [`Fault::File`].
pub(crate) fn make_folder(directory: &Path) -> Result<(), Fault> {
    make_directory(directory).map_err(fault::file(directory))
}

/// The lock of a server on a directory, until it is dropped or its process ends.
pub(crate) struct DirectoryLock {
    file: File,
}

/// Locks the directory for one server.
///
/// # Errors
/// [`Fault::InUse`] if another server holds the lock.
pub(crate) fn lock(directory: &Path) -> Result<DirectoryLock, Fault> {
    let mut lock = locked(directory, File::try_lock)?;
    // The process id is only for the error message of a second server.
    let _ = lock.file.set_len(0).and_then(|()| writeln!(lock.file, "{}", std::process::id()));
    Ok(lock)
}

/// Locks the directory for the nodes of one shared database, which may have the directory in common.
///
/// # Errors
/// [`Fault::InUse`] if a server that has its database here holds the lock.
pub(crate) fn share(directory: &Path) -> Result<DirectoryLock, Fault> {
    locked(directory, File::try_lock_shared)
}

fn locked(directory: &Path, lock: fn(&File) -> Result<(), TryLockError>) -> Result<DirectoryLock, Fault> {
    let path = directory.join(LOCK);
    let mut options = OpenOptions::new();
    let options = options.read(true).write(true).create(true).truncate(false);
    let mut file = private(options).open(&path).map_err(fault::file(&path))?;
    match lock(&file) {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let mut pid = String::new();
            let _ = file.read_to_string(&mut pid);
            return Err(Fault::InUse { directory: directory.to_owned(), pid: pid.trim().parse().ok() });
        }
        Err(TryLockError::Error(error)) => {
            tracing::warn!(%error, file = %path.display(), "this file system has no locks: a second server will not be refused");
        }
    }
    Ok(DirectoryLock { file })
}
