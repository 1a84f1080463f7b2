//! One WebSocket connection, from the handshake to its end.

use std::mem::take;

use futures::{
    FutureExt, SinkExt, StreamExt,
    channel::mpsc::UnboundedReceiver,
    future::{Fuse, FusedFuture},
    select,
};
use gloo_net::websocket::{Message, WebSocketError, futures::WebSocket};
use gloo_timers::future::TimeoutFuture;

use crate::{platform, socket::wakes::Wake};
use protocol::SUBPROTOCOL;

/// After this silence the client sends a ping.
const PING_AFTER_MS: u32 = 25_000;
/// A ping without an answer for this long ends the connection.
const PONG_WITHIN_MS: u32 = 10_000;
const PING: &str = r#"{"type":"ping"}"#;
/// A frame after a pause is applied at once. Frames that follow within two animation frames are applied as one batch,
/// which bounds the cost of a flood.
const BATCH_MS: u32 = 33;

/// The verdict of a batch's receiver on the connection.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    GoOn,
    /// An event was lost: resume from the cursor.
    Reconnect,
}

pub(super) enum ConnectionEnd {
    /// The server or the network closed it; `code` is 0 without a close frame.
    Closed { was_open: bool, code: u16, reason: String },
    /// The peer does not answer, or the browser is offline.
    Silent,
    /// The receiver asked to reconnect.
    Reconnect,
    /// Another attempt replaces this one at once.
    Replaced,
}

/// The receiver of a connection. Erased types, so that the connection's code is compiled once.
pub(super) struct Handlers<'a> {
    /// A frame has arrived.
    pub(super) on_frame: &'a dyn Fn(),
    /// A batch of frames has arrived.
    pub(super) receive: &'a dyn Fn(Vec<String>) -> Verdict,
}

struct OpenConnection<'a> {
    handlers: Handlers<'a>,
    was_open: bool,
    is_pinged: bool,
    /// Only received frames extend it: sent frames prove nothing about a dead connection.
    deadline: Fuse<TimeoutFuture>,
    batch: Vec<String>,
    batch_timer: Fuse<TimeoutFuture>,
}

/// Connects, then receives and sends until the connection ends.
pub(super) async fn run(
    url: &str,
    outgoing: &mut UnboundedReceiver<String>,
    wakes: &mut UnboundedReceiver<Wake>,
    handlers: Handlers<'_>,
) -> ConnectionEnd {
    let mut connection = OpenConnection::new(handlers);
    let Ok(socket) = WebSocket::open_with_protocol(url, SUBPROTOCOL) else { return connection.dropped() };
    let (mut sink, stream) = socket.split();
    let mut stream = stream.fuse();
    loop {
        select! {
            frame = stream.next() => match frame {
                Some(Ok(Message::Text(text))) => if connection.receive(text) == Verdict::Reconnect {
                    return ConnectionEnd::Reconnect;
                },
                Some(Ok(Message::Bytes(_))) => {}
                Some(Err(WebSocketError::ConnectionClose(event))) => return connection.closed(event.code, event.reason),
                Some(Err(_)) | None => return connection.closed(0, String::new()),
            },
            () = &mut connection.batch_timer => if connection.apply_late_batch() == Verdict::Reconnect {
                return ConnectionEnd::Reconnect;
            },
            text = outgoing.next() => if let Some(text) = text && sink.send(Message::Text(text)).await.is_err() {
                return connection.dropped();
            },
            wake = wakes.next() => match wake {
                // The browser may be wrong; then the next attempt succeeds.
                Some(Wake::Offline) if connection.was_open => return ConnectionEnd::Silent,
                Some(Wake::Back) if !connection.was_open => return ConnectionEnd::Replaced,
                // After a sleep or a change of network the connection may be dead.
                Some(Wake::Back | Wake::Visible) if connection.was_open && !connection.is_pinged => {
                    let _ = sink.send(connection.ping()).await;
                }
                _ => {}
            },
            () = &mut connection.deadline => {
                if connection.is_pinged || !connection.was_open { return ConnectionEnd::Silent; }
                let _ = sink.send(connection.ping()).await;
            }
        }
    }
}

impl<'a> OpenConnection<'a> {
    fn new(handlers: Handlers<'a>) -> Self {
        Self {
            handlers,
            was_open: false,
            is_pinged: false,
            deadline: TimeoutFuture::new(PING_AFTER_MS).fuse(),
            batch: Vec::new(),
            batch_timer: Fuse::terminated(),
        }
    }

    fn receive(&mut self, text: String) -> Verdict {
        (self.was_open, self.is_pinged) = (true, false);
        self.deadline = TimeoutFuture::new(PING_AFTER_MS).fuse();
        (self.handlers.on_frame)();
        self.batch.push(text);
        // A hidden window's timers may be late.
        if self.batch_timer.is_terminated() || !platform::is_visible() { self.apply_batch() } else { Verdict::GoOn }
    }

    fn apply_batch(&mut self) -> Verdict {
        self.batch_timer = TimeoutFuture::new(BATCH_MS).fuse();
        (self.handlers.receive)(take(&mut self.batch))
    }

    fn apply_late_batch(&mut self) -> Verdict {
        if self.batch.is_empty() { Verdict::GoOn } else { self.apply_batch() }
    }

    fn ping(&mut self) -> Message {
        self.is_pinged = true;
        self.deadline = TimeoutFuture::new(PONG_WITHIN_MS).fuse();
        Message::Text(PING.to_owned())
    }

    /// The connection is closed: applies the frames that have arrived.
    fn closed(&mut self, code: u16, reason: String) -> ConnectionEnd {
        (self.handlers.receive)(take(&mut self.batch));
        ConnectionEnd::Closed { was_open: self.was_open, code, reason }
    }

    /// The connection failed without a close frame.
    fn dropped(&self) -> ConnectionEnd {
        ConnectionEnd::Closed { was_open: self.was_open, code: 0, reason: String::new() }
    }
}
