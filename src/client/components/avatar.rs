//! A person as a letter on their own colour, with a dot that says whether they are here.

use leptos::prelude::*;
use uuid::Uuid;

use crate::{
    client::{
        components::icon::{Drawing, Icon},
        text::words,
    },
    protocol::ids::{RoomId, UserId},
};

/// `presence`: whether they are here; none shows no dot.
#[component]
pub fn Avatar(user: UserId, name: String, #[prop(optional_no_strip)] presence: Option<bool>) -> impl IntoView {
    let initial: String = name.chars().next().into_iter().flat_map(char::to_uppercase).collect();
    let dot = presence.map(|is_here| {
        let (class, label) = if is_here { ("dot here", words().here) } else { ("dot", words().away) };
        view! { <span class=class><span class="unseen">{label}</span></span> }
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
