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
/// Moves what no reader needs in the log, and waits for nobody.
pub(super) const PASSIVE: &str = "PRAGMA wal_checkpoint(PASSIVE)";

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
    loop {
        tokio::select! {
            end = asked.recv() => {
                let _ = connection.close().await;
                let _ = end.map(|end| end.send(()));
                return;
            }
            () = sleep(EVERY) => {
                if let Err(error) = checkpoint(&mut connection, &writer).await {
                    tracing::warn!(%error, "the write-ahead log could not be moved into the file; it is tried again");
                }
            }
        }
    }
}

/// Of a long log the most is moved beside the writer, then what was written meanwhile, and the little that was
/// written during that by the writer itself.
async fn checkpoint(connection: &mut SqliteConnection, writer: &Writer) -> sqlx::Result<()> {
    let (_, pages, _): (i64, i64, i64) = sqlx::query_as(PASSIVE).fetch_one(&mut *connection).await?;
    if pages > LONG {
        sqlx::raw_sql(PASSIVE).execute(connection).await?;
        writer.checkpoint().await;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;
    use crate::server::store::{Durability, connect, options, writer};

    const WRITE: &str = "INSERT INTO filler WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 64) \
                         SELECT randomblob(4000) FROM n";

    #[tokio::test]
    async fn a_log_that_is_written_without_a_pause_begins_again_at_its_front() {
        let directory = tempfile::tempdir().unwrap();
        let options = options(&directory.path().join("log.db"), Durability::Normal);
        let (mut connection, mut beside) = (connect(&options).await.unwrap(), connect(&options).await.unwrap());
        sqlx::raw_sql("CREATE TABLE filler (bytes BLOB)").execute(&mut connection).await.unwrap();
        let (writer, _committed) = writer::start(connection);
        let is_over = AtomicBool::new(false);
        let writing = async {
            for _ in 0..1_000 {
                let work = writer.run(|connection| {
                    Box::pin(async move {
                        sqlx::raw_sql(WRITE).execute(connection).await?;
                        Ok(((), None))
                    })
                });
                work.await.unwrap();
            }
            is_over.store(true, Ordering::Relaxed);
        };
        let moving = async {
            while !is_over.load(Ordering::Relaxed) {
                checkpoint(&mut beside, &writer).await.unwrap();
            }
        };
        tokio::join!(writing, moving);
        let [log, file] = ["log.db-wal", "log.db"].map(|name| directory.path().join(name).metadata().unwrap().len());
        assert!(log < file / 2, "{log} bytes of {file}");
    }
}
