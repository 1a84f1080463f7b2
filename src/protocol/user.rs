//! A person as everybody may see them.

use serde::{Deserialize, Serialize};

use crate::protocol::ids::UserId;

#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct User {
    pub id: UserId,
    /// What the person signs in with: unique, lower-case; tells namesakes apart.
    pub login: String,
    /// What the person is called; not unique.
    pub name: String,
    pub presence: Presence,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Presence {
    /// At least one window of theirs is connected.
    Here,
    /// Not connected; what is written to them waits for them.
    Away,
}
