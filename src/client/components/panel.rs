//! What lies over a conversation for a moment: inviting, renaming, going to a day.

use leptos::{ev::SubmitEvent, prelude::*};

use crate::{
    client::{
        components::{
            picker::Picker,
            session::{Panel, Session},
        },
        later::{Dialog, dialog},
        live::{clicked, effect, part, pressed, submitted},
        platform,
        text::words,
    },
    protocol::{chat::ChatCommand, limit::TITLE_CHARS},
};

/// The dialog that is open, if any.
#[component]
pub fn PanelView() -> impl IntoView {
    let session = Session::current();
    part(move || session.panel.get().map_or_else(|| ().into_any(), |open| dialog(Dialog::Panel(open))))
}

/// One of the dialogs.
#[component]
pub fn PanelOver(panel: Panel) -> impl IntoView {
    let session = Session::current();
    let close = Callback::new(move |()| {
        session.panel.set(None);
        platform::focus("#composer");
    });
    let panel = match panel {
        Panel::Invite => view! { <Invite close /> }.into_any(),
        Panel::Rename => view! { <Ask name="title" label=words().group_title close /> }.into_any(),
        Panel::Date => view! { <Ask name="date" label=words().to_date close /> }.into_any(),
    };
    view! { <Over label=words().more.to_owned() close>{panel}</Over> }
}

/// A dialog over everything else: the browser keeps the focus in it, and gives it back.
#[component]
pub fn Over(label: String, close: Callback<()>, children: Children) -> impl IntoView {
    effect(|| platform::show_modal(".panel-over:not([open])"));
    let on_key = move |event: leptos::ev::KeyboardEvent| {
        if event.key() == "Escape" && !event.is_composing() {
            event.prevent_default();
            close.run(());
        }
    };
    view! {
        <dialog class="panel-over" aria-label=label on:keydown=pressed(on_key)>{children()}</dialog>
    }
}

#[component]
fn Invite(close: Callback<()>) -> impl IntoView {
    let session = Session::current();
    let is_group = session.conversation.with_untracked(|chat| chat.is_group);
    let on_pick = Callback::new(move |(users, _, history)| {
        session.act(&ChatCommand::Invite { users, history });
        close.run(());
    });
    view! { <Picker users=session.people.into() asks_history=is_group on_pick close /> }
}

/// One line to fill in: a title, or a day.
#[component]
fn Ask(name: &'static str, label: &'static str, close: Callback<()>) -> impl IntoView {
    let session = Session::current();
    let words = words();
    let is_date = name == "date";
    let value = if is_date { None } else { session.conversation.with_untracked(|chat| chat.title.clone()) };
    effect(move || platform::focus("#panel-field"));
    let send = move |event: SubmitEvent| {
        event.prevent_default();
        let value = platform::value_of("#panel-field");
        if !is_date {
            session.act(&ChatCommand::Rename { title: Some(value) });
        } else if let Some(at) = platform::midnight(&value) {
            session.target.set(None);
            session.ask(|chat| chat.ask_around_time(at));
        }
        close.run(());
    };
    view! {
        <form class="ask" on:submit=submitted(send)>
            <label for="panel-field">{label}</label>
            <input id="panel-field" type=if is_date { "date" } else { "text" } value=value
                maxlength=TITLE_CHARS.to_string() required=is_date autocomplete="off" />
            <div class="ask-end">
                <button class="button" type="button" on:click=clicked(move |_| close.run(()))>{words.cancel}</button>
                <button class="button primary" type="submit">{words.done}</button>
            </div>
        </form>
    }
}
