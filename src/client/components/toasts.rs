//! News for a person, each with a button that opens it: opening is their click, never ours.

use std::time::Duration;

use leptos::prelude::*;

use crate::{
    client::{
        components::{
            avatar::Avatar,
            icon::{Drawing, Icon},
            window::Window,
        },
        live::{clicked, list},
        platform,
        state::lobby::Notice,
        text::words,
    },
    protocol::ids::{RoomId, UserId},
};

/// How long one is shown when nobody looks after it.
const SHOWN_FOR: Duration = Duration::from_secs(10);
/// More would cover what one is doing.
const AT_ONCE: usize = 3;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Toast {
    number: u64,
    room: RoomId,
    by: UserId,
    /// What was written; none for an invitation.
    body: Option<String>,
}

#[derive(Clone, Copy)]
pub struct Toasts {
    toasts: RwSignal<Vec<Toast>>,
    next: StoredValue<u64>,
}

impl Default for Toasts {
    fn default() -> Self {
        Self { toasts: RwSignal::new(Vec::new()), next: StoredValue::new(0) }
    }
}

impl Toasts {
    /// Shows a notice, in place of an older one of the same conversation.
    pub fn show(self, notice: Notice) {
        let number = self.next.get_value();
        self.next.set_value(number + 1);
        let toast = match notice {
            Notice::Invited { room, by } => Toast { number, room, by, body: None },
            Notice::Wrote { room, by, body } => {
                Toast { number, room, by, body: Some(body.chars().take(120).collect()) }
            }
        };
        self.toasts.update(|toasts| {
            toasts.retain(|other| other.room != toast.room);
            toasts.push(toast);
            let too_many = toasts.len().saturating_sub(AT_ONCE);
            toasts.drain(..too_many);
        });
        self.fade(number);
    }

    fn fade(self, number: u64) {
        let close = move || {
            if platform::is_attended(".toasts") { self.fade(number) } else { self.close(number) }
        };
        platform::after(SHOWN_FOR, close);
    }

    fn close(self, number: u64) {
        self.toasts.try_update(|toasts| toasts.retain(|toast| toast.number != number));
    }

    pub fn close_room(self, room: RoomId) {
        self.toasts.update(|toasts| toasts.retain(|toast| toast.room != room));
    }

    /// `false` when there is none.
    pub fn close_newest(self) -> bool {
        self.toasts.try_update(|toasts| toasts.pop().is_some()).unwrap_or_default()
    }
}

#[component]
pub fn ToastStack() -> impl IntoView {
    let toasts = Window::current().toasts;
    view! {
        <section class="toasts" role="status" aria-label=words().notices>
            {list(move || toasts.toasts.get(), |toast| view! { <ToastView toast /> }.into_any())}
        </section>
    }
}

#[component]
fn ToastView(toast: Toast) -> impl IntoView {
    let window = Window::current();
    let words = words();
    let name = window.lobby.with_untracked(|lobby| lobby.called(toast.by)).unwrap_or_default();
    let Toast { number, room, by, body } = toast;
    let open = move |_| {
        window.open_room(room, None);
        window.toasts.close_room(room);
    };
    view! {
        <div class="toast">
            <Avatar user=by name=name.clone() />
            <div class="toast-text">
                <b><bdi>{name}</bdi></b>
                <p><bdi>{body.unwrap_or_else(|| words.invited.to_owned())}</bdi></p>
            </div>
            <button class="button primary" type="button" on:click=clicked(open)>{words.open}</button>
            <button class="plain" type="button" aria-label=words.close on:click=clicked(move |_| window.toasts.close(number))>
                <Icon drawing=Drawing::Close />
            </button>
        </div>
    }
}
