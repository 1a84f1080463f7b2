//! Ctrl+K: one field that leads to people, conversations and commands. Its rows are those of the lists.

use leptos::{ev::KeyboardEvent, prelude::*};

use crate::{
    client::{
        components::{panel::Over, people::PersonRow, rooms::RoomRow, window::Window},
        live::{clicked, effect, list, moved, pressed, when},
        platform,
        text::words,
    },
    protocol::{ids::UserId, room::Room},
};

/// Rows of each kind: more would have to be read.
const ROWS: usize = 6;
/// What it leads to, in its order.
const ROW: &str = ".palette .row";

#[component]
pub fn Palette() -> impl IntoView {
    let window = Window::current();
    let words = words();
    let query = RwSignal::new(String::new());
    let close = Callback::new(move |()| window.finds.set(false));
    let people = move || {
        window.lobby.with(|lobby| {
            let people = lobby.groups(&query.read()).into_iter().flat_map(|group| group.people);
            found_people(people.filter(|id| *id != lobby.me), query.read().is_empty())
        })
    };
    let rooms =
        move || window.lobby.with(|lobby| lobby.rooms(&query.read())).into_iter().take(ROWS).collect::<Vec<Room>>();
    let commands = move || {
        let wanted = platform::lower(query.read().trim());
        let all = [("/settings", words.settings), ("/shortcuts", words.shortcuts)];
        all.into_iter().filter(|(_, label)| platform::lower(label).contains(&wanted)).collect::<Vec<_>>()
    };
    effect(move || platform::focus("#palette"));
    let is_empty = move || people().is_empty() && rooms().is_empty() && commands().is_empty();
    let on_key = move |event: KeyboardEvent| {
        platform::rove(&event, ROW, 1);
        if event.key() == "Enter" && platform::is_writing(&event) && !event.is_composing() {
            event.prevent_default();
            platform::click(ROW);
        }
    };
    // One task later: a form that is taken away does not send itself.
    let chosen = move |_| platform::after(std::time::Duration::ZERO, move || close.run(()));
    view! {
        <Over label=words.find_palette.to_owned() close>
            <div class="palette" on:keydown=pressed(on_key)>
                <h2>{words.find_palette}</h2>
                <input id="palette" type="search" placeholder=words.find_people aria-label=words.find_palette autocomplete="off"
                    on:input=moved(move |event| query.set(event_target_value(&event))) />
                <ul class="rows" data-list=".row" on:click=clicked(chosen)>
                    {list(people, |id| view! { <li class="row-item"><PersonRow id /></li> }.into_any())}
                    {list(rooms, |room| view! { <li class="row-item"><RoomRow room /></li> }.into_any())}
                    {list(commands, |(path, label)| view! { <li><a class="row" href=path rel="external">{label}</a></li> }.into_any())}
                </ul>
                {when(is_empty, move || view! { <p class="note" role="status">{words.none_found}</p> }.into_any())}
            </div>
        </Over>
    }
}

/// Each once, though favourites stand in two groups; nobody before something is typed.
fn found_people(people: impl Iterator<Item = UserId>, is_empty: bool) -> Vec<UserId> {
    let mut found = Vec::new();
    for id in people.filter(|_| !is_empty) {
        if found.len() < ROWS && !found.contains(&id) {
            found.push(id);
        }
    }
    found
}
