//! Notices of messages and invitations: toasts, system notifications, the unread count in the tab. A notice whose
//! message was read before the notice is due is dropped; one that is out of date is withdrawn.

use std::time::Duration;

use leptos::prelude::*;

use crate::{
    lobby::{navigation::Navigation, sound},
    platform::{self, BrowserValue, SystemNotice},
    settings::NOTICES,
    state::{lobby::Lobby, notice::Notice, toast::Toast},
    text::words,
    view::effect,
};
use protocol::{
    ids::{MessageId, RoomId},
    user::Presence,
};

/// A window that shows the room marks the message as read within this time; then there is no notice.
const NOTICE_AFTER: Duration = Duration::from_millis(800);
/// A toast closes after this time, unless the pointer or the focus is on the toasts.
const SHOWN_FOR: Duration = Duration::from_secs(10);

#[derive(Clone, Copy)]
pub struct Notices {
    lobby: RwSignal<Lobby>,
    navigation: Navigation,
    /// The notifications that the system shows.
    system: BrowserValue<Vec<(Notice, SystemNotice)>>,
    /// Whether the user is asked for the permission to notify.
    pub is_asking: RwSignal<bool>,
    /// Whether this window was elected, among those of the browser, to play the sound and to notify the system.
    is_elected: StoredValue<bool>,
}

impl Notices {
    pub(super) fn new(lobby: RwSignal<Lobby>, navigation: Navigation) -> Self {
        let (system, is_elected) = (BrowserValue::default(), StoredValue::new(false));
        Self { lobby, navigation, system, is_asking: RwSignal::new(false), is_elected }
    }

    pub(super) fn start(self) {
        self.show_unread_count();
        platform::on_elected("sound", move || self.is_elected.set_value(true));
    }

    /// Shows a notice after a delay, unless its message is read by then.
    pub(super) fn schedule(self, notice: Notice) {
        platform::after(NOTICE_AFTER, move || self.notify(&notice));
    }

    fn notify(self, notice: &Notice) {
        let Some(notice) = self.lobby.try_with_untracked(|lobby| lobby.current_notice(notice)).flatten() else {
            return;
        };
        let is_shown = self.navigation.shown.get_untracked() == Some(notice.room());
        // A room in a hidden window is not visible.
        if is_shown && platform::is_visible() {
            return;
        }
        if self.is_elected.get_value() {
            self.notify_system(&notice);
            let is_busy = || self.lobby.with_untracked(|lobby| lobby.presence(lobby.me) == Presence::Busy);
            if matches!(notice, Notice::Wrote { .. }) && sound::is_on(is_busy) {
                sound::play();
            }
        }
        if !is_shown && let Some(number) = self.navigation.toasts.try_update(|toasts| toasts.add(notice)) {
            self.close_later(number);
        }
    }

    pub fn toasts(self) -> Vec<Toast> {
        self.navigation.toasts.read().list()
    }

    fn close_later(self, number: u64) {
        let close = move || {
            if platform::is_attended(".toasts") { self.close_later(number) } else { self.close_toast(number) }
        };
        platform::after(SHOWN_FOR, close);
    }

    pub fn close_toast(self, number: u64) {
        self.navigation.toasts.try_update(|toasts| toasts.close(number));
    }

    pub(super) fn close_room(self, room: RoomId) {
        self.navigation.toasts.update(|toasts| toasts.close_room(room));
    }

    /// Shows the number of unread messages on the app's icon and in the tab.
    fn show_unread_count(self) {
        let unread = Memo::new(move |_| self.lobby.with(Lobby::unread));
        effect(move || {
            platform::set_badge(unread.get());
            platform::count_title(unread.get());
        });
    }

    /// Updates toasts and notifications to the current state.
    pub(super) fn refresh(self) {
        let is_changed = self.lobby.with_untracked(|lobby| {
            self.retain_system(&|notice| lobby.current_notice(notice).is_some());
            self.navigation.toasts.try_update_untracked(|toasts| toasts.refresh(lobby))
        });
        if is_changed == Some(true) {
            self.navigation.toasts.notify();
        }
    }

    /// Withdraws the notices of messages that were recalled.
    pub(super) fn remove_messages(self, ids: &[MessageId]) {
        self.retain_system(&|notice| !notice.is_of(ids));
        self.navigation.toasts.update(|toasts| toasts.remove_messages(ids));
    }

    fn retain_system(self, is_kept: &dyn Fn(&Notice) -> bool) {
        self.system.update(|shown| {
            shown.retain(|(notice, system)| {
                let is_kept = is_kept(notice);
                if !is_kept {
                    system.close();
                }
                is_kept
            });
        });
    }

    /// The author's name and, in a group, the group's.
    pub fn title_of(self, notice: &Notice) -> (String, Option<String>) {
        self.lobby.with_untracked(|lobby| {
            (lobby.display_name(notice.by()).unwrap_or_default(), lobby.group_name(notice.room(), words()))
        })
    }

    /// Shows a system notification, if the user chose so and no window of the browser is visible.
    fn notify_system(self, notice: &Notice) {
        if platform::is_visible() {
            return;
        }
        if platform::setting(NOTICES) != "on" {
            // The first message that arrives while no window is visible is the occasion to ask.
            if !platform::is_chosen(NOTICES) && platform::can_ask_to_notify() {
                self.is_asking.set(true);
            }
            return;
        }
        let (name, group) = self.title_of(notice);
        let title = group.map_or(name.clone(), |group| format!("{name} · {group}"));
        let body = words().notice_line(notice);
        let (room, navigation) = (notice.room(), self.navigation);
        let shown = platform::notify_system(&title, &body, &room.to_string(), move || navigation.show(room, None));
        let shown = shown.map(|shown| (notice.clone(), shown));
        self.system.update(|all| {
            all.retain(|(other, _)| other.room() != room);
            all.extend(shown);
        });
    }
}
