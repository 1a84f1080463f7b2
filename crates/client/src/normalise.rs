//! Texts of a page as an HTML parser reads them. The server renders a page from its struct, the browser hydrates it
//! from the JSON that [`crate::decode`] reads; if their texts differed, the browser would not find the tree that the
//! server rendered.

use crate::decode::as_parsed;
use protocol::{
    file::Attachment,
    lobby_socket::LobbySnapshot,
    message::{Message, PinnedMessage, Quote, Reaction, SystemEvent},
    page::LivePage,
    people::{DepartmentCount, PeopleCount},
    room::{Member, RoomDetails, RoomSnapshot, RoomSummary},
    schedule::ScheduledMessage,
    user::{Absence, Profile, User},
};

/// A value that contains texts.
pub trait Normalise {
    /// Changes every text to the result of an HTML parser: without U+0000, line ends as U+000A.
    fn normalise(&mut self);
}

impl Normalise for String {
    fn normalise(&mut self) {
        if self.bytes().any(|byte| byte == 0 || byte == b'\r') {
            *self = as_parsed(self);
        }
    }
}

impl<T: Normalise> Normalise for Option<T> {
    fn normalise(&mut self) {
        self.iter_mut().for_each(T::normalise);
    }
}

impl<T: Normalise> Normalise for Vec<T> {
    fn normalise(&mut self) {
        self.iter_mut().for_each(T::normalise);
    }
}

/// A struct's fields with texts; after `;` all others, so that a new field does not compile until it is listed here.
macro_rules! texts {
    ($($name:ident { $($text:ident)*; $($other:ident)* })*) => { $(impl Normalise for $name {
        fn normalise(&mut self) {
            let Self { $($text,)* $($other: _,)* } = self;
            $($text.normalise();)*
        }
    })* };
}
texts! {
    Attachment { name media_type text; id size preview }
    DepartmentCount { path; people online }
    LobbySnapshot { people users departments rooms settings unsent; me cursor resumed_from favourites }
    Member { login name; id is_present last_read joined has_left is_disabled is_ambiguous }
    Message { body reply_to files reactions system_event; id seq version author sent_at edited_at recalled answers_hidden mentions forwarded confirmations }
    PeopleCount { departments; count online }
    PinnedMessage { body; id seq author by is_announcement }
    Profile { department title email status; status_until order }
    Quote { body; id seq author }
    Reaction { emoji; users }
    RoomDetails { title members pins scheduled; pins_by_maker bookmarks is_muted mentions_only cursor }
    RoomSnapshot { details messages; room is_group has_earlier has_later }
    RoomSummary { title last; id is_group others size unread mentioned active_at is_muted mentions_only is_hidden is_pinned }
    ScheduledMessage { body; id room at reply_to mentions asks_confirmation failed }
    User { login name profile absence; id presence is_ambiguous }
    Absence { text; from until is_now }
}

impl Normalise for SystemEvent {
    fn normalise(&mut self) {
        match self {
            Self::Renamed { title } => title.normalise(),
            Self::Absent { until: _, text } => text.normalise(),
            Self::Made
            | Self::Announced
            | Self::Unannounced
            | Self::PinsLimited { on: _ }
            | Self::Left
            | Self::Invited { users: _ }
            | Self::Removed { users: _ } => {}
        }
    }
}

impl Normalise for LivePage {
    fn normalise(&mut self) {
        match self {
            Self::Main { lobby, room } => {
                lobby.normalise();
                room.normalise();
            }
            Self::Room { me: _, room } => room.normalise(),
            Self::Aside { lobby } => lobby.normalise(),
        }
    }
}

#[cfg(test)]
mod tests;
