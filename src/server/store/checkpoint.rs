//! Moves what was committed from the write-ahead log into the file, beside the writer instead of within
//! its commits: a checkpoint waits for the disk twice, and everybody's messages would wait with it.

use std::time::Duration;

use sqlx::{Connection, SqliteConnection};
use tokio::{
    sync::{mpsc, oneshot},
    time::sleep,
};

use crate::server::store::writer::{Writer, ask};

/// Seldom: a page that many posts changed is moved once, and what moves keeps the disk from commits.
const EVERY: Duration = Duration::from_secs(4);
/// From so many pages on (16 MiB) the log is to begin again at its front, which it does when the writer finds that
/// all of it was moved.
const LONG: i64 = 4_096;
/// From so many pages on (1 GiB) a commit checkpoints by itself: only if this here cannot.
pub(super) const LOG_PAGES: &str = "262144";
/// What the file of the log keeps when it begins again (64 MiB): above it, the disk gets its space back.
pub(super) const KEPT_BYTES: &str = "67108864";
/// A reader that stays (a copy onto a slow disk, somebody's own SQLite) keeps the log from beginning again. From so many
/// pages on (256 MiB) the operator hears of it; from so many on (4 GiB) nothing more is written until the reader has
/// gone, because a log that fills the disk leaves itself no space to be moved into the file.
const HELD: Held = Held { told: 65_536, full: 1_048_576 };
/// Moves what no reader needs in the log, and waits for nobody.
pub(super) const PASSIVE: &str = "PRAGMA wal_checkpoint(PASSIVE)";

/// Pages of a log that cannot begin again.
#[derive(Clone, Copy)]
struct Held {
    told: i64,
    full: i64,
}

/// Goes on as long as the store does.
#[derive(Clone)]
pub(super) struct Checkpoints {
    ends: mpsc::Sender<oneshot::Sender<()>>,
}

pub(super) fn start(connection: SqliteConnection, writer: Writer) -> Checkpoints {
    let (ends, asked) = mpsc::channel(1);
    tokio::spawn(run(connection, writer, asked));
    Checkpoints { ends }
}

impl Checkpoints {
    pub(super) async fn end(&self) {
        ask(&self.ends, |ended| ended).await;
    }
}

async fn run(mut connection: SqliteConnection, writer: Writer, mut asked: mpsc::Receiver<oneshot::Sender<()>>) {
    let mut is_told = false;
    loop {
        tokio::select! {
            end = asked.recv() => {
                let _ = connection.close().await;
                let _ = end.map(|end| end.send(()));
                return;
            }
            () = sleep(EVERY) => {
                match checkpoint(&mut connection, &writer, HELD).await {
                    Ok(pages) => tell(pages, &mut is_told),
                    Err(error) => {
                        tracing::warn!(%error, "the write-ahead log could not be moved into the file; it is tried again");
                    }
                }
            }
        }
    }
}

/// Once for each reader that stays.
fn tell(held_pages: i64, is_told: &mut bool) {
    let is_long = held_pages > HELD.told;
    if is_long && !*is_told {
        tracing::warn!(
            mib = held_pages / 256,
            "a program that has been reading for long keeps the write-ahead log growing"
        );
    }
    *is_told = is_long;
}

/// Of a long log the most is moved beside the writer, then what was written meanwhile, and the little that was
/// written during that by the writer itself. Answers the pages of a log that a reader holds, else 0.
async fn checkpoint(connection: &mut SqliteConnection, writer: &Writer, held: Held) -> sqlx::Result<i64> {
    let (_, pages, moved): (i64, i64, i64) = sqlx::query_as(PASSIVE).fetch_one(&mut *connection).await?;
    let held_pages = if moved < pages { pages } else { 0 };
    if held_pages > held.full {
        writer.stop();
        return Ok(held_pages);
    }
    writer.go_on();
    if pages > LONG {
        sqlx::raw_sql(PASSIVE).execute(connection).await?;
        writer.checkpoint().await;
    }
    Ok(held_pages)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;
    use crate::server::store::{Durability, connect, options, writer};

    const WRITE: &str = "INSERT INTO filler WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 64) \
                         SELECT randomblob(4000) FROM n";

    async fn write(writer: &Writer) -> bool {
        let work = writer.run(|connection| {
            Box::pin(async move {
                sqlx::raw_sql(WRITE).execute(connection).await?;
                Ok(((), None))
            })
        });
        work.await.is_ok()
    }

    #[tokio::test]
    async fn a_reader_that_stays_lets_the_log_grow_to_its_bound_and_afterwards_it_shrinks() {
        let directory = tempfile::tempdir().unwrap();
        let log = || directory.path().join("log.db-wal").metadata().unwrap().len();
        let options = options(&directory.path().join("log.db"), Durability::Normal).create_if_missing(true);
        let options = options.pragma("journal_size_limit", "1048576");
        let (mut connection, mut beside) = (connect(&options).await.unwrap(), connect(&options).await.unwrap());
        let mut reader = connect(&options).await.unwrap();
        sqlx::raw_sql("CREATE TABLE filler (bytes BLOB)").execute(&mut connection).await.unwrap();
        let (writer, _committed) = writer::start(connection);
        sqlx::raw_sql("BEGIN; SELECT count(*) FROM filler").execute(&mut reader).await.unwrap();
        let held = Held { told: 0, full: LONG + 1_000 };
        let mut writes = 0;
        while write(&writer).await {
            writes += 1;
            assert!(writes < 1_000, "{} bytes", log());
            checkpoint(&mut beside, &writer, held).await.unwrap();
        }
        let grown = log();
        assert!(!write(&writer).await && log() == grown);
        sqlx::raw_sql("ROLLBACK").execute(&mut reader).await.unwrap();
        assert_eq!(checkpoint(&mut beside, &writer, held).await.unwrap(), 0, "all of it is moved");
        assert!(write(&writer).await && write(&writer).await);
        assert!(log() < grown / 4, "{} bytes of {grown}", log());
    }

    #[tokio::test]
    async fn a_log_that_is_written_without_a_pause_begins_again_at_its_front() {
        let directory = tempfile::tempdir().unwrap();
        let options = options(&directory.path().join("log.db"), Durability::Normal).create_if_missing(true);
        let (mut connection, mut beside) = (connect(&options).await.unwrap(), connect(&options).await.unwrap());
        sqlx::raw_sql("CREATE TABLE filler (bytes BLOB)").execute(&mut connection).await.unwrap();
        let (writer, _committed) = writer::start(connection);
        let is_over = AtomicBool::new(false);
        let writing = async {
            for _ in 0..1_000 {
                assert!(write(&writer).await);
            }
            is_over.store(true, Ordering::Relaxed);
        };
        let moving = async {
            while !is_over.load(Ordering::Relaxed) {
                checkpoint(&mut beside, &writer, HELD).await.unwrap();
            }
        };
        tokio::join!(writing, moving);
        let [log, file] = ["log.db-wal", "log.db"].map(|name| directory.path().join(name).metadata().unwrap().len());
        assert!(log < file / 2, "{log} bytes of {file}");
    }
}
