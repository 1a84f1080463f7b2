//! Verifies a data directory: what the program relies on, looked up in every row. It only reads, so a server
//! may be running on it.

use std::{hash::Hasher, path::Path};

use futures::TryStreamExt;
use sqlx::{Connection, SqliteConnection};

use crate::server::store::{
    Fault, connect, files, looking,
    search::{indexed_up_to, pairs},
    tables,
};

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What must be so.
    pub what: &'static str,
    /// How many rows were looked at, where they can be counted.
    pub rows: Option<u64>,
    /// What is not so: a few examples, and how many there are.
    pub wrong: Vec<String>,
}

/// What must be so, and the rows where it is not, each as one text.
const RULES: [(&str, &str); 15] = [
    ("a room's version is that of its newest change", "
        SELECT hex(id) FROM rooms WHERE version <> coalesce((SELECT max(version) FROM messages WHERE room = rooms.id), 0)"),
    ("a message changes after it was posted, not before", "
        SELECT hex(room) || ' ' || seq FROM messages WHERE version < seq OR seq < 1"),
    ("no two messages of a room have one version", "
        SELECT hex(room) || ' ' || version FROM messages GROUP BY room, version HAVING count(*) > 1"),
    ("a recalled message has no text and no number", "
        SELECT hex(room) || ' ' || seq FROM messages WHERE recalled IS NOT NULL AND (body <> '' OR number IS NOT NULL)"),
    ("what was written has a text, what was done has none", "
        SELECT hex(room) || ' ' || seq FROM messages WHERE recalled IS NULL AND (body = '') <> (line IS NOT NULL)"),
    ("authors are or were members", "
        SELECT hex(room) || ' ' || seq FROM messages AS m
         WHERE NOT EXISTS (SELECT 1 FROM memberships WHERE room = m.room AND user = m.author)"),
    ("what is answered is in the same room, and was there before", "
        SELECT hex(m.room) || ' ' || m.seq FROM messages AS m JOIN messages AS q ON q.id = m.reply_to
         WHERE q.room <> m.room OR q.seq >= m.seq"),
    ("nobody has read, begun or left beyond the end of a room", "
        SELECT hex(m.room) || ' ' || hex(m.user) FROM memberships AS m JOIN rooms ON rooms.id = m.room
         WHERE max(m.last_read, m.since, coalesce(m.left_at, 0), coalesce(m.hidden_at, 0)) > rooms.version"),
    ("the conversation of two people has these two members for good", "
        SELECT hex(room) FROM directs WHERE 2 <> (SELECT count(*) FROM memberships AS m
         WHERE m.room = directs.room AND m.user IN (directs.low, directs.high) AND m.left_at IS NULL)"),
    ("every room is a group or the conversation of two people", "
        SELECT hex(id) FROM rooms WHERE is_group = EXISTS (SELECT 1 FROM directs WHERE room = rooms.id)"),
    ("nobody else is in the conversation of two people", "
        SELECT hex(d.room) FROM directs AS d WHERE 2 <> (SELECT count(*) FROM memberships WHERE room = d.room)"),
    ("reactions are to messages that are there", "
        SELECT hex(r.room) || ' ' || r.seq FROM reactions AS r LEFT JOIN messages AS m ON m.room = r.room AND m.seq = r.seq
         WHERE m.seq IS NULL OR m.recalled IS NOT NULL OR r.version > m.version"),
    ("reactions are of members", "
        SELECT hex(r.room) || ' ' || r.seq FROM reactions AS r
         WHERE NOT EXISTS (SELECT 1 FROM memberships WHERE room = r.room AND user = r.user)"),
    ("every text has its number in the index", "
        SELECT hex(m.room) || ' ' || m.seq FROM messages AS m LEFT JOIN indexed AS i ON i.number = m.number
         WHERE m.body <> '' AND (i.room IS NOT m.room OR i.seq IS NOT m.seq)"),
    ("every number of the index has its text", "
        SELECT CAST(number AS TEXT) FROM indexed AS i WHERE NOT EXISTS
          (SELECT 1 FROM messages WHERE room = i.room AND seq = i.seq AND number = i.number)"),
];

/// Examples shown of one kind.
const EXAMPLES: usize = 5;

/// Looks at everything. A finding with nothing wrong is good news.
///
/// # Errors
/// When there is no database in `directory`, or it cannot be read at all.
pub async fn check(directory: &Path) -> Result<Vec<Finding>, Fault> {
    let file = files::existing(directory)?;
    let failed = Fault::database(&file);
    let mut connection = connect(&looking(&file)).await.map_err(&failed)?;
    tables::check_current(&mut connection, &file).await?;
    let findings = look(&mut connection).await.map_err(&failed);
    let _ = connection.close().await;
    findings
}

async fn look(connection: &mut SqliteConnection) -> sqlx::Result<Vec<Finding>> {
    let mut tx = connection.begin().await?;
    let mut findings = vec![
        pragma(&mut tx, "SQLite finds its file whole", "PRAGMA integrity_check").await?,
        foreign_keys(&mut tx).await?,
    ];
    for (what, sql) in RULES {
        let wrong: Vec<String> = sqlx::query_scalar(sql).fetch_all(&mut *tx).await?;
        findings.push(Finding { what, rows: None, wrong: some_of(wrong) });
    }
    findings.push(counters(&mut tx).await?);
    findings.push(index(&mut tx).await?);
    tx.rollback().await?;
    Ok(findings)
}

async fn pragma(connection: &mut SqliteConnection, what: &'static str, sql: &'static str) -> sqlx::Result<Finding> {
    let said: Vec<String> = sqlx::query_scalar(sql).fetch_all(connection).await?;
    Ok(Finding { what, rows: None, wrong: some_of(said.into_iter().filter(|line| line != "ok").collect()) })
}

async fn foreign_keys(connection: &mut SqliteConnection) -> sqlx::Result<Finding> {
    let said: Vec<(String, Option<i64>, String, i64)> =
        sqlx::query_as("PRAGMA foreign_key_check").fetch_all(connection).await?;
    let wrong = said.into_iter().map(|(table, row, parent, _)| format!("{table} {row:?} -> {parent}")).collect();
    Ok(Finding { what: "everything that is referred to is there", rows: None, wrong: some_of(wrong) })
}

/// Ids, places and versions are also unique by indexes; here they are counted without them.
async fn counters(connection: &mut SqliteConnection) -> sqlx::Result<Finding> {
    let sql = "SELECT count(*), count(DISTINCT hex(id)), count(DISTINCT hex(room) || seq), \
               count(DISTINCT hex(room) || '/' || version) FROM messages NOT INDEXED";
    let (rows, ids, places, versions): (i64, i64, i64, i64) = sqlx::query_as(sql).fetch_one(connection).await?;
    let counts = [("ids", ids), ("places", places), ("versions", versions)];
    let wrong = counts.iter().filter(|(_, count)| *count != rows).map(|(of, count)| format!("{count} {of}"));
    Ok(Finding {
        what: "no id, place or version is there twice",
        rows: Some(rows as u64),
        wrong: wrong.map(|wrong| format!("{rows} messages, {wrong}")).collect(),
    })
}

/// The sums of two sets' hashes agree when the sets do: what the index holds, and what it should hold.
async fn index(connection: &mut SqliteConnection) -> sqlx::Result<Finding> {
    let (mut held, mut expected, mut rows) = (Sum::default(), Sum::default(), 0);
    sqlx::query("CREATE VIRTUAL TABLE temp.words USING fts5vocab (main, search, instance)")
        .execute(&mut *connection)
        .await?;
    {
        let mut words = sqlx::query_as::<_, (String, i64, i64)>("SELECT term, doc, \"offset\" FROM temp.words")
            .fetch(&mut *connection);
        while let Some((word, number, place)) = words.try_next().await? {
            held.add(&word, number, place);
        }
    }
    {
        let up_to = indexed_up_to(&mut *connection).await?;
        let sql = "SELECT number, body FROM messages WHERE number <= ?";
        let mut texts = sqlx::query_as::<_, (i64, String)>(sql).bind(up_to).fetch(&mut *connection);
        while let Some((number, body)) = texts.try_next().await? {
            rows += 1;
            (0..).zip(pairs(&body).split_whitespace()).for_each(|(place, word)| expected.add(word, number, place));
        }
    }
    let is_same = held == expected;
    let wrong = format!("it holds {} words where the messages have {}", held.count, expected.count);
    Ok(Finding {
        what: "the search index holds the words of the messages and no others",
        rows: Some(rows),
        wrong: if is_same { Vec::new() } else { vec![wrong] },
    })
}

#[derive(Default, PartialEq, Eq)]
struct Sum {
    count: u64,
    hashes: u64,
}

impl Sum {
    fn add(&mut self, word: &str, number: i64, place: i64) {
        let mut hasher = std::hash::DefaultHasher::new();
        hasher.write(word.as_bytes());
        hasher.write_i64(number);
        hasher.write_i64(place);
        self.count += 1;
        self.hashes = self.hashes.wrapping_add(hasher.finish());
    }
}

fn some_of(mut wrong: Vec<String>) -> Vec<String> {
    let count = wrong.len();
    wrong.truncate(EXAMPLES);
    if count > EXAMPLES {
        wrong.push(format!("and {} more", count - EXAMPLES));
    }
    wrong
}
