//! The emoji panel, for the composer and for reactions: search by name, categories, recently used emojis. The emojis
//! are part of the program, so nothing is fetched.

use leptos::{
    ev::{KeyboardEvent, MouseEvent},
    prelude::*,
};

use crate::{
    dialogs::OnChoose,
    platform,
    room::session::RoomSession,
    state::emoji::{CATEGORIES, Emoji, found, of_category, recent, used},
    text::{
        emoji::{EmojiWords, emoji_words},
        words,
    },
    user_storage::UserStorage,
    view::{clicked, effect, list, moved, pressed, when},
};

const SEARCH: &str = "#emoji-search";
const BUTTON: &str = ".emoji-picker [data-emoji]";
/// The stops of the arrow keys.
const STOP: &str = "#emoji-search, .emoji-picker button";

fn headings(words: &EmojiWords) -> [(&'static str, &'static str); 6] {
    [
        (words.faces, "😀"),
        (words.people, "👋"),
        (words.signs, "❤️"),
        (words.work, "💡"),
        (words.food, "☕"),
        (words.nature, "🌸"),
    ]
}

#[component]
pub fn EmojiPanel(on_choose: OnChoose) -> impl IntoView {
    let (words, label, leave) = (emoji_words(), words().emoji, on_choose.clone());
    let query = RwSignal::new(String::new());
    // The storage key of the recently used emojis.
    let key = UserStorage::new(RoomSession::current().me()).own_key("emojis");
    let kept = platform::stored(&key).unwrap_or_default();
    effect(move || {
        let leave = leave.clone();
        platform::open_layer(".emoji-picker, .emoji-open", move || leave(None));
        // Only if the user has not moved the focus before the frame.
        let opener = platform::focused();
        platform::next_frame(move || {
            // The menu of a message was positioned before this part was loaded.
            platform::keep_in_window(".bubble-menu");
            if platform::focused().is_none_or(|element| Some(element) == opener) {
                // A focused field would open a phone's keyboard.
                platform::focus(if platform::can_hover() { SEARCH } else { BUTTON });
            }
        });
    });
    let choose = move |event: MouseEvent| {
        if let Some(category) = platform::chosen(&event, "data-category") {
            platform::show(&format!("#emojis-{category} button"), false);
        } else if let Some(emoji) = platform::chosen(&event, "data-emoji") {
            let kept = platform::stored(&key).unwrap_or_default();
            platform::store(&key, Some(&used(&kept, &emoji)));
            on_choose(Some(emoji));
        }
    };
    let is_searching = Memo::new(move |_| !query.read().trim().is_empty());
    let hits = Memo::new(move |_| found(&query.read()));
    let is_unknown = move || is_searching.get() && hits.read().is_empty();
    view! {
        <div class="emoji-picker" role="group" aria-label=label on:click=clicked(choose) on:keydown=pressed(on_key)>
            <input id="emoji-search" type="search" placeholder=words.find_emoji aria-label=words.find_emoji autocomplete="off"
                on:input=moved(move |event| query.set(event_target_value(&event))) />
            {when(move || is_searching.get(), move || view! {
                <div class="emoji-list found" role="group" aria-label=words.found data-list="button">{list(move || hits.get(), emoji_button)}</div>
            }.into_any())}
            {when(is_unknown, move || view! { <p class="note" role="status">{words.no_emoji}</p> }.into_any())}
            {when(move || !is_searching.get(), move || categories(&kept))}
        </div>
    }
}

/// Enter in the search field chooses the first emoji.
fn on_key(event: KeyboardEvent) {
    platform::rove(&event, STOP);
    if event.key() == "Enter" && platform::is_in(&event, SEARCH) && !event.is_composing() {
        event.prevent_default();
        platform::click(BUTTON);
    }
}

/// The recently used emojis, then the categories; below them a bar that leads to each category. The bar is not first,
/// because its first button would be mistaken for an emoji.
fn categories(kept: &str) -> AnyView {
    let words = emoji_words();
    let headings = headings(words);
    let jump = |(index, (name, sign)): (usize, (&'static str, &'static str))| {
        view! { <button type="button" data-category=index.to_string() aria-label=name title=name>{sign}</button> }
    };
    let latest = recent(kept);
    let latest = (!latest.is_empty()).then(|| section("recent".to_owned(), words.recent, latest));
    let parts = CATEGORIES.into_iter().zip(headings).enumerate();
    let parts =
        parts.map(|(index, (category, (name, _)))| section(index.to_string(), name, of_category(category).collect()));
    view! {
        <div class="emoji-list" data-list="button">{latest}{parts.collect_view()}</div>
        <div class="emoji-bar" role="group" aria-label=words.categories data-list="button">{headings.into_iter().enumerate().map(jump).collect_view()}</div>
    }
    .into_any()
}

fn section(id: String, name: &'static str, emojis: Vec<Emoji>) -> AnyView {
    view! {
        <section id=format!("emojis-{id}") aria-label=name><h2>{name}</h2>{emojis.into_iter().map(emoji_button).collect_view()}</section>
    }
    .into_any()
}

fn emoji_button(emoji: Emoji) -> AnyView {
    let Emoji { emoji, names } = emoji;
    view! { <button type="button" data-emoji=emoji title=names>{emoji}</button> }.into_any()
}
