//! The delay between two attempts: exponential backoff with full jitter, so that clients do not all reconnect at once
//! after a restart of the server.

use std::cell::Cell;

use crate::platform;

const FIRST_DELAY_MS: f64 = 500.0;
const LONGEST_DELAY_MS: f64 = 30_000.0;

#[derive(Default)]
pub(super) struct Backoff {
    attempts: Cell<i32>,
}

impl Backoff {
    pub(super) fn reset(&self) {
        self.attempts.set(0);
    }

    pub(super) fn next_delay_ms(&self) -> u32 {
        let longest = (FIRST_DELAY_MS * 2f64.powi(self.attempts.get())).min(LONGEST_DELAY_MS);
        self.attempts.set(self.attempts.get() + 1);
        (platform::random() * longest) as u32
    }
}
