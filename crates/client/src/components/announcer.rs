//! Announces new messages, system events and the progress of uploads to screen readers.

use std::time::Duration;

use leptos::prelude::*;

use crate::{
    clock::{Clock, clock},
    components::event_line::event_text,
    platform,
    room::session::RoomSession,
    state::{conversation::Conversation, timeline::others_of},
    text::words,
    view::{derived, effect},
};
use protocol::message::{Message, SystemEvent};

/// The shortest time between two announcements.
const SPEAK_EVERY: Duration = Duration::from_secs(1);
/// Messages in one announcement, at most: after a long time people read rather than listen.
const SPOKEN: usize = 5;

/// The first line announces new messages of others with their names, and system events, but neither history nor edits; the
/// second one is the room's status. Messages that
/// arrive during an announcement are announced together, because replacing a text at once would interrupt it. A text that
/// changed, as after a recall, is removed.
#[component]
pub fn Announcer() -> impl IntoView {
    let (session, clock) = (RoomSession::current(), clock());
    let line = RwSignal::new(String::new());
    let (is_speaking, spoken) = (StoredValue::new(false), Trigger::new());
    // The range of versions in which the announced messages were posted. Earlier messages are history, or were
    // announced.
    let mut announced: Option<(u64, u64)> = None;
    effect(move || {
        let newest = session.conversation.with(|conversation| conversation.has_begun().then(|| newest(conversation)));
        let Some(newest) = newest else { return };
        let (begin, end) = *announced.get_or_insert((newest, newest));
        let text_of =
            |from, to| session.conversation.with(|conversation| messages_between(conversation, clock, from, to));
        if text_of(begin, end) != line.get_untracked() {
            line.set(String::new());
            announced = Some((end, end));
        }
        spoken.track();
        if is_speaking.get_value() {
            return;
        }
        let lines = text_of(end, newest);
        if lines.is_empty() {
            announced = announced.map(|(begin, _)| (begin, newest));
            return;
        }
        announced = Some((end, newest));
        line.set(lines);
        is_speaking.set_value(true);
        platform::after(SPEAK_EVERY, move || {
            let _ = is_speaking.try_set_value(false);
            spoken.notify();
        });
    });
    view! {
        <p class="unseen" aria-live="polite">{derived(move || line.get())}</p>
        <p class="unseen" role="status">{derived(move || session.status.get())}</p>
    }
}

/// Up to which version messages can be announced: an invitation as the last message waits for the names.
fn newest(conversation: &Conversation) -> u64 {
    let version = conversation.cursor().version;
    let unnamed = conversation.messages().last().filter(|message| match &message.system_event {
        Some(SystemEvent::Invited { users }) => users.iter().any(|user| conversation.name_of(*user).is_empty()),
        _ => false,
    });
    unnamed.map_or(version, |message| version.min(message.seq - 1))
}

/// The messages of others between two `seq`s, with their authors, and the system events; of many, the newest ones.
fn messages_between(conversation: &Conversation, clock: Clock, from: u64, to: u64) -> String {
    let is_new = |message: &&Message| {
        let is_announced = message.system_event.is_some() || conversation.can_be_unread(message);
        message.seq > from && message.seq <= to && is_announced
    };
    let line = |message: &Message| {
        if let Some(event) = &message.system_event {
            let (name, others) = (conversation.name_of(message.author), others_of(conversation, event));
            return format!("{}\n", event_text(clock, name, &others, event));
        }
        let request = message.confirmations.as_ref().map_or_else(String::new, |_| format!("{} ", words().request));
        let text = words().message_line(&message.files, &message.body);
        format!("{}: {request}{text}\n", conversation.name_of(message.author))
    };
    let count = conversation.messages().filter(is_new).count();
    conversation.messages().filter(is_new).skip(count.saturating_sub(SPOKEN)).map(line).collect()
}
