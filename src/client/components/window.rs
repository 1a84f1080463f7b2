//! What the parts of the main window share: who is there, the conversations, the socket, what is kept in the
//! browser, and how a conversation is opened.

use std::time::Duration;

use leptos::{ev::SubmitEvent, prelude::*};
use wasm_bindgen::JsCast;

use crate::{
    client::{
        components::session::Jump,
        outbox::{Entry, Outbox},
        platform::{self, ChatWindow, SystemNotice},
        settings::PLACE,
        socket::{Link, Verdict},
        state::{
            lobby::{Lobby, Notice},
            pending::Pending,
            people::Person,
            toast::Toasts,
        },
    },
    protocol::{
        error::Refusal,
        ids::{MessageId, RoomId, UserId},
        lobby::{LobbyCommand, LobbyEvent, LobbySnapshot},
        user::Presence,
    },
};

/// How long a refusal is shown.
const REFUSAL_SHOWN: Duration = Duration::from_secs(6);
/// The list whose rows stay under the pointer.
const PEOPLE: &str = "#panel-people";
/// How often it is looked for what closed windows left unsent.
const COURIER_EVERY: Duration = Duration::from_secs(10);
/// A window that is open sends what is younger than this itself.
const LEFT_MS: i64 = 8_000;

/// When somebody last touched a window of this browser, UTC milliseconds.
pub const TOUCHED_KEY: &str = "daehwa.touched";
/// Untouched for so long, one is idle.
const IDLE_MS: i64 = 5 * 60_000;
/// How often it is looked whether one is.
const LOOK_EVERY: Duration = Duration::from_secs(15);

/// What the parts of the main window share.
#[derive(Clone, Copy)]
pub struct Window {
    pub me: UserId,
    pub lobby: RwSignal<Lobby>,
    pub toasts: RwSignal<Toasts>,
    /// What the system shows of ours.
    pub(super) system: StoredValue<Vec<(Notice, SystemNotice)>, LocalStorage>,
    /// The conversation shown beside the list.
    pub shown: RwSignal<Option<RoomId>>,
    /// Whether conversations can be shown in this page: the settings only stay in touch.
    pub(super) has_stage: bool,
    /// Told when what stands unsent somewhere has changed.
    drafts: Trigger,
    /// The browser's storage can be read.
    lives: RwSignal<bool>,
    /// Whether one looks for something by Ctrl+K.
    pub finds: RwSignal<bool>,
    /// Whose card is open.
    pub profile: RwSignal<Option<UserId>>,
    /// Whether people are being chosen for a group.
    pub picks: RwSignal<bool>,
    /// What could not be done just now.
    pub refusal: RwSignal<Option<Refusal>>,
    pub jump: Jump,
    pub link: Link,
    pub outbox: Outbox,
    /// A conversation was asked for, to be shown beside the list when it is there.
    awaits_room: StoredValue<bool>,
    /// This window is the one of the browser that sounds.
    pub(super) is_elected: StoredValue<bool>,
    /// What was last said of nobody's touching this browser.
    is_idle: StoredValue<bool>,
}

impl Window {
    pub fn current() -> Self {
        expect_context()
    }

    pub fn new(lobby: LobbySnapshot, shown: Option<RoomId>) -> Self {
        Self {
            me: lobby.me,
            outbox: Outbox::new(lobby.me),
            lobby: RwSignal::new(lobby.into()),
            toasts: RwSignal::new(Toasts::default()),
            system: StoredValue::new_local(Vec::new()),
            shown: RwSignal::new(shown),
            has_stage: true,
            drafts: Trigger::new(),
            lives: RwSignal::new(false),
            finds: RwSignal::new(false),
            profile: RwSignal::new(None),
            picks: RwSignal::new(false),
            refusal: RwSignal::new(None),
            jump: Jump(RwSignal::new(None)),
            link: Link::default(),
            awaits_room: StoredValue::new(false),
            is_elected: StoredValue::new(false),
            is_idle: StoredValue::new(false),
        }
    }

    /// A window beside a page that shows no conversations.
    pub fn aside(lobby: LobbySnapshot) -> Self {
        Self { has_stage: false, ..Self::new(lobby, None) }
    }

    /// Begins to live: what the browser remembers, the socket, the courier. To be called in an effect.
    pub fn begin(self) {
        self.connect();
        self.lives.set(true);
        platform::on_stored(move |key| {
            if let Some(Entry::Draft(_)) = self.outbox.entry(&key) {
                self.drafts.notify();
            }
        });
        self.watch_activity();
        self.watch_order();
        self.count_unread();
        platform::on_elected(move || self.is_elected.set_value(true));
        let courier = set_interval(move || self.deliver(), COURIER_EVERY);
        on_cleanup(move || drop(courier.map(|courier| courier.clear())));
    }

    /// Says when nobody has touched any window of this browser for a while, and when somebody does again.
    fn watch_activity(self) {
        let look = move || {
            let touched_at = platform::stored(TOUCHED_KEY).and_then(|at| at.parse::<i64>().ok()).unwrap_or(i64::MAX);
            let is_idle = platform::now_ms().saturating_sub(touched_at) > IDLE_MS;
            if is_idle != self.is_idle.get_value() {
                self.is_idle.set_value(is_idle);
                self.link.send(&LobbyCommand::Idle { on: is_idle });
            }
        };
        let looking = set_interval(look, LOOK_EVERY);
        let touched = window_event_listener_untyped("daehwa-touched", move |_| look());
        on_cleanup(move || {
            touched.remove();
            drop(looking.map(|looking| looking.clear()));
        });
    }

    fn connect(self) {
        let path = move || self.lobby.with_untracked(|lobby| format!("/usersServerEndpoint?since={}", lobby.cursor()));
        self.link.connect(self.me, None, path, move |events| self.hear(events));
    }

    /// Takes in what came together, as one change.
    fn hear(self, events: Vec<LobbyEvent>) -> Verdict {
        events.iter().for_each(|event| self.answer(event));
        let is_beginning = events.iter().any(|event| matches!(event, LobbyEvent::Welcome(_)));
        let is_attended = platform::is_attended(PEOPLE);
        self.lobby.update_untracked(|lobby| lobby.hold(is_attended));
        let apply = |lobby: &mut Lobby| events.into_iter().flat_map(|event| lobby.apply(event)).collect::<Vec<_>>();
        let news = self.lobby.try_update(apply).unwrap_or_default();
        self.follow_notices();
        news.into_iter().for_each(|notice| self.notify_soon(notice));
        if is_beginning {
            self.is_idle.set_value(false);
            self.deliver();
            // What was recalled meanwhile may stand among the hits.
            self.ask(Lobby::ask_search_again);
        }
        Verdict::GoOn
    }

    /// When the pointer and the focus have left the list, its order catches up.
    fn watch_order(self) {
        let settle = move || {
            if !platform::is_attended(PEOPLE) {
                self.lobby.update(|lobby| lobby.hold(false));
            }
        };
        let left = move |_| {
            if self.lobby.with_untracked(Lobby::is_held) {
                // One task later it is known where they went.
                platform::after(Duration::ZERO, settle);
            }
        };
        let leaving = ["mouseout", "focusout"].map(|what| window_event_listener_untyped(what, left));
        on_cleanup(move || leaving.into_iter().for_each(|listener| listener.remove()));
    }

    /// Somebody as a row shows them. Without a connection this person is not here for anybody.
    pub fn person(self, id: UserId) -> Memo<Option<Person>> {
        Memo::new(move |_| {
            let person = self.lobby.with(|lobby| lobby.person(id))?;
            let presence = if person.is_me && self.link.is_lost() { Presence::Away } else { person.presence };
            Some(Person { presence, ..person })
        })
    }

    /// What concerns the window rather than the lobby.
    fn answer(self, event: &LobbyEvent) {
        match event {
            LobbyEvent::Entered { room } if self.awaits_room.try_update_value(std::mem::take) == Some(true) => {
                self.show(*room, None);
            }
            LobbyEvent::RoomGone { room } => self.toasts.update(|toasts| toasts.close_room(*room)),
            LobbyEvent::Recalled { ids, .. } => {
                self.forget_notices(ids);
                self.outbox.recall(ids);
            }
            LobbyEvent::Delivered { room, id } => self.outbox.forget(*room, *id),
            LobbyEvent::Refused { error, id: None } => self.tell_refusal(*error),
            LobbyEvent::Refused { error, id: Some(id) } => self.mark_refused(*id, *error),
            _ => {}
        }
    }

    fn tell_refusal(self, error: Refusal) {
        self.refusal.set(Some(error));
        platform::after(REFUSAL_SHOWN, move || self.refusal.set(None));
    }

    /// Sends what was written in windows that are closed now.
    fn deliver(self) {
        let now = platform::now_ms();
        for (room, pending) in self.outbox.messages() {
            let is_left = pending.sent_at + LEFT_MS < now && pending.refused.is_none();
            if is_left && self.shown.get_untracked() != Some(room) {
                self.link.send(&LobbyCommand::Deliver { room, command: pending.command() });
            }
        }
    }

    /// A message that cannot be delivered waits for its author in its conversation.
    fn mark_refused(self, id: MessageId, error: Refusal) {
        let is_passing = matches!(error, Refusal::TooFast | Refusal::Unavailable);
        for (room, pending) in self.outbox.messages() {
            if pending.id == id && !is_passing {
                self.outbox.keep(room, &Pending { refused: Some(error), ..pending });
            }
        }
    }

    /// Asks the server, if the lobby has a question.
    pub fn ask(self, question: impl FnOnce(&mut Lobby) -> Option<LobbyCommand>) {
        if let Some(question) = self.lobby.try_update(question).flatten() {
            self.link.send(&question);
        }
    }

    /// Says something that is not kept: without a connection it is refused at once.
    pub fn tell(self, command: &LobbyCommand) {
        if !self.link.send(command) {
            self.tell_refusal(Refusal::Unavailable);
        }
    }

    /// Makes a group, and shows it when it is there: a window may only be opened by a click.
    pub fn open_group(self, users: Vec<UserId>, title: String) {
        let title = Some(title.trim().to_owned()).filter(|title| !title.is_empty());
        self.picks.set(false);
        if self.link.send(&LobbyCommand::OpenGroup { users, title }) {
            self.awaits_room.set_value(true);
        } else {
            self.tell_refusal(Refusal::Unavailable);
        }
    }

    /// What stands unsent in a conversation that is not shown here.
    pub fn draft(self, room: RoomId) -> Option<String> {
        self.drafts.track();
        let is_shown = self.shown.get() == Some(room);
        let draft = if is_shown || !self.lives.get() { String::new() } else { self.outbox.draft(room) };
        Some(draft).filter(|draft| !draft.trim().is_empty())
    }

    /// The name of the window that shows the conversation with this person, or of this group, so that it is
    /// found again.
    fn name_of(id: impl std::fmt::Display) -> String {
        format!("daehwa-{id}")
    }

    /// By a click on a person: a window of its own where there can be one, else beside the list.
    pub fn open_person(self, event: &SubmitEvent, user: UserId) {
        let ask = || self.link.send(&LobbyCommand::OpenDirect { user });
        let room = self.lobby.with_untracked(|lobby| lobby.direct_with(user));
        match self.chat_window(Self::name_of(user)) {
            // The form's answer is the conversation: let it go into the window.
            Some(window) if !window.shows(room) => {
                form_of(event).into_iter().for_each(|form| form.set_target(&window.name));
                window.focus();
            }
            Some(window) => {
                event.prevent_default();
                window.focus();
                ask();
            }
            // Without a connection the form itself still leads there.
            None if ask() => {
                event.prevent_default();
                self.awaits_room.set_value(true);
            }
            None => form_of(event).into_iter().for_each(|form| {
                form.set_target("");
                if let Ok(Some(place)) = form.query_selector("[name=place]") {
                    let _ = place.set_attribute("value", "main");
                }
            }),
        }
    }

    /// By a click on a conversation, or on a message of one (`at`: its place).
    pub fn open_room(self, room: RoomId, at: Option<u64>) {
        let other = self.lobby.with_untracked(|lobby| lobby.other_in(room));
        let name = other.map_or_else(|| Self::name_of(room), Self::name_of);
        match self.chat_window(name) {
            Some(window) => {
                if !window.shows(Some(room)) || at.is_some() {
                    let place = at.map(|seq| format!("?at={seq}")).unwrap_or_default();
                    window.show(&format!("/rooms/{room}{place}"));
                }
                window.focus();
            }
            None => self.show(room, at),
        }
    }

    fn chat_window(self, name: String) -> Option<ChatWindow> {
        let place = platform::setting(PLACE);
        let is_in_place = place == "here" || platform::is_small() || (place == "auto" && platform::is_wide());
        if is_in_place { None } else { ChatWindow::open(name) }
    }
}

fn form_of(event: &SubmitEvent) -> Option<web_sys::HtmlFormElement> {
    event.target()?.dyn_into().ok()
}
