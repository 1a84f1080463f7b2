//! Indexes new texts after their posts. Within a post's own transaction, indexing was a quarter of the cost, and every
//! merge of the index delayed all posts by twenty milliseconds. A search waits for the indexer, so results are
//! complete. Each engine writes its own index.

use std::{sync::Arc, time::Duration};

use futures::future::BoxFuture;
use tokio::{
    sync::{Notify, mpsc, oneshot},
    time::{sleep, timeout},
};

use crate::{
    store::{
        error::{StoreError, StoreResult},
        writer::ask,
    },
    supervisor::Supervisor,
};

/// How long a search waits for the index. Only a flood of posts takes longer.
const INDEX_TIMEOUT: Duration = Duration::from_secs(1);
/// The delay before a retry.
const PAUSE: Duration = Duration::from_secs(1);

/// What was indexed by one write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum IndexRound {
    /// As many texts as fit: there may be more.
    Full,
    /// All texts that were waiting, except those that are locked by the indexer of another node.
    Short,
    /// No text is waiting.
    Empty,
}

/// An engine's index.
pub(crate) trait TextIndex: Send + Sync + 'static {
    /// How long texts are gathered before a write. A search ends this time.
    const GATHERING: Duration;

    /// Indexes some texts that are not indexed yet.
    fn insert_next(&self) -> BoxFuture<'_, StoreResult<IndexRound>>;

    /// Tidies the index after this number of writes.
    fn tidy(&self, writes: usize) -> BoxFuture<'_, StoreResult<()>>;
}

/// A handle to the indexing task, which ends at shutdown, or when the last handle is dropped.
#[derive(Clone)]
pub(crate) struct Indexer {
    posted: Arc<Notify>,
    searches: mpsc::Sender<oneshot::Sender<()>>,
}

pub(crate) fn start(index: impl TextIndex, supervisor: &Supervisor) -> Indexer {
    let (searches, waiting) = mpsc::channel(1);
    let posted = Arc::<Notify>::default();
    // An earlier process may have left texts.
    posted.notify_one();
    supervisor.spawn_essential("search index", run(index, posted.clone(), waiting));
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

async fn run<I: TextIndex>(index: I, posted: Arc<Notify>, mut searches: mpsc::Receiver<oneshot::Sender<()>>) {
    loop {
        let search = tokio::select! {
            search = searches.recv() => search,
            () = posted.notified() => tokio::select! {
                search = searches.recv() => search,
                () = sleep(I::GATHERING) => None,
            },
        };
        if search.is_none() && searches.is_closed() {
            return;
        }
        if let Err(error) = index_all(&index, search).await {
            // While the WAL must not grow, the writer refuses writes, and logs that.
            if let StoreError::Database(error) = error {
                tracing::warn!(%error, "texts could not be indexed; they are retried");
            }
            posted.notify_one();
            sleep(PAUSE).await;
        }
    }
}

/// Indexes all texts that are not indexed yet, then tidies the index. A search waits for those of other nodes, too.
async fn index_all(index: &impl TextIndex, search: Option<oneshot::Sender<()>>) -> StoreResult<()> {
    let mut writes = 0;
    loop {
        let round = index.insert_next().await?;
        writes += usize::from(round != IndexRound::Empty);
        match round {
            IndexRound::Full => {}
            IndexRound::Short if search.is_some() => {}
            IndexRound::Short | IndexRound::Empty => break,
        }
    }
    let _ = search.map(|search| search.send(()));
    index.tidy(writes).await
}
