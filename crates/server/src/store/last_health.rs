//! The shared result of the last health check.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::sync::Mutex;

/// How long a result is reused: frequent pings cost no more than one a second.
const FRESH: Duration = Duration::from_secs(1);

/// The last result, and when it was taken.
#[derive(Clone, Default)]
pub(super) struct LastPing(Arc<Mutex<Option<(Instant, bool)>>>);

impl LastPing {
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
