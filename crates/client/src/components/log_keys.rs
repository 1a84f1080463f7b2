//! Keys and touch in the log: moving between messages, single-key actions, and the menu on a long press.

use std::time::Duration;

use leptos::{ev::KeyboardEvent, prelude::*};
use web_sys::Event;

use crate::{
    components::{action::MessageAction, menu::carry_out},
    platform,
    room::session::RoomSession,
    settings::KEYS,
    state::conversation::MAX_LOADED,
};
use protocol::ids::MessageId;

/// How long a press must last to open the menu of a message, or of a row of a list.
pub const PRESS: Duration = Duration::from_millis(500);
/// More than the number of rows.
const FAR: i32 = MAX_LOADED as i32 * 2;

/// `first`: the row from which to move when no row has the focus; the last row by default.
pub fn on_key(session: RoomSession, event: &KeyboardEvent, first: Option<String>) {
    if event.ctrl_key() || event.meta_key() || event.alt_key() || event.shift_key() || event.default_prevented() {
        return;
    }
    // A player handles its own keys.
    if platform::is_in(event, "audio, video") {
        return;
    }
    let move_row = |step| platform::move_row(event, step, first.as_deref());
    let is_single = platform::setting(KEYS) == "on";
    match event.key().as_str() {
        "ArrowUp" => move_row(-1),
        "ArrowDown" => move_row(1),
        "Home" => move_row(-FAR),
        "End" => move_row(FAR),
        "ArrowRight" => platform::move_in_row(event, 1),
        "ArrowLeft" => platform::move_in_row(event, -1),
        " " | "Enter" if untrack(|| session.selection.is_open()) && platform::is_there(".said:focus .pick") => {
            event.prevent_default();
            platform::click(".said:focus .pick");
        }
        "Enter" if platform::is_there(".said:focus") => {
            event.prevent_default();
            open_menu(session, platform::row_with_focus());
        }
        // The same key when a Korean keyboard writes Hangul.
        "r" | "R" | "ㄱ" if is_single => {
            let id = platform::row_with_focus().and_then(|id| id.parse().ok());
            if let Some(message) = id.and_then(|id| session.message(id)).filter(|message| message.recalled.is_none()) {
                event.prevent_default();
                carry_out(session, &message, MessageAction::Reply);
            }
        }
        "e" | "E" | "ㄷ" if is_single => {
            event.prevent_default();
            open_menu(session, platform::row_with_focus());
        }
        _ => {}
    }
}

fn open_menu(session: RoomSession, id: Option<String>) {
    let id = id.and_then(|id| id.parse::<MessageId>().ok());
    // An unsent message has no menu, and gets none later.
    if let Some(id) = id.filter(|id| session.message(*id).is_some()) {
        session.menu.set(Some(id));
    }
}

/// Remembers the focus, and opens the menu on a long press. Phones report one as `contextmenu`, or not at all. On a link
/// the browser's menu opens, and the link is not followed afterwards.
pub fn follow_touch(session: RoomSession) {
    let (touch, is_held) = (StoredValue::new(0_u32), StoredValue::new(false));
    let open = move |(id, is_link): (String, bool)| {
        is_held.set_value(true);
        if !is_link {
            open_menu(session, Some(id));
        }
    };
    let on_event = move |event: Event| match (event.type_().as_str(), platform::bubble_at(&event)) {
        ("focusin", _) => {
            if session.menu.get_untracked().is_none() {
                session.last_focus.set(platform::focus_selectors());
            }
        }
        // The following click would close the menu.
        ("touchend", _) => {
            if is_held.get_value() {
                event.prevent_default();
            }
        }
        _ if platform::can_hover() => {}
        ("contextmenu", Some(bubble)) => {
            if !bubble.1 {
                event.prevent_default();
            }
            open(bubble);
        }
        (kind, bubble) => {
            touch.update_value(|touch| *touch += 1);
            if kind == "pointerdown" {
                is_held.set_value(false);
                let this = touch.get_value();
                let rest = move |bubble| {
                    platform::after(PRESS, move || {
                        if touch.try_get_value() == Some(this) {
                            open(bubble)
                        }
                    })
                };
                bubble.into_iter().for_each(rest);
            }
        }
    };
    let kinds = ["focusin", "contextmenu", "pointerdown", "pointerup", "pointercancel", "touchend"];
    let listeners = kinds.map(|kind| platform::on_window(kind, on_event));
    on_cleanup(move || listeners.into_iter().for_each(|listener| listener.remove()));
}
