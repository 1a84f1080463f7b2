//! What lies over a conversation for a moment: inviting, renaming, going to a day.

use leptos::{
    ev::{Event, SubmitEvent},
    prelude::*,
};

use crate::{
    client::{
        components::{
            picker::{Picker, Picks},
            session::{Panel, Session},
        },
        later::{Dialog, dialog},
        live::{clicked, effect, moved, part, submitted},
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
    let words = words();
    let close = Callback::new(move |()| session.panel.set(None));
    let (label, content) = match panel {
        Panel::Invite => (words.invite, view! { <Invite close /> }.into_any()),
        Panel::Rename => (words.rename, view! { <Ask name="title" close /> }.into_any()),
        Panel::Date => (words.to_date, view! { <Ask name="date" close /> }.into_any()),
    };
    view! { <Over label=label.to_owned() close>{content}</Over> }
}

/// A dialog over everything else. Its content shows the label as its title.
#[component]
pub fn Over(label: String, close: Callback<()>, children: Children) -> impl IntoView {
    effect(move || {
        platform::open_layer("", move || close.run(()));
        platform::show_modal(".panel-over:not([open])");
    });
    // A phone's own way to close it.
    let on_cancel = move |event: Event| {
        event.prevent_default();
        close.run(());
    };
    view! { <dialog class="panel-over" aria-label=label on:cancel=moved(on_cancel)>{children()}</dialog> }
}

#[component]
fn Invite(close: Callback<()>) -> impl IntoView {
    let session = Session::current();
    let is_group = session.conversation.with_untracked(|chat| chat.is_group);
    let on_pick = Callback::new(move |(users, _, history)| {
        session.act(&ChatCommand::Invite { users, history });
        close.run(());
    });
    let invites = if is_group { Picks::Members } else { Picks::Group };
    view! { <Picker users=session.people.into() picks=invites title=words().invite on_pick close /> }
}

/// One line to fill in: a title, or a day.
#[component]
fn Ask(name: &'static str, close: Callback<()>) -> impl IntoView {
    let session = Session::current();
    let words = words();
    let is_date = name == "date";
    let (title, label, deed) = if is_date {
        (words.to_date, words.date, words.go_to_date)
    } else {
        (words.rename, words.group_title, words.do_rename)
    };
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
            <h2>{title}</h2>
            <label for="panel-field">{label}</label>
            <input id="panel-field" type=if is_date { "date" } else { "text" } value=value
                maxlength=TITLE_CHARS.to_string() required=is_date autocomplete="off" />
            <div class="ask-end">
                <button class="button" type="button" on:click=clicked(move |_| close.run(()))>{words.cancel}</button>
                <button class="button primary" type="submit">{deed}</button>
            </div>
        </form>
    }
}
