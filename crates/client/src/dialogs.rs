//! The dialogs over the list and over a room. Their code is the last part to load: components name a dialog, and the app,
//! which knows the parts, renders it.

use std::sync::Arc;

use leptos::prelude::*;

use crate::room::{Mentioning, session::Panel};
use protocol::{
    ids::{MessageId, RoomId},
    lobby_socket::Collection,
    user::User,
};

/// A dialog with its data.
pub enum Dialog {
    Palette,
    Settings,
    /// Whether the system may notify.
    NoticeQuestion,
    /// The menu of a row of the room list.
    RoomMenu(RoomId),
    NewGroup,
    /// The card of a person, and what closes it.
    Profile(User, Callback<()>),
    Panel(Panel),
    /// The search in the room.
    Find,
    MessageMenu(MessageId),
    Emojis(OnChoose),
    /// `Callback`: receives the place of the chosen one.
    Mentions(Mentioning, Callback<usize>),
    Collection(Collection),
    /// The times for the text in the composer.
    ScheduleMenu,
    /// Scheduled messages that could not be sent.
    UnsentScheduled,
    Selection,
    /// The options of the next message.
    SendMenu,
    Files(FilesView),
}

/// What loads when files are first wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FilesView {
    /// The files on their way, above the composer.
    Tray,
    /// One picture of the log, large.
    Viewer,
    /// The files of the room.
    List,
}

/// Receives the chosen emoji, or `None` when the person closed the panel.
pub type OnChoose = Arc<dyn Fn(Option<String>) + Send + Sync>;

/// Renders a dialog. The app provides it as a context.
#[derive(Clone, Copy)]
pub struct ShowDialog(pub fn(Dialog) -> AnyView);

/// The view of a dialog; "loading" until its code is here.
pub fn dialog(dialog: Dialog) -> AnyView {
    let ShowDialog(show) = expect_context();
    show(dialog)
}
