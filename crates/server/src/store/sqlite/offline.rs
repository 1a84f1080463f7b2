//! Access to a database for commands that do not open a store.

use std::path::Path;

use crate::{
    model::{Durability, Fault},
    store::{
        sql::db::Db,
        sqlite::{
            connection::{connect, options, read_options},
            fault, files, health, migrations,
        },
    },
};

/// The database of a directory, for a command that only reads.
///
/// # Errors
/// [`Fault::NoDatabase`], or why the database cannot be read.
pub(crate) async fn open(directory: &Path) -> Result<Db, Fault> {
    let file = files::existing(directory)?;
    let mut connection = connect(&read_options(&file)).await.map_err(fault::database(&file))?;
    migrations::check_current(&mut connection, &file).await?;
    Ok(Db::of_sqlite(connection))
}

/// Writes to the database of `directory`, to find out why a command's write failed.
///
/// # Errors
/// Why this write failed.
pub(crate) async fn try_write(directory: &Path) -> Result<(), Fault> {
    let file = files::existing(directory)?;
    let written = async {
        let mut db = Db::of_sqlite(connect(&options(&file, Durability::Full)).await?);
        health::write(&mut db).await?;
        db.close().await
    };
    written.await.map_err(fault::database(&file))
}
