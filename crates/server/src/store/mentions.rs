//! Mentions of a message, and a user's list of mentions.

use uuid::Uuid;

use crate::{
    model::SearchPage,
    store::{
        postgres, rules,
        sql::{
            db::{Db, signed},
            hits, memberships,
            people::users_json,
            statement::{Sql, query, query_scalar},
        },
        sqlite,
    },
};
use protocol::{
    ids::{RoomId, UserId},
    message::Mentions,
};

/// Replaces the mentions of a message. Users who stay mentioned keep their position in their lists.
pub(crate) async fn replace(
    db: &mut Db,
    room: RoomId,
    (author, seq): (UserId, u64),
    mentions: Mentions,
) -> sqlx::Result<()> {
    let is_group = memberships::group_membership(&mut *db, room, author).await?.is_some_and(|author| author.is_group);
    let named = members(&mut *db, room, &mentions.users).await?;
    let mentions = rules::mentioned(mentions, author, is_group, &named);
    if mentions.all {
        insert_all(&mut *db, room, author, seq).await?;
    } else {
        delete_others(&mut *db, room, seq, &mentions.users).await?;
        insert_named(&mut *db, room, seq, &mentions.users).await?;
    }
    // Ids and a flag: serde_json cannot refuse them.
    let json = (!mentions.is_empty()).then(|| serde_json::to_string(&mentions).unwrap_or_default());
    let sql = "UPDATE messages SET mentions = $3 WHERE room = $1 AND seq = $2";
    query(sql).bind(room.uuid()).bind(signed(seq)).bind(json).execute(db).await.map(drop)
}

/// Removes the mentions of a message from everybody's lists.
pub(crate) async fn delete(db: &mut Db, room: RoomId, seq: u64) -> sqlx::Result<()> {
    let query = query("DELETE FROM mentions WHERE room = $1 AND seq = $2").bind(room.uuid()).bind(signed(seq));
    query.execute(db).await.map(drop)
}

/// The users among these who are members of the room.
async fn members(db: &mut Db, room: RoomId, users: &[UserId]) -> sqlx::Result<Vec<UserId>> {
    let sql = Sql { sqlite: sqlite::lists::MENTIONED, postgres: postgres::lists::MENTIONED };
    let rows: Vec<Uuid> = query_scalar(sql).bind(room.uuid()).bind(users_json(users)).fetch_all(db).await?;
    Ok(rows.into_iter().map(UserId::from).collect())
}

async fn delete_others(db: &mut Db, room: RoomId, seq: u64, users: &[UserId]) -> sqlx::Result<()> {
    let sql = Sql { sqlite: sqlite::lists::DELETE_OTHER_MENTIONS, postgres: postgres::lists::DELETE_OTHER_MENTIONS };
    let query = query(sql).bind(room.uuid()).bind(signed(seq)).bind(users_json(users));
    query.execute(db).await.map(drop)
}

async fn insert_named(db: &mut Db, room: RoomId, seq: u64, users: &[UserId]) -> sqlx::Result<()> {
    let sql = Sql { sqlite: sqlite::lists::INSERT_MENTIONS, postgres: postgres::lists::INSERT_MENTIONS };
    let query = query(sql).bind(room.uuid()).bind(signed(seq)).bind(users_json(users));
    query.execute(db).await.map(drop)
}

async fn insert_all(db: &mut Db, room: RoomId, author: UserId, seq: u64) -> sqlx::Result<()> {
    let sql = "INSERT INTO mentions (\"user\", room, seq) SELECT member.user, member.room, $2 FROM memberships AS member \
               WHERE member.room = $1 AND member.user <> $3 AND member.left_at IS NULL \
               ON CONFLICT (\"user\", room, seq) DO NOTHING";
    let query = query(sql).bind(room.uuid()).bind(signed(seq)).bind(author.uuid());
    query.execute(db).await.map(drop)
}

/// A page of the messages that mention a user, newest first, with a number below `before`.
pub(crate) async fn of(db: &mut Db, user: UserId, before: Option<u64>) -> sqlx::Result<SearchPage> {
    let sql = "SELECT mention.number, mention.room, mention.seq, mine.since FROM mentions AS mention \
                 JOIN memberships AS mine ON mine.room = mention.room AND mine.user = mention.user \
                      AND mine.left_at IS NULL AND mention.seq > mine.since \
                WHERE mention.user = $1 AND mention.number < $2 ORDER BY mention.number DESC LIMIT $3";
    hits::of_person(db, sql, user, before).await
}
