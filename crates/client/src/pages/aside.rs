//! The messenger on a page that works without the program, such as the settings: it keeps the user online and receives
//! notices.

use leptos::prelude::*;

use crate::{
    components::{connection_lost::ConnectionLost, toasts::ToastStack},
    lobby::session::LobbySession,
    view::effect,
};
use protocol::lobby_socket::LobbySnapshot;

#[component]
pub fn Aside(lobby: LobbySnapshot) -> impl IntoView {
    let session = LobbySession::aside(lobby);
    provide_context(session);
    effect(move || session.start());
    view! {
        <ConnectionLost link=session.link />
        <ToastStack />
    }
}
