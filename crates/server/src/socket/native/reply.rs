//! Encodes outcomes of the domain layer as events of the native dialect.

use crate::{
    messenger::{LobbyOutcome, Repeated, Result, RoomOutcome, RoomState, WatchAnswer},
    model::{Anchor, ConfirmedMessage, DepartmentPage, FilePage, FoundPeople, MessagePage, Reacted, SearchPage},
};
use protocol::{
    error::Refusal,
    ids::MessageId,
    lobby_socket::{LobbyCommand, LobbyEvent},
    people::DepartmentCount,
    room_socket::{Forward, Post, RoomCommand, RoomEvent},
    schedule::{Reschedule, Schedule},
};

/// The first event of a connection.
pub(super) fn welcome(state: Result<RoomState>) -> RoomEvent {
    match state {
        Ok(RoomState::Snapshot(snapshot)) => RoomEvent::Welcome(snapshot),
        Ok(RoomState::Delta(delta)) => RoomEvent::Resumed(delta),
        Err(error) => RoomEvent::Refused { error, id: None },
    }
}

/// The reply to a command; `None` if the broadcast acknowledges it. `about` is [`message_of`] the command.
pub(super) fn to_room(outcome: Result<RoomOutcome>, about: Option<MessageId>) -> Option<RoomEvent> {
    match outcome {
        Ok(RoomOutcome::Done) => None,
        Ok(RoomOutcome::Repeated(repeated)) => Some(repeat(repeated)),
        Ok(RoomOutcome::Page(anchor, page)) => Some(page_event(anchor, page)),
        Ok(RoomOutcome::Found(query, SearchPage { hits, before })) => {
            let messages = hits.into_iter().map(|hit| hit.message).collect();
            Some(RoomEvent::Found { query, messages, before })
        }
        Ok(RoomOutcome::Invitable(users, partial)) => Some(RoomEvent::People { users, partial }),
        Ok(RoomOutcome::FoundPeople(FoundPeople { query, users, after })) => {
            Some(RoomEvent::PeopleFound { query, users, after })
        }
        Ok(RoomOutcome::Files(query, FilePage { files, before })) => Some(RoomEvent::Files { query, files, before }),
        Ok(RoomOutcome::Members(users)) => Some(RoomEvent::Members { users }),
        Ok(RoomOutcome::Forwarded(id, rooms)) => Some(RoomEvent::Forwarded { id, rooms }),
        Ok(RoomOutcome::Targets(rooms, users, partial)) => Some(RoomEvent::Targets { rooms, users, partial }),
        Ok(RoomOutcome::Opened(room)) => Some(RoomEvent::Entered { room }),
        Ok(RoomOutcome::Pong) => Some(RoomEvent::Pong),
        Err(error) => Some(RoomEvent::Refused { error, id: about }),
    }
}

fn repeat(repeated: Repeated) -> RoomEvent {
    match repeated {
        Repeated::Message { message, cursor } => RoomEvent::Message { message: *message, cursor },
        Repeated::Reaction { reacted: Reacted { id, seq, emoji, user, on, .. }, cursor } => {
            RoomEvent::Reacted { id, seq, emoji, user, on, cursor }
        }
        Repeated::Scheduled(message) => RoomEvent::Scheduled { message: *message },
        Repeated::Unscheduled(id) => RoomEvent::Unscheduled { id },
        Repeated::Confirmation { confirmed: ConfirmedMessage { id, seq, author, user, .. }, cursor } => {
            RoomEvent::Confirmed { id, seq, author, user, cursor, after: None }
        }
    }
}

fn page_event(anchor: Anchor, page: MessagePage) -> RoomEvent {
    let MessagePage { messages, has_earlier, has_later, .. } = page;
    match anchor {
        Anchor::Newest | Anchor::Unread { .. } | Anchor::Before(_) => RoomEvent::Earlier { messages, has_earlier },
        Anchor::After(_) => RoomEvent::Later { messages, has_later },
        Anchor::Around(_) | Anchor::AroundTime(_) => RoomEvent::Around { messages, has_earlier, has_later },
    }
}

/// The id that a refusal names: of the message that a command posts or changes, or of the forward.
pub(super) fn message_of(command: &RoomCommand) -> Option<MessageId> {
    match command {
        RoomCommand::Post(Post { id, .. })
        | RoomCommand::Forward(Forward { id, .. })
        | RoomCommand::Edit { id, .. }
        | RoomCommand::Recall { id }
        | RoomCommand::React { id, .. }
        | RoomCommand::Confirm { id }
        | RoomCommand::PinMessage { id, .. }
        | RoomCommand::Schedule(Schedule { id, .. })
        | RoomCommand::Reschedule(Reschedule { id, .. })
        | RoomCommand::Unschedule { id }
        | RoomCommand::SendScheduled { id }
        | RoomCommand::Bookmark { id, .. } => Some(*id),
        _ => None,
    }
}

/// The reply to a command; nothing if an event to all windows of the user is the reply.
pub(super) fn to_lobby(outcome: Result<LobbyOutcome>, about: Option<MessageId>) -> Vec<LobbyEvent> {
    match outcome {
        Ok(LobbyOutcome::Watching(watched)) => watching(watched),
        outcome => one_to_lobby(outcome, about).into_iter().collect(),
    }
}

/// The reply to `watch`: users first, because their presence may be shown with them.
fn watching(WatchAnswer { changed: users, began_at: cursor, presence }: WatchAnswer) -> Vec<LobbyEvent> {
    let changed = (!users.is_empty()).then_some(LobbyEvent::UsersChanged { users, cursor });
    changed.into_iter().chain([LobbyEvent::Presence(presence)]).collect()
}

fn one_to_lobby(outcome: Result<LobbyOutcome>, about: Option<MessageId>) -> Option<LobbyEvent> {
    match outcome {
        Ok(LobbyOutcome::Done | LobbyOutcome::Watching(_)) => None,
        Ok(LobbyOutcome::Opened(room)) => Some(LobbyEvent::Entered { room }),
        Ok(LobbyOutcome::Delivered(room, id)) => Some(LobbyEvent::Delivered { room, id }),
        Ok(LobbyOutcome::Found(query, SearchPage { hits, before })) => Some(LobbyEvent::Found { query, hits, before }),
        Ok(LobbyOutcome::Collected(of, SearchPage { hits, before })) => {
            Some(LobbyEvent::Collected { of, hits, before })
        }
        Ok(LobbyOutcome::Department(DepartmentPage { count, departments, users, after })) => {
            let DepartmentCount { path, people, online } = count;
            Some(LobbyEvent::Department { path, people, online, departments, users, after })
        }
        Ok(LobbyOutcome::FoundPeople(FoundPeople { query, users, after })) => {
            Some(LobbyEvent::PeopleFound { query, users, after })
        }
        Ok(LobbyOutcome::Users(users, cursor)) => Some(LobbyEvent::UsersChanged { users, cursor }),
        Ok(LobbyOutcome::Pong) => Some(LobbyEvent::Pong),
        // A malformed inner command makes the whole command malformed.
        Err(error @ Refusal::Malformed) => Some(LobbyEvent::Refused { error, id: None }),
        Err(error) => Some(LobbyEvent::Refused { error, id: about }),
    }
}

/// The message that a command delivers.
pub(super) fn delivered(command: &LobbyCommand) -> Option<MessageId> {
    if let LobbyCommand::Deliver { command, .. } = command { message_of(command) } else { None }
}
