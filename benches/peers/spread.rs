//! A distribution of durations, in three numbers.

use std::time::Duration;

/// p50, p99 and p99.9.
#[derive(Clone, Copy)]
pub(crate) struct Spread {
    p50: Duration,
    p99: Duration,
    p999: Duration,
}

impl Spread {
    pub(crate) fn of(mut all: Vec<Duration>) -> Self {
        all.sort_unstable();
        let at = |part: f64| all.get(((all.len() as f64 * part) as usize).min(all.len().saturating_sub(1)));
        let at = |part| at(part).copied().unwrap_or_default();
        Self { p50: at(0.5), p99: at(0.99), p999: at(0.999) }
    }

    /// In milliseconds.
    pub(crate) fn ms(self) -> [f64; 3] {
        [self.p50, self.p99, self.p999].map(|duration| duration.as_secs_f64() * 1e3)
    }
}
