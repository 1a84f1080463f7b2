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
    /// Around this `seq`.
    At(u64),
    /// Around the first message at or after this moment, UTC milliseconds.
    Moment(i64),
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
        self.awaited = Some(Awaited::At(seq));
        ChatCommand::Around { seq }
    }

    /// Asks for the messages around a moment, to be shown instead.
    pub fn ask_around_time(&mut self, at: i64) -> ChatCommand {
        self.awaited = Some(Awaited::Moment(at));
        ChatCommand::AroundTime { at }
    }

    /// Asks for the newest messages, to be shown instead.
    pub fn ask_newest(&mut self) -> ChatCommand {
        self.awaited = Some(Awaited::Newest);
        ChatCommand::Earlier { before: u64::MAX }
    }

    /// The question did not go out, or was refused.
    pub fn unask(&mut self) {
        if let Some(Awaited::At(_) | Awaited::Moment(_)) = self.awaited.take() {
            self.landed = Some(None);
        }
    }

    /// Where a jump led, once it has come to its end: none when it could not land.
    pub fn take_landed(&mut self) -> Option<Option<u64>> {
        self.landed.take()
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

    /// A jump that cannot land, as to what this person may not see, leaves alone what is shown.
    pub(super) fn take_around(&mut self, messages: Vec<Message>, has_earlier: bool, has_later: bool) {
        let found = match self.awaited {
            Some(Awaited::At(seq)) => messages.iter().find(|message| message.seq == seq),
            Some(Awaited::Moment(at)) => messages.iter().find(|message| message.sent_at >= at).or(messages.last()),
            _ => return,
        };
        let found = found.map(|message| message.seq);
        (self.awaited, self.landed) = (None, Some(found));
        if found.is_some() {
            self.replace(messages, has_earlier, has_later);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        client::state::conversation::tests::{Room, page},
        protocol::{
            chat::ChatEvent,
            error::Refusal,
            message::{Line, Recalled},
            room::RoomSnapshot,
        },
    };

    #[test]
    fn a_jump_that_cannot_land_leaves_alone_what_is_shown() {
        let room = Room::new();
        let mut conversation = room.open(951..=1000);
        conversation.ask_around(7);
        conversation
            .apply(ChatEvent::Around { messages: page(&room, 101..=150), has_earlier: false, has_later: true }, 0);
        assert_eq!((conversation.oldest(), conversation.has_later), (Some(951), false));
        assert_eq!((conversation.take_landed(), conversation.take_landed()), (Some(None), None));
        conversation.ask_around(7);
        conversation.apply(ChatEvent::Refused { error: Refusal::TooFast, id: None }, 0);
        assert_eq!(conversation.take_landed(), Some(None));
        assert!(conversation.ask_earlier().is_some(), "and others may be asked for");
    }

    #[test]
    fn a_jump_to_a_moment_lands_on_the_first_message_from_then_on() {
        let room = Room::new();
        let at = |seq: u64| Message { sent_at: seq as i64 * 10, ..room.message(seq) };
        let around =
            || ChatEvent::Around { messages: (275..=324).map(at).collect(), has_earlier: true, has_later: true };
        for (moment, place) in [(2_995, 300), (3_000, 300), (0, 275), (9_999, 324)] {
            let mut conversation = room.open(951..=1000);
            conversation.ask_around_time(moment);
            conversation.apply(around(), 0);
            assert_eq!(conversation.take_landed(), Some(Some(place)));
        }
    }

    #[test]
    fn a_window_opens_at_the_first_unread_message_wherever_it_is() {
        let room = Room::new();
        let snapshot = |seqs, last_read| {
            let members = vec![room.member(room.me, last_read), room.member(room.other, 0)];
            RoomSnapshot { members, has_later: true, cursor: room.cursor(1000), ..room.snapshot(seqs) }
        };
        let mut conversation = Conversation::new(room.me, snapshot(676..=725, 700));
        assert!(conversation.take_opening() && !conversation.take_opening());
        assert_eq!((conversation.first_unread(), conversation.unread()), (Some(701), None));
        conversation.apply(room.told(room.message(1001)), 0);
        assert_eq!((conversation.newest(), conversation.cursor().version), (Some(725), 1001), "a hole is not shown");
        assert_eq!(conversation.ask_later(), Some(ChatCommand::Later { after: 725 }));
        conversation.apply(ChatEvent::Welcome(snapshot(826..=875, 850)), 0);
        assert_eq!((conversation.take_opening(), conversation.first_unread()), (true, Some(851)), "much was missed");
        conversation.apply(ChatEvent::Welcome(room.snapshot(951..=1000)), 0);
        assert_eq!((conversation.take_opening(), conversation.first_unread()), (false, Some(851)));
    }

    #[test]
    fn what_was_recalled_or_is_no_message_does_not_count_as_unread() {
        let room = Room::new();
        let mut snapshot = room.snapshot(1..=4);
        snapshot.messages[0].recalled = Some(Recalled::BeforeRead);
        snapshot.messages[1].line = Some(Line::Left);
        snapshot.messages[2].author = room.me;
        assert_eq!(Conversation::new(room.me, snapshot).first_unread(), Some(4));
    }
}
