//! Up to which row each other node was followed, and which nodes run: pure, so that its rules can be tested.

use std::{
    collections::HashSet,
    mem::replace,
    time::{Duration, Instant},
};

use crate::{
    model::{Committed, NodeEvent, NodeId, PositionedRow},
    store::postgres::feed::{FeedPositions, NodeRow},
};

/// The users of a node that ended in order are kept this long, because they connect to another one.
const LEFT_MS: i64 = 10_000;
/// The users of a node that stopped beating are kept this long.
const SILENT_MS: i64 = 15_000;
/// A typing indicator that is read later than this is over.
pub(crate) const TYPING: Duration = Duration::from_secs(5);

pub(crate) struct Followed {
    pub(crate) positions: FeedPositions,
    alive: HashSet<NodeId>,
}

/// What to do about a row that came over the bus.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum BusRowOutcome {
    /// It is the next one of its writer, and was taken.
    Taken(PositionedRow),
    /// It was taken before.
    TakenBefore,
    /// The feed has others before it, or its writer had ended.
    ReadFeed,
    /// The writer will be found among the nodes, or never.
    UnknownWriter,
}

impl Followed {
    pub(crate) fn from(positions: FeedPositions) -> Self {
        Self { positions, alive: HashSet::new() }
    }

    /// Which nodes began or ended since the last call.
    pub(crate) fn judge(&mut self, nodes: &[NodeRow]) -> Vec<Committed> {
        let is_alive = |node: &&NodeRow| node.silent_ms < if node.has_left { LEFT_MS } else { SILENT_MS };
        let alive: HashSet<NodeId> = nodes.iter().filter(is_alive).map(|node| node.id).collect();
        self.positions.retain(|writer, _| nodes.iter().any(|node| node.id.0 == *writer));
        for node in nodes {
            self.positions.entry(node.id.0).or_insert(node.first);
        }
        let left = self.alive.difference(&alive).map(|node| NodeEvent::Left(*node));
        let joined = alive.difference(&self.alive).map(|node| NodeEvent::Joined(*node));
        let events = left.chain(joined).map(Committed::Node).collect();
        self.alive = alive;
        events
    }

    /// Takes rows that were read from the feed.
    pub(crate) fn take_read(&mut self, rows: Vec<PositionedRow>) -> Vec<Committed> {
        let writers: HashSet<NodeId> = rows.iter().map(|read| read.writer).collect();
        let late = writers.into_iter().filter(|node| !self.alive.contains(node)).collect::<Vec<_>>();
        let mut events = Vec::new();
        for read in rows {
            let position = self.positions.entry(read.writer.0).or_default();
            if read.position <= *position {
                continue;
            }
            if read.position > *position + 1 {
                events.push(Committed::Node(NodeEvent::Missed));
            }
            *position = read.position;
            if !read.row.is_empty() {
                events.push(Committed::Remote(read));
            }
        }
        events.extend(late.into_iter().map(|node| Committed::Node(NodeEvent::Late(node))));
        events
    }

    /// Takes a row that came over the bus, if nothing is missing before it.
    pub(crate) fn take_sent(&mut self, sent: PositionedRow) -> BusRowOutcome {
        let Some(position) = self.positions.get_mut(&sent.writer.0) else { return BusRowOutcome::UnknownWriter };
        if sent.position <= *position {
            return BusRowOutcome::TakenBefore;
        }
        if sent.position > *position + 1 || !self.alive.contains(&sent.writer) {
            return BusRowOutcome::ReadFeed;
        }
        *position = sent.position;
        BusRowOutcome::Taken(sent)
    }
}

/// Whether what arrives may be older than [`TYPING`]: this node did not run, or had no database.
pub(crate) struct Freshness {
    read_at: Instant,
    /// Whether the next rows may be old, too.
    is_behind: bool,
}

impl Freshness {
    pub(crate) fn from(now: Instant) -> Self {
        Self { read_at: now, is_behind: false }
    }

    /// Notes that the feed was read; whether its rows may be old. They may have waited in the connection while the
    /// process was stopped, and the rows after them, too.
    pub(crate) fn note_read(&mut self, is_full: bool, now: Instant) -> bool {
        let is_late = now.duration_since(replace(&mut self.read_at, now)) >= TYPING;
        let may_be_old = is_late || self.is_behind;
        self.is_behind = is_late || (is_full && may_be_old);
        may_be_old
    }

    /// A row from the bus without what may be out of date: typing indicators, and texts that may have been recalled
    /// meanwhile. The database has their current state.
    pub(crate) fn without_old(&self, mut positioned: PositionedRow, now: Instant) -> PositionedRow {
        if self.may_be_old(now) {
            positioned.row.drop_typing();
            positioned.messages.clear();
        }
        positioned
    }

    /// Whether rows from the bus may be old. They may have waited, too: until the feed was read twice after a stop.
    fn may_be_old(&self, now: Instant) -> bool {
        self.is_behind || now.duration_since(self.read_at) >= TYPING
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use protocol::{
        ids::{MessageId, RoomId, UserId},
        message::Message,
    };
    use uuid::Uuid;

    use super::*;
    use crate::model::{FeedRow, RemoteChange};

    fn sent(writer: NodeId, position: i64) -> PositionedRow {
        let change = RemoteChange::Listed { room: RoomId::new(), user: UserId::new() };
        let row = FeedRow { posts: Vec::new(), changes: vec![change] };
        PositionedRow { writer, position, row, messages: Vec::new() }
    }

    fn node(id: NodeId, silent_ms: i64, first: i64) -> NodeRow {
        NodeRow { id, silent_ms, first, top: first, has_left: false }
    }

    fn positions(events: Vec<Committed>) -> Vec<i64> {
        let position =
            |event| if let Committed::Remote(positioned) = event { positioned.position } else { panic!("{event:?}") };
        events.into_iter().map(position).collect()
    }

    #[test]
    fn a_row_from_the_bus_is_taken_once_and_only_behind_the_one_before_it() {
        let (writer, other) = (NodeId(Uuid::now_v7()), NodeId(Uuid::now_v7()));
        let mut followed = Followed::from(HashMap::new());
        assert_eq!(followed.take_sent(sent(writer, 8)), BusRowOutcome::UnknownWriter, "it may be of another database");
        followed.judge(&[node(writer, 0, 7), node(other, 0, 3)]);
        assert_eq!(followed.take_sent(sent(writer, 9)), BusRowOutcome::ReadFeed, "8 is missing");
        for position in [8, 9] {
            assert!(
                matches!(followed.take_sent(sent(writer, position)), BusRowOutcome::Taken(positioned) if positioned.position == position)
            );
            assert_eq!(followed.take_sent(sent(writer, position)), BusRowOutcome::TakenBefore);
        }
        assert_eq!(followed.take_sent(sent(writer, 1)), BusRowOutcome::TakenBefore);
        assert_eq!(followed.take_sent(sent(other, 10)), BusRowOutcome::ReadFeed, "each writer counts alone");
        // The feed has the rows that the bus carried, and more.
        assert_eq!(positions(followed.take_read([8, 9, 10].map(|position| sent(writer, position)).into())), [10]);
        assert_eq!(followed.take_sent(sent(writer, 10)), BusRowOutcome::TakenBefore);
        assert!(matches!(followed.take_sent(sent(writer, 11)), BusRowOutcome::Taken(_)));
    }

    #[test]
    fn what_a_node_sent_before_its_end_is_read_from_the_feed() {
        let writer = NodeId(Uuid::now_v7());
        let mut followed = Followed::from(HashMap::new());
        followed.judge(&[node(writer, SILENT_MS - 1, 0)]);
        assert!(matches!(followed.take_sent(sent(writer, 1)), BusRowOutcome::Taken(_)));
        followed.judge(&[node(writer, SILENT_MS, 0)]);
        assert_eq!(followed.take_sent(sent(writer, 2)), BusRowOutcome::ReadFeed);
        let read = followed.take_read(vec![sent(writer, 2)]);
        assert!(matches!(read[..], [Committed::Remote(_), Committed::Node(NodeEvent::Late(late))] if late == writer));
        followed.judge(&[]);
        assert_eq!(followed.take_sent(sent(writer, 3)), BusRowOutcome::UnknownWriter);
    }

    #[test]
    fn what_waited_while_the_process_was_stopped_may_be_old() {
        let begin = Instant::now();
        let at = |ms| begin + Duration::from_millis(ms);
        let mut freshness = Freshness::from(begin);
        assert!(!freshness.note_read(false, at(100)) && !freshness.may_be_old(at(200)));
        // Stopped while an answer was on its way.
        assert!(freshness.may_be_old(at(30_000)), "before the feed was read");
        assert!(freshness.note_read(false, at(30_001)));
        assert!(freshness.may_be_old(at(30_002)), "the answer is as old as the stop");
        assert!(freshness.note_read(false, at(30_003)), "rows of that time");
        assert!(!freshness.may_be_old(at(30_004)) && !freshness.note_read(false, at(30_100)));
        assert!(freshness.note_read(true, at(40_000)) && freshness.note_read(true, at(40_001)));
        assert!(freshness.may_be_old(at(40_002)), "there is more of that time");
        assert!(freshness.note_read(false, at(40_003)) && !freshness.may_be_old(at(40_004)));
    }

    #[test]
    fn texts_that_waited_while_the_process_was_stopped_are_read_again() {
        let begin = Instant::now();
        let (freshness, room) = (Freshness::from(begin), RoomId::new());
        let message = Message::new(MessageId::new(), 1, UserId::new(), "회수할 글".into(), 0);
        let row = FeedRow { posts: vec![(room, 1)], changes: Vec::new() };
        let positioned = PositionedRow { writer: NodeId(Uuid::now_v7()), position: 1, row, messages: vec![message] };
        assert_eq!(freshness.without_old(positioned.clone(), begin + Duration::from_millis(100)), positioned);
        let old = freshness.without_old(positioned, begin + Duration::from_secs(30));
        assert_eq!((old.messages.len(), old.row.posts), (0, vec![(room, 1)]));
    }
}
