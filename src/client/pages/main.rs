//! `/`: the main window. Who is there, my conversations, and beside them (`/?room=…`) one of them.

use std::time::Duration;

use leptos::{ev::KeyboardEvent, prelude::*};

use crate::{
    client::{
        components::{
            avatar::{Avatar, presence_word},
            icon::{Drawing, Icon},
            keys::watch_keys,
            lost::Lost,
            people::People,
            rooms::{Badge, Rooms},
            tabs::{Tab, TabButton},
            toasts::ToastStack,
            window::Window,
        },
        later::{Dialog, Later, Opening, dialog, later},
        live::{effect, list, live, moved, part, pressed, submitted, when},
        platform,
        state::{
            lobby::Lobby,
            people::{Person, here_count},
        },
        text::words,
    },
    protocol::{ids::RoomId, lobby::LobbySnapshot, room::RoomSnapshot},
};

/// How long one must have stopped typing before the messages are searched.
const SEARCH_AFTER: Duration = Duration::from_millis(300);

#[component]
pub fn MainWindow(lobby: LobbySnapshot, room: Option<RoomSnapshot>) -> impl IntoView {
    let window = Window::new(lobby, room.as_ref().map(|room| room.room));
    provide_context(window);
    provide_context(window.jump);
    effect(move || window.begin());
    watch_browser(window);
    view! {
        <main class="main" class:has-room=live(move || window.shown.get().is_some())>
            <Side />
            <Stage room />
        </main>
        <ToastStack />
    }
}

/// Keys, and "back".
fn watch_browser(window: Window) {
    watch_keys(move || window.finds.set(true), move || window.escape(), move |is_back| window.follow_address(is_back));
}

/// The list: narrow beside other work, or at the left of a wide screen.
#[component]
fn Side() -> impl IntoView {
    let window = Window::current();
    let words = words();
    let query = RwSignal::new(String::new());
    // What was missed comes first.
    let has_unread = window.lobby.with_untracked(Lobby::unread) > 0;
    let (chosen, scrolled) = (RwSignal::new(if has_unread { Tab::Rooms } else { Tab::People }), Trigger::new());
    search_messages(window, query, chosen);
    let panel = move |tab: Tab| live(move || if chosen.get() == tab { "panel" } else { "panel other" });
    view! {
        <div class="side" data-region on:keydown=pressed(move_in_list) on:scroll=moved(move |_| scrolled.notify())>
            <SideHeader />
            <Lost link=window.link />
            <p class="lost" role="alert" hidden=live(move || window.refusal.get().is_none())>
                {live(move || window.refusal.get().map(|refusal| words.refusal(refusal)))}
            </p>
            <Search query chosen />
            <div class="tabs" role="tablist" aria-label=words.messenger>
                <TabButton tab=Tab::People chosen>{words.people}" "{live(move || window.lobby.with(here_count).to_string())}</TabButton>
                <TabButton tab=Tab::Rooms chosen>
                    {words.conversations}" "
                    {part(move || match window.lobby.with(Lobby::unread) {
                        0 => ().into_any(),
                        count => view! { <Badge count /> }.into_any(),
                    })}
                </TabButton>
            </div>
            <div class=panel(Tab::People) data-list=".fold:not(:disabled), .row, .act" role="tabpanel" id="panel-people" aria-labelledby="tab-people" tabindex="-1"
                on:scroll=moved(move |_| scrolled.notify())>
                <People query chosen scrolled />
            </div>
            <div class=panel(Tab::Rooms) role="tabpanel" id="panel-rooms" aria-labelledby="tab-rooms"><Rooms query /></div>
            {when(move || window.picks.get(), || dialog(Dialog::NewGroup))}
            {profile_card(window)}
            {when(move || window.finds.get(), || dialog(Dialog::Palette))}
        </div>
    }
}

/// The card of whoever was asked for.
fn profile_card(window: Window) -> AnyView {
    part(move || {
        let user = window.profile.get().and_then(|id| window.lobby.with_untracked(|lobby| lobby.user(id).cloned()));
        user.map_or_else(|| ().into_any(), |user| dialog(Dialog::Card(user)))
    })
}

/// The keys of the list, from the search field on.
fn move_in_list(event: KeyboardEvent) {
    if !event.default_prevented() && !event.is_composing() && platform::is_in(&event, ".panel, .search") {
        platform::walk(&event);
    }
}

/// Looks for messages when one has stopped typing and looks at the conversations.
fn search_messages(window: Window, query: RwSignal<String>, chosen: RwSignal<Tab>) {
    effect(move || {
        let wanted = query.get();
        if chosen.get() != Tab::Rooms {
            return;
        }
        platform::after(SEARCH_AFTER, move || {
            if query.try_with_untracked(|query| *query == wanted) == Some(true) {
                window.ask(|lobby| lobby.ask_search(&wanted));
            }
        });
    });
}

#[component]
fn SideHeader() -> impl IntoView {
    let window = Window::current();
    let words = words();
    let me = window.person(window.lobby.with_untracked(|lobby| lobby.me));
    let line = move || {
        let name = window.lobby.with(|lobby| lobby.my_name().to_owned());
        let how = me.get().map(|me| me.status.unwrap_or_else(|| presence_word(me.presence).to_owned()));
        format!("{name} · {}", how.unwrap_or_default())
    };
    view! {
        <header class="bar">
            {part(move || {
                let Some(Person { id, name, presence, .. }) = me.get() else { return ().into_any() };
                view! { <Avatar user=id name presence=Some(presence) /> }.into_any()
            })}
            <div class="bar-text"><h1>{words.product}</h1><p><bdi>{live(line)}</bdi></p></div>
            <a class="plain" href="/settings" rel="external" aria-label=words.settings><Icon drawing=Drawing::Settings /></a>
            <form method="post" action="/api/sign_out" on:submit=submitted(move |_| window.outbox.forget_all())>
                <button class="plain labelled" type="submit" name="as" value=window.me.to_string()><Icon drawing=Drawing::SignOut />{words.sign_out}</button>
            </form>
        </header>
    }
}

/// Enter leads on from the people to the conversations and messages, Escape clears the search.
#[component]
fn Search(query: RwSignal<String>, chosen: RwSignal<Tab>) -> impl IntoView {
    let words = words();
    let find_more = move |event: KeyboardEvent| {
        if event.is_composing() || query.read_untracked().is_empty() {
            return;
        }
        match event.key().as_str() {
            "Enter" if !query.read_untracked().trim().is_empty() => chosen.set(Tab::Rooms),
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
                on:input=moved(move |event| query.set(event_target_value(&event))) on:keydown=pressed(find_more) />
            <kbd aria-hidden="true">"Ctrl K"</kbd>
        </label>
    }
}

/// Where a conversation would be; of the two texts the style shows the one that holds.
#[component]
fn StageEmpty() -> impl IntoView {
    let words = words();
    view! {
        <div class="stage-empty">
            <p class="if-here">{words.choose_conversation}</p>
            <span class="if-here">{words.choose_hint}</span>
            <p class="if-window">{words.opens_window}</p>
            <a class="if-window" href="/settings" rel="external">{words.opens_window_hint}</a>
        </div>
    }
}

/// The conversation beside the list: the page's own, or one that its socket brings.
#[component]
fn Stage(room: Option<RoomSnapshot>) -> impl IntoView {
    let window = Window::current();
    let me = window.lobby.with_untracked(|lobby| lobby.me);
    let given = StoredValue::new(room);
    let on_leave = Callback::new(move |()| window.hide());
    let on_enter = Callback::new(move |room| window.show(room, None));
    let chat = move |room: RoomId| {
        // The page's own snapshot is used once: later it would be old.
        let snapshot = given.try_update_value(Option::take).flatten().filter(|snapshot| snapshot.room == room);
        later(Later::Chat(Opening { me, room, snapshot, is_beside: true, on_leave, on_enter }))
    };
    view! {
        <section class="stage">
            {when(move || window.shown.get().is_none(), || view! { <StageEmpty /> }.into_any())}
            // Keyed, so that what stands in the composer belongs to one conversation.
            {list(move || window.shown.get().into_iter().collect(), chat)}
        </section>
    }
}
