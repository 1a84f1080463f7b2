//! The pool of connections for reads.

use std::sync::Arc;

use sqlx::{PgPool, SqlitePool};

use crate::store::{
    postgres::connection::answered,
    sql::{
        db::{Db, HeldConnection},
        node_clock::NodeClock,
    },
};

/// A PostgreSQL transaction sees one snapshot only if it asks for that.
const SNAPSHOT: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

/// A pool of connections for reads; clones share it.
#[derive(Clone)]
pub(crate) enum ReadPool {
    Sqlite(SqlitePool),
    Postgres(PgPool, Arc<NodeClock>),
}

impl ReadPool {
    /// A connection, for one statement.
    pub(crate) async fn acquire(&self) -> sqlx::Result<Db> {
        match self {
            Self::Sqlite(pool) => Ok(Db::Sqlite(HeldConnection::Pooled(pool.acquire().await?))),
            Self::Postgres(pool, clock) => {
                Ok(Db::Postgres(HeldConnection::Pooled(pool.acquire().await?), clock.clone()))
            }
        }
    }

    /// A snapshot, for several statements.
    pub(crate) async fn begin(&self) -> sqlx::Result<Db> {
        match self {
            Self::Sqlite(pool) => Ok(Db::Sqlite(HeldConnection::Snapshot(pool.begin().await?))),
            Self::Postgres(pool, clock) => {
                let transaction = answered(pool.begin_with(SNAPSHOT)).await?;
                Ok(Db::Postgres(HeldConnection::Snapshot(transaction), clock.clone()))
            }
        }
    }

    pub(crate) async fn close(&self) {
        match self {
            Self::Sqlite(pool) => pool.close().await,
            Self::Postgres(pool, _) => pool.close().await,
        }
    }
}
