//! The session of the main window: the lobby socket, the state that its events change, and the controllers that react
//! to them.

use std::time::Duration;

use leptos::{ev::MouseEvent, prelude::*};

use crate::{
    feedback::Feedback,
    lobby::{
        frame::LobbyInput,
        idle::IdleWatch,
        list_order::{follow_attention, is_list_attended},
        navigation::Navigation,
        notices::Notices,
        on_demand::OnDemandSlot,
        unsent_delivery::UnsentDelivery,
    },
    platform,
    refusal::ShownRefusal,
    socket::{Link, Verdict},
    state::{lobby::Lobby, people::ShownPerson},
    text::{with_names, words},
};
use protocol::{
    error::Refusal,
    ids::{RoomId, UserId},
    lobby_socket::{LobbyCommand, LobbyEvent, LobbySnapshot},
    user::Presence,
};

/// Searches in messages are debounced by this time.
pub const SEARCH_AFTER: Duration = Duration::from_millis(300);

/// The state that the components of the main window share.
#[derive(Clone, Copy)]
pub struct LobbySession {
    pub me: UserId,
    pub lobby: RwSignal<Lobby>,
    pub link: Link,
    pub navigation: Navigation,
    pub notices: Notices,
    pub unsent_delivery: UnsentDelivery,
    idle: IdleWatch,
    /// Whether the palette (Ctrl+K) is open.
    pub palette: RwSignal<bool>,
    /// The user whose card is open.
    pub profile: RwSignal<Option<UserId>>,
    /// Whether the dialog for a new group is open.
    pub new_group: RwSignal<bool>,
    /// Whether the settings are open over the list.
    pub settings: RwSignal<bool>,
    /// The room whose menu is open in the list.
    pub room_menu: RwSignal<Option<RoomId>>,
    /// Whether the dialog of the unsent scheduled messages is open.
    pub is_unsent_scheduled_open: RwSignal<bool>,
    pub refusal: ShownRefusal,
    pub feedback: Feedback,
    pub on_demand: OnDemandSlot,
}

impl LobbySession {
    pub fn current() -> Self {
        expect_context()
    }

    /// The main window, with the room that the page shows next to the list.
    pub fn new(snapshot: LobbySnapshot, shown: Option<RoomId>) -> Self {
        let lobby = RwSignal::new(Lobby::from(snapshot));
        Self::with(lobby, Navigation::new(lobby, Link::default(), shown))
    }

    /// A page that shows no rooms, such as the settings.
    pub fn aside(snapshot: LobbySnapshot) -> Self {
        let lobby = RwSignal::new(Lobby::from(snapshot));
        Self::with(lobby, Navigation::without_stage(lobby, Link::default()))
    }

    fn with(lobby: RwSignal<Lobby>, navigation: Navigation) -> Self {
        let (me, link) = (lobby.with_untracked(|lobby| lobby.me), navigation.link);
        Self {
            me,
            lobby,
            link,
            navigation,
            notices: Notices::new(lobby, navigation),
            unsent_delivery: UnsentDelivery::new(me, link, navigation.shown),
            idle: IdleWatch::new(link),
            palette: RwSignal::new(false),
            profile: RwSignal::new(None),
            new_group: RwSignal::new(false),
            settings: RwSignal::new(false),
            room_menu: RwSignal::new(None),
            is_unsent_scheduled_open: RwSignal::new(false),
            refusal: ShownRefusal::default(),
            feedback: Feedback::default(),
            on_demand: StoredValue::new(None),
        }
    }

    /// Connects, and starts the timers and listeners. Call it in an effect.
    pub fn start(self) {
        let path = move || self.lobby.with_untracked(|lobby| format!("/usersServerEndpoint?since={}", lobby.cursor()));
        self.link.connect(self.me, None, path, move |frames| self.receive(frames));
        self.unsent_delivery.start();
        self.idle.start();
        self.notices.start();
        follow_attention(self.lobby);
    }

    /// Applies a batch of events as one change.
    fn receive(self, frames: Vec<LobbyInput>) -> Verdict {
        let events = || frames.iter().filter_map(LobbyInput::event);
        events().for_each(|event| self.handle(event));
        let is_welcome = events().any(|event| matches!(event, LobbyEvent::Welcome(_)));
        let shown = self.navigation.shown.get_untracked().filter(|room| self.is_member(*room));
        let (is_attended, focused_row) = (is_list_attended(), platform::focused_row());
        self.lobby.update_untracked(|lobby| lobby.hold_order(is_attended));
        let on_demand = self.on_demand.get_value();
        let apply = |lobby: &mut Lobby| {
            let apply = |frame| match (frame, &on_demand) {
                (frame, Some(on_demand)) => on_demand.apply(lobby, frame),
                (LobbyInput::Event(event), None) => lobby.apply(event),
                (LobbyInput::Other(_), None) => Vec::new(),
            };
            frames.into_iter().flat_map(apply).collect::<Vec<_>>()
        };
        let notices = self.lobby.try_update(apply).unwrap_or_default();
        // A changed row is rendered again.
        focused_row.into_iter().for_each(|row| platform::after(Duration::ZERO, move || platform::focus_lost_row(&row)));
        if shown.is_some_and(|room| !self.is_member(room)) {
            if is_welcome {
                self.feedback.show(words().no_longer_a_member.to_owned());
            }
            self.navigation.hide();
        }
        self.notices.refresh();
        notices.into_iter().for_each(|notice| self.notices.schedule(notice));
        if is_welcome {
            self.idle.reset();
            if self.feedback.settle(false) {
                self.refusal.show(Refusal::Unavailable);
            }
            self.unsent_delivery.deliver();
            // Hits may have been recalled while the socket was closed.
            self.ask(Lobby::ask_search_again);
            self.ask(Lobby::ask_collection_again);
        }
        Verdict::GoOn
    }

    fn is_member(self, room: RoomId) -> bool {
        self.lobby.with_untracked(|lobby| lobby.room(room).is_some())
    }

    /// The user is not a member of a room any more. The window says whether another member removed them.
    fn lose_room(self, room: RoomId, by: Option<UserId>) {
        self.notices.close_room(room);
        let line = self.lobby.with_untracked(|lobby| {
            let group = lobby.group_name(room, words())?;
            match by {
                Some(by) => Some(with_names(words().removed_from, &lobby.display_name(by)?, &group)),
                None => Some(words().has_left.to_owned()),
            }
        });
        line.into_iter().for_each(|line| self.feedback.show(line));
    }

    /// The effects of an event on the window, apart from the state.
    fn handle(self, event: &LobbyEvent) {
        match event {
            LobbyEvent::Entered { room } => self.navigation.enter(*room),
            LobbyEvent::RoomGone { room, by } => self.lose_room(*room, *by),
            LobbyEvent::Recalled { ids, .. } => {
                self.notices.remove_messages(ids);
                self.unsent_delivery.recall(ids);
            }
            // There may be a new mention.
            LobbyEvent::RoomChanged { room } if room.mentioned.is_some() => self.ask(Lobby::ask_collection_again),
            LobbyEvent::Bookmarked { on: true, .. } => self.ask(Lobby::ask_collection_again),
            LobbyEvent::Settings { settings } => platform::adopt_settings(settings),
            LobbyEvent::Welcome(snapshot) => platform::adopt_settings(&snapshot.settings),
            LobbyEvent::Delivered { room, id } => self.unsent_delivery.settle(*room, *id),
            LobbyEvent::Refused { error, id: None } => {
                self.feedback.settle(false);
                self.refusal.show(*error);
            }
            LobbyEvent::Pong => {
                self.feedback.settle(true);
            }
            LobbyEvent::Refused { error, id: Some(id) } => self.unsent_delivery.refuse(*id, *error),
            _ => {}
        }
    }

    /// Whether the organisation is so large that the window does not know everybody.
    pub fn is_large(self) -> bool {
        self.lobby.with(|lobby| lobby.people.is_some())
    }

    /// Sends the command that the state returns, if any.
    pub fn ask(self, command: impl FnOnce(&mut Lobby) -> Option<LobbyCommand>) {
        if let Some(command) = self.lobby.try_update(command).flatten() {
            self.link.send(&command);
        }
    }

    /// Sends a command that is not stored: without a connection it is refused at once. Returns whether it was sent.
    pub fn send(self, command: &LobbyCommand) -> bool {
        let is_sent = self.link.send(command);
        if !is_sent {
            self.refusal.show(Refusal::Unavailable);
        }
        is_sent
    }

    /// Sends a command whose result the window does not show; `done` is shown when the server has executed it.
    pub fn send_with_feedback(self, command: &LobbyCommand, done: &'static str) {
        // Commands are answered in their order.
        if self.send(command) && self.link.send(&LobbyCommand::Ping) {
            self.feedback.await_answer(done);
        }
    }

    /// Creates a group and shows it next to the list, because only a click may open a window.
    pub fn open_group(self, users: Vec<UserId>, title: String) {
        let title = Some(title.trim().to_owned()).filter(|title| !title.is_empty());
        self.new_group.set(false);
        if self.send(&LobbyCommand::OpenGroup { users, title }) {
            self.navigation.expect_room();
        }
    }

    /// Opens the settings over the list, after a click on a link to their page. A click that opens another window
    /// follows the link.
    pub fn open_settings(self, event: &MouseEvent) {
        if platform::is_plain_click(event) {
            event.prevent_default();
            self.settings.set(true);
        }
    }

    /// Opens the user's notes, after a click.
    pub fn open_notes(self) {
        match self.lobby.with_untracked(|lobby| lobby.direct_with(self.me)) {
            Some(room) => self.navigation.open_room(room, None),
            None if self.send(&LobbyCommand::OpenDirect { user: self.me }) => self.navigation.expect_room(),
            None => {}
        }
    }

    /// A user as a row shows them. Without a connection the receiver is offline.
    pub fn person(self, id: UserId) -> Memo<Option<ShownPerson>> {
        Memo::new(move |_| {
            let person = self.lobby.with(|lobby| lobby.person(id))?;
            let presence = if person.is_me && self.link.is_lost() { Presence::Offline } else { person.presence };
            Some(ShownPerson { presence, ..person })
        })
    }
}
