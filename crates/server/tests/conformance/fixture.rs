//! An empty store, and helpers that add users, rooms and posts.

use std::path::Path;

use futures::{FutureExt, future::LocalBoxFuture};
use protocol::{
    error::Refusal,
    ids::{MessageId, RoomId, UserId},
    message::Message,
    room_socket::Post,
};
use server::{
    model::{Anchor, Changed, Committed, DatabaseUrl, Durability, Finding, OpenMode, StoreLocation},
    store::{self, Store, StoreError, StoreResult},
    supervisor::Supervisor,
};
use tempfile::TempDir;
use tokio::sync::{Mutex, mpsc};

use crate::test_server::TestServer;

pub(crate) type Opened = (Store, mpsc::Receiver<Vec<Committed>>);

/// A kind of store. Each value has its own database.
pub(crate) trait Backend: Send + Sync + 'static {
    fn new() -> Self
    where
        Self: Sized;

    /// Opens the database, which is created the first time.
    fn open(&self) -> LocalBoxFuture<'_, Opened>;

    /// Opens a copy of the database.
    fn open_copy(&self) -> LocalBoxFuture<'_, Opened>;

    /// Checks every invariant over all rows.
    fn check(&self) -> LocalBoxFuture<'_, Vec<Finding>>;
}

pub(crate) struct Sqlite {
    data: TempDir,
    copy: TempDir,
}

async fn open(directory: &Path) -> Opened {
    Store::open(directory, Durability::Full).await.unwrap()
}

impl Backend for Sqlite {
    fn new() -> Self {
        Self { data: tempfile::tempdir().unwrap(), copy: tempfile::tempdir().unwrap() }
    }

    fn open(&self) -> LocalBoxFuture<'_, Opened> {
        open(self.data.path()).boxed_local()
    }

    fn open_copy(&self) -> LocalBoxFuture<'_, Opened> {
        let copied = async {
            store::backup(self.data.path(), &self.copy.path().join("daehwa.db")).await.unwrap();
            open(self.copy.path()).await
        };
        copied.boxed_local()
    }

    fn check(&self) -> LocalBoxFuture<'_, Vec<Finding>> {
        async { store::check(&self.data.path().into()).await.unwrap() }.boxed_local()
    }
}

pub(crate) struct Postgres {
    directory: TempDir,
    url: DatabaseUrl,
}

impl Postgres {
    async fn open_url(&self, url: &DatabaseUrl) -> Opened {
        Store::open_shared(self.directory.path(), url, OpenMode::Add, &Supervisor::default()).await.unwrap()
    }
}

impl Backend for Postgres {
    fn new() -> Self {
        Self { directory: tempfile::tempdir().unwrap(), url: TestServer::get().new_database() }
    }

    fn open(&self) -> LocalBoxFuture<'_, Opened> {
        self.open_url(&self.url).boxed_local()
    }

    fn open_copy(&self) -> LocalBoxFuture<'_, Opened> {
        async { self.open_url(&TestServer::get().copy(&self.url)).await }.boxed_local()
    }

    fn check(&self) -> LocalBoxFuture<'_, Vec<Finding>> {
        let location = StoreLocation { directory: self.directory.path().to_owned(), database: Some(self.url.clone()) };
        async move { store::check(&location).await.unwrap() }.boxed_local()
    }
}

pub(crate) struct Fixture {
    pub(crate) store: Store,
    pub(crate) backend: Box<dyn Backend>,
    committed: Mutex<mpsc::Receiver<Vec<Committed>>>,
}

impl Fixture {
    pub(crate) async fn empty<B: Backend>() -> Self {
        let backend = B::new();
        let (store, committed) = backend.open().await;
        Self { store, backend: Box::new(backend), committed: committed.into() }
    }

    pub(crate) async fn check(&self) {
        let findings = self.backend.check().await;
        assert!(findings.iter().all(|finding| finding.wrong.is_empty()), "{findings:?}");
    }

    pub(crate) async fn person(&self, login: &str) -> UserId {
        self.store.insert_account(login.to_owned(), login.to_owned(), "!".to_owned(), false).await.unwrap()
    }

    /// Two users and their direct room.
    pub(crate) async fn pair(&self) -> (UserId, UserId, RoomId) {
        let (minsu, younghee) = (self.person("minsu").await, self.person("younghee").await);
        let room = self.store.open_direct(minsu, younghee).await.unwrap();
        (minsu, younghee, room)
    }

    pub(crate) async fn post(&self, room: RoomId, author: UserId, body: &str) -> MessageId {
        let message = new(body);
        let id = message.id;
        self.store.insert_message(room, author, message).await.unwrap();
        id
    }

    pub(crate) async fn post_many(&self, room: RoomId, author: UserId, count: usize) {
        for number in 0..count {
            self.post(room, author, &format!("보고 {number}")).await;
        }
    }

    /// The newest page of a member who sees all messages.
    pub(crate) async fn messages(&self, room: RoomId) -> Vec<Message> {
        self.store.page(room, 0, Anchor::Newest).await.unwrap().messages
    }

    pub(crate) async fn message(&self, room: RoomId, id: MessageId) -> Message {
        self.messages(room).await.into_iter().find(|message| message.id == id).unwrap()
    }

    pub(crate) async fn version(&self, room: RoomId) -> u64 {
        self.store.page(room, 0, Anchor::Newest).await.unwrap().version
    }

    /// The changes that were committed since the last call.
    pub(crate) async fn committed(&self) -> Vec<Committed> {
        let mut committed = self.committed.lock().await;
        let mut changes = Vec::new();
        while let Ok(batch) = committed.try_recv() {
            changes.extend(batch);
        }
        changes
    }

    /// The committed messages since the last call.
    pub(crate) async fn committed_messages(&self, of: RoomId) -> Vec<Message> {
        let each = self.committed().await.into_iter().flat_map(|change| match change {
            Committed::Several(changes) => changes,
            change => vec![change],
        });
        let messages = each.filter_map(|change| match change {
            Committed::Message { room, message } => (room == of).then_some(message),
            Committed::Pins { room, event, .. } => event.filter(|_| room == of),
            Committed::Read { .. }
            | Committed::Reacted { .. }
            | Committed::Confirmed { .. }
            | Committed::Muted { .. }
            | Committed::Bookmarked { .. }
            | Committed::Scheduled { .. }
            | Committed::Unscheduled { .. }
            | Committed::UnsentScheduled { .. }
            | Committed::Several(_)
            | Committed::Listed { .. }
            | Committed::Favourites { .. }
            | Committed::Settings { .. }
            | Committed::Signal(_)
            | Committed::Remote(..)
            | Committed::Node(_) => None,
        });
        messages.collect()
    }
}

pub(crate) fn new(body: &str) -> Post {
    Post::new(MessageId::new(), body)
}

pub(crate) fn refusal<T>(result: StoreResult<T>) -> Refusal {
    match result {
        Err(StoreError::Refused(refusal)) => refusal,
        Err(StoreError::Database(error)) => panic!("{error}"),
        Ok(_) => panic!("it is not refused"),
    }
}

pub(crate) fn is_now(changed: &Changed) -> bool {
    matches!(changed, Changed::Now)
}

/// The stored message that answers a retry.
pub(crate) fn already(changed: Changed) -> Message {
    match changed {
        Changed::Already(message) => *message,
        Changed::Now => panic!("it is stored again"),
    }
}

pub(crate) fn bodies(messages: &[Message]) -> Vec<&str> {
    messages.iter().map(|message| message.body.as_str()).collect()
}

pub(crate) fn seqs(messages: &[Message]) -> Vec<u64> {
    messages.iter().map(|message| message.seq).collect()
}
