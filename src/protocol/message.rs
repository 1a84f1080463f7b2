//! A message in its whole present state. A change of any kind is told by sending it again.

use serde::{Deserialize, Serialize};

use crate::protocol::ids::{MessageId, UserId};

#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Message {
    pub id: MessageId,
    /// Its place in the room: the room's version when it was posted. Never changes.
    pub seq: u64,
    /// The room's version when it last changed.
    pub version: u64,
    pub author: UserId,
    /// Raw text, never HTML. Empty when it was recalled, and in a line.
    pub body: String,
    /// UTC milliseconds, by the server's clock.
    pub sent_at: i64,
    /// When its text last changed, UTC milliseconds; none while it is as it was posted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edited_at: Option<i64>,
    /// Taken back by its author: its text and its reactions are gone everywhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recalled: Option<Recalled>,
    /// What it answers, as that is now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<Quote>,
    /// In the order in which each emoji was first given.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reactions: Vec<Reaction>,
    /// Set when nobody wrote this: something that the author did to the group.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<Line>,
}

/// Whether anybody else had read it when it was recalled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Recalled {
    BeforeRead,
    AfterRead,
}

/// The beginning of a message that another one answers.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Quote {
    pub id: MessageId,
    pub seq: u64,
    pub author: UserId,
    /// From the server at most [`crate::protocol::limit::QUOTE_CHARS`] characters, cut between grapheme clusters;
    /// empty when it was recalled or is hidden.
    pub body: String,
    /// It was said before the receiver came into the group: its text is not theirs to read.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_hidden: bool,
}

/// One emoji under a message, and who gave it, the first one first.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Reaction {
    pub emoji: String,
    pub users: Vec<UserId>,
}

/// What the author of a line did.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Line {
    /// Made the group.
    Made,
    /// Brought these people in.
    Invited { users: Vec<UserId> },
    /// Left.
    Left,
    /// Gave it this title; none: took its title away.
    Renamed { title: Option<String> },
}

impl Message {
    /// A message as it was just posted.
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
            reactions: Vec::new(),
            line: None,
        }
    }

    /// Takes in that somebody gave it an emoji at a version of the room, or took it away.
    pub fn react(&mut self, emoji: String, user: UserId, on: bool, version: u64) {
        self.version = version;
        let place = self.reactions.iter().position(|reaction| reaction.emoji == emoji);
        let place = place.unwrap_or_else(|| {
            self.reactions.push(Reaction { emoji, users: Vec::new() });
            self.reactions.len() - 1
        });
        let users = &mut self.reactions[place].users;
        users.retain(|other| *other != user);
        if on {
            users.push(user);
        } else if users.is_empty() {
            self.reactions.remove(place);
        }
    }

    /// Whether it quotes what a member who sees messages with a `seq` above `since` may not read.
    pub fn quotes_hidden(&self, since: u64) -> bool {
        self.reply_to.as_ref().is_some_and(|quote| quote.seq <= since)
    }

    /// The message for such a member.
    pub fn seen_after(self, since: u64) -> Self {
        Self { reply_to: self.reply_to.map(|quote| quote.seen_after(since)), ..self }
    }
}

impl Quote {
    /// A quote of a message that a client holds. It is not cut: finding the clusters takes Unicode's tables, and the
    /// page shows two lines of it anyway.
    pub fn of(message: &Message) -> Self {
        let body = message.body.clone();
        Self { id: message.id, seq: message.seq, author: message.author, body, is_hidden: false }
    }

    /// The same for a member who sees messages with a `seq` above `since`.
    pub fn seen_after(self, since: u64) -> Self {
        if self.seq > since { self } else { Self { body: String::new(), is_hidden: true, ..self } }
    }
}
