//! The stage: a separate server for each test, users with accounts, and their sockets.

use std::{
    collections::BTreeMap,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex},
};

use daehwa::run::serve;
use protocol::{
    SUBPROTOCOL,
    cursor::Cursor,
    ids::{MessageId, RoomId, UserId},
    lobby_socket::{LobbyEvent, LobbySnapshot},
    room_socket::Post,
};
use server::{
    app::AppState,
    messenger::{Actor, ClientInfo, Imported, Messenger, PeopleTable, Policy, RateClock},
    model::DatabaseUrl,
    origin::Origins,
};
use sqlx::SqliteConnection;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio_tungstenite::tungstenite::{client::IntoClientRequest, http::Request};

pub(crate) use crate::socket::{ClientStream, QUIET, Socket, TEST_TIMEOUT, refused};
use crate::test_server::TestServer;

pub(crate) const PASSWORD: &str = "correct horse";
/// The address from which the stage's users sign in.
pub(crate) const HERE: ClientInfo<'static> =
    ClientInfo { address: IpAddr::V4(Ipv4Addr::LOCALHOST), agent: "", device: None };

/// The snapshot of a `welcome`.
pub(crate) fn snapshot(event: LobbyEvent) -> Option<LobbySnapshot> {
    if let LobbyEvent::Welcome(snapshot) = event { Some(snapshot) } else { None }
}

/// The data directories of databases with nodes, by their URLs: a disk that all nodes share. They end with the database
/// server.
static SHARED_DISKS: Mutex<BTreeMap<String, Arc<TempDir>>> = Mutex::new(BTreeMap::new());

fn shared_disk(database: &DatabaseUrl) -> Arc<TempDir> {
    let mut disks = SHARED_DISKS.lock().unwrap();
    let new = || Arc::new(tempfile::tempdir_in(&TestServer::get().folder).unwrap());
    disks.entry(database.secret().to_owned()).or_insert_with(new).clone()
}

/// With DAEHWA_TEST_ENGINE=postgres, a new database for each stage; otherwise the data directory has it.
fn shared_database() -> Option<DatabaseUrl> {
    let is_shared = std::env::var("DAEHWA_TEST_ENGINE").is_ok_and(|engine| engine == "postgres");
    is_shared.then(|| TestServer::get().new_database())
}

pub(crate) fn unlimited() -> Policy {
    Policy { registration_open: true, rate_clock: RateClock::stopped(), ..Policy::UNLIMITED }
}

pub(crate) struct Stage {
    pub(crate) address: SocketAddr,
    pub(crate) messenger: Messenger,
    /// Nodes of one database have it in common.
    pub(crate) data: Arc<TempDir>,
}

impl Stage {
    pub(crate) async fn new() -> Self {
        Self::with(unlimited()).await
    }

    pub(crate) async fn with(policy: Policy) -> Self {
        Self::start(policy, Origins::default()).await
    }

    /// A stage with other origins: another public address, or a portal.
    pub(crate) async fn behind(origins: Origins) -> Self {
        Self::start(unlimited(), origins).await
    }

    async fn start(policy: Policy, origins: Origins) -> Self {
        Self::start_on(Policy { database: shared_database(), ..policy }, origins).await
    }

    /// A node of this database. All have their files on one disk.
    pub(crate) async fn node(database: &DatabaseUrl) -> Self {
        Self::node_with(database, unlimited()).await
    }

    pub(crate) async fn node_with(database: &DatabaseUrl, policy: Policy) -> Self {
        Self::node_at(database, policy, shared_disk(database)).await
    }

    /// A node with its own data directory.
    pub(crate) async fn node_at(database: &DatabaseUrl, policy: Policy, data: Arc<TempDir>) -> Self {
        let policy = Policy { database: Some(database.clone()), ..policy };
        Self::start_at(policy, Origins::default(), data).await
    }

    async fn start_on(policy: Policy, origins: Origins) -> Self {
        Self::start_at(policy, origins, Arc::new(tempfile::tempdir().unwrap())).await
    }

    async fn start_at(policy: Policy, origins: Origins, data: Arc<TempDir>) -> Self {
        let messenger = Messenger::open(data.path(), policy).await.unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let proxies = "127.0.0.0/8".parse().unwrap();
        let app = AppState::new(messenger.clone(), origins, proxies, address.port());
        tokio::spawn(serve(listener, app, std::future::pending()));
        Self { address, messenger, data }
    }

    pub(crate) async fn person(&self, login: &str, name: &str) -> Person {
        self.messenger.accounts().add(login, name, PASSWORD, false).await.unwrap();
        self.sign_in(login).await
    }

    /// Another device of a user who has an account.
    pub(crate) async fn sign_in(&self, login: &str) -> Person {
        let sign_in = self.messenger.accounts().sign_in(login, PASSWORD, HERE).await.unwrap();
        Person { id: sign_in.user, token: sign_in.token, address: self.address }
    }

    /// The same user, connected to this node.
    pub(crate) fn moved(&self, person: &Person) -> Person {
        Person { address: self.address, ..person.clone() }
    }

    /// Creates and changes accounts from a table.
    pub(crate) async fn import(&self, table: &str) -> Imported {
        let plan =
            PeopleTable::read(table.as_bytes()).unwrap().plan(&self.messenger.accounts().all().await.unwrap()).unwrap();
        self.messenger.accounts().import(plan, |_, _| ()).await.unwrap()
    }

    /// Posts without a socket.
    pub(crate) async fn post(&self, person: &Person, room: RoomId, body: &str) -> MessageId {
        let id = MessageId::new();
        let message = Post::new(id, body);
        self.messenger.messages().post(person.actor(), room, message).await.unwrap();
        id
    }

    /// The URL of the database, for a connection next to the server.
    pub(crate) fn database(&self) -> String {
        format!("sqlite://{}", self.data.path().join("daehwa.db").display())
    }

    /// Runs a statement on the database, bypassing the server.
    pub(crate) async fn sql(&self, sql: &str) {
        let url = format!("sqlite://{}", self.data.path().join("daehwa.db").display());
        let mut connection = <SqliteConnection as sqlx::Connection>::connect(&url).await.unwrap();
        sqlx::raw_sql(sqlx::AssertSqlSafe(sql.to_owned())).execute(&mut connection).await.unwrap();
    }

    pub(crate) async fn sql_texts(&self, sql: &'static str) -> Vec<String> {
        let url = format!("sqlite://{}", self.data.path().join("daehwa.db").display());
        let mut connection = <SqliteConnection as sqlx::Connection>::connect(&url).await.unwrap();
        sqlx::query_scalar(sql).fetch_all(&mut connection).await.unwrap()
    }

    /// Two users with a direct room.
    pub(crate) async fn pair(&self) -> (Person, Person, RoomId) {
        let (minsu, younghee) = (self.person("minsu", "김민수").await, self.person("younghee", "이영희").await);
        let room = self.messenger.rooms().open_direct(minsu.actor(), younghee.id).await.unwrap();
        (minsu, younghee, room)
    }
}

#[derive(Clone)]
pub(crate) struct Person {
    pub(crate) id: UserId,
    pub(crate) token: String,
    pub(crate) address: SocketAddr,
}

/// A user for whom the operator acts, without a session.
pub(crate) fn actor(user: UserId) -> Actor {
    Actor::operator(user)
}

impl Person {
    pub(crate) fn actor(&self) -> Actor {
        actor(self.id)
    }

    /// The handshake of this user's browser from our own page, in the legacy dialect.
    pub(crate) fn request(&self, path: &str) -> Request<()> {
        let mut request = format!("ws://{}{path}", self.address).into_client_request().unwrap();
        request.headers_mut().insert("origin", format!("http://{}", self.address).parse().unwrap());
        request.headers_mut().insert("cookie", format!("daehwa={}", self.token).parse().unwrap());
        request
    }

    pub(crate) fn own_request(&self, path: &str) -> Request<()> {
        let mut request = self.request(path);
        request.headers_mut().insert("sec-websocket-protocol", SUBPROTOCOL.parse().unwrap());
        request
    }

    pub(crate) async fn lobby(&self) -> Socket {
        Socket::open(self.own_request("/usersServerEndpoint")).await.with_first_frame().await
    }

    pub(crate) async fn lobby_since(&self, cursor: Cursor) -> Socket {
        Socket::open(self.own_request(&format!("/usersServerEndpoint?since={cursor}"))).await.with_first_frame().await
    }

    pub(crate) async fn chat(&self, room: RoomId) -> Socket {
        Socket::open(self.own_request(&format!("/chat/{room}"))).await.with_first_frame().await
    }

    pub(crate) async fn chat_since(&self, room: RoomId, cursor: Cursor) -> Socket {
        Socket::open(self.own_request(&format!("/chat/{room}?since={cursor}"))).await.with_first_frame().await
    }

    /// A legacy lobby, registered as the original's page does.
    pub(crate) async fn egov_lobby(&self) -> Socket {
        let mut socket = Socket::open(self.request("/usersServerEndpoint")).await;
        socket.send_text(r#"{"connectionType":"firstConnection","username":"whatever"}"#).await;
        socket.with_first_frame().await
    }

    /// A legacy chat window, announced as the original's page does.
    pub(crate) async fn egov_chat(&self, room: RoomId) -> Socket {
        let mut socket = Socket::open(self.request(&format!("/chat/{room}"))).await;
        socket.send_text(&format!(r#"{{"message":"arrived","room":"{room}"}}"#)).await;
        socket.with_first_frame().await
    }
}
