//! What waits for one socket: bounded in bytes, because a reader that never reads must cost no more.

use std::{
    pin::Pin,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll},
};

use bytes::Bytes;
use futures::Stream;
use serde::Serialize;
use tokio::sync::mpsc;

/// Bytes that may wait for one socket. A reader so far behind comes back with its cursor.
const BOUND_BYTES: usize = 1024 * 1024;

/// An event with its frame, encoded once for all who hear it.
#[derive(Debug)]
pub struct Told<E> {
    pub event: E,
    pub frame: Bytes,
}

impl<E: Serialize> Told<E> {
    pub fn new(event: E) -> Self {
        // Our own enums of strings and numbers: serde_json cannot refuse them.
        let frame = serde_json::to_vec(&event).unwrap_or_default();
        Self { event, frame: frame.into() }
    }
}

/// Why the server ends a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CloseReason {
    /// The server stops; come back in a moment.
    GoingAway,
    /// Signed out, here or elsewhere.
    SessionEnded,
    /// No longer a member of the room.
    NotAMember,
    /// The reader fell too far behind; come back with the cursor.
    TooSlow,
}

/// The hub's end.
pub(super) struct Sender<E> {
    events: Option<mpsc::UnboundedSender<Arc<Told<E>>>>,
    shared: Arc<Shared>,
}

/// The socket's end.
pub struct Outbox<E> {
    events: mpsc::UnboundedReceiver<Arc<Told<E>>>,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    waiting_bytes: AtomicUsize,
    closed: OnceLock<CloseReason>,
}

pub(super) fn channel<E>() -> (Sender<E>, Outbox<E>) {
    let (sender, receiver) = mpsc::unbounded_channel();
    let shared = Arc::<Shared>::default();
    (Sender { events: Some(sender), shared: shared.clone() }, Outbox { events: receiver, shared })
}

impl<E> Sender<E> {
    pub(super) fn push(&mut self, told: &Arc<Told<E>>) {
        let Some(events) = &self.events else { return };
        let waiting = self.shared.waiting_bytes.fetch_add(told.frame.len(), Ordering::Relaxed) + told.frame.len();
        if waiting > BOUND_BYTES {
            self.close(CloseReason::TooSlow);
        } else {
            // A socket that has just ended hears nothing more; its seat is about to be dropped.
            let _ = events.send(told.clone());
        }
    }

    pub(super) fn close(&mut self, reason: CloseReason) {
        let _ = self.shared.closed.set(reason);
        self.events = None;
    }
}

/// The events in their order; it ends when the connection is to end for [`Outbox::close_reason`].
impl<E> Stream for Outbox<E> {
    type Item = Arc<Told<E>>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let outbox = self.get_mut();
        if outbox.is_cut() {
            return Poll::Ready(None);
        }
        let next = outbox.events.poll_recv(context);
        if let Poll::Ready(Some(told)) = &next {
            outbox.take(told);
        }
        next
    }
}

impl<E> Outbox<E> {
    /// What else waits already.
    pub fn try_next(&mut self) -> Option<Arc<Told<E>>> {
        let told = self.events.try_recv().ok()?;
        self.take(&told);
        Some(told)
    }

    pub fn close_reason(&self) -> Option<CloseReason> {
        self.shared.closed.get().copied()
    }

    /// Too slow, signed out or no member: what waits is not to be sent any more.
    fn is_cut(&self) -> bool {
        matches!(self.close_reason(), Some(CloseReason::TooSlow | CloseReason::SessionEnded | CloseReason::NotAMember))
    }

    fn take(&self, told: &Told<E>) {
        self.shared.waiting_bytes.fetch_sub(told.frame.len(), Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use futures::StreamExt;

    use super::*;

    #[tokio::test]
    async fn a_reader_that_never_reads_is_cut_at_the_bound() {
        let (mut sender, mut outbox) = channel::<String>();
        let told = Arc::new(Told::new("x".repeat(1000)));
        for _ in 0..BOUND_BYTES / told.frame.len() {
            sender.push(&told);
        }
        assert_eq!(outbox.close_reason(), None);
        sender.push(&told);
        assert_eq!(outbox.close_reason(), Some(CloseReason::TooSlow));
        assert!(outbox.next().await.is_none());
    }

    #[tokio::test]
    async fn what_was_read_no_longer_counts() {
        let (mut sender, mut outbox) = channel::<String>();
        let told = Arc::new(Told::new("x".repeat(BOUND_BYTES / 2)));
        for _ in 0..10 {
            sender.push(&told);
            assert!(outbox.next().await.is_some());
        }
        assert_eq!(outbox.close_reason(), None);
    }

    #[tokio::test]
    async fn going_away_lets_out_what_waits() {
        let (mut sender, mut outbox) = channel::<u8>();
        sender.push(&Arc::new(Told::new(1)));
        sender.close(CloseReason::GoingAway);
        assert!(outbox.next().await.is_some());
        assert!(outbox.next().await.is_none());
    }
}
