//! The mode of the composer: a new message, a reply, or an edit.

use crate::{
    state::conversation::Conversation,
    text::{with_name, words},
};
use protocol::{
    ids::MessageId,
    message::{Message, Quote},
};

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ComposerMode {
    New,
    Reply(Quote),
    /// A new text for a message of the user.
    Edit(MessageId),
}

impl ComposerMode {
    /// The name of the mode; empty for a new message.
    pub fn title(&self, conversation: &Conversation) -> String {
        match self {
            Self::New => String::new(),
            Self::Edit(_) => words().editing.to_owned(),
            Self::Reply(quote) => with_name(words().reply_to, conversation.name_of(quote.author)),
        }
    }

    /// The mode after a change of a message: a reply quotes the current text; a recalled message can be neither replied
    /// to nor edited. `None` if the mode stays.
    pub(super) fn after(self, message: &Message) -> Option<Self> {
        match self {
            Self::Reply(quote) if quote.id == message.id && message.recalled.is_none() => {
                Some(Self::Reply(Quote::of(message)))
            }
            Self::Reply(Quote { id, .. }) | Self::Edit(id) if id == message.id && message.recalled.is_some() => {
                Some(Self::New)
            }
            _ => None,
        }
    }
}
