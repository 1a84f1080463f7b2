//! A user as a row of the list.

use crate::state::{
    address_book::{SEPARATOR, innermost},
    lobby::Lobby,
};
use protocol::{
    ids::UserId,
    user::{Presence, User},
};

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ShownPerson {
    pub id: UserId,
    /// The display name: an ambiguous name with the login.
    pub name: String,
    pub presence: Presence,
    /// The status message; with an ambiguous name it follows the workplace.
    pub status: Option<String>,
    /// The innermost department and the job title; the whole path if the innermost department could be another one, or the
    /// user another one of this name.
    pub workplace: String,
    pub is_me: bool,
    /// Until when the user is absent now, UTC milliseconds.
    pub absent_until: Option<i64>,
}

impl Lobby {
    /// A user as their row shows them.
    pub fn person(&self, id: UserId) -> Option<ShownPerson> {
        let user = self.user(id)?;
        let department = user.profile.department.as_deref();
        let is_twin = department.is_some_and(|path| self.book().has_twin(path));
        Some(ShownPerson::with_path(user, self.me, is_twin || user.is_ambiguous))
    }
}

impl ShownPerson {
    /// An account as the user `me` sees it.
    pub fn new(user: &User, me: UserId) -> Self {
        Self::with_path(user, me, user.is_ambiguous)
    }

    fn with_path(user: &User, me: UserId, is_path_shown: bool) -> Self {
        let is_me = user.id == me;
        let profile = &user.profile;
        let department = profile.department.as_deref();
        let department =
            department.map(|path| if is_path_shown { path_words(path) } else { innermost(path).to_owned() });
        let workplace = [department, profile.title.clone()];
        let workplace = workplace.into_iter().flatten().collect::<Vec<_>>().join(" · ");
        let presence = if is_me && user.presence == Presence::Offline { Presence::Online } else { user.presence };
        let needs_workplace = user.is_ambiguous && !workplace.is_empty();
        let line = |status: String| if needs_workplace { format!("{workplace} · {status}") } else { status };
        let status = profile.status.clone().map(line);
        let absent_until = user.absent_until();
        Self { absent_until, id: user.id, name: user.display_name(), presence, status, workplace, is_me }
    }
}

/// A department's path as users read it.
pub fn path_words(path: &str) -> String {
    path.replace(SEPARATOR, " › ")
}

/// The number of online users, the receiver included.
pub fn online_count(lobby: &Lobby) -> usize {
    let known = || lobby.users().filter(|user| lobby.is_shown_online(user)).count();
    lobby.people.as_ref().map_or_else(known, |people| people.online as usize)
}
