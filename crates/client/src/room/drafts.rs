//! Keeps the draft and the unsent messages of a room in the browser's storage, which the windows of the browser share.

use leptos::prelude::*;

use crate::{
    platform,
    state::{conversation::Conversation, unsent_message::UnsentMessage},
    user_storage::{StoredKey, UnsentChanged, UserStorage},
    view::effect,
};
use protocol::ids::{MessageId, RoomId};

#[derive(Clone, Copy)]
pub struct Drafts {
    room: RoomId,
    conversation: RwSignal<Conversation>,
    /// The text of a new message, as last saved.
    pub draft: RwSignal<String>,
    /// The draft in the storage when this window last read or wrote it. A draft that another window wrote is not
    /// written back: that window may have stored a newer one by then, which this would overwrite.
    stored: StoredValue<String>,
    storage: UserStorage,
}

impl Drafts {
    pub(super) fn new(conversation: RwSignal<Conversation>) -> Self {
        let (me, room) = conversation.with_untracked(|conversation| (conversation.me, conversation.room));
        Self {
            room,
            conversation,
            draft: RwSignal::new(String::new()),
            stored: StoredValue::new(String::new()),
            storage: UserStorage::new(me),
        }
    }

    /// Restores the draft and the unsent messages from the storage, then stores every change.
    pub fn start(self) {
        self.restore();
        effect(move || {
            let draft = self.draft.get();
            if self.stored.with_value(|stored| *stored != draft) {
                self.storage.save_draft(self.room, &draft);
                self.stored.set_value(draft);
            }
        });
        let unsent = Memo::new(move |_| self.conversation.with(|conversation| conversation.unsent().to_vec()));
        let mut saved: Vec<UnsentMessage> = Vec::new();
        let changed = use_context::<UnsentChanged>();
        effect(move || {
            let now = unsent.get();
            now.iter().for_each(|unsent| self.storage.save(self.room, unsent));
            let is_gone = |saved: &&UnsentMessage| now.iter().all(|unsent| unsent.id != saved.id);
            saved.iter().filter(is_gone).for_each(|saved| self.storage.remove(self.room, saved.id));
            saved = now;
            changed.iter().for_each(|UnsentChanged(changed)| changed.notify());
        });
        platform::on_stored(move |key| match self.storage.parse(&key) {
            Some(StoredKey::Draft(room)) if room == self.room => self.read_draft(),
            Some(StoredKey::Message(room, id)) if room == self.room => self.reload(id),
            _ => {}
        });
    }

    fn read_draft(self) {
        let draft = self.storage.draft(self.room);
        self.stored.set_value(draft.clone());
        self.draft.set(draft);
    }

    fn restore(self) {
        self.read_draft();
        let unsent = self.storage.messages_of(self.room);
        let ids: Vec<MessageId> = unsent.iter().map(|unsent| unsent.id).collect();
        if !ids.is_empty() {
            self.conversation.update(|conversation| conversation.restore(unsent));
        }
        // A message that is already settled, such as an edit of a recalled one, is not sent any more.
        ids.into_iter().filter(|id| !self.is_unsent(*id)).for_each(|id| self.storage.remove(self.room, id));
    }

    /// Another window of the browser stored or removed an unsent message.
    fn reload(self, id: MessageId) {
        let saved = self.storage.message(self.room, id);
        self.conversation.update(|conversation| match saved {
            Some(saved) => conversation.restore(vec![saved]),
            None => conversation.discard(id),
        });
    }

    pub(super) fn is_unsent(self, id: MessageId) -> bool {
        self.conversation.with_untracked(|conversation| conversation.unsent().iter().any(|unsent| unsent.id == id))
    }
}
