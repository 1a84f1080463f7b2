//! The life of one connection, whichever language is spoken on it: hear, answer, notice silence, close.

use std::{future::Future, sync::Arc, time::Duration};

use serde::de::DeserializeOwned;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep, timeout};

use crate::{
    protocol::ended::Ended,
    server::{
        hub::{CloseReason, Seat, Told},
        live::{
            codec::{Broken, Count, Decoder, Frames, Heard},
            line::{Line, Progress},
            upgrade::Raw,
        },
    },
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
/// How much of it is read: who goes on flooding need not hear why.
const FAREWELL_BYTES: u64 = 128 * 1024;
/// RFC 6455's codes (7.4.1), and the registry's for "try again later".
const CLOSE_AWAY: u16 = 1001;
const CLOSE_PROTOCOL: u16 = 1002;
const CLOSE_INVALID: u16 = 1007;
const CLOSE_POLICY: u16 = 1008;
const CLOSE_SIZE: u16 = 1009;
const CLOSE_AGAIN: u16 = 1013;
/// "Signed out": of the codes that RFC 6455 leaves to applications.
const CLOSE_SIGNED_OUT: u16 = 4001;
/// "Another account signed in, in this browser"; the number is that of the status that refuses a handshake for it.
const CLOSE_OTHER_ACCOUNT: u16 = 4009;
/// "No longer a member of this room".
const CLOSE_NOT_A_MEMBER: u16 = 4003;

/// What a language says and how it answers.
pub(super) trait Language: Send + 'static {
    type Event: Send + Sync + 'static;

    /// More frames a second than this are a flood; none: nothing is.
    fn frames_per_second(&self) -> Option<u32>;

    /// What is said to a client that would not know why it is closed. None closes it; otherwise what was too large
    /// is passed over, and what came too fast is heard later.
    fn reproach(&mut self, _: Excess) -> Option<Frames> {
        None
    }

    /// What is said first, before any event.
    fn greet(&mut self) -> impl Future<Output = Frames> + Send;

    /// Carries out what the other side said and gives the answer to it alone.
    fn hear(&mut self, said: Said<'_>) -> impl Future<Output = Frames> + Send;

    /// An event in this language; nothing when it has no words for it.
    fn say(&mut self, told: &Arc<Told<Self::Event>>, frames: &mut Frames);
}

/// What the other side says to a language; the rest is the wire's own.
#[derive(Clone, Copy)]
pub(super) enum Said<'a> {
    Text(&'a str),
    #[cfg_attr(not(test), expect(dead_code, reason = "the languages have no words for bytes; the suite's echo does"))]
    Binary(&'a [u8]),
}

impl Said<'_> {
    /// What it says as JSON; none when it is not understood.
    pub(super) fn parse<T: DeserializeOwned>(self) -> Option<T> {
        match self {
            Self::Text(text) => serde_json::from_str(text).ok(),
            Self::Binary(_) => None,
        }
    }
}

/// What a client says too much of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Excess {
    TooLarge,
    TooFast,
}

/// Why a connection is over.
enum End {
    /// The other side went, or cannot be reached.
    Gone,
    /// We close it, with a code and a word.
    Close(u16, &'static str),
    /// The same, because what the other side says cannot be understood any more.
    Fail(u16, &'static str),
}

/// Speaks until the connection ends; the seat is given up with it.
pub(super) async fn run<L: Language>(raw: Raw, seat: Seat<L::Event>, language: L) {
    let Raw { stream, heard, postmen, place: _place } = raw;
    let mut decoder = Decoder::default();
    decoder.push(&heard);
    drop(heard);
    let flood = Flood::new(language.frames_per_second());
    let Seat { hold, outbox } = seat;
    let line = Line::new(stream, outbox, language, postmen);
    // Boxed, as others below: what is only needed for a moment would otherwise be a part of what lives as long
    // as the socket.
    Box::pin(line.greet()).await;
    let end = converse(&line, &mut decoder, flood).await;
    drop(hold);
    let _ = timeout(FAREWELL, Box::pin(say_farewell(&line, decoder, end))).await;
}

/// Goes on reading for a while: unread bytes at the end would make the system reset the connection, and the reason
/// be lost.
async fn say_farewell<L: Language>(line: &Line<L>, mut decoder: Decoder, end: End) {
    let (End::Close(code, reason) | End::Fail(code, reason)) = end else { return };
    say(line, |frames| frames.close(Some(code), reason)).await;
    while line.progress().await == Progress::Blocked {
        line.retry().await;
    }
    let is_failed = matches!(end, End::Fail(..));
    if is_failed {
        line.hang_up();
        decoder = Decoder::default();
    }
    let mut left = FAREWELL_BYTES;
    while left > 0 && line.read(&mut decoder).await {
        left = left.saturating_sub(decoder.take_count().bytes);
        if has_farewell(&mut decoder) && !is_failed {
            return;
        }
    }
}

/// Whether the other side has closed, too; what else it said is of no use any more.
fn has_farewell(decoder: &mut Decoder) -> bool {
    loop {
        match decoder.next() {
            Ok(Some(Heard::Close(_))) => return true,
            Ok(Some(_)) => {}
            Ok(None) => return false,
            Err(_) => *decoder = Decoder::default(),
        }
    }
}

async fn converse<L: Language>(line: &Line<L>, decoder: &mut Decoder, mut flood: Flood) -> End {
    let mut look = interval(LOOK_EVERY);
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    look.tick().await;
    let mut heard_at = Instant::now();
    // Something may have come with the handshake.
    let mut outcome = Box::pin(answer(line, decoder, &mut flood)).await;
    loop {
        if let Err(end) = outcome {
            return end;
        }
        outcome = tokio::select! {
            is_there = line.read(decoder) => if is_there {
                heard_at = Instant::now();
                Box::pin(answer(line, decoder, &mut flood)).await
            } else {
                Err(End::Gone)
            },
            () = line.called() => Box::pin(settle(line)).await,
            _ = look.tick() => match heard_at.elapsed() {
                silence if silence > SILENCE => Err(End::Gone),
                silence if silence > PING_AFTER => {
                    Box::pin(say(line, Frames::ping)).await;
                    Ok(())
                }
                _ => Ok(()),
            },
        };
    }
}

/// Carries out what has come whole, one after the other: nobody who does not read the answers is heard further.
async fn answer<L: Language>(line: &Line<L>, decoder: &mut Decoder, flood: &mut Flood) -> Result<(), End> {
    loop {
        let heard = decoder.next();
        if let Some(wait) = flood.excess(decoder.take_count(), Instant::now()) {
            // Nothing is read meanwhile, which the other side's system notices.
            reproach(line, Excess::TooFast, End::Close(CLOSE_POLICY, "too many frames")).await?;
            sleep(wait).await;
        }
        let heard = match heard {
            Ok(Some(heard)) => heard,
            Ok(None) => break,
            Err(fault @ Broken::TooLarge) => {
                reproach(line, Excess::TooLarge, broken(fault)).await?;
                decoder.pass_over();
                continue;
            }
            Err(fault) => return Err(broken(fault)),
        };
        match heard {
            Heard::Text(text) => line.hear(Said::Text(&text)).await,
            Heard::Binary(bytes) => line.hear(Said::Binary(&bytes)).await,
            Heard::Ping(payload) => say(line, |frames| frames.pong(&payload)).await,
            Heard::Pong => {}
            Heard::Close(code) => {
                say(line, |frames| frames.close(code, "")).await;
                return Err(End::Gone);
            }
        }
        settle(line).await?;
    }
    settle(line).await
}

/// Says in the client's language what it says too much of, or ends the connection.
async fn reproach<L: Language>(line: &Line<L>, excess: Excess, end: End) -> Result<(), End> {
    if line.reproach(excess).await { settle(line).await } else { Err(end) }
}

/// Comes back when all that was written is taken; ends who takes nothing for too long, and who is to be ended.
async fn settle<L: Language>(line: &Line<L>) -> Result<(), End> {
    match line.progress().await {
        Progress::Done => {}
        Progress::Broken => return Err(End::Gone),
        Progress::Blocked => timeout(WRITE_PATIENCE, unblock(line)).await.unwrap_or(Err(End::Gone))?,
    }
    line.ended().map_or(Ok(()), |reason| Err(closing(reason)))
}

async fn unblock<L: Language>(line: &Line<L>) -> Result<(), End> {
    loop {
        tokio::select! {
            progress = line.retry() => match progress {
                Progress::Done => return Ok(()),
                Progress::Blocked => {}
                Progress::Broken => return Err(End::Gone),
            },
            () = line.called() => if let Some(reason) = line.ended() {
                return Err(closing(reason));
            },
        }
    }
}

async fn say<L: Language>(line: &Line<L>, put: impl FnOnce(&mut Frames)) {
    let mut frames = Frames::default();
    put(&mut frames);
    line.say(&frames).await;
}

fn closing(reason: CloseReason) -> End {
    match reason {
        CloseReason::SessionEnded(why @ Ended::OtherAccount) => End::Close(CLOSE_OTHER_ACCOUNT, why.code()),
        CloseReason::SessionEnded(why) => End::Close(CLOSE_SIGNED_OUT, why.code()),
        CloseReason::NotAMember => End::Close(CLOSE_NOT_A_MEMBER, "not a member"),
        CloseReason::TooSlow => End::Close(CLOSE_AGAIN, "come back with your cursor"),
        CloseReason::GoingAway => End::Close(CLOSE_AWAY, "going away"),
    }
}

/// What the other side did wrong on the wire, in RFC 6455's codes.
fn broken(fault: Broken) -> End {
    match fault {
        Broken::Protocol => End::Fail(CLOSE_PROTOCOL, "not WebSocket"),
        Broken::TooLarge => End::Fail(CLOSE_SIZE, "frame too large"),
        Broken::NotUtf8 => End::Fail(CLOSE_INVALID, "not UTF-8"),
    }
}

/// Bytes for each frame that may come in a second: texts of that length, one after the other, are no person's.
const BYTES_PER_FRAME: u64 = 8 * 1024;
const SECOND: Duration = Duration::from_secs(1);

/// Counts frames of every kind, parts of messages too, and bytes in one second's windows.
struct Flood {
    limit: Option<u32>,
    since: Instant,
    count: Count,
}

impl Flood {
    fn new(limit: Option<u32>) -> Self {
        Self { limit, since: Instant::now(), count: Count::default() }
    }

    /// How long until more may come; none while it is not too much.
    fn excess(&mut self, came: Count, now: Instant) -> Option<Duration> {
        let age = now.duration_since(self.since);
        if age >= SECOND {
            *self = Self { since: now, count: Count::default(), ..*self };
        }
        self.count.frames = self.count.frames.saturating_add(came.frames);
        self.count.bytes = self.count.bytes.saturating_add(came.bytes);
        let limit = self.limit?;
        let is_one = self.count.frames > limit || self.count.bytes > u64::from(limit) * BYTES_PER_FRAME;
        is_one.then(|| SECOND.saturating_sub(now.duration_since(self.since)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_and_bytes_are_a_flood_each_by_themselves() {
        let count = |frames, bytes| Count { frames, bytes };
        let now = Instant::now();
        let mut flood = Flood { limit: Some(200), since: now, count: Count::default() };
        assert_eq!(flood.excess(count(200, 1200), now), None);
        assert_eq!(flood.excess(count(1, 6), now + SECOND / 4), Some(SECOND * 3 / 4));
        assert_eq!(flood.excess(count(200, 0), now + SECOND), None, "the next second is another");
        let mut flood = Flood { limit: Some(200), since: now, count: Count::default() };
        assert_eq!(flood.excess(count(1, 200 * BYTES_PER_FRAME), now), None);
        assert!(flood.excess(count(0, 4096), now).is_some());
        let mut unlimited = Flood { limit: None, since: now, count: Count::default() };
        assert_eq!(unlimited.excess(count(u32::MAX, u64::MAX), now), None);
    }
}
