//! What can be done with one message: a menu beside its bubble, one for the whole log.

use leptos::{
    ev::{KeyboardEvent, MouseEvent},
    prelude::*,
};

use crate::{
    client::{
        components::session::{Mode, Session},
        live::{clicked, effect, live, part, pressed, submitted},
        platform,
        text::words,
    },
    protocol::{
        chat::ChatCommand,
        ids::MessageId,
        message::{Message, Quote},
    },
};

/// The ones at hand; any other can be typed.
pub const EMOJIS: [&str; 6] = ["👍", "❤️", "😂", "😮", "😢", "✅"];

#[component]
pub fn BubbleMenu() -> impl IntoView {
    let session = Session::current();
    let open = Memo::new(move |_| {
        let id = session.menu.get()?;
        session.conversation.with(|chat| chat.message(id).filter(|message| message.recalled.is_none()).map(|_| id))
    });
    part(move || open.get().map_or_else(|| ().into_any(), |id| view! { <Menu id /> }.into_any()))
}

fn close(session: Session) {
    if let Some(id) = session.menu.get_untracked() {
        session.menu.set(None);
        platform::focus(&format!("[data-id=\"{id}\"] [data-act=menu]"));
    }
}

#[component]
fn Menu(id: MessageId) -> impl IntoView {
    let session = Session::current();
    let words = words();
    let confirms = RwSignal::new(false);
    let is_mine =
        session.conversation.with_untracked(|chat| chat.message(id).is_some_and(|message| chat.can_change(message)));
    effect(move || {
        platform::place_menu(".bubble-menu", &format!("[data-id=\"{id}\"] [data-act=menu]"));
        platform::focus(".bubble-menu button");
    });
    let on_click = move |event: MouseEvent| {
        let Some(what) = platform::chosen(&event, "data-do") else { return };
        if what == "recall" && !confirms.get_untracked() {
            return confirms.set(true);
        }
        if let Some(message) = session.message(id) {
            close(session);
            carry_out(session, message, &what);
        }
    };
    let on_key = move |event: KeyboardEvent| match event.key().as_str() {
        "Escape" => {
            event.prevent_default();
            close(session);
        }
        "ArrowDown" | "ArrowRight" => platform::move_focus(&event, ".bubble-menu button", 1),
        "ArrowUp" | "ArrowLeft" => platform::move_focus(&event, ".bubble-menu button", -1),
        _ => {}
    };
    let other = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let emoji = platform::value_of("#other-emoji");
        close(session);
        session.react(id, emoji.trim());
    };
    let item = |what: &'static str, text: &'static str| view! { <button type="button" data-do=what>{text}</button> };
    view! {
        <div class="menu bubble-menu" role="group" aria-label=words.message_menu on:click=clicked(on_click) on:keydown=pressed(on_key)>
            <div class="emojis">
                {EMOJIS.map(|emoji| view! { <button type="button" data-do=emoji>{emoji}</button> }).collect_view()}
                <form on:submit=submitted(other)><input id="other-emoji" maxlength="16" placeholder="＋" aria-label=words.other_emoji autocomplete="off" /></form>
            </div>
            {item("reply", words.reply)}
            {item("copy", words.copy)}
            {is_mine.then(|| view! {
                {item("edit", words.edit)}
                <button type="button" class="danger" data-do="recall">
                    {live(move || if confirms.get() { words.recall_sure } else { words.recall })}
                </button>
            })}
        </div>
    }
}

fn carry_out(session: Session, message: Message, what: &str) {
    match what {
        "reply" => session.mode.set(Mode::Reply(Quote::of(&message))),
        "edit" => session.mode.set(Mode::Edit(message.id)),
        "recall" => session.act(&ChatCommand::Recall { id: message.id }),
        "copy" => platform::copy(&message.body),
        emoji => session.react(message.id, emoji),
    }
}
