//! The parts of the program that load later: rooms, then dialogs; files and emojis on first use, or some seconds later;
//! people on demand in large organisations only. `cargo leptos --split` removes them from the first part, which is enough
//! for the list. A page loads rooms and dialogs after hydration; a page that shows a room loads that part before. Without
//! `--split` (`cfg(split)` is off, see build.rs) the program is one file with all parts.

use futures::FutureExt;
use gloo_timers::future::TimeoutFuture;
use leptos::{prelude::*, task::spawn_local, wasm_split::SplitLoaderError};

use crate::{
    components::{
        chat::RoomView, collection::CollectionDialog, emoji_panel::EmojiPanel, file_list::FileList, find::FindBar,
        mention_list::MentionList, menu::MessageMenu, new_group::NewGroup, notice_question::NoticeQuestion,
        organisation::OrganisationList, palette::Palette, panel::PanelDialog, profile::ProfileCard,
        room_menu::RoomRowMenu, row_touch::follow_row_touch, schedule_menu::ScheduleMenu, search_note::SearchNote,
        selection_bar::SelectionBar, send_menu::SendMenu, settings_dialog::SettingsDialog, tabs::Tab, tray::Tray,
        unsent_scheduled::UnsentScheduledDialog, viewer::PictureViewer,
    },
    dialogs::{Dialog, FilesView, OnChoose},
    platform::{self, BrowserValue},
    state::conversation::Conversation,
    text::words,
    view::when,
};
use protocol::{
    ids::{RoomId, UserId},
    room::RoomSnapshot,
};

/// The delay before a failed download is retried.
const RETRY_MS: u32 = 2_000;
/// The delay before the parts for files and emojis load without having been used.
const UNUSED_AFTER_MS: u32 = 5_000;

/// A part of the program that loads later.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum ProgramPart {
    Rooms,
    Dialogs,
    Files,
    Emojis,
    Organisation,
}

/// A view whose code is in a part that loads later.
pub enum SplitView {
    Room(RoomOpening),
    Dialog(Dialog),
    Organisation(PeopleView),
}

/// The list of users of a large organisation.
#[derive(Clone, Copy)]
pub struct PeopleView {
    pub query: RwSignal<String>,
    pub chosen: RwSignal<Tab>,
    pub scrolled: Trigger,
}

/// A room to show. Without a snapshot its socket sends one.
pub struct RoomOpening {
    pub me: UserId,
    pub room: RoomId,
    pub snapshot: Option<RoomSnapshot>,
    pub is_beside: bool,
    pub on_leave: Callback<()>,
    pub on_enter: Callback<RoomId>,
}

impl SplitView {
    fn part(&self) -> ProgramPart {
        match self {
            Self::Room(_) => ProgramPart::Rooms,
            Self::Dialog(Dialog::Files(_)) => ProgramPart::Files,
            Self::Dialog(Dialog::Emojis(_)) => ProgramPart::Emojis,
            Self::Dialog(_) => ProgramPart::Dialogs,
            Self::Organisation(_) => ProgramPart::Organisation,
        }
    }
}

/// Renders a view: at once if its part is loaded, as on the server; otherwise "loading" until it is.
pub fn split_view(view: SplitView) -> AnyView {
    let part = view.part();
    if is_loaded(part) {
        return render(view);
    }
    let view = BrowserValue::new(view);
    let is_ready = RwSignal::new(false);
    spawn_local(async move {
        fetch(part).await;
        is_ready.try_set(true);
    });
    let loaded = move || view.take().map_or_else(|| ().into_any(), render);
    let loading = || view! { <p class="stage-empty" role="status">{words().loading}</p> }.into_any();
    view! { {when(move || !is_ready.get(), loading)} {when(move || is_ready.get(), loaded)} }.into_any()
}

/// A dialog, as [`split_view`].
pub fn show_dialog(dialog: Dialog) -> AnyView {
    split_view(SplitView::Dialog(dialog))
}

/// Loads the parts that every page needs, rooms first, and then follows long presses. The parts for files and emojis load
/// on first use or some seconds later, so that files can be chosen without a connection.
pub async fn fetch_all() {
    fetch(ProgramPart::Rooms).await;
    fetch(ProgramPart::Dialogs).await;
    let _ = render(SplitView::Dialog(Dialog::RowTouch));
    TimeoutFuture::new(UNUSED_AFTER_MS).await;
    for part in [ProgramPart::Files, ProgramPart::Emojis] {
        // Of another build's server nothing is wanted yet: the first use reloads the page.
        while load(part).await.is_err() && !is_of_another_build().await {
            TimeoutFuture::new(RETRY_MS).await;
        }
    }
}

/// Whether the server is of another build, which does not serve the parts of this page.
async fn is_of_another_build() -> bool {
    platform::status(&platform::program_address()).await == 404
}

/// Loads a part, and retries until that succeeds.
pub async fn fetch(part: ProgramPart) {
    while load(part).await.is_err() {
        // A reload gets the page of the other build.
        if is_of_another_build().await {
            return platform::go(&platform::here());
        }
        TimeoutFuture::new(RETRY_MS).await;
    }
}

fn is_loaded(part: ProgramPart) -> bool {
    load(part).now_or_never().is_some_and(|loaded| loaded.is_ok())
}

fn render(view: SplitView) -> AnyView {
    let view = match view {
        SplitView::Room(opening) => cut::chat(opening).now_or_never(),
        SplitView::Dialog(Dialog::Files(view)) => cut::files(view).now_or_never(),
        SplitView::Dialog(Dialog::Emojis(on_choose)) => cut::emojis(on_choose).now_or_never(),
        SplitView::Dialog(dialog) => cut::dialog(dialog).now_or_never(),
        SplitView::Organisation(view) => cut::organisation(view).now_or_never(),
    };
    view.and_then(Result::ok).unwrap_or_else(|| ().into_any())
}

async fn load(part: ProgramPart) -> Result<(), SplitLoaderError> {
    match part {
        ProgramPart::Rooms => cut::load_chat().await,
        ProgramPart::Dialogs => cut::load_dialogs().await,
        ProgramPart::Files => cut::load_files().await,
        ProgramPart::Emojis => cut::load_emojis().await,
        ProgramPart::Organisation => cut::load_organisation().await,
    }
}

/// The split points: code that only one of these functions reaches is in its part.
#[cfg(split)]
mod cut {
    use leptos::{
        prelude::AnyView,
        wasm_split::{SplitLoaderError, wasm_split},
    };

    use super::{Dialog, FilesView, OnChoose, PeopleView, RoomOpening};

    #[wasm_split(later, wasm_split_path = leptos::wasm_split, preload(load_chat), fallible)]
    pub(super) fn chat(opening: RoomOpening) -> Result<AnyView, SplitLoaderError> {
        Ok(super::room_view(opening))
    }

    #[wasm_split(dialogs, wasm_split_path = leptos::wasm_split, preload(load_dialogs), fallible)]
    pub(super) fn dialog(dialog: Dialog) -> Result<AnyView, SplitLoaderError> {
        Ok(super::dialog_view(dialog))
    }

    #[wasm_split(files, wasm_split_path = leptos::wasm_split, preload(load_files), fallible)]
    pub(super) fn files(view: FilesView) -> Result<AnyView, SplitLoaderError> {
        Ok(super::files_view(view))
    }

    #[wasm_split(emojis, wasm_split_path = leptos::wasm_split, preload(load_emojis), fallible)]
    pub(super) fn emojis(on_choose: OnChoose) -> Result<AnyView, SplitLoaderError> {
        Ok(super::emojis_view(on_choose))
    }

    #[wasm_split(organisation, wasm_split_path = leptos::wasm_split, preload(load_organisation), fallible)]
    pub(super) fn organisation(view: PeopleView) -> Result<AnyView, SplitLoaderError> {
        Ok(super::organisation_view(view))
    }
}

/// The same functions in a program without parts.
#[cfg(not(split))]
mod cut {
    use leptos::{prelude::AnyView, wasm_split::SplitLoaderError};

    use super::{Dialog, FilesView, OnChoose, PeopleView, RoomOpening};

    pub(super) async fn load_chat() -> Result<(), SplitLoaderError> {
        Ok(())
    }

    pub(super) async fn load_dialogs() -> Result<(), SplitLoaderError> {
        Ok(())
    }

    pub(super) async fn load_files() -> Result<(), SplitLoaderError> {
        Ok(())
    }

    pub(super) async fn load_emojis() -> Result<(), SplitLoaderError> {
        Ok(())
    }

    pub(super) async fn load_organisation() -> Result<(), SplitLoaderError> {
        Ok(())
    }

    pub(super) async fn chat(opening: RoomOpening) -> Result<AnyView, SplitLoaderError> {
        Ok(super::room_view(opening))
    }

    pub(super) async fn dialog(dialog: Dialog) -> Result<AnyView, SplitLoaderError> {
        Ok(super::dialog_view(dialog))
    }

    pub(super) async fn files(view: FilesView) -> Result<AnyView, SplitLoaderError> {
        Ok(super::files_view(view))
    }

    pub(super) async fn emojis(on_choose: OnChoose) -> Result<AnyView, SplitLoaderError> {
        Ok(super::emojis_view(on_choose))
    }

    pub(super) async fn organisation(view: PeopleView) -> Result<AnyView, SplitLoaderError> {
        Ok(super::organisation_view(view))
    }
}

fn organisation_view(view: PeopleView) -> AnyView {
    let PeopleView { query, chosen, scrolled } = view;
    view! { <OrganisationList query chosen scrolled /> }.into_any()
}

fn emojis_view(on_choose: OnChoose) -> AnyView {
    view! { <EmojiPanel on_choose /> }.into_any()
}

fn files_view(view: FilesView) -> AnyView {
    match view {
        FilesView::Tray => view! { <Tray /> }.into_any(),
        FilesView::Viewer => view! { <PictureViewer /> }.into_any(),
        FilesView::List => view! { <FileList /> }.into_any(),
    }
}

fn dialog_view(dialog: Dialog) -> AnyView {
    match dialog {
        Dialog::Palette => view! { <Palette /> }.into_any(),
        Dialog::NoticeQuestion => view! { <NoticeQuestion /> }.into_any(),
        Dialog::Settings => view! { <SettingsDialog /> }.into_any(),
        Dialog::SearchNote(query, chosen) => view! { <SearchNote query chosen /> }.into_any(),
        Dialog::RoomMenu(room) => view! { <RoomRowMenu room /> }.into_any(),
        Dialog::RowTouch => {
            follow_row_touch();
            ().into_any()
        }
        Dialog::NewGroup => view! { <NewGroup /> }.into_any(),
        Dialog::Profile(user, close) => view! { <ProfileCard user close /> }.into_any(),
        Dialog::Find => view! { <FindBar /> }.into_any(),
        Dialog::Panel(panel) => view! { <PanelDialog panel /> }.into_any(),
        Dialog::MessageMenu(id) => view! { <MessageMenu id /> }.into_any(),
        Dialog::Mentions(mentioning, on_pick) => view! { <MentionList mentioning on_pick /> }.into_any(),
        Dialog::SendMenu => view! { <SendMenu /> }.into_any(),
        Dialog::Selection => view! { <SelectionBar /> }.into_any(),
        Dialog::Collection(of) => view! { <CollectionDialog of /> }.into_any(),
        Dialog::ScheduleMenu => view! { <ScheduleMenu /> }.into_any(),
        Dialog::UnsentScheduled => view! { <UnsentScheduledDialog /> }.into_any(),
        // These have separate parts.
        Dialog::Emojis(_) | Dialog::Files(_) => ().into_any(),
    }
}

fn room_view(opening: RoomOpening) -> AnyView {
    let RoomOpening { me, room, snapshot, is_beside, on_leave, on_enter } = opening;
    let conversation = match snapshot {
        Some(snapshot) => Conversation::new(me, snapshot),
        None => Conversation::opening(me, room),
    };
    view! { <RoomView conversation is_beside on_leave on_enter /> }.into_any()
}
