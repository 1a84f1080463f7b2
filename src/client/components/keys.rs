//! The keys that work on every live page.

use leptos::{ev::KeyboardEvent, prelude::*};

use crate::client::{platform, settings::KEYS};

/// Listens until the page goes; `on_find` hears Ctrl+K.
pub fn watch_keys(on_find: impl Fn() + 'static) {
    let listener = window_event_listener(leptos::ev::keydown, move |event| {
        if !event.default_prevented() && !event.is_composing() {
            hear(&event, &on_find);
        }
    });
    on_cleanup(move || listener.remove());
}

fn hear(event: &KeyboardEvent, on_find: &impl Fn()) {
    let has_ctrl = event.ctrl_key() || event.meta_key();
    let is_single = !has_ctrl && !event.alt_key() && !platform::is_writing(event) && platform::setting(KEYS) == "on";
    match event.key().as_str() {
        "F6" => platform::move_region(event, if event.shift_key() { -1 } else { 1 }),
        "k" | "K" if has_ctrl => {
            event.prevent_default();
            on_find();
        }
        "/" if is_single => {
            event.prevent_default();
            platform::focus(".search input");
        }
        "?" if is_single => platform::go("/shortcuts"),
        _ => {}
    }
}
