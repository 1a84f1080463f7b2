//! What waits for one socket: bounded in bytes, because a reader that never reads must cost no more.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::Waker,
};

use bytes::Bytes;
use serde::Serialize;

use crate::protocol::ended::Ended;

/// Bytes that may wait for one socket. A reader so far behind comes back with its cursor.
const BOUND_BYTES: usize = 1024 * 1024;
/// Room for so many events stays when all of them were taken; an idle socket should cost little.
const KEPT_EVENTS: usize = 16;

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
    SessionEnded(Ended),
    /// No longer a member of the room.
    NotAMember,
    /// The reader fell too far behind, or could not be told something; come back with the cursor.
    TooSlow,
}

/// The hub's end.
pub(super) struct Sender<E>(Shared<E>);

/// The socket's end: events in their order, then a reason why the connection is to end.
pub struct Outbox<E>(Shared<E>);

type Shared<E> = Arc<Mutex<Waiting<E>>>;

struct Waiting<E> {
    events: VecDeque<Arc<Told<E>>>,
    bytes: usize,
    closed: Option<CloseReason>,
    /// Whom to wake when there is something to take, or an end.
    waker: Option<Waker>,
}

pub(super) fn channel<E>() -> (Sender<E>, Outbox<E>) {
    let waiting = Waiting { events: VecDeque::new(), bytes: 0, closed: None, waker: None };
    let shared = Arc::new(Mutex::new(waiting));
    (Sender(shared.clone()), Outbox(shared))
}

/// A panic while the lock was held leaves consistent data: every method changes it in one go.
fn lock<E>(shared: &Shared<E>) -> MutexGuard<'_, Waiting<E>> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<E> Waiting<E> {
    fn close(&mut self, reason: CloseReason) {
        self.closed.get_or_insert(reason);
        // Too slow, signed out or no member: what waits is not to be sent any more.
        if self.closed != Some(CloseReason::GoingAway) {
            self.events = VecDeque::new();
        }
    }

    fn wake(&self) {
        self.waker.iter().for_each(Waker::wake_by_ref);
    }
}

impl<E> Sender<E> {
    pub(super) fn push(&self, told: &Arc<Told<E>>) {
        let mut waiting = lock(&self.0);
        if waiting.closed.is_some() {
            return;
        }
        waiting.bytes += told.frame.len();
        if waiting.bytes > BOUND_BYTES {
            waiting.close(CloseReason::TooSlow);
        } else {
            waiting.events.push_back(told.clone());
        }
        waiting.wake();
    }

    pub(super) fn close(&self, reason: CloseReason) {
        let mut waiting = lock(&self.0);
        waiting.close(reason);
        waiting.wake();
    }
}

/// The socket has left the hub. Its waker may hold the socket's end, and that end this.
impl<E> Drop for Sender<E> {
    fn drop(&mut self) {
        let waker = lock(&self.0).waker.take();
        drop(waker);
    }
}

impl<E> Outbox<E> {
    /// From now on wakes this one when something is pushed, or when the connection is to end.
    pub fn wake(&self, waker: Waker) {
        lock(&self.0).waker = Some(waker);
    }

    /// What waits, the oldest first.
    pub fn next(&self) -> Option<Arc<Told<E>>> {
        let mut waiting = lock(&self.0);
        let told = waiting.events.pop_front();
        if let Some(told) = &told {
            waiting.bytes -= told.frame.len();
        }
        if waiting.events.is_empty() && waiting.events.capacity() > KEPT_EVENTS {
            waiting.events = VecDeque::new();
        }
        told
    }

    pub fn is_empty(&self) -> bool {
        lock(&self.0).events.is_empty()
    }

    /// Takes nothing more: something could not be said, and the client has to come back for it.
    pub fn give_up(&self) {
        lock(&self.0).close(CloseReason::TooSlow);
    }

    /// Why the connection is to end, when all that may still be said was taken.
    pub fn ended(&self) -> Option<CloseReason> {
        let waiting = lock(&self.0);
        waiting.closed.filter(|_| waiting.events.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_that_never_reads_is_cut_at_the_bound() {
        let (sender, outbox) = channel::<String>();
        let told = Arc::new(Told::new("x".repeat(1000)));
        for _ in 0..BOUND_BYTES / told.frame.len() {
            sender.push(&told);
        }
        assert_eq!(outbox.ended(), None);
        assert!(!outbox.is_empty());
        sender.push(&told);
        assert_eq!(outbox.ended(), Some(CloseReason::TooSlow));
        assert!(outbox.next().is_none());
    }

    #[test]
    fn what_was_read_no_longer_counts() {
        let (sender, outbox) = channel::<String>();
        let told = Arc::new(Told::new("x".repeat(BOUND_BYTES / 2)));
        for _ in 0..10 {
            sender.push(&told);
            assert!(outbox.next().is_some());
        }
        assert_eq!(outbox.ended(), None);
    }

    #[test]
    fn going_away_lets_out_what_waits() {
        let (sender, outbox) = channel::<u8>();
        sender.push(&Arc::new(Told::new(1)));
        sender.close(CloseReason::GoingAway);
        assert_eq!(outbox.ended(), None);
        assert!(outbox.next().is_some());
        assert_eq!(outbox.ended(), Some(CloseReason::GoingAway));
    }

    #[test]
    fn the_first_reason_stays() {
        let (sender, outbox) = channel::<u8>();
        sender.close(CloseReason::SessionEnded(Ended::Expired));
        sender.close(CloseReason::GoingAway);
        assert_eq!(outbox.ended(), Some(CloseReason::SessionEnded(Ended::Expired)));
    }

    #[test]
    fn who_left_the_hub_is_held_by_nobody() {
        struct Holder(#[expect(dead_code, reason = "held, that is all")] Outbox<u8>);
        impl std::task::Wake for Holder {
            fn wake(self: Arc<Self>) {}
        }
        let (sender, outbox) = channel::<u8>();
        let handle = Outbox(outbox.0.clone());
        let holder = Arc::new(Holder(outbox));
        let held = Arc::downgrade(&holder);
        handle.wake(holder.into());
        assert!(held.upgrade().is_some());
        drop(sender);
        assert!(held.upgrade().is_none());
    }
}
