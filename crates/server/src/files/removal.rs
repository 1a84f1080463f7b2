//! Holds back the removal of blobs while a backup copies them, across processes.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io,
    path::Path,
};

use crate::private_files::private;

/// A backup holds the lock of this file shared, a removal holds it exclusively. Only the lock counts.
const LOCK: &str = "removal.lock";

/// While it exists, no blob is removed, or no backup holds back removal.
pub struct RemovalLock {
    _file: File,
}

/// Holds back every removal of blobs in `files`; waits for a removal in progress. Blobs that a copy of the database
/// names are not removed until the lock is dropped, if the copy is made after this call.
///
/// # Errors
/// If locking fails.
pub fn hold_back_removal(files: &Path) -> io::Result<RemovalLock> {
    let file = open(files)?;
    file.lock_shared()?;
    Ok(RemovalLock { _file: file })
}

/// The lock for removing blobs; `None` while a backup holds removal back.
///
/// # Errors
/// If locking fails.
pub(crate) fn try_removal(files: &Path) -> io::Result<Option<RemovalLock>> {
    let file = open(files)?;
    match file.try_lock() {
        Ok(()) => Ok(Some(RemovalLock { _file: file })),
        Err(TryLockError::WouldBlock) => Ok(None),
        // The file system has no locks: operators back it up while the server is stopped.
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
