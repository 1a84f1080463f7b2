//! The menu of a row of the room list.

use leptos::{ev::MouseEvent, prelude::*};

use crate::{
    components::action::RoomAction,
    lobby::session::LobbySession,
    platform,
    text::words,
    view::{clicked, effect, pressed},
};
use protocol::{ids::RoomId, lobby_socket::LobbyCommand, room::RoomSummary};

const ITEM: &str = ".list-menu button";

#[component]
pub fn RoomRowMenu(room: RoomId) -> impl IntoView {
    let session = LobbySession::current();
    let words = words();
    let Some(summary) = session.lobby.with_untracked(|lobby| lobby.room(room).cloned()) else { return ().into_any() };
    let RoomSummary { is_group, is_pinned, is_muted, mentions_only, .. } = summary;
    // Notes have no notices.
    let has_notices = is_group || !summary.others.is_empty();
    let item = |action: RoomAction, text: &'static str| {
        view! { <button type="button" data-do=action.attribute()>{text}</button> }
    };
    effect(move || {
        platform::open_layer(".list-menu, [data-menu]", move || session.room_menu.set(None));
        platform::position_menu(".list-menu", &format!("[data-menu=\"{room}\"]"));
        platform::focus(ITEM);
    });
    let choose = move |event: MouseEvent| {
        let action = platform::chosen(&event, "data-do").and_then(|name| RoomAction::from_attribute(&name));
        let command = action.and_then(|action| command(action, room, is_pinned));
        session.room_menu.set(None);
        if let (Some(command), Some(action)) = (command, action) {
            session.send_with_feedback(&command, action.done(is_pinned));
        }
    };
    view! {
        <div class="menu list-menu" role="group" aria-label=words.room_menu
            on:click=clicked(choose) on:keydown=pressed(|event| platform::rove(&event, ITEM))>
            {item(RoomAction::Pin, if is_pinned { words.unpin } else { words.pin })}
            {(has_notices && is_muted).then(|| item(RoomAction::Notify, words.unmute))}
            {(has_notices && !mentions_only).then(|| item(RoomAction::Mentions, words.mentions_only))}
            {(has_notices && (!is_muted || mentions_only)).then(|| item(RoomAction::Mute, words.mute))}
            {item(RoomAction::Hide, words.hide)}
        </div>
    }
    .into_any()
}

fn command(action: RoomAction, room: RoomId, is_pinned: bool) -> Option<LobbyCommand> {
    Some(match action {
        RoomAction::Pin => LobbyCommand::Pin { room, on: !is_pinned },
        RoomAction::Notify => LobbyCommand::Mute { room, on: false, mentions_only: false },
        RoomAction::Mentions => LobbyCommand::Mute { room, on: true, mentions_only: true },
        RoomAction::Mute => LobbyCommand::Mute { room, on: true, mentions_only: false },
        RoomAction::Hide => LobbyCommand::Hide { room },
        _ => return None,
    })
}
