//! The one writer. Whatever arrived during the last fsync becomes the next transaction (group
//! commit); everybody is answered after COMMIT, and commits leave in their order.

use futures::future::BoxFuture;
use sqlx::{Connection, Executor, SqliteConnection};
use tokio::sync::{mpsc, oneshot};

use crate::{
    protocol::{
        error::Refusal,
        ids::{RoomId, UserId},
        message::Message,
    },
    server::store::{Error, Result},
};

/// Pieces of work in one transaction: bounds how long the first one waits for the last.
const BATCH: usize = 512;
/// Pieces of work waiting, and batches not yet told: bounds memory when the disk is slow.
const QUEUE: usize = 4096;

/// A change that is on disk and that others want to hear of.
#[derive(Clone, Debug)]
pub enum Committed {
    Message { room: RoomId, message: Message },
    Read { room: RoomId, user: UserId, seq: u64 },
}

/// What a piece of work leaves behind: its answer, and perhaps something to tell.
pub(super) type Outcome<T> = Result<(T, Option<Committed>)>;

type Answer = Box<dyn FnOnce(Result<()>) + Send>;
type Work = Box<dyn for<'c> FnOnce(&'c mut SqliteConnection) -> BoxFuture<'c, (Answer, Outcome<()>)> + Send>;

enum Job {
    Work(Work),
    Close(oneshot::Sender<()>),
}

#[derive(Clone)]
pub(super) struct Writer {
    jobs: mpsc::Sender<Job>,
}

pub(super) fn start(connection: SqliteConnection) -> (Writer, mpsc::Receiver<Vec<Committed>>) {
    let (jobs, inbox) = mpsc::channel(QUEUE);
    let (told, committed) = mpsc::channel(QUEUE);
    tokio::spawn(run(connection, inbox, told));
    (Writer { jobs }, committed)
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
        let job: Work = Box::new(move |connection| Box::pin(carry_out(work, connection, sender)));
        self.jobs.send(Job::Work(job)).await.map_err(|_| Refusal::Unavailable)?;
        receiver.await.map_err(|_| Refusal::Unavailable)?
    }

    pub(super) async fn close(&self) {
        let (sender, closed) = oneshot::channel();
        if self.jobs.send(Job::Close(sender)).await.is_ok() {
            let _ = closed.await;
        }
    }
}

async fn carry_out<T, F>(
    work: F,
    connection: &mut SqliteConnection,
    sender: oneshot::Sender<Result<T>>,
) -> (Answer, Outcome<()>)
where
    T: Send + 'static,
    F: for<'c> FnOnce(&'c mut SqliteConnection) -> BoxFuture<'c, Outcome<T>>,
{
    match work(connection).await {
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
        let mut works = Vec::with_capacity(jobs.len());
        let mut closing = None;
        for job in jobs.drain(..) {
            match job {
                Job::Work(work) => works.push(work),
                Job::Close(closed) => closing = Some(closed),
            }
        }
        if !works.is_empty() {
            commit(&mut connection, works, &told).await;
        }
        if let Some(closed) = closing {
            let _ = connection.close().await;
            let _ = closed.send(());
            return;
        }
    }
}

/// One transaction. Saved, then told, then answered: an answer never overtakes the news.
async fn commit(connection: &mut SqliteConnection, works: Vec<Work>, told: &mpsc::Sender<Vec<Committed>>) {
    let mut answers = Vec::with_capacity(works.len());
    let saved = match transaction(connection, works, &mut answers).await {
        Ok(committed) => {
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
        answer(if saved { Ok(()) } else { Err(Error::Refused(Refusal::Unavailable)) });
    }
}

async fn transaction(
    connection: &mut SqliteConnection,
    works: Vec<Work>,
    answers: &mut Vec<Answer>,
) -> sqlx::Result<Vec<Committed>> {
    let mut committed = Vec::new();
    // Each call is a way to SQLite's thread and back: what can go together goes together.
    let mut before = "BEGIN IMMEDIATE; SAVEPOINT work";
    for work in works {
        sqlx::query(before).execute(&mut *connection).await?;
        let (answer, outcome) = work(connection).await;
        answers.push(answer);
        match outcome {
            Ok(((), told)) => committed.extend(told),
            Err(_) => {
                sqlx::query("ROLLBACK TO work").execute(&mut *connection).await?;
            }
        }
        before = "RELEASE work; SAVEPOINT work";
    }
    sqlx::query("RELEASE work; COMMIT").execute(connection).await?;
    Ok(committed)
}
