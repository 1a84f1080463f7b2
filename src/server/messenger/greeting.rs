//! What a main window hears first. Who there is stands in everybody's: it is written once for all who come within
//! a moment, and who changed since it was written is told after it.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use bytes::Bytes;

use crate::{
    protocol::{
        cursor::Cursor,
        ids::UserId,
        lobby::{LobbyEvent, LobbySnapshot},
        user::User,
    },
    server::{
        hub::told,
        messenger::{Messenger, Result},
    },
};

/// How long it is told with who changed since rather than written anew.
const FRESH: Duration = Duration::from_secs(1);
/// How nobody stands in a welcome: before anything that people wrote, and within a text its quotes would be escaped.
const NOBODY: &str = r#""users":[]"#;

/// Who there is, as JSON.
struct Everybody {
    cursor: Cursor,
    text: String,
    written_at: Instant,
}

/// What was written last.
#[derive(Default)]
pub(super) struct Written(Mutex<Option<Arc<Everybody>>>);

impl Messenger {
    /// The texts of a main window's first events: [`Messenger::lobby`]'s snapshot, in one or two.
    ///
    /// # Errors
    /// [`crate::protocol::error::Refusal::Unavailable`].
    pub async fn greeting(&self, me: UserId, since: Option<Cursor>) -> Result<Vec<Bytes>> {
        if since.is_some_and(|since| self.0.roster.changed_since(since).is_some()) {
            return Ok(vec![text(LobbyEvent::Welcome(self.lobby(me, since).await?))]);
        }
        let (rooms, favourites) = (self.0.store.rooms_of(me).await?, self.0.store.favourites(me).await?);
        let (everybody, cursor, changed) = self.everybody();
        let known: HashSet<UserId> = rooms.iter().flat_map(|room| &room.others).copied().collect();
        let directory = self.directory();
        // Who may not sign in any more is there only for those who have a conversation with them.
        let is_gone = |user: &UserId| directory.account(*user).is_some_and(|account| account.disabled);
        let gone: Vec<UserId> = known.into_iter().filter(is_gone).collect();
        let later = changed.into_iter().filter(|user| !is_gone(user)).chain(gone);
        let users: Vec<User> = later.filter_map(|user| self.user(user)).collect();
        let snapshot =
            LobbySnapshot { me, cursor: everybody.cursor, since: None, users: Vec::new(), rooms, favourites };
        let welcome = welcome(snapshot, &everybody.text);
        let later = (!users.is_empty()).then(|| text(LobbyEvent::UsersChanged { users, cursor }));
        Ok([welcome].into_iter().chain(later).collect())
    }

    /// Who there is, and who changed since that was written, up to a cursor.
    fn everybody(&self) -> (Arc<Everybody>, Cursor, Vec<UserId>) {
        let mut written = self.0.everybody.0.lock().unwrap_or_else(PoisonError::into_inner);
        let cursor = self.0.roster.cursor();
        if let Some(fresh) = written.as_ref().filter(|everybody| everybody.written_at.elapsed() < FRESH)
            && let Some(changed) = self.0.roster.changed_since(fresh.cursor)
        {
            return (fresh.clone(), cursor, changed);
        }
        let everybody = Arc::new(Everybody { cursor, text: self.written(), written_at: Instant::now() });
        *written = Some(everybody.clone());
        (everybody, cursor, Vec::new())
    }

    fn written(&self) -> String {
        let (directory, here) = (self.directory(), self.hub().here());
        let listed = directory.by_name().filter(|account| !account.disabled);
        let users: Vec<User> = listed.map(|account| directory.user(account, here.get(&account.id).copied())).collect();
        // Our own structs of strings: serde_json cannot refuse them.
        serde_json::to_string(&users).unwrap_or_default()
    }
}

fn text(event: LobbyEvent) -> Bytes {
    told(event).frame.clone()
}

fn welcome(snapshot: LobbySnapshot, users: &str) -> Bytes {
    let text = serde_json::to_string(&LobbyEvent::Welcome(snapshot)).unwrap_or_default();
    let (before, after) = text.split_once(NOBODY).unwrap_or((&text, ""));
    [before, r#""users":"#, users, after].concat().into()
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::protocol::{
        ids::RoomId,
        room::Room,
        user::{Presence, Profile},
    };

    #[test]
    fn a_welcome_put_together_is_the_welcome_whatever_a_title_says() {
        let (me, name) = (UserId::new(), format!("김 \"{NOBODY}\" 민수"));
        let user = User {
            id: me,
            login: "minsu".into(),
            name,
            is_ambiguous: true,
            presence: Presence::Here,
            profile: Profile::default(),
        };
        let room = Room {
            id: RoomId::new(),
            is_group: true,
            title: Some(format!("\"{NOBODY}")),
            others: Vec::new(),
            size: 1,
            last: None,
            unread: 0,
            active_at: 0,
            is_muted: false,
            is_hidden: false,
            is_pinned: false,
        };
        let cursor = Cursor { epoch: Uuid::nil(), version: 7 };
        let snapshot =
            |users| LobbySnapshot { me, cursor, since: None, users, rooms: vec![room.clone()], favourites: vec![me] };
        let together = welcome(snapshot(Vec::new()), &serde_json::to_string(&[&user]).unwrap());
        assert_eq!(together, text(LobbyEvent::Welcome(snapshot(vec![user]))));
    }
}
