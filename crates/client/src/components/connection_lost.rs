//! The banner of a lost connection, with a button that reconnects at once. For a moment after a reconnect it says so.

use std::time::Duration;

use leptos::prelude::*;

use crate::{
    platform,
    socket::{Link, RETRY},
    text::words,
    view::{clicked, effect, when},
};

/// How long the banner says that the connection is back.
const BACK_FOR: Duration = Duration::from_secs(4);

#[component]
pub fn ConnectionLost(link: Link) -> impl IntoView {
    let words = words();
    let is_pressed = StoredValue::new(false);
    // A memo, because each failed attempt repeats that the connection is lost.
    let is_lost = Memo::new(move |_| link.is_lost());
    let is_back = RwSignal::new(false);
    let mut was_lost = false;
    let retry = move |_| {
        is_pressed.set_value(true);
        platform::announce(RETRY);
    };
    effect(move || {
        let is_lost = is_lost.get();
        is_back.set(was_lost && !is_lost);
        if std::mem::replace(&mut was_lost, is_lost) && !is_lost {
            platform::after(BACK_FOR, move || {
                is_back.try_set(false);
            });
        }
        // The focused button disappears in the next frame.
        if !is_lost && is_pressed.try_update_value(std::mem::take) == Some(true) {
            platform::next_frame(|| platform::next_frame(|| platform::give_back(None)));
        }
    });
    view! {
        <div class="lost connection" role="status">
            {when(move || is_lost.get(), move || view! {
                {words.lost}" "<button class="plain" type="button" on:click=clicked(retry)>{words.retry}</button>
            }.into_any())}
            {when(move || is_back.get(), move || words.regained.into_any())}
        </div>
    }
}
