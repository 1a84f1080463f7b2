//! The composer's menu of times, and the mark of scheduled messages in the room.

use leptos::prelude::*;

use crate::{
    components::icon::{Drawing, Icon},
    dialogs::{Dialog, dialog},
    room::session::{Panel, RoomSession},
    text::{with_count, words},
    view::{clicked, derived, effect, when},
};

/// The menu of times, while it is open.
#[component]
pub fn ScheduleSlot() -> impl IntoView {
    let session = RoomSession::current();
    when(move || session.scheduling.is_choosing.get(), || dialog(Dialog::ScheduleMenu))
}

/// The number of scheduled messages in the room, unsent ones included; it opens their list.
#[component]
pub fn ScheduledMark() -> impl IntoView {
    let session = RoomSession::current();
    let words = words();
    let counts = Memo::new(move |_| {
        session.conversation.with(|conversation| {
            let failed = conversation.scheduled.iter().filter(|message| message.failed.is_some()).count();
            (conversation.scheduled.len() - failed, failed)
        })
    });
    effect(move || {
        counts.track();
        session.resized.notify();
    });
    let text = move || match counts.get() {
        (waiting, 0) => with_count(words.scheduled_count, waiting),
        (_, failed) => with_count(words.unsent_count, failed),
    };
    let mark = move || {
        view! {
            <button class="scheduled-mark" class:danger=derived(move || counts.get().1 > 0) type="button"
                on:click=clicked(move |_| session.panel.set(Some(Panel::Scheduled)))><Icon drawing=Drawing::Clock />{derived(text)}</button>
        }
        .into_any()
    };
    when(move || counts.get() != (0, 0), mark)
}
