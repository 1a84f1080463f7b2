//! The one writer: a queue of writes and posts in front of one connection. All jobs that arrive during an fsync become
//! the next transaction (group commit). Posts that are neighbours in the queue are inserted in one call.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use futures::future::BoxFuture;
use sqlx::{Connection, Executor, SqliteConnection};
use tokio::sync::{mpsc, oneshot};

use crate::{
    model::{Changed, Committed},
    store::{
        error::StoreResult,
        sql::db::Db,
        sqlite::{
            connection::PASSIVE_CHECKPOINT,
            posts::is_plain,
            transaction::{Posting, WriteFn, WriteOp, Written, alone, commit, replied},
        },
    },
    supervisor::Supervisor,
};
use protocol::{
    error::Refusal,
    ids::{RoomId, UserId},
    room_socket::Post,
};

/// Writes in one transaction, at most: a bound on the latency of the first one.
const BATCH: usize = 512;
/// Writes in the queue, and batches not yet broadcast, at most: a bound on memory when the disk is slow.
const QUEUE: usize = 4096;
/// Posts in one call, at most.
const MAX_POSTS_PER_STATEMENT: usize = 256;
/// Each number of posts has its own prepared statement up to this number; above it only powers of two have one, so that
/// there are few.
const MAX_POSTS_WITH_OWN_STATEMENT: usize = 32;
/// Prepared statements that the writer's connection keeps: two for each of those numbers, and all others.
pub(crate) const STATEMENTS: usize = 192;

enum Job {
    Write(WriteFn),
    Post(Posting),
    Checkpoint(oneshot::Sender<()>),
    Close(oneshot::Sender<()>),
}

#[derive(Clone)]
pub(crate) struct Writer {
    jobs: mpsc::Sender<Job>,
    /// Refuses every write: the WAL must not grow.
    is_stopped: Arc<AtomicBool>,
}

/// Starts the writer's task. The receiver yields changes in commit order.
pub(crate) fn start(connection: SqliteConnection, supervisor: &Supervisor) -> (Writer, mpsc::Receiver<Vec<Committed>>) {
    let (jobs, inbox) = mpsc::channel(QUEUE);
    let (sender, committed) = mpsc::channel(QUEUE);
    supervisor.spawn_draining("writer", run(connection, inbox, sender));
    (Writer { jobs, is_stopped: Arc::default() }, committed)
}

impl Writer {
    /// Runs `write` in a transaction shared with others and returns after COMMIT. If it fails, its own statements are
    /// undone and those of the others remain.
    pub(crate) async fn run<T, F>(&self, write: F) -> StoreResult<T>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(&'c mut Db) -> BoxFuture<'c, Written<T>> + Send + 'static,
    {
        let (sender, receiver) = oneshot::channel();
        let job: WriteFn = Box::new(move |db| Box::pin(async move { replied(write(db).await, sender) }));
        self.send(Job::Write(job)).await?;
        receiver.await.map_err(|_| Refusal::Unavailable)?
    }

    /// Inserts a post; see `Store::insert_message`.
    pub(crate) async fn post(&self, room: RoomId, author: UserId, message: Post) -> StoreResult<Changed> {
        let (sender, receiver) = oneshot::channel();
        let posting = Posting { room, author, message, sender };
        self.send(Job::Post(posting)).await?;
        receiver.await.map_err(|_| Refusal::Unavailable)?
    }

    async fn send(&self, job: Job) -> StoreResult<()> {
        if self.is_stopped.load(Ordering::Relaxed) {
            return Err(Refusal::Unavailable.into());
        }
        Ok(self.jobs.send(job).await.map_err(|_| Refusal::Unavailable)?)
    }

    /// Refuses writes until [`Writer::resume`]: the WAL must not grow.
    pub(crate) fn stop(&self) {
        if !self.is_stopped.swap(true, Ordering::Relaxed) {
            tracing::error!(
                "writes are refused until the program that keeps the write-ahead log growing ends its read"
            );
        }
    }

    pub(crate) fn resume(&self) {
        if self.is_stopped.swap(false, Ordering::Relaxed) {
            tracing::info!("the write-ahead log can be checkpointed again; writes are accepted");
        }
    }

    /// Checkpoints the rest of the WAL between two transactions.
    pub(crate) async fn checkpoint(&self) {
        ask(&self.jobs, Job::Checkpoint).await;
    }

    pub(crate) async fn close(&self) {
        ask(&self.jobs, Job::Close).await;
    }
}

/// Sends a request to a task and waits until it is done, or until the task has ended.
pub(crate) async fn ask<T>(task: &mpsc::Sender<T>, request: impl FnOnce(oneshot::Sender<()>) -> T) {
    let (sender, done) = oneshot::channel();
    if task.send(request(sender)).await.is_ok() {
        let _ = done.await;
    }
}

async fn run(
    mut connection: SqliteConnection,
    mut inbox: mpsc::Receiver<Job>,
    committed: mpsc::Sender<Vec<Committed>>,
) {
    let mut jobs = Vec::new();
    while inbox.recv_many(&mut jobs, BATCH).await > 0 {
        let Gathered { writes, checkpoint, close } = gather(&mut jobs);
        if !writes.is_empty() {
            commit(&mut connection, writes, &committed).await;
        }
        if let Some(done) = checkpoint {
            let _ = connection.execute(PASSIVE_CHECKPOINT).await;
            let _ = done.send(());
        }
        if let Some(closed) = close {
            let _ = connection.close().await;
            let _ = closed.send(());
            return;
        }
    }
}

/// The work of one turn of the writer, in this order.
#[derive(Default)]
struct Gathered {
    writes: Vec<WriteOp>,
    checkpoint: Option<oneshot::Sender<()>>,
    close: Option<oneshot::Sender<()>>,
}

fn gather(jobs: &mut Vec<Job>) -> Gathered {
    let (mut gathered, mut posts) = (Gathered::default(), Vec::new());
    for job in jobs.drain(..) {
        let write = match job {
            // A reply's quote is checked before the insert; mentions and files are inserted after it.
            Job::Post(posting) if !is_plain(&posting.message) => alone(posting),
            Job::Post(posting) => {
                posts.push(posting);
                continue;
            }
            Job::Write(write) => write,
            Job::Checkpoint(done) => {
                gathered.checkpoint = Some(done);
                continue;
            }
            Job::Close(closed) => {
                gathered.close = Some(closed);
                continue;
            }
        };
        push_posts(std::mem::take(&mut posts), &mut gathered.writes);
        gathered.writes.push(WriteOp::Write(write));
    }
    push_posts(posts, &mut gathered.writes);
    gathered
}

fn push_posts(mut posts: Vec<Posting>, writes: &mut Vec<WriteOp>) {
    while !posts.is_empty() {
        let count = if posts.len() <= MAX_POSTS_WITH_OWN_STATEMENT {
            posts.len()
        } else {
            (1 << posts.len().ilog2()).min(MAX_POSTS_PER_STATEMENT)
        };
        let rest = posts.split_off(count);
        writes.push(WriteOp::Posts(std::mem::replace(&mut posts, rest)));
    }
}
