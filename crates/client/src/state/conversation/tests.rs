//! Tests of how events change a conversation.

use uuid::Uuid;

use super::{Conversation, MAX_LOADED};
use protocol::{
    cursor::Cursor,
    error::Refusal,
    ids::{MessageId, RoomId, UserId},
    limit::BODY_CHARS,
    message::{Message, Quote, SystemEvent},
    room::{Member, RoomDelta, RoomDetails, RoomSnapshot},
    room_socket::{Post, RoomCommand, RoomEvent},
};

pub(super) struct Room {
    epoch: Uuid,
    pub(super) me: UserId,
    pub(super) other: UserId,
}

impl Room {
    pub(super) fn new() -> Self {
        Self { epoch: Uuid::now_v7(), me: UserId::new(), other: UserId::new() }
    }

    pub(super) fn cursor(&self, version: u64) -> Cursor {
        Cursor { epoch: self.epoch, version }
    }

    pub(super) fn message(&self, seq: u64) -> Message {
        let body = seq.to_string();
        Message::new(MessageId::new(), seq, self.other, body, 0)
    }

    pub(super) fn event(&self, message: Message) -> RoomEvent {
        let cursor = self.cursor(message.version);
        RoomEvent::Message { message, cursor }
    }

    pub(super) fn reacted(&self, message: &Message, user: UserId, on: bool, version: u64) -> RoomEvent {
        let (id, seq, emoji) = (message.id, message.seq, "👍".to_owned());
        RoomEvent::Reacted { id, seq, emoji, user, on, cursor: self.cursor(version) }
    }

    pub(super) fn member(&self, id: UserId, last_read: u64) -> Member {
        Member { is_present: true, last_read, ..Member::new(id, "x".into(), "x".into()) }
    }

    pub(super) fn snapshot(&self, seqs: std::ops::RangeInclusive<u64>) -> RoomSnapshot {
        let members = vec![self.member(self.me, 0), self.member(self.other, 0)];
        RoomSnapshot {
            room: RoomId::new(),
            is_group: false,
            details: RoomDetails::new(members, self.cursor(*seqs.end())),
            has_earlier: *seqs.start() > 1,
            has_later: false,
            messages: seqs.map(|seq| self.message(seq)).collect(),
        }
    }

    pub(super) fn open(&self, seqs: std::ops::RangeInclusive<u64>) -> Conversation {
        Conversation::new(self.me, self.snapshot(seqs))
    }
}

fn seqs(conversation: &Conversation) -> Vec<u64> {
    conversation.messages().map(|message| message.seq).collect()
}

#[test]
fn an_event_that_arrives_twice_is_shown_once() {
    let room = Room::new();
    let mut conversation = room.open(1..=2);
    let message = room.message(3);
    conversation.apply(room.event(message.clone()), 0);
    conversation.apply(room.event(message), 0);
    assert_eq!(seqs(&conversation), [1, 2, 3]);
    assert!(!conversation.needs_resync());
    assert_eq!(conversation.cursor().version, 3);
}

#[test]
fn a_gap_is_noticed_and_the_cursor_stays_before_it() {
    let room = Room::new();
    let mut conversation = room.open(1..=2);
    conversation.apply(room.event(room.message(4)), 0);
    assert!(conversation.needs_resync());
    assert_eq!(conversation.cursor().version, 2);
    let messages = vec![room.message(3), room.message(4)];
    conversation
        .apply(RoomEvent::Resumed(RoomDelta { details: RoomDetails::new(vec![], room.cursor(4)), messages }), 0);
    assert_eq!((seqs(&conversation), conversation.needs_resync()), (vec![1, 2, 3, 4], false));
}

#[test]
fn a_message_is_unsent_until_it_is_acknowledged() {
    let room = Room::new();
    let mut conversation = room.open(1..=1);
    let first = conversation.post("하나", None, 0).unwrap();
    let second = conversation.post("둘\n", None, 0).unwrap();
    assert_eq!(conversation.unacknowledged(), [first.clone(), second]);
    conversation.apply(RoomEvent::Welcome(room.snapshot(1..=1)), 0);
    assert_eq!(conversation.unsent().len(), 2, "a fresh snapshot does not forget it");
    let RoomCommand::Post(Post { id, body, .. }) = first else { panic!() };
    let stored = Message { id, author: room.me, body, ..room.message(2) };
    conversation.apply(room.event(stored), 0);
    assert_eq!(conversation.unsent().iter().map(|unsent| unsent.body.as_str()).collect::<Vec<_>>(), ["둘"]);
}

#[test]
fn an_unsent_message_of_another_window_is_restored_once() {
    let room = Room::new();
    let mut left = room.open(1..=1);
    left.post("하나", None, 0);
    left.post("둘", None, 0);
    let kept = left.unsent().to_vec();
    let mut snapshot = room.snapshot(1..=1);
    snapshot.messages.push(Message { id: kept[0].id, author: room.me, ..room.message(2) });
    let mut conversation = Conversation::new(room.me, snapshot);
    conversation.restore(kept.clone());
    conversation.restore(kept);
    assert_eq!(conversation.unsent().iter().map(|unsent| unsent.body.as_str()).collect::<Vec<_>>(), ["둘"]);
}

#[test]
fn an_acknowledgement_from_before_the_first_page_leaves_no_gap() {
    let room = Room::new();
    let mut conversation = room.open(3..=4);
    conversation.post("하나", None, 0);
    let id = conversation.unsent()[0].id;
    let stored = Message { id, author: room.me, ..room.message(1) };
    conversation.apply(room.event(stored), 0);
    assert!(conversation.unsent().is_empty());
    assert_eq!((seqs(&conversation), conversation.oldest()), (vec![3, 4], Some(3)));
}

#[test]
fn a_refused_message_waits_for_its_author() {
    let room = Room::new();
    let mut conversation = room.open(1..=1);
    conversation.post("하나", None, 0);
    let id = conversation.unsent()[0].id;
    conversation.apply(RoomEvent::Refused { error: Refusal::TooFast, id: Some(id) }, 0);
    assert_eq!(conversation.unacknowledged().len(), 1, "what passes is tried again by itself");
    conversation.apply(RoomEvent::Refused { error: Refusal::IdConflict, id: Some(id) }, 0);
    assert_eq!(conversation.unsent()[0].refused, Some(Refusal::IdConflict));
    assert!(conversation.unacknowledged().is_empty());
    assert!(conversation.retry(id).is_some());
    assert_eq!(conversation.unacknowledged().len(), 1);
    conversation.discard(id);
    assert!(conversation.unsent().is_empty());
}

#[test]
fn empty_and_too_long_texts_are_not_sent() {
    let mut conversation = Room::new().open(1..=1);
    for body in ["", " \n", &"가".repeat(BODY_CHARS + 1)] {
        assert_eq!(conversation.post(body, None, 0), None);
    }
}

#[test]
fn earlier_pages_join_at_the_front() {
    let room = Room::new();
    let mut conversation = room.open(3..=4);
    assert_eq!((conversation.oldest(), conversation.has_earlier), (Some(3), true));
    assert_eq!(conversation.ask_earlier(), Some(RoomCommand::Earlier { before: 3 }));
    assert_eq!(conversation.ask_earlier(), None, "once");
    let messages = vec![room.message(1), room.message(2)];
    conversation.apply(RoomEvent::Earlier { messages, has_earlier: false }, 0);
    assert_eq!((seqs(&conversation), conversation.has_earlier), (vec![1, 2, 3, 4], false));
}

#[test]
fn reading_moves_forward_and_is_counted() {
    let room = Room::new();
    let mut conversation = room.open(1..=2);
    assert_eq!((conversation.first_unread(), conversation.unread()), (Some(1), Some(2)));
    let message = Message { author: room.me, ..room.message(3) };
    conversation.apply(room.event(message.clone()), 0);
    assert_eq!(conversation.not_read_by(&message), 1);
    conversation.apply(RoomEvent::Read { users: vec![room.other], seq: 3 }, 0);
    conversation.apply(RoomEvent::Read { users: vec![room.other], seq: 1 }, 0);
    assert_eq!(conversation.not_read_by(&message), 0);
}

#[test]
fn a_typing_indicator_expires_and_ends_with_the_message() {
    let room = Room::new();
    let mut conversation = room.open(1..=1);
    conversation.apply(RoomEvent::Typing { user: room.other }, 1_000);
    assert_eq!(conversation.typing(5_999).len(), 1);
    assert_eq!(conversation.typing(6_000).len(), 0);
    conversation.apply(RoomEvent::Typing { user: room.other }, 1_000);
    conversation.apply(room.event(room.message(2)), 1_100);
    assert!(conversation.typing(1_200).is_empty());
}

pub(super) fn page(room: &Room, seqs: std::ops::RangeInclusive<u64>) -> Vec<Message> {
    seqs.map(|seq| room.message(seq)).collect()
}

#[test]
fn a_long_way_back_evicts_the_end_and_returns_to_it() {
    let room = Room::new();
    let (last, page_length) = (1000, 50);
    let mut conversation = room.open(last - page_length + 1..=last);
    for _ in 0..8 {
        let Some(RoomCommand::Earlier { before }) = conversation.ask_earlier() else { panic!() };
        let messages = page(&room, before - page_length..=before - 1);
        conversation.apply(RoomEvent::Earlier { messages, has_earlier: true }, 0);
    }
    assert_eq!((conversation.oldest(), conversation.newest()), (Some(551), Some(850)));
    assert!(conversation.has_later && conversation.messages().count() == MAX_LOADED);
    conversation.apply(room.event(room.message(last + 1)), 0);
    assert_eq!((conversation.newest(), conversation.cursor().version), (Some(850), last + 1), "known of, not shown");
    assert_eq!(conversation.unread(), None);
    while let Some(RoomCommand::Later { after }) = conversation.ask_later() {
        let end = (after + page_length).min(last + 1);
        let messages = page(&room, after + 1..=end);
        conversation.apply(RoomEvent::Later { messages, has_later: end <= last }, 0);
    }
    assert_eq!(seqs(&conversation), (last + 2 - MAX_LOADED as u64..=last + 1).collect::<Vec<_>>());
    assert!(!conversation.has_later && conversation.has_earlier);
}

#[test]
fn a_jump_replaces_the_loaded_messages_and_late_answers_are_dropped() {
    let room = Room::new();
    let mut conversation = room.open(951..=1000);
    conversation.ask_earlier();
    conversation.ask_around(300);
    conversation.apply(RoomEvent::Earlier { messages: page(&room, 901..=950), has_earlier: true }, 0);
    assert_eq!(conversation.oldest(), Some(951), "the question was given up");
    let around = RoomEvent::Around { messages: page(&room, 275..=324), has_earlier: true, has_later: true };
    conversation.apply(around.clone(), 0);
    assert_eq!((conversation.oldest(), conversation.newest()), (Some(275), Some(324)));
    conversation.apply(around, 0);
    conversation.ask_newest();
    conversation.apply(RoomEvent::Earlier { messages: page(&room, 951..=1000), has_earlier: true }, 0);
    assert_eq!((conversation.oldest(), conversation.has_later), (Some(951), false));
}

#[test]
fn messages_missed_while_far_back_leave_no_gap() {
    let room = Room::new();
    let mut conversation = room.open(951..=1000);
    conversation.ask_around(300);
    let around = RoomEvent::Around { messages: page(&room, 275..=324), has_earlier: true, has_later: true };
    conversation.apply(around, 0);
    let edited = Message { version: 1002, body: "고침".into(), ..room.message(300) };
    let details = RoomDetails { is_muted: true, ..RoomDetails::new(vec![], room.cursor(1002)) };
    let resumed = RoomEvent::Resumed(RoomDelta { details, messages: vec![room.message(1001), edited.clone()] });
    conversation.apply(resumed, 0);
    assert_eq!((conversation.newest(), conversation.messages().nth(25)), (Some(324), Some(&edited)));
    assert!(conversation.is_muted && !conversation.needs_resync());
}

#[test]
fn the_loaded_messages_stay_few_while_the_person_reads_its_end() {
    let room = Room::new();
    let mut conversation = room.open(1..=1);
    for seq in 2..=MAX_LOADED as u64 + 7 {
        conversation.apply(room.event(room.message(seq)), 0);
    }
    conversation.evict_oldest();
    assert_eq!((conversation.oldest(), conversation.has_earlier), (Some(8), true));
}

#[test]
fn edits_and_recalls_update_the_quotes() {
    let room = Room::new();
    let mut conversation = room.open(1..=1);
    let asked = conversation.messages().next().unwrap().clone();
    let answer = Message { reply_to: Some(Quote::of(&asked)), ..room.message(2) };
    conversation.apply(room.event(answer), 0);
    let quoted = |conversation: &Conversation| conversation.messages().nth(1).unwrap().reply_to.clone().unwrap().body;
    conversation.apply(room.event(Message { version: 3, body: "고침".into(), ..asked.clone() }), 0);
    assert_eq!(quoted(&conversation), "고침");
    conversation.apply(room.event(Message { version: 4, body: String::new(), ..asked }), 0);
    assert_eq!(quoted(&conversation), "");
}

#[test]
fn an_edit_is_unsent_until_it_returns() {
    let room = Room::new();
    let mut conversation = room.open(1..=1);
    let message = Message { author: room.me, ..room.message(2) };
    conversation.apply(room.event(message.clone()), 0);
    conversation.edit(message.id, "하나", 0);
    assert_eq!(
        conversation.edit(message.id, "둘", 0),
        Some(RoomCommand::Edit { id: message.id, body: "둘".into(), mentions: Some(Default::default()) })
    );
    assert_eq!(conversation.unsent().len(), 1, "the later one counts");
    conversation.apply(room.event(Message { version: 3, body: "다른 창".into(), ..message.clone() }), 0);
    assert_eq!(conversation.unacknowledged().len(), 1);
    conversation.apply(room.event(Message { version: 4, body: "둘".into(), ..message }), 0);
    assert!(conversation.unsent().is_empty());
}

#[test]
fn last_read_never_decreases_when_an_older_event_arrives_late() {
    let room = Room::new();
    let mut conversation = room.open(1..=2);
    conversation.apply(RoomEvent::Read { users: vec![room.other], seq: 2 }, 0);
    conversation.apply(RoomEvent::MembersChanged { members: vec![room.member(room.other, 1)] }, 0);
    assert_eq!(conversation.member(room.other).map(|member| member.last_read), Some(2));
}

#[test]
fn a_former_member_keeps_their_name_and_does_not_count() {
    let room = Room::new();
    let mut conversation = room.open(1..=1);
    let gone = Member { has_left: true, ..room.member(room.other, 0) };
    conversation.apply(RoomEvent::MembersChanged { members: vec![gone] }, 0);
    assert_eq!((conversation.name_of(room.other), conversation.others().count()), ("x", 0));
    let mine = Message { author: room.me, ..room.message(2) };
    assert_eq!(conversation.not_read_by(&mine), 0);
}

#[test]
fn a_reacted_event_changes_the_message_once_and_nothing_after_a_gap() {
    let room = Room::new();
    let (mut conversation, message) = (Conversation::new(room.me, room.snapshot(1..=1)), room.message(2));
    conversation.apply(room.event(message.clone()), 0);
    let users = |conversation: &Conversation| {
        conversation.message(message.id).unwrap().reactions.first().map(|reaction| reaction.users.clone())
    };
    for _ in 0..2 {
        conversation.apply(room.reacted(&message, room.other, true, 3), 0);
        assert_eq!(users(&conversation), Some(vec![room.other]));
    }
    conversation.apply(room.reacted(&message, room.me, true, 4), 0);
    conversation.apply(room.reacted(&message, room.other, false, 5), 0);
    assert_eq!((users(&conversation), conversation.cursor().version), (Some(vec![room.me]), 5));
    conversation.apply(room.reacted(&message, room.other, true, 7), 0);
    assert!(conversation.needs_resync());
    assert_eq!(users(&conversation), Some(vec![room.me]), "what was missed comes with the message");
    assert_eq!(conversation.message(message.id).unwrap().version, 5);
}

#[test]
fn the_number_of_new_messages_is_that_of_the_list() {
    let room = Room::new();
    let mut conversation = room.open(1..=2);
    let invitation = |users| Message { system_event: Some(SystemEvent::Invited { users }), ..room.message(3) };
    conversation.apply(room.event(invitation(vec![room.me])), 0);
    let mine = Message { author: room.me, ..room.message(4) };
    conversation.apply(room.event(mine), 0);
    assert_eq!((conversation.newer_than(0), conversation.newer_than(2)), (3, 1));
    let of_another = Message { version: 5, ..invitation(vec![UserId::new()]) };
    conversation.apply(room.event(of_another), 0);
    assert_eq!(conversation.newer_than(0), 2);
}
