//! The pinned messages of a room: each links to its message, and may be unpinned here.

use leptos::{ev::MouseEvent, prelude::*};

use crate::{
    platform,
    room::session::RoomSession,
    text::{dialog::dialog_words as words, label_of},
    view::{clicked, derived, effect, list, pressed, when},
};
use protocol::{message::PinnedMessage, room_socket::RoomCommand};

const ROW: &str = ".pins .row";

#[component]
pub fn PinsPanel(close: Callback<()>) -> impl IntoView {
    let (session, words) = (RoomSession::current(), words());
    let pins = Memo::new(move |_| session.conversation.with(|conversation| conversation.pins.clone()));
    let on_click = move |event: MouseEvent| {
        if let Some(id) = platform::chosen(&event, "data-unpin").and_then(|id| id.parse().ok()) {
            platform::focus_neighbour(&event, ".pins .close");
            session.send(&RoomCommand::PinMessage { id, on: false });
        } else if let Some(seq) = platform::chosen(&event, "data-to").and_then(|seq| seq.parse().ok()) {
            close.run(());
            session.history.jump(seq);
        }
    };
    effect(|| platform::focus(".pins .row, .pins .close"));
    view! {
        <div class="ask pins" on:keydown=pressed(|event| platform::rove(&event, ROW))>
            <h2>{words.pinned_messages}</h2>
            <p class="note" role="status">{derived(move || if pins.read().is_empty() { words.no_pins } else { "" })}</p>
            <ul class="rows" data-list=".row, .unpin" on:click=clicked(on_click)>
                {list(move || pins.get(), |pin| view! { <PinRow pin /> }.into_any())}
            </ul>
            <div class="ask-end"><button class="button close" type="button" on:click=clicked(move |_| close.run(()))>{words.close}</button></div>
        </div>
    }
}

#[component]
fn PinRow(pin: PinnedMessage) -> impl IntoView {
    let (session, words) = (RoomSession::current(), words());
    let name = session.conversation.with_untracked(|conversation| conversation.name_of(pin.author).to_owned());
    let may_pin = move || session.conversation.with(|conversation| conversation.may_pin());
    let (id, label) = (pin.id.to_string(), label_of(words.unpin_message, &pin.body));
    view! {
        <li class="row-item hit">
            <button class="row" type="button" data-to=pin.seq.to_string()>
                <span class="row-text">
                    <span class="row-name"><bdi>{name}</bdi>{pin.is_announcement.then(|| view! { <span class="mark">{words.announcement}</span> })}</span>
                    <span class="row-line" dir="auto">{pin.body.clone()}</span>
                </span>
            </button>
            {when(may_pin, move || view! { <button class="button unpin" type="button" data-unpin=id.clone() aria-label=label.clone()>{words.unpin_message}</button> }.into_any())}
        </li>
    }
}
