//! One socket that stays: it comes back by itself, notices silence, and says when it is lost. What was
//! sent while it was away is its owner's to send again. It speaks for one account and for no other.

use std::{cell::Cell, mem::take, rc::Rc, time::Duration};

use futures::{
    FutureExt, SinkExt, StreamExt,
    channel::mpsc::{UnboundedReceiver, UnboundedSender, unbounded},
    future::{AbortHandle, Fuse, FusedFuture, abortable},
    select,
};
use gloo_net::websocket::{Message, WebSocketError, futures::WebSocket};
use gloo_timers::future::TimeoutFuture;
use leptos::{prelude::*, task::spawn_local};
use serde::Serialize;
use web_sys::Event;

use crate::{
    client::{
        decode::{Decode, decode},
        platform,
    },
    protocol::{
        SUBPROTOCOL,
        ended::Ended,
        ids::{RoomId, UserId},
    },
};

const PING_AFTER_MS: u32 = 25_000;
const PONG_WITHIN_MS: u32 = 10_000;
const FIRST_DELAY_MS: f64 = 500.0;
const LONGEST_DELAY_MS: f64 = 30_000.0;
/// A shorter interruption is not worth a word.
const LOST_AFTER: Duration = Duration::from_secs(2);
/// Our server's "signed out".
const CLOSE_SIGNED_OUT: u16 = 4001;
/// Our server's "no longer a member".
const CLOSE_NOT_A_MEMBER: u16 = 4003;
/// Our server's "another account signed in, in this browser".
const CLOSE_OTHER_ACCOUNT: u16 = 4009;
/// How often the server is asked who is signed in, where a new password or sign-in ended the session: the browser
/// may not have its new cookie yet.
const PROBES: u32 = 6;
const PROBE_EVERY_MS: u32 = 500;
/// The account of the page that was opened last in this browser: its change tells other windows to look.
pub const ACCOUNT_KEY: &str = "daehwa.account";
/// An event of the window: the person does not want to wait.
pub const RETRY: &str = "daehwa-retry";
const PING: &str = r#"{"type":"ping"}"#;
/// What comes so soon after something was taken in is taken in together: two drawn frames. A flood then
/// costs no more than that, and what comes alone is not held up.
const GATHER_MS: u32 = 33;

/// Whether the owner is content with what it heard.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    GoOn,
    /// Something is missing: connect again with the cursor.
    Reconnect,
}

#[derive(Clone, Copy)]
pub struct Link {
    outgoing: StoredValue<Option<UnboundedSender<String>>>,
    is_open: RwSignal<bool>,
    is_lost: RwSignal<bool>,
    is_over: RwSignal<bool>,
}

/// What a link asks and tells its owner; without types of events, so that it is written once.
struct Owner {
    me: UserId,
    path: Box<dyn Fn() -> String>,
    probe: String,
    hear: Box<dyn Fn(Vec<String>) -> Verdict>,
}

/// Why a connection ended.
enum End {
    /// By the server or the network; `code` is 0 where there was no close frame.
    Closed {
        was_open: bool,
        code: u16,
        reason: String,
    },
    Silent,
    Unwanted,
    /// An attempt that another one replaces at once.
    Replaced,
}

/// What happened outside of the connection.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wake {
    /// The person looks.
    Look,
    /// The network is back, or the person does not want to wait.
    Back,
    /// The browser says that the network is gone.
    Gone,
}

/// A link that is not connected yet: how every page begins, on the server for good.
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
    /// Says something, when there is a connection; otherwise does nothing and is `false`.
    pub fn send(&self, command: &impl Serialize) -> bool {
        let Ok(text) = serde_json::to_string(command) else { return false };
        let is_open = self.is_open.get_untracked();
        is_open
            && self
                .outgoing
                .with_value(|sender| sender.as_ref().is_some_and(|sender| sender.unbounded_send(text).is_ok()))
    }

    /// Whether the connection has been away for long enough to be told of.
    pub fn is_lost(&self) -> bool {
        self.is_lost.get()
    }

    /// Whether there is nothing to come back to: one is no longer a member.
    pub fn is_over(&self) -> bool {
        self.is_over.get()
    }

    /// Connects for `me`, and stays connected until the current owner is cleaned up. `path` (with a query) is
    /// asked for every attempt; `room` is the conversation that it leads to. To be called in an effect.
    pub fn connect<E: Decode + 'static>(
        self,
        me: UserId,
        room: Option<RoomId>,
        path: impl Fn() -> String + 'static,
        on_events: impl Fn(Vec<E>) -> Verdict + 'static,
    ) {
        let (sender, receiver) = unbounded();
        self.outgoing.set_value(Some(sender));
        let hear = move |texts: Vec<String>| on_events(texts.iter().filter_map(|text| understand(text)).collect());
        platform::store(ACCOUNT_KEY, Some(&me.to_string()));
        let room = room.map(|room| format!("&room={room}")).unwrap_or_default();
        let owner =
            Owner { me, path: Box::new(path), probe: format!("/api/session?as={me}{room}"), hear: Box::new(hear) };
        let (running, handle) = abortable(self.run(owner, receiver, self.wakes()));
        spawn_local(running.map(drop));
        on_cleanup(move || AbortHandle::abort(&handle));
    }

    async fn run(self, owner: Owner, mut outgoing: UnboundedReceiver<String>, mut wake: UnboundedReceiver<Wake>) {
        let attempt = Rc::new(Cell::new(0));
        loop {
            // What was meant for the last connection; its owner says it again.
            while outgoing.try_recv().is_ok() {}
            self.watch_for_loss();
            let end = self.converse(&owner, &mut outgoing, &mut wake, &attempt).await;
            self.is_open.set(false);
            match end {
                End::Replaced => continue,
                End::Closed { code: CLOSE_NOT_A_MEMBER, .. } => return self.is_over.set(true),
                // A browser does not tell why a handshake failed.
                End::Closed { was_open: false, reason, .. }
                | End::Closed { code: CLOSE_SIGNED_OUT | CLOSE_OTHER_ACCOUNT, reason, .. } => {
                    if !self.may_return(&owner, &reason).await {
                        return;
                    }
                }
                End::Unwanted | End::Closed { .. } | End::Silent => {}
            }
            let mut is_back = false;
            while let Ok(what) = wake.try_recv() {
                is_back |= what == Wake::Back;
            }
            if !is_back {
                let mut delay = TimeoutFuture::new(next_delay(&attempt)).fuse();
                select! { () = delay => {}, what = wake.next() => is_back = what == Some(Wake::Back) }
            }
            if is_back {
                attempt.set(0);
            }
        }
    }

    /// Asks the server why a connection is not to be had. `false` when there is nothing to come back to: the page
    /// is being left, or the conversation is over.
    async fn may_return(self, owner: &Owner, why: &str) -> bool {
        let is_replaced = why == Ended::PasswordChanged.code() || why == Ended::OtherAccount.code();
        let mut probes = if is_replaced { PROBES } else { 2 };
        loop {
            probes -= 1;
            match platform::status(&owner.probe).await {
                401 if probes > 0 => TimeoutFuture::new(PROBE_EVERY_MS).await,
                401 => break,
                404 => {
                    self.is_over.set(true);
                    return false;
                }
                409 => {
                    platform::leave_for(&format!("/switched?was={}", owner.me));
                    return false;
                }
                _ => return true,
            }
        }
        // A window that was away when it happened did not hear the reason.
        let why = if why.is_empty() { Ended::SignedOut.code() } else { why };
        platform::leave_for(&format!("/sign_in?why={why}"));
        false
    }

    async fn converse(
        self,
        owner: &Owner,
        outgoing: &mut UnboundedReceiver<String>,
        wake: &mut UnboundedReceiver<Wake>,
        attempt: &Cell<i32>,
    ) -> End {
        let url = format!("{}{}&as={}", platform::socket_origin(), (owner.path)(), owner.me);
        let closed = |was_open| End::Closed { was_open, code: 0, reason: String::new() };
        let Ok(socket) = WebSocket::open_with_protocol(&url, SUBPROTOCOL) else { return closed(false) };
        let (mut sink, stream) = socket.split();
        let (mut stream, mut was_open, mut is_asked) = (stream.fuse(), false, false);
        // Only what is heard renews it: a dead connection takes what is said, too.
        let mut patience = TimeoutFuture::new(PING_AFTER_MS).fuse();
        let (mut heard, mut gathering) = (Vec::new(), Fuse::terminated());
        loop {
            select! {
                frame = stream.next() => match frame {
                    Some(Ok(Message::Text(text))) => {
                        (was_open, is_asked) = (true, false);
                        patience = TimeoutFuture::new(PING_AFTER_MS).fuse();
                        attempt.set(0);
                        self.mark_open();
                        heard.push(text);
                        if gathering.is_terminated() || !platform::is_visible() {
                            gathering = TimeoutFuture::new(GATHER_MS).fuse();
                            if (owner.hear)(take(&mut heard)) == Verdict::Reconnect { return End::Unwanted; }
                        }
                    }
                    Some(Ok(Message::Bytes(_))) => {}
                    last => {
                        (owner.hear)(heard);
                        let Some(Err(WebSocketError::ConnectionClose(event))) = last else { return closed(was_open) };
                        return End::Closed { was_open, code: event.code, reason: event.reason };
                    }
                },
                () = gathering => if !heard.is_empty() {
                    gathering = TimeoutFuture::new(GATHER_MS).fuse();
                    if (owner.hear)(take(&mut heard)) == Verdict::Reconnect { return End::Unwanted; }
                },
                text = outgoing.next() => if let Some(text) = text && sink.send(Message::Text(text)).await.is_err() {
                    return closed(was_open);
                },
                what = wake.next() => match what {
                    // Not believed, but tried: where the browser is wrong, the next attempt succeeds.
                    Some(Wake::Gone) if was_open => return End::Silent,
                    Some(Wake::Back) if !was_open => return End::Replaced,
                    // After a sleep or a change of network the connection may be dead without knowing it.
                    Some(Wake::Back | Wake::Look) if was_open && !is_asked => {
                        is_asked = true;
                        patience = TimeoutFuture::new(PONG_WITHIN_MS).fuse();
                        let _ = sink.send(Message::Text(PING.to_owned())).await;
                    }
                    _ => {}
                },
                () = patience => {
                    if is_asked || !was_open { return End::Silent; }
                    is_asked = true;
                    patience = TimeoutFuture::new(PONG_WITHIN_MS).fuse();
                    let _ = sink.send(Message::Text(PING.to_owned())).await;
                }
            }
        }
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

    /// Moments at which the connection is to be looked at.
    fn wakes(self) -> UnboundedReceiver<Wake> {
        let (sender, receiver) = unbounded();
        let listen = |name: &str, hear: fn(&Event) -> Option<Wake>| {
            let sender = sender.clone();
            window_event_listener_untyped(name, move |event| {
                let Some(wake) = hear(&event) else { return };
                if wake == Wake::Gone {
                    self.is_open.set(false);
                    self.is_lost.set(true);
                }
                let _ = sender.unbounded_send(wake);
            })
        };
        let listeners = [
            listen("online", |_| Some(Wake::Back)),
            listen(RETRY, |_| Some(Wake::Back)),
            listen("offline", |_| Some(Wake::Gone)),
            listen("visibilitychange", |_| platform::is_visible().then_some(Wake::Look)),
            listen("storage", |event| platform::is_about(event, ACCOUNT_KEY).then_some(Wake::Back)),
        ];
        on_cleanup(move || listeners.into_iter().for_each(|listener| listener.remove()));
        receiver
    }
}

fn understand<E: Decode>(text: &str) -> Option<E> {
    let event = decode(text);
    if event.is_none() {
        leptos::logging::warn!("a frame that this version does not know");
    }
    event
}

/// Exponential, with full jitter: after a restart of the server not everybody comes back at once.
fn next_delay(attempt: &Cell<i32>) -> u32 {
    let longest = (FIRST_DELAY_MS * 2f64.powi(attempt.get())).min(LONGEST_DELAY_MS);
    attempt.set(attempt.get() + 1);
    (platform::random() * longest) as u32
}
