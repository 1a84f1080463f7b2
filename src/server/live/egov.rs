//! Both endpoints in the language of the original component, for clients that ask for no subprotocol.
//! People are told by labels and texts are escaped, because those clients put them into their page as HTML.

mod reader;
mod reports;
mod words;

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

use serde::{Deserialize, Serialize};

use crate::{
    protocol::{
        chat::ChatEvent,
        error::Refusal,
        ids::{MessageId, RoomId, UserId},
        lobby::LobbyEvent,
        message::Message,
    },
    server::{
        hub::Told,
        live::{
            codec::Frames,
            connection::{Language, Said},
        },
        messenger::{Messenger, NewMessage},
    },
};
use reader::Reader;
pub(in crate::server) use reports::Reports;

/// Messages of which a client is told what becomes of them.
const KNOWN: usize = 200;
/// How often a client is told that something could not be done.
const TOLD_EVERY: Duration = Duration::from_secs(1);

/// What a client says on `/usersServerEndpoint`.
#[derive(Debug, Deserialize, PartialEq, Eq)]
#[serde(tag = "connectionType", rename_all = "camelCase")]
enum LobbyFrame {
    /// The name in it is ignored: the handshake knows whose connection it is.
    FirstConnection,
    ChatConnection {
        #[serde(rename = "connectingUser")]
        connecting_user: String,
    },
}

/// What a client says on `/chat/{room}`; its `room` field does not count, the path does.
#[derive(Debug, Deserialize, PartialEq, Eq)]
struct ChatFrame {
    message: String,
}

#[derive(Serialize)]
#[serde(untagged)]
enum LobbyAnswer {
    All {
        #[serde(rename = "allUsers")]
        all_users: Vec<String>,
    },
    Left {
        #[serde(rename = "disconnectedUser")]
        disconnected_user: String,
    },
    Enter {
        #[serde(rename = "enterChatId")]
        enter_chat_id: RoomId,
        username: String,
    },
}

#[derive(Serialize)]
#[serde(tag = "messageType")]
enum ChatAnswer {
    UsersMessage { users: Vec<String> },
    ChatMessage { name: String, message: String },
}

pub(super) struct Lobby {
    messenger: Messenger,
    reader: Reader,
    is_registered: bool,
}

impl Lobby {
    pub(super) fn new(messenger: Messenger, me: UserId) -> Self {
        Self { reader: Reader::new(&messenger, me), messenger, is_registered: false }
    }

    /// Everybody who is here.
    fn all(&self) -> LobbyAnswer {
        let (here, directory) = (self.messenger.hub().here(), self.messenger.directory());
        let mut all_users: Vec<String> = here.keys().filter_map(|user| self.reader.row(&directory, *user)).collect();
        all_users.sort();
        LobbyAnswer::All { all_users }
    }

    /// Both people's clients, this one too, open the room when they hear of the invitation.
    async fn pick(&self, label: &str) {
        let other = self.messenger.directory().by_label(label).filter(|other| *other != self.reader.me);
        if let Some(other) = other {
            // A refusal has no words in this language: nothing opens, as when one picks oneself.
            let _ = self.messenger.open_direct(self.reader.me, other).await;
        }
    }

    fn enter(&self, room: RoomId) -> LobbyAnswer {
        let username = self.reader.name(&self.messenger.directory(), self.reader.me);
        LobbyAnswer::Enter { enter_chat_id: room, username }
    }
}

impl Language for Lobby {
    type Event = LobbyEvent;

    fn frames_per_second(&self) -> Option<u32> {
        self.messenger.settings().frames_per_second()
    }

    async fn greet(&mut self) -> Frames {
        Frames::default()
    }

    async fn hear(&mut self, said: Said<'_>) -> Frames {
        match said.parse() {
            // A window that asks again and again has just been told.
            Some(LobbyFrame::FirstConnection)
                if self.is_registered && self.messenger.admit_to_directory(self.reader.me).is_err() =>
            {
                Frames::default()
            }
            Some(LobbyFrame::FirstConnection) => {
                self.is_registered = true;
                Frames::of(&self.all())
            }
            Some(LobbyFrame::ChatConnection { connecting_user }) => {
                self.pick(&connecting_user).await;
                Frames::default()
            }
            // The original has no word for "I did not understand".
            None => Frames::default(),
        }
    }

    fn say(&mut self, told: &Arc<Told<LobbyEvent>>, frames: &mut Frames) {
        match &told.event {
            LobbyEvent::UsersChanged { users, .. } if self.is_registered => {
                let gone = users.iter().filter(|user| !user.presence.is_here());
                let directory = self.messenger.directory();
                let left = gone.filter_map(|user| self.reader.row(&directory, user.id));
                left.for_each(|disconnected_user| frames.event(&LobbyAnswer::Left { disconnected_user }));
                if users.iter().any(|user| user.presence.is_here()) {
                    frames.event(&self.all());
                }
            }
            LobbyEvent::Invited { room, .. } => frames.event(&self.enter(*room)),
            _ => {}
        }
    }
}

pub(super) struct Chat {
    messenger: Messenger,
    me: UserId,
    reader: Reader,
    room: RoomId,
    /// This member sees messages with a higher `seq`.
    since: u64,
    has_announced: bool,
    /// The newest message this client was shown.
    shown: u64,
    reports: Reports,
    /// What it was shown lately, so that what became of it can be told in words.
    known: BTreeMap<u64, Shown>,
    /// When it was last told that something could not be done.
    told_at: Option<Instant>,
}

/// A message as a client was shown it.
enum Shown {
    /// All windows of the room hold the same one.
    Told(Arc<Told<ChatEvent>>),
    Stored(Box<Message>),
}

impl Shown {
    fn message(&self) -> Option<&Message> {
        match self {
            Self::Told(told) => match &told.event {
                ChatEvent::Message { message, .. } => Some(message),
                _ => None,
            },
            Self::Stored(message) => Some(message),
        }
    }
}

impl Chat {
    pub(super) fn new(messenger: Messenger, me: UserId, room: RoomId, since: u64, reports: Reports) -> Self {
        let (reader, known) = (Reader::new(&messenger, me), BTreeMap::new());
        Self { messenger, me, reader, room, since, has_announced: false, shown: 0, reports, known, told_at: None }
    }

    /// Arrived: who is in the room, and what was said to this person while they were away.
    async fn announce(&mut self) -> Frames {
        self.has_announced = true;
        let members = self.messenger.members_for(self.me, self.room).await.unwrap_or_default();
        let mut frames = Frames::of(&self.users(members.iter().filter(|member| member.here).map(|member| member.id)));
        let waiting = self.messenger.unread(self.me, self.room).await.unwrap_or_default();
        for message in waiting {
            self.show(Shown::Stored(message.into()), &mut frames);
        }
        if self.shown > 0 {
            let _ = self.messenger.mark_read(self.me, self.room, self.shown).await;
        }
        frames
    }

    fn users(&self, here: impl Iterator<Item = UserId>) -> ChatAnswer {
        let directory = self.messenger.directory();
        let mut users: Vec<String> = here.map(|user| self.reader.name(&directory, user)).collect();
        users.sort();
        ChatAnswer::UsersMessage { users }
    }

    /// A message, or what became of one, as lines of somebody's.
    fn show(&mut self, shown: Shown, frames: &mut Frames) {
        let Some(message) = shown.message().filter(|message| message.seq > self.since) else { return };
        let seq = message.seq;
        let directory = self.messenger.directory();
        let name = |user: UserId| self.reader.name(&directory, user);
        let lines = if message.seq > self.shown {
            self.shown = message.seq;
            vec![(message.author, words::said(message, self.since, name))]
        } else {
            // What it was not shown, because it was said long ago, is nothing to it.
            let before = self.known.get(&message.seq).and_then(Shown::message);
            before.map_or_else(Vec::new, |before| words::changed(before, message))
        };
        self.known.insert(seq, shown);
        while self.known.len() > KNOWN {
            self.known.pop_first();
        }
        for (author, text) in lines {
            let name = self.reader.name(&directory, author);
            frames.event(&ChatAnswer::ChatMessage { name, message: escape(&text) });
        }
    }

    /// Why something was not done, as a line of the reader's own; one a second, however often it happens.
    fn refuse(&mut self, refusal: Refusal) -> Frames {
        let now = Instant::now();
        if self.told_at.is_some_and(|told_at| now.duration_since(told_at) < TOLD_EVERY) {
            return Frames::default();
        }
        self.told_at = Some(now);
        let name = self.reader.name(&self.messenger.directory(), self.me);
        Frames::of(&ChatAnswer::ChatMessage { name, message: words::refused(refusal).to_owned() })
    }
}

impl Language for Chat {
    type Event = ChatEvent;

    fn frames_per_second(&self) -> Option<u32> {
        self.messenger.settings().frames_per_second()
    }

    async fn greet(&mut self) -> Frames {
        Frames::default()
    }

    async fn hear(&mut self, said: Said<'_>) -> Frames {
        let Some(ChatFrame { message }) = said.parse() else {
            return Frames::default();
        };
        if !self.has_announced {
            return self.announce().await;
        }
        let message = NewMessage { id: MessageId::new(), body: message, reply_to: None };
        match self.messenger.post(self.me, self.room, message).await {
            Ok(_) => Frames::default(),
            Err(refusal) => self.refuse(refusal),
        }
    }

    fn say(&mut self, told: &Arc<Told<ChatEvent>>, frames: &mut Frames) {
        if !self.has_announced {
            return;
        }
        match &told.event {
            ChatEvent::Message { .. } => {
                self.show(Shown::Told(told.clone()), frames);
                self.reports.shown(&self.messenger, self.room, self.me, self.shown);
            }
            ChatEvent::Reacted { seq, emoji, user, on, cursor, .. } => {
                // Of a message that it was not shown lately it is told nothing.
                let Some(mut message) = self.known.get(seq).and_then(Shown::message).cloned() else { return };
                message.react(emoji.clone(), *user, *on, cursor.version);
                self.show(Shown::Stored(message.into()), frames);
            }
            ChatEvent::MembersChanged { .. } => {
                frames.event(&self.users(self.messenger.in_room(self.room).into_iter()));
            }
            _ => {}
        }
    }
}

/// Text that shows as itself wherever it is put into HTML: content or attribute, either quote.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            _ => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_original_s_frames_are_understood() {
        let first = r#"{"connectionType":"firstConnection","username":"아무나"}"#;
        assert_eq!(serde_json::from_str::<LobbyFrame>(first).unwrap(), LobbyFrame::FirstConnection);
        let pick = r#"{"connectionType":"chatConnection","connectingUser":"이영희"}"#;
        let picked = LobbyFrame::ChatConnection { connecting_user: "이영희".into() };
        assert_eq!(serde_json::from_str::<LobbyFrame>(pick).unwrap(), picked);
        let say = r#"{"message":"안녕","room":"elsewhere"}"#;
        assert_eq!(serde_json::from_str::<ChatFrame>(say).unwrap(), ChatFrame { message: "안녕".into() });
    }

    #[test]
    fn the_original_s_frames_are_spoken() {
        let json = |answer: &LobbyAnswer| serde_json::to_string(answer).unwrap();
        assert_eq!(json(&LobbyAnswer::All { all_users: vec!["이름".into()] }), r#"{"allUsers":["이름"]}"#);
        assert_eq!(json(&LobbyAnswer::Left { disconnected_user: "이름".into() }), r#"{"disconnectedUser":"이름"}"#);
        let said = ChatAnswer::ChatMessage { name: "이름".into(), message: "안녕".into() };
        let expected = r#"{"messageType":"ChatMessage","name":"이름","message":"안녕"}"#;
        assert_eq!(serde_json::to_string(&said).unwrap(), expected);
        let users = ChatAnswer::UsersMessage { users: vec!["이름".into()] };
        assert_eq!(serde_json::to_string(&users).unwrap(), r#"{"messageType":"UsersMessage","users":["이름"]}"#);
    }

    #[test]
    fn markup_arrives_as_text() {
        assert_eq!(
            escape(r#"<img src=x onerror='a("1")'>&"#),
            "&lt;img src=x onerror=&#39;a(&quot;1&quot;)&#39;&gt;&amp;"
        );
    }

    proptest! {
        #[test]
        fn escaping_hides_every_dangerous_character(text in "[a-z<>&\"';#0-9가]{0,40}") {
            prop_assert!(!escape(&text).contains(['<', '>', '"', '\'']));
        }
    }
}
