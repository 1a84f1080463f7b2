//! `/usersServerEndpoint` in the dialect of the original.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::{
    hub::{Encoded, LobbyHandle},
    messenger::{Actor, Messenger},
    socket::{
        codec::Frames,
        delivery::DeliveryLane,
        dialect::{Dialect, Incoming},
        egov::legacy_names::LegacyNames,
    },
};
use protocol::{
    ids::{RoomId, UserId},
    lobby_socket::LobbyEvent,
    people::WatchedPresence,
};

/// A frame from the client.
#[derive(Debug, Deserialize, PartialEq, Eq)]
#[serde(tag = "connectionType", rename_all = "camelCase")]
pub(in crate::socket) enum LobbyFrame {
    /// The client requests the list of online users. The name in the frame is ignored: the handshake identifies the
    /// user.
    FirstConnection,
    /// The user clicks another user in the list, who is named by label.
    ChatConnection {
        #[serde(rename = "connectingUser")]
        connecting_user: String,
    },
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

pub(in crate::socket) struct EgovLobby {
    messenger: Messenger,
    actor: Actor,
    names: LegacyNames,
    window: LobbyHandle,
}

/// What this client has requested.
#[derive(Default)]
pub(in crate::socket) struct EgovLobbyView {
    /// The users whom the list may show, once it was requested; `None` for all.
    listed: Option<ListableUsers>,
}

/// The users whom a client's list may show; `None` for all.
type ListableUsers = Option<Vec<UserId>>;

/// The result of a command.
pub(in crate::socket) enum EgovLobbyReply {
    Nothing,
    List(ListableUsers),
}

impl EgovLobby {
    pub(in crate::socket) fn new(messenger: Messenger, actor: Actor, window: LobbyHandle) -> Self {
        Self { names: LegacyNames::new(&messenger, actor.user), messenger, actor, window }
    }

    /// The list of the online users, of those that are listed.
    fn all(&self, listed: &ListableUsers) -> LobbyAnswer {
        let (people, directory) = (self.messenger.people(), self.messenger.people().directory());
        let online = match listed {
            Some(listed) => people.online_of(listed),
            None => people.online().into_keys().collect(),
        };
        let mut all_users: Vec<String> = online.iter().filter_map(|user| self.names.row(&directory, *user)).collect();
        all_users.sort();
        LobbyAnswer::All { all_users }
    }

    /// In a large organisation the list has the user's department, favourites and partners, and the window watches
    /// them.
    async fn list(&self) -> EgovLobbyReply {
        match self.messenger.people().legacy_list(self.actor, &self.window).await {
            Ok(listed) => EgovLobbyReply::List(listed),
            // The dialect has no frame for a refusal: the client may request the list again.
            Err(_) => EgovLobbyReply::Nothing,
        }
    }

    /// The users who left, and the whole list if others came.
    fn encode_presence(
        &self,
        gone: impl Iterator<Item = UserId>,
        has_arrived: bool,
        listed: &ListableUsers,
        frames: &mut Frames,
    ) {
        let directory = self.messenger.people().directory();
        let left = gone.filter_map(|user| self.names.row(&directory, user));
        left.for_each(|disconnected_user| frames.event(&LobbyAnswer::Left { disconnected_user }));
        if has_arrived {
            frames.event(&self.all(listed));
        }
    }

    /// Opens the room with the user who has this label. The invitation makes the clients of both users enter it.
    async fn open_direct(&self, label: &str) {
        let other = self.messenger.people().directory().by_label(label).filter(|other| *other != self.names.me);
        if let Some(other) = other {
            // The dialect has no frame for a refusal: nothing opens, as for users who pick themselves.
            let _ = self.messenger.rooms().open_direct(self.actor, other).await;
        }
    }

    fn enter(&self, room: RoomId) -> LobbyAnswer {
        let username = self.names.name(&self.messenger.people().directory(), self.names.me);
        LobbyAnswer::Enter { enter_chat_id: room, username }
    }
}

impl Dialect for EgovLobby {
    type Event = LobbyEvent;
    type Command = Option<LobbyFrame>;
    type Reply = EgovLobbyReply;
    type View = EgovLobbyView;

    const LANE: DeliveryLane = DeliveryLane::Paced;

    fn frames_per_second(&self) -> Option<u32> {
        self.messenger.policy().frames_per_second()
    }

    async fn welcome(&self) -> EgovLobbyReply {
        EgovLobbyReply::Nothing
    }

    fn begin(&self, view: &mut EgovLobbyView, received: Incoming<'_>) -> Option<LobbyFrame> {
        let frame = received.parse()?;
        // A client that repeats its request has the list already; over budget it gets no other.
        let is_refused = frame == LobbyFrame::FirstConnection
            && view.listed.is_some()
            && self.messenger.people().admit_to_directory(self.actor).is_err();
        (!is_refused).then_some(frame)
    }

    async fn execute(&self, frame: Option<LobbyFrame>) -> EgovLobbyReply {
        match frame {
            Some(LobbyFrame::FirstConnection) => return self.list().await,
            Some(LobbyFrame::ChatConnection { connecting_user }) => self.open_direct(&connecting_user).await,
            // The original has no frame for "malformed" either.
            None => {}
        }
        EgovLobbyReply::Nothing
    }

    fn encode_reply(&self, view: &mut EgovLobbyView, reply: EgovLobbyReply, frames: &mut Frames) {
        match reply {
            EgovLobbyReply::Nothing => {}
            EgovLobbyReply::List(listed) => {
                frames.event(&self.all(&listed));
                view.listed = Some(listed);
            }
        }
    }

    fn encode_event(&self, view: &mut EgovLobbyView, event: &Arc<Encoded<LobbyEvent>>, frames: &mut Frames) {
        match (&event.event, &view.listed) {
            (LobbyEvent::UsersChanged { users, .. }, Some(listed)) => {
                let gone = users.iter().filter(|user| !user.presence.is_connected()).map(|user| user.id);
                let has_arrived = users.iter().any(|user| user.presence.is_connected());
                self.encode_presence(gone, has_arrived, listed, frames);
            }
            (LobbyEvent::Presence(watched), Some(listed)) => {
                let WatchedPresence { online, idle, busy, offline, disabled, departments: _ } = watched;
                let has_arrived = [online, idle, busy].iter().any(|users| !users.is_empty());
                self.encode_presence(offline.iter().chain(disabled).copied(), has_arrived, listed, frames);
            }
            (LobbyEvent::Invited { room, .. }, _) => frames.event(&self.enter(*room)),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_of_the_original_are_parsed() {
        let first = r#"{"connectionType":"firstConnection","username":"아무나"}"#;
        assert_eq!(serde_json::from_str::<LobbyFrame>(first).unwrap(), LobbyFrame::FirstConnection);
        let pick = r#"{"connectionType":"chatConnection","connectingUser":"이영희"}"#;
        let picked = LobbyFrame::ChatConnection { connecting_user: "이영희".into() };
        assert_eq!(serde_json::from_str::<LobbyFrame>(pick).unwrap(), picked);
    }

    #[test]
    fn answers_have_the_frames_of_the_original() {
        let json = |answer: &LobbyAnswer| serde_json::to_string(answer).unwrap();
        assert_eq!(json(&LobbyAnswer::All { all_users: vec!["이름".into()] }), r#"{"allUsers":["이름"]}"#);
        assert_eq!(json(&LobbyAnswer::Left { disconnected_user: "이름".into() }), r#"{"disconnectedUser":"이름"}"#);
    }
}
