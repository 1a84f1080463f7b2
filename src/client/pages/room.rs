//! `/rooms/{id}`: one conversation in a window of its own.

use leptos::prelude::*;

use crate::{
    client::{
        components::{chat::Chat, keys::watch_keys},
        platform,
        state::conversation::Conversation,
    },
    protocol::{ids::UserId, room::RoomSnapshot},
};

#[component]
pub fn RoomWindow(me: UserId, room: RoomSnapshot) -> impl IntoView {
    let on_leave = Callback::new(|()| platform::leave_window());
    let on_enter = Callback::new(|room| platform::go(&format!("/rooms/{room}")));
    // The list is in another window.
    watch_keys(|| {});
    let conversation = Conversation::new(me, room);
    view! { <main class="window"><Chat conversation on_leave on_enter /></main> }
}
