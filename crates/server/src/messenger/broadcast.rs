//! Broadcasts committed changes to rooms, in commit order.

use std::sync::Arc;

use tokio::{
    sync::mpsc,
    time::{Instant, sleep_until},
};

use crate::{
    hub::{ChangedMembers, CloseReason, LobbyAudience, OpenRooms, RoomAudience, SocketAudience},
    messenger::{
        confirming::PendingConfirmations,
        inner::Messenger,
        parked::Parked,
        read_ahead::ReadAhead,
        receipts::{self, PendingReceipts},
        summaries::{StaleSummaries, Summaries},
    },
    model::{Committed, Reacted},
};
use protocol::{
    ids::{MessageId, RoomId, UserId},
    lobby_socket::LobbyEvent,
    message::{Message, SystemEvent},
    room_socket::RoomEvent,
    schedule::ScheduledMessage,
};

/// What is held back: coalesced read receipts and confirmations, and changes that wait for an earlier one.
pub(super) struct HeldBack {
    receipts: Arc<PendingReceipts>,
    pub(super) confirmations: PendingConfirmations,
    pub(super) parked: Parked,
}

impl HeldBack {
    /// When something is due; `None` while nothing is held back.
    fn due(&self) -> Option<Instant> {
        [self.confirmations.due(), self.parked.due()].into_iter().flatten().min()
    }
}

/// One batch of changes on its way: what it leaves for the ticks, and what it needs.
pub(super) struct BroadcastRound<'a> {
    pub(super) stale: Summaries,
    pub(super) held: &'a mut HeldBack,
    pub(super) ahead: ReadAhead,
}

impl Messenger {
    pub(super) fn broadcast(&self, committed: Committed, round: &mut BroadcastRound<'_>) {
        let BroadcastRound { stale, held, ahead: _ } = &mut *round;
        if let Committed::Message { room, .. } | Committed::Reacted { room, .. } | Committed::Pins { room, .. } =
            &committed
        {
            self.broadcast_waiting_confirmations(*room, &mut held.confirmations);
        }
        match committed {
            Committed::Message { room, message } => self.broadcast_changed_message(room, message, stale),
            // A room summary shows no reactions.
            Committed::Reacted { room, reacted } => self.broadcast_reacted(room, reacted),
            Committed::Confirmed { room, confirmed } => {
                self.note_confirmed(room, confirmed, &mut held.confirmations);
            }
            Committed::Muted { room, user, on, mentions_only } => {
                stale.of_members.insert((room, user));
                self.fan_out(RoomAudience::Member(room, user), RoomEvent::Muted { on, mentions_only });
            }
            Committed::Pins { room, event, pins, by_maker } => {
                stale.rooms.extend(event.is_some().then_some(room));
                self.broadcast_pins(room, event, RoomEvent::Pins { pins, by_maker });
            }
            Committed::Bookmarked { room, user, id, on } => self.send_bookmarked(room, user, id, on),
            Committed::Scheduled { user, message } => self.broadcast_scheduled(user, message),
            Committed::Unscheduled { room, user, id } => {
                self.fan_out(RoomAudience::Member(room, user), RoomEvent::Unscheduled { id });
            }
            Committed::UnsentScheduled { user, messages } => {
                self.fan_out(LobbyAudience::User(user), LobbyEvent::UnsentScheduled { messages });
            }
            Committed::Several(changes) => {
                changes.into_iter().for_each(|change| self.broadcast(change, round));
            }
            Committed::Listed { room, user } => {
                stale.of_members.insert((room, user));
            }
            Committed::Settings { user, settings } => {
                self.fan_out(LobbyAudience::User(user), LobbyEvent::Settings { settings });
            }
            Committed::Favourites { user, users } => self.send_favourites(user, users),
            Committed::Read { room, user, seq } => {
                stale.of_members.insert((room, user));
                self.broadcast_or_hold_receipt(room, user, seq, held);
            }
            // Signals to other nodes and changes from other nodes: `broadcast_in_order` takes those.
            Committed::Signal(_) | Committed::Remote(..) | Committed::Node(_) => {}
        }
    }

    fn broadcast_changed_message(&self, room: RoomId, message: Message, stale: &mut Summaries) {
        stale.rooms.insert(room);
        if message.recalled.is_some() {
            stale.recalled.entry(room).or_default().push(message.id);
            self.0.files_released.notify_one();
        }
        self.broadcast_message(room, message);
    }

    fn send_bookmarked(&self, room: RoomId, user: UserId, id: MessageId, on: bool) {
        self.fan_out(RoomAudience::Member(room, user), RoomEvent::Bookmarked { id, on });
        self.fan_out(LobbyAudience::User(user), LobbyEvent::Bookmarked { room, id, on });
    }

    fn send_favourites(&self, user: UserId, users: Vec<UserId>) {
        self.list_users(user, &users);
        self.fan_out(LobbyAudience::User(user), LobbyEvent::Favourites { users });
    }

    /// Receipts of a room within a short time are sent together.
    fn broadcast_or_hold_receipt(&self, room: RoomId, user: UserId, seq: u64, held: &mut HeldBack) {
        if held.receipts.mark(room, user, seq) {
            receipts::broadcast(self, room, [(user, seq)]);
        }
    }

    /// Notes messages of this node that may need an automatic answer.
    fn note_new_messages(&self, committed: &Committed) {
        match committed {
            Committed::Message { room, message } => self.note_unanswered(*room, message),
            Committed::Several(changes) => changes.iter().for_each(|change| self.note_new_messages(change)),
            _ => {}
        }
    }

    /// `event`: the system event of the change, if there is one.
    fn broadcast_pins(&self, room: RoomId, event: Option<Message>, pins: RoomEvent) {
        if let Some(event) = event {
            self.broadcast_message(room, event);
        }
        self.fan_out(RoomAudience::Everybody(room), pins);
    }

    fn broadcast_reacted(&self, room: RoomId, reacted: Reacted) {
        let Reacted { id, seq, version, emoji, user, on } = reacted;
        let cursor = self.cursor(version);
        self.fan_out(RoomAudience::Everybody(room), RoomEvent::Reacted { id, seq, emoji, user, on, cursor });
    }

    fn broadcast_scheduled(&self, user: UserId, message: ScheduledMessage) {
        self.fan_out(RoomAudience::Member(message.room, user), RoomEvent::Scheduled { message });
        self.0.schedule_changed.notify_one();
    }

    fn broadcast_message(&self, room: RoomId, message: Message) {
        let cursor = self.cursor(message.version);
        let (author, event) = (message.author, message.system_event.clone());
        self.fan_out(RoomAudience::Everybody(room), RoomEvent::Message { message, cursor });
        if let Some(event) = event {
            self.apply_system_event(room, author, event);
        }
    }

    /// Applies a system event to members, in commit order: a former member receives nothing later.
    fn apply_system_event(&self, room: RoomId, author: UserId, event: SystemEvent) {
        match event {
            SystemEvent::Invited { users } => {
                self.fan_out(OpenRooms, ChangedMembers::of_room(room, &users));
                let invited = users.into_iter().filter(|user| self.may_notify_invitation(author, *user)).collect();
                self.fan_out(LobbyAudience::Users(invited), LobbyEvent::Invited { room, by: author, is_direct: false });
            }
            SystemEvent::Left => self.disconnect_former(room, vec![author], None),
            SystemEvent::Removed { users } => self.disconnect_former(room, users, Some(author)),
            SystemEvent::Renamed { title } => {
                self.fan_out(RoomAudience::Everybody(room), RoomEvent::Renamed { title });
            }
            SystemEvent::Made
            | SystemEvent::Announced
            | SystemEvent::Unannounced
            | SystemEvent::PinsLimited { .. }
            | SystemEvent::Absent { .. } => {}
        }
    }

    /// `by`: the member who removed them.
    fn disconnect_former(&self, room: RoomId, users: Vec<UserId>, by: Option<UserId>) {
        for user in &users {
            self.fan_out(SocketAudience::Member(room, *user), CloseReason::NotAMember);
        }
        self.fan_out(OpenRooms, ChangedMembers::of_room(room, &users));
        self.0.departures.send_departure(room, &users, || {
            self.fan_out(LobbyAudience::Users(users.clone()), LobbyEvent::RoomGone { room, by });
        });
    }
}

pub(super) async fn broadcast_committed(
    messenger: Messenger,
    mut committed: mpsc::Receiver<Vec<Committed>>,
    stale: Arc<StaleSummaries>,
    receipts: Arc<PendingReceipts>,
) {
    let mut held = HeldBack { receipts, confirmations: PendingConfirmations::default(), parked: Parked::default() };
    while let Some(batch) = next_batch(&mut committed, held.due()).await {
        batch.iter().for_each(|change| messenger.note_new_messages(change));
        let ahead = messenger.lacking(&batch);
        let mut round = BroadcastRound { stale: Summaries::default(), held: &mut held, ahead };
        for change in batch {
            if messenger.0.store.is_shared() {
                messenger.broadcast_in_order(change, &mut round).await;
            } else {
                messenger.broadcast(change, &mut round);
            }
        }
        messenger.broadcast_due_parked(&mut round).await;
        let BroadcastRound { stale: of_batch, .. } = round;
        if !of_batch.is_empty() {
            stale.mark(|stale| stale.add(of_batch));
        }
        messenger.broadcast_due_confirmations(&mut held.confirmations);
    }
}

/// The next changes; empty if `due` passes first. `None` once the store is closed.
async fn next_batch(committed: &mut mpsc::Receiver<Vec<Committed>>, due: Option<Instant>) -> Option<Vec<Committed>> {
    let Some(due) = due else { return committed.recv().await };
    tokio::select! {
        () = sleep_until(due) => Some(Vec::new()),
        batch = committed.recv() => batch,
    }
}
