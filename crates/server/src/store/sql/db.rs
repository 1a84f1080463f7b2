//! The engine that the statements of this module run on.

/// A connection; every statement runs inside its caller's transaction.
pub(crate) type Db = sqlx::SqliteConnection;

/// The columns are signed; no counter reaches their maximum.
pub(crate) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
