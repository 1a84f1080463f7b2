//! The search in one room: a field below the header, the hits, and buttons that move from hit to hit.

use std::time::Duration;

use leptos::{
    ev::{KeyboardEvent, MouseEvent},
    prelude::*,
};

use crate::{
    clock::clock,
    components::{
        hits::{found_in, found_line},
        icon::{Drawing, Icon},
    },
    platform,
    room::session::RoomSession,
    state::{excerpt::Excerpt, room_search::RoomSearch},
    text::{date, dialog::dialog_words as words, lang, with_count, with_names},
    view::{clicked, derived, effect, list, moved, part, pressed, when},
};
use protocol::{limit::QUERY_CHARS, message::Message};

const FIELD: &str = "#find";
/// The search is debounced by this time.
const FIND_AFTER: Duration = Duration::from_millis(300);

/// Opens the search of a room, or returns to its field.
pub fn open_find(session: RoomSession) {
    if session.search.with_untracked(Option::is_none) {
        session.search.set(Some(RoomSearch::default()));
    }
    platform::focus(FIELD);
}

#[component]
pub fn FindBar() -> impl IntoView {
    let session = RoomSession::current();
    let words = words();
    let is_from_log = StoredValue::new(false);
    let close = move || {
        // The focus returns to the hit that the log shows, not to the log's former position.
        let shown = session.search.with_untracked(|search| search.as_ref().and_then(|search| search.shown));
        if let Some(seq) = shown.filter(|_| is_from_log.get_value()) {
            platform::show(&format!("[data-seq=\"{seq}\"]"), false);
        }
        session.search.set(None);
    };
    effect(move || {
        is_from_log.set_value(platform::is_there(".log:focus, .log :focus"));
        platform::open_layer("", close);
        platform::focus(FIELD);
    });
    let typed = RwSignal::new(String::new());
    let on_input = move |text: String| {
        typed.set(text.clone());
        platform::after(FIND_AFTER, move || {
            if typed.try_with_untracked(|typed| *typed == text) == Some(true) {
                session.ask_search(|search| search.ask(&text));
            }
        });
    };
    let hits = Memo::new(move |_| session.search.with(|search| search.as_ref().and_then(|search| search.hits.clone())));
    let has_older = move || session.search.with(|search| search.as_ref().is_some_and(RoomSearch::has_older));
    let older = move |event: MouseEvent| {
        // The button disappears with the last page.
        platform::focus_neighbour(&event, FIELD);
        session.ask_search(RoomSearch::ask_older);
    };
    let button = move |step: isize, drawing, label: &'static str| {
        view! { <button class="plain" type="button" aria-label=label title=label on:click=clicked(move |_| session.step_search(step))><Icon drawing /></button> }
    };
    view! {
        <search class="find" data-region on:keydown=pressed(move |event| on_key(session, &event))>
            <div class="find-bar">
                <label class="unseen" for="find">{words.find_here}</label>
                <input id="find" type="search" placeholder=words.find_here maxlength=QUERY_CHARS.to_string() autocomplete="off"
                    on:input=moved(move |event| on_input(event_target_value(&event))) />
                <span class="note" role="status">{part(move || short_state(session))}</span>
                {button(1, Drawing::Up, words.older_hit)}
                {button(-1, Drawing::Down, words.newer_hit)}
                <button class="plain" type="button" aria-label=words.close title=words.close on:click=clicked(move |_| close())><Icon drawing=Drawing::Close /></button>
            </div>
            {when(move || no_hits(session).is_some(), move || view! { <p class="hint">{derived(move || no_hits(session))}</p> }.into_any())}
            <ul class="rows" data-list=".row" aria-label=words.messages on:click=clicked(move |event| on_click(session, &event))>
                {list(move || hits.get().unwrap_or_default(), |message| view! { <li class="row-item"><FoundRow message /></li> }.into_any())}
                {when(has_older, move || view! {
                    <li><button class="button older" type="button" on:click=clicked(older)>{words.older_hits}</button></li>
                }.into_any())}
            </ul>
        </search>
    }
}

/// The result of the search, and which hit the log shows.
fn state(session: RoomSession) -> String {
    let words = words();
    session.search.with(|search| match search {
        Some(search) if search.is_searching && search.hits.is_none() => words.searching.to_owned(),
        Some(RoomSearch { hits: Some(hits), .. }) if hits.is_empty() => String::new(),
        Some(search) => {
            let Some(hits) = &search.hits else { return String::new() };
            let count = count(search, hits);
            search
                .index()
                .map_or_else(|| with_count(words.hit_count, count.clone()), |index| format!("{} / {count}", index + 1))
        }
        None => String::new(),
    })
}

/// The result of the search, shorter on the screen than for screen readers.
fn short_state(session: RoomSession) -> AnyView {
    let state = state(session);
    match spoken(session).or_else(|| no_hits(session)) {
        Some(line) => view! { <span aria-hidden="true">{state}</span><span class="unseen">{line}</span> }.into_any(),
        None => state.into_any(),
    }
}

/// The text for a search without hits.
fn no_hits(session: RoomSession) -> Option<String> {
    session.search.with(|search| {
        let hits = search.as_ref()?.hits.as_ref()?;
        hits.is_empty().then(|| words().nothing_found.to_owned())
    })
}

/// The number of hits; "+" means that there are more.
fn count(search: &RoomSearch, hits: &[Message]) -> String {
    format!("{}{}", hits.len(), if search.has_older() { "+" } else { "" })
}

/// The position of the hit that the log shows, its author and the matched text.
fn spoken(session: RoomSession) -> Option<String> {
    session.search.with(|search| {
        let search = search.as_ref()?;
        let (hits, index) = (search.hits.as_ref()?, search.index()?);
        let hit = &hits[index];
        let position = with_names(words().hit_position, &(index + 1).to_string(), &count(search, hits));
        let name = session.conversation.with_untracked(|conversation| conversation.name_of(hit.author).to_owned());
        let text = |Excerpt { before, found, after }| before + &found + &after;
        let found: Vec<String> = found_in(hit, &search.query).into_iter().map(text).collect();
        Some(format!("{position}: {name}: {}", found.join(" · ")))
    })
}

/// Up and Enter move to the next older hit, down and Shift+Enter to the next newer one.
fn on_key(session: RoomSession, event: &KeyboardEvent) {
    if event.is_composing() || event.default_prevented() {
        return;
    }
    let is_field = platform::is_in(event, FIELD);
    let step = match event.key().as_str() {
        "ArrowUp" => 1,
        "ArrowDown" => -1,
        "Enter" if is_field && event.shift_key() => -1,
        "Enter" if is_field => 1,
        _ => return,
    };
    event.prevent_default();
    session.step_search(step);
    if !is_field {
        platform::after(Duration::ZERO, || platform::focus(".find [aria-current]"));
    }
}

fn on_click(session: RoomSession, event: &MouseEvent) {
    if let Some(seq) = platform::chosen(event, "data-to").and_then(|seq| seq.parse().ok()) {
        session.show_hit(seq);
    }
}

#[component]
fn FoundRow(message: Message) -> impl IntoView {
    let session = RoomSession::current();
    let (clock, seq, sent_at) = (clock(), message.seq, message.sent_at);
    let time = derived(move || date::in_list(clock.local(sent_at), clock.local(platform::now_ms()), lang()));
    let author = session.conversation.with_untracked(|conversation| conversation.name_of(message.author).to_owned());
    let query = session.search.with_untracked(|search| search.as_ref().map(|search| search.query.clone()));
    let line = found_line(&message, &query.unwrap_or_default());
    let is_shown =
        move || session.search.with(|search| search.as_ref().is_some_and(|search| search.shown == Some(seq)));
    view! {
        <button class="row hit" type="button" data-to=seq.to_string() aria-current=derived(move || is_shown().then_some("true"))>
            <span class="row-text">
                <span class="row-name"><bdi>{author}</bdi></span>
                <span class="row-line" dir="auto">{line}</span>
            </span>
            <span class="row-end"><span class="time">{time}</span></span>
        </button>
    }
}
