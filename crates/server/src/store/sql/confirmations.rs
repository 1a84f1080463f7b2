//! Rows of `confirmations`.

use std::collections::HashMap;

use uuid::Uuid;

use crate::store::sql::{
    db::{Db, signed},
    statement::{query, query_as},
};
use protocol::ids::{RoomId, UserId};

/// Marks a message as one that asks for confirmations.
pub(crate) async fn ask(db: &mut Db, room: RoomId, seq: u64) -> sqlx::Result<()> {
    let sql = "UPDATE messages SET asks_confirmation = TRUE WHERE room = $1 AND seq = $2";
    query(sql).bind(room.uuid()).bind(signed(seq)).execute(db).await.map(drop)
}

/// The confirmations of a room's messages from `first` to `last`, by `seq`, in the order in which they were given.
pub(crate) async fn of_messages(
    db: &mut Db,
    room: RoomId,
    first: i64,
    last: i64,
) -> sqlx::Result<HashMap<i64, Vec<UserId>>> {
    let sql = "SELECT c.seq, c.user FROM confirmations AS c WHERE c.room = $1 AND c.seq BETWEEN $2 AND $3 \
               ORDER BY c.seq, c.version";
    let rows: Vec<(i64, Uuid)> = query_as(sql).bind(room.uuid()).bind(first).bind(last).fetch_all(db).await?;
    let mut users: HashMap<i64, Vec<UserId>> = HashMap::new();
    for (seq, user) in rows {
        users.entry(seq).or_default().push(user.into());
    }
    Ok(users)
}

/// Inserts a confirmation with the room's next version; `false` if it exists already.
pub(crate) async fn insert(db: &mut Db, room: RoomId, seq: u64, user: UserId) -> sqlx::Result<bool> {
    let sql = "INSERT INTO confirmations (room, seq, \"user\", version) \
               SELECT $1, $2, $3, version + 1 FROM rooms WHERE id = $1 ON CONFLICT (room, seq, \"user\") DO NOTHING";
    let query = query(sql).bind(room.uuid()).bind(signed(seq)).bind(user.uuid());
    Ok(query.execute(db).await? > 0)
}

pub(crate) async fn delete_all(db: &mut Db, room: RoomId, seq: u64) -> sqlx::Result<()> {
    let query = query("DELETE FROM confirmations WHERE room = $1 AND seq = $2").bind(room.uuid()).bind(signed(seq));
    query.execute(db).await.map(drop)
}
