//! The socket of a test, and what it waits for.

use std::time::Duration;

use client::state::lobby::Lobby;
use futures::{SinkExt, StreamExt};
use protocol::{
    cursor::Cursor,
    error::Refusal,
    ids::{MessageId, UserId},
    lobby_socket::{LobbyCommand, LobbyEvent},
    message::Message,
    room::RoomSnapshot,
    room_socket::{Post, RoomCommand, RoomEvent},
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{self, Message as Frame, http::Request},
};

/// Long enough for a busy machine: a test that waits this long has failed.
pub(crate) const TEST_TIMEOUT: Duration = Duration::from_secs(20);
/// Long enough for an unwanted frame to arrive.
pub(crate) const QUIET: Duration = Duration::from_millis(700);

pub(crate) type ClientStream = WebSocketStream<MaybeTlsStream<TcpStream>>;

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
    pub(crate) async fn with_first_frame(mut self) -> Self {
        self.first_frame = Some(timeout(TEST_TIMEOUT, self.wire.next()).await.expect("a first frame in time"));
        self
    }

    async fn received(&mut self) -> ReceivedFrame {
        match self.first_frame.take() {
            Some(first_frame) => first_frame,
            None => self.wire.next().await,
        }
    }

    pub(crate) async fn send_text(&mut self, text: &str) {
        self.wire.send(Frame::text(text)).await.unwrap();
    }

    pub(crate) async fn command(&mut self, command: &impl Serialize) {
        self.send_text(&serde_json::to_string(command).unwrap()).await;
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

    /// The next text frame; `None` when the server closed the connection.
    pub(crate) async fn text_or_close(&mut self) -> Option<String> {
        loop {
            match timeout(TEST_TIMEOUT, self.received()).await.expect("a frame in time") {
                Some(Ok(Frame::Text(text))) => return Some(text.to_string()),
                Some(Ok(Frame::Close(_)) | Err(_)) | None => return None,
                Some(Ok(_)) => {}
            }
        }
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

    /// The first text frame of this type; others are skipped.
    pub(crate) async fn text_of_type(&mut self, kind: &str) -> String {
        self.until(|value: Value| (value["type"] == kind).then(|| value.to_string())).await
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
        self.texts_until_pong().await;
    }

    /// All text frames until the server has processed all frames of this socket.
    pub(crate) async fn texts_until_pong(&mut self) -> Vec<String> {
        self.send_text(r#"{"type":"ping"}"#).await;
        let mut texts = Vec::new();
        loop {
            let text = self.text().await.expect("a pong, not the end");
            if text == r#"{"type":"pong"}"# {
                return texts;
            }
            texts.push(text);
        }
    }
}
