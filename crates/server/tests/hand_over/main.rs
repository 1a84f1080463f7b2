//! The loom model of a connection's write half: producers push events, delivery workers and the connection's task write
//! them, in every order of steps that the memory model allows. `--cfg loom` would affect every dependency, so this test
//! compiles the file again, with loom's `sync`.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "../../src/socket/hand_over.rs"]
mod hand_over;
mod sync;

use std::collections::VecDeque;

use loom::{
    sync::{Arc, Mutex},
    thread,
};

use hand_over::HandOver;

const REPLY: u32 = 100;

/// A connection and its outbox with the hand-over, without the socket.
struct Half {
    outbox: Mutex<VecDeque<u32>>,
    written: HandOver<Vec<u32>>,
}

impl Half {
    fn new() -> Arc<Self> {
        Arc::new(Self { outbox: Mutex::new(VecDeque::new()), written: HandOver::new(Vec::new()) })
    }

    /// Whether a worker must be called.
    fn push(&self, event: u32) -> bool {
        self.outbox.lock().unwrap().push_back(event);
        self.written.mark_due()
    }

    fn write_events(&self, written: &mut Vec<u32>) {
        while let Some(event) = self.next() {
            written.push(event);
        }
    }

    fn next(&self) -> Option<u32> {
        self.outbox.lock().unwrap().pop_front()
    }

    fn deliver(&self) {
        self.written.work_if_due(|written| self.write_events(written));
    }

    fn reply(&self) {
        self.written.with(|written| written.push(REPLY), |written| self.write_events(written));
    }

    /// The written events when all threads have ended; the outbox must be empty then.
    fn finish(&self) -> Vec<u32> {
        assert_eq!(self.next(), None, "an event was left in the outbox");
        let mut all = Vec::new();
        self.written.with(|written| all.clone_from(written), |_| {});
        all
    }
}

fn explore(model: impl Fn() + Sync + Send + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(3);
    builder.check(model);
}

/// A producer, and the worker that it wakes.
fn push_and_deliver(half: &Arc<Half>, events: std::ops::Range<u32>) -> thread::JoinHandle<()> {
    let half = half.clone();
    thread::spawn(move || {
        for event in events {
            if half.push(event) {
                half.deliver();
            }
        }
    })
}

#[test]
fn every_event_is_written_once_and_in_order_beside_the_replies_of_the_task() {
    explore(|| {
        let half = Half::new();
        let producer = push_and_deliver(&half, 0..2);
        half.reply();
        producer.join().unwrap();
        let written = half.finish();
        let events: Vec<u32> = written.iter().copied().filter(|event| *event != REPLY).collect();
        assert_eq!((events, written.len()), (vec![0, 1], 3));
    });
}

#[test]
fn two_workers_leave_no_event_behind_and_write_none_twice() {
    explore(|| {
        let half = Half::new();
        let other = push_and_deliver(&half, 10..11);
        if half.push(0) {
            half.deliver();
        }
        other.join().unwrap();
        let mut written = half.finish();
        written.sort_unstable();
        assert_eq!(written, [0, 10]);
    });
}
