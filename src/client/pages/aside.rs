//! Beside a page that needs no program (the settings) the messenger stays in touch: its person is online and hears
//! of news as anywhere else.

use leptos::prelude::*;

use crate::{
    client::{
        components::{lost::Lost, toasts::ToastStack, window::Window},
        live::effect,
    },
    protocol::lobby::LobbySnapshot,
};

#[component]
pub fn Aside(lobby: LobbySnapshot) -> impl IntoView {
    let window = Window::aside(lobby);
    provide_context(window);
    effect(move || window.begin());
    view! {
        <Lost link=window.link />
        <ToastStack />
    }
}
