//! The dialog of a collection: messages of several rooms, newest first. Each opens its room at the message.

use std::time::Duration;

use leptos::{ev::MouseEvent, prelude::*};
use web_sys::Element;

use crate::{
    components::{hits::HitRow, modal::ModalDialog},
    lobby::session::LobbySession,
    platform,
    state::{collected::CollectedHits, lobby::Lobby},
    text::{dialog::dialog_words as words, label_of, words as page_words},
    view::{clicked, derived, effect, list, pressed, when},
};
use protocol::lobby_socket::{Collection, Hit, LobbyCommand};

const ROW: &str = ".collection .row";

#[component]
pub fn CollectionDialog(of: Collection) -> impl IntoView {
    let session = LobbySession::current();
    let words = words();
    let (title, empty) = match of {
        Collection::Mentions => (words.mentions_of_me, words.no_mentions),
        Collection::Bookmarks => (words.bookmarks, words.no_bookmarks),
    };
    let shown = Memo::new(move |_| session.lobby.with(|lobby| lobby.collection().cloned()));
    let hits = move || shown.get().and_then(|shown| shown.hits).unwrap_or_default();
    let note = move || match shown.get() {
        Some(CollectedHits { hits: None, .. }) => words.loading,
        Some(CollectedHits { hits: Some(hits), .. }) if hits.is_empty() => empty,
        _ => "",
    };
    let has_older = move || shown.with(|shown| shown.as_ref().is_some_and(CollectedHits::has_older));
    let close = Callback::new(move |()| session.lobby.update(Lobby::close_collection));
    let chosen = move |event: MouseEvent| {
        let mark = platform::near(&event, "data-mark");
        let value = |mark: &Element, name: &str| mark.get_attribute(name).unwrap_or_default();
        match mark.map(|mark| (value(&mark, "data-room").parse(), value(&mark, "data-mark").parse())) {
            Some((Ok(room), Ok(id))) => {
                platform::focus_neighbour(&event, ".collection .close");
                session.send(&LobbyCommand::Bookmark { room, id, on: false });
            }
            // One task later, because the row must exist while its click is handled.
            _ => platform::after(Duration::ZERO, move || close.run(())),
        }
    };
    // The dialog opens at its title before the messages have arrived.
    effect(move || {
        if shown.get().is_some_and(|shown| shown.hits.is_some()) {
            platform::after(Duration::ZERO, || {
                if platform::is_there(".collection h2:focus") {
                    platform::focus(ROW);
                }
            });
        }
    });
    let older = move |_| {
        platform::focus(".collection li:last-child .row");
        session.ask(Lobby::ask_older_collected);
    };
    view! {
        <ModalDialog label=title.to_owned() close>
            <div class="picker collection" on:keydown=pressed(|event| platform::rove(&event, ROW))>
                <h2>{title}</h2>
                <p class="note" role="status">{derived(note)}</p>
                <ul class="rows" data-list=".row, .unpin" on:click=clicked(chosen)>
                    {list(hits, move |hit: Hit| view! { <li class="row-item"><HitRow hit=hit.clone() query=String::new() />{unmark(of, &hit)}</li> }.into_any())}
                </ul>
                {when(has_older, move || view! { <button class="button older" type="button" on:click=clicked(older)>{words.older_hits}</button> }.into_any())}
                <div class="ask-end"><button class="button close" type="button" on:click=clicked(move |_| close.run(()))>{words.close}</button></div>
            </div>
        </ModalDialog>
    }
}

/// The button that removes a bookmark.
fn unmark(of: Collection, hit: &Hit) -> Option<AnyView> {
    let (room, id) = (hit.room.to_string(), hit.message.id.to_string());
    let label = label_of(words().unbookmark, &page_words().message_line(&hit.message.files, &hit.message.body));
    let button = || {
        view! { <button class="button unpin" type="button" data-room=room data-mark=id aria-label=label>{words().unbookmark}</button> }
            .into_any()
    };
    (of == Collection::Bookmarks).then(button)
}
