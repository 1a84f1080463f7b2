//! Search hits, newest first. Each opens its room at the message.

use leptos::{ev::MouseEvent, prelude::*};

use crate::{
    clock::clock,
    lobby::session::LobbySession,
    platform,
    state::{
        excerpt::{Excerpt, excerpts},
        lobby::Lobby,
        message_search::MessageSearch,
    },
    text::{date, lang, words},
    view::{clicked, derived, list, when},
};
use protocol::{lobby_socket::Hit, message::Message};

#[component]
pub fn Hits() -> impl IntoView {
    let session = LobbySession::current();
    let words = words();
    let search = Memo::new(move |_| session.lobby.with(|lobby| lobby.search().cloned()));
    let query = Signal::derive(move || search.get().map(|search| search.query).unwrap_or_default());
    let hits = move || search.get().and_then(|search| search.hits).unwrap_or_default();
    let state = move || match search.get() {
        Some(MessageSearch { hits: None, .. }) => words.searching.to_owned(),
        // Without the query, which may be copied from a message that is recalled now.
        Some(MessageSearch { hits: Some(hits), .. }) if hits.is_empty() => words.nothing_found.to_owned(),
        _ => String::new(),
    };
    let has_older = move || search.with(|search| search.as_ref().is_some_and(MessageSearch::has_older));
    let older = move |_| {
        // The button disappears with the last page.
        platform::focus("[aria-labelledby=hits] li:last-child .row");
        session.ask(Lobby::ask_older_hits);
    };
    view! {
        <h2 class="group" id="hits">{words.messages}</h2>
        <p class="hint">{derived(state)}</p>
        <ul class="rows" data-list=".row" aria-labelledby="hits">
            {list(hits, move |hit| view! { <li><HitRow hit query=query.get_untracked() /></li> }.into_any())}
        </ul>
        {when(has_older, move || view! { <button class="button older" type="button" on:click=clicked(older)>{words.older_hits}</button> }.into_any())}
    }
}

/// The excerpts of a message that match a search.
pub fn found_in(message: &Message, query: &str) -> Vec<Excerpt> {
    excerpts(message, &words().message_line(&message.files, &message.body), query)
}

/// The excerpts of a message that match a search, with marked matches.
pub fn found_line(message: &Message, query: &str) -> AnyView {
    let part = |(at, Excerpt { before, found, after }): (usize, Excerpt)| {
        view! { {if at > 0 { " · " } else { "" }}{before}<mark>{found}</mark>{after} }
    };
    found_in(message, query).into_iter().enumerate().map(part).collect_view().into_any()
}

/// `query`: the words that are marked in the text.
#[component]
pub fn HitRow(hit: Hit, query: String) -> impl IntoView {
    let session = LobbySession::current();
    let Hit { room, message } = hit;
    let (name, author) = session.lobby.with_untracked(|lobby| {
        let name = lobby.room(room).map(|room| lobby.room_name(room, words())).unwrap_or_default();
        let author = lobby.display_name(message.author).unwrap_or_default();
        (name, author)
    });
    let (clock, seq) = (clock(), message.seq);
    let time = derived(move || date::in_list(clock.local(message.sent_at), clock.local(platform::now_ms()), lang()));
    let line = found_line(&message, &query);
    let open = move |event: MouseEvent| {
        if platform::is_plain_click(&event) {
            event.prevent_default();
            session.navigation.open_room(room, Some(seq));
        }
    };
    view! {
        <a class="row hit" href=format!("/rooms/{room}?at={seq}") rel="external" on:click=clicked(open)>
            <span class="row-text">
                <span class="row-name"><bdi>{name}</bdi></span>
                <span class="row-line" dir="auto">{author}": "{line}</span>
            </span>
            <span class="row-end"><span class="time">{time}</span></span>
        </a>
    }
}
