//! Copies the data while a server runs on it.

use std::{fs::File, io::ErrorKind, path::Path};

use sqlx::{Connection, sqlite::SqliteJournalMode};
use tempfile::TempPath;

use crate::server::store::{Durability, Fault, connect, files, looking, options};

/// The copy while it is not whole.
const PART: &str = "copy.part";

/// Writes everything into a new file, for its owner alone. The copy begins another history: a window that saw more
/// than the copy holds starts over when the copy is restored, instead of believing that it is up to date. It is
/// written beside `file` in a directory of its own, and gets its own when it is whole and on disk.
///
/// # Errors
/// When there is nothing to copy, `file` exists already, or it cannot be written.
pub async fn backup(directory: &Path, file: &Path) -> Result<(), Fault> {
    let source = files::existing(directory)?;
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if !folder.is_dir() {
        return Err(Fault::NoFolder(folder.to_owned()));
    }
    if file.symlink_metadata().is_ok() {
        return Err(Fault::Exists(file.to_owned()));
    }
    // With all that SQLite puts beside it, it is removed when it is not finished.
    let aside = tempfile::Builder::new().prefix(".daehwa-").tempdir_in(folder).map_err(Fault::file(folder))?;
    let part = aside.path().join(PART);
    drop(files::make_private(&part).map_err(Fault::file(&part))?);
    copy(&source, &part).await.map_err(Fault::database(file))?;
    keep(&part, folder, file)
}

async fn copy(source: &Path, part: &Path) -> sqlx::Result<()> {
    let name = part.to_str().ok_or_else(|| sqlx::Error::Configuration("the file's name is not UTF-8".into()))?;
    let mut connection = connect(&looking(source)).await?;
    sqlx::query("VACUUM INTO ?").bind(name).execute(&mut connection).await?;
    connection.close().await?;
    // Without a log beside it: one file, which can be read where nothing can be written.
    let options = options(part, Durability::Full).journal_mode(SqliteJournalMode::Delete);
    let mut copy = connect(&options).await?;
    sqlx::query("UPDATE meta SET value = randomblob(16) WHERE key = 'epoch'").execute(&mut copy).await?;
    copy.close().await
}

/// On disk first, then under its name, which must not be another file's by then.
fn keep(part: &Path, folder: &Path, file: &Path) -> Result<(), Fault> {
    File::open(part).and_then(|part| part.sync_all()).map_err(Fault::file(file))?;
    let part = TempPath::try_from_path(part).map_err(Fault::file(file))?;
    part.persist_noclobber(file).map_err(|error| match error.error.kind() {
        ErrorKind::AlreadyExists => Fault::Exists(file.to_owned()),
        _ => Fault::File { path: file.to_owned(), error: error.error },
    })?;
    files::sync_directory(folder).map_err(Fault::file(folder))
}
