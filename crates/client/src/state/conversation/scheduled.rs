//! The user's scheduled messages in a room, unsent ones included, and the commands that change them.

use crate::state::conversation::{model::Conversation, writing::sendable};
use protocol::{
    ids::MessageId,
    schedule::{Reschedule, Schedule, ScheduledMessage},
};

impl Conversation {
    pub(super) fn upsert_scheduled(&mut self, message: ScheduledMessage) {
        self.remove_scheduled(message.id);
        self.scheduled.push(message);
        self.scheduled.sort_by_key(|message| (message.at, message.id));
    }

    pub(super) fn remove_scheduled(&mut self, id: MessageId) {
        self.scheduled.retain(|message| message.id != id);
    }

    pub fn scheduled_message(&self, id: MessageId) -> Option<&ScheduledMessage> {
        self.scheduled.iter().find(|message| message.id == id)
    }

    /// Whether a scheduled message has this text and time.
    pub fn is_rescheduled(&self, change: &Reschedule) -> bool {
        self.scheduled_message(change.id).is_some_and(|known| known.at == change.at && known.body == change.body)
    }

    /// The schedule for a time in UTC milliseconds; `None` if the text is empty or too long.
    pub fn schedule(&self, body: &str, at: i64) -> Option<Schedule> {
        let body = sendable(body)?;
        let mentions = self.mentions_in(&body);
        Some(Schedule { mentions, ..Schedule::new(MessageId::new(), at, body) })
    }

    /// A new text and time of a scheduled message; `None` if the text is empty or too long.
    pub fn reschedule(&self, id: MessageId, body: &str, at: i64) -> Option<Reschedule> {
        let body = sendable(body)?;
        let mentions = self.mentions_in(&body);
        Some(Reschedule { id, at, body, mentions })
    }
}

#[cfg(test)]
mod tests {
    use protocol::{ids::RoomId, ids::UserId, message::Mentions, room_socket::RoomEvent};

    use super::*;

    fn message(conversation: &Conversation, at: i64) -> ScheduledMessage {
        let body = "보고".to_owned();
        let mentions = Mentions::default();
        ScheduledMessage {
            id: MessageId::new(),
            room: conversation.room,
            at,
            body,
            reply_to: None,
            mentions,
            asks_confirmation: false,
            failed: None,
        }
    }

    #[test]
    fn scheduled_messages_are_in_the_order_of_their_times_and_go_once() {
        let mut conversation = Conversation::opening(UserId::new(), RoomId::new());
        let (late, soon) = (message(&conversation, 20), message(&conversation, 10));
        for message in [&late, &soon, &late] {
            conversation.apply(RoomEvent::Scheduled { message: message.clone() }, 0);
        }
        assert_eq!(conversation.scheduled, [soon.clone(), late.clone()]);
        let sooner = ScheduledMessage { at: 5, ..late.clone() };
        conversation.apply(RoomEvent::Scheduled { message: sooner.clone() }, 0);
        assert_eq!(conversation.scheduled, [sooner, soon.clone()]);
        conversation.apply(RoomEvent::Unscheduled { id: late.id }, 0);
        assert_eq!(conversation.scheduled, [soon]);
    }

    #[test]
    fn a_change_is_known_when_text_and_time_are() {
        let mut conversation = Conversation::opening(UserId::new(), RoomId::new());
        let message = message(&conversation, 10);
        conversation.apply(RoomEvent::Scheduled { message: message.clone() }, 0);
        let change = conversation.reschedule(message.id, "고친 보고", 20).unwrap();
        assert!(!conversation.is_rescheduled(&change));
        let changed = ScheduledMessage { body: "고친 보고".to_owned(), at: 20, ..message };
        conversation.apply(RoomEvent::Scheduled { message: changed.clone() }, 0);
        assert!(conversation.is_rescheduled(&change));
        conversation.apply(RoomEvent::Unscheduled { id: changed.id }, 0);
        assert!(!conversation.is_rescheduled(&change));
    }

    #[test]
    fn an_empty_text_is_not_scheduled() {
        let conversation = Conversation::opening(UserId::new(), RoomId::new());
        let id = MessageId::new();
        assert_eq!(conversation.schedule(" \n", 1), None);
        assert_eq!(conversation.reschedule(id, "", 1), None);
        assert_eq!(conversation.schedule("글 \n", 1).map(|schedule| schedule.body), Some("글".to_owned()));
    }
}
