//! The state of a room in its window, and how events change it.

use std::collections::{BTreeMap, HashMap, HashSet};

use uuid::Uuid;

use crate::state::unsent_message::UnsentMessage;
use protocol::{
    cursor::Cursor,
    error::Refusal,
    ids::{MessageId, RoomId, UserId},
    message::{Message, PinnedMessage},
    room::{Member, RoomDelta, RoomDetails, RoomSnapshot},
    room_socket::RoomEvent,
    schedule::ScheduledMessage,
};

/// The time for which a typing indicator is shown.
const TYPING_MS: i64 = 5_000;

/// Messages of a room that a window keeps loaded. More would make it slow.
pub const MAX_LOADED: usize = 300;

/// The page that was last requested. Answers to earlier requests are dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PageRequest {
    Earlier(u64),
    Later(u64),
    /// Around this `seq`.
    Around(u64),
    /// Around the first message at or after this time, UTC milliseconds.
    AroundTime(i64),
    Newest,
}

/// A reaction that the user added or removed, until the server acknowledges it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct LocalReaction {
    pub(super) id: MessageId,
    pub(super) emoji: String,
    pub(super) on: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Conversation {
    pub room: RoomId,
    pub me: UserId,
    pub is_group: bool,
    pub title: Option<String>,
    pub is_muted: bool,
    /// Whether mentions give notice in a muted room.
    pub mentions_only: bool,
    /// The pinned messages, in reverse order of pinning.
    pub pins: Vec<PinnedMessage>,
    /// Whether only the maker of the group pins messages.
    pub pins_by_maker: bool,
    /// The user's own bookmarks.
    pub bookmarks: HashSet<MessageId>,
    /// The user's own scheduled messages, in the order of their times.
    pub scheduled: Vec<ScheduledMessage>,
    /// Current and former members.
    pub members: Vec<Member>,
    pub has_earlier: bool,
    /// Whether the loaded messages end before the newest message, after a jump into the past.
    pub has_later: bool,
    /// By `seq`, without gaps.
    pub(super) messages: BTreeMap<u64, Message>,
    pub(super) unsent: Vec<UnsentMessage>,
    pub(super) cursor: Cursor,
    pub(super) has_begun: bool,
    pub(super) needs_resync: bool,
    pub(super) requested: Option<PageRequest>,
    /// When each member's typing indicator expires, UTC milliseconds.
    pub(super) typing: HashMap<UserId, i64>,
    pub(super) local_reactions: Vec<LocalReaction>,
    /// The first message that was unread when the window was opened.
    pub(super) first_unread: Option<u64>,
    /// Whether the log still has to scroll to where the user continues to read.
    pub(super) is_opening: bool,
    /// The `seq` at which the last jump arrived; `Some(None)` after a failed jump.
    pub(super) landed: Option<Option<u64>>,
}

impl Conversation {
    pub fn new(me: UserId, snapshot: RoomSnapshot) -> Self {
        let mut conversation = Self::opening(me, snapshot.room);
        conversation.reset(snapshot);
        conversation
    }

    /// An empty conversation, which the socket's `welcome` fills.
    pub fn opening(me: UserId, room: RoomId) -> Self {
        Self {
            room,
            me,
            is_group: false,
            title: None,
            is_muted: false,
            mentions_only: false,
            pins: Vec::new(),
            pins_by_maker: false,
            bookmarks: HashSet::new(),
            scheduled: Vec::new(),
            members: Vec::new(),
            has_earlier: false,
            has_later: false,
            messages: BTreeMap::new(),
            unsent: Vec::new(),
            cursor: Cursor { epoch: Uuid::nil(), version: 0 },
            has_begun: false,
            needs_resync: false,
            requested: None,
            typing: HashMap::new(),
            local_reactions: Vec::new(),
            first_unread: None,
            is_opening: false,
            landed: None,
        }
    }

    /// Whether a snapshot has arrived.
    pub fn has_begun(&self) -> bool {
        self.has_begun
    }

    /// Applies an event; `now`: UTC milliseconds.
    pub fn apply(&mut self, event: RoomEvent, now: i64) {
        match event {
            RoomEvent::Welcome(snapshot) => self.reset(snapshot),
            RoomEvent::Resumed(delta) => self.resume(delta),
            RoomEvent::Message { message, cursor } => {
                self.advance(cursor);
                self.typing.remove(&message.author);
                self.upsert(message);
            }
            RoomEvent::Reacted { id, seq, emoji, user, on, cursor } => {
                self.advance(cursor);
                if user == self.me {
                    self.acknowledge_reaction(id, &emoji, on);
                }
                // After a gap the message may lack other changes, too: the next connection sends it whole.
                let known = self.messages.get_mut(&seq).filter(|_| !self.needs_resync);
                if let Some(message) = known.filter(|message| message.version < cursor.version) {
                    message.react(emoji, user, on, cursor.version);
                }
            }
            RoomEvent::Confirmed { seq, user, cursor, after, id: _, author: _ } => {
                self.advance_from(after, cursor);
                let known = self.messages.get_mut(&seq).filter(|_| !self.needs_resync);
                if let Some(message) = known.filter(|message| message.version < cursor.version) {
                    message.confirm(user, cursor.version);
                }
            }
            RoomEvent::Advanced { cursor, after } => self.advance_from(after, cursor),
            RoomEvent::MembersChanged { members } => self.upsert_members(members),
            RoomEvent::Renamed { title } => self.title = title,
            RoomEvent::Pins { pins, by_maker } => (self.pins, self.pins_by_maker) = (pins, by_maker),
            RoomEvent::Bookmarked { id, on: true } => drop(self.bookmarks.insert(id)),
            RoomEvent::Bookmarked { id, on: false } => drop(self.bookmarks.remove(&id)),
            RoomEvent::Scheduled { message } => self.upsert_scheduled(message),
            RoomEvent::Unscheduled { id } => self.remove_scheduled(id),
            RoomEvent::Muted { on, mentions_only } => (self.is_muted, self.mentions_only) = (on, mentions_only),
            RoomEvent::Read { users, seq } => {
                for member in self.members.iter_mut().filter(|member| users.contains(&member.id)) {
                    member.last_read = member.last_read.max(seq);
                }
            }
            RoomEvent::Typing { user } => drop(self.typing.insert(user, now + TYPING_MS)),
            RoomEvent::Earlier { messages, has_earlier } => self.add_earlier(messages, has_earlier),
            RoomEvent::Later { messages, has_later } => self.add_later(messages, has_later),
            RoomEvent::Around { messages, has_earlier, has_later } => {
                self.replace_around(messages, has_earlier, has_later);
            }
            RoomEvent::Refused { error, id } => self.refuse(error, id),
            // The session handles the results of its own requests.
            RoomEvent::Found { .. }
            | RoomEvent::People { .. }
            | RoomEvent::PeopleFound { .. }
            | RoomEvent::Forwarded { .. }
            | RoomEvent::Targets { .. }
            | RoomEvent::Members { .. }
            | RoomEvent::Files { .. }
            | RoomEvent::Entered { .. }
            | RoomEvent::Pong => {}
        }
    }

    /// Replaces everything with a snapshot, except unsent messages.
    pub(super) fn reset(&mut self, snapshot: RoomSnapshot) {
        self.is_group = snapshot.is_group;
        let members = self.set_details(snapshot.details);
        self.set_members(members);
        self.replace(snapshot.messages, snapshot.has_earlier, snapshot.has_later);
        // A snapshot with later messages is the page around the first unread message.
        if !std::mem::replace(&mut self.has_begun, true) || self.has_later {
            (self.first_unread, self.is_opening) = (self.find_first_unread(), true);
        }
    }

    fn resume(&mut self, delta: RoomDelta) {
        let members = self.set_details(delta.details);
        self.upsert_members(members);
        delta.messages.into_iter().for_each(|message| self.upsert(message));
    }

    /// Applies the details that the server sends with every connection, and returns the members.
    fn set_details(&mut self, details: RoomDetails) -> Vec<Member> {
        self.set_marks(details.pins, details.pins_by_maker, details.bookmarks);
        (self.title, self.cursor, self.scheduled) = (details.title, details.cursor, details.scheduled);
        (self.is_muted, self.mentions_only) = (details.is_muted, details.mentions_only);
        (self.needs_resync, self.requested) = (false, None);
        self.local_reactions.clear();
        details.members
    }

    pub(super) fn advance(&mut self, cursor: Cursor) {
        self.advance_from(None, cursor);
    }

    /// Advances to a cursor over changes that this member does not see, from the version `after` on.
    fn advance_from(&mut self, after: Option<u64>, cursor: Cursor) {
        let after = after.unwrap_or(cursor.version.saturating_sub(1));
        if after <= self.cursor.version && cursor.epoch == self.cursor.epoch {
            self.cursor.version = self.cursor.version.max(cursor.version);
        } else {
            self.needs_resync = true;
        }
    }

    pub(super) fn refuse(&mut self, error: Refusal, id: Option<MessageId>) {
        let Some(id) = id else {
            return self.cancel_request();
        };
        self.revert_reactions(id);
        if error.is_transient() {
            return;
        }
        if let Some(unsent) = self.unsent.iter_mut().find(|unsent| unsent.id == id) {
            unsent.refused = Some(error);
        }
    }

    /// The cursor up to which no change is missing; a new connection resumes from it.
    pub fn cursor(&self) -> Cursor {
        self.cursor
    }

    /// Whether an event was lost: the client must resume from the cursor.
    pub fn needs_resync(&self) -> bool {
        self.needs_resync
    }

    pub fn first_unread(&self) -> Option<u64> {
        self.first_unread
    }

    /// Whether the log still has to scroll to where the user continues to read, so that no message was seen yet.
    pub fn is_opening(&self) -> bool {
        self.is_opening
    }

    /// Whether the log has to scroll to where the user continues to read; true only once.
    pub fn take_opening(&mut self) -> bool {
        std::mem::take(&mut self.is_opening)
    }
}
