//! Messages that were found, newest first; each leads to its place.

use leptos::{ev::MouseEvent, prelude::*};

use crate::{
    client::{
        clock::clock,
        components::{rooms::is_plain, window::Window},
        live::{clicked, list, live, when},
        platform,
        state::{
            excerpt::{Excerpt, excerpt},
            lobby::{Lobby, Search},
        },
        text::{lang, words},
    },
    protocol::lobby::Hit,
};

#[component]
pub fn Hits() -> impl IntoView {
    let window = Window::current();
    let words = words();
    let search = Memo::new(move |_| window.lobby.with(|lobby| lobby.search().cloned()));
    let hits = move || search.get().and_then(|search| search.hits).unwrap_or_default();
    let state = move || match search.get() {
        Some(Search { hits: None, .. }) => words.searching,
        Some(Search { hits: Some(hits), .. }) if hits.is_empty() => words.nothing_found,
        _ => "",
    };
    let has_older = move || search.with(|search| search.as_ref().is_some_and(Search::has_older));
    let older = move |_| window.ask(Lobby::ask_older_hits);
    view! {
        <h2 class="group" id="hits">{words.messages}</h2>
        <p class="hint" role="status">{live(state)}</p>
        <ul class="rows" data-list=".row" aria-labelledby="hits">
            {list(hits, |hit| view! { <li><HitRow hit /></li> }.into_any())}
        </ul>
        {when(has_older, move || view! { <button class="button older" type="button" on:click=clicked(older)>{words.older_hits}</button> }.into_any())}
    }
}

#[component]
fn HitRow(hit: Hit) -> impl IntoView {
    let window = Window::current();
    let Hit { room, message } = hit;
    let (name, author, query) = window.lobby.with_untracked(|lobby| {
        let name = lobby.room(room).map(|room| lobby.room_name(room)).unwrap_or_default();
        let author = lobby.called(message.author).unwrap_or_default();
        (name, author, lobby.search().map(|search| search.query.clone()).unwrap_or_default())
    });
    let (clock, seq) = (clock(), message.seq);
    let time = live(move || clock.local(message.sent_at).in_list(clock.local(platform::now_ms()), lang()));
    let Excerpt { before, found, after } = excerpt(&message.body, &query);
    let open = move |event: MouseEvent| {
        if is_plain(&event) {
            event.prevent_default();
            window.open_room(room, Some(seq));
        }
    };
    view! {
        <a class="row hit" href=format!("/rooms/{room}?at={seq}") rel="external" on:click=clicked(open)>
            <span class="row-text">
                <span class="row-name"><bdi>{name}</bdi></span>
                <span class="row-line" dir="auto">{author}": "{before}<mark>{found}</mark>{after}</span>
            </span>
            <span class="row-end"><span class="time">{time}</span></span>
        </a>
    }
}
