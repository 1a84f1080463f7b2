//! Pages of the history. The loaded messages grow by pages at either end, and a jump replaces them. They are at most
//! [`MAX_LOADED`].

use crate::state::conversation::model::{Conversation, MAX_LOADED, PageRequest};
use protocol::{message::Message, room_socket::RoomCommand};

impl Conversation {
    /// Requests the page before the loaded messages, unless another request is pending.
    pub fn ask_earlier(&mut self) -> Option<RoomCommand> {
        let before = self.oldest().filter(|_| self.has_earlier && self.requested.is_none())?;
        self.requested = Some(PageRequest::Earlier(before));
        Some(RoomCommand::Earlier { before })
    }

    /// Requests the page after the loaded messages, unless another request is pending.
    pub fn ask_later(&mut self) -> Option<RoomCommand> {
        let after = self.newest().filter(|_| self.has_later && self.requested.is_none())?;
        self.requested = Some(PageRequest::Later(after));
        Some(RoomCommand::Later { after })
    }

    /// Requests the messages around a `seq`, to replace the loaded ones.
    pub fn ask_around(&mut self, seq: u64) -> RoomCommand {
        self.requested = Some(PageRequest::Around(seq));
        RoomCommand::Around { seq }
    }

    /// Requests the messages around a time, UTC milliseconds, to replace the loaded ones.
    pub fn ask_around_time(&mut self, at: i64) -> RoomCommand {
        self.requested = Some(PageRequest::AroundTime(at));
        RoomCommand::AroundTime { at }
    }

    /// Requests the newest messages, to replace the loaded ones.
    pub fn ask_newest(&mut self) -> RoomCommand {
        self.requested = Some(PageRequest::Newest);
        RoomCommand::Earlier { before: u64::MAX }
    }

    /// Cancels a request that was not sent, or was refused.
    pub fn cancel_request(&mut self) {
        if let Some(PageRequest::Around(_) | PageRequest::AroundTime(_)) = self.requested.take() {
            self.landed = Some(None);
        }
    }

    /// The result of a jump, returned once: the `seq` at which it arrived, or `None` inside if it failed.
    pub fn take_landed(&mut self) -> Option<Option<u64>> {
        self.landed.take()
    }

    pub(super) fn add_earlier(&mut self, messages: Vec<Message>, has_earlier: bool) {
        match self.requested {
            Some(PageRequest::Newest) => self.replace(messages, has_earlier, false),
            Some(PageRequest::Earlier(before)) if self.oldest() == Some(before) => {
                self.has_earlier = has_earlier;
                self.insert(messages);
                while self.messages.len() > MAX_LOADED {
                    self.messages.pop_last();
                    self.has_later = true;
                }
            }
            _ => return,
        }
        self.requested = None;
    }

    pub(super) fn add_later(&mut self, messages: Vec<Message>, has_later: bool) {
        let is_next = matches!(self.requested, Some(PageRequest::Later(after)) if self.newest() == Some(after));
        if is_next {
            (self.has_later, self.requested) = (has_later, None);
            self.insert(messages);
            self.evict_oldest();
        }
    }

    /// A failed jump, such as one to a message that the user may not see, leaves the loaded messages unchanged.
    pub(super) fn replace_around(&mut self, messages: Vec<Message>, has_earlier: bool, has_later: bool) {
        let found = match self.requested {
            Some(PageRequest::Around(seq)) => messages.iter().find(|message| message.seq == seq),
            Some(PageRequest::AroundTime(at)) => {
                messages.iter().find(|message| message.sent_at >= at).or(messages.last())
            }
            _ => return,
        };
        let found = found.map(|message| message.seq);
        (self.requested, self.landed) = (None, Some(found));
        if found.is_some() {
            self.replace(messages, has_earlier, has_later);
        }
    }

    /// Replaces the loaded messages.
    pub(super) fn replace(&mut self, messages: Vec<Message>, has_earlier: bool, has_later: bool) {
        self.messages.clear();
        (self.has_earlier, self.has_later) = (has_earlier, has_later);
        self.insert(messages);
    }

    fn insert(&mut self, messages: Vec<Message>) {
        for message in messages {
            self.settle(&message);
            self.messages.insert(message.seq, message);
        }
    }

    /// Evicts the oldest messages above [`MAX_LOADED`].
    pub fn evict_oldest(&mut self) {
        while self.messages.len() > MAX_LOADED {
            self.messages.pop_first();
            self.has_earlier = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::conversation::tests::{Room, page};
    use protocol::{
        error::Refusal,
        message::{Recalled, SystemEvent},
        room::{RoomDetails, RoomSnapshot},
        room_socket::RoomEvent,
    };

    #[test]
    fn a_jump_that_fails_leaves_the_loaded_messages_as_they_are() {
        let room = Room::new();
        let mut conversation = room.open(951..=1000);
        conversation.ask_around(7);
        conversation
            .apply(RoomEvent::Around { messages: page(&room, 101..=150), has_earlier: false, has_later: true }, 0);
        assert_eq!((conversation.oldest(), conversation.has_later), (Some(951), false));
        assert_eq!((conversation.take_landed(), conversation.take_landed()), (Some(None), None));
        conversation.ask_around(7);
        conversation.apply(RoomEvent::Refused { error: Refusal::TooFast, id: None }, 0);
        assert_eq!(conversation.take_landed(), Some(None));
        assert!(conversation.ask_earlier().is_some(), "other requests are possible");
    }

    #[test]
    fn a_jump_to_a_time_leads_to_the_first_message_at_or_after_it() {
        let room = Room::new();
        let at = |seq: u64| Message { sent_at: seq as i64 * 10, ..room.message(seq) };
        let around =
            || RoomEvent::Around { messages: (275..=324).map(at).collect(), has_earlier: true, has_later: true };
        for (time, seq) in [(2_995, 300), (3_000, 300), (0, 275), (9_999, 324)] {
            let mut conversation = room.open(951..=1000);
            conversation.ask_around_time(time);
            conversation.apply(around(), 0);
            assert_eq!(conversation.take_landed(), Some(Some(seq)));
        }
    }

    #[test]
    fn a_window_opens_at_the_first_unread_message_wherever_it_is() {
        let room = Room::new();
        let snapshot = |seqs, last_read| {
            let members = vec![room.member(room.me, last_read), room.member(room.other, 0)];
            let details = RoomDetails::new(members, room.cursor(1000));
            RoomSnapshot { details, has_later: true, ..room.snapshot(seqs) }
        };
        let mut conversation = Conversation::new(room.me, snapshot(676..=725, 700));
        assert!(conversation.take_opening() && !conversation.take_opening());
        assert_eq!((conversation.first_unread(), conversation.unread()), (Some(701), None));
        conversation.apply(room.event(room.message(1001)), 0);
        assert_eq!((conversation.newest(), conversation.cursor().version), (Some(725), 1001), "a gap is not shown");
        assert_eq!(conversation.ask_later(), Some(RoomCommand::Later { after: 725 }));
        conversation.apply(RoomEvent::Welcome(snapshot(826..=875, 850)), 0);
        assert_eq!(
            (conversation.take_opening(), conversation.first_unread()),
            (true, Some(851)),
            "many messages were missed"
        );
        conversation.apply(RoomEvent::Welcome(room.snapshot(951..=1000)), 0);
        assert_eq!((conversation.take_opening(), conversation.first_unread()), (false, Some(851)));
    }

    #[test]
    fn only_loaded_messages_without_a_gap_behind_the_read_mark_move_it() {
        let room = Room::new();
        let conversation = room.open(676..=725);
        assert!(conversation.follows(700) && conversation.follows(676));
        assert!(!conversation.follows(600), "a jump over unread messages");
        assert!(room.open(1..=50).follows(0), "the beginning");
    }

    #[test]
    fn recalled_messages_and_system_events_do_not_count_as_unread() {
        let room = Room::new();
        let mut snapshot = room.snapshot(1..=4);
        snapshot.messages[0].recalled = Some(Recalled::BeforeRead);
        snapshot.messages[1].system_event = Some(SystemEvent::Left);
        snapshot.messages[2].author = room.me;
        assert_eq!(Conversation::new(room.me, snapshot.clone()).first_unread(), Some(4));
        snapshot.messages[1].system_event = Some(SystemEvent::Invited { users: vec![room.me] });
        assert_eq!(Conversation::new(room.me, snapshot).first_unread(), Some(2), "the reader's own invitation does");
    }
}
