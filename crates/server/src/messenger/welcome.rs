//! The first frames of a lobby socket. The user list is the same for everybody, so it is encoded once a second and
//! shared; users who changed later follow as a delta.

use std::{
    collections::HashSet,
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

use crate::{
    hub::{Encoded, LobbyHandle},
    messenger::{
        actor::Actor, inner::Messenger, policy::Result, services::People, stored_lobby::StoredLobby,
        user_list::EncodedUsers,
    },
};
use protocol::{
    cursor::Cursor, error::Refusal, ids::UserId, lobby_socket::LobbyEvent, room::RoomSummary,
    schedule::ScheduledMessage, user::User,
};

/// How long the encoded user list is reused.
const FRESH: Duration = Duration::from_secs(1);

/// [`LobbyEvent::Welcome`] with a user list that is already JSON.
#[derive(Serialize)]
#[serde(tag = "type", rename = "welcome")]
struct EncodedWelcome<'a> {
    me: UserId,
    cursor: Cursor,
    users: &'a RawValue,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    departments: &'a [String],
    rooms: &'a [RoomSummary],
    #[serde(skip_serializing_if = "<[UserId]>::is_empty")]
    favourites: &'a [UserId],
    #[serde(skip_serializing_if = "str::is_empty")]
    settings: &'a str,
    #[serde(skip_serializing_if = "<[ScheduledMessage]>::is_empty")]
    unsent: &'a [ScheduledMessage],
}

impl People<'_> {
    /// The first frames of a lobby socket: the snapshot of [`People::lobby`], and the delta to the cached user list; in a
    /// large organisation the presence of the users whom the window watches at first.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`].
    pub async fn welcome(self, actor: Actor, window: &LobbyHandle, resume_from: Option<Cursor>) -> Result<Vec<Bytes>> {
        let inner = &self.0.0;
        if self.0.is_large() {
            return self.large_welcome(actor, window, resume_from).await;
        }
        if resume_from.is_some_and(|cursor| inner.user_log.changed_since(cursor).is_some()) {
            return Ok(vec![frame(LobbyEvent::Welcome(self.lobby(actor, resume_from).await?))]);
        }
        let StoredLobby { rooms, favourites, settings, unsent } = self.0.stored_lobby(actor.user).await?;
        let (list, cursor, changed) = self.0.encoded_users()?;
        let welcome = EncodedWelcome {
            me: actor.user,
            cursor: list.cursor,
            users: &list.json,
            departments: &self.0.directory().departments().ordered(),
            rooms: &rooms,
            favourites: &favourites,
            settings: &settings,
            unsent: &unsent,
        };
        let mut frames = vec![encode(&welcome)?.into()];
        let users = self.missing_users(&rooms, changed);
        if !users.is_empty() {
            frames.push(frame(LobbyEvent::UsersChanged { users, cursor }));
        }
        Ok(frames)
    }

    async fn large_welcome(
        self,
        actor: Actor,
        window: &LobbyHandle,
        resume_from: Option<Cursor>,
    ) -> Result<Vec<Bytes>> {
        let snapshot = self.large_lobby(actor, resume_from, Some(window)).await?;
        // A delta lacks the presence of users who did not change.
        let is_delta = snapshot.resumed_from.is_some();
        let mut frames = vec![frame(LobbyEvent::Welcome(snapshot))];
        if is_delta {
            frames.push(frame(LobbyEvent::Presence(self.presence_of(&window.watched()))));
        }
        Ok(frames)
    }

    /// The users that the encoded list lacks for one user: those who changed since, and the disabled users of their
    /// rooms.
    fn missing_users(self, rooms: &[RoomSummary], changed: Vec<UserId>) -> Vec<User> {
        let directory = self.0.directory();
        let is_disabled = |user: &UserId| directory.account(*user).is_some_and(|account| account.disabled);
        let known: HashSet<UserId> = rooms.iter().flat_map(|room| &room.others).copied().collect();
        let disabled = known.into_iter().filter(is_disabled);
        let missing = changed.into_iter().filter(|user| !is_disabled(user)).chain(disabled);
        missing.filter_map(|user| self.user(user)).collect()
    }
}

impl Messenger {
    /// The encoded user list, the current cursor, and the users who changed since the list was encoded.
    fn encoded_users(&self) -> Result<(Arc<EncodedUsers>, Cursor, Vec<UserId>)> {
        let mut cached = self.0.encoded_users.0.lock();
        let cursor = self.0.user_log.cursor();
        if let Some(fresh) = cached.as_ref().filter(|list| list.encoded_at.elapsed() < FRESH)
            && let Some(changed) = self.0.user_log.changed_since(fresh.cursor)
        {
            return Ok((fresh.clone(), cursor, changed));
        }
        let list = Arc::new(EncodedUsers { cursor, json: self.encode_users()?, encoded_at: Instant::now() });
        *cached = Some(list.clone());
        Ok((list, cursor, Vec::new()))
    }

    fn encode_users(&self) -> Result<Box<RawValue>> {
        let (directory, online) = (self.directory(), self.people().online());
        let enabled = directory.by_name().filter(|account| !account.disabled);
        let users: Vec<User> =
            enabled.map(|account| directory.user(account, online.get(&account.id).copied())).collect();
        to_raw_value(&users).map_err(|_| Refusal::Unavailable)
    }
}

fn frame(event: LobbyEvent) -> Bytes {
    Encoded::new(event).frame
}

/// Our structs have strings and numbers only: serde_json does not refuse them.
fn encode(event: &impl Serialize) -> Result<Vec<u8>> {
    serde_json::to_vec(event).map_err(|_| Refusal::Unavailable)
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use protocol::{
        ids::{MessageId, RoomId},
        lobby_socket::LobbySnapshot,
        message::Mentions,
        user::{Presence, Profile},
    };

    /// A text that looks like the field into which the encoded list is written.
    const FIELD: &str = "\"users\":[]";

    fn user(id: UserId) -> User {
        User {
            id,
            login: "minsu".into(),
            name: "김 \"users\":[] 민수".into(),
            is_ambiguous: true,
            presence: Presence::Online,
            profile: Profile::default(),
            absence: None,
        }
    }

    fn room() -> RoomSummary {
        RoomSummary {
            id: RoomId::new(),
            is_group: true,
            title: Some(FIELD.into()),
            others: Vec::new(),
            size: 1,
            last: None,
            unread: 0,
            mentioned: None,
            active_at: 0,
            is_muted: false,
            mentions_only: false,
            is_hidden: false,
            is_pinned: false,
        }
    }

    fn unsent(room: RoomId) -> ScheduledMessage {
        ScheduledMessage {
            id: MessageId::new(),
            room,
            at: 7,
            body: FIELD.into(),
            reply_to: None,
            mentions: Mentions::default(),
            asks_confirmation: false,
            failed: Some(Refusal::NotFound),
        }
    }

    #[test]
    fn a_welcome_with_an_encoded_list_is_the_welcome_of_the_protocol() {
        let (me, cursor) = (UserId::new(), Cursor { epoch: Uuid::nil(), version: 7 });
        let (user, room) = (user(me), room());
        let unsent = unsent(room.id);
        for (departments, favourites, settings, unsent) in
            [(vec![], vec![], "", vec![]), (vec![FIELD.to_owned()], vec![me], "theme.dark", vec![unsent])]
        {
            let (users, rooms) = (to_raw_value(&[&user]).unwrap(), [room.clone()]);
            let encoded = EncodedWelcome {
                me,
                cursor,
                users: &users,
                departments: &departments,
                rooms: &rooms,
                favourites: &favourites,
                settings,
                unsent: &unsent,
            };
            let encoded = encode(&encoded).unwrap();
            let (users, rooms, settings) = (vec![user.clone()], rooms.into(), settings.to_owned());
            let people = None;
            let snapshot = LobbySnapshot {
                me,
                cursor,
                resumed_from: None,
                people,
                users,
                departments,
                rooms,
                favourites,
                settings,
                unsent,
            };
            assert_eq!(encoded, frame(LobbyEvent::Welcome(snapshot)));
        }
    }
}
