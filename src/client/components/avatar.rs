//! A person as a letter on their own colour, with a dot that says whether they are here.

use leptos::prelude::*;
use uuid::Uuid;

use crate::{
    client::{
        components::icon::{Drawing, Icon},
        text::words,
    },
    protocol::{
        ids::{RoomId, UserId},
        user::Presence,
    },
};

/// The words for how somebody is.
pub fn presence_word(presence: Presence) -> &'static str {
    let words = words();
    match presence {
        Presence::Here => words.here,
        Presence::Idle => words.idle,
        Presence::Busy => words.busy,
        Presence::Away | Presence::Disabled => words.away,
    }
}

/// `presence`: how they are; none shows no dot.
#[component]
pub fn Avatar(user: UserId, name: String, #[prop(optional_no_strip)] presence: Option<Presence>) -> impl IntoView {
    // The style makes it a capital.
    let initial = name.chars().next().map(String::from);
    let dot = presence.map(|presence| {
        let class = match presence {
            Presence::Here => "dot here",
            Presence::Idle => "dot idle",
            Presence::Busy => "dot busy",
            Presence::Away | Presence::Disabled => "dot",
        };
        view! { <span class=class><span class="unseen">{presence_word(presence)}</span></span> }
    });
    view! {
        <span class="avatar" style=format!("--hue:{}", hue(user.uuid()))>
            <span aria-hidden="true">{initial}</span>
            {dot}
        </span>
    }
}

/// A group as two people on its own colour.
#[component]
pub fn GroupAvatar(id: RoomId) -> impl IntoView {
    view! {
        <span class="avatar" style=format!("--hue:{}", hue(id.uuid()))><Icon drawing=Drawing::Group /></span>
    }
}

/// A colour that stays with the person, in degrees.
fn hue(id: Uuid) -> u64 {
    // The random half of the id; FNV-1a spreads ids that were made one after another.
    let bytes = id.into_bytes();
    bytes.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
        % 360
}
