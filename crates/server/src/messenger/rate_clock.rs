//! The clock by which budgets refill.

use std::time::Instant;

use governor::clock::Clock;

/// The monotonic clock of the machine, or one that stands still: with it a test counts exactly what a limit admits,
/// however slow its machine is.
#[derive(Clone, Copy, Debug)]
pub struct RateClock {
    stopped_at: Option<Instant>,
}

impl RateClock {
    /// The clock of the machine.
    pub const MACHINE: Self = Self { stopped_at: None };

    /// A clock that stands still: no budget refills.
    pub fn stopped() -> Self {
        Self { stopped_at: Some(Instant::now()) }
    }

    pub(super) fn now(self) -> Instant {
        self.stopped_at.unwrap_or_else(Instant::now)
    }
}

impl Clock for RateClock {
    type Instant = Instant;

    fn now(&self) -> Instant {
        RateClock::now(*self)
    }
}
