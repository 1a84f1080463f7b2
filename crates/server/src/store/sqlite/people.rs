//! Statements over lists of ids. A list is one JSON parameter, because every statement is a round trip to SQLite's
//! thread.

use std::collections::HashSet;

use serde::Serialize;
use uuid::Uuid;

use crate::{
    model::RoomMember,
    store::sql::db::{Db, signed},
};
use protocol::ids::{RoomId, UserId};

fn hex(id: Uuid) -> String {
    id.simple().to_string()
}

/// Strings alone: serde_json cannot refuse them.
fn json(list: impl Serialize) -> String {
    serde_json::to_string(&list).unwrap_or_default()
}

/// Pairs as `json_each` reads them.
pub(crate) fn pairs_json(pairs: &[(RoomId, UserId)]) -> String {
    json(pairs.iter().map(|(room, user)| [hex(room.uuid()), hex(user.uuid())]).collect::<Vec<_>>())
}

pub(crate) fn users_json(users: &[UserId]) -> String {
    json(users.iter().map(|user| hex(user.uuid())).collect::<Vec<_>>())
}

/// Memberships, current and ended, for (room, user) pairs; pairs without one are omitted.
pub(crate) async fn memberships(db: &mut Db, pairs: &[(RoomId, UserId)]) -> sqlx::Result<Vec<(RoomId, RoomMember)>> {
    let sql = "SELECT room, user, last_read, joined_at, left_at IS NOT NULL FROM json_each($1) AS pair \
               JOIN memberships ON room = unhex(pair.value ->> 0) AND user = unhex(pair.value ->> 1)";
    let rows: Vec<(Uuid, Uuid, i64, i64, bool)> = sqlx::query_as(sql).bind(pairs_json(pairs)).fetch_all(db).await?;
    let member = |(room, user, seq, joined_at, has_left): (Uuid, Uuid, i64, i64, bool)| {
        let (last_read, joined_at) = (seq as u64, joined_at as u64);
        (room.into(), RoomMember { user: user.into(), last_read, joined_at, has_left })
    };
    Ok(rows.into_iter().map(member).collect())
}

/// All memberships of these users, current and ended.
pub(crate) async fn memberships_of(db: &mut Db, users: &[UserId]) -> sqlx::Result<Vec<(RoomId, UserId)>> {
    let sql = "SELECT room, user FROM json_each($1) AS wanted JOIN memberships ON user = unhex(wanted.value)";
    let rows: Vec<(Uuid, Uuid)> = sqlx::query_as(sql).bind(users_json(users)).fetch_all(db).await?;
    Ok(rows.into_iter().map(|(room, user)| (room.into(), user.into())).collect())
}

/// The members of these rooms.
pub(crate) async fn members_of(
    db: &mut Db,
    rooms: impl IntoIterator<Item = RoomId>,
) -> sqlx::Result<Vec<(RoomId, UserId)>> {
    let rooms = json(rooms.into_iter().map(|room| hex(room.uuid())).collect::<Vec<_>>());
    let sql = "SELECT room, user FROM json_each($1) AS wanted \
               JOIN memberships ON room = unhex(wanted.value) WHERE left_at IS NULL";
    let rows: Vec<(Uuid, Uuid)> = sqlx::query_as(sql).bind(rooms).fetch_all(db).await?;
    Ok(rows.into_iter().map(|(room, user)| (room.into(), user.into())).collect())
}

/// The users among these who are not members of a room, each once.
pub(crate) async fn outsiders(db: &mut Db, room: RoomId, mut users: Vec<UserId>) -> sqlx::Result<Vec<UserId>> {
    let sql = "SELECT user FROM json_each($2) AS asked \
               JOIN memberships ON room = $1 AND user = unhex(asked.value) WHERE left_at IS NULL";
    let inside: Vec<Uuid> = sqlx::query_scalar(sql).bind(room.uuid()).bind(users_json(&users)).fetch_all(db).await?;
    let mut seen: HashSet<Uuid> = inside.into_iter().collect();
    users.retain(|user| seen.insert(user.uuid()));
    Ok(users)
}

/// The initial values of new memberships of a room.
#[derive(Clone, Copy, Default)]
pub(crate) struct Joining {
    pub(crate) visible_after: u64,
    pub(crate) last_read: u64,
    pub(crate) joined_at: u64,
}

/// Inserts memberships of enabled accounts, and resets those of former members. Returns how many accounts it found.
pub(crate) async fn insert_memberships(
    db: &mut Db,
    room: RoomId,
    users: &[UserId],
    joining: Joining,
) -> sqlx::Result<usize> {
    let Joining { visible_after, last_read, joined_at } = joining;
    let sql = "INSERT INTO memberships (room, user, since, last_read, joined_at) \
               SELECT $1, users.id, $3, $4, $5 FROM json_each($2) AS new JOIN users ON users.id = unhex(new.value) \
                WHERE NOT disabled \
               ON CONFLICT (room, user) DO UPDATE SET since = $3, last_read = $4, joined_at = $5, left_at = NULL, \
                             hidden_at = NULL, is_muted = 0, mentions_only = 0, is_pinned = 0";
    let query = sqlx::query(sql).bind(room.uuid()).bind(users_json(users)).bind(signed(visible_after));
    let inserted = query.bind(signed(last_read)).bind(signed(joined_at)).execute(db).await?;
    Ok(usize::try_from(inserted.rows_affected()).unwrap_or(usize::MAX))
}
