//! The menu of times for sending the text in the composer later.

use leptos::{ev::MouseEvent, prelude::*};

use crate::{
    clock::clock,
    components::header::account,
    lobby::session::LobbySession,
    platform,
    room::session::{Panel, RoomSession},
    state::send_times::{SendTime, is_off_hours, mornings},
    text::{date, dialog::dialog_words as words, lang},
    view::{clicked, effect, pressed},
};

const ITEM: &str = ".schedule-menu button";
const HOUR_MS: i64 = 60 * 60 * 1000;

/// The offered times: their names, and the times in UTC milliseconds.
fn offered(now: i64) -> Vec<(&'static str, i64)> {
    let words = words();
    let morning = |(time, value): (SendTime, String)| {
        let name = if time == SendTime::Tomorrow { words.tomorrow_morning } else { words.monday_morning };
        Some((name, platform::moment(&value)?))
    };
    let mornings = mornings(clock().local(now)).into_iter().filter_map(morning);
    [(words.in_an_hour, now + HOUR_MS)].into_iter().chain(mornings).collect()
}

/// A hint that the others may not be at work at a time in UTC milliseconds: the partner is absent, or it is outside
/// office hours. Empty in notes.
pub fn hint(session: RoomSession, lobby_session: Option<LobbySession>, at: i64) -> String {
    session.conversation.with(|conversation| {
        let Some(other) = conversation.others().next() else { return String::new() };
        let partner = (!conversation.is_group).then(|| account(session, lobby_session, other.id)).flatten();
        let absence =
            partner.and_then(|user| user.absence).filter(|absence| (absence.from..absence.until).contains(&at));
        match absence {
            Some(absence) => clock().absent_until(absence.until),
            None if is_off_hours(clock().local(at)) => words().off_hours.to_owned(),
            None => String::new(),
        }
    })
}

#[component]
pub fn ScheduleMenu() -> impl IntoView {
    let session = RoomSession::current();
    let words = words();
    let (is_open, lobby_session) = (session.scheduling.is_choosing, use_context::<LobbySession>());
    effect(move || {
        platform::open_layer(".schedule-menu", move || is_open.set(false));
        platform::focus(ITEM);
    });
    let choose = move |event: MouseEvent| {
        let Some(chosen) = platform::chosen(&event, "data-do") else { return };
        // The next layer returns the focus to the field.
        platform::focus("#composer");
        is_open.set(false);
        match (&*chosen, chosen.parse()) {
            (_, Ok(at)) => session.scheduling.schedule(at),
            ("time", _) => session.panel.set(Some(Panel::Schedule)),
            _ => session.panel.set(Some(Panel::Scheduled)),
        }
    };
    let note = if session.attaching.count.get_untracked() > 0 {
        words.no_scheduled_files
    } else if session.drafts.draft.with_untracked(|draft| draft.trim().is_empty()) {
        words.nothing_to_schedule
    } else {
        ""
    };
    let now = platform::now_ms();
    let item = |(name, at): (&'static str, i64)| {
        let time = date::moment(clock().local(at), clock().local(now), lang());
        let hint = untrack(|| hint(session, lobby_session, at));
        view! { <button type="button" data-do=at.to_string()>{name}" "<span class="when">{time}" "{hint}</span></button> }
    };
    let times = note.is_empty().then(|| {
        view! {
            {offered(now).into_iter().map(item).collect::<Vec<_>>()}
            <button type="button" data-do="time">{words.own_time}</button>
        }
    });
    view! {
        <div class="menu schedule-menu" role="group" aria-label=words.schedule
            on:click=clicked(choose) on:keydown=pressed(|event| platform::rove(&event, ITEM))>
            <p class="note">{note}</p>
            {times}
            <button type="button" data-do="list">{words.scheduled_messages}</button>
        </div>
    }
}
