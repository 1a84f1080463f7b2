//! Counters and clocks that each engine keeps in its own way.

use crate::store::{clock::now_ms, postgres, sql::db::Db, sqlite};

/// The next `active_at` of a room, in a write, UTC milliseconds: the time, or one more than the last value.
pub(crate) async fn next_active_at(db: &mut Db) -> sqlx::Result<i64> {
    match db {
        Db::Sqlite(_) => sqlite::versions::next_active_at(db).await,
        Db::Postgres(_, clock) => Ok(clock.time(now_ms())),
    }
}

/// Locks the accounts against inserts of other nodes until the end of the write.
pub(crate) async fn lock_accounts(db: &mut Db) -> sqlx::Result<()> {
    match db {
        // The one writer is the lock.
        Db::Sqlite(_) => Ok(()),
        Db::Postgres(..) => postgres::versions::lock_accounts(db).await,
    }
}

/// The version of the accounts. Every change of an account, in any process, advances it.
pub(crate) async fn accounts_version(db: &mut Db) -> sqlx::Result<i64> {
    match db {
        Db::Sqlite(_) => sqlite::versions::accounts_version(db).await,
        Db::Postgres(..) => postgres::versions::accounts_version(db).await,
    }
}
