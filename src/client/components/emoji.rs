//! The emojis at hand, written into the message. They are a part of the program: nothing is fetched.

use leptos::{
    ev::{KeyboardEvent, MouseEvent},
    prelude::*,
};

use crate::client::{
    components::icon::{Drawing, Icon},
    live::{clicked, effect, live, pressed, when},
    platform,
    text::words,
};

/// Faces, hands, hearts, work, food, nature; each a single character, so that they need no list of their own.
const EMOJIS: &str = "😀😄😁😆😅😂🤣🙂😉😊😇🥰😍😘😋😜🤔🤨😐😑🙄😏😌😴😷🤒🤕🥴😎🤓🧐😕😟🙁😮😲😳🥺😢😭😤😠😡🤯🥳🤗🤭🤫🙏👍👎👌👏🙌💪👋🤝✌🤞👆👇👉👈✋🫡🫶🧡💛💚💙💜🖤💔💯✅❌❓❗⭐🔥✨🎉🎊🎁🎂🏆📌📎📅📁📄📊📈📉📞📧💻🔒🔑💡⏰⏳🚗🚌✈🏠🏢🏥☕🍚🍜🍲🍕🍔🍎🍺🌸🌿🍁🌙🌈🌞🌧⚡⛄🐶🐱";
/// In a row, which the arrow keys need to know.
const COLUMNS: i32 = 8;
const BUTTON: &str = ".emoji-picker button";

#[component]
pub fn EmojiButton() -> impl IntoView {
    let words = words();
    let is_open = RwSignal::new(false);
    let close = move || {
        is_open.set(false);
        platform::focus("#composer");
    };
    effect(move || {
        if is_open.get() {
            platform::next_frame(|| platform::focus(BUTTON));
        }
    });
    let choose = move |event: MouseEvent| {
        let Some(emoji) = platform::chosen(&event, "data-emoji") else { return };
        close();
        platform::type_text(&emoji);
    };
    let on_key = move |event: KeyboardEvent| match event.key().as_str() {
        "Escape" => {
            event.prevent_default();
            close();
        }
        "ArrowRight" => platform::move_focus(&event, BUTTON, 1),
        "ArrowLeft" => platform::move_focus(&event, BUTTON, -1),
        "ArrowDown" => platform::move_focus(&event, BUTTON, COLUMNS),
        "ArrowUp" => platform::move_focus(&event, BUTTON, -COLUMNS),
        _ => {}
    };
    view! {
        <button class="plain emoji-open" type="button" aria-label=words.emoji aria-expanded=live(move || is_open.get().to_string())
            on:click=clicked(move |_| is_open.update(|is_open| *is_open = !*is_open))>
            <Icon drawing=Drawing::Smile />
        </button>
        {when(move || is_open.get(), move || view! {
            <div class="emoji-picker" role="group" aria-label=words.emoji on:click=clicked(choose) on:keydown=pressed(on_key)>
                {EMOJIS.chars().map(|emoji| view! { <button type="button" data-emoji=emoji.to_string()>{emoji.to_string()}</button> }).collect_view()}
            </div>
        }.into_any())}
    }
}
