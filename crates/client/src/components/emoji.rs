//! The composer's button that opens the emoji panel.

use std::sync::Arc;

use leptos::prelude::*;

use crate::{
    components::icon::{Drawing, Icon},
    dialogs::{Dialog, OnChoose, dialog},
    platform,
    room::session::RoomSession,
    text::words,
    view::{clicked, derived, effect, when},
};

#[component]
pub fn EmojiButton() -> impl IntoView {
    let session = RoomSession::current();
    let words = words();
    let is_open = RwSignal::new(false);
    let on_choose: OnChoose = Arc::new(move |emoji: Option<String>| {
        is_open.set(false);
        platform::focus("#composer");
        emoji.into_iter().for_each(|emoji| platform::type_text(&emoji));
    });
    // One panel at a time: a message's menu closes this panel, and this panel closes the menu.
    effect(move || {
        if session.menu.get().is_some() {
            is_open.set(false);
        }
    });
    let toggle = move |_| {
        session.menu.set(None);
        is_open.update(|is_open| *is_open = !*is_open);
    };
    view! {
        <button class="plain emoji-open" type="button" aria-label=words.emoji aria-expanded=derived(move || is_open.get().to_string())
            on:click=clicked(toggle)>
            <Icon drawing=Drawing::Smile />
        </button>
        {when(move || is_open.get(), move || dialog(Dialog::Emojis(on_choose.clone())))}
    }
}
