//! The messages in an event.

use protocol::{message::Message, room_socket::RoomEvent, schedule::ScheduledMessage};

/// The scheduled messages of an event.
pub(super) fn scheduled_of(event: &RoomEvent) -> &[ScheduledMessage] {
    match event {
        RoomEvent::Welcome(snapshot) => &snapshot.details.scheduled,
        RoomEvent::Resumed(delta) => &delta.details.scheduled,
        RoomEvent::Scheduled { message } => std::slice::from_ref(message),
        _ => &[],
    }
}

/// The messages of an event.
pub(super) fn messages_of(event: &RoomEvent) -> &[Message] {
    match event {
        RoomEvent::Welcome(snapshot) => &snapshot.messages,
        RoomEvent::Message { message, .. } => std::slice::from_ref(message),
        RoomEvent::Resumed(delta) => &delta.messages,
        RoomEvent::Earlier { messages, .. }
        | RoomEvent::Later { messages, .. }
        | RoomEvent::Around { messages, .. } => messages,
        _ => &[],
    }
}
