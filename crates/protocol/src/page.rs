//! The data of a live page: the snapshots that its sockets would receive first. The sockets resume from the snapshots'
//! cursors, so no change is lost between page and socket.

use serde::Serialize;

use crate::{ids::UserId, lobby_socket::LobbySnapshot, room::RoomSnapshot};

/// A page that the program hydrates, with its first snapshots.
///
/// JSON: `{"page":"main"|"room"|"aside",…}`. The server renders the page from it and embeds it as JSON; the browser
/// decodes it from there. It is never sent over a socket.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "page", rename_all = "snake_case")]
pub enum LivePage {
    /// The main window: the list, with or without a room next to it.
    Main { lobby: LobbySnapshot, room: Option<RoomSnapshot> },
    /// One room in a window of its own.
    Room { me: UserId, room: RoomSnapshot },
    /// A page that works without the program, such as the settings. The program keeps its user online and receives
    /// notices.
    Aside { lobby: LobbySnapshot },
}
