//! `daehwa check` and `daehwa backup`.

use protocol::{ids::MessageId, message::Mentions, room_socket::Post};
use server::{
    messenger::{Messenger, backup, check, files_of_copy},
    model::{Durability, Finding},
};

use crate::stage::{Stage, unlimited};

/// A store with every kind of change.
async fn lived_in() -> Stage {
    let stage = Stage::new().await;
    let (minsu, younghee, room) = stage.pair().await;
    let first = stage.post(&minsu, room, "오늘 회의를 합니다").await;
    let second = stage.post(&younghee, room, "네 😀 알겠습니다").await;
    let answer = Post { reply_to: Some(second), ..Post::new(MessageId::new(), "감사합니다") };
    stage.messenger.messages().post(minsu.actor(), room, answer).await.unwrap();
    stage.messenger.messages().react(minsu.actor(), room, second, "👍", true).await.unwrap();
    // A search sees changed texts at once, and waits for all others.
    stage.messenger.search().messages(minsu.actor(), "회의", None).await.unwrap();
    stage.messenger.messages().edit(minsu.actor(), room, first, "내일 회의를 합니다".into()).await.unwrap();
    let taken_back = stage.post(&minsu, room, "아닙니다").await;
    stage.messenger.messages().recall(minsu.actor(), room, taken_back).await.unwrap();
    let group =
        stage.messenger.rooms().open_group(minsu.actor(), vec![younghee.id], Some("모임".into())).await.unwrap();
    stage.post(&younghee, group, "모임에서 한 말").await;
    let mentions = Mentions { users: vec![younghee.id], all: false };
    let mention = Post { mentions, ..Post::new(MessageId::new(), "@이영희") };
    stage.messenger.messages().post(minsu.actor(), group, mention).await.unwrap();
    stage.messenger.rooms().leave(younghee.actor(), group).await.unwrap();
    let files = vec![minsu.file("예산.hwp").await];
    let shared = Post { files, ..Post::new(MessageId::new(), "") };
    stage.messenger.messages().post(minsu.actor(), room, shared).await.unwrap();
    stage.messenger.messages().mark_read(younghee.actor(), room, u64::MAX).await.unwrap();
    stage.messenger.search().messages(minsu.actor(), "회의", None).await.unwrap();
    stage
}

fn wrong(findings: Vec<Finding>) -> Vec<&'static str> {
    findings.into_iter().filter(|finding| !finding.wrong.is_empty()).map(|finding| finding.what).collect()
}

#[tokio::test]
async fn a_used_store_passes_the_check_while_a_server_runs() {
    let stage = lived_in().await;
    let findings = check(stage.data.path(), None, true).await.unwrap();
    assert!(findings.len() > 12 && findings.iter().all(|finding| finding.wrong.is_empty()), "{findings:?}");
}

#[tokio::test]
async fn every_kind_of_damage_is_found() {
    for (damage, expected) in [
        ("UPDATE rooms SET version = version + 1", "a room's version is that of its newest change"),
        ("DELETE FROM messages WHERE seq = version AND body = '감사합니다'", "every number of the index has a text"),
        ("UPDATE messages SET body = '바꿔치기' WHERE body LIKE '내일%'", "the search index holds the words"),
        ("UPDATE messages SET number = NULL WHERE body LIKE '내일%'", "every text has a number in the index"),
        ("INSERT INTO search (rowid, pairs) VALUES (77, '00ac0000ac00')", "the search index holds the words"),
        ("UPDATE memberships SET last_read = 99", "read marks, bounds and ends of memberships"),
        ("UPDATE memberships SET left_at = 1", "a direct room has its people"),
        ("DELETE FROM directs", "every room is a group or a direct room"),
        ("UPDATE messages SET recalled = NULL WHERE recalled IS NOT NULL", "posts have a text"),
        (
            "UPDATE reactions SET seq = 1; UPDATE messages SET body = '', number = NULL, recalled = 1 WHERE seq = 1",
            "reactions belong to messages",
        ),
        ("DELETE FROM memberships WHERE left_at IS NOT NULL", "authors are current or former members"),
        ("UPDATE messages SET author = randomblob(16) WHERE seq = 1", "every reference leads to a row"),
        ("UPDATE messages SET reply_to = id WHERE reply_to IS NOT NULL", "a reply quotes an earlier message"),
        ("UPDATE messages SET version = 3 WHERE seq = 2 AND version = 4", "no two messages of a room have one version"),
        ("DELETE FROM files", "posts have a text or files"),
        ("UPDATE blobs SET refs = refs + 1", "a blob's refs are the files"),
        ("UPDATE files SET size = size + 1", "a file is as large as its blob"),
        ("UPDATE files SET owner = (SELECT id FROM users WHERE id <> owner)", "files belong to messages"),
        ("UPDATE used_bytes SET bytes = bytes + 1", "used bytes are those of files"),
        ("UPDATE used_bytes_of_all SET bytes = 0", "used bytes are those of files"),
        ("DELETE FROM blobs", "every reference leads to a row"),
        ("UPDATE files SET name = '바뀐 이름.hwp'", "the search index holds the words"),
        (
            "INSERT INTO pins (room, seq, user) SELECT room, seq, author FROM messages WHERE recalled IS NOT NULL",
            "pins and bookmarks are of",
        ),
        (
            "INSERT INTO confirmations (room, seq, user, version) SELECT room, seq, author, version FROM messages",
            "confirmations are of messages",
        ),
        ("UPDATE messages SET mentions = NULL", "mentions are of messages"),
        ("UPDATE messages SET version = 0 WHERE seq = 3", "no version of a message is below its seq"),
    ] {
        let stage = lived_in().await;
        stage.messenger.close().await;
        stage.sql(&format!("PRAGMA foreign_keys = OFF; PRAGMA ignore_check_constraints = ON; {damage}")).await;
        let found = wrong(check(stage.data.path(), None, true).await.unwrap());
        assert!(found.iter().any(|what| what.starts_with(expected)), "{damage}: {found:?}");
    }
}

#[tokio::test]
async fn a_torn_file_is_found() {
    let stage = lived_in().await;
    stage.messenger.close().await;
    let file = stage.data.path().join("daehwa.db");
    let mut bytes = std::fs::read(&file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle..middle + 8192].fill(0xA5);
    std::fs::write(&file, bytes).unwrap();
    // A file that cannot be read is a finding, too.
    assert!(!check(stage.data.path(), None, true).await.is_ok_and(|findings| wrong(findings).is_empty()));
}

#[tokio::test]
async fn a_backup_is_complete_and_starts_a_new_epoch() {
    let stage = lived_in().await;
    let directory = tempfile::tempdir().unwrap();
    let copy = directory.path().join("daehwa.db");
    backup(stage.data.path(), None, &copy, true).await.unwrap();
    assert!(backup(stage.data.path(), None, &copy, true).await.is_err(), "nothing is overwritten");
    assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 2, "a file and a directory");
    std::fs::rename(files_of_copy(&copy), directory.path().join("files")).unwrap();
    assert!(wrong(check(directory.path(), None, true).await.unwrap()).is_empty());
    let restored = Messenger::open(directory.path(), unlimited()).await.unwrap();
    let sign_in = restored.accounts().sign_in("minsu", crate::stage::PASSWORD, crate::stage::HERE).await.unwrap();
    let rooms = restored.people().lobby(crate::stage::actor(sign_in.user), None).await.unwrap().rooms;
    for room in rooms {
        let (before, after) = (
            stage.messenger.rooms().snapshot(crate::stage::actor(sign_in.user), room.id).await.unwrap(),
            restored.rooms().snapshot(crate::stage::actor(sign_in.user), room.id).await.unwrap(),
        );
        assert_eq!(before.messages, after.messages);
        assert_ne!(before.details.cursor.epoch, after.details.cursor.epoch);
    }
    let found = restored.search().messages(crate::stage::actor(sign_in.user), "회의", None).await.unwrap();
    assert_eq!(found.hits.len(), 1);
}

#[tokio::test]
async fn a_database_from_before_the_index_is_indexed_when_it_is_opened() {
    let stage = lived_in().await;
    stage.messenger.close().await;
    let forget =
        "UPDATE messages SET number = NULL; DELETE FROM indexed; INSERT INTO search (search) VALUES ('delete-all')";
    stage.sql(forget).await;
    assert!(!wrong(check(stage.data.path(), None, true).await.unwrap()).is_empty());
    let settings = server::messenger::Policy { durability: Durability::Full, ..unlimited() };
    let messenger = Messenger::open(stage.data.path(), settings).await.unwrap();
    let sign_in = messenger.accounts().sign_in("minsu", crate::stage::PASSWORD, crate::stage::HERE).await.unwrap();
    let found = messenger.search().messages(crate::stage::actor(sign_in.user), "회의", None).await.unwrap();
    assert_eq!(found.hits.len(), 1);
    messenger.close().await;
    assert!(wrong(check(stage.data.path(), None, true).await.unwrap()).is_empty());
}
