//! Indexes new texts after their posts. Within a post's own transaction, indexing was a quarter of the cost, and every
//! merge of the index delayed all posts by twenty milliseconds. A search waits for the indexer, so results are
//! complete.

use std::{sync::Arc, time::Duration};

use futures::future::BoxFuture;
use tokio::{
    sync::{Notify, mpsc, oneshot},
    time::{sleep, timeout},
};

use crate::{
    store::{
        error::{StoreError, StoreResult},
        sql::db::Db,
        sqlite::{
            index,
            writer::{Writer, ask},
        },
    },
    supervisor::Supervisor,
};

/// Texts in one write, which delays posts by some two milliseconds.
const TEXTS: i64 = 64;
/// Merges after each write of texts, at most: the index stays in few segments, and no merge takes long.
const MERGES: usize = 2;
/// How long texts are gathered before a write. A few large segments are cheaper to write and to merge than many.
const GATHERING: Duration = Duration::from_millis(50);
/// How long a search waits for the index. Only a flood of posts takes longer.
const INDEX_TIMEOUT: Duration = Duration::from_secs(1);
/// The delay before a retry.
const PAUSE: Duration = Duration::from_secs(1);

/// A handle to the indexing task, which ends at shutdown, or when the last handle is dropped.
#[derive(Clone)]
pub(crate) struct Indexer {
    posted: Arc<Notify>,
    searches: mpsc::Sender<oneshot::Sender<()>>,
}

pub(crate) fn start(writer: Writer, supervisor: &Supervisor) -> Indexer {
    let (searches, waiting) = mpsc::channel(1);
    let posted = Arc::<Notify>::default();
    // An earlier process may have left texts.
    posted.notify_one();
    supervisor.spawn_essential("search index", run(writer, posted.clone(), waiting));
    Indexer { posted, searches }
}

impl Indexer {
    /// Wakes the task: a text was inserted.
    pub(crate) fn wake(&self) {
        self.posted.notify_one();
    }

    /// Waits until texts inserted before this call are indexed, a second at most.
    pub(crate) async fn catch_up(&self) {
        let _ = timeout(INDEX_TIMEOUT, ask(&self.searches, |caught_up| caught_up)).await;
    }
}

async fn run(writer: Writer, posted: Arc<Notify>, mut searches: mpsc::Receiver<oneshot::Sender<()>>) {
    loop {
        let search = tokio::select! {
            search = searches.recv() => search,
            () = posted.notified() => tokio::select! {
                search = searches.recv() => search,
                () = sleep(GATHERING) => None,
            },
        };
        if search.is_none() && searches.is_closed() {
            return;
        }
        if let Err(error) = index_all(&writer, search).await {
            // While the WAL must not grow, the writer refuses writes, and logs that.
            if let StoreError::Database(error) = error {
                tracing::warn!(%error, "texts could not be indexed; they are retried");
            }
            posted.notify_one();
            sleep(PAUSE).await;
        }
    }
}

/// Indexes all texts that are not indexed yet, then merges a few of the new segments.
async fn index_all(writer: &Writer, search: Option<oneshot::Sender<()>>) -> StoreResult<()> {
    let mut writes = 0;
    while write(writer, |db| Box::pin(index::insert_next(db, TEXTS))).await? {
        writes += 1;
    }
    let _ = search.map(|search| search.send(()));
    for _ in 0..writes * MERGES {
        if !write(writer, |db| Box::pin(index::merge(db))).await? {
            break;
        }
    }
    Ok(())
}

/// One write of the writer. Returns whether it changed anything.
async fn write<F>(writer: &Writer, statements: F) -> StoreResult<bool>
where
    F: for<'c> FnOnce(&'c mut Db) -> BoxFuture<'c, sqlx::Result<bool>> + Send + 'static,
{
    writer.run(move |db| Box::pin(async move { Ok((statements(db).await?, None)) })).await
}
