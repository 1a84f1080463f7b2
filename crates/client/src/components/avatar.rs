//! Avatars: the initial of a user on an individual colour, with a dot for presence.

use leptos::prelude::*;
use uuid::Uuid;

use crate::{
    components::icon::{Drawing, Icon},
    text::words,
};
use protocol::{
    ids::{RoomId, UserId},
    user::Presence,
};

/// The word for a presence.
pub fn presence_word(presence: Presence) -> &'static str {
    let words = words();
    match presence {
        Presence::Online => words.online,
        Presence::Idle => words.idle,
        Presence::Busy => words.busy,
        Presence::Offline | Presence::Disabled => words.offline,
    }
}

/// `presence`: `None` shows no dot.
#[component]
pub fn Avatar(user: UserId, name: String, #[prop(optional_no_strip)] presence: Option<Presence>) -> impl IntoView {
    // The style sheet capitalises it.
    let initial = name.chars().next().map(String::from);
    let dot = presence.map(|presence| {
        let class = match presence {
            Presence::Online => "dot here",
            Presence::Idle => "dot idle",
            Presence::Busy => "dot busy",
            Presence::Offline | Presence::Disabled => "dot",
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

/// The avatar of a group: two people on an individual colour.
#[component]
pub fn GroupAvatar(id: RoomId) -> impl IntoView {
    view! {
        <span class="avatar" style=format!("--hue:{}", hue(id.uuid()))><Icon drawing=Drawing::Group /></span>
    }
}

/// A hue, in degrees, that depends on the id alone.
fn hue(id: Uuid) -> u64 {
    // FNV-1a gives different hues to ids that were created one after another.
    let bytes = id.into_bytes();
    bytes.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
        % 360
}
