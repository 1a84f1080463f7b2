//! What a window says while it has no connection, and how not to wait for it.

use leptos::prelude::*;

use crate::client::{
    live::{clicked, live},
    platform,
    socket::{Link, RETRY},
    text::words,
};

#[component]
pub fn Lost(link: Link) -> impl IntoView {
    let words = words();
    view! {
        <div class="lost" role="status" hidden=live(move || !link.is_lost())>
            {words.lost}" "
            <button class="plain" type="button" on:click=clicked(|_| platform::announce(RETRY))>{words.retry}</button>
        </div>
    }
}
