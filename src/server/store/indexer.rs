//! Puts texts into the search index behind those who post: within a post's own transaction it was a quarter of what
//! storing one costs and, whenever parts of the index were merged, twenty milliseconds of everybody's. Nobody notices,
//! because a search waits for it.

use std::{sync::Arc, time::Duration};

use futures::future::BoxFuture;
use sqlx::SqliteConnection;
use tokio::{
    sync::{Notify, mpsc, oneshot},
    time::{sleep, timeout},
};

use crate::server::store::{
    Error, Result, search,
    writer::{Writer, ask},
};

/// Texts put in by one piece of work: some two milliseconds, for which what is posted meanwhile waits.
const TEXTS: i64 = 64;
/// Pieces of merging work for each piece of texts, at most: the parts of the index stay few, and nobody waits for
/// many pages at once.
const MERGES: usize = 2;
/// How long texts are gathered. Few parts are cheaper to write, and to merge later, than many.
const GATHERING: Duration = Duration::from_millis(50);
/// How long a search waits for what is not in the index yet: only behind a flood it is not enough.
const PATIENCE: Duration = Duration::from_secs(1);
/// After the database could not.
const PAUSE: Duration = Duration::from_secs(1);

/// It works as long as somebody holds one.
#[derive(Clone)]
pub(super) struct Indexer {
    came: Arc<Notify>,
    searches: mpsc::Sender<oneshot::Sender<()>>,
}

pub(super) fn start(writer: Writer) -> Indexer {
    let (searches, waiting) = mpsc::channel(1);
    let came = Arc::<Notify>::default();
    // What an earlier run left.
    came.notify_one();
    tokio::spawn(run(writer, came.clone(), waiting));
    Indexer { came, searches }
}

impl Indexer {
    /// Says that a text was stored.
    pub(super) fn came(&self) {
        self.came.notify_one();
    }

    /// Comes back when what was stored before is in the index, or when that takes too long.
    pub(super) async fn catch_up(&self) {
        let _ = timeout(PATIENCE, ask(&self.searches, |caught_up| caught_up)).await;
    }
}

async fn run(writer: Writer, came: Arc<Notify>, mut searches: mpsc::Receiver<oneshot::Sender<()>>) {
    loop {
        let search = tokio::select! {
            search = searches.recv() => search,
            () = came.notified() => tokio::select! {
                search = searches.recv() => search,
                () = sleep(GATHERING) => None,
            },
        };
        if search.is_none() && searches.is_closed() {
            return;
        }
        match index(&writer, search).await {
            Ok(()) => {}
            // The store is being closed; the next run goes on.
            Err(Error::Refused(_)) => return,
            Err(Error::Database(error)) => {
                tracing::warn!(%error, "texts could not be put into the search index; it is tried again");
                came.notify_one();
                sleep(PAUSE).await;
            }
        }
    }
}

/// Puts in all texts that are not, then merges a little of what that made many of.
async fn index(writer: &Writer, search: Option<oneshot::Sender<()>>) -> Result<()> {
    let mut pieces = 0;
    while work(writer, |connection| Box::pin(search::put_in(connection, TEXTS))).await? {
        pieces += 1;
    }
    let _ = search.map(|search| search.send(()));
    for _ in 0..pieces * MERGES {
        if !work(writer, |connection| Box::pin(search::merge(connection))).await? {
            break;
        }
    }
    Ok(())
}

/// A piece of work in a transaction of the writer's; whether there was something to do.
async fn work<F>(writer: &Writer, piece: F) -> Result<bool>
where
    F: for<'c> FnOnce(&'c mut SqliteConnection) -> BoxFuture<'c, Result<bool>> + Send + 'static,
{
    writer.run(move |connection| Box::pin(async move { Ok((piece(connection).await?, None)) })).await
}
