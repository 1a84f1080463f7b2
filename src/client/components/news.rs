//! How a person is told of something: by a toast, by the system, by a sound. What was seen already is told by none
//! of them, and what is gone meanwhile is taken back.

use std::time::Duration;

use leptos::prelude::*;

use crate::{
    client::{
        components::window::Window,
        live::effect,
        platform,
        settings::{FROM, NOTICES, QUIET, SOUND, TO, is_quiet},
        state::lobby::{Lobby, Notice},
        text::{date::LocalTime, words},
    },
    protocol::{ids::MessageId, user::Presence},
};

/// A window that shows the conversation reports it read within this time; then there is nothing to say.
const NOTICE_AFTER: Duration = Duration::from_millis(800);
/// How long a toast is shown when nobody looks after it.
const SHOWN_FOR: Duration = Duration::from_secs(10);
/// When a window of this browser last sounded, UTC milliseconds.
const SOUNDED_KEY: &str = "daehwa.sounded";
/// The shortest time between two sounds.
const SOUND_EVERY_MS: i64 = 2_000;

impl Window {
    /// Tells of something, unless it is seen meanwhile.
    pub(super) fn notify_soon(self, notice: Notice) {
        platform::after(NOTICE_AFTER, move || self.notify(&notice));
    }

    fn notify(self, notice: &Notice) {
        let Some(notice) = self.lobby.try_with_untracked(|lobby| lobby.still(notice)).flatten() else { return };
        let is_shown = self.shown.get_untracked() == Some(notice.room());
        // A conversation that is shown in a window that nobody sees is not seen.
        if is_shown && platform::is_visible() {
            return;
        }
        let is_heard = matches!(notice, Notice::Wrote { .. });
        if self.is_elected.get_value() {
            self.notify_system(&notice);
            if is_heard && self.is_loud() {
                sound();
            }
        }
        if !is_shown && let Some(number) = self.toasts.try_update(|toasts| toasts.add(notice)) {
            self.fade(number);
        }
    }

    fn fade(self, number: u64) {
        let close = move || {
            if platform::is_attended(".toasts") { self.fade(number) } else { self.close_toast(number) }
        };
        platform::after(SHOWN_FOR, close);
    }

    pub(super) fn close_toast(self, number: u64) {
        self.toasts.try_update(|toasts| toasts.close(number));
    }

    /// On the icon and in the tab.
    pub(super) fn count_unread(self) {
        let unread = Memo::new(move |_| self.lobby.with(Lobby::unread));
        effect(move || {
            platform::set_badge(unread.get());
            platform::count_title(unread.get());
        });
    }

    /// Lets toasts and the system's notices say what still holds.
    pub(super) fn follow_notices(self) {
        let is_changed = self.lobby.with_untracked(|lobby| {
            self.keep_system(&|notice| lobby.still(notice).is_some());
            self.toasts.try_update_untracked(|toasts| toasts.follow(lobby))
        });
        if is_changed == Some(true) {
            self.toasts.notify();
        }
    }

    /// Takes back what shows a text that was recalled.
    pub(super) fn forget_notices(self, ids: &[MessageId]) {
        self.keep_system(&|notice| !notice.shows(ids));
        self.toasts.update(|toasts| toasts.forget(ids));
    }

    fn keep_system(self, is_kept: &dyn Fn(&Notice) -> bool) {
        self.system.update_value(|shown| {
            shown.retain(|(notice, system)| {
                let is_kept = is_kept(notice);
                if !is_kept {
                    system.close();
                }
                is_kept
            });
        });
    }

    /// Who it is from; in a group, also which one.
    pub(super) fn title_of(self, notice: &Notice) -> (String, Option<String>) {
        self.lobby
            .with_untracked(|lobby| (lobby.called(notice.by()).unwrap_or_default(), lobby.group_name(notice.room())))
    }

    /// Through the system, where that was chosen and no window of ours is seen.
    fn notify_system(self, notice: &Notice) {
        if platform::is_visible() || platform::setting(NOTICES) != "on" {
            return;
        }
        let (name, group) = self.title_of(notice);
        let title = group.map_or(name.clone(), |group| format!("{name} · {group}"));
        let body = if let Notice::Wrote { body, .. } = notice { body.as_str() } else { words().invited };
        let room = notice.room();
        let shown = platform::notify_system(&title, body, &room.to_string(), move || self.show(room, None));
        let shown = shown.map(|shown| (notice.clone(), shown));
        self.system.update_value(|all| {
            all.retain(|(other, _)| other.room() != room);
            all.extend(shown);
        });
    }

    /// Whether news is heard now: not in the quiet hours nor while the person is busy, unless it was chosen so.
    fn is_loud(self) -> bool {
        let is_quiet_hour = || {
            let now = platform::now_ms();
            let hour = LocalTime::new(now, platform::utc_offset(now)).minute / 60;
            is_quiet(hour, platform::setting(FROM), platform::setting(TO))
        };
        let is_busy = || self.lobby.with_untracked(|lobby| lobby.presence(lobby.me) == Presence::Busy);
        platform::setting(SOUND) == "on" && !(platform::setting(QUIET) == "on" && (is_quiet_hour() || is_busy()))
    }
}

/// Once for whatever comes at once.
fn sound() {
    let now = platform::now_ms();
    // In the browser's storage: without TLS windows cannot agree on one of them.
    let last = platform::stored(SOUNDED_KEY).and_then(|at| at.parse::<i64>().ok()).unwrap_or(0);
    if (now - last).abs() >= SOUND_EVERY_MS {
        platform::store(SOUNDED_KEY, Some(&now.to_string()));
        platform::sound();
    }
}
