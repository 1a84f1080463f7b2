//! People on demand: in a large organisation a main window knows only some users, and asks for the others. See
//! docs/protocol.md, "People on demand".

use serde::{Deserialize, Serialize};

use crate::{ids::UserId, user::Presence};

/// The size of a large organisation, in which a main window does not receive all users.
///
/// JSON: `{"count":100231,"online":61200,"departments":[…]}`; the field `people` of `welcome` and of the main window's
/// page. A small organisation has no such field.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct PeopleCount {
    /// All users except disabled accounts.
    pub count: u32,
    /// Those of them who are online, in any way.
    pub online: u32,
    /// The tree as far as it is open at first: what is directly below the whole organisation, and below each department
    /// on the path of the receiver's own. A department with more than [`crate::limit::SHOWN_DEPARTMENTS`] below it is
    /// left out: `department` lists them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub departments: Vec<DepartmentCount>,
}

/// The size of one department, with all departments below it.
///
/// JSON: `{"path":"기획국/총무과","people":41,"online":17}`. The path `""` is the whole organisation.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct DepartmentCount {
    /// The whole path, its parts separated by `/`.
    pub path: String,
    /// All users except disabled accounts.
    pub people: u32,
    /// Those of them who are online, in any way.
    pub online: u32,
}

/// The presence of watched users and the sizes of watched departments: all of them, or those that changed.
///
/// JSON: `{"here":[uuid],"idle":[…],"busy":[…],"away":[…],"disabled":[…],"departments":[…]}`, each field left out when
/// empty. The event `presence` of the lobby socket, to that socket alone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct WatchedPresence {
    /// Users who are [`Presence::Online`] now. On the wire `here`.
    #[serde(rename = "here", skip_serializing_if = "Vec::is_empty")]
    pub online: Vec<UserId>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub idle: Vec<UserId>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub busy: Vec<UserId>,
    /// Users who are [`Presence::Offline`] now. On the wire `away`.
    #[serde(rename = "away", skip_serializing_if = "Vec::is_empty")]
    pub offline: Vec<UserId>,
    /// Only in the answer to `watch`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub disabled: Vec<UserId>,
    /// The watched departments and those directly below them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub departments: Vec<DepartmentCount>,
}

impl WatchedPresence {
    /// Adds a user to the list of their presence.
    pub fn add(&mut self, user: UserId, presence: Presence) {
        let list = match presence {
            Presence::Online => &mut self.online,
            Presence::Idle => &mut self.idle,
            Presence::Busy => &mut self.busy,
            Presence::Offline => &mut self.offline,
            Presence::Disabled => &mut self.disabled,
        };
        list.push(user);
    }
}
