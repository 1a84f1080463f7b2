//! My conversations: with whom, what was said last, when, and how much is unread.

use leptos::{ev::MouseEvent, prelude::*};

use crate::{
    client::{
        clock::clock,
        components::{
            avatar::{Avatar, GroupAvatar},
            hits::Hits,
            icon::{Drawing, Icon},
            window::Window,
        },
        live::{clicked, list, live, part, when},
        platform,
        text::{lang, with_count, words},
    },
    protocol::{lobby::LobbyCommand, message::Message, room::Room},
};

#[component]
pub fn Rooms(query: RwSignal<String>) -> impl IntoView {
    let window = Window::current();
    let words = words();
    let rooms = Memo::new(move |_| window.lobby.with(|lobby| lobby.rooms(&query.read())));
    let is_searching = Memo::new(move |_| !query.read().trim().is_empty());
    view! {
        {when(
            move || rooms.read().is_empty() && !is_searching.get(),
            move || view! { <div class="empty"><p>{words.no_conversations}</p></div> }.into_any(),
        )}
        <ul class="rows" data-list=".row, .act" aria-label=words.conversations>
            {list(move || rooms.get(), |room| view! { <li class="row-item"><RoomRow room /></li> }.into_any())}
        </ul>
        {when(move || is_searching.get(), || view! { <Hits /> }.into_any())}
    }
}

/// A click that is meant for the window at hand.
pub fn is_plain(event: &MouseEvent) -> bool {
    !(event.ctrl_key() || event.meta_key() || event.shift_key())
}

#[component]
pub fn RoomRow(room: Room) -> impl IntoView {
    let window = Window::current();
    let id = room.id;
    let open = move |event: MouseEvent| {
        if is_plain(&event) {
            event.prevent_default();
            window.open_room(id, None);
        }
    };
    let is_pinned = room.is_pinned;
    let pin = move |_| window.tell(&LobbyCommand::Pin { room: id, on: !is_pinned });
    let is_shown = move || window.shown.get() == Some(id);
    let (named, size) = (room.clone(), room.size);
    // Somebody new may be told of after their first conversation is.
    let name = live(move || window.lobby.with(|lobby| lobby.room_name(&named)));
    view! {
        <a class="row" href=format!("/rooms/{id}") rel="external" on:click=clicked(open) aria-current=live(move || is_shown().then_some("true"))>
            <Face room=room.clone() />
            <span class="row-text">
                <span class="row-name">
                    <bdi>{name}</bdi>
                    {room.is_group.then(|| view! { <span class="mark">{with_count(words().people_count, size)}</span> })}
                    {room.is_muted.then(|| view! { <span class="mark"><Icon drawing=Drawing::Muted /><span class="unseen">{words().muted}</span></span> })}
                </span>
                <span class="row-line">{line(&room)}</span>
            </span>
            <RowEnd room />
        </a>
        <button class="plain act needs-program" type="button" aria-label=words().pin aria-pressed=is_pinned.to_string() on:click=clicked(pin)><Icon drawing=Drawing::Pin /></button>
    }
}

#[component]
fn Face(room: Room) -> impl IntoView {
    let window = Window::current();
    let other = room.others.first().copied().filter(|_| !room.is_group);
    let Some(other) = other else { return view! { <GroupAvatar id=room.id /> }.into_any() };
    let with = window.person(other);
    part(move || {
        let (name, presence) = with.get().map_or_else(Default::default, |with| (with.name, Some(with.presence)));
        view! { <Avatar user=other name presence /> }.into_any()
    })
}

/// What one began to write and did not send, else what was said last.
fn line(room: &Room) -> AnyView {
    let (window, id) = (Window::current(), room.id);
    let last = last_line(room.last.as_ref());
    part(move || match window.draft(id) {
        Some(draft) => view! { <b class="draft">{words().draft}</b>" "<bdi>{draft}</bdi> }.into_any(),
        None => view! { <bdi>{last.clone()}</bdi> }.into_any(),
    })
}

/// What was said last, or done, or that nothing was.
fn last_line(last: Option<&Message>) -> String {
    let words = words();
    let Some(last) = last else { return words.no_messages_yet.to_owned() };
    let prefix =
        if last.author == Window::current().lobby.with_untracked(|lobby| lobby.me) { words.mine_prefix } else { "" };
    match (last.recalled, &last.line) {
        (Some(_), _) => format!("{prefix}{}", words.recalled_before),
        (_, Some(_)) => words.group_changed.to_owned(),
        // A list needs no more of a long message than its beginning.
        _ => format!("{prefix}{}", last.body.chars().take(120).collect::<String>()),
    }
}

#[component]
fn RowEnd(room: Room) -> impl IntoView {
    let clock = clock();
    let said_at = room.last.as_ref().map_or(room.active_at, |last| last.sent_at);
    let time = live(move || clock.local(said_at).in_list(clock.local(platform::now_ms()), lang()));
    view! {
        <span class="row-end">
            <span class="time">{time}</span>
            {(room.unread > 0).then(|| view! { <Badge count=room.unread is_quiet=room.is_muted /> })}
        </span>
    }
}

/// How many are unread, for eyes and ears.
#[component]
pub fn Badge(count: u32, #[prop(optional)] is_quiet: bool) -> impl IntoView {
    let shown = if count > 999 { "999+".to_owned() } else { count.to_string() };
    let class = if is_quiet { "badge quiet" } else { "badge" };
    view! {
        <span class=class><span aria-hidden="true">{shown}</span><span class="unseen">{with_count(words().unread, count)}</span></span>
    }
}
