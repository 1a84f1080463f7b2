//! The operator's view of the connection: what async-nats says about it, in few lines. Its own log has one line for each
//! lost frame and each attempt, so the program switches that off.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering::Relaxed},
};

use async_nats::{Event, Server};
use tokio::sync::Notify;

use super::counts::Counts;

pub(super) struct ConnectionLog {
    counts: Arc<Counts>,
    /// Notified when frames may be missing.
    alarm: Arc<Notify>,
    /// An attempt to connect has begun, and none has succeeded since.
    is_trying: AtomicBool,
}

impl ConnectionLog {
    pub(super) fn new(counts: Arc<Counts>, alarm: Arc<Notify>) -> Self {
        Self { counts, alarm, is_trying: AtomicBool::new(false) }
    }

    pub(super) fn note(&self, event: &Event) {
        match event {
            Event::Connected => {
                tracing::info!("the bus is connected");
                self.is_trying.store(false, Relaxed);
                self.counts.failures.wake();
                self.alarm.notify_one();
            }
            Event::Disconnected => {
                tracing::warn!("the bus is disconnected; nodes read each other's changes from the database");
                self.alarm.notify_one();
            }
            Event::SlowConsumer(_) => {
                self.counts.miss();
                self.alarm.notify_one();
            }
            // The server's words; they do not repeat the client's credentials.
            Event::ServerError(error) => self.failed(&error.to_string()),
            // Before each attempt `try_again` says more.
            Event::ClientError(_) | Event::LameDuckMode | Event::Draining | Event::Closed => {}
        }
    }

    /// Says before an attempt to connect why the last one failed at each server.
    pub(super) fn try_again(&self, servers: &[Server]) {
        if !self.is_trying.swap(true, Relaxed) {
            return;
        }
        let failed = |server: &Server| Some(format!("{server}: {}", server.last_error.as_ref()?));
        let failed: Vec<String> = servers.iter().filter_map(failed).collect();
        // async-nats keeps no error of a name that nobody knows.
        let error = if failed.is_empty() { "no server's name is known".to_owned() } else { failed.join("; ") };
        self.failed(&error);
    }

    fn failed(&self, error: &str) {
        if let Some(total) = self.counts.failures.add() {
            tracing::warn!(error, total, "the bus cannot be used; trying again");
        }
    }
}
