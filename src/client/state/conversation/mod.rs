//! One conversation as a window knows it: what was said, what is on its way, who is here.

mod pages;
#[cfg(test)]
mod tests;
mod writing;

use std::collections::{BTreeMap, HashMap};

use uuid::Uuid;

use crate::{
    client::state::pending::Pending,
    protocol::{
        chat::ChatEvent,
        cursor::Cursor,
        error::Refusal,
        ids::{MessageId, RoomId, UserId},
        message::{Message, Quote},
        room::{Member, RoomSnapshot},
    },
};

use pages::Awaited;
pub use pages::WINDOW;

/// How long "is writing" is believed.
const TYPING_MS: i64 = 5_000;

#[derive(Clone, Debug, PartialEq)]
pub struct Conversation {
    pub room: RoomId,
    pub me: UserId,
    pub is_group: bool,
    pub title: Option<String>,
    pub is_muted: bool,
    /// Everybody who is or was in it.
    pub members: Vec<Member>,
    pub has_earlier: bool,
    /// Whether what is known ends before the newest message: one has jumped back.
    pub has_later: bool,
    /// A part of the room's one order without holes, by `seq`.
    messages: BTreeMap<u64, Message>,
    pending: Vec<Pending>,
    cursor: Cursor,
    has_begun: bool,
    needs_resync: bool,
    awaited: Option<Awaited>,
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
            is_group: false,
            title: None,
            is_muted: false,
            members: Vec::new(),
            has_earlier: false,
            has_later: false,
            messages: BTreeMap::new(),
            pending: Vec::new(),
            cursor: Cursor { epoch: Uuid::nil(), version: 0 },
            has_begun: false,
            needs_resync: false,
            awaited: None,
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
            ChatEvent::Resumed { title, is_muted, members, messages, cursor } => {
                (self.title, self.is_muted, self.cursor) = (title, is_muted, cursor);
                self.put_members(members);
                messages.into_iter().for_each(|message| self.put(message));
                (self.needs_resync, self.awaited) = (false, None);
            }
            ChatEvent::Message { message, cursor } => {
                self.advance(cursor);
                self.typing.remove(&message.author);
                self.put(message);
            }
            ChatEvent::Reacted { seq, emoji, user, on, cursor, .. } => {
                self.advance(cursor);
                // Behind a hole the message may lack more than this: it comes whole with the next connection.
                let known = self.messages.get_mut(&seq).filter(|_| !self.needs_resync);
                if let Some(message) = known.filter(|message| message.version < cursor.version) {
                    message.react(emoji, user, on, cursor.version);
                }
            }
            ChatEvent::Advanced { cursor } => self.advance(cursor),
            ChatEvent::MembersChanged { members } => self.put_members(members),
            ChatEvent::Renamed { title } => self.title = title,
            ChatEvent::Muted { on } => self.is_muted = on,
            ChatEvent::Read { users, seq } => {
                for member in self.members.iter_mut().filter(|member| users.contains(&member.id)) {
                    member.last_read = member.last_read.max(seq);
                }
            }
            ChatEvent::Typing { user } => drop(self.typing.insert(user, now + TYPING_MS)),
            ChatEvent::Earlier { messages, has_earlier } => self.take_earlier(messages, has_earlier),
            ChatEvent::Later { messages, has_later } => self.take_later(messages, has_later),
            ChatEvent::Around { messages, has_earlier, has_later } => {
                if self.awaited.take_if(|awaited| *awaited == Awaited::Around).is_some() {
                    self.replace(messages, has_earlier, has_later);
                }
            }
            ChatEvent::Refused { error, id } => self.refuse(error, id),
            ChatEvent::People { .. } | ChatEvent::Entered { .. } | ChatEvent::Pong => {}
        }
    }

    /// Starts over from a snapshot; only what is on its way stays.
    fn restart(&mut self, snapshot: RoomSnapshot) {
        (self.is_group, self.title, self.is_muted) = (snapshot.is_group, snapshot.title, snapshot.is_muted);
        self.members = snapshot.members.into_iter().map(told_apart).collect();
        self.replace(snapshot.messages, snapshot.has_earlier, false);
        (self.cursor, self.needs_resync, self.awaited) = (snapshot.cursor, false, None);
        if !std::mem::replace(&mut self.has_begun, true) {
            self.first_unread = self.find_first_unread();
        }
    }

    fn find_first_unread(&self) -> Option<u64> {
        let last_read = self.my_last_read();
        let is_unread =
            |message: &&Message| message.seq > last_read && message.author != self.me && message.line.is_none();
        self.messages.values().find(is_unread).map(|message| message.seq)
    }

    /// What is told of them may be from before the newest "has read": reading only ever moves forward.
    fn put_members(&mut self, members: Vec<Member>) {
        for member in members.into_iter().map(told_apart) {
            match self.members.iter_mut().find(|known| known.id == member.id) {
                Some(known) => *known = Member { last_read: member.last_read.max(known.last_read), ..member },
                None => self.members.push(member),
            }
        }
    }

    fn advance(&mut self, cursor: Cursor) {
        let is_next = cursor.version <= self.cursor.version + 1 && cursor.epoch == self.cursor.epoch;
        if is_next {
            self.cursor.version = self.cursor.version.max(cursor.version);
        } else {
            self.needs_resync = true;
        }
    }

    /// A message in its present state; what is older than what is known changes nothing.
    fn put(&mut self, message: Message) {
        self.settle(&message);
        self.refresh_quotes(&message);
        let known = self.messages.get(&message.seq).map(|known| known.version);
        let is_newer = known.is_some_and(|known| message.version > known);
        if is_newer || (known.is_none() && self.belongs(message.seq)) {
            self.messages.insert(message.seq, message);
        }
    }

    /// Whether a message of this place joins what is known, without a hole between.
    fn belongs(&self, seq: u64) -> bool {
        match (self.oldest(), self.newest()) {
            (Some(oldest), _) if seq < oldest => !self.has_earlier,
            (_, Some(newest)) if seq > newest => !self.has_later,
            (None, None) => !self.has_later,
            _ => true,
        }
    }

    /// What is quoted is shown as it is now, in what is on its way too: that lies in the browser's storage.
    fn refresh_quotes(&mut self, message: &Message) {
        let answers = self.messages.values_mut().map(|answer| &mut answer.reply_to);
        let pending = self.pending.iter_mut().map(|pending| &mut pending.reply_to);
        for quote in answers.chain(pending).flatten().filter(|quote| quote.id == message.id) {
            *quote = Quote::of(message);
        }
    }

    fn refuse(&mut self, error: Refusal, id: Option<MessageId>) {
        let Some(id) = id else {
            self.awaited = None;
            return;
        };
        let is_passing = matches!(error, Refusal::TooFast | Refusal::Unavailable);
        if let Some(pending) = self.pending.iter_mut().find(|pending| pending.id == id && !is_passing) {
            pending.refused = Some(error);
        }
    }

    pub fn messages(&self) -> impl Iterator<Item = &Message> {
        self.messages.values()
    }

    pub fn message(&self, id: MessageId) -> Option<&Message> {
        self.messages.values().find(|message| message.id == id)
    }

    /// Whether a message of this place is known.
    pub fn knows(&self, seq: u64) -> bool {
        self.messages.contains_key(&seq)
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

    /// The `seq` of the oldest message known.
    pub fn oldest(&self) -> Option<u64> {
        self.messages.keys().next().copied()
    }

    /// The `seq` of the newest message known.
    pub fn newest(&self) -> Option<u64> {
        self.messages.keys().next_back().copied()
    }

    /// The newest message, beyond what this person has read; none while one has jumped back.
    pub fn unread(&self) -> Option<u64> {
        self.newest().filter(|newest| *newest > self.my_last_read() && !self.has_later)
    }

    /// How many members other than the author have not read a message.
    pub fn not_read_by(&self, message: &Message) -> usize {
        let has_not = |member: &&Member| {
            let owes = member.id != message.author && !member.has_left && !member.is_disabled;
            owes && member.last_read < message.seq
        };
        self.members.iter().filter(has_not).count()
    }

    pub fn member(&self, user: UserId) -> Option<&Member> {
        self.members.iter().find(|member| member.id == user)
    }

    /// What somebody is called, also when they left; nothing when nobody knows.
    pub fn name_of(&self, user: UserId) -> &str {
        self.member(user).map_or("", |member| &member.name)
    }

    /// Everybody else in the conversation.
    pub fn others(&self) -> impl Iterator<Item = &Member> {
        self.members.iter().filter(|member| member.id != self.me && !member.has_left)
    }

    /// Who is writing at this moment.
    pub fn typing(&self, now: i64) -> Vec<&Member> {
        self.others().filter(|member| self.typing.get(&member.id).is_some_and(|until| *until > now)).collect()
    }

    fn my_last_read(&self) -> u64 {
        self.member(self.me).map_or(0, |member| member.last_read)
    }
}

/// A member under the name that is shown, wherever the conversation names them.
fn told_apart(member: Member) -> Member {
    Member { name: member.called(), ..member }
}
