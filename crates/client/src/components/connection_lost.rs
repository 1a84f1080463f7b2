//! The banner of a lost connection, with a button that reconnects at once.

use leptos::prelude::*;

use crate::{
    platform,
    socket::{Link, RETRY},
    text::words,
    view::{clicked, derived, effect},
};

#[component]
pub fn ConnectionLost(link: Link) -> impl IntoView {
    let words = words();
    let is_pressed = StoredValue::new(false);
    let retry = move |_| {
        is_pressed.set_value(true);
        platform::announce(RETRY);
    };
    effect(move || {
        // The button that had the focus is hidden from the next frame on.
        if !link.is_lost() && is_pressed.try_update_value(std::mem::take) == Some(true) {
            platform::next_frame(|| platform::next_frame(|| platform::give_back(None)));
        }
    });
    view! {
        <div class="lost" role="status" hidden=derived(move || !link.is_lost())>
            {words.lost}" "
            <button class="plain" type="button" on:click=clicked(retry)>{words.retry}</button>
        </div>
    }
}
