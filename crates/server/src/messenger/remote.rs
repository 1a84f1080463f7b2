//! Changes that other nodes committed. A node broadcasts them to its own sockets. New messages may have come over the bus;
//! everything else it reads from the database.

use std::sync::atomic::Ordering;

use tokio::time::Instant;

use crate::{
    hub::{CloseReason, LobbyAudience, RoomAudience, SocketAudience},
    messenger::{broadcast::BroadcastRound, inner::Messenger, policy::Result, sequence::ChangeOrder},
    model::{Committed, NodeEvent, NodeId, NodeSignal, PositionedRow, RemoteChange},
};
use protocol::{
    ids::{MessageId, RoomId, UserId},
    lobby_socket::LobbyEvent,
    message::Message,
    room_socket::RoomEvent,
};

impl Messenger {
    /// Broadcasts a change of this node or of another one, each room's in the order of their versions.
    pub(super) async fn broadcast_in_order(&self, change: Committed, round: &mut BroadcastRound<'_>) {
        match change {
            Committed::Several(changes) => {
                for change in changes {
                    Box::pin(self.broadcast_in_order(change, round)).await;
                }
            }
            Committed::Message { room, message } => {
                let version = message.version;
                self.broadcast_version(room, version, Committed::Message { room, message }, round).await;
            }
            Committed::Reacted { room, reacted } => {
                let version = reacted.version;
                self.broadcast_version(room, version, Committed::Reacted { room, reacted }, round).await;
            }
            Committed::Confirmed { room, confirmed } => {
                let version = confirmed.version;
                self.broadcast_version(room, version, Committed::Confirmed { room, confirmed }, round).await;
            }
            Committed::Pins { room, event, pins: _, by_maker } => {
                if let Some(message) = event {
                    let version = message.version;
                    self.broadcast_version(room, version, Committed::Message { room, message }, round).await;
                }
                self.broadcast_current_pins(room, by_maker, round).await;
            }
            Committed::Remote(positioned) => self.broadcast_remote(positioned, round).await,
            Committed::Node(event) => self.apply_node_event(event),
            other => self.broadcast(other, round),
        }
    }

    async fn broadcast_version(&self, room: RoomId, version: u64, change: Committed, round: &mut BroadcastRound<'_>) {
        match self.0.sequences.order(&self.0.hub, room, version) {
            ChangeOrder::Untracked | ChangeOrder::Opened => self.broadcast(change, round),
            ChangeOrder::Next => self.broadcast_next(room, version, change, round),
            ChangeOrder::Done => {}
            ChangeOrder::Missing(last) => {
                let may_wait = matches!(change, Committed::Reacted { .. } | Committed::Confirmed { .. });
                if may_wait && round.held.parked.keep(room, version, change, Instant::now()) {
                    return self.0.store.read_feed();
                }
                self.catch_up(room, last, round).await;
            }
        }
    }

    fn broadcast_next(&self, room: RoomId, version: u64, change: Committed, round: &mut BroadcastRound<'_>) {
        self.broadcast(change, round);
        self.0.sequences.caught_up(room, version);
        self.broadcast_parked(room, round);
    }

    async fn broadcast_current_pins(&self, room: RoomId, by_maker: bool, round: &mut BroadcastRound<'_>) {
        if !self.0.hub.has_windows(room) {
            return;
        }
        match self.0.store.pins(room, 0).await {
            Ok(pins) => {
                // They may quote what was posted after a member left whose windows are still open here.
                if let Some(last) = self.0.sequences.last(&self.0.hub, room) {
                    self.catch_up(room, last, round).await;
                }
                self.fan_out(RoomAudience::Everybody(room), RoomEvent::Pins { pins, by_maker });
            }
            Err(_) => self.fan_out(SocketAudience::Room(room), CloseReason::MustResume),
        }
    }

    async fn broadcast_remote(&self, positioned: PositionedRow, round: &mut BroadcastRound<'_>) {
        let PositionedRow { writer: node, position: _, row, messages } = positioned;
        let mut messages = messages.into_iter();
        for (room, version) in row.posts {
            round.stale.rooms.insert(room);
            match messages.next() {
                Some(message) if self.0.sequences.order(&self.0.hub, room, version) == ChangeOrder::Next => {
                    self.broadcast_next(room, version, Committed::Message { room, message }, round);
                }
                _ => self.broadcast_remote_version(room, version, false, round).await,
            }
        }
        for change in row.changes {
            let user = concerned_user(&change);
            if self.broadcast_remote_change(node, change, round).await.is_err() {
                tracing::warn!(?user, "a change of another node could not be read; the user's sockets resume");
                self.fan_out(user.map_or(SocketAudience::All, SocketAudience::User), CloseReason::MustResume);
            }
        }
    }

    async fn broadcast_remote_version(
        &self,
        room: RoomId,
        version: u64,
        is_event: bool,
        round: &mut BroadcastRound<'_>,
    ) {
        match self.0.sequences.order(&self.0.hub, room, version) {
            ChangeOrder::Done => {}
            ChangeOrder::Next => self.catch_up(room, version - 1, round).await,
            ChangeOrder::Missing(last) => self.catch_up(room, last, round).await,
            ChangeOrder::Untracked | ChangeOrder::Opened if is_event => {
                match self.message_of_version(room, version).await {
                    Ok(Some(message)) => self.broadcast(Committed::Message { room, message }, round),
                    Ok(None) => {}
                    Err(_) => self.fan_out(SocketAudience::Lobbies, CloseReason::MustResume),
                }
            }
            ChangeOrder::Untracked | ChangeOrder::Opened => {}
        }
    }

    async fn message_of_version(&self, room: RoomId, version: u64) -> Result<Option<Message>> {
        let page = self.0.store.unread(room, 0, version - 1).await?;
        Ok(page.into_iter().find(|message| message.version == version))
    }

    async fn broadcast_remote_change(
        &self,
        node: NodeId,
        change: RemoteChange,
        round: &mut BroadcastRound<'_>,
    ) -> Result<()> {
        let (store, is_here) = (&self.0.store, |user| self.0.hub.is_here(user));
        let change = match change {
            RemoteChange::Changed { room, version, is_event, recalled } => {
                round.stale.rooms.insert(room);
                if let Some(id) = recalled {
                    round.stale.recalled.entry(room).or_default().push(id);
                }
                self.broadcast_remote_version(room, version, is_event, round).await;
                return Ok(());
            }
            RemoteChange::Reacted { room, reacted } => {
                let version = reacted.version;
                self.broadcast_version(room, version, Committed::Reacted { room, reacted }, round).await;
                return Ok(());
            }
            RemoteChange::Confirmed { room, confirmed } => {
                let version = confirmed.version;
                self.broadcast_version(room, version, Committed::Confirmed { room, confirmed }, round).await;
                return Ok(());
            }
            RemoteChange::Pins { room, by_maker } => {
                self.broadcast_current_pins(room, by_maker, round).await;
                return Ok(());
            }
            RemoteChange::Signal { signal } => {
                self.apply_signal(node, signal);
                return Ok(());
            }
            RemoteChange::Scheduled { room, user, id } => {
                self.0.schedule_changed.notify_one();
                return self.broadcast_scheduled_elsewhere(room, user, id).await;
            }
            RemoteChange::UnsentScheduled { user } if is_here(user) => {
                Committed::UnsentScheduled { user, messages: store.unsent_scheduled(user).await? }
            }
            RemoteChange::Settings { user } if is_here(user) => {
                Committed::Settings { user, settings: store.settings(user).await? }
            }
            RemoteChange::Favourites { user } if is_here(user) => {
                Committed::Favourites { user, users: store.favourites(user).await? }
            }
            RemoteChange::Read { room, user, seq } => Committed::Read { room, user, seq },
            RemoteChange::Muted { room, user, on, mentions_only } => Committed::Muted { room, user, on, mentions_only },
            RemoteChange::Bookmarked { room, user, id, on } => Committed::Bookmarked { room, user, id, on },
            RemoteChange::Unscheduled { room, user, id } => Committed::Unscheduled { room, user, id },
            RemoteChange::Listed { room, user } => Committed::Listed { room, user },
            RemoteChange::UnsentScheduled { .. }
            | RemoteChange::Settings { .. }
            | RemoteChange::Favourites { .. }
            | RemoteChange::Unknown => return Ok(()),
        };
        self.broadcast(change, round);
        Ok(())
    }

    async fn broadcast_scheduled_elsewhere(&self, room: RoomId, user: UserId, id: MessageId) -> Result<()> {
        if self.0.hub.is_here(user) {
            let scheduled = self.0.store.scheduled_in(room, user).await?;
            if let Some(message) = scheduled.into_iter().find(|message| message.id == id) {
                self.fan_out(RoomAudience::Member(room, user), RoomEvent::Scheduled { message });
            }
        }
        Ok(())
    }

    fn apply_signal(&self, node: NodeId, signal: NodeSignal) {
        match signal {
            NodeSignal::Accounts => self.0.accounts_elsewhere.notify_one(),
            NodeSignal::Typing { room, user } => {
                self.fan_out(RoomAudience::Except(room, user), RoomEvent::Typing { user });
            }
            NodeSignal::Invited { room, by, is_direct, users } => {
                self.fan_out(LobbyAudience::Users(users), LobbyEvent::Invited { room, by, is_direct });
            }
            NodeSignal::Presence(presence) => self.0.hub.apply_elsewhere(node, presence),
            NodeSignal::AskPresence => self.0.presence_signals.send_all(),
            NodeSignal::EndTransfer { upload } => self.stop_transfer(upload),
            NodeSignal::Unknown => {}
        }
    }

    fn apply_node_event(&self, event: NodeEvent) {
        match event {
            NodeEvent::Joined(node) => {
                tracing::info!(node = %node.0, "another node is connected to the database");
                self.0.presence_signals.count(1);
                self.0.presence_signals.send_all();
                // It may not know that it was taken for ended.
                self.signal(NodeSignal::AskPresence);
            }
            NodeEvent::Left(node) => {
                tracing::info!(node = %node.0, "another node ended");
                self.0.presence_signals.count(-1);
                self.0.hub.forget_elsewhere(node);
            }
            NodeEvent::Late(node) => self.0.hub.forget_elsewhere(node),
            NodeEvent::WasSilent => self.0.presence_signals.send_all(),
            NodeEvent::Missed => {
                tracing::warn!("rows of the feed were deleted before this node read them; all sockets resume");
                self.signal(NodeSignal::AskPresence);
                self.fan_out(SocketAudience::All, CloseReason::MustResume);
            }
        }
        self.0.hub.wake_presence();
    }
}

/// The user whose state this node reads for a change.
fn concerned_user(change: &RemoteChange) -> Option<UserId> {
    match change {
        RemoteChange::Scheduled { user, .. }
        | RemoteChange::UnsentScheduled { user }
        | RemoteChange::Settings { user }
        | RemoteChange::Favourites { user } => Some(*user),
        _ => None,
    }
}

impl Messenger {
    /// Sends a signal to the other nodes, if there are any. It may get lost while the database cannot be reached.
    pub(super) fn signal(&self, signal: NodeSignal) {
        if self.0.presence_signals.others.load(Ordering::Acquire) > 0 {
            self.0.store.signal(signal);
        }
    }
}
