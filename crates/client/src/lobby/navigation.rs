//! Where a room opens: next to the list, with the page's address, or in a separate window.

use std::time::Duration;

use leptos::{ev::SubmitEvent, prelude::*};
use wasm_bindgen::JsCast;

use crate::{
    platform::{self, BrowserHistoryEntry, ChatWindow},
    settings::OPEN_IN,
    socket::Link,
    state::{
        browser_history::{Direction, NavigationAction, NavigationMove},
        lobby::Lobby,
        toast::Toasts,
    },
    text::words,
};
use protocol::{
    ids::{RoomId, UserId},
    lobby_socket::LobbyCommand,
};

/// How long the browser may take to arrive below a room that the page left.
const ARRIVAL: Duration = Duration::from_secs(5);

/// A request from outside the room's session to scroll to a message (`seq`) of a room.
#[derive(Clone, Copy)]
pub struct JumpRequest(pub RwSignal<Option<(RoomId, u64)>>);

#[derive(Clone, Copy)]
pub struct Navigation {
    lobby: RwSignal<Lobby>,
    pub(super) link: Link,
    /// Toasts of a room close when the room is shown.
    pub(super) toasts: RwSignal<Toasts>,
    /// The room shown next to the list.
    pub shown: RwSignal<Option<RoomId>>,
    /// Whether this page has a place for rooms.
    has_stage: bool,
    pub jump: JumpRequest,
    /// Whether a room was requested, which is shown when the server answers with `entered`.
    expects_room: StoredValue<bool>,
}

impl Navigation {
    pub(super) fn new(lobby: RwSignal<Lobby>, link: Link, shown: Option<RoomId>) -> Self {
        Self {
            lobby,
            link,
            toasts: RwSignal::new(Toasts::default()),
            shown: RwSignal::new(shown),
            has_stage: true,
            jump: JumpRequest(RwSignal::new(None)),
            expects_room: StoredValue::new(false),
        }
    }

    pub(super) fn without_stage(lobby: RwSignal<Lobby>, link: Link) -> Self {
        Self { has_stage: false, ..Self::new(lobby, link, None) }
    }

    /// Makes the next `entered` show its room.
    pub(super) fn expect_room(self) {
        self.expects_room.set_value(true);
    }

    pub(super) fn enter(self, room: RoomId) {
        if self.expects_room.try_update_value(std::mem::take) == Some(true) {
            self.show(room, None);
        }
    }

    /// Shows a room next to the list, scrolled to the message with the `seq` `at`.
    pub fn show(self, room: RoomId, at: Option<u64>) {
        self.toasts.update(|toasts| toasts.close_room(room));
        let address = address_of(room, at);
        if !self.has_stage {
            return platform::go(&address);
        }
        let shown = self.shown.get_untracked();
        let is_same_level = shown == Some(room) || (shown.is_some() && platform::is_narrow());
        platform::set_address(
            &address,
            if is_same_level { BrowserHistoryEntry::Present } else { BrowserHistoryEntry::New },
        );
        if shown == Some(room) {
            self.jump.0.set(at.map(|seq| (room, seq)));
        } else {
            self.shown.set(Some(room));
        }
    }

    /// Shows the list alone, after "‹" or "leave". On a narrow page the browser's history moves below the room, as "back"
    /// does.
    pub fn leave(self) {
        if platform::is_narrow() && self.shown.get_untracked().is_some() && platform::leave_room() {
            self.close_shown();
            platform::after(ARRIVAL, move || {
                // The browser dropped the move.
                if platform::stop_leaving() && self.shown.try_get_untracked() == Some(None) {
                    platform::replace_address("/");
                }
            });
        } else {
            self.hide();
        }
    }

    /// The browser has arrived below the entry of a room that the page left: at the list, or at the entry of that room if
    /// another one was opened meanwhile.
    fn arrive(self) {
        let Some(room) = self.shown.get_untracked() else { return platform::replace_address("/") };
        let address = address_of(room, None);
        if platform::here() == "/" {
            platform::set_address(&address, BrowserHistoryEntry::New);
        } else {
            platform::replace_address(&address);
            platform::mark_room();
        }
    }

    /// Shows the list alone.
    pub fn hide(self) {
        if self.shown.get_untracked().is_some() {
            self.close_shown();
            platform::replace_address("/");
        }
    }

    /// Moves the focus to the row of the room that was shown.
    fn close_shown(self) {
        let Some(room) = self.shown.get_untracked() else { return };
        self.shown.set(None);
        platform::after(Duration::ZERO, move || {
            if platform::focused().is_none() {
                platform::focus(&format!("a.row[href=\"/rooms/{room}\"]"));
            }
            platform::give_back(None);
        });
    }

    /// Follows "back" and "forward" of the browser.
    pub fn follow_browser_history(self, direction: Direction) {
        let here = platform::here();
        let room = here.strip_prefix("/?room=").and_then(|rest| rest.split('&').next());
        let target = room.and_then(|room| room.parse().ok());
        let shown = self.shown.get_untracked();
        match (NavigationMove { direction, is_narrow: platform::is_narrow(), shown, target }).action() {
            NavigationAction::Show(target) => {
                platform::mark_room();
                self.shown.set(target);
            }
            NavigationAction::ShowList => self.hide(),
            NavigationAction::Skip => platform::go_back(),
            NavigationAction::Arrive => self.arrive(),
        }
    }

    /// Handles an Escape that no menu, dialog, search or reply used: closes the newest toast, or else the room next to
    /// the list. An Escape in the search field does not close the room, because the field is in another part of the
    /// window; nor does one in a burst. From a message it leads to the composer first.
    pub fn escape(self) {
        let is_calm = platform::is_calm();
        if self.toasts.try_update(Toasts::close_newest) != Some(true)
            && is_calm
            && !platform::is_there(".search :focus")
            && !platform::leave_message()
        {
            self.hide();
        }
    }

    /// Opens the direct room with a user, after a click on their form: in a separate window, or next to the list.
    pub fn open_person(self, event: &SubmitEvent, user: UserId) {
        let open_direct = || self.link.send(&LobbyCommand::OpenDirect { user });
        let room = self.lobby.with_untracked(|lobby| lobby.direct_with(user));
        if platform::is_offline() {
            // The form's answer would be the browser's error page.
            event.prevent_default();
            return match room {
                Some(room) => self.open_room(room, None),
                None => drop(platform::confirms(words().lost)),
            };
        }
        match chat_window(user) {
            // The form's answer is the room, which loads into the window.
            Some(window) if !window.shows(room) => {
                form_of(event).into_iter().for_each(|form| form.set_target(&window.name));
                window.focus();
            }
            Some(window) => {
                event.prevent_default();
                window.focus();
                open_direct();
            }
            // Without a connection the browser submits the form, whose answer is the room.
            None if open_direct() => {
                event.prevent_default();
                self.expect_room();
            }
            None => form_of(event).into_iter().for_each(|form| {
                form.set_target("");
                if let Ok(Some(input)) = form.query_selector("[name=place]") {
                    let _ = input.set_attribute("value", "main");
                }
            }),
        }
    }

    /// Opens a room after a click on its row, or on a message of it (`at`: the message's `seq`).
    pub fn open_room(self, room: RoomId, at: Option<u64>) {
        let other = self.lobby.with_untracked(|lobby| lobby.other_in(room));
        match other.map_or_else(|| chat_window(room), chat_window) {
            Some(window) => {
                if !window.shows(Some(room)) || at.is_some() {
                    let seq = at.map(|seq| format!("?at={seq}")).unwrap_or_default();
                    window.show(&format!("/rooms/{room}{seq}"));
                }
                window.focus();
            }
            None => self.show(room, at),
        }
    }
}

/// The main window's address of a room, scrolled to the message with the `seq` `at`.
fn address_of(room: RoomId, at: Option<u64>) -> String {
    let seq = at.map(|seq| format!("&at={seq}")).unwrap_or_default();
    format!("/?room={room}{seq}")
}

/// Opens the direct room with a user from a room's own window, after a click on their form: in a separate window, or in
/// this one if the browser allows no other.
pub fn open_in_window(event: &SubmitEvent, user: UserId) {
    if let Some(window) = chat_window(user) {
        form_of(event).into_iter().for_each(|form| form.set_target(&window.name));
        window.focus();
    }
}

/// The window for a direct room or a group, by the id of the user or the group; `None` if rooms open next to the list.
fn chat_window(id: impl std::fmt::Display) -> Option<ChatWindow> {
    let open_in = platform::setting(OPEN_IN);
    let is_here = open_in == "here"
        || platform::is_small()
        || (open_in == "auto" && (platform::is_wide() || !platform::can_hover()));
    // The name finds a window that is already open.
    if is_here { None } else { ChatWindow::open(format!("daehwa-{id}")) }
}

fn form_of(event: &SubmitEvent) -> Option<web_sys::HtmlFormElement> {
    event.target()?.dyn_into().ok()
}
