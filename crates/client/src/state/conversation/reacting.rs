//! Reactions of this user: the last change is shown at once, before the server acknowledges it.

use crate::state::conversation::model::{Conversation, LocalReaction};
use protocol::{
    ids::MessageId,
    message::{Message, Reaction},
    room_socket::RoomCommand,
};

impl Conversation {
    /// Adds the user's reaction, or removes it; `None` if the message is not loaded.
    pub fn react(&mut self, id: MessageId, emoji: &str) -> Option<RoomCommand> {
        let on = !self.has_reacted(&self.reactions(self.message(id)?), emoji);
        self.local_reactions.retain(|local| local.id != id || local.emoji != emoji);
        self.local_reactions.push(LocalReaction { id, emoji: emoji.to_owned(), on });
        Some(RoomCommand::React { id, emoji: emoji.to_owned(), on })
    }

    /// Reverts changes to this message that the server did not receive, or refused.
    pub fn revert_reactions(&mut self, id: MessageId) {
        self.local_reactions.retain(|local| local.id != id);
    }

    /// The reactions to a message, with this user's unacknowledged changes. A removed emoji stays, without users, until
    /// the server acknowledges it, so that a second click adds it again.
    pub fn reactions(&self, message: &Message) -> Vec<Reaction> {
        let mut reactions = message.reactions.clone();
        for LocalReaction { emoji, on, .. } in self.local_reactions.iter().filter(|local| local.id == message.id) {
            if self.has_reacted(&reactions, emoji) == *on {
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

    fn has_reacted(&self, reactions: &[Reaction], emoji: &str) -> bool {
        reactions.iter().any(|reaction| reaction.emoji == emoji && reaction.users.contains(&self.me))
    }

    /// The server acknowledges one change.
    pub(super) fn acknowledge_reaction(&mut self, id: MessageId, emoji: &str, on: bool) {
        self.local_reactions.retain(|local| local.id != id || local.emoji != emoji || local.on != on);
    }

    /// Drops the changes that a message acknowledges.
    pub(super) fn acknowledge_reactions(&mut self, message: &Message) {
        let mut local = std::mem::take(&mut self.local_reactions);
        let is_open = |local: &LocalReaction| self.has_reacted(&message.reactions, &local.emoji) != local.on;
        local.retain(|local| local.id != message.id || (message.recalled.is_none() && is_open(local)));
        self.local_reactions = local;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::conversation::tests::Room;
    use protocol::{error::Refusal, ids::UserId, room_socket::RoomEvent};

    #[test]
    fn a_reacted_event_confirms_the_change() {
        let room = Room::new();
        let mut conversation = room.open(1..=1);
        let message = conversation.messages().next().unwrap().clone();
        conversation.react(message.id, "👍");
        conversation.react(message.id, "👍");
        let count = |conversation: &Conversation| conversation.reactions(conversation.messages().next().unwrap()).len();
        conversation.apply(room.reacted(&message, room.me, true, 2), 0);
        assert_eq!(count(&conversation), 1, "removed last, and not yet confirmed");
        conversation.apply(room.reacted(&message, room.me, false, 3), 0);
        assert_eq!(count(&conversation), 0);
        conversation.apply(room.reacted(&message, room.me, true, 4), 0);
        assert_eq!(count(&conversation), 1, "added in another window");
    }

    #[test]
    fn a_reaction_follows_the_last_change() {
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
        conversation.apply(room.event(given(2, &[room.other])), 0);
        let react = |conversation: &mut Conversation| match conversation.react(message.id, "👍") {
            Some(RoomCommand::React { on, .. }) => on,
            other => panic!("{other:?}"),
        };
        assert!(react(&mut conversation));
        assert_eq!(shown(&conversation), [room.other, room.me], "shown at once");
        assert!(!react(&mut conversation));
        assert_eq!(shown(&conversation), [room.other]);
        conversation.apply(room.event(given(3, &[room.other, room.me])), 0);
        assert_eq!(shown(&conversation), [room.other], "the first answer is not the last change");
        assert!(react(&mut conversation) && !react(&mut conversation));
        conversation.apply(room.event(given(4, &[room.other])), 0);
        conversation.apply(room.event(given(5, &[room.other, room.me])), 0);
        assert_eq!(shown(&conversation), [room.other, room.me], "added in another window, later");
        react(&mut conversation);
        conversation.apply(RoomEvent::Refused { error: Refusal::TooFast, id: Some(message.id) }, 0);
        assert_eq!(shown(&conversation), [room.other, room.me], "a refused change is reverted");
    }
}
