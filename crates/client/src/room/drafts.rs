//! Keeps the draft and the unsent messages of a room in the browser's storage, shared with the other windows of the
//! browser.

use leptos::prelude::*;

use crate::{
    platform,
    state::{conversation::Conversation, pending::Pending},
    unsent::{StoredKey, Unsent},
    view::effect,
};
use protocol::ids::{MessageId, RoomId};

#[derive(Clone, Copy)]
pub struct Drafts {
    room: RoomId,
    conversation: RwSignal<Conversation>,
    /// The text of a new message, as last saved.
    pub draft: RwSignal<String>,
    /// What the storage held when this window last read or wrote it. A draft that came from there is not written back:
    /// the other window may hold a newer one by then, which the echo would overwrite.
    stored: StoredValue<String>,
    unsent: Unsent,
}

impl Drafts {
    pub(super) fn new(conversation: RwSignal<Conversation>) -> Self {
        let (me, room) = conversation.with_untracked(|conversation| (conversation.me, conversation.room));
        Self {
            room,
            conversation,
            draft: RwSignal::new(String::new()),
            stored: StoredValue::new(String::new()),
            unsent: Unsent::new(me),
        }
    }

    /// Restores what the storage holds, then saves every change.
    pub fn start(self) {
        self.restore();
        effect(move || {
            let draft = self.draft.get();
            if self.stored.with_value(|stored| *stored != draft) {
                self.unsent.save_draft(self.room, &draft);
                self.stored.set_value(draft);
            }
        });
        let pending = Memo::new(move |_| self.conversation.with(|conversation| conversation.pending().to_vec()));
        let mut saved: Vec<Pending> = Vec::new();
        effect(move || {
            let now = pending.get();
            now.iter().for_each(|pending| self.unsent.save(self.room, pending));
            let is_gone = |saved: &&Pending| now.iter().all(|pending| pending.id != saved.id);
            saved.iter().filter(is_gone).for_each(|saved| self.unsent.remove(self.room, saved.id));
            saved = now;
        });
        platform::on_stored(move |key| match self.unsent.parse(&key) {
            Some(StoredKey::Draft(room)) if room == self.room => self.read_draft(),
            Some(StoredKey::Message(room, id)) if room == self.room => self.reload(id),
            _ => {}
        });
    }

    fn read_draft(self) {
        let draft = self.unsent.draft(self.room);
        self.stored.set_value(draft.clone());
        self.draft.set(draft);
    }

    fn restore(self) {
        self.read_draft();
        let unsent = self.unsent.messages_of(self.room);
        let ids: Vec<MessageId> = unsent.iter().map(|pending| pending.id).collect();
        if !ids.is_empty() {
            self.conversation.update(|conversation| conversation.restore(unsent));
        }
        // A message that is known to be settled, such as an edit of a recalled one, is not sent any more.
        ids.into_iter().filter(|id| !self.is_pending(*id)).for_each(|id| self.unsent.remove(self.room, id));
    }

    /// Another window of the browser saved or removed an unsent message.
    fn reload(self, id: MessageId) {
        let saved = self.unsent.message(self.room, id);
        self.conversation.update(|conversation| match saved {
            Some(saved) => conversation.restore(vec![saved]),
            None => conversation.discard(id),
        });
    }

    pub(super) fn is_pending(self, id: MessageId) -> bool {
        self.conversation.with_untracked(|conversation| conversation.pending().iter().any(|pending| pending.id == id))
    }
}
