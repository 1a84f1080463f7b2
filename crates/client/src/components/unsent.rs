//! The scheduled messages of the person that could not be sent, in whichever room: why, and their texts, which they may
//! copy before they delete them.

use leptos::{ev::MouseEvent, prelude::*};

use crate::{
    components::{modal::ModalDialog, scheduled::ScheduledItem},
    lobby::session::LobbySession,
    platform,
    text::words,
    view::{clicked, list},
};
use protocol::lobby_socket::LobbyCommand;

#[component]
pub fn UnsentDialog() -> impl IntoView {
    let session = LobbySession::current();
    let words = words();
    let unsent = Memo::new(move |_| session.lobby.with(|lobby| lobby.unsent.clone()));
    let close = Callback::new(move |()| session.unsent.set(false));
    let choose = move |event: MouseEvent| {
        if let Some(id) = platform::chosen(&event, "data-delete").and_then(|id| id.parse().ok()) {
            platform::focus_neighbour(&event, ".scheduled .close");
            session.send(&LobbyCommand::Unschedule { id });
        }
    };
    view! {
        <ModalDialog label=words.unsent_messages.to_owned() close>
            <div class="ask pins scheduled" on:click=clicked(choose)>
                <h2>{words.unsent_messages}</h2>
                <ul class="rows">{list(move || unsent.get(), |message| view! { <ScheduledItem message has_choices=false /> }.into_any())}</ul>
                <div class="ask-end"><button class="button close" type="button" on:click=clicked(move |_| close.run(()))>{words.close}</button></div>
            </div>
        </ModalDialog>
    }
}
