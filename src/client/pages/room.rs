//! `/rooms/{id}`: one conversation in a window of its own.

use leptos::prelude::*;

use crate::{
    client::{
        components::keys::watch_keys,
        later::{Later, Opening, later},
        platform,
    },
    protocol::{ids::UserId, room::RoomSnapshot},
};

#[component]
pub fn RoomWindow(me: UserId, room: RoomSnapshot) -> impl IntoView {
    let on_leave = Callback::new(|()| platform::leave_window());
    let on_enter = Callback::new(|room| platform::go(&format!("/rooms/{room}")));
    // The list is in another window.
    watch_keys(
        || {},
        || {},
        |is_back| {
            // An entry of ours that stands for nothing any more.
            if is_back {
                platform::go_back();
            }
        },
    );
    let opening = Opening { me, room: room.room, snapshot: Some(room), is_beside: false, on_leave, on_enter };
    view! { <main class="window">{later(Later::Chat(opening))}</main> }
}
