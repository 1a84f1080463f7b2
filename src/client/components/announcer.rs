//! What a screen reader is told of.

use std::time::Duration;

use leptos::prelude::*;

use crate::{
    client::{
        components::session::Session,
        live::{effect, live},
        platform,
        state::conversation::Conversation,
    },
    protocol::message::Message,
};

/// The shortest time between two texts that are read out.
const SPEAK_EVERY: Duration = Duration::from_secs(1);
/// The most messages that are read out together: who was away wants to read, not to listen.
const SPOKEN: usize = 5;

/// Speaks what others say from now on, with their names; history and changes are not read out. What comes
/// while it speaks is spoken together: a text that is replaced at once is cut off. A text that is no longer
/// what was said, as after a recall, does not stay.
#[component]
pub fn Announcer() -> impl IntoView {
    let session = Session::current();
    let line = RwSignal::new(String::new());
    let (is_speaking, spoken) = (StoredValue::new(false), Trigger::new());
    // From where to where in the room what is spoken was said. What is before was there first, or was spoken.
    let mut told: Option<(u64, u64)> = None;
    effect(move || {
        let newest = session.conversation.with(|chat| chat.has_begun().then(|| chat.cursor().version));
        let Some(newest) = newest else { return };
        let (begin, end) = *told.get_or_insert((newest, newest));
        let said = |from, to| session.conversation.with(|chat| said_between(chat, from, to));
        if said(begin, end) != line.get_untracked() {
            line.set(String::new());
            told = Some((end, end));
        }
        spoken.track();
        if is_speaking.get_value() {
            return;
        }
        let lines = said(end, newest);
        if lines.is_empty() {
            told = told.map(|(begin, _)| (begin, newest));
            return;
        }
        told = Some((end, newest));
        line.set(lines);
        is_speaking.set_value(true);
        platform::after(SPEAK_EVERY, move || {
            let _ = is_speaking.try_set_value(false);
            spoken.notify();
        });
    });
    view! { <p class="unseen" aria-live="polite">{live(move || line.get())}</p> }
}

/// What others said after a place, up to another, each with who says it; of much, the newest.
fn said_between(chat: &Conversation, from: u64, to: u64) -> String {
    let is_said = |message: &&Message| message.seq > from && message.seq <= to && chat.can_be_unread(message);
    let line = |message: &Message| format!("{}: {}\n", chat.name_of(message.author), message.body);
    let count = chat.messages().filter(is_said).count();
    chat.messages().filter(is_said).skip(count.saturating_sub(SPOKEN)).map(line).collect()
}
