//! The card of a user: profile, "talk", "favourite"; on the user's own card, the form for their status.

use std::time::Duration;

use leptos::{ev::SubmitEvent, prelude::*};

use crate::{
    components::{
        absence::{absence_form, absence_line},
        avatar::{Avatar, presence_word},
        modal::ModalDialog,
        status_form::{StatusForm, until},
    },
    lobby::{navigation::open_in_window, session::LobbySession},
    platform,
    room::session::RoomSession,
    state::people::path_words,
    text::dialog::dialog_words as words,
    view::{clicked, derived, submitted},
};
use protocol::{
    ids::UserId,
    lobby_socket::LobbyCommand,
    user::{Presence, Profile, User},
};

#[component]
pub fn ProfileCard(user: User, close: Callback<()>) -> impl IntoView {
    let session = use_context::<LobbySession>();
    let words = words();
    let own_user = user.clone();
    let User { id, login, name, presence, profile, absence, .. } = user;
    let me = session.map_or_else(|| RoomSession::current().me(), |session| session.me);
    let is_me = me == id;
    let presence = if is_me && presence == Presence::Offline { Presence::Online } else { presence };
    let Profile { department, title, email, status, status_until, .. } = profile;
    let status = status.map(|status| match status_until {
        Some(at) => format!("{status} · {}", until(at)),
        None => status,
    });
    let workplace =
        [department.map(|path| path_words(&path)), title].into_iter().flatten().collect::<Vec<_>>().join(" · ");
    view! {
        <ModalDialog label=name.clone() close>
            <div class="profile">
                <Avatar user=id name=name.clone() presence=Some(presence) />
                <h2><bdi>{name}</bdi></h2>
                <p>{login}" · "{presence_word(presence)}</p>
                {(!workplace.is_empty()).then(|| view! { <p><bdi>{workplace}</bdi></p> })}
                {email.map(|email| view! { <p><a href=format!("mailto:{email}")>{email.clone()}</a></p> })}
                {absence.as_ref().map(absence_line)}
                {match session.filter(|_| is_me) {
                    Some(session) => own(session, own_user, close),
                    None => actions(id, me, status, close),
                }}
                <button class="button" type="button" on:click=clicked(move |_| close.run(()))>{words.close}</button>
            </div>
        </ModalDialog>
    }
}

/// "Talk" and "favourite". A window without the list has no favourites.
fn actions(id: UserId, me: UserId, status: Option<String>, close: Callback<()>) -> AnyView {
    let session = use_context::<LobbySession>();
    let words = words();
    let on_talk = move |event: SubmitEvent| {
        match session {
            Some(session) => session.navigation.open_person(&event, id),
            None => open_in_window(&event, id),
        }
        // One task later, because a form that is removed does not submit.
        platform::after(Duration::ZERO, move || close.run(()));
    };
    view! {
        {status.map(|status| view! { <p class="status"><bdi>{status}</bdi></p> })}
        {(id != me).then(|| view! {
            <form method="post" action="/api/open_direct" on:submit=submitted(on_talk)>
                <input type="hidden" name="user" value=id.to_string() />
                <input type="hidden" name="place" value="" />
                <button class="button primary wide" type="submit" name="as" value=me.to_string()>{words.talk}</button>
            </form>
        })}
        {session.map(|session| favour_button(session, id))}
    }
    .into_any()
}

fn favour_button(session: LobbySession, id: UserId) -> AnyView {
    let is_favourite = move || session.lobby.with(|lobby| lobby.is_favourite(id));
    let favour = move |_| {
        let on = !session.lobby.with_untracked(|lobby| lobby.is_favourite(id));
        session.send(&LobbyCommand::Favour { user: id, on });
    };
    view! {
        <button class="button" type="button" aria-pressed=derived(move || is_favourite().to_string()) on:click=clicked(favour)>
            <span aria-hidden="true">{derived(move || if is_favourite() { "★ " } else { "☆ " })}</span>{words().favourite}
        </button>
    }
    .into_any()
}

/// The actions of the user's own card: their notes, and the form for their status.
fn own(session: LobbySession, user: User, close: Callback<()>) -> AnyView {
    let notes = move |_| {
        close.run(());
        session.open_notes();
    };
    let (status, absence) = (user.profile.status.clone().zip(user.profile.status_until), user.absence.clone());
    view! {
        {status.map(|(status, at)| view! { <p class="status"><bdi>{status}" · "{until(at)}</bdi></p> })}
        <button class="button wide" type="button" on:click=clicked(notes)>{words().notes}</button>
        <StatusForm user close />
        {absence_form(session, close, absence)}
    }
    .into_any()
}
