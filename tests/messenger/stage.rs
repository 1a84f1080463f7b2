//! The stage: a separate server for each test, users with accounts, and their sockets.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    time::Duration,
};

use client::state::lobby::Lobby;
use daehwa::run::serve;
use futures::{SinkExt, StreamExt};
use protocol::{
    SUBPROTOCOL,
    cursor::Cursor,
    error::Refusal,
    ids::{MessageId, RoomId, UserId},
    lobby_socket::{LobbyCommand, LobbyEvent, LobbySnapshot},
    message::Message,
    room::RoomSnapshot,
    room_socket::{Post, RoomCommand, RoomEvent},
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use server::{
    app::AppState,
    messenger::{Actor, ClientInfo, Imported, Messenger, PeopleTable, Policy},
    origin::Origins,
};
use sqlx::SqliteConnection;
use tokio::{
    net::{TcpListener, TcpStream},
    time::timeout,
};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{self, Message as Frame, client::IntoClientRequest, http::Request},
};

pub(crate) const PASSWORD: &str = "correct horse";
/// The address from which the stage's users sign in.
pub(crate) const HERE: ClientInfo<'static> =
    ClientInfo { address: IpAddr::V4(Ipv4Addr::LOCALHOST), agent: "", device: None };
/// Long enough for a busy machine: a test that waits this long has failed.
pub(crate) const TEST_TIMEOUT: Duration = Duration::from_secs(20);
/// Long enough for an unwanted frame to arrive.
pub(crate) const QUIET: Duration = Duration::from_millis(700);

/// The snapshot of a `welcome`.
pub(crate) fn snapshot(event: LobbyEvent) -> Option<LobbySnapshot> {
    if let LobbyEvent::Welcome(snapshot) = event { Some(snapshot) } else { None }
}

pub(crate) fn unlimited() -> Policy {
    Policy { registration_open: true, ..Policy::UNLIMITED }
}

pub(crate) struct Stage {
    pub(crate) address: SocketAddr,
    pub(crate) messenger: Messenger,
    pub(crate) data: tempfile::TempDir,
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
        let data = tempfile::tempdir().unwrap();
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

pub(crate) type ClientStream = WebSocketStream<MaybeTlsStream<TcpStream>>;

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
        Socket::open(self.own_request("/usersServerEndpoint")).await.greeted().await
    }

    pub(crate) async fn lobby_since(&self, cursor: Cursor) -> Socket {
        Socket::open(self.own_request(&format!("/usersServerEndpoint?since={cursor}"))).await.greeted().await
    }

    pub(crate) async fn chat(&self, room: RoomId) -> Socket {
        Socket::open(self.own_request(&format!("/chat/{room}"))).await.greeted().await
    }

    pub(crate) async fn chat_since(&self, room: RoomId, cursor: Cursor) -> Socket {
        Socket::open(self.own_request(&format!("/chat/{room}?since={cursor}"))).await.greeted().await
    }

    /// A legacy lobby, registered as the original's page does.
    pub(crate) async fn egov_lobby(&self) -> Socket {
        let mut socket = Socket::open(self.request("/usersServerEndpoint")).await;
        socket.say(r#"{"connectionType":"firstConnection","username":"whatever"}"#).await;
        socket.greeted().await
    }

    /// A legacy chat window, announced as the original's page does.
    pub(crate) async fn egov_chat(&self, room: RoomId) -> Socket {
        let mut socket = Socket::open(self.request(&format!("/chat/{room}"))).await;
        socket.say(&format!(r#"{{"message":"arrived","room":"{room}"}}"#)).await;
        socket.greeted().await
    }
}

/// The status with which a handshake was refused.
pub(crate) async fn refused(request: Request<()>) -> u16 {
    match connect_async(request).await {
        Err(tungstenite::Error::Http(response)) => response.status().as_u16(),
        Err(other) => panic!("refused otherwise: {other}"),
        Ok(_) => 101,
    }
}

pub(crate) struct Socket {
    pub(crate) wire: ClientStream,
    /// The first frame, until a test reads it.
    first_frame: Option<ReceivedFrame>,
}

type ReceivedFrame = Option<Result<Frame, tungstenite::Error>>;

impl Socket {
    pub(crate) async fn open(request: Request<()>) -> Self {
        let (wire, _) = timeout(TEST_TIMEOUT, connect_async(request)).await.expect("a handshake in time").unwrap();
        Self { wire, first_frame: None }
    }

    /// Waits for the first frame, because a finished handshake does not mean that the socket is subscribed.
    async fn greeted(mut self) -> Self {
        self.first_frame = Some(timeout(TEST_TIMEOUT, self.wire.next()).await.expect("a greeting in time"));
        self
    }

    async fn received(&mut self) -> ReceivedFrame {
        match self.first_frame.take() {
            Some(first_frame) => first_frame,
            None => self.wire.next().await,
        }
    }

    pub(crate) async fn say(&mut self, text: &str) {
        self.wire.send(Frame::text(text)).await.unwrap();
    }

    pub(crate) async fn command(&mut self, command: &impl Serialize) {
        self.say(&serde_json::to_string(command).unwrap()).await;
    }

    pub(crate) async fn post(&mut self, body: &str) -> MessageId {
        let id = MessageId::new();
        self.command(&RoomCommand::Post(Post::new(id, body))).await;
        id
    }

    pub(crate) async fn open_direct(&mut self, user: UserId) {
        self.command(&LobbyCommand::OpenDirect { user }).await;
    }

    /// The next text frame; `None` when the connection closed.
    pub(crate) async fn text(&mut self) -> Option<String> {
        let hearing = async {
            loop {
                match self.received().await {
                    Some(Ok(Frame::Text(text))) => return Some(text.to_string()),
                    Some(Ok(Frame::Ping(_) | Frame::Pong(_))) => {}
                    Some(Ok(other)) => panic!("unexpected {other:?}"),
                    None | Some(Err(_)) => return None,
                }
            }
        };
        // Pings do not count: they must not prolong the wait.
        timeout(TEST_TIMEOUT, hearing).await.expect("a frame in time")
    }

    /// The server's close code, after any frames before it.
    pub(crate) async fn close_code(&mut self) -> u16 {
        self.close().await.0
    }

    /// The server's close code and reason.
    pub(crate) async fn close(&mut self) -> (u16, String) {
        let hearing = async {
            loop {
                match self.received().await {
                    Some(Ok(Frame::Close(frame))) => {
                        return frame.map(|frame| (frame.code.into(), frame.reason.to_string())).unwrap_or_default();
                    }
                    Some(Ok(_)) => {}
                    other => panic!("ended without a code: {other:?}"),
                }
            }
        };
        timeout(TEST_TIMEOUT, hearing).await.expect("an end in time")
    }

    async fn next<E: DeserializeOwned>(&mut self) -> E {
        let text = self.text().await.expect("a frame, not the end");
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
    }

    /// The first matching event; others are skipped.
    async fn until<E: DeserializeOwned, T>(&mut self, fits: impl Fn(E) -> Option<T>) -> T {
        let waiting = async {
            loop {
                if let Some(found) = fits(self.next().await) {
                    return found;
                }
            }
        };
        timeout(TEST_TIMEOUT, waiting).await.expect("the awaited event in time")
    }

    pub(crate) async fn lobby_event<T>(&mut self, fits: impl Fn(LobbyEvent) -> Option<T>) -> T {
        self.until(fits).await
    }

    pub(crate) async fn chat_event<T>(&mut self, fits: impl Fn(RoomEvent) -> Option<T>) -> T {
        self.until(fits).await
    }

    pub(crate) async fn message(&mut self) -> (Message, Cursor) {
        let message =
            |event| if let RoomEvent::Message { message, cursor } = event { Some((message, cursor)) } else { None };
        self.chat_event(message).await
    }

    /// Applies the lobby events that have arrived.
    pub(crate) async fn lobby_events(&mut self, lobby: &mut Lobby) {
        while let Ok(Some(Ok(frame))) = timeout(Duration::from_millis(20), self.received()).await {
            if let Frame::Text(text) = frame {
                lobby.apply(serde_json::from_str(&text).unwrap());
            }
        }
    }

    /// The next refusal, and the message that it names.
    pub(crate) async fn refusal(&mut self) -> (Refusal, Option<MessageId>) {
        let refused = |event| if let RoomEvent::Refused { error, id } = event { Some((error, id)) } else { None };
        self.chat_event(refused).await
    }

    /// The next change of the message.
    pub(crate) async fn change_of(&mut self, id: MessageId) -> Message {
        let change = |event| match event {
            RoomEvent::Message { message, .. } if message.id == id => Some(message),
            _ => None,
        };
        self.chat_event(change).await
    }

    pub(crate) async fn welcome(&mut self) -> RoomSnapshot {
        let welcome = |event| if let RoomEvent::Welcome(snapshot) = event { Some(snapshot) } else { None };
        self.chat_event(welcome).await
    }

    /// The first legacy frame with this key; others are skipped.
    pub(crate) async fn egov(&mut self, key: &str) -> Value {
        self.until(|value: Value| value.get(key).is_some().then_some(value)).await
    }

    /// The first legacy frame of this `messageType`.
    pub(crate) async fn egov_typed(&mut self, kind: &str) -> Value {
        self.until(|value: Value| (value["messageType"] == kind).then_some(value)).await
    }

    /// The first legacy chat message that contains this.
    pub(crate) async fn until_message(&mut self, part: &str) -> String {
        self.until(|value: Value| Some(value["message"].as_str()?.to_owned()).filter(|text| text.contains(part))).await
    }

    /// All text frames until none arrives for a while.
    pub(crate) async fn rest(&mut self) -> Vec<String> {
        let mut frames = Vec::new();
        while let Ok(Some(Ok(frame))) = timeout(QUIET, self.received()).await {
            if let Frame::Text(text) = frame {
                frames.push(text.to_string());
            }
        }
        frames
    }

    /// Waits until the server has processed all frames of this socket, with a ping.
    pub(crate) async fn settle(&mut self) {
        self.say(r#"{"type":"ping"}"#).await;
        self.until(|value: Value| (value["type"] == "pong").then_some(())).await;
    }
}
