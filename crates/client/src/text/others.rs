//! The line in the header of a room about its other members.

use crate::{
    state::conversation::Conversation,
    text::{Words, with_name},
};
use protocol::{ids::UserId, user::Presence};

impl Words {
    /// The members who have the room open and are not idle, or else the partner's presence; empty if there is nothing to
    /// show. `presence`: of a user, if it is known.
    pub fn others_line(&self, conversation: &Conversation, presence: impl Fn(UserId) -> Option<Presence>) -> String {
        let others = || conversation.others();
        let is_away = |other: UserId| matches!(presence(other), Some(Presence::Idle | Presence::Offline));
        let present = others().filter(|other| other.is_present && !is_away(other.id));
        let present: Vec<&str> = present.map(|other| other.name.as_str()).collect();
        let partner = others().next().filter(|_| !conversation.is_group);
        match partner.and_then(|partner| presence(partner.id)) {
            _ if !present.is_empty() => with_name(self.talking_with, &present.join(", ")),
            _ if !conversation.has_begun() => String::new(),
            _ if !conversation.is_group && others().next().is_none() => self.notes_hint.to_owned(),
            _ if others().all(|other| other.is_disabled) => self.nobody_here.to_owned(),
            Some(Presence::Online) => self.online.to_owned(),
            Some(Presence::Offline) => format!("{} · {}", self.offline, self.leave_a_message),
            _ => String::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use protocol::{
        cursor::Cursor,
        ids::{RoomId, UserId},
        room::{Member, RoomDetails, RoomSnapshot},
    };

    use crate::text::Lang;

    use super::*;

    fn member(name: &str, is_present: bool) -> Member {
        let (id, name) = (UserId::new(), name.to_owned());
        Member {
            login: name.clone(),
            id,
            name,
            is_present,
            last_read: 0,
            joined: 0,
            has_left: false,
            is_disabled: false,
            is_ambiguous: false,
        }
    }

    /// `presence`: of all others.
    fn line(is_group: bool, others: Vec<Member>, presence: Option<Presence>) -> String {
        let me = member("나", true);
        let members = others.into_iter().chain([me.clone()]).collect();
        let snapshot = RoomSnapshot {
            room: RoomId::new(),
            is_group,
            details: RoomDetails::new(members, Cursor::default()),
            messages: vec![],
            has_earlier: false,
            has_later: false,
        };
        Lang::Ko.words().others_line(&Conversation::new(me.id, snapshot), |_| presence)
    }

    #[test]
    fn nobody_is_said_to_be_gone_who_is_only_elsewhere() {
        let other = |is_present| vec![member("영희", is_present)];
        assert_eq!(line(false, other(true), Some(Presence::Busy)), "영희님과 대화중입니다.");
        assert_eq!(line(false, other(false), Some(Presence::Online)), "온라인");
        assert_eq!(line(false, other(false), Some(Presence::Offline)), "오프라인 · 메시지를 남길 수 있습니다");
        assert_eq!(line(false, other(false), Some(Presence::Busy)), "", "the header has the word already");
        assert_eq!(line(false, other(false), None), "", "not known yet");
        assert_eq!(line(true, other(false), None), "");
        assert_eq!(line(true, vec![member("영희", true), member("철수", true)], None), "영희, 철수님과 대화중입니다.");
    }

    #[test]
    fn nobody_is_said_to_talk_who_is_away() {
        let present = || vec![member("영희", true)];
        assert_eq!(line(false, present(), Some(Presence::Idle)), "", "the header has the word already");
        assert_eq!(line(false, present(), Some(Presence::Offline)), "오프라인 · 메시지를 남길 수 있습니다");
        assert_eq!(line(true, present(), Some(Presence::Idle)), "");
        assert_eq!(line(true, present(), Some(Presence::Online)), "영희님과 대화중입니다.");
    }

    #[test]
    fn only_a_room_without_anybody_else_has_nobody() {
        let nobody = "대화상대가 아무도 없습니다.";
        let disabled = || vec![Member { is_disabled: true, ..member("영희", false) }];
        assert_eq!(line(false, disabled(), Some(Presence::Disabled)), nobody);
        assert_eq!(line(true, disabled(), None), nobody);
        assert_eq!(line(true, vec![], None), nobody);
        assert_eq!(line(false, vec![], None), "나만 볼 수 있는 대화입니다.");
    }
}
