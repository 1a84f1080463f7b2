//! Access to a store for commands that do not open it. A server may run on it meanwhile.

use crate::{
    model::{Account, Cause, Fault, Finding, KnownBytes, SharedFault, StorePlace},
    store::{
        error::StoreError,
        postgres,
        sql::{accounts, db::Db, known_bytes::known_bytes as read_known_bytes},
        sqlite,
    },
};

/// Every account of a store. Changes nothing there.
///
/// # Errors
/// [`Fault::NoDatabase`], or why the database cannot be read.
pub async fn accounts_in(place: &StorePlace) -> Result<Vec<Account>, Fault> {
    let mut db = open(place).await?;
    let accounts = accounts::all(&mut db).await.map_err(|error| fault(place, error.into()))?;
    let _ = db.close().await;
    Ok(accounts)
}

/// The blobs that a store names. Changes nothing there.
///
/// # Errors
/// As [`accounts_in`].
pub async fn known_bytes(place: &StorePlace) -> Result<KnownBytes, Fault> {
    let mut db = open(place).await?;
    let known = read_known_bytes(&mut db).await.map_err(|error| fault(place, error.into()))?;
    let _ = db.close().await;
    Ok(known)
}

/// Checks every invariant, and returns a finding for each.
///
/// # Errors
/// As [`accounts_in`].
pub async fn check(place: &StorePlace) -> Result<Vec<Finding>, Fault> {
    match &place.database {
        None => sqlite::check::check(&place.directory).await,
        Some(url) => postgres::check::check(url).await,
    }
}

/// Writes to the database, to find out why a command's write failed.
///
/// # Errors
/// Why this write failed.
pub async fn try_write(place: &StorePlace) -> Result<(), Fault> {
    match &place.database {
        None => sqlite::offline::try_write(&place.directory).await,
        Some(url) => postgres::offline::try_write(url).await,
    }
}

/// The fault of an error of this store.
pub fn fault(place: &StorePlace, error: StoreError) -> Fault {
    match (&place.database, error) {
        (None, StoreError::Database(error)) => sqlite::fault::database(&place.directory)(error),
        (None, StoreError::Refused(_)) => Fault::Database { path: place.directory.clone(), cause: Cause::Busy },
        (Some(url), StoreError::Database(error)) => postgres::fault::database(url)(error),
        (Some(url), StoreError::Refused(_)) => {
            Fault::Shared { place: url.place(), cause: SharedFault::Other("it does not take the write".to_owned()) }
        }
    }
}

async fn open(place: &StorePlace) -> Result<Db, Fault> {
    match &place.database {
        None => sqlite::offline::open(&place.directory).await,
        Some(url) => postgres::offline::open(url).await,
    }
}
