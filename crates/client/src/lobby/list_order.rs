//! Freezes the order of the users while the pointer or the focus is in their list.

use std::time::Duration;

use leptos::prelude::*;

use crate::{platform, state::lobby::Lobby};

/// The list of users.
const PEOPLE: &str = "#panel-people";

/// Whether the pointer or the focus is in the list.
pub(super) fn is_list_attended() -> bool {
    platform::is_attended(PEOPLE)
}

/// Updates the order once the pointer and the focus have left the list.
pub(super) fn follow_attention(lobby: RwSignal<Lobby>) {
    let release = move || {
        if !is_list_attended() {
            lobby.update(|lobby| lobby.hold_order(false));
        }
    };
    let left = move |_| {
        if lobby.with_untracked(Lobby::is_order_held) {
            // The new focus is known one task later.
            platform::after(Duration::ZERO, release);
        }
    };
    let listeners = ["mouseout", "focusout"].map(|name| platform::on_window(name, left));
    on_cleanup(move || listeners.into_iter().for_each(|listener| listener.remove()));
}
