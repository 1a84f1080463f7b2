//! A frame of the lobby's socket: an event, or one that only a part of the program knows.

use serde_json::Value;

use crate::decode::Decode;
use protocol::lobby_socket::LobbyEvent;

#[allow(clippy::large_enum_variant, reason = "a frame lives until it is applied")]
pub enum LobbyInput {
    Event(LobbyEvent),
    /// An event that is decoded by the part for large organisations, if it is loaded.
    Other(Value),
}

impl LobbyInput {
    pub fn event(&self) -> Option<&LobbyEvent> {
        match self {
            Self::Event(event) => Some(event),
            Self::Other(_) => None,
        }
    }
}

impl Decode for LobbyInput {
    fn decode(value: &Value) -> Option<Self> {
        LobbyEvent::decode(value).map(Self::Event)
    }

    fn decode_owned(value: Value) -> Option<Self> {
        Some(Self::decode(&value).unwrap_or(Self::Other(value)))
    }
}
