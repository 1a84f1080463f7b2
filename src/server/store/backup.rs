//! Copies the data while a server runs on it.

use std::{io, path::Path};

use sqlx::Connection;

use crate::server::store::{Durability, FILE, connect, options};

/// Writes everything into a new file. The copy begins another history: a window that saw more than the
/// copy holds starts over when the copy is restored, instead of believing that it is up to date.
///
/// # Errors
/// When there is nothing to copy, `file` exists already, or it cannot be written.
pub async fn backup(directory: &Path, file: &Path) -> io::Result<()> {
    let source = directory.join(FILE);
    if !source.is_file() {
        return Err(io::Error::new(io::ErrorKind::NotFound, format!("there is no {FILE} in {}", directory.display())));
    }
    if file.exists() {
        return Err(io::Error::new(io::ErrorKind::AlreadyExists, format!("{} is there already", file.display())));
    }
    let name = file.to_str().ok_or_else(|| io::Error::other("the file's name is not UTF-8"))?.to_owned();
    let copied = async {
        let mut connection = connect(&options(&source, Durability::Full).create_if_missing(false)).await?;
        sqlx::query("VACUUM INTO ?").bind(name).execute(&mut connection).await?;
        connection.close().await?;
        let mut copy = connect(&options(file, Durability::Full).create_if_missing(false)).await?;
        sqlx::query("UPDATE meta SET value = randomblob(16) WHERE key = 'epoch'").execute(&mut copy).await?;
        // Closed as the last one, it leaves no second file beside it.
        copy.close().await
    };
    copied.await.map_err(io::Error::other)
}
