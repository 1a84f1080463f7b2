//! The scheduled messages of a room: their times and texts, each of which the person edits, sends now or deletes; and the
//! form for a time.

use leptos::{
    ev::{MouseEvent, SubmitEvent},
    prelude::*,
};

use crate::{
    clock::clock,
    platform,
    room::session::RoomSession,
    state::send_times::field_value,
    text::{date, label_of, lang, words},
    view::{clicked, derived, effect, list, part, submitted},
};
use protocol::{
    error::Refusal, ids::MessageId, limit::BODY_CHARS, room_socket::RoomCommand, schedule::ScheduledMessage,
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
    let editing = RwSignal::new(None);
    let scheduled = Memo::new(move |_| session.conversation.with(|conversation| conversation.scheduled.clone()));
    // The form closes when its message was sent or deleted elsewhere.
    let edited = Memo::new(move |_| {
        let id: MessageId = editing.get()?;
        scheduled.with(|all| all.iter().any(|message| message.id == id)).then_some(id)
    });
    let done = Callback::new(move |()| editing.set(None));
    let rows = move || {
        effect(|| platform::focus(".scheduled .row-item button, .scheduled .close"));
        view! {
            <div class="ask pins scheduled" on:click=clicked(move |event| choose(session, &event, editing))>
                <h2>{words.scheduled_messages}</h2>
                <p class="note" role="status">{derived(move || if scheduled.read().is_empty() { words.no_scheduled } else { "" })}</p>
                <ul class="rows">{list(move || scheduled.get(), |message| view! { <ScheduledItem message has_choices=true /> }.into_any())}</ul>
                <div class="ask-end"><button class="button close" type="button" on:click=clicked(move |_| close.run(()))>{words.close}</button></div>
            </div>
        }
        .into_any()
    };
    part(move || {
        let id = edited.get();
        let message =
            id.and_then(|id| scheduled.with_untracked(|all| all.iter().find(|known| known.id == id).cloned()));
        match message {
            Some(message) => view! { <TimeForm message=Some(message) close=done /> }.into_any(),
            None => rows(),
        }
    })
}

fn choose(session: RoomSession, event: &MouseEvent, editing: RwSignal<Option<MessageId>>) {
    let id = |name| platform::chosen(event, name).and_then(|id| id.parse().ok());
    if let Some(id) = id("data-edit") {
        return editing.set(Some(id));
    }
    let command = id("data-now").map(|id| RoomCommand::SendScheduled { id });
    let command = command.or_else(|| id("data-delete").map(|id| RoomCommand::Unschedule { id }));
    if let Some(command) = command {
        platform::focus_neighbour(event, ".scheduled .close");
        session.send(&command);
    }
}

/// A scheduled message. `has_choices`: it may be edited and sent, not only deleted.
#[component]
pub fn ScheduledItem(message: ScheduledMessage, has_choices: bool) -> impl IntoView {
    let words = words();
    let ScheduledMessage { id, at, body, failed, .. } = message;
    let id = id.to_string();
    let label = |text| label_of(text, &body);
    let (edit, send, discard) = (label(words.edit), label(words.send_now), label(words.discard));
    let time = derived(move || date::moment(clock().local(at), clock().local(platform::now_ms()), lang()));
    view! {
        <li class="row-item scheduled-item">
            <p class="row-name">{time}</p>
            {failed.map(|why| view! { <p class="failed">{unsent_reason(why)}</p> })}
            <p class="scheduled-body" dir="auto">{body}</p>
            <div class="scheduled-choices">
                {has_choices.then(|| view! { <button class="button" type="button" data-edit=id.clone() aria-label=edit>{words.edit}</button> })}
                {has_choices.then(|| view! { <button class="button" type="button" data-now=id.clone() aria-label=send>{words.send_now}</button> })}
                <button class="button" type="button" data-delete=id.clone() aria-label=discard>{words.discard}</button>
            </div>
        </li>
    }
}

/// The form for the time of the composer's text, or for text and time of a scheduled message.
#[component]
pub fn TimeForm(message: Option<ScheduledMessage>, close: Callback<()>) -> impl IntoView {
    let session = RoomSession::current();
    let words = words();
    let is_wrong = RwSignal::new(false);
    let (now, clock) = (platform::now_ms(), clock());
    let shown = message.as_ref().map_or(now + 60 * 60 * 1000, |message| message.at.max(now));
    let title = if message.is_some() { words.edit } else { words.schedule };
    let (id, body) = message.map(|message| (message.id, message.body)).unzip();
    let send = move |event: SubmitEvent| {
        event.prevent_default();
        let at = platform::moment(&platform::value_of("#schedule-time")).filter(|at| *at > platform::now_ms());
        let Some(at) = at else { return is_wrong.set(true) };
        match id {
            None => session.scheduling.schedule(at),
            Some(id) => {
                let text = platform::value_of("#schedule-text");
                let change = session.conversation.with_untracked(|known| known.reschedule(id, &text, at));
                let Some(change) = change else { return };
                session.send(&RoomCommand::Reschedule(change));
            }
        }
        close.run(());
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
            <input id="schedule-time" type="datetime-local" required value=field_value(clock.local(shown)) min=field_value(clock.local(now)) />
            <p class="failed" role="alert">{derived(move || if is_wrong.get() { words.invalid_time } else { "" })}</p>
            <div class="ask-end">
                <button class="button" type="button" on:click=clicked(move |_| close.run(()))>{words.cancel}</button>
                <button class="button primary" type="submit">{words.schedule}</button>
            </div>
        </form>
    }
}
