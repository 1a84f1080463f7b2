//! Builds the rows of a conversation.

use crate::state::{
    conversation::{ConfirmationMark, Conversation},
    local_time::LocalTime,
    timeline::row::{Bubble, DeliveryState, LocalDay, TimelineRow},
    unsent_message::UnsentMessage,
};
use protocol::{
    ids::UserId,
    message::{Forwarded, Message, SystemEvent},
};

/// A pause of this length ends a run: the author is shown again.
const RUN_MINUTES: i64 = 5;

/// The rows, oldest first. `offset_at`: minutes east of UTC at a time.
pub fn rows(conversation: &Conversation, offset_at: impl Fn(i64) -> i32) -> Vec<TimelineRow> {
    let sent = conversation.messages().map(|message| sent(conversation, message));
    // Unsent messages follow the newest message, which a window does not hold after a jump into the past.
    let is_shown = |unsent: &&UnsentMessage| !unsent.is_edit && !conversation.has_later;
    let unsent = conversation.unsent().iter().filter(is_shown);
    let unsent = unsent.map(|unsent| TimelineRow::Bubble(Box::new(unsent_bubble(conversation, unsent))));
    let mut builder = Builder::default();
    sent.chain(unsent).for_each(|row| builder.push(conversation, row, &offset_at));
    builder.rows
}

/// The rows so far, and the state that decides how the next one continues them.
#[derive(Default)]
struct Builder {
    rows: Vec<TimelineRow>,
    last: Option<(UserId, LocalTime)>,
    day: Option<i64>,
}

impl Builder {
    fn push(&mut self, conversation: &Conversation, row: TimelineRow, offset_at: impl Fn(i64) -> i32) {
        match row {
            TimelineRow::Bubble(bubble) => {
                let time = LocalTime::new(bubble.sent_at, offset_at(bubble.sent_at));
                self.begin_day(time);
                self.mark_new(conversation, bubble.seq);
                self.push_bubble(*bubble, time);
            }
            row => {
                if let TimelineRow::SystemEvent { seq, .. } = &row
                    && let Some(message) = conversation.messages().find(|message| message.seq == *seq)
                {
                    self.begin_day(LocalTime::new(message.sent_at, offset_at(message.sent_at)));
                    self.mark_new(conversation, Some(message.seq));
                }
                self.rows.push(row);
                self.last = None;
            }
        }
    }

    /// Adds the mark before the first unread message.
    fn mark_new(&mut self, conversation: &Conversation, seq: Option<u64>) {
        if seq.is_some() && seq == conversation.first_unread() {
            self.rows.push(TimelineRow::FirstUnread);
            self.last = None;
        }
    }

    /// Adds a day divider for a later day only: clocks may disagree, and each day has only one divider.
    fn begin_day(&mut self, time: LocalTime) {
        if Some(time.day) > self.day {
            self.rows.push(TimelineRow::Day(LocalDay(time.day)));
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
        self.rows.push(TimelineRow::Bubble(Box::new(bubble)));
    }
}

fn hide_time(rows: &mut [TimelineRow]) {
    if let Some(TimelineRow::Bubble(previous)) = rows.last_mut() {
        previous.shows_time = false;
    }
}

fn minutes_between(one: LocalTime, other: LocalTime) -> i64 {
    ((other.day - one.day) * 24 * 60 + other.minute - one.minute).abs()
}

fn sent(conversation: &Conversation, message: &Message) -> TimelineRow {
    if let Some(event) = &message.system_event {
        return system_event(conversation, message, event.clone());
    }
    let edit = conversation.unsent_edit(message.id);
    TimelineRow::Bubble(Box::new(Bubble {
        id: message.id,
        author: message.author,
        name: conversation.name_of(message.author).to_owned(),
        is_mine: message.author == conversation.me,
        body: edit.map_or_else(|| message.body.clone(), |edit| edit.body.clone()),
        quote: message.reply_to.clone(),
        files: message.files.clone(),
        answers_hidden: message.answers_hidden,
        mentions: conversation.marks_of(edit.map_or(&message.mentions, |edit| &edit.mentions), message.author),
        forwarded: message.forwarded.map(|forwarded| author_of(conversation, message.author, forwarded)),
        confirmation: conversation.confirmation_mark(message),
        is_edited: message.edited_at.is_some(),
        is_bookmarked: conversation.bookmarks.contains(&message.id),
        recalled: message.recalled,
        reactions: conversation.reactions(message),
        sent_at: message.sent_at,
        is_first: true,
        shows_time: true,
        seq: Some(message.seq),
        not_read_by: if message.recalled.is_some() { 0 } else { conversation.not_read_by(message) },
        state: edit.map_or(DeliveryState::Sent, state),
    }))
}

/// The author of a forwarded message; empty if no member here knows them, or if they forwarded it themselves.
fn author_of(conversation: &Conversation, by: UserId, forwarded: Forwarded) -> String {
    let author = forwarded.author.filter(|author| *author != by);
    author.map(|author| conversation.name_of(author).to_owned()).unwrap_or_default()
}

fn system_event(conversation: &Conversation, message: &Message, event: SystemEvent) -> TimelineRow {
    let name = conversation.name_of(message.author).to_owned();
    let others = others_of(conversation, &event);
    TimelineRow::SystemEvent { id: message.id, seq: message.seq, name, others, event }
}

/// The names of the users who were invited or removed.
pub fn others_of(conversation: &Conversation, event: &SystemEvent) -> String {
    match event {
        SystemEvent::Invited { users } | SystemEvent::Removed { users } => {
            let name = |user: &UserId| Some(conversation.name_of(*user)).filter(|name| !name.is_empty()).unwrap_or("…");
            users.iter().map(name).collect::<Vec<_>>().join(", ")
        }
        _ => String::new(),
    }
}

fn unsent_bubble(conversation: &Conversation, unsent: &UnsentMessage) -> Bubble {
    Bubble {
        id: unsent.id,
        author: conversation.me,
        name: conversation.name_of(conversation.me).to_owned(),
        is_mine: true,
        body: unsent.body.clone(),
        quote: unsent.reply_to.clone(),
        files: unsent.files.clone(),
        answers_hidden: false,
        mentions: conversation.marks_of(&unsent.mentions, conversation.me),
        forwarded: None,
        confirmation: unsent.asks_confirmation.then_some(ConfirmationMark::Requested),
        is_edited: false,
        is_bookmarked: false,
        recalled: None,
        reactions: Vec::new(),
        sent_at: unsent.sent_at,
        is_first: true,
        shows_time: false,
        seq: None,
        not_read_by: 0,
        state: state(unsent),
    }
}

fn state(unsent: &UnsentMessage) -> DeliveryState {
    unsent.refused.map_or(DeliveryState::Pending, DeliveryState::Refused)
}
