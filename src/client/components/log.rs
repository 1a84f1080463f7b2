//! What was said, as rows; where it is scrolled to; and what a screen reader is told of.

use leptos::{html, prelude::*};

use crate::client::{
    clock::clock,
    components::{
        bubble::BubbleRow,
        chat::Session,
        icon::{Drawing, Icon},
    },
    platform,
    state::{
        conversation::Conversation,
        timeline::{self, Row},
    },
    text::{date::LocalTime, lang, words},
};

/// Nearer to the end than this is at the end.
const BOTTOM_PX: i32 = 48;
/// Nearer to the beginning than this asks for what was said before.
const TOP_PX: i32 = 160;
const MINUTES_A_DAY: i64 = 24 * 60;

/// Where the log stands.
#[derive(Clone, Copy)]
struct Scroll {
    log: NodeRef<html::Div>,
    is_at_bottom: RwSignal<bool>,
    /// Before which `seq` an earlier page is awaited, and how high the log was when it was asked for.
    awaited: StoredValue<Option<(u64, i32)>>,
}

impl Scroll {
    fn to_bottom(self) {
        if let Some(log) = self.log.get_untracked() {
            log.set_scroll_top(log.scroll_height());
        }
    }

    /// At the first unread message, or else at the end.
    fn to_beginning_of_unread(self) {
        let Some(log) = self.log.get_untracked() else { return };
        match log.query_selector(".new-from-here") {
            Ok(Some(mark)) => {
                mark.scroll_into_view();
                self.look();
            }
            _ => self.to_bottom(),
        }
    }

    fn look(self) {
        if let Some(log) = self.log.get_untracked() {
            let below = log.scroll_height() - log.scroll_top() - log.client_height();
            self.is_at_bottom.set(below < BOTTOM_PX);
        }
    }

    fn ask_earlier(self, session: Session) {
        let Some(log) = self.log.get_untracked() else { return };
        if session.ask_earlier() {
            self.awaited.set_value(session.earlier_before.get_value().map(|before| (before, log.scroll_height())));
        }
    }

    /// After rows changed: what one was looking at stays where it was, and the end stays the end.
    fn follow(self, session: Session) {
        let Some(log) = self.log.get_untracked() else { return };
        let oldest = session.conversation.try_with_untracked(Conversation::oldest).flatten();
        match self.awaited.get_value() {
            Some((before, height)) if oldest.is_some_and(|oldest| oldest < before) => {
                log.set_scroll_top(log.scroll_top() + log.scroll_height() - height);
                self.awaited.set_value(None);
            }
            // What came in at the other end meanwhile does not count.
            awaited => self.awaited.set_value(awaited.map(|(before, _)| (before, log.scroll_height()))),
        }
        if self.is_at_bottom.get_untracked() {
            self.to_bottom();
        }
    }
}

#[component]
pub fn Log() -> impl IntoView {
    let session = Session::current();
    let clock = clock();
    let words = words();
    let rows = Memo::new(move |_| session.conversation.with(|chat| timeline::rows(chat, |ms| clock.offset_at(ms))));
    let scroll = Scroll { log: NodeRef::new(), is_at_bottom: RwSignal::new(true), awaited: StoredValue::new(None) };
    keep_in_place(session, scroll, rows);
    let on_scroll = move |_| {
        scroll.look();
        if scroll.log.get_untracked().is_some_and(|log| log.scroll_top() < TOP_PX) {
            scroll.ask_earlier(session);
        }
    };
    view! {
        <div class="log-frame">
            <div class="log" role="log" aria-live="off" aria-label=words.log tabindex="0" node_ref=scroll.log on:scroll=on_scroll>
                <Beginning scroll />
                <For each=move || rows.get() key=|row| row.clone() let:row>
                    <RowView row />
                </For>
            </div>
            <NewMessages scroll rows />
            <Announcer />
        </div>
    }
}

/// Opens where the unread begins, follows what comes, and says what was read.
fn keep_in_place(session: Session, scroll: Scroll, rows: Memo<Vec<Row>>) {
    Effect::new(move |was_begun: Option<bool>| {
        rows.track();
        session.resized.track();
        let is_opening = was_begun != Some(true);
        platform::next_frame(move || if is_opening { scroll.to_beginning_of_unread() } else { scroll.follow(session) });
        session.conversation.with_untracked(Conversation::has_begun)
    });
    Effect::new(move || {
        session.conversation.track();
        if scroll.is_at_bottom.get() && session.is_visible.get() {
            session.mark_read();
        }
    });
}

#[component]
fn Beginning(scroll: Scroll) -> impl IntoView {
    let session = Session::current();
    let words = words();
    let has_earlier = Memo::new(move |_| session.conversation.with(|chat| chat.has_earlier));
    view! {
        <Show when=move || has_earlier.get() fallback=move || view! { <p class="beginning">{words.beginning}</p> }>
            <button class="button earlier" type="button" on:click=move |_| scroll.ask_earlier(session)>{words.earlier}</button>
        </Show>
    }
}

#[component]
fn RowView(row: Row) -> impl IntoView {
    let words = words();
    match row {
        Row::Day(day) => {
            let day = LocalTime::new(day.0 * MINUTES_A_DAY * 60_000, 0).long_day(lang());
            view! { <p class="day">{day}</p> }.into_any()
        }
        Row::NewFromHere => view! { <p class="new-from-here">{words.new_from_here}</p> }.into_any(),
        Row::Bubble(bubble) => view! { <BubbleRow bubble=*bubble /> }.into_any(),
    }
}

/// Instead of a jump, when something comes while one reads further up.
#[component]
fn NewMessages(scroll: Scroll, rows: Memo<Vec<Row>>) -> impl IntoView {
    let session = Session::current();
    let seen = RwSignal::new(u64::MAX);
    Effect::new(move || {
        let newest = session.conversation.with(|chat| chat.messages().last().map_or(0, |message| message.seq));
        if scroll.is_at_bottom.get() {
            seen.set(newest);
        }
    });
    let count = move || Some(rows.with(|rows| timeline::newer_of_others(rows, seen.get()))).filter(|count| *count > 0);
    let down = move |_| {
        scroll.is_at_bottom.set(true);
        scroll.to_bottom();
    };
    view! {
        <Show when=move || !scroll.is_at_bottom.get()>
            <button class="button to-bottom" type="button" on:click=down>
                <Icon drawing=Drawing::Down />
                {words().new_messages}
                " "{count}
            </button>
        </Show>
    }
}

/// Speaks what others say from now on, with their name; history and changes are not read out.
#[component]
fn Announcer() -> impl IntoView {
    let session = Session::current();
    let said = Memo::new(move |_| session.conversation.with(newest_of_others));
    let begun_at = session.conversation.with_untracked(newest_of_others).map_or(0, |(seq, _)| seq);
    let line = move || said.get().filter(|(seq, _)| *seq > begun_at).map(|(_, line)| line).unwrap_or_default();
    view! { <p class="unseen" aria-live="polite">{line}</p> }
}

/// The newest message of somebody else, with who says it.
fn newest_of_others(chat: &Conversation) -> Option<(u64, String)> {
    let message = chat.messages().filter(|message| message.author != chat.me).last()?;
    let name = chat.member(message.author).map_or("", |member| member.name.as_str());
    Some((message.seq, format!("{name}: {}", message.body)))
}
