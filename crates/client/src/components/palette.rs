//! The palette (Ctrl+K): one field that finds users, rooms, commands and messages. Its rows are those of the lists.

use std::time::Duration;

use leptos::{
    ev::{KeyboardEvent, MouseEvent},
    prelude::*,
};

use crate::{
    components::{
        commands::{self, CommandRow},
        hits::HitRow,
        modal::ModalDialog,
        people::PersonRow,
        rooms::RoomListRow,
    },
    lobby::session::{LobbySession, SEARCH_AFTER},
    platform,
    state::message_search::MessageSearch,
    text::{dialog::dialog_words as words, found::with_first, with_count},
    view::{clicked, derived, effect, list, moved, pressed, when},
};
use protocol::{ids::UserId, lobby_socket::Hit, room::RoomSummary};

/// Rows of each kind.
const ROWS: usize = 6;
/// The rows, in their order.
const ROW: &str = ".palette .row";
/// The names of the rows.
const NAME: &str = ".palette .row-name bdi, .palette .command";
/// The stops of the arrow keys: the field, then the rows.
const STOP: &str = "#palette, .palette .row";
/// The stops below the field: not the first of several rows, because the field marks it.
const STOP_BELOW: &str =
    "#palette, .palette .row:not(.found:has(li + li, .part + .part) > .part:first-child li:first-child *)";
/// The rows that open a room.
const OPENING: &str = ".row-item .row:not(.me), .row.hit, .row[data-notes]";

#[component]
pub fn Palette() -> impl IntoView {
    let session = LobbySession::current();
    let words = words();
    let query = RwSignal::new(String::new());
    let close = Callback::new(move |()| session.palette.set(false));
    let on_demand = session.on_demand.get_value().map(|on_demand| on_demand.found(query));
    let people = Memo::new(move |_| match on_demand {
        Some(found) => found.with(|found| found.iter().take(2 * ROWS).copied().collect()),
        None => session.lobby.with(|lobby| lobby.found(&query.read(), ROWS)),
    });
    // Matches of the department alone come after the conversations.
    let people_of = move |by_department: bool| {
        let is_of = |user: &UserId| by_department == is_found_by_department(session, *user, query);
        people.get().into_iter().filter(is_of).collect::<Vec<UserId>>()
    };
    let rooms = move || rooms_found(session, query);
    let commands = move || commands::found(&query.read(), session);
    effect(move || platform::focus("#palette"));
    let search = search_messages(session, query);
    let hits = move || {
        let hits = search.get().and_then(|search| search.hits).unwrap_or_default();
        hits.into_iter().take(ROWS).collect::<Vec<Hit>>()
    };
    let is_searching = move || is_searching(session, query, search);
    let count = move || people.read().len() + rooms().len() + commands().len() + hits().len();
    let first = first_name(query, count);
    // The rows themselves show that.
    let has_found = move || !is_searching() && count() > 0;
    let note = move || match count() {
        _ if query.read().trim().is_empty() => String::new(),
        _ if is_searching() => words.searching.to_owned(),
        0 => words.none_found.to_owned(),
        count => first.with(|(of, name)| match *of == *query.read() {
            true => with_first(&with_count(words.hit_count, count), words.first_found, name),
            false => String::new(),
        }),
    };
    let chosen = move |event: MouseEvent| choose(session, &event, close);
    view! {
        <ModalDialog label=words.find_palette.to_owned() close>
            <div class="palette" on:keydown=pressed(on_key)>
                <h2>{words.find_palette}</h2>
                <input id="palette" type="search" placeholder=words.find_people aria-label=words.find_palette autocomplete="off"
                    on:input=moved(move |event| query.set(event_target_value(&event))) />
                <div class="found" data-list=".row" on:click=clicked(chosen)>
                    {people_section(words.people, move || people_of(false))}
                    {section(words.conversations, move || !rooms().is_empty(), move || list(rooms, |room| view! { <li class="row-item"><RoomListRow room /></li> }.into_any()))}
                    {people_section(words.in_department, move || people_of(true))}
                    {section(words.commands, move || !commands().is_empty(), move || list(commands, |command| view! { <li><CommandRow command /></li> }.into_any()))}
                    {section(words.messages, move || !hits().is_empty(), move || list(hits, move |hit| view! { <li><HitRow hit query=query.get_untracked() /></li> }.into_any()))}
                </div>
                <p class="note" class:unseen=derived(has_found) role="status">{derived(note)}</p>
            </div>
        </ModalDialog>
    }
}

/// A query, and the name of the row that Enter chooses for it: screen readers do not see the row's mark.
fn first_name(
    query: RwSignal<String>,
    count: impl Fn() -> usize + Send + Sync + 'static,
) -> RwSignal<(String, String)> {
    let first = RwSignal::new((String::new(), String::new()));
    effect(move || {
        let query = query.get();
        count();
        first.set(Default::default());
        platform::after_render(move || drop(first.try_set((query, platform::text_of(NAME)))));
    });
    first
}

/// Closes the palette after a click on a row, and moves the focus to the room that the row opens.
fn choose(session: LobbySession, event: &MouseEvent, close: Callback<()>) {
    let (opens_room, is_hit) = (platform::is_in(event, OPENING), platform::is_in(event, ".hit"));
    // One task later, because a form that is removed does not submit.
    platform::after(Duration::ZERO, move || {
        close.run(());
        if opens_room {
            platform::after(Duration::ZERO, move || focus_room(session, is_hit));
        }
    });
}

/// The arrow keys walk the rows, Enter in the field chooses the first one, and what is typed on a row goes on in the
/// field.
fn on_key(event: KeyboardEvent) {
    let is_below = event.key() == "ArrowDown" && platform::is_writing(&event);
    platform::rove(&event, if is_below { STOP_BELOW } else { STOP });
    if !platform::is_writing(&event) && is_typed(&event) {
        platform::focus("#palette");
    }
    if event.key() == "Enter" && platform::is_writing(&event) && !event.is_composing() {
        event.prevent_default();
        platform::click(ROW);
    }
}

/// Whether a key writes a character, also one that the input method handles.
fn is_typed(event: &KeyboardEvent) -> bool {
    let (key, has_command) = (event.key(), event.ctrl_key() || event.meta_key() || event.alt_key());
    !has_command && key != " " && (key.chars().count() == 1 || key == "Process")
}

fn rooms_found(session: LobbySession, query: RwSignal<String>) -> Vec<RoomSummary> {
    session.lobby.with(|lobby| lobby.rooms(&query.read(), words())).into_iter().take(ROWS).collect()
}

fn is_found_by_department(session: LobbySession, user: UserId, query: RwSignal<String>) -> bool {
    session.lobby.with(|lobby| lobby.is_found_by_department(user, &query.read()))
}

/// Whether the hits of the query are awaited; without a connection none are.
fn is_searching(session: LobbySession, query: RwSignal<String>, search: Memo<Option<MessageSearch>>) -> bool {
    let is_answered = |search: &MessageSearch| search.query == query.read().trim() && search.hits.is_some();
    search.with(|search| !search.as_ref().is_some_and(is_answered)) && session.link.is_connected()
}

/// Moves the focus to what a row opened next to the list, instead of back to where the palette was opened: to the found
/// message, or to the composer. While the palette is open, nothing below it takes the focus.
fn focus_room(session: LobbySession, is_hit: bool) {
    if session.navigation.shown.get_untracked().is_none() {
        return;
    }
    if is_hit {
        platform::focus(".said.shown");
    }
    platform::give_back(None);
}

/// Searches the messages, debounced. When the palette closes, the list's own search returns.
fn search_messages(session: LobbySession, query: RwSignal<String>) -> Memo<Option<MessageSearch>> {
    let before = session.lobby.with_untracked(|lobby| lobby.search().map(|search| search.query.clone()));
    on_cleanup(move || session.ask(|lobby| lobby.ask_search(before.as_deref().unwrap_or_default())));
    session.lobby.update(|lobby| drop(lobby.ask_search("")));
    effect(move || {
        let typed = query.get();
        platform::after(SEARCH_AFTER, move || {
            if query.try_with_untracked(|query| *query == typed) == Some(true) {
                session.ask(|lobby| lobby.ask_search(&typed));
            }
        });
    });
    Memo::new(move |_| session.lobby.with(|lobby| lobby.search().cloned()))
}

fn people_section(heading: &'static str, people: impl Fn() -> Vec<UserId> + Copy + Send + Sync + 'static) -> AnyView {
    let row = |id| view! { <li class="row-item"><PersonRow id /></li> }.into_any();
    section(heading, move || !people().is_empty(), move || list(people, row))
}

/// The rows of one kind below their heading; nothing if there are none.
fn section(
    heading: &'static str,
    has_rows: impl Fn() -> bool + Send + Sync + 'static,
    rows: impl Fn() -> AnyView + Send + Sync + 'static,
) -> AnyView {
    when(has_rows, move || {
        view! { <section class="part" aria-label=heading><h3>{heading}</h3><ul class="rows">{rows()}</ul></section> }
            .into_any()
    })
}
