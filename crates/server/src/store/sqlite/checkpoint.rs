//! Checkpoints: moves committed pages from the write-ahead log (WAL) into the database file, on a separate connection.
//! Within a commit a checkpoint would wait for the disk twice, and delay every post.

use std::time::Duration;

use sqlx::{Connection, SqliteConnection};
use tokio::{
    sync::{mpsc, oneshot},
    time::sleep,
};

use crate::{
    store::{
        sqlite::connection::PASSIVE_CHECKPOINT,
        writer::{Writer, ask},
    },
    supervisor::Supervisor,
};

/// Long, because a page that many posts changed is then moved once, and moving takes disk time from commits.
const EVERY: Duration = Duration::from_secs(4);
/// From this many pages on (16 MiB) the WAL should start over. It does when all of it is checkpointed at the writer's
/// next commit.
const LONG: i64 = 4_096;
/// A long read (a copy onto a slow disk, another program's SQLite connection) keeps the WAL from starting over. Above
/// the first limit (256 MiB) a warning is logged. Above the second (4 GiB) writes are refused until the read ends,
/// because a WAL that fills the disk leaves no space for its own checkpoint.
const HELD: HeldPages = HeldPages { warned: 65_536, full: 1_048_576 };

/// Bounds, in pages, of a WAL that a read transaction holds.
#[derive(Clone, Copy)]
struct HeldPages {
    warned: i64,
    full: i64,
}

/// The checkpoint task. It runs until [`Checkpoints::end`].
#[derive(Clone)]
pub(crate) struct Checkpoints {
    ends: mpsc::Sender<oneshot::Sender<()>>,
}

pub(crate) fn start(connection: SqliteConnection, writer: Writer, supervisor: &Supervisor) -> Checkpoints {
    let (ends, asked) = mpsc::channel(1);
    supervisor.spawn_finishing("checkpoints", run(connection, writer, asked));
    Checkpoints { ends }
}

impl Checkpoints {
    pub(crate) async fn end(&self) {
        ask(&self.ends, |ended| ended).await;
    }
}

async fn run(mut connection: SqliteConnection, writer: Writer, mut asked: mpsc::Receiver<oneshot::Sender<()>>) {
    let mut is_warned = false;
    loop {
        tokio::select! {
            end = asked.recv() => {
                let _ = connection.close().await;
                let _ = end.map(|end| end.send(()));
                return;
            }
            () = sleep(EVERY) => {
                match checkpoint(&mut connection, &writer, HELD).await {
                    Ok(pages) => warn_once(pages, &mut is_warned),
                    Err(error) => tracing::warn!(%error, "a checkpoint failed; it is retried"),
                }
            }
        }
    }
}

/// One warning for each long read.
fn warn_once(held_pages: i64, is_warned: &mut bool) {
    let is_long = held_pages > HELD.warned;
    if is_long && !*is_warned {
        tracing::warn!(mib = held_pages / 256, "a long read by another program keeps the write-ahead log growing");
    }
    *is_warned = is_long;
}

/// For a long WAL: two passive checkpoints on this connection, then a short one by the writer. Returns the pages of the
/// WAL if a read transaction holds it, otherwise 0.
async fn checkpoint(connection: &mut SqliteConnection, writer: &Writer, held: HeldPages) -> sqlx::Result<i64> {
    let (_, pages, moved): (i64, i64, i64) = sqlx::query_as(PASSIVE_CHECKPOINT).fetch_one(&mut *connection).await?;
    let held_pages = if moved < pages { pages } else { 0 };
    if held_pages > held.full {
        writer.stop();
        return Ok(held_pages);
    }
    writer.resume();
    if pages > LONG {
        sqlx::raw_sql(PASSIVE_CHECKPOINT).execute(connection).await?;
        writer.checkpoint().await;
    }
    Ok(held_pages)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;
    use crate::{
        model::Durability,
        store::sqlite::{
            connection::{connect, options},
            writer,
        },
    };

    const WRITE: &str = "INSERT INTO filler WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 64) \
                         SELECT randomblob(4000) FROM n";

    async fn write(writer: &Writer) -> bool {
        let work = writer.run(|connection| {
            Box::pin(async move {
                sqlx::raw_sql(WRITE).execute(connection.sqlite()?).await?;
                Ok(((), None))
            })
        });
        work.await.is_ok()
    }

    #[tokio::test]
    async fn a_read_transaction_that_stays_open_lets_the_log_grow_to_its_bound_and_afterwards_it_shrinks() {
        let directory = tempfile::tempdir().unwrap();
        let log = || directory.path().join("log.db-wal").metadata().unwrap().len();
        let options = options(&directory.path().join("log.db"), Durability::Normal).create_if_missing(true);
        let options = options.pragma("journal_size_limit", "1048576");
        let (mut connection, mut checkpointing) = (connect(&options).await.unwrap(), connect(&options).await.unwrap());
        let mut reading = connect(&options).await.unwrap();
        sqlx::raw_sql("CREATE TABLE filler (bytes BLOB)").execute(&mut connection).await.unwrap();
        let (writer, _committed) = writer::start(connection, &Supervisor::default());
        sqlx::raw_sql("BEGIN; SELECT count(*) FROM filler").execute(&mut reading).await.unwrap();
        let held = HeldPages { warned: 0, full: LONG + 1_000 };
        let mut writes = 0;
        while write(&writer).await {
            writes += 1;
            assert!(writes < 1_000, "{} bytes", log());
            checkpoint(&mut checkpointing, &writer, held).await.unwrap();
        }
        let grown = log();
        assert!(!write(&writer).await && log() == grown);
        sqlx::raw_sql("ROLLBACK").execute(&mut reading).await.unwrap();
        assert_eq!(checkpoint(&mut checkpointing, &writer, held).await.unwrap(), 0, "all of it is checkpointed");
        assert!(write(&writer).await && write(&writer).await);
        assert!(log() < grown / 4, "{} bytes of {grown}", log());
    }

    #[tokio::test]
    async fn a_log_that_is_written_without_a_pause_begins_again_at_its_front() {
        let directory = tempfile::tempdir().unwrap();
        let options = options(&directory.path().join("log.db"), Durability::Normal).create_if_missing(true);
        let (mut connection, mut checkpointing) = (connect(&options).await.unwrap(), connect(&options).await.unwrap());
        sqlx::raw_sql("CREATE TABLE filler (bytes BLOB)").execute(&mut connection).await.unwrap();
        let (writer, _committed) = writer::start(connection, &Supervisor::default());
        let is_over = AtomicBool::new(false);
        let writing = async {
            for _ in 0..1_000 {
                assert!(write(&writer).await);
            }
            is_over.store(true, Ordering::Relaxed);
        };
        let moving = async {
            while !is_over.load(Ordering::Relaxed) {
                checkpoint(&mut checkpointing, &writer, HELD).await.unwrap();
            }
        };
        tokio::join!(writing, moving);
        let [log, file] = ["log.db-wal", "log.db"].map(|name| directory.path().join(name).metadata().unwrap().len());
        assert!(log < file / 2, "{log} bytes of {file}");
    }
}
