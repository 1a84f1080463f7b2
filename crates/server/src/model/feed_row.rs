//! What the feed keeps of committed changes, and what the bus carries.

use crate::model::{Committed, FeedRow, NodeId, PositionedRow, RemoteChange};
use protocol::message::Message;

/// Bytes of the texts in one row, at most. Larger ones are read from the database, as messages of a row without texts.
const TEXTS: usize = 48 * 1024;

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
                if is_post(message) {
                    return self.posts.push((*room, message.seq));
                }
                let (is_event, recalled) = (message.system_event.is_some(), message.recalled.map(|_| message.id));
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

impl PositionedRow {
    /// The row of these changes with the messages that were posted.
    pub fn of(writer: NodeId, position: i64, committed: &[Committed]) -> Self {
        let mut posts = Vec::new();
        add_posts(committed, &mut posts);
        let is_small = posts.iter().map(|post| post.body.len()).sum::<usize>() <= TEXTS;
        let messages = if is_small { posts.into_iter().cloned().collect() } else { Vec::new() };
        Self { writer, position, row: FeedRow::of(committed), messages }
    }
}

/// Whether it is new, and not a system event.
fn is_post(message: &Message) -> bool {
    message.version == message.seq && message.system_event.is_none()
}

/// In the order of [`FeedRow::posts`].
fn add_posts<'a>(committed: &'a [Committed], posts: &mut Vec<&'a Message>) {
    for change in committed {
        match change {
            Committed::Message { message, .. } if is_post(message) => posts.push(message),
            Committed::Several(changes) => add_posts(changes, posts),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use protocol::{
        ids::{MessageId, RoomId, UserId},
        message::SystemEvent,
    };

    use super::*;

    fn message(seq: u64, body: &str) -> Message {
        Message::new(MessageId::new(), seq, UserId::new(), body.to_owned(), 0)
    }

    #[test]
    fn a_row_has_the_messages_of_its_posts_in_their_order_and_survives_the_bus() {
        let room = RoomId::new();
        let committed = |message: Message| Committed::Message { room, message };
        let edited = Message { version: 9, ..message(1, "edited") };
        let event = Message { system_event: Some(SystemEvent::Left), ..message(5, "") };
        let changes = [
            committed(message(2, "one")),
            committed(edited),
            Committed::Several(vec![committed(event), committed(message(3, "two"))]),
            committed(message(4, "three")),
        ];
        let positioned = PositionedRow::of(NodeId(uuid::Uuid::nil()), 7, &changes);
        let sent: Vec<_> = positioned.messages.iter().map(|message| (room, message.seq)).collect();
        assert_eq!((sent, positioned.row.changes.len()), (positioned.row.posts.clone(), 2));
        assert_eq!(
            serde_json::from_slice::<PositionedRow>(&serde_json::to_vec(&positioned).unwrap()).unwrap(),
            positioned
        );
    }

    #[test]
    fn a_row_with_much_text_has_its_ids_alone() {
        let posts = |count: u64| -> Vec<Committed> {
            let post = |seq| Committed::Message { room: RoomId::new(), message: message(seq, &"가".repeat(4_000)) };
            (1..=count).map(post).collect()
        };
        let positioned = |count| PositionedRow::of(NodeId(uuid::Uuid::nil()), 1, &posts(count));
        assert_eq!(
            (positioned(4).messages.len(), positioned(5).messages.len(), positioned(5).row.posts.len()),
            (4, 0, 5)
        );
    }
}
