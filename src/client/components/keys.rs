//! The keys that work on every live page, and "back".

use std::time::Duration;

use leptos::{
    ev::{CompositionEvent, Event, KeyboardEvent},
    prelude::*,
};
use wasm_bindgen::JsCast;

use crate::client::{
    live::effect,
    platform,
    settings::KEYS,
    state::composing::{Composing, Input, Reaction},
};

/// The key code of a key that the input method has taken (UI Events, legacy).
const PROCESS_KEY: u32 = 229;

/// Listens until the page goes. `on_find` hears Ctrl+K; `on_escape` an Escape that no layer took; `on_back` where
/// the browser went by "back" (`true`) or "forward", when that closed no layer.
pub fn watch_keys(on_find: impl Fn() + 'static, on_escape: impl Fn() + 'static, on_back: impl Fn(bool) + 'static) {
    effect(platform::begin_trail);
    let listener = window_event_listener(leptos::ev::keydown, move |event| {
        if event.key() == "Tab" {
            platform::make_lists_one_stop();
        }
        if event.default_prevented() || event.is_composing() {
        } else if event.key() == "Escape" {
            if !platform::close_layer() {
                on_escape();
            }
            event.prevent_default();
        } else {
            hear(&event, &on_find);
        }
    });
    let back = move |_: Event| match platform::went_back() {
        Some(is_back) if !is_back || !platform::close_layer_by_back() => on_back(is_back),
        _ => {}
    };
    let back = window_event_listener_untyped("popstate", back);
    let elsewhere = window_event_listener_untyped("click", |event| platform::click_elsewhere(&event));
    on_cleanup(move || [listener, back, elsewhere].into_iter().for_each(|listener| listener.remove()));
    watch_searches();
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

/// Browsers name a key that the input method took "Process"; which one it was stands in `code`.
pub fn is_enter(event: &KeyboardEvent) -> bool {
    event.key() == "Enter" || matches!(event.code().as_str(), "Enter" | "NumpadEnter")
}

/// An Enter, as `state::composing` hears it.
pub fn enter(event: &KeyboardEvent, shift: bool) -> Input {
    Input::Enter { shift, is_taken: event.key_code() == PROCESS_KEY }
}

/// A composition's event, as `state::composing` hears it.
pub fn composition(event: &Event) -> Input {
    let data = event.unchecked_ref::<CompositionEvent>().data().unwrap_or_default();
    match event.type_().as_str() {
        "compositionstart" => Input::CompositionStart,
        "compositionupdate" => Input::CompositionUpdate(data),
        _ => Input::CompositionEnd(data),
    }
}

/// The Enter that ends a Korean syllable in a search field is an Enter for the field, too.
fn watch_searches() {
    let composing = StoredValue::new(Composing::default());
    let tell = move |input| composing.try_update_value(|composing| composing.apply(input));
    let hear = move |event: Event| {
        if !platform::is_in(&event, "[type=search]") {
            return;
        }
        let reaction = match event.dyn_ref::<KeyboardEvent>() {
            // The field has heard it already, if no input method is at work.
            Some(event) if is_enter(event) => {
                let is_heard = event.key_code() != PROCESS_KEY && !event.is_composing();
                tell(enter(event, event.shift_key())).filter(|_| !is_heard)
            }
            Some(_) => tell(Input::OtherKey),
            None => tell(composition(&event)),
        };
        match reaction {
            Some(Reaction::Send) => platform::press_enter(),
            Some(Reaction::Settle) => platform::after(Duration::ZERO, move || {
                if tell(Input::Settled) == Some(Reaction::Send) {
                    platform::press_enter();
                }
            }),
            _ => {}
        }
    };
    let events = ["keydown", "compositionstart", "compositionupdate", "compositionend"];
    let listeners = events.map(|name| window_event_listener_untyped(name, hear));
    on_cleanup(move || listeners.into_iter().for_each(|listener| listener.remove()));
}
