//! What is known of a person, and what can be done with them; of oneself, the status that others see.

use std::time::Duration;

use leptos::{ev::SubmitEvent, prelude::*};

use crate::{
    client::{
        components::{
            avatar::{Avatar, presence_word},
            panel::Over,
            window::Window,
        },
        live::{clicked, live, submitted},
        platform,
        text::words,
    },
    protocol::{
        ids::UserId,
        limit::PROFILE_CHARS,
        lobby::LobbyCommand,
        user::{Presence, Profile, User},
    },
};

#[component]
pub fn Card(user: User) -> impl IntoView {
    let window = Window::current();
    let words = words();
    let User { id, login, name, presence, profile, .. } = user;
    let close = Callback::new(move |()| window.profile.set(None));
    let is_me = window.lobby.with_untracked(|lobby| lobby.me == id);
    let presence = if is_me && presence == Presence::Away { Presence::Here } else { presence };
    let Profile { department, title, email, status, .. } = profile;
    let place =
        [department.map(|path| path.replace('/', " › ")), title].into_iter().flatten().collect::<Vec<_>>().join(" · ");
    view! {
        <Over label=name.clone() close>
            <div class="profile">
                <Avatar user=id name=name.clone() presence=Some(presence) />
                <h2><bdi>{name}</bdi></h2>
                <p>{login}" · "{presence_word(presence)}</p>
                {(!place.is_empty()).then(|| view! { <p><bdi>{place}</bdi></p> })}
                {email.map(|email| view! { <p><a href=format!("mailto:{email}")>{email.clone()}</a></p> })}
                {if is_me { status_form(presence, status) } else { deeds(id, status) }}
                <button class="button" type="button" on:click=clicked(move |_| close.run(()))>{words.close}</button>
            </div>
        </Over>
    }
}

fn deeds(id: UserId, status: Option<String>) -> AnyView {
    let window = Window::current();
    let words = words();
    let is_favourite = move || window.lobby.with(|lobby| lobby.is_favourite(id));
    let favour = move |_| {
        let on = !window.lobby.with_untracked(|lobby| lobby.is_favourite(id));
        window.tell(&LobbyCommand::Favour { user: id, on });
    };
    let talk = move |event: SubmitEvent| {
        window.open_person(&event, id);
        // One task later: a form that is taken away does not send itself.
        platform::after(Duration::ZERO, move || window.profile.set(None));
    };
    view! {
        {status.map(|status| view! { <p class="status"><bdi>{status}</bdi></p> })}
        <form method="post" action="/api/open_direct" on:submit=submitted(talk)>
            <input type="hidden" name="user" value=id.to_string() />
            <input type="hidden" name="place" value="" />
            <button class="button primary wide" type="submit" name="as" value=window.me.to_string()>{words.talk}</button>
        </form>
        <button class="button" type="button" aria-pressed=live(move || is_favourite().to_string()) on:click=clicked(favour)>
            {live(move || if is_favourite() { "★ " } else { "☆ " })}{words.favourite}
        </button>
    }
    .into_any()
}

fn status_form(presence: Presence, status: Option<String>) -> AnyView {
    let window = Window::current();
    let words = words();
    let send = move |event: SubmitEvent| {
        event.prevent_default();
        let busy = !platform::checked("#status-busy").is_empty();
        let text = Some(platform::value_of("#status-text")).filter(|text| !text.trim().is_empty());
        window.tell(&LobbyCommand::Status { busy, text });
        window.profile.set(None);
    };
    view! {
        <form class="form" on:submit=submitted(send)>
            <label class="check"><input type="checkbox" id="status-busy" checked=presence == Presence::Busy />{words.busy}</label>
            <label class="check" for="status-text">{words.status}</label>
            <input type="text" id="status-text" maxlength=PROFILE_CHARS.to_string() value=status placeholder=words.status_hint autocomplete="off" />
            <button class="button primary" type="submit">{words.save}</button>
        </form>
    }
    .into_any()
}
