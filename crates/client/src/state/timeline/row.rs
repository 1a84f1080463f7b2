//! The rows of the log.

use std::hash::{Hash, Hasher};

use crate::state::{conversation::ConfirmationMark, mention::MentionMark};
use protocol::{
    error::Refusal,
    file::Attachment,
    ids::{MessageId, UserId},
    message::{Quote, Reaction, Recalled, SystemEvent},
};

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum TimelineRow {
    Day(LocalDay),
    /// The following messages were unread when the window was opened.
    FirstUnread,
    /// A system event, with the names of its author and of the users it concerns.
    SystemEvent {
        id: MessageId,
        seq: u64,
        name: String,
        others: String,
        event: SystemEvent,
    },
    Bubble(Box<Bubble>),
}

/// A day in the user's time zone, as days since 1970-01-01.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LocalDay(pub i64);

/// A message as the log shows it.
///
/// Its hash decides whether the log renders the row again. A bubble with files leaves out everything that changes often
/// (reactions, time, read count), so that a sound or a video continues to play; see [`Bubble::is_lasting`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bubble {
    pub id: MessageId,
    pub author: UserId,
    /// The author's name. It is part of the row because members may arrive after their messages.
    pub name: String,
    pub is_mine: bool,
    pub body: String,
    pub quote: Option<Quote>,
    pub files: Vec<Attachment>,
    /// Whether it replies to a message that the user may not see.
    pub answers_hidden: bool,
    /// The names that are marked in the text.
    pub mentions: Vec<MentionMark>,
    /// The author of a forwarded message; empty if no member here knows them.
    pub forwarded: Option<String>,
    /// The confirmation state, if it asks for confirmations.
    pub confirmation: Option<ConfirmationMark>,
    pub is_edited: bool,
    /// Whether the user bookmarked it.
    pub is_bookmarked: bool,
    pub recalled: Option<Recalled>,
    pub reactions: Vec<Reaction>,
    /// UTC milliseconds.
    pub sent_at: i64,
    /// The first bubble of a run shows the author and the tail.
    pub is_first: bool,
    /// The last bubble of a minute shows the time.
    pub shows_time: bool,
    /// `None` until the server has the message.
    pub seq: Option<u64>,
    /// The number of other members who have not read it.
    pub not_read_by: usize,
    pub state: DeliveryState,
}

impl Bubble {
    /// Whether the row stays while only its reactions, its time, its read count or its confirmations change: those are
    /// rendered as signals.
    pub fn is_lasting(&self) -> bool {
        !self.files.is_empty()
    }
}

impl Hash for Bubble {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let whose = (self.id, self.author, &self.name, self.is_mine, self.seq, self.is_first);
        let what = (&self.body, &self.quote, self.answers_hidden, self.is_edited, self.recalled, self.sent_at);
        let marks = (&self.mentions, &self.forwarded, self.is_bookmarked, self.confirmation.is_some());
        (whose, what, marks, &self.files, self.state).hash(state);
        if !self.is_lasting() {
            (&self.reactions, self.shows_time, self.not_read_by, self.confirmation).hash(state);
        }
    }
}

/// Whether the server has the message, or its new text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DeliveryState {
    Sent,
    /// An unsent message that waits for its acknowledgement.
    Pending,
    Refused(Refusal),
}

impl TimelineRow {
    pub fn bubble(&self) -> Option<&Bubble> {
        if let Self::Bubble(bubble) = self { Some(bubble) } else { None }
    }
}
