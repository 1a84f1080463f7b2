//! The life of one connection in any dialect: it reads and executes commands, pings a silent peer, and closes.

use std::time::Duration;

use tokio::time::{Instant, MissedTickBehavior, interval, sleep, timeout};

use crate::{
    hub::{CloseReason, Subscription},
    socket::{
        codec::{CodecViolation, Decoder, FrameCount, Frames, Received},
        dialect::{Dialect, Excess, Incoming},
        upgrade::Raw,
        write_half::{Progress, WriteHalf},
    },
};
use protocol::ended::Ended;

/// How often a connection checks when its peer last sent something.
const SILENCE_CHECK: Duration = Duration::from_secs(10);
/// After this silence the peer is pinged. Browsers answer pings also for background tabs, whose timers are throttled.
const PING_AFTER: Duration = Duration::from_secs(15);
/// After this silence the connection is dropped, at the next check: within 45 seconds.
const SILENCE_LIMIT: Duration = Duration::from_secs(34);
/// How long a write may be blocked before the connection is dropped.
const WRITE_TIMEOUT: Duration = Duration::from_secs(20);
/// How long a closed connection is still read, so that the close frame arrives.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(2);
/// Bytes that are read meanwhile, at most: a flooding client may lose the close frame.
const CLOSE_BYTES: u64 = 128 * 1024;
/// RFC 6455's codes (7.4.1), and the registry's for "try again later".
const CLOSE_AWAY: u16 = 1001;
const CLOSE_PROTOCOL: u16 = 1002;
const CLOSE_INVALID: u16 = 1007;
const CLOSE_POLICY: u16 = 1008;
const CLOSE_SIZE: u16 = 1009;
const CLOSE_AGAIN: u16 = 1013;
/// "Signed out", from the range that RFC 6455 leaves to applications.
const CLOSE_SIGNED_OUT: u16 = 4001;
/// "Another account signed in, in this browser"; the digits are those of the HTTP status that refuses a handshake for
/// it.
const CLOSE_OTHER_ACCOUNT: u16 = 4009;
/// "Not a member of this room any more".
const CLOSE_NOT_A_MEMBER: u16 = 4003;

/// How a connection ends.
enum Disconnect {
    /// The peer closed the connection or is unreachable.
    Gone,
    /// The server closes it, with this code and reason.
    Close(u16, &'static str),
    /// As `Close`; later bytes cannot be parsed.
    Fail(u16, &'static str),
}

/// Serves a connection until it ends. Then its subscription is dropped.
pub(super) async fn run<D: Dialect>(raw: Raw, subscription: Subscription<D::Event>, dialect: D) {
    let Raw { stream, early_bytes, delivery, admitted: _admitted } = raw;
    let mut decoder = Decoder::default();
    decoder.push(&early_bytes);
    drop(early_bytes);
    let flood = Flood::new(dialect.frames_per_second());
    let Subscription { hold, outbox } = subscription;
    let half = WriteHalf::new(stream, outbox, dialect, delivery);
    // Boxed, as others below: otherwise a short-lived future would enlarge the future that lives as long as the socket.
    Box::pin(half.welcome()).await;
    let disconnect = serve(&half, &mut decoder, flood).await;
    drop(hold);
    let _ = timeout(CLOSE_TIMEOUT, Box::pin(close(&half, decoder, disconnect))).await;
}

/// Sends the close frame and continues to read for a while: if bytes stay unread, the system resets the connection, and
/// the frame is lost.
async fn close<D: Dialect>(half: &WriteHalf<D>, mut decoder: Decoder, disconnect: Disconnect) {
    let (Disconnect::Close(code, reason) | Disconnect::Fail(code, reason)) = disconnect else { return };
    half.close(Some(code), reason);
    while half.progress() == Progress::Blocked {
        half.retry().await;
    }
    let is_failed = matches!(disconnect, Disconnect::Fail(..));
    if is_failed {
        half.shut_down();
        decoder = Decoder::default();
    }
    let mut left = CLOSE_BYTES;
    while left > 0 && half.read(&mut decoder).await {
        left = left.saturating_sub(decoder.take_count().bytes);
        if has_closed(&mut decoder) && !is_failed {
            return;
        }
    }
}

/// Whether the peer has sent its close frame; other frames are dropped.
fn has_closed(decoder: &mut Decoder) -> bool {
    loop {
        match decoder.next() {
            Ok(Some(Received::Close(_))) => return true,
            Ok(Some(_)) => {}
            Ok(None) => return false,
            Err(_) => *decoder = Decoder::default(),
        }
    }
}

async fn serve<D: Dialect>(half: &WriteHalf<D>, decoder: &mut Decoder, mut flood: Flood) -> Disconnect {
    let mut check = interval(SILENCE_CHECK);
    check.set_missed_tick_behavior(MissedTickBehavior::Delay);
    check.tick().await;
    let mut received_at = Instant::now();
    // Frames may have arrived together with the handshake.
    let mut outcome = Box::pin(execute(half, decoder, &mut flood)).await;
    loop {
        if let Err(disconnect) = outcome {
            return disconnect;
        }
        outcome = tokio::select! {
            is_open = half.read(decoder) => if is_open {
                received_at = Instant::now();
                Box::pin(execute(half, decoder, &mut flood)).await
            } else {
                Err(Disconnect::Gone)
            },
            () = half.woken() => Box::pin(settle(half)).await,
            _ = check.tick() => match received_at.elapsed() {
                silence if silence > SILENCE_LIMIT => Err(Disconnect::Gone),
                silence if silence > PING_AFTER => {
                    send(half, Frames::ping);
                    Box::pin(settle(half)).await
                }
                _ => Ok(()),
            },
        };
    }
}

/// Executes the complete frames one after the other. The next one waits until the client has received the reply
/// (backpressure).
async fn execute<D: Dialect>(half: &WriteHalf<D>, decoder: &mut Decoder, flood: &mut Flood) -> Result<(), Disconnect> {
    loop {
        let received = decoder.next();
        if let Some(wait) = flood.excess(decoder.take_count(), Instant::now()) {
            refuse(half, Excess::TooFast, Disconnect::Close(CLOSE_POLICY, "too many frames")).await?;
            // Nothing is read during the pause, so TCP's window closes.
            sleep(wait).await;
        }
        if received == Err(CodecViolation::TooLarge) {
            refuse(half, Excess::TooLarge, failure(CodecViolation::TooLarge)).await?;
            decoder.skip_message();
            continue;
        }
        match received.map_err(failure)? {
            Some(Received::Text(text)) => half.execute(Incoming::Text(&text)).await,
            Some(Received::Binary(bytes)) => half.execute(Incoming::Binary(&bytes)).await,
            Some(Received::Ping(payload)) => send(half, |frames| frames.pong(&payload)),
            Some(Received::Pong) => {}
            Some(Received::Close(code)) => {
                half.close(code, "");
                return Err(Disconnect::Gone);
            }
            None => return settle(half).await,
        }
        settle(half).await?;
    }
}

/// Refuses frames over a limit in the client's dialect, or disconnects.
async fn refuse<D: Dialect>(half: &WriteHalf<D>, excess: Excess, disconnect: Disconnect) -> Result<(), Disconnect> {
    if half.refuse_excess(excess) { settle(half).await } else { Err(disconnect) }
}

/// Waits until the system has taken all bytes. Fails if the system takes none for too long, or if the hub closes the
/// connection.
async fn settle<D: Dialect>(half: &WriteHalf<D>) -> Result<(), Disconnect> {
    match half.progress() {
        Progress::Done => {}
        Progress::Broken => return Err(Disconnect::Gone),
        Progress::Blocked => timeout(WRITE_TIMEOUT, unblock(half)).await.unwrap_or(Err(Disconnect::Gone))?,
    }
    half.close_reason().map_or(Ok(()), |reason| Err(closing(reason)))
}

async fn unblock<D: Dialect>(half: &WriteHalf<D>) -> Result<(), Disconnect> {
    loop {
        tokio::select! {
            progress = half.retry() => match progress {
                Progress::Done => return Ok(()),
                Progress::Blocked => {}
                Progress::Broken => return Err(Disconnect::Gone),
            },
            () = half.woken() => if let Some(reason) = half.close_reason() {
                return Err(closing(reason));
            },
        }
    }
}

fn send<D: Dialect>(half: &WriteHalf<D>, put: impl FnOnce(&mut Frames)) {
    let mut frames = Frames::default();
    put(&mut frames);
    half.send(&frames);
}

fn closing(reason: CloseReason) -> Disconnect {
    match reason {
        CloseReason::SessionEnded(why @ Ended::OtherAccount) => Disconnect::Close(CLOSE_OTHER_ACCOUNT, why.code()),
        CloseReason::SessionEnded(why) => Disconnect::Close(CLOSE_SIGNED_OUT, why.code()),
        CloseReason::NotAMember => Disconnect::Close(CLOSE_NOT_A_MEMBER, "not a member"),
        CloseReason::MustResume | CloseReason::CutOff => Disconnect::Close(CLOSE_AGAIN, "come back with your cursor"),
        CloseReason::GoingAway => Disconnect::Close(CLOSE_AWAY, "going away"),
    }
}

/// The close code of a protocol violation (RFC 6455).
fn failure(violation: CodecViolation) -> Disconnect {
    match violation {
        CodecViolation::Protocol => Disconnect::Fail(CLOSE_PROTOCOL, "not WebSocket"),
        CodecViolation::TooLarge => Disconnect::Fail(CLOSE_SIZE, "frame too large"),
        CodecViolation::NotUtf8 => Disconnect::Fail(CLOSE_INVALID, "not UTF-8"),
    }
}

/// Bytes per second for each frame per second that a client may send: more than any user types.
const BYTES_PER_FRAME: u64 = 8 * 1024;
const SECOND: Duration = Duration::from_secs(1);

/// The rate limit of one connection: counts frames of every kind, fragments included, and bytes in windows of a second.
struct Flood {
    limit: Option<u32>,
    window_start: Instant,
    count: FrameCount,
}

impl Flood {
    fn new(limit: Option<u32>) -> Self {
        Self { limit, window_start: Instant::now(), count: FrameCount::default() }
    }

    /// How long until the next window; `None` while the limit is not exceeded.
    fn excess(&mut self, received: FrameCount, now: Instant) -> Option<Duration> {
        if now.duration_since(self.window_start) >= SECOND {
            (self.window_start, self.count) = (now, FrameCount::default());
        }
        self.count.frames = self.count.frames.saturating_add(received.frames);
        self.count.bytes = self.count.bytes.saturating_add(received.bytes);
        let limit = self.limit?;
        let is_over = self.count.frames > limit || self.count.bytes > u64::from(limit) * BYTES_PER_FRAME;
        is_over.then(|| SECOND.saturating_sub(now.duration_since(self.window_start)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_and_bytes_are_limited_separately() {
        let count = |frames, bytes| FrameCount { frames, bytes };
        let now = Instant::now();
        let mut flood = Flood { limit: Some(200), window_start: now, count: FrameCount::default() };
        assert_eq!(flood.excess(count(200, 1200), now), None);
        assert_eq!(flood.excess(count(1, 6), now + SECOND / 4), Some(SECOND * 3 / 4));
        assert_eq!(flood.excess(count(200, 0), now + SECOND), None, "the next second is a new window");
        let mut flood = Flood { limit: Some(200), window_start: now, count: FrameCount::default() };
        assert_eq!(flood.excess(count(1, 200 * BYTES_PER_FRAME), now), None);
        assert!(flood.excess(count(0, 4096), now).is_some());
        let mut unlimited = Flood { limit: None, window_start: now, count: FrameCount::default() };
        assert_eq!(unlimited.excess(count(u32::MAX, u64::MAX), now), None);
    }
}
