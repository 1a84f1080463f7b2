//! The user's unsent scheduled messages from all rooms: the reasons, and the texts, which the user may copy before
//! deleting them.

use std::time::Duration;

use leptos::{ev::MouseEvent, prelude::*};

use crate::{
    components::{modal::ModalDialog, scheduled::ScheduledItem},
    lobby::session::LobbySession,
    platform,
    text::dialog::dialog_words as words,
    view::{clicked, effect, list},
};
use protocol::{lobby_socket::LobbyCommand, schedule::ScheduledMessage};

#[component]
pub fn UnsentScheduledDialog() -> impl IntoView {
    let session = LobbySession::current();
    let words = words();
    let unsent = Memo::new(move |_| session.lobby.with(|lobby| lobby.unsent_scheduled.clone()));
    let close = Callback::new(move |()| session.is_unsent_scheduled_open.set(false));
    let choose = move |event: MouseEvent| {
        if let Some(id) = platform::chosen(&event, "data-delete").and_then(|id| id.parse().ok()) {
            // The only button of the next item also deletes: a held Enter must not press it.
            platform::focus(".scheduled .close");
            session.send(&LobbyCommand::Unschedule { id });
        }
    };
    let item = move |message: ScheduledMessage| {
        let name = session.lobby.with_untracked(|lobby| Some(lobby.room_name(lobby.room(message.room)?, words)));
        view! { <ScheduledItem message room=name.or_else(|| Some(words.left_room.to_owned())) /> }.into_any()
    };
    // After the dialog has opened and focused its first button.
    effect(|| platform::after(Duration::ZERO, || platform::focus(".scheduled .close")));
    view! {
        <ModalDialog label=words.unsent_messages.to_owned() close>
            <div class="ask pins scheduled" on:click=clicked(choose)>
                <h2>{words.unsent_messages}</h2>
                <ul class="rows">{list(move || unsent.get(), item)}</ul>
                <div class="ask-end"><button class="button close" type="button" on:click=clicked(move |_| close.run(()))>{words.close}</button></div>
            </div>
        </ModalDialog>
    }
}
