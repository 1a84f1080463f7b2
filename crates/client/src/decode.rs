//! Decodes events and snapshots from a parsed JSON value, one line per type. serde's derive generates a parser for
//! every type and every path to it, which was a fifth of the download. A test compares the results with serde's.

use serde::{Deserialize, de::IntoDeserializer};
use serde_json::Value;
use uuid::Uuid;

use crate::state::{
    unsent_message::UnsentMessage,
    upload::{KeptFile, KeptFiles, Outgoing},
};
use protocol::{
    cursor::Cursor,
    error::Refusal,
    file::{Attachment, PreviewSize, RoomFile},
    ids::{FileId, MessageId, RoomId, UserId},
    lobby_socket::{Collection, Hit, LobbyEvent, LobbySnapshot},
    message::{Forwarded, Mentions, Message, PinnedMessage, Quote, Reaction, Recalled, SystemEvent},
    page::LivePage,
    people::{DepartmentCount, PeopleCount, WatchedPresence},
    room::{Member, RoomDelta, RoomDetails, RoomSnapshot, RoomSummary},
    room_socket::{Forward, RoomEvent},
    schedule::ScheduledMessage,
    user::{Absence, Presence, Profile, User},
};

/// A type that can be decoded from JSON.
pub trait Decode: Sized {
    /// `None` for a value of another shape.
    fn decode(value: &Value) -> Option<Self>;

    /// The same from a value that the result may keep.
    fn decode_owned(value: Value) -> Option<Self> {
        Self::decode(&value)
    }
}

/// `None` for a text that is not JSON, or a value of another shape.
pub fn decode<T: Decode>(text: &str) -> Option<T> {
    T::decode_owned(serde_json::from_str(text).ok()?)
}

/// A text as an HTML parser reads it: without U+0000, line ends as U+000A. The browser renders decoded texts, the
/// server normalised ones ([`crate::normalise`]); if they differed, hydration would not find the tree of the document.
pub fn as_parsed(text: &str) -> String {
    if !text.bytes().any(|byte| byte == 0 || byte == b'\r') {
        return text.to_owned();
    }
    text.replace("\r\n", "\n").replace('\r', "\n").replace('\0', "")
}

pub(crate) fn field<T: Decode>(value: &Value, name: &str) -> Option<T> {
    T::decode(value.get(name).unwrap_or(&Value::Null))
}

/// A field that serde leaves out when it is empty or false.
pub(crate) fn field_or_default<T: Decode + Default>(value: &Value, name: &str) -> Option<T> {
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
ids!(FileId MessageId RoomId UserId);

/// Enums without fields: serde's derive for them is in the download already.
macro_rules! words {
    ($($word:ident)*) => { $(impl Decode for $word {
        fn decode(value: &Value) -> Option<Self> {
            let word: serde::de::value::StrDeserializer<'_, serde::de::value::Error> = value.as_str()?.into_deserializer();
            Self::deserialize(word).ok()
        }
    })* };
}
words!(Collection Presence Recalled Refusal);

/// The key of a field in JSON: its name, or the literal after it.
macro_rules! key {
    ($field:ident) => {
        stringify!($field)
    };
    ($field:ident $key:literal) => {
        $key
    };
}

/// A struct's fields, `field = "key"` if JSON has another name; after `;` the fields that may be left out. Before them,
/// after `+`, a flattened field.
macro_rules! fields {
    ($($name:ident { $(+ $part:ident;)? $($field:ident $(= $key:literal)?)* $(; $($left_out:ident $(= $its_key:literal)?)*)? })*) => { $(impl Decode for $name {
        fn decode(value: &Value) -> Option<Self> {
            Some(Self {
                $($part: Decode::decode(value)?,)?
                $($field: field(value, key!($field $($key)?))?,)*
                $($($left_out: field_or_default(value, key!($left_out $($its_key)?))?,)*)?
            })
        }
    })* };
}
fields! {
    Attachment { id name media_type = "type" size preview text }
    Cursor { epoch version }
    Hit { room message }
    Forward { id ids; rooms users comment }
    Forwarded { ; author }
    Mentions { ; users all }
    LobbySnapshot { me cursor users rooms; resumed_from = "since" people departments favourites settings unsent }
    Member { id login name is_present = "here" last_read; joined has_left is_disabled is_ambiguous }
    Message { id seq version author body sent_at edited_at recalled reply_to forwarded confirmations system_event = "line"; answers_hidden mentions files reactions }
    KeptFile { name size modified media_type is_original message id offset }
    KeptFiles { files outgoing }
    Outgoing { id body reply_to sent_at; mentions asks_confirmation }
    UnsentMessage { id body reply_to is_edit sent_at refused; mentions files asks_confirmation }
    PeopleCount { count online; departments }
    DepartmentCount { path people online }
    WatchedPresence { ; online = "here" idle busy offline = "away" disabled departments }
    PinnedMessage { id seq author body by; is_announcement = "announced" }
    PreviewSize { width height }
    Quote { id seq author body }
    Reaction { emoji users }
    RoomFile { seq author sent_at file }
    RoomSummary { id is_group title others size last unread mentioned active_at is_muted is_hidden; mentions_only is_pinned }
    RoomDelta { + details; messages }
    RoomDetails { is_muted members cursor title; mentions_only pins pins_by_maker bookmarks scheduled }
    RoomSnapshot { + details; room is_group messages has_earlier; has_later }
    ScheduledMessage { id room at body reply_to; mentions asks_confirmation failed }
    Profile { ; department title email status status_until order }
    User { id login name presence; profile is_ambiguous absence }
    Absence { from until; text is_now = "now" }
}

/// An enum whose variant is named by a field; after `;` the fields that may be left out.
macro_rules! tagged {
    ($($name:ident by $tag:literal { $($word:literal => $variant:ident { $($field:ident)* $(; $($left_out:ident)*)? })* $(; $($struct_word:literal => $struct_variant:ident)*)? })*) => {
        $(impl Decode for $name {
            fn decode(value: &Value) -> Option<Self> {
                Some(match value.get($tag)?.as_str()? {
                    $($word => Self::$variant {
                        $($field: field(value, stringify!($field))?,)*
                        $($($left_out: field_or_default(value, stringify!($left_out))?,)*)?
                    },)*
                    $($($struct_word => Self::$struct_variant(Decode::decode(value)?),)*)?
                    _ => return None,
                })
            }
        })*
    };
}
tagged! {
    SystemEvent by "kind" {
        "made" => Made {}
        "invited" => Invited { users }
        "removed" => Removed { users }
        "announced" => Announced {}
        "unannounced" => Unannounced {}
        "pins_limited" => PinsLimited { on }
        "left" => Left {}
        "absent" => Absent { until; text }
        "renamed" => Renamed { title }
    }
    RoomEvent by "type" {
        "message" => Message { message cursor }
        "reacted" => Reacted { id seq emoji user on cursor }
        "confirmed" => Confirmed { id seq author user cursor after }
        "advanced" => Advanced { cursor after }
        "members_changed" => MembersChanged { members }
        "renamed" => Renamed { title }
        "pins" => Pins { pins by_maker }
        "bookmarked" => Bookmarked { id on }
        "scheduled" => Scheduled { message }
        "unscheduled" => Unscheduled { id }
        "muted" => Muted { on; mentions_only }
        "read" => Read { users seq }
        "typing" => Typing { user }
        "earlier" => Earlier { messages has_earlier }
        "later" => Later { messages has_later }
        "around" => Around { messages has_earlier has_later }
        "found" => Found { query messages before }
        "people" => People { users; partial }
        "people_found" => PeopleFound { query users after }
        "files" => Files { query files before }
        "forwarded" => Forwarded { id rooms }
        "targets" => Targets { rooms users; partial }
        "members" => Members { users }
        "entered" => Entered { room }
        "refused" => Refused { error id }
        "pong" => Pong {}
        ; "welcome" => Welcome "resumed" => Resumed
    }
    LobbyEvent by "type" {
        "users_changed" => UsersChanged { users cursor }
        "room_changed" => RoomChanged { room }
        "room_gone" => RoomGone { room; by }
        "favourites" => Favourites { users }
        "settings" => Settings { settings }
        "entered" => Entered { room }
        "invited" => Invited { room by; is_direct }
        "recalled" => Recalled { room ids }
        "delivered" => Delivered { room id }
        "bookmarked" => Bookmarked { room id on }
        "unsent" => UnsentScheduled { messages }
        "collected" => Collected { of hits before }
        "found" => Found { query hits before }
        "refused" => Refused { error id }
        "pong" => Pong {}
        ; "welcome" => Welcome
    }
    LivePage by "page" {
        "main" => Main { lobby room }
        "room" => Room { me room }
        "aside" => Aside { lobby }
    }
}

#[cfg(test)]
mod tests;
