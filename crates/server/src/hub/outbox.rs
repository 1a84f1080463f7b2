//! The event queue of one socket, bounded in bytes (backpressure): a client that never reads costs no more than the
//! bound.

use std::{collections::VecDeque, sync::Arc, task::Waker};

use bytes::Bytes;
use parking_lot::Mutex;
use serde::Serialize;

use protocol::ended::Ended;

/// The size limit of one outbox. A client that falls further behind is disconnected and resumes from its cursor.
const BOUND_BYTES: usize = 1024 * 1024;
/// The capacity that an empty outbox keeps, so that an idle socket costs little memory.
const KEPT_EVENTS: usize = 16;

/// An event and its frame, encoded once for all sockets of the audience.
#[derive(Debug)]
pub struct Encoded<E> {
    pub event: E,
    pub frame: Bytes,
}

impl<E: Serialize> Encoded<E> {
    pub fn new(event: E) -> Self {
        // The protocol's enums have strings and numbers only: serde_json cannot refuse them.
        let frame = serde_json::to_vec(&event).unwrap_or_default();
        Self { event, frame: frame.into() }
    }
}

/// Why the server ends a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CloseReason {
    /// The server shuts down; the client reconnects in a moment.
    GoingAway,
    SessionEnded(Ended),
    /// The user is not a member of the room any more.
    NotAMember,
    /// The client has to resume from its cursor: its outbox overflowed, or this node cannot deliver what it needs.
    MustResume,
    /// This node cannot reach its database; the client resumes from its cursor, at another node.
    CutOff,
}

/// The hub's end.
pub(super) struct Sender<E>(Queue<E>);

/// The socket's end: events in order, then the reason why the connection closes.
pub struct Outbox<E>(Queue<E>);

type Queue<E> = Arc<Mutex<Waiting<E>>>;

struct Waiting<E> {
    events: VecDeque<Arc<Encoded<E>>>,
    bytes: usize,
    closed: Option<CloseReason>,
    /// Woken by a push and by a close.
    waker: Option<Waker>,
}

pub(super) fn channel<E>() -> (Sender<E>, Outbox<E>) {
    let waiting = Waiting { events: VecDeque::new(), bytes: 0, closed: None, waker: None };
    let queue = Arc::new(Mutex::new(waiting));
    (Sender(queue.clone()), Outbox(queue))
}

impl<E> Waiting<E> {
    fn close(&mut self, reason: CloseReason) {
        self.closed.get_or_insert(reason);
        // A client that is too slow or signed out receives nothing more. A former member still receives the events up
        // to the system event that ended the membership.
        if matches!(reason, CloseReason::MustResume | CloseReason::SessionEnded(_)) {
            self.events = VecDeque::new();
        }
    }

    fn wake(&self) {
        self.waker.iter().for_each(Waker::wake_by_ref);
    }
}

impl<E> Sender<E> {
    pub(super) fn push(&self, event: &Arc<Encoded<E>>) {
        let mut waiting = self.0.lock();
        if waiting.closed.is_some() {
            return;
        }
        waiting.bytes += event.frame.len();
        if waiting.bytes > BOUND_BYTES {
            waiting.close(CloseReason::MustResume);
        } else {
            waiting.events.push_back(event.clone());
        }
        waiting.wake();
    }

    pub(super) fn close(&self, reason: CloseReason) {
        let mut waiting = self.0.lock();
        waiting.close(reason);
        waiting.wake();
    }
}

/// Breaks the reference cycle: the waker may own the socket's end, which owns this queue.
impl<E> Drop for Sender<E> {
    fn drop(&mut self) {
        let waker = self.0.lock().waker.take();
        drop(waker);
    }
}

impl<E> Outbox<E> {
    /// Sets the waker that a push or a close calls.
    pub fn wake(&self, waker: Waker) {
        self.0.lock().waker = Some(waker);
    }

    /// Takes the oldest event.
    pub fn next(&self) -> Option<Arc<Encoded<E>>> {
        let mut waiting = self.0.lock();
        let event = waiting.events.pop_front();
        if let Some(event) = &event {
            waiting.bytes -= event.frame.len();
        }
        if waiting.events.is_empty() && waiting.events.capacity() > KEPT_EVENTS {
            waiting.events = VecDeque::new();
        }
        event
    }

    pub fn is_empty(&self) -> bool {
        self.0.lock().events.is_empty()
    }

    /// Closes the outbox as [`CloseReason::MustResume`]: an event could not be written, and the client has to resume.
    pub fn give_up(&self) {
        self.0.lock().close(CloseReason::MustResume);
    }

    /// The close reason, once the outbox is empty.
    pub fn ended(&self) -> Option<CloseReason> {
        let waiting = self.0.lock();
        waiting.closed.filter(|_| waiting.events.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_that_never_reads_is_closed_at_the_bound() {
        let (sender, outbox) = channel::<String>();
        let event = Arc::new(Encoded::new("x".repeat(1000)));
        for _ in 0..BOUND_BYTES / event.frame.len() {
            sender.push(&event);
        }
        assert_eq!(outbox.ended(), None);
        assert!(!outbox.is_empty());
        sender.push(&event);
        assert_eq!(outbox.ended(), Some(CloseReason::MustResume));
        assert!(outbox.next().is_none());
    }

    #[test]
    fn events_that_were_taken_do_not_count() {
        let (sender, outbox) = channel::<String>();
        let event = Arc::new(Encoded::new("x".repeat(BOUND_BYTES / 2)));
        for _ in 0..10 {
            sender.push(&event);
            assert!(outbox.next().is_some());
        }
        assert_eq!(outbox.ended(), None);
    }

    #[test]
    fn going_away_and_a_lost_membership_still_deliver_the_queued_events_and_no_later_ones() {
        for reason in [CloseReason::GoingAway, CloseReason::NotAMember] {
            let (sender, outbox) = channel::<u8>();
            sender.push(&Arc::new(Encoded::new(1)));
            sender.close(reason);
            sender.push(&Arc::new(Encoded::new(2)));
            assert_eq!(outbox.ended(), None);
            assert_eq!(outbox.next().map(|event| event.event), Some(1));
            assert_eq!(outbox.ended(), Some(reason));
        }
    }

    #[test]
    fn the_end_of_a_session_drops_the_queued_events_of_a_former_member_too() {
        let (sender, outbox) = channel::<u8>();
        sender.push(&Arc::new(Encoded::new(1)));
        sender.close(CloseReason::NotAMember);
        sender.close(CloseReason::SessionEnded(Ended::Expired));
        assert!(outbox.next().is_none());
    }

    #[test]
    fn the_first_close_reason_stays() {
        let (sender, outbox) = channel::<u8>();
        sender.close(CloseReason::SessionEnded(Ended::Expired));
        sender.close(CloseReason::GoingAway);
        assert_eq!(outbox.ended(), Some(CloseReason::SessionEnded(Ended::Expired)));
    }

    #[test]
    fn a_dropped_sender_releases_the_waker() {
        struct Holder(#[expect(dead_code, reason = "it only keeps the outbox alive")] Outbox<u8>);
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
