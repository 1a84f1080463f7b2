//! Closes gaps in the versions that windows have received: reads what is missing, in the order of the versions.

use tokio::time::Instant;

use crate::{
    hub::{CloseReason, RoomAudience, SocketAudience},
    messenger::{broadcast::BroadcastRound, inner::Messenger, sequence::ChangeOrder},
    model::Committed,
};
use protocol::{ids::RoomId, message::Message, room_socket::RoomEvent};

/// Reads for one gap, at most: some thousand changes.
const READS: usize = 40;

impl Messenger {
    /// Broadcasts all changes of a room after a version. If they are too many or cannot be read, its windows resume.
    pub(super) async fn catch_up(&self, room: RoomId, last: u64, round: &mut BroadcastRound<'_>) {
        if let Some(changes) = self.read_together(room, last, &mut round.ahead).await {
            self.broadcast_changes(room, last, changes.messages, changes.latest, round);
        } else if !Box::pin(self.catch_up_alone(room, last, round)).await {
            self.0.sequences.forget(room);
            round.stale.rooms.insert(room);
            return self.fan_out(SocketAudience::Room(room), CloseReason::MustResume);
        }
        self.broadcast_parked(room, round);
    }

    /// `false` if windows have to resume.
    async fn catch_up_alone(&self, room: RoomId, mut last: u64, round: &mut BroadcastRound<'_>) -> bool {
        for _ in 0..READS {
            match self.0.store.next_changes(room, last).await {
                Ok((messages, whole, latest)) if whole >= last => {
                    self.broadcast_changes(room, last, messages, whole, round);
                    if whole == latest {
                        return true;
                    }
                    last = whole;
                }
                _ => return false,
            }
        }
        false
    }

    /// Broadcasts the messages that changed after `last` and up to `latest`.
    fn broadcast_changes(
        &self,
        room: RoomId,
        mut last: u64,
        messages: Vec<Message>,
        latest: u64,
        round: &mut BroadcastRound<'_>,
    ) {
        for message in messages {
            self.skip_versions(room, last, message.version - 1, round);
            last = message.version;
            self.broadcast(Committed::Message { room, message }, round);
        }
        self.skip_versions(room, last, latest, round);
        self.0.sequences.caught_up(room, latest);
    }

    /// Broadcasts that versions were replaced by later ones.
    fn skip_versions(&self, room: RoomId, last: u64, to: u64, round: &mut BroadcastRound<'_>) {
        if to > last {
            self.broadcast_waiting_confirmations(room, &mut round.held.confirmations);
            let cursor = self.cursor(to);
            self.fan_out(RoomAudience::Everybody(room), RoomEvent::Advanced { cursor, after: Some(last) });
        }
    }

    /// Broadcasts the changes of a room that waited for the one before them.
    pub(super) fn broadcast_parked(&self, room: RoomId, round: &mut BroadcastRound<'_>) {
        while let Some((version, change)) = round.held.parked.next(room) {
            match self.0.sequences.order(&self.0.hub, room, version) {
                ChangeOrder::Next => {
                    self.broadcast(change, round);
                    self.0.sequences.caught_up(room, version);
                }
                ChangeOrder::Missing(_) => {
                    round.held.parked.keep(room, version, change, Instant::now());
                    return;
                }
                ChangeOrder::Untracked | ChangeOrder::Opened | ChangeOrder::Done => {}
            }
        }
    }

    /// Reads what is missing in the rooms where changes have waited long enough.
    pub(super) async fn broadcast_due_parked(&self, round: &mut BroadcastRound<'_>) {
        for room in round.held.parked.due_rooms(Instant::now()) {
            match self.0.sequences.last(&self.0.hub, room) {
                Some(last) => self.catch_up(room, last, round).await,
                None => self.broadcast_parked(room, round),
            }
        }
    }
}
