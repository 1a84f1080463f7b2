//! Reports this browser as idle when none of its windows was touched for a while.

use std::time::Duration;

use leptos::prelude::*;

use crate::{platform, socket::Link};
use protocol::lobby_socket::LobbyCommand;

/// The key of the time at which a window of this browser was last touched, UTC milliseconds.
pub const TOUCHED_KEY: &str = "daehwa.touched";
/// The time without a touch after which a user is idle.
const IDLE_AFTER_MS: i64 = 5 * 60_000;
const CHECK_EVERY: Duration = Duration::from_secs(15);

#[derive(Clone, Copy)]
pub(super) struct IdleWatch {
    link: Link,
    /// The last report on this connection.
    is_idle: StoredValue<bool>,
}

impl IdleWatch {
    pub(super) fn new(link: Link) -> Self {
        Self { link, is_idle: StoredValue::new(false) }
    }

    pub(super) fn start(self) {
        let timer = set_interval(move || self.check(), CHECK_EVERY);
        let touched = platform::on_window("daehwa-touched", move |_| self.check());
        on_cleanup(move || {
            touched.remove();
            drop(timer.map(|timer| timer.clear()));
        });
    }

    /// A new connection starts as not idle.
    pub(super) fn reset(self) {
        self.is_idle.set_value(false);
    }

    fn check(self) {
        let touched_at = platform::stored(TOUCHED_KEY).and_then(|at| at.parse::<i64>().ok()).unwrap_or(i64::MAX);
        let is_idle = platform::now_ms().saturating_sub(touched_at) > IDLE_AFTER_MS;
        if is_idle != self.is_idle.get_value() {
            self.is_idle.set_value(is_idle);
            self.link.send(&LobbyCommand::Idle { on: is_idle });
        }
    }
}
