//! Choosing people: for a new group, or to bring into a conversation.

use leptos::{ev::SubmitEvent, prelude::*};

use crate::{
    client::{
        components::avatar::Avatar,
        live::{clicked, effect, list, live, moved, submitted},
        platform,
        state::people::matches,
        text::words,
    },
    protocol::{ids::UserId, limit::TITLE_CHARS, user::User},
};

/// `asks_history`: whether it is chosen what they see of what was said before; otherwise a title is asked for.
/// `on_pick` hears who was chosen, the title, and whether they see the past.
#[component]
pub fn Picker(
    users: Signal<Vec<User>>,
    asks_history: bool,
    on_pick: Callback<(Vec<UserId>, String, bool)>,
    close: Callback<()>,
) -> impl IntoView {
    let words = words();
    let query = RwSignal::new(String::new());
    effect(move || platform::focus("#picker-search"));
    let send = move |event: SubmitEvent| {
        event.prevent_default();
        let picked = platform::checked(".picker [name=user]");
        let users: Vec<UserId> = picked.iter().filter_map(|id| id.parse().ok()).collect();
        if users.is_empty() {
            return platform::focus("#picker-search");
        }
        let has_history = !platform::checked(".picker [name=history]").is_empty();
        on_pick.run((users, platform::value_of("#picker-title"), has_history));
    };
    view! {
        <form class="picker" on:submit=submitted(send)>
            <label class="unseen" for="picker-search">{words.find_people}</label>
            <input id="picker-search" type="search" placeholder=words.find_people autocomplete="off"
                on:input=moved(move |event| query.set(event_target_value(&event))) />
            <ul class="rows">
                {list(move || users.get(), move |user| view! { <PickerRow user query /> }.into_any())}
            </ul>
            {if asks_history {
                view! { <label class="check"><input type="checkbox" name="history" value="on" />{words.with_history}</label> }.into_any()
            } else {
                view! {
                    <label class="check" for="picker-title">{words.group_title}</label>
                    <input id="picker-title" type="text" maxlength=TITLE_CHARS.to_string() placeholder=words.group_title_hint autocomplete="off" />
                }.into_any()
            }}
            <div class="ask-end">
                <button class="button" type="button" on:click=clicked(move |_| close.run(()))>{words.cancel}</button>
                <button class="button primary" type="submit">{words.done}</button>
            </div>
        </form>
    }
}

#[component]
fn PickerRow(user: User, query: RwSignal<String>) -> impl IntoView {
    let face = view! { <Avatar user=user.id name=user.name.clone() presence=Some(user.presence) /> };
    let (id, name, login) = (user.id.to_string(), user.name.clone(), user.login.clone());
    view! {
        <li hidden=live(move || !matches(&user, &query.read()))>
            <label class="row">
                <input type="checkbox" name="user" value=id />
                {face}
                <span class="row-text"><span class="row-name"><bdi>{name}</bdi></span><span class="row-line">{login}</span></span>
            </label>
        </li>
    }
}
