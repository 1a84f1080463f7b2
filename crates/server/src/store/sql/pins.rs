//! Rows of `pins`: the pinned messages of a room, and its announcement.

use uuid::Uuid;

use crate::{
    store::sql::{
        db::{Db, signed},
        statement::{query, query_as, query_scalar},
    },
    text,
};
use protocol::{
    ids::{RoomId, UserId},
    limit::{PINNED_CHARS, PINS},
    message::PinnedMessage,
};

type PinColumns = (Uuid, i64, Uuid, String, Uuid, bool);

/// The pinned messages above a lower bound of visible history, in reverse order of pinning.
pub(crate) async fn of(db: &mut Db, room: RoomId, visible_after: u64) -> sqlx::Result<Vec<PinnedMessage>> {
    let sql = "SELECT m.id, m.seq, m.author, coalesce(nullif(m.body, ''), (SELECT f.name FROM files AS f \
               WHERE f.room = m.room AND f.seq = m.seq ORDER BY f.nth LIMIT 1), ''), pin.user, pin.is_announcement \
               FROM pins AS pin JOIN messages AS m ON m.room = pin.room AND m.seq = pin.seq \
               WHERE pin.room = $1 AND pin.seq > $2 ORDER BY pin.number DESC LIMIT $3";
    let query = query_as(sql).bind(room.uuid()).bind(signed(visible_after)).bind(PINS as i64);
    let rows: Vec<PinColumns> = query.fetch_all(db).await?;
    let pin = |(id, seq, author, body, by, is_announcement): PinColumns| PinnedMessage {
        id: id.into(),
        seq: seq as u64,
        author: author.into(),
        body: text::beginning(&body, PINNED_CHARS).to_owned(),
        by: by.into(),
        is_announcement,
    };
    Ok(rows.into_iter().map(pin).collect())
}

/// Whether only the maker pins messages.
pub(crate) async fn are_by_maker(db: &mut Db, room: RoomId) -> sqlx::Result<bool> {
    query_scalar("SELECT pins_by_maker FROM rooms WHERE id = $1").bind(room.uuid()).fetch_one(db).await
}

/// `false` if it is set so already.
pub(crate) async fn update_by_maker(db: &mut Db, room: RoomId, on: bool) -> sqlx::Result<bool> {
    let sql = "UPDATE rooms SET pins_by_maker = $2 WHERE id = $1 AND pins_by_maker <> $2";
    Ok(query(sql).bind(room.uuid()).bind(on).execute(db).await? > 0)
}

/// `false` if it is pinned already.
pub(crate) async fn insert(db: &mut Db, room: RoomId, seq: u64, by: UserId) -> sqlx::Result<bool> {
    let sql = "INSERT INTO pins (room, seq, \"user\") VALUES ($1, $2, $3) ON CONFLICT (room, seq) DO NOTHING";
    let query = query(sql).bind(room.uuid()).bind(signed(seq)).bind(by.uuid());
    Ok(query.execute(db).await? > 0)
}

/// Makes a pinned message the announcement.
pub(crate) async fn announce(db: &mut Db, room: RoomId, seq: u64, by: UserId) -> sqlx::Result<()> {
    let sql = "UPDATE pins SET is_announcement = TRUE, \"user\" = $3 WHERE room = $1 AND seq = $2";
    query(sql).bind(room.uuid()).bind(signed(seq)).bind(by.uuid()).execute(db).await.map(drop)
}

/// Turns the announcement of a room into an ordinary pinned message.
pub(crate) async fn retire(db: &mut Db, room: RoomId) -> sqlx::Result<()> {
    let sql = "UPDATE pins SET is_announcement = FALSE WHERE room = $1 AND is_announcement";
    query(sql).bind(room.uuid()).execute(db).await.map(drop)
}

/// Unpins a message; `None` if it was not pinned, otherwise whether it was the announcement.
pub(crate) async fn delete(db: &mut Db, room: RoomId, seq: u64) -> sqlx::Result<Option<bool>> {
    let sql = "DELETE FROM pins WHERE room = $1 AND seq = $2 RETURNING is_announcement";
    query_scalar(sql).bind(room.uuid()).bind(signed(seq)).fetch_optional(db).await
}
