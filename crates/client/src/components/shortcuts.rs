//! The keys of every live page, and the "back" and "forward" buttons of the browser.

use std::time::Duration;

use leptos::{
    ev::{CompositionEvent, Event, KeyboardEvent},
    prelude::*,
};
use wasm_bindgen::JsCast;

use crate::{
    platform,
    settings::KEYS,
    state::{
        browser_history::Direction,
        composing::{Composing, Input, InputAction},
    },
    view::effect,
};

/// The key code of a key that the input method handles (UI Events, legacy).
const PROCESS_KEY: u32 = 229;

/// Listens until the page is left. `on_find` is called for Ctrl+K and returns whether the page has a palette, otherwise
/// the key is the browser's; `on_escape` is called for an Escape that closed no layer,
/// `on_browser_history` for a "back" or "forward" that closed no layer.
pub fn watch_keys(
    on_find: impl Fn() -> bool + 'static,
    on_escape: impl Fn() + 'static,
    on_browser_history: impl Fn(Direction) + 'static,
) {
    effect(platform::begin_browser_history);
    let listener = window_event_listener(leptos::ev::keydown, move |event| {
        platform::clear_point(&event);
        if event.key() == "Tab" {
            platform::make_lists_one_stop();
        }
        if event.default_prevented() || event.is_composing() {
        } else if event.key() == "Escape" {
            // A held key closes one layer only.
            if !event.repeat() && !platform::close_layer() {
                on_escape();
            }
            event.prevent_default();
        } else {
            on_key(&event, &on_find);
        }
    });
    let back = move |_: Event| match platform::browser_history_direction() {
        Some(Direction::Back) if platform::close_layer_by_back() => {}
        Some(direction) => on_browser_history(direction),
        None => {}
    };
    let back = platform::on_window("popstate", back);
    let outside = platform::on_window("click", |event| {
        platform::clear_point(&event);
        platform::click_outside(&event);
    });
    let focus = platform::on_window("focusin", |event| platform::focus_outside(&event));
    let menu = platform::on_window("contextmenu", |event| platform::open_menu_of_row(&event));
    on_cleanup(move || [listener, back, outside, focus, menu].into_iter().for_each(|listener| listener.remove()));
    watch_searches();
}

fn on_key(event: &KeyboardEvent, on_find: &impl Fn() -> bool) {
    let has_ctrl = event.ctrl_key() || event.meta_key();
    let is_single = !has_ctrl && !event.alt_key() && !platform::is_writing(event) && platform::setting(KEYS) == "on";
    match event.key().as_str() {
        "F6" => platform::move_region(event, if event.shift_key() { -1 } else { 1 }),
        "k" | "K" if has_ctrl && on_find() => event.prevent_default(),
        "/" if is_single => {
            event.prevent_default();
            platform::focus(".search input");
        }
        "?" if is_single => platform::go("/shortcuts"),
        _ => {}
    }
}

/// Browsers report a key that the input method handles as "Process"; `code` has the physical key.
pub fn is_enter(event: &KeyboardEvent) -> bool {
    event.key() == "Enter" || matches!(event.code().as_str(), "Enter" | "NumpadEnter")
}

/// An Enter as input of `state::composing`.
pub fn enter(event: &KeyboardEvent, shift: bool) -> Input {
    Input::Enter { shift, is_taken: event.key_code() == PROCESS_KEY }
}

/// An event of a composition as input of `state::composing`.
pub fn composition(event: &Event) -> Input {
    let data = event.unchecked_ref::<CompositionEvent>().data().unwrap_or_default();
    match event.type_().as_str() {
        "compositionstart" => Input::CompositionStart,
        "compositionupdate" => Input::CompositionUpdate(data),
        _ => Input::CompositionEnd(data),
    }
}

/// Gives search fields the Enter that ends a Korean syllable.
fn watch_searches() {
    let composing = StoredValue::new(Composing::default());
    let apply = move |input| composing.try_update_value(|composing| composing.apply(input));
    let on_event = move |event: Event| {
        if !platform::is_in(&event, "[type=search]") {
            return;
        }
        let action = match event.dyn_ref::<KeyboardEvent>() {
            // Without an input method the field has received the Enter already.
            Some(event) if is_enter(event) => {
                let is_received = event.key_code() != PROCESS_KEY && !event.is_composing();
                apply(enter(event, event.shift_key())).filter(|_| !is_received)
            }
            Some(_) => apply(Input::OtherKey),
            None => apply(composition(&event)),
        };
        match action {
            Some(InputAction::Send) => platform::after(Duration::ZERO, platform::press_enter),
            Some(InputAction::Settle) => platform::after(Duration::ZERO, move || {
                if apply(Input::Settled) == Some(InputAction::Send) {
                    platform::press_enter();
                }
            }),
            _ => {}
        }
    };
    let events = ["keydown", "compositionstart", "compositionupdate", "compositionend"];
    let listeners = events.map(|name| platform::on_window(name, on_event));
    on_cleanup(move || listeners.into_iter().for_each(|listener| listener.remove()));
}
