//! Intervals of background tasks, and the log line of a failed round.

use std::time::Duration;

use crate::messenger::policy::Result;

/// The period at which presence and room summaries are coalesced and sent.
pub(super) const TICK: Duration = Duration::from_millis(250);
/// The shortest time between two broadcasts of the sizes of departments.
pub(super) const DEPARTMENTS: Duration = Duration::from_secs(5);
/// (room, user) pairs in one query, at most: a bound on how long it holds a read connection of the store.
pub(super) const PAIRS: usize = 1_000;
/// How often the store is polled for accounts that another process changed.
pub(super) const ACCOUNTS_POLL: Duration = Duration::from_secs(1);

/// Logs a failed round of a background task. The next round repeats the work; clients that missed an event receive the
/// state with their next snapshot.
pub(super) fn report(what: &str, outcome: Result<()>) {
    if let Err(refusal) = outcome {
        tracing::warn!(?refusal, what, "a round of a background task failed");
    }
}
