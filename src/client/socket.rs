//! One socket that stays: it comes back by itself, notices silence, and says when it is lost. What was
//! sent while it was away is its owner's to send again.

use std::{cell::Cell, mem::take, rc::Rc, time::Duration};

use futures::{
    FutureExt, SinkExt, StreamExt,
    channel::mpsc::{UnboundedReceiver, UnboundedSender, unbounded},
    future::{AbortHandle, Fuse, FusedFuture, abortable},
    select,
};
use gloo_net::websocket::{Message, WebSocketError, futures::WebSocket};
use gloo_timers::future::TimeoutFuture;
use leptos::{ev, prelude::*, task::spawn_local};
use serde::Serialize;

use crate::{
    client::{
        decode::{Decode, decode},
        platform,
    },
    protocol::SUBPROTOCOL,
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
    path: Box<dyn Fn() -> String>,
    probe: String,
    hear: Box<dyn Fn(Vec<String>) -> Verdict>,
}

/// Why a connection ended.
enum End {
    Closed { was_open: bool, code: Option<u16> },
    Silent,
    Unwanted,
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

    /// Connects, and stays connected until the current owner is cleaned up. `path` is asked anew for
    /// every attempt; `probe` is the address that says why an attempt failed: 401 when nobody is signed
    /// in, 404 when there is nothing for this person. To be called in an effect.
    pub fn connect<E: Decode + 'static>(
        self,
        path: impl Fn() -> String + 'static,
        probe: String,
        on_events: impl Fn(Vec<E>) -> Verdict + 'static,
    ) {
        let (sender, receiver) = unbounded();
        self.outgoing.set_value(Some(sender));
        let hear = move |texts: Vec<String>| on_events(texts.iter().filter_map(|text| understand(text)).collect());
        let owner = Owner { path: Box::new(path), probe, hear: Box::new(hear) };
        let (running, handle) = abortable(self.run(owner, receiver, wakes()));
        spawn_local(running.map(drop));
        on_cleanup(move || AbortHandle::abort(&handle));
    }

    async fn run(self, owner: Owner, mut outgoing: UnboundedReceiver<String>, mut wake: UnboundedReceiver<()>) {
        let attempt = Rc::new(Cell::new(0));
        loop {
            // What was meant for the last connection; its owner says it again.
            while outgoing.try_recv().is_ok() {}
            self.watch_for_loss();
            let end = self.converse(&owner, &mut outgoing, &mut wake, &attempt).await;
            self.is_open.set(false);
            match end {
                End::Closed { code: Some(CLOSE_SIGNED_OUT), .. } => return platform::go_to_sign_in(),
                End::Closed { code: Some(CLOSE_NOT_A_MEMBER), .. } => return self.is_over.set(true),
                // A browser does not tell why a handshake failed.
                End::Closed { was_open: false, .. } => match platform::status(&owner.probe).await {
                    401 => return platform::go_to_sign_in(),
                    404 => return self.is_over.set(true),
                    _ => {}
                },
                End::Unwanted | End::Closed { .. } | End::Silent => {}
            }
            while wake.try_recv().is_ok() {}
            let mut delay = TimeoutFuture::new(next_delay(&attempt)).fuse();
            select! { () = delay => {}, _ = wake.next() => {} }
        }
    }

    async fn converse(
        self,
        owner: &Owner,
        outgoing: &mut UnboundedReceiver<String>,
        wake: &mut UnboundedReceiver<()>,
        attempt: &Cell<i32>,
    ) -> End {
        let url = format!("{}{}", platform::socket_origin(), (owner.path)());
        let Ok(socket) = WebSocket::open_with_protocol(&url, SUBPROTOCOL) else {
            return End::Closed { was_open: false, code: None };
        };
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
                        let code = if let Some(Err(WebSocketError::ConnectionClose(event))) = last { Some(event.code) } else { None };
                        return End::Closed { was_open, code };
                    }
                },
                () = gathering => if !heard.is_empty() {
                    gathering = TimeoutFuture::new(GATHER_MS).fuse();
                    if (owner.hear)(take(&mut heard)) == Verdict::Reconnect { return End::Unwanted; }
                },
                text = outgoing.next() => if let Some(text) = text && sink.send(Message::Text(text)).await.is_err() {
                    return End::Closed { was_open, code: None };
                },
                // After a sleep or a change of network the connection may be dead without knowing it.
                _ = wake.next() => if was_open && !is_asked {
                    is_asked = true;
                    patience = TimeoutFuture::new(PONG_WITHIN_MS).fuse();
                    let _ = sink.send(Message::Text(PING.to_owned())).await;
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
}

fn understand<E: Decode>(text: &str) -> Option<E> {
    let event = decode(text);
    if event.is_none() {
        leptos::logging::warn!("a frame that this version does not know");
    }
    event
}

/// Moments at which trying again at once is worth it: the network is back, the person looks.
fn wakes() -> UnboundedReceiver<()> {
    let (sender, receiver) = unbounded();
    let on_look = sender.clone();
    let online = window_event_listener(ev::online, move |_| drop(sender.unbounded_send(())));
    let looking = window_event_listener_untyped("visibilitychange", move |_| {
        if platform::is_visible() {
            let _ = on_look.unbounded_send(());
        }
    });
    on_cleanup(move || {
        online.remove();
        looking.remove();
    });
    receiver
}

/// Exponential, with full jitter: after a restart of the server not everybody comes back at once.
fn next_delay(attempt: &Cell<i32>) -> u32 {
    let longest = (FIRST_DELAY_MS * 2f64.powi(attempt.get())).min(LONGEST_DELAY_MS);
    attempt.set(attempt.get() + 1);
    (platform::random() * longest) as u32
}
