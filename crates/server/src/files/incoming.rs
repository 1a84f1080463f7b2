//! Pending uploads: one file each, `incoming/<id>`. The file's length is the upload's offset.

use std::{
    collections::BTreeSet,
    fs::{self, OpenOptions},
    io::{self, ErrorKind},
    path::{Path, PathBuf},
};

use tokio::{fs::File, io::AsyncWriteExt};

use crate::{
    files::blocking::blocking,
    private_files::{make_directory, private, sync_directory},
};
use protocol::ids::FileId;

/// The directory of pending uploads.
#[derive(Clone, Debug)]
pub struct UploadDirectory {
    directory: PathBuf,
}

impl UploadDirectory {
    /// Creates the directory below `files` if it is missing, readable by its owner alone.
    ///
    /// # Errors
    /// If it cannot be created.
    pub fn open(files: &Path) -> io::Result<Self> {
        let directory = files.join("incoming");
        make_directory(&directory)?;
        Ok(Self { directory })
    }

    /// The uploads below `files`, which may not exist; creates nothing.
    pub fn at(files: &Path) -> Self {
        Self { directory: files.join("incoming") }
    }

    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// The path of an upload's bytes; the file does not exist before the first byte.
    pub fn path(&self, id: FileId) -> PathBuf {
        self.directory.join(id.to_string())
    }

    /// The path of a copy of an upload's bytes, such as one without metadata, or a preview. It is removed with the
    /// upload.
    pub fn copy_path(&self, id: FileId, copy: UploadCopy) -> PathBuf {
        self.path(id).with_extension(copy.ending())
    }

    /// The number of bytes that have arrived. They are on disk when this returns.
    ///
    /// # Errors
    /// If the file cannot be read or synced.
    pub async fn length(&self, id: FileId) -> io::Result<u64> {
        match File::open(self.path(id)).await {
            Ok(file) => {
                file.sync_data().await?;
                Ok(file.metadata().await?.len())
            }
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(0),
            Err(error) => Err(error),
        }
    }

    /// Opens an upload for appending. The caller ensures that no other task appends.
    ///
    /// # Errors
    /// If the file cannot be created or opened.
    pub async fn append(&self, id: FileId) -> io::Result<Appending> {
        let (path, directory) = (self.path(id), self.directory.clone());
        let opening = blocking(move || {
            let is_new = !path.try_exists()?;
            let file = private(OpenOptions::new().append(true).create(true)).open(&path)?;
            if is_new {
                sync_directory(&directory)?;
            }
            let length = file.metadata()?.len();
            Ok((file, length))
        });
        let (file, length) = opening.await?;
        Ok(Appending::new(file, length))
    }

    /// Removes the bytes of an upload and their copies, if there are any.
    ///
    /// # Errors
    /// If they still exist.
    pub async fn remove(&self, id: FileId) -> io::Result<()> {
        let copies = UploadCopy::ALL.map(|copy| self.copy_path(id, copy));
        for path in copies.into_iter().chain([self.path(id)]) {
            match tokio::fs::remove_file(path).await {
                Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }

    /// All uploads with bytes or copies in this directory, in no order.
    ///
    /// # Errors
    /// If the directory cannot be read.
    pub async fn list(&self) -> io::Result<Vec<FileId>> {
        let directory = self.directory.clone();
        let listing = blocking(move || {
            let entries = match fs::read_dir(directory) {
                Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
                entries => entries?,
            };
            let names = entries.map(|entry| Ok(entry?.file_name()));
            let names: Vec<_> = names.collect::<io::Result<_>>()?;
            let ids = names.iter().filter_map(|name| name.to_str()?.split('.').next()?.parse().ok());
            Ok(ids.collect::<BTreeSet<FileId>>().into_iter().collect())
        });
        listing.await
    }
}

/// A temporary result that is made of an upload's bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UploadCopy {
    /// Without metadata.
    Clean,
    Preview,
}

impl UploadCopy {
    const ALL: [Self; 2] = [Self::Clean, Self::Preview];

    fn ending(self) -> &'static str {
        match self {
            Self::Clean => "clean",
            Self::Preview => "preview",
        }
    }
}

/// An upload to which bytes are appended.
#[derive(Debug)]
pub struct Appending {
    file: File,
    length: u64,
}

impl Appending {
    /// `file`: opened for appending, with this many bytes.
    pub(super) fn new(file: fs::File, length: u64) -> Self {
        Self { file: File::from_std(file), length }
    }

    /// Bytes so far.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// Appends a piece. It may still be on its way to the disk when this returns.
    ///
    /// # Errors
    /// If this piece or the one before cannot be written.
    pub async fn write(&mut self, piece: &[u8]) -> io::Result<()> {
        self.file.write_all(piece).await?;
        self.length += piece.len() as u64;
        Ok(())
    }

    /// Returns once all bytes are on disk.
    ///
    /// # Errors
    /// If they cannot be synced.
    pub async fn sync(mut self) -> io::Result<u64> {
        self.file.flush().await?;
        self.file.sync_data().await?;
        Ok(self.length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn bytes_are_appended_and_the_length_is_how_far_the_upload_is() {
        let files = tempfile::tempdir().unwrap();
        let (incoming, id) = (UploadDirectory::open(files.path()).unwrap(), FileId::new());
        assert_eq!(incoming.length(id).await.unwrap(), 0);
        for (piece, length) in [("가나", 6), ("다", 9)] {
            let mut upload = incoming.append(id).await.unwrap();
            upload.write(piece.as_bytes()).await.unwrap();
            assert_eq!(upload.sync().await.unwrap(), length);
            assert_eq!(incoming.length(id).await.unwrap(), length);
        }
        assert_eq!(fs::read_to_string(incoming.path(id)).unwrap(), "가나다");
        fs::write(incoming.directory().join("not an id"), "x").unwrap();
        fs::write(incoming.copy_path(id, UploadCopy::Clean), "x").unwrap();
        assert_eq!(incoming.list().await.unwrap(), [id]);
        incoming.remove(id).await.unwrap();
        incoming.remove(id).await.unwrap();
        assert!(incoming.list().await.unwrap().is_empty());
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn only_their_owner_reads_uploads() {
        use std::os::unix::fs::PermissionsExt;
        let data = tempfile::tempdir().unwrap();
        let files = data.path().join("files");
        let (incoming, id) = (UploadDirectory::open(&files).unwrap(), FileId::new());
        incoming.append(id).await.unwrap().sync().await.unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!([mode(&files), mode(incoming.directory()), mode(&incoming.path(id))], [0o700, 0o700, 0o600]);
    }
}
