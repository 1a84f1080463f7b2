//! The second part of the program: what nobody needs before asking for it. cargo-leptos cuts it out of the
//! first, which the list alone needs to hear clicks. A page loads it when it has come alive, and before that
//! when it shows a conversation at once.

use futures::FutureExt;
use gloo_timers::future::TimeoutFuture;
use leptos::{
    prelude::*,
    task::spawn_local,
    wasm_split::{SplitLoaderError, wasm_split},
};

use crate::{
    client::{
        components::{chat::Chat, new_group::NewGroup, palette::Palette, profile::Card},
        live::when,
        platform,
        state::conversation::Conversation,
        text::words,
    },
    protocol::{
        ids::{RoomId, UserId},
        room::RoomSnapshot,
        user::User,
    },
};

/// How long after a failure it is tried again.
const RETRY_MS: u32 = 2_000;

/// What the second part shows.
pub enum Later {
    Chat(Opening),
    Palette,
    NewGroup,
    Card(User),
}

/// A conversation that is to be shown. Without a snapshot its socket brings one.
pub struct Opening {
    pub me: UserId,
    pub room: RoomId,
    pub snapshot: Option<RoomSnapshot>,
    pub is_beside: bool,
    pub on_leave: Callback<()>,
    pub on_enter: Callback<RoomId>,
}

/// Shows it; at once when the second part is here, as it always is on the server. Until then it says so.
pub fn later(part: Later) -> AnyView {
    if is_here() {
        return show(part);
    }
    let part = StoredValue::new(Some(part));
    let has_come = RwSignal::new(false);
    spawn_local(async move {
        fetch().await;
        has_come.try_set(true);
    });
    let shown = move || part.try_update_value(Option::take).flatten().map_or_else(|| ().into_any(), show);
    let waiting = || view! { <p class="stage-empty" role="status">{words().loading}</p> }.into_any();
    view! { {when(move || !has_come.get(), waiting)} {when(move || has_come.get(), shown)} }.into_any()
}

/// Loads the second part, and tries until it is here.
pub async fn fetch() {
    while load().await.is_err() {
        // The server has another build by now, and no such parts any more: its own page fits together again.
        if platform::status(&platform::program_address()).await == 404 {
            return platform::go(&platform::here());
        }
        TimeoutFuture::new(RETRY_MS).await;
    }
}

fn is_here() -> bool {
    load().now_or_never().is_some_and(|loaded| loaded.is_ok())
}

fn show(part: Later) -> AnyView {
    made(part).now_or_never().and_then(Result::ok).unwrap_or_else(|| ().into_any())
}

/// Where the program is cut: what only this function leads to is in the second part.
#[wasm_split(later, wasm_split_path = leptos::wasm_split, preload(load), fallible)]
fn made(part: Later) -> Result<AnyView, SplitLoaderError> {
    Ok(match part {
        Later::Chat(opening) => chat(opening),
        Later::Palette => view! { <Palette /> }.into_any(),
        Later::NewGroup => view! { <NewGroup /> }.into_any(),
        Later::Card(user) => view! { <Card user /> }.into_any(),
    })
}

fn chat(opening: Opening) -> AnyView {
    let Opening { me, room, snapshot, is_beside, on_leave, on_enter } = opening;
    let conversation = match snapshot {
        Some(snapshot) => Conversation::new(me, snapshot),
        None => Conversation::opening(me, room),
    };
    view! { <Chat conversation is_beside on_leave on_enter /> }.into_any()
}
