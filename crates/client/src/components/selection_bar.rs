//! The bar while messages are selected: copy, forward, recall the user's own.

use std::time::Duration;

use leptos::{ev::MouseEvent, prelude::*};

use crate::{
    components::menu::DestructiveItem,
    platform,
    room::session::{Panel, RoomSession},
    text::{dialog::dialog_words as words, with_count},
    view::{clicked, derived, effect, when},
};
use protocol::{message::Message, room_socket::RoomCommand};

/// The interval between two recalls, because the server limits changes of messages.
const RECALL_EVERY: Duration = Duration::from_millis(300);

#[component]
pub fn SelectionBar() -> impl IntoView {
    let (session, words) = (RoomSession::current(), words());
    let selection = session.selection;
    effect(move || platform::open_layer("", move || selection.end()));
    let count = Memo::new(move |_| selection.messages().len());
    // The log's status announces it: one that comes with its text is not announced.
    effect(move || session.status.set(with_count(words.selected, count.get())));
    on_cleanup(move || drop(session.status.try_set(String::new())));
    let own = move || {
        let messages = selection.messages();
        session.conversation.with(|conversation| {
            messages.into_iter().filter(|message| conversation.can_change(message)).collect::<Vec<_>>()
        })
    };
    let has_own = Memo::new(move |_| !own().is_empty());
    let on_click = move |event: MouseEvent| match platform::chosen(&event, "data-do").as_deref() {
        Some("copy") => {
            session.copy(&text_of(session, &selection.messages()), words.copied);
            selection.end();
        }
        Some("forward") if count.get_untracked() > 0 => {
            selection.forwarding.set(selection.messages());
            session.panel.set(Some(Panel::Forward));
        }
        Some("recall") => {
            recall(session, own());
            selection.end();
        }
        Some("end") => selection.end(),
        _ => {}
    };
    view! {
        <div class="selection-bar" role="group" aria-label=words.select data-region on:click=clicked(on_click)>
            <p>{derived(move || with_count(words.selected, count.get()))}</p>
            <button class="button" type="button" data-do="copy">{words.copy}</button>
            <button class="button" type="button" data-do="forward">{words.forward}</button>
            {when(move || has_own.get(), move || view! { <DestructiveItem action="recall" label=words.recall_own question=derived(move || with_count(words.recall_own_sure, own().len())) /> }.into_any())}
            <button class="button" type="button" data-do="end">{words.cancel}</button>
        </div>
    }
}

/// The texts with the names of their authors.
fn text_of(session: RoomSession, messages: &[Message]) -> String {
    let line = |message: &Message| {
        let name = session.conversation.with_untracked(|conversation| conversation.name_of(message.author).to_owned());
        format!("{name}: {}", message.body)
    };
    messages.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn recall(session: RoomSession, messages: Vec<Message>) {
    let last = messages.last().map(|message| message.id);
    for (message, index) in messages.into_iter().zip(0..) {
        let command = RoomCommand::Recall { id: message.id };
        let is_last = last == Some(message.id);
        platform::after(RECALL_EVERY * index, move || match is_last {
            true => session.send_with_feedback(&command, words().has_recalled),
            false => session.send(&command),
        });
    }
}
