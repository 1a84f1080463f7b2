//! Absences of users, and the automatic answers that were given.

use uuid::Uuid;

use crate::store::sql::{
    db::Db,
    statement::{query, query_as, query_scalar},
};
use protocol::{
    ids::{RoomId, UserId},
    user::Absence,
};

/// Sets a user's absence, or removes it.
pub(crate) async fn update(db: &mut Db, user: UserId, absence: Option<&Absence>) -> sqlx::Result<()> {
    let sql = "UPDATE users SET absent_from = $2, absent_until = $3, absence_text = $4 WHERE id = $1";
    let query = query(sql).bind(user.uuid()).bind(absence.map(|absence| absence.from));
    let query = query.bind(absence.map(|absence| absence.until));
    query.bind(absence.and_then(|absence| absence.text.as_deref())).execute(db).await.map(drop)
}

/// Whether an absence is over at `now`, UTC milliseconds.
pub(crate) async fn has_ended(db: &mut Db, now: i64) -> sqlx::Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM users WHERE absent_until <= $1)";
    query_scalar(sql).bind(now).fetch_one(db).await
}

/// Removes every absence that is over at `now`, UTC milliseconds.
pub(crate) async fn end(db: &mut Db, now: i64) -> sqlx::Result<()> {
    let sql = "UPDATE users SET absent_from = NULL, absent_until = NULL, absence_text = NULL WHERE absent_until <= $1";
    query(sql).bind(now).execute(db).await.map(drop)
}

/// An automatic answer that is due: the absent user, the end of the absence, its text, and the day that the answer
/// counts for.
pub(crate) type DueAnswer = (UserId, i64, Option<String>, i64);

/// The answer to a message of this author in a room: its other member is absent now and has not answered the author
/// today. `None` in groups and notes.
pub(crate) async fn due(db: &mut Db, room: RoomId, author: UserId, now: i64) -> sqlx::Result<Option<DueAnswer>> {
    let sql = "SELECT absent.id, absent.absent_until, absent.absence_text, \
                      absent.absent_from + ($3 - absent.absent_from) / 86400000 * 86400000 AS day \
                 FROM directs AS d \
                 JOIN users AS absent ON absent.id = CASE WHEN d.low = $2 THEN d.high ELSE d.low END \
                WHERE d.room = $1 AND d.low <> d.high AND NOT absent.disabled \
                  AND absent.absent_from <= $3 AND absent.absent_until > $3 \
                  AND NOT EXISTS (SELECT 1 FROM absence_answers AS given \
                       WHERE given.user = absent.id AND given.other = $2 \
                         AND given.day >= absent.absent_from + ($3 - absent.absent_from) / 86400000 * 86400000)";
    let query = query_as(sql).bind(room.uuid()).bind(author.uuid()).bind(now);
    let row: Option<(Uuid, i64, Option<String>, i64)> = query.fetch_optional(db).await?;
    Ok(row.map(|(user, until, text, day)| (user.into(), until, text, day)))
}

/// Records that a user answered another one on a day.
pub(crate) async fn insert_answer(db: &mut Db, user: UserId, other: UserId, day: i64) -> sqlx::Result<()> {
    let sql = "INSERT INTO absence_answers (\"user\", other, day) VALUES ($1, $2, $3) \
               ON CONFLICT (\"user\", other) DO UPDATE SET day = excluded.day";
    let query = query(sql).bind(user.uuid()).bind(other.uuid()).bind(day);
    query.execute(db).await.map(drop)
}
