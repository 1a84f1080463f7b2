//! A socket that reconnects by itself and reports when the connection is lost. Its owner sends again the commands that
//! were sent without a connection. It belongs to one account.

use std::time::Duration;

use futures::{
    FutureExt, StreamExt,
    channel::mpsc::{UnboundedReceiver, UnboundedSender, unbounded},
    future::{AbortHandle, abortable},
    select,
};
use gloo_timers::future::TimeoutFuture;
use leptos::{prelude::*, task::spawn_local};
use serde::Serialize;

use crate::{
    decode::{Decode, decode},
    platform,
    socket::{
        backoff::Backoff,
        connection::{ConnectionEnd, Handlers, Verdict, run},
        wakes::{ACCOUNT_KEY, Wake, wakes},
    },
};
use protocol::{
    ended::Ended,
    ids::{RoomId, UserId},
};

/// Shorter interruptions are not shown.
const LOST_AFTER: Duration = Duration::from_secs(2);
/// The server's close codes: docs/protocol.md, "Sockets".
const CLOSE_SIGNED_OUT: u16 = 4001;
const CLOSE_NOT_A_MEMBER: u16 = 4003;
const CLOSE_OTHER_ACCOUNT: u16 = 4009;
/// How often the session is probed after a new password or sign-in, because the browser may not have its new cookie
/// yet.
const PROBES: u32 = 6;
const PROBE_EVERY_MS: u32 = 500;

#[derive(Clone, Copy)]
pub struct Link {
    outgoing: StoredValue<Option<UnboundedSender<String>>>,
    is_open: RwSignal<bool>,
    is_lost: RwSignal<bool>,
    is_over: RwSignal<bool>,
}

/// The target of a link, and the receiver of its frames. Erased types, so that the link's code is compiled once.
struct LinkTarget {
    me: UserId,
    path: Box<dyn Fn() -> String>,
    /// The path whose status says whether the session may still connect.
    probe: String,
    receive: Box<dyn Fn(Vec<String>) -> Verdict>,
}

/// A link without a connection: the initial state of every page, and the only one on the server.
impl Default for Link {
    fn default() -> Self {
        Self {
            outgoing: StoredValue::new(None),
            is_open: RwSignal::new(false),
            is_lost: RwSignal::new(false),
            is_over: RwSignal::new(false),
        }
    }
}

impl Link {
    /// Sends a command. Without a connection it does nothing and returns `false`.
    pub fn send(&self, command: &impl Serialize) -> bool {
        let Ok(text) = serde_json::to_string(command) else { return false };
        let is_open = self.is_open.get_untracked();
        is_open
            && self
                .outgoing
                .with_value(|sender| sender.as_ref().is_some_and(|sender| sender.unbounded_send(text).is_ok()))
    }

    /// Whether commands can be sent now.
    pub fn is_connected(&self) -> bool {
        self.is_open.get()
    }

    /// Whether the connection has been lost long enough to show that.
    pub fn is_lost(&self) -> bool {
        self.is_lost.get()
    }

    /// Whether the link does not reconnect any more, because the membership ended.
    pub fn is_over(&self) -> bool {
        self.is_over.get()
    }

    /// Connects for `me`, and stays connected until the current owner is cleaned up. `path` (with a query) is computed
    /// for every attempt; `room` is its room. Call it in an effect.
    pub fn connect<E: Decode + 'static>(
        self,
        me: UserId,
        room: Option<RoomId>,
        path: impl Fn() -> String + 'static,
        on_events: impl Fn(Vec<E>) -> Verdict + 'static,
    ) {
        let (sender, receiver) = unbounded();
        self.outgoing.set_value(Some(sender));
        let receive = move |texts: Vec<String>| on_events(texts.iter().filter_map(|text| parse(text)).collect());
        platform::store(ACCOUNT_KEY, Some(&me.to_string()));
        let room = room.map(|room| format!("&room={room}")).unwrap_or_default();
        let probe = format!("/api/session?as={me}{room}");
        let target = LinkTarget { me, path: Box::new(path), probe, receive: Box::new(receive) };
        let wakes = wakes(move || {
            self.is_open.set(false);
            self.is_lost.set(true);
        });
        let (running, handle) = abortable(self.run(target, receiver, wakes));
        spawn_local(running.map(drop));
        on_cleanup(move || AbortHandle::abort(&handle));
    }

    async fn run(
        self,
        target: LinkTarget,
        mut outgoing: UnboundedReceiver<String>,
        mut wakes: UnboundedReceiver<Wake>,
    ) {
        let backoff = Backoff::default();
        let on_frame = || {
            backoff.reset();
            self.mark_open();
        };
        loop {
            // Commands for the last connection: their senders send them again.
            while outgoing.try_recv().is_ok() {}
            self.watch_for_loss();
            let url = format!("{}{}&as={}", platform::socket_origin(), (target.path)(), target.me);
            let handlers = Handlers { on_frame: &on_frame, receive: &*target.receive };
            let end = run(&url, &mut outgoing, &mut wakes, handlers).await;
            self.is_open.set(false);
            match end {
                ConnectionEnd::Replaced => continue,
                ConnectionEnd::Closed { code: CLOSE_NOT_A_MEMBER, .. } => return self.is_over.set(true),
                // A browser does not report why a handshake failed.
                ConnectionEnd::Closed { was_open: false, reason, .. }
                | ConnectionEnd::Closed { code: CLOSE_SIGNED_OUT | CLOSE_OTHER_ACCOUNT, reason, .. } => {
                    if !self.may_reconnect(&target, &reason).await {
                        return;
                    }
                }
                ConnectionEnd::Reconnect | ConnectionEnd::Closed { .. } | ConnectionEnd::Silent => {}
            }
            wait(&backoff, &mut wakes).await;
        }
    }

    /// Probes the session. Returns `false` if the page is being left, or the membership ended.
    async fn may_reconnect(self, target: &LinkTarget, reason: &str) -> bool {
        let is_replaced = reason == Ended::PasswordChanged.code() || reason == Ended::OtherAccount.code();
        let mut probes = if is_replaced { PROBES } else { 2 };
        loop {
            probes -= 1;
            match platform::status(&target.probe).await {
                401 if probes > 0 => TimeoutFuture::new(PROBE_EVERY_MS).await,
                401 => break,
                404 => {
                    self.is_over.set(true);
                    return false;
                }
                409 => {
                    platform::leave_for(&format!("/switched?was={}", target.me));
                    return false;
                }
                _ => return true,
            }
        }
        // A window without a connection received no reason.
        let reason = if reason.is_empty() { Ended::SignedOut.code() } else { reason };
        platform::leave_for(&format!("/sign_in?why={reason}"));
        false
    }

    fn mark_open(self) {
        if !self.is_open.get_untracked() {
            self.is_open.set(true);
            self.is_lost.set(false);
        }
    }

    fn watch_for_loss(self) {
        platform::after(LOST_AFTER, move || {
            if self.is_open.try_get_untracked() == Some(false) {
                self.is_lost.set(true);
            }
        });
    }
}

/// Waits before the next attempt; [`Wake::Back`] ends the wait and resets the backoff.
async fn wait(backoff: &Backoff, wakes: &mut UnboundedReceiver<Wake>) {
    let mut is_back = false;
    while let Ok(wake) = wakes.try_recv() {
        is_back |= wake == Wake::Back;
    }
    if !is_back {
        let mut delay = TimeoutFuture::new(backoff.next_delay_ms()).fuse();
        select! { () = delay => {}, wake = wakes.next() => is_back = wake == Some(Wake::Back) }
    }
    if is_back {
        backoff.reset();
    }
}

fn parse<E: Decode>(text: &str) -> Option<E> {
    let event = decode(text);
    if event.is_none() {
        leptos::logging::warn!("unknown frame: the server may be newer than this page");
    }
    event
}
