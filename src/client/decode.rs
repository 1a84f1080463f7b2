//! What the browser hears, read from one parsed JSON value. serde's derive writes a parser for every type
//! and every way to it, which made a fifth of the download; these are a line a type. A test holds them to
//! what serde reads.

use serde::{Deserialize, de::IntoDeserializer};
use serde_json::Value;
use uuid::Uuid;

use crate::{
    client::{app::Page, state::pending::Pending},
    protocol::{
        chat::ChatEvent,
        cursor::Cursor,
        error::Refusal,
        ids::{MessageId, RoomId, UserId},
        lobby::{Hit, LobbyEvent, LobbySnapshot},
        message::{Line, Message, Quote, Reaction, Recalled},
        room::{Member, Room, RoomSnapshot},
        user::{Presence, Profile, User},
    },
};

/// A type that is read from JSON.
pub trait Decode: Sized {
    /// None when the value is not one.
    fn decode(value: &Value) -> Option<Self>;
}

/// None when the text is not JSON, or not such a value.
pub fn decode<T: Decode>(text: &str) -> Option<T> {
    T::decode(&serde_json::from_str(text).ok()?)
}

/// A text as it comes out of an HTML parser, which drops U+0000 and turns line ends into U+000A. Server and browser
/// render what is decoded here: with any other text the browser would not find the tree that the server wrote.
pub fn as_parsed(text: &str) -> String {
    if !text.bytes().any(|byte| byte == 0 || byte == b'\r') {
        return text.to_owned();
    }
    text.replace("\r\n", "\n").replace('\r', "\n").replace('\0', "")
}

fn field<T: Decode>(value: &Value, name: &str) -> Option<T> {
    T::decode(value.get(name).unwrap_or(&Value::Null))
}

/// A field that is left out when it is empty or false.
fn field_or_default<T: Decode + Default>(value: &Value, name: &str) -> Option<T> {
    value.get(name).map_or_else(|| Some(T::default()), T::decode)
}

impl Decode for bool {
    fn decode(value: &Value) -> Option<Self> {
        value.as_bool()
    }
}

impl Decode for u64 {
    fn decode(value: &Value) -> Option<Self> {
        value.as_u64()
    }
}

impl Decode for u32 {
    fn decode(value: &Value) -> Option<Self> {
        value.as_u64()?.try_into().ok()
    }
}

impl Decode for i64 {
    fn decode(value: &Value) -> Option<Self> {
        value.as_i64()
    }
}

impl Decode for String {
    fn decode(value: &Value) -> Option<Self> {
        value.as_str().map(as_parsed)
    }
}

impl Decode for Uuid {
    fn decode(value: &Value) -> Option<Self> {
        value.as_str()?.parse().ok()
    }
}

impl<T: Decode> Decode for Option<T> {
    fn decode(value: &Value) -> Option<Self> {
        if value.is_null() { Some(None) } else { T::decode(value).map(Some) }
    }
}

impl<T: Decode> Decode for Vec<T> {
    fn decode(value: &Value) -> Option<Self> {
        value.as_array()?.iter().map(T::decode).collect()
    }
}

macro_rules! ids {
    ($($id:ident)*) => { $(impl Decode for $id {
        fn decode(value: &Value) -> Option<Self> {
            Uuid::decode(value).map(Self::from)
        }
    })* };
}
ids!(MessageId RoomId UserId);

/// Enums of words: serde knows them already.
macro_rules! words {
    ($($word:ident)*) => { $(impl Decode for $word {
        fn decode(value: &Value) -> Option<Self> {
            let word: serde::de::value::StrDeserializer<'_, serde::de::value::Error> = value.as_str()?.into_deserializer();
            Self::deserialize(word).ok()
        }
    })* };
}
words!(Presence Recalled Refusal);

/// A struct's fields; after `;` those that may be left out.
macro_rules! fields {
    ($($name:ident { $($field:ident)* $(; $($left_out:ident)*)? })*) => { $(impl Decode for $name {
        fn decode(value: &Value) -> Option<Self> {
            Some(Self {
                $($field: field(value, stringify!($field))?,)*
                $($($left_out: field_or_default(value, stringify!($left_out))?,)*)?
            })
        }
    })* };
}
fields! {
    Cursor { epoch version }
    Hit { room message }
    LobbySnapshot { me cursor users rooms; since favourites }
    Member { id login name here last_read; has_left is_disabled is_ambiguous }
    Message { id seq version author body sent_at edited_at recalled reply_to line; answers_hidden reactions }
    Pending { id body reply_to is_edit sent_at refused }
    Quote { id seq author body }
    Reaction { emoji users }
    Room { id is_group title others size last unread active_at is_muted is_hidden; is_pinned }
    RoomSnapshot { room is_group title is_muted members messages cursor has_earlier; has_later }
    Profile { ; department title email status order }
    User { id login name presence; profile is_ambiguous }
}

/// An enum whose variant stands in a field of its own.
macro_rules! tagged {
    ($($name:ident by $tag:literal { $($word:literal => $variant:ident { $($field:ident)* })* $(; $snapshot_word:literal => $snapshot:ident)? })*) => {
        $(impl Decode for $name {
            fn decode(value: &Value) -> Option<Self> {
                Some(match value.get($tag)?.as_str()? {
                    $($word => Self::$variant { $($field: field(value, stringify!($field))?,)* },)*
                    $($snapshot_word => Self::$snapshot(Decode::decode(value)?),)?
                    _ => return None,
                })
            }
        })*
    };
}
tagged! {
    Line by "kind" {
        "made" => Made {}
        "invited" => Invited { users }
        "left" => Left {}
        "renamed" => Renamed { title }
    }
    ChatEvent by "type" {
        "resumed" => Resumed { title is_muted members messages cursor }
        "message" => Message { message cursor }
        "reacted" => Reacted { id seq emoji user on cursor }
        "advanced" => Advanced { cursor }
        "members_changed" => MembersChanged { members }
        "renamed" => Renamed { title }
        "muted" => Muted { on }
        "read" => Read { users seq }
        "typing" => Typing { user }
        "earlier" => Earlier { messages has_earlier }
        "later" => Later { messages has_later }
        "around" => Around { messages has_earlier has_later }
        "people" => People { users }
        "entered" => Entered { room }
        "refused" => Refused { error id }
        "pong" => Pong {}
        ; "welcome" => Welcome
    }
    LobbyEvent by "type" {
        "users_changed" => UsersChanged { users cursor }
        "room_changed" => RoomChanged { room }
        "room_gone" => RoomGone { room }
        "favourites" => Favourites { users }
        "entered" => Entered { room }
        "invited" => Invited { room by }
        "recalled" => Recalled { room ids }
        "delivered" => Delivered { room id }
        "found" => Found { query hits before }
        "refused" => Refused { error id }
        "pong" => Pong {}
        ; "welcome" => Welcome
    }
    Page by "page" {
        "main" => Main { lobby room }
        "room" => Room { me room }
        "aside" => Aside { lobby }
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Debug;

    use serde::{Serialize, de::DeserializeOwned};

    use super::*;

    const PROTOCOL: &str = include_str!("../../docs/protocol.md");

    /// Reads each example of docs/protocol.md, which has one for every event, in both ways.
    fn check<T: Decode + DeserializeOwned + PartialEq + Debug>(kind: &str) -> usize {
        let fence = format!("```json {kind}\n");
        let examples = PROTOCOL.split(&fence).skip(1).map(|block| block.split("```").next().unwrap());
        let each = |example: &str| assert_eq!(decode::<T>(example), serde_json::from_str(example).ok(), "{example}");
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

    fn message() -> Message {
        let quote = Quote { id: MessageId::new(), seq: 1, author: UserId::new(), body: "\"몇 시\" \\".into() };
        Message {
            edited_at: Some(-1),
            recalled: Some(Recalled::AfterRead),
            reply_to: Some(quote),
            answers_hidden: true,
            reactions: vec![Reaction { emoji: "👍".into(), users: vec![UserId::new()] }],
            line: Some(Line::Renamed { title: None }),
            ..Message::new(MessageId::new(), u64::MAX >> 1, UserId::new(), "줄\n바꿈\u{1}\u{202e}".into(), i64::MAX)
        }
    }

    #[test]
    fn what_serde_reads_is_read_alike() {
        assert!(check::<ChatEvent>("chat-event") >= 16);
        assert!(check::<LobbyEvent>("lobby-event") >= 10);
    }

    #[test]
    fn every_field_comes_back() {
        same(&message());
        for line in [
            Line::Made,
            Line::Left,
            Line::Invited { users: vec![UserId::new()] },
            Line::Renamed { title: Some("가".into()) },
        ] {
            same(&line);
        }
        let pending = Pending {
            id: MessageId::new(),
            body: "x".into(),
            reply_to: message().reply_to,
            is_edit: true,
            sent_at: 1,
            refused: Some(Refusal::TooLate),
        };
        same(&pending);
        same(&Pending { reply_to: None, refused: None, ..pending });
        same(&Member {
            id: UserId::new(),
            login: "x".into(),
            name: "y".into(),
            is_ambiguous: true,
            here: true,
            last_read: 1,
            has_left: true,
            is_disabled: true,
        });
    }

    #[test]
    fn what_is_not_one_is_none() {
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
            assert_eq!(decode::<ChatEvent>(text), None, "{text}");
        }
    }
}
