//! The shared result of the last health check.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::sync::Mutex;

/// How long a result is reused: the check runs at most once a second, however often it is asked for.
const FRESH: Duration = Duration::from_secs(1);

/// The last result: when the check ran, and whether the store was well.
#[derive(Clone, Default)]
pub(super) struct LastHealth(Arc<Mutex<Option<(Instant, bool)>>>);

impl LastHealth {
    /// The last result while it is fresh, otherwise that of `attempt`. Concurrent callers share one attempt.
    pub(super) async fn refreshed(&self, attempt: impl Future<Output = bool>) -> bool {
        let mut last = self.0.lock().await;
        match *last {
            Some((taken_at, is_well)) if taken_at.elapsed() < FRESH => is_well,
            _ => {
                let is_well = attempt.await;
                *last = Some((Instant::now(), is_well));
                is_well
            }
        }
    }
}
