//! The decoders give what serde gives.

use std::fmt::Debug;

use serde::{Serialize, de::DeserializeOwned};

use super::*;
use crate::decode_on_demand::decode_on_demand;

const PROTOCOL: &str = include_str!("../../../../docs/protocol.md");

/// Decodes each example of docs/protocol.md, which has one per event, and compares it with serde's result.
fn check<T: DeserializeOwned + PartialEq + Debug>(kind: &str, decode: fn(&Value) -> Option<T>) -> usize {
    let fence = format!("```json {kind}\n");
    let examples = PROTOCOL.split(&fence).skip(1).map(|block| block.split("```").next().unwrap());
    let decoded = |example: &str| decode(&serde_json::from_str(example).unwrap());
    let each = |example: &str| assert_eq!(decoded(example), serde_json::from_str(example).ok(), "{example}");
    examples.map(each).count()
}

#[test]
fn texts_are_decoded_as_an_html_parser_reads_them() {
    let text = serde_json::to_string("\r\n줄\r바꿈\r\r\n\0끝\u{fffe}\u{2028}\u{85}\u{1b}").unwrap();
    assert_eq!(decode::<String>(&text).as_deref(), Some("\n줄\n바꿈\n\n끝\u{fffe}\u{2028}\u{85}\u{1b}"));
}

fn same<T: Decode + Serialize + PartialEq + Debug>(value: &T) {
    assert_eq!(decode::<T>(&serde_json::to_string(value).unwrap()).as_ref(), Some(value));
}

fn file() -> Attachment {
    Attachment {
        id: FileId::new(),
        name: "예산.hwp".into(),
        media_type: "application/x-hwp".into(),
        size: 48_211,
        preview: Some(PreviewSize { width: 640, height: 905 }),
        text: Some("2026년 예산안".into()),
    }
}

fn message() -> Message {
    let quote = Quote { id: MessageId::new(), seq: 1, author: UserId::new(), body: "\"몇 시\" \\".into() };
    Message {
        edited_at: Some(-1),
        recalled: Some(Recalled::AfterRead),
        reply_to: Some(quote),
        answers_hidden: true,
        mentions: Mentions { users: vec![UserId::new()], all: true },
        forwarded: Some(Forwarded { author: Some(UserId::new()) }),
        confirmations: Some(vec![UserId::new()]),
        files: vec![file()],
        reactions: vec![Reaction { emoji: "👍".into(), users: vec![UserId::new()] }],
        system_event: Some(SystemEvent::Renamed { title: None }),
        ..Message::new(MessageId::new(), u64::MAX >> 1, UserId::new(), "줄\n바꿈\u{1}\u{202e}".into(), i64::MAX)
    }
}

#[test]
fn every_example_decodes_as_by_serde() {
    let lobby = |value: &Value| LobbyEvent::decode(value).or_else(|| decode_on_demand(value));
    assert!(check::<RoomEvent>("chat-event", Decode::decode) >= 16);
    assert!(check::<LobbyEvent>("lobby-event", lobby) >= 10);
}

#[test]
fn every_field_comes_back() {
    same(&message());
    for event in [
        SystemEvent::Made,
        SystemEvent::Left,
        SystemEvent::Absent { until: 7, text: Some("휴가".into()) },
        SystemEvent::Absent { until: 7, text: None },
        SystemEvent::Invited { users: vec![UserId::new()] },
        SystemEvent::Removed { users: vec![UserId::new()] },
        SystemEvent::Renamed { title: Some("가".into()) },
    ] {
        same(&event);
    }
    let unsent = UnsentMessage {
        id: MessageId::new(),
        body: "x".into(),
        reply_to: message().reply_to,
        files: message().files,
        is_edit: true,
        mentions: message().mentions,
        asks_confirmation: true,
        sent_at: 1,
        refused: Some(Refusal::TooLate),
    };
    same(&unsent);
    same(&UnsentMessage { reply_to: None, refused: None, files: Vec::new(), ..unsent });
    let kept = KeptFile {
        name: "회의.png".into(),
        size: 1 << 40,
        modified: -1,
        media_type: "image/png".into(),
        is_original: true,
        message: Some(MessageId::new()),
        id: Some(FileId::new()),
        offset: 7,
    };
    let outgoing = Outgoing {
        id: MessageId::new(),
        body: "x".into(),
        reply_to: message().reply_to,
        mentions: message().mentions,
        asks_confirmation: true,
        sent_at: 1,
    };
    same(&KeptFiles {
        files: vec![KeptFile { message: None, id: None, ..kept.clone() }, kept],
        outgoing: vec![outgoing],
    });
    same(&Member {
        id: UserId::new(),
        login: "x".into(),
        name: "y".into(),
        is_ambiguous: true,
        is_present: true,
        last_read: 1,
        joined: 1,
        has_left: true,
        is_disabled: true,
    });
}

#[test]
fn values_of_another_shape_are_none() {
    for text in [
        "",
        "{",
        "null",
        "[]",
        "{}",
        r#"{"type":"x"}"#,
        r#"{"type":"read","users":["x"],"seq":1}"#,
        r#"{"type":"renamed","title":1}"#,
    ] {
        assert_eq!(decode::<RoomEvent>(text), None, "{text}");
    }
}
