//! Maps errors of PostgreSQL to a [`Fault`].

use crate::{
    model::{DatabaseUrl, Fault, SharedFault},
    store::postgres::tls,
};

/// The fault of an error of this database.
pub(crate) fn database(url: &DatabaseUrl) -> impl Fn(sqlx::Error) -> Fault {
    let database = url.redacted();
    move |error| Fault::Shared { database: database.clone(), cause: cause(&error) }
}

/// PostgreSQL's codes (postgresql.org/docs/current/errcodes-appendix.html).
fn cause(error: &sqlx::Error) -> SharedFault {
    if let Some(cause) = tls::cause(error) {
        return cause;
    }
    let Some(error) = error.as_database_error() else {
        return match error {
            sqlx::Error::Io(error) => SharedFault::Unreachable(error.to_string()),
            sqlx::Error::PoolTimedOut => SharedFault::Unreachable("it does not answer".into()),
            error => SharedFault::Other(error.to_string()),
        };
    };
    match error.code().as_deref() {
        Some("28P01" | "28000") => SharedFault::Denied(error.message().to_owned()),
        Some("3D000") => SharedFault::NoDatabase,
        Some("42501") => SharedFault::Denied(error.message().to_owned()),
        Some("53300" | "57P03") => SharedFault::Unreachable(error.message().to_owned()),
        Some("53100") => SharedFault::Full,
        Some("25006") => SharedFault::ReadOnly,
        _ => SharedFault::Other(error.message().to_owned()),
    }
}

/// Whether the connection is lost: the server may or may not have done what it was asked.
pub(crate) fn is_lost(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Database(error) => {
            error.code().is_some_and(|code| code.starts_with("08") || code.starts_with("57P") || code == "25P03")
        }
        sqlx::Error::Io(_) | sqlx::Error::Protocol(_) | sqlx::Error::Tls(_) | sqlx::Error::WorkerCrashed => true,
        _ => false,
    }
}
