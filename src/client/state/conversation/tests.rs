//! What a window makes of what it hears.

use super::*;
use crate::protocol::{chat::ChatCommand, limit::BODY_CHARS};

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

    pub(super) fn told(&self, message: Message) -> ChatEvent {
        let cursor = self.cursor(message.version);
        ChatEvent::Message { message, cursor }
    }

    pub(super) fn reacted(&self, message: &Message, user: UserId, on: bool, version: u64) -> ChatEvent {
        let (id, seq, emoji) = (message.id, message.seq, "👍".to_owned());
        ChatEvent::Reacted { id, seq, emoji, user, on, cursor: self.cursor(version) }
    }

    pub(super) fn member(&self, id: UserId, last_read: u64) -> Member {
        let (login, name) = ("x".into(), "x".into());
        Member { id, login, name, is_ambiguous: false, here: true, last_read, has_left: false, is_disabled: false }
    }

    pub(super) fn snapshot(&self, seqs: std::ops::RangeInclusive<u64>) -> RoomSnapshot {
        RoomSnapshot {
            room: RoomId::new(),
            is_group: false,
            title: None,
            is_muted: false,
            members: vec![self.member(self.me, 0), self.member(self.other, 0)],
            cursor: self.cursor(*seqs.end()),
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
fn what_is_told_twice_is_shown_once() {
    let room = Room::new();
    let mut conversation = room.open(1..=2);
    let message = room.message(3);
    conversation.apply(room.told(message.clone()), 0);
    conversation.apply(room.told(message), 0);
    assert_eq!(seqs(&conversation), [1, 2, 3]);
    assert!(!conversation.needs_resync());
    assert_eq!(conversation.cursor().version, 3);
}

#[test]
fn a_hole_is_noticed_and_the_cursor_stays_before_it() {
    let room = Room::new();
    let mut conversation = room.open(1..=2);
    conversation.apply(room.told(room.message(4)), 0);
    assert!(conversation.needs_resync());
    assert_eq!(conversation.cursor().version, 2);
    let messages = vec![room.message(3), room.message(4)];
    conversation.apply(
        ChatEvent::Resumed { members: vec![], messages, title: None, is_muted: false, cursor: room.cursor(4) },
        0,
    );
    assert_eq!((seqs(&conversation), conversation.needs_resync()), (vec![1, 2, 3, 4], false));
}

#[test]
fn what_was_written_stays_until_it_is_acknowledged() {
    let room = Room::new();
    let mut conversation = room.open(1..=1);
    let first = conversation.post("하나", None, 0).unwrap();
    let second = conversation.post("둘\n", None, 0).unwrap();
    assert_eq!(conversation.unacknowledged(), [first.clone(), second]);
    conversation.apply(ChatEvent::Welcome(room.snapshot(1..=1)), 0);
    assert_eq!(conversation.pending().len(), 2, "a fresh snapshot does not forget it");
    let ChatCommand::Post { id, body, .. } = first else { panic!() };
    let stored = Message { id, author: room.me, body, ..room.message(2) };
    conversation.apply(room.told(stored), 0);
    assert_eq!(conversation.pending().iter().map(|pending| pending.body.as_str()).collect::<Vec<_>>(), ["둘"]);
}

#[test]
fn what_another_window_could_not_send_is_taken_up_once() {
    let room = Room::new();
    let mut left = room.open(1..=1);
    left.post("하나", None, 0);
    left.post("둘", None, 0);
    let kept = left.pending().to_vec();
    let mut snapshot = room.snapshot(1..=1);
    snapshot.messages.push(Message { id: kept[0].id, author: room.me, ..room.message(2) });
    let mut conversation = Conversation::new(room.me, snapshot);
    conversation.restore(kept.clone());
    conversation.restore(kept);
    assert_eq!(conversation.pending().iter().map(|pending| pending.body.as_str()).collect::<Vec<_>>(), ["둘"]);
}

#[test]
fn an_acknowledgement_from_before_the_first_page_leaves_no_gap() {
    let room = Room::new();
    let mut conversation = room.open(3..=4);
    conversation.post("하나", None, 0);
    let id = conversation.pending()[0].id;
    let stored = Message { id, author: room.me, ..room.message(1) };
    conversation.apply(room.told(stored), 0);
    assert!(conversation.pending().is_empty());
    assert_eq!((seqs(&conversation), conversation.oldest()), (vec![3, 4], Some(3)));
}

#[test]
fn a_refused_message_waits_for_its_author() {
    let room = Room::new();
    let mut conversation = room.open(1..=1);
    conversation.post("하나", None, 0);
    let id = conversation.pending()[0].id;
    conversation.apply(ChatEvent::Refused { error: Refusal::TooFast, id: Some(id) }, 0);
    assert_eq!(conversation.unacknowledged().len(), 1, "what passes is tried again by itself");
    conversation.apply(ChatEvent::Refused { error: Refusal::IdConflict, id: Some(id) }, 0);
    assert_eq!(conversation.pending()[0].refused, Some(Refusal::IdConflict));
    assert!(conversation.unacknowledged().is_empty());
    assert!(conversation.retry(id).is_some());
    assert_eq!(conversation.unacknowledged().len(), 1);
    conversation.discard(id);
    assert!(conversation.pending().is_empty());
}

#[test]
fn nothing_and_too_much_are_not_sent() {
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
    assert_eq!(conversation.ask_earlier(), Some(ChatCommand::Earlier { before: 3 }));
    assert_eq!(conversation.ask_earlier(), None, "once");
    let messages = vec![room.message(1), room.message(2)];
    conversation.apply(ChatEvent::Earlier { messages, has_earlier: false }, 0);
    assert_eq!((seqs(&conversation), conversation.has_earlier), (vec![1, 2, 3, 4], false));
}

#[test]
fn reading_moves_forward_and_is_counted() {
    let room = Room::new();
    let mut conversation = room.open(1..=2);
    assert_eq!((conversation.first_unread(), conversation.unread()), (Some(1), Some(2)));
    let message = Message { author: room.me, ..room.message(3) };
    conversation.apply(room.told(message.clone()), 0);
    assert_eq!(conversation.not_read_by(&message), 1);
    conversation.apply(ChatEvent::Read { users: vec![room.other], seq: 3 }, 0);
    conversation.apply(ChatEvent::Read { users: vec![room.other], seq: 1 }, 0);
    assert_eq!(conversation.not_read_by(&message), 0);
}

#[test]
fn typing_is_forgotten_and_ends_with_the_message() {
    let room = Room::new();
    let mut conversation = room.open(1..=1);
    conversation.apply(ChatEvent::Typing { user: room.other }, 1_000);
    assert_eq!(conversation.typing(5_999).len(), 1);
    assert_eq!(conversation.typing(6_000).len(), 0);
    conversation.apply(ChatEvent::Typing { user: room.other }, 1_000);
    conversation.apply(room.told(room.message(2)), 1_100);
    assert!(conversation.typing(1_200).is_empty());
}

pub(super) fn page(room: &Room, seqs: std::ops::RangeInclusive<u64>) -> Vec<Message> {
    seqs.map(|seq| room.message(seq)).collect()
}

#[test]
fn a_long_way_back_lets_go_of_the_end_and_comes_back_to_it() {
    let room = Room::new();
    let (last, page_length) = (1000, 50);
    let mut conversation = room.open(last - page_length + 1..=last);
    for _ in 0..8 {
        let Some(ChatCommand::Earlier { before }) = conversation.ask_earlier() else { panic!() };
        let messages = page(&room, before - page_length..=before - 1);
        conversation.apply(ChatEvent::Earlier { messages, has_earlier: true }, 0);
    }
    assert_eq!((conversation.oldest(), conversation.newest()), (Some(551), Some(850)));
    assert!(conversation.has_later && conversation.messages().count() == WINDOW);
    conversation.apply(room.told(room.message(last + 1)), 0);
    assert_eq!((conversation.newest(), conversation.cursor().version), (Some(850), last + 1), "known of, not shown");
    assert_eq!(conversation.unread(), None);
    while let Some(ChatCommand::Later { after }) = conversation.ask_later() {
        let end = (after + page_length).min(last + 1);
        let messages = page(&room, after + 1..=end);
        conversation.apply(ChatEvent::Later { messages, has_later: end <= last }, 0);
    }
    assert_eq!(seqs(&conversation), (last + 2 - WINDOW as u64..=last + 1).collect::<Vec<_>>());
    assert!(!conversation.has_later && conversation.has_earlier);
}

#[test]
fn a_jump_replaces_what_is_shown_and_late_answers_are_of_no_use() {
    let room = Room::new();
    let mut conversation = room.open(951..=1000);
    conversation.ask_earlier();
    conversation.ask_around(300);
    conversation.apply(ChatEvent::Earlier { messages: page(&room, 901..=950), has_earlier: true }, 0);
    assert_eq!(conversation.oldest(), Some(951), "the question was given up");
    let around = ChatEvent::Around { messages: page(&room, 275..=324), has_earlier: true, has_later: true };
    conversation.apply(around.clone(), 0);
    assert_eq!((conversation.oldest(), conversation.newest()), (Some(275), Some(324)));
    conversation.apply(around, 0);
    conversation.ask_newest();
    conversation.apply(ChatEvent::Earlier { messages: page(&room, 951..=1000), has_earlier: true }, 0);
    assert_eq!((conversation.oldest(), conversation.has_later), (Some(951), false));
}

#[test]
fn what_was_missed_while_far_back_leaves_no_hole() {
    let room = Room::new();
    let mut conversation = room.open(951..=1000);
    conversation.ask_around(300);
    let around = ChatEvent::Around { messages: page(&room, 275..=324), has_earlier: true, has_later: true };
    conversation.apply(around, 0);
    let edited = Message { version: 1002, body: "고침".into(), ..room.message(300) };
    let resumed = ChatEvent::Resumed {
        title: None,
        is_muted: true,
        members: vec![],
        messages: vec![room.message(1001), edited.clone()],
        cursor: room.cursor(1002),
    };
    conversation.apply(resumed, 0);
    assert_eq!((conversation.newest(), conversation.messages().nth(25)), (Some(324), Some(&edited)));
    assert!(conversation.is_muted && !conversation.needs_resync());
}

#[test]
fn the_end_is_kept_short_while_one_reads_there() {
    let room = Room::new();
    let mut conversation = room.open(1..=1);
    for seq in 2..=WINDOW as u64 + 7 {
        conversation.apply(room.told(room.message(seq)), 0);
    }
    conversation.forget_oldest();
    assert_eq!((conversation.oldest(), conversation.has_earlier), (Some(8), true));
}

#[test]
fn changes_and_recalls_reach_what_quotes_them() {
    let room = Room::new();
    let mut conversation = room.open(1..=1);
    let asked = conversation.messages().next().unwrap().clone();
    let answer = Message { reply_to: Some(Quote::of(&asked)), ..room.message(2) };
    conversation.apply(room.told(answer), 0);
    let quoted = |conversation: &Conversation| conversation.messages().nth(1).unwrap().reply_to.clone().unwrap().body;
    conversation.apply(room.told(Message { version: 3, body: "고침".into(), ..asked.clone() }), 0);
    assert_eq!(quoted(&conversation), "고침");
    conversation.apply(room.told(Message { version: 4, body: String::new(), ..asked }), 0);
    assert_eq!(quoted(&conversation), "");
}

#[test]
fn an_edit_is_on_its_way_until_it_comes_back() {
    let room = Room::new();
    let mut conversation = room.open(1..=1);
    let message = Message { author: room.me, ..room.message(2) };
    conversation.apply(room.told(message.clone()), 0);
    conversation.edit(message.id, "하나", 0);
    assert_eq!(conversation.edit(message.id, "둘", 0), Some(ChatCommand::Edit { id: message.id, body: "둘".into() }));
    assert_eq!(conversation.pending().len(), 1, "the later one counts");
    conversation.apply(room.told(Message { version: 3, body: "다른 창".into(), ..message.clone() }), 0);
    assert_eq!(conversation.unacknowledged().len(), 1);
    conversation.apply(room.told(Message { version: 4, body: "둘".into(), ..message }), 0);
    assert!(conversation.pending().is_empty());
}

#[test]
fn reading_does_not_go_back_when_an_older_list_comes_late() {
    let room = Room::new();
    let mut conversation = room.open(1..=2);
    conversation.apply(ChatEvent::Read { users: vec![room.other], seq: 2 }, 0);
    conversation.apply(ChatEvent::MembersChanged { members: vec![room.member(room.other, 1)] }, 0);
    assert_eq!(conversation.member(room.other).map(|member| member.last_read), Some(2));
}

#[test]
fn who_left_keeps_their_name_and_counts_no_more() {
    let room = Room::new();
    let mut conversation = room.open(1..=1);
    let gone = Member { has_left: true, ..room.member(room.other, 0) };
    conversation.apply(ChatEvent::MembersChanged { members: vec![gone] }, 0);
    assert_eq!((conversation.name_of(room.other), conversation.others().count()), ("x", 0));
    let mine = Message { author: room.me, ..room.message(2) };
    assert_eq!(conversation.not_read_by(&mine), 0);
}

#[test]
fn a_reaction_told_alone_changes_the_message_once_and_nothing_behind_a_hole() {
    let room = Room::new();
    let (mut conversation, message) = (Conversation::new(room.me, room.snapshot(1..=1)), room.message(2));
    conversation.apply(room.told(message.clone()), 0);
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
