//! Above a conversation: who it is with, who of them has it open, and what can be done with it as a whole.

use leptos::{ev::MouseEvent, prelude::*};

use crate::{
    client::{
        components::{
            avatar::{Avatar, GroupAvatar},
            icon::{Drawing, Icon},
            menu::Sure,
            session::{Panel, Session},
            window::Window,
        },
        live::{clicked, effect, live, part, pressed, when},
        platform,
        state::conversation::Conversation,
        text::{room_name, with_count, with_name, words},
    },
    protocol::{chat::ChatCommand, ids::UserId, room::Member, user::Presence},
};

/// What the menu of a conversation offers.
const ITEM: &str = ".more .menu button";

/// A group's title, or everybody else's names; nothing while nothing is known.
fn title(chat: &Conversation) -> String {
    if !chat.has_begun() {
        return String::new();
    }
    room_name(words(), chat.title.as_ref(), &chat.others().map(|member| member.name.clone()).collect::<Vec<_>>())
}

#[component]
pub fn ChatHeader(on_leave: Callback<()>, is_beside: bool) -> impl IntoView {
    let session = Session::current();
    let window = use_context::<Window>();
    let words = words();
    let name = Memo::new(move |_| session.conversation.with(title));
    effect(move || {
        if !is_beside {
            platform::set_title(&name.read());
        }
    });
    view! {
        <header class="bar" data-region>
            {is_beside.then(|| view! {
                <button class="plain back" type="button" aria-label=words.back on:click=clicked(move |_| on_leave.run(()))>
                    <Icon drawing=Drawing::Back />
                </button>
            })}
            <Face />
            <div class="bar-text"><h1><bdi>{live(move || name.get())}</bdi></h1><p role="status">{live(move || line(session, window))}</p></div>
            <button class="button leave" type="button" on:click=clicked(move |_| on_leave.run(()))>{words.leave}</button>
            <More />
        </header>
    }
}

/// Without a connection nobody can be reached, whoever was here last.
fn is_here(session: Session, member: &Member) -> bool {
    member.here && !session.link.is_lost()
}

/// How somebody is, as the list says it, where it is at hand: a window of its own hears of its conversation only.
fn presence(window: Option<Window>, user: UserId) -> Option<Presence> {
    window.map(|window| window.lobby.with(|lobby| lobby.presence(user)))
}

/// Who has it open: the seed's sentence for two; how many a group has and who of them.
fn line(session: Session, window: Option<Window>) -> String {
    let words = words();
    let is_online = |member: &Member| presence(window, member.id).is_some_and(Presence::is_here);
    session.conversation.with(|chat| {
        let here: Vec<&str> =
            chat.others().filter(|member| is_here(session, member)).map(|member| member.name.as_str()).collect();
        let others = chat.others().count();
        let line = if !here.is_empty() {
            with_name(words.talking_with, &here.join(", "))
        } else if others == 0 || session.link.is_lost() {
            String::new()
        } else if window.is_none() || chat.others().any(is_online) {
            // A window of its own does not know who is online, only who has the conversation open.
            words.not_open.to_owned()
        } else {
            words.nobody_here.to_owned()
        };
        let count = chat.is_group.then(|| with_count(words.people_count, others + 1));
        count.into_iter().chain(Some(line)).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ")
    })
}

#[component]
fn Face() -> impl IntoView {
    let session = Session::current();
    let window = use_context::<Window>();
    let shown = Memo::new(move |_| {
        session.conversation.with(|chat| {
            let other = chat.others().next();
            (chat.is_group, other.map(|other| (other.id, other.name.clone(), presence(window, other.id))))
        })
    });
    part(move || match shown.get() {
        (true, _) => view! { <GroupAvatar id=session.room() /> }.into_any(),
        (false, Some((user, name, presence))) => view! { <Avatar user name presence /> }.into_any(),
        (false, None) => ().into_any(),
    })
}

/// What can be done with the conversation: one list, one listener.
#[component]
fn More() -> impl IntoView {
    let is_open = RwSignal::new(false);
    let turn = move |event: MouseEvent| {
        event.prevent_default();
        is_open.update(|is_open| *is_open = !*is_open);
    };
    view! {
        <details class="more" open=live(move || is_open.get())>
            <summary aria-label=words().more on:click=clicked(turn)>
                <Icon drawing=Drawing::More />
            </summary>
            {when(move || is_open.get(), move || view! { <MoreMenu is_open /> }.into_any())}
        </details>
    }
}

/// Made anew whenever it is opened: what was asked before is forgotten.
#[component]
fn MoreMenu(is_open: RwSignal<bool>) -> impl IntoView {
    let session = Session::current();
    let words = words();
    let is_group = session.conversation.with_untracked(|chat| chat.is_group);
    let is_muted = Memo::new(move |_| session.conversation.with(|chat| chat.is_muted));
    let item = |what: &'static str, text: &'static str| view! { <button type="button" data-do=what>{text}</button> };
    effect(move || {
        platform::open_layer(".more", move || is_open.set(false));
        platform::focus(ITEM);
    });
    let choose = move |event: MouseEvent| {
        let Some(what) = platform::chosen(&event, "data-do") else { return };
        // Whatever is opened from here gives the focus back to what stays.
        platform::focus(".more summary");
        is_open.set(false);
        choose(session, &what, is_muted.get_untracked());
    };
    view! {
        <div class="menu" role="group" aria-label=words.more
            on:click=clicked(choose) on:keydown=pressed(|event| platform::rove(&event, ITEM, 1))>
            <button type="button" data-do="mute">{live(move || if is_muted.get() { words.unmute } else { words.mute })}</button>
            {item("date", words.to_date)}
            {item("invite", words.invite)}
            {is_group.then(|| item("rename", words.rename))}
            {item("hide", words.hide)}
            {is_group.then(|| view! { <Sure what="leave" label=words.leave_group question=words.leave_group_sure /> })}
        </div>
    }
}

fn choose(session: Session, what: &str, is_muted: bool) {
    match what {
        "mute" => session.act(&ChatCommand::Mute { on: !is_muted }),
        "hide" => session.act(&ChatCommand::Hide),
        "leave" => session.act(&ChatCommand::Leave),
        "cancel" => {}
        "date" => session.panel.set(Some(Panel::Date)),
        "rename" => session.panel.set(Some(Panel::Rename)),
        _ => {
            session.people.set(None);
            session.act(&ChatCommand::People);
            session.panel.set(Some(Panel::Invite));
        }
    }
}
