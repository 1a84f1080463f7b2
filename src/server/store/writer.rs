//! The one writer. Whatever arrived during the last fsync becomes the next transaction (group
//! commit); everybody is answered after COMMIT, and commits leave in their order. Messages that
//! wait beside each other are stored in one call.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use futures::future::BoxFuture;
use sqlx::{Connection, Executor, SqliteConnection};
use tokio::sync::{mpsc, oneshot};

use crate::{
    protocol::{
        error::Refusal,
        ids::{MessageId, RoomId, UserId},
        message::Message,
    },
    server::store::{
        Error, Result,
        changes::{Changed, NewMessage, insert_one, insert_together},
        checkpoint::PASSIVE,
    },
};

/// Pieces of work in one transaction: bounds how long the first one waits for the last.
const BATCH: usize = 512;
/// Pieces of work waiting, and batches not yet told: bounds memory when the disk is slow.
const QUEUE: usize = 4096;
/// Messages stored in one call at most.
const TOGETHER: usize = 256;
/// Each number of messages is a statement of its own, which SQLite prepares once. Up to this one all numbers have
/// theirs; beyond it powers of two do, which are few.
const EACH: usize = 32;
/// Prepared statements that the writer's connection keeps: two for each of those numbers, and all others.
pub(super) const STATEMENTS: usize = 192;

/// A change that is on disk and that others want to hear of.
#[derive(Clone, Debug)]
pub enum Committed {
    Message { room: RoomId, message: Message },
    Read { room: RoomId, user: UserId, seq: u64 },
    Reacted { room: RoomId, reacted: Reacted },
}

/// An emoji that somebody gave a message, or took away, of which many people gave one.
#[derive(Clone, Debug)]
pub struct Reacted {
    pub id: MessageId,
    pub seq: u64,
    /// The message's, and the room's at that moment.
    pub version: u64,
    pub emoji: String,
    pub user: UserId,
    pub on: bool,
}

/// What a piece of work leaves behind: its answer, and perhaps something to tell.
pub(super) type Outcome<T> = Result<(T, Option<Committed>)>;

type Answer = Box<dyn FnOnce(Result<()>) + Send>;
type Work = Box<dyn for<'c> FnOnce(&'c mut SqliteConnection) -> BoxFuture<'c, (Answer, Outcome<()>)> + Send>;

enum Job {
    Work(Work),
    Post(Posting),
    Checkpoint(oneshot::Sender<()>),
    Close(oneshot::Sender<()>),
}

/// A message to be stored, and who waits for it.
pub(super) struct Posting {
    pub(super) room: RoomId,
    pub(super) author: UserId,
    pub(super) message: NewMessage,
    sender: oneshot::Sender<Result<Changed>>,
}

/// What is done between two savepoints.
enum Step {
    Work(Work),
    Posts(Vec<Posting>),
}

#[derive(Clone)]
pub(super) struct Writer {
    jobs: mpsc::Sender<Job>,
    /// Nothing is taken on: the log has no more room.
    is_stopped: Arc<AtomicBool>,
}

pub(super) fn start(connection: SqliteConnection) -> (Writer, mpsc::Receiver<Vec<Committed>>) {
    let (jobs, inbox) = mpsc::channel(QUEUE);
    let (told, committed) = mpsc::channel(QUEUE);
    tokio::spawn(run(connection, inbox, told));
    (Writer { jobs, is_stopped: Arc::default() }, committed)
}

impl Writer {
    /// Runs `work` in a transaction shared with others and answers after it is committed. When it
    /// fails, what it did is undone and the others' work stands.
    pub(super) async fn run<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(&'c mut SqliteConnection) -> BoxFuture<'c, Outcome<T>> + Send + 'static,
    {
        let (sender, receiver) = oneshot::channel();
        let job: Work = Box::new(move |connection| Box::pin(async move { done(work(connection).await, sender) }));
        self.send(Job::Work(job)).await?;
        receiver.await.map_err(|_| Refusal::Unavailable)?
    }

    /// Stores a message as [`Store::insert_message`] says.
    ///
    /// [`Store::insert_message`]: crate::server::store::Store::insert_message
    pub(super) async fn post(&self, room: RoomId, author: UserId, message: NewMessage) -> Result<Changed> {
        let (sender, receiver) = oneshot::channel();
        let posting = Posting { room, author, message, sender };
        self.send(Job::Post(posting)).await?;
        receiver.await.map_err(|_| Refusal::Unavailable)?
    }

    async fn send(&self, job: Job) -> Result<()> {
        if self.is_stopped.load(Ordering::Relaxed) {
            return Err(Refusal::Unavailable.into());
        }
        Ok(self.jobs.send(job).await.map_err(|_| Refusal::Unavailable)?)
    }

    /// Refuses work until the log can begin again.
    pub(super) fn stop(&self) {
        if !self.is_stopped.swap(true, Ordering::Relaxed) {
            tracing::error!("nothing is saved until the program that keeps the write-ahead log growing has gone");
        }
    }

    pub(super) fn go_on(&self) {
        if self.is_stopped.swap(false, Ordering::Relaxed) {
            tracing::info!("the write-ahead log has room again");
        }
    }

    /// Moves what is left in the log into the file, between two transactions.
    pub(super) async fn checkpoint(&self) {
        ask(&self.jobs, Job::Checkpoint).await;
    }

    pub(super) async fn close(&self) {
        ask(&self.jobs, Job::Close).await;
    }
}

/// Asks a task for something and waits until it is done, or until the task has ended.
pub(super) async fn ask<T>(task: &mpsc::Sender<T>, what: impl FnOnce(oneshot::Sender<()>) -> T) {
    let (sender, done) = oneshot::channel();
    if task.send(what(sender)).await.is_ok() {
        let _ = done.await;
    }
}

/// What the transaction has to know of a piece of work, and what its asker hears when it is over.
fn done<T: Send + 'static>(outcome: Outcome<T>, sender: oneshot::Sender<Result<T>>) -> (Answer, Outcome<()>) {
    match outcome {
        Ok((value, told)) => {
            let answer: Answer = Box::new(move |saved| drop(sender.send(saved.map(|()| value))));
            (answer, Ok(((), told)))
        }
        Err(error) => {
            let answer: Answer = Box::new(move |saved| drop(sender.send(Err(saved.err().unwrap_or(error)))));
            (answer, Err(Refusal::Unavailable.into()))
        }
    }
}

async fn run(mut connection: SqliteConnection, mut inbox: mpsc::Receiver<Job>, told: mpsc::Sender<Vec<Committed>>) {
    let mut jobs = Vec::new();
    while inbox.recv_many(&mut jobs, BATCH).await > 0 {
        let Gathered { steps, checkpoint, close } = gather(&mut jobs);
        if !steps.is_empty() {
            commit(&mut connection, steps, &told).await;
        }
        if let Some(done) = checkpoint {
            let _ = connection.execute(PASSIVE).await;
            let _ = done.send(());
        }
        if let Some(closed) = close {
            let _ = connection.close().await;
            let _ = closed.send(());
            return;
        }
    }
}

/// What is to be done now, in this order.
#[derive(Default)]
struct Gathered {
    steps: Vec<Step>,
    checkpoint: Option<oneshot::Sender<()>>,
    close: Option<oneshot::Sender<()>>,
}

fn gather(jobs: &mut Vec<Job>) -> Gathered {
    let (mut gathered, mut posts) = (Gathered::default(), Vec::new());
    for job in jobs.drain(..) {
        let work = match job {
            // What answers another message is looked at before it is stored.
            Job::Post(posting) if posting.message.reply_to.is_some() => alone(posting),
            Job::Post(posting) => {
                posts.push(posting);
                continue;
            }
            Job::Work(work) => work,
            Job::Checkpoint(done) => {
                gathered.checkpoint = Some(done);
                continue;
            }
            Job::Close(closed) => {
                gathered.close = Some(closed);
                continue;
            }
        };
        together(std::mem::take(&mut posts), &mut gathered.steps);
        gathered.steps.push(Step::Work(work));
    }
    together(posts, &mut gathered.steps);
    gathered
}

fn together(mut posts: Vec<Posting>, steps: &mut Vec<Step>) {
    while !posts.is_empty() {
        let count = if posts.len() <= EACH { posts.len() } else { (1 << posts.len().ilog2()).min(TOGETHER) };
        let rest = posts.split_off(count);
        steps.push(Step::Posts(std::mem::replace(&mut posts, rest)));
    }
}

fn alone(Posting { room, author, message, sender }: Posting) -> Work {
    Box::new(move |connection| {
        Box::pin(async move { done(insert_one(connection, room, author, message).await, sender) })
    })
}

/// One transaction. Saved, then told, then answered: an answer never overtakes the news.
async fn commit(connection: &mut SqliteConnection, steps: Vec<Step>, told: &mpsc::Sender<Vec<Committed>>) {
    let mut transaction = Transaction { connection, is_begun: false, answers: Vec::new(), committed: Vec::new() };
    let outcome = transaction.run(steps).await;
    let Transaction { connection, answers, committed, .. } = transaction;
    let is_saved = match outcome {
        Ok(()) => {
            if !committed.is_empty() {
                let _ = told.send(committed).await;
            }
            true
        }
        Err(error) => {
            tracing::error!(%error, waiting = answers.len(), "a transaction failed; nothing of it was acknowledged");
            let _ = connection.execute("ROLLBACK").await;
            false
        }
    };
    for answer in answers {
        answer(if is_saved { Ok(()) } else { Err(Error::Refused(Refusal::Unavailable)) });
    }
}

struct Transaction<'c> {
    connection: &'c mut SqliteConnection,
    is_begun: bool,
    answers: Vec<Answer>,
    committed: Vec<Committed>,
}

impl Transaction<'_> {
    async fn run(&mut self, steps: Vec<Step>) -> sqlx::Result<()> {
        for step in steps {
            match step {
                Step::Work(work) => self.work(work).await?,
                Step::Posts(posts) => self.posts(posts).await?,
            }
        }
        self.execute("RELEASE work; COMMIT").await
    }

    /// Each call is a way to SQLite's thread and back: what can go together goes together.
    async fn execute(&mut self, sql: &'static str) -> sqlx::Result<()> {
        sqlx::query(sql).execute(&mut *self.connection).await.map(drop)
    }

    /// Makes what follows it something that can be undone alone.
    fn savepoint(&mut self) -> &'static str {
        let is_begun = std::mem::replace(&mut self.is_begun, true);
        if is_begun { "RELEASE work; SAVEPOINT work; " } else { "BEGIN IMMEDIATE; SAVEPOINT work; " }
    }

    async fn work(&mut self, work: Work) -> sqlx::Result<()> {
        let savepoint = self.savepoint();
        self.execute(savepoint).await?;
        let (answer, outcome) = work(self.connection).await;
        self.answers.push(answer);
        match outcome {
            Ok(((), told)) => self.committed.extend(told),
            Err(_) => self.execute("ROLLBACK TO work").await?,
        }
        Ok(())
    }

    /// Those that could not be stored with the others are tried alone, and hear why.
    async fn posts(&mut self, posts: Vec<Posting>) -> sqlx::Result<()> {
        let savepoint = self.savepoint();
        let stored = match insert_together(self.connection, savepoint, &posts).await {
            Ok(stored) => stored,
            Err(error) => {
                tracing::warn!(%error, "messages could not be stored together; each is tried alone");
                self.execute("ROLLBACK TO work").await?;
                Vec::new()
            }
        };
        let mut stored = stored.into_iter();
        for posting in posts {
            match stored.next().flatten() {
                Some(message) => self.stored(posting, message),
                None => self.work(alone(posting)).await?,
            }
        }
        Ok(())
    }

    fn stored(&mut self, Posting { room, sender, .. }: Posting, message: Message) {
        self.committed.push(Committed::Message { room, message: message.clone() });
        self.answers.push(Box::new(move |saved| drop(sender.send(saved.map(|()| Changed::Now(message))))));
    }
}
