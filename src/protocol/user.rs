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
    /// The name alone may be taken for somebody else's: it is shown with the login.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_ambiguous: bool,
    pub presence: Presence,
    #[serde(default, skip_serializing_if = "Profile::is_empty")]
    pub profile: Profile,
}

impl User {
    /// The name as it is shown.
    pub fn called(&self) -> String {
        called(&self.name, &self.login, self.is_ambiguous)
    }
}

/// A name as it is shown: "name (login)" where the name alone is ambiguous.
pub fn called(name: &str, login: &str, is_ambiguous: bool) -> String {
    if is_ambiguous { format!("{name} ({login})") } else { name.to_owned() }
}

/// What is known of a person beside their name; all of it may be missing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct Profile {
    /// A path in the organisation, its parts divided by `/`: `기획국/정보화기획과`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub department: Option<String>,
    /// Their post there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// A line of their own, such as where they are just now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// Where they stand among the people of their department, lowest first; without it behind those, by name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order: Option<u32>,
}

impl Profile {
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Presence {
    /// At least one window of theirs is connected.
    Here,
    /// Connected, but nobody has touched it for a while.
    Idle,
    /// Connected, and they want not to be disturbed.
    Busy,
    /// Not connected; what is written to them waits for them.
    Away,
    /// Their account is disabled: not listed among people, named where they wrote.
    Disabled,
}

impl Presence {
    /// Whether a window of theirs is connected.
    pub fn is_here(self) -> bool {
        !matches!(self, Self::Away | Self::Disabled)
    }
}
