//! The writer on SQLite. All jobs that arrive during an fsync become
//! the next transaction (group commit). Posts that are neighbours in the queue are inserted in one call.

use sqlx::{Executor, SqliteConnection};
use tokio::sync::{mpsc, oneshot};

use crate::{
    model::Committed,
    store::{
        jobs::{Job, Posting, as_single_write},
        posts::is_plain,
        sql::db::Db,
        sqlite::{
            connection::PASSIVE_CHECKPOINT,
            transaction::{WriteOp, commit},
        },
        writer::{QUEUE, Writer},
    },
    supervisor::Supervisor,
};

/// Writes in one transaction, at most: a bound on the latency of the first one.
const BATCH: usize = 512;
/// Posts in one call, at most.
const MAX_POSTS_PER_STATEMENT: usize = 256;
/// Each number of posts has its own prepared statement up to this number; above it only powers of two have one, so that
/// there are few.
const MAX_POSTS_WITH_OWN_STATEMENT: usize = 32;
/// Prepared statements that the writer's connection keeps: two for each of those numbers, and all others.
pub(crate) const STATEMENTS: usize = 192;

/// Starts the writer's task. The receiver yields changes in commit order.
pub(crate) fn start(connection: SqliteConnection, supervisor: &Supervisor) -> (Writer, mpsc::Receiver<Vec<Committed>>) {
    let (jobs, inbox) = mpsc::channel(QUEUE);
    let (sender, committed) = mpsc::channel(QUEUE);
    supervisor.spawn_finishing("writer", run(Db::of_sqlite(connection), inbox, sender));
    (Writer::new(jobs, false), committed)
}

async fn run(mut db: Db, mut inbox: mpsc::Receiver<Job>, committed: mpsc::Sender<Vec<Committed>>) {
    let mut jobs = Vec::new();
    while inbox.recv_many(&mut jobs, BATCH).await > 0 {
        let Gathered { writes, checkpoint, close } = gather(&mut jobs);
        if !writes.is_empty() {
            commit(&mut db, writes, &committed).await;
        }
        if let Some(done) = checkpoint {
            if let Ok(connection) = db.sqlite() {
                let _ = connection.execute(PASSIVE_CHECKPOINT).await;
            }
            let _ = done.send(());
        }
        if let Some(closed) = close {
            let _ = db.close().await;
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
            Job::Post(posting) if !is_plain(&posting.message) => as_single_write(posting),
            Job::Post(posting) => {
                posts.push(posting);
                continue;
            }
            Job::Write(_, write) => write,
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
