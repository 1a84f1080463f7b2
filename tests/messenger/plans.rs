//! Every statement of the store has a plan without a full scan. None escapes: the statements are the string literals of
//! `src/server/store`, and what is put together of several is recorded while people use the messenger.

use std::{
    collections::BTreeSet,
    fmt::Debug,
    fs,
    path::Path,
    sync::{Mutex, OnceLock},
};

use daehwa::{
    protocol::{
        chat::ChatEvent,
        cursor::Cursor,
        ids::{MessageId, RoomId},
        lobby::LobbyEvent,
    },
    server::messenger::{NewMessage, Place},
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

use crate::stage::Stage;

/// Files whose statements are of commands that look at everything, beside the server or before it serves.
const OFFLINE: [&str; 3] = ["check.rs", "backup.rs", "tables.rs"];
/// Statements that may scan, and why.
const MAY_SCAN: [(&str, &str); 5] = [
    ("FROM users ORDER BY login", "every account, for an operator's command"),
    ("max(active_at)", "once, when the store is opened"),
    ("number IS NULL AND body <> ''", "a partial index of what it is looking for, when the store is opened"),
    ("INSERT INTO users", "SQLite passes over children of a new parent unless a deferred key is open"),
    ("EXISTS (SELECT 1 FROM users LIMIT 1)", "the first row alone"),
];
/// Tables that hold a handful of rows: of the writer's connection, of a recursion, of a limit.
const SMALL: [&str; 6] = ["posted", "clock", "bounds", "next", "meta", "CONSTANT"];

static RECORDED: OnceLock<Mutex<BTreeSet<String>>> = OnceLock::new();

/// Keeps every statement that sqlx says it ran.
struct Recorder;

#[derive(Default)]
struct Statement {
    summary: String,
    whole: String,
}

impl Visit for Statement {
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
        let mut statement = Statement::default();
        event.record(&mut statement);
        // A short one is its own summary.
        let sql = if statement.whole.is_empty() { statement.summary } else { statement.whole };
        // Migrations are whole files.
        if !sql.contains("CREATE ") {
            RECORDED.get_or_init(Mutex::default).lock().unwrap().insert(plain(&sql));
        }
    }
}

/// With single spaces.
fn plain(sql: &str) -> String {
    sql.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The string literals of a file's product code that are SQL or a part of it.
fn literals(source: &str) -> Vec<String> {
    let product = source.split("\n#[cfg(test)]").next().unwrap_or_default();
    let code: String =
        product.lines().filter(|line| !line.trim_start().starts_with("//")).flat_map(|line| [line, "\n"]).collect();
    let (mut found, mut rest) = (Vec::new(), code.as_str());
    while let Some(begin) = rest.find('"') {
        // A quote as a character is none.
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

/// Everything that reads or writes rows, so that each kind of statement is run once.
async fn live(stage: &Stage) {
    let (minsu, younghee, direct) = stage.pair().await;
    let messenger = &stage.messenger;
    let mut list = younghee.lobby().await;
    let group = messenger.open_group(minsu.id, vec![younghee.id], None).await.unwrap();
    let id = stage.post(&minsu, direct, "몇 시예요?").await;
    let listed = |event| match event {
        LobbyEvent::RoomChanged { room } if room.id == direct => Some(()),
        _ => None,
    };
    list.lobby_event(listed).await;
    let answer = NewMessage { id: MessageId::new(), body: "세 시요".into(), reply_to: Some(id) };
    for _ in 0..2 {
        messenger.post(younghee.id, direct, answer.clone()).await.unwrap();
    }
    messenger.react(younghee.id, direct, id, "👍", true).await.unwrap();
    messenger.edit(minsu.id, direct, id, "몇 시에 만나요?".into()).await.unwrap();
    for place in [Place::Newest, Place::Before(9), Place::After(0), Place::Around(1), Place::AroundTime(1)] {
        messenger.page(minsu.id, direct, place).await.unwrap();
    }
    let epoch = messenger.room(minsu.id, direct).await.unwrap().cursor.epoch;
    let resumed = messenger.resume(minsu.id, direct, Some(Cursor { epoch, version: 1 })).await.unwrap();
    assert!(matches!(resumed, ChatEvent::Resumed { .. }));
    messenger.search(minsu.id, "만나".into(), None).await.unwrap();
    messenger.recall(minsu.id, direct, id).await.unwrap();
    leave(stage, group, &minsu, &younghee).await;
}

async fn leave(stage: &Stage, group: RoomId, minsu: &crate::stage::Person, younghee: &crate::stage::Person) {
    stage.messenger.mark_read(younghee.id, group, 1).await.unwrap();
    stage.messenger.leave(younghee.id, group).await.unwrap();
    stage.messenger.invite(minsu.id, group, vec![younghee.id], true).await.unwrap();
    stage.messenger.lobby(minsu.id, None).await.unwrap();
}

/// The plan's steps that read everything.
async fn scans(connection: &mut SqliteConnection, sql: &str) -> sqlx::Result<Vec<String>> {
    let explain = format!("EXPLAIN QUERY PLAN {sql}");
    let steps: Vec<(i64, i64, i64, String)> = sqlx::query_as(AssertSqlSafe(explain)).fetch_all(connection).await?;
    Ok(steps.into_iter().map(|(.., step)| step).filter(|step| is_scan(step)).collect())
}

fn is_scan(step: &str) -> bool {
    let of = step.split(' ').nth(1).unwrap_or_default();
    // An index that is made for one statement reads all; so does a search for a whole room.
    let is_whole = step.contains("AUTOMATIC") || step.ends_with("(room=?)") && ["m", "messages", "last"].contains(&of);
    let is_given = step.contains("VIRTUAL TABLE INDEX") && !step.ends_with(" INDEX 0:");
    is_whole || step.starts_with("SCAN ") && !is_given && !SMALL.contains(&of) && !of.starts_with('(')
}

/// What triggers do, with a value for each column of the row.
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

#[tokio::test]
async fn no_statement_of_the_store_reads_everything() {
    let layer = Recorder.with_filter(Targets::new().with_target("sqlx::query", LevelFilter::TRACE));
    tracing::subscriber::set_global_default(tracing_subscriber::registry().with(layer)).unwrap();
    let stage = Stage::new().await;
    live(&stage).await;

    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/server/store");
    let files = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    let online = files.filter(|file| !OFFLINE.iter().any(|name| file.ends_with(name)));
    let literals: Vec<String> = online.flat_map(|file| literals(&fs::read_to_string(file).unwrap())).collect();
    assert!(literals.len() > 60, "{} statements found", literals.len());

    let mut connection = SqliteConnection::connect(&stage.database()).await.unwrap();
    let prepare = literals.iter().find(|text| text.starts_with("CREATE TEMP")).unwrap();
    sqlx::raw_sql(AssertSqlSafe(prepare.clone())).execute(&mut connection).await.unwrap();
    let recorded = RECORDED.get_or_init(Mutex::default).lock().unwrap().clone();
    let mut statements: BTreeSet<String> = trigger_steps(&mut connection).await.into_iter().collect();
    let mut faults = Vec::new();
    for literal in literals.iter().filter(|literal| *literal != prepare) {
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
    // What is no statement by itself was to be run as a part of one.
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n\n"));
}

#[test]
fn a_scan_is_known_when_it_is_seen() {
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
