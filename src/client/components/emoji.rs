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

/// Faces, hands, hearts, work, food, nature. What is a text sign by default has U+FE0F behind it (UTS #51).
const EMOJIS: &str = "😀 😄 😁 😆 😅 😂 🤣 🙂 😉 😊 😇 🥰 😍 😘 😋 😜 🤔 🤨 😐 😑 🙄 😏 😌 😴 😷 🤒 🤕 🥴 😎 🤓 🧐 😕 😟 🙁 😮 😲 😳 🥺 😢 😭 😤 😠 😡 🤯 🥳 🤗 🤭 🤫 🙏 👍 👎 👌 👏 🙌 💪 👋 🤝 ✌️ 🤞 👆 👇 👉 👈 ✋ 🫡 🫶 🧡 💛 💚 💙 💜 🖤 💔 💯 ✅ ❌ ❓ ❗ ⭐ 🔥 ✨ 🎉 🎊 🎁 🎂 🏆 📝 📌 📎 📅 📁 📄 📊 📈 📉 📞 📧 💻 🔒 🔑 💡 ⏰ ⏳ 🚗 🚌 ✈️ 🏠 🏢 🏥 ☕ 🍚 🍜 🍲 🍕 🍔 🍎 🍺 🌸 🌿 🍁 🌙 🌈 🌞 🌧️ ⚡ ⛄ 🐶 🐱";
/// In a row, which the arrow keys need to know.
const COLUMNS: i32 = 8;
const BUTTON: &str = ".emoji-picker button";

/// Hears which one was chosen, or none when the panel is left.
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
    let leave = on_choose.clone();
    effect(move || {
        let leave = leave.clone();
        platform::open_layer(".emoji-picker, .emoji-open", move || leave(None));
        platform::next_frame(|| platform::focus(BUTTON));
    });
    let choose = move |event: MouseEvent| {
        if let Some(emoji) = platform::chosen(&event, "data-emoji") {
            on_choose(Some(emoji));
        }
    };
    let on_key = move |event: KeyboardEvent| platform::rove(&event, BUTTON, COLUMNS);
    view! {
        <div class="emoji-picker" role="group" aria-label=words().emoji data-list="button" on:click=clicked(choose) on:keydown=pressed(on_key)>
            {EMOJIS.split(' ').map(|emoji| view! { <button type="button" data-emoji=emoji>{emoji}</button> }).collect_view()}
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Below U+1F000 what is drawn as an emoji by default (emoji-data.txt, `Emoji_Presentation`).
    const DRAWN: &str = "⌚⌛⏩⏪⏫⏬⏰⏳◽◾☔☕♈♉♊♋♌♍♎♏♐♑♒♓♿⚓⚡⚪⚫⚽⚾⛄⛅⛎⛔⛪⛲⛳⛵⛺⛽✅✊✋✨❌❎❓❔❕❗➕➖➗➰➿⬛⬜⭐⭕";

    /// The same above it.
    const DRAWN_ABOVE: [(u32, u32); 24] = [
        (0x1F300, 0x1F320),
        (0x1F32D, 0x1F335),
        (0x1F337, 0x1F37C),
        (0x1F37E, 0x1F393),
        (0x1F3A0, 0x1F3CA),
        (0x1F3CF, 0x1F3D3),
        (0x1F3E0, 0x1F3F0),
        (0x1F3F8, 0x1F43E),
        (0x1F440, 0x1F440),
        (0x1F442, 0x1F4FC),
        (0x1F4FF, 0x1F53D),
        (0x1F54B, 0x1F54E),
        (0x1F550, 0x1F567),
        (0x1F57A, 0x1F57A),
        (0x1F595, 0x1F596),
        (0x1F5A4, 0x1F5A4),
        (0x1F5FB, 0x1F64F),
        (0x1F680, 0x1F6C5),
        (0x1F6D0, 0x1F6D2),
        (0x1F6EB, 0x1F6EC),
        (0x1F90C, 0x1F93A),
        (0x1F93C, 0x1F945),
        (0x1F947, 0x1F9FF),
        (0x1FA70, 0x1FAFF),
    ];

    #[test]
    fn what_is_a_text_sign_by_default_asks_to_be_drawn() {
        for emoji in EMOJIS.split(' ') {
            let mut signs = emoji.chars();
            let sign = signs.next().unwrap_or_default();
            let is_above = |(first, last): &(u32, u32)| (*first..=*last).contains(&(sign as u32));
            let is_drawn = DRAWN.contains(sign) || DRAWN_ABOVE.iter().any(is_above);
            assert!(is_drawn || signs.next() == Some('\u{FE0F}'), "{emoji}");
        }
    }

    #[test]
    fn each_is_there_once_and_the_rows_are_full() {
        let mut known = std::collections::HashSet::new();
        assert!(EMOJIS.split(' ').all(|emoji| known.insert(emoji)));
        assert_eq!(known.len() % COLUMNS as usize, 0);
    }
}
