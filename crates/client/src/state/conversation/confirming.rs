//! Confirmations of messages that ask for them.

use crate::state::conversation::model::Conversation;
use protocol::{message::Message, room::Member};

/// The confirmation state in a bubble.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ConfirmationMark {
    /// The request alone: it was posted before the user joined, or is not posted yet.
    Requested,
    /// Another user's request, which this user has not confirmed.
    Owed,
    /// Another user's request, which this user confirmed.
    Confirmed,
    /// The user's own request: how many of the asked members have confirmed it.
    Counted { confirmed: usize, asked: usize },
}

impl Conversation {
    /// The members who have not confirmed a message of this user, and those who have: the current ones to whom it was
    /// posted, without disabled accounts that have not. Empty for a message that asks for nothing.
    pub fn confirmers(&self, message: &Message) -> (Vec<&Member>, Vec<&Member>) {
        let Some(users) = &message.confirmations else { return (Vec::new(), Vec::new()) };
        let (confirmed, owing) = self.addressees(message).partition::<Vec<_>, _>(|member| users.contains(&member.id));
        (owing.into_iter().filter(|member| !member.is_disabled).collect(), confirmed)
    }

    /// The confirmation state of a message's bubble, if it asks for confirmations.
    pub fn confirmation_mark(&self, message: &Message) -> Option<ConfirmationMark> {
        let users = message.confirmations.as_ref()?;
        if message.author == self.me {
            let (owing, confirmed) = self.confirmers(message);
            let confirmed = confirmed.len();
            return Some(ConfirmationMark::Counted { confirmed, asked: confirmed + owing.len() });
        }
        Some(if users.contains(&self.me) {
            ConfirmationMark::Confirmed
        } else if self.addressees(message).any(|member| member.id == self.me) {
            ConfirmationMark::Owed
        } else {
            ConfirmationMark::Requested
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::conversation::tests::Room;
    use protocol::{cursor::Cursor, ids::UserId, room_socket::RoomEvent};

    fn asking(room: &Room, author: UserId) -> Conversation {
        let mut snapshot = room.snapshot(1..=3);
        let [late, left, disabled] = [UserId::new(), UserId::new(), UserId::new()];
        snapshot.details.members.extend([
            Member { joined: 3, ..room.member(late, 3) },
            Member { has_left: true, ..room.member(left, 3) },
            Member { is_disabled: true, ..room.member(disabled, 3) },
        ]);
        for message in &mut snapshot.messages {
            (message.author, message.confirmations) = (author, Some(vec![left]));
        }
        Conversation::new(room.me, snapshot)
    }

    fn mark(conversation: &Conversation) -> Option<ConfirmationMark> {
        conversation.confirmation_mark(conversation.messages().nth(1).unwrap())
    }

    fn confirmed(conversation: &Conversation, user: UserId, version: u64) -> RoomEvent {
        let message = conversation.messages().nth(1).unwrap();
        let cursor = Cursor { epoch: conversation.cursor().epoch, version };
        RoomEvent::Confirmed { id: message.id, seq: message.seq, author: message.author, user, cursor, after: None }
    }

    #[test]
    fn the_author_counts_the_present_members_to_whom_it_was_posted() {
        let room = Room::new();
        let mut conversation = asking(&room, room.me);
        assert_eq!(mark(&conversation), Some(ConfirmationMark::Counted { confirmed: 0, asked: 1 }));
        let event = confirmed(&conversation, room.other, 4);
        for _ in 0..2 {
            conversation.apply(event.clone(), 0);
            assert_eq!(mark(&conversation), Some(ConfirmationMark::Counted { confirmed: 1, asked: 1 }), "only once");
        }
        assert_eq!((conversation.cursor().version, conversation.needs_resync()), (4, false));
    }

    #[test]
    fn a_recipient_owes_a_confirmation_until_it_is_theirs() {
        let room = Room::new();
        let mut conversation = asking(&room, room.other);
        assert_eq!(mark(&conversation), Some(ConfirmationMark::Owed));
        conversation.apply(confirmed(&conversation, room.me, 4), 0);
        assert_eq!(mark(&conversation), Some(ConfirmationMark::Confirmed));
        let mut late = asking(&room, room.other);
        let me = Member { joined: 2, ..room.member(room.me, 0) };
        late.apply(RoomEvent::MembersChanged { members: vec![me] }, 0);
        assert_eq!(mark(&late), Some(ConfirmationMark::Requested), "who came later owes nothing");
    }

    #[test]
    fn several_confirmations_span_the_versions_between_them() {
        let room = Room::new();
        let mut conversation = asking(&room, room.me);
        let batch = |conversation: &mut Conversation, start: u64, version: u64| {
            let RoomEvent::Confirmed { id, seq, author, user, cursor, .. } =
                confirmed(conversation, room.other, version)
            else {
                unreachable!()
            };
            conversation.apply(RoomEvent::Confirmed { id, seq, author, user, cursor, after: Some(start) }, 0);
            let cursor = Cursor { version: version + 2, ..cursor };
            conversation.apply(RoomEvent::Advanced { cursor, after: Some(start) }, 0);
            (conversation.cursor().version, conversation.needs_resync())
        };
        assert_eq!(batch(&mut conversation, 3, 5), (7, false));
        assert_eq!(mark(&conversation), Some(ConfirmationMark::Counted { confirmed: 1, asked: 1 }));
        assert_eq!(batch(&mut conversation, 5, 6), (8, false), "a part of it was seen before");
        assert_eq!(batch(&mut conversation, 9, 11), (8, true), "a change before it was missed");
    }

    #[test]
    fn a_message_without_a_request_has_no_mark() {
        let room = Room::new();
        assert_eq!(mark(&room.open(1..=3)), None);
    }
}
