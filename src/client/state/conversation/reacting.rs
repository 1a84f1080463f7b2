//! Emojis that this person gives and takes away: what they did last counts, before the server has heard of it.

use crate::{
    client::state::conversation::Conversation,
    protocol::{
        chat::ChatCommand,
        ids::MessageId,
        message::{Message, Reaction},
    },
};

/// What was last done with one emoji under one message, until the server says the same.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Given {
    pub(super) id: MessageId,
    emoji: String,
    on: bool,
}

impl Conversation {
    /// Gives an emoji, or takes one's own away; none when the message is not known.
    pub fn react(&mut self, id: MessageId, emoji: &str) -> Option<ChatCommand> {
        let on = !self.has_given(&self.reactions(self.message(id)?), emoji);
        self.given.retain(|given| given.id != id || given.emoji != emoji);
        self.given.push(Given { id, emoji: emoji.to_owned(), on });
        Some(ChatCommand::React { id, emoji: emoji.to_owned(), on })
    }

    /// What was done with emojis under this message did not reach the server.
    pub fn unreact(&mut self, id: MessageId) {
        self.given.retain(|given| given.id != id);
    }

    /// The emojis under a message, with what this person just did. One that they took away stays, given by nobody,
    /// until the server says so too: a second click gives it again.
    pub fn reactions(&self, message: &Message) -> Vec<Reaction> {
        let mut reactions = message.reactions.clone();
        for Given { emoji, on, .. } in self.given.iter().filter(|given| given.id == message.id) {
            if self.has_given(&reactions, emoji) == *on {
                continue;
            }
            match reactions.iter_mut().find(|reaction| reaction.emoji == *emoji) {
                Some(reaction) if *on => reaction.users.push(self.me),
                Some(reaction) => reaction.users.retain(|user| *user != self.me),
                None => reactions.push(Reaction { emoji: emoji.clone(), users: vec![self.me] }),
            }
        }
        reactions
    }

    fn has_given(&self, reactions: &[Reaction], emoji: &str) -> bool {
        reactions.iter().any(|reaction| reaction.emoji == emoji && reaction.users.contains(&self.me))
    }

    /// The server says the same of one emoji.
    pub(super) fn settle_one(&mut self, id: MessageId, emoji: &str, on: bool) {
        self.given.retain(|given| given.id != id || given.emoji != emoji || given.on != on);
    }

    /// Forgets what the server says too.
    pub(super) fn settle_given(&mut self, message: &Message) {
        let mut given = std::mem::take(&mut self.given);
        let is_open = |given: &Given| self.has_given(&message.reactions, &given.emoji) != given.on;
        given.retain(|given| given.id != message.id || (message.recalled.is_none() && is_open(given)));
        self.given = given;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        client::state::conversation::tests::Room,
        protocol::{chat::ChatEvent, error::Refusal, ids::UserId},
    };

    #[test]
    fn a_reaction_told_by_itself_settles_what_was_done_too() {
        let room = Room::new();
        let mut conversation = room.open(1..=1);
        let message = conversation.messages().next().unwrap().clone();
        conversation.react(message.id, "👍");
        conversation.react(message.id, "👍");
        let count = |conversation: &Conversation| conversation.reactions(conversation.messages().next().unwrap()).len();
        conversation.apply(room.reacted(&message, room.me, true, 2), 0);
        assert_eq!(count(&conversation), 1, "taken away last, and not yet gone");
        conversation.apply(room.reacted(&message, room.me, false, 3), 0);
        assert_eq!(count(&conversation), 0);
        conversation.apply(room.reacted(&message, room.me, true, 4), 0);
        assert_eq!(count(&conversation), 1, "given in another window");
    }

    #[test]
    fn an_emoji_follows_what_was_done_last() {
        let room = Room::new();
        let mut conversation = room.open(1..=1);
        let message = conversation.messages().next().unwrap().clone();
        let given = |version, users: &[UserId]| {
            let reactions = vec![Reaction { emoji: "👍".into(), users: users.to_vec() }];
            Message { version, reactions: if users.is_empty() { vec![] } else { reactions }, ..message.clone() }
        };
        let shown = |conversation: &Conversation| {
            let reactions = conversation.reactions(conversation.messages().next().unwrap());
            reactions.into_iter().map(|reaction| reaction.users).collect::<Vec<_>>().concat()
        };
        conversation.apply(room.told(given(2, &[room.other])), 0);
        let react = |conversation: &mut Conversation| match conversation.react(message.id, "👍") {
            Some(ChatCommand::React { on, .. }) => on,
            other => panic!("{other:?}"),
        };
        assert!(react(&mut conversation));
        assert_eq!(shown(&conversation), [room.other, room.me], "shown at once");
        assert!(!react(&mut conversation));
        assert_eq!(shown(&conversation), [room.other]);
        conversation.apply(room.told(given(3, &[room.other, room.me])), 0);
        assert_eq!(shown(&conversation), [room.other], "the first answer is not what was done last");
        assert!(react(&mut conversation) && !react(&mut conversation));
        conversation.apply(room.told(given(4, &[room.other])), 0);
        conversation.apply(room.told(given(5, &[room.other, room.me])), 0);
        assert_eq!(shown(&conversation), [room.other, room.me], "done in another window, later");
        react(&mut conversation);
        conversation.apply(ChatEvent::Refused { error: Refusal::TooFast, id: Some(message.id) }, 0);
        assert_eq!(shown(&conversation), [room.other, room.me], "what was refused is not so");
    }
}
