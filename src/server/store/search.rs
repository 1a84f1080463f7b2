//! Finding messages by any part of their words. Korean has no spaces where a search would need them, so
//! the index knows pairs of neighbouring characters: 회의 is found in 정기회의를 as it is in 회의. It changes in
//! the transaction that changes a text; a new one comes into it soon after it was stored (`indexer`).

use std::time::{Duration, Instant};

use sqlx::SqliteConnection;
use unicode_normalization::UnicodeNormalization;
use uuid::Uuid;

use crate::{
    protocol::{
        error::Refusal,
        ids::{RoomId, UserId},
        limit::PAGE_HITS,
        lobby::Hit,
    },
    server::store::{
        Result, Store,
        messages::{Row, present, signed},
    },
};

/// How long a search may work.
const TIME: Duration = Duration::from_secs(2);
/// After so many of SQLite's instructions it is looked at how long it has worked: some tenths of a millisecond.
const LOOK_EVERY: i32 = 10_000;
/// Messages numbered in one transaction when an older database is opened.
const CATCH_UP: i64 = 1_000;

/// What a search found, newest first.
#[derive(Clone, Debug)]
pub struct Found {
    pub hits: Vec<Hit>,
    /// What asks for the older ones; none when there are none.
    pub before: Option<u64>,
}

impl Store {
    /// Waits until the index has what was stored before, a second at most.
    pub async fn catch_up_index(&self) {
        self.indexer.catch_up().await;
    }

    /// The newest messages that this person may read and that contain every word of `query`, in the part
    /// of the index before `before`.
    ///
    /// # Errors
    /// [`Refusal::TooFast`] when it takes longer than two seconds.
    pub async fn search(&self, user: UserId, query: &str, before: Option<u64>) -> Result<Found> {
        let Some(pattern) = pattern(query) else { return Ok(Found { hits: Vec::new(), before: None }) };
        let mut tx = self.searchers.begin().await?;
        let begun = Instant::now();
        tx.lock_handle().await?.set_progress_handler(LOOK_EVERY, move || begun.elapsed() < TIME);
        let sql = "SELECT search.rowid, indexed.room, indexed.seq, mine.since FROM search \
                     JOIN indexed ON indexed.number = search.rowid \
                     JOIN memberships AS mine ON mine.room = indexed.room AND mine.user = ?1 \
                          AND mine.left_at IS NULL AND indexed.seq > mine.since \
                    WHERE search MATCH ?2 AND search.rowid < ?3 ORDER BY search.rowid DESC LIMIT ?4";
        let places: sqlx::Result<Vec<(i64, Uuid, i64, i64)>> = sqlx::query_as(sql)
            .bind(user.uuid())
            .bind(pattern)
            .bind(before.map_or(i64::MAX, signed))
            .bind(PAGE_HITS as i64 + 1)
            .fetch_all(&mut *tx)
            .await;
        let mut places = match places {
            Err(_) if begun.elapsed() >= TIME => return Err(Refusal::TooFast.into()),
            other => other?,
        };
        let has_more = places.len() > PAGE_HITS;
        places.truncate(PAGE_HITS);
        let before = places.last().filter(|_| has_more).map(|(number, ..)| *number as u64);
        let mut hits = Vec::with_capacity(places.len());
        for (_, room, seq, since) in places {
            let room = RoomId::from(room);
            let message = present(&mut tx, room, seq).await?.seen_after(since as u64);
            hits.push(Hit { room, message });
        }
        Ok(Found { hits, before })
    }
}

/// Puts the next texts into the index; whether there were any.
pub(super) async fn put_in(connection: &mut SqliteConnection, texts: i64) -> Result<bool> {
    let sql = "SELECT json_group_array(json_array(next.number, messages.body)) \
                 FROM (SELECT number, room, seq FROM indexed \
                        WHERE number > (SELECT CAST(CAST(value AS TEXT) AS INTEGER) FROM meta WHERE key = 'indexed_up_to') \
                        ORDER BY number LIMIT ?) AS next \
                 JOIN messages ON messages.room = next.room AND messages.seq = next.seq";
    let next: String = sqlx::query_scalar(sql).bind(texts).fetch_one(&mut *connection).await?;
    let next: Vec<(i64, String)> = serde_json::from_str(&next).map_err(|error| sqlx::Error::Decode(error.into()))?;
    let Some(last) = next.iter().map(|(number, _)| *number).max() else { return Ok(false) };
    let next: Vec<_> = next.iter().map(|(number, body)| (number, pairs(body))).collect();
    let sql = "INSERT INTO search (rowid, pairs) SELECT value ->> 0, value ->> 1 FROM json_each(?); \
               UPDATE meta SET value = CAST(? AS BLOB) WHERE key = 'indexed_up_to'";
    sqlx::query(sql)
        .bind(serde_json::to_string(&next).unwrap_or_default())
        .bind(last.to_string())
        .execute(connection)
        .await?;
    Ok(true)
}

/// Merges some sixteen pages of the index; whether there was something to merge, which its maker says is to be seen
/// by two changes or more.
pub(super) async fn merge(connection: &mut SqliteConnection) -> Result<bool> {
    let sql = "SELECT total_changes(); INSERT INTO search (search, rank) VALUES ('merge', 16); SELECT total_changes()";
    let changes: Vec<i64> = sqlx::query_scalar(sql).fetch_all(connection).await?;
    Ok(matches!(changes[..], [before, after] if after - before >= 2))
}

/// The number up to which texts are in the index.
pub(super) async fn indexed_up_to(connection: &mut SqliteConnection) -> sqlx::Result<i64> {
    let sql = "SELECT CAST(CAST(value AS TEXT) AS INTEGER) FROM meta WHERE key = 'indexed_up_to'";
    sqlx::query_scalar(sql).fetch_one(connection).await
}

/// Puts another text in the place of a message's, or takes the message out of the index.
pub(super) async fn replace(
    connection: &mut SqliteConnection,
    room: RoomId,
    row: &Row,
    body: Option<&str>,
) -> Result<()> {
    let Some(number) = row.number else { return Ok(()) };
    let is_in = number <= indexed_up_to(&mut *connection).await?;
    if is_in {
        // An index that does not keep texts must be told what it is to forget.
        sqlx::query("INSERT INTO search (search, rowid, pairs) VALUES ('delete', ?, ?)")
            .bind(number)
            .bind(pairs(&row.body))
            .execute(&mut *connection)
            .await?;
    }
    if let Some(body) = body {
        return if is_in { insert(connection, number, body).await } else { Ok(()) };
    }
    sqlx::query("UPDATE messages SET number = NULL WHERE room = ? AND seq = ?")
        .bind(room.uuid())
        .bind(row.seq)
        .execute(&mut *connection)
        .await?;
    sqlx::query("DELETE FROM indexed WHERE number = ?").bind(number).execute(connection).await?;
    Ok(())
}

async fn insert(connection: &mut SqliteConnection, number: i64, body: &str) -> Result<()> {
    sqlx::query("INSERT INTO search (rowid, pairs) VALUES (?, ?)")
        .bind(number)
        .bind(pairs(body))
        .execute(connection)
        .await?;
    Ok(())
}

/// Numbers what an earlier version of the program stored without an index.
pub(super) async fn catch_up(connection: &mut SqliteConnection) -> sqlx::Result<()> {
    loop {
        let mut tx = sqlx::Connection::begin(&mut *connection).await?;
        let sql = "SELECT room, seq FROM messages WHERE number IS NULL AND body <> '' ORDER BY sent_at LIMIT ?";
        let waiting: Vec<(Uuid, i64)> = sqlx::query_as(sql).bind(CATCH_UP).fetch_all(&mut *tx).await?;
        if waiting.is_empty() {
            return Ok(());
        }
        for (room, seq) in waiting {
            let sql = "INSERT INTO indexed (room, seq) VALUES (?, ?)";
            let added = sqlx::query(sql).bind(room).bind(seq).execute(&mut *tx).await?;
            sqlx::query("UPDATE messages SET number = ? WHERE room = ? AND seq = ?")
                .bind(added.last_insert_rowid())
                .bind(room)
                .bind(seq)
                .execute(&mut *tx)
                .await?;
        }
        tx.commit().await?;
    }
}

/// A text as it is compared: composed, in lower case.
fn normal(text: &str) -> String {
    text.nfc().flat_map(char::to_lowercase).collect()
}

/// The index's words of a text: for each word of it, each pair of neighbours and the last character alone,
/// so that every character begins one. Written in hexadecimal, six digits a character, so that no
/// tokenizer has an opinion of them.
pub(super) fn pairs(text: &str) -> String {
    let mut pairs = String::new();
    for word in normal(text).split_whitespace() {
        let chars: Vec<char> = word.chars().collect();
        for (place, c) in chars.iter().enumerate() {
            push(&mut pairs, *c);
            if let Some(next) = chars.get(place + 1) {
                push(&mut pairs, *next);
            }
            pairs.push(' ');
        }
    }
    pairs
}

fn push(pairs: &mut String, c: char) {
    use std::fmt::Write;
    // Writing into a String cannot fail.
    let _ = write!(pairs, "{:06x}", u32::from(c));
}

/// What the index is asked: every word of the query as a phrase of its pairs, or, when it is a single
/// character, as the beginning of a pair. None when there is nothing to look for.
fn pattern(query: &str) -> Option<String> {
    let phrase = |word: &str| {
        let chars: Vec<char> = word.chars().collect();
        let mut phrase = String::from("\"");
        for (place, pair) in chars.windows(2).enumerate() {
            if place > 0 {
                phrase.push(' ');
            }
            pair.iter().for_each(|c| push(&mut phrase, *c));
        }
        if let [c] = chars[..] {
            push(&mut phrase, c);
        }
        phrase.push_str(if chars.len() == 1 { "\" *" } else { "\"" });
        phrase
    };
    let phrases: Vec<String> = normal(query).split_whitespace().map(phrase).collect();
    (!phrases.is_empty()).then(|| phrases.join(" AND "))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    async fn index() -> SqliteConnection {
        let mut connection = <SqliteConnection as sqlx::Connection>::connect("sqlite::memory:").await.unwrap();
        let sql = "CREATE VIRTUAL TABLE search USING fts5 (pairs, content = '', columnsize = 0, tokenize = 'ascii')";
        sqlx::query(sql).execute(&mut connection).await.unwrap();
        connection
    }

    async fn finds(connection: &mut SqliteConnection, query: &str) -> Vec<i64> {
        let sql = "SELECT rowid FROM search WHERE search MATCH ? ORDER BY rowid";
        sqlx::query_scalar(sql).bind(pattern(query).unwrap()).fetch_all(connection).await.unwrap()
    }

    #[tokio::test]
    async fn words_are_found_wherever_they_stand() {
        let mut connection = index().await;
        for (number, body) in [(1, "오늘 회의를 합니다"), (2, "정기회의 자료"), (3, "의회 방문"), (4, "Meeting at 3")]
        {
            insert(&mut connection, number, body).await.unwrap();
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
            assert_eq!(finds(&mut connection, query).await, expected, "{query}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn what_is_found_is_what_contains_every_word(
            bodies in proptest::collection::vec("[가나다aB ]{0,8}", 1..6), query in "[가나다aB]{1,3}( [가나b]{1,2})?"
        ) {
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            let found = runtime.block_on(async {
                let mut connection = index().await;
                for (number, body) in bodies.iter().enumerate() {
                    insert(&mut connection, number as i64, body).await.unwrap();
                }
                finds(&mut connection, &query).await
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
