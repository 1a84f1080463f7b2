//! Drafts, unsent messages, unanswered forwards and pending uploads, in the browser's storage: shared by all windows of
//! the user, and kept when a window closes. It also names the keys of everything else that the browser remembers of a
//! user. Each message and forward has a separate key, so that no window overwrites another's.

use leptos::prelude::Trigger;

use crate::{
    decode::decode,
    platform,
    state::{unsent_message::UnsentMessage, upload::KeptFiles},
};
use protocol::{
    ids::{MessageId, RoomId, UserId},
    room_socket::{Forward, RoomCommand},
};

/// All users' keys start with it. Signing out deletes the user's own keys, so that on a shared computer the next user
/// finds none. Those of other users stay.
const PREFIX: &str = "daehwa.mine.";
/// The keys of forwards continue with this after their room.
const FORWARD: &str = "forward.";
/// In the record of a room's uploads while no message waits for them. Within a text its quotes would be escaped.
const NOTHING_WAITS: &str = r#""outgoing":[]"#;

/// Notified when this window has stored or removed an unsent message: the browser notifies only the other windows.
#[derive(Clone, Copy)]
pub struct UnsentChanged(pub Trigger);

/// The storage of one user. Only for effects and event handlers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UserStorage {
    me: UserId,
}

/// What a key of the storage is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoredKey {
    Draft(RoomId),
    /// The files of the tray and of messages that wait for them.
    Files(RoomId),
    Message(RoomId, MessageId),
    Forward(RoomId),
}

impl UserStorage {
    pub fn new(me: UserId) -> Self {
        Self { me }
    }

    /// The unsent messages of all rooms, in the order of writing.
    pub fn messages(self) -> Vec<(RoomId, UnsentMessage)> {
        let mut messages: Vec<(RoomId, UnsentMessage)> = platform::stored_keys()
            .iter()
            .filter_map(|key| match self.parse(key)? {
                StoredKey::Message(room, _) => Some((room, decode(&platform::stored(key)?)?)),
                StoredKey::Draft(_) | StoredKey::Files(_) | StoredKey::Forward(_) => None,
            })
            .collect();
        // Ids sort by the time of writing.
        messages.sort_by_key(|(_, unsent)| unsent.id);
        messages
    }

    /// The unsent messages of one room.
    pub fn messages_of(self, room: RoomId) -> Vec<UnsentMessage> {
        self.messages().into_iter().filter(|(of, _)| *of == room).map(|(_, unsent)| unsent).collect()
    }

    /// One unsent message.
    pub fn message(self, room: RoomId, id: MessageId) -> Option<UnsentMessage> {
        decode(&platform::stored(&self.key(room, &id.to_string()))?)
    }

    pub fn save(self, room: RoomId, unsent: &UnsentMessage) {
        let text = serde_json::to_string(unsent).ok();
        platform::store(&self.key(room, &unsent.id.to_string()), text.as_deref());
    }

    pub fn remove(self, room: RoomId, id: MessageId) {
        platform::store(&self.key(room, &id.to_string()), None);
    }

    /// The forwards from a room that the server has not answered.
    pub fn forwards(self, room: RoomId) -> Vec<Forward> {
        let keys = platform::stored_keys().into_iter().filter(|key| self.parse(key) == Some(StoredKey::Forward(room)));
        keys.filter_map(|key| decode(&platform::stored(&key)?)).collect()
    }

    pub fn save_forward(self, room: RoomId, forward: &Forward) {
        let text = serde_json::to_string(&RoomCommand::Forward(forward.clone())).ok();
        platform::store(&self.forward_key(room, forward.id), text.as_deref());
    }

    pub fn remove_forward(self, room: RoomId, id: MessageId) {
        platform::store(&self.forward_key(room, id), None);
    }

    fn forward_key(self, room: RoomId, id: MessageId) -> String {
        self.key(room, &format!("{FORWARD}{id}"))
    }

    /// Removes edits of recalled messages, and empties quotes of them.
    pub fn recall(self, ids: &[MessageId]) {
        for (room, mut unsent) in self.messages() {
            if unsent.is_edit && ids.contains(&unsent.id) {
                self.remove(room, unsent.id);
            } else if let Some(quote) = unsent.reply_to.as_mut().filter(|quote| ids.contains(&quote.id)) {
                quote.body.clear();
                self.save(room, &unsent);
            }
        }
    }

    /// The text of the composer.
    pub fn draft(self, room: RoomId) -> String {
        platform::stored(&self.key(room, "draft")).unwrap_or_default()
    }

    pub fn save_draft(self, room: RoomId, draft: &str) {
        platform::store(&self.key(room, "draft"), Some(draft).filter(|draft| !draft.is_empty()));
    }

    /// Whether a room has pending uploads.
    pub fn has_files(self, room: RoomId) -> bool {
        platform::stored(&self.key(room, "files")).is_some()
    }

    /// The rooms with a message that waits for its files. The records are not decoded: that code loads with
    /// conversations.
    pub fn rooms_with_files(self) -> Vec<RoomId> {
        let waits = |key: String| match self.parse(&key)? {
            StoredKey::Files(room) if !platform::stored(&key)?.contains(NOTHING_WAITS) => Some(room),
            _ => None,
        };
        platform::stored_keys().into_iter().filter_map(waits).collect()
    }

    pub fn files(self, room: RoomId) -> KeptFiles {
        platform::stored(&self.key(room, "files")).and_then(|text| decode(&text)).unwrap_or_default()
    }

    pub fn save_files(self, room: RoomId, kept: &KeptFiles) {
        let text = serde_json::to_string(kept).ok().filter(|_| *kept != KeptFiles::default());
        platform::store(&self.key(room, "files"), text.as_deref());
    }

    /// What a key is for; `None` for a key of another user or another kind.
    pub fn parse(self, key: &str) -> Option<StoredKey> {
        let (me, rest) = key.strip_prefix(PREFIX)?.split_once('.')?;
        let (room, what) = rest.split_once('.')?;
        let room = room.parse().ok().filter(|_| me.parse() == Ok(self.me))?;
        Some(match what {
            "draft" => StoredKey::Draft(room),
            "files" => StoredKey::Files(room),
            forward if forward.starts_with(FORWARD) => StoredKey::Forward(room),
            id => StoredKey::Message(room, id.parse().ok()?),
        })
    }

    fn key(self, room: RoomId, what: &str) -> String {
        self.own_key(&format!("{room}.{what}"))
    }

    /// A key of the user, for a component's own data.
    pub fn own_key(self, what: &str) -> String {
        format!("{PREFIX}{}.{what}", self.me)
    }

    /// Whether there are drafts, unsent messages or files.
    pub fn has_unsent(self) -> bool {
        platform::stored_keys().iter().any(|key| self.parse(key).is_some())
    }

    /// Deletes all keys, when the user signs out.
    pub fn clear(self) {
        let own = self.own_key("");
        for key in platform::stored_keys().iter().filter(|key| key.starts_with(&own)) {
            platform::store(key, None);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_names_its_person_and_its_content() {
        let (storage, room, id) = (UserStorage::new(UserId::new()), RoomId::new(), MessageId::new());
        assert_eq!(storage.parse(&storage.key(room, "draft")), Some(StoredKey::Draft(room)));
        assert_eq!(storage.parse(&storage.key(room, "files")), Some(StoredKey::Files(room)));
        assert_eq!(storage.parse(&storage.key(room, &id.to_string())), Some(StoredKey::Message(room, id)));
        assert_eq!(storage.parse(&storage.forward_key(room, id)), Some(StoredKey::Forward(room)));
        let other = UserStorage::new(UserId::new());
        for key in [
            other.key(room, "draft"),
            storage.own_key("folds"),
            storage.own_key(&format!("folded.{room}")),
            "daehwa.place".into(),
            PREFIX.into(),
            storage.key(room, "x"),
        ] {
            assert_eq!(storage.parse(&key), None, "{key}");
        }
    }
}
