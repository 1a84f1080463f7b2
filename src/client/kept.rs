//! What a person wrote that the server does not have yet: kept for this tab, so that leaving a
//! conversation, or loading the page again, loses nothing of it.

use serde::{Deserialize, Serialize};

use crate::{
    client::{platform, state::pending::Pending},
    protocol::ids::{RoomId, UserId},
};

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// The composer's text.
    pub draft: String,
    pub pending: Vec<Pending>,
}

impl Kept {
    /// What this person left in this conversation. Only in effects and event handlers.
    pub fn load(me: UserId, room: RoomId) -> Self {
        platform::kept(&key(me, room)).and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default()
    }

    pub fn save(&self, me: UserId, room: RoomId) {
        let text = if *self == Self::default() { None } else { serde_json::to_string(self).ok() };
        platform::keep(&key(me, room), text.as_deref());
    }
}

/// By person too: on a shared computer the next one must not find it.
fn key(me: UserId, room: RoomId) -> String {
    format!("daehwa.kept.{me}.{room}")
}
