//! The session of a room's window: the room socket, the conversation that its events change, and the controllers that
//! react to them.

use std::time::Duration;

use leptos::prelude::*;

use crate::{
    feedback::Feedback,
    platform,
    refusal::ShownRefusal,
    room::{
        ComposerMode, Mentioning, Scheduling, Selection,
        attaching::Attaching,
        carried::{messages_of, scheduled_of},
        drafts::Drafts,
        forwards::Forwards,
        receipts::Receipts,
        room_history::RoomHistory,
    },
    socket::{Link, Verdict},
    state::{conversation::Conversation, file_search::FileSearch, room_search::RoomSearch},
    text::words,
};
use protocol::{
    error::Refusal,
    ids::{FileId, MessageId, RoomId, UserId},
    message::{Message, Quote},
    room::RoomSummary,
    room_socket::{RoomCommand, RoomEvent},
    user::User,
};

/// The delay before commands that the rate limit refused are sent again.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// How often a window without the list requests presence, while it shows some.
const ASK_EVERY: Duration = Duration::from_secs(15);

/// A dialog of the room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Panel {
    Invite,
    Rename,
    Date,
    Members,
    /// The pinned messages.
    Pins,
    /// The targets of a forward.
    Forward,
    Files,
    /// The members who have read a message, and those who have not.
    Readers(MessageId),
    /// The members who have confirmed a message, and those who have not.
    Confirmers(MessageId),
    /// The time at which to send a message.
    Schedule,
    /// The scheduled messages.
    Scheduled,
}

/// The state that the components of a room's window share.
#[derive(Clone, Copy)]
pub struct RoomSession {
    pub conversation: RwSignal<Conversation>,
    pub link: Link,
    pub drafts: Drafts,
    pub history: RoomHistory,
    pub receipts: Receipts,
    pub mentioning: Mentioning,
    pub selection: Selection,
    pub attaching: Attaching,
    pub scheduling: Scheduling,
    pub refusal: ShownRefusal,
    pub feedback: Feedback,
    /// Whether the window is visible.
    pub is_visible: RwSignal<bool>,
    pub mode: RwSignal<ComposerMode>,
    /// Whether the next message asks for confirmations.
    pub asks: RwSignal<bool>,
    pub is_send_menu_open: RwSignal<bool>,
    pub panel: RwSignal<Option<Panel>>,
    /// The search in the room, while it is open.
    pub search: RwSignal<Option<RoomSearch>>,
    /// The list of the room's files, while it is open.
    pub found_files: RwSignal<Option<FileSearch>>,
    /// The message whose menu is open.
    pub menu: RwSignal<Option<MessageId>>,
    /// The picture that the viewer shows.
    pub viewer: RwSignal<Option<FileId>>,
    /// The next text for screen readers, apart from new messages.
    pub status: RwSignal<String>,
    /// The message whose text `status` may have.
    pub(super) announced_edit: StoredValue<Option<MessageId>>,
    /// The last focus within the log, as selectors, because its row may be rendered again.
    pub last_focus: RwSignal<Option<[String; 3]>>,
    /// The users who can be invited; `None` until the server has answered.
    pub invitable: RwSignal<Option<Vec<User>>>,
    /// Whether `invitable` and `targets` are some of the users, in a large organisation.
    pub is_partial: RwSignal<bool>,
    /// The query of the last search for users.
    pub(super) finding: StoredValue<String>,
    /// The accounts of the members, in a window without the list; empty until the server has answered.
    pub accounts: RwSignal<Vec<User>>,
    /// The targets of a forward: groups and users; `None` until the server has answered.
    pub targets: RwSignal<Option<(Vec<RoomSummary>, Vec<User>)>>,
    pub forwards: Forwards,
    /// Notified when the height of the log may have changed.
    pub resized: Trigger,
    /// Notified when the user posted a message: the log scrolls to it.
    pub posted: Trigger,
    /// Whether this window left the group.
    is_leaving: StoredValue<bool>,
    /// Opens another room.
    on_enter: Callback<RoomId>,
}

impl RoomSession {
    pub fn current() -> Self {
        expect_context()
    }

    pub fn new(conversation: Conversation, on_enter: Callback<RoomId>) -> Self {
        let (conversation, link, refusal) = (RwSignal::new(conversation), Link::default(), ShownRefusal::default());
        let feedback = Feedback::default();
        let (drafts, mode, status) =
            (Drafts::new(conversation), RwSignal::new(ComposerMode::New), RwSignal::new(String::new()));
        let asks = RwSignal::new(false);
        Self {
            conversation,
            link,
            drafts,
            scheduling: Scheduling::new(conversation, link, drafts, (mode, asks), (refusal, status)),
            history: RoomHistory::new(conversation, link),
            receipts: Receipts::new(conversation, link),
            mentioning: Mentioning::new(conversation),
            selection: Selection::new(conversation),
            targets: RwSignal::new(None),
            forwards: Forwards::new(conversation, link, refusal, feedback),
            attaching: Attaching::new(),
            refusal,
            feedback,
            is_visible: RwSignal::new(false),
            mode,
            asks,
            is_send_menu_open: RwSignal::new(false),
            panel: RwSignal::new(None),
            search: RwSignal::new(None),
            found_files: RwSignal::new(None),
            menu: RwSignal::new(None),
            viewer: RwSignal::new(None),
            status,
            announced_edit: StoredValue::new(None),
            last_focus: RwSignal::new(None),
            invitable: RwSignal::new(None),
            is_partial: RwSignal::new(false),
            finding: StoredValue::new(String::new()),
            accounts: RwSignal::new(Vec::new()),
            resized: Trigger::new(),
            posted: Trigger::new(),
            is_leaving: StoredValue::new(false),
            on_enter,
        }
    }

    pub fn me(self) -> UserId {
        self.conversation.with_untracked(|conversation| conversation.me)
    }

    pub fn room(self) -> RoomId {
        self.conversation.with_untracked(|conversation| conversation.room)
    }

    pub fn connect(self) {
        let (me, room) = self.conversation.with_untracked(|conversation| (conversation.me, conversation.room));
        let path = move || {
            let cursor = self.conversation.with_untracked(Conversation::cursor);
            format!("/chat/{room}?since={cursor}")
        };
        self.forwards.restore();
        self.link.connect(me, Some(room), path, move |events| self.receive(events));
    }

    /// Whether the membership ended because this window left the group.
    pub fn has_left(self) -> bool {
        self.link.is_over() && self.is_leaving.get_value()
    }

    /// Whether the composer holds the text of an edit.
    pub fn is_editing(self) -> bool {
        self.mode.with(|mode| matches!(mode, ComposerMode::Edit(_)))
    }

    /// Applies a batch of events as one change.
    fn receive(self, events: Vec<RoomEvent>) -> Verdict {
        events.iter().for_each(|event| {
            self.handle(event);
            self.withdraw_announcement(event);
            scheduled_of(event).iter().for_each(|message| self.scheduling.settle(message.id, true));
            messages_of(event).iter().for_each(|message| {
                self.scheduling.settle(message.id, true);
                self.announce_edit(message);
                self.update_mode(message);
                self.update_search(|search| search.update(message));
                self.update_files(|search| search.follow(message));
            });
        });
        let is_first_frame = events.iter().any(|event| matches!(event, RoomEvent::Welcome(_) | RoomEvent::Resumed(_)));
        let is_around = events.iter().any(|event| matches!(event, RoomEvent::Around { .. }));
        let now = platform::now_ms();
        let (needs_resync, landed) = self
            .conversation
            .try_update(|conversation| {
                events.into_iter().for_each(|event| conversation.apply(event, now));
                (conversation.needs_resync(), conversation.take_landed())
            })
            .unwrap_or_default();
        // The message does not exist, or this user may not see it.
        if is_around && landed == Some(None) {
            self.refusal.show(Refusal::NotFound);
        }
        if let Some(seq) = landed {
            self.history.target.set(seq);
            self.history.other_day(seq).into_iter().for_each(|line| self.feedback.show(line));
        }
        if is_first_frame {
            self.receipts.reset();
            if self.feedback.settle(false) {
                self.refusal.show(Refusal::Unavailable);
            }
            self.send_unacknowledged();
            self.forwards.send_again(None);
            self.scheduling.send_again();
            self.history.resume();
            self.ask_search(RoomSearch::ask_again);
        }
        if needs_resync { Verdict::Reconnect } else { Verdict::GoOn }
    }

    /// The effects of an event on the window, apart from the conversation.
    fn handle(self, event: &RoomEvent) {
        match event {
            RoomEvent::People { users, partial } => {
                self.is_partial.set(*partial);
                self.invitable.set(Some(users.clone()));
            }
            RoomEvent::PeopleFound { users, .. } => self.add_found(users),
            RoomEvent::Found { query, messages, before } => {
                self.update_search(|search| search.add(query, messages.clone(), *before));
            }
            RoomEvent::Files { query, files, before } => {
                self.update_files(|search| search.add(query.as_ref(), files.clone(), *before));
            }
            RoomEvent::Members { users } => self.accounts.set(users.clone()),
            RoomEvent::Targets { rooms, users, partial } => {
                self.is_partial.set(*partial);
                self.targets.set(Some((rooms.clone(), users.clone())));
            }
            RoomEvent::Forwarded { id, .. } => self.forwards.finish(*id),
            RoomEvent::Confirmed { user, .. } if *user == self.me() => {
                self.status.set(words().has_confirmed.to_owned());
            }
            RoomEvent::Reacted { id, user, emoji, on: true, .. } => self.announce_reaction(*id, *user, emoji),
            RoomEvent::Message { message, .. } => self.announce_change(message),
            RoomEvent::Resumed(delta) => delta.messages.iter().for_each(|message| self.announce_change(message)),
            RoomEvent::Unscheduled { id } => self.scheduling.settle(*id, false),
            RoomEvent::Entered { room } => self.on_enter.run(*room),
            RoomEvent::Pong => {
                self.feedback.settle(true);
            }
            RoomEvent::Refused { error, id } => self.refuse(*error, *id),
            _ => {}
        }
    }

    fn update_files(self, update: impl FnOnce(&mut FileSearch)) {
        if self.found_files.with_untracked(Option::is_some) {
            self.found_files.update(|search| {
                let _ = search.as_mut().map(update);
            });
        }
    }

    fn update_mode(self, message: &Message) {
        let Some(mode) = self.mode.try_get_untracked() else { return };
        let title = self.conversation.with_untracked(|conversation| mode.title(conversation));
        let Some(mode) = mode.after(message) else { return };
        if mode == ComposerMode::New {
            self.feedback.show(format!("{title} · {}", words().recalled_before));
        }
        self.mode.set(mode);
    }

    fn refuse(self, error: Refusal, id: Option<MessageId>) {
        if id.is_none() {
            self.update_search(RoomSearch::cancel);
        }
        if self.forwards.refuse(error, id) || id.is_some_and(|id| self.scheduling.refuse(error, id)) {
            return;
        }
        // An unsent message shows its own refusal.
        if id.is_none_or(|id| !self.drafts.is_unsent(id)) {
            self.feedback.settle(false);
            self.refusal.show(error);
        } else if error.is_transient() {
            platform::after(RETRY_AFTER, move || self.send_unacknowledged());
        }
    }

    /// Changes the search, if it is open.
    fn update_search<T>(self, change: impl FnOnce(&mut RoomSearch) -> T) -> Option<T> {
        let is_open = self.search.try_with_untracked(Option::is_some) == Some(true);
        is_open.then(|| self.search.try_update(|search| search.as_mut().map(change)).flatten()).flatten()
    }

    /// Sends the command that the search returns, if any.
    pub fn ask_search(self, command: impl FnOnce(&mut RoomSearch) -> Option<RoomCommand>) {
        if let Some(command) = self.update_search(command).flatten()
            && !self.link.send(&command)
        {
            self.update_search(RoomSearch::cancel);
        }
    }

    /// Shows the next hit; after the oldest loaded one it requests more.
    pub fn step_search(self, step: isize) {
        match self.update_search(|search| search.step(step)).flatten() {
            Some(seq) => self.history.jump(seq),
            None if step > 0 => self.ask_search(RoomSearch::ask_older),
            None => {}
        }
    }

    /// Shows a hit.
    pub fn show_hit(self, seq: u64) {
        self.update_search(|search| search.shown = Some(seq));
        self.history.jump(seq);
    }

    fn send_unacknowledged(self) {
        let commands = self.conversation.try_with_untracked(Conversation::unacknowledged).unwrap_or_default();
        for command in commands {
            self.link.send(&command);
        }
    }

    /// Sends a command that is not stored: without a connection it is refused at once.
    pub fn send(self, command: &RoomCommand) {
        if !self.link.send(command) {
            return self.refusal.show(Refusal::Unavailable);
        }
        self.is_leaving.update_value(|is_leaving| *is_leaving |= matches!(command, RoomCommand::Leave));
    }

    /// Sends a command whose result the window does not show; `done` is shown when the server has executed it.
    pub fn send_with_feedback(self, command: &RoomCommand, done: &'static str) {
        self.send(command);
        // Commands are answered in their order.
        if self.link.send(&RoomCommand::Ping) {
            self.feedback.await_answer(done);
        }
    }

    /// Copies a text, and shows whether that worked.
    pub fn copy(self, text: &str, done: &'static str) {
        let on_end = move |is_copied| self.feedback.show(if is_copied { done } else { words().not_copied }.to_owned());
        platform::copy(text, on_end);
    }

    /// Requests the accounts of the members repeatedly until the owner is cleaned up. Call it in an effect.
    pub fn follow_accounts(self) {
        let ask = move || {
            self.link.send(&RoomCommand::Members);
        };
        ask();
        let asking = set_interval(ask, ASK_EVERY);
        on_cleanup(move || drop(asking.map(|asking| asking.clear())));
    }

    pub fn message(self, id: MessageId) -> Option<Message> {
        self.conversation.with_untracked(|conversation| conversation.message(id).cloned())
    }

    /// A quote in one line: for files their description, if their message is loaded.
    pub fn quote_line(self, quote: &Quote) -> String {
        let message = self.message(quote.id).filter(|message| !message.files.is_empty());
        message.map_or_else(|| quote.body.clone(), |message| words().message_line(&message.files, &message.body))
    }

    pub fn send_typing(self) {
        self.link.send(&RoomCommand::Typing);
    }
}
