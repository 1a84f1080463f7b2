//! The window of a room.

use leptos::prelude::window;
use web_sys::Window;

use protocol::ids::RoomId;

/// A window of a room, identified by its name.
pub struct ChatWindow {
    window: Window,
    pub name: String,
}

impl ChatWindow {
    /// Opens the window, or finds it if it is already open; `None` if the browser allows none. Call it in a click
    /// handler.
    pub fn open(name: String) -> Option<Self> {
        let features = "popup,width=420,height=640";
        let window = window().open_with_url_and_target_and_features("", &name, features).ok().flatten()?;
        Some(Self { window, name })
    }

    /// Whether it shows this room, or any room for `None`. A new window shows none; an older one may by now show the
    /// sign-in page or another room.
    pub fn shows(&self, room: Option<RoomId>) -> bool {
        let path = self.window.location().pathname().unwrap_or_default();
        path.strip_prefix("/rooms/").is_some_and(|shown| room.is_none_or(|room| shown == room.to_string()))
    }

    pub fn show(&self, path: &str) {
        let _ = self.window.location().set_href(path);
    }

    pub fn focus(&self) {
        let _ = self.window.focus();
    }
}
