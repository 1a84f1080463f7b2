//! What can be done with one message: a menu beside its bubble, one for the whole log.

use std::{sync::Arc, time::Duration};

use leptos::{ev::MouseEvent, prelude::*};

use crate::{
    client::{
        components::{
            emoji::OnChoose,
            session::{Mode, Session},
        },
        later::{Dialog, dialog},
        live::{clicked, effect, part, pressed, when},
        platform,
        text::words,
    },
    protocol::{
        chat::ChatCommand,
        ids::MessageId,
        message::{Message, Quote},
    },
};

/// The ones at hand; the others are in the panel.
const EMOJIS: [&str; 6] = ["👍", "❤️", "😂", "😮", "😢", "✅"];
const BUTTON: &str = ".bubble-menu button";

#[component]
pub fn BubbleMenu() -> impl IntoView {
    let session = Session::current();
    let open = Memo::new(move |_| {
        let id = session.menu.get()?;
        session.conversation.with(|chat| chat.message(id).filter(|message| message.recalled.is_none()).map(|_| id))
    });
    part(move || open.get().map_or_else(|| ().into_any(), |id| dialog(Dialog::Menu(id))))
}

fn close(session: Session) {
    if let Some(id) = session.menu.get_untracked() {
        session.menu.set(None);
        platform::focus(&button_of(id));
    }
}

/// The button that opens the menu of a bubble.
fn button_of(id: MessageId) -> String {
    format!("[data-id=\"{id}\"] [data-act=menu]")
}

#[component]
pub fn Menu(id: MessageId) -> impl IntoView {
    let session = Session::current();
    let picks = RwSignal::new(false);
    let place = move || platform::place_menu(".bubble-menu", &button_of(id));
    effect(move || {
        platform::open_layer(".bubble-menu, [data-act=menu]", move || close(session));
        place();
        platform::focus(BUTTON);
    });
    let turn = move |to_panel: bool| {
        picks.set(to_panel);
        platform::after(Duration::ZERO, move || {
            place();
            if !to_panel {
                platform::focus(".bubble-menu [data-do=pick]");
            }
        });
    };
    let on_click = move |event: MouseEvent| match platform::chosen(&event, "data-do").as_deref() {
        None => {}
        Some("pick") => turn(true),
        Some(what) => {
            let message = session.message(id);
            close(session);
            message.into_iter().for_each(|message| carry_out(session, message, what));
        }
    };
    let on_choose: OnChoose = Arc::new(move |emoji: Option<String>| match emoji {
        None => turn(false),
        Some(emoji) => {
            close(session);
            session.react(id, &emoji);
        }
    });
    view! {
        <div class="menu bubble-menu" role="group" aria-label=words().message_menu
            on:click=clicked(on_click) on:keydown=pressed(|event| platform::rove(&event, BUTTON, 1))>
            {when(move || !picks.get(), move || view! { <Rows id /> }.into_any())}
            {when(move || picks.get(), move || dialog(Dialog::Emojis(on_choose.clone())))}
        </div>
    }
}

#[component]
fn Rows(id: MessageId) -> impl IntoView {
    let session = Session::current();
    let words = words();
    let is_mine =
        session.conversation.with_untracked(|chat| chat.message(id).is_some_and(|message| chat.can_change(message)));
    let item = |what: &'static str, text: &'static str| view! { <button type="button" data-do=what>{text}</button> };
    view! {
        <div class="emojis">
            {EMOJIS.map(|emoji| view! { <button type="button" data-do=emoji>{emoji}</button> }).collect_view()}
            <button type="button" data-do="pick" aria-label=words.other_emoji>"＋"</button>
        </div>
        {item("reply", words.reply)}
        {item("copy", words.copy)}
        {is_mine.then(|| view! {
            {item("edit", words.edit)}
            <Sure what="recall" label=words.recall question=words.recall_sure />
        })}
    }
}

/// A row for what cannot be taken back. Its question takes its place, so that a second click there does nothing,
/// and a second press of a key falls on "cancel". The menu's listener hears `what`, or "cancel".
#[component]
pub fn Sure(what: &'static str, label: &'static str, question: &'static str) -> impl IntoView {
    let asks = RwSignal::new(false);
    let ask = move |_| {
        asks.set(true);
        platform::after(Duration::ZERO, || platform::focus(".sure button"));
    };
    view! {
        {when(move || !asks.get(), move || view! {
            <button type="button" class="danger" data-ask=what on:click=clicked(ask)>{label}</button>
        }.into_any())}
        {when(move || asks.get(), move || view! {
            <div class="sure" role="group" tabindex="-1" aria-label=question>
                <p>{question}</p>
                <button type="button" data-do="cancel">{words().cancel}</button>
                <button type="button" class="danger" data-do=what>{label}</button>
            </div>
        }.into_any())}
    }
}

pub fn carry_out(session: Session, message: Message, what: &str) {
    match what {
        "reply" => session.mode.set(Mode::Reply(Quote::of(&message))),
        "edit" => session.mode.set(Mode::Edit(message.id)),
        "recall" => session.act(&ChatCommand::Recall { id: message.id }),
        "cancel" => {}
        "copy" => platform::copy(&message.body),
        emoji => session.react(message.id, emoji),
    }
}
