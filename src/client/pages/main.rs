//! `/`: the main window. Who is there, my conversations, and beside them (`/?room=…`) one of them.

use std::time::Duration;

use leptos::{ev::SubmitEvent, prelude::*};
use wasm_bindgen::JsCast;

use crate::{
    client::{
        components::{
            avatar::Avatar,
            chat::Chat,
            icon::{Drawing, Icon},
            language::LanguageSwitch,
            people::People,
            rooms::{Badge, Rooms},
            tabs::{Tab, TabButton},
            toasts::{ToastStack, Toasts},
        },
        platform::{self, ChatWindow},
        socket::{Link, Verdict},
        state::{
            conversation::Conversation,
            lobby::{Lobby, Notice},
        },
        text::words,
    },
    protocol::{
        ids::{RoomId, UserId},
        lobby::{LobbyCommand, LobbyEvent, LobbySnapshot},
        room::RoomSnapshot,
    },
};

/// Where this browser remembers whether conversations open in windows.
const PLACE_KEY: &str = "daehwa.place";
/// A window that shows the conversation reports it read within this time; then there is nothing to say.
const NOTICE_AFTER: Duration = Duration::from_millis(800);

/// What the parts of the main window share.
#[derive(Clone, Copy)]
pub struct Window {
    pub lobby: RwSignal<Lobby>,
    pub toasts: Toasts,
    /// The conversation shown beside the list.
    pub shown: RwSignal<Option<RoomId>>,
    /// Whether conversations open beside the list rather than in windows of their own.
    pub is_in_place: RwSignal<bool>,
    link: Link,
    /// A conversation was asked for, to be shown beside the list when it is there.
    awaits_room: StoredValue<bool>,
}

impl Window {
    pub fn current() -> Self {
        expect_context()
    }

    fn new(lobby: LobbySnapshot, shown: Option<RoomId>) -> Self {
        Self {
            lobby: RwSignal::new(lobby.into()),
            toasts: Toasts::default(),
            shown: RwSignal::new(shown),
            is_in_place: RwSignal::new(false),
            link: Link::default(),
            awaits_room: StoredValue::new(false),
        }
    }

    fn connect(self) {
        self.link.connect(|| "/usersServerEndpoint".to_owned(), move |event| self.hear(event));
    }

    fn hear(self, event: LobbyEvent) -> Verdict {
        if let LobbyEvent::Entered { room } = event
            && self.awaits_room.try_update_value(std::mem::take) == Some(true)
        {
            self.show(room);
        }
        let notices = self.lobby.try_update(|lobby| lobby.apply(event)).unwrap_or_default();
        for notice in notices {
            platform::after(NOTICE_AFTER, move || self.notify(notice));
        }
        Verdict::GoOn
    }

    /// Tells of something, unless it was seen meanwhile.
    fn notify(self, notice: Notice) {
        let (room, is_read) = match &notice {
            Notice::Invited { room, .. } => (*room, false),
            Notice::Wrote { room, .. } => (*room, self.lobby.with_untracked(|lobby| !lobby.has_unread(*room))),
        };
        if !is_read && self.shown.try_get_untracked() != Some(Some(room)) {
            self.toasts.show(notice);
        }
    }

    /// The name of the window that shows the conversation with this person, so that it is found again.
    fn name_of(user: UserId) -> String {
        format!("daehwa-{user}")
    }

    /// By a click on a person: a window of its own where there can be one, else beside the list.
    pub fn open_person(self, event: &SubmitEvent, user: UserId) {
        let ask = || self.link.send(&LobbyCommand::OpenDirect { user });
        match self.chat_window(user) {
            // The form's answer is the conversation: let it go into the new window.
            Some(window) if window.is_fresh() => {
                form_of(event).into_iter().for_each(|form| form.set_target(&window.name));
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
            None => form_of(event).into_iter().for_each(|form| form.set_target("")),
        }
    }

    /// By a click on a conversation. `false` when the link itself is to lead there.
    pub fn open_room(self, room: RoomId) -> bool {
        let other = self.lobby.with_untracked(|lobby| lobby.other_in(room));
        match other.and_then(|other| self.chat_window(other)) {
            Some(window) => {
                if window.is_fresh() {
                    window.show(&format!("/rooms/{room}"));
                }
                window.focus();
            }
            None => self.show(room),
        }
        true
    }

    fn chat_window(self, user: UserId) -> Option<ChatWindow> {
        let is_in_place = self.is_in_place.get_untracked() || platform::is_small();
        if is_in_place { None } else { ChatWindow::open(Self::name_of(user)) }
    }

    /// Shows a conversation beside the list.
    fn show(self, room: RoomId) {
        self.toasts.close_room(room);
        self.shown.set(Some(room));
        platform::push_address(&format!("/?room={room}"));
    }

    fn hide(self) {
        self.shown.set(None);
        platform::push_address("/");
    }

    /// "Back" and "forward" of the browser.
    fn follow_address(self) {
        let here = platform::here();
        self.shown.set(here.strip_prefix("/?room=").and_then(|room| room.parse().ok()));
    }

    /// Escape closes what came last: a toast, then the conversation beside the list.
    fn escape(self) {
        if !self.toasts.close_newest() && self.shown.get_untracked().is_some() {
            self.hide();
        }
    }
}

fn form_of(event: &SubmitEvent) -> Option<web_sys::HtmlFormElement> {
    event.target()?.dyn_into().ok()
}

#[component]
pub fn MainWindow(lobby: LobbySnapshot, room: Option<RoomSnapshot>) -> impl IntoView {
    let window = Window::new(lobby, room.as_ref().map(|room| room.room));
    provide_context(window);
    Effect::new(move || {
        window.is_in_place.set(platform::stored(PLACE_KEY).as_deref() == Some("in_place"));
        window.connect();
    });
    watch_browser(window);
    view! {
        <div class="main" class:has-room=move || window.shown.get().is_some()>
            <Side />
            <Stage room />
        </div>
        <ToastStack />
    }
}

/// Keys, "back", and the tab's title.
fn watch_browser(window: Window) {
    let keys = window_event_listener(leptos::ev::keydown, move |event| {
        if event.key() == "Escape" && !event.is_composing() {
            window.escape();
        }
    });
    let back = window_event_listener(leptos::ev::popstate, move |_| window.follow_address());
    on_cleanup(move || {
        keys.remove();
        back.remove();
    });
    let product = words().product;
    Effect::new(move || match window.lobby.with(Lobby::unread) {
        0 => platform::set_title(product),
        unread => platform::set_title(&format!("({unread}) {product}")),
    });
}

/// The list: narrow beside other work, or at the left of a wide screen.
#[component]
fn Side() -> impl IntoView {
    let window = Window::current();
    let words = words();
    let query = RwSignal::new(String::new());
    let chosen = RwSignal::new(Tab::People);
    let panel = move |tab: Tab| move || if chosen.get() == tab { "panel" } else { "panel other" };
    view! {
        <div class="side">
            <SideHeader />
            <Show when=move || window.link.is_lost()>
                <p class="lost" role="status">{words.lost}</p>
            </Show>
            <Search query />
            <div class="tabs" role="tablist" aria-label=words.messenger>
                <TabButton tab=Tab::People chosen>{words.people}" "{move || window.lobby.with(Lobby::here_count)}</TabButton>
                <TabButton tab=Tab::Rooms chosen>
                    {words.conversations}" "
                    {move || Some(window.lobby.with(Lobby::unread)).filter(|unread| *unread > 0).map(|count| view! { <Badge count /> })}
                </TabButton>
            </div>
            <div class=panel(Tab::People) role="tabpanel" id="panel-people" aria-labelledby="tab-people"><People query /></div>
            <div class=panel(Tab::Rooms) role="tabpanel" id="panel-rooms" aria-labelledby="tab-rooms"><Rooms /></div>
            <SideFooter />
        </div>
    }
}

#[component]
fn SideHeader() -> impl IntoView {
    let window = Window::current();
    let words = words();
    let (me, name) = window.lobby.with_untracked(|lobby| (lobby.me, lobby.my_name().to_owned()));
    view! {
        <header class="bar">
            <Avatar user=me name=name.clone() presence=Some(true) />
            <div class="bar-text"><h1>{words.product}</h1><p><bdi>{name}</bdi>" · "{words.here}</p></div>
            <form method="post" action="/api/sign_out" on:submit=|_| platform::forget_kept()>
                <button class="plain labelled" type="submit"><Icon drawing=Drawing::SignOut />{words.sign_out}</button>
            </form>
        </header>
    }
}

#[component]
fn Search(query: RwSignal<String>) -> impl IntoView {
    let words = words();
    view! {
        <label class="search">
            <Icon drawing=Drawing::Search />
            <span class="unseen">{words.find_people}</span>
            <input type="search" placeholder=words.find_people autocomplete="off" prop:value=query
                on:input=move |event| query.set(event_target_value(&event)) />
        </label>
    }
}

/// The settings: language, and where conversations open.
#[component]
fn SideFooter() -> impl IntoView {
    let window = Window::current();
    let words = words();
    let choice = move |in_place: bool, label: &'static str| {
        let choose = move |_| {
            window.is_in_place.set(in_place);
            platform::store(PLACE_KEY, if in_place { "in_place" } else { "window" });
        };
        let is_chosen = move || (window.is_in_place.get() == in_place).to_string();
        view! { <button class="choice" type="button" aria-pressed=is_chosen on:click=choose>{label}</button> }
    };
    view! {
        <footer class="side-footer">
            <div class="choices needs-program" role="group" aria-label=words.open_how>
                {choice(false, words.in_windows)}{choice(true, words.in_place)}
            </div>
            <LanguageSwitch />
        </footer>
    }
}

/// The conversation beside the list: the page's own, or one that its socket brings.
#[component]
fn Stage(room: Option<RoomSnapshot>) -> impl IntoView {
    let window = Window::current();
    let me = window.lobby.with_untracked(|lobby| lobby.me);
    let given = StoredValue::new(room);
    let on_leave = Callback::new(move |()| window.hide());
    let conversation = move |room: RoomId| {
        // The page's own snapshot is used once: later it would be old.
        let snapshot = given.try_update_value(Option::take).flatten().filter(|snapshot| snapshot.room == room);
        snapshot.map_or_else(|| Conversation::opening(me, room), |snapshot| Conversation::new(me, snapshot))
    };
    view! {
        <section class="stage">
            <Show when=move || window.shown.get().is_none()>
                <p class="stage-empty">{words().choose_conversation}</p>
            </Show>
            // Keyed, so that what stands in the composer belongs to one conversation.
            <For each=move || window.shown.get() key=|room| *room let:room>
                <Chat conversation=conversation(room) on_leave is_beside=true />
            </For>
        </section>
    }
}
