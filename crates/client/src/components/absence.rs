//! A user's absence on their card, and on their own card the form that sets and ends it.

use leptos::{ev::SubmitEvent, prelude::*};

use crate::{
    clock::{Clock, clock},
    lobby::session::LobbySession,
    platform,
    state::send_times::day_value,
    text::{date, dialog::dialog_words, lang, with_names, words},
    view::{clicked, derived, submitted},
};
use protocol::{limit::PROFILE_CHARS, lobby_socket::LobbyCommand, user::Absence};

/// Midnight plus this time lies within the next day, even when the clocks change.
const NEXT_DAY_MS: i64 = 36 * 60 * 60 * 1000;

/// The dates of an absence, with its text.
pub fn absence_line(absence: &Absence) -> AnyView {
    let (clock, words) = (clock(), words());
    let (from, until) = (absence.from, absence.until - 1);
    let day = move |ms| date::short_day(clock.local(ms), lang());
    let text = absence.text.clone();
    view! {
        <p class="status absence">
            <b>{derived(move || with_names(words.absence_range, &day(from), &day(until)))}</b>
            {text.map(|text| view! { <bdi>{text}</bdi> })}
        </p>
    }
    .into_any()
}

/// The form of a user's own absence.
pub fn absence_form(session: LobbySession, close: Callback<()>, absence: Option<Absence>) -> AnyView {
    let (clock, words) = (clock(), words());
    let is_wrong = RwSignal::new(false);
    let set = move |absence: Option<Absence>| {
        let done = if absence.is_some() { dialog_words().saved } else { dialog_words().cleared };
        session.send_with_feedback(&LobbyCommand::Absence { absence }, done);
        close.run(());
    };
    let send = move |event: SubmitEvent| {
        event.prevent_default();
        match chosen(clock) {
            Some(absence) => set(Some(absence)),
            None => {
                is_wrong.set(true);
                platform::focus("#absence-until");
            }
        }
    };
    let invalid = derived(move || is_wrong.get().then_some("true"));
    let error = derived(move || is_wrong.get().then_some("absence-error"));
    let today = platform::now_ms();
    let (from, until) = absence.as_ref().map_or((today, today), |absence| (absence.from, absence.until - 1));
    let day = |ms| day_value(clock.local(ms));
    let (is_set, text) = (absence.is_some(), absence.and_then(|absence| absence.text));
    view! {
        <details class="absence">
            <summary>{words.set_absence}</summary>
            <form class="form" on:submit=submitted(send)>
                <label class="check" for="absence-from">{words.absence_from}</label>
                <input type="date" id="absence-from" required value=day(from) aria-invalid=invalid aria-describedby=error />
                <label class="check" for="absence-until">{words.absence_until}</label>
                <input type="date" id="absence-until" required value=day(until) aria-invalid=invalid aria-describedby=error />
                <label class="check" for="absence-text">{words.absence_text}</label>
                <input type="text" id="absence-text" maxlength=PROFILE_CHARS.to_string() value=text placeholder=words.absence_hint autocomplete="off" />
                <p class="note">{words.absence_note}</p>
                <p class="failed" id="absence-error" role="alert">{derived(move || if is_wrong.get() { words.invalid_absence } else { "" })}</p>
                <button class="button primary" type="submit">{words.save_absence}</button>
                {is_set.then(|| view! { <button class="button" type="button" on:click=clicked(move |_| set(None))>{words.end_absence}</button> })}
            </form>
        </details>
    }
    .into_any()
}

/// The absence in the form: from the midnight of its first day to the one after its last; `None` if that is over.
fn chosen(clock: Clock) -> Option<Absence> {
    let day = |selector| platform::midnight(&platform::value_of(selector));
    let (from, last) = (day("#absence-from")?, day("#absence-until")?);
    let until = platform::midnight(&day_value(clock.local(last + NEXT_DAY_MS)))?;
    let text = Some(platform::value_of("#absence-text")).filter(|text| !text.trim().is_empty());
    (from < until && until > platform::now_ms()).then_some(Absence { from, until, text, is_now: false })
}
