//! Members as the others in a room see them: the membership joined with the account and the open windows.

use std::collections::BTreeMap;

use crate::{
    messenger::{inner::Messenger, policy::Result},
    model::RoomMember,
};
use protocol::{
    ids::{RoomId, UserId},
    room::Member,
};

impl Messenger {
    pub(super) async fn members(&self, room: RoomId) -> Result<Vec<Member>> {
        let members = self.0.store.members(room).await?;
        Ok(self.named(room, members))
    }

    /// The members of (room, user) pairs, by room.
    pub(super) async fn memberships(&self, pairs: &[(RoomId, UserId)]) -> Result<BTreeMap<RoomId, Vec<Member>>> {
        let mut rooms = BTreeMap::<RoomId, Vec<RoomMember>>::new();
        for (room, member) in self.0.store.memberships(pairs).await? {
            rooms.entry(room).or_default().push(member);
        }
        Ok(rooms.into_iter().map(|(room, members)| (room, self.named(room, members))).collect())
    }

    fn named(&self, room: RoomId, members: Vec<RoomMember>) -> Vec<Member> {
        let in_room = self.rooms().present(room);
        let directory = self.directory();
        let named = members.into_iter().filter_map(|member| {
            let account = directory.account(member.user)?;
            Some(Member {
                id: account.id,
                login: account.login.clone(),
                name: account.name.clone(),
                is_ambiguous: directory.is_ambiguous(account.id),
                is_present: in_room.contains(&account.id) && !member.has_left,
                last_read: member.last_read,
                joined: member.joined_at,
                has_left: member.has_left,
                is_disabled: account.disabled,
            })
        });
        named.collect()
    }
}
