//! News for a person, each with a button that opens it: opening is their click, never ours.

use std::time::Duration;

use leptos::prelude::*;

use crate::client::{
    components::{
        avatar::Avatar,
        icon::{Drawing, Icon},
        window::Window,
    },
    live::{clicked, list},
    platform,
    state::{lobby::Notice, toast::Toast},
    text::words,
};

#[component]
pub fn ToastStack() -> impl IntoView {
    let toasts = Window::current().toasts;
    view! {
        <section class="toasts" data-region role="status" aria-label=words().notices>
            {list(move || toasts.read().list(), |toast| view! { <ToastView toast /> }.into_any())}
        </section>
    }
}

#[component]
fn ToastView(toast: Toast) -> impl IntoView {
    let window = Window::current();
    let words = words();
    let Toast { number, notice } = toast;
    let (room, by) = (notice.room(), notice.by());
    let (name, group) = window.title_of(&notice);
    let body = if let Notice::Wrote { body, .. } = notice { body } else { words.invited.to_owned() };
    let open = move |_| {
        window.open_room(room, None);
        window.close_toast(number);
    };
    let close = move |_| {
        window.close_toast(number);
        platform::after(Duration::ZERO, || platform::give_back(None));
    };
    view! {
        <div class="toast">
            <Avatar user=by name=name.clone() />
            <div class="toast-text">
                <b><bdi>{name}</bdi></b>
                {group.map(|group| view! { <span class="mark"><bdi>{group}</bdi></span> })}
                <p><bdi>{body}</bdi></p>
            </div>
            <button class="button primary" type="button" on:click=clicked(open)>{words.open}</button>
            <button class="plain" type="button" aria-label=words.close on:click=clicked(close)>
                <Icon drawing=Drawing::Close />
            </button>
        </div>
    }
}
