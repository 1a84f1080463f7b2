//! Verifies a database: checks every invariant of the program over all rows. It only reads, so servers may be running.

use futures::TryStreamExt;
use sqlx::{Connection, PgConnection};
use uuid::Uuid;

use crate::{
    model::{DatabaseUrl, Fault, Finding},
    store::{
        findings::{examples, uniqueness},
        postgres::{
            connection::{Purpose, connect, options},
            fault,
            index::indexed_text,
            keys::keys,
            migrations,
        },
    },
};

/// Invariants, each with a query for its violations, one text a row.
const RULES: [(&str, &str); 23] = [
    ("a room's version is that of its newest change", "
        SELECT id::text FROM rooms WHERE version <> coalesce((SELECT max(version) FROM messages WHERE room = rooms.id), 0)"),
    ("no version of a message is below its seq", "
        SELECT room::text || ' ' || seq FROM messages WHERE version < seq OR seq < 1"),
    ("no two messages of a room have one version", "
        SELECT room::text || ' ' || version FROM messages GROUP BY room, version HAVING count(*) > 1"),
    ("a recalled message has no text and no number", "
        SELECT room::text || ' ' || seq FROM messages WHERE recalled IS NOT NULL AND (body <> '' OR number IS NOT NULL)"),
    ("posts have a text or files, system events have neither", "
        SELECT room::text || ' ' || seq FROM messages AS m WHERE recalled IS NULL AND (line IS NOT NULL) =
          (body <> '' OR EXISTS (SELECT 1 FROM files AS f WHERE f.room = m.room AND f.seq = m.seq))"),
    ("authors are current or former members", "
        SELECT room::text || ' ' || seq FROM messages AS m
         WHERE NOT EXISTS (SELECT 1 FROM memberships WHERE room = m.room AND memberships.user = m.author)"),
    ("a reply quotes an earlier message of the same room", "
        SELECT m.room::text || ' ' || m.seq FROM messages AS m JOIN messages AS q ON q.id = m.reply_to
         WHERE q.room <> m.room OR q.seq >= m.seq"),
    ("read marks, bounds and ends of memberships lie within the room", "
        SELECT m.room::text || ' ' || m.user::text FROM memberships AS m JOIN rooms ON rooms.id = m.room
         WHERE greatest(m.last_read, m.since, m.joined_at, coalesce(m.left_at, 0), coalesce(m.hidden_at, 0)) > rooms.version"),
    ("a direct room has its people as members: two, or one with notes", "
        SELECT room::text FROM directs WHERE CASE WHEN low = high THEN 1 ELSE 2 END <> (SELECT count(*) FROM memberships AS m
         WHERE m.room = directs.room AND m.user IN (directs.low, directs.high) AND m.left_at IS NULL)"),
    ("every room is a group or a direct room", "
        SELECT id::text FROM rooms WHERE is_group = EXISTS (SELECT 1 FROM directs WHERE room = rooms.id)"),
    ("a direct room has no other members", "
        SELECT d.room::text FROM directs AS d WHERE CASE WHEN low = high THEN 1 ELSE 2 END <> (SELECT count(*) FROM memberships WHERE room = d.room)"),
    ("reactions belong to messages that are not recalled", "
        SELECT r.room::text || ' ' || r.seq FROM reactions AS r LEFT JOIN messages AS m ON m.room = r.room AND m.seq = r.seq
         WHERE m.seq IS NULL OR m.recalled IS NOT NULL OR r.version > m.version"),
    ("reactions are by current or former members", "
        SELECT r.room::text || ' ' || r.seq FROM reactions AS r
         WHERE NOT EXISTS (SELECT 1 FROM memberships WHERE room = r.room AND memberships.user = r.user)"),
    ("confirmations are of messages that ask for them, by members who did not write them", "
        SELECT c.room::text || ' ' || c.seq FROM confirmations AS c LEFT JOIN messages AS m ON m.room = c.room AND m.seq = c.seq
         WHERE m.asks_confirmation IS DISTINCT FROM TRUE OR m.recalled IS NOT NULL OR m.author = c.user OR c.version > m.version
            OR NOT EXISTS (SELECT 1 FROM memberships WHERE room = c.room AND memberships.user = c.user)"),
    ("pins and bookmarks are of messages that somebody wrote and did not recall", "
        SELECT mark.room::text || ' ' || mark.seq FROM (SELECT room, seq FROM pins UNION ALL SELECT room, seq FROM bookmarks) AS mark
          LEFT JOIN messages AS m ON m.room = mark.room AND m.seq = mark.seq
         WHERE m.seq IS NULL OR m.recalled IS NOT NULL OR m.line IS NOT NULL"),
    ("mentions are of messages that name the person or everybody", "
        SELECT n.room::text || ' ' || n.seq FROM mentions AS n LEFT JOIN messages AS m ON m.room = n.room AND m.seq = n.seq
         WHERE m.mentions IS NULL OR m.author = n.user OR (m.mentions::json ->> 'all') IS DISTINCT FROM 'true' AND NOT EXISTS
          (SELECT 1 FROM json_array_elements_text(m.mentions::json -> 'users') AS named WHERE named.value::uuid = n.user)"),
    ("scheduled messages have a text and are by members, or former ones if they failed", "
        SELECT s.id::text FROM scheduled AS s WHERE s.body = '' OR NOT EXISTS (SELECT 1 FROM memberships AS m
         WHERE m.room = s.room AND m.user = s.author AND (m.left_at IS NULL OR s.failed IS NOT NULL))"),
    ("every text is in the index, or waits for it", "
        SELECT m.room::text || ' ' || m.seq FROM messages AS m WHERE m.body <> '' AND (m.number IS NULL
            OR (SELECT count(*) FROM search AS s WHERE s.room = m.room AND s.seq = m.seq AND s.number = m.number)
             + (SELECT count(*) FROM unindexed AS u WHERE u.room = m.room AND u.seq = m.seq) <> 1)"),
    ("every row of the index has a text", "
        SELECT s.room::text || ' ' || s.seq FROM (SELECT room, seq FROM search UNION ALL SELECT room, seq FROM unindexed) AS s
         WHERE NOT EXISTS (SELECT 1 FROM messages AS m WHERE m.room = s.room AND m.seq = s.seq AND m.number IS NOT NULL)"),
    ("a blob's refs are the files that name it", "
        SELECT encode(hash, 'hex') || ' ' || refs FROM blobs WHERE refs <> (SELECT count(*) FROM files WHERE blob = hash)
          + (SELECT count(*) FROM files WHERE preview = hash)"),
    ("a file is as large as its blob", "
        SELECT f.id::text FROM files AS f JOIN blobs AS b ON b.hash = f.blob WHERE b.size <> f.size"),
    ("files belong to messages that are not recalled, of their owners", "
        SELECT f.id::text FROM files AS f LEFT JOIN messages AS m ON m.room = f.room AND m.seq = f.seq
         WHERE f.room IS NOT NULL AND (m.recalled IS NOT NULL OR m.line IS NOT NULL OR m.author IS DISTINCT FROM f.owner)"),
    ("used bytes are those of files and pending uploads", "
        SELECT coalesce(u.id::text, 'all') || ' ' || coalesce(bytes, 0)
          FROM (SELECT id FROM users UNION ALL SELECT NULL::uuid) AS u
          LEFT JOIN (SELECT owner, bytes FROM used_bytes UNION ALL SELECT NULL::uuid, bytes FROM used_bytes_of_all) AS used
            ON used.owner IS NOT DISTINCT FROM u.id
         WHERE coalesce(bytes, 0) <> (SELECT coalesce(sum(size), 0) FROM files WHERE u.id IS NULL OR owner = u.id)
           + (SELECT coalesce(sum(length), 0) FROM uploads WHERE u.id IS NULL OR owner = u.id)"),
];

/// Checks every invariant, and returns a finding for each.
///
/// # Errors
/// If the database cannot be reached or read, or is not a database of Daehwa.
pub(crate) async fn check(url: &DatabaseUrl) -> Result<Vec<Finding>, Fault> {
    let failed = fault::database(url);
    let mut connection = connect(&options(url, Purpose::Whole)?).await.map_err(&failed)?;
    migrations::check_current(&mut connection, url).await?;
    let findings = check_all(&mut connection).await.map_err(&failed);
    let _ = connection.close().await;
    findings
}

async fn check_all(db: &mut PgConnection) -> sqlx::Result<Vec<Finding>> {
    let mut tx = db.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?;
    let mut findings = Vec::new();
    for (what, sql) in RULES {
        let wrong: Vec<String> = sqlx::query_scalar(sql).fetch_all(&mut *tx).await?;
        findings.push(Finding { what, rows: None, wrong: examples(wrong) });
    }
    findings.push(counters(&mut tx).await?);
    findings.push(index_keys(&mut tx).await?);
    tx.rollback().await?;
    Ok(findings)
}

/// The keys keep positions unique in a room; this count does not use them.
async fn counters(db: &mut PgConnection) -> sqlx::Result<Finding> {
    let sql = "SELECT count(*), count(DISTINCT id), count(DISTINCT (room, seq)), count(DISTINCT (room, version)) FROM messages";
    Ok(uniqueness(sqlx::query_as(sql).fetch_one(db).await?))
}

/// Compares the keys of the index with those of the texts.
async fn index_keys(db: &mut PgConnection) -> sqlx::Result<Finding> {
    let sql = "SELECT s.room, s.seq, s.keys, m.body, (SELECT string_agg(f.name, chr(10) ORDER BY f.nth) \
                 FROM files AS f WHERE f.room = s.room AND f.seq = s.seq) \
                 FROM search AS s JOIN messages AS m ON m.room = s.room AND m.seq = s.seq";
    let (mut rows, mut wrong) = (0, Vec::new());
    let mut indexed = sqlx::query_as::<_, (Uuid, i64, Vec<i32>, String, Option<String>)>(sql).fetch(db);
    while let Some((room, seq, held, body, names)) = indexed.try_next().await? {
        rows += 1;
        if held != keys(room, &indexed_text(&body, names.as_deref())) {
            wrong.push(format!("{room} {seq}"));
        }
    }
    let what = "the search index holds the keys of the messages and no others";
    Ok(Finding { what, rows: Some(rows), wrong: examples(wrong) })
}
