//! A conversation as rows on the screen: day dividers, runs of one author, the time under the last
//! bubble of a minute, the mark where the unread begins.

use crate::{
    client::{
        state::{conversation::Conversation, pending::Pending},
        text::date::LocalTime,
    },
    protocol::{
        error::Refusal,
        ids::{MessageId, UserId},
        message::Message,
    },
};

/// A pause after which the same author is named again.
const RUN_MINUTES: i64 = 5;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Row {
    Day(LocalDay),
    /// What follows was not read when the window was opened.
    NewFromHere,
    Bubble(Box<Bubble>),
}

/// A day of the person's calendar, as days since 1970-01-01.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LocalDay(pub i64);

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Bubble {
    pub id: MessageId,
    pub author: UserId,
    pub is_mine: bool,
    pub body: String,
    /// UTC milliseconds.
    pub sent_at: i64,
    /// Begins a run: shows the author and the tail.
    pub is_first: bool,
    /// Ends a minute of the run: shows the time.
    pub shows_time: bool,
    pub state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// On disk at the server, in this place; so many members have not read it.
    Sent {
        seq: u64,
        not_read_by: usize,
    },
    Pending,
    Refused(RefusalCode),
}

/// A refusal that can be a part of a row's key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RefusalCode(pub Refusal);

impl std::hash::Hash for RefusalCode {
    fn hash<H: std::hash::Hasher>(&self, hasher: &mut H) {
        std::mem::discriminant(&self.0).hash(hasher);
    }
}

impl Row {
    fn bubble(&self) -> Option<&Bubble> {
        if let Self::Bubble(bubble) = self { Some(bubble) } else { None }
    }
}

/// The rows, oldest first. `offset_at`: minutes east of UTC at a moment.
pub fn rows(conversation: &Conversation, offset_at: impl Fn(i64) -> i32) -> Vec<Row> {
    let sent = conversation.messages().map(|message| sent(conversation, message));
    let pending = conversation.pending().iter().map(|pending| waiting(conversation, pending));
    let mut rows: Vec<Row> = Vec::new();
    let mut last: Option<(UserId, LocalTime)> = None;
    let mut day = None;
    for mut bubble in sent.chain(pending) {
        let time = LocalTime::new(bubble.sent_at, offset_at(bubble.sent_at));
        // Only ever forward: the clocks that wrote the times may disagree, and a day is named once.
        if Some(time.day) > day {
            rows.push(Row::Day(LocalDay(time.day)));
            (day, last) = (Some(time.day), None);
        }
        if is_first_unread(conversation, &bubble) {
            rows.push(Row::NewFromHere);
            last = None;
        }
        let continues =
            last.is_some_and(|(author, last)| author == bubble.author && minutes_between(last, time) < RUN_MINUTES);
        bubble.is_first = !continues;
        if continues && last.is_some_and(|(_, last)| last == time) {
            hide_time(&mut rows);
        }
        last = Some((bubble.author, time));
        rows.push(Row::Bubble(Box::new(bubble)));
    }
    rows
}

fn hide_time(rows: &mut [Row]) {
    if let Some(Row::Bubble(previous)) = rows.last_mut() {
        previous.shows_time = false;
    }
}

fn minutes_between(one: LocalTime, other: LocalTime) -> i64 {
    ((other.day - one.day) * 24 * 60 + other.minute - one.minute).abs()
}

fn is_first_unread(conversation: &Conversation, bubble: &Bubble) -> bool {
    matches!(bubble.state, State::Sent { seq, .. } if conversation.first_unread() == Some(seq))
}

fn sent(conversation: &Conversation, message: &Message) -> Bubble {
    Bubble {
        id: message.id,
        author: message.author,
        is_mine: message.author == conversation.me,
        body: message.body.clone(),
        sent_at: message.sent_at,
        is_first: true,
        shows_time: true,
        state: State::Sent { seq: message.seq, not_read_by: conversation.not_read_by(message) },
    }
}

fn waiting(conversation: &Conversation, pending: &Pending) -> Bubble {
    Bubble {
        id: pending.id,
        author: conversation.me,
        is_mine: true,
        body: pending.body.clone(),
        sent_at: pending.sent_at,
        is_first: true,
        shows_time: false,
        state: pending.refused.map_or(State::Pending, |refusal| State::Refused(RefusalCode(refusal))),
    }
}

/// How many of the last rows' bubbles are somebody else's and newer than `seq`.
pub fn newer_of_others(rows: &[Row], seq: u64) -> usize {
    let is_newer =
        |bubble: &&Bubble| matches!(bubble.state, State::Sent { seq: this, .. } if this > seq) && !bubble.is_mine;
    rows.iter().filter_map(Row::bubble).filter(is_newer).count()
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::protocol::{
        cursor::Cursor,
        ids::RoomId,
        room::{Member, RoomSnapshot},
    };

    const MINUTE: i64 = 60_000;

    fn conversation(said: &[(usize, i64)], last_read: u64) -> Conversation {
        let people = [UserId::new(), UserId::new()];
        let member = |id, last_read| Member { id, login: "x".into(), name: "x".into(), here: true, last_read };
        let messages = said.iter().enumerate().map(|(index, (author, sent_at))| {
            let seq = index as u64 + 1;
            Message {
                id: MessageId::new(),
                seq,
                version: seq,
                author: people[*author],
                body: "x".into(),
                sent_at: *sent_at,
            }
        });
        let snapshot = RoomSnapshot {
            room: RoomId::new(),
            members: vec![member(people[0], last_read), member(people[1], 0)],
            messages: messages.collect(),
            cursor: Cursor { epoch: Uuid::now_v7(), version: said.len() as u64 },
            has_earlier: false,
        };
        Conversation::new(people[0], snapshot)
    }

    /// One letter a row: D day, N new, and for bubbles F first or c continuing, t with the time.
    fn drawn(conversation: &Conversation) -> String {
        let letters = rows(conversation, |_| 0).into_iter().map(|row| match row {
            Row::Day(_) => "D".to_owned(),
            Row::NewFromHere => "N".to_owned(),
            Row::Bubble(bubble) => {
                format!("{}{}", if bubble.is_first { "F" } else { "c" }, if bubble.shows_time { "t" } else { "" })
            }
        });
        letters.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn runs_days_and_minutes() {
        let day = 24 * 60 * MINUTE;
        let said = [(0, 0), (0, 1_000), (0, 2 * MINUTE), (1, 2 * MINUTE), (1, 8 * MINUTE), (1, day)];
        assert_eq!(drawn(&conversation(&said, 9)), "D F ct ct Ft Ft D Ft");
        let said = [(0, 0), (0, 1_000)];
        assert_eq!(drawn(&conversation(&said, 9)), "D F ct");
    }

    #[test]
    fn the_unread_begin_with_a_mark() {
        assert_eq!(drawn(&conversation(&[(1, 0), (1, 0), (1, 0)], 1)), "D Ft N F ct");
    }

    #[test]
    fn a_day_is_named_once_however_the_clocks_go() {
        let day = 24 * 60 * MINUTE;
        let mut conversation = conversation(&[(0, 0), (1, day)], 9);
        conversation.post("어제의 시계로", MINUTE);
        assert_eq!(drawn(&conversation), "D Ft D Ft F");
    }

    #[test]
    fn what_is_on_its_way_comes_last_without_a_time() {
        let mut conversation = conversation(&[(1, 0)], 9);
        conversation.post("곧", MINUTE);
        assert_eq!(drawn(&conversation), "D Ft F");
        assert_eq!(newer_of_others(&rows(&conversation, |_| 0), 0), 1);
    }
}
