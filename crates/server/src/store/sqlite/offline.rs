//! Access to a database for commands that do not open a store.

use std::path::Path;

use sqlx::Connection;

use crate::{
    model::{Account, Durability, Fault},
    store::{
        sql::accounts,
        sqlite::{
            connection::{connect, options, reader_options},
            fault, files, health, migrations,
        },
    },
};

/// Every account of a data directory. Changes nothing there.
///
/// # Errors
/// [`Fault::NoDatabase`], or why the database cannot be read.
pub async fn accounts_in(directory: &Path) -> Result<Vec<Account>, Fault> {
    let file = files::existing(directory)?;
    let failed = fault::database(&file);
    let mut connection = connect(&reader_options(&file)).await.map_err(&failed)?;
    migrations::check_current(&mut connection, &file).await?;
    let accounts = accounts::all(&mut connection).await.map_err(&failed)?;
    connection.close().await.map_err(&failed)?;
    Ok(accounts)
}

/// Writes to the database of `directory`, to learn why a command's write failed.
///
/// # Errors
/// Why this write failed.
pub async fn try_write(directory: &Path) -> Result<(), Fault> {
    let file = files::existing(directory)?;
    let written = async {
        let mut connection = connect(&options(&file, Durability::Full)).await?;
        health::write(&mut connection).await?;
        connection.close().await
    };
    written.await.map_err(fault::database(&file))
}
