//! The search index, a contentless FTS5 table. It holds the text of a message and the names of its files. The `indexer`
//! adds new texts after their posts; an edit or a recall changes the index in its own transaction. A message's `number`
//! is its row in the index.

use std::time::{Duration, Instant};

use sqlx::SqliteConnection;
use uuid::Uuid;

use crate::{
    model::SearchPage,
    store::{
        error::StoreResult,
        rules::StoredMessage,
        sql::{
            attachments,
            db::{Db, signed},
            hits::{self, HitKey},
            searched::Searched,
            statement::{query, query_as, query_scalar},
        },
        sqlite::bigrams::{bigrams, pattern},
    },
};
use protocol::{error::Refusal, ids::RoomId, limit::PAGE_HITS};

/// The number up to which texts are indexed.
pub(crate) const INDEXED_UP_TO: &str =
    "SELECT CAST(CAST(value AS TEXT) AS INTEGER) FROM meta WHERE key = 'indexed_up_to'";
/// The time limit of a search.
const TIME: Duration = Duration::from_secs(2);
/// SQLite instructions between two looks at the clock: some tenths of a millisecond.
const CHECK_INTERVAL: i32 = 10_000;
/// Messages numbered in one transaction when an older database is opened.
const NUMBERED: i64 = 1_000;

/// A page of hits for a user: the newest messages that they see and that contain every word of `query`, with a number
/// below `before`.
///
/// # Errors
/// [`Refusal::TooFast`] after two seconds.
pub(crate) async fn search(
    db: &mut Db,
    searched: Searched,
    query: &str,
    before: Option<u64>,
) -> StoreResult<SearchPage> {
    let Some(pattern) = pattern(query) else { return Ok(SearchPage { hits: Vec::new(), before: None }) };
    let begun = Instant::now();
    db.sqlite()?.lock_handle().await?.set_progress_handler(CHECK_INTERVAL, move || begun.elapsed() < TIME);
    let rows = match hit_rows(&mut *db, searched, pattern, before).await {
        Err(_) if begun.elapsed() >= TIME => return Err(Refusal::TooFast.into()),
        other => other?,
    };
    Ok(hits::page(&mut *db, searched.0, rows).await?)
}

/// Hits, newest first, one more than a page.
async fn hit_rows(
    db: &mut Db,
    (user, room): Searched,
    pattern: String,
    before: Option<u64>,
) -> sqlx::Result<Vec<HitKey>> {
    let sql = "SELECT search.rowid, indexed.room, indexed.seq, mine.since FROM search \
                 JOIN indexed ON indexed.number = search.rowid \
                 JOIN memberships AS mine ON mine.room = indexed.room AND mine.user = $1 \
                      AND mine.left_at IS NULL AND indexed.seq > mine.since \
                WHERE search MATCH $2 AND search.rowid < $3 AND ($5 IS NULL OR indexed.room = $5) \
                ORDER BY search.rowid DESC LIMIT $4";
    let query = query_as(sql).bind(user.uuid()).bind(pattern).bind(before.map_or(i64::MAX, signed));
    query.bind(PAGE_HITS as i64 + 1).bind(room.map(RoomId::uuid)).fetch_all(db).await
}

/// Indexes the next texts. Returns whether there were any.
pub(crate) async fn insert_next(db: &mut Db, texts: i64) -> sqlx::Result<bool> {
    let sql = "SELECT json_group_array(json_array(next.number, messages.body, \
                   (SELECT group_concat(name, char(10)) FROM (SELECT name FROM files AS f \
                     WHERE f.room = next.room AND f.seq = next.seq ORDER BY nth)))) \
                 FROM (SELECT number, room, seq FROM indexed \
                        WHERE number > (SELECT CAST(CAST(value AS TEXT) AS INTEGER) FROM meta WHERE key = 'indexed_up_to') \
                        ORDER BY number LIMIT $1) AS next \
                 JOIN messages ON messages.room = next.room AND messages.seq = next.seq";
    let next: String = query_scalar(sql).bind(texts).fetch_one(&mut *db).await?;
    let next: Vec<(i64, String, Option<String>)> =
        serde_json::from_str(&next).map_err(|error| sqlx::Error::Decode(error.into()))?;
    let Some(last) = next.iter().map(|(number, ..)| *number).max() else { return Ok(false) };
    let next: Vec<_> = next.iter().map(|(number, body, names)| (number, words(body, names.as_deref()))).collect();
    let sql = "INSERT INTO search (rowid, pairs) SELECT value ->> 0, value ->> 1 FROM json_each(?); \
               UPDATE meta SET value = CAST(? AS BLOB) WHERE key = 'indexed_up_to'";
    let query = sqlx::query(sql).bind(serde_json::to_string(&next).unwrap_or_default()).bind(last.to_string());
    query.execute(db.sqlite()?).await?;
    Ok(true)
}

/// Merges some sixteen pages of the index. Returns whether there was anything to merge: FTS5 then reports two changes
/// or more.
pub(crate) async fn merge(db: &mut Db) -> sqlx::Result<bool> {
    let sql = "SELECT total_changes(); INSERT INTO search (search, rank) VALUES ('merge', 16); SELECT total_changes()";
    let changes: Vec<i64> = sqlx::query_scalar(sql).fetch_all(db.sqlite()?).await?;
    Ok(matches!(changes[..], [before, after] if after - before >= 2))
}

/// The number up to which texts are indexed.
async fn indexed_up_to(db: &mut Db) -> sqlx::Result<i64> {
    query_scalar(INDEXED_UP_TO).fetch_one(db).await
}

/// Replaces the indexed text of a message.
pub(crate) async fn update(db: &mut Db, message: &StoredMessage, body: &str) -> sqlx::Result<()> {
    let Some(number) = message.number else { return Ok(()) };
    let names = names(&mut *db, message).await?;
    if !delete_words(&mut *db, number, &words(&message.body, Some(&names))).await? {
        return Ok(());
    }
    insert(db, number, &words(body, Some(&names))).await
}

/// Removes a message from the index, with its number. The caller deletes the files later, because their names are in
/// the index.
pub(crate) async fn delete(db: &mut Db, message: &StoredMessage) -> sqlx::Result<()> {
    let Some(number) = message.number else { return Ok(()) };
    let names = names(&mut *db, message).await?;
    delete_words(&mut *db, number, &words(&message.body, Some(&names))).await?;
    let sql = "UPDATE messages SET number = NULL WHERE room = $1 AND seq = $2";
    query(sql).bind(message.room.uuid()).bind(signed(message.seq)).execute(&mut *db).await?;
    query("DELETE FROM indexed WHERE number = $1").bind(number).execute(db).await.map(drop)
}

/// Removes words from the index; `false` if they are not indexed yet. A contentless table needs the words that it
/// deletes.
async fn delete_words(db: &mut Db, number: i64, words: &str) -> sqlx::Result<bool> {
    if number > indexed_up_to(&mut *db).await? {
        return Ok(false);
    }
    let query = query("INSERT INTO search (search, rowid, pairs) VALUES ('delete', $1, $2)");
    query.bind(number).bind(words).execute(db).await?;
    Ok(true)
}

async fn insert(db: &mut Db, number: i64, words: &str) -> sqlx::Result<()> {
    let query = query("INSERT INTO search (rowid, pairs) VALUES ($1, $2)");
    query.bind(number).bind(words).execute(db).await.map(drop)
}

/// The index words of a message: of its text, then of the names of its files, one name a line.
pub(crate) fn words(body: &str, names: Option<&str>) -> String {
    bigrams(&format!("{body}\n{}", names.unwrap_or_default()))
}

async fn names(db: &mut Db, message: &StoredMessage) -> sqlx::Result<String> {
    Ok(attachments::names(db, message.room, message.seq).await?.join("\n"))
}

/// Numbers the texts that a version of the program without an index stored.
pub(crate) async fn number_texts(db: &mut SqliteConnection) -> sqlx::Result<()> {
    loop {
        let mut tx = sqlx::Connection::begin(&mut *db).await?;
        let sql = "SELECT room, seq FROM messages WHERE number IS NULL AND body <> '' ORDER BY sent_at LIMIT $1";
        let waiting: Vec<(Uuid, i64)> = sqlx::query_as(sql).bind(NUMBERED).fetch_all(&mut *tx).await?;
        if waiting.is_empty() {
            return Ok(());
        }
        for (room, seq) in waiting {
            let query = sqlx::query("INSERT INTO indexed (room, seq) VALUES ($1, $2)").bind(room).bind(seq);
            let number = query.execute(&mut *tx).await?.last_insert_rowid();
            let query = sqlx::query("UPDATE messages SET number = $1 WHERE room = $2 AND seq = $3");
            query.bind(number).bind(room).bind(seq).execute(&mut *tx).await?;
        }
        tx.commit().await?;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    async fn index() -> Db {
        let mut connection = <SqliteConnection as sqlx::Connection>::connect("sqlite::memory:").await.unwrap();
        let sql = "CREATE VIRTUAL TABLE search USING fts5 (pairs, content = '', columnsize = 0, tokenize = 'ascii')";
        sqlx::query(sql).execute(&mut connection).await.unwrap();
        Db::of_sqlite(connection)
    }

    async fn finds(db: &mut Db, query: &str) -> Vec<i64> {
        let sql = "SELECT rowid FROM search WHERE search MATCH ? ORDER BY rowid";
        sqlx::query_scalar(sql).bind(pattern(query).unwrap()).fetch_all(db.sqlite().unwrap()).await.unwrap()
    }

    #[tokio::test]
    async fn a_word_is_found_anywhere_in_a_text() {
        let mut db = index().await;
        for (number, body) in [(1, "오늘 회의를 합니다"), (2, "정기회의 자료"), (3, "의회 방문"), (4, "Meeting at 3")]
        {
            insert(&mut db, number, &bigrams(body)).await.unwrap();
        }
        for (query, expected) in [
            ("회의", &[1, 2][..]),
            ("회", &[1, 2, 3]),
            ("료", &[2]),
            ("회의 자료", &[2]),
            ("자료 회의", &[2]),
            ("EETIN", &[4]),
            ("3", &[4]),
            ("합니다", &[1]),
            ("다오늘", &[]),
            ("의자", &[]),
            ("\" OR \"", &[]),
        ] {
            assert_eq!(finds(&mut db, query).await, expected, "{query}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn a_text_is_found_if_it_contains_every_word_of_the_query(
            bodies in proptest::collection::vec("[가나다aB ]{0,8}", 1..6), query in "[가나다aB]{1,3}( [가나b]{1,2})?"
        ) {
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            let found = runtime.block_on(async {
                let mut db = index().await;
                for (number, body) in bodies.iter().enumerate() {
                    insert(&mut db, number as i64, &bigrams(body)).await.unwrap();
                }
                finds(&mut db, &query).await
            });
            let contains = |body: &String| {
                let words: Vec<String> = body.to_lowercase().split_whitespace().map(str::to_owned).collect();
                query.to_lowercase().split_whitespace().all(|wanted| words.iter().any(|word| word.contains(wanted)))
            };
            let expected: Vec<i64> = (0i64..).zip(&bodies).filter(|(_, body)| contains(body)).map(|(n, _)| n).collect();
            prop_assert_eq!(found, expected);
        }
    }
}
