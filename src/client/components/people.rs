//! The people: who is here, who is away, oneself marked. Picking one opens a conversation.

use leptos::prelude::*;

use crate::client::{
    components::{
        avatar::Avatar,
        icon::{Drawing, Icon},
        window::Window,
    },
    live::{clicked, list, live, submitted, when},
    state::lobby::Person,
    text::words,
};

#[component]
pub fn People(query: RwSignal<String>) -> impl IntoView {
    let window = Window::current();
    let words = words();
    let is_empty = move || {
        window
            .lobby
            .with(|lobby| lobby.people(true, &query.read()).is_empty() && lobby.people(false, &query.read()).is_empty())
    };
    let is_alone = move || query.read().is_empty() && window.lobby.with(|lobby| lobby.here_count() <= 1);
    view! {
        <p class="hint">{words.pick_hint}</p>
        <button class="button new-group needs-program" type="button" on:click=clicked(move |_| window.picks.set(true))>
            <Icon drawing=Drawing::Group />
            {words.new_group}
        </button>
        <PeopleGroup query is_here=true title=words.here_group />
        {when(is_alone, move || view! { <div class="empty"><p>{words.nobody}</p><p>{words.nobody_hint}</p></div> }.into_any())}
        <PeopleGroup query is_here=false title=words.away_group />
        {when(
            move || is_empty() && !query.read().is_empty(),
            move || view! { <div class="empty"><p>{words.nobody_found}</p></div> }.into_any(),
        )}
    }
}

#[component]
fn PeopleGroup(query: RwSignal<String>, is_here: bool, title: &'static str) -> impl IntoView {
    let window = Window::current();
    let people = Memo::new(move |_| window.lobby.with(|lobby| lobby.people(is_here, &query.read())));
    let id = if is_here { "people-here" } else { "people-away" };
    view! {
        {when(move || !people.read().is_empty(), move || view! {
            <h2 class="group" id=id>{title}" · "{live(move || people.read().len().to_string())}</h2>
            <ul class="rows" aria-labelledby=id>
                {list(move || people.get(), move |person| view! { <li><PersonRow person is_here /></li> }.into_any())}
            </ul>
        }.into_any())}
    }
}

#[component]
fn PersonRow(person: Person, is_here: bool) -> impl IntoView {
    let window = Window::current();
    let (id, is_me) = (person.id, person.is_me);
    let face = view! { <PersonFace person is_here /> };
    if is_me {
        return view! { <div class="row me">{face}</div> }.into_any();
    }
    view! {
        <form method="post" action="/api/open_direct" on:submit=submitted(move |event| window.open_person(&event, id))>
            <input type="hidden" name="user" value=id.to_string() />
            <button class="row" type="submit">{face}</button>
        </form>
    }
    .into_any()
}

/// What a row shows of a person: namesakes with their login.
#[component]
fn PersonFace(person: Person, is_here: bool) -> impl IntoView {
    let words = words();
    let Person { id, name, login, is_me, has_namesake } = person;
    let line = if has_namesake { Some(login) } else { (!is_here).then(|| words.leave_a_message.to_owned()) };
    view! {
        <Avatar user=id name=name.clone() presence=Some(is_here) />
        <span class="row-text">
            <span class="row-name"><bdi>{name}</bdi>{is_me.then(|| view! { <span class="mark">{words.me}</span> })}</span>
            {line.map(|line| view! { <span class="row-line">{line}</span> })}
        </span>
    }
}
