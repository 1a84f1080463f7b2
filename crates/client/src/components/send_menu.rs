//! The options of the next message: a button next to "send", its menu, and the bar that shows the chosen options.

use std::time::Duration;

use leptos::{ev::MouseEvent, prelude::*};

use crate::{
    components::icon::{Drawing, Icon},
    dialogs::{Dialog, dialog},
    platform,
    room::session::RoomSession,
    text::words,
    view::{clicked, derived, effect, pressed, when},
};

const ITEM: &str = ".send-menu button";

/// An edit has no options. On a phone the menu of the file button has them, because the field needs the space.
#[component]
pub fn SendMenuButton() -> impl IntoView {
    let session = RoomSession::current();
    let words = words();
    let is_open = session.is_send_menu_open;
    view! {
        <div class="send-options" hidden=derived(move || session.is_editing())>
            <button class="plain send-more" type="button" aria-label=words.send_options title=words.send_options
                aria-expanded=derived(move || is_open.get().to_string())
                on:click=clicked(move |_| is_open.update(|is_open| *is_open = !*is_open))><Icon drawing=Drawing::More /></button>
            {when(move || is_open.get(), || dialog(Dialog::SendMenu))}
        </div>
    }
}

/// Shows that the next message will ask for confirmations, with a button that cancels that.
#[component]
pub fn RequestBar() -> impl IntoView {
    let session = RoomSession::current();
    let words = words();
    let is_shown = Memo::new(move |_| session.asks.get() && !session.is_editing());
    effect(move || {
        if is_shown.get() {
            platform::open_layer("", move || session.asks.set(false));
        }
        // The bar shrinks the log.
        session.resized.notify();
    });
    let end = move |_| {
        session.asks.set(false);
        platform::focus("#composer");
    };
    when(
        move || is_shown.get(),
        move || {
            view! {
            <div class="mode request-bar">
                <p class="mode-text" id="request-text"><b>{words.request}</b>" "{words.request_hint}</p>
                <button class="plain" type="button" aria-label=words.cancel on:click=clicked(end)><Icon drawing=Drawing::Close /></button>
            </div>
        }
        .into_any()
        },
    )
}

#[component]
pub fn SendMenu() -> impl IntoView {
    let session = RoomSession::current();
    let words = words();
    let is_open = session.is_send_menu_open;
    effect(move || {
        platform::open_layer(".send-more, .send-menu", move || is_open.set(false));
        platform::focus(ITEM);
    });
    let choose = move |event: MouseEvent| {
        if let Some(option) = platform::chosen(&event, "data-do") {
            // The next layer returns the focus to the field.
            platform::focus("#composer");
            is_open.set(false);
            choose_option(session, &option);
        }
    };
    view! {
        <div class="menu send-menu" role="group" aria-label=words.send_options
            on:click=clicked(choose) on:keydown=pressed(|event| platform::rove(&event, ITEM))>
            {send_options(session)}
        </div>
    }
}

/// The options in a menu, whose listener passes the chosen one to [`choose_option`]. In notes there is nobody to ask
/// for a confirmation.
pub fn send_options(session: RoomSession) -> AnyView {
    let has_others = session.conversation.with_untracked(|conversation| conversation.others().next().is_some());
    view! {
        <button type="button" data-do="schedule">{words().schedule}</button>
        {has_others.then(|| request_switch(session))}
    }
    .into_any()
}

/// Carries out an option: `ask` or `schedule`.
pub fn choose_option(session: RoomSession, option: &str) {
    match option {
        "ask" => session.asks.update(|asks| *asks = !*asks),
        // One task later, because the click that chose it is outside the menu that opens.
        _ => platform::after(Duration::ZERO, move || session.scheduling.is_choosing.set(true)),
    }
}

fn request_switch(session: RoomSession) -> AnyView {
    view! { <button type="button" role="switch" data-do="ask" aria-checked=derived(move || session.asks.get().to_string())>{words().request}</button> }
    .into_any()
}
