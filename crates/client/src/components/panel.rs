//! The dialogs of a room: invite users, rename the group, go to a day.

use std::time::Duration;

use leptos::{ev::SubmitEvent, prelude::*};

use crate::{
    components::{
        forward::ForwardPanel,
        members::MembersPanel,
        modal::ModalDialog,
        picker::{Picker, Picks},
        pins::PinsPanel,
        readers::{Division, ReadersPanel},
        scheduled::{ScheduledPanel, TimeForm},
    },
    dialogs::{Dialog, FilesView, dialog},
    lobby::on_demand::PickSource,
    platform,
    room::session::{Panel, RoomSession},
    text::dialog::dialog_words as words,
    view::{clicked, effect, part, submitted},
};
use protocol::{limit::TITLE_CHARS, room_socket::RoomCommand};

/// The dialog that is open, if any.
#[component]
pub fn PanelView() -> impl IntoView {
    let session = RoomSession::current();
    part(move || match session.panel.get() {
        None => ().into_any(),
        Some(Panel::Files) => dialog(Dialog::Files(FilesView::List)),
        Some(open) => dialog(Dialog::Panel(open)),
    })
}

/// The content of a dialog.
#[component]
pub fn PanelDialog(panel: Panel) -> impl IntoView {
    let session = RoomSession::current();
    let words = words();
    let from = session.last_focus.get_untracked();
    let close = Callback::new(move |()| {
        session.panel.set(None);
        // The row that opened the dialog may have been rendered again.
        if let Some(from) = from.clone().filter(|_| matches!(panel, Panel::Readers(_) | Panel::Confirmers(_))) {
            platform::after(Duration::ZERO, move || platform::focus_again(&from));
        }
    });
    let (label, content) = match panel {
        Panel::Invite => (invite_title(session), view! { <Invite close /> }.into_any()),
        Panel::Rename => (words.rename, view! { <OneFieldForm name="title" close /> }.into_any()),
        Panel::Forward => (words.forward, view! { <ForwardPanel close /> }.into_any()),
        Panel::Pins => (words.pinned_messages, view! { <PinsPanel close /> }.into_any()),
        Panel::Members => (words.members, view! { <MembersPanel close /> }.into_any()),
        Panel::Readers(id) => (words.readers, view! { <ReadersPanel id by=Division::Read close /> }.into_any()),
        Panel::Confirmers(id) => {
            (words.confirmers, view! { <ReadersPanel id by=Division::Confirmed close /> }.into_any())
        }
        Panel::Schedule => (words.schedule, view! { <TimeForm message=None close /> }.into_any()),
        Panel::Scheduled => (words.scheduled_messages, view! { <ScheduledPanel close /> }.into_any()),
        // The part for files shows this panel.
        Panel::Files => return ().into_any(),
        Panel::Date => (words.to_date, view! { <OneFieldForm name="date" close /> }.into_any()),
    };
    view! { <ModalDialog label=label.to_owned() close>{content}</ModalDialog> }.into_any()
}

#[component]
fn Invite(close: Callback<()>) -> impl IntoView {
    let session = RoomSession::current();
    let on_pick = Callback::new(move |(users, title, history): (_, String, _)| {
        let title = Some(title).filter(|title| !title.is_empty());
        session.send(&RoomCommand::Invite { users, history, title });
        close.run(());
    });
    let picks = if is_group(session) { Picks::Members } else { Picks::NewGroupWithPartner };
    let find = Some(Callback::new(move |query: String| session.find_people(query, true)));
    let is_partial = session.is_partial.into();
    let source = PickSource { find, is_partial, ..PickSource::all(session.invitable.into()) };
    view! { <Picker source picks title=invite_title(session) on_pick close /> }
}

fn is_group(session: RoomSession) -> bool {
    session.conversation.with_untracked(|conversation| conversation.is_group)
}

/// An invitation into a direct room makes a new group.
fn invite_title(session: RoomSession) -> &'static str {
    if is_group(session) { words().invite } else { words().new_group_with }
}

/// A form with one field: a title, or a day.
#[component]
fn OneFieldForm(name: &'static str, close: Callback<()>) -> impl IntoView {
    let session = RoomSession::current();
    let words = words();
    let is_date = name == "date";
    let (title, label, submit) = if is_date {
        (words.to_date, words.date, words.go_to_date)
    } else {
        (words.rename, words.group_title, words.do_rename)
    };
    let value =
        if is_date { None } else { session.conversation.with_untracked(|conversation| conversation.title.clone()) };
    effect(move || platform::focus("#panel-field"));
    let send = move |event: SubmitEvent| {
        event.prevent_default();
        let value = platform::value_of("#panel-field");
        if !is_date {
            session.send(&RoomCommand::Rename { title: Some(value) });
        } else if let Some(at) = platform::midnight(&value) {
            session.history.jump_to_day(at, words.nearest_day);
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
                <button class="button primary" type="submit">{submit}</button>
            </div>
        </form>
    }
}
