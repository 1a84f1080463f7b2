//! The lock of an upload's bytes over all nodes that have the same data directory: one of the file itself, because who
//! has the bytes decides who may write. NFS keeps such a lock for as long as its client renews it (a killed node's ends
//! at once, a dead machine's after some ninety seconds), and refuses writes through a file whose lock it has given away.
//! A lock in the database would be lost with a connection while its node goes on writing, and would keep a transaction
//! open for as long as a slow client sends.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io,
};

use crate::{
    files::{
        blocking::blocking,
        incoming::{Appending, UploadDirectory},
    },
    private_files::{private, sync_directory},
};
use protocol::ids::FileId;

/// The locked bytes of an upload, until it is dropped or its process ends.
#[derive(Debug)]
pub struct UploadLock {
    file: File,
}

impl UploadDirectory {
    /// Locks the bytes of an upload, whose file is created if there are none; `None` if another node holds them. Uploads
    /// are removed after their rows, so look for the row again.
    ///
    /// # Errors
    /// If the file cannot be created or opened, or its file system has no locks.
    pub async fn try_lock(&self, id: FileId) -> io::Result<Option<UploadLock>> {
        let (path, directory) = (self.path(id), self.directory().to_owned());
        let locking = blocking(move || {
            let is_new = !path.try_exists()?;
            let file = private(OpenOptions::new().append(true).create(true)).open(&path)?;
            if is_new {
                sync_directory(&directory)?;
            }
            match file.try_lock() {
                Ok(()) => Ok(Some(UploadLock { file })),
                Err(TryLockError::WouldBlock) => Ok(None),
                Err(TryLockError::Error(error)) => Err(error),
            }
        });
        locking.await
    }
}

impl UploadLock {
    /// Opens the upload for appending, through the locked file.
    ///
    /// # Errors
    /// If its length cannot be read.
    pub fn append(&self) -> io::Result<Appending> {
        Ok(Appending::new(self.file.try_clone()?, self.file.metadata()?.len()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn one_node_at_a_time_holds_the_bytes_and_the_next_one_finds_them() {
        let files = tempfile::tempdir().unwrap();
        let [one, two] = [0, 1].map(|_| UploadDirectory::open(files.path()).unwrap());
        let id = FileId::new();
        let lock = one.try_lock(id).await.unwrap().unwrap();
        let mut upload = lock.append().unwrap();
        upload.write("가나".as_bytes()).await.unwrap();
        assert!(two.try_lock(id).await.unwrap().is_none());
        upload.sync().await.unwrap();
        drop(lock);
        assert_eq!(two.try_lock(id).await.unwrap().unwrap().append().unwrap().length(), 6);
    }
}
