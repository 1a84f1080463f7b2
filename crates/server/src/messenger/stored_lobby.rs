//! The rows of the store that a main window shows.

use crate::messenger::{inner::Messenger, policy::Result};
use protocol::{
    cursor::Cursor, ids::UserId, lobby_socket::LobbySnapshot, room::RoomSummary, schedule::ScheduledMessage, user::User,
};

/// The rooms, favourites and settings of a user, and their scheduled messages that could not be sent.
pub(super) struct StoredLobby {
    pub(super) rooms: Vec<RoomSummary>,
    pub(super) favourites: Vec<UserId>,
    pub(super) settings: String,
    pub(super) unsent: Vec<ScheduledMessage>,
}

impl StoredLobby {
    /// The content of a main window with these users, at a cursor; of a delta also the cursor before it.
    pub(super) fn into_snapshot(
        self,
        me: UserId,
        (cursor, resumed_from): (Cursor, Option<Cursor>),
        users: Vec<User>,
    ) -> LobbySnapshot {
        let Self { rooms, favourites, settings, unsent } = self;
        let (people, departments) = (None, Vec::new());
        LobbySnapshot { me, cursor, resumed_from, people, users, departments, rooms, favourites, settings, unsent }
    }
}

impl Messenger {
    pub(super) async fn stored_lobby(&self, user: UserId) -> Result<StoredLobby> {
        let store = &self.0.store;
        Ok(StoredLobby {
            rooms: store.rooms_of(user).await?,
            favourites: store.favourites(user).await?,
            settings: store.settings(user).await?,
            unsent: store.unsent_scheduled(user).await?,
        })
    }
}
