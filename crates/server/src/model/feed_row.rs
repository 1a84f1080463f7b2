//! What the feed keeps of committed changes.

use crate::model::{Committed, FeedRow, RemoteChange};

impl FeedRow {
    /// What the feed keeps of these changes.
    pub fn of(committed: &[Committed]) -> Self {
        let mut row = Self::default();
        committed.iter().for_each(|change| row.add(change));
        row
    }

    fn add(&mut self, change: &Committed) {
        let change = match change {
            Committed::Message { room, message } => {
                let (is_event, recalled) = (message.system_event.is_some(), message.recalled.map(|_| message.id));
                if message.version == message.seq && !is_event {
                    return self.posts.push((*room, message.seq));
                }
                RemoteChange::Changed { room: *room, version: message.version, is_event, recalled }
            }
            Committed::Reacted { room, reacted } => RemoteChange::Reacted { room: *room, reacted: reacted.clone() },
            Committed::Confirmed { room, confirmed } => {
                RemoteChange::Confirmed { room: *room, confirmed: confirmed.clone() }
            }
            Committed::Read { room, user, seq } => RemoteChange::Read { room: *room, user: *user, seq: *seq },
            Committed::Muted { room, user, on, mentions_only } => {
                RemoteChange::Muted { room: *room, user: *user, on: *on, mentions_only: *mentions_only }
            }
            Committed::Pins { room, event, pins: _, by_maker } => {
                if let Some(event) = event {
                    let (version, is_event) = (event.version, true);
                    self.changes.push(RemoteChange::Changed { room: *room, version, is_event, recalled: None });
                }
                RemoteChange::Pins { room: *room, by_maker: *by_maker }
            }
            Committed::Bookmarked { room, user, id, on } => {
                RemoteChange::Bookmarked { room: *room, user: *user, id: *id, on: *on }
            }
            Committed::Scheduled { user, message } => {
                RemoteChange::Scheduled { room: message.room, user: *user, id: message.id }
            }
            Committed::Unscheduled { room, user, id } => {
                RemoteChange::Unscheduled { room: *room, user: *user, id: *id }
            }
            Committed::UnsentScheduled { user, messages: _ } => RemoteChange::UnsentScheduled { user: *user },
            Committed::Listed { room, user } => RemoteChange::Listed { room: *room, user: *user },
            Committed::Settings { user, settings: _ } => RemoteChange::Settings { user: *user },
            Committed::Favourites { user, users: _ } => RemoteChange::Favourites { user: *user },
            Committed::Signal(signal) => RemoteChange::Signal { signal: signal.clone() },
            Committed::Several(changes) => return changes.iter().for_each(|change| self.add(change)),
            // Changes of other nodes are in their own rows.
            Committed::Remote(..) | Committed::Node(_) => return,
        };
        self.changes.push(change);
    }
}
