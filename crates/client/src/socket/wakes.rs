//! Events of the window that concern its connection.

use futures::channel::mpsc::{UnboundedReceiver, unbounded};
use leptos::prelude::*;
use web_sys::Event;

use crate::platform;

/// The storage key of the account whose page was last opened in this browser. When it changes, the other windows probe
/// their session.
pub(super) const ACCOUNT_KEY: &str = "daehwa.account";
/// An event of the window: the user asks to reconnect now.
pub const RETRY: &str = "daehwa-retry";

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Wake {
    /// The window became visible.
    Visible,
    /// The network is back, the user asks to reconnect, or another account signed in.
    Back,
    /// The browser reports that it is offline.
    Offline,
}

/// The wakes of this window until the current owner is cleaned up; `on_offline` is called before [`Wake::Offline`].
pub(super) fn wakes(on_offline: impl Fn() + Copy + 'static) -> UnboundedReceiver<Wake> {
    let (sender, receiver) = unbounded();
    let listen = |name: &str, wake_of: fn(&Event) -> Option<Wake>| {
        let sender = sender.clone();
        platform::on_window(name, move |event| {
            let Some(wake) = wake_of(&event) else { return };
            if wake == Wake::Offline {
                on_offline();
            }
            let _ = sender.unbounded_send(wake);
        })
    };
    let listeners = [
        listen("online", |_| Some(Wake::Back)),
        listen(RETRY, |_| Some(Wake::Back)),
        listen("offline", |_| Some(Wake::Offline)),
        listen("visibilitychange", |_| platform::is_visible().then_some(Wake::Visible)),
        listen("storage", |event| platform::is_about(event, ACCOUNT_KEY).then_some(Wake::Back)),
    ];
    on_cleanup(move || listeners.into_iter().for_each(|listener| listener.remove()));
    receiver
}
