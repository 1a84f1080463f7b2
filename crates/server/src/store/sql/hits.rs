//! A page of messages from several rooms, for a search or a collection.

use uuid::Uuid;

use crate::{
    model::SearchPage,
    store::sql::{
        db::{Db, signed},
        messages::current,
        statement::query_as,
    },
};
use protocol::{
    ids::{RoomId, UserId},
    limit::PAGE_HITS,
    lobby_socket::Hit,
};

/// What names a hit: its number, its room, its `seq`, and the reader's lower bound of visible history.
pub(crate) type HitKey = (i64, Uuid, i64, i64);

/// A page of a user's bookmarks with a number below `before`, the newest bookmark first.
pub(crate) async fn bookmarks(db: &mut Db, user: UserId, before: Option<u64>) -> sqlx::Result<SearchPage> {
    let sql = "SELECT mark.number, mark.room, mark.seq, mine.since FROM bookmarks AS mark \
                 JOIN memberships AS mine ON mine.room = mark.room AND mine.user = mark.user \
                      AND mine.left_at IS NULL AND mark.seq > mine.since \
                WHERE mark.user = $1 AND mark.number < $2 ORDER BY mark.number DESC LIMIT $3";
    of_person(db, sql, user, before).await
}

/// A page of a user's hits. `sql` selects [`HitKey`]s by the user, the number `before` and a limit, in descending
/// order.
pub(crate) async fn of_person(
    db: &mut Db,
    sql: &'static str,
    user: UserId,
    before: Option<u64>,
) -> sqlx::Result<SearchPage> {
    let query = query_as(sql).bind(user.uuid()).bind(before.map_or(i64::MAX, signed));
    let rows = query.bind(PAGE_HITS as i64 + 1).fetch_all(&mut *db).await?;
    page(db, user, rows).await
}

/// The page of these rows for this user. One row more than a page means that another page follows.
pub(crate) async fn page(db: &mut Db, user: UserId, mut rows: Vec<HitKey>) -> sqlx::Result<SearchPage> {
    let has_more = rows.len() > PAGE_HITS;
    rows.truncate(PAGE_HITS);
    let before = rows.last().filter(|_| has_more).map(|(number, ..)| *number as u64);
    let mut hits = Vec::with_capacity(rows.len());
    for (_, room, seq, since) in rows {
        let room = RoomId::from(room);
        let message = current(&mut *db, room, seq as u64).await?.seen_after(since as u64).seen_by(user);
        hits.push(Hit { room, message });
    }
    Ok(SearchPage { hits, before })
}
