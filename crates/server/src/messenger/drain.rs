//! Sockets that are closed over a time, so that their clients do not all connect to the other nodes at once: those of a
//! server that leaves, and of one that cannot reach its database.

use std::{
    sync::atomic::Ordering,
    time::{Duration, Instant},
};

use tokio::time::sleep;

use crate::{hub::CloseReason, messenger::inner::Messenger};

/// The time between two slices.
const SLICE: Duration = Duration::from_millis(100);

impl Messenger {
    /// Fails every health check from now on, so that a balancer takes this node out. Everything is still served.
    pub fn begin_leaving(&self) {
        self.0.is_leaving.store(true, Ordering::Release);
    }

    /// Refuses new sockets, and closes the present ones over this time, with the code for going away. Everything else is
    /// still served.
    pub async fn drain(&self, over: Duration) {
        self.0.hub.begin_closing();
        self.close_over(over, CloseReason::GoingAway).await;
    }

    /// Closes the present sockets in equal slices over this time. Ends early when none is left.
    pub(super) async fn close_over(&self, over: Duration, reason: CloseReason) {
        let (hub, begun) = (&self.0.hub, Instant::now());
        let ids = hub.ids();
        let mut closed = 0;
        while closed < ids.len() && hub.sockets() > 0 {
            sleep(SLICE).await;
            let due = due(ids.len(), begun.elapsed(), over);
            hub.close(&ids[closed..due], reason);
            closed = due;
        }
    }
}

/// How many of these sockets are to be closed after this part of the time.
fn due(sockets: usize, elapsed: Duration, over: Duration) -> usize {
    let share = elapsed.as_secs_f64() / over.as_secs_f64().max(f64::MIN_POSITIVE);
    ((sockets as f64 * share) as usize).min(sockets)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sockets_are_closed_in_proportion_to_the_time() {
        let over = Duration::from_secs(30);
        let due_after = |sockets, seconds| due(sockets, Duration::from_secs(seconds), over);
        assert_eq!([0, 1, 15, 29, 30, 31].map(|seconds| due_after(3000, seconds)), [0, 100, 1500, 2900, 3000, 3000]);
        assert_eq!([0, 14, 15, 30].map(|seconds| due_after(2, seconds)), [0, 0, 1, 2]);
        assert_eq!(due(3, Duration::from_millis(1), Duration::ZERO), 3);
        assert_eq!(due(0, over, over), 0);
    }
}
