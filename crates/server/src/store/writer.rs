//! The handle to the one writer of this process: a queue of writes and posts in front of one connection. Each engine
//! has its own task behind it.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use futures::future::BoxFuture;
use tokio::sync::{mpsc, oneshot};

use crate::{
    model::{Changed, Committed, NodeSignal},
    store::{
        error::{StoreError, StoreResult},
        jobs::{Job, Posting, WriteFn, WriteReply, Written, replied},
        sql::db::Db,
    },
};
use protocol::{
    error::Refusal,
    ids::{RoomId, UserId},
    room_socket::Post,
};

/// Jobs in the queue, and batches not yet broadcast, at most: a bound on memory when the disk is slow.
pub(crate) const QUEUE: usize = 4096;
/// How often a write is tried that meets the writes of other nodes.
const ATTEMPTS: usize = 5;
/// PostgreSQL's codes: a serialization failure, a deadlock, and a row that another node inserted meanwhile, which the
/// next attempt sees.
const CONFLICTS: [&str; 3] = ["40001", "40P01", "23505"];

/// A handle to the writer; clones share it.
#[derive(Clone)]
pub(crate) struct Writer {
    jobs: mpsc::Sender<Job>,
    /// Refuses every write: the WAL must not grow.
    is_stopped: Arc<AtomicBool>,
    /// Whether a write may fail because another node wrote at the same time, and is then run again.
    is_shared: bool,
}

impl Writer {
    /// A handle to the task that receives these jobs. `is_shared`: other nodes write to the same database.
    pub(crate) fn new(jobs: mpsc::Sender<Job>, is_shared: bool) -> Self {
        Self { jobs, is_stopped: Arc::default(), is_shared }
    }

    /// Runs `write` in a transaction shared with others and returns after COMMIT. If it fails, its own statements are
    /// undone and those of the others remain.
    pub(crate) async fn run<T, F>(&self, write: F) -> StoreResult<T>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(&'c mut Db) -> BoxFuture<'c, Written<T>> + Clone + Send + 'static,
    {
        self.rerun_on_conflict(None, write).await
    }

    /// As [`Writer::run`], for a change of this room: no other node changes it meanwhile.
    pub(crate) async fn run_in<T, F>(&self, room: RoomId, write: F) -> StoreResult<T>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(&'c mut Db) -> BoxFuture<'c, Written<T>> + Clone + Send + 'static,
    {
        self.rerun_on_conflict(Some(room), write).await
    }

    async fn rerun_on_conflict<T, F>(&self, room: Option<RoomId>, write: F) -> StoreResult<T>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(&'c mut Db) -> BoxFuture<'c, Written<T>> + Clone + Send + 'static,
    {
        if self.is_shared {
            for _ in 1..ATTEMPTS {
                match self.once(room, write.clone()).await {
                    Err(StoreError::Database(error)) if is_conflict(&error) => {}
                    other => return other,
                }
            }
        }
        self.once(room, write).await
    }

    async fn once<T, F>(&self, room: Option<RoomId>, write: F) -> StoreResult<T>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(&'c mut Db) -> BoxFuture<'c, Written<T>> + Send + 'static,
    {
        let (sender, receiver) = oneshot::channel();
        let job: WriteFn = Box::new(move |db| Box::pin(async move { replied(write(db).await, sender) }));
        self.send(Job::Write(room, job)).await?;
        receiver.await.map_err(|_| Refusal::Unavailable)?
    }

    /// Inserts a post; see `Store::insert_message`.
    pub(crate) async fn post(&self, room: RoomId, author: UserId, message: Post) -> StoreResult<Changed> {
        let (sender, receiver) = oneshot::channel();
        let posting = Posting { room, author, message, sender };
        self.send(Job::Post(posting)).await?;
        receiver.await.map_err(|_| Refusal::Unavailable)?
    }

    /// Whether other nodes write to the same database.
    pub(crate) fn is_shared(&self) -> bool {
        self.is_shared
    }

    /// Sends a signal to the other nodes with the next transaction. Dropped when the queue is full.
    pub(crate) fn signal(&self, signal: NodeSignal) {
        let job: WriteFn = Box::new(move |_| {
            let reply: WriteReply = Box::new(drop);
            Box::pin(async move { (reply, Ok(((), Some(Committed::Signal(signal))))) })
        });
        let _ = self.jobs.try_send(Job::Write(None, job));
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

/// Whether the write met one of another node, and may succeed when it is run again.
pub(crate) fn is_conflict(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(|error| error.code());
    code.is_some_and(|code| CONFLICTS.contains(&&*code))
}

/// Sends a request to a task and waits until it is done, or until the task has ended.
pub(crate) async fn ask<T>(task: &mpsc::Sender<T>, request: impl FnOnce(oneshot::Sender<()>) -> T) {
    let (sender, done) = oneshot::channel();
    if task.send(request(sender)).await.is_ok() {
        let _ = done.await;
    }
}
