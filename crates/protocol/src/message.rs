//! Messages. A message carries its whole current state; every change broadcasts it again, under a higher version.

use serde::{Deserialize, Serialize};

use crate::{
    file::Attachment,
    ids::{MessageId, UserId},
};

/// A message of a room: written by a member, or a system event.
///
/// JSON: `{"id":uuid,"seq":7,"version":7,"author":uuid,"body":"안녕하세요","sent_at":ms,…}`; the other fields are left out
/// when absent, false or empty. Sent to every socket of the room that may see it, in `message`, and in snapshots,
/// history pages and search hits: an upsert by `id`, where the higher `version` wins. See docs/protocol.md,
/// `/chat/{room}`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Message {
    pub id: MessageId,
    /// The position in the room: the room's version at the time of the post. It never changes.
    pub seq: u64,
    /// The room's version at the message's last change.
    pub version: u64,
    pub author: UserId,
    /// Raw text, never HTML. Empty in a tombstone (`recalled`) and in a system event; may be empty with `files`.
    pub body: String,
    /// The time of the post: UTC milliseconds of the server's clock.
    pub sent_at: i64,
    /// The time of the last edit, UTC milliseconds; `None` for an unedited message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edited_at: Option<i64>,
    /// Set in a tombstone: the author recalled the message; its text, files and reactions are deleted everywhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recalled: Option<Recalled>,
    /// The message to which this one replies, in its current state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<Quote>,
    /// The message is a reply, but the receiver may not see the quoted message, because it was posted before they
    /// joined: no quote.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub answers_hidden: bool,
    /// Whom it mentions. Empty in a tombstone.
    #[serde(default, skip_serializing_if = "Mentions::is_empty")]
    pub mentions: Mentions,
    /// Set in the copy that a forward made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forwarded: Option<Forwarded>,
    /// Set when its author asked the others for confirmations: the users who confirmed it, in the order of their
    /// confirmations. The author receives all of them, every other member at most their own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirmations: Option<Vec<UserId>>,
    /// In the order in which the author chose them. Empty in a tombstone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<Attachment>,
    /// In the order in which each emoji was first used.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reactions: Vec<Reaction>,
    /// Set when nobody wrote this message: what its author did. On the wire `line`.
    #[serde(rename = "line", default, skip_serializing_if = "Option::is_none")]
    pub system_event: Option<SystemEvent>,
}

/// The users whom a message mentions. Its text has the visible "@name" of each.
///
/// JSON: `{"users":[uuid],"all":true}`, as `mentions` of a [`Message`], a post or an edit; both fields are left out
/// when empty and false.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Mentions {
    /// Members of the room other than the author, at most [`crate::limit::MENTIONS`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub users: Vec<UserId>,
    /// Everybody who was in the group at the time: `@모두`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub all: bool,
}

/// The origin of a forwarded message. It never names the room.
///
/// JSON: `{"author":uuid}` or `{}`, as `forwarded` of a [`Message`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Forwarded {
    /// The author of the original, if they are or were a member of the room to which it was forwarded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author: Option<UserId>,
}

/// Whether another member had read a message before its recall. JSON: `"before_read"` or `"after_read"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Recalled {
    BeforeRead,
    AfterRead,
}

/// The beginning of the message to which a reply refers.
///
/// JSON: `{"id":uuid,"seq":1,"author":uuid,"body":"네!"}`, as `reply_to` of a [`Message`]. When the quoted message
/// changes, a client updates its quotes of it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Quote {
    pub id: MessageId,
    pub seq: u64,
    pub author: UserId,
    /// From the server at most [`crate::limit::QUOTE_CHARS`] characters, cut between grapheme clusters; for a message
    /// without a text the name of its first file; empty when the quoted message was recalled.
    pub body: String,
}

/// One emoji under a message, and the users who reacted with it, in the order of their reactions.
///
/// JSON: `{"emoji":"👍","users":[uuid]}`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Reaction {
    pub emoji: String,
    pub users: Vec<UserId>,
}

/// The beginning of a message that is pinned in its room.
///
/// JSON: `{"id":uuid,"seq":7,"author":uuid,"body":"…","by":uuid,"announced":true}`, in `pins` of a snapshot and of the
/// event `pins`. When the message changes, a client updates its text; a recall also unpins it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct PinnedMessage {
    pub id: MessageId,
    pub seq: u64,
    pub author: UserId,
    /// From the server at most [`crate::limit::PINNED_CHARS`] characters, cut between grapheme clusters.
    pub body: String,
    /// The member who pinned it.
    pub by: UserId,
    /// Whether it is the announcement of the room; a room has at most one. On the wire `announced`.
    #[serde(rename = "announced", default, skip_serializing_if = "std::ops::Not::not")]
    pub is_announcement: bool,
}

/// What the author of a system event did.
///
/// JSON: `{"kind":"made"|"invited"|"removed"|"left"|"renamed",…}`, as `line` of a [`Message`].
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum SystemEvent {
    /// Created the group.
    Made,
    /// Added these users.
    Invited { users: Vec<UserId> },
    /// Ended the memberships of these users.
    Removed { users: Vec<UserId> },
    /// Left the group.
    Left,
    /// Made a message the announcement of the room.
    Announced,
    /// Removed the announcement.
    Unannounced,
    /// Allowed only the maker to pin messages (`on`), or everybody.
    PinsLimited { on: bool },
    /// An automatic answer: the author is absent until then, UTC milliseconds, with their text.
    Absent {
        until: i64,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        text: Option<String>,
    },
    /// Changed the title; `None` removed it.
    Renamed { title: Option<String> },
}

impl SystemEvent {
    /// Whether it made this user a member: the creation of their group, or their invitation.
    pub fn brings(&self, user: UserId) -> bool {
        match self {
            Self::Made => true,
            Self::Invited { users } => users.contains(&user),
            Self::Removed { .. }
            | Self::Left
            | Self::Absent { .. }
            | Self::Renamed { .. }
            | Self::Announced
            | Self::Unannounced
            | Self::PinsLimited { .. } => false,
        }
    }
}

impl Message {
    /// Whether it counts as unread until this user has read it: another user wrote it, or it made them a member.
    pub fn can_be_unread(&self, user: UserId) -> bool {
        let is_for = self.system_event.as_ref().is_none_or(|event| event.brings(user));
        self.author != user && self.recalled.is_none() && is_for
    }

    /// A message that was just posted.
    pub fn new(id: MessageId, seq: u64, author: UserId, body: String, sent_at: i64) -> Self {
        Self {
            id,
            seq,
            version: seq,
            author,
            body,
            sent_at,
            edited_at: None,
            recalled: None,
            reply_to: None,
            answers_hidden: false,
            mentions: Mentions::default(),
            forwarded: None,
            confirmations: None,
            files: Vec::new(),
            reactions: Vec::new(),
            system_event: None,
        }
    }

    /// Applies a reaction of `user`, added (`on`) or removed at this version of the room.
    pub fn react(&mut self, emoji: String, user: UserId, on: bool, version: u64) {
        self.version = version;
        let known = self.reactions.iter().position(|reaction| reaction.emoji == emoji);
        let index = known.unwrap_or_else(|| {
            self.reactions.push(Reaction { emoji, users: Vec::new() });
            self.reactions.len() - 1
        });
        let users = &mut self.reactions[index].users;
        users.retain(|other| *other != user);
        if on {
            users.push(user);
        } else if users.is_empty() {
            self.reactions.remove(index);
        }
    }

    /// Applies a confirmation by `user` at this version of the room.
    pub fn confirm(&mut self, user: UserId, version: u64) {
        self.version = version;
        if let Some(users) = self.confirmations.as_mut().filter(|users| !users.contains(&user)) {
            users.push(user);
        }
    }

    /// Whether it has confirmations that this user may not see: only its author sees those of others.
    pub fn hides_confirmations(&self, user: UserId) -> bool {
        self.author != user && self.confirmations.iter().flatten().any(|other| *other != user)
    }

    /// The message for this user: without the confirmations of others, unless they are its author.
    pub fn seen_by(mut self, user: UserId) -> Self {
        if self.hides_confirmations(user) {
            self.confirmations.iter_mut().for_each(|users| users.retain(|other| *other == user));
        }
        self
    }

    /// Whether it quotes a message that a member with this `visible_after` may not see: members see messages with a
    /// higher `seq` only.
    pub fn quotes_hidden(&self, visible_after: u64) -> bool {
        self.reply_to.as_ref().is_some_and(|quote| quote.seq <= visible_after)
    }

    /// The message for a member with this `visible_after`: without a hidden quote.
    pub fn seen_after(self, visible_after: u64) -> Self {
        if self.quotes_hidden(visible_after) { Self { reply_to: None, answers_hidden: true, ..self } } else { self }
    }
}

impl Mentions {
    pub fn is_empty(&self) -> bool {
        self.users.is_empty() && !self.all
    }

    /// Whether the message mentions this user, by name or with `@모두`.
    pub fn includes(&self, user: UserId) -> bool {
        self.all || self.users.contains(&user)
    }
}

impl Quote {
    /// A quote of a message that a client holds. It is not cut: grapheme clusters need Unicode's tables, and the page
    /// shows only two lines of a quote.
    pub fn of(message: &Message) -> Self {
        let body = message.files.first().map_or(&message.body, |file| match message.body.as_str() {
            "" => &file.name,
            _ => &message.body,
        });
        Self { id: message.id, seq: message.seq, author: message.author, body: body.clone() }
    }
}
