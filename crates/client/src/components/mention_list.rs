//! The list of members above the composer, while a name is typed after "@". The composer keeps the focus and handles
//! the keys.

use leptos::{ev::MouseEvent, prelude::*};

use crate::{
    components::avatar::{Avatar, GroupAvatar},
    platform,
    room::{Mentioning, session::RoomSession},
    state::mention::Candidate,
    text::dialog::dialog_words as words,
    view::{clicked, effect, list},
};

/// `on_pick` receives the index of a candidate.
#[component]
pub fn MentionList(mentioning: Mentioning, on_pick: Callback<usize>) -> impl IntoView {
    effect(move || platform::open_layer(".mention-list, #composer", move || mentioning.dismiss()));
    let rows = move || {
        let chosen = mentioning.chosen.get();
        let candidates = mentioning.candidates().into_iter().enumerate();
        candidates.map(|(index, candidate)| (index, index == chosen, candidate)).collect()
    };
    let pick = move |event: MouseEvent| {
        let index = platform::chosen(&event, "data-index").and_then(|index| index.parse().ok());
        index.into_iter().for_each(|index| on_pick.run(index));
    };
    view! {
        // The field keeps the focus, so that a phone keeps its keyboard open.
        <ul class="mention-list" id="mention-list" role="listbox" aria-label=words().mention
            on:mousedown=clicked(|event| event.prevent_default()) on:click=clicked(pick)>
            {list(rows, |(index, is_chosen, candidate)| view! { <CandidateRow index is_chosen candidate /> }.into_any())}
        </ul>
    }
}

#[component]
fn CandidateRow(index: usize, is_chosen: bool, candidate: Candidate) -> impl IntoView {
    let Candidate { user, name, login } = candidate;
    let face = match user {
        Some(user) => view! { <Avatar user name=name.clone() /> }.into_any(),
        None => view! { <GroupAvatar id=RoomSession::current().room() /> }.into_any(),
    };
    let line = if user.is_some() { login } else { words().everybody_hint.to_owned() };
    view! {
        <li class="row" role="option" id=format!("mention-{index}") data-index=index.to_string() aria-selected=is_chosen.to_string()>
            {face}
            <span class="row-text"><span class="row-name"><bdi>{name}</bdi></span><span class="row-line">{line}</span></span>
        </li>
    }
}
