//! Maps errors of SQLite and the file system to a [`Fault`].

use std::{io, path::Path};

use crate::model::{DatabaseCause, Fault};

const BUSY: i32 = 5;
const LOCKED: i32 = 6;
const READ_ONLY: i32 = 8;
const CORRUPT: i32 = 11;
const FULL: i32 = 13;
const CANNOT_OPEN: i32 = 14;
const DENIED: i32 = 23;
const NOT_A_DATABASE: i32 = 26;

pub(crate) fn file(path: &Path) -> impl FnOnce(io::Error) -> Fault + '_ {
    |error| Fault::File { path: path.to_owned(), error }
}

pub(crate) fn database(path: &Path) -> impl Fn(sqlx::Error) -> Fault + '_ {
    |error| match code(&error) {
        Some(NOT_A_DATABASE) => Fault::Foreign(path.to_owned()),
        _ => Fault::Database { path: path.to_owned(), cause: cause(&error) },
    }
}

/// SQLite's primary result code (sqlite.org/rescode.html).
fn code(error: &sqlx::Error) -> Option<i32> {
    let extended: i32 = error.as_database_error()?.code()?.parse().ok()?;
    Some(extended & 0xFF)
}

fn cause(error: &sqlx::Error) -> DatabaseCause {
    match code(error) {
        Some(FULL) => DatabaseCause::Full,
        Some(BUSY | LOCKED) => DatabaseCause::Busy,
        Some(READ_ONLY) => DatabaseCause::ReadOnly,
        Some(CANNOT_OPEN | DENIED) => DatabaseCause::Denied,
        Some(CORRUPT | NOT_A_DATABASE) => DatabaseCause::Damaged,
        _ => DatabaseCause::Other(
            error.as_database_error().map_or_else(|| error.to_string(), |error| error.message().into()),
        ),
    }
}
