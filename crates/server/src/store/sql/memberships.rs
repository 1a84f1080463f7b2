//! Rows of `memberships`: read mark, visible history, and each member's settings for a room.

use sqlx::FromRow;
use uuid::Uuid;

use crate::{
    model::{Membership, RoomMember},
    store::{
        rules::GroupMembership,
        sql::{
            db::{Db, signed},
            statement::{query, query_as, query_scalar},
        },
    },
};
use protocol::ids::{RoomId, UserId};

#[derive(FromRow)]
struct MembershipRow {
    is_group: bool,
    title: Option<String>,
    is_muted: bool,
    mentions_only: bool,
    pins_by_maker: bool,
    since: i64,
    joined_at: i64,
    last_read: i64,
}

/// A current membership; `None` for a non-member.
pub(crate) async fn find(db: &mut Db, room: RoomId, user: UserId) -> sqlx::Result<Option<Membership>> {
    let sql = "SELECT rooms.is_group, rooms.title, mine.is_muted, mine.mentions_only, rooms.pins_by_maker, mine.since, \
               mine.joined_at, mine.last_read \
               FROM memberships AS mine JOIN rooms ON rooms.id = mine.room \
               WHERE mine.room = $1 AND mine.user = $2 AND mine.left_at IS NULL";
    let query = query_as(sql).bind(room.uuid()).bind(user.uuid());
    let row: Option<MembershipRow> = query.fetch_optional(db).await?;
    Ok(row.map(|row| Membership {
        is_group: row.is_group,
        title: row.title,
        is_muted: row.is_muted,
        mentions_only: row.mentions_only,
        pins_by_maker: row.pins_by_maker,
        visible_after: row.since as u64,
        joined: row.joined_at as u64,
        last_read: row.last_read as u64,
    }))
}

/// All current and former members of a room.
pub(crate) async fn of(db: &mut Db, room: RoomId) -> sqlx::Result<Vec<RoomMember>> {
    let sql = "SELECT member.user, member.last_read, member.joined_at, member.left_at IS NOT NULL \
               FROM memberships AS member WHERE member.room = $1 ORDER BY member.user";
    let rows: Vec<(Uuid, i64, i64, bool)> = query_as(sql).bind(room.uuid()).fetch_all(db).await?;
    let member = |(user, seq, joined_at, has_left): (Uuid, i64, i64, bool)| RoomMember {
        user: user.into(),
        last_read: seq as u64,
        joined_at: joined_at as u64,
        has_left,
    };
    Ok(rows.into_iter().map(member).collect())
}

/// A current member's lower bound of visible history.
pub(crate) async fn visible_after(db: &mut Db, room: RoomId, user: UserId) -> sqlx::Result<Option<u64>> {
    let sql = "SELECT member.since FROM memberships AS member \
               WHERE member.room = $1 AND member.user = $2 AND member.left_at IS NULL";
    let bound: Option<i64> = query_scalar(sql).bind(room.uuid()).bind(user.uuid()).fetch_optional(db).await?;
    Ok(bound.map(|bound| bound as u64))
}

/// The version of the room at which a user joined it; 0 for a user who never did.
pub(crate) async fn joined(db: &mut Db, room: RoomId, user: UserId) -> sqlx::Result<u64> {
    let sql = "SELECT member.joined_at FROM memberships AS member WHERE member.room = $1 AND member.user = $2";
    let joined: Option<i64> = query_scalar(sql).bind(room.uuid()).bind(user.uuid()).fetch_optional(db).await?;
    Ok(joined.unwrap_or_default() as u64)
}

pub(crate) async fn group_membership(db: &mut Db, room: RoomId, user: UserId) -> sqlx::Result<Option<GroupMembership>> {
    let sql = "SELECT rooms.is_group, rooms.version, mine.since \
               FROM memberships AS mine JOIN rooms ON rooms.id = mine.room \
               WHERE mine.room = $1 AND mine.user = $2 AND mine.left_at IS NULL";
    let query = query_as(sql).bind(room.uuid()).bind(user.uuid());
    let row: Option<(bool, i64, i64)> = query.fetch_optional(db).await?;
    Ok(row.map(|(is_group, version, since)| GroupMembership {
        is_group,
        version: version as u64,
        visible_after: since as u64,
    }))
}

/// The current members with an enabled account, and the version at which each joined.
pub(crate) async fn enabled(db: &mut Db, room: RoomId) -> sqlx::Result<Vec<(u64, UserId)>> {
    let sql = "SELECT member.joined_at, member.user FROM memberships AS member JOIN users ON users.id = member.user \
               WHERE member.room = $1 AND member.left_at IS NULL AND NOT users.disabled";
    let rows: Vec<(i64, Uuid)> = query_as(sql).bind(room.uuid()).fetch_all(db).await?;
    Ok(rows.into_iter().map(|(joined_at, user)| (joined_at as u64, user.into())).collect())
}

/// Whether a user has left a room; `None` if they never were a member.
pub(crate) async fn has_left(db: &mut Db, room: RoomId, user: UserId) -> sqlx::Result<Option<bool>> {
    let sql =
        "SELECT member.left_at IS NOT NULL FROM memberships AS member WHERE member.room = $1 AND member.user = $2";
    query_scalar(sql).bind(room.uuid()).bind(user.uuid()).fetch_optional(db).await
}

/// The number of current members.
pub(crate) async fn count(db: &mut Db, room: RoomId) -> sqlx::Result<usize> {
    let sql = "SELECT count(*) FROM memberships WHERE room = $1 AND left_at IS NULL";
    let count: i64 = query_scalar(sql).bind(room.uuid()).fetch_one(db).await?;
    Ok(usize::try_from(count).unwrap_or_default())
}

/// A current member's read mark and the room's version.
pub(crate) async fn read_mark(db: &mut Db, room: RoomId, user: UserId) -> sqlx::Result<Option<(u64, u64)>> {
    let sql = "SELECT member.last_read, rooms.version FROM memberships AS member JOIN rooms ON rooms.id = member.room \
               WHERE member.room = $1 AND member.user = $2 AND member.left_at IS NULL";
    let query = query_as(sql).bind(room.uuid()).bind(user.uuid());
    let row: Option<(i64, i64)> = query.fetch_optional(db).await?;
    Ok(row.map(|(last_read, version)| (last_read as u64, version as u64)))
}

pub(crate) async fn update_read_mark(db: &mut Db, room: RoomId, user: UserId, seq: u64) -> sqlx::Result<()> {
    let sql = "UPDATE memberships AS member SET last_read = $3 \
               WHERE member.room = $1 AND member.user = $2 AND member.last_read < $3";
    query(sql).bind(room.uuid()).bind(user.uuid()).bind(signed(seq)).execute(db).await.map(drop)
}

/// `false` for a non-member.
pub(crate) async fn update_muted(
    db: &mut Db,
    room: RoomId,
    user: UserId,
    (on, mentions_only): (bool, bool),
) -> sqlx::Result<bool> {
    let sql = "UPDATE memberships AS member SET is_muted = $3, mentions_only = $4 \
               WHERE member.room = $1 AND member.user = $2 AND member.left_at IS NULL";
    let query = query(sql).bind(room.uuid()).bind(user.uuid()).bind(on).bind(mentions_only);
    Ok(query.execute(db).await? > 0)
}

/// `false` for a non-member.
pub(crate) async fn update_pinned(db: &mut Db, room: RoomId, user: UserId, on: bool) -> sqlx::Result<bool> {
    let sql = "UPDATE memberships AS member SET is_pinned = $3 \
               WHERE member.room = $1 AND member.user = $2 AND member.left_at IS NULL";
    let query = query(sql).bind(room.uuid()).bind(user.uuid()).bind(on);
    Ok(query.execute(db).await? > 0)
}

/// Hides a room from a member's list until its version exceeds the current one; `false` for a non-member.
pub(crate) async fn hide_now(db: &mut Db, room: RoomId, user: UserId) -> sqlx::Result<bool> {
    let sql = "UPDATE memberships AS member SET hidden_at = (SELECT version FROM rooms WHERE id = $1) \
               WHERE member.room = $1 AND member.user = $2 AND member.left_at IS NULL";
    Ok(query(sql).bind(room.uuid()).bind(user.uuid()).execute(db).await? > 0)
}

/// Hides a room from a member's list until its version exceeds this one, or shows it. Returns whether that changed
/// anything.
pub(crate) async fn update_hidden_at(
    db: &mut Db,
    room: RoomId,
    user: UserId,
    version: Option<i64>,
) -> sqlx::Result<bool> {
    let sql = "UPDATE memberships AS member SET hidden_at = $3 \
               WHERE member.room = $1 AND member.user = $2 AND member.hidden_at IS DISTINCT FROM $3";
    let query = query(sql).bind(room.uuid()).bind(user.uuid()).bind(version);
    Ok(query.execute(db).await? > 0)
}

/// Ends a membership at this version. The former member does not see later messages.
pub(crate) async fn update_left_at(db: &mut Db, room: RoomId, user: UserId, version: u64) -> sqlx::Result<()> {
    let sql = "UPDATE memberships AS member SET left_at = $3 WHERE member.room = $1 AND member.user = $2";
    query(sql).bind(room.uuid()).bind(user.uuid()).bind(signed(version)).execute(db).await.map(drop)
}
