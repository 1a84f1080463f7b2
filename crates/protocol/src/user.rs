//! Users as everybody sees them: name, presence, profile.

use serde::{Deserialize, Serialize};

use crate::ids::UserId;

/// A user in the list of users.
///
/// JSON: `{"id":uuid,"login":"minsu","name":"김민수","presence":"here",…}`; `is_ambiguous` and `profile` are left out
/// when false and empty. Sent to every lobby socket, in `welcome` and `users_changed`, and to one room socket in
/// `people`. It is always the user's whole current state: an upsert by `id`. See docs/protocol.md,
/// `/usersServerEndpoint`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct User {
    pub id: UserId,
    /// The name of the account at sign-in: unique, lower case.
    pub login: String,
    /// The user's name; not unique.
    pub name: String,
    /// The name could be mistaken for another user's: show it with the login.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_ambiguous: bool,
    pub presence: Presence,
    #[serde(default, skip_serializing_if = "Profile::is_empty")]
    pub profile: Profile,
    /// When the user is away from work; left out once it is over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub absence: Option<Absence>,
}

impl User {
    /// Until when the user is absent now, UTC milliseconds; `None` for a user who is not absent.
    pub fn absent_until(&self) -> Option<i64> {
        self.absence.as_ref().filter(|absence| absence.is_now).map(|absence| absence.until)
    }

    /// The name to show.
    pub fn display_name(&self) -> String {
        display_name(&self.name, &self.login, self.is_ambiguous)
    }
}

/// The name to show: `name`, or `name (login)` when the name alone is ambiguous.
pub fn display_name(name: &str, login: &str, is_ambiguous: bool) -> String {
    if is_ambiguous { format!("{name} ({login})") } else { name.to_owned() }
}

/// Optional facts about a user.
///
/// JSON: `{"department":"기획국/총무과","title":"팀장","email":"…","status":"회의 중","status_until":1782800000000,"order":2}`,
/// each field left out when absent. Each text has at most [`crate::limit::PROFILE_CHARS`] characters.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct Profile {
    /// A path in the organisation, its parts separated by `/`: `기획국/정보화기획과`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub department: Option<String>,
    /// The job title.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// A status message that the user writes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// When the server removes the status, busy included: UTC milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status_until: Option<i64>,
    /// The rank within the department, lowest first. Users without a rank follow, sorted by name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order: Option<u32>,
}

impl Profile {
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// A time for which a user is away from work, with an optional text. While it lasts, direct messages of others are
/// answered by the system event `absent`, once a day for each other user.
///
/// JSON: `{"from":ms,"until":ms,"text":"휴가입니다","now":true}`; `text` and `now` are left out when absent and false. A
/// field of [`User`], and of the command `absence`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Absence {
    /// Its beginning, UTC milliseconds: a midnight of the user's time zone.
    pub from: i64,
    /// Its end, exclusive, UTC milliseconds.
    pub until: i64,
    /// At most [`crate::limit::PROFILE_CHARS`] characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Whether it has begun, by the server's clock. On the wire `now`; ignored in a command.
    #[serde(rename = "now", default, skip_serializing_if = "std::ops::Not::not")]
    pub is_now: bool,
}

impl Absence {
    /// The absence as others see it at a time in UTC milliseconds; `None` once it is over.
    pub fn seen_at(self, now: i64) -> Option<Self> {
        (self.until > now).then_some(Self { is_now: self.from <= now, ..self })
    }
}

/// Whether a user can be reached now. Derived from connected sockets; stored nowhere.
///
/// JSON: a word, `"here"`, `"idle"`, `"busy"`, `"away"` or `"disabled"`, as a field of [`User`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Presence {
    /// At least one socket is connected and its window is in use. On the wire `here`.
    #[serde(rename = "here")]
    Online,
    /// Connected, but every window is idle.
    Idle,
    /// Connected, and the user asked not to be disturbed.
    Busy,
    /// No socket is connected. On the wire `away`.
    #[serde(rename = "away")]
    Offline,
    /// The operator disabled the account: not in the list of users, still named as an author.
    Disabled,
}

impl Presence {
    /// Whether at least one socket of the user is connected.
    pub fn is_connected(self) -> bool {
        !matches!(self, Self::Offline | Self::Disabled)
    }
}
