//! A new group: the people who are in it from the beginning.

use leptos::prelude::*;

use crate::client::{
    components::{
        panel::Over,
        picker::{Picker, Picks},
        window::Window,
    },
    state::lobby::Lobby,
    text::words,
};

#[component]
pub fn NewGroup() -> impl IntoView {
    let window = Window::current();
    // As they are now: a row that is made anew would forget that it was checked.
    let users = Signal::stored(Some(window.lobby.with_untracked(Lobby::others)));
    let on_pick = Callback::new(move |(users, title, _)| window.open_group(users, title));
    let close = Callback::new(move |()| window.picks.set(false));
    let title = words().new_group;
    view! { <Over label=title.to_owned() close><Picker users picks=Picks::Group title on_pick close /></Over> }
}
