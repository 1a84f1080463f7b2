//! The receiving side: one task decrypts frames and delivers them to the one consumer. It never waits for the consumer:
//! it drops frames instead, and says so.

use std::{
    sync::{Arc, atomic::Ordering::Relaxed},
    time::Duration,
};

use async_nats::{Message, Subscriber};
use futures::StreamExt;
use tokio::{
    sync::{
        Notify,
        mpsc::{self, error::TrySendError},
    },
    time::{Instant, sleep_until},
};

use super::{
    counts::Counts,
    event::BusEvent,
    frame::{FrameOpener, OpenedFrame},
};

/// After a connection, other servers of NATS may lack its subscription for this long. No server says when they all have
/// it.
const SETTLING: Duration = Duration::from_secs(1);
/// Several interruptions within this time are sent to the consumer as one.
const APART: Duration = Duration::from_millis(50);

pub(super) struct Receiving {
    frames: Subscriber,
    opener: FrameOpener,
    consumer: mpsc::Sender<BusEvent>,
    /// Notified when frames may be missing.
    alarm: Arc<Notify>,
    counts: Arc<Counts>,
    /// An interruption has not been sent to the consumer yet.
    is_owed: bool,
    sent_at: Option<Instant>,
    /// When the last interruption is sent to the consumer: at first, and again once the bus has settled.
    soon: Option<Instant>,
    settled: Option<Instant>,
}

impl Receiving {
    pub(super) fn new(
        frames: Subscriber,
        opener: FrameOpener,
        consumer: mpsc::Sender<BusEvent>,
        alarm: Arc<Notify>,
        counts: Arc<Counts>,
    ) -> Self {
        Self { frames, opener, consumer, alarm, counts, is_owed: false, sent_at: None, soon: None, settled: None }
    }

    /// Runs until the consumer is dropped.
    pub(super) async fn run(mut self) {
        let consumer = self.consumer.clone();
        loop {
            let is_owed = self.is_owed;
            tokio::select! {
                frame = self.frames.next() => match frame {
                    Some(frame) => self.receive(&frame),
                    None => return,
                },
                () = self.alarm.notified() => self.interrupted(),
                () = wait_until(self.soon) => {
                    self.soon = None;
                    self.is_owed = true;
                }
                () = wait_until(self.settled) => {
                    self.settled = None;
                    self.is_owed = true;
                }
                permit = consumer.reserve(), if is_owed => {
                    let Ok(permit) = permit else { return };
                    permit.send(BusEvent::Interrupted);
                    self.has_sent();
                }
                () = consumer.closed() => return,
            }
        }
    }

    fn receive(&mut self, frame: &Message) {
        match self.opener.open(&frame.subject, &frame.payload) {
            OpenedFrame::Content(content) => {
                self.counts.received.fetch_add(1, Relaxed);
                self.deliver_to_consumer(BusEvent::Frame(content));
            }
            OpenedFrame::Unknown => {
                if let Some(total) = self.counts.unknown.add() {
                    tracing::info!(total, "the bus has frames of another version, which are read from the database");
                }
                self.deliver_to_consumer(BusEvent::Unknown);
            }
            OpenedFrame::Forged => {
                if let Some(total) = self.counts.forged.add() {
                    tracing::warn!(total, "the bus has frames that no node of this cluster wrote; they are ignored");
                }
            }
        }
    }

    /// Sends an interruption that is owed first.
    fn deliver_to_consumer(&mut self, event: BusEvent) {
        if self.is_owed {
            match self.consumer.try_send(BusEvent::Interrupted) {
                Ok(()) => self.has_sent(),
                Err(_) => return self.missed(),
            }
        }
        if let Err(TrySendError::Full(_)) = self.consumer.try_send(event) {
            self.missed();
        }
    }

    fn missed(&mut self) {
        self.is_owed = true;
        self.counts.miss();
    }

    /// Sends the interruption at once, and again when the bus has settled.
    fn interrupted(&mut self) {
        let now = Instant::now();
        let soon = self.sent_at.map_or(now, |sent_at| now.max(sent_at + APART));
        self.soon.get_or_insert(soon);
        self.settled = Some(now + SETTLING);
    }

    fn has_sent(&mut self) {
        self.is_owed = false;
        self.sent_at = Some(Instant::now());
    }
}

async fn wait_until(time: Option<Instant>) {
    match time {
        Some(time) => sleep_until(time).await,
        None => std::future::pending().await,
    }
}
