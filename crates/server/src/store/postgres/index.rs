//! The search index: keys of each text with a GIN index over them. The `indexer` adds new texts after their posts; an
//! edit or a recall changes the index in its own transaction.

use std::time::{Duration, Instant};

use sqlx::{FromRow, PgConnection};
use uuid::Uuid;

use crate::{
    model::SearchPage,
    store::{
        error::StoreResult,
        indexer::IndexRound,
        postgres::{
            connection::answered,
            keys::{keys, keys_of_words, room_key, words},
        },
        rules::StoredMessage,
        sql::{
            attachments,
            db::{Db, signed},
            hits::{self, HitKey},
            searched::Searched,
            statement::{query, query_scalar},
        },
    },
    text::folded,
};
use protocol::{
    error::Refusal,
    ids::{RoomId, UserId},
    limit::PAGE_HITS,
};

/// The time limit of a search.
const TIME: Duration = Duration::from_secs(2);
/// Candidates read at once. Almost all of them are hits.
const CANDIDATES: i64 = 4 * PAGE_HITS as i64;
/// PostgreSQL's code of a cancelled statement.
const CANCELLED: &str = "57014";

/// A message whose keys match, with its text.
#[derive(FromRow)]
struct KeyMatch {
    number: i64,
    room: Uuid,
    seq: i64,
    since: i64,
    body: String,
    names: Option<String>,
}

/// A page of hits; see `store::index`.
pub(crate) async fn search(
    db: &mut Db,
    searched: Searched,
    query: &str,
    before: Option<u64>,
) -> StoreResult<SearchPage> {
    let words = words(query);
    if words.is_empty() {
        return Ok(SearchPage { hits: Vec::new(), before: None });
    }
    let rows = match hit_rows(&mut *db, searched, &words, before.map_or(i64::MAX, signed)).await {
        Err(error) if is_cancelled(&error) => return Err(Refusal::TooFast.into()),
        other => other?,
    };
    Ok(hits::page(&mut *db, searched.0, rows).await?)
}

fn is_cancelled(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::PoolTimedOut => true,
        error => error.as_database_error().and_then(|error| error.code()).is_some_and(|code| code == CANCELLED),
    }
}

/// Hits, newest first, one more than a page.
async fn hit_rows(db: &mut Db, (user, room): Searched, words: &[String], mut before: i64) -> sqlx::Result<Vec<HitKey>> {
    let (begun, mut rows) = (Instant::now(), Vec::new());
    let rooms = match room {
        Some(room) => vec![room_key(room.uuid())],
        None => rooms_of(&mut *db, user).await?.into_iter().map(room_key).collect(),
    };
    let keys = keys_of_words(words);
    loop {
        let answer = answered(candidates(db.postgres()?, (user, room), (&keys, &rooms), before)).await;
        let candidates = db.checked(answer)?;
        let is_last = (candidates.len() as i64) < CANDIDATES;
        before = candidates.last().map_or(0, |candidate| candidate.number);
        for candidate in candidates {
            let text = folded(&indexed_text(&candidate.body, candidate.names.as_deref()));
            if words.iter().all(|word| text.contains(word)) {
                rows.push((candidate.number, candidate.room, candidate.seq, candidate.since));
            }
        }
        if is_last || rows.len() > PAGE_HITS {
            rows.truncate(PAGE_HITS + 1);
            return Ok(rows);
        }
        if begun.elapsed() >= TIME {
            return Err(sqlx::Error::PoolTimedOut);
        }
    }
}

async fn rooms_of(db: &mut Db, user: UserId) -> sqlx::Result<Vec<Uuid>> {
    let sql = "SELECT mine.room FROM memberships AS mine WHERE mine.user = $1 AND mine.left_at IS NULL";
    query_scalar(sql).bind(user.uuid()).fetch_all(db).await
}

async fn candidates(
    connection: &mut PgConnection,
    (user, room): Searched,
    (keys, rooms): (&[i32], &[i32]),
    before: i64,
) -> sqlx::Result<Vec<KeyMatch>> {
    let sql = "SELECT s.number, s.room, s.seq, mine.since, m.body, \
                      (SELECT string_agg(f.name, chr(10) ORDER BY f.nth) FROM files AS f \
                        WHERE f.room = s.room AND f.seq = s.seq) AS names \
                 FROM search AS s \
                 JOIN memberships AS mine ON mine.room = s.room AND mine.user = $1 \
                      AND mine.left_at IS NULL AND s.seq > mine.since \
                 JOIN messages AS m ON m.room = s.room AND m.seq = s.seq \
                WHERE s.keys @> $2 AND s.keys && $3 AND s.number < $4 AND ($5::uuid IS NULL OR s.room = $5) \
                ORDER BY s.number DESC LIMIT $6";
    let query = sqlx::query_as(sql).bind(user.uuid()).bind(keys).bind(rooms).bind(before);
    query.bind(room.map(RoomId::uuid)).bind(CANDIDATES).fetch_all(connection).await
}

/// The text that is indexed of a message: its own, then the names of its files, one name a line.
pub(crate) fn indexed_text(body: &str, names: Option<&str>) -> String {
    format!("{body}\n{}", names.unwrap_or_default())
}

/// Waits for the texts that other nodes are indexing. Returns whether texts are left.
const REST: &str = "SELECT count(*) > 0 FROM (SELECT 1 FROM unindexed FOR UPDATE) AS rest";

/// Indexes the next texts, in one transaction. Texts that another node indexes now are passed over, and waited for when
/// no others are left.
pub(crate) async fn insert_next(connection: &mut PgConnection, texts: i64) -> sqlx::Result<IndexRound> {
    let mut tx = sqlx::Connection::begin(connection).await?;
    let sql = "DELETE FROM unindexed WHERE (room, seq) IN \
                 (SELECT room, seq FROM unindexed LIMIT $1 FOR UPDATE SKIP LOCKED) RETURNING room, seq";
    let taken: Vec<(Uuid, i64)> = sqlx::query_as(sql).bind(texts).fetch_all(&mut *tx).await?;
    if taken.is_empty() {
        let has_rest: bool = sqlx::query_scalar(REST).fetch_one(&mut *tx).await?;
        return Ok(if has_rest { IndexRound::Full } else { IndexRound::Empty });
    }
    let round = if (taken.len() as i64) < texts { IndexRound::Short } else { IndexRound::Full };
    let (rooms, seqs): (Vec<Uuid>, Vec<i64>) = taken.into_iter().unzip();
    let sql = "SELECT m.room, m.seq, m.number, m.body, (SELECT string_agg(f.name, chr(10) ORDER BY f.nth) \
                 FROM files AS f WHERE f.room = m.room AND f.seq = m.seq) \
                 FROM unnest($1, $2) AS taken (room, seq) JOIN messages AS m ON m.room = taken.room AND m.seq = taken.seq \
                WHERE m.number IS NOT NULL";
    let texts: Vec<(Uuid, i64, i64, String, Option<String>)> =
        sqlx::query_as(sql).bind(rooms).bind(seqs).fetch_all(&mut *tx).await?;
    let (mut rooms, mut seqs, mut numbers, mut arrays) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for (room, seq, number, body, names) in texts {
        rooms.push(room);
        seqs.push(seq);
        numbers.push(number);
        arrays.push(array(&keys(room, &indexed_text(&body, names.as_deref()))));
    }
    let sql = "INSERT INTO search (room, seq, number, keys) \
               SELECT t.room, t.seq, t.number, t.keys::integer[] FROM unnest($1, $2, $3, $4) AS t (room, seq, number, keys) \
               ON CONFLICT (room, seq) DO UPDATE SET keys = excluded.keys";
    sqlx::query(sql).bind(rooms).bind(seqs).bind(numbers).bind(arrays).execute(&mut *tx).await?;
    tx.commit().await?;
    Ok(round)
}

/// An array as PostgreSQL writes it: a list of arrays cannot be a parameter.
fn array(keys: &[i32]) -> String {
    format!("{{{}}}", keys.iter().map(i32::to_string).collect::<Vec<_>>().join(","))
}

/// Replaces the keys of a message. If the indexer of another node has locked the old text, this waits for it.
pub(crate) async fn update(db: &mut Db, message: &StoredMessage, body: &str) -> sqlx::Result<()> {
    let Some(number) = message.number else { return Ok(()) };
    take_back(&mut *db, message).await?;
    let names = attachments::names(&mut *db, message.room, message.seq).await?.join("\n");
    let keys = keys(message.room.uuid(), &indexed_text(body, Some(&names)));
    let sql = "INSERT INTO search (room, seq, number, keys) VALUES ($1, $2, $3, $4) \
               ON CONFLICT (room, seq) DO UPDATE SET keys = excluded.keys";
    let query = sqlx::query(sql).bind(message.room.uuid()).bind(signed(message.seq)).bind(number).bind(keys);
    query.execute(db.postgres()?).await.map(drop)
}

/// Removes a message from the index, with its number.
pub(crate) async fn delete(db: &mut Db, message: &StoredMessage) -> sqlx::Result<()> {
    if message.number.is_none() {
        return Ok(());
    }
    take_back(&mut *db, message).await?;
    for sql in [
        "DELETE FROM search WHERE room = $1 AND seq = $2",
        "UPDATE messages SET number = NULL WHERE room = $1 AND seq = $2",
    ] {
        query(sql).bind(message.room.uuid()).bind(signed(message.seq)).execute(&mut *db).await?;
    }
    Ok(())
}

async fn take_back(db: &mut Db, message: &StoredMessage) -> sqlx::Result<()> {
    let query = query("DELETE FROM unindexed WHERE room = $1 AND seq = $2");
    query.bind(message.room.uuid()).bind(signed(message.seq)).execute(db).await.map(drop)
}
