//! The log of a room: its rows, and the clicks on them.

use leptos::{ev::MouseEvent, prelude::*};

use crate::{
    clock::clock,
    components::{
        action::RowAction,
        announcer::Announcer,
        attach::DropTarget,
        bubble::{BubbleRow, LogRows},
        event_line::event_text,
        icon::{Drawing, Icon},
        log_keys::{follow_touch, on_key},
        log_scroll::LogScroll,
        menu::BubbleMenu,
    },
    lobby::session::LobbySession,
    platform,
    room::session::{Panel, RoomSession},
    state::{
        conversation::Conversation,
        local_time::LocalTime,
        message_link,
        timeline::{self, TimelineRow},
    },
    text::{date, lang, words},
    view::{clicked, derived, list, moved, part, pressed, when},
};
use protocol::{ids::MessageId, room_socket::RoomCommand};

#[component]
pub fn RoomLog() -> impl IntoView {
    let session = RoomSession::current();
    let lobby_session = use_context::<LobbySession>();
    let clock = clock();
    let words = words();
    let rows = Memo::new(move |_| {
        session.conversation.with(|conversation| timeline::rows(conversation, |ms| clock.offset_at(ms)))
    });
    provide_context(LogRows(rows));
    let scroll = LogScroll::new(session);
    scroll.start(rows);
    follow_touch(session);
    view! {
        <div class="log-frame">
            <div class="log" class:selecting=derived(move || session.selection.is_open()) role="log" aria-live="off" aria-label=words.log tabindex="0" data-region node_ref=scroll.log
                on:scroll=moved(move |_| scroll.measure()) on:click=clicked(move |event| on_click(session, lobby_session, &event))
                on:keydown=pressed(move |event| on_key(session, &event, scroll.first_in_sight()))>
                <Beginning />
                {list(move || rows.get(), |row| view! { <RowView row /> }.into_any())}
            </div>
            <NewMessages scroll />
            <DropTarget />
            <BubbleMenu />
            <Announcer />
        </div>
    }
}

/// Carries out a click on a row.
fn on_click(session: RoomSession, list: Option<LobbySession>, event: &MouseEvent) {
    if open_link(session, list, event) {
        return;
    }
    if untrack(|| session.selection.is_open()) {
        let seq = platform::chosen(event, "data-seq").and_then(|seq| seq.parse().ok());
        let is_message = platform::is_in(event, ".said:has(.pick)");
        return seq.filter(|_| is_message).into_iter().for_each(|seq| session.selection.toggle(seq));
    }
    let opened = session.menu.get_untracked();
    session.menu.set(None);
    let Some(element) = platform::near(event, "data-act") else { return };
    let attribute = |name: &str| element.get_attribute(name).unwrap_or_default();
    if platform::is_in(event, "[data-act=view]") && !platform::is_plain_click(event) {
        return;
    }
    let id = platform::chosen(event, "data-id").and_then(|id| id.parse::<MessageId>().ok());
    let Some(action) = RowAction::from_attribute(&attribute("data-act")) else { return };
    match (action, id) {
        (RowAction::Menu, id) if id != opened => session.menu.set(id),
        (RowAction::React, Some(id)) => session.react_to(id, &attribute("data-emoji")),
        (RowAction::Retry, Some(id)) => session.retry(id),
        (RowAction::Discard, Some(id)) => session.discard(id),
        (RowAction::Copy, _) => session.copy(&platform::text_beside(&element), words().copied),
        (RowAction::Unfold, _) => platform::unfold(&element),
        (RowAction::View, _) => {
            event.prevent_default();
            session.viewer.set(attribute("data-file").parse().ok());
        }
        (RowAction::Jump, _) => attribute("data-to").parse().into_iter().for_each(|seq| session.history.jump(seq)),
        (RowAction::Readers, Some(id)) => session.panel.set(Some(Panel::Readers(id))),
        (RowAction::Confirm, Some(id)) => session.send(&RoomCommand::Confirm { id }),
        (RowAction::Confirmers, Some(id)) => session.panel.set(Some(Panel::Confirmers(id))),
        (
            RowAction::Menu
            | RowAction::React
            | RowAction::Retry
            | RowAction::Discard
            | RowAction::Readers
            | RowAction::Confirm
            | RowAction::Confirmers,
            _,
        ) => {}
    }
}

/// Opens a link to a message of this server in this window. Returns whether the click was on one. Other links open
/// normally, as do links to a room that the user is not a member of.
fn open_link(session: RoomSession, list: Option<LobbySession>, event: &MouseEvent) -> bool {
    let address = platform::chosen(event, "href").filter(|_| platform::is_plain_click(event));
    let link = address.and_then(|address| message_link::parse(&address, &platform::origin()));
    let Some((room, at)) = link else { return false };
    match (at, list) {
        (Some(seq), _) if room == session.room() => session.history.jump(seq),
        (_, Some(list)) if list.lobby.with_untracked(|lobby| lobby.room(room).is_none()) => return false,
        (_, Some(list)) => list.navigation.open_room(room, at),
        (Some(seq), None) => platform::go(&message_link::path(room, seq)),
        (None, None) => platform::go(&format!("/rooms/{room}")),
    }
    event.prevent_default();
    true
}

#[component]
fn Beginning() -> impl IntoView {
    let session = RoomSession::current();
    let words = words();
    let has_earlier = Memo::new(move |_| session.conversation.with(|conversation| conversation.has_earlier));
    let has_begun = Memo::new(move |_| session.conversation.with(Conversation::has_begun));
    let is_cut = Memo::new(move |_| session.conversation.with(Conversation::is_cut_by_invitation));
    let line = move || match has_begun.get() {
        true if is_cut.get() => words.beginning_invited,
        true => words.beginning,
        false if session.link.is_lost() => words.loads_later,
        false => words.loading,
    };
    view! {
        {when(move || !has_earlier.get(), move || view! {
            <p class="beginning">{derived(line)}</p>
        }.into_any())}
        {when(move || has_earlier.get(), move || view! {
            <button class="button earlier" type="button" on:click=clicked(move |_| session.history.ask(Conversation::ask_earlier))>{words.earlier}</button>
        }.into_any())}
    }
}

#[component]
fn RowView(row: TimelineRow) -> impl IntoView {
    let words = words();
    match row {
        TimelineRow::Day(day) => {
            let day = date::long_day(LocalTime::midnight(day.0), lang());
            view! { <p class="day">{day}</p> }.into_any()
        }
        TimelineRow::FirstUnread => view! { <p class="new-from-here">{words.new_from_here}</p> }.into_any(),
        TimelineRow::SystemEvent { id, seq, name, others, event } => {
            let clock = clock();
            let text = derived(move || event_text(clock, &name, &others, &event));
            view! { <p class="group-line" data-id=id.to_string() data-seq=seq.to_string()><bdi>{text}</bdi></p> }
                .into_any()
        }
        TimelineRow::Bubble(bubble) => view! { <BubbleRow bubble=*bubble /> }.into_any(),
    }
}

/// The button that scrolls to the newest message while the user reads further up, with the number of new messages.
#[component]
fn NewMessages(scroll: LogScroll) -> impl IntoView {
    let session = RoomSession::current();
    // The read mark is what the log has shown. Messages above it are new, as in the list.
    let last_read = Memo::new(move |_| session.receipts.last_read());
    let count = move || session.conversation.with(|conversation| conversation.newer_than(last_read.get()));
    let words = words();
    view! {
        {when(move || !scroll.is_at_bottom.get(), move || view! {
            <button class="button to-bottom" type="button" class:new=derived(move || count() > 0)
                on:click=clicked(move |_| { platform::focus(".log"); scroll.to_newest(); })>
                <Icon drawing=Drawing::Down />
                {part(move || match count() {
                    0 => view! { <span class="unseen">{words.to_newest}</span> }.into_any(),
                    count => view! { {words.new_messages}" "{count} }.into_any(),
                })}
            </button>
        }.into_any())}
    }
}
