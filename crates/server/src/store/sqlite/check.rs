//! Verifies a database: checks every invariant of the program over all rows. It only reads, so a server may be running.

use std::{hash::Hasher, path::Path};

use futures::TryStreamExt;
use sqlx::{Connection, SqliteConnection};

use crate::{
    model::{Fault, Finding},
    store::{
        findings::{examples, uniqueness},
        sqlite::{
            connection::{connect, read_options},
            fault, files,
            index::{INDEXED_UP_TO, words},
            migrations,
        },
    },
};

/// Invariants, each with a query for its violations, one text a row.
const RULES: [(&str, &str); 23] = [
    ("a room's version is that of its newest change", "
        SELECT hex(id) FROM rooms WHERE version <> coalesce((SELECT max(version) FROM messages WHERE room = rooms.id), 0)"),
    ("no version of a message is below its seq", "
        SELECT hex(room) || ' ' || seq FROM messages WHERE version < seq OR seq < 1"),
    ("no two messages of a room have one version", "
        SELECT hex(room) || ' ' || version FROM messages GROUP BY room, version HAVING count(*) > 1"),
    ("a recalled message has no text and no number", "
        SELECT hex(room) || ' ' || seq FROM messages WHERE recalled IS NOT NULL AND (body <> '' OR number IS NOT NULL)"),
    ("posts have a text or files, system events have neither", "
        SELECT hex(room) || ' ' || seq FROM messages AS m WHERE recalled IS NULL AND (line IS NOT NULL) =
          (body <> '' OR EXISTS (SELECT 1 FROM files AS f WHERE f.room = m.room AND f.seq = m.seq))"),
    ("authors are current or former members", "
        SELECT hex(room) || ' ' || seq FROM messages AS m
         WHERE NOT EXISTS (SELECT 1 FROM memberships WHERE room = m.room AND user = m.author)"),
    ("a reply quotes an earlier message of the same room", "
        SELECT hex(m.room) || ' ' || m.seq FROM messages AS m JOIN messages AS q ON q.id = m.reply_to
         WHERE q.room <> m.room OR q.seq >= m.seq"),
    ("read marks, bounds and ends of memberships lie within the room", "
        SELECT hex(m.room) || ' ' || hex(m.user) FROM memberships AS m JOIN rooms ON rooms.id = m.room
         WHERE max(m.last_read, m.since, m.joined_at, coalesce(m.left_at, 0), coalesce(m.hidden_at, 0)) > rooms.version"),
    ("a direct room has its people as members: two, or one with notes", "
        SELECT hex(room) FROM directs WHERE 1 + (low <> high) <> (SELECT count(*) FROM memberships AS m
         WHERE m.room = directs.room AND m.user IN (directs.low, directs.high) AND m.left_at IS NULL)"),
    ("every room is a group or a direct room", "
        SELECT hex(id) FROM rooms WHERE is_group = EXISTS (SELECT 1 FROM directs WHERE room = rooms.id)"),
    ("a direct room has no other members", "
        SELECT hex(d.room) FROM directs AS d WHERE 1 + (low <> high) <> (SELECT count(*) FROM memberships WHERE room = d.room)"),
    ("reactions belong to messages that are not recalled", "
        SELECT hex(r.room) || ' ' || r.seq FROM reactions AS r LEFT JOIN messages AS m ON m.room = r.room AND m.seq = r.seq
         WHERE m.seq IS NULL OR m.recalled IS NOT NULL OR r.version > m.version"),
    ("reactions are by current or former members", "
        SELECT hex(r.room) || ' ' || r.seq FROM reactions AS r
         WHERE NOT EXISTS (SELECT 1 FROM memberships WHERE room = r.room AND user = r.user)"),
    ("confirmations are of messages that ask for them, by members who did not write them", "
        SELECT hex(c.room) || ' ' || c.seq FROM confirmations AS c LEFT JOIN messages AS m ON m.room = c.room AND m.seq = c.seq
         WHERE m.asks_confirmation IS NOT 1 OR m.recalled IS NOT NULL OR m.author = c.user OR c.version > m.version
            OR NOT EXISTS (SELECT 1 FROM memberships WHERE room = c.room AND user = c.user)"),
    ("pins and bookmarks are of messages that somebody wrote and did not recall", "
        SELECT hex(mark.room) || ' ' || mark.seq FROM (SELECT room, seq FROM pins UNION ALL SELECT room, seq FROM bookmarks) AS mark
          LEFT JOIN messages AS m ON m.room = mark.room AND m.seq = mark.seq
         WHERE m.seq IS NULL OR m.recalled IS NOT NULL OR m.line IS NOT NULL"),
    ("mentions are of messages that name the person or everybody", "
        SELECT hex(n.room) || ' ' || n.seq FROM mentions AS n LEFT JOIN messages AS m ON m.room = n.room AND m.seq = n.seq
         WHERE m.mentions IS NULL OR m.author = n.user OR (m.mentions ->> 'all') IS NOT 1 AND NOT EXISTS
          (SELECT 1 FROM json_each(m.mentions, '$.users') AS named WHERE unhex(replace(named.value, '-', '')) = n.user)"),
    ("scheduled messages have a text and are by members, or former ones if they failed", "
        SELECT hex(s.id) FROM scheduled AS s WHERE s.body = '' OR NOT EXISTS (SELECT 1 FROM memberships AS m
         WHERE m.room = s.room AND m.user = s.author AND (m.left_at IS NULL OR s.failed IS NOT NULL))"),
    ("every text has a number in the index", "
        SELECT hex(m.room) || ' ' || m.seq FROM messages AS m LEFT JOIN indexed AS i ON i.number = m.number
         WHERE m.body <> '' AND (i.room IS NOT m.room OR i.seq IS NOT m.seq)"),
    ("every number of the index has a text", "
        SELECT CAST(number AS TEXT) FROM indexed AS i WHERE NOT EXISTS
          (SELECT 1 FROM messages WHERE room = i.room AND seq = i.seq AND number = i.number)"),
    ("a blob's refs are the files that name it", "
        SELECT hex(hash) || ' ' || refs FROM blobs WHERE refs <> (SELECT count(*) FROM files WHERE blob = hash)
          + (SELECT count(*) FROM files WHERE preview = hash)"),
    ("a file is as large as its blob", "
        SELECT hex(f.id) FROM files AS f JOIN blobs AS b ON b.hash = f.blob WHERE b.size <> f.size"),
    ("files belong to messages that are not recalled, of their owners", "
        SELECT hex(f.id) FROM files AS f LEFT JOIN messages AS m ON m.room = f.room AND m.seq = f.seq
         WHERE f.room IS NOT NULL AND (m.recalled IS NOT NULL OR m.line IS NOT NULL OR m.author IS NOT f.owner)"),
    ("used bytes are those of files and pending uploads", "
        SELECT hex(u.id) || ' ' || coalesce(bytes, 0)
          FROM (SELECT id FROM users UNION ALL SELECT NULL) AS u
          LEFT JOIN (SELECT owner, bytes FROM used_bytes UNION ALL SELECT NULL, bytes FROM used_bytes_of_all) AS used
            ON used.owner IS u.id
         WHERE coalesce(bytes, 0) <> (SELECT coalesce(sum(size), 0) FROM files WHERE u.id IS NULL OR owner = u.id)
           + (SELECT coalesce(sum(length), 0) FROM uploads WHERE u.id IS NULL OR owner = u.id)"),
];

/// Checks every invariant, and returns a finding for each.
///
/// # Errors
/// If there is no database in `directory`, or it cannot be read.
pub(crate) async fn check(directory: &Path) -> Result<Vec<Finding>, Fault> {
    let file = files::existing(directory)?;
    let failed = fault::database(&file);
    let mut connection = connect(&read_options(&file)).await.map_err(&failed)?;
    migrations::check_current(&mut connection, &file).await?;
    let findings = check_all(&mut connection).await.map_err(&failed);
    let _ = connection.close().await;
    findings
}

async fn check_all(db: &mut SqliteConnection) -> sqlx::Result<Vec<Finding>> {
    let mut tx = db.begin().await?;
    let mut findings = vec![
        pragma(&mut tx, "the file passes SQLite's integrity check", "PRAGMA integrity_check").await?,
        foreign_keys(&mut tx).await?,
    ];
    for (what, sql) in RULES {
        let wrong: Vec<String> = sqlx::query_scalar(sql).fetch_all(&mut *tx).await?;
        findings.push(Finding { what, rows: None, wrong: examples(wrong) });
    }
    findings.push(counters(&mut tx).await?);
    findings.push(index_words(&mut tx).await?);
    tx.rollback().await?;
    Ok(findings)
}

async fn pragma(db: &mut SqliteConnection, what: &'static str, sql: &'static str) -> sqlx::Result<Finding> {
    let lines: Vec<String> = sqlx::query_scalar(sql).fetch_all(db).await?;
    Ok(Finding { what, rows: None, wrong: examples(lines.into_iter().filter(|line| line != "ok").collect()) })
}

async fn foreign_keys(db: &mut SqliteConnection) -> sqlx::Result<Finding> {
    let rows: Vec<(String, Option<i64>, String, i64)> =
        sqlx::query_as("PRAGMA foreign_key_check").fetch_all(db).await?;
    let wrong = rows.into_iter().map(|(table, row, parent, _)| format!("{table} {row:?} -> {parent}")).collect();
    Ok(Finding { what: "every reference leads to a row", rows: None, wrong: examples(wrong) })
}

/// Indexes keep ids, positions and versions unique; this count does not use the indexes.
async fn counters(db: &mut SqliteConnection) -> sqlx::Result<Finding> {
    let sql = "SELECT count(*), count(DISTINCT hex(id)), count(DISTINCT hex(room) || seq), \
               count(DISTINCT hex(room) || '/' || version) FROM messages NOT INDEXED";
    Ok(uniqueness(sqlx::query_as(sql).fetch_one(db).await?))
}

/// Compares the words of the index with the words of the messages: equal sets have equal sums of hashes.
async fn index_words(db: &mut SqliteConnection) -> sqlx::Result<Finding> {
    let (mut held, mut expected, mut rows) = (HashSum::default(), HashSum::default(), 0);
    sqlx::query("CREATE VIRTUAL TABLE temp.words USING fts5vocab (main, search, instance)").execute(&mut *db).await?;
    {
        let mut indexed =
            sqlx::query_as::<_, (String, i64, i64)>("SELECT term, doc, \"offset\" FROM temp.words").fetch(&mut *db);
        while let Some((word, number, position)) = indexed.try_next().await? {
            held.add(&word, number, position);
        }
    }
    {
        let up_to: i64 = sqlx::query_scalar(INDEXED_UP_TO).fetch_one(&mut *db).await?;
        let sql = "SELECT number, body, (SELECT group_concat(name, char(10)) FROM \
                     (SELECT name FROM files AS f WHERE f.room = m.room AND f.seq = m.seq ORDER BY nth)) \
                   FROM messages AS m WHERE number <= ?";
        let mut texts = sqlx::query_as::<_, (i64, String, Option<String>)>(sql).bind(up_to).fetch(&mut *db);
        while let Some((number, body, names)) = texts.try_next().await? {
            rows += 1;
            (0..)
                .zip(words(&body, names.as_deref()).split_whitespace())
                .for_each(|(position, word)| expected.add(word, number, position));
        }
    }
    let is_same = held == expected;
    let difference = format!("it holds {} words where the messages have {}", held.count, expected.count);
    Ok(Finding {
        what: "the search index holds the words of the messages and no others",
        rows: Some(rows),
        wrong: if is_same { Vec::new() } else { vec![difference] },
    })
}

#[derive(Default, PartialEq, Eq)]
struct HashSum {
    count: u64,
    hashes: u64,
}

impl HashSum {
    fn add(&mut self, word: &str, number: i64, position: i64) {
        let mut hasher = std::hash::DefaultHasher::new();
        hasher.write(word.as_bytes());
        hasher.write_i64(number);
        hasher.write_i64(position);
        self.count += 1;
        self.hashes = self.hashes.wrapping_add(hasher.finish());
    }
}
