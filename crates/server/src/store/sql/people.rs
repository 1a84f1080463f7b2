//! Statements over lists of ids. A list is one JSON parameter, because every statement is a round trip to the engine.

use std::collections::HashSet;

use serde::Serialize;
use uuid::Uuid;

use crate::{
    model::RoomMember,
    store::{
        postgres,
        sql::{
            db::{Db, signed},
            statement::{Sql, query, query_as, query_scalar},
        },
        sqlite,
    },
};
use protocol::ids::{RoomId, UserId};

const MEMBERSHIPS: Sql = Sql { sqlite: sqlite::lists::MEMBERSHIPS, postgres: postgres::lists::MEMBERSHIPS };
const MEMBERSHIPS_OF: Sql = Sql { sqlite: sqlite::lists::MEMBERSHIPS_OF, postgres: postgres::lists::MEMBERSHIPS_OF };
const MEMBERS_OF: Sql = Sql { sqlite: sqlite::lists::MEMBERS_OF, postgres: postgres::lists::MEMBERS_OF };
const INSIDE: Sql = Sql { sqlite: sqlite::lists::INSIDE, postgres: postgres::lists::INSIDE };
const INSERT_MEMBERSHIPS: Sql =
    Sql { sqlite: sqlite::lists::INSERT_MEMBERSHIPS, postgres: postgres::lists::INSERT_MEMBERSHIPS };

fn hex(id: Uuid) -> String {
    id.simple().to_string()
}

/// Strings alone: serde_json cannot refuse them.
fn json(list: impl Serialize) -> String {
    serde_json::to_string(&list).unwrap_or_default()
}

/// Pairs as a JSON array.
pub(crate) fn pairs_json(pairs: &[(RoomId, UserId)]) -> String {
    json(pairs.iter().map(|(room, user)| [hex(room.uuid()), hex(user.uuid())]).collect::<Vec<_>>())
}

pub(crate) fn users_json(users: &[UserId]) -> String {
    json(users.iter().map(|user| hex(user.uuid())).collect::<Vec<_>>())
}

/// Memberships, current and ended, for (room, user) pairs; pairs without one are omitted.
pub(crate) async fn memberships(db: &mut Db, pairs: &[(RoomId, UserId)]) -> sqlx::Result<Vec<(RoomId, RoomMember)>> {
    let rows: Vec<(Uuid, Uuid, i64, i64, bool)> = query_as(MEMBERSHIPS).bind(pairs_json(pairs)).fetch_all(db).await?;
    let member = |(room, user, seq, joined_at, has_left): (Uuid, Uuid, i64, i64, bool)| {
        let (last_read, joined_at) = (seq as u64, joined_at as u64);
        (room.into(), RoomMember { user: user.into(), last_read, joined_at, has_left })
    };
    Ok(rows.into_iter().map(member).collect())
}

/// All memberships of these users, current and ended.
pub(crate) async fn memberships_of(db: &mut Db, users: &[UserId]) -> sqlx::Result<Vec<(RoomId, UserId)>> {
    let rows: Vec<(Uuid, Uuid)> = query_as(MEMBERSHIPS_OF).bind(users_json(users)).fetch_all(db).await?;
    Ok(rows.into_iter().map(|(room, user)| (room.into(), user.into())).collect())
}

/// The members of these rooms.
pub(crate) async fn members_of(
    db: &mut Db,
    rooms: impl IntoIterator<Item = RoomId>,
) -> sqlx::Result<Vec<(RoomId, UserId)>> {
    let rooms = json(rooms.into_iter().map(|room| hex(room.uuid())).collect::<Vec<_>>());
    let rows: Vec<(Uuid, Uuid)> = query_as(MEMBERS_OF).bind(rooms).fetch_all(db).await?;
    Ok(rows.into_iter().map(|(room, user)| (room.into(), user.into())).collect())
}

/// The users among these who are not members of a room, each once.
pub(crate) async fn outsiders(db: &mut Db, room: RoomId, mut users: Vec<UserId>) -> sqlx::Result<Vec<UserId>> {
    let inside: Vec<Uuid> = query_scalar(INSIDE).bind(room.uuid()).bind(users_json(&users)).fetch_all(db).await?;
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
    let query = query(INSERT_MEMBERSHIPS).bind(room.uuid()).bind(users_json(users)).bind(signed(visible_after));
    let inserted = query.bind(signed(last_read)).bind(signed(joined_at)).execute(db).await?;
    Ok(usize::try_from(inserted).unwrap_or(usize::MAX))
}
