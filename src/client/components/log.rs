//! What was said, as rows, and where it is scrolled to.

use std::time::Duration;

use leptos::{ev::MouseEvent, html, prelude::*};

use crate::{
    client::{
        clock::clock,
        components::{
            announcer::Announcer,
            bubble::{BubbleRow, line_text},
            icon::{Drawing, Icon},
            menu::BubbleMenu,
            session::Session,
            walk::{hear_key, hear_touch},
        },
        live::{clicked, effect, list, live, moved, pressed, when},
        platform,
        state::{
            conversation::{Conversation, WINDOW},
            timeline::{self, Row},
        },
        text::{date::LocalTime, lang, words},
    },
    protocol::ids::MessageId,
};

/// Nearer to the end than this is at the end.
const BOTTOM_PX: i32 = 48;
/// Nearer than this to an end of what is known asks for more.
const NEAR_PX: i32 = 160;
/// So many more than the window holds may gather before they are let go of together.
const SLACK: usize = 50;
/// How long the place that was jumped to is marked.
const MARKED_FOR: Duration = Duration::from_secs(6);
const MINUTES_A_DAY: i64 = 24 * 60;

/// The row of a message, by its place.
fn place(seq: u64) -> String {
    format!("[data-seq=\"{seq}\"]")
}

/// Where the log stands.
#[derive(Clone, Copy)]
struct Scroll {
    session: Session,
    log: NodeRef<html::Div>,
    is_at_bottom: RwSignal<bool>,
    /// The first row in sight, and how far below the upper edge it was.
    anchor: StoredValue<Option<(String, i32)>>,
    /// How far it was scrolled, how high it was and how much of it was seen, when it was last looked at.
    seen: StoredValue<(i32, i32, i32)>,
    /// Rows have changed and were not followed yet: where it stands now was nobody's wish.
    is_settling: StoredValue<bool>,
    /// The place that was jumped to, as long as it is marked.
    marked: RwSignal<Option<u64>>,
}

impl Scroll {
    fn to_bottom(self) {
        if let Some(log) = self.log.get_untracked() {
            log.set_scroll_top(log.scroll_height());
        }
    }

    /// At the first unread message, or else at the end.
    fn open(self) {
        let Some(log) = self.log.get_untracked() else { return };
        match log.query_selector(".new-from-here") {
            Ok(Some(mark)) => {
                mark.scroll_into_view();
                self.is_at_bottom.set(false);
            }
            _ => self.to_bottom(),
        }
        self.look();
    }

    /// Where one is now; near an end that is not the conversation's, more is asked for.
    fn look(self) {
        let Some(log) = self.log.get_untracked() else { return };
        let below = log.scroll_height() - log.scroll_top() - log.client_height();
        let has_later = self.session.conversation.with_untracked(|chat| chat.has_later);
        let is_at_bottom =
            !has_later && (below < BOTTOM_PX || (self.is_at_bottom.get_untracked() && !self.has_moved_up(&log)));
        self.seen.set_value((log.scroll_top(), log.scroll_height(), log.client_height()));
        if is_at_bottom != self.is_at_bottom.get_untracked() {
            self.is_at_bottom.set(is_at_bottom);
        }
        self.anchor.set_value(if is_at_bottom { None } else { platform::first_in_sight(&log) });
        if log.scroll_top() < NEAR_PX {
            self.session.ask(Conversation::ask_earlier);
        }
        if below < NEAR_PX {
            self.session.ask(Conversation::ask_later);
        }
    }

    /// Whether one scrolled up. What comes in faster than it is followed is no reason to stop following; where
    /// the beginning is let go of, or more of the log is seen because the composer shrank, the place only seems
    /// to move.
    fn has_moved_up(self, log: &web_sys::HtmlElement) -> bool {
        let (top, height, seen) = self.seen.get_value();
        let has_moved = log.scroll_top() < top - 1 && log.scroll_height() >= height && log.client_height() <= seen;
        has_moved && !self.is_settling.get_value()
    }

    /// After rows changed.
    fn settle(self) {
        self.is_settling.set_value(false);
        // Rows may have been made anew: one keeps its mark, and one the focus.
        if let Some(seq) = self.marked.get_untracked() {
            platform::mark(&place(seq));
        }
        if let Some(place) = self.session.came_from.get_untracked() {
            platform::focus_again(&place);
        }
        if self.session.conversation.try_update_untracked(Conversation::take_opening) == Some(true) {
            self.open();
        } else {
            self.follow();
        }
    }

    /// What was asked for is shown, the end stays the end, and what one was looking at stays where it was.
    fn follow(self) {
        let Some(log) = self.log.get_untracked() else { return };
        if self.show_target() {
            return;
        }
        if self.is_at_bottom.get_untracked() {
            self.to_bottom();
            self.let_go();
        } else if let Some((id, top)) = self.anchor.get_value()
            && let Some(now) = platform::top_of(&log, &id)
        {
            log.set_scroll_top(log.scroll_top() + now - top);
        }
        self.look();
    }

    /// Shows the place that was asked for as soon as it is there.
    fn show_target(self) -> bool {
        let Some(seq) = self.session.target.try_get_untracked().flatten() else { return false };
        if !self.session.conversation.with_untracked(|chat| chat.knows(seq)) {
            return false;
        }
        self.session.target.set(None);
        self.is_at_bottom.set(false);
        let is_shown = platform::show(&place(seq));
        self.mark(seq);
        self.look();
        is_shown
    }

    fn mark(self, seq: u64) {
        platform::mark(&place(seq));
        self.marked.set(Some(seq));
        platform::after(MARKED_FOR, move || {
            if self.marked.try_get_untracked() == Some(Some(seq)) {
                self.marked.set(None);
                platform::mark("");
            }
        });
    }

    /// At the end of a long conversation the beginning of what is known is of no use.
    fn let_go(self) {
        let is_long = self.session.conversation.with_untracked(|chat| chat.messages().count() > WINDOW + SLACK);
        if is_long {
            self.session.conversation.update(Conversation::forget_oldest);
        }
    }

    /// The row at which walking begins: none at the end, where it is the last one.
    fn first_in_sight(self) -> Option<String> {
        self.anchor.get_value().map(|(id, _)| id)
    }

    fn to_newest(self) {
        self.is_at_bottom.set(true);
        if self.session.conversation.with_untracked(|chat| chat.has_later) {
            self.session.ask(Conversation::ask_newest);
        } else {
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
    let scroll = Scroll {
        session,
        log: NodeRef::new(),
        is_at_bottom: RwSignal::new(true),
        anchor: StoredValue::new(None),
        seen: StoredValue::new((0, 0, 0)),
        is_settling: StoredValue::new(false),
        marked: RwSignal::new(None),
    };
    keep_in_place(scroll, rows);
    hear_touch(session);
    view! {
        <div class="log-frame">
            <div class="log" role="log" aria-live="off" aria-label=words.log tabindex="0" data-region node_ref=scroll.log
                on:scroll=moved(move |_| scroll.look()) on:click=clicked(move |event| hear(session, &event))
                on:keydown=pressed(move |event| hear_key(session, &event, scroll.first_in_sight()))>
                <Beginning />
                {list(move || rows.get(), |row| view! { <RowView row /> }.into_any())}
            </div>
            <NewMessages scroll rows />
            <BubbleMenu />
            <Announcer />
        </div>
    }
}

/// Every click on a row: its attributes say what it means.
fn hear(session: Session, event: &MouseEvent) {
    let opened = session.menu.get_untracked();
    session.menu.set(None);
    let Some(element) = platform::near(event, "data-act") else { return };
    let attribute = |name: &str| element.get_attribute(name).unwrap_or_default();
    let id = platform::chosen(event, "data-id").and_then(|id| id.parse::<MessageId>().ok());
    match (attribute("data-act").as_str(), id) {
        ("menu", id) if id != opened => session.menu.set(id),
        ("react", Some(id)) => session.react(id, &attribute("data-emoji")),
        ("retry", Some(id)) => session.retry(id),
        ("discard", Some(id)) => session.discard(id),
        ("copy", _) => platform::copy_beside(&element),
        ("unfold", _) => platform::unfold(&element),
        ("jump", _) => attribute("data-to").parse().into_iter().for_each(|seq| session.jump(seq)),
        _ => {}
    }
}

/// Opens where the unread begins, follows what comes, and says what was read.
fn keep_in_place(scroll: Scroll, rows: Memo<Vec<Row>>) {
    let session = scroll.session;
    effect(move || {
        rows.track();
        session.resized.track();
        session.target.track();
        // What stands above and below the log leaves it less room.
        session.mode.track();
        session.refusal.track();
        let _ = session.link.is_lost();
        scroll.is_settling.set_value(true);
        platform::next_frame(move || scroll.settle());
    });
    let mut is_first = true;
    effect(move || {
        session.sent.track();
        if !std::mem::take(&mut is_first) {
            scroll.to_newest();
        }
    });
    effect(move || {
        session.conversation.track();
        session.rested.track();
        if scroll.is_at_bottom.get() && session.is_visible.get() {
            session.mark_read();
        }
    });
}

#[component]
fn Beginning() -> impl IntoView {
    let session = Session::current();
    let words = words();
    let has_earlier = Memo::new(move |_| session.conversation.with(|chat| chat.has_earlier));
    let has_begun = Memo::new(move |_| session.conversation.with(Conversation::has_begun));
    view! {
        {when(move || !has_earlier.get(), move || view! {
            <p class="beginning">{live(move || if has_begun.get() { words.beginning } else { words.loading })}</p>
        }.into_any())}
        {when(move || has_earlier.get(), move || view! {
            <button class="button earlier" type="button" on:click=clicked(move |_| session.ask(Conversation::ask_earlier))>{words.earlier}</button>
        }.into_any())}
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
        Row::Line { id, seq, name, others, line } => view! {
            <p class="group-line" data-id=id.to_string() data-seq=seq.to_string()><bdi>{line_text(&name, &others, &line)}</bdi></p>
        }
        .into_any(),
        Row::Bubble(bubble) => view! { <BubbleRow bubble=*bubble /> }.into_any(),
    }
}

/// Instead of a jump, when something comes while one reads further up.
#[component]
fn NewMessages(scroll: Scroll, rows: Memo<Vec<Row>>) -> impl IntoView {
    let session = Session::current();
    let seen = RwSignal::new(u64::MAX);
    effect(move || {
        let newest = session.conversation.with(|chat| chat.messages().last().map_or(0, |message| message.seq));
        if scroll.is_at_bottom.get() {
            seen.set(newest);
        }
    });
    let count = move || {
        Some(rows.with(|rows| timeline::newer_of_others(rows, seen.get())))
            .filter(|count| *count > 0)
            .map(|count| count.to_string())
    };
    view! {
        {when(move || !scroll.is_at_bottom.get(), move || view! {
            <button class="button to-bottom" type="button" on:click=clicked(move |_| { platform::focus(".log"); scroll.to_newest(); })>
                <Icon drawing=Drawing::Down />
                {words().new_messages}
                " "{live(count)}
            </button>
        }.into_any())}
    }
}
