//! Tests of the timeline.

use uuid::Uuid;

use crate::state::{
    conversation::Conversation,
    timeline::{DeliveryState, TimelineRow, rows},
};
use protocol::{
    cursor::Cursor,
    ids::{MessageId, RoomId, UserId},
    message::{Message, SystemEvent},
    room::{Member, RoomDetails, RoomSnapshot},
    room_socket::RoomEvent,
};

const MINUTE: i64 = 60_000;

fn conversation(messages: &[(usize, i64)], last_read: u64) -> Conversation {
    let people = [UserId::new(), UserId::new()];
    let message = |(index, (author, sent_at)): (usize, &(usize, i64))| {
        Message::new(MessageId::new(), index as u64 + 1, people[*author], "x".into(), *sent_at)
    };
    opened(people, messages.iter().enumerate().map(message).collect(), last_read)
}

/// The first user opens the room, and has read it up to `last_read`.
fn opened(people: [UserId; 2], messages: Vec<Message>, last_read: u64) -> Conversation {
    let member = |id, last_read| Member { is_present: true, last_read, ..Member::new(id, "x".into(), "x".into()) };
    let cursor = Cursor { epoch: Uuid::now_v7(), version: messages.len() as u64 };
    let snapshot = RoomSnapshot {
        room: RoomId::new(),
        is_group: false,
        details: RoomDetails::new(vec![member(people[0], last_read), member(people[1], 0)], cursor),
        messages,
        has_earlier: false,
        has_later: false,
    };
    Conversation::new(people[0], snapshot)
}

/// One letter a row: D day, N new, L system event, and for bubbles F first or c continuing, t with the time.
fn drawn(conversation: &Conversation) -> String {
    let letters = rows(conversation, |_| 0).into_iter().map(|row| match row {
        TimelineRow::Day(_) => "D".to_owned(),
        TimelineRow::FirstUnread => "N".to_owned(),
        TimelineRow::SystemEvent { .. } => "L".to_owned(),
        TimelineRow::Bubble(bubble) => {
            format!("{}{}", if bubble.is_first { "F" } else { "c" }, if bubble.shows_time { "t" } else { "" })
        }
    });
    letters.collect::<Vec<_>>().join(" ")
}

#[test]
fn runs_days_and_minutes() {
    let day = 24 * 60 * MINUTE;
    let messages = [(0, 0), (0, 1_000), (0, 2 * MINUTE), (1, 2 * MINUTE), (1, 8 * MINUTE), (1, day)];
    assert_eq!(drawn(&conversation(&messages, 9)), "D F ct ct Ft Ft D Ft");
    let messages = [(0, 0), (0, 1_000)];
    assert_eq!(drawn(&conversation(&messages, 9)), "D F ct");
}

#[test]
fn a_mark_stands_before_the_first_unread_message() {
    assert_eq!(drawn(&conversation(&[(1, 0), (1, 0), (1, 0)], 1)), "D Ft N F ct");
}

#[test]
fn each_day_has_one_divider_however_the_clocks_disagree() {
    let day = 24 * 60 * MINUTE;
    let mut conversation = conversation(&[(0, 0), (1, day)], 9);
    conversation.post("어제의 시계로", None, MINUTE);
    assert_eq!(drawn(&conversation), "D Ft D Ft F");
}

#[test]
fn unsent_messages_come_last_without_a_time() {
    let mut conversation = conversation(&[(1, 0)], 9);
    conversation.post("곧", None, MINUTE);
    assert_eq!(drawn(&conversation), "D Ft F");
    assert_eq!(conversation.newer_than(0), 1);
}

#[test]
fn a_system_event_ends_a_run() {
    let mut conversation = conversation(&[(1, 0)], 9);
    let author = conversation.messages().next().unwrap().author;
    let line = Message {
        system_event: Some(SystemEvent::Left),
        ..Message::new(MessageId::new(), 2, author, String::new(), 0)
    };
    for message in [line, Message::new(MessageId::new(), 3, author, "x".into(), 0)] {
        let cursor = Cursor { version: message.version, ..conversation.cursor() };
        conversation.apply(RoomEvent::Message { message, cursor }, 0);
    }
    assert_eq!(drawn(&conversation), "D Ft L Ft");
}

#[test]
fn the_mark_stands_before_an_unread_invitation() {
    let people = [UserId::new(), UserId::new()];
    let message = |seq, system_event| Message {
        system_event,
        ..Message::new(MessageId::new(), seq, people[1], String::new(), 0)
    };
    for (invited, expected) in [(people[0], "D Ft N L"), (people[1], "D Ft L")] {
        let event = SystemEvent::Invited { users: vec![invited] };
        assert_eq!(drawn(&opened(people, vec![message(1, None), message(2, Some(event))], 1)), expected);
    }
}

#[test]
fn an_unsent_edit_is_shown_in_place_of_the_message() {
    let mut conversation = conversation(&[(0, 0), (1, 0)], 9);
    let id = conversation.messages().next().unwrap().id;
    conversation.edit(id, "고침", 0);
    let rows = rows(&conversation, |_| 0);
    let bubble = rows[1].bubble().unwrap();
    assert_eq!((bubble.body.as_str(), bubble.state, rows.len()), ("고침", DeliveryState::Pending, 3));
}
