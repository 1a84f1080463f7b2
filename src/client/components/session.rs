//! What the parts of a chat window share: the conversation, its socket, what is kept of it in the browser.

use std::time::Duration;

use leptos::prelude::*;

use crate::{
    client::{
        live::effect,
        outbox::{Entry, Outbox},
        platform,
        socket::{Link, Verdict},
        state::{conversation::Conversation, pending::Pending},
    },
    protocol::{
        chat::{ChatCommand, ChatEvent},
        error::Refusal,
        ids::{MessageId, RoomId},
        message::{Message, Quote},
        user::User,
    },
};

/// How long to wait with what the server found too fast.
const AGAIN_AFTER: Duration = Duration::from_secs(1);
/// The shortest time between two words of what was read; the first is said at once.
const READ_EVERY: Duration = Duration::from_millis(200);
/// How long a refusal is shown.
const REFUSAL_SHOWN: Duration = Duration::from_secs(6);

/// What the composer writes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mode {
    New,
    Reply(Quote),
    /// Another text for a message of one's own.
    Edit(MessageId),
}

/// What lies over the conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Panel {
    Invite,
    Rename,
    Date,
}

/// Where one wants to go in a conversation, told from outside of it.
#[derive(Clone, Copy)]
pub struct Jump(pub RwSignal<Option<(RoomId, u64)>>);

#[derive(Clone, Copy)]
pub struct Session {
    pub conversation: RwSignal<Conversation>,
    /// Whether the person can see this window.
    pub is_visible: RwSignal<bool>,
    /// The text of a new message, as it was last kept.
    pub draft: RwSignal<String>,
    pub mode: RwSignal<Mode>,
    pub panel: RwSignal<Option<Panel>>,
    /// The bubble whose menu is open.
    pub menu: RwSignal<Option<MessageId>>,
    /// What of the log has the focus, as selectors: its row may be made anew.
    pub came_from: RwSignal<Option<[String; 3]>>,
    /// Who could be invited; none until the server has said it.
    pub people: RwSignal<Option<Vec<User>>>,
    /// What could not be done just now.
    pub refusal: RwSignal<Option<Refusal>>,
    /// The place that is to be shown as soon as it is there.
    pub target: RwSignal<Option<u64>>,
    /// Told whenever the log may have another height: what was at its end stays there.
    pub resized: Trigger,
    /// Told when one wrote something new: it is shown, wherever one was reading.
    pub sent: Trigger,
    pub link: Link,
    /// Told when it may be said again what was read: in a flood not of each message.
    pub rested: Trigger,
    is_resting: StoredValue<bool>,
    /// What was last said to be read.
    read: StoredValue<u64>,
    /// This window asked to leave the group for good.
    leaves: StoredValue<bool>,
    outbox: Outbox,
    /// Leads to another conversation.
    on_enter: Callback<RoomId>,
}

impl Session {
    pub fn current() -> Self {
        expect_context()
    }

    pub fn new(conversation: Conversation, on_enter: Callback<RoomId>) -> Self {
        Self {
            outbox: Outbox::new(conversation.me),
            conversation: RwSignal::new(conversation),
            is_visible: RwSignal::new(false),
            draft: RwSignal::new(String::new()),
            mode: RwSignal::new(Mode::New),
            panel: RwSignal::new(None),
            menu: RwSignal::new(None),
            came_from: RwSignal::new(None),
            people: RwSignal::new(None),
            refusal: RwSignal::new(None),
            target: RwSignal::new(None),
            resized: Trigger::new(),
            sent: Trigger::new(),
            link: Link::default(),
            rested: Trigger::new(),
            is_resting: StoredValue::new(false),
            read: StoredValue::new(0),
            leaves: StoredValue::new(false),
            on_enter,
        }
    }

    pub fn room(self) -> RoomId {
        self.conversation.with_untracked(|chat| chat.room)
    }

    /// Takes up what was left here, and from now on keeps what is not sent, with all windows of this browser.
    pub fn keep(self) {
        let (outbox, room) = (self.outbox, self.room());
        self.draft.set(outbox.draft(room));
        let left = outbox.messages_of(room);
        let ids: Vec<MessageId> = left.iter().map(|pending| pending.id).collect();
        if !ids.is_empty() {
            self.conversation.update(|chat| chat.restore(left));
        }
        // What is known to be settled, as an edit of what was recalled meanwhile, is nobody's to send any more.
        ids.into_iter().filter(|id| !self.is_pending(*id)).for_each(|id| outbox.forget(room, id));
        effect(move || outbox.keep_draft(room, &self.draft.read()));
        let pending = Memo::new(move |_| self.conversation.with(|chat| chat.pending().to_vec()));
        let mut known: Vec<Pending> = Vec::new();
        effect(move || {
            let now = pending.get();
            now.iter().for_each(|pending| outbox.keep(room, pending));
            let is_gone = |known: &&Pending| now.iter().all(|pending| pending.id != known.id);
            known.iter().filter(is_gone).for_each(|known| outbox.forget(room, known.id));
            known = now;
        });
        platform::on_stored(move |key| match outbox.entry(&key) {
            Some(Entry::Draft(of)) if of == room => self.draft.set(outbox.draft(room)),
            Some(Entry::Message(of, id)) if of == room => self.take_up(id),
            _ => {}
        });
    }

    /// Another window of this browser wrote something, or heard what became of it.
    fn take_up(self, id: MessageId) {
        let kept = self.outbox.message(self.room(), id);
        self.conversation.update(|chat| match kept {
            Some(kept) => chat.restore(vec![kept]),
            None => chat.discard(id),
        });
    }

    pub fn connect(self) {
        let (me, room) = self.conversation.with_untracked(|chat| (chat.me, chat.room));
        let path = move || self.conversation.with_untracked(|chat| format!("/chat/{room}?since={}", chat.cursor()));
        self.link.connect(me, Some(room), path, move |events| self.hear(events));
    }

    /// Whether the conversation is over because this window asked for it.
    pub fn has_left(self) -> bool {
        self.link.is_over() && self.leaves.get_value()
    }

    /// Takes in what came together, as one change.
    fn hear(self, events: Vec<ChatEvent>) -> Verdict {
        events.iter().for_each(|event| {
            self.answer(event);
            messages_of(event).iter().for_each(|message| self.follow_mode(message));
        });
        let is_beginning =
            events.iter().any(|event| matches!(event, ChatEvent::Welcome(_) | ChatEvent::Resumed { .. }));
        let now = platform::now_ms();
        let (needs_resync, landed) = self
            .conversation
            .try_update(|chat| {
                events.into_iter().for_each(|event| chat.apply(event, now));
                (chat.needs_resync(), chat.take_landed())
            })
            .unwrap_or_default();
        if let Some(place) = landed {
            self.target.set(place);
        }
        if is_beginning {
            self.read.set_value(0);
            self.send_unacknowledged();
            if let Some(seq) = self.target.get_untracked() {
                self.jump(seq);
            }
        }
        if needs_resync { Verdict::Reconnect } else { Verdict::GoOn }
    }

    /// What concerns the window rather than the conversation.
    fn answer(self, event: &ChatEvent) {
        match event {
            ChatEvent::People { users } => self.people.set(Some(users.clone())),
            ChatEvent::Entered { room } => self.on_enter.run(*room),
            ChatEvent::Refused { error, id } => self.tell_refusal(*error, *id),
            _ => {}
        }
    }

    /// What is answered is shown as it is now; what was recalled is neither answered nor edited.
    fn follow_mode(self, message: &Message) {
        let Some(mode) = self.mode.try_get_untracked() else { return };
        let now = match mode {
            Mode::Reply(quote) if quote.id == message.id && message.recalled.is_none() => {
                Mode::Reply(Quote::of(message))
            }
            Mode::Reply(Quote { id, .. }) | Mode::Edit(id) if id == message.id && message.recalled.is_some() => {
                Mode::New
            }
            _ => return,
        };
        self.mode.set(now);
    }

    fn is_pending(self, id: MessageId) -> bool {
        self.conversation.with_untracked(|chat| chat.pending().iter().any(|pending| pending.id == id))
    }

    fn tell_refusal(self, error: Refusal, id: Option<MessageId>) {
        match id.filter(|id| self.is_pending(*id)) {
            // A message says it itself, unless trying again helps.
            Some(_) if matches!(error, Refusal::TooFast | Refusal::Unavailable) => {
                platform::after(AGAIN_AFTER, move || self.send_unacknowledged());
            }
            Some(_) => {}
            None => {
                self.refusal.set(Some(error));
                platform::after(REFUSAL_SHOWN, move || {
                    let _ = self.refusal.try_set(None);
                });
            }
        }
    }

    fn send_unacknowledged(self) {
        let commands = self.conversation.try_with_untracked(Conversation::unacknowledged).unwrap_or_default();
        for command in commands {
            self.link.send(&command);
        }
    }

    /// Puts a text on its way; `false` when it is none that can be sent.
    pub fn post(self, body: &str) -> bool {
        let (mode, now) = (self.mode.get_untracked(), platform::now_ms());
        let command = self.conversation.try_update(|chat| match mode {
            Mode::New => chat.post(body, None, now),
            Mode::Reply(quote) => chat.post(body, Some(quote), now),
            Mode::Edit(id) => chat.edit(id, body, now),
        });
        let Some(command) = command.flatten() else { return false };
        self.link.send(&command);
        if matches!(command, ChatCommand::Post { .. }) {
            self.sent.notify();
        }
        self.mode.set(Mode::New);
        true
    }

    pub fn retry(self, id: MessageId) {
        if let Some(command) = self.conversation.try_update(|chat| chat.retry(id)).flatten() {
            self.link.send(&command);
        }
    }

    pub fn discard(self, id: MessageId) {
        self.conversation.update(|chat| chat.discard(id));
    }

    /// Does something that is not kept: without a connection it is refused at once.
    pub fn act(self, command: &ChatCommand) {
        if !self.link.send(command) {
            return self.tell_refusal(Refusal::Unavailable, None);
        }
        self.leaves.update_value(|leaves| *leaves |= matches!(command, ChatCommand::Leave));
    }

    /// Asks for a page, if the conversation has a question.
    pub fn ask<C: Into<Option<ChatCommand>>>(self, question: impl FnOnce(&mut Conversation) -> C) {
        let question = self.conversation.try_update_untracked(|chat| question(chat).into()).flatten();
        if let Some(question) = question
            && !self.link.send(&question)
        {
            self.conversation.update_untracked(Conversation::unask);
        }
    }

    /// Shows a message in its place.
    pub fn jump(self, seq: u64) {
        self.target.set(Some(seq));
        if !self.conversation.with_untracked(|chat| chat.knows(seq)) {
            self.ask(|chat| chat.ask_around(seq));
        }
    }

    pub fn message(self, id: MessageId) -> Option<Message> {
        self.conversation.with_untracked(|chat| chat.message(id).cloned())
    }

    /// Gives an emoji, or takes one's own away.
    pub fn react(self, id: MessageId, emoji: &str) {
        let command = self.conversation.try_update(|chat| chat.react(id, emoji)).flatten();
        if let Some(command) = command
            && !self.link.send(&command)
        {
            self.conversation.update(|chat| chat.unreact(id));
            self.tell_refusal(Refusal::Unavailable, None);
        }
    }

    pub fn say_typing(self) {
        self.link.send(&ChatCommand::Typing);
    }

    /// Says that everything there is was read, once.
    pub fn mark_read(self) {
        let unread = self.conversation.with_untracked(Conversation::unread);
        if let Some(seq) = unread.filter(|seq| *seq > self.read.get_value() && !self.is_resting.get_value())
            && self.link.send(&ChatCommand::Read { seq })
        {
            self.read.set_value(seq);
            self.is_resting.set_value(true);
            platform::after(READ_EVERY, move || {
                let _ = self.is_resting.try_set_value(false);
                self.rested.notify();
            });
        }
    }
}

/// The messages that an event brings.
fn messages_of(event: &ChatEvent) -> &[Message] {
    match event {
        ChatEvent::Welcome(snapshot) => &snapshot.messages,
        ChatEvent::Message { message, .. } => std::slice::from_ref(message),
        ChatEvent::Resumed { messages, .. }
        | ChatEvent::Earlier { messages, .. }
        | ChatEvent::Later { messages, .. }
        | ChatEvent::Around { messages, .. } => messages,
        _ => &[],
    }
}
