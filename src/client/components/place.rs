//! Where the main window stands: the conversation that is shown beside the list, and the page's address for it.

use std::time::Duration;

use leptos::prelude::*;

use crate::{
    client::{
        components::window::Window,
        platform,
        state::{
            toast::Toasts,
            trail::{Step, Went, step},
        },
    },
    protocol::ids::RoomId,
};

impl Window {
    /// Shows a conversation beside the list, or a place in it (`at`: a message's `seq`).
    pub fn show(self, room: RoomId, at: Option<u64>) {
        self.toasts.update(|toasts| toasts.close_room(room));
        let place = at.map(|seq| format!("&at={seq}")).unwrap_or_default();
        let address = format!("/?room={room}{place}");
        if !self.has_stage {
            return platform::go(&address);
        }
        let shown = self.shown.get_untracked();
        let replaces = shown == Some(room) || (shown.is_some() && platform::is_narrow());
        platform::push_address(&address, replaces);
        if shown == Some(room) {
            self.jump.0.set(at.map(|seq| (room, seq)));
        } else {
            self.shown.set(Some(room));
        }
    }

    /// Shows the list alone. The focus stays near: at the conversation's row.
    pub fn hide(self) {
        let Some(room) = self.shown.get_untracked() else { return };
        self.shown.set(None);
        platform::replace_address("/");
        platform::after(Duration::ZERO, move || {
            if platform::focused().is_none() {
                platform::focus(&format!("a.row[href=\"/rooms/{room}\"]"));
            }
            platform::give_back(None);
        });
    }

    /// "Back" and "forward" of the browser.
    pub fn follow_address(self, is_back: bool) {
        let here = platform::here();
        let room = here.strip_prefix("/?room=").and_then(|rest| rest.split('&').next());
        let target = room.and_then(|room| room.parse().ok());
        match step(Went { is_back, is_narrow: platform::is_narrow(), shown: self.shown.get_untracked(), target }) {
            Step::Show(target) => self.shown.set(target),
            Step::List => self.hide(),
            Step::Further => platform::go_back(),
        }
    }

    /// An Escape that no menu, dialog, search or reply took closes what came last: a toast, then the conversation
    /// beside the list.
    pub fn escape(self) {
        if self.toasts.try_update(Toasts::close_newest) != Some(true) {
            self.hide();
        }
    }
}
