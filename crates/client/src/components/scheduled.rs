//! The scheduled messages of a room: their times and texts, with actions to edit, send now and delete; and the form for
//! a time.

use std::time::Duration;

use leptos::{
    ev::{MouseEvent, SubmitEvent},
    prelude::*,
};

use crate::{
    clock::clock,
    components::schedule_menu::hint,
    lobby::session::LobbySession,
    platform,
    room::session::RoomSession,
    state::send_times::field_value,
    text::{date, dialog::dialog_words as words, label_of, lang},
    view::{clicked, derived, effect, list, moved, part, submitted, when},
};
use protocol::{
    error::Refusal,
    ids::MessageId,
    limit::BODY_CHARS,
    room_socket::RoomCommand,
    schedule::{Reschedule, ScheduledMessage},
};

/// Why a message was not sent.
pub fn unsent_reason(why: Refusal) -> &'static str {
    let words = words();
    match why {
        Refusal::NotFound => words.unsent_not_member,
        Refusal::Disabled => words.unsent_disabled,
        other => words.refusal(other),
    }
}

#[component]
pub fn ScheduledPanel(close: Callback<()>) -> impl IntoView {
    let session = RoomSession::current();
    let words = words();
    // The message as it was when its form opened: the form and its text stay if the message is sent meanwhile.
    let editing = RwSignal::new(None::<ScheduledMessage>);
    let scheduled = Memo::new(move |_| session.conversation.with(|conversation| conversation.scheduled.clone()));
    let done = Callback::new(move |()| editing.set(None));
    // The form is a layer over the list.
    effect(move || {
        if editing.with(Option::is_some) {
            platform::open_layer("", move || editing.set(None));
        }
    });
    // The dialog is named as what it shows.
    effect(move || {
        editing.track();
        platform::next_frame(|| platform::name_dialog(".panel-over:has(.ask)"));
    });
    let rows = move || {
        effect(|| platform::focus(".scheduled .row-item button, .scheduled .close"));
        view! {
            <div class="ask pins scheduled" on:click=clicked(move |event| choose(session, &event, editing))>
                <h2>{words.scheduled_messages}</h2>
                <p class="note" role="status">{derived(move || if scheduled.read().is_empty() { words.no_scheduled } else { "" })}</p>
                <ul class="rows">{list(move || scheduled.get(), |message| view! { <ScheduledItem message room=None /> }.into_any())}</ul>
                <div class="ask-end"><button class="button close" type="button" on:click=clicked(move |_| close.run(()))>{words.close}</button></div>
            </div>
        }
        .into_any()
    };
    part(move || match editing.get() {
        message @ Some(_) => view! { <TimeForm message close=done /> }.into_any(),
        None => rows(),
    })
}

fn choose(session: RoomSession, event: &MouseEvent, editing: RwSignal<Option<ScheduledMessage>>) {
    let id = |name| platform::chosen(event, name).and_then(|id| id.parse::<MessageId>().ok());
    if let Some(id) = id("data-edit") {
        return editing.set(session.conversation.with_untracked(|known| known.scheduled_message(id).cloned()));
    }
    let command = id("data-now").map(|id| RoomCommand::SendScheduled { id });
    let command = command.or_else(|| id("data-delete").map(|id| RoomCommand::Unschedule { id }));
    if let Some(command) = command {
        platform::focus_neighbour(event, ".scheduled .close");
        session.send(&command);
    }
}

/// A scheduled message. In a list of all rooms it shows the name of its `room`, and may only be deleted.
#[component]
pub fn ScheduledItem(message: ScheduledMessage, room: Option<String>) -> impl IntoView {
    let words = words();
    let has_choices = room.is_none();
    let ScheduledMessage { id, at, body, asks_confirmation, failed, .. } = message;
    let id = id.to_string();
    let label = |text| label_of(text, &body);
    let (edit, send) = (label(words.edit), label(words.send_now));
    let is_asking = RwSignal::new(false);
    let time = derived(move || date::moment(clock().local(at), clock().local(platform::now_ms()), lang()));
    view! {
        <li class="row-item scheduled-item">
            <p class="row-name">{room.map(|room| room + " · ")}{time}</p>
            {failed.map(|why| view! { <p class="failed">{unsent_reason(why)}</p> })}
            {asks_confirmation.then_some(view! { <p class="note">{words.request}</p> })}
            <p class="scheduled-body" dir="auto">{body.clone()}</p>
            <div class="scheduled-choices" hidden=derived(move || is_asking.get())>
                {has_choices.then(|| view! { <button class="button" type="button" data-edit=id.clone() aria-label=edit>{words.edit}</button> })}
                {has_choices.then(|| view! { <button class="button" type="button" data-now=id.clone() aria-label=send>{words.send_now}</button> })}
                <DiscardButton id=id.clone() body=body.clone() is_asking />
            </div>
            {when(move || is_asking.get(), move || question(id.clone(), is_asking))}
        </li>
    }
}

#[component]
fn DiscardButton(id: String, body: String, is_asking: RwSignal<bool>) -> impl IntoView {
    let words = words();
    // One task later, because the click is outside the question that opens.
    let ask = move |_| {
        platform::after(Duration::ZERO, move || {
            is_asking.set(true);
            platform::after(Duration::ZERO, || platform::focus(".scheduled .sure button"));
        });
    };
    let again = format!("[data-discard=\"{id}\"]");
    effect(move || {
        if is_asking.get() {
            let again = again.clone();
            platform::open_layer(".sure", move || {
                is_asking.set(false);
                let again = again.clone();
                platform::after(Duration::ZERO, move || platform::focus(&again));
            });
        }
    });
    view! { <button class="button" type="button" data-discard=id aria-label=label_of(words.discard, &body) on:click=clicked(ask)>{words.discard}</button> }
}

/// Whether to delete the message: its text is lost. The list's listener receives the answer.
fn question(id: String, is_asking: RwSignal<bool>) -> AnyView {
    let words = words();
    view! {
        <div class="sure" role="group" tabindex="-1" aria-label=words.discard_sure>
            <p>{words.discard_sure}</p>
            <button type="button" on:click=clicked(move |_| is_asking.set(false))>{words.cancel}</button>
            <button type="button" class="danger" data-delete=id>{words.discard}</button>
        </div>
    }
    .into_any()
}

/// The form for the time of the composer's text, or for text and time of a scheduled message. It closes when the server
/// has acknowledged them.
#[component]
pub fn TimeForm(message: Option<ScheduledMessage>, close: Callback<()>) -> impl IntoView {
    let session = RoomSession::current();
    let words = words();
    let is_wrong = RwSignal::new(false);
    let (now, clock) = (platform::now_ms(), clock());
    let shown = message.as_ref().map_or(now + 60 * 60 * 1000, |message| message.at.max(now));
    let chosen = || platform::moment(&platform::value_of("#schedule-time"));
    let (at, lobby_session) = (RwSignal::new(shown), use_context::<LobbySession>());
    let title = if message.is_some() { words.edit_scheduled } else { words.schedule };
    let (id, body) = message.map(|message| (message.id, message.body)).unzip();
    let asked = RwSignal::new(None::<Reschedule>);
    effect(move || {
        if asked.with(|asked| {
            session.conversation.with(|known| asked.as_ref().is_some_and(|asked| known.is_rescheduled(asked)))
        }) {
            close.run(());
        }
    });
    let send = move |event: SubmitEvent| {
        event.prevent_default();
        let at = chosen().filter(|at| *at > platform::now_ms());
        let Some(at) = at else { return is_wrong.set(true) };
        match id {
            None => {
                session.scheduling.schedule(at);
                close.run(());
            }
            Some(id) => {
                let text = platform::value_of("#schedule-text");
                let change = session.conversation.with_untracked(|known| known.reschedule(id, &text, at));
                let Some(change) = change else { return };
                session.send(&RoomCommand::Reschedule(change.clone()));
                asked.set(Some(change));
            }
        }
    };
    let error = move || {
        let is_gone = id.is_some_and(|id| session.conversation.with(|known| known.scheduled_message(id).is_none()));
        match (is_gone, is_wrong.get()) {
            (true, _) => words.scheduled_gone,
            (_, true) => words.invalid_time,
            _ => "",
        }
    };
    effect(|| platform::focus("#schedule-text, #schedule-time"));
    view! {
        <form class="ask" on:submit=submitted(send)>
            <h2>{title}</h2>
            {body.map(|body| view! {
                <label for="schedule-text">{words.message}</label>
                <textarea id="schedule-text" rows="4" maxlength=BODY_CHARS.to_string() required prop:value=body></textarea>
            })}
            <label for="schedule-time">{words.send_at}</label>
            <input id="schedule-time" type="datetime-local" required on:input=moved(move |_| at.set(chosen().unwrap_or(shown))) value=field_value(clock.local(shown)) min=field_value(clock.local(now)) />
            <p class="note" role="status">{derived(move || hint(session, lobby_session, at.get()))}</p>
            <p class="failed" role="alert">{derived(error)}</p>
            <div class="ask-end">
                <button class="button" type="button" on:click=clicked(move |_| close.run(()))>{words.cancel}</button>
                <button class="button primary" type="submit">{words.schedule}</button>
            </div>
        </form>
    }
}
