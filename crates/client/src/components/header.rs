//! The header of a room: its name, its present members, and the menu of the room.

use leptos::{ev::MouseEvent, prelude::*};

use crate::{
    clock::clock,
    components::{
        action::RoomAction,
        avatar::{Avatar, GroupAvatar, presence_word},
        find::open_find,
        icon::{Drawing, Icon},
        menu::DestructiveItem,
        rooms::MutedMark,
    },
    lobby::session::LobbySession,
    platform,
    room::session::{Panel, RoomSession},
    state::{conversation::Conversation, lobby::Lobby},
    text::{with_count, words},
    view::{clicked, derived, effect, part, pressed, when},
};
use protocol::{
    ids::UserId,
    lobby_socket::LobbyCommand,
    room::RoomSummary,
    room_socket::RoomCommand,
    user::{Presence, User},
};

/// The items of the menu.
const ITEM: &str = ".more .menu button";

/// The room's name; until a snapshot has arrived, the list's, or empty in a window without the list.
fn title(conversation: &Conversation, lobby_session: Option<LobbySession>) -> String {
    if !conversation.has_begun() {
        let known = listed(conversation, lobby_session, |lobby, room| lobby.room_name(room, words()));
        return known.unwrap_or_default();
    }
    words().room_name(
        conversation.is_group,
        conversation.title.as_ref(),
        &conversation.others().map(|member| member.name.clone()).collect::<Vec<_>>(),
    )
}

/// Reads from the list about the room.
fn listed<T>(
    conversation: &Conversation,
    lobby_session: Option<LobbySession>,
    question: impl FnOnce(&Lobby, &RoomSummary) -> T,
) -> Option<T> {
    lobby_session?.lobby.with(|lobby| lobby.room(conversation.room).map(|room| question(lobby, room)))
}

#[component]
pub fn ChatHeader(on_leave: Callback<()>, is_beside: bool) -> impl IntoView {
    let session = RoomSession::current();
    let lobby_session = use_context::<LobbySession>();
    let words = words();
    let name = Memo::new(move |_| session.conversation.with(|conversation| title(conversation, lobby_session)));
    if lobby_session.is_none() {
        follow_partner(session);
    }
    follow_title(name);
    view! {
        <header class="bar" data-region>
            {is_beside.then(|| view! {
                <button class="plain back" type="button" aria-label=words.back on:click=clicked(move |_| on_leave.run(()))>
                    <Icon drawing=Drawing::Back />
                </button>
            })}
            <button class="plain face" type="button" aria-label=words.members title=words.members
                on:click=clicked(move |_| session.panel.set(Some(Panel::Members)))><RoomFace /></button>
            <div class="bar-text"><h1><bdi>{derived(move || name.get())}</bdi>{muted_mark(session)}</h1><p role="status">{derived(move || subtitle(session, lobby_session))}</p></div>
            <button class="plain find-open" type="button" aria-label=words.find_here title=words.find_here
                on:click=clicked(move |_| open_find(session))><Icon drawing=Drawing::Search /></button>
            <button class="button leave" type="button" title=words.leave_hint aria-describedby="leave-hint" on:click=clicked(move |_| on_leave.run(()))>{words.leave}</button>
            <span class="leave-hint" id="leave-hint">{words.leave_hint}</span>
            <More />
        </header>
    }
}

/// The page has the room's title, once it is known and until the room is closed.
fn follow_title(name: Memo<String>) {
    let product = words().product;
    // The cleanup is registered in the effect, which never runs on the server: a server has no title to set.
    effect(move || {
        let name = name.read();
        platform::set_title(if name.is_empty() { product } else { &name });
        on_cleanup(move || platform::set_title(product));
    });
}

/// The mark of a muted room.
fn muted_mark(session: RoomSession) -> AnyView {
    part(move || {
        let (is_muted, mentions_only) =
            session.conversation.with(|conversation| (conversation.is_muted, conversation.mentions_only));
        if is_muted { view! { <MutedMark mentions_only /> }.into_any() } else { ().into_any() }
    })
}

/// The presence of a user in the list; `None` in a window without the list.
fn presence(lobby_session: Option<LobbySession>, user: UserId) -> Option<Presence> {
    lobby_session.map(|lobby_session| lobby_session.lobby.with(|lobby| lobby.presence(user)))
}

/// The number of a group's members, or the partner's status; and who has the room open. Without a connection only parts
/// that do not change.
fn subtitle(session: RoomSession, lobby_session: Option<LobbySession>) -> String {
    let (words, is_lost) = (words(), session.link.is_lost());
    session.conversation.with(|conversation| {
        // A group's own window does not follow the presence of its members.
        let is_known = !is_lost && (lobby_session.is_some() || !conversation.is_group);
        let account_of = |user| account(session, lobby_session, user).filter(|_| is_known);
        let partner = conversation.others().next().filter(|_| !conversation.is_group);
        let mut parts = partner.and_then(|partner| account_of(partner.id)).as_ref().map(about).unwrap_or_default();
        if conversation.is_group {
            parts.push(with_count(words.people_count, conversation.present().count()));
        }
        if !is_lost {
            parts.push(words.others_line(conversation, |user| account_of(user).map(|account| account.presence)));
        }
        parts.retain(|part| !part.is_empty());
        parts.join(" · ")
    })
}

/// An account, as far as the window knows it.
pub fn account(session: RoomSession, lobby_session: Option<LobbySession>, user: UserId) -> Option<User> {
    match lobby_session {
        Some(lobby_session) => lobby_session.lobby.with(|lobby| lobby.user(user).cloned()),
        None => session.accounts.with(|users| users.iter().find(|known| known.id == user).cloned()),
    }
}

/// The public state of a user: their absence, idle or busy, and their status.
fn about(user: &User) -> Vec<String> {
    let is_shown = matches!(user.presence, Presence::Idle | Presence::Busy);
    let word = is_shown.then(|| presence_word(user.presence).to_owned());
    let absent = user.absent_until().map(|until| clock().absent_until(until));
    absent.into_iter().chain(word).chain(user.profile.status.clone()).collect()
}

/// A window without the list requests the partner's presence and status while it is visible, and at once when they open
/// or leave the room.
fn follow_partner(session: RoomSession) {
    let partner = Memo::new(move |_| {
        session.conversation.with(|conversation| {
            conversation.others().next().filter(|_| !conversation.is_group).map(|partner| partner.is_present)
        })
    });
    effect(move || {
        if session.is_visible.get() && session.link.is_connected() && partner.get().is_some() {
            session.follow_accounts();
        }
    });
}

#[component]
fn RoomFace() -> impl IntoView {
    let session = RoomSession::current();
    let lobby_session = use_context::<LobbySession>();
    let shown = Memo::new(move |_| {
        session.conversation.with(|conversation| {
            if !conversation.has_begun() {
                let known = listed(conversation, lobby_session, |lobby, room| {
                    let other = lobby.other_in(room.id).and_then(|other| lobby.user(other));
                    (room.is_group, other.map(|other| (other.id, other.name.clone(), Some(other.presence))))
                });
                return known.unwrap_or((false, None));
            }
            let other = conversation.others().next();
            let other = other.map(|other| (other.id, other.name.clone(), presence(lobby_session, other.id)));
            let me = conversation.member(conversation.me).map(|me| (me.id, me.name.clone(), None));
            (conversation.is_group, other.or(me))
        })
    });
    part(move || match shown.get() {
        (true, _) => view! { <GroupAvatar id=session.room() /> }.into_any(),
        (false, Some((user, name, presence))) => view! { <Avatar user name presence /> }.into_any(),
        (false, None) => ().into_any(),
    })
}

/// The menu of the room.
#[component]
fn More() -> impl IntoView {
    let is_open = RwSignal::new(false);
    let toggle = move |event: MouseEvent| {
        event.prevent_default();
        is_open.update(|is_open| *is_open = !*is_open);
    };
    view! {
        <details class="more" open=derived(move || is_open.get())>
            <summary aria-label=words().more on:click=clicked(toggle)>
                <Icon drawing=Drawing::More />
            </summary>
            {when(move || is_open.get(), move || view! { <MoreMenu is_open /> }.into_any())}
        </details>
    }
}

/// Rendered again each time it opens, so that no earlier question is left.
#[component]
fn MoreMenu(is_open: RwSignal<bool>) -> impl IntoView {
    let (session, lobby_session) = (RoomSession::current(), use_context::<LobbySession>());
    let words = words();
    // One closure reads all of it: each further one enlarges the program.
    let ((is_group, has_others), (is_muted, mentions_only), (is_maker, by_maker)) =
        session.conversation.with_untracked(|conversation| {
            let has_others = conversation.is_group || conversation.others().next().is_some();
            let is_maker = conversation.maker() == Some(conversation.me);
            let muting = (conversation.is_muted, conversation.mentions_only);
            ((conversation.is_group, has_others), muting, (is_maker, conversation.pins_by_maker))
        });
    let is_pinned =
        lobby_session.and_then(|list| list.lobby.with_untracked(|lobby| Some(lobby.room(session.room())?.is_pinned)));
    let item = |action: RoomAction, text: &'static str| {
        view! { <button type="button" data-do=action.attribute()>{text}</button> }
    };
    effect(move || {
        platform::open_layer(".more", move || is_open.set(false));
        platform::focus(ITEM);
    });
    let choose = move |event: MouseEvent| {
        let action = platform::chosen(&event, "data-do").and_then(|name| RoomAction::from_attribute(&name));
        let Some(action) = action else { return };
        // A dialog that opens from the menu returns the focus to the menu's button.
        platform::focus(".more summary");
        is_open.set(false);
        match (action, lobby_session, is_pinned) {
            (RoomAction::Pin, Some(list), Some(is_pinned)) => {
                list.send_with_feedback(
                    &LobbyCommand::Pin { room: session.room(), on: !is_pinned },
                    action.done(is_pinned),
                );
            }
            _ => carry_out(session, action),
        }
    };
    view! {
        <div class="menu" role="group" aria-label=words.more
            on:click=clicked(choose) on:keydown=pressed(|event| platform::rove(&event, ITEM))>
            {(has_others && is_muted).then(|| item(RoomAction::Notify, words.unmute))}
            {(has_others && !mentions_only).then(|| item(RoomAction::Mentions, words.mentions_only))}
            {(has_others && (!is_muted || mentions_only)).then(|| item(RoomAction::Mute, words.mute))}
            {is_pinned.map(|is_pinned| item(RoomAction::Pin, if is_pinned { words.unpin } else { words.pin }))}
            {item(RoomAction::Find, words.find_here)}
            {item(RoomAction::Members, words.members)}
            {item(RoomAction::Pins, words.pinned_messages)}
            {item(RoomAction::Files, words.files)}
            {item(RoomAction::Date, words.to_date)}
            {item(RoomAction::Invite, words.invite)}
            {is_group.then(|| item(RoomAction::Rename, words.rename))}
            {is_maker.then(|| item(RoomAction::LimitPins, if by_maker { words.pins_free } else { words.pins_limited }))}
            {item(RoomAction::Hide, words.hide)}
            {is_group.then(|| view! { <DestructiveItem action=RoomAction::Leave.attribute() label=words.leave_group question=derived(move || words.leave_group_sure.to_owned()) /> })}
        </div>
    }
}

fn carry_out(session: RoomSession, action: RoomAction) {
    let send = |command| session.send_with_feedback(&command, action.done(false));
    match action {
        RoomAction::Notify => send(RoomCommand::Mute { on: false, mentions_only: false }),
        RoomAction::Mentions => send(RoomCommand::Mute { on: true, mentions_only: true }),
        RoomAction::Mute => send(RoomCommand::Mute { on: true, mentions_only: false }),
        RoomAction::Hide => send(RoomCommand::Hide),
        RoomAction::Leave => session.send(&RoomCommand::Leave),
        RoomAction::Find => open_find(session),
        RoomAction::Members => session.panel.set(Some(Panel::Members)),
        RoomAction::Pins => session.panel.set(Some(Panel::Pins)),
        RoomAction::LimitPins => {
            let by_maker = session.conversation.with_untracked(|conversation| conversation.pins_by_maker);
            session.send(&RoomCommand::LimitPins { on: !by_maker });
        }
        RoomAction::Files => session.panel.set(Some(Panel::Files)),
        RoomAction::Date => session.panel.set(Some(Panel::Date)),
        RoomAction::Rename => session.panel.set(Some(Panel::Rename)),
        RoomAction::Invite => session.open_invite(),
        // Pinning a room concerns the list: the menu passes it on.
        RoomAction::Pin | RoomAction::Cancel => {}
    }
}
