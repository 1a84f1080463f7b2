//! One transaction of the writer: several writes share a COMMIT, and so an fsync (group commit). Each write has a
//! savepoint, so it can fail alone.

use sqlx::Executor;
use tokio::sync::mpsc;

use crate::{
    model::{Changed, Committed},
    store::{
        error::StoreError,
        jobs::{Posting, WriteFn, WriteReply, as_single_write},
        sql::db::Db,
        sqlite::posts::insert_together,
    },
};
use protocol::{error::Refusal, message::Message};

/// One unit between two savepoints.
pub(crate) enum WriteOp {
    Write(WriteFn),
    Posts(Vec<Posting>),
}

/// Runs one transaction. It commits, then broadcasts, then replies: a reply never overtakes its own event.
pub(crate) async fn commit(db: &mut Db, writes: Vec<WriteOp>, committed: &mpsc::Sender<Vec<Committed>>) {
    let mut transaction = Transaction { db, is_begun: false, replies: Vec::new(), changes: Vec::new() };
    let outcome = transaction.run(writes).await;
    let Transaction { db, replies, changes, .. } = transaction;
    let is_saved = match outcome {
        Ok(()) => {
            if !changes.is_empty() {
                let _ = committed.send(changes).await;
            }
            true
        }
        Err(error) => {
            tracing::error!(%error, waiting = replies.len(), "a transaction failed; none of its writes was acknowledged");
            if let Ok(connection) = db.sqlite() {
                let _ = connection.execute("ROLLBACK").await;
            }
            false
        }
    };
    for reply in replies {
        reply(if is_saved { Ok(()) } else { Err(StoreError::Refused(Refusal::Unavailable)) });
    }
}

struct Transaction<'c> {
    db: &'c mut Db,
    is_begun: bool,
    replies: Vec<WriteReply>,
    changes: Vec<Committed>,
}

impl Transaction<'_> {
    async fn run(&mut self, writes: Vec<WriteOp>) -> sqlx::Result<()> {
        for write in writes {
            match write {
                WriteOp::Write(write) => self.write(write).await?,
                WriteOp::Posts(posts) => self.posts(posts).await?,
            }
        }
        self.execute("RELEASE work; COMMIT").await
    }

    /// Several statements in one call: each call is a round trip to SQLite's thread.
    async fn execute(&mut self, sql: &'static str) -> sqlx::Result<()> {
        sqlx::query(sql).execute(self.db.sqlite()?).await.map(drop)
    }

    /// The statements that begin a savepoint, so that the next write can be undone alone.
    fn savepoint(&mut self) -> &'static str {
        let is_begun = std::mem::replace(&mut self.is_begun, true);
        if is_begun { "RELEASE work; SAVEPOINT work; " } else { "BEGIN IMMEDIATE; SAVEPOINT work; " }
    }

    async fn write(&mut self, write: WriteFn) -> sqlx::Result<()> {
        let savepoint = self.savepoint();
        self.execute(savepoint).await?;
        let (reply, written) = write(self.db).await;
        self.replies.push(reply);
        match written {
            Ok(((), change)) => self.changes.extend(change),
            Err(_) => self.execute("ROLLBACK TO work").await?,
        }
        Ok(())
    }

    /// Inserts posts together. If that fails, it inserts each alone, so that each gets its own refusal.
    async fn posts(&mut self, posts: Vec<Posting>) -> sqlx::Result<()> {
        let savepoint = self.savepoint();
        let together: Vec<_> = posts.iter().map(|post| (post.room, post.author, &post.message)).collect();
        let inserted = match insert_together(self.db.sqlite()?, savepoint, &together).await {
            Ok(inserted) => inserted,
            Err(error) => {
                tracing::warn!(%error, "posts could not be inserted together; each is inserted alone");
                self.execute("ROLLBACK TO work").await?;
                Vec::new()
            }
        };
        let mut inserted = inserted.into_iter();
        for posting in posts {
            match inserted.next().flatten() {
                Some(message) => self.inserted(posting, message),
                None => self.write(as_single_write(posting)).await?,
            }
        }
        Ok(())
    }

    fn inserted(&mut self, Posting { room, sender, .. }: Posting, message: Message) {
        self.changes.push(Committed::Message { room, message });
        self.replies.push(Box::new(move |saved| drop(sender.send(saved.map(|()| Changed::Now)))));
    }
}
