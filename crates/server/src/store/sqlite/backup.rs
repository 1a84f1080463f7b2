//! Copies a database while a server runs on it.

use std::{
    fs::{self, File},
    io::ErrorKind,
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

use sqlx::{Connection, SqliteConnection, sqlite::SqliteJournalMode};
use tempfile::{TempDir, TempPath};

use crate::{
    model::{BlobHash, Durability, Fault},
    store::{
        sql::{db::Db, recorded_bytes},
        sqlite::{
            connection::{connect, options, read_options},
            fault, files,
        },
    },
};

/// The name of an unfinished copy.
const PART: &str = "copy.part";
/// How often the removal of a directory is tried, and the pause between two tries.
const REMOVALS: u32 = 100;
const REMOVAL_PAUSE: Duration = Duration::from_millis(10);
/// A client that saw later versions than the copy contains gets a snapshot after a restore.
const NEW_EPOCH: &str = "UPDATE meta SET value = randomblob(16) WHERE key = 'epoch'";
/// The copy does not contain the bytes of pending uploads and of blobs without refs.
const WITHOUT_BYTES: &str = "
    UPDATE used_bytes SET bytes = bytes - coalesce((SELECT sum(length) FROM uploads WHERE owner = used_bytes.owner), 0);
    UPDATE used_bytes_of_all SET bytes = bytes - coalesce((SELECT sum(length) FROM uploads), 0);
    DELETE FROM uploads;
    DELETE FROM blobs WHERE refs = 0;";

/// An unfinished copy of a database, in a temporary directory next to its final path. Dropping it removes the
/// directory, with every file that SQLite or the caller put there.
pub struct DatabaseCopy {
    file: PathBuf,
    work_folder: WorkFolder,
}

/// The temporary directory of an unfinished copy.
struct WorkFolder(TempDir);

impl Drop for WorkFolder {
    /// Removes the directory. A cancelled copy still runs on SQLite's thread, which may create a file in it meanwhile.
    fn drop(&mut self) {
        for _ in 0..REMOVALS {
            match fs::remove_dir_all(self.0.path()) {
                Err(error) if error.kind() == ErrorKind::DirectoryNotEmpty => thread::sleep(REMOVAL_PAUSE),
                _ => return,
            }
        }
    }
}

/// Copies the database into a new file, readable by its owner alone, without the bytes of files.
///
/// # Errors
/// If there is no database, `file` exists already, or it cannot be written.
pub async fn backup(directory: &Path, file: &Path) -> Result<(), Fault> {
    DatabaseCopy::of(directory, file).await?.keep()
}

impl DatabaseCopy {
    /// Copies the database of `directory`; [`DatabaseCopy::keep`] makes the copy `file`.
    ///
    /// # Errors
    /// If there is no database, `file` exists already, or its directory cannot be written.
    pub async fn of(directory: &Path, file: &Path) -> Result<Self, Fault> {
        let source = files::existing(directory)?;
        let folder = folder(file);
        if !folder.is_dir() {
            return Err(Fault::NoFolder(folder.to_owned()));
        }
        if file.symlink_metadata().is_ok() {
            return Err(Fault::Exists(file.to_owned()));
        }
        let work_folder =
            tempfile::Builder::new().prefix(".daehwa-").tempdir_in(folder).map_err(fault::file(folder))?;
        let copy = Self { file: file.to_owned(), work_folder: WorkFolder(work_folder) };
        let part = copy.part();
        drop(files::make_private(&part).map_err(fault::file(&part))?);
        vacuum(&source, &part).await.map_err(fault::database(file))?;
        Ok(copy)
    }

    /// The blobs with refs in the copy, and their sizes in bytes.
    ///
    /// # Errors
    /// If the copy cannot be read.
    pub async fn blobs(&self) -> Result<Vec<(BlobHash, u64)>, Fault> {
        let part = self.part();
        let read = async {
            let mut connection = connect(&read_options(&part)).await?;
            let has_files = has_files(&mut connection).await?;
            let mut db = Db::of_sqlite(connection);
            let blobs = if has_files { recorded_bytes::blobs(&mut db).await? } else { Vec::new() };
            db.close().await?;
            Ok(blobs)
        };
        read.await.map_err(fault::database(&part))
    }

    /// The directory of the unfinished copy, for further files of the backup.
    pub fn work_folder(&self) -> &Path {
        self.work_folder.0.path()
    }

    /// Syncs the copy, then renames it to its final path, unless a file is there by then.
    ///
    /// # Errors
    /// If syncing or renaming fails.
    pub fn keep(self) -> Result<(), Fault> {
        let (part, file) = (self.part(), &self.file);
        File::open(&part).and_then(|part| part.sync_all()).map_err(fault::file(file))?;
        let part = TempPath::try_from_path(part).map_err(fault::file(file))?;
        part.persist_noclobber(file).map_err(|error| match error.error.kind() {
            ErrorKind::AlreadyExists => Fault::Exists(file.to_owned()),
            _ => Fault::File { path: file.to_owned(), error: error.error },
        })?;
        files::sync_directory(folder(file)).map_err(fault::file(folder(file)))
    }

    fn part(&self) -> PathBuf {
        self.work_folder.0.path().join(PART)
    }
}

/// The directory of a file.
fn folder(file: &Path) -> &Path {
    file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Whether the database has a table of files: an older database can be copied before its migration.
async fn has_files(db: &mut SqliteConnection) -> sqlx::Result<bool> {
    sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = 'blobs')").fetch_one(db).await
}

async fn vacuum(source: &Path, part: &Path) -> sqlx::Result<()> {
    let name = part.to_str().ok_or_else(|| sqlx::Error::Configuration("the name of the file is not UTF-8".into()))?;
    let mut connection = connect(&read_options(source)).await?;
    sqlx::query("VACUUM INTO ?").bind(name).execute(&mut connection).await?;
    connection.close().await?;
    // Without a WAL: one file, which can be read on a read-only disk, too.
    let options = options(part, Durability::Full).journal_mode(SqliteJournalMode::Delete);
    let mut copy = connect(&options).await?;
    sqlx::query(NEW_EPOCH).execute(&mut copy).await?;
    if has_files(&mut copy).await? {
        sqlx::raw_sql(WITHOUT_BYTES).execute(&mut copy).await?;
    }
    copy.close().await
}
