//! The announcement at the top of a room. A user can fold it to one line; the browser remembers which one they folded.

use leptos::prelude::*;

use crate::{
    platform,
    room::session::RoomSession,
    text::{with_name, words},
    user_storage::UserStorage,
    view::{clicked, derived, effect, part},
};
use protocol::message::PinnedMessage;

#[component]
pub fn AnnouncementBar() -> impl IntoView {
    let session = RoomSession::current();
    let announcement =
        Memo::new(move |_| session.conversation.with(|conversation| conversation.announcement().cloned()));
    // Folded until the browser's storage is read.
    let is_folded = RwSignal::new(true);
    let key = move || {
        let (me, room) = session.conversation.with_untracked(|conversation| (conversation.me, conversation.room));
        UserStorage::new(me).own_key(&format!("folded.{room}"))
    };
    let folded = move |pin: &PinnedMessage| platform::stored(&key()).is_some_and(|id| id == pin.id.to_string());
    effect(move || {
        if let Some(pin) = announcement.get() {
            is_folded.set(folded(&pin));
        }
        session.resized.notify();
    });
    let toggle = move |_| {
        is_folded.update(|is_folded| *is_folded = !*is_folded);
        let id = announcement.get_untracked().filter(|_| is_folded.get_untracked()).map(|pin| pin.id.to_string());
        platform::store(&key(), id.as_deref());
        session.resized.notify();
    };
    part(move || {
        let Some(pin) = announcement.get() else { return ().into_any() };
        view! {
            <section class="announcement" class:folded-up=derived(move || is_folded.get()) aria-label=words().announcement data-region>
                <AnnouncementText pin />
                <button class="button" type="button" aria-expanded=derived(move || (!is_folded.get()).to_string()) on:click=clicked(toggle)>
                    {derived(move || if is_folded.get() { words().unfold } else { words().fold })}
                </button>
            </section>
        }
        .into_any()
    })
}

#[component]
fn AnnouncementText(pin: PinnedMessage) -> impl IntoView {
    let (session, words, seq) = (RoomSession::current(), words(), pin.seq);
    let by =
        session.conversation.with_untracked(|conversation| with_name(words.announced_by, conversation.name_of(pin.by)));
    view! {
        <button class="announcement-text" type="button" on:click=clicked(move |_| session.history.jump(seq))>
            <b>{words.announcement}</b>" "<span class="announcement-body" dir="auto">{pin.body}</span>
            <span class="announcement-by">{by}</span>
        </button>
    }
}
