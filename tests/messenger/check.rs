//! `daehwa check` and `daehwa backup`: what they find, and what they leave.

use daehwa::{
    protocol::{ids::MessageId, lobby::LobbyEvent},
    server::messenger::{Durability, Finding, Messenger, backup, check},
};

use crate::stage::{Stage, unlimited};

/// A store in which everything that can happen has happened.
async fn lived_in() -> Stage {
    let stage = Stage::new().await;
    let (minsu, younghee, room) = stage.pair().await;
    let first = stage.post(&minsu, room, "오늘 회의를 합니다").await;
    let second = stage.post(&younghee, room, "네 😀 알겠습니다").await;
    let answer = daehwa::server::messenger::NewMessage {
        id: MessageId::new(),
        body: "감사합니다".into(),
        reply_to: Some(second),
    };
    stage.messenger.post(minsu.id, room, answer).await.unwrap();
    stage.messenger.react(minsu.id, room, second, "👍", true).await.unwrap();
    // What is changed is in the index by then, and at the end all is.
    stage.messenger.search(minsu.id, "회의".into(), None).await.unwrap();
    stage.messenger.edit(minsu.id, room, first, "내일 회의를 합니다".into()).await.unwrap();
    let taken_back = stage.post(&minsu, room, "아닙니다").await;
    stage.messenger.recall(minsu.id, room, taken_back).await.unwrap();
    let group = stage.messenger.open_group(minsu.id, vec![younghee.id], Some("모임".into())).await.unwrap();
    stage.post(&younghee, group, "모임에서 한 말").await;
    stage.messenger.leave(younghee.id, group).await.unwrap();
    stage.messenger.mark_read(younghee.id, room, u64::MAX).await.unwrap();
    stage.messenger.search(minsu.id, "회의".into(), None).await.unwrap();
    stage
}

fn wrong(findings: Vec<Finding>) -> Vec<&'static str> {
    findings.into_iter().filter(|finding| !finding.wrong.is_empty()).map(|finding| finding.what).collect()
}

#[tokio::test]
async fn a_store_that_was_lived_in_is_well_while_it_is_in_use() {
    let stage = lived_in().await;
    let findings = check(stage.data.path()).await.unwrap();
    assert!(findings.len() > 12 && findings.iter().all(|finding| finding.wrong.is_empty()), "{findings:?}");
}

#[tokio::test]
async fn every_kind_of_damage_is_found() {
    for (damage, expected) in [
        ("UPDATE rooms SET version = version + 1", "a room's version is that of its newest change"),
        ("DELETE FROM messages WHERE seq = version AND body = '감사합니다'", "every number of the index has its text"),
        ("UPDATE messages SET body = '바꿔치기' WHERE body LIKE '내일%'", "the search index holds the words"),
        ("UPDATE messages SET number = NULL WHERE body LIKE '내일%'", "every text has its number in the index"),
        ("INSERT INTO search (rowid, pairs) VALUES (77, '00ac0000ac00')", "the search index holds the words"),
        ("UPDATE memberships SET last_read = 99", "nobody has read, begun or left beyond"),
        ("UPDATE memberships SET left_at = 1", "the conversation of two people has these two"),
        ("DELETE FROM directs", "every room is a group or the conversation of two people"),
        ("UPDATE messages SET recalled = NULL WHERE recalled IS NOT NULL", "what was written has a text"),
        (
            "UPDATE reactions SET seq = 1; UPDATE messages SET body = '', number = NULL, recalled = 1 WHERE seq = 1",
            "reactions are to messages that are there",
        ),
        ("DELETE FROM memberships WHERE left_at IS NOT NULL", "authors are or were members"),
        ("UPDATE messages SET author = randomblob(16) WHERE seq = 1", "everything that is referred to is there"),
        ("UPDATE messages SET reply_to = id WHERE reply_to IS NOT NULL", "what is answered is in the same room"),
        ("UPDATE messages SET version = 3 WHERE seq = 2 AND version = 4", "no two messages of a room have one version"),
        ("UPDATE messages SET version = 0 WHERE seq = 3", "a message changes after it was posted"),
    ] {
        let stage = lived_in().await;
        stage.messenger.close().await;
        stage.sql(&format!("PRAGMA foreign_keys = OFF; PRAGMA ignore_check_constraints = ON; {damage}")).await;
        let found = wrong(check(stage.data.path()).await.unwrap());
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
    // Badly enough torn it cannot be read at all, which is an answer too.
    assert!(!check(stage.data.path()).await.is_ok_and(|findings| wrong(findings).is_empty()));
}

#[tokio::test]
async fn a_backup_is_whole_and_begins_a_new_history() {
    let stage = lived_in().await;
    let directory = tempfile::tempdir().unwrap();
    let copy = directory.path().join("daehwa.db");
    backup(stage.data.path(), &copy).await.unwrap();
    assert!(backup(stage.data.path(), &copy).await.is_err(), "nothing is overwritten");
    assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 1, "one file");
    assert!(wrong(check(directory.path()).await.unwrap()).is_empty());
    let restored = Messenger::open(directory.path(), unlimited()).await.unwrap();
    let sign_in = restored.sign_in("minsu", crate::stage::PASSWORD, crate::stage::HERE).await.unwrap();
    let rooms = restored.lobby(sign_in.user, None).await.unwrap().rooms;
    for room in rooms {
        let (before, after) = (
            stage.messenger.room(sign_in.user, room.id).await.unwrap(),
            restored.room(sign_in.user, room.id).await.unwrap(),
        );
        assert_eq!(before.messages, after.messages);
        assert_ne!(before.cursor.epoch, after.cursor.epoch);
    }
    let found = restored.search(sign_in.user, "회의".into(), None).await.unwrap();
    assert!(matches!(found, LobbyEvent::Found { hits, .. } if hits.len() == 1));
}

#[tokio::test]
async fn a_database_from_before_the_index_is_indexed_when_it_is_opened() {
    let stage = lived_in().await;
    stage.messenger.close().await;
    let forget =
        "UPDATE messages SET number = NULL; DELETE FROM indexed; INSERT INTO search (search) VALUES ('delete-all')";
    stage.sql(forget).await;
    assert!(!wrong(check(stage.data.path()).await.unwrap()).is_empty());
    let settings = daehwa::server::messenger::Settings { durability: Durability::Full, ..unlimited() };
    let messenger = Messenger::open(stage.data.path(), settings).await.unwrap();
    let sign_in = messenger.sign_in("minsu", crate::stage::PASSWORD, crate::stage::HERE).await.unwrap();
    let found = messenger.search(sign_in.user, "회의".into(), None).await.unwrap();
    assert!(matches!(found, LobbyEvent::Found { hits, .. } if hits.len() == 1));
    messenger.close().await;
    assert!(wrong(check(stage.data.path()).await.unwrap()).is_empty());
}
