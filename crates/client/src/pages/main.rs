//! `/`: the main window. Users and rooms, and next to them (`/?room=…`) one room.

use leptos::{ev::KeyboardEvent, prelude::*};

use crate::{
    clock::clock,
    components::{
        avatar::{Avatar, presence_word},
        connection_lost::ConnectionLost,
        icon::{Drawing, Icon},
        people::PeopleList,
        rooms::{Badge, RoomList},
        shortcuts::watch_keys,
        tabs::{Tab, TabButton},
        toasts::ToastStack,
    },
    dialogs::{Dialog, OPENS_SETTINGS, dialog},
    lobby::session::{LobbySession, SEARCH_AFTER},
    platform,
    split::{PeopleView, RoomOpening, SplitView, split_view},
    state::{
        lobby::Lobby,
        people::{ShownPerson, online_count},
    },
    text::{with_count, words},
    user_storage::UnsentChanged,
    view::{clicked, derived, effect, list, moved, part, pressed, submitted, when},
};
use protocol::{ids::RoomId, lobby_socket::LobbySnapshot, room::RoomSnapshot};

#[component]
pub fn MainWindow(lobby: LobbySnapshot, room: Option<RoomSnapshot>) -> impl IntoView {
    let session = LobbySession::new(lobby, room.as_ref().map(|room| room.room));
    provide_context(session);
    provide_context(session.navigation.jump);
    provide_context(UnsentChanged(session.unsent_delivery.changed));
    effect(move || {
        session.start();
        if platform::here().ends_with(OPENS_SETTINGS) {
            session.settings.set(true);
        }
    });
    watch_browser(session);
    view! {
        <main class="main" class:has-room=derived(move || session.navigation.shown.get().is_some())>
            <Side />
            {dialogs(session)}
            <RoomStage room />
        </main>
        <ToastStack />
    }
}

/// Handles keys, "back" and "forward".
fn watch_browser(session: LobbySession) {
    watch_keys(
        move || {
            session.palette.set(true);
            true
        },
        move || session.navigation.escape(),
        move |direction| session.navigation.follow_browser_history(direction),
    );
}

/// The list: the whole of a narrow window, or the left side of a wide one.
#[component]
fn Side() -> impl IntoView {
    let session = LobbySession::current();
    let words = words();
    let query = RwSignal::new(String::new());
    let has_unread = session.lobby.with_untracked(Lobby::unread) > 0;
    let (chosen, scrolled) = (RwSignal::new(Tab::first(has_unread)), Trigger::new());
    search_messages(session, query, chosen);
    layer_of_search(session, query);
    let panel = move |tab: Tab| derived(move || if chosen.get() == tab { "panel" } else { "panel other" });
    view! {
        <div class="side" data-region on:keydown=pressed(move_in_list) on:scroll=moved(move |_| scrolled.notify())>
            <SideHeader />
            <ConnectionLost link=session.link />
            <p class="lost" role="alert" hidden=derived(move || session.refusal.get().is_none())>
                {derived(move || session.refusal.get().map(|refusal| words.refusal(refusal)))}
            </p>
            {unsent_scheduled_mark(session)}
            <SearchField query chosen />
            <div class="tabs" role="tablist" aria-label=words.messenger>
                <TabButton tab=Tab::People chosen>{words.people}" "{derived(move || session.lobby.with(online_count).to_string())}<span class="unseen">" "{words.online}</span></TabButton>
                <TabButton tab=Tab::Rooms chosen>
                    {words.conversations}" "
                    {part(move || match session.lobby.with(Lobby::unread) {
                        0 => ().into_any(),
                        count => view! { <Badge count /> }.into_any(),
                    })}
                </TabButton>
            </div>
            {when(move || !query.read().trim().is_empty(), move || dialog(Dialog::SearchNote(query, chosen)))}
            <div class=panel(Tab::People) data-list=".fold:not(:disabled), .row, .act" role="tabpanel" id="panel-people" aria-labelledby="tab-people" tabindex="-1"
                on:scroll=moved(move |_| scrolled.notify())>
                {people(session, PeopleView { query, chosen, scrolled })}
            </div>
            <div class=panel(Tab::Rooms) role="tabpanel" id="panel-rooms" aria-labelledby="tab-rooms"><RoomList query /></div>
        </div>
    }
}

/// The list of users: of everybody, or in a large organisation on demand.
fn people(session: LobbySession, view: PeopleView) -> AnyView {
    let is_large = Memo::new(move |_| session.is_large());
    part(move || match is_large.get() {
        true => split_view(SplitView::Organisation(view)),
        false => {
            let PeopleView { query, chosen, scrolled } = view;
            view! { <PeopleList query chosen scrolled /> }.into_any()
        }
    })
}

/// The dialogs of the list. They are beside it, because a room in a narrow window hides the list.
fn dialogs(session: LobbySession) -> AnyView {
    view! {
        {when(move || session.new_group.get(), || dialog(Dialog::NewGroup))}
        {profile_card(session)}
        {when(move || session.palette.get(), || dialog(Dialog::Palette))}
        {collection(session)}
        {when(move || session.settings.get(), || dialog(Dialog::Settings))}
        {part(move || session.room_menu.get().map_or_else(|| ().into_any(), |room| dialog(Dialog::RoomMenu(room))))}
        {when(move || session.is_unsent_scheduled_open.get(), || dialog(Dialog::UnsentScheduled))}
    }
    .into_any()
}

/// The open card of a user.
fn profile_card(session: LobbySession) -> AnyView {
    let close = Callback::new(move |()| session.profile.set(None));
    part(move || {
        let user = session.profile.get().and_then(|id| session.lobby.with_untracked(|lobby| lobby.user(id).cloned()));
        user.map_or_else(|| ().into_any(), |user| dialog(Dialog::Profile(user, close)))
    })
}

/// The number of unsent scheduled messages; it opens their dialog.
fn unsent_scheduled_mark(session: LobbySession) -> AnyView {
    let count = move || session.lobby.with(|lobby| lobby.unsent_scheduled.len());
    let mark = move || {
        view! {
            <p class="lost" role="alert"><button class="plain" type="button" on:click=clicked(move |_| session.is_unsent_scheduled_open.set(true))>
                {derived(move || with_count(words().unsent_count, count()))}
            </button></p>
        }
        .into_any()
    };
    when(move || count() > 0, mark)
}

/// The open collection of messages.
fn collection(session: LobbySession) -> AnyView {
    let of = Memo::new(move |_| session.lobby.with(|lobby| lobby.collection().map(|collection| collection.of)));
    part(move || of.get().map_or_else(|| ().into_any(), |of| dialog(Dialog::Collection(of))))
}

/// The arrow keys of the list, including the search field.
fn move_in_list(event: KeyboardEvent) {
    if !event.default_prevented() && !event.is_composing() && platform::is_in(&event, ".panel, .search") {
        platform::walk(&event);
    }
}

/// Searches the messages, debounced, while the room list is shown.
fn search_messages(session: LobbySession, query: RwSignal<String>, chosen: RwSignal<Tab>) {
    effect(move || {
        let typed = query.get();
        if chosen.get() != Tab::Rooms {
            return;
        }
        platform::after(SEARCH_AFTER, move || {
            if query.try_with_untracked(|query| *query == typed) == Some(true) {
                session.ask(|lobby| lobby.ask_search(&typed));
            }
        });
    });
}

/// A search is a layer while the list has no room next to it: "back" clears it before it leaves the page.
fn layer_of_search(session: LobbySession, query: RwSignal<String>) {
    let is_open = Memo::new(move |_| session.navigation.shown.read().is_none() && !query.read().is_empty());
    effect(move || {
        if is_open.get() {
            platform::open_layer("", move || query.set(String::new()));
        }
    });
}

#[component]
fn SideHeader() -> impl IntoView {
    let session = LobbySession::current();
    let words = words();
    let me = session.person(session.lobby.with_untracked(|lobby| lobby.me));
    let clock = clock();
    // Without the workplace, which the user knows: the line is short.
    let line = move || {
        let Some(ShownPerson { presence, absent_until, .. }) = me.get() else { return String::new() };
        session.lobby.with(|lobby| {
            let status = || lobby.user(lobby.me).and_then(|me| me.profile.status.clone());
            let state = absent_until.map(|until| clock.absent_until(until)).or_else(status);
            format!("{} · {}", lobby.my_name(), state.unwrap_or_else(|| presence_word(presence).to_owned()))
        })
    };
    view! {
        <header class="bar">
            <button class="plain face" type="button" aria-label=words.my_status title=words.my_status
                on:click=clicked(move |_| session.profile.set(Some(session.me)))>
                {part(move || {
                    let Some(ShownPerson { id, name, presence, .. }) = me.get() else { return ().into_any() };
                    view! { <Avatar user=id name presence=Some(presence) /> }.into_any()
                })}
            </button>
            <div class="bar-text"><h1>{words.product}</h1><p><bdi>{derived(line)}</bdi></p></div>
            <a class="plain" href="/settings" rel="external" aria-label=words.settings on:click=clicked(move |event| session.open_settings(&event))><Icon drawing=Drawing::Settings /></a>
            <form method="post" action="/api/sign_out" on:submit=submitted(move |event| session.unsent_delivery.sign_out(&event))>
                <button class="plain labelled" type="submit" name="as" value=session.me.to_string()><Icon drawing=Drawing::SignOut />{words.sign_out}</button>
            </form>
        </header>
    }
}

/// What the search of the list finds, in the order of the list.
const FOUND: &str = ".panel:not(.other) .row";

/// Opens the first match, as a click on it does; if there is none, switches to rooms and messages. Once the
/// rows for the last letter are rendered.
fn open_first(chosen: RwSignal<Tab>) {
    platform::after_render(move || match platform::is_there(FOUND) {
        true => platform::click(FOUND),
        false => chosen.set(Tab::Rooms),
    });
}

/// The search field. Enter opens the first match, Escape clears the query.
#[component]
fn SearchField(query: RwSignal<String>, chosen: RwSignal<Tab>) -> impl IntoView {
    let words = words();
    let on_key = move |event: KeyboardEvent| {
        if event.is_composing() || query.read_untracked().is_empty() {
            return;
        }
        match event.key().as_str() {
            "Enter" if !query.read_untracked().trim().is_empty() => open_first(chosen),
            "Escape" => {
                event.prevent_default();
                query.set(String::new());
            }
            _ => {}
        }
    };
    view! {
        <label class="search">
            <Icon drawing=Drawing::Search />
            <span class="unseen">{words.find_all}</span>
            <input type="search" placeholder=words.find_all autocomplete="off" prop:value=query
                on:input=moved(move |event| query.set(event_target_value(&event))) on:keydown=pressed(on_key) />
            <kbd aria-hidden="true">"Ctrl K"</kbd>
        </label>
    }
}

/// The empty place for a room. The style sheet shows the text that matches the settings.
#[component]
fn StageEmpty() -> impl IntoView {
    let session = LobbySession::current();
    let words = words();
    view! {
        <div class="stage-empty">
            <p class="if-here">{words.choose_conversation}</p>
            <span class="if-here">{words.choose_hint}</span>
            <p class="if-window">{words.opens_window}</p>
            <a class="if-window" href="/settings" rel="external" on:click=clicked(move |event| session.open_settings(&event))>{words.opens_window_hint}</a>
        </div>
    }
}

/// The room next to the list: from the page's own snapshot, or loaded by its socket.
#[component]
fn RoomStage(room: Option<RoomSnapshot>) -> impl IntoView {
    let session = LobbySession::current();
    let me = session.lobby.with_untracked(|lobby| lobby.me);
    let page_snapshot = StoredValue::new(room);
    let on_leave = Callback::new(move |()| session.navigation.leave());
    let on_enter = Callback::new(move |room| session.navigation.show(room, None));
    let chat = move |room: RoomId| {
        // The page's own snapshot is used once; later it is out of date.
        let snapshot = page_snapshot.try_update_value(Option::take).flatten().filter(|snapshot| snapshot.room == room);
        split_view(SplitView::Room(RoomOpening { me, room, snapshot, is_beside: true, on_leave, on_enter }))
    };
    view! {
        <section class="stage">
            {when(move || session.navigation.shown.get().is_none(), || view! { <StageEmpty /> }.into_any())}
            // Keyed by room, so that the composer's text stays with its room.
            {list(move || session.navigation.shown.get().into_iter().collect(), chat)}
        </section>
    }
}
