//! The dialog for a new group.

use leptos::prelude::*;

use crate::{
    components::{
        modal::ModalDialog,
        picker::{Picker, Picks},
    },
    lobby::{on_demand::PickSource, session::LobbySession},
    state::lobby::Lobby,
    text::words,
};

#[component]
pub fn NewGroup() -> impl IntoView {
    let session = LobbySession::current();
    let source = match session.on_demand.get_value() {
        Some(on_demand) => on_demand.pick(),
        // A copy, because a row that is rendered again would lose its check mark.
        None => PickSource::all(Signal::stored(Some(session.lobby.with_untracked(Lobby::others)))),
    };
    let on_pick = Callback::new(move |(users, title, _)| session.open_group(users, title));
    let close = Callback::new(move |()| session.new_group.set(false));
    let title = words().new_group;
    view! { <ModalDialog label=title.to_owned() close><Picker source picks=Picks::NewGroup title on_pick close /></ModalDialog> }
}
