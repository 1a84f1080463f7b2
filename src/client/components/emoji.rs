//! The emojis at hand: written into the message, or given to one. They are a part of the program: nothing is
//! fetched.

use std::sync::Arc;

use leptos::{
    ev::{KeyboardEvent, MouseEvent},
    prelude::*,
};

use crate::client::{
    components::{
        icon::{Drawing, Icon},
        session::Session,
    },
    later::{Dialog, dialog},
    live::{clicked, effect, live, pressed, when},
    platform,
    text::words,
};

/// Faces, hands, hearts, work, food, nature; each a single character, so that they need no list of their own.
const EMOJIS: &str = "😀😄😁😆😅😂🤣🙂😉😊😇🥰😍😘😋😜🤔🤨😐😑🙄😏😌😴😷🤒🤕🥴😎🤓🧐😕😟🙁😮😲😳🥺😢😭😤😠😡🤯🥳🤗🤭🤫🙏👍👎👌👏🙌💪👋🤝✌🤞👆👇👉👈✋🫡🫶🧡💛💚💙💜🖤💔💯✅❌❓❗⭐🔥✨🎉🎊🎁🎂🏆📌📎📅📁📄📊📈📉📞📧💻🔒🔑💡⏰⏳🚗🚌✈🏠🏢🏥☕🍚🍜🍲🍕🍔🍎🍺🌸🌿🍁🌙🌈🌞🌧⚡⛄🐶🐱";
/// In a row, which the arrow keys need to know.
const COLUMNS: i32 = 8;
const BUTTON: &str = ".emoji-picker button";

/// Hears which one was chosen, or none by Escape.
pub type OnChoose = Arc<dyn Fn(Option<String>) + Send + Sync>;

/// Opens the emojis over the composer.
#[component]
pub fn EmojiButton() -> impl IntoView {
    let session = Session::current();
    let words = words();
    let is_open = RwSignal::new(false);
    let on_choose: OnChoose = Arc::new(move |emoji: Option<String>| {
        is_open.set(false);
        platform::focus("#composer");
        emoji.into_iter().for_each(|emoji| platform::type_text(&emoji));
    });
    // There is one panel at a time: a message's menu closes this one, and this one closes the menu.
    effect(move || {
        if session.menu.get().is_some() {
            is_open.set(false);
        }
    });
    let turn = move |_| {
        session.menu.set(None);
        is_open.update(|is_open| *is_open = !*is_open);
    };
    view! {
        <button class="plain emoji-open" type="button" aria-label=words.emoji aria-expanded=live(move || is_open.get().to_string())
            on:click=clicked(turn)>
            <Icon drawing=Drawing::Smile />
        </button>
        {when(move || is_open.get(), move || dialog(Dialog::Emojis(on_choose.clone())))}
    }
}

/// All of them.
#[component]
pub fn EmojiPanel(on_choose: OnChoose) -> impl IntoView {
    effect(|| platform::next_frame(|| platform::focus(BUTTON)));
    let escape = on_choose.clone();
    let choose = move |event: MouseEvent| {
        if let Some(emoji) = platform::chosen(&event, "data-emoji") {
            on_choose(Some(emoji));
        }
    };
    let on_key = move |event: KeyboardEvent| match event.key().as_str() {
        "Escape" => {
            event.prevent_default();
            escape(None);
        }
        "ArrowRight" => platform::move_focus(&event, BUTTON, 1),
        "ArrowLeft" => platform::move_focus(&event, BUTTON, -1),
        "ArrowDown" => platform::move_focus(&event, BUTTON, COLUMNS),
        "ArrowUp" => platform::move_focus(&event, BUTTON, -COLUMNS),
        _ => {}
    };
    view! {
        <div class="emoji-picker" role="group" aria-label=words().emoji on:click=clicked(choose) on:keydown=pressed(on_key)>
            {EMOJIS.chars().map(|emoji| view! { <button type="button" data-emoji=emoji.to_string()>{emoji.to_string()}</button> }).collect_view()}
        </div>
    }
}
