//! The parts of the program that load after the first: conversations, then dialogs. `cargo leptos --split` cuts
//! them out of the first part, which the list alone needs to hear clicks. A page loads both after hydration; a page
//! that shows a conversation at once loads the conversations' part before it. Without `--split` (`cfg(split)` is
//! off, see build.rs) the program is one file and both are there from the start.

use futures::FutureExt;
use gloo_timers::future::TimeoutFuture;
use leptos::{prelude::*, task::spawn_local, wasm_split::SplitLoaderError};

use crate::{
    client::{
        components::{
            chat::Chat,
            emoji::{EmojiPanel, OnChoose},
            menu::Menu,
            new_group::NewGroup,
            palette::Palette,
            panel::PanelOver,
            profile::Card,
            session::Panel,
        },
        live::when,
        platform,
        state::conversation::Conversation,
        text::words,
    },
    protocol::{
        ids::{MessageId, RoomId, UserId},
        room::RoomSnapshot,
        user::User,
    },
};

/// The delay before a failed download is tried again.
const RETRY_MS: u32 = 2_000;

/// What a later part shows.
pub enum Later {
    Chat(Opening),
    Dialog(Dialog),
}

/// What lies over the list or over a conversation.
pub enum Dialog {
    Palette,
    NewGroup,
    Card(User),
    Panel(Panel),
    Menu(MessageId),
    Emojis(OnChoose),
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

/// Shows it: at once when its part is loaded, as it always is on the server. Until then a line says "loading".
pub fn later(what: Later) -> AnyView {
    let needs_dialogs = matches!(what, Later::Dialog(_));
    if is_here(needs_dialogs) {
        return show(what);
    }
    let what = StoredValue::new_local(Some(what));
    let has_come = RwSignal::new(false);
    spawn_local(async move {
        fetch(needs_dialogs).await;
        has_come.try_set(true);
    });
    let shown = move || what.try_update_value(Option::take).flatten().map_or_else(|| ().into_any(), show);
    let waiting = || view! { <p class="stage-empty" role="status">{words().loading}</p> }.into_any();
    view! { {when(move || !has_come.get(), waiting)} {when(move || has_come.get(), shown)} }.into_any()
}

/// A dialog, as [`later`].
pub fn dialog(what: Dialog) -> AnyView {
    later(Later::Dialog(what))
}

/// Loads both parts, conversations first.
pub async fn fetch_all() {
    fetch(false).await;
    fetch(true).await;
}

/// Loads the part with conversations, or the one with dialogs, and retries until it is here.
pub async fn fetch(dialogs: bool) {
    while load(dialogs).await.is_err() {
        // The server runs another build, which does not serve the parts of this one: its own page fits together.
        if platform::status(&platform::program_address()).await == 404 {
            return platform::go(&platform::here());
        }
        TimeoutFuture::new(RETRY_MS).await;
    }
}

fn is_here(dialogs: bool) -> bool {
    load(dialogs).now_or_never().is_some_and(|loaded| loaded.is_ok())
}

fn show(what: Later) -> AnyView {
    let view = match what {
        Later::Chat(opening) => cut::chat(opening).now_or_never(),
        Later::Dialog(dialog) => cut::dialog(dialog).now_or_never(),
    };
    view.and_then(Result::ok).unwrap_or_else(|| ().into_any())
}

async fn load(dialogs: bool) -> Result<(), SplitLoaderError> {
    if dialogs { cut::load_dialogs().await } else { cut::load_chat().await }
}

/// Where the program is cut: what only one of these functions leads to is in its part.
#[cfg(split)]
mod cut {
    use leptos::{
        prelude::AnyView,
        wasm_split::{SplitLoaderError, wasm_split},
    };

    use super::{Dialog, Opening};

    #[wasm_split(later, wasm_split_path = leptos::wasm_split, preload(load_chat), fallible)]
    pub(super) fn chat(opening: Opening) -> Result<AnyView, SplitLoaderError> {
        Ok(super::chat(opening))
    }

    #[wasm_split(dialogs, wasm_split_path = leptos::wasm_split, preload(load_dialogs), fallible)]
    pub(super) fn dialog(dialog: Dialog) -> Result<AnyView, SplitLoaderError> {
        Ok(super::over(dialog))
    }
}

/// The same functions in a program of one file.
#[cfg(not(split))]
mod cut {
    use leptos::{prelude::AnyView, wasm_split::SplitLoaderError};

    use super::{Dialog, Opening};

    pub(super) async fn load_chat() -> Result<(), SplitLoaderError> {
        Ok(())
    }

    pub(super) async fn load_dialogs() -> Result<(), SplitLoaderError> {
        Ok(())
    }

    pub(super) async fn chat(opening: Opening) -> Result<AnyView, SplitLoaderError> {
        Ok(super::chat(opening))
    }

    pub(super) async fn dialog(dialog: Dialog) -> Result<AnyView, SplitLoaderError> {
        Ok(super::over(dialog))
    }
}

fn over(dialog: Dialog) -> AnyView {
    match dialog {
        Dialog::Palette => view! { <Palette /> }.into_any(),
        Dialog::NewGroup => view! { <NewGroup /> }.into_any(),
        Dialog::Card(user) => view! { <Card user /> }.into_any(),
        Dialog::Panel(panel) => view! { <PanelOver panel /> }.into_any(),
        Dialog::Menu(id) => view! { <Menu id /> }.into_any(),
        Dialog::Emojis(on_choose) => view! { <EmojiPanel on_choose /> }.into_any(),
    }
}

fn chat(opening: Opening) -> AnyView {
    let Opening { me, room, snapshot, is_beside, on_leave, on_enter } = opening;
    let conversation = match snapshot {
        Some(snapshot) => Conversation::new(me, snapshot),
        None => Conversation::opening(me, room),
    };
    view! { <Chat conversation is_beside on_leave on_enter /> }.into_any()
}
