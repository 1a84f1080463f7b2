//! Access to a store for commands that do not open it. A server may run on it meanwhile.

use crate::{
    model::{Account, DatabaseCause, Fault, Finding, RecordedBytes, SharedFault, StoreLocation},
    store::{
        error::StoreError,
        postgres,
        sql::{accounts, db::Db, recorded_bytes::recorded_bytes as read_recorded_bytes},
        sqlite,
    },
};

/// Every account of a store. Changes nothing there.
///
/// # Errors
/// [`Fault::NoDatabase`], or why the database cannot be read.
pub async fn accounts_in(location: &StoreLocation) -> Result<Vec<Account>, Fault> {
    let mut db = open(location).await?;
    let accounts = accounts::all(&mut db).await.map_err(|error| fault(location, error.into()))?;
    let _ = db.close().await;
    Ok(accounts)
}

/// The blobs that a store names. Changes nothing there.
///
/// # Errors
/// As [`accounts_in`].
pub async fn recorded_bytes(location: &StoreLocation) -> Result<RecordedBytes, Fault> {
    let mut db = open(location).await?;
    let known = read_recorded_bytes(&mut db).await.map_err(|error| fault(location, error.into()))?;
    let _ = db.close().await;
    Ok(known)
}

/// Checks every invariant, and returns a finding for each.
///
/// # Errors
/// As [`accounts_in`].
pub async fn check(location: &StoreLocation) -> Result<Vec<Finding>, Fault> {
    match &location.database {
        None => sqlite::check::check(&location.directory).await,
        Some(url) => postgres::check::check(url).await,
    }
}

/// Writes to the database, to find out why a command's write failed.
///
/// # Errors
/// Why this write failed.
pub async fn try_write(location: &StoreLocation) -> Result<(), Fault> {
    match &location.database {
        None => sqlite::offline::try_write(&location.directory).await,
        Some(url) => postgres::offline::try_write(url).await,
    }
}

/// The fault of an error of this store.
pub fn fault(location: &StoreLocation, error: StoreError) -> Fault {
    match (&location.database, error) {
        (None, StoreError::Database(error)) => sqlite::fault::database(&location.directory)(error),
        (None, StoreError::Refused(_)) => {
            Fault::Database { path: location.directory.clone(), cause: DatabaseCause::Busy }
        }
        (Some(url), StoreError::Database(error)) => postgres::fault::database(url)(error),
        (Some(url), StoreError::Refused(_)) => Fault::Shared {
            database: url.redacted(),
            cause: SharedFault::Other("it does not take the write".to_owned()),
        },
    }
}

async fn open(location: &StoreLocation) -> Result<Db, Fault> {
    match &location.database {
        None => sqlite::offline::open(&location.directory).await,
        Some(url) => postgres::offline::open(url).await,
    }
}
