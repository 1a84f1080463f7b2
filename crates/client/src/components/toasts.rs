//! Toasts, each with a button that opens its room: only a click may open a window.

use std::time::Duration;

use leptos::prelude::*;

use crate::{
    components::{
        avatar::Avatar,
        icon::{Drawing, Icon},
    },
    dialogs::{Dialog, dialog},
    lobby::session::LobbySession,
    platform::{self, BrowserValue},
    state::toast::Toast,
    text::words,
    view::{clicked, derived, effect, list, when},
};

#[component]
pub fn ToastStack() -> impl IntoView {
    let LobbySession { notices, feedback, .. } = LobbySession::current();
    // The element that had the focus before a toast.
    let opener = BrowserValue::default();
    effect(move || {
        notices.toasts();
        notices.is_asking.track();
        // One task later, when a closed toast has left the page, however it was closed.
        platform::after(Duration::ZERO, move || {
            if platform::focused().is_none() {
                opener.get().into_iter().for_each(|opener| platform::give_back(Some(&opener)));
            }
        });
    });
    let entering = platform::on_window("focusin", move |event| {
        if let Some(left) = platform::left_for(&event, ".toasts") {
            opener.set(left);
        }
    });
    on_cleanup(move || entering.remove());
    view! {
        <section class="toasts" data-region role="status" aria-label=words().notices>
            {when(move || notices.is_asking.get(), || dialog(Dialog::NoticeQuestion))}
            {when(move || !feedback.line().is_empty(), move || view! { <p class="toast">{derived(move || feedback.line())}</p> }.into_any())}
            {list(move || notices.toasts(), |toast| view! { <ToastView toast /> }.into_any())}
        </section>
    }
}

#[component]
fn ToastView(toast: Toast) -> impl IntoView {
    let session = LobbySession::current();
    let words = words();
    let Toast { number, notice } = toast;
    let (room, by) = (notice.room(), notice.by());
    let (name, group) = session.notices.title_of(&notice);
    let body = words.notice_line(&notice);
    let open = move |_| {
        session.navigation.open_room(room, None);
        session.notices.close_toast(number);
    };
    let close = move |_| session.notices.close_toast(number);
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
