//! One conversation as a window knows it: what was said, what is on its way, who is here.

use std::collections::{BTreeMap, HashMap};

use uuid::Uuid;

use crate::{
    client::state::pending::Pending,
    protocol::{
        chat::{ChatCommand, ChatEvent},
        cursor::Cursor,
        error::Refusal,
        ids::{MessageId, RoomId, UserId},
        limit::BODY_CHARS,
        message::Message,
        room::{Member, RoomSnapshot},
    },
};

/// How long "is writing" is believed.
const TYPING_MS: i64 = 5_000;

#[derive(Clone, Debug, PartialEq)]
pub struct Conversation {
    pub room: RoomId,
    pub me: UserId,
    pub members: Vec<Member>,
    pub has_earlier: bool,
    /// By `seq`: the room's one order.
    messages: BTreeMap<u64, Message>,
    pending: Vec<Pending>,
    cursor: Cursor,
    has_begun: bool,
    needs_resync: bool,
    typing: HashMap<UserId, i64>,
    /// The first message that was not read when the window was opened.
    first_unread: Option<u64>,
}

impl Conversation {
    pub fn new(me: UserId, snapshot: RoomSnapshot) -> Self {
        let mut conversation = Self::opening(me, snapshot.room);
        conversation.restart(snapshot);
        conversation
    }

    /// A conversation of which nothing is known yet; its socket's welcome begins it.
    pub fn opening(me: UserId, room: RoomId) -> Self {
        Self {
            room,
            me,
            members: Vec::new(),
            has_earlier: false,
            messages: BTreeMap::new(),
            pending: Vec::new(),
            cursor: Cursor { epoch: Uuid::nil(), version: 0 },
            has_begun: false,
            needs_resync: false,
            typing: HashMap::new(),
            first_unread: None,
        }
    }

    /// Whether it is known what was said.
    pub fn has_begun(&self) -> bool {
        self.has_begun
    }

    /// Takes in what the server said; `now` is the clock in UTC milliseconds.
    pub fn apply(&mut self, event: ChatEvent, now: i64) {
        match event {
            ChatEvent::Welcome(snapshot) => self.restart(snapshot),
            ChatEvent::Resumed { members, messages, cursor } => {
                self.members = members;
                messages.into_iter().for_each(|message| self.upsert(message));
                self.cursor = cursor;
                self.needs_resync = false;
            }
            ChatEvent::Message { message, cursor } => self.take(message, cursor),
            ChatEvent::Members { members } => self.members = members,
            ChatEvent::Read { user, seq } => {
                if let Some(member) = self.members.iter_mut().find(|member| member.id == user) {
                    member.last_read = member.last_read.max(seq);
                }
            }
            ChatEvent::Typing { user } => drop(self.typing.insert(user, now + TYPING_MS)),
            ChatEvent::Earlier { messages, has_earlier } => {
                messages.into_iter().for_each(|message| self.upsert(message));
                self.has_earlier = has_earlier;
            }
            ChatEvent::Refused { error, id } => self.refuse(error, id),
            ChatEvent::Pong => {}
        }
    }

    /// Starts over from a snapshot; only what is on its way stays.
    fn restart(&mut self, snapshot: RoomSnapshot) {
        self.members = snapshot.members;
        self.messages.clear();
        snapshot.messages.into_iter().for_each(|message| self.upsert(message));
        self.cursor = snapshot.cursor;
        self.has_earlier = snapshot.has_earlier;
        self.needs_resync = false;
        if !std::mem::replace(&mut self.has_begun, true) {
            self.first_unread = self.find_first_unread();
        }
    }

    fn find_first_unread(&self) -> Option<u64> {
        let last_read = self.my_last_read();
        let mut unread = self.messages.values().filter(|message| message.seq > last_read && message.author != self.me);
        unread.next().map(|message| message.seq)
    }

    fn take(&mut self, message: Message, cursor: Cursor) {
        let is_next = message.version <= self.cursor.version + 1 && cursor.epoch == self.cursor.epoch;
        if is_next {
            self.cursor.version = self.cursor.version.max(cursor.version);
        } else {
            self.needs_resync = true;
        }
        self.typing.remove(&message.author);
        // An answer to a message sent again may lie before the first page; there it would leave a gap.
        if self.has_earlier && self.oldest().is_some_and(|oldest| message.seq < oldest) {
            return self.discard(message.id);
        }
        self.upsert(message);
    }

    /// A message in its present state; what is older than what is known changes nothing.
    fn upsert(&mut self, message: Message) {
        self.pending.retain(|pending| pending.id != message.id);
        let known = self.messages.get(&message.seq).map_or(0, |known| known.version);
        if message.version > known {
            self.messages.insert(message.seq, message);
        }
    }

    fn refuse(&mut self, error: Refusal, id: Option<MessageId>) {
        let is_passing = matches!(error, Refusal::TooFast | Refusal::Unavailable);
        if let Some(pending) = self.pending.iter_mut().find(|pending| Some(pending.id) == id && !is_passing) {
            pending.refused = Some(error);
        }
    }

    /// Puts a text on its way; none when there is nothing to send or too much.
    pub fn post(&mut self, body: &str, now: i64) -> Option<ChatCommand> {
        let body = body.trim_end();
        if body.trim().is_empty() || body.chars().count() > BODY_CHARS {
            return None;
        }
        let pending = Pending { id: MessageId::new(), body: body.to_owned(), sent_at: now, refused: None };
        self.pending.push(pending.clone());
        Some(pending.command())
    }

    /// What is to be said again on a new connection, in the order in which it was written.
    pub fn unacknowledged(&self) -> Vec<ChatCommand> {
        self.pending.iter().filter(|pending| pending.refused.is_none()).map(Pending::command).collect()
    }

    /// Tries a refused message again.
    pub fn retry(&mut self, id: MessageId) -> Option<ChatCommand> {
        let pending = self.pending.iter_mut().find(|pending| pending.id == id)?;
        pending.refused = None;
        Some(pending.command())
    }

    pub fn discard(&mut self, id: MessageId) {
        self.pending.retain(|pending| pending.id != id);
    }

    /// Takes up again what an earlier window of this conversation could not send.
    pub fn restore(&mut self, kept: Vec<Pending>) {
        let is_unknown = |kept: &Pending| {
            self.messages.values().all(|message| message.id != kept.id)
                && self.pending.iter().all(|pending| pending.id != kept.id)
        };
        let unknown: Vec<Pending> = kept.into_iter().filter(is_unknown).collect();
        self.pending.extend(unknown);
    }

    pub fn pending(&self) -> &[Pending] {
        &self.pending
    }

    pub fn messages(&self) -> impl Iterator<Item = &Message> {
        self.messages.values()
    }

    /// Up to where nothing is missing; what a new connection continues from.
    pub fn cursor(&self) -> Cursor {
        self.cursor
    }

    /// Whether a change was missed: connect again with the cursor.
    pub fn needs_resync(&self) -> bool {
        self.needs_resync
    }

    pub fn first_unread(&self) -> Option<u64> {
        self.first_unread
    }

    /// The `seq` of the oldest message known: what `earlier` is asked before.
    pub fn oldest(&self) -> Option<u64> {
        self.messages.keys().next().copied()
    }

    /// The newest message of somebody else beyond what this person has read.
    pub fn unread(&self) -> Option<u64> {
        let last_read = self.my_last_read();
        let newest = self.messages.values().next_back().filter(|message| message.seq > last_read)?;
        Some(newest.seq)
    }

    /// How many members other than the author have not read a message.
    pub fn not_read_by(&self, message: &Message) -> usize {
        self.members.iter().filter(|member| member.id != message.author && member.last_read < message.seq).count()
    }

    pub fn member(&self, user: UserId) -> Option<&Member> {
        self.members.iter().find(|member| member.id == user)
    }

    /// Everybody else in the conversation.
    pub fn others(&self) -> impl Iterator<Item = &Member> {
        self.members.iter().filter(|member| member.id != self.me)
    }

    /// Who is writing at this moment.
    pub fn typing(&self, now: i64) -> Vec<&Member> {
        self.others().filter(|member| self.typing.get(&member.id).is_some_and(|until| *until > now)).collect()
    }

    fn my_last_read(&self) -> u64 {
        self.member(self.me).map_or(0, |member| member.last_read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Room {
        epoch: Uuid,
        me: UserId,
        other: UserId,
    }

    impl Room {
        fn new() -> Self {
            Self { epoch: Uuid::now_v7(), me: UserId::new(), other: UserId::new() }
        }

        fn cursor(&self, version: u64) -> Cursor {
            Cursor { epoch: self.epoch, version }
        }

        fn message(&self, seq: u64) -> Message {
            let body = seq.to_string();
            Message { id: MessageId::new(), seq, version: seq, author: self.other, body, sent_at: 0 }
        }

        fn told(&self, message: Message) -> ChatEvent {
            let cursor = self.cursor(message.version);
            ChatEvent::Message { message, cursor }
        }

        fn member(&self, id: UserId, last_read: u64) -> Member {
            Member { id, login: "x".into(), name: "x".into(), here: true, last_read }
        }

        fn snapshot(&self, seqs: std::ops::RangeInclusive<u64>) -> RoomSnapshot {
            RoomSnapshot {
                room: RoomId::new(),
                members: vec![self.member(self.me, 0), self.member(self.other, 0)],
                cursor: self.cursor(*seqs.end()),
                has_earlier: *seqs.start() > 1,
                messages: seqs.map(|seq| self.message(seq)).collect(),
            }
        }

        fn open(&self, seqs: std::ops::RangeInclusive<u64>) -> Conversation {
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
        conversation.apply(ChatEvent::Resumed { members: vec![], messages, cursor: room.cursor(4) }, 0);
        assert_eq!((seqs(&conversation), conversation.needs_resync()), (vec![1, 2, 3, 4], false));
    }

    #[test]
    fn what_was_written_stays_until_it_is_acknowledged() {
        let room = Room::new();
        let mut conversation = room.open(1..=1);
        let first = conversation.post("하나", 0).unwrap();
        let second = conversation.post("둘\n", 0).unwrap();
        assert_eq!(conversation.unacknowledged(), [first.clone(), second]);
        conversation.apply(ChatEvent::Welcome(room.snapshot(1..=1)), 0);
        assert_eq!(conversation.pending().len(), 2, "a fresh snapshot does not forget it");
        let ChatCommand::Post { id, body } = first else { panic!() };
        let stored = Message { id, author: room.me, body, ..room.message(2) };
        conversation.apply(room.told(stored), 0);
        assert_eq!(conversation.pending().iter().map(|pending| pending.body.as_str()).collect::<Vec<_>>(), ["둘"]);
    }

    #[test]
    fn what_another_window_could_not_send_is_taken_up_once() {
        let room = Room::new();
        let mut left = room.open(1..=1);
        left.post("하나", 0);
        left.post("둘", 0);
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
        conversation.post("하나", 0);
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
        conversation.post("하나", 0);
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
            assert_eq!(conversation.post(body, 0), None);
        }
    }

    #[test]
    fn earlier_pages_join_at_the_front() {
        let room = Room::new();
        let mut conversation = room.open(3..=4);
        assert_eq!((conversation.oldest(), conversation.has_earlier), (Some(3), true));
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
        conversation.apply(ChatEvent::Read { user: room.other, seq: 3 }, 0);
        conversation.apply(ChatEvent::Read { user: room.other, seq: 1 }, 0);
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
}
