//! The part of a long conversation that a window holds: it grows at either end by pages, is replaced by a
//! jump, and never grows without bound.

use crate::{
    client::state::conversation::Conversation,
    protocol::{chat::ChatCommand, message::Message},
};

/// Messages a window holds. More would only make it slow.
pub const WINDOW: usize = 300;

/// The page that was asked for. An answer to an earlier question is no longer of use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Awaited {
    Earlier(u64),
    Later(u64),
    Around,
    Newest,
}

impl Conversation {
    /// Asks for what was said before what is known, once.
    pub fn ask_earlier(&mut self) -> Option<ChatCommand> {
        let before = self.oldest().filter(|_| self.has_earlier && self.awaited.is_none())?;
        self.awaited = Some(Awaited::Earlier(before));
        Some(ChatCommand::Earlier { before })
    }

    /// Asks for what was said after what is known, once.
    pub fn ask_later(&mut self) -> Option<ChatCommand> {
        let after = self.newest().filter(|_| self.has_later && self.awaited.is_none())?;
        self.awaited = Some(Awaited::Later(after));
        Some(ChatCommand::Later { after })
    }

    /// Asks for the messages around a place, to be shown instead.
    pub fn ask_around(&mut self, seq: u64) -> ChatCommand {
        self.awaited = Some(Awaited::Around);
        ChatCommand::Around { seq }
    }

    /// Asks for the messages around a moment, to be shown instead.
    pub fn ask_around_time(&mut self, at: i64) -> ChatCommand {
        self.awaited = Some(Awaited::Around);
        ChatCommand::AroundTime { at }
    }

    /// Asks for the newest messages, to be shown instead.
    pub fn ask_newest(&mut self) -> ChatCommand {
        self.awaited = Some(Awaited::Newest);
        ChatCommand::Earlier { before: u64::MAX }
    }

    /// The question did not go out: there is no connection.
    pub fn unask(&mut self) {
        self.awaited = None;
    }

    pub(super) fn take_earlier(&mut self, messages: Vec<Message>, has_earlier: bool) {
        match self.awaited {
            Some(Awaited::Newest) => self.replace(messages, has_earlier, false),
            Some(Awaited::Earlier(before)) if self.oldest() == Some(before) => {
                self.has_earlier = has_earlier;
                self.join(messages);
                while self.messages.len() > WINDOW {
                    self.messages.pop_last();
                    self.has_later = true;
                }
            }
            _ => return,
        }
        self.awaited = None;
    }

    pub(super) fn take_later(&mut self, messages: Vec<Message>, has_later: bool) {
        let is_next = matches!(self.awaited, Some(Awaited::Later(after)) if self.newest() == Some(after));
        if is_next {
            (self.has_later, self.awaited) = (has_later, None);
            self.join(messages);
            self.forget_oldest();
        }
    }

    /// Shows these messages and no others.
    pub(super) fn replace(&mut self, messages: Vec<Message>, has_earlier: bool, has_later: bool) {
        self.messages.clear();
        (self.has_earlier, self.has_later) = (has_earlier, has_later);
        self.join(messages);
    }

    fn join(&mut self, messages: Vec<Message>) {
        for message in messages {
            self.settle(&message);
            self.messages.insert(message.seq, message);
        }
    }

    /// Lets go of what lies far above the end, where one reads.
    pub fn forget_oldest(&mut self) {
        while self.messages.len() > WINDOW {
            self.messages.pop_first();
            self.has_earlier = true;
        }
    }
}
