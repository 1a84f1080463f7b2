//! A user as a row of the list.

use crate::state::{address_book::SEPARATOR, lobby::Lobby};
use protocol::{
    ids::UserId,
    user::{Presence, User},
};

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ListedPerson {
    pub id: UserId,
    /// The display name: an ambiguous name with the login.
    pub name: String,
    pub presence: Presence,
    /// The status message; with an ambiguous name it follows the workplace.
    pub status: Option<String>,
    /// The innermost department and the job title.
    pub workplace: String,
    pub is_me: bool,
    /// Until when the user is absent now, UTC milliseconds.
    pub absent_until: Option<i64>,
}

impl Lobby {
    /// A user as their row shows them.
    pub fn person(&self, id: UserId) -> Option<ListedPerson> {
        Some(ListedPerson::new(self.user(id)?, self.me))
    }
}

impl ListedPerson {
    /// An account as the user `me` sees it.
    pub fn new(user: &User, me: UserId) -> Self {
        let is_me = user.id == me;
        let profile = &user.profile;
        let workplace = [innermost(profile.department.as_deref()), profile.title.clone()];
        let workplace = workplace.into_iter().flatten().collect::<Vec<_>>().join(" · ");
        let presence = if is_me && user.presence == Presence::Offline { Presence::Online } else { user.presence };
        let needs_workplace = user.is_ambiguous && !workplace.is_empty();
        let line = |status: String| if needs_workplace { format!("{workplace} · {status}") } else { status };
        let status = profile.status.clone().map(line);
        let absent_until = user.absent_until();
        Self { absent_until, id: user.id, name: user.display_name(), presence, status, workplace, is_me }
    }
}

fn innermost(department: Option<&str>) -> Option<String> {
    department?.rsplit(SEPARATOR).next().map(str::to_owned)
}

/// The number of online users, the receiver included.
pub fn online_count(lobby: &Lobby) -> usize {
    let known = || lobby.users().filter(|user| lobby.is_shown_online(user)).count();
    lobby.people.as_ref().map_or_else(known, |people| people.online as usize)
}
