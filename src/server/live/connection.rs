//! The life of one connection, whichever language is spoken on it: hear, say, notice silence, close.

use std::{future::Future, time::Duration};

use futures::{SinkExt, StreamExt};
use tokio::time::{Instant, MissedTickBehavior, interval, timeout};
use tokio_tungstenite::tungstenite::{
    Error, Message, Utf8Bytes,
    protocol::{
        CloseFrame,
        frame::{
            Frame,
            coding::{CloseCode, Data, OpCode},
        },
    },
};

use crate::server::{
    hub::{CloseReason, Seat, Told},
    live::upgrade::Socket,
};

/// How often it is looked whether the other side gives signs of life.
const LOOK_EVERY: Duration = Duration::from_secs(10);
/// A peer that was silent for so long is asked for one. Browsers answer by themselves, also in the
/// background, where a page's own timers sleep.
const PING_AFTER: Duration = Duration::from_secs(15);
/// A peer that gave no sign for so long is gone: noticed at the next look, within 45 seconds.
const SILENCE: Duration = Duration::from_secs(34);
/// How long one write may take: a peer that does not read is let go.
const WRITE_PATIENCE: Duration = Duration::from_secs(20);
/// How long a closed connection is still read, so that the other side gets to hear why.
const FAREWELL: Duration = Duration::from_secs(2);
/// Waiting events written together, with one flush.
const COALESCED: usize = 32;
/// Bytes of one frame of what we say. The codec's buffer stays as large as the largest frame that it wrote,
/// and a greeting may name a thousand people.
const PIECE_BYTES: usize = 4 * 1024;
/// "Signed out": of the codes that RFC 6455 leaves to applications.
const CLOSE_SIGNED_OUT: CloseCode = CloseCode::Library(4001);
/// "No longer a member of this room".
const CLOSE_NOT_A_MEMBER: CloseCode = CloseCode::Library(4003);

/// What a language says and how it answers.
pub(super) trait Language: Send + 'static {
    type Event: Send + Sync + 'static;

    /// More frames a second than this are a flood; none: nothing is.
    fn frames_per_second(&self) -> Option<u32>;

    /// What is said first, before any event.
    fn greet(&mut self) -> impl Future<Output = Vec<Utf8Bytes>> + Send;

    /// Carries out what the other side said and gives the answer to it alone. `None` for a frame
    /// that is not text.
    fn hear(&mut self, frame: Option<&str>) -> impl Future<Output = Vec<Utf8Bytes>> + Send;

    /// An event in this language; none when it has no words for it.
    fn say(&mut self, told: &Told<Self::Event>) -> Vec<Utf8Bytes>;
}

/// Why a connection is over.
enum End {
    /// The other side went, or cannot be reached.
    Gone,
    /// We close it, with a code and a word.
    Close(CloseCode, &'static str),
}

/// Speaks until the connection ends; the seat is given up with it.
pub(super) async fn run<L: Language>(mut socket: Socket, mut seat: Seat<L::Event>, mut language: L) {
    // Boxed: what is only needed for a moment would otherwise be a part of what lives as long as the socket.
    let greeting = Box::pin(language.greet()).await;
    let end = match write(&mut socket, greeting).await {
        Ok(()) => converse(&mut socket, &mut seat, &mut language).await,
        Err(end) => end,
    };
    drop(seat);
    if let End::Close(code, reason) = end {
        let frame = CloseFrame { code, reason: Utf8Bytes::from_static(reason) };
        let _ = timeout(FAREWELL, say_farewell(&mut socket, frame)).await;
    }
}

/// Unread bytes at the end would make the system reset the connection, and the reason be lost. After
/// a frame that broke the rules nothing can be read any more: then the reason is given time to arrive.
async fn say_farewell(socket: &mut Socket, frame: CloseFrame) {
    if socket.send(Message::Close(Some(frame))).await.is_err() {
        return;
    }
    while let Some(heard) = socket.next().await {
        if let Ok(Message::Close(_)) = heard {
            return;
        }
    }
    std::future::pending().await
}

async fn converse<L: Language>(socket: &mut Socket, seat: &mut Seat<L::Event>, language: &mut L) -> End {
    let mut look = interval(LOOK_EVERY);
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    look.tick().await;
    let (mut heard_at, mut flood) = (Instant::now(), Flood::new(language.frames_per_second()));
    loop {
        let outcome = tokio::select! {
            message = socket.next() => {
                heard_at = Instant::now();
                if flood.is_one(heard_at) { return End::Close(CloseCode::Policy, "too many frames"); }
                match message {
                    Some(Ok(message)) => Box::pin(hear(socket, language, message)).await,
                    Some(Err(error)) => Err(broken(&error)),
                    None => Err(End::Gone),
                }
            }
            told = seat.outbox.next() => match told {
                Some(told) => {
                    let waiting = std::iter::from_fn(|| seat.outbox.try_next()).take(COALESCED);
                    let frames = std::iter::once(told).chain(waiting).flat_map(|told| language.say(&told)).collect();
                    Box::pin(write(socket, frames)).await
                }
                None => Err(closing(seat.outbox.close_reason())),
            },
            _ = look.tick() => match heard_at.elapsed() {
                silence if silence > SILENCE => Err(End::Gone),
                silence if silence > PING_AFTER => send(socket, Message::Ping(Vec::new().into())).await,
                _ => Ok(()),
            },
        };
        if let Err(end) = outcome {
            return end;
        }
    }
}

async fn hear<L: Language>(socket: &mut Socket, language: &mut L, message: Message) -> Result<(), End> {
    let answer = match &message {
        Message::Text(text) => language.hear(Some(text)).await,
        Message::Binary(_) => language.hear(None).await,
        Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => return Ok(()),
        Message::Close(_) => return Err(End::Gone),
    };
    write(socket, answer).await
}

async fn write(socket: &mut Socket, frames: Vec<Utf8Bytes>) -> Result<(), End> {
    if frames.is_empty() {
        return Ok(());
    }
    let writing = async {
        for frame in frames {
            if frame.len() > PIECE_BYTES {
                write_in_pieces(socket, frame.as_bytes()).await?;
            } else {
                socket.feed(Message::Text(frame)).await?;
            }
        }
        socket.flush().await
    };
    patiently(writing).await
}

async fn write_in_pieces(socket: &mut Socket, text: &[u8]) -> Result<(), Error> {
    let mut pieces = text.chunks(PIECE_BYTES).peekable();
    let mut kind = Data::Text;
    while let Some(piece) = pieces.next() {
        let frame = Frame::message(piece.to_vec(), OpCode::Data(kind), pieces.peek().is_none());
        socket.send(Message::Frame(frame)).await?;
        kind = Data::Continue;
    }
    Ok(())
}

async fn send(socket: &mut Socket, message: Message) -> Result<(), End> {
    patiently(socket.send(message)).await
}

async fn patiently<E>(writing: impl Future<Output = Result<(), E>>) -> Result<(), End> {
    match timeout(WRITE_PATIENCE, writing).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(_)) | Err(_) => Err(End::Gone),
    }
}

fn closing(reason: Option<CloseReason>) -> End {
    match reason {
        Some(CloseReason::SessionEnded) => End::Close(CLOSE_SIGNED_OUT, "signed out"),
        Some(CloseReason::NotAMember) => End::Close(CLOSE_NOT_A_MEMBER, "not a member"),
        Some(CloseReason::TooSlow) => End::Close(CloseCode::Again, "come back with your cursor"),
        Some(CloseReason::GoingAway) | None => End::Close(CloseCode::Away, "going away"),
    }
}

/// What the other side did wrong on the wire, in RFC 6455's codes.
fn broken(error: &Error) -> End {
    match error {
        Error::Capacity(_) => End::Close(CloseCode::Size, "frame too large"),
        Error::Utf8(_) => End::Close(CloseCode::Invalid, "not UTF-8"),
        Error::Protocol(_) => End::Close(CloseCode::Protocol, "not WebSocket"),
        _ => End::Gone,
    }
}

/// Counts frames in one second's windows.
struct Flood {
    limit: Option<u32>,
    since: Instant,
    frames: u32,
}

impl Flood {
    fn new(limit: Option<u32>) -> Self {
        Self { limit, since: Instant::now(), frames: 0 }
    }

    fn is_one(&mut self, now: Instant) -> bool {
        if now.duration_since(self.since) >= Duration::from_secs(1) {
            *self = Self { since: now, frames: 0, ..*self };
        }
        self.frames += 1;
        self.limit.is_some_and(|limit| self.frames > limit)
    }
}

/// A frame that was encoded once for everybody.
pub(super) fn frame<E>(told: &Told<E>) -> Vec<Utf8Bytes> {
    Utf8Bytes::try_from(told.frame.clone()).into_iter().collect()
}

/// A frame for this connection alone.
pub(super) fn encode<E: serde::Serialize>(event: &E) -> Vec<Utf8Bytes> {
    serde_json::to_string(event).map(Utf8Bytes::from).into_iter().collect()
}
