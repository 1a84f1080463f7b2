//! The room list: name, last message, its time, the unread count.

use leptos::{ev::MouseEvent, prelude::*};

use crate::{
    clock::clock,
    components::{
        avatar::{Avatar, GroupAvatar},
        hits::Hits,
        icon::{Drawing, Icon},
    },
    lobby::session::LobbySession,
    platform,
    state::lobby::Lobby,
    text::{date, lang, system_event, with_count, words},
    view::{clicked, derived, list, part, when},
};
use protocol::{
    ids::{RoomId, UserId},
    lobby_socket::Collection,
    message::{Message, SystemEvent},
    room::RoomSummary,
};

#[component]
pub fn RoomList(query: RwSignal<String>) -> impl IntoView {
    let session = LobbySession::current();
    let words = words();
    let rooms = Memo::new(move |_| session.lobby.with(|lobby| lobby.rooms(&query.read(), words)));
    let is_searching = Memo::new(move |_| !query.read().trim().is_empty());
    let none = move || if session.lobby.with(Lobby::is_alone) { words.nobody } else { words.no_conversations };
    let collect = move |of| clicked(move |_| session.ask(|lobby| lobby.ask_collection(of)));
    view! {
        {when(move || !is_searching.get(), move || view! {
            <p class="collect needs-program">
                <button class="button" type="button" on:click=collect(Collection::Mentions)>"@ "{words.mentions_of_me}</button>
                <button class="button" type="button" on:click=collect(Collection::Bookmarks)>{words.bookmarks}</button>
            </p>
        }.into_any())}
        {when(
            move || rooms.read().is_empty() && !is_searching.get(),
            move || view! { <div class="empty"><p>{derived(none)}</p></div> }.into_any(),
        )}
        <ul class="rows" data-list=".row, .act" aria-label=words.conversations>
            {list(move || rooms.get(), |room| view! { <li class="row-item"><RoomListRow room /></li> }.into_any())}
        </ul>
        {when(move || is_searching.get(), || view! { <Hits /> }.into_any())}
    }
}

#[component]
pub fn RoomListRow(room: RoomSummary) -> impl IntoView {
    let session = LobbySession::current();
    let id = room.id;
    let open = move |event: MouseEvent| {
        if platform::is_plain_click(&event) {
            event.prevent_default();
            session.navigation.open_room(id, None);
        }
    };
    let menu = move |_| session.room_menu.update(|open| *open = (*open != Some(id)).then_some(id));
    let is_shown = move || session.navigation.shown.get() == Some(id);
    let (named, size) = (room.clone(), room.size);
    // A new user may arrive after their first room.
    let name = derived(move || session.lobby.with(|lobby| lobby.room_name(&named, words())));
    let label = derived(move || format!("{} {}", name.get(), words().room_menu));
    view! {
        <a class="row" href=format!("/rooms/{id}") rel="external" on:click=clicked(open) aria-current=derived(move || is_shown().then_some("true"))>
            <RoomAvatar room=room.clone() />
            <span class="row-text">
                <span class="row-name">
                    <bdi>{name}</bdi>
                    {room.is_group.then(|| view! { <span class="mark">{with_count(words().people_count, size)}</span> })}
                    {room.is_pinned.then(|| view! { <span class="mark"><Icon drawing=Drawing::Pin /><span class="unseen">{words().pinned}</span></span> })}
                    {room.is_muted.then(|| view! { <MutedMark mentions_only=room.mentions_only /> })}
                </span>
                <span class="row-line">{line(&room)}</span>
            </span>
            <RowEnd room />
        </a>
        <button class="plain act needs-program" type="button" data-menu=id.to_string() aria-label=label on:click=clicked(menu)><Icon drawing=Drawing::More /></button>
    }
}

/// The mark of a muted room; "@" if mentions give notice.
#[component]
pub fn MutedMark(mentions_only: bool) -> impl IntoView {
    let label = if mentions_only { words().mentions_only } else { words().muted };
    view! {
        <span class="mark">
            {mentions_only.then(|| view! { <span aria-hidden="true">"@"</span> })}
            <Icon drawing=Drawing::Muted /><span class="unseen">{label}</span>
        </span>
    }
}

#[component]
fn RoomAvatar(room: RoomSummary) -> impl IntoView {
    let session = LobbySession::current();
    if room.is_group {
        return view! { <GroupAvatar id=room.id /> }.into_any();
    }
    // Notes show the user themselves, without presence.
    let is_notes = room.others.is_empty();
    let other = room.others.first().copied().unwrap_or(session.me);
    let person = session.person(other);
    part(move || {
        let (name, presence) = person
            .get()
            .map_or_else(Default::default, |person| (person.name, Some(person.presence).filter(|_| !is_notes)));
        view! { <Avatar user=other name presence /> }.into_any()
    })
}

/// The room's message that was not sent, its draft, or else its last message.
fn line(room: &RoomSummary) -> AnyView {
    let (session, id, last) = (LobbySession::current(), room.id, room.last.clone());
    let (is_group, is_notes) = (room.is_group, !room.is_group && room.others.is_empty());
    let names_others = is_group || last.as_ref().is_some_and(|last| last.system_event.is_some());
    let who = if is_notes {
        Authors::Nobody
    } else if is_group {
        Authors::Everybody
    } else {
        Authors::Oneself
    };
    part(move || match marked_line(session, id) {
        Some((mark, text)) => view! { <b class="draft">{mark}</b>" "<bdi>{text}</bdi> }.into_any(),
        // The names may arrive after the room.
        None if names_others => view! { <bdi>{derived({
            let last = last.clone();
            move || session.lobby.with(|lobby| last_line(lobby, last.as_ref(), who))
        })}</bdi> }
        .into_any(),
        None => {
            view! { <bdi>{session.lobby.with_untracked(|lobby| last_line(lobby, last.as_ref(), who))}</bdi> }.into_any()
        }
    })
}

/// The text of the user's own that others do not see yet, with its state.
fn marked_line(session: LobbySession, room: RoomId) -> Option<(&'static str, String)> {
    let (words, delivery) = (words(), session.unsent_delivery);
    let Some(unsent) = delivery.waiting(room) else {
        if delivery.waits_for_files(room) {
            return Some((words.sends_after, String::new()));
        }
        return delivery.draft(room).map(|draft| (words.draft, draft));
    };
    let mark = if unsent.refused.is_some() { words.not_sent } else { words.sending };
    Some((mark, words.message_line(&unsent.files, &unsent.body)))
}

/// Which authors a line names: in notes all messages are the user's own, in a direct room the others' are the partner's.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Authors {
    Nobody,
    Oneself,
    Everybody,
}

/// The last message or system event as one line.
fn last_line(lobby: &Lobby, last: Option<&Message>, who: Authors) -> String {
    let words = words();
    let Some(last) = last else { return words.no_messages_yet.to_owned() };
    let prefix = match who {
        Authors::Oneself | Authors::Everybody if last.author == lobby.me => words.mine_prefix.to_owned(),
        // Isolated, because a name may run from right to left.
        Authors::Everybody => {
            lobby.display_name(last.author).map_or_else(String::new, |name| format!("\u{2068}{name}\u{2069}: "))
        }
        _ => String::new(),
    };
    match (last.recalled, &last.system_event) {
        (Some(_), _) => format!("{prefix}{}", words.recalled_before),
        (_, Some(event)) => event_line(lobby, last.author, event),
        // A row shows the beginning of a long message only.
        _ => format!("{prefix}{}", words.message_line(&last.files, &last.body.chars().take(120).collect::<String>())),
    }
}

fn event_line(lobby: &Lobby, author: UserId, event: &SystemEvent) -> String {
    let name = |user: &UserId| lobby.display_name(*user).unwrap_or_else(|| "…".to_owned());
    let others = match event {
        SystemEvent::Invited { users } | SystemEvent::Removed { users } => users.as_slice(),
        _ => &[],
    };
    system_event(&name(&author), &others.iter().map(name).collect::<Vec<_>>().join(", "), event)
}

#[component]
fn RowEnd(room: RoomSummary) -> impl IntoView {
    let clock = clock();
    let sent_at = room.last.as_ref().map_or(room.active_at, |last| last.sent_at);
    let time = derived(move || date::in_list(clock.local(sent_at), clock.local(platform::now_ms()), lang()));
    view! {
        <span class="row-end">
            <span class="time">{time}</span>
            <span class="badges">
            {room.mentioned.map(|_| view! { <span class="badge"><span aria-hidden="true">"@"</span><span class="unseen">{words().mentioned}</span></span> })}
            {(room.unread > 0).then(|| view! { <Badge count=room.unread is_quiet=room.is_muted /> })}
            </span>
        </span>
    }
}

/// The number of unread messages, on the screen and for screen readers.
#[component]
pub fn Badge(count: u32, #[prop(optional)] is_quiet: bool) -> impl IntoView {
    let shown = if count > 999 { "999+".to_owned() } else { count.to_string() };
    let class = if is_quiet { "badge quiet" } else { "badge" };
    view! {
        <span class=class><span aria-hidden="true">{shown}</span><span class="unseen">{with_count(words().unread, count)}</span></span>
    }
}
