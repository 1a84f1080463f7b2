//! docs/protocol.md is for developers of clients: its examples must parse, its limits must be those of the protocol.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use protocol::{
    limit,
    lobby_socket::{LobbyCommand, LobbyEvent},
    room_socket::{RoomCommand, RoomEvent},
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

const PAGE: &str = include_str!("../docs/protocol.md");

/// The examples of one kind on the page.
fn examples(kind: &str) -> Vec<Value> {
    let fence = format!("```json {kind}\n");
    let blocks = PAGE.split(&fence).skip(1);
    blocks.map(|block| serde_json::from_str(block.split("```").next().unwrap()).unwrap()).collect()
}

/// Parses each example and serialises it again: no field may be unknown or missing. `variants` are all types of this
/// kind, in alphabetical order.
fn check<T: DeserializeOwned + Serialize>(kind: &str, variants: &str) {
    let examples = examples(kind);
    for example in &examples {
        let value: T = serde_json::from_value(example.clone()).unwrap_or_else(|error| panic!("{error}: {example}"));
        assert_eq!(&serde_json::to_value(&value).unwrap(), example);
    }
    let mut shown: Vec<&str> = examples.iter().map(|example| example["type"].as_str().unwrap()).collect();
    shown.sort_unstable();
    shown.dedup();
    assert_eq!(shown, variants.split_whitespace().collect::<Vec<_>>(), "{kind}: each type has an example");
}

#[test]
fn every_example_parses_and_every_command_and_event_has_one() {
    check::<LobbyCommand>(
        "lobby-command",
        "absence bookmark collect deliver department favour find_people hide idle mute open_direct open_group people pin ping search status \
         unschedule watch",
    );
    check::<LobbyEvent>(
        "lobby-event",
        "bookmarked collected delivered department entered favourites found invited people_found pong presence recalled refused room_changed \
         room_gone settings unsent users_changed welcome",
    );
    check::<RoomCommand>(
        "chat-command",
        "announce around around_time bookmark confirm earlier edit files find_people forward hide invite later leave limit_pins members mute people \
         pin_message ping post react read recall remove rename reschedule schedule search send_scheduled targets typing unschedule",
    );
    check::<RoomEvent>(
        "chat-event",
        "advanced around bookmarked confirmed earlier entered files forwarded found later members members_changed message muted people people_found pins pong \
         reacted read refused renamed resumed scheduled targets typing unscheduled welcome",
    );
}

#[test]
fn the_limits_on_the_page_are_those_of_the_protocol() {
    let page = PAGE.replace(',', "");
    for (number, text) in [
        (limit::BODY_CHARS, "A body has 1 to {} characters"),
        (limit::BODY_CHARS, "more than {} characters |"),
        (limit::QUOTE_CHARS, "quotes at most {} characters"),
        (limit::TITLE_CHARS, "| `invalid_title` | more than {} characters"),
        (limit::PROFILE_CHARS, "a status of more than {} characters"),
        (limit::GROUP_MEMBERS, "a group has up to {} members"),
        (limit::REACTIONS, "a message up to {} different reactions"),
        (limit::FILES, "A message has up to {} files"),
        (limit::FILES, "different reactions and {} files"),
        (limit::MENTIONS, "and mentions {} users"),
        (limit::PINS, "a room has up to {} pinned messages"),
        (limit::PINNED_CHARS, "with at most {} characters of each"),
        (limit::BOOKMARKS, "a user has up to {} bookmarks"),
        (limit::SCHEDULED, "bookmarks and {} scheduled messages"),
        (limit::FORWARDED, "copies up to {} messages of this room"),
        (limit::FORWARD_TARGETS, "into up to {} rooms"),
        (limit::WAITING_FILES, "a user has up to {} pending uploads and unattached files"),
        (limit::FILE_NAME_BYTES, "| `name` | NFC at most {} bytes"),
        (limit::PAGE_FILES, "newest first at most {};"),
        (limit::QUERY_CHARS, "a search has 1 to {} characters"),
        (limit::WATCHED, "a socket watches up to {} users"),
        (limit::WATCHED_DEPARTMENTS, "users and {} departments |"),
        (limit::PAGE_PEOPLE, "and its own users at most {}:"),
        (limit::PAGE_FOUND_PEOPLE, "order of the address book {} at a time"),
        (limit::FRAME_BYTES / 1024, "a frame of more than {} KiB"),
    ] {
        let expected = text.replace("{}", &number.to_string()).replace(',', "");
        assert!(page.contains(&expected), "{expected}");
    }
}
