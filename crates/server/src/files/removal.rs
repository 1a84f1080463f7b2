//! Holds back the removal of blobs while a backup copies them, across processes.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io,
    path::Path,
};

use crate::private_files::private;

/// A backup shares the lock of this file, whoever removes blobs holds it alone. Only the lock counts.
const LOCK: &str = "removal.lock";

/// Until it is dropped, no blob is removed, or nobody holds removals back.
pub struct RemovalLock {
    _file: File,
}

/// Holds back every removal of blobs in `files`; waits for one that is under way. A blob that the database names when
/// it is copied after this is there until the lock is dropped.
///
/// # Errors
/// If the lock cannot be had.
pub fn hold_back_removal(files: &Path) -> io::Result<RemovalLock> {
    let file = open(files)?;
    file.lock_shared()?;
    Ok(RemovalLock { _file: file })
}

/// The lock for removing blobs; `None` while it is held back.
///
/// # Errors
/// If the lock cannot be had.
pub(crate) fn try_removal(files: &Path) -> io::Result<Option<RemovalLock>> {
    let file = open(files)?;
    match file.try_lock() {
        Ok(()) => Ok(Some(RemovalLock { _file: file })),
        Err(TryLockError::WouldBlock) => Ok(None),
        // A file system without locks: backups of it are made while the server is stopped.
        Err(TryLockError::Error(_)) => Ok(Some(RemovalLock { _file: file })),
    }
}

fn open(files: &Path) -> io::Result<File> {
    private(OpenOptions::new().read(true).write(true).create(true).truncate(false)).open(files.join(LOCK))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn backups_share_the_lock_and_removals_wait_for_all_of_them() {
        let files = tempfile::tempdir().unwrap();
        let removal = try_removal(files.path()).unwrap().unwrap();
        assert!(try_removal(files.path()).unwrap().is_none());
        drop(removal);
        let backups = [hold_back_removal(files.path()).unwrap(), hold_back_removal(files.path()).unwrap()];
        assert!(try_removal(files.path()).unwrap().is_none());
        drop(backups);
        assert!(try_removal(files.path()).unwrap().is_some());
    }
}
