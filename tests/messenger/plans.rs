//! Every statement of the store in SQLite has a plan without a full scan. The statements are the SQL string literals of the store
//! and, for statements built from several, those that sqlx logs while users use the messenger.

use std::{
    collections::BTreeSet,
    fmt::Debug,
    fs,
    path::{Path, PathBuf},
    sync::{Mutex, OnceLock},
};

use protocol::{
    cursor::Cursor,
    ids::{MessageId, RoomId, UserId},
    limit::PAGE_MESSAGES,
    lobby_socket::{Collection, LobbyEvent},
    message::Mentions,
    room_socket::{Forward, Post},
    schedule::{Reschedule, Schedule},
    user::Absence,
};
use server::{
    messenger::RoomState,
    model::{Anchor, BlobHash, CompletedFile, Durability, NewCopy, NewUpload, OpenMode, Quotas},
    store::Store,
    supervisor::Supervisor,
};
use sqlx::{AssertSqlSafe, Connection, SqliteConnection};
use tracing::{
    Event, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{
    Layer,
    filter::{LevelFilter, Targets},
    layer::{Context, SubscriberExt},
};

use crate::stage::{Person, Stage};

/// Files of commands that read everything, while a server runs or before it serves.
const OFFLINE: [&str; 6] =
    ["check.rs", "backup.rs", "recorded_bytes.rs", "migrations.rs", "copy.rs", "copied_tables.rs"];
/// Statements of PostgreSQL.
const OF_ANOTHER_ENGINE: [&str; 2] = ["postgres", "open_shared.rs"];
/// Statements that may scan, and why.
const MAY_SCAN: [(&str, &str); 5] = [
    ("FROM users ORDER BY login", "every account, for an operator's command"),
    ("max(active_at)", "once, when the store is opened"),
    ("number IS NULL AND body <> ''", "a partial index of what it is looking for, when the store is opened"),
    ("INSERT INTO users", "SQLite passes over children of a new parent unless a deferred key is open"),
    ("EXISTS (SELECT 1 FROM users LIMIT 1)", "the first row alone"),
];
/// Tables of few rows: temporary ones of the writer, recursions, limited subqueries.
const SMALL: [&str; 7] = ["posted", "clock", "bounds", "next", "counted", "meta", "CONSTANT"];

static RECORDED: OnceLock<Mutex<BTreeSet<String>>> = OnceLock::new();

/// Records every statement that sqlx logs.
struct Recorder;

#[derive(Default)]
struct LoggedStatement {
    summary: String,
    whole: String,
}

impl Visit for LoggedStatement {
    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "summary" => self.summary = value.to_owned(),
            "db.statement" => self.whole = value.to_owned(),
            _ => {}
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn Debug) {}
}

impl<S: Subscriber> Layer<S> for Recorder {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut statement = LoggedStatement::default();
        event.record(&mut statement);
        // A short statement is its own summary.
        let sql = if statement.whole.is_empty() { statement.summary } else { statement.whole };
        // Migrations are whole files.
        if !sql.contains("CREATE ") {
            RECORDED.get_or_init(Mutex::default).lock().unwrap().insert(plain(&sql));
        }
    }
}

/// The text with single spaces.
fn plain(sql: &str) -> String {
    sql.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The string literals of a file, outside of its tests, that are SQL or a part of it.
fn literals(source: &str) -> Vec<String> {
    let product = source.split("\n#[cfg(test)]").next().unwrap_or_default();
    let code: String =
        product.lines().filter(|line| !line.trim_start().starts_with("//")).flat_map(|line| [line, "\n"]).collect();
    let (mut found, mut rest) = (Vec::new(), code.as_str());
    while let Some(begin) = rest.find('"') {
        // A quote as a character literal starts no string.
        if rest[..begin].ends_with('\'') {
            rest = &rest[begin + 1..];
            continue;
        }
        let mut text = String::new();
        let mut chars = rest[begin + 1..].char_indices();
        let end = loop {
            match chars.next() {
                Some((_, '\\')) => match chars.next() {
                    Some((_, '\n')) => text.push(' '),
                    Some((_, c)) => text.push(c),
                    None => return found,
                },
                Some((at, '"')) => break begin + 1 + at,
                Some((_, c)) => text.push(c),
                None => return found,
            }
        };
        found.push(plain(&text));
        rest = &rest[end + 1..];
    }
    found.retain(|text| is_sql(text));
    found
}

fn is_sql(text: &str) -> bool {
    let mut words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    words.any(|word| ["SELECT", "INSERT", "UPDATE", "DELETE", "WHERE", "JOIN"].contains(&word))
}

/// Uses every feature that reads or writes rows, so that each kind of statement runs once.
async fn use_everything(stage: &Stage) {
    let (minsu, younghee, direct) = stage.pair().await;
    let messenger = &stage.messenger;
    let mut list = younghee.lobby().await;
    let group = messenger.rooms().open_group(minsu.actor(), vec![younghee.id], None).await.unwrap();
    let id = stage.post(&minsu, direct, "몇 시예요?").await;
    let listed = |event| match event {
        LobbyEvent::RoomChanged { room } if room.id == direct => Some(()),
        _ => None,
    };
    list.lobby_event(listed).await;
    answer_and_mention(stage, (&minsu, &younghee), (direct, group), id).await;
    forward_and_confirm(stage, (&minsu, &younghee), (direct, group), id).await;
    pin_and_bookmark(stage, &minsu, (direct, group), id).await;
    schedule(stage, &minsu, direct).await;
    let now = server::store::now_ms();
    let absence = Absence { from: now - 600_000, until: now + 600_000, text: None, is_now: false };
    messenger.people().set_absence(younghee.actor(), Some(absence)).await.unwrap();
    for of in [Collection::Mentions, Collection::Bookmarks] {
        messenger.search().collection(minsu.actor(), of, None).await.unwrap();
    }
    messenger.messages().react(younghee.actor(), direct, id, "👍", true).await.unwrap();
    messenger.messages().edit(minsu.actor(), direct, id, "몇 시에 만나요?".into()).await.unwrap();
    read_pages(stage, (&minsu, &younghee), (direct, group)).await;
    messenger.search().messages(minsu.actor(), "만나", None).await.unwrap();
    use_files(stage, direct, minsu.id).await;
    messenger.search().in_room(minsu.actor(), direct, "만나", None).await.unwrap();
    messenger.messages().recall(minsu.actor(), direct, id).await.unwrap();
    leave(stage, group, &minsu, &younghee).await;
}

/// An answer, sent twice, and mentions of a user and of everybody.
async fn answer_and_mention(
    stage: &Stage,
    (minsu, younghee): (&Person, &Person),
    (direct, group): (RoomId, RoomId),
    id: MessageId,
) {
    let messages = stage.messenger.messages();
    let answer = Post { reply_to: Some(id), ..Post::new(MessageId::new(), "세 시요") };
    for _ in 0..2 {
        messages.post(younghee.actor(), direct, answer.clone()).await.unwrap();
    }
    let mentions = Mentions { users: vec![minsu.id], all: false };
    for mentions in [mentions, Mentions { users: Vec::new(), all: true }] {
        let post = Post { mentions, ..Post::new(MessageId::new(), "@") };
        messages.post(younghee.actor(), group, post).await.unwrap();
    }
}

/// A forward and a confirmation, each sent twice.
async fn forward_and_confirm(
    stage: &Stage,
    (minsu, younghee): (&Person, &Person),
    (direct, group): (RoomId, RoomId),
    id: MessageId,
) {
    let messages = stage.messenger.messages();
    let forward = Forward { id: MessageId::new(), ids: vec![id], rooms: vec![group], users: vec![], comment: None };
    for _ in 0..2 {
        messages.forward(minsu.actor(), direct, forward.clone()).await.unwrap();
    }
    let request = Post { asks_confirmation: true, ..Post::new(MessageId::new(), "확인해 주세요") };
    messages.post(minsu.actor(), direct, request.clone()).await.unwrap();
    for _ in 0..2 {
        messages.confirm(younghee.actor(), direct, request.id).await.unwrap();
    }
    messages.recall(minsu.actor(), direct, request.id).await.unwrap();
}

async fn pin_and_bookmark(stage: &Stage, minsu: &Person, (direct, group): (RoomId, RoomId), id: MessageId) {
    let rooms = stage.messenger.rooms();
    rooms.announce(minsu.actor(), direct, Some(id)).await.unwrap();
    rooms.pin_message(minsu.actor(), direct, id, false).await.unwrap();
    rooms.announce(minsu.actor(), direct, Some(id)).await.unwrap();
    rooms.limit_pins(minsu.actor(), group, true).await.unwrap();
    stage.messenger.messages().bookmark(minsu.actor(), direct, id, true).await.unwrap();
}

/// Every kind of page, and a resume.
async fn read_pages(stage: &Stage, (minsu, younghee): (&Person, &Person), (direct, group): (RoomId, RoomId)) {
    let (messages, rooms) = (stage.messenger.messages(), stage.messenger.rooms());
    for anchor in [Anchor::Newest, Anchor::Before(9), Anchor::After(0), Anchor::Around(1), Anchor::AroundTime(1)] {
        messages.page(minsu.actor(), direct, anchor).await.unwrap();
    }
    let epoch = rooms.snapshot(minsu.actor(), direct).await.unwrap().details.cursor.epoch;
    let resumed = rooms.resume(minsu.actor(), direct, Some(Cursor { epoch, version: 1 })).await.unwrap();
    assert!(matches!(resumed, RoomState::Delta(_)));
    for _ in 0..=PAGE_MESSAGES {
        stage.post(minsu, group, "읽지 않은 말").await;
    }
    let unread = Anchor::Unread { reader: younghee.id, last_read: 0 };
    messages.page(younghee.actor(), group, unread).await.unwrap();
}

async fn schedule(stage: &Stage, minsu: &Person, room: RoomId) {
    let (messages, at) = (stage.messenger.messages(), server::store::now_ms() + 600_000);
    let id = MessageId::new();
    let schedule = Schedule::new(id, at, "나중에");
    messages.schedule(minsu.actor(), room, schedule.clone()).await.unwrap();
    let change = Reschedule { id, at: at + 1, body: "더 나중에".into(), mentions: Mentions::default() };
    messages.reschedule(minsu.actor(), room, change).await.unwrap();
    messages.send_scheduled(minsu.actor(), room, id).await.unwrap();
    let id = MessageId::new();
    messages.schedule(minsu.actor(), room, Schedule { id, ..schedule }).await.unwrap();
    messages.unschedule(minsu.actor(), id).await.unwrap();
}

/// Uploads, reads, copies and deletes files in the store, without their bytes.
async fn use_files(stage: &Stage, room: RoomId, owner: UserId) {
    let supervisor = Supervisor::default();
    let opened = Store::open_for(stage.data.path(), Durability::Full, OpenMode::Change, &supervisor);
    let (store, _committed) = opened.await.unwrap();
    let hash = BlobHash([1; 32]);
    let new = NewUpload { name: "예산.hwp".into(), length: 10, is_original: false };
    let completed =
        CompletedFile { hash, size: 10, media_type: "x/y".into(), name: new.name.clone(), preview: None, text: None };
    for new in [new.clone(), new.clone()] {
        let id = store.insert_upload(owner, new, Quotas::default(), i64::MAX).await.unwrap();
        store.complete_upload(owner, id, completed.clone(), Quotas::default()).await.unwrap();
    }
    let id = store.insert_upload(owner, new, Quotas::default(), i64::MAX).await.unwrap();
    store.upload(owner, id).await.unwrap().unwrap();
    store.complete_upload(owner, id, completed.clone(), Quotas::default()).await.unwrap();
    store.complete_upload(owner, id, completed, Quotas::default()).await.unwrap();
    store.readable_file(owner, id).await.unwrap();
    let post = Post { files: vec![id], ..Post::new(MessageId::new(), "") };
    let shared = post.id;
    store.insert_message(room, owner, post).await.unwrap();
    let copy = NewCopy { original: shared, id: MessageId::new() };
    store.forward(room, copy, room, owner, Quotas::default()).await.unwrap();
    store.files_of_room(room, owner, "산", None).await.unwrap();
    store.edit(room, owner, shared, "글".into(), 0).await.unwrap();
    store.edit(room, owner, shared, String::new().into(), 0).await.unwrap();
    store.recall(room, owner, shared, 0).await.unwrap();
    assert_eq!(store.delete_unattached_files(i64::MAX).await.unwrap(), 2);
    store.close().await;
}

async fn leave(stage: &Stage, group: RoomId, minsu: &Person, younghee: &Person) {
    stage.messenger.messages().mark_read(younghee.actor(), group, 1).await.unwrap();
    stage.messenger.rooms().leave(younghee.actor(), group).await.unwrap();
    stage.messenger.rooms().invite(minsu.actor(), group, vec![younghee.id], true, None).await.unwrap();
    stage.messenger.rooms().remove(minsu.actor(), group, younghee.id).await.unwrap();
    stage.messenger.rooms().invite(minsu.actor(), group, vec![younghee.id], true, None).await.unwrap();
    stage.messenger.people().lobby(minsu.actor(), None).await.unwrap();
}

/// The steps of the plan that scan.
async fn scans(connection: &mut SqliteConnection, sql: &str) -> sqlx::Result<Vec<String>> {
    let explain = format!("EXPLAIN QUERY PLAN {sql}");
    let steps: Vec<(i64, i64, i64, String)> = sqlx::query_as(AssertSqlSafe(explain)).fetch_all(connection).await?;
    Ok(steps.into_iter().map(|(.., step)| step).filter(|step| is_scan(step)).collect())
}

fn is_scan(step: &str) -> bool {
    let of = step.split(' ').nth(1).unwrap_or_default();
    // An automatic index scans its table, as does a search over a whole room.
    let is_whole = step.contains("AUTOMATIC") || step.ends_with("(room=?)") && ["m", "messages", "last"].contains(&of);
    let is_given = step.contains("VIRTUAL TABLE INDEX") && !step.ends_with(" INDEX 0:");
    is_whole || step.starts_with("SCAN ") && !is_given && !SMALL.contains(&of) && !of.starts_with('(')
}

/// The statements of triggers, with a value for each column of the row.
async fn trigger_steps(connection: &mut SqliteConnection) -> Vec<String> {
    let sql = "SELECT sql FROM sqlite_schema WHERE type = 'trigger' \
               UNION ALL SELECT sql FROM sqlite_temp_schema WHERE type = 'trigger'";
    let triggers: Vec<String> = sqlx::query_scalar(sql).fetch_all(connection).await.unwrap();
    let bodies = triggers.iter().filter_map(|sql| sql.split_once("BEGIN")?.1.trim_end().strip_suffix("END"));
    let steps = bodies.flat_map(|body| body.split(';')).map(plain).filter(|step| !step.is_empty());
    let value = |step: String| {
        let words = step.split_inclusive([' ', ',', '(', ')']).map(|word| {
            match word.strip_prefix("NEW.").or(word.strip_prefix("OLD.")) {
                Some(rest) => format!("?{}", rest.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || c == '_')),
                None => word.to_owned(),
            }
        });
        words.collect()
    };
    steps.map(value).collect()
}

/// The files in a folder and below it.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

#[tokio::test]
async fn no_statement_of_the_store_scans_a_table() {
    let layer = Recorder.with_filter(Targets::new().with_target("sqlx::query", LevelFilter::TRACE));
    tracing::subscriber::set_global_default(tracing_subscriber::registry().with(layer)).unwrap();
    let stage = Stage::new().await;
    use_everything(&stage).await;

    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("crates/server/src/store");
    let is_offline = |file: &Path| OFFLINE.iter().any(|name| file.ends_with(name));
    let is_here = |file: &Path| !file.iter().any(|part| OF_ANOTHER_ENGINE.iter().any(|name| part == *name));
    let online = files(&folder).into_iter().filter(|file| !is_offline(file) && is_here(file));
    let literals: Vec<String> = online.flat_map(|file| literals(&fs::read_to_string(file).unwrap())).collect();
    assert!(literals.len() > 60, "{} statements found", literals.len());

    let mut connection = SqliteConnection::connect(&stage.database()).await.unwrap();
    let (prepare, literals): (Vec<String>, Vec<String>) =
        literals.into_iter().partition(|text| text.starts_with("CREATE TEMP"));
    for sql in prepare {
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut connection).await.unwrap();
    }
    let recorded = RECORDED.get_or_init(Mutex::default).lock().unwrap().clone();
    let mut statements: BTreeSet<String> = trigger_steps(&mut connection).await.into_iter().collect();
    let mut faults = Vec::new();
    for literal in &literals {
        let run: Vec<&String> = recorded.iter().filter(|sql| sql.contains(literal.as_str())).collect();
        let of = if run.is_empty() { vec![literal] } else { run };
        let parts: Vec<String> = of.into_iter().flat_map(|sql| sql.split(';')).map(plain).collect();
        statements.extend(parts);
    }
    for sql in statements.iter().filter(|sql| is_sql(sql) && !MAY_SCAN.iter().any(|(part, _)| sql.contains(part))) {
        match scans(&mut connection, sql).await {
            Ok(scans) if scans.is_empty() => {}
            Ok(scans) => faults.push(format!("{scans:?} in {sql}")),
            Err(error) => faults.push(format!("{error} in {sql}")),
        }
    }
    // A fragment must have been run as a part of a statement.
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n\n"));
}

#[test]
fn a_scan_is_recognised() {
    for step in [
        "SCAN messages",
        "SCAN m USING INDEX messages_by_number",
        "SEARCH messages USING PRIMARY KEY (room=?)",
        "SEARCH x USING AUTOMATIC COVERING INDEX (room=?)",
        "SCAN search VIRTUAL TABLE INDEX 0:",
    ] {
        assert!(is_scan(step), "{step}");
    }
    for step in [
        "SEARCH messages USING PRIMARY KEY (room=? AND seq>?)",
        "SCAN pair VIRTUAL TABLE INDEX 1:",
        "SCAN search VIRTUAL TABLE INDEX 0:M1",
        "SCAN CONSTANT ROW",
        "CORRELATED SCALAR SUBQUERY 1",
    ] {
        assert!(!is_scan(step), "{step}");
    }
    assert_eq!(
        literals("let sql = \"SELECT a \\\n    FROM b\"; // \"SELECT c\"\nlet c = '\"'; f(\"x\")"),
        ["SELECT a FROM b", "SELECT c"]
    );
}
