//! `/chat/{room}` in the dialect of the original.

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

use html_escape::encode_quoted_attribute;
use serde::{Deserialize, Serialize};

use crate::{
    hub::Encoded,
    messenger::{Actor, Messenger},
    socket::{
        codec::Frames,
        dialect::{Dialect, Excess, Incoming},
        egov::{legacy_names::LegacyNames, reports::Reports, words},
    },
};
use protocol::{
    error::Refusal,
    ids::{MessageId, RoomId, UserId},
    message::{Message, PinnedMessage, SystemEvent},
    room_socket::{Post, RoomEvent},
};

/// Messages whose later changes are sent to a client.
const SHOWN_MESSAGES: usize = 200;
/// The minimum time between two refusals to a client.
const REFUSAL_INTERVAL: Duration = Duration::from_secs(1);

/// A frame from the client. Its `room` field is ignored: the path names the room.
#[derive(Debug, Deserialize, PartialEq, Eq)]
struct RoomFrame {
    message: String,
}

#[derive(Serialize)]
#[serde(tag = "messageType")]
enum RoomAnswer {
    UsersMessage { users: Vec<String> },
    ChatMessage { name: String, message: String },
}

pub(in crate::socket) struct EgovRoom {
    messenger: Messenger,
    actor: Actor,
    names: LegacyNames,
    room: RoomId,
    /// This member sees messages with a higher `seq`.
    visible_after: u64,
    reports: Reports,
    /// The prefix of file URLs: the server's origin, or empty if none is configured.
    host: String,
}

/// The state of the client's page.
#[derive(Default)]
pub(in crate::socket) struct EgovRoomView {
    entry: Entry,
    /// The `seq` of the newest message.
    newest: u64,
    /// The newest messages, by `seq`; a change of one is sent as a line of text.
    shown: BTreeMap<u64, Shown>,
    refused_at: Option<Instant>,
    /// The announcement that was last sent to the client.
    announcement: Option<MessageId>,
}

/// The client's first frame enters the room; its text is ignored.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Entry {
    #[default]
    Waiting,
    /// Members and unread messages are being read. Events wait, so that they follow the result.
    Reading,
    Entered,
}

/// A message that the client has.
enum Shown {
    /// All sockets of the room share it.
    Encoded(Arc<Encoded<RoomEvent>>),
    Stored(Box<Message>),
}

impl Shown {
    fn message(&self) -> Option<&Message> {
        match self {
            Self::Encoded(event) => match &event.event {
                RoomEvent::Message { message, .. } => Some(message),
                _ => None,
            },
            Self::Stored(message) => Some(message),
        }
    }
}

pub(in crate::socket) enum EgovRoomCommand {
    Malformed,
    Enter,
    Post(String),
}

pub(in crate::socket) enum EgovRoomReply {
    Nothing,
    Entered { online: Vec<UserId>, unread: Vec<Message>, announcement: Option<PinnedMessage> },
    Refused(Refusal),
}

impl EgovRoom {
    pub(in crate::socket) fn new(
        messenger: Messenger,
        actor: Actor,
        room: RoomId,
        visible_after: u64,
        reports: Reports,
        host: String,
    ) -> Self {
        Self { names: LegacyNames::new(&messenger, actor.user), messenger, actor, room, visible_after, reports, host }
    }

    /// Reads who is online in the room, and this member's unread messages, which then count as read.
    async fn enter(&self) -> EgovRoomReply {
        let members = self.messenger.rooms().members(self.actor, self.room).await.unwrap_or_default();
        let online = members.iter().filter(|member| member.is_present).map(|member| member.id).collect();
        let unread = self.messenger.messages().unread(self.actor, self.room).await.unwrap_or_default();
        if let Some(newest) = unread.iter().map(|message| message.seq).max() {
            let _ = self.messenger.messages().mark_read(self.actor, self.room, newest).await;
        }
        let announcement = self.messenger.rooms().announcement(self.actor, self.room).await.ok().flatten();
        EgovRoomReply::Entered { online, unread, announcement }
    }

    async fn post(&self, body: String) -> EgovRoomReply {
        let message = Post::new(MessageId::new(), body);
        match self.messenger.messages().post(self.actor, self.room, message).await {
            Ok(_) => EgovRoomReply::Nothing,
            Err(refusal) => EgovRoomReply::Refused(refusal),
        }
    }

    fn users(&self, online: impl IntoIterator<Item = UserId>) -> RoomAnswer {
        let directory = self.messenger.people().directory();
        let mut users: Vec<String> = online.into_iter().map(|user| self.names.name(&directory, user)).collect();
        users.sort();
        RoomAnswer::UsersMessage { users }
    }

    /// Encodes a message, or the change of a message that the client has, as lines of text with an author.
    fn show(&self, view: &mut EgovRoomView, shown: Shown, frames: &mut Frames) {
        let Some(message) = shown.message().filter(|message| message.seq > self.visible_after) else { return };
        let seq = message.seq;
        let directory = self.messenger.people().directory();
        let name = |user: UserId| self.names.name(&directory, user);
        let lines = if seq > view.newest {
            view.newest = seq;
            // The announcement itself is sent next.
            let is_announced = message.system_event == Some(SystemEvent::Announced);
            let lines = words::lines(message, self.visible_after, &self.host, name);
            let is_asked = message.confirmations.is_some() && message.author != self.actor.user;
            let lines = lines.into_iter().chain(is_asked.then(|| words::confirms_at(message, self.room, &self.host)));
            let lines = lines.into_iter().filter(|_| !is_announced);
            lines.map(|line| (message.author, line)).collect()
        } else {
            // A change of an older message is not sent.
            let before = view.shown.get(&seq).and_then(Shown::message);
            before.map_or_else(Vec::new, |before| words::changed(before, message))
        };
        view.shown.insert(seq, shown);
        while view.shown.len() > SHOWN_MESSAGES {
            view.shown.pop_first();
        }
        for (author, text) in lines {
            let message = encode_quoted_attribute(&text).into_owned();
            frames.event(&RoomAnswer::ChatMessage { name: name(author), message });
        }
    }

    /// Encodes an announcement that the client does not have, as a line by the user who announced it.
    fn announce(&self, view: &mut EgovRoomView, announcement: Option<&PinnedMessage>, frames: &mut Frames) {
        let announcement = announcement.filter(|pin| pin.seq > self.visible_after);
        let known = std::mem::replace(&mut view.announcement, announcement.map(|pin| pin.id));
        if let Some(pin) = announcement.filter(|pin| known != Some(pin.id)) {
            let name = self.names.name(&self.messenger.people().directory(), pin.by);
            let message = encode_quoted_attribute(&words::announced(pin)).into_owned();
            frames.event(&RoomAnswer::ChatMessage { name, message });
        }
    }

    /// Encodes a confirmation of this user's message, as a line by the user who confirmed it.
    fn confirm(&self, view: &EgovRoomView, seq: u64, user: UserId, frames: &mut Frames) {
        if let Some(message) = view.shown.get(&seq).and_then(Shown::message) {
            let name = self.names.name(&self.messenger.people().directory(), user);
            let message = encode_quoted_attribute(&words::confirmed(message)).into_owned();
            frames.event(&RoomAnswer::ChatMessage { name, message });
        }
    }

    /// Encodes a refusal as a line by the user themselves, at most one in [`REFUSAL_INTERVAL`].
    fn refuse(&self, view: &mut EgovRoomView, refusal: Refusal, frames: &mut Frames) {
        let now = Instant::now();
        if view.refused_at.is_some_and(|refused_at| now.duration_since(refused_at) < REFUSAL_INTERVAL) {
            return;
        }
        view.refused_at = Some(now);
        let name = self.names.name(&self.messenger.people().directory(), self.actor.user);
        frames.event(&RoomAnswer::ChatMessage { name, message: words::refused(refusal).to_owned() });
    }
}

impl Dialect for EgovRoom {
    type Event = RoomEvent;
    type Command = EgovRoomCommand;
    type Reply = EgovRoomReply;
    type View = EgovRoomView;

    fn frames_per_second(&self) -> Option<u32> {
        self.messenger.policy().frames_per_second()
    }

    /// The original's page ignores close codes: a line says why the message was refused, and the connection stays open.
    fn refuse_excess(&self, view: &mut EgovRoomView, excess: Excess, frames: &mut Frames) -> bool {
        let refusal = match excess {
            Excess::TooLarge => Refusal::BodyTooLong,
            Excess::TooFast => Refusal::TooFast,
        };
        self.refuse(view, refusal, frames);
        true
    }

    async fn welcome(&self) -> EgovRoomReply {
        EgovRoomReply::Nothing
    }

    fn begin(&self, view: &mut EgovRoomView, received: Incoming<'_>) -> EgovRoomCommand {
        match received.parse() {
            Some(RoomFrame { message }) if view.entry == Entry::Entered => EgovRoomCommand::Post(message),
            Some(_) => {
                view.entry = Entry::Reading;
                EgovRoomCommand::Enter
            }
            None => EgovRoomCommand::Malformed,
        }
    }

    async fn execute(&self, command: EgovRoomCommand) -> EgovRoomReply {
        match command {
            EgovRoomCommand::Malformed => EgovRoomReply::Nothing,
            EgovRoomCommand::Enter => self.enter().await,
            EgovRoomCommand::Post(body) => self.post(body).await,
        }
    }

    fn encode_reply(&self, view: &mut EgovRoomView, reply: EgovRoomReply, frames: &mut Frames) {
        match reply {
            EgovRoomReply::Nothing => {}
            EgovRoomReply::Entered { online, unread, announcement } => {
                view.entry = Entry::Entered;
                frames.event(&self.users(online));
                unread.into_iter().for_each(|message| self.show(view, Shown::Stored(message.into()), frames));
                self.announce(view, announcement.as_ref(), frames);
            }
            EgovRoomReply::Refused(refusal) => self.refuse(view, refusal, frames),
        }
    }

    fn accepts_events(&self, view: &EgovRoomView) -> bool {
        view.entry != Entry::Reading
    }

    fn encode_event(&self, view: &mut EgovRoomView, event: &Arc<Encoded<RoomEvent>>, frames: &mut Frames) {
        if view.entry != Entry::Entered {
            return;
        }
        match &event.event {
            RoomEvent::Message { .. } => {
                self.show(view, Shown::Encoded(event.clone()), frames);
                self.reports.shown(&self.messenger, self.room, self.actor, view.newest);
            }
            RoomEvent::Reacted { seq, emoji, user, on, cursor, .. } => {
                // A reaction to an older message is not sent.
                let Some(mut message) = view.shown.get(seq).and_then(Shown::message).cloned() else { return };
                message.react(emoji.clone(), *user, *on, cursor.version);
                self.show(view, Shown::Stored(message.into()), frames);
            }
            RoomEvent::Confirmed { seq, author, user, .. } if *author == self.actor.user => {
                self.confirm(view, *seq, *user, frames);
            }
            RoomEvent::Pins { pins, .. } => self.announce(view, pins.iter().find(|pin| pin.is_announcement), frames),
            RoomEvent::MembersChanged { .. } => frames.event(&self.users(self.messenger.rooms().present(self.room))),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_of_the_original_are_parsed() {
        let post = r#"{"message":"안녕","room":"elsewhere"}"#;
        assert_eq!(serde_json::from_str::<RoomFrame>(post).unwrap(), RoomFrame { message: "안녕".into() });
    }

    #[test]
    fn answers_have_the_frames_of_the_original() {
        let message = RoomAnswer::ChatMessage { name: "이름".into(), message: "안녕".into() };
        let expected = r#"{"messageType":"ChatMessage","name":"이름","message":"안녕"}"#;
        assert_eq!(serde_json::to_string(&message).unwrap(), expected);
        let users = RoomAnswer::UsersMessage { users: vec!["이름".into()] };
        assert_eq!(serde_json::to_string(&users).unwrap(), r#"{"messageType":"UsersMessage","users":["이름"]}"#);
    }

    #[test]
    fn markup_is_escaped_in_content_and_in_attributes() {
        assert_eq!(
            encode_quoted_attribute(r#"<img src=x onerror='a("1")'>&"#),
            "&lt;img src=x onerror=&#x27;a(&quot;1&quot;)&#x27;&gt;&amp;"
        );
    }
}
