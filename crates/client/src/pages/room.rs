//! `/rooms/{id}`: one room in a separate window.

use leptos::prelude::*;

use crate::{
    components::shortcuts::watch_keys,
    platform,
    split::{RoomOpening, SplitView, split_view},
    state::browser_history::Direction,
};
use protocol::{ids::UserId, room::RoomSnapshot};

#[component]
pub fn RoomWindow(me: UserId, room: RoomSnapshot) -> impl IntoView {
    let on_leave = Callback::new(|()| platform::leave_window());
    let on_enter = Callback::new(|room| platform::go(&format!("/rooms/{room}")));
    // This window has no list: there is no palette, and Escape closes no room.
    watch_keys(
        || false,
        || {
            platform::leave_message();
        },
        |direction| {
            // The entry in the browser's history of a layer that is closed already.
            if direction == Direction::Back {
                platform::go_back();
            }
        },
    );
    let opening = RoomOpening { me, room: room.room, snapshot: Some(room), is_beside: false, on_leave, on_enter };
    view! { <main class="window">{split_view(SplitView::Room(opening))}</main> }
}
