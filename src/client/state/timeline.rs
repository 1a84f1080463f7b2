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
        message::{Line, Message, Quote, Reaction, Recalled},
    },
};

/// A pause after which the same author is named again.
const RUN_MINUTES: i64 = 5;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Row {
    Day(LocalDay),
    /// What follows was not read when the window was opened.
    NewFromHere,
    /// Something that was done to the group: by whom, and to whom.
    Line {
        id: MessageId,
        seq: u64,
        name: String,
        others: String,
        line: Line,
    },
    Bubble(Box<Bubble>),
}

/// A day of the person's calendar, as days since 1970-01-01.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LocalDay(pub i64);

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Bubble {
    pub id: MessageId,
    pub author: UserId,
    /// What the author is called. A row says names itself, because they may come after it.
    pub name: String,
    pub is_mine: bool,
    pub body: String,
    pub quote: Option<Quote>,
    pub is_edited: bool,
    pub recalled: Option<Recalled>,
    pub reactions: Vec<Reaction>,
    /// UTC milliseconds.
    pub sent_at: i64,
    /// Begins a run: shows the author and the tail.
    pub is_first: bool,
    /// Ends a minute of the run: shows the time.
    pub shows_time: bool,
    /// Its place; none before the server has it.
    pub seq: Option<u64>,
    /// How many other members have not read it.
    pub not_read_by: usize,
    pub state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// As it is on disk at the server.
    Sent,
    /// It, or its new text, is on its way.
    Pending,
    Refused(Refusal),
}

impl Row {
    fn bubble(&self) -> Option<&Bubble> {
        if let Self::Bubble(bubble) = self { Some(bubble) } else { None }
    }
}

/// The rows, oldest first. `offset_at`: minutes east of UTC at a moment.
pub fn rows(conversation: &Conversation, offset_at: impl Fn(i64) -> i32) -> Vec<Row> {
    let sent = conversation.messages().map(|message| sent(conversation, message));
    // What is on its way belongs at the end, which is not shown while one has jumped back.
    let is_shown = |pending: &&Pending| !pending.is_edit && !conversation.has_later;
    let pending = conversation.pending().iter().filter(is_shown);
    let pending = pending.map(|pending| Row::Bubble(Box::new(waiting(conversation, pending))));
    let mut run = Run::default();
    sent.chain(pending).for_each(|row| run.push(conversation, row, &offset_at));
    run.rows
}

/// Rows so far, and what the next one follows.
#[derive(Default)]
struct Run {
    rows: Vec<Row>,
    last: Option<(UserId, LocalTime)>,
    day: Option<i64>,
}

impl Run {
    fn push(&mut self, conversation: &Conversation, row: Row, offset_at: impl Fn(i64) -> i32) {
        match row {
            Row::Bubble(bubble) => {
                let time = LocalTime::new(bubble.sent_at, offset_at(bubble.sent_at));
                self.begin(time);
                if bubble.seq.is_some() && bubble.seq == conversation.first_unread() {
                    self.rows.push(Row::NewFromHere);
                    self.last = None;
                }
                self.push_bubble(*bubble, time);
            }
            row => {
                if let Row::Line { seq, .. } = &row
                    && let Some(message) = conversation.messages().find(|message| message.seq == *seq)
                {
                    self.begin(LocalTime::new(message.sent_at, offset_at(message.sent_at)));
                }
                self.rows.push(row);
                self.last = None;
            }
        }
    }

    /// Only ever forward: the clocks that wrote the times may disagree, and a day is named once.
    fn begin(&mut self, time: LocalTime) {
        if Some(time.day) > self.day {
            self.rows.push(Row::Day(LocalDay(time.day)));
            (self.day, self.last) = (Some(time.day), None);
        }
    }

    fn push_bubble(&mut self, mut bubble: Bubble, time: LocalTime) {
        let follows = |(author, last)| author == bubble.author && minutes_between(last, time) < RUN_MINUTES;
        let continues = self.last.is_some_and(follows);
        bubble.is_first = !continues;
        if continues && self.last.is_some_and(|(_, last)| last == time) {
            hide_time(&mut self.rows);
        }
        self.last = Some((bubble.author, time));
        self.rows.push(Row::Bubble(Box::new(bubble)));
    }
}

fn hide_time(rows: &mut [Row]) {
    if let Some(Row::Bubble(previous)) = rows.last_mut() {
        previous.shows_time = false;
    }
}

fn minutes_between(one: LocalTime, other: LocalTime) -> i64 {
    ((other.day - one.day) * 24 * 60 + other.minute - one.minute).abs()
}

fn sent(conversation: &Conversation, message: &Message) -> Row {
    if let Some(line) = &message.line {
        return line_row(conversation, message, line.clone());
    }
    let edit = conversation.pending_edit(message.id);
    Row::Bubble(Box::new(Bubble {
        id: message.id,
        author: message.author,
        name: conversation.name_of(message.author).to_owned(),
        is_mine: message.author == conversation.me,
        body: edit.map_or_else(|| message.body.clone(), |edit| edit.body.clone()),
        quote: message.reply_to.clone(),
        is_edited: message.edited_at.is_some(),
        recalled: message.recalled,
        reactions: message.reactions.clone(),
        sent_at: message.sent_at,
        is_first: true,
        shows_time: true,
        seq: Some(message.seq),
        not_read_by: if message.recalled.is_some() { 0 } else { conversation.not_read_by(message) },
        state: edit.map_or(State::Sent, state),
    }))
}

fn line_row(conversation: &Conversation, message: &Message, line: Line) -> Row {
    let name = conversation.name_of(message.author).to_owned();
    let names = |users: &[UserId]| users.iter().map(|user| conversation.name_of(*user)).collect::<Vec<_>>().join(", ");
    let others = if let Line::Invited { users } = &line { names(users) } else { String::new() };
    Row::Line { id: message.id, seq: message.seq, name, others, line }
}

fn waiting(conversation: &Conversation, pending: &Pending) -> Bubble {
    Bubble {
        id: pending.id,
        author: conversation.me,
        name: conversation.name_of(conversation.me).to_owned(),
        is_mine: true,
        body: pending.body.clone(),
        quote: pending.reply_to.clone(),
        is_edited: false,
        recalled: None,
        reactions: Vec::new(),
        sent_at: pending.sent_at,
        is_first: true,
        shows_time: false,
        seq: None,
        not_read_by: 0,
        state: state(pending),
    }
}

fn state(pending: &Pending) -> State {
    pending.refused.map_or(State::Pending, State::Refused)
}

/// How many of the last rows' bubbles are somebody else's and newer than `seq`.
pub fn newer_of_others(rows: &[Row], seq: u64) -> usize {
    let is_newer = |bubble: &&Bubble| bubble.seq.is_some_and(|this| this > seq) && !bubble.is_mine;
    rows.iter().filter_map(Row::bubble).filter(is_newer).count()
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::protocol::{
        chat::ChatEvent,
        cursor::Cursor,
        ids::RoomId,
        room::{Member, RoomSnapshot},
    };

    const MINUTE: i64 = 60_000;

    fn conversation(said: &[(usize, i64)], last_read: u64) -> Conversation {
        let people = [UserId::new(), UserId::new()];
        let member = |id, last_read| Member {
            id,
            login: "x".into(),
            name: "x".into(),
            is_ambiguous: false,
            here: true,
            last_read,
            has_left: false,
            is_disabled: false,
        };
        let messages = said.iter().enumerate().map(|(index, (author, sent_at))| {
            let seq = index as u64 + 1;
            Message::new(MessageId::new(), seq, people[*author], "x".into(), *sent_at)
        });
        let snapshot = RoomSnapshot {
            room: RoomId::new(),
            is_group: false,
            title: None,
            is_muted: false,
            members: vec![member(people[0], last_read), member(people[1], 0)],
            messages: messages.collect(),
            cursor: Cursor { epoch: Uuid::now_v7(), version: said.len() as u64 },
            has_earlier: false,
        };
        Conversation::new(people[0], snapshot)
    }

    /// One letter a row: D day, N new, L line, and for bubbles F first or c continuing, t with the time.
    fn drawn(conversation: &Conversation) -> String {
        let letters = rows(conversation, |_| 0).into_iter().map(|row| match row {
            Row::Day(_) => "D".to_owned(),
            Row::NewFromHere => "N".to_owned(),
            Row::Line { .. } => "L".to_owned(),
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
        conversation.post("어제의 시계로", None, MINUTE);
        assert_eq!(drawn(&conversation), "D Ft D Ft F");
    }

    #[test]
    fn what_is_on_its_way_comes_last_without_a_time() {
        let mut conversation = conversation(&[(1, 0)], 9);
        conversation.post("곧", None, MINUTE);
        assert_eq!(drawn(&conversation), "D Ft F");
        assert_eq!(newer_of_others(&rows(&conversation, |_| 0), 0), 1);
    }

    #[test]
    fn what_was_done_to_the_group_stands_between_the_runs() {
        let mut conversation = conversation(&[(1, 0)], 9);
        let author = conversation.messages().next().unwrap().author;
        let line = Message { line: Some(Line::Left), ..Message::new(MessageId::new(), 2, author, String::new(), 0) };
        for message in [line, Message::new(MessageId::new(), 3, author, "x".into(), 0)] {
            let cursor = Cursor { version: message.version, ..conversation.cursor() };
            conversation.apply(ChatEvent::Message { message, cursor }, 0);
        }
        assert_eq!(drawn(&conversation), "D Ft L Ft");
    }

    #[test]
    fn an_edit_on_its_way_is_shown_in_its_place() {
        let mut conversation = conversation(&[(0, 0), (1, 0)], 9);
        let id = conversation.messages().next().unwrap().id;
        conversation.edit(id, "고침", 0);
        let rows = rows(&conversation, |_| 0);
        let bubble = rows[1].bubble().unwrap();
        assert_eq!((bubble.body.as_str(), bubble.state, rows.len()), ("고침", State::Pending, 3));
    }
}
