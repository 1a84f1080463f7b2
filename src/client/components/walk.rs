//! The log by keys and by touch: walking from message to message, what a key does with one, and the menu by a
//! long press.

use std::time::Duration;

use leptos::{ev::KeyboardEvent, prelude::*};
use web_sys::Event;

use crate::{
    client::{
        components::{menu::carry_out, session::Session},
        platform,
        settings::KEYS,
        state::conversation::WINDOW,
    },
    protocol::ids::MessageId,
};

/// How long a finger rests on a message before its menu opens.
const PRESS: Duration = Duration::from_millis(500);
/// Further than there are rows.
const FAR: i32 = WINDOW as i32 * 2;

/// `first`: the row from which to walk when none has the focus; the last one by default.
pub fn hear_key(session: Session, event: &KeyboardEvent, first: Option<String>) {
    if event.ctrl_key() || event.meta_key() || event.alt_key() || event.shift_key() || event.default_prevented() {
        return;
    }
    let walk = |step| platform::move_row(event, step, first.as_deref());
    let is_single = platform::setting(KEYS) == "on";
    match event.key().as_str() {
        "ArrowUp" => walk(-1),
        "ArrowDown" => walk(1),
        "Home" => walk(-FAR),
        "End" => walk(FAR),
        "ArrowRight" => platform::move_in_row(event, 1),
        "ArrowLeft" => platform::move_in_row(event, -1),
        "Enter" if platform::is_there(".said:focus") => {
            event.prevent_default();
            open_menu(session, platform::row_with_focus());
        }
        // The same keys while a Korean keyboard writes Hangul.
        "r" | "R" | "ㄱ" if is_single => {
            let id = platform::row_with_focus().and_then(|id| id.parse().ok());
            if let Some(message) = id.and_then(|id| session.message(id)).filter(|message| message.recalled.is_none()) {
                event.prevent_default();
                carry_out(session, message, "reply");
            }
        }
        "e" | "E" | "ㄷ" if is_single => {
            event.prevent_default();
            open_menu(session, platform::row_with_focus());
        }
        _ => {}
    }
}

fn open_menu(session: Session, id: Option<String>) {
    if let Some(id) = id.and_then(|id| id.parse::<MessageId>().ok()) {
        session.menu.set(Some(id));
    }
}

/// Keeps in mind what has the focus, and opens the menu under a finger that rests. Phones say that themselves
/// (`contextmenu`), or not at all.
pub fn hear_touch(session: Session) {
    let (touch, is_held) = (StoredValue::new(0_u32), StoredValue::new(false));
    let open = move |id| {
        is_held.set_value(true);
        open_menu(session, Some(id));
    };
    let hear = move |event: Event| match (event.type_().as_str(), platform::bubble_at(&event)) {
        ("focusin", _) => {
            if session.menu.get_untracked().is_none() {
                session.came_from.set(platform::place_of_focus());
            }
        }
        // Otherwise the click that follows would close the menu.
        ("touchend", _) => {
            if is_held.get_value() {
                event.prevent_default();
            }
        }
        _ if platform::can_hover() => {}
        ("contextmenu", Some(id)) => {
            event.prevent_default();
            open(id);
        }
        (kind, id) => {
            touch.update_value(|touch| *touch += 1);
            if kind == "pointerdown" {
                is_held.set_value(false);
                let this = touch.get_value();
                let rest = move |id| {
                    platform::after(PRESS, move || {
                        if touch.try_get_value() == Some(this) {
                            open(id)
                        }
                    })
                };
                id.into_iter().for_each(rest);
            }
        }
    };
    let kinds = ["focusin", "contextmenu", "pointerdown", "pointerup", "pointercancel", "touchend"];
    let listeners = kinds.map(|kind| window_event_listener_untyped(kind, hear));
    on_cleanup(move || listeners.into_iter().for_each(|listener| listener.remove()));
}
