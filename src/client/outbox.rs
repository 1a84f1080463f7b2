//! What a person wrote that the server does not have yet, in the browser's storage: it outlives the window
//! and is there in all of the person's windows. A key a message, so that no window writes over another's.

use crate::{
    client::{decode::decode, platform, state::pending::Pending},
    protocol::ids::{MessageId, RoomId, UserId},
};

/// A person's own goes when they sign out: on a shared computer the next one finds nothing. What is of others stays
/// theirs.
const PREFIX: &str = "daehwa.mine.";

/// One person's unsent messages and drafts. Only for effects and event handlers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outbox {
    me: UserId,
}

/// What a key of the storage is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry {
    Draft(RoomId),
    Message(RoomId, MessageId),
}

impl Outbox {
    pub fn new(me: UserId) -> Self {
        Self { me }
    }

    /// What is not sent in any conversation, in the order in which it was written.
    pub fn messages(self) -> Vec<(RoomId, Pending)> {
        let mut messages: Vec<(RoomId, Pending)> = platform::stored_keys()
            .iter()
            .filter_map(|key| match self.entry(key)? {
                Entry::Message(room, _) => Some((room, decode(&platform::stored(key)?)?)),
                Entry::Draft(_) => None,
            })
            .collect();
        // Ids are made in order.
        messages.sort_by_key(|(_, pending)| pending.id);
        messages
    }

    /// What is not sent in one conversation.
    pub fn messages_of(self, room: RoomId) -> Vec<Pending> {
        self.messages().into_iter().filter(|(of, _)| *of == room).map(|(_, pending)| pending).collect()
    }

    /// One message, when it is kept.
    pub fn message(self, room: RoomId, id: MessageId) -> Option<Pending> {
        decode(&platform::stored(&self.key(room, &id.to_string()))?)
    }

    pub fn keep(self, room: RoomId, pending: &Pending) {
        let text = serde_json::to_string(pending).ok();
        platform::store(&self.key(room, &pending.id.to_string()), text.as_deref());
    }

    pub fn forget(self, room: RoomId, id: MessageId) {
        platform::store(&self.key(room, &id.to_string()), None);
    }

    /// These messages were recalled: edits of them go, and what answers them quotes nothing.
    pub fn recall(self, ids: &[MessageId]) {
        for (room, mut pending) in self.messages() {
            if pending.is_edit && ids.contains(&pending.id) {
                self.forget(room, pending.id);
            } else if let Some(quote) = pending.reply_to.as_mut().filter(|quote| ids.contains(&quote.id)) {
                quote.body.clear();
                self.keep(room, &pending);
            }
        }
    }

    /// What stands in the composer.
    pub fn draft(self, room: RoomId) -> String {
        platform::stored(&self.key(room, "draft")).unwrap_or_default()
    }

    pub fn keep_draft(self, room: RoomId, draft: &str) {
        platform::store(&self.key(room, "draft"), Some(draft).filter(|draft| !draft.is_empty()));
    }

    /// What a key is about; none when it is somebody else's or something else.
    pub fn entry(self, key: &str) -> Option<Entry> {
        let (me, rest) = key.strip_prefix(PREFIX)?.split_once('.')?;
        let (room, what) = rest.split_once('.')?;
        let room = room.parse().ok().filter(|_| me.parse() == Ok(self.me))?;
        if what == "draft" { Some(Entry::Draft(room)) } else { Some(Entry::Message(room, what.parse().ok()?)) }
    }

    fn key(self, room: RoomId, what: &str) -> String {
        format!("{PREFIX}{}.{room}.{what}", self.me)
    }

    /// The person signs out.
    pub fn forget_all(self) {
        for key in platform::stored_keys().iter().filter(|key| self.entry(key).is_some()) {
            platform::store(key, None);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_say_whose_they_are_and_what() {
        let (outbox, room, id) = (Outbox::new(UserId::new()), RoomId::new(), MessageId::new());
        assert_eq!(outbox.entry(&outbox.key(room, "draft")), Some(Entry::Draft(room)));
        assert_eq!(outbox.entry(&outbox.key(room, &id.to_string())), Some(Entry::Message(room, id)));
        let other = Outbox::new(UserId::new());
        for key in [other.key(room, "draft"), "daehwa.place".into(), PREFIX.into(), outbox.key(room, "x")] {
            assert_eq!(outbox.entry(&key), None, "{key}");
        }
    }
}
