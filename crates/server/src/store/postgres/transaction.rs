//! One transaction of the writer: several writes share a COMMIT, and so a flush (group commit). Each write has a
//! savepoint, so it can fail alone.

use data_encoding::HEXLOWER;
use sqlx::{AssertSqlSafe, Executor};
use uuid::Uuid;

use crate::{
    model::{Changed, Committed, FeedRow},
    store::{
        jobs::{Posting, WriteFn, WriteReply, as_single_write},
        postgres::{
            feed,
            posts::{FeedPosition, insert_together},
        },
        sql::db::Db,
    },
};
use protocol::{ids::RoomId, message::Message};

/// Locks rooms until the end of the transaction, in the order of their ids, so that no two transactions wait for each
/// other.
const LOCK_ROOMS: &str = "SELECT 1 FROM rooms WHERE id = ANY ($1) ORDER BY id FOR UPDATE";

/// One unit between two savepoints.
pub(crate) enum Unit {
    Write(Option<RoomId>, WriteFn),
    /// Plain posts.
    Posts(Vec<Posting>),
}

impl Unit {
    fn rooms(&self) -> Vec<RoomId> {
        match self {
            Self::Write(room, _) => room.iter().copied().collect(),
            Self::Posts(posts) => posts.iter().map(|post| post.room).collect(),
        }
    }
}

/// What a transaction did, before it is known whether it was committed.
#[derive(Default)]
pub(crate) struct TransactionWrites {
    pub(crate) changes: Vec<Committed>,
    pub(crate) replies: Vec<WriteReply>,
}

/// The rooms of these units, each once, in the order of their ids.
pub(crate) fn rooms_of(units: &[Unit]) -> Vec<Uuid> {
    let mut rooms: Vec<Uuid> = units.iter().flat_map(Unit::rooms).map(RoomId::uuid).collect();
    rooms.sort_unstable();
    rooms.dedup();
    rooms
}

/// Begins a transaction and locks these rooms.
pub(crate) async fn begin(db: &mut Db, rooms: Vec<Uuid>) -> sqlx::Result<()> {
    db.postgres()?.execute("BEGIN").await?;
    if rooms.is_empty() {
        return Ok(());
    }
    sqlx::query(LOCK_ROOMS).bind(rooms).execute(db.postgres()?).await.map(drop)
}

/// Runs these units in the transaction.
pub(crate) async fn run(db: &mut Db, units: Vec<Unit>) -> sqlx::Result<TransactionWrites> {
    let mut writes = TransactionWrites::default();
    for unit in units {
        match unit {
            Unit::Write(_, write) => writes.write(&mut *db, write).await?,
            Unit::Posts(posts) => writes.posts(&mut *db, posts).await?,
        }
    }
    Ok(writes)
}

/// Commits the transaction together with its row of the feed, in one call: an aborted transaction fails at the row, and
/// is not taken for a committed one.
pub(crate) async fn commit(db: &mut Db, (writer, position): FeedPosition, changes: &[Committed]) -> sqlx::Result<()> {
    let row = HEXLOWER.encode(&feed::encoded(&FeedRow::of(changes)));
    let sql = format!("INSERT INTO feed (writer, seq, changes) VALUES ('{writer}', {position}, '\\x{row}'); COMMIT");
    // A UUID, a number, hexadecimal digits.
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(db.postgres()?).await.map(drop)
}

impl TransactionWrites {
    async fn write(&mut self, db: &mut Db, write: WriteFn) -> sqlx::Result<()> {
        db.postgres()?.execute("SAVEPOINT work").await?;
        let (reply, written) = write(&mut *db).await;
        self.replies.push(reply);
        let sql = match written {
            Ok(((), change)) => {
                self.changes.extend(change);
                "RELEASE work"
            }
            Err(_) => "ROLLBACK TO work; RELEASE work",
        };
        sqlx::raw_sql(sql).execute(db.postgres()?).await.map(drop)
    }

    /// Inserts posts together. If that fails, it inserts each alone, so that each gets its own refusal.
    async fn posts(&mut self, db: &mut Db, posts: Vec<Posting>) -> sqlx::Result<()> {
        let Db::Postgres(link, clock) = &mut *db else { return Ok(()) };
        link.connection().execute("SAVEPOINT work").await?;
        let together: Vec<_> = posts.iter().map(|post| (post.room, post.author, &post.message)).collect();
        let (inserted, sql) = match insert_together(link.connection(), clock, None, &together).await {
            Ok(inserted) => (inserted, "RELEASE work"),
            Err(error) => {
                tracing::warn!(%error, "posts could not be inserted together; each is inserted alone");
                (Vec::new(), "ROLLBACK TO work; RELEASE work")
            }
        };
        sqlx::raw_sql(sql).execute(link.connection()).await?;
        for posting in self.inserted(posts, inserted) {
            self.write(&mut *db, as_single_write(posting)).await?;
        }
        Ok(())
    }

    /// Takes the posts that were inserted; returns the others.
    pub(crate) fn inserted(&mut self, posts: Vec<Posting>, inserted: Vec<Option<Message>>) -> Vec<Posting> {
        let (mut inserted, mut others) = (inserted.into_iter(), Vec::new());
        for posting in posts {
            let Some(message) = inserted.next().flatten() else {
                others.push(posting);
                continue;
            };
            let Posting { room, sender, .. } = posting;
            self.changes.push(Committed::Message { room, message });
            self.replies.push(Box::new(move |saved| drop(sender.send(saved.map(|()| Changed::Now)))));
        }
        others
    }
}
