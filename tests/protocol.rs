//! docs/protocol.md is for people who write clients: every example in it must be of the language.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use daehwa::protocol::{
    chat::{ChatCommand, ChatEvent},
    lobby::{LobbyCommand, LobbyEvent},
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

const PAGE: &str = include_str!("../docs/protocol.md");

/// The examples of one kind, as they stand in the page.
fn examples(kind: &str) -> Vec<Value> {
    let fence = format!("```json {kind}\n");
    let blocks = PAGE.split(&fence).skip(1);
    blocks.map(|block| serde_json::from_str(block.split("```").next().unwrap()).unwrap()).collect()
}

/// Parses and writes back each example: nothing in it may be unknown or missing.
fn check<T: DeserializeOwned + Serialize>(kind: &str, variants: &[&str]) {
    let examples = examples(kind);
    for example in &examples {
        let value: T = serde_json::from_value(example.clone()).unwrap_or_else(|error| panic!("{error}: {example}"));
        assert_eq!(&serde_json::to_value(&value).unwrap(), example);
    }
    let mut shown: Vec<&str> = examples.iter().map(|example| example["type"].as_str().unwrap()).collect();
    shown.sort_unstable();
    shown.dedup();
    assert_eq!(shown, variants, "{kind}: each one has an example");
}

#[test]
fn every_example_is_of_the_language_and_every_word_has_one() {
    check::<LobbyCommand>(
        "lobby-command",
        &["deliver", "favour", "idle", "open_direct", "open_group", "pin", "ping", "search", "status"],
    );
    let lobby = [
        "delivered",
        "entered",
        "favourites",
        "found",
        "invited",
        "pong",
        "recalled",
        "refused",
        "room_changed",
        "room_gone",
        "users_changed",
        "welcome",
    ];
    check::<LobbyEvent>("lobby-event", &lobby);
    let commands = [
        "around",
        "around_time",
        "earlier",
        "edit",
        "hide",
        "invite",
        "later",
        "leave",
        "mute",
        "people",
        "ping",
        "post",
        "react",
        "read",
        "recall",
        "rename",
        "typing",
    ];
    check::<ChatCommand>("chat-command", &commands);
    let chat = [
        "advanced",
        "around",
        "earlier",
        "entered",
        "later",
        "members_changed",
        "message",
        "muted",
        "people",
        "pong",
        "reacted",
        "read",
        "refused",
        "renamed",
        "resumed",
        "typing",
        "welcome",
    ];
    check::<ChatEvent>("chat-event", &chat);
}
