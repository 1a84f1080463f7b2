//! The members of a room: names, read receipts, typing indicators.

use crate::state::conversation::model::Conversation;
use protocol::{ids::UserId, message::Message, room::Member};

impl Conversation {
    pub(super) fn set_members(&mut self, members: Vec<Member>) {
        self.members = members.into_iter().map(with_display_name).collect();
    }

    /// A member in an event may be older than the newest read receipt: `last_read` never decreases.
    pub(super) fn upsert_members(&mut self, members: Vec<Member>) {
        for member in members.into_iter().map(with_display_name) {
            match self.members.iter_mut().find(|known| known.id == member.id) {
                Some(known) => *known = Member { last_read: member.last_read.max(known.last_read), ..member },
                None => self.members.push(member),
            }
        }
    }

    /// The number of members other than the author who have not read a message.
    pub fn not_read_by(&self, message: &Message) -> usize {
        let is_owed = |member: &&Member| !member.is_disabled && !has_read(member, message);
        self.addressees(message).filter(is_owed).count()
    }

    /// The members who have not read a message, and those who have: the current ones, without the author, without those
    /// who joined later, and without disabled accounts that have not read it.
    pub fn readers(&self, message: &Message) -> (Vec<&Member>, Vec<&Member>) {
        let (read, unread) = self.addressees(message).partition::<Vec<_>, _>(|member| has_read(member, message));
        (unread.into_iter().filter(|member| !member.is_disabled).collect(), read)
    }

    /// The current members to whom a message was posted.
    pub(super) fn addressees(&self, message: &Message) -> impl Iterator<Item = &Member> {
        let (author, seq) = (message.author, message.seq);
        self.members.iter().filter(move |member| member.id != author && !member.has_left && member.joined < seq)
    }

    /// The current members.
    pub fn present(&self) -> impl Iterator<Item = &Member> {
        self.members.iter().filter(|member| !member.has_left)
    }

    /// The maker of the group, who may remove others: of the members with an enabled account the one who joined first;
    /// of those who joined together, the one with the lowest id. `None` in a direct room.
    pub fn maker(&self) -> Option<UserId> {
        let enabled = self.present().filter(|member| self.is_group && !member.is_disabled);
        enabled.map(|member| (member.joined, member.id)).min().map(|(_, user)| user)
    }

    /// Whether the group has older messages that this user may not see: its first version is its beginning.
    pub fn is_cut_by_invitation(&self) -> bool {
        let first = self.messages().next().map(|message| message.seq);
        self.is_group && !self.has_earlier && first.is_some_and(|first| first > 1)
    }

    pub fn member(&self, user: UserId) -> Option<&Member> {
        self.members.iter().find(|member| member.id == user)
    }

    /// The name of a current or former member; empty for an unknown one.
    pub fn name_of(&self, user: UserId) -> &str {
        self.member(user).map_or("", |member| &member.name)
    }

    /// The current members other than this user.
    pub fn others(&self) -> impl Iterator<Item = &Member> {
        self.members.iter().filter(|member| member.id != self.me && !member.has_left)
    }

    /// The members whose typing indicator is shown at a time, UTC milliseconds.
    pub fn typing(&self, now: i64) -> Vec<&Member> {
        self.others().filter(|member| self.typing.get(&member.id).is_some_and(|until| *until > now)).collect()
    }

    /// The user's own read mark.
    pub fn last_read(&self) -> u64 {
        self.member(self.me).map_or(0, |member| member.last_read)
    }
}

fn has_read(member: &Member, message: &Message) -> bool {
    member.last_read >= message.seq
}

/// A member whose `name` is the display name.
fn with_display_name(member: Member) -> Member {
    Member { name: member.display_name(), ..member }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::conversation::tests::Room;
    use protocol::{room::RoomSnapshot, room_socket::RoomEvent};

    #[test]
    fn readers_are_the_members_to_whom_a_message_was_posted() {
        let room = Room::new();
        let [late, left, disabled, reader] = [UserId::new(), UserId::new(), UserId::new(), UserId::new()];
        let mut snapshot = room.snapshot(1..=3);
        snapshot.details.members.extend([
            Member { joined: 3, ..room.member(late, 3) },
            Member { has_left: true, ..room.member(left, 3) },
            Member { is_disabled: true, ..room.member(disabled, 0) },
            Member { joined: 1, ..room.member(reader, 2) },
        ]);
        let mut conversation = Conversation::new(room.me, snapshot);
        let message = conversation.messages().nth(1).unwrap().clone();
        let readers = |conversation: &Conversation| {
            let (unread, read) = conversation.readers(&message);
            [unread, read].map(|members| members.iter().map(|member| member.id).collect::<Vec<_>>())
        };
        assert_eq!(readers(&conversation), [vec![room.me], vec![reader]]);
        assert_eq!(conversation.not_read_by(&message), 1);
        conversation.apply(RoomEvent::Read { users: vec![room.me, disabled], seq: 2 }, 0);
        assert_eq!(readers(&conversation), [vec![], vec![room.me, disabled, reader]]);
    }

    #[test]
    fn the_maker_is_the_member_who_joined_first() {
        let room = Room::new();
        let mut snapshot = room.snapshot(1..=1);
        let [made, first, second] = [UserId::new(), UserId::new(), UserId::new()];
        let member = |id, joined| Member { joined, ..room.member(id, 0) };
        snapshot.details.members = vec![member(second, 1), member(made, 0), member(first, 1), member(room.me, 9)];
        let direct = Conversation::new(room.me, snapshot.clone());
        assert_eq!(direct.maker(), None, "a direct room has none");
        let mut conversation = Conversation::new(room.me, RoomSnapshot { is_group: true, ..snapshot });
        assert_eq!(conversation.maker(), Some(made));
        let change = |member| RoomEvent::MembersChanged { members: vec![member] };
        conversation.apply(change(Member { has_left: true, ..member(made, 0) }), 0);
        assert_eq!(conversation.maker(), Some(first));
        conversation.apply(change(Member { is_disabled: true, ..member(first, 1) }), 0);
        assert_eq!(conversation.maker(), Some(second));
        conversation.apply(change(member(made, 12)), 0);
        assert_eq!(conversation.maker(), Some(second), "who comes back is the last");
    }
}
