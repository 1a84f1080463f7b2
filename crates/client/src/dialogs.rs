//! The dialogs over the list and over a room. Their code is the last part to load: components name a dialog, and the
//! app, which has the parts, renders it.

use std::sync::Arc;

use leptos::prelude::*;

use crate::{
    components::tabs::Tab,
    room::{Mentioning, session::Panel},
};
use protocol::{
    ids::{MessageId, RoomId},
    lobby_socket::Collection,
    user::User,
};

/// The end of the main window's address after a change of the language in the settings: they open again.
pub const OPENS_SETTINGS: &str = "settings=1";

/// A dialog and its data.
pub enum Dialog {
    Palette,
    Settings,
    /// What the search of the list finds, by its query and the chosen tab.
    SearchNote(RwSignal<String>, RwSignal<Tab>),
    /// The question whether the system may notify.
    NoticeQuestion,
    /// No view: follows long presses on the rows of the lists.
    RowTouch,
    /// The menu of a row of the room list.
    RoomMenu(RoomId),
    NewGroup,
    /// The card of a user, and the callback that closes it.
    Profile(User, Callback<()>),
    Panel(Panel),
    /// The search in the room.
    Find,
    MessageMenu(MessageId),
    Emojis(OnChoose),
    /// `Callback`: receives the index of the chosen candidate.
    Mentions(Mentioning, Callback<usize>),
    Collection(Collection),
    /// The times for sending the text in the composer later.
    ScheduleMenu,
    /// The unsent scheduled messages.
    UnsentScheduled,
    Selection,
    /// The options of the next message.
    SendMenu,
    Files(FilesView),
}

/// The views of the part for files, which loads on first use or some seconds later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FilesView {
    /// The tray above the composer.
    Tray,
    /// One picture of the log, enlarged.
    Viewer,
    /// The files of the room.
    List,
}

/// Receives the chosen emoji, or `None` if the user closed the panel.
pub type OnChoose = Arc<dyn Fn(Option<String>) + Send + Sync>;

/// Renders a dialog. The app provides it as a context.
#[derive(Clone, Copy)]
pub struct ShowDialog(pub fn(Dialog) -> AnyView);

/// The view of a dialog; "loading" until its part has arrived.
pub fn dialog(dialog: Dialog) -> AnyView {
    let ShowDialog(show) = expect_context();
    show(dialog)
}
