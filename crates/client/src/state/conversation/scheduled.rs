//! The person's scheduled messages in a room: what is waiting, what could not be sent, and the commands that change them.

use crate::state::conversation::{model::Conversation, writing::sendable};
use protocol::{
    ids::MessageId,
    schedule::{Reschedule, Schedule, ScheduledMessage},
};

impl Conversation {
    pub(super) fn upsert_scheduled(&mut self, message: ScheduledMessage) {
        self.forget_scheduled(message.id);
        self.scheduled.push(message);
        self.scheduled.sort_by_key(|message| (message.at, message.id));
    }

    pub(super) fn forget_scheduled(&mut self, id: MessageId) {
        self.scheduled.retain(|message| message.id != id);
    }

    pub fn is_scheduled(&self, id: MessageId) -> bool {
        self.scheduled.iter().any(|message| message.id == id)
    }

    /// What is to be sent at a time in UTC milliseconds; none when the text is empty or too long.
    pub fn schedule(&self, id: MessageId, body: &str, reply_to: Option<MessageId>, at: i64) -> Option<Schedule> {
        let body = sendable(body)?;
        let mentions = self.mentions_in(&body);
        Some(Schedule { id, at, body, reply_to, mentions })
    }

    /// Another text and time of a scheduled message; none when the text is empty or too long.
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
        assert!(conversation.is_scheduled(soon.id) && !conversation.is_scheduled(late.id));
    }

    #[test]
    fn an_empty_text_is_not_scheduled() {
        let conversation = Conversation::opening(UserId::new(), RoomId::new());
        let id = MessageId::new();
        assert_eq!(conversation.schedule(id, " \n", None, 1), None);
        assert_eq!(conversation.reschedule(id, "", 1), None);
        assert_eq!(conversation.schedule(id, "글 \n", None, 1).map(|schedule| schedule.body), Some("글".to_owned()));
    }
}
