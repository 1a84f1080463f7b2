//! Rows of `sessions` and `devices`.

use uuid::Uuid;

use crate::{
    model::{DeviceId, NewSession, SessionId, SessionInfo},
    store::{
        clock::now_ms,
        sql::{
            db::Db,
            statement::{query, query_as, query_scalar},
        },
    },
};
use protocol::ids::UserId;

/// Devices remembered per user: the last used ones.
const KNOWN_DEVICES: i64 = 30;

/// A tombstone's number, 0 for an expired session; the session's id; whether its account is disabled; when its password
/// was replaced; when the session expired, if it was not deleted.
pub(crate) type EndedRow = (i64, Vec<u8>, bool, Option<i64>, Option<i64>);

/// Inserts a session of an enabled account; `false` if there is no such account.
pub(crate) async fn insert(db: &mut Db, session: NewSession) -> sqlx::Result<bool> {
    let NewSession { id, user, expires_at, agent, .. } = session;
    let sql = "INSERT INTO sessions (id, \"user\", expires_at, created_at, agent) \
               SELECT $1, id, $3, $4, $5 FROM users WHERE id = $2 AND NOT disabled";
    let query = query(sql).bind(id.0.to_vec()).bind(user.uuid()).bind(expires_at).bind(now_ms()).bind(agent);
    Ok(query.execute(db).await? == 1)
}

/// Records that a user signed in on a device, and deletes all but their last used ones.
pub(crate) async fn upsert_device(db: &mut Db, user: UserId, device: DeviceId) -> sqlx::Result<()> {
    let sql = "INSERT INTO devices (\"user\", id, seen_at) VALUES ($1, $2, $3) \
               ON CONFLICT (\"user\", id) DO UPDATE SET seen_at = excluded.seen_at";
    query(sql).bind(user.uuid()).bind(device.0.to_vec()).bind(now_ms()).execute(&mut *db).await?;
    let sql = "DELETE FROM devices AS d WHERE d.user = $1 AND d.id NOT IN \
               (SELECT known.id FROM devices AS known WHERE known.user = $1 ORDER BY seen_at DESC LIMIT $2)";
    query(sql).bind(user.uuid()).bind(KNOWN_DEVICES).execute(db).await.map(drop)
}

/// The account with this login, if it has signed in on this device.
pub(crate) async fn owner_of_device(db: &mut Db, login: &str, device: DeviceId) -> sqlx::Result<Option<UserId>> {
    let sql = "SELECT d.user FROM users JOIN devices AS d ON d.user = users.id AND d.id = $2 WHERE login = $1";
    let user: Option<Uuid> = query_scalar(sql).bind(login).bind(device.0.to_vec()).fetch_optional(db).await?;
    Ok(user.map(UserId::from))
}

/// The enabled account of a session that has not expired.
pub(crate) async fn owner(db: &mut Db, id: SessionId) -> sqlx::Result<Option<UserId>> {
    let sql = "SELECT s.user FROM sessions AS s JOIN users ON users.id = s.user \
               WHERE s.id = $1 AND expires_at > $2 AND NOT disabled";
    let user: Option<Uuid> = query_scalar(sql).bind(id.0.to_vec()).bind(now_ms()).fetch_optional(db).await?;
    Ok(user.map(UserId::from))
}

/// Sessions of a user that have not expired, newest first.
pub(crate) async fn of(db: &mut Db, user: UserId) -> sqlx::Result<Vec<SessionInfo>> {
    let sql = "SELECT s.id, s.created_at, agent FROM sessions AS s WHERE s.user = $1 AND expires_at > $2 \
               ORDER BY s.created_at DESC";
    let rows: Vec<(Vec<u8>, Option<i64>, Option<String>)> =
        query_as(sql).bind(user.uuid()).bind(now_ms()).fetch_all(db).await?;
    let session = |(id, created_at, agent): (Vec<u8>, _, _)| {
        Some(SessionInfo { id: SessionId(id.try_into().ok()?), created_at, agent })
    };
    Ok(rows.into_iter().filter_map(session).collect())
}

/// The sessions with a tombstone after number `after`, and those that expired within `expired` (after its first moment,
/// up to its second; UTC milliseconds).
pub(crate) async fn ended(db: &mut Db, after: i64, expired: (i64, i64)) -> sqlx::Result<Vec<EndedRow>> {
    let sql = "SELECT number, e.id, disabled, password_at, NULL FROM ended_sessions AS e \
               JOIN users ON users.id = e.user WHERE number > $1 \
               UNION ALL SELECT 0, s.id, disabled, password_at, expires_at FROM sessions AS s \
               JOIN users ON users.id = s.user WHERE expires_at > $2 AND expires_at <= $3";
    query_as(sql).bind(after).bind(expired.0).bind(expired.1).fetch_all(db).await
}

/// Deletes the tombstones up to number `seen`.
pub(crate) async fn delete_tombstones(db: &mut Db, seen: i64) -> sqlx::Result<()> {
    query("DELETE FROM ended_sessions WHERE number <= $1").bind(seen).execute(db).await.map(drop)
}

pub(crate) async fn delete(db: &mut Db, id: SessionId) -> sqlx::Result<()> {
    query("DELETE FROM sessions WHERE id = $1").bind(id.0.to_vec()).execute(db).await.map(drop)
}

pub(crate) async fn delete_of(db: &mut Db, user: UserId) -> sqlx::Result<()> {
    query("DELETE FROM sessions AS s WHERE s.user = $1").bind(user.uuid()).execute(db).await.map(drop)
}

pub(crate) async fn delete_expired(db: &mut Db) -> sqlx::Result<()> {
    query("DELETE FROM sessions WHERE expires_at <= $1").bind(now_ms()).execute(db).await.map(drop)
}
