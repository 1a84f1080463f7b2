//! `/usersServerEndpoint` in the dialect of the original.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::{
    hub::Encoded,
    messenger::{Actor, Messenger},
    socket::{
        codec::Frames,
        dialect::{Dialect, Incoming},
        egov::viewer::Viewer,
    },
};
use protocol::{ids::RoomId, lobby_socket::LobbyEvent};

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
    viewer: Viewer,
}

/// Whether this client has requested the list.
#[derive(Default)]
pub(in crate::socket) struct EgovLobbyView {
    is_registered: bool,
}

/// The result of a command.
pub(in crate::socket) enum EgovLobbyReply {
    Nothing,
    List,
}

impl EgovLobby {
    pub(in crate::socket) fn new(messenger: Messenger, actor: Actor) -> Self {
        Self { viewer: Viewer::new(&messenger, actor.user), messenger, actor }
    }

    /// The list of all online users.
    fn all(&self) -> LobbyAnswer {
        let (online, directory) = (self.messenger.people().online(), self.messenger.people().directory());
        let mut all_users: Vec<String> = online.keys().filter_map(|user| self.viewer.row(&directory, *user)).collect();
        all_users.sort();
        LobbyAnswer::All { all_users }
    }

    /// Opens the room with the user who has this label. The invitation makes the clients of both users enter it.
    async fn open_direct(&self, label: &str) {
        let other = self.messenger.people().directory().by_label(label).filter(|other| *other != self.viewer.me);
        if let Some(other) = other {
            // The dialect has no frame for a refusal: nothing opens, as for users who pick themselves.
            let _ = self.messenger.rooms().open_direct(self.actor, other).await;
        }
    }

    fn enter(&self, room: RoomId) -> LobbyAnswer {
        let username = self.viewer.name(&self.messenger.people().directory(), self.viewer.me);
        LobbyAnswer::Enter { enter_chat_id: room, username }
    }
}

impl Dialect for EgovLobby {
    type Event = LobbyEvent;
    type Command = Option<LobbyFrame>;
    type Reply = EgovLobbyReply;
    type View = EgovLobbyView;

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
            && view.is_registered
            && self.messenger.people().admit_to_directory(self.actor).is_err();
        (!is_refused).then_some(frame)
    }

    async fn execute(&self, frame: Option<LobbyFrame>) -> EgovLobbyReply {
        match frame {
            Some(LobbyFrame::FirstConnection) => return EgovLobbyReply::List,
            Some(LobbyFrame::ChatConnection { connecting_user }) => self.open_direct(&connecting_user).await,
            // The original has no frame for "malformed" either.
            None => {}
        }
        EgovLobbyReply::Nothing
    }

    fn encode_reply(&self, view: &mut EgovLobbyView, reply: EgovLobbyReply, frames: &mut Frames) {
        match reply {
            EgovLobbyReply::Nothing => {}
            EgovLobbyReply::List => {
                view.is_registered = true;
                frames.event(&self.all());
            }
        }
    }

    fn encode_event(&self, view: &mut EgovLobbyView, event: &Arc<Encoded<LobbyEvent>>, frames: &mut Frames) {
        match &event.event {
            LobbyEvent::UsersChanged { users, .. } if view.is_registered => {
                let gone = users.iter().filter(|user| !user.presence.is_connected());
                let directory = self.messenger.people().directory();
                let left = gone.filter_map(|user| self.viewer.row(&directory, user.id));
                left.for_each(|disconnected_user| frames.event(&LobbyAnswer::Left { disconnected_user }));
                if users.iter().any(|user| user.presence.is_connected()) {
                    frames.event(&self.all());
                }
            }
            LobbyEvent::Invited { room, .. } => frames.event(&self.enter(*room)),
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
