//! Connections to the engine that holds the store.

use std::{io::ErrorKind, sync::Arc};

use sqlx::{Connection, Database, PgConnection, Postgres, Sqlite, SqliteConnection, Transaction, pool::PoolConnection};

use crate::store::sql::node_clock::NodeClock;

/// A connection; every statement runs inside its caller's transaction.
pub(crate) enum Db {
    Sqlite(HeldConnection<Sqlite>),
    Postgres(HeldConnection<Postgres>, Arc<NodeClock>),
}

/// How a connection is held.
pub(crate) enum HeldConnection<D: Database> {
    Own(D::Connection),
    Pooled(PoolConnection<D>),
    /// A transaction that only reads. Dropping it ends it.
    Snapshot(Transaction<'static, D>),
}

impl<D: Database> HeldConnection<D> {
    pub(crate) fn connection(&mut self) -> &mut D::Connection {
        match self {
            Self::Own(connection) => connection,
            Self::Pooled(connection) => connection,
            Self::Snapshot(transaction) => transaction,
        }
    }
}

impl HeldConnection<Postgres> {
    /// Whether a pool has the connection. The owner of an unpooled connection sets its own time limits.
    pub(crate) fn is_pooled(&self) -> bool {
        !matches!(self, Self::Own(_))
    }

    /// Closes the connection when it is dropped. A pool would first wait until it answers.
    pub(crate) fn give_up(&mut self) {
        if let Self::Pooled(connection) = self {
            connection.close_on_drop();
        }
    }

    /// What the server answered. A connection that did not answer in time is given up.
    pub(crate) fn checked<T>(&mut self, answer: sqlx::Result<T>) -> sqlx::Result<T> {
        if matches!(&answer, Err(sqlx::Error::Io(error)) if error.kind() == ErrorKind::TimedOut) {
            self.give_up();
        }
        answer
    }
}

impl Db {
    pub(crate) fn of_sqlite(connection: SqliteConnection) -> Self {
        Self::Sqlite(HeldConnection::Own(connection))
    }

    /// The connection to SQLite, for statements that only SQLite has.
    ///
    /// # Errors
    /// If it is a connection to another engine.
    pub(crate) fn sqlite(&mut self) -> sqlx::Result<&mut SqliteConnection> {
        match self {
            Self::Sqlite(link) => Ok(link.connection()),
            Self::Postgres(..) => Err(wrong_engine()),
        }
    }

    /// The connection to PostgreSQL, for statements that only PostgreSQL has.
    ///
    /// # Errors
    /// If it is a connection to another engine.
    pub(crate) fn postgres(&mut self) -> sqlx::Result<&mut PgConnection> {
        match self {
            Self::Sqlite(_) => Err(wrong_engine()),
            Self::Postgres(link, _) => Ok(link.connection()),
        }
    }

    /// As [`HeldConnection::give_up`]; SQLite always answers.
    pub(crate) fn give_up(&mut self) {
        if let Self::Postgres(link, _) = self {
            link.give_up();
        }
    }

    /// As [`HeldConnection::checked`].
    pub(crate) fn checked<T>(&mut self, answer: sqlx::Result<T>) -> sqlx::Result<T> {
        match self {
            Self::Sqlite(_) => answer,
            Self::Postgres(link, _) => link.checked(answer),
        }
    }

    pub(crate) async fn close(self) -> sqlx::Result<()> {
        match self {
            Self::Sqlite(HeldConnection::Own(connection)) => connection.close().await,
            Self::Postgres(HeldConnection::Own(connection), _) => connection.close().await,
            // The pool closes it.
            Self::Sqlite(_) | Self::Postgres(..) => Ok(()),
        }
    }
}

fn wrong_engine() -> sqlx::Error {
    sqlx::Error::Configuration("this statement belongs to another engine".into())
}

/// The columns are signed; no counter reaches their maximum.
pub(crate) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// A number that the program wrote from 32 bits.
pub(crate) fn unsigned(number: i64) -> Option<u32> {
    u32::try_from(number).ok()
}
