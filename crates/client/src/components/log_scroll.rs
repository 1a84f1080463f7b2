//! The scroll position of the log: at its end it follows new messages; elsewhere the visible rows keep their position.

use std::time::Duration;

use leptos::{html, prelude::*};

use crate::{
    platform,
    room::session::RoomSession,
    state::{
        conversation::{Conversation, MAX_LOADED},
        timeline::TimelineRow,
    },
    view::effect,
};

/// The position counts as the end within this distance.
const BOTTOM_PX: i32 = 48;
/// Within this distance of an end of the loaded messages, the log requests the next page.
const NEAR_PX: i32 = 160;
/// Messages above [`MAX_LOADED`] before the oldest ones are evicted together.
const SLACK: usize = 50;
/// How long the target of a jump is marked.
const MARKED_FOR: Duration = Duration::from_secs(6);

/// The selector of the row of a message.
fn row_of(seq: u64) -> String {
    format!("[data-seq=\"{seq}\"]")
}

/// The log's geometry at the last measurement, in pixels.
#[derive(Clone, Copy, Default)]
struct Geometry {
    top: i32,
    height: i32,
    visible_height: i32,
}

#[derive(Clone, Copy)]
pub struct LogScroll {
    session: RoomSession,
    pub log: NodeRef<html::Div>,
    pub is_at_bottom: RwSignal<bool>,
    /// The first visible row, and its distance from the upper edge.
    anchor: StoredValue<Option<(String, i32)>>,
    measured: StoredValue<Geometry>,
    /// Rows have changed, and the log has not scrolled yet: the position is not the user's choice.
    is_settling: StoredValue<bool>,
    /// The `seq` of the target of a jump, while it is marked.
    marked: RwSignal<Option<u64>>,
}

impl LogScroll {
    pub fn new(session: RoomSession) -> Self {
        Self {
            session,
            log: NodeRef::new(),
            is_at_bottom: RwSignal::new(true),
            anchor: StoredValue::new(None),
            measured: StoredValue::new(Geometry::default()),
            is_settling: StoredValue::new(false),
            marked: RwSignal::new(None),
        }
    }

    /// Opens at the first unread message, follows new rows, and marks visible messages as read.
    pub fn start(self, rows: Memo<Vec<TimelineRow>>) {
        let session = self.session;
        effect(move || {
            rows.track();
            session.resized.track();
            session.history.target.track();
            // The parts above and below the log change its height.
            session.mode.track();
            let _ = session.selection.is_open();
            let _ = session.refusal.get();
            let _ = session.link.is_lost();
            self.is_settling.set_value(true);
            platform::next_frame(move || self.settle());
        });
        let mut is_first = true;
        effect(move || {
            session.posted.track();
            if !std::mem::take(&mut is_first) {
                self.to_newest();
            }
        });
        effect(move || {
            session.conversation.track();
            self.is_at_bottom.track();
            session.is_visible.track();
            session.viewer.track();
            session.panel.track();
            self.mark_read();
        });
    }

    /// Marks messages as read up to the last row whose end is visible, unless a picture or a dialog covers the log.
    fn mark_read(self) {
        let session = self.session;
        let is_opening = session.conversation.with_untracked(Conversation::is_opening);
        let is_covered =
            session.viewer.with_untracked(Option::is_some) || session.panel.with_untracked(Option::is_some);
        let is_seen = session.is_visible.get_untracked() && !is_covered && !is_opening;
        if is_seen && self.is_at_bottom.get_untracked() {
            session.receipts.mark_read();
        } else if is_seen
            && !self.is_settling.get_value()
            && let Some(seq) = self.log.get_untracked().and_then(|log| platform::last_shown(&log))
        {
            session.receipts.mark_shown(seq);
        }
    }

    /// Measures the scroll position, and requests the next page near an end of the loaded messages.
    pub fn measure(self) {
        let Some(log) = self.log.get_untracked() else { return };
        let below = log.scroll_height() - log.scroll_top() - log.client_height();
        let has_later = self.session.conversation.with_untracked(|conversation| conversation.has_later);
        let is_at_bottom =
            !has_later && (below < BOTTOM_PX || (self.is_at_bottom.get_untracked() && !self.has_moved_up(&log)));
        let (top, height, visible_height) = (log.scroll_top(), log.scroll_height(), log.client_height());
        self.measured.set_value(Geometry { top, height, visible_height });
        if is_at_bottom != self.is_at_bottom.get_untracked() {
            self.is_at_bottom.set(is_at_bottom);
        }
        self.anchor.set_value(if is_at_bottom { None } else { platform::first_in_sight(&log) });
        self.mark_read();
        if log.scroll_top() < NEAR_PX {
            self.session.history.ask(Conversation::ask_earlier);
        }
        if below < NEAR_PX {
            self.session.history.ask(Conversation::ask_later);
        }
    }

    /// Whether the user scrolled up. When rows arrive faster than the log follows, it keeps following. When old rows
    /// are evicted, or the composer shrinks, the position only seems to move.
    fn has_moved_up(self, log: &web_sys::HtmlElement) -> bool {
        let Geometry { top, height, visible_height } = self.measured.get_value();
        let has_moved =
            log.scroll_top() < top - 1 && log.scroll_height() >= height && log.client_height() <= visible_height;
        has_moved && !self.is_settling.get_value()
    }

    /// After rows changed.
    fn settle(self) {
        self.is_settling.set_value(false);
        // Rows may have been rendered again, so the mark and the focus are restored.
        if let Some(seq) = self.marked.get_untracked() {
            platform::mark(&row_of(seq));
        }
        if let Some(selectors) = self.session.last_focus.get_untracked() {
            platform::focus_again(&selectors);
        }
        if self.session.conversation.try_update_untracked(Conversation::take_opening) == Some(true) {
            self.open();
        } else {
            self.follow();
        }
    }

    /// Scrolls to the target of a jump, else to the first unread message, else to the end.
    fn open(self) {
        let Some(log) = self.log.get_untracked() else { return };
        if self.show_target() {
            return;
        }
        match log.query_selector(".new-from-here") {
            Ok(Some(mark)) => {
                mark.scroll_into_view();
                self.is_at_bottom.set(false);
            }
            _ => self.to_bottom(),
        }
        self.measure();
    }

    /// Shows the target of a jump, stays at the end, or keeps the visible rows in place.
    fn follow(self) {
        let Some(log) = self.log.get_untracked() else { return };
        if self.show_target() {
            return;
        }
        if self.is_at_bottom.get_untracked() {
            self.to_bottom();
            self.evict();
        } else if let Some((id, top)) = self.anchor.get_value()
            && let Some(now) = platform::top_of(&log, &id)
        {
            log.set_scroll_top(log.scroll_top() + now - top);
        }
        self.measure();
    }

    /// Scrolls to the target of a jump once it is loaded.
    fn show_target(self) -> bool {
        let Some(seq) = self.session.history.target.try_get_untracked().flatten() else { return false };
        if !self.session.conversation.with_untracked(|conversation| conversation.has(seq)) {
            return false;
        }
        self.session.history.target.set(None);
        self.is_at_bottom.set(false);
        // During a search the focus stays in the search.
        let keeps_focus = self.session.search.with_untracked(Option::is_some);
        let is_shown = platform::show(&row_of(seq), keeps_focus);
        self.mark(seq);
        self.measure();
        is_shown
    }

    fn mark(self, seq: u64) {
        platform::mark(&row_of(seq));
        self.marked.set(Some(seq));
        platform::after(MARKED_FOR, move || {
            if self.marked.try_get_untracked() == Some(Some(seq)) {
                self.marked.set(None);
                platform::mark("");
            }
        });
    }

    /// Evicts the oldest messages when many are loaded.
    fn evict(self) {
        let count = self.session.conversation.with_untracked(|conversation| conversation.messages().count());
        if count > MAX_LOADED + SLACK {
            self.session.conversation.update(Conversation::evict_oldest);
        }
    }

    /// The `data-id` of the first visible row; `None` at the end, where keys start from the last row.
    pub fn first_in_sight(self) -> Option<String> {
        self.anchor.get_value().map(|(id, _)| id)
    }

    fn to_bottom(self) {
        if let Some(log) = self.log.get_untracked() {
            log.set_scroll_top(log.scroll_height());
        }
    }

    pub fn to_newest(self) {
        self.is_at_bottom.set(true);
        if self.session.conversation.with_untracked(|conversation| conversation.has_later) {
            self.session.history.ask(Conversation::ask_newest);
        } else {
            self.to_bottom();
        }
    }
}
