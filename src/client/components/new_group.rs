//! A new group: the people who are in it from the beginning.

use leptos::prelude::*;

use crate::client::{
    components::{panel::Over, picker::Picker, window::Window},
    state::lobby::Lobby,
    text::words,
};

#[component]
pub fn NewGroup() -> impl IntoView {
    let window = Window::current();
    // As they are now: a row that is made anew would forget that it was checked.
    let users = Signal::stored(window.lobby.with_untracked(Lobby::others));
    let on_pick = Callback::new(move |(users, title, _)| window.open_group(users, title));
    let close = Callback::new(move |()| window.picks.set(false));
    view! { <Over label=words().new_group.to_owned() close><Picker users asks_history=false on_pick close /></Over> }
}
