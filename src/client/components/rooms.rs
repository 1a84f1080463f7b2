//! My conversations: with whom, what was said last, when, and how much is unread.

use leptos::{ev::MouseEvent, prelude::*};

use crate::{
    client::{
        clock::clock,
        components::avatar::Avatar,
        pages::main::Window,
        platform,
        text::{lang, with_count, words},
    },
    protocol::{room::Room, user::Presence},
};

#[component]
pub fn Rooms() -> impl IntoView {
    let window = Window::current();
    let rooms = Memo::new(move |_| window.lobby.with(|lobby| lobby.rooms()));
    let key = |room: &Room| (room.id, room.active_at, room.unread, room.last.as_ref().map(|last| last.version));
    view! {
        <Show
            when=move || !rooms.read().is_empty()
            fallback=|| view! { <div class="empty"><p>{words().no_conversations}</p></div> }
        >
            <ul class="rows" aria-label=words().conversations>
                <For each=move || rooms.get() key=key let:room>
                    <li><RoomRow room /></li>
                </For>
            </ul>
        </Show>
    }
}

#[component]
fn RoomRow(room: Room) -> impl IntoView {
    let window = Window::current();
    let id = room.id;
    let other = room.others.first().copied();
    let open = move |event: MouseEvent| {
        let is_plain = !(event.ctrl_key() || event.meta_key() || event.shift_key());
        if is_plain && window.open_room(id) {
            event.prevent_default();
        }
    };
    // Somebody new may be told of after their first conversation is.
    let with = Memo::new(move |_| {
        let user = window.lobby.with(|lobby| other.and_then(|other| lobby.user(other).cloned()));
        user.map(|user| (user.name, user.presence == Presence::Here)).unwrap_or_default()
    });
    let face = other.map(|other| {
        move || {
            let (name, is_here) = with.get();
            view! { <Avatar user=other name presence=Some(is_here) /> }
        }
    });
    let is_shown = move || window.shown.get() == Some(id);
    view! {
        <a class="row" href=format!("/rooms/{id}") rel="external" on:click=open aria-current=move || is_shown().then_some("true")>
            {face}
            <span class="row-text">
                <span class="row-name"><bdi>{move || with.get().0}</bdi></span>
                <LastLine room=room.clone() />
            </span>
            <RowEnd room />
        </a>
    }
}

#[component]
fn LastLine(room: Room) -> impl IntoView {
    let me = Window::current().lobby.with_untracked(|lobby| lobby.me);
    let words = words();
    let line = room.last.map(|last| {
        let prefix = if last.author == me { words.mine_prefix } else { "" };
        // A list needs no more of a long message than its beginning.
        format!("{prefix}{}", last.body.chars().take(120).collect::<String>())
    });
    view! { <span class="row-line"><bdi>{line.unwrap_or_else(|| words.no_messages_yet.to_owned())}</bdi></span> }
}

#[component]
fn RowEnd(room: Room) -> impl IntoView {
    let clock = clock();
    let time = move || clock.local(room.active_at).in_list(clock.local(platform::now_ms()), lang());
    view! {
        <span class="row-end">
            <span class="time">{time}</span>
            {(room.unread > 0).then(|| view! { <Badge count=room.unread /> })}
        </span>
    }
}

/// How many are unread, for eyes and ears.
#[component]
pub fn Badge(count: u32) -> impl IntoView {
    let shown = if count > 999 { "999+".to_owned() } else { count.to_string() };
    view! {
        <span class="badge"><span aria-hidden="true">{shown}</span><span class="unseen">{with_count(words().unread, count)}</span></span>
    }
}
