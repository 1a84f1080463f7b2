//! Times and numbers that grow with every use, on one node of a shared database.

use std::sync::atomic::{AtomicI64, Ordering};

/// Bits of a number below its milliseconds: ten of the node, ten that count.
const NODE_BITS: u32 = 10;
const COUNT_BITS: u32 = 10;

/// The last time and the last number that this node gave. The clock of the machine may go back; these never do.
pub(crate) struct NodeClock {
    node: i64,
    time: AtomicI64,
    number: AtomicI64,
}

impl NodeClock {
    /// `node`: its lower ten bits keep the numbers of nodes apart. `time`: no time given is earlier.
    pub(crate) fn new(node: u64, time: i64) -> Self {
        Self { node: (node & ((1 << NODE_BITS) - 1)) as i64, time: time.into(), number: 0.into() }
    }

    /// The next time, UTC milliseconds: `now`, or one more than the last.
    pub(crate) fn time(&self, now: i64) -> i64 {
        next(&self.time, now)
    }

    /// The next number of a text: milliseconds, the node, and a count.
    pub(crate) fn number(&self, now: i64) -> i64 {
        let count = next(&self.number, now << COUNT_BITS);
        let (at, nth) = (count >> COUNT_BITS, count & ((1 << COUNT_BITS) - 1));
        (at << (NODE_BITS + COUNT_BITS)) | (self.node << COUNT_BITS) | nth
    }
}

/// `least`, or one more than the last value.
fn next(last: &AtomicI64, least: i64) -> i64 {
    let step = |last: i64| Some(least.max(last + 1));
    let before = last.fetch_update(Ordering::Relaxed, Ordering::Relaxed, step).unwrap_or_else(|last| last);
    least.max(before + 1)
}
