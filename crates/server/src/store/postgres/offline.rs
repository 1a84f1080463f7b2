//! Access to a database for commands that do not open a store.

use std::sync::Arc;

use crate::{
    model::{DatabaseUrl, Fault},
    store::{
        postgres::{
            connection::{Purpose, connect, options},
            fault, health, migrations,
        },
        sql::{
            db::{Db, HeldConnection},
            node_clock::NodeClock,
        },
    },
};

/// The database, for a command that only reads.
///
/// # Errors
/// If it cannot be reached, or is not a database of Daehwa.
pub(crate) async fn open(url: &DatabaseUrl) -> Result<Db, Fault> {
    let mut connection = connect(&options(url, Purpose::Whole)?).await.map_err(fault::database(url))?;
    migrations::check_current(&mut connection, url).await?;
    Ok(Db::Postgres(HeldConnection::Own(connection), Arc::new(NodeClock::new(0, 0))))
}

/// Writes to the database, to find out why a command's write failed.
///
/// # Errors
/// Why this write failed.
pub(crate) async fn try_write(url: &DatabaseUrl) -> Result<(), Fault> {
    let mut db = open(url).await?;
    let written = async {
        health::write(&mut db).await?;
        db.close().await
    };
    written.await.map_err(fault::database(url))
}
